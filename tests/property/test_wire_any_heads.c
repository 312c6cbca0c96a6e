/* Heads of requests, made and then damaged: what is taken looks the same to every careless reader,
 * and the outcome never depends on how the bytes were cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "generator.h"
#include "lax_reader.h"

enum { ROUNDS = 60000, ROOM = 2048 };

static struct gen g;

struct text {
    char p[ROOM];
    size_t n;
};

static void put(struct text *t, const char *bytes, size_t n)
{
    assert_true(t->n + n < sizeof t->p);
    memcpy(t->p + t->n, bytes, n);
    t->n += n;
}

static void put_any(struct text *t, const char *const *choice, size_t count)
{
    const char *chosen = choice[gen_below(&g, count)];
    put(t, chosen, strlen(chosen));
}

/* A head that is good in most rounds. */
static struct text make(void)
{
    static const char *const line[] = { "POST /push HTTP/1.1\r\n", "POST /push?a=%20 HTTP/1.1\r\n",
                                        "GET / HTTP/1.1\r\n",      "POST http://a/b HTTP/1.1\r\n",
                                        "HEAD /a/b HTTP/1.0\r\n",  "POST /push HTTP/1.0\r\n" };
    static const char *const body[] = { "Content-Length: 5\r\n",
                                        "content-length:5\r\n",
                                        "Transfer-Encoding: chunked\r\n",
                                        "Content-Length: 0\r\n",
                                        "Transfer-Encoding:\tchunked \r\n",
                                        "" };
    static const char *const field[] = { "A: b\r\n",
                                         "Content-Type: text/xml\r\n",
                                         "Connection: close\r\n",
                                         "X-Content-Length: 9\r\n",
                                         "X: Transfer-Encoding: chunked\r\n",
                                         "TE: trailers\r\n",
                                         "Content-Encoding: gzip\r\n",
                                         "B:\r\n" };
    struct text t = { { 0 }, 0 };
    put_any(&t, line, KT_COUNT(line));
    for (size_t i = gen_below(&g, 3); i > 0; i--)
        put_any(&t, field, KT_COUNT(field));
    put(&t, "Host: a\r\n", 9);
    put_any(&t, body, KT_COUNT(body));
    for (size_t i = gen_below(&g, 3); i > 0; i--)
        put_any(&t, field, KT_COUNT(field));
    put(&t, "\r\n", 2);
    return t;
}

/* A byte changed, left out or doubled, or a piece put in that such attacks are made of. */
static void damage(struct text *t)
{
    static const char *const piece[] = { "\n",
                                         "\r",
                                         " ",
                                         "\t",
                                         ":",
                                         "\v",
                                         ",",
                                         ";",
                                         "+",
                                         "0",
                                         "%",
                                         "\r\n",
                                         "\r\n ",
                                         "\n\n",
                                         "\r\n\r\n",
                                         "chunked",
                                         "\xA0",
                                         "Content-Length: 7\r\n",
                                         "Transfer-Encoding: chunked\r\n",
                                         "Content-Length : 7\r\n",
                                         "Content_Length: 7\r\n",
                                         "Host: b\r\n",
                                         "_",
                                         "\"" };
    struct text old = *t;
    if (old.n == 0)
        return;
    size_t at = gen_below(&g, old.n);
    t->n = at;
    switch (gen_below(&g, 4)) {
    case 0: {
        char any = (char)gen_below(&g, 256);
        put(t, &any, 1);
        at++;
        break;
    }
    case 1:
        at++;
        break;
    case 2:
        put(t, old.p + at, 1);
        break;
    default:
        put_any(t, piece, KT_COUNT(piece));
        break;
    }
    put(t, old.p + at, old.n - at);
}

static void heads__look_the_same_to_all(void **state)
{
    struct kt_http_head head;
    size_t counts[3] = { 0 };
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t used = 0;
        unsigned status = 0;
        const char *why = NULL;
        struct text t = make();
        for (size_t i = gen_below(&g, 3); i > 0; i--)
            damage(&t);
        struct kt_str in = { t.p, t.n };
        enum kt_head_rc rc = kt_http_head_read(&head, in, 1000, &used, &status, &why);
        counts[rc]++;
        if (rc != KT_HEAD_OK)
            continue;
        why = lax_differs(&head, used, in);
        if (why != NULL)
            fail_msg("round %d: readers differ on %s:\n%.*s", round, why, (int)t.n, t.p);
    }
    /* the rounds say something about each outcome */
    assert_true(counts[KT_HEAD_OK] > ROUNDS / 5);
    assert_true(counts[KT_HEAD_BAD] > ROUNDS / 5);
    assert_true(counts[KT_HEAD_MORE] > 0);
}

static void heads__do_not_depend_on_cuts(void **state)
{
    struct kt_http_head whole;
    struct kt_http_head cut = { 0 };
    (void)state;
    for (int round = 0; round < ROUNDS / 20; round++) {
        size_t used[2] = { 0 };
        unsigned status[2] = { 0 };
        const char *why[2] = { NULL };
        struct text t = make();
        damage(&t);
        enum kt_head_rc rc = kt_http_head_read(&whole, (struct kt_str){ t.p, t.n }, 1000, &used[0],
                                               &status[0], &why[0]);
        enum kt_head_rc now = KT_HEAD_MORE;
        for (size_t n = 1; n <= t.n && now == KT_HEAD_MORE; n++)
            now = kt_http_head_read(&cut, (struct kt_str){ t.p, n }, 1000, &used[1], &status[1],
                                    &why[1]);
        assert_int_equal(rc, now);
        assert_int_equal(used[0], used[1]);
        assert_int_equal(status[0], status[1]);
        assert_string_equal(why[0], why[1]);
        assert_int_equal(whole.fields, cut.fields);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads__look_the_same_to_all),
        cmocka_unit_test(heads__do_not_depend_on_cuts),
    };
    g = gen_start("any_heads");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
