/* Hints in: a webhook named an order. Runs on the worker of a door; whoever fetches the orders of
 * the channel takes them from the table (receive.c). */
#include "flow/hints.h"

#include "store/orders.h"

enum kt_rc kt_hint_bring(struct kt_work *w, const struct kt_channel_site *channel,
                         struct kt_str order_id, bool *is_full, struct kt_err *e)
{
    int64_t count = 0;
    *is_full = false;
    if (order_id.n > KT_HINT_ID_MAX)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_HINT_REFUSED,
                       KT_P_TEXT("detail", "the order's id is too long"));
    /* counted outside of the transaction: a few more than the limit do no harm */
    enum kt_rc rc = kt_hint_count(w->db, channel->name, &count, e);
    if (rc != KT_OK)
        return rc;
    *is_full = count >= KT_HINTS_MOST;
    if (*is_full)
        return KT_OK;
    rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = kt_hint_put(w->db, channel->name, order_id, kt_now_us(), e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}
