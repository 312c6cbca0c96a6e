/* Prices and stock as SAP's wrapper tells them, into our records; and the small readers that all
 * decoders share. No network; called by call.c on the session's thread. */
#include "decode.h"

#include <string.h>

struct kt_str kt_sap_text(const char *text, struct kt_arena *a)
{
    struct kt_str s = kt_str_trim(kt_str_of(text != NULL ? text : ""));
    char *copy = kt_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_control = (c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f;
        copy[i] = is_control ? ' ' : s.p[i];
    }
    return (struct kt_str){ copy, s.n };
}

bool kt_sap_flag(const char *text)
{
    return text != NULL && text[0] == 'X';
}

bool kt_sap_dec(struct kt_dec *out, struct kt_soap_dec in)
{
    while (in.scale > 0 && in.unscaled % 10 == 0) {
        in.unscaled /= 10;
        in.scale--;
    }
    if (in.scale < 0 || in.scale > KT_DEC_SCALE_MAX)
        return false;
    *out = (struct kt_dec){ in.unscaled, (uint8_t)in.scale };
    return true;
}

bool kt_sap_day(struct kt_day *day, bool *has, const char *text)
{
    struct kt_str s = kt_str_trim(kt_str_of(text != NULL ? text : ""));
    *has = false;
    if (s.n == 0 || kt_str_is(s, "0000-00-00") || kt_str_is(s, "00000000") ||
        kt_str_is(s, "9999-12-31") || kt_str_is(s, "99991231"))
        return true;
    *has = kt_day_parse(day, s);
    return *has;
}

const struct kt_verdict *kt_sap_unreadable(struct kt_arena *a, const char *what, struct kt_str key,
                                           const char *field, const char *value)
{
    struct kt_verdict *v = KT_NEW(a, struct kt_verdict);
    bool is_empty = value == NULL || value[0] == '\0';
    struct kt_param_in record = KT_P_TEXT("record", kt_format(a, "%s %s", what, key.p));
    if (is_empty)
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING, record, KT_P_TEXT("field", field));
    else
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, record, KT_P_TEXT("field", field),
                 KT_P_TEXT("value", value));
    return v;
}

const struct kt_verdict *kt_sap_unreadable_dec(struct kt_arena *a, const char *what,
                                               struct kt_str key, const char *field,
                                               struct kt_soap_dec value)
{
    char text[KT_SOAP_DEC_MAX];
    bool is_text = kt_soap_dec_print(&value, text);
    return kt_sap_unreadable(a, what, key, field, is_text ? text : "a number out of range");
}

const struct kt_verdict *kt_sap_read_instant(const struct kt_sap_source *s, int64_t *at,
                                             const char *what, struct kt_str key, const char *field,
                                             const char *text)
{
    struct kt_str t = kt_str_trim(kt_str_of(text != NULL ? text : ""));
    size_t zeros = 0;
    while (zeros < t.n && (t.p[zeros] == '0' || t.p[zeros] == '.'))
        zeros++;
    *at = s->pulled_us;
    if (zeros == t.n || kt_time_parse_stamp(at, t))
        return NULL;
    return kt_sap_unreadable(s->arena, what, key, field, text);
}

struct amount {
    const char *field;
    struct kt_soap_dec in;
    struct kt_dec *out;
};

/* The first of the amounts that does not fit, as a fault; NULL: all were read. */
static const struct kt_verdict *read_amounts(const struct kt_sap_source *s, const char *what,
                                             struct kt_str key, const struct amount *amount,
                                             size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!kt_sap_dec(amount[i].out, amount[i].in))
            return kt_sap_unreadable_dec(s->arena, what, key, amount[i].field, amount[i].in);
    }
    return NULL;
}

#define PUT_TEXT(rec, shape, member, text)           \
    do {                                             \
        struct kt_str text_ = (text);                \
        if (text_.n > 0)                             \
            (void)KT_PUT(rec, shape, member, text_); \
    } while (0)

static struct kt_price *new_price(const struct kt_sap_source *s, struct kt_str id)
{
    struct kt_price *p = KT_NEW(s->arena, struct kt_price);
    (void)KT_PUT(p, kt_price_shape, scope, kt_str_of(s->scope));
    (void)KT_PUT(p, kt_price_shape, id, id);
    return p;
}

