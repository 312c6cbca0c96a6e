/* The SAP adapter under a policy of WS-Security, against the stand-in, which shares no code with
 * it: what is asked and answered both ways, and every answer whose security does not hold. Skipped
 * where Python's lxml or cryptography are missing. */
#include "../secured.h"
#include "adapters/erp_sap/adapter.h"
#include "sample.h"

#define DATA KT_TEST_ROOT "/tests/adapters/erp_sap/data"

/* Answers are told apart by wsa:RelatesTo, or by confirming our signature. */
static const struct secured_parts related = { .asked = { "signature" },
                                              .answered = { "signature" } };
static const struct secured_parts confirmed = {
    .asked = { "signature", "encryption", "username-digest" },
    .answered = { "signature", "encryption", "confirmation" },
    .is_tls = true,
};

/* Requests are signed, answers are not; as WCF does, they have a Timestamp all the same. */
static const struct secured_parts one_way = { .asked = { "signature" },
                                              .answered = { "timestamp" } };

static const struct secured_parts *parts;
static struct secured s;
static struct kt_sap_conf conf;
static struct kt_erp *erp;
static struct kt_arena *arena;
static struct kt_order order;
static struct kt_order_line line[3];
static int keys;

static const char *new_key(void)
{
    return kt_format(arena, "KEY%d", ++keys);
}

static int documents_of(const char *key)
{
    struct kt_str counts = secured_control(&s, "GET", "/_sandbox/counts", NULL);
    const char *hit =
        strstr(strstr(counts.p, "documents_by_key"), kt_format(arena, "\"%s\": ", key));
    return hit == NULL ? 0 : (int)strtol(strchr(hit, ':') + 1, NULL, 10);
}

static enum kt_rc create(const char *key, struct kt_booking *booked, struct kt_err *e)
{
    *e = (struct kt_err){ 0 };
    *booked = (struct kt_booking){ 0 };
    return kt_erp_sap.order_create(erp, key, &order, &sample_terms, booked, arena, e);
}

static enum kt_rc find(const char *key, enum kt_found *found, struct kt_err *e)
{
    struct kt_booking booked = { 0 };
    *e = (struct kt_err){ 0 };
    *found = KT_ABSENT;
    return kt_erp_sap.order_find(erp, key, found, &booked, arena, e);
}

/* Everything a session does, both ways under the policy. */
static void talks__are_secured_both_ways(void **state)
{
    struct kt_identity who = { 0 };
    enum kt_grade grade = KT_GRADE_NONE;
    unsigned limit_s = 0;
    struct kt_err e = { 0 };
    struct kt_booking booked;
    enum kt_found found = KT_ABSENT;
    struct kt_page page = { .feed = KT_FEED_CATALOGUE, .max = 100 };
    (void)state;
    enum kt_rc rc = kt_erp_sap.identify(erp, &who, &grade, &limit_s, arena, &e);
    secured_expect("identify", rc, &e, KT_OK, KT_E_NONE);
    assert_int_equal(grade, KT_GRADE_KEY);
    rc = kt_erp_sap.pull(erp, &page, arena, &e);
    secured_expect("pull", rc, &e, KT_OK, KT_E_NONE);
    assert_true(page.changes.count > 3);
    const char *key = new_key();
    secured_expect("create", create(key, &booked, &e), &e, KT_OK, KT_E_NONE);
    assert_int_equal(booked.lines.count, 3);
    struct kt_str number = booked.number;
    secured_expect("create again", create(key, &booked, &e), &e, KT_OK, KT_E_NONE);
    assert_true(kt_str_eq(number, booked.number));
    secured_expect("find", find(key, &found, &e), &e, KT_OK, KT_E_NONE);
    assert_int_equal(found, KT_FOUND);
    assert_int_equal(documents_of(key), 1);
    assert_int_equal(secured_counted(&s, "refused"), 0);
    struct kt_str requests = secured_control(&s, "GET", "/_sandbox/requests?since=0", NULL);
    const char *had = parts != &confirmed
                          ? "\"had\": [\"signature\"]"
                          : "\"had\": [\"encryption\", \"signature\", \"username-digest\"]";
    assert_non_null(strstr(requests.p, had));
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
                                    "\"on\": \"Z_KONTOR_ORDER_CREATE\", \"mode\": \"security\", "
                                    "\"what\": \"%s\", \"as\": \"%s\"",
                                    spoilt->what, as));
    secured_expect(what, create(key, &booked, &e), &e, KT_UNSURE, KT_E_WSS_ANSWER);
    assert_int_equal(e.v.reach, KT_ENDPOINT);
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

