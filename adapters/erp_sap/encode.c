/* Our order into the wrapper's request, and the check that it fits. No network; called by call.c
 * and adapter.c on the session's thread. */
#include "encode.h"

#include <stdio.h>
#include <string.h>

#include "address.h"

/* Lengths of the contract (wsdl/sap/kontor_z.wsdl), in characters. */
enum {
    PO_MAX = 35,
    SHOP_ORDER_MAX = 35,
    PAYMENT_REF_MAX = 60,
    NAME_MAX_ = 40,
    STREET_MAX = 60,
    POSTCODE_MAX = 10,
    CITY_MAX = 40,
    PHONE_MAX = 30,
    EMAIL_MAX = 241,
    SKU_MAX = 40,
    TEXT_MAX = 40,
    UNIT_MAX = 3,
    VAT_ID_MAX = 20,
    QUANTITY_DIGITS = 3,
    AMOUNT_DIGITS = 4,
    POSITION_STEP = 10
};

char *kt_sap_send(struct kt_str text, size_t most, struct kt_arena *a)
{
    struct kt_str s = kt_str_trim(text);
    char *copy = kt_alloc(a, s.n + 1);
    size_t out = 0;
    size_t characters = 0;
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
    char text[KT_TIME_TEXT_MAX] = "0000-00-00";
    if (day.y != 0)
        kt_day_text(day, text);
    return kt_text_copy(a, text);
}

/* Shops compute with more digits than SAP's amounts have; the sums are compared with a tolerance.
 */
static struct kt_soap_dec send_dec(struct kt_dec d, uint8_t digits)
{
    struct kt_dec fit = d.scale > digits ? kt_dec_round_half_up(d, digits) : d;
    return (struct kt_soap_dec){ fit.units, fit.scale };
}

static char *send_upper(struct kt_str text, size_t most, struct kt_arena *a)
{
    char *out = kt_sap_send(text, most, a);
    for (char *p = out; *p != '\0'; p++) {
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    }
    return out;
}

static const struct kt_address *ship_to(const struct kt_order *order)
{
    bool is_empty = order->shipping.street.n == 0 && order->shipping.city.n == 0;
    return is_empty ? &order->billing : &order->shipping;
}

static void encode_partner(struct sap__ZKONTOR_S_PARTNER *out, const char *role,
                           const struct kt_address *in, char *kunnr, struct kt_arena *a)
{
    struct kt_sap_address parts;
    kt_sap_address(&parts, in);
    out->ROLE = kt_text_copy(a, role);
    out->KUNNR = kunnr;
    out->NAME1 = kt_sap_send(parts.name1, 0, a);
    out->NAME2 = kt_sap_send(parts.name2, 0, a);
    if (parts.name2_too.n > 0)
        out->NAME2 = kt_format(a, "%s, %s", out->NAME2, kt_sap_send(parts.name2_too, 0, a));
    out->STREET = kt_sap_send(parts.street, 0, a);
    out->HOUSE_NO = kt_sap_send(parts.house_no, 0, a);
    out->POSTL_CODE = kt_sap_send(in->postcode, 0, a);
    out->CITY = kt_sap_send(in->city, 0, a);
    out->REGION = kt_sap_send(parts.region, 0, a);
    out->COUNTRY = send_upper(in->country, 2, a);
    out->PHONE = kt_sap_send(in->phone, 0, a);
    out->EMAIL = kt_sap_send(in->email, 0, a);
}

static void encode_item(struct sap__ZKONTOR_S_ITEM *out, const struct kt_order_line *line,
                        size_t index, struct kt_arena *a)
{
    static const char *const kinds[] = { [KT_LINE_ITEM] = "item",
                                         [KT_LINE_SHIPPING] = "shipping",
                                         [KT_LINE_FEE] = "fee",
                                         [KT_LINE_DISCOUNT] = "discount" };
    bool is_item = line->type == KT_LINE_ITEM;
    out->POSNR = kt_format(a, "%06zu", (index + 1) * POSITION_STEP);
    out->KIND = kt_text_copy(a, kinds[line->type]);
    out->MATNR = kt_sap_send(is_item ? line->sku : KT_STR(""), 0, a);
    out->TEXT = kt_sap_send(line->name, TEXT_MAX, a); /* only for people to read */
    out->QTY =
        send_dec(line->quantity.units == 0 ? kt_dec_int(1) : line->quantity, QUANTITY_DIGITS);
    out->UNIT = kt_sap_send(line->unit, 0, a);
    out->NET = send_dec(line->net, AMOUNT_DIGITS);
    out->TAX = send_dec(line->tax, AMOUNT_DIGITS);
    out->GROSS = send_dec(line->gross, AMOUNT_DIGITS);
}

