#ifndef KT_TRADE_NAMES_H
#define KT_TRADE_NAMES_H

#include "base/str.h"
#include "model/record.h"

/* Names of articles that belong together: what they share, and what tells them apart. */

/* The article's name in the language; NULL or "": in the least language that has one. Absent: it
 * has none. */
struct kt_str kt_name_in(const struct kt_product *product, struct kt_str language);

/* The name without the values that it ends with: in any order, repeatedly, as whole words, whatever
 * their spelling ("Phone X - 16GB, (Blue)" without "16 gb" and "blue" is "Phone X"). At least one
 * word stays. value: normal forms (axes.h). *is_cut: it ended with one. */
struct kt_str kt_name_without(struct kt_str name, const struct kt_str *value, size_t values,
                              bool *is_cut, struct kt_arena *a);

/* The words that all names share at their beginning, spelt as in the first one; "" when none. */
struct kt_str kt_name_shared(const struct kt_str *name, size_t count, struct kt_arena *a);

#endif
