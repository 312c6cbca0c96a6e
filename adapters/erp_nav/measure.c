/* Weights and lengths as NAV keeps them: bare numbers in the unit of a setting. Pure; called by the
 * item's decoder. */
#include "measure.h"

#include "base/macros.h"
#include "format/measure.h"

const char *const kt_nav_weight_names[] = { "kg", "g", "t", "lb", "oz", NULL };
const char *const kt_nav_length_names[] = { "cm", "mm", "dm", "m", "in", "ft", NULL };

/* ISO codes in the order of the names. */
static const char *const weights[] = { "KGM", "GRM", "TNE", "LBR", "ONZ" };
static const char *const lengths[] = { "CMT", "MMT", "DMT", "MTR", "INH", "FOT" };

bool kt_nav_weight_kg(struct kt_dec *out, struct kt_dec weight, int unit)
{
    KT_ASSERT(unit >= 0 && (size_t)unit < KT_COUNT(weights));
    return kt_weight_kg(out, weight, kt_str_of(weights[unit]));
}

bool kt_nav_length_mm(struct kt_dec *out, struct kt_dec length, int unit)
{
    KT_ASSERT(unit >= 0 && (size_t)unit < KT_COUNT(lengths));
    return kt_length_mm(out, length, kt_str_of(lengths[unit]));
}
