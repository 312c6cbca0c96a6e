/* The codeunit's part of the NAV adapter against the stand-in of tests/sandbox, which shares no
 * code with it: whole feeds, orders, and everything that may go wrong with a create. Skipped where
 * python3-lxml is missing. */
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

#include "talking.h"

#define SANDBOX KT_TEST_ROOT "/tests/sandbox"

static pid_t nav;
static int nav_out;
static char folder[] = "/tmp/kontor-nav-XXXXXX";
static char base[64];
static char url[128];
static struct kt_arena *arena;
static struct kt_nav_conf conf;
static struct kt_env env;
static struct kt_erp *erp;
static struct kt_order order;
static struct kt_order_line line[3];
static int keys;

static const struct kt_order_terms shop_terms = { .sum_tolerance = { 2, 2 } };

static pid_t run(const char *const *words, int *out)
{
    int fd[2];
    if (pipe(fd) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        char *copy[20] = { 0 };
        for (int i = 0; words[i] != NULL && i < 19; i++)
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

static bool runs_well(const char *const *words)
{
    int out = -1;
    int status = 1;
    pid_t pid = run(words, &out);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return false;
    close(out);
    return status == 0;
}

/* The stand-in prints its address once it listens. */
static int start_nav(const char *data)
{
    const char *const words[] = { "/usr/bin/python3",
                                  "-B",
                                  SANDBOX "/nav.py",
                                  "--data",
                                  data,
                                  "--port",
                                  "0",
                                  "--user",
                                  "KONTOR",
                                  "--password",
                                  "geheim",
                                  "--lock-timeout",
                                  "0.2",
                                  NULL };
    char told_us[200] = "";
    size_t n = 0;
    nav = run(words, &nav_out);
    while (nav > 0 && n < sizeof told_us - 1 && strchr(told_us, '\n') == NULL) {
        ssize_t got = read(nav_out, told_us + n, sizeof told_us - 1 - n);
        if (got <= 0)
            return -1;
        n += (size_t)got;
        told_us[n] = '\0';
    }
    const char *at = strstr(told_us, "http://");
    if (at == NULL)
        return -1;
    snprintf(url, sizeof url, "%.*s", (int)strcspn(at, " \n"), at);
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
    return kt_format(arena, "K%d", ++keys);
}

static int documents_of(const char *key)
{
    struct kt_str orders = control("GET", "/_sandbox/orders", NULL);
    const char *wanted = kt_format(arena, "\"key\": \"%s\"", key);
    int count = 0;
    for (const char *at = orders.p; (at = strstr(at, wanted)) != NULL; at++)
        count++;
    return count;
}

/* Reads a feed to its end by small pages; counts sound records, checks the total of a walk. */
static size_t pull_all(enum kt_feed feed, struct kt_str *token, bool is_snapshot)
{
    size_t count = 0;
    bool is_more = true;
    while (is_more) {
        struct kt_err e = { 0 };
        struct kt_page page = { .feed = feed, .token = *token, .max = 3 };
        enum kt_rc rc = kt_erp_nav.pull(erp, &page, arena, &e);
        if (rc != KT_OK)
            fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
        assert_int_equal(page.is_snapshot, is_snapshot);
        for (size_t i = 0; i < page.changes.count; i++) {
            const struct kt_change *c = &page.changes.item[i];
            assert_null(c->fault);
            assert_int_equal(kt_shape_check(kt_kind_shape[c->kind], c->record, arena, &e), KT_OK);
        }
        count += page.changes.count;
        if (is_snapshot && !page.is_more && page.has_total)
            assert_int_equal(page.total, count);
        *token = kt_str_copy(arena, page.next);
        is_more = page.is_more;
    }
    return count;
}

static void prices__are_walked_to_the_end(void **state)
{
    struct kt_str token = KT_STR("");
    (void)state;
    size_t count = pull_all(KT_FEED_PRICES, &token, true);
    assert_true(count > 12);
    token = KT_STR("");
    assert_int_equal(pull_all(KT_FEED_PRICES, &token, true), count);
}

static void stock__changes_by_entry_and_by_order(void **state)
{
    struct kt_str token = KT_STR("");
    (void)state;
    assert_true(pull_all(KT_FEED_STOCK, &token, true) > 3);
    size_t quiet = pull_all(KT_FEED_STOCK, &token, false); /* runs may overlap */
    (void)control("POST", "/_sandbox/stock",
                  "{\"item\": \"N-100000\", \"variant\": \"RED\", \"quantity\": \"-3\"}");
    assert_true(pull_all(KT_FEED_STOCK, &token, false) >= 1);
    (void)quiet;
}

static enum kt_rc create(const char *key, struct kt_booking *booked, struct kt_err *e)
{
    *e = (struct kt_err){ 0 };
    *booked = (struct kt_booking){ 0 };
    return kt_erp_nav.order_create(erp, key, &order, &shop_terms, booked, arena, e);
}

static enum kt_found find(const char *key, struct kt_booking *booked)
{
    struct kt_err e = { 0 };
    enum kt_found found = KT_ABSENT;
    if (kt_erp_nav.order_find(erp, key, &found, booked, arena, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
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
        fail_msg("%s %s: %s", kt_code_name(e.v.code), e.v.param[1].value, e.trail);
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

static void order__whose_document_is_deleted_is_a_persons(void **state)
{
    struct kt_booking b;
    struct kt_err e;
    enum kt_found found = KT_FOUND;
    const char *key = new_key();
    (void)state;
    assert_int_equal(create(key, &b, &e), KT_OK);
    (void)control("POST", "/_sandbox/delete",
                  kt_format(arena, "{\"number\": \"%s\"}", kt_str_copy(arena, b.number).p));
    e = (struct kt_err){ 0 };
    assert_int_equal(kt_erp_nav.order_find(erp, key, &found, &b, arena, &e), KT_REJECT);
    assert_int_equal(create(key, &b, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_REFUSED);
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
        { "\"mode\": \"cut\"", KT_UNSURE, KT_E_PARTNER_ANSWER_LOST, KT_ABSENT },
        { "\"mode\": \"commit_late\", \"commit_after_s\": 30", KT_UNSURE, KT_E_PARTNER_ANSWER_LOST,
          KT_PENDING },
        { "\"mode\": \"lock\"", KT_UNSURE, KT_E_ORDER_STILL_RUNNING, KT_ABSENT },
        { "\"mode\": \"error_after_create\"", KT_UNSURE, KT_E_PARTNER_FAULT, KT_FOUND },
        { "\"mode\": \"fault\"", KT_REJECT, KT_E_ORDER_REFUSED, KT_ABSENT },
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
                                "{\"rule\": {\"on\": \"CreateOrder\", \"times\": 1, "
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
    line[0].sku = KT_STR("NIX");
    assert_int_equal(create(new_key(), &booked, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_SKU_UNKNOWN);
    assert_string_equal(e.v.param[2].value, "NIX");
    line[0].sku = KT_STR("N-100000"); /* sold as its variants alone */
    assert_int_equal(create(new_key(), &booked, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_SKU_UNKNOWN);
    line[0].sku = KT_STR("N-100000.RED");
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
                { "\"mode\": \"status\", \"status\": 429, \"retry_after\": 3", KT_RETRY,
                  KT_E_PARTNER_BUSY },
                { "\"mode\": \"status\", \"status\": 404", KT_CONFIG, KT_E_PARTNER_NOT_FOUND } };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_err e = { 0 };
        struct kt_page page = { .feed = KT_FEED_PRICES, .max = 100 };
        (void)control("POST", "/_sandbox/misbehave",
                      kt_format(arena, "{\"rule\": {\"on\": \"ReadPrices\", %s}}", row[i].rule));
        enum kt_rc rc = kt_erp_nav.pull(erp, &page, arena, &e);
        if (rc != row[i].rc || e.v.code != row[i].code || e.v.reach != KT_ENDPOINT)
            fail_msg("%s: %s %s; %s", row[i].rule, kt_rc_name(rc), kt_code_name(e.v.code), e.trail);
        (void)control("DELETE", "/_sandbox/misbehave", NULL);
    }
}

static void customers__by_mail(void **state)
{
    struct kt_customer_match *match = NULL;
    size_t count = 0;
    struct kt_err e = { 0 };
    (void)state;
    order.billing.email = KT_STR("Einkauf@funkelbach.example");
    order.billing.vat_id = KT_STR("");
    assert_int_equal(kt_erp_nav.customer_find(erp, &order, &match, &count, arena, &e), KT_OK);
    assert_int_equal(count, 1);
    is_text(match[0].number, "10001");
    is_text(match[0].matched_by, "email");
    order.billing.email = KT_STR("erika@example.com");
}

static void identity__is_pinned_by_company_and_database(void **state)
{
    struct kt_identity who = { 0 };
    enum kt_grade grade = KT_GRADE_NONE;
    unsigned limit_s = 0;
    struct kt_err e = { 0 };
    (void)state;
    if (kt_erp_nav.identify(erp, &who, &grade, &limit_s, arena, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
    assert_string_equal(who.text, "CRONUS AG @ NAVDB");
    assert_int_equal(grade, KT_GRADE_KEY);
}

static int group_set_up(void **state)
{
    static const char *const payments[] = { "paypal=PAYPAL" };
    static const char *const lxml[] = { "/usr/bin/python3", "-c", "import lxml.etree", NULL };
    const char *const make[] = {
        "/usr/bin/python3", "-B", SANDBOX "/navcatalogue.py", folder, "--items", "12", NULL
    };
    struct kt_err e = { 0 };
    (void)state;
    if (!runs_well(lxml)) {
        printf("skipped: python3-lxml is missing\n");
        exit(77);
    }
    arena = kt_arena_new();
    if (mkdtemp(folder) == NULL || !runs_well(make) ||
        start_nav(kt_format(arena, "%s/1", folder)) != 0)
        return -1;
    conf = plain_conf(url);
    conf.shipping_account = "gl:8400";
    conf.discount_account = "gl:6910";
    conf.payments = (struct kt_conf_texts){ payments, 1 };
    env = (struct kt_env){ .name = "nav", .scope = "nav", .log = { .least = KT_LOG_ERROR } };
    sample_order(&order, line);
    line[0].sku = KT_STR("N-100000.RED");
    return kt_erp_nav.open(&erp, &conf, &env, &e) == KT_OK ? 0 : -1;
}

static int group_tear_down(void **state)
{
    const char *const clear[] = { "/bin/rm", "-r", "--", folder, NULL };
    (void)state;
    kt_erp_nav.close(erp);
    if (nav > 0) {
        kill(nav, SIGTERM);
        waitpid(nav, NULL, 0);
        close(nav_out);
    }
    kt_arena_free(arena);
    return runs_well(clear) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity__is_pinned_by_company_and_database),
        cmocka_unit_test(prices__are_walked_to_the_end),
        cmocka_unit_test(stock__changes_by_entry_and_by_order),
        cmocka_unit_test(order__is_booked_once_per_key),
        cmocka_unit_test(order__whose_document_is_deleted_is_a_persons),
        cmocka_unit_test(order__verdict_of_every_misbehaviour),
        cmocka_unit_test(order__refusals_name_the_cause),
        cmocka_unit_test(reads__verdicts),
        cmocka_unit_test(customers__by_mail),
    };
    return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
