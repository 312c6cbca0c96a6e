/* The HTTP server with a few handlers and nothing behind them, for tests that talk to it over
 * sockets. Settings come as NAME=VALUE arguments; it prints "port N", one line a listener, serves
 * until its standard input ends, drains, and prints its counts. "renew" on standard input reads the
 * certificates again, "drain" drains, "count" prints the counts at once.
 *
 *   echo_server certificate=a.pem key=a.key client_ca=ca.pem head_s=1 workers=4 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/time.h"
#include "wire/server.h"

enum { BODY_MAX = 32 * 1024 * 1024, NAP_US = 200000 };

static struct kt_listen_conf listen_conf = {
    .name = "test",
    .address = "127.0.0.1",
    .connections = 8192,
    .connections_per_address = 8192,
    .head_s = 10,
    .request_s = 60,
    .body_rate = 1024,
    .idle_s = 60,
    .write_s = 30,
    .role = KT_ROLE_PUSH | KT_ROLE_ADMIN,
};
static int64_t workers = 2, queue = 64, loops = 1, verbose, large_bytes = 8388608;

/* The body comes back. */
static void echo(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                 struct kt_arena *a)
{
    (void)worker, (void)route;
    r->status = 200;
    r->content_type = "application/octet-stream";
    r->body = kt_str_copy(a, q->body);
    if (r->body.p == NULL)
        r->body = KT_STR("");
}

/* What the server says of a request, one line a fact. */
static void tell(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                 struct kt_arena *a)
{
    uint8_t hash[KT_HASH_BYTES];
    char hex[KT_HASH_TEXT_MAX];
    struct kt_str test = kt_request_header(q, "x-test");
    (void)worker, (void)route;
    kt_sha256(q->body, hash);
    kt_hex(hash, sizeof(hash), hex);
    r->status = 200;
    r->content_type = "text/plain";
    r->body = kt_str_of(kt_format(
        a,
        "method=%s\npath=%s\nquery=%s\ntype=%s\nlength=%zu\nsha256=%s\naddress=%s\nlocal=%d\n"
        "tls=%d\nfingerprint=%s\nsubject=%s\nlistener=%s\nx-test=%.*s\n",
        q->method.p, q->path.p, q->query.p == NULL ? "(none)" : q->query.p,
        q->content_type.p == NULL ? "(none)" : q->content_type.p, q->body.n, hex, q->address,
        q->is_local, q->is_tls, q->fingerprint, q->subject, q->listener,
        test.p == NULL ? 6 : (int)test.n, test.p == NULL ? "(none)" : test.p));
}

/* Only who says the word may send a body. */
static enum kt_entry is_known(const void *route, const struct kt_request *q, struct kt_reply *r,
                              struct kt_arena *a)
{
    (void)route, (void)a;
    r->status = 401;
    r->content_type = "text/plain";
    r->body = KT_STR("who?");
    return kt_str_is(kt_request_header(q, "x-word"), "sesame") ? KT_ENTRY_KNOWN : KT_ENTRY_REFUSED;
}

static void nap(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                struct kt_arena *a)
{
    (void)usleep(NAP_US);
    tell(worker, route, q, r, a);
}

static void large(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                  struct kt_arena *a)
{
    size_t n = (size_t)large_bytes;
    char *p = kt_alloc(a, n);
    (void)worker, (void)route, (void)q;
    memset(p, 'x', n);
    r->status = 200;
    r->content_type = "text/plain";
    r->body = (struct kt_str){ p, n };
}

static bool set_number(int64_t *out, const char *value)
{
    char *end = NULL;
    *out = strtoll(value, &end, 10);
    return end != value && *end == '\0';
}

static bool set(const char *name, const char *value)
{
    static const struct {
        const char *name;
        int64_t *number;
    } numbers[] = {
        { "head_s", &listen_conf.head_s },
        { "request_s", &listen_conf.request_s },
        { "idle_s", &listen_conf.idle_s },
        { "write_s", &listen_conf.write_s },
        { "body_rate", &listen_conf.body_rate },
        { "connections", &listen_conf.connections },
        { "per_address", &listen_conf.connections_per_address },
        { "workers", &workers },
        { "queue", &queue },
        { "loops", &loops },
        { "verbose", &verbose },
        { "large", &large_bytes },
    };
    static const char *proxy;
    for (size_t i = 0; i < KT_COUNT(numbers); i++) {
        if (strcmp(name, numbers[i].name) == 0)
            return set_number(numbers[i].number, value);
    }
    if (strcmp(name, "certificate") == 0)
        listen_conf.certificate = value;
    else if (strcmp(name, "key") == 0)
        listen_conf.key = value;
    else if (strcmp(name, "client_ca") == 0)
        listen_conf.client_ca = value;
    else if (strcmp(name, "proxy") == 0) {
        proxy = value;
        listen_conf.trusted_proxies = (struct kt_conf_texts){ &proxy, 1 };
    } else
        return false;
    return true;
}

