/* The HTTP server's parts, and its life: src/wire/server*.c. What it does on the wire is tested
 * over sockets in tests/security. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "wire/server_inner.h"

static void listen__addresses_are_written_as_such(void **state)
{
    struct kt_net net;
    struct kt_addr a;
    (void)state;
    assert_true(kt_listen_is_address("127.0.0.1") && kt_listen_is_address("::1"));
    assert_false(kt_listen_is_address("localhost") || kt_listen_is_address("127.0.0.1:80") ||
                 kt_listen_is_address("") || kt_listen_is_address("1.2.3"));
    assert_true(kt_listen_is_local("127.9.9.9") && kt_listen_is_local("::1"));
    assert_false(kt_listen_is_local("0.0.0.0") || kt_listen_is_local("::") ||
                 kt_listen_is_local("128.0.0.1") || kt_listen_is_local("::2"));
    assert_true(kt_listen_is_proxy("10.0.0.7") && kt_listen_is_proxy("10.0.0.0/8") &&
                kt_listen_is_proxy("2001:db8::/32"));
    assert_false(kt_listen_is_proxy("10.0.0.0/33") || kt_listen_is_proxy("10.0.0.0/") ||
                 kt_listen_is_proxy("10.0.0.0/8x") || kt_listen_is_proxy("/8") ||
                 kt_listen_is_proxy("::/129"));
    assert_true(kt_net_parse(&net, "10.1.0.0/20"));
    assert_true(kt_addr_parse(&a, "10.1.15.255") && kt_net_has(&net, &a));
    assert_true(kt_addr_parse(&a, "10.1.16.0") && !kt_net_has(&net, &a));
    assert_true(kt_addr_parse(&a, "::ffff:10.1.15.1") && kt_net_has(&net, &a));
    assert_true(kt_net_parse(&net, "0.0.0.0/0"));
    assert_true(kt_addr_parse(&a, "9.9.9.9") && kt_net_has(&net, &a));
    assert_true(kt_addr_parse(&a, "2001:db8::1") && !kt_net_has(&net, &a));
}

static char *some_bytes(size_t n)
{
    char *p = malloc(n);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)('a' + i % 23 + i / 1000 % 3);
    return p;
}

/* Puts n bytes in pieces and compares what comes out. */
static void put_and_compare(struct kt_body *b, size_t n, size_t piece)
{
    char *bytes = some_bytes(n);
    struct kt_str out;
    unsigned status = 0;
    const char *why = NULL;
    for (size_t at = 0; at < n; at += piece) {
        size_t some = n - at < piece ? n - at : piece;
        assert_true(kt_body_put(b, (struct kt_str){ bytes + at, some }, &status, &why));
    }
    assert_true(kt_body_end(b, &out, &status, &why));
    assert_int_equal(out.n, n);
    assert_memory_equal(out.p, bytes, n);
    assert_int_equal(out.p[n], 0);
    free(bytes);
}

static void body__is_whole_in_memory_and_in_a_file(void **state)
{
    static const size_t sizes[] = { 0, 1, 2047, 2048, 1048575, 1048576, 1048577, 1052672, 3145728 };
    struct kt_budget budget = { .spill_max = INT64_C(1) << 30, .folder = "/tmp" };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(sizes); i++) {
        struct kt_body b;
        kt_body_open(&b, &budget, UINT64_MAX);
        put_and_compare(&b, sizes[i], 60000);
        assert_int_equal(b.gone_to_file, sizes[i] > KT_SPILL_ABOVE);
        assert_int_equal(atomic_load(&budget.spilled), b.gone_to_file ? (long long)sizes[i] : 0);
        assert_true(atomic_load(&budget.memory) <= KT_SPILL_ABOVE + 1);
        kt_body_close(&b);
        kt_body_close(&b);
        assert_int_equal(atomic_load(&budget.memory) + atomic_load(&budget.spilled), 0);
    }
}