static void fill_price(const struct kt_sap_source *s, struct kt_price *p,
                       const struct sap__ZKONTOR_S_PRICE *row)
{
    struct kt_arena *a = s->arena;
    PUT_TEXT(p, kt_price_shape, sku, kt_sap_text(row->MATNR, a));
    (void)KT_PUT(p, kt_price_shape, kind, KT_PRICE_LIST);
    PUT_TEXT(p, kt_price_shape, list, kt_sap_text(row->PRICE_LIST, a));
    PUT_TEXT(p, kt_price_shape, currency, kt_sap_text(row->CURRENCY, a));
    PUT_TEXT(p, kt_price_shape, unit, kt_sap_text(row->UNIT, a));
    (void)KT_PUT(p, kt_price_shape, is_gross, kt_sap_flag(row->GROSS));
    PUT_TEXT(p, kt_price_shape, tax_class, kt_sap_text(row->TAX_CLASS, a));
}

/* NULL: read. */
static const struct kt_verdict *read_price(const struct kt_sap_source *s, struct kt_price *p,
                                           int64_t *as_of, const struct sap__ZKONTOR_S_PRICE *row)
{
    struct kt_price q = *p;
    const struct amount amount[] = { { "AMOUNT", row->AMOUNT, &q.amount },
                                     { "PER", row->PER, &q.per },
                                     { "MIN_QTY", row->MIN_QTY, &q.min_quantity } };
    bool has_from = false;
    bool has_until = false;
    const struct kt_verdict *fault = read_amounts(s, "price", p->id, amount, KT_COUNT(amount));
    if (fault != NULL)
        return fault;
    if (p->id.n == 0)
        return kt_sap_unreadable(s->arena, "price of", kt_sap_text(row->MATNR, s->arena),
                                 "PRICE_ID", "");
    if (!kt_sap_day(&q.valid_from, &has_from, row->VALID_FROM))
        return kt_sap_unreadable(s->arena, "price", p->id, "VALID_FROM", row->VALID_FROM);
    if (!kt_sap_day(&q.valid_until, &has_until, row->VALID_TO))
        return kt_sap_unreadable(s->arena, "price", p->id, "VALID_TO", row->VALID_TO);
    fault = kt_sap_read_instant(s, as_of, "price", p->id, "CHANGED_AT", row->CHANGED_AT);
    if (fault != NULL)
        return fault;
    fill_price(s, p, row);
    (void)KT_PUT(p, kt_price_shape, amount, q.amount);
    (void)KT_PUT(p, kt_price_shape, per, q.per);
    (void)KT_PUT(p, kt_price_shape, min_quantity, q.min_quantity);
    if (has_from)
        (void)KT_PUT(p, kt_price_shape, valid_from, q.valid_from);
    if (has_until)
        (void)KT_PUT(p, kt_price_shape, valid_until, q.valid_until);
    return NULL;
}

void kt_sap_decode_prices(const struct kt_sap_source *s,
                          const struct _sap__Z_KONTOR_PRICESResponse *r)
{
    for (int i = 0; r->ET_PRICE != NULL && i < r->ET_PRICE->__sizeitem; i++) {
        const struct sap__ZKONTOR_S_PRICE *row = &r->ET_PRICE->item[i];
        struct kt_price *p = new_price(s, kt_sap_text(row->PRICE_ID, s->arena));
        int64_t as_of = s->pulled_us;
        const struct kt_verdict *fault = read_price(s, p, &as_of, row);
        kt_changes_add(s->out,
                       (struct kt_change){
                           .kind = KT_KIND_PRICE, .as_of_us = as_of, .record = p, .fault = fault });
    }
    for (int i = 0; r->ET_DELETED != NULL && i < r->ET_DELETED->__sizeitem; i++) {
        const struct sap__ZKONTOR_S_PRICE_DEL *row = &r->ET_DELETED->item[i];
        struct kt_price *p = new_price(s, kt_sap_text(row->PRICE_ID, s->arena));
        int64_t as_of = 0;
        const struct kt_verdict *fault =
            kt_sap_read_instant(s, &as_of, "price", p->id, "CHANGED_AT", row->CHANGED_AT);
        kt_changes_add(s->out, (struct kt_change){ .kind = KT_KIND_PRICE,
                                                   .is_deleted = true,
                                                   .as_of_us = as_of,
                                                   .record = p,
                                                   .fault = fault });
    }
}

