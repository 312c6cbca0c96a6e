#ifndef KT_WIRE_HTTP_INNER_H
#define KT_WIRE_HTTP_INNER_H

#include <curl/curl.h>

#include "wire/http.h"

/* What the parts of the HTTP client share; for wire/http*.c only. */
struct kt_http {
    CURL *curl;
    const struct kt_http_conf *conf;
    const char *partner;
    const struct kt_log *log;
    char detail[CURL_ERROR_SIZE]; /* libcurl's own words about the last failure */
};

/* What is known about a call that brought no complete answer. */
struct kt_http_failure {
    CURLcode code;
    bool had_left;     /* at least one byte of the request went out */
    bool had_status;   /* a status line came back */
    bool is_too_large; /* we stopped reading */
    int64_t timeout_s; /* what applied to this call */
};

enum kt_rc kt_http_failed(const struct kt_http *http, const struct kt_http_request *q,
                          const struct kt_http_failure *f, const char *place,
                          struct kt_err *e) KT_MUST;

#endif
