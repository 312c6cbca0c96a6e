#ifndef KT_WIRE_HTTP_TARGET_H
#define KT_WIRE_HTTP_TARGET_H

#include "base/str.h"

/* The target of a request line and the value of Host, read strictly. For wire/http_head.c. */
struct kt_http_target {
    struct kt_str origin;    /* from the first '/' on */
    struct kt_str path;      /* of it */
    struct kt_str query;     /* behind '?'; absent: none */
    struct kt_str authority; /* of an absolute form; absent: origin form */
};

/* NULL: taken. Otherwise a static text that says what is wrong. */
const char *kt_http_target_read(struct kt_http_target *out, struct kt_str raw) KT_MUST;
/* host [ ":" port ]: a name, an IPv4 or a bracketed IPv6 address; a port of 1 to 65535. */
bool kt_http_host_ok(struct kt_str value);

#endif
