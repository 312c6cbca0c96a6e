#ifndef KT_FLOW_ADOPT_INNER_H
#define KT_FLOW_ADOPT_INNER_H

/* Shared by adopt.c, adopt_match.c and adopt_write.c only. */
#include "flow/adopt.h"

/* One of our articles and what was found for it. */
struct kt_ours {
    struct kt_str key; /* of its variant unit */
    struct kt_str sku;
    struct kt_str page; /* key of its page's unit; absent: on no page of this channel */
    struct kt_str product;
    struct kt_list gtins; /* struct kt_gtin */
    bool is_single;
    bool is_linked; /* before this run */
    const struct kt_remote *match;
    bool is_by_gtin;
    bool is_conflict;
};

struct kt_adoption {
    struct kt_work *w;
    struct kt_push *p;
    struct kt_arena *arena;
    struct kt_remote *remote;
    size_t remotes;
    size_t remote_room;
    struct kt_ours *ours; /* sorted by page, then SKU */
    size_t count;
    size_t room;
    struct kt_adopt_report *report;
};

/* Decides about every article; fills ours[].match and the report's numbers and conflicts. Pure. */
void kt_adopt_match(struct kt_adoption *x);
enum kt_rc kt_adopt_write(struct kt_adoption *x, struct kt_err *e) KT_MUST;

#endif
