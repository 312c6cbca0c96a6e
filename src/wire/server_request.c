/* From bytes to a request: head, route, body (plain, chunked, gzip), then the pool's queue. The
 * loop's thread alone; called by server_conn.c with what has arrived in c->view. */
#include "wire/server_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

enum { UNPACK_ROOM = 65536, GZIP_MEMORY = 48 * 1024 };

static void consume(struct kt_conn *c, size_t n)
{
    c->view = kt_str_part(c->view, n, c->view.n);
}

static bool begin_inflating(struct kt_job *job)
{
    struct kt_budget *budget = &job->loop->server->budget;
    if (!kt_share_take(job->body.share, KT_SHARE_MEMORY, GZIP_MEMORY)) {
        kt_share_refused(job->body.share);
        return false;
    }
    if (atomic_fetch_add(&budget->memory, GZIP_MEMORY) + GZIP_MEMORY > KT_BODIES_MAX) {
        (void)atomic_fetch_sub(&budget->memory, GZIP_MEMORY);
        kt_share_give(job->body.share, KT_SHARE_MEMORY, GZIP_MEMORY);
        return false;
    }
    job->inflate_arena = kt_arena_new();
    job->inflate = kt_inflate_new(job->route->body_max, job->inflate_arena);
    return true;
}

static void end_inflating(struct kt_job *job)
{
    if (job->inflate_arena == NULL)
        return;
    (void)atomic_fetch_sub(&job->loop->server->budget.memory, GZIP_MEMORY);
    kt_share_give(job->body.share, KT_SHARE_MEMORY, GZIP_MEMORY);
    kt_arena_free(job->inflate_arena);
    job->inflate_arena = NULL;
    job->inflate = NULL;
}

void kt_job_free(struct kt_job *job)
{
    if (job == NULL)
        return;
    end_inflating(job); /* while the body has its share */
    kt_body_close(&job->body);
    (void)atomic_fetch_sub(&job->loop->server->budget.replies, (long long)job->out_charged);
    kt_job_drop_file(job);
    free(job->head);
    free(job->out);
    free(job);
}

/* The longest path that fits, of a role that this listener has. */
static const struct kt_route *find_route(const struct kt_conn *c, struct kt_str path)
{
    const struct kt_server_conf *conf = c->loop->server->conf;
    const struct kt_route *best = NULL;
    size_t best_n = 0;
    for (size_t i = 0; i < conf->routes; i++) {
        const struct kt_route *r = &conf->route[i];
        size_t n = strlen(r->path);
        bool is_below = n > 0 && r->path[n - 1] == '/';
        bool fits = (is_below ? path.n >= n : path.n == n) && memcmp(path.p, r->path, n) == 0;
        if (fits && n >= best_n && (c->listener->conf->role & (unsigned)r->role) != 0) {
            best = r;
            best_n = n;
        }
    }
    return best;
}

static bool takes_method(const struct kt_route *r, struct kt_str method)
{
    for (const char *p = r->methods; *p != '\0';) {
        size_t n = strcspn(p, " ");
        if (n == method.n && memcmp(p, method.p, n) == 0)
            return true;
        p += n;
        p += strspn(p, " ");
    }
    return false;
}

/* 0, or what to refuse it with. Nothing of the body has been looked at. */
static unsigned judge(const struct kt_conn *c, const struct kt_http_head *head,
                      const struct kt_route *route, const char **why)
{
    if (route == NULL) {
        *why = "no such address here";
        return 404;
    }
    if (!takes_method(route, head->method)) {
        *why = "method not taken here";
        return 405;
    }
    if (route->needs_certificate && !c->is_certified) {
        *why = "needs a client certificate";
        return 403;
    }
    if (head->length > route->body_max || (head->is_chunked && route->body_max == 0)) {
        *why = "body larger than this address takes";
        return 413;
    }
    return 0;
}

/* A refusal before the body: it is skipped when all of it is here, else the connection ends. */
static void refuse_head(struct kt_conn *c, const struct kt_http_head *head,
                        const struct kt_route *route, unsigned status, const char *why)
{
    char allow[96];
    const char *header = NULL;
    if (status == 405) {
        size_t n = 0;
        n += (size_t)snprintf(allow, sizeof(allow), "Allow: ");
        for (const char *p = route->methods; *p != '\0' && n + 5 < sizeof(allow); p++) {
            if (*p == ' ')
                allow[n++] = ',';
            allow[n++] = *p;
        }
        memcpy(allow + n, "\r\n", 3);
        header = allow;
    }
    if (head->is_chunked || head->length > c->view.n)
        c->closes = true;
    else
        consume(c, (size_t)head->length);
    kt_conn_refuse(c, status, why, header);
}

static struct kt_str moved(struct kt_str part, const char *from, const char *to)
{
    return part.p == NULL ? part : (struct kt_str){ to + (part.p - from), part.n };
}