static void print_counts(const struct kt_server *server)
{
    struct kt_server_counts n;
    kt_server_count(server, &n);
    printf("counts connections=%lld accepted=%lld refused_cap=%lld timed_out=%lld "
           "bad_requests=%lld requests=%lld busy=%lld waiting=%lld\n",
           (long long)n.connections, (long long)n.accepted, (long long)n.refused_cap,
           (long long)n.timed_out, (long long)n.bad_requests, (long long)n.requests,
           (long long)n.busy, (long long)n.waiting);
}

static void obey(struct kt_server *server)
{
    char line[64];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        struct kt_err e;
        char sentence[512];
        kt_err_clear(&e);
        if (strcmp(line, "count\n") == 0)
            print_counts(server);
        else if (strcmp(line, "drain\n") == 0)
            kt_server_drain(server);
        else if (strcmp(line, "renew\n") == 0 && kt_server_renew(server, &e) != KT_OK) {
            kt_sentence(&e.v, KT_LANG_EN, sentence, sizeof(sentence));
            printf("refused %s\n", sentence);
        } else
            printf("done\n");
        (void)fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    static const struct kt_route routes[] = {
        { "/echo", KT_ROLE_PUSH, "POST", BODY_MAX, false, 0, echo, NULL, NULL },
        { "/tell", KT_ROLE_PUSH, "GET HEAD POST", BODY_MAX, false, 0, tell, NULL, NULL },
        { "/tell/", KT_ROLE_PUSH, "GET HEAD POST", BODY_MAX, false, 0, tell, NULL, NULL },
        { "/small", KT_ROLE_PUSH, "POST", 1000, false, 0, tell, NULL, NULL },
        { "/nap", KT_ROLE_PUSH, "GET POST", BODY_MAX, false, 0, nap, NULL, NULL },
        { "/large", KT_ROLE_PUSH, "GET", 0, false, 0, large, NULL, NULL },
        { "/secret", KT_ROLE_PUSH, "GET POST", BODY_MAX, true, 0, tell, NULL, NULL },
        { "/guarded", KT_ROLE_PUSH, "GET POST", BODY_MAX, false, 0, tell, NULL, is_known },
        { "/healthz", KT_ROLE_ADMIN, "GET HEAD", 0, false, 1, tell, NULL, NULL },
        { "/webhook/", KT_ROLE_WEBHOOK, "POST", BODY_MAX, false, 0, tell, NULL, NULL },
    };
    struct kt_pool pools[] = { { .name = "push" }, { .name = "admin", .workers = 1, .queue = 8 } };
    struct kt_server_conf conf = { .listen = &listen_conf,
                                   .listens = 1,
                                   .pool = pools,
                                   .pools = KT_COUNT(pools),
                                   .route = routes,
                                   .routes = KT_COUNT(routes) };
    struct kt_log log = { .least = KT_LOG_ERROR };
    struct kt_server *server = NULL;
    struct kt_err e;
    char sentence[512];
    kt_err_clear(&e);
    for (int i = 1; i < argc; i++) {
        char *eq = strchr(argv[i], '=');
        if (eq == NULL || (*eq = '\0', !set(argv[i], eq + 1))) {
            (void)fprintf(stderr, "echo_server: no such setting: %s\n", argv[i]);
            return 2;
        }
    }
    if (verbose > 0)
        log.least = verbose > 1 ? KT_LOG_DEBUG : KT_LOG_WARN;
    pools[0].workers = (unsigned)workers;
    pools[0].queue = (unsigned)queue;
    conf.loops = (unsigned)loops;
    if (kt_server_start(&server, &conf, &log, &e) != KT_OK) {
        kt_sentence(&e.v, KT_LANG_EN, sentence, sizeof(sentence));
        printf("failed %s\n", sentence);
        return 1;
    }
    printf("port %u\n", kt_server_port(server, 0));
    (void)fflush(stdout);
    obey(server);
    kt_server_drain(server);
    print_counts(server);
    (void)fflush(stdout);
    return kt_server_stop(server, 10 * KT_SECOND) ? 0 : 1;
}
