/* Of one certificate: what it covers, and from when until when it counts. Pure, any thread; called
 * by the rules on compliance and by the watch over certificates that end. */
#include "trade/compliance.h"
#include "trade/validity.h"

void kt_certificate_span(const struct kt_certificate *c, const struct kt_zone *zone,
                         int64_t *from_us, int64_t *until_us)
{
    struct kt_span span = kt_span_of(c->valid_from, c->valid_until, zone);
    *from_us = span.from_us;
    *until_us = span.until_us;
    if (KT_HAS(c, kt_certificate_shape, revoked_at) && c->revoked_at < span.until_us)
        *until_us = c->revoked_at;
}

static bool names(struct kt_list refs, struct kt_str id)
{
    const struct kt_ref *all = refs.item;
    for (size_t i = 0; i < refs.count; i++) {
        if (id.n > 0 && kt_str_eq(all[i].id, id))
            return true;
    }
    return false;
}

bool kt_certificate_covers(const struct kt_certificate *c, const struct kt_product *product,
                           const struct kt_variant *variant)
{
    bool is_of_scope =
        c->scope.n == 0 ? variant->scope.n == 0 : kt_str_eq(c->scope, variant->scope);
    if (!is_of_scope)
        return false;
    return names(c->variants, variant->sku) || names(c->products, variant->product) ||
           (product != NULL &&
            (names(c->products, product->id) || names(c->families, product->product_group)));
}
