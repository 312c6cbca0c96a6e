#ifndef KT_STORE_KEEPING_INNER_H
#define KT_STORE_KEEPING_INNER_H

/* Shared by keeping.c, keeping_holds.c and keeping_links.c only. */
#include "store/audit.h"
#include "store/keeping.h"
#include "store/own_tx.h"

/* What a person did, in the transaction of the deed. subject: an id, since a whole key may be
 * longer than what stands there. */
static inline enum kt_rc kt_keeping_audit(struct kt_db *db, struct kt_str actor, const char *action,
                                          struct kt_str subject, const char *detail, int64_t now_us,
                                          struct kt_err *e)
{
    const struct kt_audit row = { .at_us = now_us,
                                  .actor = actor,
                                  .action = kt_str_of(action),
                                  .subject = subject,
                                  .detail = kt_str_of(detail) };
    return kt_audit_put(db, &row, e);
}

#endif
