#ifndef KT_ERP_NAV_MEASURE_H
#define KT_ERP_NAV_MEASURE_H

#include "base/dec.h"

/* NAV keeps weights and lengths as bare numbers: the unit is a setting. */
extern const char *const kt_nav_weight_names[]; /* for the choice weight_unit */
extern const char *const kt_nav_length_names[]; /* for the choice length_unit */

/* Kilograms, half up at the milligram; millimetres, half up at the micrometre. False: out of range.
 */
bool kt_nav_weight_kg(struct kt_dec *out, struct kt_dec weight, int unit) KT_MUST;
bool kt_nav_length_mm(struct kt_dec *out, struct kt_dec length, int unit) KT_MUST;

#endif
