/* Mends what a clock that stood ahead has left behind. Runs on the fan-out thread and in
 * `kontor sync`. */
#include "flow/clock.h"

#include "store/deliveries.h"
#include "store/facts.h"
#include "store/orders.h"

/* Longer than a partner may reasonably ask us to wait by Retry-After. */
#define LONGEST_WAIT_US (2 * KT_DAY_US)

enum kt_rc kt_clock_mend(struct kt_work *w, struct kt_err *e)
{
    int64_t now_us = kt_now_us();
    int64_t latest_us = now_us + w->site->retry_most_s * KT_SECOND + LONGEST_WAIT_US;
    int64_t units = 0;
    int64_t orders = 0;
    int64_t facts = 0;
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = kt_delivery_mend(w->db, latest_us, now_us, &units, e);
    if (rc == KT_OK)
        rc = kt_order_mend(w->db, latest_us, now_us, &orders, e);
    if (rc == KT_OK)
        rc = kt_fact_mend(w->db, latest_us, now_us, &facts, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    else if (units + orders + facts > 0)
        kt_log_warn(&w->log, "clock.mended", F_NUM("units", units), F_NUM("orders", orders),
                    F_NUM("facts", facts));
    return rc;
}
