/* Unpacks a gzip body by zlib, within limits. A loop of wire/server calls it, one object per body;
 * zlib's memory comes from the arena, so there is nothing to close. */
#include "wire/inflate.h"

#define ZLIB_CONST
#include <limits.h>
#include <zlib.h>

enum { GZIP_ONLY = 16 + MAX_WBITS, CHECK_EACH = 65536 };

struct kt_inflate {
    z_stream z;
    uint64_t max;
    uint64_t packed;
    uint64_t unpacked;
    enum kt_head_rc rc; /* so far */
};

static void *take_memory(void *arena, unsigned count, unsigned size)
{
    return kt_alloc_array(arena, count, size);
}

static void leave_memory(void *arena, void *p)
{
    (void)arena; /* goes with it */
    (void)p;
}

struct kt_inflate *kt_inflate_new(uint64_t max, struct kt_arena *a)
{
    struct kt_inflate *z = KT_NEW(a, struct kt_inflate);
    z->z.zalloc = take_memory;
    z->z.zfree = leave_memory;
    z->z.opaque = a;
    z->max = max < UINT64_MAX ? max : UINT64_MAX - 1;
    z->rc = KT_HEAD_MORE;
    int rc = inflateInit2(&z->z, GZIP_ONLY);
    KT_ASSERT(rc == Z_OK); /* memory cannot fail; anything else is another zlib than built for */
    return z;
}

static enum kt_head_rc refuse(struct kt_inflate *z, unsigned code, const char *text,
                              unsigned *status, const char **why)
{
    z->rc = KT_HEAD_BAD;
    *status = code;
    *why = text;
    return KT_HEAD_BAD;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* One step of zlib, up to the next place where the limits are looked at: the places do not depend
 * on how the bytes arrive. False: it makes no more of what it has. */
static bool step(struct kt_inflate *z, size_t n, size_t room, size_t *used, size_t *made, int *rc)
{
    uint64_t stop = least(z->max + 1, z->unpacked - z->unpacked % CHECK_EACH + CHECK_EACH);
    unsigned take = (unsigned)least(n - *used, UINT_MAX);
    unsigned give = (unsigned)least(room - *made, stop - z->unpacked);
    z->z.avail_in = take;
    z->z.avail_out = give;
    *rc = inflate(&z->z, Z_NO_FLUSH);
    take -= z->z.avail_in;
    give -= z->z.avail_out;
    *used += take;
    *made += give;
    z->packed += take;
    z->unpacked += give;
    return *rc == Z_OK && (take > 0 || give > 0) && *made < room;
}

static bool is_too_large(const struct kt_inflate *z)
{
    return z->unpacked > z->max ||
           (z->unpacked > KT_INFLATE_FREE && z->unpacked % CHECK_EACH == 0 &&
            z->unpacked / KT_INFLATE_RATIO > z->packed);
}

enum kt_head_rc kt_inflate_feed(struct kt_inflate *z, struct kt_str in, char *out, size_t room,
                                size_t *used, size_t *made, unsigned *status, const char **why)
{
    int rc = Z_OK;
    bool goes_on = z->rc == KT_HEAD_MORE;
    KT_ASSERT(room > 0);
    *used = 0;
    *made = 0;
    *status = 0;
    *why = "";
    if (z->rc == KT_HEAD_BAD)
        return refuse(z, 400, "a gzip body that was refused before", status, why);
    z->z.next_in = (const Bytef *)in.p;
    z->z.next_out = (Bytef *)out;
    while (goes_on) {
        goes_on = step(z, in.n, room, used, made, &rc);
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
            return refuse(z, 400, "a broken gzip body", status, why);
        if (is_too_large(z))
            return refuse(z, 413, "the unpacked body is too large", status, why);
    }
    if (rc == Z_STREAM_END)
        z->rc = KT_HEAD_OK;
    if (z->rc == KT_HEAD_OK && *used < in.n)
        return refuse(z, 400, "bytes behind the gzip body", status, why);
    return z->rc;
}
