#ifndef KT_WIRE_SERVER_H
#define KT_WIRE_SERVER_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/log.h"

/* Our HTTP server: loops that own the connections (libevent, OpenSSL), a strict parser, and pools
 * of workers that run the handlers. Only a loop touches its connections; a request reaches a worker
 * through the pool's bounded queue, its reply comes back the same way. Everything is bounded: head,
 * body, time, connections, queues (docs/http.md). Whoever talks rubbish, slowly or not at all costs
 * a few kilobytes until a deadline closes it. */
struct kt_server;

/* What a listener is for; a route is found only on listeners that have its role, else 404. */
enum kt_role {
    KT_ROLE_PUSH = 1,
    KT_ROLE_WEBHOOK = 2,
    KT_ROLE_ADMIN = 4,
    KT_ROLE_METRICS = 8,
    KT_ROLE_DOCUMENTS = 16
};
extern const char *const kt_role_names[]; /* in the order of the bits; ends with NULL */

/* A section of `listen`. */
struct kt_listen_conf {
    const char *name;
    const char *address;     /* "127.0.0.1", "::1", "0.0.0.0" */
    int64_t port;            /* 0: any free one (kt_server_port) */
    const char *certificate; /* PEM, with chain; NULL: plain HTTP */
    const char *key;         /* PEM, readable by the owner only */
    const char *client_ca;   /* PEM: who may sign client certificates; NULL: any is taken and told
                              * apart by its fingerprint alone */
    struct kt_conf_texts roles;
    struct kt_conf_texts trusted_proxies; /* addresses whose X-Forwarded-For is believed */
    int64_t connections;                  /* most at a time */
    int64_t connections_per_address;      /* most of one address */
    int64_t head_s;                       /* handshake and head: longest time, together */
    int64_t request_s;                    /* head and body: longest time */
    int64_t body_rate;  /* least bytes a second of a body, in each stretch of head_s */
    int64_t idle_s;     /* between two requests */
    int64_t write_s;    /* until a reply is taken; 1 s more for each 64 kB of it. Of one from a file
                         * also until each next 64 kB are taken */
    bool admin_outside; /* roles admin and metrics may be where other machines reach them */
    unsigned role;      /* derived: bits of enum kt_role */
};
extern const struct kt_opt kt_listen_opts[];
/* Is this text an address that is written as such ("::1"; no names)? And one of this machine alone?
 */
bool kt_listen_is_address(const char *address);
bool kt_listen_is_local(const char *address);
/* "10.0.0.7" or "10.0.0.0/8", as trusted_proxies holds them. */
bool kt_listen_is_proxy(const char *text);

struct kt_request {
    struct kt_str method;
    struct kt_str path;
    struct kt_str query;
    struct kt_str head; /* all field lines as they came, for signatures and kt_request_header */
    struct kt_str content_type;
    struct kt_str body;  /* whole, decompressed; above 1 MB a mapped file */
    const char *address; /* of the peer, or as a trusted proxy says */
    bool is_local;       /* the peer itself, whatever a proxy says, is on this machine */
    bool is_tls;
    const char *fingerprint; /* SHA-256 of the client certificate, hex; "" without one, or with one
                              * that client_ca did not sign */
    const char *subject;     /* of it, for people; "" without one */
    const char *listener;
    int64_t arrived_us; /* when its head was whole */
};
/* Value of the first field of that name in any case; absent: none. */
struct kt_str kt_request_header(const struct kt_request *q, const char *name);

/* A body that stands in a file: n bytes of it from `at` on, read as the peer takes them, so that
 * slow peers cost no memory. */
struct kt_reply_file {
    int fd; /* open for reading; the server's own as soon as the handler returns */
    uint64_t at;
    uint64_t n;
};

/* What a handler fills; it is copied when the handler returns, so the arena is a good place. */
struct kt_reply {
    unsigned status;          /* preset to 500 */
    const char *content_type; /* NULL: no body */
    struct kt_str body;
    const struct kt_reply_file *file; /* in place of body; NULL: none */
    const char *header; /* further lines "Name: value\r\n"; NULL: none; a malformed one is 500 */
    unsigned retry_after_s; /* 0: not said */
    bool closes;            /* nothing more is wanted from this peer */
};

