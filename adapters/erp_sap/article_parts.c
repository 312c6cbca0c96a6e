/* The tables beside the articles: texts, GTINs, characteristics, axes, media, categories, units. No
 * network; called by the article's decoder on the session's thread. */
#include "article_parts.h"

#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

void kt_sap_tables_sort(struct kt_sap_tables *t, struct _sap__Z_KONTOR_ARTICLESResponse *r,
                        struct kt_arena *a)
{
    int count = r->ET_ARTICLE != NULL ? r->ET_ARTICLE->__sizeitem : 0;
    *t = (struct kt_sap_tables){ .text = KT_SAP_ROWS(r->ET_TEXT),
                                 .gtin = KT_SAP_ROWS(r->ET_GTIN),
                                 .characteristic = KT_SAP_ROWS(r->ET_CHARACTERISTIC),
                                 .axis = KT_SAP_ROWS(r->ET_AXIS),
                                 .media = KT_SAP_ROWS(r->ET_MEDIA),
                                 .category = KT_SAP_ROWS(r->ET_ARTICLE_CATEGORY),
                                 .unit = KT_SAP_ROWS(r->ET_UNIT) };
    t->parent = KT_NEW_ARRAY(a, (size_t)count + 1, const char *);
    for (int i = 0; i < count; i++) {
        struct kt_str parent = kt_sap_text(r->ET_ARTICLE->item[i].PARENT, a);
        if (parent.n > 0)
            t->parent[t->parents++] = parent.p;
    }
    if (t->parents > 1)
        qsort(t->parent, t->parents, sizeof *t->parent, by_text);
}

bool kt_sap_has_axes(const struct kt_sap_tables *t, const char *matnr)
{
    size_t n = 0;
    return kt_sap_rows_of(&t->axis, matnr, &n) != NULL;
}

bool kt_sap_is_parent(const struct kt_sap_tables *t, const char *matnr)
{
    return t->parents > 0 &&
           bsearch(&matnr, t->parent, t->parents, sizeof *t->parent, by_text) != NULL;
}

struct kt_list kt_sap_texts(const struct kt_sap_tables *t, const char *matnr, struct kt_arena *a)
{
    size_t n = 0;
    const struct sap__ZKONTOR_S_TEXT *row = kt_sap_rows_of(&t->text, matnr, &n);
    struct kt_text *out = KT_NEW_ARRAY(a, n + 1, struct kt_text);
    for (size_t i = 0; i < n; i++) {
        (void)KT_PUT(&out[i], kt_text_shape, language, kt_sap_lower(row[i].LANGU, a));
        KT_SAP_PUT_TEXT(&out[i], kt_text_shape, name, kt_sap_text(row[i].NAME, a));
        KT_SAP_PUT_TEXT(&out[i], kt_text_shape, short_text, kt_sap_text(row[i].SHORT_TEXT, a));
        KT_SAP_PUT_TEXT(&out[i], kt_text_shape, long_text, kt_sap_text(row[i].LONG_TEXT, a));
    }
    return (struct kt_list){ out, n };
}

