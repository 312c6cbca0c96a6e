/* Prices as NAV's codeunit tells them, into our records. No network; called by service_feed.c on
 * the session's thread. */
#include <string.h>

#include "base/hash.h"
#include "base/macros.h"
#include "lists.h"
#include "service_inner.h"
#include "text.h"

enum { ID_MAX = 64 };

static const char item_price[] = "ITEM/"; /* ids of the prices on the item card begin so */

#define PUT_TEXT(rec, member, text)                           \
    do {                                                      \
        struct kt_str text_ = (text);                         \
        if (text_.n > 0)                                      \
            (void)KT_PUT(rec, kt_price_shape, member, text_); \
    } while (0)

/* The primary key of a sales price can be longer than our field. */
static struct kt_str fit_id(struct kt_str id, struct kt_arena *a)
{
    uint8_t digest[KT_HASH_BYTES];
    char text[(8 * KT_HASH_BYTES + 4) / 5 + 1];
    if (kt_utf8_count(id) <= ID_MAX)
        return id;
    kt_sha256(id, digest);
    kt_base32(digest, sizeof digest, text);
    return kt_str_of(kt_format(a, "SP#%s", text));
}

static int read_kind(struct kt_nav_record *r, const char *text)
{
    static const struct {
        const char *name;
        int kind;
    } kinds[] = { { "", KT_PRICE_LIST },
                  { "List", KT_PRICE_LIST },
                  { "Sale", KT_PRICE_SALE },
                  { "Reference", KT_PRICE_REFERENCE } };
    struct kt_str kind = kt_nav_taken(text, r->s->arena);
    for (size_t i = 0; i < KT_COUNT(kinds); i++) {
        if (kt_str_is(kind, kinds[i].name))
            return kinds[i].kind;
    }
    kt_nav_record_fault(r, "Kind", text);
    return KT_PRICE_LIST;
}

/* Whom it is for. A customer or a price group stands in the list's place, so that a shop of that
 * group goes back to the list where the group has no price. */
static void read_reach(struct kt_nav_record *r, struct kt_price *p,
                       const struct navprice__Price *row)
{
    struct kt_arena *a = r->s->arena;
    PUT_TEXT(p, customer, kt_nav_taken(row->CustomerNo, a));
    PUT_TEXT(p, customer_group, kt_nav_taken(row->CustomerPriceGroup, a));
    if (p->customer.n == 0 && p->customer_group.n == 0)
        (void)KT_PUT(p, kt_price_shape, list, kt_str_of(r->s->erp->conf->list_price));
}

static void read_price(struct kt_nav_record *r, struct kt_price *p,
                       const struct navprice__Price *row, struct kt_str item)
{
    struct kt_arena *a = r->s->arena;
    struct kt_day day = { 0 };
    (void)KT_PUT(p, kt_price_shape, sku,
                 kt_nav_sku(r->s->erp->conf, item, kt_nav_taken(row->VariantCode, a), a));
    (void)KT_PUT(p, kt_price_shape, kind, read_kind(r, row->Kind));
    (void)KT_PUT(p, kt_price_shape, amount, kt_nav_record_dec(r, "UnitPrice", row->UnitPrice));
    (void)KT_PUT(p, kt_price_shape, per, kt_dec_int(1));
    (void)KT_PUT(p, kt_price_shape, min_quantity,
                 kt_nav_record_dec(r, "MinQuantity", row->MinQuantity));
    if (kt_nav_taken(row->PriceIncludesVat, a).n == 0) /* a gross price taken for a net one … */
        kt_nav_record_fault(r, "PriceIncludesVat", "");
    (void)KT_PUT(p, kt_price_shape, is_gross, kt_nav_is_true(row->PriceIncludesVat));
    PUT_TEXT(p, currency, kt_nav_taken(row->CurrencyCode, a));
    PUT_TEXT(p, unit, kt_nav_unit(r->s->erp, kt_nav_taken(row->UnitCode, a)));
    PUT_TEXT(p, tax_class, kt_nav_taken(row->VatGroup, a));
    read_reach(r, p, row);
    if (kt_nav_record_day(r, &day, "StartingDate", row->StartingDate))
        (void)KT_PUT(p, kt_price_shape, valid_from, day);
    if (kt_nav_record_day(r, &day, "EndingDate", row->EndingDate))
        (void)KT_PUT(p, kt_price_shape, valid_until, day);
}

static struct kt_price *new_price(const struct kt_nav_source *s, struct kt_str id)
{
    struct kt_price *p = KT_NEW(s->arena, struct kt_price);
    (void)KT_PUT(p, kt_price_shape, scope, kt_str_of(s->scope));
    (void)KT_PUT(p, kt_price_shape, id, id);
    return p;
}

static void decode_price(const struct kt_nav_source *s, const struct navprice__Price *row)
{
    struct kt_str id = fit_id(kt_nav_taken(row->Id, s->arena), s->arena);
    struct kt_str item = kt_nav_taken(row->ItemNo, s->arena);
    struct kt_nav_record r = { .s = s, .what = "price", .key = id };
    struct kt_price *p = new_price(s, id);
    if (id.n == 0) { /* the item is all there is to find it by */
        r.what = "price of";
        r.key = item;
        kt_nav_record_fault(&r, "Id", "");
    }
    if (item.n == 0)
        kt_nav_record_fault(&r, "ItemNo", "");
    read_price(&r, p, row, item);
    /* NAV takes the card's price only where no sales price holds. */
    if (kt_str_starts(id, item_price))
        (void)KT_PUT(p, kt_price_shape, priority, -1);
    kt_changes_add(s->out, (struct kt_change){ .kind = KT_KIND_PRICE,
                                               .as_of_us = s->pulled_us,
                                               .record = r.fault == NULL ? p : new_price(s, id),
                                               .fault = r.fault });
}

void kt_nav_decode_prices(const struct kt_nav_source *s, const struct navprice__KontorPrices *r)
{
    for (int i = 0; i < r->__sizePrice; i++)
        decode_price(s, &r->Price[i]);
}
