/* Timestamps: strict times, and the span against the clock to the microsecond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/time.h"
#include "wire/wss_inner.h"

#define AT(text)      "<u:Created>" text "</u:Created>"
#define UNTIL(text)   "<u:Expires>" text "</u:Expires>"
#define CREATED       AT("2026-03-01T10:00:00Z")
#define EXPIRES       UNTIL("2026-03-01T10:05:00Z")
#define CREATED_US    (INT64_C(1772359200) * KT_SECOND)
#define STAMP(inside) "<u:Timestamp>" inside "</u:Timestamp>"

static struct kt_arena *a;
static struct kt_wss_opened out;
static struct kt_wss_span span;

static enum kt_wss_code read_span(const char *children)
{
    const char *xml =
        kt_format(a,
                  "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' xmlns:o='%s' "
                  "xmlns:u='%s'><s:Header><o:Security>%s</o:Security></s:Header><s:Body><Op/>"
                  "</s:Body></s:Envelope>",
                  KT_WSS_WSSE, KT_WSS_WSU, children);
    const struct kt_wss_message m = { .xml = kt_str_of(xml) };
    struct kt_wss_tree tree;
    struct kt_err e = { 0 };
    out = (struct kt_wss_opened){ 0 };
    assert_int_equal(kt_wss_tree_read(&tree, &m, &out, a, &e), KT_OK);
    enum kt_rc rc = kt_wss_timestamp_read(&span, &tree, &out, a, &e);
    assert_int_equal(rc, out.code == KT_WSS_OK ? KT_OK : KT_REJECT);
    return out.code;
}

static void times__are_strict(void **state)
{
    static const struct {
        const char *text;
        int64_t us; /* behind CREATED_US; -1: it is none */
    } row[] = {
        { "2026-03-01T10:00:00Z", 0 },
        { "2026-03-01T10:00:00.5Z", 500000 },
        { "2026-03-01T10:00:00.1234567Z", 123456 },
        { "2026-03-01T10:00:00.123456789Z", 123456 },
        { "2026-03-01T10:00:00+00:00", -1 },
        { "2026-03-01T11:00:00+01:00", -1 },
        { "2026-03-01T10:00:00-00:00", -1 },
        { "2026-03-01T10:00:00", -1 },
        { "2026-03-01t10:00:00Z", -1 },
        { "2026-03-01T10:00:00z", -1 },
        { "2026-03-01 10:00:00Z", -1 },
        { "2026-03-01T10:00:00.Z", -1 },
        { "2026-03-01T10:00:00,5Z", -1 },
        { "2026-03-01T10:00:00.1234567890Z", -1 },
        { "2026-03-01T10:00:00.12a4Z", -1 },
        { "2026-03-01T10:00:00.5zZ", -1 },
        { "2026-03-01T10:00:00.5 Z", -1 },
        { "2026-03-01T10:00:00.5+00:00Z", -1 },
        { "2026-03-01T10:00:00.+01:00Z", -1 },
        { "2026-03-01T10:00:00+01:00Z", -1 },
        { "2026-03-01T10:00:00ZZ", -1 },
        { "2026-03-01T10:00Z", -1 },
        { "2026-03-01T24:00:00Z", -1 },
        { "2026-03-01T10:60:00Z", -1 },
        { "2026-03-01T10:00:60Z", -1 },
        { "2026-02-29T10:00:00Z", -1 },
        { "2026-13-01T10:00:00Z", -1 },
        { "2026-03-00T10:00:00Z", -1 },
        { "0000-03-01T10:00:00Z", -1 },
        { "10000-03-01T10:00:00Z", -1 },
        { "-2026-03-01T10:00:00Z", -1 },
        { "+2026-03-01T10:00:00Z", -1 },
        { "2026-03-01", -1 },
        { "20260301T100000Z", -1 },
        { "1772359200", -1 },
        { "Z", -1 },
        { "", -1 },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        int64_t at = -1;
        const bool is_time = kt_wss_time_read(&at, kt_str_of(row[i].text));
        if (is_time != (row[i].us >= 0) || (is_time && at != CREATED_US + row[i].us))
            fail_msg("%s", row[i].text);
    }
    int64_t at = 0;
    assert_false(kt_wss_time_read(&at, (struct kt_str){ NULL, 0 }));
}

