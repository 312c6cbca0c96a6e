/* Rules of src/wire/server_share.c: what strangers leave unfinished takes nothing away from those
 * who are known, nor one address everything from all other strangers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "wire/server_inner.h"

enum { SPILL_MAX = 64 << 20, ALL = SPILL_MAX / 8, ONE = ALL / 4 };
enum { MEMORY_ALL = KT_BODIES_MAX / 2, MEMORY_ONE = MEMORY_ALL / 4 };

static struct kt_addr address(const char *text)
{
    struct kt_addr a;
    assert_true(kt_addr_parse(&a, text));
    return a;
}

static struct kt_share *enter(struct kt_shares *shares, const char *text)
{
    const struct kt_addr a = address(text);
    return kt_share_enter(shares, &a);
}

static void share__is_of_one_address_and_of_all(void **state)
{
    struct kt_shares *shares = kt_shares_new(SPILL_MAX);
    struct kt_share *share[6];
    (void)state;
    share[0] = enter(shares, "192.0.2.1");
    share[1] = enter(shares, "192.0.2.1");
    assert_ptr_equal(share[0], share[1]);
    assert_true(kt_share_take(share[0], KT_SHARE_FILES, ONE - 1));
    assert_false(kt_share_take(share[1], KT_SHARE_FILES, 2));
    assert_true(kt_share_take(share[1], KT_SHARE_FILES, 1));
    assert_true(kt_share_take(share[1], KT_SHARE_MEMORY, 1)); /* of its own kind */
    for (int i = 2; i < 5; i++) {
        static const char *const text[] = { "", "", "192.0.2.2", "192.0.2.3", "2001:db8::1" };
        share[i] = enter(shares, text[i]);
        assert_true(kt_share_take(share[i], KT_SHARE_FILES, ONE));
    }
    share[5] = enter(shares, "192.0.2.5");
    assert_false(kt_share_take(share[5], KT_SHARE_FILES, 1)); /* of all */
    kt_share_give(share[0], KT_SHARE_FILES, ONE);
    assert_true(kt_share_take(share[5], KT_SHARE_FILES, ONE));
    kt_share_give(share[5], KT_SHARE_FILES, ONE);
    struct kt_share *same = enter(shares, "2001:db8::ffff"); /* one peer has all of a /64 */
    assert_ptr_equal(same, share[4]);
    kt_share_leave(same);
    for (int i = 2; i < 5; i++)
        kt_share_give(share[i], KT_SHARE_FILES, ONE);
    kt_share_give(share[1], KT_SHARE_MEMORY, 1);
    for (int i = 0; i < 6; i++)
        kt_share_leave(share[i]);
    share[0] = enter(shares, "192.0.2.6"); /* all was given back */
    assert_true(kt_share_take(share[0], KT_SHARE_FILES, ONE));
    kt_share_give(share[0], KT_SHARE_FILES, ONE);
    kt_share_leave(share[0]);
    kt_shares_free(shares);
    kt_shares_free(NULL);
}

static void share__is_nothing_to_those_who_are_known(void **state)
{
    (void)state;
    assert_true(kt_share_take(NULL, KT_SHARE_FILES, INT64_C(1) << 50));
    kt_share_give(NULL, KT_SHARE_FILES, 1);
    kt_share_refused(NULL);
    kt_share_leave(NULL);
}

/* --- bodies --- */

static struct kt_budget budget;
static char *bytes;

static struct kt_body stranger(struct kt_shares *shares, const char *text)
{
    struct kt_body b;
    kt_body_open(&b, &budget, UINT64_MAX);
    if (text != NULL)
        b.share = enter(shares, text);
    return b;
}

static unsigned put(struct kt_body *b, size_t n)
{
    unsigned status = 200;
    const char *why = "";
    while (n > 0) {
        const size_t some = n < (1 << 20) ? n : 1 << 20;
        if (!kt_body_put(b, (struct kt_str){ bytes, some }, &status, &why)) {
            assert_int_equal(strstr(why, "strangers") != NULL, b->share != NULL);
            return status;
        }
        n -= some;
    }
    return 200;
}

