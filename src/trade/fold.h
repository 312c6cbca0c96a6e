#ifndef KT_TRADE_FOLD_H
#define KT_TRADE_FOLD_H

#include "base/str.h"

/* What two spellings of one text share: lower case without accents (Latin; Greek and Cyrillic lower
 * case only), one kind of dash and of quotation marks, one space between words and none around
 * them; what cannot be seen is dropped. Never longer than the text, and folding it again changes
 * nothing. Absent and blank give "". */
struct kt_str kt_fold(struct kt_str text, struct kt_arena *a);

#endif