struct kt_list kt_sap_gtins(const struct kt_sap_tables *t, const char *matnr, struct kt_arena *a)
{
    size_t n = 0;
    size_t used = 0;
    const struct sap__ZKONTOR_S_GTIN *row = kt_sap_rows_of(&t->gtin, matnr, &n);
    struct kt_gtin *out = KT_NEW_ARRAY(a, n + 1, struct kt_gtin);
    for (size_t i = 0; i < n; i++) {
        struct kt_str code = kt_sap_text(row[i].GTIN, a);
        if (code.n == 0)
            continue; /* a unit of measure without a GTIN */
        (void)KT_PUT(&out[used], kt_gtin_shape, code, code);
        KT_SAP_PUT_TEXT(&out[used], kt_gtin_shape, unit, kt_sap_text(row[i].UNIT, a));
        (void)KT_PUT(&out[used], kt_gtin_shape, is_primary, kt_sap_flag(row[i].MAIN));
        used++;
    }
    return (struct kt_list){ out, used };
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static int by_code_and_value(const void *a, const void *b)
{
    const struct sap__ZKONTOR_S_CHARACTERISTIC *x = a;
    const struct sap__ZKONTOR_S_CHARACTERISTIC *y = b;
    int by_code = strcmp(or_empty(x->CODE), or_empty(y->CODE));
    int by_language = strcmp(or_empty(x->LANGU), or_empty(y->LANGU));
    return by_code != 0       ? by_code
           : by_language != 0 ? by_language
                              : strcmp(or_empty(x->VALUE), or_empty(y->VALUE));
}

static bool goes_on(const struct kt_attribute *before, const struct kt_attribute *now)
{
    return kt_str_eq(before->code, now->code) &&
           (before->language.n == 0 ? now->language.n == 0
                                    : kt_str_eq(before->language, now->language));
}

struct kt_attribute *kt_sap_attributes(const struct kt_sap_tables *t, const char *matnr,
                                       size_t more, size_t *count, struct kt_arena *a)
{
    size_t n = 0;
    size_t used = 0;
    const void *rows = kt_sap_rows_of(&t->characteristic, matnr, &n);
    struct sap__ZKONTOR_S_CHARACTERISTIC *row =
        KT_NEW_ARRAY(a, n + 1, struct sap__ZKONTOR_S_CHARACTERISTIC);
    struct kt_attribute *out = KT_NEW_ARRAY(a, n + more + 1, struct kt_attribute);
    if (n > 0)
        memcpy(row, rows, n * sizeof *row);
    if (n > 1)
        qsort(row, n, sizeof *row, by_code_and_value);
    for (size_t i = 0; i < n; i++) {
        struct kt_attribute *to = &out[used];
        (void)KT_PUT(to, kt_attribute_shape, code, kt_sap_text(row[i].CODE, a));
        KT_SAP_PUT_TEXT(to, kt_attribute_shape, language, kt_sap_lower(row[i].LANGU, a));
        KT_SAP_PUT_TEXT(to, kt_attribute_shape, value, kt_sap_text(row[i].VALUE, a));
        KT_SAP_PUT_TEXT(to, kt_attribute_shape, unit, kt_sap_text(row[i].UNIT, a));
        if (used == 0 || !goes_on(to - 1, to)) {
            used++;
            continue;
        }
        struct kt_str value =
            kt_str_of(kt_format(a, "%s, %s", (to - 1)->value.n > 0 ? (to - 1)->value.p : "",
                                to->value.n > 0 ? to->value.p : ""));
        (void)KT_PUT(to - 1, kt_attribute_shape, value, value);
        *to = (struct kt_attribute){ 0 };
    }
    *count = used;
    return out;
}

struct kt_list kt_sap_axes(const struct kt_sap_tables *t, const char *matnr, struct kt_sap_row *r)
{
    size_t n = 0;
    const struct sap__ZKONTOR_S_AXIS *row = kt_sap_rows_of(&t->axis, matnr, &n);
    struct kt_axis *out = KT_NEW_ARRAY(r->s->arena, n + 1, struct kt_axis);
    for (size_t i = 0; i < n; i++) {
        struct kt_str code = kt_sap_text(row[i].CODE, r->s->arena);
        if (code.n == 0)
            kt_sap_row_fault(r, "ET_AXIS-CODE", "");
        (void)KT_PUT(&out[i], kt_axis_shape, position,
                     kt_sap_row_whole(r, "ET_AXIS-POSITION", row[i].POSITION));
        (void)KT_PUT(&out[i], kt_axis_shape, code, code);
    }
    return (struct kt_list){ out, n };
}

/* A picture that nobody can fetch is a mistake in the ERP, and somebody should hear of it. */
struct kt_list kt_sap_media(const struct kt_sap_tables *t, const char *matnr, struct kt_sap_row *r)
{
    struct kt_arena *a = r->s->arena;
    size_t n = 0;
    const struct sap__ZKONTOR_S_MEDIA *row = kt_sap_rows_of(&t->media, matnr, &n);
    struct kt_media *out = KT_NEW_ARRAY(a, n + 1, struct kt_media);
    for (size_t i = 0; i < n; i++) {
        struct kt_str url = kt_sap_text(row[i].URL, a);
        (void)KT_PUT(&out[i], kt_media_shape, position,
                     kt_sap_row_whole(r, "ET_MEDIA-POSITION", row[i].POSITION));
        if (url.n == 0)
            kt_sap_row_fault(
                r, kt_format(a, "ET_MEDIA-URL (position %s)", kt_sap_text(row[i].POSITION, a).p),
                "");
        (void)KT_PUT(&out[i], kt_media_shape, url, url);
        KT_SAP_PUT_TEXT(&out[i], kt_media_shape, sha256, kt_sap_lower(row[i].SHA256, a));
        KT_SAP_PUT_TEXT(&out[i], kt_media_shape, role, kt_sap_lower(row[i].ROLE, a));
        KT_SAP_PUT_TEXT(&out[i], kt_media_shape, language, kt_sap_lower(row[i].LANGU, a));
        KT_SAP_PUT_TEXT(&out[i], kt_media_shape, alt, kt_sap_text(row[i].ALT, a));
    }
    return (struct kt_list){ out, n };
}

struct kt_list kt_sap_categories(const struct kt_sap_tables *t, const char *matnr,
                                 struct kt_sap_row *r)
{
    size_t n = 0;
    const struct sap__ZKONTOR_S_ARTICLE_CATEGORY *row = kt_sap_rows_of(&t->category, matnr, &n);
    struct kt_ref *out = KT_NEW_ARRAY(r->s->arena, n + 1, struct kt_ref);
    for (size_t i = 0; i < n; i++) {
        struct kt_str id = kt_sap_text(row[i].CATEGORY, r->s->arena);
        if (id.n == 0)
            kt_sap_row_fault(r, "ET_ARTICLE_CATEGORY-CATEGORY", "");
        (void)KT_PUT(&out[i], kt_ref_shape, id, id);
    }
    return (struct kt_list){ out, n };
}

/* Two units of SAP may share one ISO code: the same factor again is no news. */
static bool is_known(const struct kt_unit_of *u, size_t count, const struct kt_unit_of *now)
{
    for (size_t i = 0; i < count; i++) {
        if (kt_str_eq(u[i].unit, now->unit) && kt_dec_cmp(u[i].numerator, now->numerator) == 0 &&
            kt_dec_cmp(u[i].denominator, now->denominator) == 0)
            return true;
    }
    return false;
}

static struct kt_dec read_factor(struct kt_sap_row *r, const char *field, const char *text)
{
    struct kt_dec d = kt_sap_row_dec(r, field, text);
    if (d.units <= 0) /* a unit that holds nothing, or nothing that holds it */
        kt_sap_row_fault(r, field, text);
    return d;
}

struct kt_list kt_sap_units(const struct kt_sap_tables *t, const char *matnr, struct kt_sap_row *r)
{
    size_t n = 0;
    size_t used = 0;
    const struct sap__ZKONTOR_S_UNIT *row = kt_sap_rows_of(&t->unit, matnr, &n);
    struct kt_unit_of *out = KT_NEW_ARRAY(r->s->arena, n + 1, struct kt_unit_of);
    for (size_t i = 0; i < n; i++) {
        struct kt_unit_of *u = &out[used];
        struct kt_str unit = kt_sap_text(row[i].UNIT, r->s->arena);
        if (unit.n == 0)
            kt_sap_row_fault(r, "ET_UNIT-UNIT", "");
        (void)KT_PUT(u, kt_unit_of_shape, unit, unit);
        (void)KT_PUT(u, kt_unit_of_shape, numerator,
                     read_factor(r, "ET_UNIT-NUMERATOR", row[i].NUMERATOR));
        (void)KT_PUT(u, kt_unit_of_shape, denominator,
                     read_factor(r, "ET_UNIT-DENOMINATOR", row[i].DENOMINATOR));
        if (!is_known(out, used, u))
            used++;
    }
    return (struct kt_list){ out, used };
}
