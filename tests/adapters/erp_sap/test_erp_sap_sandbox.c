/* The SAP adapter against the stand-in of tests/sandbox, which shares no code with it: whole feeds,
 * orders, and everything that may go wrong with a create. Skipped where python3-lxml is missing. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/erp_sap/adapter.h"
#include "sample.h"

#define SANDBOX KT_TEST_ROOT "/tests/sandbox"
#define DATA    KT_TEST_ROOT "/tests/adapters/erp_sap/data"

static pid_t sap;
static int sap_out;
static char base[64];
static char url[128];
static struct kt_arena *arena;
static struct kt_sap_conf conf;
static struct kt_env env;
static struct kt_erp *erp;
static struct kt_order order;
static struct kt_order_line line[3];
static int keys;

static pid_t run(const char *const *words, int *out)
{
    int fd[2];
    if (pipe(fd) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        char *copy[16] = { 0 };
        for (int i = 0; words[i] != NULL && i < 15; i++)
            copy[i] = strdup(words[i]);
        if (dup2(fd[1], 1) < 0)
            _exit(127);
        close(fd[0]);
        execv(copy[0], copy);
        _exit(127);
    }
    close(fd[1]);
    *out = fd[0];
    return pid;
}

static bool has_lxml(void)
{
    static const char *const words[] = { "/usr/bin/python3", "-c", "import lxml.etree", NULL };
    int out = -1;
    int status = 1;
    pid_t pid = run(words, &out);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return false;
    close(out);
    return status == 0;
}

/* The stand-in prints its address once it listens. */
static int start_sap(void)
{
    static const char *const words[] = {
        "/usr/bin/python3", "-B",     SANDBOX "/sap.py", "--data", DATA, "--port", "0",
        "--user",           "KONTOR", "--password",      "geheim", NULL
    };
    char told[200] = "";
    size_t n = 0;
    sap = run(words, &sap_out);
    while (sap > 0 && n < sizeof told - 1 && strchr(told, '\n') == NULL) {
        ssize_t got = read(sap_out, told + n, sizeof told - 1 - n);
        if (got <= 0)
            return -1;
        n += (size_t)got;
        told[n] = '\0';
    }
    const char *at = strstr(told, "http://");
    if (at == NULL)
        return -1;
    snprintf(url, sizeof url, "%.*s", (int)strcspn(at, "\n"), at);
    snprintf(base, sizeof base, "%.*s", (int)strcspn(at + 7, "/") + 7, at);
    return 0;
}

static struct kt_str control(const char *method, const char *path, const char *body)
{
    struct kt_http_conf c = {
        .url = base, .timeout_s = 10, .connect_timeout_s = 5, .max_answer = 1 << 20
    };
    struct kt_http_request q = { .method = method,
                                 .path = path,
                                 .content_type = body != NULL ? "application/json" : NULL,
                                 .body = kt_str_of(body) };
    struct kt_http_answer answer;
    struct kt_http *http = NULL;
    struct kt_err e = { 0 };
    assert_int_equal(kt_http_open(&http, &c, "sandbox", NULL, &e), KT_OK);
    assert_int_equal(kt_http_call(http, &q, &answer, arena, &e), KT_OK);
    if (answer.status != 200)
        fail_msg("%s: %s", path, answer.body.p);
    kt_http_close(http);
    return answer.body;
}

static const char *new_key(void)
{
    return kt_format(arena, "KEY%d", ++keys);
}

static int documents_of(const char *key)
{
    struct kt_str counts = control("GET", "/_sandbox/counts", NULL);
    const char *by_key = strstr(counts.p, "documents_by_key");
    const char *hit = strstr(by_key, kt_format(arena, "\"%s\": ", key));
    return hit == NULL ? 0 : (int)strtol(strchr(hit, ':') + 1, NULL, 10);
}

/* Reads a feed to its end by pages of two; counts the changes of one kind. */
static size_t pull_all(enum kt_feed feed, struct kt_str *token, enum kt_kind kind,
                       struct kt_change *last, bool is_snapshot)
{
    size_t count = 0;
    bool is_more = true;
    while (is_more) {
        struct kt_err e = { 0 };
        struct kt_page page = { .feed = feed, .token = *token, .max = 2 };
        enum kt_rc rc = kt_erp_sap.pull(erp, &page, arena, &e);
        if (rc != KT_OK)
            fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
        assert_int_equal(page.is_snapshot, is_snapshot);
        for (size_t i = 0; i < page.changes.count; i++) {
            const struct kt_change *c = &page.changes.item[i];
            assert_null(c->fault);
            if (!c->is_deleted)
                assert_int_equal(kt_shape_check(kt_kind_shape[c->kind], c->record, arena, &e),
                                 KT_OK);
            if (c->kind == kind) {
                count++;
                *last = *c;
            }
        }
        *token = page.next;
        is_more = page.is_more;
    }
    return count;
}

