/* An order of wc/v3 into our record. Amounts are texts over there and stay exact; the floating
 * point "price" of a line is never read. Line totals stand after discounts, so coupon lines are not
 * read either: they would count twice. Dates named _gmt carry no zone. Pure; called by orders.c. */
#include "adapters/channel_woocommerce/decode.h"

#include "adapters/channel_woocommerce/call.h"

struct reader {
    const struct kt_json *j;
    struct kt_arena *a;
    struct kt_str number; /* what messages call the order */
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

static enum kt_rc get_amount(struct reader *r, const struct kt_json *j, const char *name,
                             const char *field, struct kt_dec *out)
{
    struct kt_str text = kt_json_text_of(j, name);
    if (!kt_dec_parse(out, text))
        return malformed(r, field, text);
    return KT_OK;
}

static enum kt_rc get_time(struct reader *r, const char *name, int64_t *out)
{
    struct kt_str text = kt_json_text_of(r->j, name);
    if (!kt_time_parse(out, text, true))
        return malformed(r, name, text);
    return KT_OK;
}

/* ---- lines */

/* How the three lists of lines differ. */
struct line_kind {
    const char *list;
    const char *prefix;
    const char *name; /* member that people read */
    int type;
    bool has_goods;
};

static enum kt_rc decode_line(struct reader *r, const struct line_kind *kind,
                              const struct kt_json *j, struct kt_order_line *line)
{
    struct kt_str id = kt_json_text_of(j, "id");
    struct kt_dec quantity = kt_dec_int(1);
    struct kt_dec net = { 0, 0 };
    struct kt_dec tax = { 0, 0 };
    struct kt_dec gross = { 0, 0 };
    if (id.n == 0)
        return malformed(r, "line id", id);
    const char *line_id = kt_format(r->a, "%s-%s", kind->prefix, id.p);
    enum kt_rc rc = get_amount(r, j, "total", kt_format(r->a, "%s total", line_id), &net);
    if (rc == KT_OK)
        rc = get_amount(r, j, "total_tax", kt_format(r->a, "%s total_tax", line_id), &tax);
    if (rc == KT_OK && kind->has_goods)
        rc = get_amount(r, j, "quantity", kt_format(r->a, "%s quantity", line_id), &quantity);
    if (rc != KT_OK)
        return rc;
    if (!kt_dec_add(&gross, net, tax))
        return malformed(r, line_id, kt_json_text_of(j, "total"));
    KT_PUT(line, kt_order_line_shape, id, kt_str_of(line_id));
    KT_PUT(line, kt_order_line_shape, type, kind->type);
    KT_PUT(line, kt_order_line_shape, quantity, quantity);
    KT_PUT(line, kt_order_line_shape, net, net);
    KT_PUT(line, kt_order_line_shape, tax, tax);
    KT_PUT(line, kt_order_line_shape, gross, gross);
    put_text(line, &kt_order_line_shape, &line->name, text_of(r, j, kind->name));
    if (kind->has_goods)
        put_text(line, &kt_order_line_shape, &line->sku, text_of(r, j, "sku"));
    put_text(line, &kt_order_line_shape, &line->tax_class, text_of(r, j, "tax_class"));
    return KT_OK;
}

static enum kt_rc decode_lines(struct reader *r, struct kt_order *o)
{
    static const struct line_kind kinds[] = {
        { "line_items", "item", "name", KT_LINE_ITEM, true },
        { "shipping_lines", "shipping", "method_title", KT_LINE_SHIPPING, false },
        { "fee_lines", "fee", "name", KT_LINE_FEE, false },
    };
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
            enum kt_rc rc = decode_line(r, &kinds[k], kt_json_at(list, i), &line[count++]);
            if (rc != KT_OK)
                return rc;
        }
    }
    KT_PUT(o, kt_order_shape, lines, (struct kt_list){ line, count });
    return KT_OK;
}

/* ---- the order's head */

/* Paid is what the shop dates as paid and what a person set to completed. */
static void decode_status(struct reader *r, struct kt_order *o)
{
    struct kt_str status = kt_json_text_of(r->j, "status");
    bool is_cancelled = kt_str_is(status, "cancelled") || kt_str_is(status, "failed") ||
                        kt_str_is(status, "refunded") || kt_str_is(status, "trash");
    bool is_completed = kt_str_is(status, "completed");
    bool is_dated = kt_json_text_of(r->j, "date_paid_gmt").n > 0;
    KT_PUT(o, kt_order_shape, status, is_cancelled ? KT_ORDER_CANCELLED : KT_ORDER_OPEN);
    KT_PUT(o, kt_order_shape, is_paid, is_dated || is_completed);
}

