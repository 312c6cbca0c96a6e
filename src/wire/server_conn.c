/* One connection: handshake, head, body, waiting for a worker, writing, the next request; or a
 * refusal and the end. The loop's thread alone; called by libevent and the loop's clock. */
#include "wire/server_inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"

/* PIECES: of a file, before other connections have their turn: 256 kB */
enum { LINGER_US = 2 * 1000000, ROUNDS = 4, PIECES = 4, TAKEN_PER_SECOND = 65536 };

static void on_read(evutil_socket_t fd, short what, void *arg);
static void on_write(evutil_socket_t fd, short what, void *arg);

static void watch_reading(struct kt_conn *c, bool wanted)
{
    if (wanted == c->is_reading)
        return;
    int rc = wanted ? event_add(&c->ev_read, NULL) : event_del(&c->ev_read);
    KT_ASSERT(rc == 0);
    c->is_reading = wanted;
}

static void watch_writing(struct kt_conn *c)
{
    int rc = event_add(&c->ev_write, NULL);
    KT_ASSERT(rc == 0);
}

void kt_conn_open(struct kt_loop *loop, struct kt_listener *listener, int fd,
                  const struct kt_addr *peer)
{
    struct kt_conn *c = kt_take(sizeof(*c));
    c->loop = loop;
    c->listener = listener;
    c->fd = fd;
    c->peer = *peer;
    c->is_counted = true;
    c->state = listener->conf->certificate != NULL ? KT_CONN_HANDSHAKE : KT_CONN_HEAD;
    c->has_begun = true; /* the first head's time runs from the beginning */
    int64_t now_us = kt_mono_us();
    c->deadline_us = now_us + listener->conf->head_s * KT_SECOND;
    c->request_us = now_us + listener->conf->request_s * KT_SECOND;
    c->next = loop->first;
    if (c->next != NULL)
        c->next->prev = c;
    loop->first = c;
    int rc = event_assign(&c->ev_read, loop->base, fd, EV_READ | EV_PERSIST, on_read, c);
    if (rc == 0)
        rc = event_assign(&c->ev_write, loop->base, fd, EV_WRITE, on_write, c);
    KT_ASSERT(rc == 0);
    if (c->state == KT_CONN_HANDSHAKE && !kt_tls_attach(c)) {
        kt_conn_close(c);
        return;
    }
    watch_reading(c, true);
}

/* From the list of open ones to that of closed ones; the memory goes when nobody looks any more. */
void kt_conn_close(struct kt_conn *c)
{
    struct kt_loop *loop = c->loop;
    KT_ASSERT(c->state != KT_CONN_CLOSED && c->state != KT_CONN_WAITING);
    c->state = KT_CONN_CLOSED;
    c->view = (struct kt_str){ NULL, 0 };
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        loop->first = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    c->next = loop->closed;
    loop->closed = c;
}

void kt_conn_free(struct kt_conn *c)
{
    (void)event_del(&c->ev_read); /* also right for one that was not added */
    (void)event_del(&c->ev_write);
    SSL_free(c->ssl);
    (void)close(c->fd);
    struct kt_server *server = c->loop->server;
    if (c->is_counted)
        kt_caps_leave(server->caps, c->listener, &c->peer);
    kt_job_free(c->job);
    free(c->in);
    free(c->out);
    free(c->fingerprint);
    free(c->subject);
    free(c);
    kt_server_left(server);
}

