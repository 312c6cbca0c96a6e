/* An order of the admin API into our record. Amounts are whole numbers of the smallest unit, the
 * shop says how many digits that is. Of a line's many prices the prorated one is what the customer
 * pays, with every discount in it, so discounts are not read: they would count twice. Pure; called
 * by orders.c. */
#include "adapters/channel_vendure/decode.h"

#include "adapters/channel_vendure/call.h"

enum { TAX_CLASS_MAX = 40 };

struct reader {
    const struct kt_json *j;
    const struct vendure_money *money;
    struct kt_arena *a;
    struct kt_str number; /* what messages call the order */
    bool is_cancelled;
    struct kt_err *e;
};

static enum kt_rc malformed(struct reader *r, const char *field, struct kt_str value)
{
    return kt_fail(r->e, KT_REJECT, KT_RECORD, KT_E_ORDER_MALFORMED,
                   KT_P_TEXT("order", r->number.p), KT_P_TEXT("field", field),
                   KT_P_TEXT("value", value.p));
}

/* A trimmed copy, absent when empty. */
static struct kt_str text_of(struct reader *r, const struct kt_json *j, const char *name)
{
    struct kt_str s = kt_str_trim(kt_json_text_of(j, name));
    return s.n > 0 ? kt_str_copy(r->a, s) : (struct kt_str){ NULL, 0 };
}

/* Sets a text member where there is something to set. */
static void put_text(void *rec, const struct kt_shape *shape, struct kt_str *member,
                     struct kt_str value)
{
    if (value.n == 0)
        return;
    *member = value;
    kt_mark(rec, shape, (size_t)((const char *)member - (const char *)rec));
}

static bool read_amount(struct reader *r, const struct kt_json *j, const char *name,
                        struct kt_dec *out)
{
    struct kt_dec amount = { 0, r->money->precision };
    if (!kt_json_int(kt_json_get(j, name), &amount.units))
        return false;
    *out = amount;
    return true;
}

/* Net, tax and gross from the two amounts that the shop states. */
struct sums {
    struct kt_dec net;
    struct kt_dec tax;
    struct kt_dec gross;
};

static enum kt_rc get_sums(struct reader *r, const struct kt_json *j, const char *net,
                           const char *gross, const char *what, struct sums *out)
{
    if (!read_amount(r, j, net, &out->net))
        return malformed(r, kt_format(r->a, "%s%s", what, net), kt_json_text_of(j, net));
    if (!read_amount(r, j, gross, &out->gross) || !kt_dec_sub(&out->tax, out->gross, out->net))
        return malformed(r, kt_format(r->a, "%s%s", what, gross), kt_json_text_of(j, gross));
    return KT_OK;
}

/* ---- lines */

/* How the three lists of lines differ. */
struct line_kind {
    const char *list;
    const char *prefix;
    const char *net;
    const char *gross;
    int type;
};

static const struct line_kind kinds[] = {
    { "lines", "item", "proratedLinePrice", "proratedLinePriceWithTax", KT_LINE_ITEM },
    { "surcharges", "fee", "price", "priceWithTax", KT_LINE_FEE },
    { "shippingLines", "shipping", "discountedPrice", "discountedPriceWithTax", KT_LINE_SHIPPING },
};

/* What is left of a line, and of an order that was cancelled as a whole what it was. */
static enum kt_rc get_quantity(struct reader *r, const struct kt_json *j, const char *line_id,
                               int64_t *out)
{
    if (!kt_json_int(kt_json_get(j, "quantity"), out))
        return malformed(r, kt_format(r->a, "%s quantity", line_id),
                         kt_json_text_of(j, "quantity"));
    if (*out == 0 && r->is_cancelled && !kt_json_int(kt_json_get(j, "orderPlacedQuantity"), out))
        return malformed(r, kt_format(r->a, "%s orderPlacedQuantity", line_id),
                         kt_json_text_of(j, "orderPlacedQuantity"));
    return KT_OK;
}

