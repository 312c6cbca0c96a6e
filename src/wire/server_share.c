/* What the bodies of strangers may take: of peers whose head says nothing of who they are, or whom
 * the route does not ask. All of them together have an eighth of the files and half of the memory,
 * one address a quarter of that, so that however many bodies they leave unfinished the rest is
 * there for those who are known. Loops enter and take, loop or worker gives back and leaves. */
#include <stdlib.h>
#include <string.h>

#include "wire/server_inner.h"

enum { BUCKETS = 1024, FILES_PART = 8, MEMORY_PART = 2, ADDRESS_PART = 4 };

struct kt_share {
    struct kt_share *next;
    struct kt_shares *all;
    struct kt_addr addr; /* of IPv6 the /64 */
    size_t bodies;
    atomic_llong taken[KT_SHARES];
};

struct kt_shares {
    pthread_mutex_t lock; /* guards bucket, and `bodies` of what stands in it */
    struct kt_share *bucket[BUCKETS];
    atomic_llong taken[KT_SHARES];
    int64_t most[KT_SHARES];
    atomic_llong refused;
};

struct kt_shares *kt_shares_new(int64_t spill_max)
{
    struct kt_shares *shares = kt_take(sizeof(*shares));
    shares->most[KT_SHARE_MEMORY] = KT_BODIES_MAX / MEMORY_PART;
    shares->most[KT_SHARE_FILES] = spill_max / FILES_PART;
    (void)pthread_mutex_init(&shares->lock, NULL); /* cannot fail on Linux */
    return shares;
}

void kt_shares_free(struct kt_shares *shares)
{
    if (shares == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        KT_ASSERT(shares->bucket[i] == NULL); /* no job outlives the server */
    (void)pthread_mutex_destroy(&shares->lock);
    free(shares);
}

int64_t kt_shares_refused(const struct kt_shares *shares)
{
    return atomic_load(&shares->refused);
}

/* Where the share of this address is linked, or would be. */
static struct kt_share **find(struct kt_shares *shares, const struct kt_addr *addr)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < sizeof(addr->byte); i++)
        h = (h ^ addr->byte[i]) * 16777619U;
    struct kt_share **at = &shares->bucket[h % BUCKETS];
    while (*at != NULL && memcmp(&(*at)->addr, addr, sizeof(*addr)) != 0)
        at = &(*at)->next;
    return at;
}

struct kt_share *kt_share_enter(struct kt_shares *shares, const struct kt_addr *from)
{
    const struct kt_addr addr = kt_addr_counted(from);
    (void)pthread_mutex_lock(&shares->lock);
    struct kt_share **at = find(shares, &addr);
    if (*at == NULL) {
        *at = kt_take(sizeof(**at));
        (*at)->all = shares;
        (*at)->addr = addr;
    }
    struct kt_share *share = *at;
    share->bodies++;
    (void)pthread_mutex_unlock(&shares->lock);
    return share;
}

void kt_share_leave(struct kt_share *share)
{
    if (share == NULL)
        return;
    struct kt_shares *shares = share->all;
    (void)pthread_mutex_lock(&shares->lock);
    if (--share->bodies == 0) {
        struct kt_share **at = find(shares, &share->addr);
        KT_ASSERT(*at == share);
        *at = share->next;
        free(share);
    }
    (void)pthread_mutex_unlock(&shares->lock);
}

static bool add(atomic_llong *taken, long long bytes, int64_t most)
{
    if (atomic_fetch_add(taken, bytes) + bytes <= most)
        return true;
    (void)atomic_fetch_sub(taken, bytes);
    return false;
}

bool kt_share_take(struct kt_share *share, enum kt_share_of what, long long bytes)
{
    if (share == NULL)
        return true;
    const int64_t most = share->all->most[what];
    if (!add(&share->taken[what], bytes, most / ADDRESS_PART))
        return false;
    if (add(&share->all->taken[what], bytes, most))
        return true;
    (void)atomic_fetch_sub(&share->taken[what], bytes);
    return false;
}

void kt_share_give(struct kt_share *share, enum kt_share_of what, long long bytes)
{
    if (share == NULL)
        return;
    (void)atomic_fetch_sub(&share->taken[what], bytes);
    (void)atomic_fetch_sub(&share->all->taken[what], bytes);
}

void kt_share_refused(struct kt_share *share)
{
    if (share != NULL)
        (void)atomic_fetch_add(&share->all->refused, 1);
}