/* Workers of one kind, so that one kind of work never waits for another. */
struct kt_pool {
    const char *name;
    unsigned workers;
    unsigned queue; /* requests that wait; above it 503 with Retry-After. Peers (certificate, else
                     * address) take turns, and where it is full the one with most in it gives way,
                     * so that one that floods has only its own share */
    void *(*begin)(void *context,
                   unsigned worker);   /* in the worker, before the first; may be NULL */
    void (*end)(void *worker_context); /* in the worker, after the last; may be NULL */
    void *context;
};

typedef void (*kt_handler)(void *worker_context, const void *route_context,
                           const struct kt_request *q, struct kt_reply *r, struct kt_arena *a);

/* May this peer send a body? What the bodies of strangers take together is limited, so that they
 * never stand in the way of those who are known. */
enum kt_entry {
    KT_ENTRY_REFUSED = 0,
    KT_ENTRY_STRANGER, /* who it is shows the body at the earliest */
    KT_ENTRY_KNOWN
};
/* q has no body yet, and its texts have no NUL behind. KT_ENTRY_REFUSED: *r is the answer, and the
 * body is not read. A loop asks, so it must not wait for anything. */
typedef enum kt_entry (*kt_admission)(const void *route_context, const struct kt_request *q,
                                      struct kt_reply *r, struct kt_arena *a);

/* In the order in which routes are written and read; a few bytes of padding are fine. */
struct kt_route {     /* NOLINT(clang-analyzer-optin.performance.Padding): as said above */
    const char *path; /* exact; or ends with '/': everything below */
    enum kt_role role;
    const char *methods;    /* "GET HEAD", "POST"; others 405 */
    uint64_t body_max;      /* after decompression; above 413 */
    bool needs_certificate; /* 403 without one that is accepted */
    size_t pool;            /* index */
    kt_handler handler;
    const void *context;
    kt_admission admits; /* asked before a body is taken; NULL: everybody may send one, and
                          * everybody is a stranger */
};

struct kt_server_conf {
    const struct kt_listen_conf *listen;
    size_t listens;
    const struct kt_pool *pool;
    size_t pools;
    const struct kt_route *route; /* the longest path that fits wins */
    size_t routes;
    unsigned loops;           /* 0: one */
    const char *spill_folder; /* of bodies above 1 MB, without names; NULL: TMPDIR or /tmp */
    int64_t spill_max;        /* bytes in it, all together; above it 503. 0: 4 GB. Of strangers an
                               * eighth, and a quarter of that of one address */
};

/* conf and what it names outlive it. One process may have several. Where the limit of open files is
 * too low for the connections it is raised as far as it goes. Errors KT_CONFIG: LISTEN_TAKEN,
 * LISTEN_ADDRESS (not ours), LISTEN_CERTIFICATE (certificate, key, client_ca unreadable or not
 * fitting). */
enum kt_rc kt_server_start(struct kt_server **out, const struct kt_server_conf *conf,
                           const struct kt_log *log, struct kt_err *e) KT_MUST;
/* Would these listeners open, all at once? Opens and closes them; the errors of kt_server_start. */
enum kt_rc kt_server_try(const struct kt_listen_conf *listen, size_t listens,
                         struct kt_err *e) KT_MUST;
/* The port a listener got, by its index. */
unsigned kt_server_port(const struct kt_server *server, size_t listener);
/* Stops accepting; connections end after their current request, idle ones at once. Any thread. */
void kt_server_drain(struct kt_server *server);
/* Drains, waits for what is under way (at most grace_us), joins, frees. NULL is fine. False: a
 * handler did not end; the process must end without freeing what it uses. */
bool kt_server_stop(struct kt_server *server, int64_t grace_us) KT_MUST;
/* Reads certificates, keys and client_ca again; the old ones stay in use when that fails. */
enum kt_rc kt_server_renew(struct kt_server *server, struct kt_err *e) KT_MUST;

/* What /metrics shows; counts since start. Any thread. */
struct kt_server_counts {
    int64_t connections; /* open now */
    int64_t accepted;
    int64_t refused_cap;  /* too many connections */
    int64_t timed_out;    /* closed by a deadline */
    int64_t bad_requests; /* refused: malformed, or not what the route takes */
    int64_t requests;     /* handed to workers */
    int64_t busy;         /* 503, a queue was full */
    int64_t waiting;      /* in queues now */
    int64_t strangers;    /* bodies refused: those of strangers took all that they may take */
};
void kt_server_count(const struct kt_server *server, struct kt_server_counts *out);

#endif
