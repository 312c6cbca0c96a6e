/* The NAV adapter under a policy of WS-Security, against the stand-in, which shares no code with
 * it: pages and codeunit both ways, and every answer whose security does not hold. Skipped where
 * Python's lxml or cryptography are missing. */
#include "../secured.h"
#include "adapters/erp_nav/adapter.h"
#include "talking.h"

/* Answers are told apart by wsa:RelatesTo, or by confirming our signature. */
static const struct secured_parts related = { .asked = { "signature" },
                                              .answered = { "signature" } };
static const struct secured_parts confirmed = {
    .asked = { "signature", "encryption" },
    .answered = { "signature", "encryption", "confirmation" },
};
static const struct kt_order_terms shop_terms = { .sum_tolerance = { 2, 2 } };

static const struct secured_parts *parts;
static struct secured s;
static char folder[40];
static struct kt_nav_conf conf;
static struct kt_erp *erp;
static struct kt_arena *arena;
static struct kt_order order;
static struct kt_order_line line[3];
static int keys;

static const char *new_key(void)
{
    return kt_format(arena, "K%d", ++keys);
}

static int documents_of(const char *key)
{
    struct kt_str orders = secured_control(&s, "GET", "/_sandbox/orders", NULL);
    const char *wanted = kt_format(arena, "\"key\": \"%s\"", key);
    int count = 0;
    for (const char *at = orders.p; (at = strstr(at, wanted)) != NULL; at++)
        count++;
    return count;
}

static enum kt_rc create(const char *key, struct kt_booking *booked, struct kt_err *e)
{
    *e = (struct kt_err){ 0 };
    *booked = (struct kt_booking){ 0 };
    return kt_erp_nav.order_create(erp, key, &order, &shop_terms, booked, arena, e);
}

static enum kt_rc find(const char *key, enum kt_found *found, struct kt_err *e)
{
    struct kt_booking booked = { 0 };
    *e = (struct kt_err){ 0 };
    *found = KT_ABSENT;
    return kt_erp_nav.order_find(erp, key, found, &booked, arena, e);
}

static enum kt_rc pull(enum kt_feed feed, size_t *count, struct kt_err *e)
{
    struct kt_page page = { .feed = feed, .max = 5 };
    *e = (struct kt_err){ 0 };
    enum kt_rc rc = kt_erp_nav.pull(erp, &page, arena, e);
    *count = rc == KT_OK ? page.changes.count : 0;
    return rc;
}

static void talks__are_secured_both_ways(void **state)
{
    struct kt_identity who = { 0 };
    enum kt_grade grade = KT_GRADE_NONE;
    unsigned limit_s = 0;
    struct kt_err e = { 0 };
    struct kt_booking booked;
    enum kt_found found = KT_ABSENT;
    size_t count = 0;
    (void)state;
    enum kt_rc rc = kt_erp_nav.identify(erp, &who, &grade, &limit_s, arena, &e);
    secured_expect("identify", rc, &e, KT_OK, KT_E_NONE);
    secured_expect("items", pull(KT_FEED_CATALOGUE, &count, &e), &e, KT_OK, KT_E_NONE);
    assert_true(count > 3);
    secured_expect("prices", pull(KT_FEED_PRICES, &count, &e), &e, KT_OK, KT_E_NONE);
    assert_true(count > 3);
    const char *key = new_key();
    secured_expect("create", create(key, &booked, &e), &e, KT_OK, KT_E_NONE);
    assert_int_equal(booked.lines.count, 3);
    secured_expect("create again", create(key, &booked, &e), &e, KT_OK, KT_E_NONE);
    secured_expect("find", find(key, &found, &e), &e, KT_OK, KT_E_NONE);
    assert_int_equal(found, KT_FOUND);
    assert_int_equal(documents_of(key), 1);
    assert_int_equal(secured_counted(&s, "refused"), 0);
    struct kt_str requests = secured_control(&s, "GET", "/_sandbox/requests?since=0", NULL);
    assert_non_null(strstr(requests.p, parts == &related
                                           ? "\"had\": [\"signature\"]"
                                           : "\"had\": [\"encryption\", \"signature\"]"));
    assert_null(strstr(requests.p, "\"had\": null"));
}

/* A booked order whose answer cannot be believed: nobody knows, until the look-up tells. */
static void create_spoilt(const struct secured_spoilt *spoilt, const char *as)
{
    struct kt_booking booked;
    struct kt_err e;
    enum kt_found found = KT_ABSENT;
    const char *key = new_key();
    const char *what = kt_format(arena, "%s as %s", spoilt->what, as);
    secured_expect(what, create(new_key(), &booked, &e), &e, KT_OK, KT_E_NONE); /* to be replayed */
    secured_misbehave(&s, kt_format(arena,
                                    "\"on\": \"CreateOrder\", \"mode\": \"security\", "
                                    "\"what\": \"%s\", \"as\": \"%s\"",
                                    spoilt->what, as));
    secured_expect(what, create(key, &booked, &e), &e, KT_UNSURE, KT_E_WSS_ANSWER);
    secured_expect_detail(what, &e, spoilt->code);
    assert_int_equal(booked.number.n, 0);
    assert_int_equal(documents_of(key), 1);
    secured_expect(what, find(key, &found, &e), &e, KT_OK, KT_E_NONE);
    assert_int_equal(found, KT_FOUND);
    secured_expect(what, create(key, &booked, &e), &e, KT_OK, KT_E_NONE);
    assert_int_equal(documents_of(key), 1);
}

