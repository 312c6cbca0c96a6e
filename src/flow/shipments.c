/* Deliveries in: each page's facts are committed with its watermark. Runs on the ERP's pull thread
 * or in `kontor sync`. */
#include "flow/shipments.h"

#include "base/crash.h"
#include "store/exceptions.h"
#include "store/facts.h"
#include "store/leases.h"
#include "store/orders.h"

enum { BODY_MAX = 8 * 1024 * 1024 };

struct taking {
    struct kt_work *w;
    const struct kt_intake_from *from;
    struct kt_intake_report report;
    int64_t now_us;
};

static enum kt_rc refuse(struct taking *t, const struct kt_shipment *s, const struct kt_err *why,
                         struct kt_err *e)
{
    struct kt_str key = kt_str_of(kt_shape_label(&kt_shipment_shape, s, t->w->arena));
    t->report.refused++;
    kt_log_failure(&t->w->log, KT_LOG_WARN, "record.refused", why, F_STR("key", key));
    return kt_exception_open(t->w->db, "record", t->from->endpoint, key, &why->v, why->trail,
                             t->now_us, e);
}

static enum kt_rc put(struct taking *t, const struct kt_shipment *s, const struct kt_order_row *row,
                      struct kt_err *e)
{
    struct kt_arena *a = t->w->arena;
    char revision[KT_HASH_TEXT_MAX];
    struct kt_str earlier = { 0 };
    struct kt_buf body;
    bool is_new = false;
    kt_buf_init(&body, a, BODY_MAX);
    kt_shape_write(&body, &kt_shipment_shape, s);
    KT_ASSERT(kt_buf_ok(&body)); /* every field is bounded by its shape */
    kt_shape_hash(&kt_shipment_shape, s, a, revision);
    const struct kt_fact fact = { .stream = row->our_key,
                                  .kind = KT_STR("shipment"),
                                  .scope = s->scope,
                                  .id = s->id,
                                  .revision = kt_str_of(revision),
                                  .channel = row->channel,
                                  .body = kt_buf_view(&body) };
    enum kt_rc rc = kt_fact_remote(t->w->db, &fact, &earlier, a, e);
    if (rc == KT_OK)
        rc = kt_fact_put(t->w->db, &fact, t->now_us, &is_new, e);
    if (rc != KT_OK)
        return rc;
    t->report.unchanged += is_new ? 0 : 1;
    t->report.changed += is_new && earlier.p != NULL ? 1 : 0;
    t->report.created += is_new && earlier.p == NULL ? 1 : 0;
    if (!is_new)
        return KT_OK;
    kt_log_info(&t->w->log, "shipment.received", F_STR("shipment", s->id),
                F_STR("our_key", row->our_key));
    /* it may have been refused before */
    return kt_exception_close(t->w->db, "record", t->from->endpoint,
                              kt_str_of(kt_shape_label(&kt_shipment_shape, s, a)), t->now_us, e);
}

static enum kt_rc take_one(struct taking *t, struct kt_shipment *s, struct kt_err *e)
{
    struct kt_order_row row = { 0 };
    struct kt_err why = { 0 };
    bool is_ours = false;
    if (s->order_key.n == 0)
        return KT_OK; /* sold by telephone, say */
    if (kt_shape_check(&kt_shipment_shape, s, t->w->arena, &why) != KT_OK)
        return refuse(t, s, &why, e);
    enum kt_rc rc = kt_order_get(t->w->db, s->order_key, &row, &is_ours, t->w->arena, e);
    if (rc == KT_OK && !is_ours) /* of another installation that books in the same ERP */
        kt_log_warn(&t->w->log, "shipment.unplaced", F_STR("shipment", s->id),
                    F_STR("our_key", s->order_key));
    return rc == KT_OK && is_ours ? put(t, s, &row, e) : rc;
}

enum kt_rc kt_shipments_take(struct kt_work *w, const struct kt_intake_from *from,
                             const struct kt_shipments *shipments, const char *stream,
                             struct kt_str token, struct kt_intake_report *report, struct kt_err *e)
{
    struct taking t = { .w = w, .from = from, .now_us = kt_now_us() };
    enum kt_rc rc = kt_tx_begin(w->db, e);
    for (size_t i = 0; rc == KT_OK && i < shipments->count; i++)
        rc = take_one(&t, &shipments->item[i], e);
    if (rc == KT_OK && stream != NULL)
        rc = kt_watermark_put(w->db, from->endpoint, stream, token, t.now_us, e);
    KT_CRASH_POINT("shipments.written");
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK) {
        kt_tx_rollback(w->db);
        return kt_trail(e, "shipments from %s", from->endpoint);
    }
    report->created += t.report.created;
    report->changed += t.report.changed;
    report->unchanged += t.report.unchanged;
    report->refused += t.report.refused;
    return KT_OK;
}
