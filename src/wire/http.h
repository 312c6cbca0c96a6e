#ifndef KT_WIRE_HTTP_H
#define KT_WIRE_HTTP_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/log.h"

/* The HTTP client of all adapters, over libcurl. One handle per session and thread. It follows no
 * redirects, speaks only http and https, checks certificates, bounds every answer, and says
 * exactly whether a request had left when something went wrong. */
struct kt_http;

/* How we log in. BASIC without a user sends no login. NTLM and NEGOTIATE hold for a connection: its
 * first request asks, and later ones need no login as long as it lives. OAUTH2 fetches a bearer
 * token from token_url with our client's secret (RFC 6749, 4.4). */
enum kt_http_auth {
    KT_HTTP_BASIC = 0,
    KT_HTTP_NONE,
    KT_HTTP_NTLM,
    KT_HTTP_NEGOTIATE,
    KT_HTTP_OAUTH2
};
extern const char *const kt_http_auths[]; /* as written in the configuration; ends with NULL */

/* The settings every adapter with HTTP has; put KT_HTTP_OPTS(struct x, http, …) into its table, and
 * KT_HTTP_LOGIN_OPTS(struct x, http) where other logins than HTTP Basic make sense. */
struct kt_http_conf {
    const char *url;
    const char *user;
    const char *password;
    const char *ca_file;     /* NULL: the system's */
    const char *client_cert; /* PEM */
    const char *client_key;
    int64_t timeout_s;
    int64_t connect_timeout_s;
    int64_t max_answer; /* bytes, after decompression */
    int auth;           /* enum kt_http_auth */
    const char *token_url;
    const char *client_id;
    const char *client_secret;
    const char *oauth_scope; /* NULL: none asked for */
};

#define KT_HTTP_OPT(s, m, opt, t, ...)                                \
    {                                                                 \
        .name = opt, .type = t, .offset = offsetof(s, m), __VA_ARGS__ \
    }
#define KT_HTTP_OPTS(s, m, user_name, password_name)                                               \
    KT_HTTP_OPT(s, m.ca_file, "ca_file", KT_OPT_FILE,                                              \
                .help = "Certificates (PEM) that may sign the server's; default: the system's"),   \
        KT_HTTP_OPT(s, m.client_cert, "client_cert", KT_OPT_FILE,                                  \
                    .help = "Our client certificate (PEM)"),                                       \
        KT_HTTP_OPT(s, m.client_key, "client_key", KT_OPT_FILE,                                    \
                    .help =                                                                        \
                        "The client certificate's private key (PEM, readable by the owner only)"), \
        KT_HTTP_OPT(s, m.connect_timeout_s, "connect_timeout", KT_OPT_SECS, .def = "10", .min = 1, \
                    .max = 120, .help = "Longest wait for a connection"),                          \
        KT_HTTP_OPT(s, m.max_answer, "max_answer", KT_OPT_SIZE, .def = "64M", .min = 65536,        \
                    .max = INT64_C(1) << 30, .help = "Largest answer that is read"),               \
        KT_HTTP_OPT(s, m.password, password_name, KT_OPT_SECRET,                                   \
                    .help = "Password; file: or env:"),                                            \
        KT_HTTP_OPT(s, m.timeout_s, "timeout", KT_OPT_SECS, .def = "60", .min = 1, .max = 3600,    \
                    .help = "Longest wait for one answer"),                                        \
        KT_HTTP_OPT(s, m.url, "url", KT_OPT_URL, .flags = KT_OPT_REQUIRED, .help = "Address"),     \
        KT_HTTP_OPT(s, m.user, user_name, KT_OPT_TEXT, .help = "Login name")
