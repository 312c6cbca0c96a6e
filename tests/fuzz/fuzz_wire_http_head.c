/* What arrives on a connection, as libFuzzer makes it: heads, bodies of a length, chunked and
 * packed ones. The outcome must be the same however the bytes are cut, no careless reader may see
 * other requests in them, and what is packed must come out as it went in. Built and run by run.py.
 */
#include <string.h>
#include <zlib.h>

#include "../property/lax_reader.h"
#include "wire/inflate.h"

enum { BODY_MAX = 65536, OUTCOMES = 64 };

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

/* What became of one request. */
struct outcome {
    enum kt_head_rc rc;
    unsigned status;
    const char *why;
    size_t fields;
    size_t body_n;
    uint64_t body_sum;
};

struct player {
    struct kt_str in; /* all that will ever arrive */
    size_t arrived;   /* of it */
    size_t at;        /* taken */
    size_t seen;      /* of the head when it was looked at last */
    bool is_in_body;
    struct kt_http_head head;
    struct kt_chunks chunks;
    uint64_t left; /* of a body with a length */
    struct kt_inflate *inflate;
    enum kt_head_rc unpacked;
    struct outcome out[OUTCOMES];
    size_t outs;
    struct kt_arena *arena;
};

static struct kt_arena *arena;

static void add(struct outcome *o, struct kt_str data)
{
    for (size_t i = 0; i < data.n; i++)
        o->body_sum = o->body_sum * 1099511628211U + (unsigned char)data.p[i] + 1;
    o->body_n += data.n;
}

static enum kt_head_rc take_data(struct player *p, struct outcome *o, struct kt_str data)
{
    char room[512];
    size_t used = 0;
    size_t made = sizeof room;
    if (!p->head.is_gzip) {
        add(o, data);
        return KT_HEAD_MORE;
    }
    while (p->unpacked != KT_HEAD_BAD && (data.n > 0 || made == sizeof room)) {
        p->unpacked =
            kt_inflate_feed(p->inflate, data, room, sizeof room, &used, &made, &o->status, &o->why);
        KT_ASSERT(used <= data.n && made <= sizeof room);
        data = kt_str_part(data, used, data.n);
        add(o, (struct kt_str){ room, made });
    }
    KT_ASSERT(o->body_n <= BODY_MAX + 1);
    return p->unpacked == KT_HEAD_BAD ? KT_HEAD_BAD : KT_HEAD_MORE;
}

static struct kt_str here(const struct player *p)
{
    return kt_str_part(p->in, p->at, p->arrived - p->at);
}

static enum kt_head_rc play_head(struct player *p, struct outcome *o, bool is_end)
{
    size_t used = 0;
    if (!is_end && !kt_http_head_due(here(p), p->seen))
        return KT_HEAD_MORE;
    p->seen = p->arrived - p->at;
    enum kt_head_rc rc = kt_http_head_read(&p->head, here(p), BODY_MAX, &used, &o->status, &o->why);
    KT_ASSERT((rc == KT_HEAD_BAD) == (o->status >= 400) && (rc == KT_HEAD_OK) == (used > 0));
    if (rc != KT_HEAD_OK)
        return rc;
    KT_ASSERT(used <= KT_HEAD_MAX && p->head.fields <= KT_HEAD_FIELDS_MAX);
    KT_ASSERT(lax_differs(&p->head, used, here(p)) == NULL);
    o->fields = p->head.fields;
    p->at += used;
    p->seen = 0;
    p->is_in_body = true;
    p->left = p->head.length;
    p->chunks = (struct kt_chunks){ 0 };
    p->unpacked = KT_HEAD_MORE;
    if (p->head.is_gzip)
        p->inflate = kt_inflate_new(BODY_MAX, p->arena);
    return KT_HEAD_OK;
}

static enum kt_head_rc play_chunks(struct player *p, struct outcome *o)
{
    enum kt_head_rc rc = KT_HEAD_MORE;
    size_t used = 0;
    struct kt_str data;
    do {
        struct kt_str in = here(p);
        rc = kt_chunks_feed(&p->chunks, in, BODY_MAX, &used, &data, &o->status, &o->why);
        if (rc == KT_HEAD_BAD)
            return rc;
        KT_ASSERT(used <= in.n && data.n <= used && p->chunks.total <= BODY_MAX);
        p->at += used;
        if (take_data(p, o, data) == KT_HEAD_BAD)
            return KT_HEAD_BAD;
    } while (rc == KT_HEAD_MORE && used > 0);
    return rc;
}

