#ifndef KT_FORMAT_MEASURE_H
#define KT_FORMAT_MEASURE_H

#include "base/dec.h"

/* A weight in kilograms, exact up to a milligram, half up below. False: a unit we do not know, or
 * out of range. Units: ISO codes KGM, GRM, MGM, TNE, LBR, ONZ and the internal KG, G, MG, TO, LB,
 * OZ. */
bool kt_weight_kg(struct kt_dec *out, struct kt_dec weight, struct kt_str unit) KT_MUST;

/* A length in millimetres, exact up to a micrometre, half up below. False: as above. Units: ISO
 * codes MMT, CMT, DMT, MTR, INH, FOT and the internal MM, CM, DM, M, IN, FT. */
bool kt_length_mm(struct kt_dec *out, struct kt_dec length, struct kt_str unit) KT_MUST;

#endif
