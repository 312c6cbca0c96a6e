/* Chunked bodies: what is taken, what is refused, and that it does not matter how the bytes were
 * cut on their way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "wire/http_head.h"

enum { MAX = 1000 };

static char body[200000];
static size_t body_n;
static size_t taken;
static unsigned status;
static const char *why;

static enum kt_head_rc feed(struct kt_chunks *c, struct kt_str in, uint64_t max)
{
    enum kt_head_rc rc = KT_HEAD_MORE;
    size_t used = 0;
    struct kt_str data;
    do {
        rc = kt_chunks_feed(c, in, max, &used, &data, &status, &why);
        assert_true(used <= in.n && data.n <= used);
        if (rc == KT_HEAD_BAD)
            return rc;
        memcpy(body + body_n, data.p, data.n);
        body_n += data.n;
        taken += used;
        in = kt_str_part(in, used, in.n);
    } while (rc == KT_HEAD_MORE && used > 0 && in.n > 0);
    return rc;
}

/* In pieces of `piece` bytes. */
static enum kt_head_rc feed_pieces(struct kt_str in, size_t piece, uint64_t max)
{
    struct kt_chunks c = { 0 };
    enum kt_head_rc rc = KT_HEAD_MORE;
    body_n = 0;
    taken = 0;
    for (size_t at = 0; at < in.n && rc == KT_HEAD_MORE; at += piece)
        rc = feed(&c, kt_str_part(in, at, piece), max);
    return rc;
}

static void bodies__are_taken_or_refused(void **state)
{
    static const char size[] = "a malformed chunk size";
    static const char no_lf[] = "a CR without LF in a chunked body";
    static const char extension[] = "a malformed chunk extension";
    static const char trailer[] = "a malformed trailer";
    static const char longer[] = "a chunk longer than its size";
    static const struct {
        const char *good;
        const char *body;
        const char *bad;
        size_t bad_n; /* 0: strlen */
        const char *why;
    } row[] = {
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "+3\r\nabc\r\n0\r\n\r\n", 0, size },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "-3\r\nabc\r\n0\r\n\r\n", 0, size },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "0x3\r\nabc\r\n0\r\n\r\n", 0, size },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", " 3\r\nabc\r\n0\r\n\r\n", 0, size },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "3 \r\nabc\r\n0\r\n\r\n", 0, size },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "3\t;a\r\nabc\r\n0\r\n\r\n", 0, size },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "3g\r\nabc\r\n0\r\n\r\n", 0, size },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "3\0\r\nabc\r\n0\r\n\r\n", 16, size },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "\r\nabc\r\n0\r\n\r\n", 0, size },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", ";a\r\nabc\r\n0\r\n\r\n", 0, size },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "3\nabc\r\n0\r\n\r\n", 0, size },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "3,3\r\nabc\r\n0\r\n\r\n", 0, size },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "3\rabc\r\n0\r\n\r\n", 0, no_lf },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "3\r\r\nabc\r\n0\r\n\r\n", 0, no_lf },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "3\r\nabc\n0\r\n\r\n", 0, longer },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "3\r\nabc0\r\n\r\n", 0, longer },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "2\r\nabc\r\n0\r\n\r\n", 0, longer },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "3\r\nabc\r0\r\n\r\n", 0, no_lf },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "4\r\nabc\r\n0\r\n\r\n", 0, longer },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "3\r\nabc\r\n0\r\n\n", 0, trailer },
        { "3\r\nabc\r\n0\r\n\r\n", "abc", "3\r\nabc\r\n0\r\n\r\r\n", 0, no_lf },
        { "0000000000000003\r\nabc\r\n0\r\n\r\n", "abc", "00000000000000003\r\nabc\r\n0\r\n\r\n", 0,
          "a chunk size of more than 16 digits" },
        { "a\r\n0123456789\r\n00\r\n\r\n", "0123456789", "A\r\n0123456789\r\n00\r\n00\r\n", 0,
          trailer },
        { "1;a=\"b;\\\"\"\r\nx\r\n0;c\r\n\r\n", "x", "1;a\nx\r\n0\r\n\r\n", 0, extension },
        { "1;\r\nx\r\n0\r\n\r\n", "x", "1;\rx\r\n0\r\n\r\n", 0, no_lf },
        { "1;a\r\nx\r\n0\r\n\r\n", "x", "1;\x01\r\nx\r\n0\r\n\r\n", 0, extension },
        { "1;a\r\nx\r\n0\r\n\r\n", "x", "1;\xC3\xA4\r\nx\r\n0\r\n\r\n", 0, extension },
        { "0\r\nA: b\r\nC:\r\n\r\n", "", "0\r\nA: b\r\n c\r\n\r\n", 0, trailer },
        { "0\r\nA: b\r\n\r\n", "", "0\r\nA : b\r\n\r\n", 0, trailer },
        { "0\r\nA: b\r\n\r\n", "", "0\r\nA\r\n\r\n", 0, trailer },
        { "0\r\nA: b\r\n\r\n", "", "0\r\n: b\r\n\r\n", 0, trailer },
        { "0\r\nA: b\r\n\r\n", "", "0\r\nA: b\n\r\n", 0, trailer },
        { "0\r\nA: b\r\n\r\n", "", "0\r\nA: \v\r\n\r\n", 0, trailer },
        { "0\r\nA: b\r\n\r\n", "", "0\r\nA: b\r\r\n\r\n", 0, no_lf },
        { "0\r\nA: b\r\n\r\n", "", "0\r\nGET / HTTP/1.1\r\n\r\n", 0, trailer },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        size_t n = row[i].bad_n > 0 ? row[i].bad_n : strlen(row[i].bad);
        for (size_t piece = 1; piece < 40; piece++) {
            if (feed_pieces(kt_str_of(row[i].good), piece, MAX) != KT_HEAD_OK)
                fail_msg("row %zu: the good one is refused: %s", i, why);
            assert_int_equal(body_n, strlen(row[i].body));
            assert_memory_equal(body, row[i].body, body_n);
            if (feed_pieces((struct kt_str){ row[i].bad, n }, piece, MAX) != KT_HEAD_BAD)
                fail_msg("row %zu in %zu: taken, not refused with %s", i, piece, row[i].why);
            if (status != 400 || strcmp(why, row[i].why) != 0)
                fail_msg("row %zu in %zu: %u %s", i, piece, status, why);
        }
    }
}

