/* Splits multipart/related by offsets. Pure, any thread; called by what takes pushed messages. Time
 * is linear: each byte is searched once for the boundary, a part's header lines within their limit.
 * Strict where two readers could find other parts: lines end with CRLF, ids are unique, nothing
 * that looks like a boundary line is anything else. */
#include "wire/mime.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "wire/http_char.h"

enum { BOUNDARY_MAX = 70, ID_MAX = 998 };

/* One split under way. */
struct splitter {
    struct kt_str bytes;
    char mark[4 + BOUNDARY_MAX]; /* CR LF - - boundary */
    size_t mark_n;
    size_t at; /* first byte not taken */
    struct kt_mime_part *part;
    size_t parts;
    size_t room;
    struct kt_arena *arena;
    const char *why; /* what is wrong */
};

static bool refuse(struct splitter *s, const char *why)
{
    s->why = why;
    return false;
}

static struct kt_str rest(const struct splitter *s, size_t at)
{
    return kt_str_part(s->bytes, at, s->bytes.n);
}

static bool starts(struct kt_str s, const char *text, size_t n)
{
    return s.n >= n && memcmp(s.p, text, n) == 0;
}

/* Where the next boundary line's CRLF is, from `at` on; bytes.n: nowhere. */
static size_t find_mark(const struct splitter *s, size_t at)
{
    struct kt_str in = rest(s, at);
    const char *p = in.n > 0 ? memmem(in.p, in.n, s->mark, s->mark_n) : NULL;
    return p != NULL ? (size_t)(p - s->bytes.p) : s->bytes.n;
}

/* Behind the boundary: blanks and CRLF, or "--", blanks and CRLF or the end. Moves behind it. */
static bool take_mark_end(struct splitter *s, size_t at, bool *is_last)
{
    *is_last = starts(rest(s, at), "--", 2);
    if (*is_last)
        at += 2;
    while (at < s->bytes.n && (s->bytes.p[at] == ' ' || s->bytes.p[at] == '\t'))
        at++;
    s->at = at + 2;
    if (starts(rest(s, at), "\r\n", 2) || (*is_last && at == s->bytes.n))
        return true;
    return refuse(s, at < s->bytes.n ? "a line that only begins with the boundary"
                                     : "it ends within a boundary line");
}

/* Bytes above 127 pass: names of files, in whatever encoding, that nobody reads here. */
static bool is_text(struct kt_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < ' ' || c == 0x7F) && c != '\t')
            return false;
    }
    return true;
}

/* "<a@b>" without its brackets. */
static bool take_id(struct kt_str value, struct kt_str *id)
{
    if (value.n < 3 || value.n > ID_MAX || value.p[0] != '<' || value.p[value.n - 1] != '>')
        return false;
    *id = kt_str_part(value, 1, value.n - 2);
    for (size_t i = 0; i < id->n; i++) {
        if (id->p[i] <= ' ' || id->p[i] >= 0x7F || id->p[i] == '<' || id->p[i] == '>')
            return false;
    }
    return true;
}

static bool is_name(struct kt_str name, const char *lower)
{
    return name.n == strlen(lower) && strncasecmp(name.p, lower, name.n) == 0;
}

/* One header line, with its folds. `has_encoding`: Content-Transfer-Encoding was there already. */
static bool take_line(struct splitter *s, struct kt_mime_part *part, struct kt_str line,
                      bool *has_encoding)
{
    struct kt_str name = kt_str_part(line, 0, kt_http_span(&KT_HTTP_TOKEN, line));
    if (name.n == 0 || name.n == line.n || line.p[name.n] != ':')
        return refuse(s, "a malformed header line of a part");
    struct kt_str value = kt_http_bare(kt_str_part(line, name.n + 1, line.n));
    if (is_name(name, "content-id")) {
        if (part->id.p != NULL)
            return refuse(s, "a part with two Content-ID");
        return take_id(value, &part->id) || refuse(s, "a Content-ID that is not <…>");
    }
    if (is_name(name, "content-type")) {
        if (part->content_type.p != NULL)
            return refuse(s, "a part with two Content-Type");
        part->content_type = value;
        return true;
    }
    if (!is_name(name, "content-transfer-encoding"))
        return true;
    if (*has_encoding)
        return refuse(s, "a part with two Content-Transfer-Encoding");
    *has_encoding = true;
    return is_name(value, "binary") || is_name(value, "8bit") || is_name(value, "7bit") ||
           refuse(s, "a Content-Transfer-Encoding other than 7bit, 8bit and binary");
}

