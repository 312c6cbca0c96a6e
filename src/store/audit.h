#ifndef KT_STORE_AUDIT_H
#define KT_STORE_AUDIT_H

#include "store/db.h"

/* What must be seen later: deeds of people, and messages whose security was refused. Neither holds
 * secrets or contents. */

/* Written in the transaction of the deed, never changed. */
struct kt_audit {
    int64_t number; /* from 1, without a gap */
    int64_t at_us;
    struct kt_str actor;   /* who, as the system knows him */
    struct kt_str action;  /* "security.clock.reset" */
    struct kt_str subject; /* of what */
    struct kt_str detail;
};

/* number is drawn. In the open transaction. */
enum kt_rc kt_audit_put(struct kt_db *db, const struct kt_audit *row, struct kt_err *e) KT_MUST;
/* The newest one of that action. */
enum kt_rc kt_audit_last(struct kt_db *db, const char *action, struct kt_audit *out, bool *found,
                         struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Refusals of one hour, code, partner and address. */
struct kt_refusal {
    int64_t hour_us;       /* its begin */
    struct kt_str code;    /* "signature.hmac"; "others": the hour holds enough of them */
    struct kt_str partner; /* empty: unknown */
    struct kt_str address;
    int64_t times;
    int64_t last_us;
};
enum { KT_REFUSALS_OF_HOUR = 300 };
#define KT_REFUSAL_OTHERS "others"

/* Adds row->times to the row of its hour; beyond KT_REFUSALS_OF_HOUR rows of an hour to that of the
 * others. hour_us comes from last_us. In the open transaction. */
enum kt_rc kt_refusal_add(struct kt_db *db, const struct kt_refusal *row, struct kt_err *e) KT_MUST;
/* The newest first, those that came at since_us or later. */
enum kt_rc kt_refusals_list(struct kt_db *db, int64_t since_us, size_t max, struct kt_refusal **out,
                            size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Those of hours before that instant. In the open transaction. */
enum kt_rc kt_refusals_forget(struct kt_db *db, int64_t before_us, int64_t *rows,
                              struct kt_err *e) KT_MUST;

#endif