static void body__limits(void **state)
{
    struct kt_budget budget = { .spill_max = 2000000, .folder = "/tmp" };
    struct kt_body b;
    struct kt_body other;
    unsigned status = 0;
    const char *why = NULL;
    char *bytes = some_bytes(1500000);
    (void)state;
    /* of one */
    kt_body_open(&b, &budget, 10);
    assert_true(kt_body_put(&b, (struct kt_str){ bytes, 10 }, &status, &why));
    assert_false(kt_body_put(&b, (struct kt_str){ bytes, 1 }, &status, &why));
    assert_int_equal(status, 413);
    kt_body_close(&b);
    /* of all in files */
    kt_body_open(&b, &budget, UINT64_MAX);
    kt_body_open(&other, &budget, UINT64_MAX);
    assert_true(kt_body_put(&b, (struct kt_str){ bytes, 1500000 }, &status, &why));
    assert_false(kt_body_put(&other, (struct kt_str){ bytes, 1500000 }, &status, &why));
    assert_int_equal(status, 503);
    kt_body_close(&b);
    assert_true(kt_body_put(&other, (struct kt_str){ bytes, 1500000 }, &status, &why));
    kt_body_close(&other);
    /* of all in memory: then small ones are files, too */
    atomic_store(&budget.memory, KT_BODIES_MAX - 1000);
    kt_body_open(&b, &budget, UINT64_MAX);
    put_and_compare(&b, 5000, 700);
    assert_true(b.gone_to_file);
    kt_body_close(&b);
    assert_int_equal(atomic_load(&budget.memory), KT_BODIES_MAX - 1000);
    assert_int_equal(atomic_load(&budget.spilled), 0);
    free(bytes);
}

static void body__without_a_folder(void **state)
{
    struct kt_budget budget = { .spill_max = 2000000, .folder = "/nonexistent" };
    struct kt_body b;
    unsigned status = 0;
    const char *why = NULL;
    char *bytes = some_bytes(1100000);
    (void)state;
    kt_body_open(&b, &budget, UINT64_MAX);
    assert_false(kt_body_put(&b, (struct kt_str){ bytes, 1100000 }, &status, &why));
    assert_int_equal(status, 503);
    kt_body_close(&b);
    assert_int_equal(atomic_load(&budget.memory) + atomic_load(&budget.spilled), 0);
    free(bytes);
}

static void request__header_by_its_name(void **state)
{
    struct kt_request q = { .head = KT_STR("Host: a\r\nX-Key-Id: 1\r\nx-key:  v w \r\nX-Key: 2\r\n"
                                           "Empty:\r\n") };
    (void)state;
    assert_true(kt_str_is(kt_request_header(&q, "X-Key"), "v w"));
    assert_true(kt_str_is(kt_request_header(&q, "HOST"), "a"));
    assert_true(kt_str_is(kt_request_header(&q, "empty"), ""));
    assert_null(kt_request_header(&q, "X-Ke").p);
    assert_null(kt_request_header(&q, "v w").p);
}

/* The reply as text, in `a`. */
static char *rendered(struct kt_server *server, struct kt_job *job, const struct kt_reply *r)
{
    static struct kt_loop loop;
    static char text[4096];
    loop.server = server;
    job->loop = &loop;
    kt_reply_render(job, r);
    size_t n = job->out_n < sizeof(text) ? job->out_n : sizeof(text) - 1;
    memcpy(text, job->out, n);
    text[n] = '\0';
    free(job->out);
    job->out = NULL;
    return text;
}

static void reply__forms(void **state)
{
    struct kt_server server = { 0 };
    struct kt_job job = { .is_1_1 = true };
    struct kt_reply r = { .status = 200,
                          .content_type = "text/xml",
                          .body = KT_STR("<a/>"),
                          .header = "X-A: b\r\nX-C: d\r\n",
                          .retry_after_s = 7 };
    (void)state;
    const char *text = rendered(&server, &job, &r);
    assert_memory_equal(text, "HTTP/1.1 200 OK\r\nDate: ", 23);
    assert_non_null(strstr(text, "\r\nContent-Length: 4\r\nContent-Type: text/xml\r\n"));
    assert_non_null(strstr(text, "\r\nRetry-After: 7\r\nX-A: b\r\nX-C: d\r\n\r\n<a/>"));
    job.is_head_only = true;
    text = rendered(&server, &job, &r);
    assert_non_null(strstr(text, "\r\nContent-Length: 4\r\n"));
    assert_null(strstr(text, "<a/>"));
    job.is_head_only = false;
    r = (struct kt_reply){ .status = 204 };
    assert_null(strstr(rendered(&server, &job, &r), "Content-Length"));
    r = (struct kt_reply){ .status = 202 };
    assert_non_null(strstr(rendered(&server, &job, &r), "\r\nContent-Length: 0\r\n"));
    assert_false(job.closes);
    atomic_store(&server.phase, KT_PHASE_DRAIN);
    assert_non_null(strstr(rendered(&server, &job, &r), "\r\nConnection: close\r\n\r\n"));
    assert_true(job.closes);
}