/* Payment plug-ins mark what was bought with play money; an entry of our own does the same. */
static bool is_test(const struct kt_json *j)
{
    return kt_str_is(woocommerce_meta(j, "_wcpay_mode"), "test") ||
           kt_str_is(woocommerce_meta(j, "_ppcp_paypal_payment_mode"), "sandbox") ||
           woocommerce_meta(j, "kontor_test").n > 0;
}

static enum kt_rc decode_totals(struct reader *r, struct kt_order *o)
{
    struct kt_dec gross = { 0, 0 };
    struct kt_dec tax = { 0, 0 };
    struct kt_dec net = { 0, 0 };
    enum kt_rc rc = get_amount(r, r->j, "total", "total", &gross);
    if (rc == KT_OK)
        rc = get_amount(r, r->j, "total_tax", "total_tax", &tax);
    if (rc != KT_OK)
        return rc;
    if (!kt_dec_sub(&net, gross, tax))
        return malformed(r, "total", kt_json_text_of(r->j, "total"));
    KT_PUT(o, kt_order_shape, gross, gross);
    KT_PUT(o, kt_order_shape, tax, tax);
    KT_PUT(o, kt_order_shape, net, net);
    return KT_OK;
}

static enum kt_rc decode_times(struct reader *r, struct kt_order *o)
{
    int64_t placed_us = 0;
    int64_t changed_us = 0;
    enum kt_rc rc = get_time(r, "date_created_gmt", &placed_us);
    if (rc == KT_OK)
        rc = get_time(r, "date_modified_gmt", &changed_us);
    if (rc != KT_OK)
        return rc;
    KT_PUT(o, kt_order_shape, placed_at, placed_us);
    KT_PUT(o, kt_order_shape, changed_at, changed_us);
    return KT_OK;
}

static void decode_head(struct reader *r, struct kt_order *o)
{
    struct kt_str customer = text_of(r, r->j, "customer_id");
    put_text(o, &kt_order_shape, &o->number, r->number);
    put_text(o, &kt_order_shape, &o->language,
             kt_str_copy(r->a, woocommerce_meta(r->j, "wpml_language")));
    put_text(o, &kt_order_shape, &o->currency, text_of(r, r->j, "currency"));
    if (!kt_str_is(customer, "0")) /* 0 is how the shop says guest */
        put_text(o, &kt_order_shape, &o->customer, customer);
    put_text(o, &kt_order_shape, &o->buyer_po,
             kt_str_copy(r->a, woocommerce_meta(r->j, "_po_number")));
    put_text(o, &kt_order_shape, &o->payment_method, text_of(r, r->j, "payment_method"));
    put_text(o, &kt_order_shape, &o->payment_ref, text_of(r, r->j, "transaction_id"));
    put_text(o, &kt_order_shape, &o->note, text_of(r, r->j, "customer_note"));
    KT_PUT(o, kt_order_shape, prices_include_tax,
           kt_json_is_true(kt_json_get(r->j, "prices_include_tax")));
    KT_PUT(o, kt_order_shape, is_test, is_test(r->j));
}

enum kt_rc woocommerce_decode_order(struct kt_order **out, const struct kt_json *j,
                                    const char *installation, struct kt_arena *a, struct kt_err *e)
{
    struct reader r = { .j = j, .a = a, .e = e };
    struct kt_order *o = KT_NEW(a, struct kt_order);
    struct kt_str id = text_of(&r, j, "id");
    *out = NULL;
    r.number = text_of(&r, j, "number");
    if (r.number.n == 0)
        r.number = id;
    if (!woocommerce_is_id(id))
        return malformed(&r, "id", id);
    KT_PUT(o, kt_order_shape, installation, kt_str_copy(a, kt_str_of(installation)));
    KT_PUT(o, kt_order_shape, id, id);
    decode_head(&r, o);
    decode_status(&r, o);
    woocommerce_decode_addresses(o, j, a);
    enum kt_rc rc = decode_times(&r, o);
    if (rc == KT_OK)
        rc = decode_lines(&r, o);
    if (rc == KT_OK)
        rc = decode_totals(&r, o);
    if (rc == KT_OK)
        *out = o;
    return rc;
}
