/* Articles as SAP's wrapper tells them, into products and variants. No network; called by call.c on
 * the session's thread.
 *
 * An article without a generic article above it is a product of its own and its variant; one with
 * PARENT is a variant only, since the product's texts are those of the generic article. */
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "weight.h"

/* The page's rows of one table, sorted by article. Every row begins with MATNR. */
struct rows {
    char *base;
    size_t size;
    size_t count;
};

struct tables {
    struct rows text;
    struct rows gtin;
    struct rows characteristic;
};

static const char *matnr_of(const void *row)
{
    char *matnr = NULL;
    memcpy(&matnr, row, sizeof matnr);
    return matnr != NULL ? matnr : "";
}

static int by_matnr(const void *a, const void *b)
{
    return strcmp(matnr_of(a), matnr_of(b));
}

static struct rows sorted(void *base, int count, size_t size)
{
    struct rows r = { base, size, base != NULL && count > 0 ? (size_t)count : 0 };
    if (r.count > 1)
        qsort(r.base, r.count, r.size, by_matnr);
    return r;
}

/* The rows of one article: the first one, *n of them. */
static void *rows_of(const struct rows *r, const char *matnr, size_t *n)
{
    size_t low = 0;
    size_t high = r->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(matnr_of(r->base + middle * r->size), matnr) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *n = 0;
    while (low + *n < r->count && strcmp(matnr_of(r->base + (low + *n) * r->size), matnr) == 0)
        (*n)++;
    return *n > 0 ? r->base + low * r->size : NULL;
}

#define PUT_TEXT(rec, shape, member, text)           \
    do {                                             \
        struct kt_str text_ = (text);                \
        if (text_.n > 0)                             \
            (void)KT_PUT(rec, shape, member, text_); \
    } while (0)