static void reply__a_value_cannot_begin_another_reply(void **state)
{
    static const char *const bad[] = { "X: y",        "X: y\n",       "X: y\r\n\r\n",
                                       "X: a\rb\r\n", "no colon\r\n", ": no name\r\n",
                                       "X: y\r\nZ" };
    struct kt_server server = { 0 };
    struct kt_job job = { .is_1_1 = true };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        struct kt_reply r = { .status = 200, .header = bad[i] };
        assert_memory_equal(rendered(&server, &job, &r), "HTTP/1.1 500 ", 13);
    }
    struct kt_reply r = { .status = 200, .content_type = "a\r\nX: y", .body = KT_STR("b") };
    assert_memory_equal(rendered(&server, &job, &r), "HTTP/1.1 500 ", 13);
    r = (struct kt_reply){ .status = 99 };
    assert_memory_equal(rendered(&server, &job, &r), "HTTP/1.1 500 ", 13);
}

static void reply__large_ones_have_a_budget(void **state)
{
    struct kt_server server = { 0 };
    struct kt_job job = { .is_1_1 = true };
    struct kt_reply r = { .status = 200, .content_type = "text/plain" };
    char *bytes = some_bytes(KT_REPLY_FREE + 1);
    (void)state;
    r.body = (struct kt_str){ bytes, KT_REPLY_FREE + 1 };
    atomic_store(&server.budget.replies, KT_REPLIES_MAX - KT_REPLY_FREE - 1);
    assert_memory_equal(rendered(&server, &job, &r), "HTTP/1.1 200 ", 13);
    assert_int_equal(job.out_charged, KT_REPLY_FREE + 1);
    assert_memory_equal(rendered(&server, &job, &r), "HTTP/1.1 503 ", 13);
    r.body.n = KT_REPLY_FREE;
    assert_memory_equal(rendered(&server, &job, &r), "HTTP/1.1 200 ", 13);
    free(bytes);
}

/* A file without a name that holds "0123456789". */
static int some_file(void)
{
    char path[] = "/tmp/kontor-server-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(write(fd, "0123456789", 10), 10);
    return fd;
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void reply__from_a_file(void **state)
{
    struct kt_server server = { 0 };
    struct kt_job job = { .is_1_1 = true };
    struct kt_reply_file file = { some_file(), 2, 5 };
    struct kt_reply r = { .status = 206, .content_type = "text/plain", .file = &file };
    (void)state;
    const char *text = rendered(&server, &job, &r);
    assert_non_null(strstr(text, "\r\nContent-Length: 5\r\n"));
    assert_string_equal(text + strlen(text) - 4, "\r\n\r\n");
    assert_true(job.has_file && is_open(file.fd));
    assert_int_equal(job.out_charged, 0);
    kt_job_drop_file(&job);
    kt_job_drop_file(&job);
    assert_false(is_open(file.fd));
}

/* Whatever it becomes, the file is the server's. */
static void reply__that_sends_no_file_closes_it(void **state)
{
    static const struct {
        unsigned status;
        const char *content_type, *header;
        bool is_head_only;
        const char *expected;
    } all[] = {
        { 200, "text/plain", NULL, true, "\r\nContent-Length: 5\r\n" },
        { 304, "text/plain", NULL, false, "HTTP/1.1 304 " },
        { 204, "text/plain", NULL, false, "HTTP/1.1 204 " },
        { 200, NULL, NULL, false, "\r\nContent-Length: 0\r\n" },
        { 200, "text/plain", "broken", false, "HTTP/1.1 500 " },
    };
    struct kt_server server = { 0 };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(all); i++) {
        struct kt_job job = { .is_1_1 = true, .is_head_only = all[i].is_head_only };
        struct kt_reply_file file = { some_file(), 2, 5 };
        const struct kt_reply r = { .status = all[i].status,
                                    .content_type = all[i].content_type,
                                    .header = all[i].header,
                                    .file = &file };
        const char *text = rendered(&server, &job, &r);
        assert_non_null(strstr(text, all[i].expected));
        assert_false(job.has_file);
        assert_false(is_open(file.fd));
    }
}

