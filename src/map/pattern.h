#ifndef KT_MAP_PATTERN_H
#define KT_MAP_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Lua's patterns with every step counted, so that a hostile pattern ends. No Lua in here. */
enum { KT_PATTERN_CAPTURES = 16, KT_PATTERN_DEPTH = 200 };

enum kt_pattern_result {
    KT_PATTERN_NONE = 0,
    KT_PATTERN_FOUND,
    KT_PATTERN_SPENT, /* no steps left */
    KT_PATTERN_WRONG  /* the pattern is malformed: ->wrong says how */
};

struct kt_capture {
    size_t from;
    size_t n;
    bool is_position; /* () : from is the answer */
    bool is_open;
};

struct kt_pattern {
    struct kt_str text;
    struct kt_str pattern; /* without a leading ^ */
    int64_t steps;         /* in: how many there are; out: how many are left */
    unsigned depth;
    const char *wrong;
    struct kt_capture capture[KT_PATTERN_CAPTURES];
    unsigned captures;
};

/* Matches at `from` exactly; *end is behind the match. */
enum kt_pattern_result kt_pattern_at(struct kt_pattern *p, size_t from, size_t *end) KT_MUST;
/* Looks from `from` on; anchored: only there. */
enum kt_pattern_result kt_pattern_find(struct kt_pattern *p, size_t from, bool is_anchored,
                                       size_t *start, size_t *end) KT_MUST;

#endif
