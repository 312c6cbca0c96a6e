/* Listeners: sockets that take connections and give them to the loops in turn. Opened by whoever
 * starts the server, then loop 0 alone. */
#include "wire/server_inner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"

enum { BACKLOG = 1024, AT_ONCE = 64, UNSENT_MAX = 64 * 1024 };
#define SAID_EVERY_US (10 * KT_SECOND)

/* detail NULL: somebody listens there already. */
static enum kt_rc fail(struct kt_err *e, const struct kt_listen_conf *conf, const char *detail)
{
    char address[96];
    (void)snprintf(address, sizeof(address), "%s port %lld", conf->address, (long long)conf->port);
    if (detail == NULL)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_LISTEN_TAKEN,
                       KT_P_TEXT("listener", conf->name), KT_P_TEXT("address", address));
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_LISTEN_ADDRESS,
                   KT_P_TEXT("listener", conf->name), KT_P_TEXT("address", address),
                   KT_P_TEXT("detail", detail));
}

static socklen_t socket_address(struct sockaddr_storage *out, const struct kt_listen_conf *conf)
{
    memset(out, 0, sizeof(*out));
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)out;
    if (inet_pton(AF_INET, conf->address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)conf->port);
        return sizeof(*v4);
    }
    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET6, conf->address, &v6->sin6_addr) != 1)
        return 0;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)conf->port);
    return sizeof(*v6);
}

static bool bind_and_listen(int fd, const struct sockaddr_storage *address, socklen_t n)
{
    static const int on = 1;
    static const int off = 0;
    static const int unsent = UNSENT_MAX; /* the rest of a reply stays with us */
    bool is_good = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
                   setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 &&
                   setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent)) == 0;
    if (is_good && address->ss_family == AF_INET6)
        is_good = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0;
    return is_good && bind(fd, (const struct sockaddr *)(const void *)address, n) == 0 &&
           listen(fd, BACKLOG) == 0;
}

static unsigned bound_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } s = { .v6 = { 0 } };
    socklen_t n = sizeof(s);
    if (getsockname(fd, &s.any, &n) != 0)
        return 0;
    return ntohs(s.any.sa_family == AF_INET ? s.v4.sin_port : s.v6.sin6_port);
}

enum kt_rc kt_listener_open(struct kt_listener *l, struct kt_server *server, size_t index,
                            struct kt_err *e)
{
    const struct kt_listen_conf *conf = &server->conf->listen[index];
    struct sockaddr_storage address;
    l->server = server;
    l->conf = conf;
    l->index = index;
    l->fd = -1;
    (void)pthread_mutex_init(&l->lock, NULL); /* cannot fail on Linux */
    l->proxy = kt_take((conf->trusted_proxies.count + 1) * sizeof(*l->proxy));
    for (; l->proxies < conf->trusted_proxies.count; l->proxies++) {
        if (!kt_net_parse(&l->proxy[l->proxies], conf->trusted_proxies.item[l->proxies]))
            return fail(e, conf, "a trusted proxy is no address");
    }
    socklen_t n = socket_address(&address, conf);
    if (n == 0)
        return fail(e, conf, "not an IP address");
    if (conf->certificate != NULL) {
        enum kt_rc rc = kt_tls_make(&l->tls, conf, e);
        if (rc != KT_OK)
            return rc;
    }
    l->fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || !bind_and_listen(l->fd, &address, n))
        return fail(e, conf, errno == EADDRINUSE ? NULL : strerrordesc_np(errno));
    l->port = bound_port(l->fd);
    return KT_OK;
}

static void peer_address(struct kt_addr *out, const struct sockaddr_storage *s)
{
    memset(out, 0, sizeof(*out));
    if (s->ss_family == AF_INET) {
        out->byte[10] = out->byte[11] = 0xff;
        memcpy(out->byte + 12, &((const struct sockaddr_in *)(const void *)s)->sin_addr, 4);
    } else if (s->ss_family == AF_INET6) {
        memcpy(out->byte, &((const struct sockaddr_in6 *)(const void *)s)->sin6_addr, 16);
    }
}

static void welcome(struct kt_listener *l, int fd, const struct sockaddr_storage *s)
{
    struct kt_server *server = l->server;
    struct kt_addr peer;
    peer_address(&peer, s);
    if (!kt_caps_enter(server->caps, l, &peer)) {
        (void)atomic_fetch_add(&server->refused_cap, 1);
        (void)close(fd);
        return;
    }
    (void)atomic_fetch_add(&server->accepted, 1);
    (void)atomic_fetch_add(&server->connections, 1);
    struct kt_loop *loop = &server->loop[server->next_loop++ % server->loops];
    if (loop->index == 0) {
        kt_conn_open(loop, l, fd, &peer);
        kt_loop_reap(loop);
        return;
    }
    struct kt_fresh *fresh = kt_take(sizeof(*fresh));
    *fresh = (struct kt_fresh){ .listener = l, .peer = peer, .fd = fd };
    kt_loop_give(loop, fresh);
}

static void say_paused(struct kt_listener *l, int error)
{
    int64_t now_us = kt_mono_us();
    if (l->paused_us != 0 && now_us - l->paused_us < SAID_EVERY_US)
        return;
    l->paused_us = now_us;
    kt_log_error(&l->server->log, "listener.paused", F_TEXT("listener", l->conf->name),
                 F_TEXT("why", strerrordesc_np(error)));
}

static void on_connection(evutil_socket_t fd, short what, void *arg)
{
    struct kt_listener *l = arg;
    (void)what;
    for (int i = 0; i < AT_ONCE; i++) {
        struct sockaddr_storage s;
        socklen_t n = sizeof(s);
        memset(&s, 0, sizeof(s));
        int got = accept4(fd, (struct sockaddr *)(void *)&s, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (got >= 0) {
            welcome(l, got, &s);
            continue;
        }
        if (errno == EAGAIN)
            return;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            /* the loop's clock tries again: asking at once would only burn a processor */
            say_paused(l, errno);
            (void)event_del(&l->ev);
            return;
        }
        /* the one connection is gone again: the next */
    }
}

void kt_listener_watch(struct kt_listener *l, struct kt_loop *loop)
{
    int rc = event_assign(&l->ev, loop->base, l->fd, EV_READ | EV_PERSIST, on_connection, l);
    if (rc == 0)
        rc = event_add(&l->ev, NULL);
    KT_ASSERT(rc == 0);
}

void kt_listener_resume(struct kt_listener *l)
{
    if (l->fd >= 0 && event_pending(&l->ev, EV_READ, NULL) == 0)
        KT_ASSERT(event_add(&l->ev, NULL) == 0);
}

void kt_listener_shut(struct kt_listener *l)
{
    if (l->fd < 0)
        return;
    if (event_initialized(&l->ev))
        (void)event_del(&l->ev);
    (void)close(l->fd);
    l->fd = -1;
}

void kt_listener_free(struct kt_listener *l)
{
    if (l->conf == NULL)
        return; /* never opened */
    kt_listener_shut(l);
    SSL_CTX_free(l->tls);
    free(l->proxy);
    (void)pthread_mutex_destroy(&l->lock);
}