static void bodies__of_strangers_leave_the_files_to_others(void **state)
{
    struct kt_shares *shares = kt_shares_new(SPILL_MAX);
    static const char *const from[] = { "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4" };
    struct kt_body b[6];
    (void)state;
    budget = (struct kt_budget){ .spill_max = SPILL_MAX, .folder = "/tmp" };
    bytes = calloc(1, 1 << 20);
    assert_non_null(bytes);
    for (size_t i = 0; i < 4; i++) {
        b[i] = stranger(shares, from[i]);
        assert_int_equal(put(&b[i], ONE), 200);
    }
    assert_int_equal(put(&b[0], 1), 503); /* unfinished, and it goes no further */
    assert_int_equal(kt_shares_refused(shares), 1);
    b[4] = stranger(shares, "192.0.2.9"); /* small ones are not in files */
    assert_int_equal(put(&b[4], 1 << 20), 200);
    assert_int_equal(put(&b[4], 1), 503);
    b[5] = stranger(shares, NULL); /* one who is known has all the rest */
    assert_int_equal(put(&b[5], SPILL_MAX - ALL), 200);
    assert_int_equal(put(&b[5], 1), 503);
    assert_int_equal(kt_shares_refused(shares), 2);
    for (size_t i = 0; i < KT_COUNT(b); i++)
        kt_body_close(&b[i]);
    assert_int_equal(atomic_load(&budget.memory) + atomic_load(&budget.spilled), 0);
    b[0] = stranger(shares, "192.0.2.1");
    assert_int_equal(put(&b[0], ONE), 200);
    kt_body_close(&b[0]);
    free(bytes);
    kt_shares_free(shares);
}

/* However many small ones there are: they are in files then, and memory is there for others. */
static void bodies__of_strangers_leave_the_memory_to_others(void **state)
{
    struct kt_shares *shares = kt_shares_new(INT64_C(1) << 40);
    struct kt_body b[12];
    (void)state;
    budget = (struct kt_budget){ .spill_max = INT64_C(1) << 40, .folder = "/tmp" };
    bytes = calloc(1, 1 << 20);
    assert_non_null(bytes);
    for (size_t i = 0; i < KT_COUNT(b); i++) {
        b[i] = stranger(shares, "192.0.2.1");
        assert_int_equal(put(&b[i], 1 << 20), 200);
        assert_true(atomic_load(&budget.memory) <= MEMORY_ONE);
    }
    assert_true(b[KT_COUNT(b) - 1].gone_to_file && !b[0].gone_to_file);
    for (size_t i = 0; i < KT_COUNT(b); i++)
        kt_body_close(&b[i]);
    assert_int_equal(atomic_load(&budget.memory) + atomic_load(&budget.spilled), 0);
    free(bytes);
    kt_shares_free(shares);
}

/* --- on the wire --- */

static enum kt_entry admits(const void *route, const struct kt_request *q, struct kt_reply *r,
                            struct kt_arena *a)
{
    (void)route, (void)a;
    r->status = 401;
    return kt_str_is(kt_request_header(q, "x-word"), "sesame") ? KT_ENTRY_KNOWN
           : kt_request_header(q, "x-word").p != NULL          ? KT_ENTRY_REFUSED
                                                               : KT_ENTRY_STRANGER;
}

static void answer(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                   struct kt_arena *a)
{
    (void)worker, (void)route, (void)q, (void)a;
    r->status = 204;
}

static const struct kt_listen_conf listen_conf = { .name = "test",
                                                   .address = "127.0.0.1",
                                                   .connections = 100,
                                                   .connections_per_address = 100,
                                                   .head_s = 30,
                                                   .request_s = 60,
                                                   .body_rate = 1,
                                                   .idle_s = 30,
                                                   .write_s = 30,
                                                   .role = KT_ROLE_PUSH };
static const struct kt_pool pool = { .name = "push", .workers = 1, .queue = 8 };
static const struct kt_route route[] = {
    { .path = "/asked",
      .role = KT_ROLE_PUSH,
      .methods = "POST",
      .body_max = SPILL_MAX,
      .handler = answer,
      .admits = admits },
    { .path = "/open",
      .role = KT_ROLE_PUSH,
      .methods = "POST",
      .body_max = SPILL_MAX,
      .handler = answer },
};
static const struct kt_server_conf conf = { .listen = &listen_conf,
                                            .listens = 1,
                                            .pool = &pool,
                                            .pools = 1,
                                            .route = route,
                                            .routes = KT_COUNT(route),
                                            .spill_folder = "/tmp",
                                            .spill_max = SPILL_MAX };

