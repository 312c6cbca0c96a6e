#ifndef KT_TRADE_GTINS_H
#define KT_TRADE_GTINS_H

#include "base/err.h"
#include "model/record.h"

/* A GTIN: 8, 12, 13 or 14 digits, not all zero, the last one the check digit of GS1. */
bool kt_gtin_ok(struct kt_str code);

/* The variant's GTINs, the first wrong one is named.
 * Errors   KT_REJECT/KT_RECORD: GTIN_CHECK_DIGIT; FIELD_INVALID: not a GTIN's form at all */
enum kt_rc kt_variant_gtins_check(const struct kt_variant *variant, struct kt_err *e) KT_MUST;

#endif
