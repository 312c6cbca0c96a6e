/* How often something failed lately, so that guessing goes no faster over many connections. Loops
 * and workers of the door ask and note. */
#include "door/throttle.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>

#include "base/hash.h"
#include "base/rand.h"
#include "base/time.h"

enum { SETS = 512, WAYS = 8, SAY_MOST = 10 };
#define WINDOW_US     KT_MINUTE
#define SAY_WINDOW_US (10 * KT_SECOND)

struct failure {
    uint64_t who; /* keyed hash; 0: free */
    int64_t since_us;
    int64_t turn_us; /* of the last failure, or of the last one who was let through */
    unsigned count;
};

static struct failure failures[SETS][WAYS]; /* of fixed size, so that nobody can fill memory */
static uint8_t seed[16];                    /* so that nobody can aim at a set */
static pthread_once_t seeded = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards failures, and every hush */

static void make_seed(void)
{
    kt_rand_bytes(seed, sizeof seed);
}

static void put_address(struct kt_hash *h, const char *address)
{
    struct in6_addr v6;
    if (inet_pton(AF_INET6, address, &v6) == 1)
        kt_hash_put(h, &v6, 8);
    else
        kt_hash_put(h, address, strlen(address) + 1);
}

uint64_t kt_throttle_who(enum kt_try what, struct kt_str name, const char *address,
                         struct kt_arena *a)
{
    const uint8_t kind = (uint8_t)what;
    uint8_t digest[KT_HASH_BYTES];
    uint64_t who = 0;
    struct kt_hash *h = kt_hash_new(a);
    (void)pthread_once(&seeded, make_seed);
    kt_hash_put(h, seed, sizeof seed);
    kt_hash_put(h, &kind, 1);
    put_address(h, address);
    kt_hash_put(h, name.p, name.n);
    kt_hash_end(h, digest);
    memcpy(&who, digest, sizeof who);
    return who == 0 ? 1 : who;
}

static bool is_over(const struct failure *f, int64_t now_us)
{
    return f->who == 0 || now_us - f->since_us >= WINDOW_US;
}

/* Its row; NULL: none. Under the lock. */
static struct failure *find(uint64_t who, int64_t now_us)
{
    struct failure *set = failures[who % SETS];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].who == who && !is_over(&set[i], now_us))
            return &set[i];
    }
    return NULL;
}

unsigned kt_throttle_held_s(uint64_t who, unsigned most)
{
    const int64_t now_us = kt_mono_us();
    unsigned left = 0;
    (void)pthread_mutex_lock(&lock);
    const struct failure *f = find(who, now_us);
    if (f != NULL && f->count >= most)
        left = (unsigned)((f->since_us + WINDOW_US - now_us) / KT_SECOND) + 1;
    (void)pthread_mutex_unlock(&lock);
    return left;
}

unsigned kt_throttle_turn_s(uint64_t who, unsigned most)
{
    const int64_t now_us = kt_mono_us();
    const int64_t step_us = WINDOW_US / most;
    unsigned left = 0;
    (void)pthread_mutex_lock(&lock);
    struct failure *f = find(who, now_us);
    if (f != NULL && f->count >= most) {
        if (now_us - f->turn_us >= step_us)
            f->turn_us = now_us;
        else
            left = (unsigned)((f->turn_us + step_us - now_us) / KT_SECOND) + 1;
    }
    (void)pthread_mutex_unlock(&lock);
    return left;
}

/* A free place of the set, else the one with the fewest failures. */
static struct failure *place(uint64_t who, int64_t now_us)
{
    struct failure *set = failures[who % SETS];
    struct failure *best = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (is_over(&set[i], now_us))
            return &set[i];
        if (set[i].count < best->count)
            best = &set[i];
    }
    return best;
}

unsigned kt_throttle_note(uint64_t who)
{
    const int64_t now_us = kt_mono_us();
    (void)pthread_mutex_lock(&lock);
    struct failure *f = find(who, now_us);
    if (f == NULL) {
        f = place(who, now_us);
        *f = (struct failure){ .who = who, .since_us = now_us };
    }
    f->turn_us = now_us;
    const unsigned count = ++f->count;
    (void)pthread_mutex_unlock(&lock);
    return count;
}

void kt_throttle_forget(uint64_t who)
{
    (void)pthread_mutex_lock(&lock);
    struct failure *f = find(who, kt_mono_us());
    if (f != NULL)
        f->who = 0;
    (void)pthread_mutex_unlock(&lock);
}

bool kt_hush_may_say(struct kt_hush *hush, int64_t *left_out)
{
    const int64_t now_us = kt_mono_us();
    (void)pthread_mutex_lock(&lock);
    if (hush->since_us == 0 || now_us - hush->since_us >= SAY_WINDOW_US) {
        hush->since_us = now_us;
        hush->lines = 0;
    }
    const bool may = hush->lines < SAY_MOST;
    *left_out = hush->unsaid;
    hush->lines += may;
    hush->unsaid = may ? 0 : hush->unsaid + 1;
    (void)pthread_mutex_unlock(&lock);
    return may;
}