/* The field lines: behind the request line, without the empty line at the end. */
static struct kt_str field_lines(const char *head, size_t n)
{
    const char *p = head;
    while (p[0] == '\r' && p[1] == '\n')
        p += 2;
    p = memchr(p, '\n', (size_t)(head + n - p));
    KT_ASSERT(p != NULL);
    return (struct kt_str){ p + 1, (size_t)(head + n - (p + 1)) - 2 };
}

static void fill_request(struct kt_job *job, const struct kt_conn *c,
                         const struct kt_http_head *head, struct kt_str bytes)
{
    struct kt_request *q = &job->q;
    struct kt_addr from;
    job->head = kt_take_text(bytes.p, bytes.n);
    q->method = moved(head->method, bytes.p, job->head);
    q->path = moved(head->path, bytes.p, job->head);
    q->query = moved(head->query, bytes.p, job->head);
    q->content_type = moved(head->content_type, bytes.p, job->head);
    q->head = field_lines(job->head, bytes.n);
    kt_peer_of(c->listener, &c->peer, head, &from);
    kt_addr_text(&from, job->address);
    q->address = job->address;
    q->is_local = kt_addr_is_local(&c->peer);
    q->is_tls = c->ssl != NULL;
    q->fingerprint = c->fingerprint != NULL && c->is_certified ? c->fingerprint : "";
    q->subject = c->subject != NULL && c->is_certified ? c->subject : "";
    q->listener = c->listener->conf->name;
    q->arrived_us = kt_now_us();
    from = kt_addr_counted(&from);
    if (q->fingerprint[0] != '\0')
        (void)snprintf(job->peer, sizeof(job->peer), "%s", q->fingerprint);
    else
        kt_addr_text(&from, job->peer);
}

static void open_job(struct kt_conn *c, const struct kt_http_head *head,
                     const struct kt_route *route, struct kt_str bytes)
{
    struct kt_server *server = c->loop->server;
    struct kt_job *job = kt_take(sizeof(*job));
    job->conn = c;
    job->loop = c->loop;
    job->route = route;
    job->begun_us = kt_mono_us();
    job->expires_us = c->request_us;
    job->is_head_only = c->is_head_only;
    job->is_1_1 = head->is_1_1;
    job->closes = c->closes;
    job->is_chunked = head->is_chunked;
    job->left = head->length;
    kt_body_open(&job->body, &server->budget, route->body_max);
    fill_request(job, c, head, bytes);
    c->job = job;
}

/* The whole request goes to its pool; what a full queue gives back is refused. */
static void hand_over(struct kt_conn *c)
{
    struct kt_server *server = c->loop->server;
    struct kt_job *job = c->job;
    unsigned status = 500;
    const char *why = "";
    end_inflating(job);
    if (!kt_body_end(&job->body, &job->q.body, &status, &why)) {
        kt_conn_refuse(c, status, why, "Retry-After: 5\r\n");
        return;
    }
    c->state = KT_CONN_WAITING;
    c->deadline_us = KT_NEVER;
    struct kt_job *full = kt_queue_put(server->queue[job->route->pool], job);
    if (full == NULL)
        return;
    (void)atomic_fetch_add(&server->busy, 1);
    if (full != job) {
        kt_loop_post(full->loop, full);
        return;
    }
    kt_conn_refuse(c, 503, "queue full", "Retry-After: 1\r\n");
}

/* Behind a proxy all strangers that it speaks for have shares of their own. */
static void make_stranger(struct kt_job *job)
{
    struct kt_addr from;
    KT_ASSERT(kt_addr_parse(&from, job->address)); /* we wrote it */
    job->body.share = kt_share_enter(job->loop->server->shares, &from);
}

/* Whoever may not bring anything costs a head: no memory, no file, no unpacking, no worker. */
static bool is_admitted(struct kt_conn *c)
{
    struct kt_job *job = c->job;
    struct kt_loop *loop = c->loop;
    struct kt_reply r = { .status = 500 };
    const enum kt_entry entry =
        job->route->admits == NULL
            ? KT_ENTRY_STRANGER
            : job->route->admits(job->route->context, &job->q, &r, loop->arena);
    if (entry != KT_ENTRY_REFUSED) {
        kt_arena_reset(loop->arena);
        if (entry == KT_ENTRY_STRANGER)
            make_stranger(job);
        return true;
    }
    (void)atomic_fetch_add(&loop->server->bad_requests, 1);
    if (job->is_chunked || job->left > c->view.n)
        job->closes = true;
    else
        consume(c, (size_t)job->left);
    kt_reply_render(job, &r);
    kt_arena_reset(loop->arena);
    kt_conn_reply(c);
    return false;
}