static void put_words(struct reader *r, const struct line_kind *kind, const struct kt_json *j,
                      struct kt_order_line *line)
{
    const struct kt_json *tax = kt_json_at(kt_json_get(j, "taxLines"), 0);
    const struct kt_json *variant = kt_json_get(j, "productVariant");
    struct kt_str name = { NULL, 0 };
    if (kind->type == KT_LINE_ITEM)
        name = text_of(r, variant, "name");
    else if (kind->type == KT_LINE_SHIPPING)
        name = text_of(r, kt_json_get(j, "shippingMethod"), "name");
    else
        name = text_of(r, j, "description");
    put_text(line, &kt_order_line_shape, &line->name, name);
    put_text(line, &kt_order_line_shape, &line->sku,
             text_of(r, kind->type == KT_LINE_ITEM ? variant : j, "sku"));
    struct kt_str rate = text_of(r, tax, "description");
    if (rate.n <= TAX_CLASS_MAX) /* a name for people; a long one says nothing to an ERP */
        put_text(line, &kt_order_line_shape, &line->tax_class, rate);
}

/* *is_kept false: the line was taken off the order after it was placed. */
static enum kt_rc decode_line(struct reader *r, const struct line_kind *kind,
                              const struct kt_json *j, struct kt_order_line *line, bool *is_kept)
{
    struct kt_str id = kt_json_text_of(j, "id");
    struct sums sums = { 0 };
    int64_t quantity = 1;
    int type = kind->type;
    if (!vendure_is_id(id))
        return malformed(r, "line id", id);
    const char *line_id = kt_format(r->a, "%s-%s", kind->prefix, id.p);
    enum kt_rc rc = get_sums(r, j, kind->net, kind->gross, kt_format(r->a, "%s ", line_id), &sums);
    if (rc == KT_OK && type == KT_LINE_ITEM)
        rc = get_quantity(r, j, line_id, &quantity);
    *is_kept = quantity != 0;
    if (rc != KT_OK || !*is_kept)
        return rc;
    if (type == KT_LINE_FEE && sums.gross.units < 0)
        type = KT_LINE_DISCOUNT;
    KT_PUT(line, kt_order_line_shape, id, kt_str_of(line_id));
    KT_PUT(line, kt_order_line_shape, type, type);
    KT_PUT(line, kt_order_line_shape, quantity, kt_dec_int(quantity));
    KT_PUT(line, kt_order_line_shape, net, sums.net);
    KT_PUT(line, kt_order_line_shape, tax, sums.tax);
    KT_PUT(line, kt_order_line_shape, gross, sums.gross);
    put_words(r, kind, j, line);
    return KT_OK;
}

static enum kt_rc decode_lines(struct reader *r, struct kt_order *o)
{
    size_t room = 0;
    size_t count = 0;
    for (size_t k = 0; k < KT_COUNT(kinds); k++)
        room += kt_json_count(kt_json_get(r->j, kinds[k].list));
    struct kt_order_line *line = KT_NEW_ARRAY(r->a, room + 1, struct kt_order_line);
    for (size_t k = 0; k < KT_COUNT(kinds); k++) {
        const struct kt_json *list = kt_json_get(r->j, kinds[k].list);
        if (kt_json_type(list) != KT_JSON_LIST)
            return malformed(r, kinds[k].list, KT_STR("no list"));
        for (size_t i = 0; i < kt_json_count(list); i++) {
            bool is_kept = false;
            enum kt_rc rc = decode_line(r, &kinds[k], kt_json_at(list, i), &line[count], &is_kept);
            if (rc != KT_OK)
                return rc;
            count += is_kept ? 1 : 0;
        }
    }
    KT_PUT(o, kt_order_shape, lines, (struct kt_list){ line, count });
    return KT_OK;
}

/* ---- payment */

static bool is_money(const struct kt_json *payment)
{
    struct kt_str state = kt_json_text_of(payment, "state");
    return kt_str_is(state, "Authorized") || kt_str_is(state, "Settled");
}

/* An authorised payment is as good as a settled one: many shops take the money when the goods
 * leave, and whoever waits for it leaves PaymentAuthorized out of order_states. The last payment
 * that counts names the method; without one, the last attempt. */
