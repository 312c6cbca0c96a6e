#ifndef KT_FLOW_INBOUND_H
#define KT_FLOW_INBOUND_H

#include "flow/intake.h"
#include "model/fact.h"

/* One message that a partner brought, whichever door it came through: records or facts, taken by
 * the same rules as those that are pulled, and remembered by the partner's id of the message in
 * the same transaction, so that a repeat gets the same answer. */
enum kt_inbound_status {
    KT_INBOUND_REFUSED = 0, /* see the verdict */
    KT_INBOUND_ACCEPTED,    /* it changed something */
    KT_INBOUND_UNCHANGED,   /* it was known already */
    KT_INBOUND_STALE        /* older than what is known */
};
const char *kt_inbound_status_name(enum kt_inbound_status status); /* "accepted" … */

struct kt_inbound_result {
    enum kt_inbound_status status;
    const struct kt_verdict *v; /* of one that is refused; else NULL */
};

/* What makes a secured message unique within its time: the same key may come again only with the
 * same content, and gets the same answer then. The row is written in the transaction of the first
 * that is written of the message: one that broke off is gone on with when it comes again. */
struct kt_replay {
    struct kt_str key;    /* hex */
    struct kt_str digest; /* of Body and attachments, hex */
    int64_t until_us;     /* by the security clock; later it is stale anyway */
};

enum { KT_INBOUND_MOST = 10000 }; /* changes or facts of one message */

struct kt_inbound {
    const char *partner;  /* who brought it */
    const char *source;   /* "file stock.csv", where the id says less to people; NULL: the id */
    struct kt_str id;     /* the partner's id of the message; absent: nothing is remembered */
    struct kt_str digest; /* SHA-256 of its content, hex; needed with an id */
    const struct kt_replay *replay; /* NULL: not secured. One without an id is known by its key */
    struct kt_changes changes;
    struct kt_fact_records facts; /* a message brings changes or facts, not both */
    /* out */
    struct kt_inbound_result *result; /* one for each change, or for each fact, in their order */
    size_t results;
    size_t count[4]; /* of them, by status */
    bool is_repeat;  /* it was taken before; the results are those of that time */
};

/* What a worker of a door takes messages in with; its own. */
struct kt_desk;

/* w: outlives it; its arena is the caller's, reset between messages. Opens the customer's rules of
 * every ERP. */
enum kt_rc kt_desk_open(struct kt_desk **out, struct kt_work *w, struct kt_err *e) KT_MUST;
void kt_desk_close(struct kt_desk *desk); /* NULL is fine */

/* Returns after COMMIT: KT_OK, and each result says what became of its record; all may be refused.
 * Changes need kind and record; as_of_us 0 becomes now, and so does one in the future; scope is
 * filled where it is absent, and another scope than the ERP's is refused. Lives in w's arena.
 * Errors
 *   KT_REJECT MESSAGE_CHANGED   the id was used before, for another content
 *   KT_REJECT MESSAGE_REPLAYED  its replay key was used before, for another content
 *   KT_REJECT SOAP_TOO_MANY     more than KT_INBOUND_MOST of them; nothing was taken
 *   KT_RETRY                    nothing counts as taken; the same message may be brought again
 *   KT_UNSURE                   the answer to COMMIT got lost for good; the same */
enum kt_rc kt_inbound_take(struct kt_desk *desk, const struct kt_erp_site *erp,
                           struct kt_inbound *in, struct kt_err *e) KT_MUST;

/* A secured message that brought nothing (Ping), or was refused for good behind its security: its
 * key is used up all the same, and kt_inbound_take takes nothing under it any more, not even what
 * it had begun to. Once more with the same content it is KT_OK. The errors of kt_inbound_take. */
enum kt_rc kt_inbound_burn(struct kt_desk *desk, const char *partner,
                           const struct kt_replay *replay, struct kt_err *e) KT_MUST;

/* Forgets messages older than `keep_us`; called now and then. */
enum kt_rc kt_inbound_forget(struct kt_work *w, int64_t keep_us, struct kt_err *e) KT_MUST;

#endif
