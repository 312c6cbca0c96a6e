#ifndef KT_TRADE_PAGES_H
#define KT_TRADE_PAGES_H

#include "base/err.h"
#include "trade/axes.h"
#include "trade/grouping.h"

/* A product page and its matrix, put together from the records that belong to it. Pure; the result
 * depends on the set of records, never on their order. */
enum { KT_AXES_MAX = 6 };

struct kt_page_axis {
    struct kt_str code;
    struct kt_str *value; /* as it is shown: the spelling most variants use, of those the least */
    size_t values;        /* in the order of kt_axis_value_cmp */
};

struct kt_page_variant {
    const struct kt_variant *variant;
    const struct kt_product *own; /* its own product record where it has one; else NULL */
    int value[KT_AXES_MAX];       /* index into axis[i].value; -1: none */
    bool is_out;                  /* cannot stand in the matrix; `why` says why */
    struct kt_verdict why;
};

struct kt_product_page {
    struct kt_str id;
    struct kt_product *shown; /* what the page says: a copy of the head; of a page that is made up
                               * that of the first variant (least SKU) under the name all variants
                               * share, without lifecycle and days of sale: those are each
                               * variant's own. NULL: neither is known */
    struct kt_page_axis axis[KT_AXES_MAX];
    size_t axes;                  /* those on which the variants differ; 0 with one variant */
    struct kt_page_variant *item; /* sorted by SKU */
    size_t count;
    const struct kt_variant *generic; /* the generic article, which is no variant; NULL: none */
};

/* One article that belongs to the page. */
struct kt_page_member {
    const struct kt_variant *variant;
    const struct kt_product *own; /* NULL: it has none */
};

/* head: the product record whose id is the page's; NULL: the rule made the page up.
 * rule: its axes count where the head names none; where neither does, those that the variants bring
 * themselves. Its language is the one in which values are read. NULL: no rule.
 *
 * Values are compared in their normal form (axes.h). An axis on which all values are the same is
 * none. The generic article, whose SKU is the page's id, is no variant and is dropped, when there
 * are others and the head names axes, or it lacks a value that others have, or has those of
 * another; else it is the main article among its variants and stays.
 *
 * Left out with a sentence: a variant without a value on an axis (AXIS_VALUE_MISSING {sku} {axis}
 * {product}), and all of several with the same combination but one (AXIS_VALUES_TAKEN {sku} {other}
 * {product} {values}; AXES_UNKNOWN {sku} {other} {product} where nothing differs). The one that
 * stays is not planned or discontinued if there is such a one, then it has the most values, then
 * the least SKU. More than KT_AXES_MAX axes: all
 * are left out (PAGE_TOO_MANY_AXES {sku} {product} {count} {limit}). No member: count is 0, shown
 * is a copy of the head or NULL. */
void kt_page_make(struct kt_product_page *out, struct kt_str id, const struct kt_product *head,
                  const struct kt_page_member *member, size_t count,
                  const struct kt_group_rule *rule, struct kt_arena *a);

#endif
