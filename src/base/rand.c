/* Random numbers from the kernel. Any thread; for lease tokens, jitter and keys. A system without a
 * generator cannot be trusted with keys, so there is no fallback. */
#include "base/rand.h"

#include <errno.h>
#include <sys/random.h>

#include "base/macros.h"

void kt_rand_bytes(void *out, size_t n)
{
    unsigned char *p = out;
    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        KT_ASSERT(got > 0);
        p += got;
        n -= (size_t)got;
    }
}

int64_t kt_rand_token(void)
{
    uint64_t bits;
    do {
        kt_rand_bytes(&bits, sizeof(bits));
        bits >>= 1;
    } while (bits == 0);
    return (int64_t)bits;
}

uint32_t kt_rand_below(uint32_t limit)
{
    KT_ASSERT(limit > 0);
    /* The topmost, incomplete stretch of the range would favour small numbers: draw again. */
    uint32_t even = UINT32_MAX - UINT32_MAX % limit;
    uint32_t bits;
    do
        kt_rand_bytes(&bits, sizeof(bits));
    while (bits >= even);
    return bits % limit;
}
