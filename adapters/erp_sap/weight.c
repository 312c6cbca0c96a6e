/* Weights in kilograms: SAP keeps each in the unit somebody once typed. A pure function; called by
 * the article's decoder. */
#include "weight.h"

#include "base/macros.h"

__extension__ typedef __int128 wide; /* 13 digits of weight times 9 of factor */

/* 1 unit = factor / 10^12 kg, exact by definition. */
static const struct {
    const char *unit;
    int64_t factor;
} table[] = {
    { "KGM", INT64_C(1000000000000) },    { "KG", INT64_C(1000000000000) },
    { "GRM", INT64_C(1000000000) },       { "G", INT64_C(1000000000) },
    { "MGM", INT64_C(1000000) },          { "MG", INT64_C(1000000) },
    { "TNE", INT64_C(1000000000000000) }, { "TO", INT64_C(1000000000000000) },
    { "LBR", INT64_C(453592370000) },     { "LB", INT64_C(453592370000) },
    { "ONZ", INT64_C(28349523125) },      { "OZ", INT64_C(28349523125) },
};

bool kt_sap_weight_kg(struct kt_dec *out, struct kt_dec weight, struct kt_str unit)
{
    for (size_t i = 0; i < KT_COUNT(table); i++) {
        if (!kt_str_is(unit, table[i].unit))
            continue;
        wide value = (wide)weight.units * table[i].factor; /* at scale + 12 digits */
        wide step = 1;
        for (unsigned d = 0; d < weight.scale + 12U - 6U; d++)
            step *= 10;
        wide half = value < 0 ? -step / 2 : step / 2;
        value = (value + half) / step;
        if (value > INT64_MAX || value < INT64_MIN)
            return false;
        *out = kt_dec_trim((struct kt_dec){ (int64_t)value, 6 });
        return true;
    }
    return false;
}