static void begin_body(struct kt_conn *c, const struct kt_http_head *head)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct kt_job *job = c->job;
    int64_t now_us = kt_mono_us();
    if (!is_admitted(c))
        return;
    if (head->is_gzip && !begin_inflating(job)) {
        c->closes = true;
        kt_conn_refuse(c, 503, "too many packed bodies at a time", "Retry-After: 5\r\n");
        return;
    }
    c->state = KT_CONN_BODY;
    c->window_bytes = 0;
    c->window_us = now_us + c->listener->conf->head_s * KT_SECOND;
    c->deadline_us = c->window_us < c->request_us ? c->window_us : c->request_us;
    if (!head->expects_continue || c->view.n > 0)
        return;
    size_t put = 0;
    if (kt_io_write(c, go_on, sizeof(go_on) - 1, &put) != KT_IO_OK || put != sizeof(go_on) - 1)
        kt_conn_close(c); /* so small a thing always fits, unless nobody takes our replies */
}

bool kt_conn_read_head(struct kt_conn *c)
{
    struct kt_http_head head;
    size_t used = 0;
    unsigned status = 400;
    const char *why = "";
    if (!c->has_begun) {
        const struct kt_listen_conf *conf = c->listener->conf;
        int64_t now_us = kt_mono_us();
        c->has_begun = true;
        c->deadline_us = now_us + conf->head_s * KT_SECOND;
        c->request_us = now_us + conf->request_s * KT_SECOND;
    }
    if (!kt_http_head_due(c->view, c->seen))
        return false;
    enum kt_head_rc rc = kt_http_head_read(&head, c->view, UINT64_MAX, &used, &status, &why);
    c->seen = c->view.n;
    if (rc == KT_HEAD_MORE)
        return false;
    if (rc != KT_HEAD_OK) {
        c->closes = true;
        kt_conn_refuse(c, status, why, status == 405 ? "Allow: GET, HEAD, POST\r\n" : NULL);
        return true;
    }
    struct kt_str bytes = kt_str_part(c->view, 0, used);
    const struct kt_route *route = find_route(c, head.path);
    consume(c, used);
    c->is_head_only = kt_str_is(head.method, "HEAD");
    c->closes = head.closes || atomic_load(&c->loop->server->phase) != KT_PHASE_RUN;
    status = judge(c, &head, route, &why);
    if (status != 0) {
        refuse_head(c, &head, route, status, why);
        return true;
    }
    open_job(c, &head, route, bytes);
    if (head.length > 0 || head.is_chunked)
        begin_body(c, &head);
    else
        hand_over(c);
    return true;
}

/* Body bytes as they were sent, unpacked on the way where they are packed. */
static bool put_body(struct kt_conn *c, struct kt_str data, unsigned *status, const char **why)
{
    struct kt_job *job = c->job;
    char out[UNPACK_ROOM];
    if (job->inflate == NULL)
        return kt_body_put(&job->body, data, status, why);
    for (;;) {
        size_t used = 0;
        size_t made = 0;
        enum kt_head_rc rc =
            kt_inflate_feed(job->inflate, data, out, sizeof(out), &used, &made, status, why);
        if (rc == KT_HEAD_BAD)
            return false;
        if (!kt_body_put(&job->body, (struct kt_str){ out, made }, status, why))
            return false;
        data = kt_str_part(data, used, data.n);
        job->inflated = rc == KT_HEAD_OK;
        if (rc == KT_HEAD_OK || (data.n == 0 && made < sizeof(out)))
            return true;
    }
}

/* What of c->view belongs to the body; `is_whole`: this was its end. */
static bool take_body(struct kt_conn *c, bool *is_whole, unsigned *status, const char **why)
{
    struct kt_job *job = c->job;
    struct kt_str data = { NULL, 0 };
    if (!job->is_chunked) {
        size_t n = c->view.n < job->left ? c->view.n : (size_t)job->left;
        data = kt_str_part(c->view, 0, n);
        consume(c, n);
        job->left -= n;
        *is_whole = job->left == 0;
        c->window_bytes += n;
        return put_body(c, data, status, why);
    }
    for (;;) {
        size_t used = 0;
        enum kt_head_rc rc =
            kt_chunks_feed(&job->chunks, c->view, job->route->body_max, &used, &data, status, why);
        if (rc == KT_HEAD_BAD)
            return false;
        c->window_bytes += data.n;
        if (data.n > 0 && !put_body(c, data, status, why))
            return false;
        consume(c, used);
        *is_whole = rc == KT_HEAD_OK;
        if (*is_whole || used == 0 || c->view.n == 0)
            return true;
    }
}

bool kt_conn_read_body(struct kt_conn *c)
{
    unsigned status = 400;
    const char *why = "";
    bool is_whole = false;
    bool is_good = take_body(c, &is_whole, &status, &why);
    if (is_good && is_whole && c->job->inflate != NULL && !c->job->inflated) {
        is_good = false;
        status = 400;
        why = "gzip body cut short";
    }
    if (!is_good) {
        c->closes = true;
        kt_conn_refuse(c, status, why, status == 503 ? "Retry-After: 5\r\n" : NULL);
        return true;
    }
    if (!is_whole)
        return false;
    hand_over(c);
    return true;
}
