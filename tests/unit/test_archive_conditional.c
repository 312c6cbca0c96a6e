/* Conditional and range requests: src/archive/conditional.c, by RFC 9110, 13 and 14. */
#include "archive/conditional.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TAG "\"abc\""

static struct kt_request asking(const char *method, const char *fields)
{
    return (struct kt_request){ .method = kt_str_of(method), .head = kt_str_of(fields) };
}

static unsigned condition(const char *fields)
{
    const struct kt_request q = asking("GET", fields);
    return kt_condition_status(&q, KT_STR(TAG));
}

static void condition__none_match(void **state)
{
    (void)state;
    assert_int_equal(condition(""), 0);
    assert_int_equal(condition("If-None-Match: " TAG "\r\n"), 304);
    assert_int_equal(condition("if-none-match: \"x\", W/" TAG " ,\"y\"\r\n"), 304);
    assert_int_equal(condition("If-None-Match: *\r\n"), 304);
    assert_int_equal(condition("If-None-Match: \"abcd\", \"ab\"\r\n"), 0);
    assert_int_equal(condition("If-None-Match: abc\r\n"), 0);
    assert_int_equal(condition("If-None-Match: \"abc\r\n"), 0);
    assert_int_equal(condition("If-None-Match:\r\n"), 0);
    assert_int_equal(condition("If-None-Match: W/\r\n"), 0);
}

static void condition__match(void **state)
{
    (void)state;
    assert_int_equal(condition("If-Match: " TAG "\r\n"), 0);
    assert_int_equal(condition("If-Match: *\r\n"), 0);
    assert_int_equal(condition("If-Match: \"x\"\r\n"), 412);
    assert_int_equal(condition("If-Match: W/" TAG "\r\n"), 412);
    assert_int_equal(condition("If-Match: \"x\"\r\nIf-None-Match: " TAG "\r\n"), 412);
}

struct expected {
    const char *range;
    uint64_t size;
    unsigned status;
    uint64_t at, n;
};

static void range__by_the_rfc(void **state)
{
    static const struct expected all[] = {
        { "bytes=0-0", 10, 206, 0, 1 },
        { "bytes=0-9", 10, 206, 0, 10 },
        { "bytes=0-", 10, 206, 0, 10 },
        { "bytes=3-5", 10, 206, 3, 3 },
        { "Bytes= 3-5 ", 10, 206, 3, 3 },
        { "bytes=9-", 10, 206, 9, 1 },
        { "bytes=5-99", 10, 206, 5, 5 },
        { "bytes=0-18446744073709551615", 10, 206, 0, 10 },
        { "bytes=0-99999999999999999999999999", 10, 206, 0, 10 },
        { "bytes=-1", 10, 206, 9, 1 },
        { "bytes=-10", 10, 206, 0, 10 },
        { "bytes=-99999999999999999999999999", 10, 206, 0, 10 },
        { "bytes=10-", 10, 416, 0, 0 },
        { "bytes=18446744073709551616-", 10, 416, 0, 0 },
        { "bytes=18446744073709551615-18446744073709551615", 10, 416, 0, 0 },
        { "bytes=-0", 10, 416, 0, 0 },
        { "bytes=0-", 0, 416, 0, 0 },
        { "bytes=-5", 0, 200, 0, 0 },
        { "bytes=5-3", 10, 200, 0, 10 },
        { "bytes=", 10, 200, 0, 10 },
        { "bytes=-", 10, 200, 0, 10 },
        { "bytes=a-b", 10, 200, 0, 10 },
        { "bytes=+1-2", 10, 200, 0, 10 },
        { "bytes=1-2x", 10, 200, 0, 10 },
        { "bytes=--1", 10, 200, 0, 10 },
        { "bytes=0x1-2", 10, 200, 0, 10 },
        { "bytes 0-1", 10, 200, 0, 10 },
        { "items=0-1", 10, 200, 0, 10 },
        { "bytes=0-0,2-3", 10, 200, 0, 10 },
        { "bytes=0-0,0-0,0-0,0-0", 10, 200, 0, 10 },
        { "0-1", 10, 200, 0, 10 },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(all); i++) {
        char fields[200];
        uint64_t at = 77;
        uint64_t n = 77;
        (void)snprintf(fields, sizeof fields, "Range: %s\r\n", all[i].range);
        const struct kt_request q = asking("GET", fields);
        const unsigned status = kt_range_status(&q, KT_STR(TAG), all[i].size, &at, &n);
        if (status != all[i].status)
            fail_msg("%s of %d: %u", all[i].range, (int)all[i].size, status);
        if (status != 416 && (at != all[i].at || n != all[i].n))
            fail_msg("%s: %llu + %llu", all[i].range, (unsigned long long)at,
                     (unsigned long long)n);
    }
}

static unsigned ranged(const char *method, const char *fields)
{
    const struct kt_request q = asking(method, fields);
    uint64_t at = 0;
    uint64_t n = 0;
    return kt_range_status(&q, KT_STR(TAG), 10, &at, &n);
}

static void range__only_of_the_content_that_is_meant(void **state)
{
    (void)state;
    assert_int_equal(ranged("GET", "Range: bytes=1-2\r\nIf-Range: " TAG "\r\n"), 206);
    assert_int_equal(ranged("GET", "Range: bytes=1-2\r\nIf-Range: \"old\"\r\n"), 200);
    assert_int_equal(ranged("GET", "Range: bytes=1-2\r\nIf-Range: W/" TAG "\r\n"), 200);
    assert_int_equal(
        ranged("GET", "Range: bytes=1-2\r\nIf-Range: Sat, 29 Oct 2024 19:43:31 GMT\r\n"), 200);
    assert_int_equal(ranged("GET", "Range: bytes=99-\r\nIf-Range: \"old\"\r\n"), 200);
    assert_int_equal(ranged("HEAD", "Range: bytes=1-2\r\n"), 200);
    assert_int_equal(ranged("GET", ""), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(condition__none_match),
        cmocka_unit_test(condition__match),
        cmocka_unit_test(range__by_the_rfc),
        cmocka_unit_test(range__only_of_the_content_that_is_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