/* --- a running server --- */

static atomic_bool held;
static atomic_int begun, ended, entered;

static void *begin(void *context, unsigned worker)
{
    (void)worker;
    (void)atomic_fetch_add(&begun, 1);
    return context;
}

static void end(void *context)
{
    (void)context;
    (void)atomic_fetch_add(&ended, 1);
}

/* Answers once it is let go. */
static void hold(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                 struct kt_arena *a)
{
    assert_ptr_equal(worker, &begun);
    assert_ptr_equal(route, &ended);
    (void)q, (void)a;
    (void)atomic_fetch_add(&entered, 1);
    while (atomic_load(&held))
        (void)usleep(1000);
    r->status = 200;
}

static struct kt_listen_conf listen_conf = { .name = "test",
                                             .address = "127.0.0.1",
                                             .connections = 100,
                                             .connections_per_address = 100,
                                             .head_s = 5,
                                             .request_s = 1,
                                             .body_rate = 1,
                                             .idle_s = 5,
                                             .write_s = 5,
                                             .role = KT_ROLE_PUSH };
static const struct kt_pool pool = {
    .name = "push", .workers = 1, .queue = 8, .begin = begin, .end = end, .context = &begun
};
static const struct kt_route route = {
    .path = "/hold", .role = KT_ROLE_PUSH, .methods = "GET", .handler = hold, .context = &ended
};
static const struct kt_server_conf conf = {
    .listen = &listen_conf, .listens = 1, .pool = &pool, .pools = 1, .route = &route, .routes = 1
};
static const struct kt_log quiet = { .least = KT_LOG_ERROR };

static struct kt_server *started(void)
{
    struct kt_server *server = NULL;
    struct kt_err e;
    kt_err_clear(&e);
    atomic_store(&begun, 0);
    atomic_store(&ended, 0);
    atomic_store(&entered, 0);
    assert_int_equal(kt_server_start(&server, &conf, &quiet, &e), KT_OK);
    return server;
}

static int asked(const struct kt_server *server)
{
    static const char text[] = "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n";
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)kt_server_port(server, 0)) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)(const void *)&to, sizeof(to)), 0);
    assert_int_equal(send(fd, text, sizeof(text) - 1, 0), sizeof(text) - 1);
    return fd;
}

/* Its status; 0: closed without a reply. */
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

static void wait_for(atomic_int *number, int value)
{
    int64_t until_us = kt_mono_us() + 10 * KT_SECOND;
    while (atomic_load(number) < value && kt_mono_us() < until_us)
        (void)usleep(1000);
    assert_int_equal(atomic_load(number), value);
}

static void server__a_handler_that_does_not_end_is_told(void **state)
{
    struct kt_server *server = started();
    (void)state;
    atomic_store(&held, true);
    int fd = asked(server);
    int behind = asked(server);
    wait_for(&entered, 1);
    assert_false(kt_server_stop(server, 0));
    assert_int_equal(status_of(behind), 503); /* it waited in the queue */
    atomic_store(&held, false);
    assert_true(kt_server_stop(server, 0));
    assert_true(status_of(fd) == 200 || status_of(fd) == 0);
    assert_int_equal(atomic_load(&begun), 1);
    assert_int_equal(atomic_load(&ended), 1);
}

