/* The order against the lengths of NAV's fields, before NAV is asked. Pure; called by adapter.c. */
#include "order_check.h"

#include <stdio.h>
#include <string.h>

#include "address.h"
#include "service_encode.h"

/* Of Sales Header and Sales Line; the same in NAV 2016 and Business Central. */
enum {
    REFERENCE_MAX = 35,
    ITEM_NO_MAX = 20,
    VARIANT_MAX = 10,
    UNIT_MAX = 10,
    VAT_ID_MAX = 20,
    QUANTITY_DIGITS = 5
};

struct limit {
    const char *field;
    struct kt_str value;
    size_t limit;
};

static enum kt_rc too_long(const struct kt_order *order, const struct limit *at, struct kt_err *e)
{
    char text[KT_PARAM_MAX];
    (void)snprintf(text, sizeof text, "%.*s", (int)kt_utf8_fit(at->value, sizeof text - 1),
                   at->value.p);
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_FIELD_TOO_LONG,
                   KT_P_TEXT("order", order->number.p), KT_P_TEXT("field", at->field),
                   KT_P_PERSON("value", text), KT_P_NUM("limit", at->limit));
}

static enum kt_rc check_limits(const struct kt_order *order, const struct limit *limit,
                               size_t count, struct kt_err *e)
{
    for (size_t i = 0; i < count; i++) {
        if (kt_utf8_count(kt_str_trim(limit[i].value)) > limit[i].limit)
            return too_long(order, &limit[i], e);
    }
    return KT_OK;
}

static enum kt_rc check_address(const struct kt_nav_conf *conf, const struct kt_order *order,
                                const struct kt_address *in, bool is_delivery, struct kt_err *e)
{
    bool is_bc = conf->text_lengths == KT_NAV_LENGTHS_BC;
    struct kt_nav_address parts;
    kt_nav_address(&parts, in, is_bc);
#define NAMED(what) is_delivery ? "delivery " what : "billing " what
    const struct limit limit[] = {
        { NAMED("street"), parts.address, kt_nav_name_max(is_bc) },
        { NAMED("street, second line"), parts.address_2, KT_NAV_ADDRESS_2_MAX },
        { NAMED("name"), parts.name, kt_nav_name_max(is_bc) },
        { NAMED("contact"), parts.contact, kt_nav_contact_max(is_bc) },
        { NAMED("postal code"), parts.post_code, KT_NAV_POST_CODE_MAX },
        { NAMED("city"), parts.city, KT_NAV_CITY_MAX },
        { NAMED("phone"), parts.phone, KT_NAV_PHONE_MAX },
        { NAMED("e-mail"), parts.email, KT_NAV_EMAIL_MAX },
        { NAMED("VAT number"), in->vat_id, VAT_ID_MAX },
    };
#undef NAMED
    return check_limits(order, limit, KT_COUNT(limit), e);
}

static enum kt_rc check_line(const struct kt_nav_conf *conf, const struct kt_order *order,
                             const struct kt_order_line *line, size_t number, struct kt_err *e)
{
    char sku[64];
    char unit[64];
    char quantity[64];
    char value[KT_DEC_TEXT_MAX];
    (void)snprintf(sku, sizeof sku, "article number of line %zu", number);
    (void)snprintf(unit, sizeof unit, "unit of line %zu", number);
    const struct limit limit[] = {
        { sku, line->sku, ITEM_NO_MAX + VARIANT_MAX + strlen(conf->variant_separator) },
        { unit, line->unit, UNIT_MAX },
    };
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

enum kt_rc kt_nav_check_order(const struct kt_nav_conf *conf, const struct kt_order *order,
                              struct kt_err *e)
{
    const struct kt_order_line *line = order->lines.item;
    const struct limit limit[] = { { "order number", order->number, REFERENCE_MAX },
                                   { "purchase order number", order->buyer_po, REFERENCE_MAX } };
    enum kt_rc rc = check_address(conf, order, kt_nav_ship_to(order), true, e);
    if (rc == KT_OK)
        rc = check_address(conf, order, &order->billing, false, e);
    if (rc == KT_OK)
        rc = check_limits(order, limit, KT_COUNT(limit), e);
    for (size_t i = 0; rc == KT_OK && i < order->lines.count; i++)
        rc = check_line(conf, order, &line[i], i + 1, e);
    return rc == KT_OK ? kt_nav_check_accounts(conf, order, e) : rc;
}