static enum kt_rc decode_payment(struct reader *r, struct kt_order *o, struct kt_dec total)
{
    const struct kt_json *list = kt_json_get(r->j, "payments");
    const struct kt_json *named = kt_json_at(list, kt_json_count(list) - 1);
    struct kt_dec paid = { 0, r->money->precision };
    for (size_t i = 0; i < kt_json_count(list); i++) {
        const struct kt_json *payment = kt_json_at(list, i);
        struct kt_dec amount = { 0, 0 };
        if (!is_money(payment))
            continue;
        if (!read_amount(r, payment, "amount", &amount) || !kt_dec_add(&paid, paid, amount))
            return malformed(r, "payment amount", kt_json_text_of(payment, "amount"));
        named = payment;
    }
    KT_PUT(o, kt_order_shape, is_paid, kt_dec_cmp(paid, total) >= 0);
    put_text(o, &kt_order_shape, &o->payment_method, text_of(r, named, "method"));
    put_text(o, &kt_order_shape, &o->payment_ref, text_of(r, named, "transactionId"));
    return KT_OK;
}

/* ---- the order's head */

static enum kt_rc get_time(struct reader *r, const char *name, int64_t *out)
{
    struct kt_str text = kt_json_text_of(r->j, name);
    return kt_time_parse(out, text, true) ? KT_OK : malformed(r, name, text);
}

static enum kt_rc decode_head(struct reader *r, struct kt_order *o)
{
    const struct kt_json *customer = kt_json_get(r->j, "customer");
    int64_t placed_us = 0;
    int64_t changed_us = 0;
    enum kt_rc rc = get_time(r, "orderPlacedAt", &placed_us);
    if (rc == KT_OK)
        rc = get_time(r, "updatedAt", &changed_us);
    if (rc != KT_OK)
        return rc;
    KT_PUT(o, kt_order_shape, placed_at, placed_us);
    KT_PUT(o, kt_order_shape, changed_at, changed_us);
    KT_PUT(o, kt_order_shape, status, r->is_cancelled ? KT_ORDER_CANCELLED : KT_ORDER_OPEN);
    KT_PUT(o, kt_order_shape, prices_include_tax, r->money->prices_include_tax);
    KT_PUT(o, kt_order_shape, is_test, false);
    put_text(o, &kt_order_shape, &o->number, r->number);
    put_text(o, &kt_order_shape, &o->currency, text_of(r, r->j, "currencyCode"));
    if (kt_json_get(customer, "user") != NULL && /* guests are customers without a login */
        kt_json_type(kt_json_get(customer, "user")) != KT_JSON_NULL)
        put_text(o, &kt_order_shape, &o->customer, text_of(r, customer, "id"));
    put_text(o, &kt_order_shape, &o->buyer_po,
             kt_str_copy(r->a, vendure_custom(r->j, VENDURE_BUYER_PO)));
    put_text(o, &kt_order_shape, &o->note, kt_str_copy(r->a, vendure_custom(r->j, VENDURE_NOTE)));
    return KT_OK;
}

static enum kt_rc decode_totals(struct reader *r, struct kt_order *o)
{
    struct sums sums = { 0 };
    enum kt_rc rc = get_sums(r, r->j, "total", "totalWithTax", "", &sums);
    if (rc != KT_OK)
        return rc;
    KT_PUT(o, kt_order_shape, net, sums.net);
    KT_PUT(o, kt_order_shape, tax, sums.tax);
    KT_PUT(o, kt_order_shape, gross, sums.gross);
    return decode_payment(r, o, sums.gross);
}

enum kt_rc vendure_decode_order(struct kt_order **out, const struct kt_json *j,
                                const struct vendure_money *money, struct kt_arena *a,
                                struct kt_err *e)
{
    struct reader r = { .j = j, .money = money, .a = a, .e = e };
    struct kt_order *o = KT_NEW(a, struct kt_order);
    struct kt_str id = text_of(&r, j, "id");
    *out = NULL;
    r.number = text_of(&r, j, "code");
    if (r.number.n == 0)
        r.number = id;
    if (!vendure_is_id(id))
        return malformed(&r, "id", id);
    struct kt_str state = kt_json_text_of(j, "state");
    r.is_cancelled = kt_str_is(state, "Cancelled");
    KT_PUT(o, kt_order_shape, is_fulfilled,
           kt_str_is(state, "Shipped") || kt_str_is(state, "Delivered"));
    KT_PUT(o, kt_order_shape, id, id);
    enum kt_rc rc = decode_head(&r, o);
    if (rc == KT_OK)
        rc = decode_lines(&r, o);
    if (rc == KT_OK)
        rc = decode_totals(&r, o);
    if (rc != KT_OK)
        return rc;
    vendure_decode_addresses(o, j, a);
    *out = o;
    return KT_OK;
}
