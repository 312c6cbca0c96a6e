/* Parts of an article out of the tables beside it: texts, attributes, units, numbers, axes. Pure;
 * called by decode_item.c. */
#include <string.h>

#include "decode.h"
#include "lists.h"
#include "text.h"

void kt_nav_fault_field(struct kt_nav_reading *r, const char *field, struct kt_str value)
{
    struct kt_verdict *v = KT_NEW(r->arena, struct kt_verdict);
    const char *record =
        kt_format(r->arena, "%s %.*s", r->what, (int)r->key.n, r->key.n > 0 ? r->key.p : "");
    if (r->fault != NULL)
        return;
    if (value.n == 0)
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING, KT_P_TEXT("record", record),
                 KT_P_TEXT("field", field));
    else
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", record),
                 KT_P_TEXT("field", field), KT_P_TEXT("value", kt_str_copy(r->arena, value).p));
    r->fault = v;
}

void kt_nav_fault_row(struct kt_nav_reading *r, const struct kt_nav_row *row)
{
    if (row->bad != NULL)
        kt_nav_fault_field(r, row->bad->name, row->bad_value);
}

static bool same(struct kt_str a, struct kt_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* --- texts --- */

static bool has_language(const struct kt_text *text, size_t count, struct kt_str language)
{
    for (size_t i = 0; i < count; i++) {
        if (same(text[i].language, language))
            return true;
    }
    return false;
}

static void put_text(struct kt_text *to, struct kt_str language, struct kt_str name,
                     struct kt_str more)
{
    (void)KT_PUT(to, kt_text_shape, language, language);
    KT_NAV_PUT_TEXT(to, kt_text_shape, name, name);
    KT_NAV_PUT_TEXT(to, kt_text_shape, short_text, more);
}

/* Of several codes for one language (ENU, ENG) the first counts; the item's own words before all.
 */
struct kt_list kt_nav_texts(const struct kt_nav_into *to, const struct kt_nav_item *item,
                            const struct kt_nav_index *translations, struct kt_nav_reading *r)
{
    size_t n = 0;
    size_t used = 1;
    const char *const *row = kt_nav_index_of(translations, item->no, &n);
    struct kt_text *out = KT_NEW_ARRAY(to->arena, n + 1, struct kt_text);
    put_text(&out[0], kt_str_of(to->erp->conf->language), item->description, item->description_2);
    for (size_t i = 0; i < n; i++) {
        const struct kt_nav_translation *t =
            (const struct kt_nav_translation *)(const void *)row[i];
        struct kt_str language = kt_nav_language(to->erp->conf, t->language);
        kt_nav_fault_row(r, &t->row);
        if (t->variant.n > 0 || t->description.n == 0)
            continue;
        if (language.n == 0) {
            kt_log_debug(&to->erp->env->log, "language.skipped", F_STR("code", t->language));
            continue;
        }
        if (!has_language(out, used, language))
            put_text(&out[used++], language, t->description, t->description_2);
    }
    return (struct kt_list){ out, used };
}

/* --- attributes --- */

/* A second value of one attribute stands behind the first. */
static size_t put_attribute(struct kt_attribute *out, size_t used, struct kt_str code,
                            struct kt_str value, struct kt_str unit, struct kt_arena *a)
{
    for (size_t i = 0; i < used; i++) {
        if (!same(out[i].code, code))
            continue;
        out[i].value = kt_str_of(
            kt_format(a, "%.*s, %.*s", (int)out[i].value.n, out[i].value.p, (int)value.n, value.p));
        return used;
    }
    (void)KT_PUT(&out[used], kt_attribute_shape, code, code);
    (void)KT_PUT(&out[used], kt_attribute_shape, value, value);
    KT_NAV_PUT_TEXT(&out[used], kt_attribute_shape, unit, unit);
    return used + 1;
}

struct kt_list kt_nav_attributes(const struct kt_nav_into *to, const struct kt_nav_item *item,
                                 const struct kt_nav_index *attributes, struct kt_nav_reading *r)
{
    const struct kt_nav_site *site = &to->erp->site;
    size_t n = 0;
    size_t used = 0;
    const char *const *row = kt_nav_index_of(attributes, item->no, &n);
    struct kt_attribute *out = KT_NEW_ARRAY(to->arena, n + site->extras + 1, struct kt_attribute);
    for (size_t i = 0; i < n; i++) {
        const struct kt_nav_attribute *at = (const struct kt_nav_attribute *)(const void *)row[i];
        kt_nav_fault_row(r, &at->row);
        if (at->name.n > 0 && at->value.n > 0)
            used = put_attribute(out, used, at->name, at->value, at->unit, to->arena);
    }
    for (size_t i = 0; item->row.extra != NULL && i < site->extras; i++) {
        if (item->row.extra[i].n > 0)
            used = put_attribute(out, used, site->extra_code[i], item->row.extra[i], KT_STR(""),
                                 to->arena);
    }
    return (struct kt_list){ out, used };
}

/* --- units --- */

const struct kt_nav_unit *kt_nav_base_unit(const struct kt_nav_item *item,
                                           const struct kt_nav_index *units)
{
    size_t n = 0;
    const char *const *row = kt_nav_index_of(units, item->no, &n);
    for (size_t i = 0; i < n; i++) {
        const struct kt_nav_unit *u = (const struct kt_nav_unit *)(const void *)row[i];
        if (same(u->code, item->base_unit))
            return u;
    }
    return NULL;
}

struct kt_list kt_nav_units(const struct kt_nav_into *to, const struct kt_nav_item *item,
                            const struct kt_nav_index *units, struct kt_nav_reading *r)
{
    size_t n = 0;
    const char *const *row = kt_nav_index_of(units, item->no, &n);
    struct kt_unit_of *out = KT_NEW_ARRAY(to->arena, n + 1, struct kt_unit_of);
    for (size_t i = 0; i < n; i++) {
        const struct kt_nav_unit *u = (const struct kt_nav_unit *)(const void *)row[i];
        char quantity[KT_DEC_TEXT_MAX];
        kt_nav_fault_row(r, &u->row);
        kt_dec_text(u->quantity, quantity);
        if (u->code.n == 0)
            kt_nav_fault_field(r, "Code", u->code);
        if (u->quantity.units <= 0) /* a unit that holds nothing */
            kt_nav_fault_field(r, "Qty_per_Unit_of_Measure", kt_str_of(quantity));
        (void)KT_PUT(&out[i], kt_unit_of_shape, unit, kt_nav_unit(to->erp, u->code));
        (void)KT_PUT(&out[i], kt_unit_of_shape, numerator, u->quantity);
        (void)KT_PUT(&out[i], kt_unit_of_shape, denominator, kt_dec_int(1));
    }
    return (struct kt_list){ out, n };
}

/* --- numbers --- */

/* 8, 12, 13 or 14 digits, not all zero, the last one the check digit of GS1. */
static bool is_gtin(struct kt_str code)
{
    unsigned sum = 0;
    bool is_zero = true;
    if (code.n != 8 && code.n != 12 && code.n != 13 && code.n != 14)
        return false;
    for (size_t i = 0; i < code.n; i++) {
        if (code.p[i] < '0' || code.p[i] > '9')
            return false;
        unsigned digit = (unsigned)(code.p[i] - '0');
        is_zero = is_zero && digit == 0;
        sum += (code.n - 1 - i) % 2 == 0 ? digit : 3 * digit;
    }
    return sum % 10 == 0 && !is_zero;
}

/* What an article is known by, gathered from several places. */
struct numbers {
    struct kt_gtin *gtin;
    size_t gtins;
    struct kt_ref *other;
    size_t others;
};

static void add_other(struct numbers *to, struct kt_str id)
{
    for (size_t i = 0; i < to->others; i++) {
        if (same(to->other[i].id, id))
            return;
    }
    (void)KT_PUT(&to->other[to->others], kt_ref_shape, id, id);
    to->others++;
}

/* The first of the base unit is the one that shops show. */
static void add_bar_code(struct numbers *to, struct kt_str code, struct kt_str unit, bool is_base)
{
    bool has_primary = false;
    if (!is_gtin(code)) {
        add_other(to, code);
        return;
    }
    for (size_t i = 0; i < to->gtins; i++) {
        if (same(to->gtin[i].code, code) && same(to->gtin[i].unit, unit))
            return;
        has_primary = has_primary || to->gtin[i].is_primary;
    }
    struct kt_gtin *g = &to->gtin[to->gtins++];
    (void)KT_PUT(g, kt_gtin_shape, code, code);
    KT_NAV_PUT_TEXT(g, kt_gtin_shape, unit, unit);
    (void)KT_PUT(g, kt_gtin_shape, is_primary, is_base && !has_primary);
}

void kt_nav_numbers(const struct kt_nav_into *to, const struct kt_nav_item *item,
                    struct kt_str variant, const struct kt_nav_index *references,
                    struct kt_list *gtins, struct kt_list *others, struct kt_nav_reading *r)
{
    size_t n = 0;
    const char *const *row = kt_nav_index_of(references, item->no, &n);
    struct numbers all = { .gtin = KT_NEW_ARRAY(to->arena, n + 2, struct kt_gtin),
                           .other = KT_NEW_ARRAY(to->arena, n + 4, struct kt_ref) };
    struct kt_str base = kt_nav_unit(to->erp, item->base_unit);
    if (variant.n == 0 && item->gtin.n > 0)
        add_bar_code(&all, item->gtin, base, true);
    for (size_t i = 0; i < n; i++) {
        const struct kt_nav_reference *ref = (const struct kt_nav_reference *)(const void *)row[i];
        kt_nav_fault_row(r, &ref->row);
        if (!kt_str_is(ref->type, "Bar_Code") || ref->no.n == 0 || !same(ref->variant, variant))
            continue;
        struct kt_str unit = ref->unit.n > 0 ? kt_nav_unit(to->erp, ref->unit) : base;
        add_bar_code(&all, ref->no, unit, same(unit, base));
    }
    if (variant.n > 0) {
        add_other(&all, item->no);
        add_other(&all, variant);
    }
    *gtins = (struct kt_list){ all.gtin, all.gtins };
    *others = (struct kt_list){ all.other, all.others };
}