static void feeds__snapshot_then_changes(void **state)
{
    struct kt_str articles = KT_STR("");
    struct kt_str prices = KT_STR("");
    struct kt_str stock = KT_STR("");
    struct kt_change last = { 0 };
    (void)state;
    assert_int_equal(pull_all(KT_FEED_CATALOGUE, &articles, KT_KIND_VARIANT, &last, true), 3);
    assert_int_equal(pull_all(KT_FEED_PRICES, &prices, KT_KIND_PRICE, &last, true), 2);
    assert_int_equal(pull_all(KT_FEED_STOCK, &stock, KT_KIND_STOCK, &last, true), 3);

    (void)control("POST", "/_sandbox/change",
                  "{\"kind\": \"price\", \"key\": {\"PRICE_ID\": \"0001-02\"}, "
                  "\"set\": {\"AMOUNT\": \"5.1\"}}");
    assert_int_equal(pull_all(KT_FEED_PRICES, &prices, KT_KIND_PRICE, &last, false), 1);
    const struct kt_price *price = last.record;
    assert_true(kt_str_is(price->id, "0001-02"));
    assert_int_equal(kt_dec_cmp(price->amount, (struct kt_dec){ 51, 1 }), 0);

    (void)control("POST", "/_sandbox/change",
                  "{\"kind\": \"article\", \"key\": {\"MATNR\": \"G-1-RED\"}, \"delete\": true}");
    assert_int_equal(pull_all(KT_FEED_CATALOGUE, &articles, KT_KIND_VARIANT, &last, false), 1);
    assert_true(last.is_deleted);
    assert_true(kt_str_is(((const struct kt_variant *)last.record)->sku, "G-1-RED"));
}

static struct kt_change only(enum kt_feed feed, enum kt_kind kind, const char *key)
{
    struct kt_err e = { 0 };
    struct kt_page page = { .feed = feed, .max = 100 };
    assert_int_equal(kt_erp_sap.pull(erp, &page, arena, &e), KT_OK);
    assert_true(page.is_snapshot && !page.is_more && page.has_total);
    assert_true(page.begun_us > 0 && page.begun_us <= kt_now_us());
    size_t first_kind = 0;
    struct kt_change found = { 0 };
    for (size_t i = 0; i < page.changes.count; i++) {
        const struct kt_change *c = &page.changes.item[i];
        first_kind += (kt_feed_kinds(feed) & (1U << c->kind)) != 0 &&
                      (feed != KT_FEED_CATALOGUE || c->kind == KT_KIND_PRODUCT);
        assert_int_equal(kt_shape_check(kt_kind_shape[c->kind], c->record, arena, &e), KT_OK);
        if (c->kind == kind && kt_str_is(kt_shape_key(kt_kind_shape[kind], c->record, arena), key))
            found = *c;
    }
    assert_int_equal(page.total, first_kind); /* what the source counts is what arrived */
    assert_non_null(found.record);
    return found;
}

