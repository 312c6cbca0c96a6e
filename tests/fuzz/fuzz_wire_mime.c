/* multipart/related, as libFuzzer makes it: a line with the content type, then the message. Parts
 * must lie in it one behind the other, hold no boundary, be found by their ids, and come out the
 * same when they are put together and split again. Built and run by run.py. */
#include <string.h>

#include "wire/mime.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static bool holds(struct kt_str s, struct kt_str what)
{
    return s.n > 0 && memmem(s.p, s.n, what.p, what.n) != NULL;
}

static void check_parts(const struct kt_mime *mime, struct kt_str bytes, struct kt_str mark,
                        struct kt_arena *a)
{
    const char *from = bytes.p;
    KT_ASSERT(mime->parts > 0 && mime->parts <= KT_MIME_PARTS_MAX);
    KT_ASSERT(mime->root >= mime->part && mime->root < mime->part + mime->parts);
    for (size_t i = 0; i < mime->parts; i++) {
        const struct kt_mime_part *part = &mime->part[i];
        KT_ASSERT(part->body.p >= from && !holds(part->body, mark));
        from = part->body.p + part->body.n;
        KT_ASSERT(from + mark.n <= bytes.p + bytes.n && memcmp(from, mark.p, mark.n) == 0);
        if (part->id.p == NULL)
            continue;
        struct kt_buf cid;
        kt_buf_init(&cid, a, 8000);
        kt_buf_text(&cid, "cid:");
        for (size_t k = 0; k < part->id.n; k++)
            kt_buf_format(&cid, "%%%02x", (unsigned char)part->id.p[k]);
        KT_ASSERT(kt_buf_ok(&cid) && kt_mime_find(mime, kt_buf_view(&cid), a) == part);
    }
}

static void put_line(struct kt_buf *out, const char *name, const char *close, struct kt_str value)
{
    if (value.p == NULL)
        return;
    kt_buf_text(out, name);
    kt_buf_str(out, value);
    kt_buf_text(out, close);
}

static void split_again(const struct kt_mime *mime, struct kt_str type, struct kt_str mark,
                        size_t n, struct kt_arena *a)
{
    struct kt_mime again;
    struct kt_err e = { 0 };
    struct kt_buf out;
    kt_buf_init(&out, a, 1024 + n * 8);
    kt_buf_text(&out, "preamble");
    for (size_t i = 0; i < mime->parts; i++) {
        kt_buf_str(&out, mark);
        kt_buf_text(&out, " \r\n");
        put_line(&out, "content-type: ", "\r\n", mime->part[i].content_type);
        put_line(&out, "content-id:<", ">\r\n", mime->part[i].id);
        kt_buf_text(&out, "\r\n");
        kt_buf_str(&out, mime->part[i].body);
    }
    kt_buf_str(&out, mark);
    kt_buf_text(&out, "--");
    KT_ASSERT(kt_buf_ok(&out));
    KT_ASSERT(kt_mime_split(&again, type, kt_buf_view(&out), a, &e) == KT_OK);
    KT_ASSERT(again.parts == mime->parts && again.ids == mime->ids);
    KT_ASSERT(again.root - again.part == mime->root - mime->part);
    for (size_t i = 0; i < mime->parts; i++) {
        KT_ASSERT(kt_str_eq(again.part[i].id, mime->part[i].id));
        KT_ASSERT(kt_str_eq(again.part[i].content_type, mime->part[i].content_type));
        KT_ASSERT(kt_str_eq(again.part[i].body, mime->part[i].body));
        (void)kt_mime_param(mime->part[i].content_type, "charset", a); /* within its bytes */
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    static struct kt_arena *a;
    struct kt_mime mime;
    struct kt_err e = { 0 };
    struct kt_str in = { (const char *)bytes, n };

    if (a == NULL)
        a = kt_arena_new();
    kt_arena_reset(a);
    const char *end = n > 0 ? memchr(in.p, '\n', n) : NULL;
    size_t line = end != NULL ? (size_t)(end - in.p) : n;
    struct kt_str type = kt_str_copy(a, kt_str_part(in, 0, line));
    struct kt_str rest = kt_str_part(in, line + 1, n);
    (void)kt_mime_type(type, a);
    if (kt_mime_split(&mime, type, rest, a, &e) != KT_OK) {
        KT_ASSERT(e.v.code == KT_E_MIME_INVALID && mime.parts == 0);
        return 0;
    }
    struct kt_str boundary = kt_mime_param(type, "boundary", a);
    KT_ASSERT(boundary.n > 0 && boundary.n <= 70);
    struct kt_buf mark;
    kt_buf_init(&mark, a, 100);
    kt_buf_text(&mark, "\r\n--");
    kt_buf_str(&mark, boundary);
    KT_ASSERT(kt_buf_ok(&mark));
    check_parts(&mime, rest, kt_buf_view(&mark), a);
    split_again(&mime, type, kt_buf_view(&mark), n, a);
    return 0;
}
