/* What `kontor order show` says of deliveries, invoices, returns and status: src/app/order_facts.c.
 */
#include "test_store_kit.h"

#include "app/order_facts.h"

static void put(struct kit *k, enum kt_fact_kind kind, const void *record, bool is_told_of,
                int64_t at_us)
{
    const struct kt_shape *shape = kt_fact_shape[kind];
    const struct kt_fact_head *head = record;
    char revision[KT_HASH_TEXT_MAX];
    enum kt_outcome outcome;
    struct kt_buf body;
    kt_buf_init(&body, k->a, 1 << 20);
    kt_shape_write(&body, shape, record);
    kt_shape_hash(shape, record, k->a, revision);
    const struct kt_fact fact = { .stream = KT_STR("K1"),
                                  .kind = kt_str_of(shape->name),
                                  .scope = KT_STR("s"),
                                  .id = head->id,
                                  .revision = kt_str_of(revision),
                                  .channel = is_told_of ? KT_STR("shop") : KT_STR(""),
                                  .body = kt_buf_view(&body) };
    kit_begin(k);
    must(k, kt_fact_put(k->db, &fact, at_us, &outcome, k->a, &k->e));
    kit_commit(k);
}

static void put_shipment(struct kit *k)
{
    struct kt_shipment s = { 0 };
    struct kt_shipment_line line = { 0 };
    struct kt_ref *serial = KT_NEW_ARRAY(k->a, 8, struct kt_ref);
    for (size_t i = 0; i < 8; i++)
        KT_PUT(&serial[i], kt_ref_shape, id, kt_str_of(kt_format(k->a, "SN-%zu", i + 1)));
    KT_PUT(&line, kt_shipment_line_shape, id, KT_STR("10"));
    KT_PUT(&line, kt_shipment_line_shape, sku, KT_STR("A-1"));
    KT_PUT(&line, kt_shipment_line_shape, quantity, ((struct kt_dec){ 80, 1 }));
    KT_PUT(&line, kt_shipment_line_shape, serials, (struct kt_list){ serial, 8 });
    KT_PUT(&s, kt_shipment_shape, scope, KT_STR("s"));
    KT_PUT(&s, kt_shipment_shape, id, KT_STR("S-1"));
    KT_PUT(&s, kt_shipment_shape, carrier, KT_STR("DHL"));
    KT_PUT(&s, kt_shipment_shape, shipped, ((struct kt_day){ 2026, 3, 4 }));
    KT_PUT(&s, kt_shipment_shape, lines, (struct kt_list){ &line, 1 });
    put(k, KT_FACT_SHIPMENT, &s, true, 2000000);
}

static void put_all(struct kit *k)
{
    struct kt_invoice invoice = { 0 };
    struct kt_return back = { 0 };
    struct kt_status_report report = { 0 };
    put_shipment(k);
    KT_PUT(&invoice, kt_invoice_shape, scope, KT_STR("s"));
    KT_PUT(&invoice, kt_invoice_shape, id, KT_STR("R-1"));
    KT_PUT(&invoice, kt_invoice_shape, type, KT_CREDIT_NOTE);
    KT_PUT(&invoice, kt_invoice_shape, currency, KT_STR("EUR"));
    KT_PUT(&invoice, kt_invoice_shape, gross, ((struct kt_dec){ 1990, 2 }));
    put(k, KT_FACT_INVOICE, &invoice, false, 3000000);
    KT_PUT(&back, kt_return_shape, scope, KT_STR("s"));
    KT_PUT(&back, kt_return_shape, id, KT_STR("B-1"));
    KT_PUT(&back, kt_return_shape, status, KT_RETURN_REFUSED);
    put(k, KT_FACT_RETURN, &back, false, 4000000);
    KT_PUT(&report, kt_status_report_shape, scope, KT_STR("s"));
    KT_PUT(&report, kt_status_report_shape, id, KT_STR("4711"));
    KT_PUT(&report, kt_status_report_shape, status, KT_ERP_CANCELLED);
    put(k, KT_FACT_ORDER_STATUS, &report, false, 1000000); /* said first, joined last */
}

static struct kt_app app_of(struct kit *k)
{
    struct kt_app app = { .arena = k->a, .work = { .db = k->db } };
    kt_buf_init(&app.out, k->a, 1 << 20);
    return app;
}

static void show__tells_what_happened_in_its_order(void **state)
{
    static const char *const expected[] = {
        "order_status",
        "4711 ",
        "cancelled",
        "not told",
        "shipment",
        "S-1 ",
        "2026-03-04 DHL",
        "not yet",
        "invoice",
        "R-1 ",
        "credit_note 19.9 EUR",
        "return",
        "B-1 ",
        "refused",
        "SN-6 and 2 more",
    };
    struct kit k;
    struct kt_order_facts facts;
    (void)state;
    kit_open(&k);
    struct kt_app app = app_of(&k);
    must(&k, kt_order_facts_read(&app, KT_STR("K1"), &facts, &k.e));
    kt_order_facts_show(&app, &facts);
    assert_int_equal(app.out.n, 0); /* nothing has happened yet */
    put_all(&k);
    must(&k, kt_order_facts_read(&app, KT_STR("K1"), &facts, &k.e));
    kt_order_facts_show(&app, &facts);
    const char *at = kt_buf_view(&app.out).p;
    for (size_t i = 0; i < KT_COUNT(expected); i++) {
        const char *found = strstr(at, expected[i]);
        if (found == NULL)
            fail_msg("\"%s\" is missing behind what comes before it in\n%s", expected[i],
                     kt_buf_view(&app.out).p);
        else
            at = found + strlen(expected[i]);
    }
    kit_close(&k);
}

static void put__holds_all_of_each_record(void **state)
{
    struct kit k;
    struct kt_order_facts facts;
    const struct kt_json *j = NULL;
    (void)state;
    kit_open(&k);
    struct kt_app app = app_of(&k);
    put_all(&k);
    kit_begin(&k);
    kit_sql(&k, "UPDATE fact SET is_done = 1 WHERE kind = 'shipment'");
    kit_sql(&k, "UPDATE fact SET kind = 'of_tomorrow' WHERE kind = 'return'");
    kit_commit(&k);
    must(&k, kt_order_facts_read(&app, KT_STR("K1"), &facts, &k.e));
    kt_buf_char(&app.out, '[');
    kt_order_facts_put(&app.out, &facts);
    kt_buf_char(&app.out, ']');
    const char *text = kt_buf_view(&app.out).p;
    must(&k, kt_json_parse(&j, kt_buf_view(&app.out), k.a, &k.e));
    assert_non_null(strstr(text, "\"kind\":\"shipment\",\"id\":\"S-1\",\"channel\":\"shop\","
                                 "\"is_told\":true"));
    assert_non_null(strstr(text, "SN-8"));
    assert_non_null(strstr(text, "\"kind\":\"of_tomorrow\",\"id\":\"B-1\",\"channel\":null,"
                                 "\"is_told\":false,\"record\":null"));
    kt_order_facts_show(&app, &facts); /* and a table does not stumble over it */
    assert_non_null(strstr(kt_buf_view(&app.out).p, "of a newer Kontor"));
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(show__tells_what_happened_in_its_order),
        cmocka_unit_test(put__holds_all_of_each_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