/* "Failed" is a word, too. */
static void faults__that_do_not_hold_are_no_refusals(void **state)
{
    struct kt_booking booked;
    struct kt_err e;
    (void)state;
    create_spoilt(&secured_always[0], "fault");
    create_spoilt(&secured_always[1], "fault");
    create_spoilt(&secured_always[2], "fault");
    secured_misbehave(&s, "\"on\": \"Z_KONTOR_ORDER_CREATE\", \"mode\": \"fault\"");
    secured_expect("sound", create(new_key(), &booked, &e), &e, KT_REJECT, KT_E_ORDER_REFUSED);
}

static void reads__that_do_not_hold_come_again(void **state)
{
    struct kt_err e = { 0 };
    enum kt_found found = KT_FOUND;
    (void)state;
    for (size_t i = 0; i < KT_COUNT(secured_always); i++) {
        struct kt_page page = { .feed = KT_FEED_PRICES, .max = 100 };
        secured_misbehave(&s, kt_format(arena,
                                        "\"on\": \"Z_KONTOR_PRICES\", \"mode\": \"security\", "
                                        "\"what\": \"%s\"",
                                        secured_always[i].what));
        e = (struct kt_err){ 0 };
        enum kt_rc rc = kt_erp_sap.pull(erp, &page, arena, &e);
        secured_expect(secured_always[i].what, rc, &e, KT_RETRY, KT_E_WSS_ANSWER);
        assert_int_equal(page.changes.count, 0);
    }
    secured_misbehave(&s, "\"on\": \"Z_KONTOR_ORDER_FIND\", \"mode\": \"security\"");
    secured_expect("find", find(new_key(), &found, &e), &e, KT_RETRY, KT_E_WSS_ANSWER);
    /* what a gateway says of itself, and what it says of our request */
    secured_misbehave(&s, "\"mode\": \"status\", \"status\": 400");
    secured_expect("400", find(new_key(), &found, &e), &e, KT_RETRY, KT_E_PARTNER_FAULT);
}

/* Without an envelope: TLS vouches for a gateway that is busy, and for nothing else. */
static void pages__of_gateways_refuse_no_order(void **state)
{
    struct {
        const char *rule;
        enum kt_rc rc;
        enum kt_code code;
    } row[] = {
        { "\"mode\": \"status\", \"status\": 503, \"retry_after\": 7",
          parts->is_tls ? KT_RETRY : KT_UNSURE, KT_E_PARTNER_BUSY },
        { "\"mode\": \"status\", \"status\": 401", parts->is_tls ? KT_CONFIG : KT_UNSURE,
          KT_E_PARTNER_LOGIN },
        { "\"mode\": \"status\", \"status\": 400", KT_UNSURE, KT_E_PARTNER_FAULT },
        { "\"mode\": \"status\", \"status\": 413, \"create\": true", KT_UNSURE,
          KT_E_PARTNER_FAULT },
        { "\"mode\": \"status\", \"status\": 502", KT_UNSURE, KT_E_PARTNER_FAULT },
        { "\"mode\": \"html\", \"create\": true", KT_UNSURE, KT_E_PARTNER_NOT_API },
        { "\"mode\": \"truncate\"", KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE },
        { "\"mode\": \"cut\", \"create\": true", KT_UNSURE, KT_E_PARTNER_ANSWER_LOST },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_booking booked;
        struct kt_err e;
        secured_misbehave(&s, row[i].rule);
        enum kt_rc rc = create(new_key(), &booked, &e);
        assert_int_equal(rc, e.v.rc);
        if (rc != row[i].rc || (row[i].code != KT_E_PARTNER_FAULT && e.v.code != row[i].code))
            fail_msg("%s: %s %s; %s", row[i].rule, kt_rc_name(rc), kt_code_name(e.v.code), e.trail);
    }
    secured_misbehave(&s, NULL);
}

