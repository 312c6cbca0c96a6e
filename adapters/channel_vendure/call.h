#ifndef KT_CHANNEL_VENDURE_CALL_H
#define KT_CHANNEL_VENDURE_CALL_H

#include "adapters/channel_vendure/session.h"
#include "base/json.h"
#include "base/time.h"

/* One GraphQL question to the shop's admin API. */
struct vendure_call {
    const char *query;       /* one operation */
    struct kt_str variables; /* a JSON object; absent: none */
    const char *what;        /* what sentences call it: "order 12" */
    struct kt_str upload;    /* the whole body instead, as multipart … */
    const char *upload_type; /* … of this content type */
    bool is_write;           /* a lost answer is KT_UNSURE */
    bool is_once;            /* the transport may never send it twice */
    bool is_partial;         /* several fields, each with a fate of its own: errors are given back
                              * beside the data instead of failing the whole */
};

struct vendure_answer {
    const struct kt_json *data;   /* the object; never NULL when KT_OK */
    const struct kt_json *errors; /* of a partial answer: the list; NULL: none */
};

/* Logs in when needed, once more when the session has expired. KT_OK: *answer is there. Errors of
 * GraphQL become verdicts by their code:
 * KT_CONFIG  login or rights, unknown channel, a schema other than this adapter's
 * KT_REJECT  what was sent is refused; KT_RECORD, CHANNEL_REFUSED {unit} {message} {id}
 * KT_UNSURE  a failure inside the shop during a write; KT_RETRY during a read */
enum kt_rc vendure_call(struct kt_channel *channel, const struct vendure_call *q,
                        struct vendure_answer *answer, struct kt_arena *a,
                        struct kt_err *e) KT_MUST;

/* A union's answer: the code of its error ("ORDER_STATE_TRANSITION_ERROR"), or absent when it is
 * what was asked for. The query asks `... on ErrorResult { errorCode message }`. */
struct kt_str vendure_error_of(const struct kt_json *node);
/* Such an error as KT_REJECT/KT_RECORD with the shop's own words. */
enum kt_rc vendure_refused(const struct vendure_call *q, const struct kt_json *node,
                           struct kt_err *e) KT_MUST;

/* The answer is not of the form that was asked for. */
enum kt_rc vendure_odd_answer(struct kt_channel *channel, const struct vendure_call *q,
                              const char *detail, struct kt_err *e) KT_MUST;

/* A GraphQL error as the verdict on the whole question, as vendure_call gives it. */
enum kt_rc vendure_fail(struct kt_channel *channel, const struct vendure_call *q,
                        const struct kt_json *error, struct kt_err *e) KT_MUST;
/* A GraphQL error as a verdict on one thing that sentences call `what`. */
void vendure_judge_error(struct kt_verdict *v, const struct kt_json *error, const char *what,
                         bool is_write);
/* Does it say that what an id names is not there (any more)? */
bool vendure_is_gone(const struct kt_json *error) KT_MUST;
/* A right that is missing, or a session that is over. */
bool vendure_is_forbidden(const struct kt_json *error) KT_MUST;

/* Is this an id of the shop: letters, digits and '-' only (numbers, or UUIDs)? */
bool vendure_is_id(struct kt_str s) KT_MUST;

#endif
