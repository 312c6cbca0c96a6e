#ifndef KT_FLOW_ENDPOINT_H
#define KT_FLOW_ENDPOINT_H

#include "flow/intake.h"

/* One thread's session with a partner: the adapter's session, whether the partner is who was
 * pinned, and how long it is left alone after failures. */

struct kt_pace {
    const char *endpoint;
    int failures;          /* in a row */
    int64_t hold_until_us; /* 0: not held */
    int64_t held_since_us;
    bool is_shown;        /* the endpoint's exception may be open */
    struct kt_pace *next; /* round the session's paces: each kind of talk has its own, so that what
                           * goes well hides nothing that fails again and again beside it */
};

struct kt_erp_session {
    const struct kt_erp_site *site;
    struct kt_env env;
    struct kt_erp *erp;
    struct kt_intake_from from; /* how its records are taken */
    int64_t known_us; /* monotonic: when it last showed that it is the pinned one; 0: not yet */
    enum kt_grade grade;
    unsigned server_limit_s;
    struct kt_pace pace;    /* of orders created */
    struct kt_pace look_up; /* of orders looked up */
    struct kt_pace feed[KT_FEEDS];
};

struct kt_channel_session {
    const struct kt_channel_site *site;
    struct kt_env env;
    struct kt_channel *channel;
    int64_t known_us;       /* as above */
    struct kt_pace pace;    /* of units pushed, or of orders fetched */
    struct kt_pace tell;    /* of orders told */
    struct kt_pace ship;    /* of deliveries told */
    struct kt_pace compose; /* of what is made of all units */
    struct kt_str identity; /* in identity_text */
    char identity_text[256];
};

/* Fill *s, which must stay where it is; close takes a zeroed one. */
enum kt_rc kt_erp_session_open(struct kt_erp_session *s, struct kt_work *w,
                               const struct kt_erp_site *site, struct kt_err *e) KT_MUST;
void kt_erp_session_close(struct kt_erp_session *s);
enum kt_rc kt_channel_session_open(struct kt_channel_session *s, struct kt_work *w,
                                   const struct kt_channel_site *site, struct kt_err *e) KT_MUST;
void kt_channel_session_close(struct kt_channel_session *s);

/* Asks the partner who it is and compares with what was pinned at first contact: when a session
 * begins, every minute, and after each failure, since a copy may answer under the address after an
 * outage. Errors KT_CONFIG PARTNER_IDENTITY: another one answers; nothing may be written to it. */
enum kt_rc kt_erp_session_know(struct kt_erp_session *s, struct kt_work *w,
                               struct kt_err *e) KT_MUST;
enum kt_rc kt_channel_session_know(struct kt_channel_session *s, struct kt_work *w,
                                   struct kt_err *e) KT_MUST;

/* Longest one call of the endpoint may take, with its settings. */
int64_t kt_erp_call_us(const struct kt_erp_site *site);
int64_t kt_channel_call_us(const struct kt_channel_site *site);

bool kt_pace_is_held(const struct kt_pace *pace, int64_t now_us);
/* The talk as a whole failed: holds it as policy says and shows a person what policy shows. */
void kt_pace_failed(struct kt_pace *pace, struct kt_work *w, const struct kt_err *why);
/* It answered: clears the hold, and closes the endpoint's exception when no other talk of the
 * session is failing. */
void kt_pace_fine(struct kt_pace *pace, struct kt_work *w);

/* Our own database failed, not the partner: the thread starts anew, nobody is held for it. */
bool kt_is_store_failure(const struct kt_err *why);

#endif
