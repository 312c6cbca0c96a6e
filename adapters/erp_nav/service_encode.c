/* Our order into the codeunit's request. No network; called by service_order.c and by the order's
 * check on the session's thread. */
#include "service_encode.h"

#include <string.h>

#include "address.h"
#include "lists.h"
#include "service_conf.h"
#include "session.h"
#include "text.h"

/* Digits that NAV's decimals take without rounding, and lengths of its search fields. */
enum {
    DIGITS = 5,
    SHORT_TEXT = 50,
    LONG_TEXT = 100, /* from Business Central 14 on */
    VAT_ID_MAX = 20
};

/* Text for NAV: control characters become blanks; cut at `most` characters (0: not). */
static char *send_text(struct kt_str text, size_t most, struct kt_arena *a)
{
    struct kt_str s = kt_str_trim(text);
    char *copy = kt_alloc(a, s.n + 1);
    size_t characters = 0;
    size_t out = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c & 0xC0) != 0x80 && most > 0 && ++characters > most)
            break;
        copy[out++] = c < 0x20 || c == 0x7f ? ' ' : s.p[i];
    }
    copy[out] = '\0';
    return copy;
}

static char *send_day(struct kt_day day, struct kt_arena *a)
{
    char text[KT_TIME_TEXT_MAX] = "";
    if (day.y != 0)
        kt_day_text(day, text);
    return kt_text_copy(a, text);
}

/* Shops compute with more digits than NAV keeps; the sums are compared with a tolerance. */
static char *send_dec(struct kt_dec d, struct kt_arena *a)
{
    char text[KT_DEC_TEXT_MAX];
    kt_dec_text(d.scale > DIGITS ? kt_dec_round_half_up(d, DIGITS) : d, text);
    return kt_text_copy(a, text);
}

static bool is_bc(const struct kt_nav_conf *conf)
{
    return conf->text_lengths == KT_NAV_LENGTHS_BC;
}

static size_t text_most(const struct kt_nav_conf *conf)
{
    return is_bc(conf) ? LONG_TEXT : SHORT_TEXT;
}

static void encode_partner(struct navorder__Partner *out, const char *role,
                           const struct kt_nav_conf *conf, const struct kt_address *in,
                           struct kt_arena *a)
{
    struct kt_nav_address parts;
    kt_nav_address(&parts, in, is_bc(conf));
    out->Role = kt_text_copy(a, role);
    out->Name = send_text(parts.name, 0, a);
    out->Name2 = send_text(parts.name_2, 0, a);
    out->Contact = send_text(parts.contact, 0, a);
    out->Address = send_text(parts.address, 0, a);
    out->Address2 = send_text(parts.address_2, 0, a);
    out->PostCode = send_text(parts.post_code, 0, a);
    out->City = send_text(parts.city, 0, a);
    out->County = send_text(parts.county, 0, a);
    out->CountryCode = send_text(kt_nav_country_code(conf, parts.country), 0, a);
    out->Phone = send_text(parts.phone, 0, a);
    out->Email = send_text(parts.email, 0, a);
    out->VatId = send_text(in->vat_id, 0, a);
}

static const char *account_of(const struct kt_nav_conf *conf, int type)
{
    switch ((enum kt_order_line_type)type) {
    case KT_LINE_SHIPPING:
        return conf->shipping_account;
    case KT_LINE_FEE:
        return conf->fee_account;
    case KT_LINE_DISCOUNT:
        return conf->discount_account;
    case KT_LINE_ITEM:
        break;
    }
    return NULL;
}

enum kt_rc kt_nav_check_accounts(const struct kt_nav_conf *conf, const struct kt_order *order,
                                 struct kt_err *e)
{
    static const char *const settings[] = { [KT_LINE_ITEM] = "",
                                            [KT_LINE_SHIPPING] = "shipping_account",
                                            [KT_LINE_FEE] = "fee_account",
                                            [KT_LINE_DISCOUNT] = "discount_account" };
    const struct kt_order_line *line = order->lines.item;
    for (size_t i = 0; i < order->lines.count; i++) {
        if (line[i].type != KT_LINE_ITEM && account_of(conf, line[i].type) == NULL)
            return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_ACCOUNT_MISSING,
                           KT_P_TEXT("order", order->number.p), KT_P_NUM("line", i + 1),
                           KT_P_TEXT("setting", settings[line[i].type]));
    }
    return KT_OK;
}

