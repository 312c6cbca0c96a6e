/* Prices as SAP's wrapper tells them, into our records. No network; called by call.c on the
 * session's thread. */
#include "read.h"

#include "base/macros.h"

static struct kt_price *new_price(const struct kt_sap_source *s, struct kt_str id)
{
    struct kt_price *p = KT_NEW(s->arena, struct kt_price);
    (void)KT_PUT(p, kt_price_shape, scope, kt_str_of(s->scope));
    (void)KT_PUT(p, kt_price_shape, id, id);
    return p;
}

static int read_kind(struct kt_sap_row *r, const char *text)
{
    static const struct {
        const char *name;
        int kind;
    } kinds[] = { { "", KT_PRICE_LIST },
                  { "list", KT_PRICE_LIST },
                  { "sale", KT_PRICE_SALE },
                  { "reference", KT_PRICE_REFERENCE },
                  { "lowest_30d", KT_PRICE_LOWEST_30D },
                  { "levy", KT_PRICE_LEVY } };
    struct kt_str kind = kt_sap_lower(text, r->s->arena);
    for (size_t i = 0; i < KT_COUNT(kinds); i++) {
        if (kt_str_is(kind, kinds[i].name))
            return kinds[i].kind;
    }
    kt_sap_row_fault(r, "KIND", text);
    return KT_PRICE_LIST;
}

/* Whom it is for. */
static void read_reach(struct kt_sap_row *r, struct kt_price *p,
                       const struct sap__ZKONTOR_S_PRICE *row)
{
    struct kt_arena *a = r->s->arena;
    int64_t priority = kt_sap_row_whole(r, "PRIORITY", row->PRIORITY);
    KT_SAP_PUT_TEXT(p, kt_price_shape, list, kt_sap_text(row->PRICE_LIST, a));
    KT_SAP_PUT_TEXT(p, kt_price_shape, customer, kt_sap_text(row->CUSTOMER, a));
    KT_SAP_PUT_TEXT(p, kt_price_shape, customer_group, kt_sap_text(row->CUSTOMER_GROUP, a));
    KT_SAP_PUT_TEXT(p, kt_price_shape, market, kt_sap_text(row->MARKET, a));
    if (priority != 0)
        (void)KT_PUT(p, kt_price_shape, priority, priority);
}

static void read_validity(struct kt_sap_row *r, struct kt_price *p,
                          const struct sap__ZKONTOR_S_PRICE *row)
{
    struct kt_day day = { 0 };
    if (kt_sap_row_day(r, &day, "VALID_FROM", row->VALID_FROM))
        (void)KT_PUT(p, kt_price_shape, valid_from, day);
    if (kt_sap_row_day(r, &day, "VALID_TO", row->VALID_TO))
        (void)KT_PUT(p, kt_price_shape, valid_until, day);
}

static void read_price(struct kt_sap_row *r, struct kt_price *p,
                       const struct sap__ZKONTOR_S_PRICE *row)
{
    struct kt_arena *a = r->s->arena;
    (void)KT_PUT(p, kt_price_shape, amount, kt_sap_row_dec(r, "AMOUNT", row->AMOUNT));
    (void)KT_PUT(p, kt_price_shape, per, kt_sap_row_dec(r, "PER", row->PER));
    (void)KT_PUT(p, kt_price_shape, min_quantity, kt_sap_row_dec(r, "MIN_QTY", row->MIN_QTY));
    (void)KT_PUT(p, kt_price_shape, kind, read_kind(r, row->KIND));
    (void)KT_PUT(p, kt_price_shape, is_gross, kt_sap_flag(row->GROSS));
    KT_SAP_PUT_TEXT(p, kt_price_shape, sku, kt_sap_text(row->MATNR, a));
    KT_SAP_PUT_TEXT(p, kt_price_shape, currency, kt_sap_text(row->CURRENCY, a));
    KT_SAP_PUT_TEXT(p, kt_price_shape, unit, kt_sap_text(row->UNIT, a));
    KT_SAP_PUT_TEXT(p, kt_price_shape, tax_class, kt_sap_text(row->TAX_CLASS, a));
    read_reach(r, p, row);
    read_validity(r, p, row);
}

static void decode_price(const struct kt_sap_source *s, const struct sap__ZKONTOR_S_PRICE *row)
{
    struct kt_sap_row r = { .s = s, .what = "price", .key = kt_sap_text(row->PRICE_ID, s->arena) };
    struct kt_price *p = new_price(s, r.key);
    struct kt_change change = { .kind = KT_KIND_PRICE, .record = p };
    if (r.key.n == 0) { /* the article is all there is to find it by */
        r.what = "price of";
        r.key = kt_sap_text(row->MATNR, s->arena);
        kt_sap_row_fault(&r, "PRICE_ID", "");
    }
    read_price(&r, p, row);
    change.as_of_us = kt_sap_row_instant(&r, "CHANGED_AT", row->CHANGED_AT);
    change.fault = r.fault;
    if (r.fault != NULL)
        change.record = new_price(s, p->id);
    kt_changes_add(s->out, change);
}

static void decode_gone(const struct kt_sap_source *s, const struct sap__ZKONTOR_S_PRICE_DEL *row)
{
    struct kt_sap_row r = { .s = s, .what = "price", .key = kt_sap_text(row->PRICE_ID, s->arena) };
    struct kt_change change = { .kind = KT_KIND_PRICE, .is_deleted = true };
    change.as_of_us = kt_sap_row_instant(&r, "CHANGED_AT", row->CHANGED_AT);
    change.record = new_price(s, r.key);
    change.fault = r.fault;
    kt_changes_add(s->out, change);
}

void kt_sap_decode_prices(const struct kt_sap_source *s,
                          const struct _sap__Z_KONTOR_PRICESResponse *r)
{
    for (int i = 0; r->ET_PRICE != NULL && i < r->ET_PRICE->__sizeitem; i++)
        decode_price(s, &r->ET_PRICE->item[i]);
    for (int i = 0; r->ET_DELETED != NULL && i < r->ET_DELETED->__sizeitem; i++)
        decode_gone(s, &r->ET_DELETED->item[i]);
}
