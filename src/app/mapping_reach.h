#ifndef KT_APP_MAPPING_REACH_H
#define KT_APP_MAPPING_REACH_H

#include "app/mapping_sample.h"

/* Which members of which payload a field reaches: found by running rules and mapping on samples
 * that differ in this field alone. */
struct kt_target {
    const char *channel;
    const char *unit;
    const char *path; /* "attributes[].name"; "(offered)": whether the unit is offered at all */
};

struct kt_reached {
    struct kt_leaf leaf;
    struct kt_target *reach;
    size_t count;
    size_t room;
};

/* Every field of every kind, over these channels of the site. Works in a database of its own in the
 * temporary folder; asks no partner. */
enum kt_rc kt_mapping_reach(const struct kt_site *site, const struct kt_channel_site *channel,
                            size_t channels, const struct kt_log *log, struct kt_reached **out,
                            size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
