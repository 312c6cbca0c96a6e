#ifndef KT_TRADE_UNITS_H
#define KT_TRADE_UNITS_H

#include "model/record.h"

/* How many base units of the variant one `unit` holds: *numerator / *denominator, both above zero.
 * The base unit itself, and a unit or a base unit that is not named: 1 / 1. Units are compared
 * letter by letter, as the ERP writes them. False: the variant does not know the unit. */
bool kt_unit_factor(const struct kt_variant *variant, struct kt_str unit, struct kt_dec *numerator,
                    struct kt_dec *denominator) KT_MUST;

#endif