/* What is signed is believed, and its HTTP status is nobody's word: it makes no refusal of it. */
static void statuses__refuse_no_signed_booking(void **state)
{
    static const int status[] = { 400, 401, 404, 413, 500, 503 };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(status); i++) {
        struct kt_booking booked;
        struct kt_err e;
        enum kt_found found = KT_ABSENT;
        const char *key = new_key();
        secured_misbehave(&s, kt_format(arena,
                                        "\"mode\": \"security\", \"what\": \"sound\", "
                                        "\"status\": %d",
                                        status[i]));
        secured_expect("status", create(key, &booked, &e), &e, KT_UNSURE, KT_E_PARTNER_NOT_API);
        secured_expect("find", find(key, &found, &e), &e, KT_OK, KT_E_NONE);
        assert_int_equal(found, KT_FOUND);
    }
}

/* `addressing` where the confirmation would do: then both have to fit. */
static void answers__relate_and_confirm_where_both_are_asked_for(void **state)
{
    static const struct secured_spoilt row[] = { { "other_request", "answer.relates-to" },
                                                 { "unrelated", "answer.relates-to" },
                                                 { "unconfirmed", "answer.confirmation" } };
    struct kt_erp *plain = erp;
    struct kt_sap_conf c = conf;
    struct kt_err e = { 0 };
    struct kt_booking booked;
    (void)state;
    c.guard.is_addressed = true;
    assert_int_equal(kt_erp_sap.open(&erp, &c, &s.env, &e), KT_OK);
    secured_expect("sound", create(new_key(), &booked, &e), &e, KT_OK, KT_E_NONE);
    for (size_t i = 0; i < KT_COUNT(row); i++)
        create_spoilt(&row[i], "answer");
    kt_erp_sap.close(erp);
    erp = plain;
}

/* Nothing is required of them: what TLS or the network says counts, but not an old message. */
static void answers__that_need_no_signature_are_read(void **state)
{
    struct kt_booking booked;
    struct kt_err e;
    (void)state;
    secured_expect("sound", create(new_key(), &booked, &e), &e, KT_OK, KT_E_NONE);
    secured_misbehave(&s, "\"mode\": \"security\", \"what\": \"unsigned\"");
    secured_expect("unsigned", create(new_key(), &booked, &e), &e, KT_OK, KT_E_NONE);
    secured_misbehave(&s, "\"mode\": \"security\", \"what\": \"stale\"");
    secured_expect("stale", create(new_key(), &booked, &e), &e, KT_UNSURE, KT_E_WSS_ANSWER);
    secured_expect_detail("stale", &e, "timestamp.stale");
    secured_misbehave(&s, "\"mode\": \"fault\"");
    secured_expect("fault", create(new_key(), &booked, &e), &e, KT_REJECT, KT_E_ORDER_REFUSED);
    secured_misbehave(&s, "\"mode\": \"status\", \"status\": 400");
    assert_int_equal(create(new_key(), &booked, &e), KT_REJECT);
}

/* Whose refusal of OUR security it is, nobody vouches for; its name helps who sets it up. */
static void refusals__of_our_security_are_named(void **state)
{
    struct kt_erp *other = NULL;
    struct kt_err e = { 0 };
    struct kt_booking booked = { 0 };
    struct secured mine = s;
    const char *key = new_key();
    (void)state;
    mine.site = NULL;
    secured_open_site(&mine, parts);
    mine.key[0].certificate = secured_file(&s, "tls.pem"); /* the stand-in does not list it */
    mine.key[0].key = secured_file(&s, "tls.key");
    assert_int_equal(kt_wss_site_renew(mine.site, &mine.conf, &e), KT_OK);
    assert_int_equal(kt_erp_sap.open(&other, &conf, &mine.env, &e), KT_OK);
    long refused = secured_counted(&s, "refused");
    enum kt_rc rc = kt_erp_sap.order_create(other, key, &order, &sample_terms, &booked, arena, &e);
    secured_expect("refused", rc, &e, KT_UNSURE, KT_E_WSS_ANSWER);
    secured_expect_detail("refused", &e, "security.missing");
    assert_non_null(strstr(e.trail, "call themselves the fault w:FailedCheck"));
    assert_int_equal(secured_counted(&s, "refused"), refused + 1);
    assert_int_equal(documents_of(key), 0);
    kt_erp_sap.close(other);
    kt_wss_site_close(mine.site);
}