static void timestamps__are_created_and_expires(void **state)
{
    static const char *const bad[] = {
        STAMP(""),
        STAMP(CREATED),
        STAMP(EXPIRES),
        STAMP(EXPIRES CREATED),
        STAMP(CREATED EXPIRES EXPIRES),
        STAMP(CREATED CREATED EXPIRES),
        STAMP(CREATED EXPIRES "text"),
        STAMP("<o:Created>2026-03-01T10:00:00Z</o:Created>" EXPIRES),
        STAMP(AT("2026-03-01T10:00:00+00:00") EXPIRES),
        STAMP(CREATED UNTIL("2026-03-01T10:05:00+00:00")),
        STAMP(AT("2026-03-01<!-- -->T10:00:00Z") EXPIRES),
        STAMP(CREATED UNTIL("2026-03-01T10:05:00Z<k/>")),
        STAMP(CREATED UNTIL("2026-03-01T10:00:00Z")),
        STAMP(CREATED UNTIL("2026-03-01T09:59:59.999999Z")),
    };
    (void)state;
    assert_int_equal(read_span(STAMP(CREATED EXPIRES)), KT_WSS_OK);
    assert_int_equal(span.created_us, CREATED_US);
    assert_int_equal(span.expires_us, CREATED_US + 300 * KT_SECOND);
    assert_int_equal(read_span(STAMP("\n<!-- -->" AT("\n2026-03-01T10:00:00Z ") EXPIRES)),
                     KT_WSS_OK);
    assert_int_equal(read_span(""), KT_WSS_TIMESTAMP_MISSING);
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        if (read_span(bad[i]) != KT_WSS_TIMESTAMP_FORM)
            fail_msg("%s: %s", bad[i], kt_wss_code_text(out.code));
    }
}

static enum kt_wss_code check_at(int64_t now_us)
{
    static const struct kt_wss_policy_conf policy = { .skew_s = 60, .lifetime_s = 300 };
    struct kt_err e = { 0 };
    out = (struct kt_wss_opened){ 0 };
    enum kt_rc rc = kt_wss_timestamp_check(&span, &policy, now_us, &out, &e);
    assert_int_equal(rc, out.code == KT_WSS_OK ? KT_OK : KT_REJECT);
    return out.code;
}

static void timestamps__hold_within_skew_and_lifetime(void **state)
{
    const int64_t skew = 60 * KT_SECOND;
    (void)state;
    span = (struct kt_wss_span){ CREATED_US, CREATED_US + 300 * KT_SECOND };
    assert_int_equal(check_at(CREATED_US), KT_WSS_OK);
    assert_int_equal(check_at(CREATED_US - skew), KT_WSS_OK);
    assert_int_equal(check_at(CREATED_US - skew - 1), KT_WSS_TIMESTAMP_FUTURE);
    assert_int_equal(check_at(span.expires_us + skew - 1), KT_WSS_OK);
    assert_int_equal(check_at(span.expires_us + skew), KT_WSS_TIMESTAMP_STALE);
    span.expires_us++;
    assert_int_equal(check_at(CREATED_US), KT_WSS_TIMESTAMP_LONG);
    /* times as far away as can be written */
    int64_t last = 0;
    assert_true(kt_wss_time_read(&last, KT_STR("9999-12-31T23:59:59.999999Z")));
    span = (struct kt_wss_span){ CREATED_US, last };
    assert_int_equal(check_at(CREATED_US), KT_WSS_TIMESTAMP_LONG);
    span = (struct kt_wss_span){ last - 1, last };
    assert_int_equal(check_at(CREATED_US), KT_WSS_TIMESTAMP_FUTURE);
    assert_true(kt_wss_time_read(&last, KT_STR("0001-01-01T00:00:00Z")));
    span = (struct kt_wss_span){ last, last + 1 };
    assert_int_equal(check_at(CREATED_US), KT_WSS_TIMESTAMP_STALE);
}

static int set_up(void **state)
{
    (void)state;
    a = kt_arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kt_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times__are_strict),
        cmocka_unit_test(timestamps__are_created_and_expires),
        cmocka_unit_test(timestamps__hold_within_skew_and_lifetime),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