static void server__stop_waits_for_what_runs(void **state)
{
    struct kt_server *server = started();
    (void)state;
    int fd = asked(server);
    wait_for(&entered, 1);
    assert_true(kt_server_stop(server, 10 * KT_SECOND));
    assert_int_equal(status_of(fd), 200);
    assert_true(kt_server_stop(NULL, 0));
}

static void server__nobody_waits_longer_than_request_s_for_a_worker(void **state)
{
    struct kt_server *server = started();
    (void)state;
    atomic_store(&held, true);
    int fd = asked(server);
    wait_for(&entered, 1);
    int behind = asked(server);
    (void)usleep(1200000);
    atomic_store(&held, false);
    assert_int_equal(status_of(fd), 200);
    assert_int_equal(status_of(behind), 503);
    assert_int_equal(atomic_load(&entered), 1);
    assert_true(kt_server_stop(server, 0));
}

static void server__start_says_what_is_wrong(void **state)
{
    struct kt_server *first = started();
    struct kt_server *second = NULL;
    struct kt_err e;
    char sentence[512];
    (void)state;
    kt_err_clear(&e);
    listen_conf.port = kt_server_port(first, 0);
    assert_int_equal(kt_server_start(&second, &conf, &quiet, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_LISTEN_TAKEN);
    kt_sentence(&e.v, KT_LANG_EN, sentence, sizeof(sentence));
    assert_non_null(strstr(sentence, "Listener test cannot use 127.0.0.1 port "));
    assert_non_null(strstr(sentence, "another program listens there"));
    assert_null(second);
    listen_conf.port = 0;
    listen_conf.address = "localhost";
    kt_err_clear(&e);
    assert_int_equal(kt_server_start(&second, &conf, &quiet, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_LISTEN_ADDRESS);
    listen_conf.address = "127.0.0.1";
    assert_true(kt_server_stop(first, 0));
}

static void try__opens_all_and_leaves_nothing(void **state)
{
    struct kt_server *server = started();
    struct kt_listen_conf two[] = { listen_conf, listen_conf };
    struct kt_err e = { 0 };
    (void)state;
    assert_int_equal(kt_server_try(NULL, 0, &e), KT_OK);
    assert_int_equal(kt_server_try(two, 2, &e), KT_OK); /* any two free ports */
    two[1].port = kt_server_port(server, 0);
    assert_int_equal(kt_server_try(two, 2, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_LISTEN_TAKEN);
    assert_true(kt_server_stop(server, 0));
    kt_err_clear(&e);
    assert_int_equal(kt_server_try(two, 2, &e), KT_OK);
    assert_int_equal(kt_server_try(two, 2, &e), KT_OK); /* it was closed */
    two[0].port = two[1].port;
    two[0].address = "0.0.0.0";
    assert_int_equal(kt_server_try(two, 1, &e), KT_OK);
    assert_int_equal(kt_server_try(two, 2, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_LISTEN_TAKEN);
    kt_err_clear(&e);
    two[0].address = "192.0.2.1"; /* of no machine */
    assert_int_equal(kt_server_try(two, 1, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_LISTEN_ADDRESS);
    kt_err_clear(&e);
    two[0].address = "127.0.0.1";
    two[0].certificate = "/nonexistent/cert.pem";
    assert_int_equal(kt_server_try(two, 1, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_LISTEN_CERTIFICATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listen__addresses_are_written_as_such),
        cmocka_unit_test(body__is_whole_in_memory_and_in_a_file),
        cmocka_unit_test(body__limits),
        cmocka_unit_test(body__without_a_folder),
        cmocka_unit_test(request__header_by_its_name),
        cmocka_unit_test(reply__forms),
        cmocka_unit_test(reply__a_value_cannot_begin_another_reply),
        cmocka_unit_test(reply__large_ones_have_a_budget),
        cmocka_unit_test(reply__from_a_file),
        cmocka_unit_test(reply__that_sends_no_file_closes_it),
        cmocka_unit_test(server__a_handler_that_does_not_end_is_told),
        cmocka_unit_test(server__stop_waits_for_what_runs),
        cmocka_unit_test(server__nobody_waits_longer_than_request_s_for_a_worker),
        cmocka_unit_test(server__start_says_what_is_wrong),
        cmocka_unit_test(try__opens_all_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
