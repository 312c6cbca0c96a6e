#ifndef KT_BASE_JSON_NODE_H
#define KT_BASE_JSON_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

/* How a parsed value lies in memory. Only json*.c looks inside. */
struct kt_json_member;

struct kt_json {
    enum kt_json_type type;
    bool is_true;
    struct kt_str text; /* of a text or a number */
    size_t count;       /* items or members */
    union {
        const struct kt_json *item;          /* of a list */
        const struct kt_json_member *member; /* of an object, in document order */
    } in;
    const uint32_t *sorted; /* of an object: indexes of its members by name */
};

struct kt_json_member {
    struct kt_str name;
    struct kt_json value;
};

/* The i-th member in the order of names. */
static inline const struct kt_json_member *kt_json_sorted_at(const struct kt_json *j, size_t i)
{
    return &j->in.member[j->sorted[i]];
}

#endif