/* Without keys, without the policy or without TLS for a password nothing leaves the house. */
static void nothing_leaves(const char *what, struct kt_wss_site *site, const struct kt_sap_conf *c,
                           enum kt_code code)
{
    struct kt_erp *other = NULL;
    struct kt_err e = { 0 };
    struct kt_booking booked = { 0 };
    struct kt_env env = s.env;
    env.wss = site;
    long requests = secured_counted(&s, "requests");
    assert_int_equal(kt_erp_sap.open(&other, c, &env, &e), KT_OK);
    enum kt_rc rc =
        kt_erp_sap.order_create(other, "NEVER", &order, &sample_terms, &booked, arena, &e);
    secured_expect(what, rc, &e, KT_CONFIG, code);
    assert_int_equal(secured_counted(&s, "requests"), requests);
    kt_erp_sap.close(other);
}

static void requests__that_cannot_be_secured_stay_here(void **state)
{
    struct secured mine = s;
    struct kt_sap_conf c = conf;
    struct kt_err e = { 0 };
    (void)state;
    nothing_leaves("no site", NULL, &conf, KT_E_WSS_NO_KEY);
    c.guard.policy = "gone";
    nothing_leaves("no policy", s.site, &c, KT_E_WSS_NO_KEY);
    mine.site = NULL;
    secured_open_site(&mine, parts);
    mine.policy.name = "renamed"; /* the configuration was read again, the session goes on */
    assert_int_equal(kt_wss_site_renew(mine.site, &mine.conf, &e), KT_OK);
    nothing_leaves("no policy any more", mine.site, &conf, KT_E_WSS_NO_KEY);
    kt_wss_site_close(mine.site);
    if (parts != &confirmed)
        return;
    c = conf;
    c.http.url = kt_format(arena, "http%s", strstr(conf.http.url, "://"));
    nothing_leaves("no TLS", s.site, &c, KT_E_WSS_PLAIN);
}

static int setup(void **state)
{
    static const char *const more[] = { "--user", "KONTOR", "--password", "geheim", NULL };
    struct kt_err e = { 0 };
    (void)state;
    arena = kt_arena_new();
    if (!secured_start(&s, parts, "sap.py", DATA, more))
        return -1;
    conf = sample_conf(s.url);
    conf.http.user = "KONTOR";
    conf.http.password = "geheim";
    conf.http.ca_file = parts->is_tls ? secured_file(&s, "tls.pem") : NULL;
    conf.guard.policy = "erp";
    sample_order(&order, line);
    return kt_erp_sap.open(&erp, &conf, &s.env, &e) == KT_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    kt_erp_sap.close(erp);
    secured_stop(&s);
    kt_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(talks__are_secured_both_ways),
        cmocka_unit_test(answers__that_do_not_hold_leave_an_order_unsure),
        cmocka_unit_test(faults__that_do_not_hold_are_no_refusals),
        cmocka_unit_test(reads__that_do_not_hold_come_again),
        cmocka_unit_test(pages__of_gateways_refuse_no_order),
        cmocka_unit_test(statuses__refuse_no_signed_booking),
        cmocka_unit_test(refusals__of_our_security_are_named),
        cmocka_unit_test(requests__that_cannot_be_secured_stay_here),
    };
    const struct CMUnitTest both[] = {
        cmocka_unit_test(answers__relate_and_confirm_where_both_are_asked_for),
    };
    const struct CMUnitTest unsigned_answers[] = {
        cmocka_unit_test(talks__are_secured_both_ways),
        cmocka_unit_test(answers__that_need_no_signature_are_read),
    };
    if (!secured_can_run()) {
        puts("skipped: Python's lxml or cryptography are missing; run scripts/deps --test");
        return 77;
    }
    parts = &related;
    int failures = cmocka_run_group_tests(tests, setup, teardown);
    parts = &confirmed;
    failures += cmocka_run_group_tests(tests, setup, teardown);
    failures += cmocka_run_group_tests(both, setup, teardown);
    parts = &one_way;
    return failures + cmocka_run_group_tests(unsigned_answers, setup, teardown);
}
