/* Whether an article is for sale at this stage of its life. Pure, any thread; called by the push
 * flow when it builds a view. */
#include "trade/lifecycle.h"

static bool is_open(int lifecycle)
{
    return lifecycle == KT_ACTIVE || lifecycle == KT_PHASE_OUT;
}

bool kt_is_sellable(const struct kt_product *product, const struct kt_variant *variant)
{
    if (product == NULL || variant == NULL)
        return false;
    bool product_says = KT_HAS(product, kt_product_shape, lifecycle);
    bool variant_says = KT_HAS(variant, kt_variant_shape, lifecycle);
    return (product_says || variant_says) && (!product_says || is_open(product->lifecycle)) &&
           (!variant_says || is_open(variant->lifecycle));
}
