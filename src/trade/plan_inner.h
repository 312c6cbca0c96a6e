#ifndef KT_TRADE_PLAN_INNER_H
#define KT_TRADE_PLAN_INNER_H

/* Shared by plan.c, plan_page.c and plan_split.c only. */
#include "trade/plan.h"

struct kt_planning {
    struct kt_plan *out;
    const struct kt_product_page *page;
    const struct kt_plan_limits *limits;
    struct kt_arena *a;
};

/* Variants of the page that go together; sorted by SKU. */
struct kt_plan_group {
    const struct kt_page_variant **item;
    size_t count;
};

/* The axes of the page on which these variants differ; axis holds KT_AXES_MAX. */
size_t kt_plan_axes_of(const struct kt_planning *p, const struct kt_plan_group *group,
                       size_t *axis);
bool kt_plan_fits(const struct kt_planning *p, size_t axes, size_t variants);
/* Adds a planned page. Axes beyond the channel's become one. */
struct kt_plan_page *kt_plan_add(struct kt_planning *p, const struct kt_plan_group *group);
/* Adds the pages of parts. */
void kt_plan_split(struct kt_planning *p, const struct kt_plan_group *group);

#endif
