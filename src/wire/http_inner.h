#ifndef KT_WIRE_HTTP_INNER_H
#define KT_WIRE_HTTP_INNER_H

#include <curl/curl.h>

#include "wire/http.h"

/* What the parts of the HTTP client share; for wire/http*.c only. */
struct kt_http {
    CURL *curl;
    CURL *once_curl; /* for is_once behind a handshake; made when first needed */
    const struct kt_http_conf *conf;
    const char *partner;
    const struct kt_log *log;
    bool has_said_replaced;       /* that answers hold characters which XML forbids */
    char detail[CURL_ERROR_SIZE]; /* libcurl's own words about the last failure */

    /* OAuth 2 only */
    struct kt_http *token_http; /* talks to token_url */
    struct kt_http_conf token_conf;
    char token_partner[KT_PARAM_MAX];
    struct kt_arena *secrets; /* of the bearer line */
    const char *bearer;       /* "Authorization: Bearer …"; NULL: none at hand */
    int64_t bearer_until_us;  /* monotonic */
};

/* One request and what comes back. */
struct kt_http_exchange {
    CURL *curl;
    struct kt_buf body;
    struct kt_buf header;
    int64_t max_answer;
    bool is_too_large;
    bool is_performed;   /* libcurl was let loose */
    bool has_header_end; /* libcurl takes a header that breaks off for a whole one */

    /* Behind a handshake on the connection (NTLM, NEGOTIATE) libcurl fetches the request's body
     * from us, so that it is known whether it left, and can be kept from leaving twice. */
    bool is_watched;
    bool is_once;
    bool is_given;    /* some of it was fetched */
    bool is_answered; /* a status line came after that */
    bool is_refused;  /* and it says 401: the body was not looked at */
    struct kt_str give;
    size_t give_at;
};

/* http_options.c: all options of one request. `bearer`: header line or NULL. */
CURLcode kt_http_set_options(struct kt_http *http, const struct kt_http_request *q,
                             const char *bearer, int64_t timeout_ms, struct kt_http_exchange *x,
                             struct kt_arena *a);
bool kt_http_is_handshake(const struct kt_http_conf *conf); /* NTLM, NEGOTIATE */

/* http.c: kt_http_open and kt_http_call without tokens. A call ends at the deadline (monotonic). */
enum kt_rc kt_http_make(struct kt_http **out, const struct kt_http_conf *conf, const char *partner,
                        const struct kt_log *log, struct kt_err *e) KT_MUST;
enum kt_rc kt_http_send(struct kt_http *http, const struct kt_http_request *q, const char *bearer,
                        int64_t deadline_us, struct kt_http_answer *answer, struct kt_arena *a,
                        struct kt_err *e) KT_MUST;

/* http_token.c: the token's client, and the line to send. KT_OK leaves http->bearer usable;
 * *is_new: it was fetched just now. KT_CONFIG: we are given none; KT_RETRY: nobody answers. */
enum kt_rc kt_http_token_open(struct kt_http *http, struct kt_err *e) KT_MUST;
enum kt_rc kt_http_token_get(struct kt_http *http, int64_t deadline_us, bool *is_new,
                             struct kt_err *e) KT_MUST;
void kt_http_token_forget(struct kt_http *http);

/* What is known about a call that brought no complete answer. */
struct kt_http_failure {
    CURLcode code;
    bool had_left;     /* the request, or a part of it, went out */
    bool had_spoken;   /* at least one byte went out; with NTLM the handshake may be all */
    bool had_status;   /* a status line came back */
    bool is_too_large; /* we stopped reading */
    int64_t timeout_s; /* what applied to this call */
};

enum kt_rc kt_http_failed(const struct kt_http *http, const struct kt_http_request *q,
                          const struct kt_http_failure *f, const char *place,
                          struct kt_err *e) KT_MUST;

#endif
