#ifndef KT_TRADE_AXES_H
#define KT_TRADE_AXES_H

#include "model/record.h"

/* Values of axes: where they stand, when two are the same, and in which order people expect them.
 */

/* What an article has on the axis: its axis_values, else its own attributes of that code, else
 * those of its product record (own, may be NULL). Of several languages: the one for all, else
 * `language`, else the least. False: none, or a blank one. */
bool kt_axis_value_of(const struct kt_variant *variant, const struct kt_product *own,
                      struct kt_str code, struct kt_str language, struct kt_str *value,
                      struct kt_str *unit) KT_MUST;

/* What two spellings of one value share: folded (fold.h), a space between a number and what follows
 * it, a decimal point: "16GB", "16 GB" and "16 gb" are one, "1,5 m" and "1.5 m" too. `unit` counts
 * as written behind the value unless the value ends with it. The normal form of a normal form is
 * itself. */
struct kt_str kt_axis_value_normal(struct kt_str value, struct kt_str unit, struct kt_arena *a);

/* The value as people read it, with its unit. */
struct kt_str kt_axis_value_shown(struct kt_str value, struct kt_str unit, struct kt_arena *a);

/* Order of two normal forms: numbers by value (those of known units across them: 128 GB before
 * 1 TB), then sizes (S, M, L, 2XL), then texts, in which numbers count by value, too (E5 before
 * E10). Zero only for equal texts. */
int kt_axis_value_cmp(struct kt_str a, struct kt_str b);

#endif