static void encode_line(struct navorder__Line *out, const struct kt_erp *erp,
                        const struct kt_order_line *line, struct kt_arena *a)
{
    struct kt_nav_account account;
    const char *text = account_of(erp->conf, line->type);
    if (text == NULL || !kt_nav_account_parse(&account, text)) /* checked before */
        account = (struct kt_nav_account){ "", "" };
    bool is_item = line->type == KT_LINE_ITEM;
    out->LineId = send_text(line->id, 0, a);
    out->Type = kt_text_copy(a, is_item ? "Item" : account.type);
    out->No = is_item ? send_text(line->sku, 0, a) : kt_text_copy(a, account.no);
    out->Description = send_text(line->name, text_most(erp->conf), a); /* only for people to read */
    out->Quantity = send_dec(line->quantity.units == 0 ? kt_dec_int(1) : line->quantity, a);
    out->UnitCode = send_text(is_item ? kt_nav_unit_code(erp, line->unit) : KT_STR(""), 0, a);
    out->Net = send_dec(line->net, a);
    out->Vat = send_dec(line->tax, a);
    out->Gross = send_dec(line->gross, a);
}

static struct kt_dec net_of(const struct kt_order *order)
{
    struct kt_dec net = order->net;
    if (KT_HAS(order, kt_order_shape, net) || kt_dec_sub(&net, order->gross, order->tax))
        return net;
    return order->net;
}

static void encode_header(struct navorder__KontorOrder *out, const struct kt_nav_conf *conf,
                          const struct kt_order *order, const struct kt_order_terms *terms,
                          struct kt_arena *a)
{
    struct kt_str customer =
        terms->customer.n > 0 ? terms->customer : kt_str_of(conf->one_time_customer);
    bool is_shop = terms->pricing == KT_PRICING_SHOP;
    out->CustomerNo = send_text(customer, 0, a);
    out->ExternalDocumentNo = send_text(order->number, 0, a);
    out->YourReference = send_text(order->buyer_po, 0, a);
    out->OrderDate = send_day(kt_day_of(order->placed_at), a);
    out->RequestedDeliveryDate = send_day(order->requested, a);
    out->CurrencyCode = send_text(order->currency, 0, a);
    out->LanguageCode = send_text(kt_nav_language_code(conf, order->language), 0, a);
    out->PaymentMethodCode = kt_text_copy(a, kt_nav_payment(conf, order->payment_method));
    out->PaymentRef = send_text(order->payment_ref, 0, a);
    out->Pricing = kt_text_copy(a, is_shop ? "shop" : "erp");
    out->PricesIncludeVat = kt_text_copy(a, order->prices_include_tax ? "true" : "false");
    out->Tolerance = send_dec(terms->sum_tolerance, a);
    out->Net = send_dec(net_of(order), a);
    out->Vat = send_dec(order->tax, a);
    out->Gross = send_dec(order->gross, a);
}

void kt_nav_encode_order(struct navorder__KontorOrder *out, const struct kt_erp *erp,
                         const struct kt_order *order, const struct kt_order_terms *terms,
                         struct kt_arena *a)
{
    const struct kt_nav_conf *conf = erp->conf;
    const struct kt_order_line *line = order->lines.item;
    *out = (struct navorder__KontorOrder){ 0 };
    encode_header(out, conf, order, terms, a);
    out->__sizePartner = 2;
    out->Partner = KT_NEW_ARRAY(a, 2, struct navorder__Partner);
    encode_partner(&out->Partner[0], "SellTo", conf, &order->billing, a);
    encode_partner(&out->Partner[1], "ShipTo", conf, kt_nav_ship_to(order), a);
    out->__sizeLine = (int)order->lines.count;
    out->Line = KT_NEW_ARRAY(a, order->lines.count + 1, struct navorder__Line);
    for (size_t i = 0; i < order->lines.count; i++)
        encode_line(&out->Line[i], erp, &line[i], a);
}

static char *send_if_it_fits(struct kt_str value, size_t most, struct kt_arena *a)
{
    struct kt_str s = kt_str_trim(value);
    return send_text(kt_utf8_count(s) <= most ? s : KT_STR(""), 0, a);
}

void kt_nav_encode_search(struct _nav__FindCustomers *out, const struct kt_nav_conf *conf,
                          const struct kt_order *order, struct kt_arena *a)
{
    const struct kt_address *buyer = &order->billing;
    struct kt_str name = buyer->company.n > 0 ? buyer->company : buyer->name;
    out->email = send_if_it_fits(buyer->email, KT_NAV_EMAIL_MAX, a);
    out->vatId = send_if_it_fits(buyer->vat_id, VAT_ID_MAX, a);
    out->name = send_if_it_fits(name, text_most(conf), a);
    out->postCode = send_if_it_fits(buyer->postcode, KT_NAV_POST_CODE_MAX, a);
    out->country = send_text(kt_nav_country_code(conf, buyer->country), 0, a);
}
