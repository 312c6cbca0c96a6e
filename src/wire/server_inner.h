#ifndef KT_WIRE_SERVER_INNER_H
#define KT_WIRE_SERVER_INNER_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "wire/http_head.h"
#include "wire/inflate.h"
#include "wire/server.h"

/* What the files of the server share; nobody else includes this.
 *
 * Who touches what: a connection and its events belong to its loop's thread alone. A job belongs to
 * the loop until kt_queue_put, then to the pool and its worker, and to the loop again when it comes
 * back through kt_loop_post. */

enum {
    KT_ADDR_TEXT_MAX = 48,
    KT_PEER_TEXT_MAX = 68,
    KT_SCRATCH = 65536,                /* most that is read at a time */
    KT_PIECE = 65536,                  /* of a reply from a file, in memory */
    KT_SPILL_ABOVE = 1024 * 1024,      /* bytes of a body in memory */
    KT_BODIES_MAX = 64 * 1024 * 1024,  /* bytes of all bodies in memory; above it all spill */
    KT_REPLY_FREE = 16 * 1024,         /* a reply up to this size is always given */
    KT_REPLIES_MAX = 128 * 1024 * 1024 /* bytes of all larger ones that are not taken yet */
};

/* An address; IPv4 as IPv6 writes it. */
struct kt_addr {
    unsigned char byte[16];
};
struct kt_net {
    struct kt_addr addr;
    unsigned bits;
};
bool kt_addr_parse(struct kt_addr *out, const char *text) KT_MUST;
bool kt_addr_is_v4(const struct kt_addr *a);
bool kt_addr_is_local(const struct kt_addr *a);
void kt_addr_text(const struct kt_addr *a, char *out); /* KT_ADDR_TEXT_MAX */
struct kt_addr
kt_addr_counted(const struct kt_addr *peer); /* of IPv6 the /64: one peer has it all */
bool kt_net_parse(struct kt_net *out, const char *text) KT_MUST;
bool kt_net_has(const struct kt_net *net, const struct kt_addr *a);

void *kt_take(size_t n); /* zeroed, for free(); never NULL */
char *kt_take_text(const char *p, size_t n);

/* server_body.c: a body as it grows. */
struct kt_budget {
    atomic_llong memory;  /* bytes of bodies in memory */
    atomic_llong replies; /* bytes of large replies that are not taken yet */
    atomic_llong spilled; /* bytes of bodies in files */
    int64_t spill_max;
    const char *folder;
};
/* server_share.c: what the bodies of strangers take of it, by address. */
enum kt_share_of { KT_SHARE_MEMORY = 0, KT_SHARE_FILES, KT_SHARES };
struct kt_shares;
struct kt_share;
struct kt_shares *kt_shares_new(int64_t spill_max);
void kt_shares_free(struct kt_shares *shares);             /* NULL is fine */
int64_t kt_shares_refused(const struct kt_shares *shares); /* how often no more was to be had */
/* The share of that address, for one body; never NULL. */
struct kt_share *kt_share_enter(struct kt_shares *shares, const struct kt_addr *from);
void kt_share_leave(struct kt_share *share); /* when all is given back; NULL is fine */
/* NULL: somebody who is known, who may always. */
bool kt_share_take(struct kt_share *share, enum kt_share_of what, long long bytes) KT_MUST;
void kt_share_give(struct kt_share *share, enum kt_share_of what, long long bytes);
void kt_share_refused(struct kt_share *share); /* one is told to come again */

struct kt_body {
    struct kt_budget *budget;
    struct kt_share *share; /* the body's own to leave; NULL: it is no stranger's */
    char *p;                /* in memory, or mapped once it is whole */
    size_t room;
    uint64_t size;
    uint64_t max;
    size_t mapped; /* bytes; 0: not mapped */
    size_t held;   /* bytes of p that are not in the file yet */
    int fd;        /* above 0: spilled */
    bool gone_to_file;
};
void kt_body_open(struct kt_body *b, struct kt_budget *budget, uint64_t max);
/* False: *status 413 or 503 and *why. */
bool kt_body_put(struct kt_body *b, struct kt_str bytes, unsigned *status,
                 const char **why) KT_MUST;
/* Whole: *out has a NUL behind it and lives until close. */
bool kt_body_end(struct kt_body *b, struct kt_str *out, unsigned *status, const char **why) KT_MUST;
void kt_body_close(struct kt_body *b);

struct kt_conn;
struct kt_loop;
struct kt_queue;

