/* Taking orders and hints to work on: candidates, then a guarded update each. Endpoint threads,
 * each with a connection of its own. */
#include "store/orders.h"

#include <string.h>

#include "base/rand.h"
#include "store/orders_row.h"

enum { STATES = 10 }; /* of the IN list; the last one fills it */

static void state_values(struct kt_value *v, const char *const *states)
{
    size_t n = 0;
    KT_ASSERT(states[0] != NULL);
    for (size_t i = 0; i < STATES; i++) {
        v[i] = kt_name(states[n]);
        if (states[n + 1] != NULL)
            n++;
    }
    KT_ASSERT(states[n + 1] == NULL); /* more states than the list has room for */
}

static enum kt_rc claim_row(struct kt_db *db, struct kt_order_row *o, int64_t now_us,
                            int64_t lease_us, int64_t token, bool *is_ours, struct kt_err *e)
{
    int64_t rows = 0;
    enum kt_rc rc =
        kt_stmt_write(db, KT_S_ORDER_CLAIM,
                      KT_ARGS(kt_int(now_us + lease_us), kt_int(token), kt_text(o->our_key),
                              kt_int(now_us), kt_int(o->token), kt_text(o->state)),
                      &rows, e);
    *is_ours = rc == KT_OK && rows == 1;
    o->due_us = now_us + lease_us;
    o->token = token;
    return rc;
}

static enum kt_rc claim_due(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *v,
                            int64_t now_us, int64_t lease_us, size_t max, struct kt_order_row *out,
                            size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value row[KT_ORDER_COLUMNS];
    bool has_row = true;
    size_t n = 0;
    const int64_t token = kt_rand_token();
    enum kt_rc rc = kt_stmt_query(db, id, v, STATES + 3, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, KT_ORDER_TYPES, row, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        KT_ASSERT(n < max);
        kt_order_row_read(&out[n++], row);
    }
    *count = 0;
    for (size_t i = 0; i < n && rc == KT_OK; i++) {
        bool is_ours;
        struct kt_order_row o = out[i];
        rc = claim_row(db, &o, now_us, lease_us, token, &is_ours, e);
        if (is_ours)
            out[(*count)++] = o;
    }
    return rc;
}

enum kt_rc kt_order_claim(struct kt_db *db, bool by_erp, const char *endpoint,
                          const char *const *states, int64_t now_us, int64_t lease_us, size_t max,
                          struct kt_order_row **out, size_t *count, struct kt_arena *a,
                          struct kt_err *e)
{
    struct kt_value v[STATES + 3];
    struct kt_value first;
    bool is_due;
    size_t n = 0;
    *out = KT_NEW_ARRAY(a, max + 1, struct kt_order_row);
    *count = 0;
    v[0] = kt_name(endpoint);
    state_values(v + 1, states);
    v[STATES + 1] = kt_int(now_us);
    v[STATES + 2] = kt_int((int64_t)max);
    /* outside a transaction, so that idle pollers do not take turns with writers */
    enum kt_rc rc = kt_stmt_one(db, by_erp ? KT_S_ORDER_PEEK_BY_ERP : KT_S_ORDER_PEEK_BY_CHANNEL, v,
                                STATES + 2, "i", &first, &is_due, a, e);
    if (rc != KT_OK || !is_due)
        return rc;
    rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = claim_due(db, by_erp ? KT_S_ORDER_DUE_BY_ERP : KT_S_ORDER_DUE_BY_CHANNEL, v, now_us,
                       lease_us, max, *out, &n, a, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    kt_tx_rollback(db);
    if (rc == KT_OK)
        *count = n;
    return rc;
}

/* --- hints --- */

static enum kt_rc take_hints(struct kt_db *db, const char *channel, size_t max,
                             struct kt_str *order_id, size_t *count, struct kt_arena *a,
                             struct kt_err *e)
{
    struct kt_value v[2];
    bool has_row = true;
    size_t n = 0;
    int64_t *seen = KT_NEW_ARRAY(a, max + 1, int64_t);
    enum kt_rc rc =
        kt_stmt_query(db, KT_S_HINT_LIST, KT_ARGS(kt_name(channel), kt_int((int64_t)max)), e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_HINT_LIST, "ti", v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        order_id[n] = v[0].text;
        seen[n++] = v[1].number;
    }
    for (size_t i = 0; i < n && rc == KT_OK; i++)
        rc = kt_stmt_write(db, KT_S_HINT_TAKE,
                           KT_ARGS(kt_int(seen[i]), kt_name(channel), kt_text(order_id[i])), NULL,
                           e);
    *count = n;
    return rc;
}

enum kt_rc kt_hint_take(struct kt_db *db, const char *channel, size_t max, struct kt_str **order_id,
                        size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[2];
    bool found;
    size_t n = 0;
    *order_id = KT_NEW_ARRAY(a, max + 1, struct kt_str);
    *count = 0;
    KT_ASSERT(!db->is_in_tx && max > 0);
    enum kt_rc rc = kt_stmt_one(db, KT_S_HINT_LIST, KT_ARGS(kt_name(channel), kt_int(1)), "ti", v,
                                &found, a, e);
    if (rc != KT_OK || !found)
        return rc;
    rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = take_hints(db, channel, max, *order_id, &n, a, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    kt_tx_rollback(db);
    if (rc == KT_OK)
        *count = n;
    return rc;
}
