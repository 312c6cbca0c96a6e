/* gzip bodies: whole ones are unpacked however they arrive; broken, doubled and swollen ones are
 * refused. */
#include "wire/inflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/macros.h"

enum { ROOM = 8 * 1024 * 1024, GZIP = 16 + MAX_WBITS };

static char *plain;  /* ROOM bytes */
static char *packed; /* ROOM bytes */
static char *result; /* ROOM bytes */
static size_t result_n;
static unsigned status;
static const char *why;

static int set_up(void **state)
{
    (void)state;
    plain = calloc(1, ROOM);
    packed = calloc(1, ROOM);
    result = calloc(1, ROOM);
    assert_true(plain != NULL && packed != NULL && result != NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(plain);
    free(packed);
    free(result);
    return 0;
}

static struct kt_str pack(size_t n, int window, int level)
{
    z_stream z = { 0 };
    assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)plain;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)packed;
    z.avail_out = ROOM;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t made = ROOM - z.avail_out;
    assert_int_equal(deflateEnd(&z), Z_OK);
    return (struct kt_str){ packed, made };
}

/* Feeds `in` in pieces, with `room` bytes of space at a time. */
static enum kt_head_rc unpack(struct kt_str in, size_t piece, size_t room, uint64_t max)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_inflate *z = kt_inflate_new(max, a);
    enum kt_head_rc rc = KT_HEAD_MORE;
    result_n = 0;
    for (size_t at = 0; at < in.n && rc != KT_HEAD_BAD; at += piece) {
        struct kt_str left = kt_str_part(in, at, piece);
        size_t made = 0;
        do {
            size_t used = 0;
            assert_true(result_n + room <= ROOM);
            rc = kt_inflate_feed(z, left, result + result_n, room, &used, &made, &status, &why);
            assert_true(used <= left.n && made <= room);
            result_n += made;
            left = kt_str_part(left, used, left.n);
        } while (rc != KT_HEAD_BAD && (left.n > 0 || made == room));
    }
    kt_arena_free(a);
    return rc;
}

static void fill_words(size_t n)
{
    static const char *const word[] = { "<line>", "</line>", "4006381333931", "stock", "\n" };
    uint32_t x = 7;
    for (size_t at = 0; at < n;) {
        x = x * 1664525U + 1013904223U;
        const char *w = word[(x >> 24) % KT_COUNT(word)];
        size_t len = strlen(w) < n - at ? strlen(w) : n - at;
        memcpy(plain + at, w, len);
        at += len;
    }
}

static void whole__is_unpacked_in_any_pieces(void **state)
{
    static const size_t sizes[] = { 0, 1, 100, 65535, 65536, 65537, 140000 };
    static const size_t pieces[] = { 1, 2, 7, 1000, 1 << 20 };
    static const size_t rooms[] = { 1, 3, 4096, 65536, 1 << 20 };
    (void)state;
    for (size_t s = 0; s < KT_COUNT(sizes); s++) {
        fill_words(sizes[s]);
        for (int level = 0; level <= 9; level += 9) {
            struct kt_str in = pack(sizes[s], GZIP, level);
            for (size_t i = 0; i < KT_COUNT(pieces); i++) {
                for (size_t j = 0; j < KT_COUNT(rooms); j++) {
                    memset(result, 0, sizes[s]);
                    if (unpack(in, pieces[i], rooms[j], sizes[s]) != KT_HEAD_OK)
                        fail_msg("%zu in %zu, %zu: %s", sizes[s], pieces[i], rooms[j], why);
                    assert_int_equal(result_n, sizes[s]);
                    assert_memory_equal(result, plain, result_n);
                }
            }
        }
    }
}

static void header__may_name_a_file(void **state)
{
    static const char name[] = "stock.xml";
    (void)state;
    fill_words(50);
    struct kt_str in = pack(50, GZIP, 6);
    memmove(packed + 10 + sizeof name, packed + 10, in.n - 10);
    memcpy(packed + 10, name, sizeof name);
    packed[3] = 8; /* FNAME */
    in.n += sizeof name;
    assert_int_equal(unpack(in, 1, 9, 50), KT_HEAD_OK);
    assert_memory_equal(result, plain, 50);
}

static void cut__is_never_whole(void **state)
{
    (void)state;
    fill_words(2000);
    struct kt_str in = pack(2000, GZIP, 6);
    for (size_t n = 0; n < in.n; n++)
        assert_int_equal(unpack(kt_str_part(in, 0, n), 64, 512, 2000), KT_HEAD_MORE);
}