/* One request from its head to its reply. */
struct kt_job {
    struct kt_job *next;
    struct kt_conn *conn;
    struct kt_loop *loop;
    const struct kt_route *route;
    struct kt_request q;
    char *head;
    struct kt_body body;
    char address[KT_ADDR_TEXT_MAX];
    char peer[KT_PEER_TEXT_MAX]; /* who takes turns: fingerprint, else address or /64 */
    int64_t begun_us;            /* monotonic */
    int64_t expires_us;          /* monotonic; no worker begins later */
    bool is_head_only;           /* HEAD */
    bool is_1_1;
    bool closes;
    /* while its body arrives */
    struct kt_chunks chunks;
    bool is_chunked;
    uint64_t left; /* of Content-Length */
    struct kt_inflate *inflate;
    struct kt_arena *inflate_arena;
    bool inflated; /* the gzip member is whole */
    /* its reply */
    unsigned status;
    const char *refused; /* why no worker had it; NULL: one had */
    char *out;
    size_t out_n;
    size_t out_charged; /* of the budget */
    bool has_file;
    struct kt_reply_file file; /* what is sent behind `out` */
};
void kt_job_free(struct kt_job *job); /* NULL is fine */
void kt_job_drop_file(struct kt_job *job);

enum kt_conn_state {
    KT_CONN_HANDSHAKE = 0,
    KT_CONN_HEAD,
    KT_CONN_BODY,
    KT_CONN_WAITING, /* a worker has it */
    KT_CONN_WRITING,
    KT_CONN_LINGER, /* answered and closed from here; until the peer has read it */
    KT_CONN_CLOSED
};

struct kt_listener {
    struct kt_server *server;
    const struct kt_listen_conf *conf;
    size_t index;
    int fd; /* -1: closed */
    unsigned port;
    struct event ev;
    struct kt_net *proxy;
    size_t proxies;
    pthread_mutex_t lock; /* guards tls, which kt_server_renew exchanges */
    SSL_CTX *tls;         /* NULL: plain */
    atomic_llong open;
    int64_t paused_us; /* loop 0: when it was last said that no file is to be had */
};

struct kt_conn {
    struct kt_conn *prev, *next; /* of the loop */
    struct kt_loop *loop;
    struct kt_listener *listener;
    int fd;
    SSL *ssl;
    struct event ev_read;  /* stays added while a job runs, until the peer sends something then */
    struct event ev_write; /* only while something cannot be written */
    enum kt_conn_state state;
    bool is_reading;       /* ev_read is added */
    bool reads_on_write;   /* TLS wants to write before it reads */
    bool writes_on_read;   /* and the other way round */
    bool has_begun;        /* a byte of the request at hand has come */
    bool is_certified;     /* its certificate is one we accept */
    bool is_counted;       /* in the listener's caps */
    bool closes;           /* after this reply */
    bool is_head_only;     /* HEAD: the reply has no body */
    int64_t deadline_us;   /* monotonic; KT_NEVER: none */
    int64_t request_us;    /* when the whole request must be here */
    int64_t window_us;     /* when the body's rate is looked at next */
    uint64_t window_bytes; /* of the body since the last look */
    struct kt_addr peer;
    char *in; /* bytes that are not read yet */
    size_t in_n;
    size_t seen;        /* of a head: looked at before */
    struct kt_str view; /* what is being read now */
    struct kt_job *job;
    char *out; /* owned */
    size_t out_n, out_at;
    uint64_t file_at;  /* bytes of the reply's file that are in `out` or taken */
    int64_t write_us;  /* when the whole reply must be taken */
    char *fingerprint; /* NULL: none */
    char *subject;
};

/* server_conn.c: all in the loop's thread. */
void kt_conn_open(struct kt_loop *loop, struct kt_listener *listener, int fd,
                  const struct kt_addr *peer);
void kt_conn_close(struct kt_conn *c); /* frees at the end of the event at hand */
void kt_conn_free(struct kt_conn *c);
void kt_conn_expire(struct kt_conn *c, int64_t now_us); /* its deadline has passed */
void kt_conn_answer(struct kt_job *job);                /* a job came back */
void kt_conn_reply(struct kt_conn *c);                  /* what its job holds is written next */
void kt_conn_drain(struct kt_conn *c, bool at_once);
void kt_conn_refuse(struct kt_conn *c, unsigned status, const char *why, const char *header);
void kt_conn_settle(struct kt_conn *c); /* after every event: what is waited for next */

/* server_request.c: reads c->view. False: more is needed, or the state has changed. */
bool kt_conn_read_head(struct kt_conn *c);
bool kt_conn_read_body(struct kt_conn *c);

/* server_io.c */
enum kt_io { KT_IO_OK = 0, KT_IO_WANT_READ, KT_IO_WANT_WRITE, KT_IO_END, KT_IO_BROKEN };
enum kt_io kt_io_read(struct kt_conn *c, char *p, size_t room, size_t *got) KT_MUST;
enum kt_io kt_io_write(struct kt_conn *c, const char *p, size_t n, size_t *put) KT_MUST;
enum kt_io kt_io_handshake(struct kt_conn *c) KT_MUST;
void kt_io_end(struct kt_conn *c); /* says that nothing more will be written */

/* server_tls.c */
enum kt_rc kt_tls_make(SSL_CTX **out, const struct kt_listen_conf *conf, struct kt_err *e) KT_MUST;
bool kt_tls_attach(struct kt_conn *c) KT_MUST;
void kt_tls_read_peer(struct kt_conn *c); /* after the handshake */
const char *kt_tls_complaint(void);       /* about what has just failed; NULL: none, just gone */

