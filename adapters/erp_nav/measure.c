/* Weights in kilograms, lengths in millimetres, by factors that are exact by definition. Pure;
 * called by the item's decoder. */
#include "measure.h"

#include "base/macros.h"

__extension__ typedef __int128 wide; /* 19 digits of a measure times 16 of a factor */

const char *const kt_nav_weight_names[] = { "kg", "g", "t", "lb", "oz", NULL };
const char *const kt_nav_length_names[] = { "cm", "mm", "dm", "m", "in", "ft", NULL };

/* 1 unit = factor / 10^12 of the base unit. */
static const int64_t weights[] = { INT64_C(1000000000000), INT64_C(1000000000),
                                   INT64_C(1000000000000000), INT64_C(453592370000),
                                   INT64_C(28349523125) };
static const int64_t lengths[] = { INT64_C(10000000000000),  INT64_C(1000000000000),
                                   INT64_C(100000000000000), INT64_C(1000000000000000),
                                   INT64_C(25400000000000),  INT64_C(304800000000000) };

static bool convert(struct kt_dec *out, struct kt_dec value, int64_t factor, unsigned digits)
{
    wide exact = (wide)value.units * factor; /* at value.scale + 12 digits */
    wide step = 1;
    for (unsigned d = 0; d < value.scale + 12U - digits; d++)
        step *= 10;
    wide half = exact < 0 ? -step / 2 : step / 2;
    exact = (exact + half) / step;
    if (exact > INT64_MAX || exact < INT64_MIN)
        return false;
    *out = kt_dec_trim((struct kt_dec){ (int64_t)exact, (uint8_t)digits });
    return true;
}

bool kt_nav_weight_kg(struct kt_dec *out, struct kt_dec weight, int unit)
{
    KT_ASSERT(unit >= 0 && (size_t)unit < KT_COUNT(weights));
    return convert(out, weight, weights[unit], 6);
}

bool kt_nav_length_mm(struct kt_dec *out, struct kt_dec length, int unit)
{
    KT_ASSERT(unit >= 0 && (size_t)unit < KT_COUNT(lengths));
    return convert(out, length, lengths[unit], 3);
}
