#ifndef KT_WIRE_HTTP_HEAD_H
#define KT_WIRE_HTTP_HEAD_H

#include "base/err.h"
#include "base/str.h"

/* A strict reading of what arrives at our HTTP server (RFC 9110, 9112): pure functions over bytes,
 * no memory of their own, any thread. What two readers could read in two ways is refused, and
 * nothing behind an error is looked at. The list of refusals stands in docs/http.md. */

enum { KT_HEAD_MAX = 16384, KT_HEAD_FIELDS_MAX = 64, KT_HEAD_TARGET_MAX = 4096 };

struct kt_http_field {
    struct kt_str name;  /* as it was written */
    struct kt_str value; /* without blanks around it */
};

/* All texts are parts of the bytes that were read. */
struct kt_http_head {
    struct kt_str method; /* GET, HEAD or POST */
    struct kt_str target; /* "/push?wsdl"; of an absolute form what is behind the host */
    struct kt_str path;   /* of the target, percent-decoding not done; no '%00', no '..' segment */
    struct kt_str query;  /* behind '?'; absent: none */
    bool is_1_1;
    struct kt_http_field field[KT_HEAD_FIELDS_MAX];
    size_t fields;
    /* derived */
    struct kt_str host;
    struct kt_str content_type; /* absent: none */
    bool has_length;
    uint64_t length; /* Content-Length */
    bool is_chunked;
    bool is_gzip;          /* Content-Encoding: gzip */
    bool expects_continue; /* and a body follows */
    bool closes;           /* Connection: close, or 1.0 without keep-alive */
};

enum kt_head_rc { KT_HEAD_OK = 0, KT_HEAD_MORE, KT_HEAD_BAD };

/* OK: *used bytes are the head with its empty line; a body follows when `length` is above 0 or it
 * is chunked. MORE: no empty line yet, and less than KT_HEAD_MAX bytes. BAD: *status is what to
 * answer (400, 405, 411, 413, 414, 415, 417, 431, 501, 505) and *why a static text for the log; the
 * connection must be closed. body_max: a larger Content-Length is 413. Bytes may come in any
 * pieces, the outcome is the same. */
enum kt_head_rc kt_http_head_read(struct kt_http_head *out, struct kt_str bytes, uint64_t body_max,
                                  size_t *used, unsigned *status, const char **why) KT_MUST;
/* Whether reading again can tell more than it did with the first `seen` of these bytes. Who asks
 * first reads a head about once per line. */
bool kt_http_head_due(struct kt_str bytes, size_t seen);
/* The only field of that name in any case; absent when there is none. Fields that must not be
 * repeated have been refused already; of others the first one. */
struct kt_str kt_http_head_get(const struct kt_http_head *head, const char *name);

/* Chunked bodies, fed as they arrive. {0} is the beginning. */
struct kt_chunks {
    int state;
    uint64_t left;  /* of the chunk at hand */
    uint64_t total; /* of data so far */
    size_t line;    /* bytes of the line at hand */
    size_t trailer; /* bytes of trailers so far */
    size_t skipped; /* bytes of chunk extensions so far */
};
enum { KT_CHUNK_LINE_MAX = 1024, KT_CHUNK_SKIPPED_MAX = 65536, KT_TRAILER_MAX = 8192 };
/* Takes from `in`: *used bytes were consumed, `data` is the part of them that is body (a part of
 * `in`, maybe empty). Call again while *used > 0 and it is not done. Chunk extensions and trailers
 * are skipped, within limits. BAD as above (400, 413 above max). OK: the body is whole, what is
 * behind it in `in` was not taken. */
enum kt_head_rc kt_chunks_feed(struct kt_chunks *c, struct kt_str in, uint64_t max, size_t *used,
                               struct kt_str *data, unsigned *status, const char **why) KT_MUST;

#endif