static struct kt_str lower_language(const char *langu, struct kt_arena *a)
{
    struct kt_str s = kt_sap_text(langu, a);
    char *copy = kt_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        copy[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
    return (struct kt_str){ copy, s.n };
}

static struct kt_list texts_of(const struct tables *t, const char *matnr, struct kt_arena *a)
{
    size_t n = 0;
    const struct sap__ZKONTOR_S_TEXT *row = rows_of(&t->text, matnr, &n);
    struct kt_text *out = KT_NEW_ARRAY(a, n + 1, struct kt_text);
    for (size_t i = 0; i < n; i++) {
        (void)KT_PUT(&out[i], kt_text_shape, language, lower_language(row[i].LANGU, a));
        PUT_TEXT(&out[i], kt_text_shape, name, kt_sap_text(row[i].NAME, a));
        PUT_TEXT(&out[i], kt_text_shape, short_text, kt_sap_text(row[i].SHORT_TEXT, a));
        PUT_TEXT(&out[i], kt_text_shape, long_text, kt_sap_text(row[i].LONG_TEXT, a));
    }
    return (struct kt_list){ out, n };
}

static struct kt_list gtins_of(const struct tables *t, const char *matnr, struct kt_arena *a)
{
    size_t n = 0;
    size_t used = 0;
    const struct sap__ZKONTOR_S_GTIN *row = rows_of(&t->gtin, matnr, &n);
    struct kt_gtin *out = KT_NEW_ARRAY(a, n + 1, struct kt_gtin);
    for (size_t i = 0; i < n; i++) {
        struct kt_str code = kt_sap_text(row[i].GTIN, a);
        if (code.n == 0)
            continue; /* a unit of measure without a GTIN */
        (void)KT_PUT(&out[used], kt_gtin_shape, code, code);
        PUT_TEXT(&out[used], kt_gtin_shape, unit, kt_sap_text(row[i].UNIT, a));
        (void)KT_PUT(&out[used], kt_gtin_shape, is_primary, kt_sap_flag(row[i].MAIN));
        used++;
    }
    return (struct kt_list){ out, used };
}

enum { EXTRA_ATTRIBUTES = 3 };

/* The article's characteristics, with room for EXTRA_ATTRIBUTES behind them. */
static struct kt_attribute *attributes_of(const struct tables *t, const char *matnr, size_t *count,
                                          struct kt_arena *a)
{
    size_t n = 0;
    const struct sap__ZKONTOR_S_CHARACTERISTIC *row = rows_of(&t->characteristic, matnr, &n);
    struct kt_attribute *out = KT_NEW_ARRAY(a, n + EXTRA_ATTRIBUTES, struct kt_attribute);
    for (size_t i = 0; i < n; i++) {
        (void)KT_PUT(&out[i], kt_attribute_shape, code, kt_sap_text(row[i].CODE, a));
        PUT_TEXT(&out[i], kt_attribute_shape, language, lower_language(row[i].LANGU, a));
        PUT_TEXT(&out[i], kt_attribute_shape, value, kt_sap_text(row[i].VALUE, a));
        PUT_TEXT(&out[i], kt_attribute_shape, unit, kt_sap_text(row[i].UNIT, a));
    }
    *count = n;
    return out;
}

static void add_attribute(struct kt_list *list, struct kt_attribute *room, const char *code,
                          struct kt_str value, struct kt_str unit)
{
    struct kt_attribute *at = &room[list->count++];
    (void)KT_PUT(at, kt_attribute_shape, code, kt_str_of(code));
    PUT_TEXT(at, kt_attribute_shape, value, value);
    PUT_TEXT(at, kt_attribute_shape, unit, unit);
}

/* A weight whose unit we do not know travels as it stands, so that a mapping may use it. Zero is
 * how SAP says that nobody weighed the article. */
static bool read_weight(const struct kt_sap_source *s, struct kt_dec *kg, bool *has,
                        struct kt_soap_dec weight, struct kt_str unit, const char *code,
                        struct kt_list *attributes, struct kt_attribute *room)
{
    struct kt_dec d = { 0 };
    char text[KT_DEC_TEXT_MAX];
    *has = false;
    if (!kt_sap_dec(&d, weight))
        return false;
    if (d.units == 0)
        return true;
    *has = kt_sap_weight_kg(kg, d, unit);
    if (!*has) {
        kt_dec_text(d, text);
        add_attribute(attributes, room, code, kt_str_copy(s->arena, kt_str_of(text)), unit);
    }
    return true;
}

static const struct kt_verdict *read_weights(const struct kt_sap_source *s, struct kt_variant *v,
                                             const struct sap__ZKONTOR_S_ARTICLE *row,
                                             struct kt_list *attributes, struct kt_attribute *room)
{
    struct kt_str unit = kt_sap_text(row->WEIGHT_UNIT, s->arena);
    struct kt_dec kg = { 0 };
    bool has = false;
    if (!read_weight(s, &kg, &has, row->NET_WEIGHT, unit, "net_weight_raw", attributes, room))
        return kt_sap_unreadable_dec(s->arena, "article", v->sku, "NET_WEIGHT", row->NET_WEIGHT);
    if (has)
        (void)KT_PUT(v, kt_variant_shape, net_weight, kg);
    if (!read_weight(s, &kg, &has, row->GROSS_WEIGHT, unit, "weight_raw", attributes, room))
        return kt_sap_unreadable_dec(s->arena, "article", v->sku, "GROSS_WEIGHT",
                                     row->GROSS_WEIGHT);
    if (has)
        (void)KT_PUT(v, kt_variant_shape, shipping_weight, kg);
    return NULL;
}

static struct kt_product *new_product(const struct kt_sap_source *s, struct kt_str id)
{
    struct kt_product *p = KT_NEW(s->arena, struct kt_product);
    (void)KT_PUT(p, kt_product_shape, scope, kt_str_of(s->scope));
    (void)KT_PUT(p, kt_product_shape, id, id);
    return p;
}

static struct kt_variant *new_variant(const struct kt_sap_source *s, struct kt_str sku)
{
    struct kt_variant *v = KT_NEW(s->arena, struct kt_variant);
    (void)KT_PUT(v, kt_variant_shape, scope, kt_str_of(s->scope));
    (void)KT_PUT(v, kt_variant_shape, sku, sku);
    return v;
}

static int lifecycle_of(const struct sap__ZKONTOR_S_ARTICLE *row)
{
    return kt_sap_flag(row->SALES_BLOCKED) ? KT_DISCONTINUED : KT_ACTIVE;
}

static const struct kt_verdict *read_variant(const struct kt_sap_source *s, struct kt_variant *v,
                                             const struct sap__ZKONTOR_S_ARTICLE *row,
                                             const struct tables *t, bool is_own_product)
{
    struct kt_arena *a = s->arena;
    struct kt_variant whole = *v;
    struct kt_attribute *room = NULL;
    struct kt_list attributes = { 0 };
    struct kt_str status = kt_sap_text(row->SALES_STATUS, a);
    if (is_own_product) /* its characteristics describe the product */
        room = KT_NEW_ARRAY(a, EXTRA_ATTRIBUTES, struct kt_attribute);
    else
        room = attributes_of(t, matnr_of(row), &attributes.count, a);
    const struct kt_verdict *fault = read_weights(s, &whole, row, &attributes, room);
    if (fault != NULL)
        return fault;
    if (status.n > 0)
        add_attribute(&attributes, room, "sales_status", status, KT_STR(""));
    attributes.item = room;
    *v = whole;
    (void)KT_PUT(v, kt_variant_shape, product,
                 is_own_product ? v->sku : kt_sap_text(row->PARENT, a));
    (void)KT_PUT(v, kt_variant_shape, gtins, gtins_of(t, matnr_of(row), a));
    PUT_TEXT(v, kt_variant_shape, base_unit, kt_sap_text(row->MEINS, a));
    PUT_TEXT(v, kt_variant_shape, mpn, kt_sap_text(row->MFRPN, a));
    (void)KT_PUT(v, kt_variant_shape, attributes, attributes);
    (void)KT_PUT(v, kt_variant_shape, serial_required, kt_sap_text(row->SERIAL_PROFILE, a).n > 0);
    PUT_TEXT(v, kt_variant_shape, origin, kt_sap_text(row->ORIGIN, a));
    PUT_TEXT(v, kt_variant_shape, tariff_no, kt_sap_text(row->TARIFF_NO, a));
    (void)KT_PUT(v, kt_variant_shape, lifecycle, lifecycle_of(row));
    return NULL;
}

static void fill_product(const struct kt_sap_source *s, struct kt_product *p,
                         const struct sap__ZKONTOR_S_ARTICLE *row, const struct tables *t)
{
    struct kt_arena *a = s->arena;
    (void)KT_PUT(p, kt_product_shape, texts, texts_of(t, matnr_of(row), a));
    PUT_TEXT(p, kt_product_shape, brand, kt_sap_text(row->BRAND, a));
    PUT_TEXT(p, kt_product_shape, product_group, kt_sap_text(row->MATKL, a));
    struct kt_list attributes = { 0 };
    attributes.item = attributes_of(t, matnr_of(row), &attributes.count, a);
    (void)KT_PUT(p, kt_product_shape, attributes, attributes);
    PUT_TEXT(p, kt_product_shape, tax_class, kt_sap_text(row->TAX_CLASS, a));
    (void)KT_PUT(p, kt_product_shape, lifecycle, lifecycle_of(row));
}

static void decode_article(const struct kt_sap_source *s, const struct sap__ZKONTOR_S_ARTICLE *row,
                           const struct tables *t)
{
    struct kt_str sku = kt_sap_text(row->MATNR, s->arena);
    bool is_own_product = kt_sap_text(row->PARENT, s->arena).n == 0;
    struct kt_variant *v = new_variant(s, sku);
    int64_t as_of = 0;
    const struct kt_verdict *fault =
        kt_sap_read_instant(s, &as_of, "article", sku, "CHANGED_AT", row->CHANGED_AT);
    if (fault == NULL && sku.n == 0)
        fault = kt_sap_unreadable(s->arena, "article", sku, "MATNR", "");
    if (fault == NULL)
        fault = read_variant(s, v, row, t, is_own_product);
    if (is_own_product) {
        struct kt_product *p = new_product(s, sku);
        if (fault == NULL)
            fill_product(s, p, row, t);
        kt_changes_add(
            s->out, (struct kt_change){
                        .kind = KT_KIND_PRODUCT, .as_of_us = as_of, .record = p, .fault = fault });
    }
    kt_changes_add(s->out,
                   (struct kt_change){
                       .kind = KT_KIND_VARIANT, .as_of_us = as_of, .record = v, .fault = fault });
}

/* SAP no longer says whether the article was a product of its own: deleting a product that never
 * was changes nothing. */
static void decode_deleted(const struct kt_sap_source *s,
                           const struct sap__ZKONTOR_S_ARTICLE_DEL *row)
{
    struct kt_str sku = kt_sap_text(row->MATNR, s->arena);
    int64_t as_of = 0;
    const struct kt_verdict *fault =
        kt_sap_read_instant(s, &as_of, "article", sku, "CHANGED_AT", row->CHANGED_AT);
    struct kt_change change = { .kind = KT_KIND_VARIANT,
                                .is_deleted = true,
                                .as_of_us = as_of,
                                .record = new_variant(s, sku),
                                .fault = fault };
    kt_changes_add(s->out, change);
    change.kind = KT_KIND_PRODUCT;
    change.record = new_product(s, sku);
    kt_changes_add(s->out, change);
}

void kt_sap_decode_articles(const struct kt_sap_source *s,
                            struct _sap__Z_KONTOR_ARTICLESResponse *r)
{
    struct tables t = { 0 };
    if (r->ET_TEXT != NULL)
        t.text = sorted(r->ET_TEXT->item, r->ET_TEXT->__sizeitem, sizeof *r->ET_TEXT->item);
    if (r->ET_GTIN != NULL)
        t.gtin = sorted(r->ET_GTIN->item, r->ET_GTIN->__sizeitem, sizeof *r->ET_GTIN->item);
    if (r->ET_CHARACTERISTIC != NULL)
        t.characteristic = sorted(r->ET_CHARACTERISTIC->item, r->ET_CHARACTERISTIC->__sizeitem,
                                  sizeof *r->ET_CHARACTERISTIC->item);
    for (int i = 0; r->ET_ARTICLE != NULL && i < r->ET_ARTICLE->__sizeitem; i++)
        decode_article(s, &r->ET_ARTICLE->item[i], &t);
    for (int i = 0; r->ET_DELETED != NULL && i < r->ET_DELETED->__sizeitem; i++)
        decode_deleted(s, &r->ET_DELETED->item[i]);
}