/* A connection that sent the head of a body of `n` bytes and `sent` of them. */
static int begun(const struct kt_server *server, const char *from, const char *path,
                 const char *field, size_t n, size_t sent)
{
    struct sockaddr_in own = { .sin_family = AF_INET };
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)kt_server_port(server, 0)) };
    char head[200];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(inet_pton(AF_INET, from, &own.sin_addr), 1);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&own, sizeof(own)), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)(const void *)&to, sizeof(to)), 0);
    int written =
        snprintf(head, sizeof(head), "POST %s HTTP/1.1\r\nHost: a\r\n%sContent-Length: %zu\r\n\r\n",
                 path, field, n);
    assert_int_equal(send(fd, head, (size_t)written, MSG_NOSIGNAL), written);
    for (size_t at = 0; at < sent; at += 65536) {
        const size_t some = sent - at < 65536 ? sent - at : 65536;
        if (send(fd, bytes, some, MSG_NOSIGNAL) != (ssize_t)some)
            break; /* refused and closed meanwhile: status_of says what it was */
    }
    return fd;
}

static unsigned status_of(int fd)
{
    char text[512];
    ssize_t n = recv(fd, text, sizeof(text) - 1, 0);
    (void)close(fd);
    if (n < 13)
        return 0;
    text[n] = '\0';
    return (unsigned)strtoul(text + 9, NULL, 10);
}

static unsigned posted(const struct kt_server *server, const char *from, const char *path,
                       const char *field, size_t n)
{
    return status_of(begun(server, from, path, field, n, n));
}

static void wait_for_spilled(const struct kt_server *server, long long least)
{
    const int64_t until_us = kt_mono_us() + 10 * KT_SECOND;
    while (atomic_load(&server->budget.spilled) < least && kt_mono_us() < until_us)
        (void)usleep(1000);
    assert_true(atomic_load(&server->budget.spilled) >= least);
}

#define KNOWN "X-Word: sesame\r\n"

static void server__keeps_room_for_those_who_are_known(void **state)
{
    static const struct kt_log quiet = { .least = KT_LOG_ERROR };
    struct kt_server *server = NULL;
    struct kt_server_counts counts;
    struct kt_err e = { 0 };
    (void)state;
    bytes = calloc(1, 65536);
    assert_non_null(bytes);
    assert_int_equal(kt_server_start(&server, &conf, &quiet, &e), KT_OK);
    int open[] = { begun(server, "127.0.0.1", "/asked", "", ONE, ONE - 65536),
                   begun(server, "127.0.0.2", "/open", "", ONE, ONE - 65536),
                   begun(server, "127.0.0.3", "/asked", "", ONE, ONE - 65536) };
    wait_for_spilled(server, 3 * (ONE - 65536)); /* unfinished, and kept alive */
    assert_int_equal(posted(server, "127.0.0.1", "/asked", "", ONE), 503);
    assert_int_equal(posted(server, "127.0.0.1", "/open", "", ONE), 503);
    assert_int_equal(posted(server, "127.0.0.1", "/asked", "X-Word: other\r\n", ONE), 401);
    assert_int_equal(posted(server, "127.0.0.1", "/asked", KNOWN, ONE), 204);
    assert_int_equal(posted(server, "127.0.0.1", "/asked", KNOWN, SPILL_MAX - ALL), 204);
    assert_int_equal(posted(server, "127.0.0.1", "/asked", "", 1000), 204);
    assert_int_equal(posted(server, "127.0.0.4", "/asked", "", ONE), 204);
    assert_int_equal(posted(server, "127.0.0.4", "/asked", "", ONE + 1), 503);
    kt_server_count(server, &counts);
    assert_int_equal(counts.strangers, 3);
    for (size_t i = 0; i < KT_COUNT(open); i++)
        (void)close(open[i]);
    assert_true(kt_server_stop(server, 10 * KT_SECOND));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(share__is_of_one_address_and_of_all),
        cmocka_unit_test(share__is_nothing_to_those_who_are_known),
        cmocka_unit_test(bodies__of_strangers_leave_the_files_to_others),
        cmocka_unit_test(bodies__of_strangers_leave_the_memory_to_others),
        cmocka_unit_test(server__keeps_room_for_those_who_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
