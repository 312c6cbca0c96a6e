#ifndef KT_ERP_SAP_WEIGHT_H
#define KT_ERP_SAP_WEIGHT_H

#include "base/dec.h"

/* A weight in kilograms, exact up to a milligram, half up below. False: a unit we do not know, or
 * out of range. Units: ISO codes KGM, GRM, MGM, TNE, LBR, ONZ and the internal KG, G, TO, LB, OZ.
 */
bool kt_sap_weight_kg(struct kt_dec *out, struct kt_dec weight, struct kt_str unit) KT_MUST;

#endif
