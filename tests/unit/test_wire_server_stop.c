/* The end of the HTTP server while its handlers end, too: src/wire/server.c, server_loop.c. */
#include "wire/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROUNDS = 200, PEERS = 24 };

static const struct kt_listen_conf listener = {
    .name = "test",
    .address = "127.0.0.1",
    .connections = 100,
    .connections_per_address = 100,
    .head_s = 10,
    .request_s = 60,
    .body_rate = 1024,
    .idle_s = 60,
    .write_s = 30,
    .role = KT_ROLE_PUSH,
};
static const struct kt_log silent = { .least = KT_LOG_ERROR };
static atomic_int running;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards may_end */
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static bool may_end;

static void let_end(bool may)
{
    (void)pthread_mutex_lock(&lock);
    may_end = may;
    (void)pthread_cond_broadcast(&ended);
    (void)pthread_mutex_unlock(&lock);
}

static void wait_for_end(void *worker, const void *route, const struct kt_request *q,
                         struct kt_reply *r, struct kt_arena *a)
{
    (void)worker, (void)route, (void)q, (void)a;
    (void)atomic_fetch_add(&running, 1);
    (void)pthread_mutex_lock(&lock);
    while (!may_end)
        (void)pthread_cond_wait(&ended, &lock);
    (void)pthread_mutex_unlock(&lock);
    r->status = 204;
}

static int asks(unsigned port)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)(const void *)&to, sizeof to), 0);
    assert_int_equal(write(fd, request, sizeof request - 1), sizeof request - 1);
    return fd;
}

/* All handlers end in the moment of the stop: whichever comes last, its answer is not left behind,
 * which would be a broken invariant. */
static void stop__beside_handlers_that_end(void **state)
{
    const struct kt_route route = {
        "/", KT_ROLE_PUSH, "GET", 0, false, 0, wait_for_end, NULL, NULL
    };
    const struct kt_pool pool = { .name = "test", .workers = PEERS, .queue = PEERS };
    const struct kt_server_conf conf = {
        .listen = &listener, .listens = 1, .pool = &pool, .pools = 1, .route = &route, .routes = 1
    };
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct kt_server *server = NULL;
        struct kt_err e;
        int peer[PEERS];
        kt_err_clear(&e);
        atomic_store(&running, 0);
        let_end(false);
        assert_int_equal(kt_server_start(&server, &conf, &silent, &e), KT_OK);
        for (size_t i = 0; i < PEERS; i++)
            peer[i] = asks(kt_server_port(server, 0));
        while (atomic_load(&running) < PEERS)
            (void)sched_yield();
        let_end(true);
        assert_true(kt_server_stop(server, 0));
        for (size_t i = 0; i < PEERS; i++)
            (void)close(peer[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stop__beside_handlers_that_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