/* The header lines of a part, without the empty one behind them. Each ends with CRLF. */
static bool take_head(struct splitter *s, struct kt_mime_part *part, struct kt_str head)
{
    bool has_encoding = false;
    size_t from = 0; /* of the line with its folds */
    size_t at = 0;
    while (at < head.n) {
        const char *end = memmem(head.p + at, head.n - at, "\r\n", 2);
        if (end == NULL)
            return refuse(s, "a header line of a part without CRLF");
        size_t line_end = (size_t)(end - head.p);
        struct kt_str line = kt_str_part(head, at, line_end - at);
        if (!is_text(line))
            return refuse(s, "a control character in a header line of a part");
        if (kt_http_bare(line).n == 0) /* some readers end the head here */
            return refuse(s, "a header line of blanks");
        at = line_end + 2;
        if (at < head.n && (head.p[at] == ' ' || head.p[at] == '\t'))
            continue; /* folded: RFC 5322 2.2.3 */
        line = kt_str_part(head, from, line_end - from);
        if (!take_line(s, part, line, &has_encoding))
            return false;
        from = at;
    }
    return true;
}

/* A part's bytes: header lines, an empty line, the body. Without an empty line there is no body. */
static bool take_part(struct splitter *s, struct kt_str raw)
{
    if (s->parts == KT_MIME_PARTS_MAX)
        return refuse(s, "more than 1000 parts");
    if (s->parts == s->room) {
        size_t room = s->room > 0 ? s->room * 4 : 8;
        struct kt_mime_part *more = KT_NEW_ARRAY(s->arena, room, struct kt_mime_part);
        if (s->parts > 0)
            memcpy(more, s->part, s->parts * sizeof *more);
        s->part = more;
        s->room = room;
    }
    struct kt_mime_part *part = &s->part[s->parts++];
    if (starts(raw, "\r\n", 2)) {
        part->body = kt_str_part(raw, 2, raw.n);
        return true;
    }
    struct kt_str near = kt_str_part(raw, 0, KT_MIME_HEAD_MAX + 4);
    const char *empty = near.n > 0 ? memmem(near.p, near.n, "\r\n\r\n", 4) : NULL;
    size_t head_n = empty != NULL ? (size_t)(empty - raw.p) + 2 : raw.n;
    if (head_n > KT_MIME_HEAD_MAX)
        return refuse(s, "a part with more than 8 kB of header lines");
    part->body = kt_str_part(raw, empty != NULL ? head_n + 2 : head_n, raw.n);
    return take_head(s, part, kt_str_part(raw, 0, head_n));
}

static bool take_all(struct splitter *s)
{
    bool is_last = false;
    size_t mark = 0;
    /* the first boundary line may be the first line of all; what is in front of it is not ours */
    if (starts(s->bytes, s->mark + 2, s->mark_n - 2)) {
        if (!take_mark_end(s, s->mark_n - 2, &is_last))
            return false;
    } else {
        mark = find_mark(s, 0);
        if (mark == s->bytes.n)
            return refuse(s, "its boundary is nowhere");
        if (!take_mark_end(s, mark + s->mark_n, &is_last))
            return false;
    }
    while (!is_last) {
        size_t from = s->at;
        mark = find_mark(s, from);
        if (mark == s->bytes.n)
            return refuse(s, "a part without end");
        if (!take_mark_end(s, mark + s->mark_n, &is_last) ||
            !take_part(s, kt_str_part(s->bytes, from, mark - from)))
            return false;
    }
    return s->parts > 0 || refuse(s, "no part");
}

static int compare(const void *a, const void *b)
{
    const struct kt_mime_part *const *left = a;
    const struct kt_mime_part *const *right = b;
    return kt_str_cmp((*left)->id, (*right)->id);
}

