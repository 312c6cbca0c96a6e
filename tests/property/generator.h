#ifndef KT_PROPERTY_GENERATOR_H
#define KT_PROPERTY_GENERATOR_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* A small generator for the property tests: the same numbers on every machine. KT_SEED=<number> in
 * the environment asks for other ones. */
struct gen {
    uint64_t state;
};

static inline struct gen gen_start(const char *test)
{
    const char *asked = getenv("KT_SEED");
    uint64_t seed = asked != NULL ? strtoull(asked, NULL, 10) : 20261121;
    printf("%s: KT_SEED=%llu\n", test, (unsigned long long)seed);
    return (struct gen){ seed };
}

static inline uint64_t gen_bits(struct gen *g) /* splitmix64 */
{
    g->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = g->state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* In [0, limit). */
static inline size_t gen_below(struct gen *g, size_t limit)
{
    return (size_t)(gen_bits(g) % limit);
}

/* In [from, to]. */
static inline int64_t gen_between(struct gen *g, int64_t from, int64_t to)
{
    return from + (int64_t)(gen_bits(g) % ((uint64_t)(to - from) + 1));
}

#endif