static struct kt_dec net_of(const struct kt_order *order)
{
    struct kt_dec net = order->net;
    if (KT_HAS(order, kt_order_shape, net) || kt_dec_sub(&net, order->gross, order->tax))
        return net;
    return order->net;
}

static void encode_header(struct sap__ZKONTOR_S_HEADER *out, const struct kt_sap_conf *conf,
                          const struct kt_order *order, const struct kt_order_terms *terms,
                          struct kt_arena *a)
{
    out->DOC_TYPE = kt_text_copy(a, conf->doc_type);
    out->SALES_ORG = kt_text_copy(a, conf->sales_org);
    out->DISTR_CHAN = kt_text_copy(a, conf->distribution_channel);
    out->DIVISION = kt_text_copy(a, conf->division);
    out->CURRENCY = kt_sap_send(order->currency, 0, a);
    out->CUSTOMER_PO = kt_sap_send(order->buyer_po, 0, a);
    out->SHOP_ORDER = kt_sap_send(order->number, 0, a);
    out->ORDER_DATE = send_day(kt_day_of(order->placed_at), a);
    out->REQ_DATE = send_day(order->requested, a);
    out->LANGU = send_upper(order->language, 2, a);
    out->PAYMENT = kt_text_copy(a, kt_sap_payment(conf, order->payment_method));
    out->PAYMENT_REF = kt_sap_send(order->payment_ref, 0, a);
    out->SHOP_NET = send_dec(net_of(order), AMOUNT_DIGITS);
    out->SHOP_TAX = send_dec(order->tax, AMOUNT_DIGITS);
    out->SHOP_GROSS = send_dec(order->gross, AMOUNT_DIGITS);
    out->BLOCK_IF_DIFFERS = kt_text_copy(a, terms->pricing == KT_PRICING_SHOP ? "X" : "");
    out->TOLERANCE = send_dec(terms->sum_tolerance, AMOUNT_DIGITS);
}

void kt_sap_encode_order(struct _sap__Z_KONTOR_ORDER_CREATE *out, const struct kt_sap_conf *conf,
                         const char *our_key, const struct kt_order *order,
                         const struct kt_order_terms *terms, struct kt_arena *a)
{
    const struct kt_order_line *line = order->lines.item;
    struct kt_str number =
        terms->customer.n > 0 ? terms->customer : kt_str_of(conf->one_time_customer);
    char *kunnr = kt_sap_send(number, 0, a);

    *out = (struct _sap__Z_KONTOR_ORDER_CREATE){ 0 };
    out->IV_KEY = kt_text_copy(a, our_key);
    out->IS_HEADER = KT_NEW(a, struct sap__ZKONTOR_S_HEADER);
    encode_header(out->IS_HEADER, conf, order, terms, a);
    out->IT_PARTNER = KT_NEW(a, struct sap__ZKONTOR_T_PARTNER);
    out->IT_PARTNER->__sizeitem = 3;
    out->IT_PARTNER->item = KT_NEW_ARRAY(a, 3, struct sap__ZKONTOR_S_PARTNER);
    encode_partner(&out->IT_PARTNER->item[0], "AG", &order->billing, kunnr, a);
    encode_partner(&out->IT_PARTNER->item[1], "WE", ship_to(order), kunnr, a);
    encode_partner(&out->IT_PARTNER->item[2], "RE", &order->billing, kunnr, a);
    out->IT_ITEM = KT_NEW(a, struct sap__ZKONTOR_T_ITEM);
    out->IT_ITEM->__sizeitem = (int)order->lines.count;
    out->IT_ITEM->item = KT_NEW_ARRAY(a, order->lines.count + 1, struct sap__ZKONTOR_S_ITEM);
    for (size_t i = 0; i < order->lines.count; i++)
        encode_item(&out->IT_ITEM->item[i], &line[i], i, a);
}

bool kt_sap_line_of_position(struct kt_str posnr, const struct kt_order *order, size_t *line)
{
    size_t position = 0;
    if (order == NULL || posnr.n == 0 || posnr.n > 6)
        return false;
    for (size_t i = 0; i < posnr.n; i++) {
        if (posnr.p[i] < '0' || posnr.p[i] > '9')
            return false;
        position = position * 10 + (size_t)(posnr.p[i] - '0');
    }
    *line = position / POSITION_STEP - (position >= POSITION_STEP ? 1 : 0);
    return position >= POSITION_STEP && position % POSITION_STEP == 0 && *line < order->lines.count;
}

static enum kt_rc too_long(const struct kt_order *order, const char *field, struct kt_str value,
                           int limit, struct kt_err *e)
{
    char text[KT_PARAM_MAX];
    (void)snprintf(text, sizeof text, "%.*s", (int)kt_utf8_fit(value, sizeof text - 1), value.p);
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_FIELD_TOO_LONG,
                   KT_P_TEXT("order", order->number.p), KT_P_TEXT("field", field),
                   KT_P_PERSON("value", text), KT_P_NUM("limit", limit));
}