static struct kt_stock *new_stock(const struct kt_sap_source *s, const char *sku, const char *plant)
{
    struct kt_stock *k = KT_NEW(s->arena, struct kt_stock);
    (void)KT_PUT(k, kt_stock_shape, scope, kt_str_of(s->scope));
    (void)KT_PUT(k, kt_stock_shape, sku, kt_sap_text(sku, s->arena));
    (void)KT_PUT(k, kt_stock_shape, warehouse, kt_sap_text(plant, s->arena));
    return k;
}

static const struct kt_verdict *read_stock(const struct kt_sap_source *s, struct kt_stock *k,
                                           int64_t *as_of, const struct sap__ZKONTOR_S_STOCK *row)
{
    struct kt_stock q = *k;
    const struct amount amount[] = { { "ON_HAND", row->ON_HAND, &q.on_hand },
                                     { "AVAILABLE", row->AVAILABLE, &q.available },
                                     { "QUALITY", row->QUALITY, &q.in_quality },
                                     { "BLOCKED", row->BLOCKED, &q.blocked } };
    const struct kt_verdict *fault = read_amounts(s, "stock of", k->sku, amount, KT_COUNT(amount));
    if (fault != NULL)
        return fault;
    if (k->sku.n == 0 || k->warehouse.n == 0)
        return kt_sap_unreadable(s->arena, "stock of", k->sku, k->sku.n == 0 ? "MATNR" : "PLANT",
                                 "");
    fault = kt_sap_read_instant(s, as_of, "stock of", k->sku, "AS_OF", row->AS_OF);
    if (fault != NULL)
        return fault;
    PUT_TEXT(k, kt_stock_shape, unit, kt_sap_text(row->UNIT, s->arena));
    (void)KT_PUT(k, kt_stock_shape, on_hand, q.on_hand);
    (void)KT_PUT(k, kt_stock_shape, available, q.available);
    (void)KT_PUT(k, kt_stock_shape, basis, KT_BASIS_MINUS_OPEN_ORDERS);
    (void)KT_PUT(k, kt_stock_shape, in_quality, q.in_quality);
    (void)KT_PUT(k, kt_stock_shape, blocked, q.blocked);
    (void)KT_PUT(k, kt_stock_shape, as_of, *as_of);
    PUT_TEXT(k, kt_stock_shape, as_of_mark, kt_sap_text(row->LAST_DOC, s->arena));
    return NULL;
}

void kt_sap_decode_stock(const struct kt_sap_source *s,
                         const struct _sap__Z_KONTOR_STOCKResponse *r)
{
    for (int i = 0; r->ET_STOCK != NULL && i < r->ET_STOCK->__sizeitem; i++) {
        const struct sap__ZKONTOR_S_STOCK *row = &r->ET_STOCK->item[i];
        struct kt_stock *k = new_stock(s, row->MATNR, row->PLANT);
        int64_t as_of = s->pulled_us;
        const struct kt_verdict *fault = read_stock(s, k, &as_of, row);
        kt_changes_add(s->out,
                       (struct kt_change){
                           .kind = KT_KIND_STOCK, .as_of_us = as_of, .record = k, .fault = fault });
    }
    for (int i = 0; r->ET_DELETED != NULL && i < r->ET_DELETED->__sizeitem; i++) {
        const struct sap__ZKONTOR_S_STOCK_DEL *row = &r->ET_DELETED->item[i];
        struct kt_stock *k = new_stock(s, row->MATNR, row->PLANT);
        int64_t as_of = 0;
        const struct kt_verdict *fault =
            kt_sap_read_instant(s, &as_of, "stock of", k->sku, "CHANGED_AT", row->CHANGED_AT);
        kt_changes_add(s->out, (struct kt_change){ .kind = KT_KIND_STOCK,
                                                   .is_deleted = true,
                                                   .as_of_us = as_of,
                                                   .record = k,
                                                   .fault = fault });
    }
}
