/* Units of measure of one article. Pure, any thread; called by the rules on prices. */
#include "trade/units.h"

#include "trade/param.h"

static bool is_same(struct kt_str a, struct kt_str b)
{
    return kt_str_eq(kt_str_trim(a), kt_str_trim(b));
}

bool kt_unit_factor(const struct kt_variant *variant, struct kt_str unit, struct kt_dec *numerator,
                    struct kt_dec *denominator)
{
    const struct kt_unit_of *known = variant->units.item;
    *numerator = kt_dec_int(1);
    *denominator = kt_dec_int(1);
    if (kt_is_blank(unit) || kt_is_blank(variant->base_unit) || is_same(unit, variant->base_unit))
        return true;
    for (size_t i = 0; i < variant->units.count; i++) {
        if (!is_same(unit, known[i].unit) || known[i].numerator.units <= 0 ||
            known[i].denominator.units <= 0)
            continue;
        *numerator = known[i].numerator;
        *denominator = known[i].denominator;
        return true;
    }
    return false;
}