static bool sort_ids(struct splitter *s, struct kt_mime *out)
{
    out->by_id = KT_NEW_ARRAY(s->arena, s->parts, const struct kt_mime_part *);
    for (size_t i = 0; i < s->parts; i++) {
        if (s->part[i].id.p != NULL)
            out->by_id[out->ids++] = &s->part[i];
    }
    qsort(out->by_id, out->ids, sizeof(const struct kt_mime_part *), compare);
    for (size_t i = 1; i < out->ids; i++) {
        if (kt_str_eq(out->by_id[i - 1]->id, out->by_id[i]->id))
            return refuse(s, "two parts of one Content-ID");
    }
    return true;
}

static const struct kt_mime_part *find_id(const struct kt_mime *mime, struct kt_str id)
{
    struct kt_mime_part wanted = { .id = id };
    const struct kt_mime_part *key = &wanted;
    const struct kt_mime_part **found = NULL;
    if (mime->ids > 0)
        found = bsearch(&key, mime->by_id, mime->ids, sizeof(const struct kt_mime_part *), compare);
    return found != NULL ? *found : NULL;
}

static bool set_boundary(struct splitter *s, struct kt_str content_type)
{
    struct kt_str boundary;
    int count = kt_mime_param_count(&boundary, content_type, "boundary", s->arena);
    if (count < 0)
        return refuse(s, "a malformed Content-Type");
    if (count != 1)
        return refuse(s, count == 0 ? "no boundary" : "two boundary parameters");
    if (boundary.n > BOUNDARY_MAX || !kt_http_all(&KT_MIME_BOUNDARY, boundary) ||
        boundary.p[boundary.n - 1] == ' ')
        return refuse(s, "a malformed boundary");
    memcpy(s->mark, "\r\n--", 4);
    memcpy(s->mark + 4, boundary.p, boundary.n);
    s->mark_n = boundary.n + 4;
    return true;
}

static bool find_root(struct splitter *s, struct kt_mime *out, struct kt_str content_type)
{
    struct kt_str start;
    struct kt_str id = { 0 };
    int count = kt_mime_param_count(&start, content_type, "start", s->arena);
    out->root = &s->part[0];
    if (count == 0)
        return true;
    if (count != 1)
        return refuse(s, "two start parameters");
    if (!take_id(start, &id))
        return refuse(s, "a start that is not <…>");
    out->root = find_id(out, id);
    return out->root != NULL || refuse(s, "a start that no part has");
}

enum kt_rc kt_mime_split(struct kt_mime *out, struct kt_str content_type, struct kt_str bytes,
                         struct kt_arena *a, struct kt_err *e)
{
    struct splitter s = { .bytes = bytes, .arena = a };
    memset(out, 0, sizeof *out);
    bool is_good = kt_mime_is_related(content_type) || refuse(&s, "it is not multipart/related");
    if (is_good && set_boundary(&s, content_type) && take_all(&s) && sort_ids(&s, out) &&
        find_root(&s, out, content_type)) {
        out->part = s.part;
        out->parts = s.parts;
        out->start_info = kt_mime_param(content_type, "start-info", a);
        return KT_OK;
    }
    memset(out, 0, sizeof *out);
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_MIME_INVALID, KT_P_TEXT("detail", s.why));
}

const struct kt_mime_part *kt_mime_find(const struct kt_mime *mime, struct kt_str cid,
                                        struct kt_arena *a)
{
    size_t n = 0;
    if (cid.n <= 4 || strncasecmp(cid.p, "cid:", 4) != 0)
        return NULL;
    char *id = kt_alloc(a, cid.n);
    for (size_t i = 4; i < cid.n; i++) {
        char c = cid.p[i];
        if (c == '%') {
            int high = i + 2 < cid.n ? kt_http_hex(cid.p[i + 1]) : -1;
            int low = i + 2 < cid.n ? kt_http_hex(cid.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            c = (char)(high * 16 + low);
            i += 2;
        }
        id[n++] = c;
    }
    return find_id(mime, (struct kt_str){ id, n });
}