/* Before anything is changed: every field that the data directory can say arrives. */
static void feeds__carry_the_whole_catalogue(void **state)
{
    (void)state;
    const struct kt_product *p = only(KT_FEED_CATALOGUE, KT_KIND_PRODUCT, "main|K-1").record;
    assert_int_equal(p->media.count, 1);
    assert_true(kt_str_is(((const struct kt_ref *)p->categories.item)->id, "LAMPS"));
    const struct kt_variant *v = only(KT_FEED_CATALOGUE, KT_KIND_VARIANT, "main|K-1").record;
    assert_int_equal(kt_dec_cmp(v->width, kt_dec_int(125)), 0);
    assert_int_equal(v->units.count, 1);
    assert_int_equal(v->sale_until.y, 2030);
    p = only(KT_FEED_CATALOGUE, KT_KIND_PRODUCT, "main|G-1").record;
    assert_true(kt_str_is(p->model_id, "Stuhl 1"));
    assert_int_equal(p->axes.count, 1);
    v = only(KT_FEED_CATALOGUE, KT_KIND_VARIANT, "main|K-2").record;
    assert_int_equal(v->lifecycle, KT_PHASE_OUT);
    const struct kt_price *price = only(KT_FEED_PRICES, KT_KIND_PRICE, "main|0001-02").record;
    assert_int_equal(price->kind, KT_PRICE_SALE);
    assert_true(kt_str_is(price->customer_group, "02"));
    const struct kt_stock *k = only(KT_FEED_STOCK, KT_KIND_STOCK, "main|K-2|1000").record;
    assert_int_equal(k->expected.count, 1);
    const struct kt_category *c = only(KT_FEED_CATEGORIES, KT_KIND_CATEGORY, "main|LAMPS").record;
    assert_true(kt_str_is(c->parent, "LIGHT"));
    const struct kt_customer *b = only(KT_FEED_CUSTOMERS, KT_KIND_CUSTOMER, "main|4711").record;
    assert_true(b->kind == KT_CUSTOMER_B2B && kt_str_is(b->city, "Berlin"));
}

static void customers__change_and_go(void **state)
{
    struct kt_str token = KT_STR("");
    struct kt_change last = { 0 };
    (void)state;
    assert_int_equal(pull_all(KT_FEED_CUSTOMERS, &token, KT_KIND_CUSTOMER, &last, true), 2);
    (void)control("POST", "/_sandbox/change",
                  "{\"kind\": \"customer\", \"key\": {\"KUNNR\": \"4800\"}, "
                  "\"set\": {\"NAME\": \"Neu AG\", \"COUNTRY\": \"AT\"}}");
    assert_int_equal(pull_all(KT_FEED_CUSTOMERS, &token, KT_KIND_CUSTOMER, &last, false), 1);
    assert_true(kt_str_is(((const struct kt_customer *)last.record)->name, "Neu AG"));
    (void)control("POST", "/_sandbox/change",
                  "{\"kind\": \"customer\", \"key\": {\"KUNNR\": \"4800\"}, \"delete\": true}");
    assert_int_equal(pull_all(KT_FEED_CUSTOMERS, &token, KT_KIND_CUSTOMER, &last, false), 1);
    assert_true(last.is_deleted);
}

static void categories__are_always_read_whole(void **state)
{
    struct kt_str token = KT_STR("");
    struct kt_change last = { 0 };
    (void)state;
    assert_int_equal(pull_all(KT_FEED_CATEGORIES, &token, KT_KIND_CATEGORY, &last, true), 3);
    assert_int_equal(token.n, 0);
    (void)control("POST", "/_sandbox/change",
                  "{\"kind\": \"category\", \"key\": {\"ID\": \"SEATS\"}, \"delete\": true}");
    assert_int_equal(pull_all(KT_FEED_CATEGORIES, &token, KT_KIND_CATEGORY, &last, true), 2);
}

static enum kt_rc create(const char *key, struct kt_booking *booked, struct kt_err *e)
{
    *e = (struct kt_err){ 0 };
    *booked = (struct kt_booking){ 0 };
    return kt_erp_sap.order_create(erp, key, &order, &sample_terms, booked, arena, e);
}

static enum kt_found find(const char *key, struct kt_booking *booked)
{
    struct kt_err e = { 0 };
    enum kt_found found = KT_ABSENT;
    assert_int_equal(kt_erp_sap.order_find(erp, key, &found, booked, arena, &e), KT_OK);
    return found;
}

