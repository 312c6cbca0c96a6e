#ifndef KT_STORE_OWN_TX_H
#define KT_STORE_OWN_TX_H

#include "store/odbc.h"

/* For verbs that write in the open transaction, or in one of their own. Inside the store only. */
static inline enum kt_rc kt_own_begin(struct kt_db *db, bool *is_own, struct kt_err *e)
{
    *is_own = !db->is_in_tx;
    return *is_own ? kt_tx_begin(db, e) : KT_OK;
}

/* Of a transaction of its own: the end of it, as rc says. */
static inline enum kt_rc kt_own_end(struct kt_db *db, bool is_own, enum kt_rc rc, struct kt_err *e)
{
    if (is_own && rc == KT_OK)
        rc = kt_tx_commit(db, e);
    if (is_own)
        kt_tx_rollback(db);
    return rc;
}

#endif
