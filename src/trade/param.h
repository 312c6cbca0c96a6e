#ifndef KT_TRADE_PARAM_H
#define KT_TRADE_PARAM_H

#include "base/err.h"
#include "base/str.h"
#include "model/order.h"

/* Texts of records as parameters of a sentence: trimmed, cut at a character, NUL behind. `out`
 * holds KT_PARAM_MAX bytes. */
void kt_param_text(char *out, struct kt_str text);
/* What people call the order: its number, else the shop's id. */
void kt_param_order(char *out, const struct kt_order *o);
bool kt_is_blank(struct kt_str text); /* absent, empty or only blanks */

#endif