static void order__is_booked_once_per_key(void **state)
{
    struct kt_booking first;
    struct kt_booking again;
    struct kt_booking found = { 0 };
    struct kt_err e;
    const char *key = new_key();
    (void)state;
    if (create(key, &first, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
    assert_false(first.is_blocked);
    assert_int_equal(first.lines.count, 3);
    assert_int_equal(kt_dec_cmp(first.gross, order.gross), 0);
    assert_int_equal(create(key, &again, &e), KT_OK);
    assert_true(kt_str_eq(first.number, again.number));
    assert_int_equal(find(key, &found), KT_FOUND);
    assert_true(kt_str_eq(first.number, found.number));
    assert_int_equal(documents_of(key), 1);

    struct kt_dec gross = order.gross;
    order.gross = (struct kt_dec){ 12490, 2 }; /* two euros that the lines do not have */
    assert_int_equal(create(new_key(), &first, &e), KT_OK);
    assert_true(first.is_blocked);
    order.gross = gross;
}

static void order__verdict_of_every_misbehaviour(void **state)
{
    static const struct {
        const char *rule;
        enum kt_rc rc;
        enum kt_code code;
        enum kt_found found; /* right behind it */
    } row[] = {
        { "\"mode\": \"cut\", \"create\": true", KT_UNSURE, KT_E_PARTNER_ANSWER_LOST, KT_FOUND },
        { "\"mode\": \"cut\", \"create\": true, \"reset\": true", KT_UNSURE,
          KT_E_PARTNER_ANSWER_LOST, KT_FOUND },
        { "\"mode\": \"cut\"", KT_UNSURE, KT_E_PARTNER_ANSWER_LOST, KT_ABSENT },
        { "\"mode\": \"commit_late\", \"commit_after_s\": 30", KT_UNSURE, KT_E_PARTNER_ANSWER_LOST,
          KT_PENDING },
        { "\"mode\": \"lock\"", KT_UNSURE, KT_E_ORDER_STILL_RUNNING, KT_ABSENT },
        { "\"mode\": \"error_after_create\"", KT_UNSURE, KT_E_PARTNER_FAULT, KT_FOUND },
        { "\"mode\": \"fault\"", KT_REJECT, KT_E_ORDER_REFUSED, KT_ABSENT },
        { "\"mode\": \"return_e\"", KT_REJECT, KT_E_ORDER_REFUSED, KT_ABSENT },
        { "\"mode\": \"truncate\"", KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE, KT_FOUND },
        { "\"mode\": \"html\", \"create\": true", KT_UNSURE, KT_E_PARTNER_NOT_API, KT_FOUND },
        { "\"mode\": \"status\", \"status\": 503, \"retry_after\": 7", KT_RETRY, KT_E_PARTNER_BUSY,
          KT_ABSENT },
        { "\"mode\": \"status\", \"status\": 502", KT_UNSURE, KT_E_PARTNER_FAULT, KT_ABSENT },
        { "\"mode\": \"never\", \"hold_s\": 30", KT_UNSURE, KT_E_PARTNER_TIMEOUT, KT_ABSENT },
        { "\"mode\": \"slow\", \"total_s\": 30", KT_UNSURE, KT_E_PARTNER_TIMEOUT, KT_FOUND },
        { "\"mode\": \"twice\", \"what\": \"both\"", KT_OK, KT_E_NONE, KT_FOUND },
    };
    (void)state;
    conf.http.timeout_s = 1;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_booking booked;
        struct kt_err e;
        const char *key = new_key();
        (void)control("POST", "/_sandbox/misbehave",
                      kt_format(arena,
                                "{\"rule\": {\"on\": \"Z_KONTOR_ORDER_CREATE\", \"times\": 1, "
                                "\"key\": \"%s\", %s}}",
                                key, row[i].rule));
        enum kt_rc rc = create(key, &booked, &e);
        enum kt_found found = find(key, &booked);
        if (rc != row[i].rc || e.v.code != row[i].code || found != row[i].found)
            fail_msg("%s: %s %s, found %d; %s", row[i].rule, kt_rc_name(rc), kt_code_name(e.v.code),
                     (int)found, e.trail);
        assert_int_equal(documents_of(key), found == KT_FOUND ? 1 : 0);
        assert_true(e.v.retry_after_s == (e.v.code == KT_E_PARTNER_BUSY ? 7 : 0));
    }
    conf.http.timeout_s = 10;
}

static void order__refusals_name_the_cause(void **state)
{
    struct kt_booking booked;
    struct kt_err e;
    (void)state;
    line[1].sku = KT_STR("NIX");
    assert_int_equal(create(new_key(), &booked, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_SKU_UNKNOWN);
    assert_string_equal(e.v.param[1].value, "2");
    assert_string_equal(e.v.param[2].value, "NIX");
    line[1].sku = KT_STR("K-2");
    order.currency = KT_STR("THB");
    assert_int_equal(create(new_key(), &booked, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_CURRENCY_UNKNOWN);
    order.currency = KT_STR("EUR");
}

static void reads__verdicts(void **state)
{
    static const struct {
        const char *rule;
        enum kt_rc rc;
        enum kt_code code;
    } row[] = { { "\"mode\": \"html\"", KT_RETRY, KT_E_PARTNER_NOT_API },
                { "\"mode\": \"truncate\"", KT_RETRY, KT_E_PARTNER_ANSWER_INCOMPLETE },
                { "\"mode\": \"cut\"", KT_RETRY, KT_E_PARTNER_ANSWER_LOST },
                { "\"mode\": \"fault\"", KT_RETRY, KT_E_PARTNER_FAULT },
                { "\"mode\": \"return_e\"", KT_RETRY, KT_E_PARTNER_FAULT },
                { "\"mode\": \"status\", \"status\": 429, \"retry_after\": 3", KT_RETRY,
                  KT_E_PARTNER_BUSY },
                { "\"mode\": \"status\", \"status\": 404", KT_CONFIG, KT_E_PARTNER_NOT_FOUND } };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_err e = { 0 };
        struct kt_page page = { .feed = KT_FEED_PRICES };
        (void)control(
            "POST", "/_sandbox/misbehave",
            kt_format(arena, "{\"rule\": {\"on\": \"Z_KONTOR_PRICES\", %s}}", row[i].rule));
        enum kt_rc rc = kt_erp_sap.pull(erp, &page, arena, &e);
        if (rc != row[i].rc || e.v.code != row[i].code || e.v.reach != KT_ENDPOINT)
            fail_msg("%s: %s %s; %s", row[i].rule, kt_rc_name(rc), kt_code_name(e.v.code), e.trail);
        (void)control("DELETE", "/_sandbox/misbehave", NULL);
    }
}

static void customers__by_mail_and_by_name(void **state)
{
    struct kt_customer_match *match = NULL;
    size_t count = 0;
    struct kt_err e = { 0 };
    (void)state;
    assert_int_equal(kt_erp_sap.customer_find(erp, &order, &match, &count, arena, &e), KT_OK);
    assert_int_equal(count, 2);
    assert_true(kt_str_is(match[0].number, "4711") && kt_str_is(match[0].matched_by, "email"));
    assert_true(kt_str_is(match[1].matched_by, "name") && match[1].is_blocked);
}

static void login__is_checked(void **state)
{
    struct kt_sap_conf wrong = conf;
    struct kt_erp *other = NULL;
    struct kt_identity who = { 0 };
    enum kt_grade grade = KT_GRADE_NONE;
    unsigned limit_s = 0;
    struct kt_err e = { 0 };
    (void)state;
    assert_int_equal(kt_erp_sap.identify(erp, &who, &grade, &limit_s, arena, &e), KT_OK);
    assert_string_equal(who.text, "KTS/100");
    assert_int_equal(grade, KT_GRADE_KEY);
    wrong.http.password = "falsch";
    assert_int_equal(kt_erp_sap.open(&other, &wrong, &env, &e), KT_OK);
    assert_int_equal(kt_erp_sap.identify(other, &who, &grade, &limit_s, arena, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_PARTNER_LOGIN);
    assert_null(strstr(e.trail, "falsch"));
    kt_erp_sap.close(other);
}

static int setup(void **state)
{
    struct kt_err e = { 0 };
    (void)state;
    arena = kt_arena_new();
    if (start_sap() != 0)
        return -1;
    conf = sample_conf(url);
    conf.http.user = "KONTOR";
    conf.http.password = "geheim";
    env = (struct kt_env){ .name = "main", .scope = "main", .log = { .least = KT_LOG_ERROR } };
    sample_order(&order, line);
    return kt_erp_sap.open(&erp, &conf, &env, &e) == KT_OK ? 0 : -1;
}

static int teardown(void **state)
{
    int status = 0;
    (void)state;
    kt_erp_sap.close(erp);
    kt_arena_free(arena);
    if (sap > 0) {
        kill(sap, SIGTERM);
        waitpid(sap, &status, 0);
        close(sap_out);
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feeds__carry_the_whole_catalogue),
        cmocka_unit_test(feeds__snapshot_then_changes),
        cmocka_unit_test(customers__change_and_go),
        cmocka_unit_test(categories__are_always_read_whole),
        cmocka_unit_test(order__is_booked_once_per_key),
        cmocka_unit_test(order__verdict_of_every_misbehaviour),
        cmocka_unit_test(order__refusals_name_the_cause),
        cmocka_unit_test(reads__verdicts),
        cmocka_unit_test(customers__by_mail_and_by_name),
        cmocka_unit_test(login__is_checked),
    };
    if (!has_lxml()) {
        puts("skipped: python3-lxml is missing; run scripts/deps --test");
        return 77;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