#define KT_HTTP_LOGIN_OPTS(s, m)                                                                  \
    KT_HTTP_OPT(s, m.auth, "auth", KT_OPT_CHOICE, .def = "basic", .choices = kt_http_auths,       \
                .help = "Kind of login; basic without a user sends none; ntlm wants the user as " \
                        "DOMAIN\\name; negotiate uses the Kerberos ticket of Kontor's account"),  \
        KT_HTTP_OPT(s, m.client_id, "client_id", KT_OPT_TEXT,                                     \
                    .help = "Our name at token_url (auth: oauth2)"),                              \
        KT_HTTP_OPT(s, m.client_secret, "client_secret", KT_OPT_SECRET,                           \
                    .help = "Our secret at token_url; file: or env:"),                            \
        KT_HTTP_OPT(s, m.oauth_scope, "oauth_scope", KT_OPT_TEXT,                                 \
                    .help = "Scope asked for at token_url"),                                      \
        KT_HTTP_OPT(s, m.token_url, "token_url", KT_OPT_URL,                                      \
                    .help = "Where bearer tokens are fetched (auth: oauth2); ca_file and the "    \
                            "client certificate count there too")

struct kt_http_request {
    const char *method;        /* "GET" … */
    const char *path;          /* behind the configured url; begins with '/' or '?' or is "" */
    const char *content_type;  /* NULL: no body */
    const char *accept;        /* NULL: any */
    const char *const *header; /* further "Name: value" lines, ends with NULL; may be NULL */
    struct kt_str body;
    bool is_write;     /* a lost answer is then KT_UNSURE, else KT_RETRY */
    bool is_once;      /* must never be sent twice by the transport: a connection of its own; only
                        * a 401 to an old bearer token is answered by one more, with a new token.
                        * With NTLM and NEGOTIATE it must have a body (asserted) */
    int64_t timeout_s; /* 0: the configured one */
};

struct kt_http_answer {
    unsigned status;
    struct kt_str content_type; /* lower case, without parameters */
    struct kt_str body;         /* in the arena, NUL behind */
    unsigned retry_after_s;     /* from Retry-After in seconds or as date; 0: none */
    struct kt_str header;       /* all header lines of the last answer, for kt_http_header */
    bool is_unsent; /* NTLM, NEGOTIATE: it came before our body had left; nothing was done */
};

/* conf, partner (what sentences call it) and log outlive it; log may be NULL. The first one sets
 * SIGPIPE to be ignored in the process if nobody has chosen otherwise, since OpenSSL writes into
 * closed sockets. Errors KT_CONFIG: key files, settings that the kind of login lacks. */
enum kt_rc kt_http_open(struct kt_http **out, const struct kt_http_conf *conf, const char *partner,
                        const struct kt_log *log, struct kt_err *e) KT_MUST;
void kt_http_close(struct kt_http *http); /* NULL is fine */

/* KT_OK: a complete answer is there, whatever its status says.
 * KT_RETRY/KT_ENDPOINT  it never left (PARTNER_UNREACHABLE; with NTLM and NEGOTIATE a handshake
 *                       that broke before the body), no token yet, or a read failed on the way
 * KT_UNSURE/KT_ENDPOINT is_write, and it had left (PARTNER_TIMEOUT, PARTNER_ANSWER_LOST)
 * KT_CONFIG/KT_ENDPOINT certificate, unreadable key, malformed address; no token is given to us
 * KT_RETRY              the answer exceeds max_answer (is_write: KT_UNSURE) */
enum kt_rc kt_http_call(struct kt_http *http, const struct kt_http_request *q,
                        struct kt_http_answer *answer, struct kt_arena *a,
                        struct kt_err *e) KT_MUST;

struct kt_str kt_http_header(const struct kt_http_answer *answer, const char *name); /* or absent */

/* The common reading of a status that is no success: 401, 403 KT_CONFIG; 404 KT_CONFIG (an address
 * of ours is wrong; adapters that know better decide first); 408, 425, 429, 503 with Retry-After
 * KT_RETRY with the time; other 4xx KT_REJECT/KT_RECORD; 5xx KT_RETRY, or KT_UNSURE when is_write.
 * Fills *e with the sentence; `path` without query. */
enum kt_rc kt_http_refusal(const struct kt_http *http, const struct kt_http_request *q,
                           const struct kt_http_answer *answer, struct kt_err *e) KT_MUST;

#endif
