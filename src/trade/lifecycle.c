/* Whether an article is for sale at this stage of its life and on this day. Pure, any thread;
 * called by the push flow when it builds a view: the second answer becomes the delivery's next due
 * time. */
#include "trade/lifecycle.h"

#include "trade/validity.h"

static bool is_open(int lifecycle)
{
    return lifecycle == KT_ACTIVE || lifecycle == KT_PHASE_OUT;
}

static bool is_released(const struct kt_product *product, const struct kt_variant *variant)
{
    bool product_says = KT_HAS(product, kt_product_shape, lifecycle);
    bool variant_says = KT_HAS(variant, kt_variant_shape, lifecycle);
    return (product_says || variant_says) && (!product_says || is_open(product->lifecycle)) &&
           (!variant_says || is_open(variant->lifecycle));
}

/* Days on which both are for sale. */
static struct kt_span days_of_sale(const struct kt_product *product,
                                   const struct kt_variant *variant, const struct kt_zone *zone)
{
    struct kt_span a = kt_span_of(product->sale_from, product->sale_until, zone);
    struct kt_span b = kt_span_of(variant->sale_from, variant->sale_until, zone);
    return (struct kt_span){ a.from_us > b.from_us ? a.from_us : b.from_us,
                             a.until_us < b.until_us ? a.until_us : b.until_us };
}

bool kt_is_sellable(const struct kt_product *product, const struct kt_variant *variant,
                    const struct kt_zone *zone, int64_t now_us, int64_t *changes_us)
{
    *changes_us = KT_NEVER;
    if (product == NULL || variant == NULL || !is_released(product, variant))
        return false;
    struct kt_span days = days_of_sale(product, variant, zone);
    if (days.from_us >= days.until_us) /* never, and nothing will change that */
        return false;
    if (now_us < days.from_us)
        *changes_us = days.from_us;
    else if (now_us < days.until_us)
        *changes_us = days.until_us;
    return kt_span_holds(days, now_us);
}

bool kt_is_closed(const struct kt_variant *variant, const struct kt_product *own)
{
    return (KT_HAS(variant, kt_variant_shape, lifecycle) && !is_open(variant->lifecycle)) ||
           (own != NULL && KT_HAS(own, kt_product_shape, lifecycle) && !is_open(own->lifecycle));
}
