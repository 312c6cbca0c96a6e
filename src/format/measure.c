/* Weights in kilograms and lengths in millimetres, by factors that are exact by definition: ERPs
 * keep each in the unit that somebody once typed. Pure functions; called by whoever reads articles,
 * adapters and IDocs. */
#include "format/measure.h"

#include "base/macros.h"

__extension__ typedef __int128 wide; /* 19 digits of a measure times 16 of a factor */

/* 1 unit = factor / 10^12 of the base unit, exact by definition. */
struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit weights[] = {
    { "KGM", INT64_C(1000000000000) },    { "KG", INT64_C(1000000000000) },
    { "GRM", INT64_C(1000000000) },       { "G", INT64_C(1000000000) },
    { "MGM", INT64_C(1000000) },          { "MG", INT64_C(1000000) },
    { "TNE", INT64_C(1000000000000000) }, { "TO", INT64_C(1000000000000000) },
    { "LBR", INT64_C(453592370000) },     { "LB", INT64_C(453592370000) },
    { "ONZ", INT64_C(28349523125) },      { "OZ", INT64_C(28349523125) },
};

static const struct unit lengths[] = {
    { "MMT", INT64_C(1000000000000) },    { "MM", INT64_C(1000000000000) },
    { "CMT", INT64_C(10000000000000) },   { "CM", INT64_C(10000000000000) },
    { "DMT", INT64_C(100000000000000) },  { "DM", INT64_C(100000000000000) },
    { "MTR", INT64_C(1000000000000000) }, { "M", INT64_C(1000000000000000) },
    { "INH", INT64_C(25400000000000) },   { "IN", INT64_C(25400000000000) },
    { "FOT", INT64_C(304800000000000) },  { "FT", INT64_C(304800000000000) },
};

/* Rounded half up at `digits` behind the point. */
static bool convert(struct kt_dec *out, struct kt_dec value, const struct unit *unit,
                    unsigned digits)
{
    wide exact = (wide)value.units * unit->factor; /* at value.scale + 12 digits */
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

static const struct unit *find(const struct unit *table, size_t count, struct kt_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (kt_str_is(name, table[i].name))
            return &table[i];
    }
    return NULL;
}

bool kt_weight_kg(struct kt_dec *out, struct kt_dec weight, struct kt_str unit)
{
    const struct unit *u = find(weights, KT_COUNT(weights), unit);
    return u != NULL && convert(out, weight, u, 6);
}

bool kt_length_mm(struct kt_dec *out, struct kt_dec length, struct kt_str unit)
{
    const struct unit *u = find(lengths, KT_COUNT(lengths), unit);
    return u != NULL && convert(out, length, u, 3);
}
