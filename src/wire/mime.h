#ifndef KT_WIRE_MIME_H
#define KT_WIRE_MIME_H

#include "base/arena.h"
#include "base/err.h"

/* multipart/related (RFC 2387) as SOAP with attachments and MTOM use it, split by offsets: nothing
 * is copied or decoded. Parts are 7bit, 8bit or binary; base64 and quoted-printable ones are
 * refused. So is a line that begins with the boundary and goes on: readers differ on whether it
 * ends the part. The list of refusals stands in docs/http.md. */
struct kt_mime_part {
    struct kt_str id;           /* Content-ID without <>; absent: none */
    struct kt_str content_type; /* whole value, as it came, perhaps folded; absent: none */
    struct kt_str body;         /* a part of the bytes */
};

struct kt_mime {
    struct kt_mime_part *part; /* in the arena */
    size_t parts;
    const struct kt_mime_part *root;   /* `start`, else the first one */
    struct kt_str start_info;          /* of the content type, unquoted; absent: none */
    const struct kt_mime_part **by_id; /* those with an id, sorted, for kt_mime_find */
    size_t ids;
};

enum { KT_MIME_PARTS_MAX = 1000, KT_MIME_HEAD_MAX = 8192 };

bool kt_mime_is_related(struct kt_str content_type);
/* content_type: the message's. Errors KT_REJECT MIME_INVALID with {detail}: no boundary, a part
 * without end, a header above 8 kB, two parts of one id, a start that is not there … */
enum kt_rc kt_mime_split(struct kt_mime *out, struct kt_str content_type, struct kt_str bytes,
                         struct kt_arena *a, struct kt_err *e) KT_MUST;
/* The part that "cid:…" names, percent-decoded; NULL: none. */
const struct kt_mime_part *kt_mime_find(const struct kt_mime *mime, struct kt_str cid,
                                        struct kt_arena *a);
/* A parameter of a header value: kt_mime_param("text/xml; charset=utf-8", "charset"), unquoted;
 * absent: none, stands twice, or the value is malformed. Names in any case. */
struct kt_str kt_mime_param(struct kt_str value, const char *name, struct kt_arena *a);
/* How often it stands, and its first text; -1: the value is malformed. */
int kt_mime_param_count(struct kt_str *first, struct kt_str value, const char *name,
                        struct kt_arena *a) KT_MUST;
/* "text/xml" of a content type, lower case. */
struct kt_str kt_mime_type(struct kt_str value, struct kt_arena *a);

#endif
