#ifndef KT_FLOW_PUSH_H
#define KT_FLOW_PUSH_H

#include "flow/endpoint.h"
#include "flow/view.h"

/* Brings due units of one channel up to date. Belongs to one of the channel's push threads. */
struct kt_push {
    struct kt_channel_session session;
    struct kt_map *map;
    unsigned claims;
    unsigned lanes; /* bit i: it takes up units of lane i (kt_fanout_lane); all after opening */
    int64_t composed_us;   /* of compose.c: when the whole was begun last; 0: not by this session */
    int64_t compose_at_us; /* monotonic: not before */
};

struct kt_push_report {
    int64_t sent;
    int64_t withdrawn;
    int64_t same; /* due, but nothing to send */
    int64_t waiting;
    int64_t failed;
};

enum kt_rc kt_push_open(struct kt_push *p, struct kt_work *w, const struct kt_channel_site *site,
                        struct kt_err *e) KT_MUST;
void kt_push_close(struct kt_push *p);

/* One claim: the due units of the first lane that has any (every eighth time from the lowest).
 * *did: units taken up, 0: nothing is due. A failure of the endpoint holds the session (p->session
 * .pace) and is KT_OK here; errors are those of the store. */
enum kt_rc kt_push_step(struct kt_push *p, struct kt_work *w, size_t *did,
                        struct kt_push_report *report, struct kt_err *e) KT_MUST;

/* What a unit would be sent: its payload by rules and mapping, and the link as it stands. */
struct kt_preview {
    struct kt_unit_view view;
    bool is_there;
    struct kt_str payload;
    struct kt_link link;
    bool is_same;
};
enum kt_rc kt_push_preview(struct kt_push *p, struct kt_work *w, enum kt_unit unit,
                           struct kt_str key, struct kt_preview *out, struct kt_err *e) KT_MUST;

#endif
