/* Fates. Adapters say what happened, the flow asks here what follows; nothing else in the program
 * knows how often or how long something is tried. Pure functions, any thread. */
#include "flow/policy.h"

#include "base/rand.h"

enum {
    SKU_LOOKED_UP = 2,        /* tries: one may be the create itself */
    SHOWN_AFTER = 8,          /* failed tries of one thing before a person is told */
    ENDPOINT_SHOWN_AFTER = 3, /* failed talks in a row */
    PENDING_S = 3             /* between look-ups while a create is still running */
};

/* Doubles from the first wait to the longest, minus up to a fifth, so that what failed together
 * does not come back together. */
static int64_t backoff_us(const struct kt_site *site, int attempts)
{
    int64_t wait_us = site->retry_first_s * KT_SECOND;
    int64_t most_us = site->retry_most_s * KT_SECOND;
    for (int i = 0; i < attempts && wait_us < most_us; i++)
        wait_us *= 2;
    if (wait_us > most_us)
        wait_us = most_us;
    uint32_t fifth_ms = (uint32_t)(wait_us / 5000);
    return wait_us - (int64_t)kt_rand_below(fifth_ms + 1) * 1000;
}

static int64_t again_at(const struct kt_site *site, const struct kt_verdict *v, int attempts,
                        int64_t now_us)
{
    int64_t asked_us = (int64_t)v->retry_after_s * KT_SECOND;
    int64_t wait_us = backoff_us(site, attempts);
    return now_us + (asked_us > wait_us ? asked_us : wait_us);
}

struct kt_fate kt_policy_delivery(const struct kt_site *site, const struct kt_verdict *v,
                                  int attempts, int64_t now_us)
{
    struct kt_fate fate = { KT_FATE_AGAIN, KT_NEVER, attempts + 1, false };
    switch (v->rc) {
    case KT_OK:
        return (struct kt_fate){ KT_FATE_DONE, KT_NEVER, 0, false };
    case KT_WAIT:
        return (struct kt_fate){ KT_FATE_WAIT, KT_NEVER, attempts, false };
    case KT_REJECT:
        /* A create of ours whose answer got lost holds the number: the look-up of the next try
         * finds it. Only when it does not, the number is somebody else's. */
        if (v->code == KT_E_CHANNEL_SKU_TAKEN && attempts < SKU_LOOKED_UP)
            break;
        fate.kind = KT_FATE_PARK;
        fate.is_exception = true;
        return fate;
    case KT_RETRY:
    case KT_UNSURE: /* a state: looked up before it is created, and safe to send again */
    case KT_CONFIG:
        break;
    }
    fate.due_us = again_at(site, v, attempts, now_us);
    fate.is_exception = v->reach == KT_RECORD && fate.attempts >= SHOWN_AFTER;
    return fate;
}

struct kt_fate kt_policy_order(const struct kt_site *site, const struct kt_verdict *v, int attempts,
                               int64_t now_us)
{
    if (v->rc == KT_REJECT)
        return (struct kt_fate){ KT_FATE_PARK, KT_NEVER, attempts + 1, true };
    struct kt_fate fate = { KT_FATE_AGAIN, KT_NEVER, attempts + 1, false };
    fate.due_us = again_at(site, v, attempts, now_us);
    fate.is_exception =
        (v->reach == KT_RECORD || v->rc == KT_UNSURE) && fate.attempts >= SHOWN_AFTER;
    return fate;
}

struct kt_fate kt_policy_endpoint(const struct kt_site *site, const struct kt_verdict *v,
                                  int failures, int64_t now_us)
{
    struct kt_fate fate = { KT_FATE_AGAIN, KT_NEVER, failures, false };
    fate.due_us = again_at(site, v, failures - 1, now_us);
    fate.is_exception =
        v->rc == KT_CONFIG || v->rc == KT_REJECT || failures >= ENDPOINT_SHOWN_AFTER;
    return fate;
}

int64_t kt_policy_lookup_from(const struct kt_site *site, int64_t deadline_us)
{
    return deadline_us + site->settle_s * KT_SECOND;
}

/* Without our key over there, a request that was sent may still be waiting to start: it counts as
 * gone only when the server would have ended it, and a second look after that found nothing. */
static enum kt_lookup_fate absent_by_lookup(const struct kt_site *site, struct kt_lookup *l,
                                            int64_t now_us, int64_t *due_us)
{
    int64_t settle_us = site->settle_s * KT_SECOND;
    int64_t gone_us = l->deadline_us + (int64_t)l->server_limit_s * KT_SECOND + settle_us;
    if (now_us < gone_us) {
        *due_us = gone_us;
        return KT_LOOKUP_LATER;
    }
    if (l->absent_us == 0) {
        l->absent_us = now_us;
        *due_us = now_us + settle_us;
        return KT_LOOKUP_LATER;
    }
    return KT_LOOKUP_CREATE;
}

enum kt_lookup_fate kt_policy_lookup(const struct kt_site *site, struct kt_lookup *l,
                                     int64_t now_us, int64_t *due_us)
{
    *due_us = now_us;
    if (l->found == KT_FOUND)
        return KT_LOOKUP_BOOKED;
    if (l->grade == KT_GRADE_NONE)
        return KT_LOOKUP_PERSON;
    if (l->found == KT_PENDING) {
        l->absent_us = 0;
        *due_us = now_us + PENDING_S * KT_SECOND;
        return KT_LOOKUP_LATER;
    }
    if (l->grade == KT_GRADE_KEY)
        return KT_LOOKUP_CREATE;
    if (l->server_limit_s == 0) /* it does not say: no wait would be long enough */
        return KT_LOOKUP_PERSON;
    return absent_by_lookup(site, l, now_us, due_us);
}