struct limit {
    const char *field;
    struct kt_str value;
    int limit;
};

static enum kt_rc check_limits(const struct kt_order *order, const struct limit *limit,
                               size_t count, struct kt_err *e)
{
    for (size_t i = 0; i < count; i++) {
        if (kt_utf8_count(kt_str_trim(limit[i].value)) > (size_t)limit[i].limit)
            return too_long(order, limit[i].field, limit[i].value, limit[i].limit, e);
    }
    return KT_OK;
}

static enum kt_rc check_address(const struct kt_order *order, const struct kt_address *in,
                                bool is_delivery, struct kt_err *e)
{
    struct kt_sap_address parts;
    kt_sap_address(&parts, in);
#define NAMED(what) is_delivery ? "delivery " what : "billing " what
    const struct limit limit[] = { { NAMED("street"), parts.street, STREET_MAX },
                                   { NAMED("name"), parts.name1, NAME_MAX_ },
                                   { NAMED("postal code"), in->postcode, POSTCODE_MAX },
                                   { NAMED("city"), in->city, CITY_MAX },
                                   { NAMED("phone"), in->phone, PHONE_MAX },
                                   { NAMED("e-mail"), in->email, EMAIL_MAX } };
    enum kt_rc rc = check_limits(order, limit, KT_COUNT(limit), e);
    if (rc == KT_OK && kt_sap_name2_length(&parts) > NAME_MAX_)
        rc = too_long(order, NAMED("name, second line"), parts.name2, NAME_MAX_, e);
#undef NAMED
    return rc;
}

static enum kt_rc check_line(const struct kt_order *order, const struct kt_order_line *line,
                             size_t number, struct kt_err *e)
{
    char sku[64];
    char unit[64];
    char quantity[64];
    char value[KT_DEC_TEXT_MAX];
    (void)snprintf(sku, sizeof sku, "article number of line %zu", number);
    (void)snprintf(unit, sizeof unit, "unit of line %zu", number);
    const struct limit limit[] = { { sku, line->sku, SKU_MAX }, { unit, line->unit, UNIT_MAX } };
    enum kt_rc rc = check_limits(order, limit, KT_COUNT(limit), e);
    if (rc == KT_OK && kt_dec_trim(line->quantity).scale > QUANTITY_DIGITS) {
        (void)snprintf(quantity, sizeof quantity, "quantity of line %zu", number);
        kt_dec_text(line->quantity, value);
        rc = kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_MALFORMED,
                     KT_P_TEXT("order", order->number.p), KT_P_TEXT("field", quantity),
                     KT_P_TEXT("value", value));
    }
    return rc;
}

enum kt_rc kt_sap_check_order(const struct kt_order *order, struct kt_err *e)
{
    const struct kt_order_line *line = order->lines.item;
    const struct limit limit[] = { { "order number", order->number, SHOP_ORDER_MAX },
                                   { "purchase order number", order->buyer_po, PO_MAX },
                                   { "payment reference", order->payment_ref, PAYMENT_REF_MAX } };
    enum kt_rc rc = check_address(order, ship_to(order), true, e);
    if (rc == KT_OK)
        rc = check_address(order, &order->billing, false, e);
    if (rc == KT_OK)
        rc = check_limits(order, limit, KT_COUNT(limit), e);
    for (size_t i = 0; rc == KT_OK && i < order->lines.count; i++)
        rc = check_line(order, &line[i], i + 1, e);
    return rc;
}

static char *send_if_it_fits(struct kt_str value, size_t most, struct kt_arena *a)
{
    struct kt_str s = kt_str_trim(value);
    return kt_sap_send(kt_utf8_count(s) <= most ? s : KT_STR(""), 0, a);
}

void kt_sap_encode_search(struct _sap__Z_KONTOR_CUSTOMER_FIND *out, const struct kt_order *order,
                          struct kt_arena *a)
{
    const struct kt_address *buyer = &order->billing;
    struct kt_str name = buyer->company.n > 0 ? buyer->company : buyer->name;
    out->IV_EMAIL = send_if_it_fits(buyer->email, EMAIL_MAX, a);
    out->IV_VAT_ID = send_if_it_fits(buyer->vat_id, VAT_ID_MAX, a);
    out->IV_NAME = send_if_it_fits(name, NAME_MAX_, a);
    out->IV_POSTL_CODE = send_if_it_fits(buyer->postcode, POSTCODE_MAX, a);
    out->IV_COUNTRY = send_upper(buyer->country, 2, a);
}
