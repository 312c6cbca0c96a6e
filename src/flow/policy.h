#ifndef KT_FLOW_POLICY_H
#define KT_FLOW_POLICY_H

#include "flow/site.h"

/* The only place that decides fates: what becomes of a thing after a verdict. Pure functions. */

enum kt_fate_kind {
    KT_FATE_DONE = 0,
    KT_FATE_AGAIN, /* at due_us */
    KT_FATE_WAIT,  /* until its parent is there */
    KT_FATE_PARK   /* until its content changes or a person says so */
};

struct kt_fate {
    enum kt_fate_kind kind;
    int64_t due_us;
    int attempts;
    bool is_exception; /* a person must see it */
};

/* Of one delivery. attempts: tries that failed before this one. */
struct kt_fate kt_policy_delivery(const struct kt_site *site, const struct kt_verdict *v,
                                  int attempts, int64_t now_us);

/* Of an order's step. After an unsure create only attempts and is_exception count: when to look is
 * the look-up's business. */
struct kt_fate kt_policy_order(const struct kt_site *site, const struct kt_verdict *v, int attempts,
                               int64_t now_us);

/* How long an endpoint is left alone after `failures` failures in a row (>= 1), and whether a
 * person must see it. */
struct kt_fate kt_policy_endpoint(const struct kt_site *site, const struct kt_verdict *v,
                                  int failures, int64_t now_us);

/* What a look-up of a create whose answer is missing leads to. */
enum kt_lookup_fate {
    KT_LOOKUP_BOOKED = 0,
    KT_LOOKUP_LATER,  /* ask again at *due_us */
    KT_LOOKUP_CREATE, /* safe to create again with the same key */
    KT_LOOKUP_PERSON  /* nobody but a person can tell */
};
struct kt_lookup {
    enum kt_found found;
    enum kt_grade grade;
    int64_t sent_us;
    int64_t deadline_us;
    int64_t absent_us;       /* first ABSENT that counts; 0: none yet; kept up to date */
    unsigned server_limit_s; /* longest one request may run over there */
};
/* The earliest instant at which a look-up may be trusted. */
int64_t kt_policy_lookup_from(const struct kt_site *site, int64_t deadline_us);
enum kt_lookup_fate kt_policy_lookup(const struct kt_site *site, struct kt_lookup *l,
                                     int64_t now_us, int64_t *due_us);

#endif