static void answers__that_do_not_hold_leave_an_order_unsure(void **state)
{
    (void)state;
    for (size_t i = 0; i < KT_COUNT(secured_always); i++)
        create_spoilt(&secured_always[i], "answer");
    for (size_t i = 0; parts == &related && i < KT_COUNT(secured_when_related); i++)
        create_spoilt(&secured_when_related[i], "answer");
    for (size_t i = 0; parts == &confirmed && i < KT_COUNT(secured_when_confirmed); i++)
        create_spoilt(&secured_when_confirmed[i], "answer");
}

/* "Failed" is a word, too: NAV's refusals count only when they are signed. */
static void faults__that_do_not_hold_are_no_refusals(void **state)
{
    struct kt_booking booked;
    struct kt_err e;
    (void)state;
    create_spoilt(&secured_always[0], "fault");
    create_spoilt(&secured_always[1], "fault");
    create_spoilt(&secured_always[2], "fault");
    secured_misbehave(&s, "\"on\": \"CreateOrder\", \"mode\": \"fault\"");
    secured_expect("sound", create(new_key(), &booked, &e), &e, KT_REJECT, KT_E_ORDER_REFUSED);
    secured_misbehave(&s, "\"on\": \"CreateOrder\", \"mode\": \"status\", \"status\": 400");
    enum kt_rc rc = create(new_key(), &booked, &e);
    assert_int_equal(rc, KT_UNSURE);
}

/* Pages are read without stubs: the same rules hold. */
static void reads__that_do_not_hold_come_again(void **state)
{
    static const struct {
        const char *on;
        enum kt_feed feed;
    } row[] = { { "KontorItem.ReadMultiple", KT_FEED_CATALOGUE },
                { "ReadPrices", KT_FEED_PRICES } };
    size_t count = 0;
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row) * KT_COUNT(secured_always); i++) {
        const struct secured_spoilt *spoilt = &secured_always[i / KT_COUNT(row)];
        struct kt_err e;
        secured_misbehave(&s, kt_format(arena,
                                        "\"on\": \"%s\", \"mode\": \"security\", \"what\": "
                                        "\"%s\"",
                                        row[i % KT_COUNT(row)].on, spoilt->what));
        enum kt_rc rc = pull(row[i % KT_COUNT(row)].feed, &count, &e);
        secured_expect(spoilt->what, rc, &e, KT_RETRY, KT_E_WSS_ANSWER);
        secured_expect_detail(spoilt->what, &e, spoilt->code);
    }
    secured_misbehave(&s, NULL);
}

/* A page that NAV itself says it does not publish is a feature less; only NAV can say so. */
static void absence__is_believed_when_it_is_signed(void **state)
{
    struct kt_err e;
    size_t count = 0;
    (void)state;
    secured_misbehave(&s, "\"on\": \"KontorItemTranslation.ReadMultiple\", \"mode\": \"security\", "
                          "\"as\": \"fault\"");
    secured_expect("fault", pull(KT_FEED_CATALOGUE, &count, &e), &e, KT_RETRY, KT_E_WSS_ANSWER);
    secured_expect("sound", pull(KT_FEED_CATALOGUE, &count, &e), &e, KT_OK, KT_E_NONE);
    assert_true(count > 3);
}

static int setup(void **state)
{
    static const char *const payments[] = { "paypal=PAYPAL" };
    static const char *const more[] = { "--user",         "KONTOR", "--password", "geheim",
                                        "--lock-timeout", "0.2",    NULL };
    const char *const make[] = {
        "/usr/bin/python3", "-B", SECURED_SANDBOX "/navcatalogue.py", folder, "--items", "12", NULL
    };
    struct kt_err e = { 0 };
    (void)state;
    arena = kt_arena_new();
    snprintf(folder, sizeof folder, "%s", "/tmp/kontor-nav-XXXXXX");
    if (mkdtemp(folder) == NULL || !secured_runs_well(make) ||
        !secured_start(&s, parts, "nav.py", kt_format(arena, "%s/1", folder), more))
        return -1;
    conf = plain_conf(s.url);
    conf.guard.policy = "erp";
    conf.shipping_account = "gl:8400";
    conf.discount_account = "gl:6910";
    conf.payments = (struct kt_conf_texts){ payments, 1 };
    sample_order(&order, line);
    line[0].sku = KT_STR("N-100000.RED");
    return kt_erp_nav.open(&erp, &conf, &s.env, &e) == KT_OK ? 0 : -1;
}

static int teardown(void **state)
{
    const char *const clear[] = { "/bin/rm", "-r", "--", folder, NULL };
    (void)state;
    kt_erp_nav.close(erp);
    secured_stop(&s);
    kt_arena_free(arena);
    return secured_runs_well(clear) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(talks__are_secured_both_ways),
        cmocka_unit_test(answers__that_do_not_hold_leave_an_order_unsure),
        cmocka_unit_test(faults__that_do_not_hold_are_no_refusals),
        cmocka_unit_test(reads__that_do_not_hold_come_again),
        cmocka_unit_test(absence__is_believed_when_it_is_signed),
    };
    if (!secured_can_run()) {
        puts("skipped: Python's lxml or cryptography are missing; run scripts/deps --test");
        return 77;
    }
    parts = &related;
    int failures = cmocka_run_group_tests(tests, setup, teardown);
    parts = &confirmed;
    return failures + cmocka_run_group_tests(tests, setup, teardown);
}
