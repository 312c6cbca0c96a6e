#ifndef KT_TRADE_PLAN_H
#define KT_TRADE_PLAN_H

#include "trade/pages.h"

/* How a page goes into a channel that has fewer axes, or takes fewer variants, than it needs.
 * Pure; every variant of the page is on exactly one planned page or in `out` with a reason. */
enum kt_over { KT_OVER_FOLD = 0, KT_OVER_SPLIT, KT_OVER_REFUSE };

struct kt_plan_limits {
    unsigned axes;                   /* most axes of the channel; 0: one variant per page only */
    unsigned variants;               /* most variants of a page; 0: no limit */
    int over;                        /* enum kt_over: what to do with too many axes */
    struct kt_conf_texts split_axes; /* axes to split by first, in this order; the others follow,
                                      * from the last one */
};

enum kt_plan_form {
    KT_PLAN_EMPTY = 0, /* nothing to show */
    KT_PLAN_SINGLE,    /* one variant, no axes: the page itself is what is sold */
    KT_PLAN_MATRIX,
    KT_PLAN_SPLIT,  /* several pages */
    KT_PLAN_REFUSED /* `why` says why; all variants are in `out` */
};

/* An option of a planned axis, for the mapping. */
struct kt_plan_option {
    uint64_t present;
    int64_t position;
    struct kt_str value;
};
extern const struct kt_shape kt_plan_option_shape;

struct kt_plan_axis {
    uint64_t present;
    int64_t position;
    struct kt_str code;     /* "COLOUR"; folded: "STORAGE / REGION" */
    struct kt_list options; /* struct kt_plan_option, only those that a variant uses */
};
extern const struct kt_shape kt_plan_axis_shape;

enum { KT_PLAN_PART_MAX = 96 };

struct kt_plan_page {
    struct kt_str part;  /* which part of a split page: "colour=red", normal form, stable, at most
                          * KT_PLAN_PART_MAX bytes; "": the whole page */
    struct kt_str label; /* as people read it: "red"; what a part's name gets behind the page's */
    enum kt_plan_form form;              /* SINGLE or MATRIX */
    struct kt_list axes;                 /* struct kt_plan_axis */
    struct kt_variant *variant;          /* sorted by SKU; copies whose axis_values are {planned
                                          * axis, option} */
    const struct kt_page_variant **from; /* from[i] is where variant[i] stands in the page */
    size_t count;
};

struct kt_plan_out {
    const struct kt_page_variant *item;
    struct kt_verdict why;
};

struct kt_plan {
    enum kt_plan_form form;
    struct kt_verdict why; /* of KT_PLAN_REFUSED: PLAN_TOO_MANY_AXES {product} {count} {limit},
                            * PLAN_TOO_MANY_VARIANTS {product} {count} {limit} */
    struct kt_plan_page *page;
    size_t pages;
    struct kt_plan_out *out;
    size_t outs;
    bool is_folded; /* two or more axes became one */
};

/* FOLD joins the last axes into one ("16 GB / EU") until they fit. SPLIT makes a page per value of
 * the split axes until they fit; a part that fits is not split further, and shows only the axes on
 * which its own variants differ. Too many variants on a page: SPLIT splits further by the next
 * axis, the others refuse. A part with one variant is SINGLE. */
void kt_plan_make(struct kt_plan *out, const struct kt_product_page *page,
                  const struct kt_plan_limits *limits, struct kt_arena *a);

/* The page that holds this SKU; NULL: none does. *at: its place there. */
const struct kt_plan_page *kt_plan_find(const struct kt_plan *plan, struct kt_str sku, size_t *at);

#endif
