/* How a page goes into a channel. Pure, any thread; called by the push flow for each page, and by
 * the command that shows plans. One page: plan_page.c; several: plan_split.c. */
#include "trade/plan.h"

#include "trade/param.h"
#include "trade/plan_inner.h"

const struct kt_shape kt_plan_option_shape = { "option", sizeof(struct kt_plan_option),
                                               (const struct kt_field[]){
                                                   KT_INTEGER(kt_plan_option, position, KT_KEY),
                                                   KT_TEXT(kt_plan_option, value, 4000,
                                                           KT_REQUIRED),
                                                   { 0 },
                                               } };

const struct kt_shape kt_plan_axis_shape = { "axis", sizeof(struct kt_plan_axis),
                                             (const struct kt_field[]){
                                                 KT_INTEGER(kt_plan_axis, position, KT_KEY),
                                                 KT_TEXT(kt_plan_axis, code, 600, KT_REQUIRED),
                                                 KT_LIST(kt_plan_axis, options,
                                                         kt_plan_option_shape, 0),
                                                 { 0 },
                                             } };

size_t kt_plan_axes_of(const struct kt_planning *p, const struct kt_plan_group *group, size_t *axis)
{
    size_t count = 0;
    for (size_t i = 0; i < p->page->axes; i++) {
        bool differs = false;
        for (size_t k = 1; k < group->count && !differs; k++)
            differs = group->item[k]->value[i] != group->item[0]->value[i];
        if (differs)
            axis[count++] = i;
    }
    return count;
}

bool kt_plan_fits(const struct kt_planning *p, size_t axes, size_t variants)
{
    return axes <= p->limits->axes && (p->limits->variants == 0 || variants <= p->limits->variants);
}

static void put_out(struct kt_plan *out, const struct kt_page_variant *item,
                    const struct kt_verdict *why)
{
    out->out[out->outs++] = (struct kt_plan_out){ item, *why };
}

/* The variants that the matrix has; the others are out for their own reasons. */
static struct kt_plan_group divide(struct kt_planning *p)
{
    struct kt_plan_group in = {
        KT_NEW_ARRAY(p->a, p->page->count + 1, const struct kt_page_variant *), 0
    };
    p->out->out = KT_NEW_ARRAY(p->a, p->page->count + 1, struct kt_plan_out);
    for (size_t i = 0; i < p->page->count; i++) {
        const struct kt_page_variant *item = &p->page->item[i];
        if (item->is_out)
            put_out(p->out, item, &item->why);
        else
            in.item[in.count++] = item;
    }
    return in;
}

static void refuse(struct kt_planning *p, const struct kt_plan_group *in, size_t axes)
{
    char product[KT_PARAM_MAX];
    bool is_axes =
        axes > p->limits->axes && (p->limits->over != KT_OVER_FOLD || p->limits->axes == 0);
    kt_param_text(product, p->page->id);
    p->out->form = KT_PLAN_REFUSED;
    kt_judge(&p->out->why, KT_REJECT, KT_RECORD,
             is_axes ? KT_E_PLAN_TOO_MANY_AXES : KT_E_PLAN_TOO_MANY_VARIANTS,
             KT_P_TEXT("product", product), KT_P_NUM("count", is_axes ? axes : in->count),
             KT_P_NUM("limit", is_axes ? p->limits->axes : p->limits->variants));
    for (size_t i = 0; i < in->count; i++)
        put_out(p->out, in->item[i], &p->out->why);
}

void kt_plan_make(struct kt_plan *out, const struct kt_product_page *page,
                  const struct kt_plan_limits *limits, struct kt_arena *a)
{
    *out = (struct kt_plan){ .form = KT_PLAN_EMPTY };
    struct kt_planning p = { .out = out, .page = page, .limits = limits, .a = a };
    struct kt_plan_group in = divide(&p);
    size_t axis[KT_AXES_MAX];
    size_t axes = kt_plan_axes_of(&p, &in, axis);
    bool can_fold = limits->over == KT_OVER_FOLD && limits->axes > 0;
    out->page = KT_NEW_ARRAY(a, in.count + 1, struct kt_plan_page);
    if (in.count == 0)
        return;
    if (kt_plan_fits(&p, axes, in.count) ||
        (can_fold && kt_plan_fits(&p, limits->axes, in.count))) {
        out->is_folded = axes > limits->axes;
        out->form = kt_plan_add(&p, &in)->form;
    } else if (limits->over == KT_OVER_SPLIT) {
        out->form = KT_PLAN_SPLIT;
        kt_plan_split(&p, &in);
    } else {
        refuse(&p, &in, axes);
    }
}

const struct kt_plan_page *kt_plan_find(const struct kt_plan *plan, struct kt_str sku, size_t *at)
{
    for (size_t i = 0; i < plan->pages; i++) {
        const struct kt_plan_page *page = &plan->page[i];
        size_t low = 0;
        size_t high = page->count;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (kt_str_cmp(page->variant[middle].sku, sku) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low < page->count && kt_str_eq(page->variant[low].sku, sku)) {
            *at = low;
            return page;
        }
    }
    return NULL;
}