/* Without the bytes that wait in the kernel for a peer that takes none. */
static void reset(struct kt_conn *c)
{
    struct linger now = { .l_onoff = 1, .l_linger = 0 };
    (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    kt_conn_close(c);
}

/* What is sent behind c->out; NULL: nothing. */
static const struct kt_reply_file *file_of(const struct kt_conn *c)
{
    return c->job != NULL && c->job->has_file ? &c->job->file : NULL;
}

static void begin_writing(struct kt_conn *c)
{
    const struct kt_listen_conf *conf = c->listener->conf;
    const bool has_file = file_of(c) != NULL;
    const uint64_t n = c->out_n + (has_file ? file_of(c)->n : 0);
    const int64_t now_us = kt_mono_us();
    c->state = KT_CONN_WRITING;
    c->out_at = 0;
    c->file_at = 0;
    c->write_us = now_us + (conf->write_s + (int64_t)(n / TAKEN_PER_SECOND)) * KT_SECOND;
    c->deadline_us = has_file ? now_us + conf->write_s * KT_SECOND : c->write_us;
}

void kt_conn_refuse(struct kt_conn *c, unsigned status, const char *why, const char *header)
{
    struct kt_server *server = c->loop->server;
    if (status != 503)
        (void)atomic_fetch_add(&server->bad_requests, 1);
    kt_log_refusal(server, c, status, why);
    kt_job_free(c->job);
    c->job = NULL;
    if (atomic_load(&server->phase) != KT_PHASE_RUN)
        c->closes = true;
    if (c->closes)
        c->view = (struct kt_str){ NULL, 0 }; /* bytes behind an error are never read */
    kt_reply_short(&c->out, &c->out_n, status, header, c->closes, c->is_head_only);
    begin_writing(c);
}

static void linger(struct kt_conn *c)
{
    kt_io_end(c);
    c->state = KT_CONN_LINGER;
    c->deadline_us = kt_mono_us() + LINGER_US;
    free(c->in);
    c->in = NULL;
    c->in_n = 0;
    c->view = (struct kt_str){ NULL, 0 };
}

/* Bytes that TLS has read and not yet given: the socket will not tell of them. */
static bool holds_bytes(const struct kt_conn *c)
{
    return c->ssl != NULL && SSL_has_pending(c->ssl) == 1;
}

static void next_request(struct kt_conn *c)
{
    free(c->out);
    c->out = NULL;
    c->out_n = 0;
    kt_job_free(c->job);
    c->job = NULL;
    if (c->closes || atomic_load(&c->loop->server->phase) != KT_PHASE_RUN) {
        linger(c);
        return;
    }
    c->state = KT_CONN_HEAD;
    c->has_begun = false;
    c->is_head_only = false;
    c->seen = 0;
    c->deadline_us = kt_mono_us() + c->listener->conf->idle_s * KT_SECOND;
    if (holds_bytes(c))
        event_active(&c->ev_read, EV_READ, 1);
}

/* The next piece of the file, in place of what has been taken. False: there is none; where that is
 * before its end, which was promised, the connection is gone. */
static bool refill(struct kt_conn *c)
{
    const struct kt_reply_file *file = file_of(c);
    if (file == NULL || c->file_at == file->n)
        return false;
    if (c->file_at == 0) {
        free(c->out);
        c->out = kt_take(KT_PIECE);
    }
    const uint64_t left = file->n - c->file_at;
    const size_t most = left < KT_PIECE ? (size_t)left : KT_PIECE;
    ssize_t got;
    do
        got = pread(file->fd, c->out, most, (off_t)(file->at + c->file_at));
    while (got < 0 && errno == EINTR);
    if (got <= 0) {
        kt_log_refusal(c->loop->server, c, c->job->status, "the file of a reply cannot be read");
        reset(c);
        return false;
    }
    const int64_t next_us = kt_mono_us() + c->listener->conf->write_s * KT_SECOND;
    c->deadline_us = next_us < c->write_us ? next_us : c->write_us;
    c->file_at += (uint64_t)got;
    c->out_n = (size_t)got;
    c->out_at = 0;
    return true;
}

/* What of c->out is not taken yet. False: it must wait, or the connection is closed. */
static bool write_out(struct kt_conn *c)
{
    while (c->out_at < c->out_n) {
        size_t put = 0;
        enum kt_io io = kt_io_write(c, c->out + c->out_at, c->out_n - c->out_at, &put);
        c->out_at += put;
        if (io == KT_IO_OK)
            continue;
        if (io == KT_IO_WANT_WRITE)
            watch_writing(c);
        else if (io == KT_IO_WANT_READ)
            c->writes_on_read = true;
        else
            kt_conn_close(c);
        return false;
    }
    return true;
}

/* False: it must wait, or the connection is closed. */
static bool flush(struct kt_conn *c)
{
    int pieces = 0;
    c->writes_on_read = false;
    do {
        if (!write_out(c))
            return false;
        if (pieces++ == PIECES) { /* the others have their turn; the socket has room right now */
            watch_writing(c);
            return false;
        }
    } while (refill(c));
    if (c->state == KT_CONN_CLOSED)
        return false;
    if (c->job != NULL)
        kt_log_answer(c->loop->server, c->job);
    next_request(c);
    return true;
}

/* Goes on as long as there is something to read in c->view or to write. */
static void run(struct kt_conn *c)
{
    for (;;) {
        bool goes_on = false;
        if (c->state == KT_CONN_HEAD && c->view.n > 0)
            goes_on = kt_conn_read_head(c);
        else if (c->state == KT_CONN_BODY && c->view.n > 0)
            goes_on = kt_conn_read_body(c);
        else if (c->state == KT_CONN_WRITING)
            goes_on = flush(c);
        if (!goes_on)
            return;
    }
}

/* Keeps what was not read for later; an idle connection holds no memory for it. */
static void keep_rest(struct kt_conn *c)
{
    struct kt_str rest = c->view;
    c->view = (struct kt_str){ NULL, 0 };
    if (rest.n == 0 || c->state == KT_CONN_CLOSED || c->state == KT_CONN_LINGER) {
        free(c->in);
        c->in = NULL;
        c->in_n = 0;
        return;
    }
    if (rest.p == c->in) {
        c->in_n = rest.n;
        return;
    }
    char *kept = kt_take(rest.n);
    memcpy(kept, rest.p, rest.n);
    free(c->in);
    c->in = kept;
    c->in_n = rest.n;
}

static void take(struct kt_conn *c, size_t n)
{
    struct kt_loop *loop = c->loop;
    if (c->in_n == 0) {
        c->view = (struct kt_str){ loop->scratch, n };
    } else {
        char *p = realloc(c->in, c->in_n + n);
        KT_ASSERT(p != NULL);
        memcpy(p + c->in_n, loop->scratch, n);
        c->in = p;
        c->in_n += n;
        c->view = (struct kt_str){ c->in, c->in_n };
    }
    run(c);
    keep_rest(c);
}

/* No more than is needed: what a peer sends ahead stays in the kernel. */
static size_t most_to_read(const struct kt_conn *c)
{
    if (c->state == KT_CONN_BODY && !c->job->is_chunked)
        return c->job->left < KT_SCRATCH ? (size_t)c->job->left : KT_SCRATCH;
    return KT_HEAD_MAX;
}

static void receive(struct kt_conn *c)
{
    c->reads_on_write = false;
    for (int round = 0; round < ROUNDS; round++) {
        size_t got = 0;
        size_t most = most_to_read(c);
        enum kt_io io = kt_io_read(c, c->loop->scratch, most, &got);
        if (io == KT_IO_WANT_READ)
            return;
        if (io == KT_IO_WANT_WRITE) {
            c->reads_on_write = true;
            watch_writing(c);
            return;
        }
        if (io != KT_IO_OK) {
            kt_conn_close(c);
            return;
        }
        take(c, got);
        if (c->state != KT_CONN_HEAD && c->state != KT_CONN_BODY)
            return;
        if (c->ssl == NULL && got < most)
            return;
    }
    if (holds_bytes(c))
        event_active(&c->ev_read, EV_READ, 1);
}

static void shake_hands(struct kt_conn *c)
{
    enum kt_io io = kt_io_handshake(c);
    if (io == KT_IO_WANT_READ)
        return;
    if (io == KT_IO_WANT_WRITE) {
        c->reads_on_write = true;
        watch_writing(c);
        return;
    }
    if (io != KT_IO_OK) {
        const char *why = kt_tls_complaint();
        if (why != NULL)
            kt_log_refusal(c->loop->server, c, 0, why);
        kt_conn_close(c);
        return;
    }
    kt_tls_read_peer(c);
    c->state = KT_CONN_HEAD; /* the deadline stays: handshake and head together */
    receive(c);
}

/* What comes after the end is not even decrypted. */
static void discard(struct kt_conn *c)
{
    for (int round = 0; round < ROUNDS; round++) {
        ssize_t n = recv(c->fd, c->loop->scratch, KT_SCRATCH, MSG_TRUNC);
        if (n > 0)
            continue;
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            kt_conn_close(c);
        return;
    }
}

static void on_read(evutil_socket_t fd, short what, void *arg)
{
    struct kt_conn *c = arg;
    (void)fd, (void)what;
    switch (c->state) {
    case KT_CONN_HANDSHAKE:
        shake_hands(c);
        break;
    case KT_CONN_HEAD:
    case KT_CONN_BODY:
        receive(c);
        break;
    case KT_CONN_WRITING:
        if (c->writes_on_read) {
            c->view = (struct kt_str){ c->in, c->in_n };
            run(c);
            keep_rest(c);
        } else {
            watch_reading(c, false);
        }
        break;
    case KT_CONN_WAITING:
        watch_reading(c, false);
        break;
    case KT_CONN_LINGER:
        discard(c);
        break;
    case KT_CONN_CLOSED:
        break;
    }
    kt_conn_settle(c);
}

static void on_write(evutil_socket_t fd, short what, void *arg)
{
    struct kt_conn *c = arg;
    (void)fd, (void)what;
    if (c->reads_on_write && c->state == KT_CONN_HANDSHAKE) {
        shake_hands(c);
    } else if (c->reads_on_write && (c->state == KT_CONN_HEAD || c->state == KT_CONN_BODY)) {
        receive(c);
    } else if (c->state == KT_CONN_WRITING) {
        c->view = (struct kt_str){ c->in, c->in_n };
        run(c);
        keep_rest(c);
    }
    kt_conn_settle(c);
}

void kt_conn_settle(struct kt_conn *c)
{
    struct kt_loop *loop = c->loop;
    bool waits_for_bytes = c->state <= KT_CONN_BODY || c->state == KT_CONN_LINGER ||
                           (c->state == KT_CONN_WRITING && c->writes_on_read);
    if (waits_for_bytes)
        watch_reading(c, true);
    kt_loop_reap(loop);
}

void kt_conn_reply(struct kt_conn *c)
{
    struct kt_job *job = c->job;
    c->out = job->out;
    c->out_n = job->out_n;
    job->out = NULL;
    c->closes = c->closes || job->closes;
    if (job->refused != NULL)
        kt_log_refusal(c->loop->server, c, job->status, job->refused);
    begin_writing(c);
}

void kt_conn_answer(struct kt_job *job)
{
    struct kt_conn *c = job->conn;
    KT_ASSERT(c->state == KT_CONN_WAITING && c->job == job);
    kt_conn_reply(c);
    c->view = (struct kt_str){ c->in, c->in_n };
    run(c);
    keep_rest(c);
    kt_conn_settle(c);
}

/* Was enough of the body there since the last look? Then it goes on. */
static bool keeps_its_rate(struct kt_conn *c, int64_t now_us)
{
    const struct kt_listen_conf *conf = c->listener->conf;
    if (c->state != KT_CONN_BODY || now_us >= c->request_us ||
        c->window_bytes < (uint64_t)(conf->body_rate * conf->head_s))
        return false;
    c->window_bytes = 0;
    c->window_us = now_us + conf->head_s * KT_SECOND;
    c->deadline_us = c->window_us < c->request_us ? c->window_us : c->request_us;
    return true;
}

void kt_conn_expire(struct kt_conn *c, int64_t now_us)
{
    if (keeps_its_rate(c, now_us))
        return;
    struct kt_server *server = c->loop->server;
    bool is_mid_request = c->state == KT_CONN_BODY || (c->state == KT_CONN_HEAD && c->in_n > 0);
    bool is_idle = c->state == KT_CONN_HEAD && !c->has_begun;
    if (!is_idle && c->state != KT_CONN_LINGER)
        (void)atomic_fetch_add(&server->timed_out, 1);
    if (is_mid_request) {
        c->closes = true;
        kt_conn_refuse(c, 408, c->state == KT_CONN_BODY ? "body too slow" : "head too slow", NULL);
        run(c);
        keep_rest(c);
    } else if (c->state == KT_CONN_WRITING || c->state == KT_CONN_LINGER) {
        reset(c);
    } else {
        if (c->state == KT_CONN_HEAD)
            kt_io_end(c);
        kt_conn_close(c);
    }
    kt_conn_settle(c);
}

void kt_conn_drain(struct kt_conn *c, bool at_once)
{
    bool is_idle = c->state == KT_CONN_HANDSHAKE || (c->state == KT_CONN_HEAD && c->in_n == 0);
    if (c->state == KT_CONN_WAITING || c->state == KT_CONN_CLOSED)
        return;
    if (!at_once && !is_idle)
        return;
    if (c->state == KT_CONN_HEAD)
        kt_io_end(c);
    kt_conn_close(c);
}
