#ifndef KT_TEST_SAP_SAMPLE_H
#define KT_TEST_SAP_SAMPLE_H

/* A sound order of an invented customer and the settings of a connection. */
#include "adapters/erp_sap/conf.h"
#include "model/order.h"

static inline struct kt_str sample_text(const char *text)
{
    return kt_str_of(text);
}

#define SAMPLE_DEC(n, s) ((struct kt_dec){ (n), (s) })

static inline void sample_line(struct kt_order_line *l, const char *id, int type, const char *sku,
                               int64_t quantity, int64_t net, int64_t tax, int64_t gross)
{
    (void)KT_PUT(l, kt_order_line_shape, id, sample_text(id));
    (void)KT_PUT(l, kt_order_line_shape, type, type);
    (void)KT_PUT(l, kt_order_line_shape, sku, sample_text(sku));
    (void)KT_PUT(l, kt_order_line_shape, name,
                 sample_text("A näme that is longer than forty "
                             "characters"));
    (void)KT_PUT(l, kt_order_line_shape, quantity, SAMPLE_DEC(quantity, 0));
    (void)KT_PUT(l, kt_order_line_shape, net, SAMPLE_DEC(net, 2));
    (void)KT_PUT(l, kt_order_line_shape, tax, SAMPLE_DEC(tax, 2));
    (void)KT_PUT(l, kt_order_line_shape, gross, SAMPLE_DEC(gross, 2));
    if (type == KT_LINE_ITEM)
        (void)KT_PUT(l, kt_order_line_shape, unit, sample_text("PCE"));
}

static inline void sample_order(struct kt_order *o, struct kt_order_line line[3])
{
    *o = (struct kt_order){ 0 };
    for (int i = 0; i < 3; i++)
        line[i] = (struct kt_order_line){ 0 };
    sample_line(&line[0], "item-12", KT_LINE_ITEM, "K-1", 2, 10000, 1900, 11900);
    sample_line(&line[1], "item-13", KT_LINE_ITEM, "K-2", 1, 412, 78, 490);
    sample_line(&line[2], "discount-1", KT_LINE_DISCOUNT, "", 1, -100, 0, -100);
    (void)KT_PUT(o, kt_order_shape, installation, sample_text("https://shop.example"));
    (void)KT_PUT(o, kt_order_shape, id, sample_text("77"));
    (void)KT_PUT(o, kt_order_shape, number, sample_text("2026-77"));
    (void)KT_PUT(o, kt_order_shape, placed_at, INT64_C(1795286400) * KT_SECOND);
    (void)KT_PUT(o, kt_order_shape, language, sample_text("de"));
    (void)KT_PUT(o, kt_order_shape, currency, sample_text("EUR"));
    (void)KT_PUT(o, kt_order_shape, buyer_po, sample_text("PO 9"));
    (void)KT_PUT(o, kt_order_shape, payment_method, sample_text("paypal"));
    (void)KT_PUT(o, kt_order_shape, payment_ref, sample_text("TX-1"));
    o->billing.company = sample_text("Muster & Co");
    o->billing.name = sample_text("Erika Muster");
    o->billing.street = sample_text("Musterstraße 12 a");
    o->billing.postcode = sample_text("10115");
    o->billing.city = sample_text("Berlin");
    o->billing.region = sample_text("DE-BE");
    o->billing.country = sample_text("DE");
    o->billing.email = sample_text("erika@example.com");
    o->shipping = o->billing;
    o->shipping.company = (struct kt_str){ 0 };
    o->shipping.street2 = sample_text("Hinterhaus");
    (void)KT_PUT(o, kt_order_shape, lines, (struct kt_list){ line, 3 });
    (void)KT_PUT(o, kt_order_shape, tax, SAMPLE_DEC(1978, 2));
    (void)KT_PUT(o, kt_order_shape, gross, SAMPLE_DEC(12290, 2));
}

static const struct kt_order_terms sample_terms = { .sum_tolerance = { 2, 2 } };

static inline struct kt_sap_conf sample_conf(const char *url)
{
    static const char *const payments[] = { "paypal=PP01" };
    return (struct kt_sap_conf){
        .http = { .url = url, .timeout_s = 10, .connect_timeout_s = 5, .max_answer = 1 << 24 },
        .sales_org = "1000",
        .distribution_channel = "10",
        .division = "00",
        .doc_type = "TA",
        .one_time_customer = "900000",
        .payments = { payments, 1 },
    };
}

#endif