static void broken__is_refused(void **state)
{
    (void)state;
    fill_words(2000);
    struct kt_str in = pack(2000, GZIP, 6);
    for (size_t i = 1; i <= 8; i++) { /* checksum and size */
        packed[in.n - i] = (char)(packed[in.n - i] ^ 1);
        assert_int_equal(unpack(in, 100, 512, 2000), KT_HEAD_BAD);
        assert_int_equal(status, 400);
        assert_string_equal(why, "a broken gzip body");
        packed[in.n - i] = (char)(packed[in.n - i] ^ 1);
    }
    assert_int_equal(unpack(in, 100, 512, 2000), KT_HEAD_OK);
    packed[0] = 'x';
    assert_int_equal(unpack(in, 100, 512, 2000), KT_HEAD_BAD);
    assert_int_equal(unpack(pack(2000, MAX_WBITS, 6), 100, 512, 2000), KT_HEAD_BAD);  /* zlib */
    assert_int_equal(unpack(pack(2000, -MAX_WBITS, 6), 100, 512, 2000), KT_HEAD_BAD); /* raw */
}

static void refused__stays_refused(void **state)
{
    char out[16];
    size_t used = 0;
    size_t made = 0;
    struct kt_arena *a = kt_arena_new();
    struct kt_inflate *z = kt_inflate_new(100, a);
    (void)state;
    assert_int_equal(kt_inflate_feed(z, KT_STR("xx"), out, 16, &used, &made, &status, &why),
                     KT_HEAD_BAD);
    assert_string_equal(why, "a broken gzip body");
    fill_words(9);
    assert_int_equal(kt_inflate_feed(z, pack(9, GZIP, 6), out, 16, &used, &made, &status, &why),
                     KT_HEAD_BAD);
    assert_string_equal(why, "a gzip body that was refused before");
    assert_int_equal(status, 400);
    kt_arena_free(a);
}

static void behind_the_end__nothing_may_stand(void **state)
{
    static const size_t pieces[] = { 1, 50, 100000 };
    (void)state;
    fill_words(2000);
    struct kt_str in = pack(2000, GZIP, 6);
    memcpy(packed + in.n, packed, in.n); /* a second member */
    for (size_t i = 0; i < KT_COUNT(pieces); i++) {
        assert_int_equal(unpack((struct kt_str){ packed, in.n }, pieces[i], 5000, 4000),
                         KT_HEAD_OK);
        for (size_t more = 1; more <= in.n; more += in.n - 1) {
            assert_int_equal(unpack((struct kt_str){ packed, in.n + more }, pieces[i], 5000, 4000),
                             KT_HEAD_BAD);
            assert_int_equal(status, 400);
            assert_string_equal(why, "bytes behind the gzip body");
        }
    }
}

static void size__has_a_limit(void **state)
{
    (void)state;
    fill_words(70000);
    struct kt_str in = pack(70000, GZIP, 6);
    for (size_t room = 1; room < 200000; room *= 7) {
        assert_int_equal(unpack(in, 1000, room, 70000), KT_HEAD_OK);
        assert_int_equal(unpack(in, 1000, room, 69999), KT_HEAD_BAD);
        assert_int_equal(status, 413);
        assert_true(result_n <= 70000);
    }
}

/* Zeros pack to a thousandth of their size. */
static void swelling__has_a_limit(void **state)
{
    (void)state;
    memset(plain, 0, ROOM);
    struct kt_str in = pack(KT_INFLATE_FREE, GZIP, 9);
    assert_int_equal(unpack(in, 100, 4096, UINT64_MAX), KT_HEAD_OK);
    in = pack(ROOM / 2, GZIP, 9);
    for (size_t room = 64; room <= (1 << 20); room *= 128) {
        assert_int_equal(unpack(in, in.n, room, UINT64_MAX), KT_HEAD_BAD);
        assert_int_equal(status, 413);
        assert_true(result_n <= KT_INFLATE_FREE + 65536);
    }
    fill_words(ROOM / 2);
    assert_int_equal(unpack(pack(ROOM / 2, GZIP, 9), 4096, 65536, UINT64_MAX), KT_HEAD_OK);
    assert_int_equal(result_n, ROOM / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole__is_unpacked_in_any_pieces),
        cmocka_unit_test(header__may_name_a_file),
        cmocka_unit_test(cut__is_never_whole),
        cmocka_unit_test(broken__is_refused),
        cmocka_unit_test(refused__stays_refused),
        cmocka_unit_test(behind_the_end__nothing_may_stand),
        cmocka_unit_test(size__has_a_limit),
        cmocka_unit_test(swelling__has_a_limit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
