/* The audit trail: src/store/audit.c. */
#include "test_store_kit.h"

#include "store/audit.h"

#define HOUR_OF_TEST (500000 * KT_HOUR)

static void add(struct kit *k, const char *code, const char *partner, const char *address,
                int64_t times, int64_t last_us)
{
    const struct kt_refusal row = { .code = kt_str_of(code),
                                    .partner = kt_str_of(partner),
                                    .address = kt_str_of(address),
                                    .times = times,
                                    .last_us = last_us };
    kit_begin(k);
    must(k, kt_refusal_add(k->db, &row, &k->e));
    kit_commit(k);
}

static struct kt_refusal *list(struct kit *k, int64_t since_us, size_t expected)
{
    struct kt_refusal *r = NULL;
    size_t count = 0;
    must(k, kt_refusals_list(k->db, since_us, 1000, &r, &count, k->a, &k->e));
    assert_int_equal(count, expected);
    return r;
}

static void refusals__are_one_row_an_hour_for_each_kind(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    add(&k, "signature.hmac", "erp-a", "192.0.2.1", 1, HOUR_OF_TEST + 1);
    add(&k, "signature.hmac", "erp-a", "192.0.2.1", 4, HOUR_OF_TEST + 2);
    add(&k, "signature.hmac", "erp-a", "192.0.2.2", 1, HOUR_OF_TEST + 3);
    add(&k, "signature.hmac", "", "192.0.2.1", 1, HOUR_OF_TEST + 3);
    add(&k, "replay", "erp-a", "192.0.2.1", 1, HOUR_OF_TEST + 3);
    add(&k, "signature.hmac", "erp-a", "192.0.2.1", 1, HOUR_OF_TEST + KT_HOUR);
    struct kt_refusal *r = list(&k, 0, 5);
    assert_int_equal(r[0].hour_us, HOUR_OF_TEST + KT_HOUR); /* the newest first */
    assert_int_equal(r[0].times, 1);
    assert_int_equal(r[1].hour_us, HOUR_OF_TEST);
    assert_int_equal(r[1].times, 5); /* then the most frequent */
    assert_int_equal(r[1].last_us, HOUR_OF_TEST + 2);
    assert_string_equal(r[1].code.p, "signature.hmac");
    assert_string_equal(r[1].partner.p, "erp-a");
    assert_string_equal(r[1].address.p, "192.0.2.1");
    r = list(&k, HOUR_OF_TEST + 3, 4);
    assert_int_equal(r[0].times + r[1].times + r[2].times + r[3].times, 4);
    kit_close(&k);
}

static void refusals__of_an_hour_are_bounded(void **state)
{
    enum { MORE = 20 };
    struct kit k;
    int64_t others = 0;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < KT_REFUSALS_OF_HOUR + MORE; i++)
        add(&k, "bytes.depth", "", kt_format(k.a, "192.0.2.%d", i), 2, HOUR_OF_TEST + i);
    struct kt_refusal *r = list(&k, 0, KT_REFUSALS_OF_HOUR + 1);
    for (size_t i = 0; i <= KT_REFUSALS_OF_HOUR; i++) {
        if (kt_str_is(r[i].code, KT_REFUSAL_OTHERS))
            others += r[i].times;
    }
    assert_int_equal(others, 2 * MORE);
    add(&k, "bytes.depth", "", "192.0.2.7", 1, HOUR_OF_TEST + 900); /* known: counted as before */
    (void)list(&k, 0, KT_REFUSALS_OF_HOUR + 1);
    add(&k, "bytes.depth", "", "198.51.100.1", 1, HOUR_OF_TEST + KT_HOUR); /* the next hour */
    (void)list(&k, 0, KT_REFUSALS_OF_HOUR + 2);
    kit_close(&k);
}

static void refusals__of_whole_hours_are_forgotten(void **state)
{
    struct kit k;
    int64_t rows = -1;
    (void)state;
    kit_open(&k);
    add(&k, "replay", "", "192.0.2.1", 1, HOUR_OF_TEST + 5);
    add(&k, "replay", "", "192.0.2.1", 1, HOUR_OF_TEST + KT_HOUR + 5);
    kit_begin(&k);
    must(&k, kt_refusals_forget(k.db, HOUR_OF_TEST + KT_HOUR, &rows, &k.e));
    assert_int_equal(rows, 0);
    must(&k, kt_refusals_forget(k.db, HOUR_OF_TEST + KT_HOUR + 1, &rows, &k.e));
    assert_int_equal(rows, 1);
    kit_commit(&k);
    (void)list(&k, 0, 1);
    kit_close(&k);
}

static void audit__numbers_have_no_gap(void **state)
{
    struct kit k;
    struct kt_audit row = { .at_us = 7,
                            .actor = KT_STR("root"),
                            .action = KT_STR("security.clock.reset"),
                            .subject = KT_STR("clock"),
                            .detail = KT_STR("was never") };
    struct kt_audit found_row;
    bool found = true;
    (void)state;
    kit_open(&k);
    must(&k, kt_audit_last(k.db, "security.clock.reset", &found_row, &found, k.a, &k.e));
    assert_false(found);
    for (int i = 0; i < 3; i++) {
        row.at_us++;
        kit_begin(&k);
        must(&k, kt_audit_put(k.db, &row, &k.e));
        if (i == 1)
            kt_tx_rollback(k.db); /* the deed did not happen */
        else
            kit_commit(&k);
    }
    must(&k, kt_audit_last(k.db, "security.clock.reset", &found_row, &found, k.a, &k.e));
    assert_true(found);
    assert_int_equal(found_row.number, 2);
    assert_int_equal(found_row.at_us, 10);
    assert_string_equal(found_row.actor.p, "root");
    assert_string_equal(found_row.detail.p, "was never");
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals__are_one_row_an_hour_for_each_kind),
        cmocka_unit_test(refusals__of_an_hour_are_bounded),
        cmocka_unit_test(refusals__of_whole_hours_are_forgotten),
        cmocka_unit_test(audit__numbers_have_no_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