static void body__ends_where_it_ends(void **state)
{
    static const char text[] = "3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\n";
    struct kt_chunks c = { 0 };
    size_t used = 9;
    struct kt_str data;
    (void)state;
    assert_int_equal(feed_pieces(kt_str_of(text), sizeof text, MAX), KT_HEAD_OK);
    assert_int_equal(taken, 13);
    for (size_t n = 0; n < 13; n++)
        assert_int_equal(feed_pieces((struct kt_str){ text, n }, 1, MAX), KT_HEAD_MORE);
    assert_int_equal(feed(&c, (struct kt_str){ text, 13 }, MAX), KT_HEAD_OK);
    assert_int_equal(kt_chunks_feed(&c, KT_STR("x"), MAX, &used, &data, &status, &why),
                     KT_HEAD_OK); /* nothing is taken any more */
    assert_int_equal(used, 0);
    struct kt_chunks bad = { 0 };
    assert_int_equal(feed(&bad, KT_STR("x"), MAX), KT_HEAD_BAD);
    assert_int_equal(feed(&bad, KT_STR("0\r\n\r\n"), MAX), KT_HEAD_BAD);
}

static void sizes__have_limits(void **state)
{
    static char text[200000];
    (void)state;
    assert_int_equal(feed_pieces(KT_STR("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), 99, 5), KT_HEAD_OK);
    assert_int_equal(feed_pieces(KT_STR("3\r\nabc\r\n3\r\n"), 99, 5), KT_HEAD_BAD);
    assert_int_equal(status, 413);
    assert_int_equal(feed_pieces(KT_STR("FFFFFFFFFFFFFFFF\r\n"), 1, 5), KT_HEAD_BAD);
    assert_int_equal(status, 413);
    assert_int_equal(feed_pieces(KT_STR("3\r\nabc\r\nfffffffffffffffd\r\n"), 1, UINT64_MAX),
                     KT_HEAD_BAD);
    assert_int_equal(status, 413);
    assert_int_equal(feed_pieces(KT_STR("3\r\nabc\r\nfffffffffffffffc\r\n"), 1, UINT64_MAX),
                     KT_HEAD_MORE);

    /* a line of extensions */
    memset(text, 'e', sizeof text);
    memcpy(text, "0;", 2);
    memcpy(text + 2 + KT_CHUNK_LINE_MAX - 1, "\r\n\r\n", 4);
    assert_int_equal(feed_pieces((struct kt_str){ text, KT_CHUNK_LINE_MAX + 5 }, 7, MAX),
                     KT_HEAD_OK);
    text[KT_CHUNK_LINE_MAX + 1] = 'e';
    assert_int_equal(feed_pieces((struct kt_str){ text, KT_CHUNK_LINE_MAX + 5 }, 7, MAX),
                     KT_HEAD_BAD);

    /* of all chunks together: 100 each */
    size_t lines = 0;
    enum kt_head_rc rc = KT_HEAD_MORE;
    struct kt_chunks c = { 0 };
    memcpy(text, "1;", 2);
    memset(text + 2, 'e', 100);
    memcpy(text + 102, "\r\nx\r\n", 5);
    body_n = 0;
    while ((rc = feed(&c, (struct kt_str){ text, 107 }, MAX)) == KT_HEAD_MORE)
        lines++;
    assert_int_equal(rc, KT_HEAD_BAD);
    assert_int_equal(lines, KT_CHUNK_SKIPPED_MAX / 100);

    /* trailers, each with its CR */
    int n = snprintf(text, sizeof text, "0\r\nA:");
    memset(text + n, 'e', KT_TRAILER_MAX - 3);
    memcpy(text + n + KT_TRAILER_MAX - 3, "\r\n\r\n", 5);
    assert_int_equal(feed_pieces(kt_str_of(text), 7, MAX), KT_HEAD_OK);
    memcpy(text + n + KT_TRAILER_MAX - 3, "e\r\n\r\n", 6);
    assert_int_equal(feed_pieces(kt_str_of(text), 7, MAX), KT_HEAD_BAD);
    assert_string_equal(why, "trailers that are too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies__are_taken_or_refused),
        cmocka_unit_test(body__ends_where_it_ends),
        cmocka_unit_test(sizes__have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
