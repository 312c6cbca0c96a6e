#ifndef KT_TEST_NAV_TALKING_H
#define KT_TEST_NAV_TALKING_H

/* Answers and faults of the codeunit in a script, and a sound order of an invented customer.
 * Include after cmocka.h. */
#include "model/order.h"
#include "playing.h"

#define CODEUNIT "urn:microsoft-dynamics-schemas/codeunit/KontorService"
#define ENVELOPE \
    "<Soap:Envelope xmlns:Soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><Soap:Body>"
#define TRAILER "</Soap:Body></Soap:Envelope>"

/* What NAV answers to an operation with one XMLport parameter. inner: its content, with the prefix
 * p for the XMLport's namespace. */
static inline void told(struct playing *t, const char *operation, const char *parameter, int port,
                        const char *inner)
{
    const char *body =
        kt_format(t->arena,
                  ENVELOPE "<%s_Result xmlns=\"" CODEUNIT
                           "\"><%s xmlns:p=\"urn:microsoft-dynamics-nav/xmlports/x%d\">%s</%s>"
                           "</%s_Result>" TRAILER,
                  operation, parameter, port, inner, parameter, operation);
    script_add(&t->nav, kt_format(t->arena, "%s:%s", CODEUNIT, operation), NULL, "200 OK", body, 1);
}

static inline void refused(struct playing *t, const char *operation, const char *type,
                           const char *text)
{
    const char *body = kt_format(
        t->arena,
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault>"
        "<faultcode xmlns:a=\"urn:microsoft-dynamics-schemas/error\">a:%s</faultcode>"
        "<faultstring xml:lang=\"es-ES\">%s</faultstring><detail>"
        "<string xmlns=\"http://schemas.microsoft.com/2003/10/Serialization/\">%s</string>"
        "</detail></s:Fault></s:Body></s:Envelope>",
        type, text, text);
    script_add(&t->nav, kt_format(t->arena, "%s:%s", CODEUNIT, operation), NULL,
               "500 Internal Server Error", body, 1);
}

static inline void odd(struct playing *t, const char *operation, const char *status,
                       const char *body)
{
    script_add(&t->nav, kt_format(t->arena, "%s:%s", CODEUNIT, operation), NULL, status, body, 1);
}

static inline void sample_line(struct kt_order_line *l, const char *id, int type, const char *sku,
                               int64_t quantity, int64_t net, int64_t tax, int64_t gross)
{
    *l = (struct kt_order_line){ 0 };
    (void)KT_PUT(l, kt_order_line_shape, id, kt_str_of(id));
    (void)KT_PUT(l, kt_order_line_shape, type, type);
    (void)KT_PUT(l, kt_order_line_shape, sku, kt_str_of(sku));
    (void)KT_PUT(l, kt_order_line_shape, name,
                 kt_str_of("A näme that is longer than the fifty characters NAV has"));
    (void)KT_PUT(l, kt_order_line_shape, quantity, kt_dec_int(quantity));
    (void)KT_PUT(l, kt_order_line_shape, net, ((struct kt_dec){ net, 2 }));
    (void)KT_PUT(l, kt_order_line_shape, tax, ((struct kt_dec){ tax, 2 }));
    (void)KT_PUT(l, kt_order_line_shape, gross, ((struct kt_dec){ gross, 2 }));
}

/* An item with a variant, shipping, a discount. */
static inline void sample_order(struct kt_order *o, struct kt_order_line line[3])
{
    *o = (struct kt_order){ 0 };
    sample_line(&line[0], "item-12", KT_LINE_ITEM, "1000.BLACK", 2, 10000, 1900, 11900);
    sample_line(&line[1], "shipping-3", KT_LINE_SHIPPING, "", 1, 412, 78, 490);
    sample_line(&line[2], "discount-1", KT_LINE_DISCOUNT, "", 1, -100, 0, -100);
    (void)KT_PUT(o, kt_order_shape, installation, KT_STR("https://shop.example"));
    (void)KT_PUT(o, kt_order_shape, id, KT_STR("77"));
    (void)KT_PUT(o, kt_order_shape, number, KT_STR("2026-77"));
    (void)KT_PUT(o, kt_order_shape, placed_at, INT64_C(1795286400) * KT_SECOND);
    (void)KT_PUT(o, kt_order_shape, language, KT_STR("de"));
    (void)KT_PUT(o, kt_order_shape, currency, KT_STR("EUR"));
    (void)KT_PUT(o, kt_order_shape, buyer_po, KT_STR("PO 9"));
    (void)KT_PUT(o, kt_order_shape, payment_method, KT_STR("paypal"));
    (void)KT_PUT(o, kt_order_shape, payment_ref, KT_STR("TX-1"));
    o->billing.company = KT_STR("Muster & Co");
    o->billing.name = KT_STR("Erika Muster");
    o->billing.street = KT_STR("Musterstraße 12 a");
    o->billing.postcode = KT_STR("10115");
    o->billing.city = KT_STR("Berlin");
    o->billing.country = KT_STR("DE");
    o->billing.email = KT_STR("erika@example.com");
    o->billing.vat_id = KT_STR("DE123456789");
    (void)KT_PUT(o, kt_order_shape, lines, ((struct kt_list){ line, 3 }));
    (void)KT_PUT(o, kt_order_shape, tax, ((struct kt_dec){ 1978, 2 }));
    (void)KT_PUT(o, kt_order_shape, gross, ((struct kt_dec){ 12290, 2 }));
}

#endif