static enum kt_head_rc play_body(struct player *p, struct outcome *o)
{
    enum kt_head_rc rc = KT_HEAD_OK;
    if (p->head.is_chunked) {
        rc = play_chunks(p, o);
    } else {
        struct kt_str data = kt_str_part(here(p), 0, (size_t)p->left);
        p->at += data.n;
        p->left -= data.n;
        if (data.n > 0 && take_data(p, o, data) == KT_HEAD_BAD)
            return KT_HEAD_BAD;
        rc = p->left > 0 ? KT_HEAD_MORE : KT_HEAD_OK;
    }
    if (rc == KT_HEAD_OK && p->head.is_gzip && p->unpacked != KT_HEAD_OK) {
        o->status = 400;
        o->why = "cut short";
        return KT_HEAD_BAD;
    }
    p->is_in_body = rc != KT_HEAD_OK;
    return rc;
}

/* Lets the bytes arrive in pieces. */
static void play(struct player *p, struct kt_str in, size_t piece)
{
    memset(p, 0, sizeof *p);
    p->in = in;
    p->arena = arena;
    while (p->outs < OUTCOMES) {
        struct outcome *o = &p->out[p->outs];
        bool is_end = p->arrived == in.n;
        o->rc = p->is_in_body ? play_body(p, o) : play_head(p, o, is_end);
        if (o->rc == KT_HEAD_BAD || (o->rc == KT_HEAD_MORE && is_end)) {
            p->outs++;
            return;
        }
        if (o->rc == KT_HEAD_MORE)
            p->arrived += piece < in.n - p->arrived ? piece : in.n - p->arrived;
        else if (!p->is_in_body)
            p->outs++;
    }
}

static void compare(const struct player *a, const struct player *b)
{
    KT_ASSERT(a->outs == b->outs);
    KT_ASSERT(a->at == b->at || a->out[a->outs - 1].rc == KT_HEAD_BAD);
    for (size_t i = 0; i < a->outs; i++) {
        const struct outcome *l = &a->out[i];
        const struct outcome *r = &b->out[i];
        KT_ASSERT(l->rc == r->rc && l->status == r->status && l->fields == r->fields);
        KT_ASSERT(l->rc != KT_HEAD_BAD || strcmp(l->why, r->why) == 0);
        KT_ASSERT(l->rc != KT_HEAD_OK || (l->body_n == r->body_n && l->body_sum == r->body_sum));
    }
}

static void pack_and_unpack(struct kt_str in, size_t piece)
{
    z_stream z = { 0 };
    char *packed = kt_alloc(arena, in.n + 1024);
    char *out = kt_alloc(arena, in.n + 1);
    size_t used = 0;
    size_t made = 0;
    size_t total = 0;
    unsigned status = 0;
    const char *why = NULL;
    enum kt_head_rc rc = KT_HEAD_MORE;
    KT_ASSERT(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = (Bytef *)(uintptr_t)in.p;
    z.avail_in = (uInt)in.n;
    z.next_out = (Bytef *)packed;
    z.avail_out = (uInt)in.n + 1024;
    KT_ASSERT(deflate(&z, Z_FINISH) == Z_STREAM_END);
    size_t n = in.n + 1024 - z.avail_out;
    KT_ASSERT(deflateEnd(&z) == Z_OK);
    struct kt_inflate *inflate = kt_inflate_new(in.n, arena);
    for (size_t at = 0; at < n; at += used) {
        rc = kt_inflate_feed(inflate, kt_str_part((struct kt_str){ packed, n }, at, piece),
                             out + total, in.n + 1 - total, &used, &made, &status, &why);
        KT_ASSERT(rc != KT_HEAD_BAD);
        total += made;
    }
    KT_ASSERT(rc == KT_HEAD_OK && total == in.n && (total == 0 || memcmp(out, in.p, total) == 0));
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    static struct player whole;
    static struct player cut;
    if (arena == NULL)
        arena = kt_arena_new();
    kt_arena_reset(arena);
    struct kt_str in = { (const char *)bytes, n };
    play(&whole, in, n);
    play(&cut, in, 1);
    compare(&whole, &cut);
    play(&cut, in, n > 0 ? 1 + bytes[n - 1] % 64U : 1);
    compare(&whole, &cut);
    pack_and_unpack(in, n > 0 ? 1 + bytes[0] : 1);
    return 0;
}
