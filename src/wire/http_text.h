#ifndef KT_WIRE_HTTP_TEXT_H
#define KT_WIRE_HTTP_TEXT_H

#include "wire/http.h"

/* Reading and writing the texts around an HTTP call; no network, no state. For wire/http*.c. */

/* The configured address with the request's path behind it; a query of the address stays last. */
char *kt_http_url(const char *base, const char *path, struct kt_arena *a);
/* What may be shown of a request: the path of the address and of the request, without any query. */
char *kt_http_place(const char *base, const char *path, struct kt_arena *a);
/* "text/xml; charset=utf-8" reads as "text/xml", lower case; absent stays empty. */
struct kt_str kt_http_media_type(struct kt_str value, struct kt_arena *a);
/* Retry-After: seconds or an HTTP date; 0 when absent, past or neither. At most a week. */
unsigned kt_http_retry_after(struct kt_str value, int64_t now_us);
/* The reason phrase of the status line, printable characters only, or a plain word. */
struct kt_str kt_http_reason(const struct kt_http_answer *answer, struct kt_arena *a);

#endif