/* server_peer.c */
struct kt_caps;
struct kt_caps *kt_caps_new(void);
void kt_caps_free(struct kt_caps *caps);
/* One more connection of that address at that listener? */
bool kt_caps_enter(struct kt_caps *caps, struct kt_listener *l, const struct kt_addr *peer) KT_MUST;
void kt_caps_leave(struct kt_caps *caps, struct kt_listener *l, const struct kt_addr *peer);
bool kt_peer_is_proxy(const struct kt_listener *l, const struct kt_addr *peer);
/* Who sent this head: the peer, or the last hop that X-Forwarded-For of trusted proxies names. */
void kt_peer_of(const struct kt_listener *l, const struct kt_addr *peer,
                const struct kt_http_head *head, struct kt_addr *out);

/* server_reply.c: a whole reply as one piece for free(). */
void kt_reply_render(struct kt_job *job, const struct kt_reply *r);
void kt_reply_busy(struct kt_job *job, const char *why); /* 503 */
void kt_reply_short(char **out, size_t *n, unsigned status, const char *header, bool closes,
                    bool is_head_only);
const char *kt_reason(unsigned status);

/* server_pool.c */
struct kt_queue *kt_queue_start(struct kt_server *server, const struct kt_pool *pool);
/* Gives a job to a worker. Of a full queue somebody's is handed back, maybe this one: NULL none. */
struct kt_job *kt_queue_put(struct kt_queue *q, struct kt_job *job) KT_MUST;
struct kt_job *kt_queue_end(struct kt_queue *q); /* no more; what waited is handed back, chained */
bool kt_queue_join(struct kt_queue *q, int64_t until_us) KT_MUST; /* false: a handler runs on */
void kt_queue_free(struct kt_queue *q);

/* server_loop.c */
enum kt_phase { KT_PHASE_RUN = 0, KT_PHASE_DRAIN, KT_PHASE_CLOSE, KT_PHASE_END };
struct kt_loop {
    struct kt_server *server;
    size_t index;
    pthread_t thread;
    bool has_thread;
    struct event_base *base;
    int wake_fd;
    struct event ev_wake, ev_tick;
    struct kt_conn *first;  /* open ones */
    struct kt_conn *closed; /* to free at the end of this event */
    enum kt_phase seen;
    pthread_mutex_t lock; /* guards done and fresh, which others fill */
    struct kt_job *done, **done_tail;
    struct kt_fresh *fresh;
    struct kt_arena *arena; /* of one admission */
    char scratch[KT_SCRATCH];
};
enum kt_rc kt_loop_open(struct kt_loop *loop, struct kt_server *server, size_t index,
                        struct kt_err *e) KT_MUST;
enum kt_rc kt_loop_start(struct kt_loop *loop, struct kt_err *e) KT_MUST;
void kt_loop_reap(struct kt_loop *loop);                     /* frees closed connections */
void kt_loop_wake(struct kt_loop *loop);                     /* any thread */
void kt_loop_post(struct kt_loop *loop, struct kt_job *job); /* any thread */
void kt_loop_join(struct kt_loop *loop);
void kt_loop_free(struct kt_loop *loop);

/* server_accept.c: loop 0 */
enum kt_rc kt_listener_open(struct kt_listener *l, struct kt_server *server, size_t index,
                            struct kt_err *e) KT_MUST;
void kt_listener_watch(struct kt_listener *l, struct kt_loop *loop);
void kt_listener_resume(struct kt_listener *l); /* after a while without free descriptors */
void kt_listener_shut(struct kt_listener *l);
void kt_listener_free(struct kt_listener *l);
/* A connection that another loop accepted. */
struct kt_fresh {
    struct kt_fresh *next;
    struct kt_listener *listener;
    struct kt_addr peer;
    int fd;
};
void kt_loop_give(struct kt_loop *loop, struct kt_fresh *fresh); /* any thread */

/* server_log.c */
struct kt_refusals {
    atomic_llong second;
    atomic_llong lines;
    atomic_llong left_out;
};
void kt_log_refusal(struct kt_server *server, const struct kt_conn *c, unsigned status,
                    const char *why);
void kt_log_answer(struct kt_server *server, const struct kt_job *job);

struct kt_server {
    const struct kt_server_conf *conf;
    struct kt_log log;
    struct kt_listener *listener;
    struct kt_queue **queue;
    struct kt_loop *loop;
    size_t loops;
    size_t next_loop; /* loop 0 alone: who gets the next connection */
    struct kt_caps *caps;
    struct kt_budget budget;
    struct kt_shares *shares;
    struct kt_refusals refusals;
    atomic_int phase;
    pthread_mutex_t lock; /* guards nothing of its own: whoever waits for the last connection */
    pthread_cond_t gone;
    atomic_llong connections, accepted, refused_cap, timed_out, bad_requests, requests, busy,
        waiting;
};
void kt_server_left(struct kt_server *server); /* a connection has been freed */

#endif
