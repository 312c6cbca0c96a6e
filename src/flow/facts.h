#ifndef KT_FLOW_FACTS_H
#define KT_FLOW_FACTS_H

#include "flow/intake.h"
#include "model/fact.h"

/* What became of one fact. */
struct kt_fact_outcome {
    enum kt_outcome outcome;          /* CREATED; CHANGED: corrects an earlier one; UNCHANGED */
    const struct kt_verdict *refusal; /* NULL: it was taken */
};

/* The one intake for facts, whoever brought them. Each is placed in the stream of its order: by our
 * key, else by the number under which this ERP booked it. Where there is no such order (yet), it is
 * kept beside: under the order's number, from where it moves into the order's stream in the
 * transaction that writes the booking, or by itself when it names no order. What the newest fact of
 * the same kind and id says already is not written again. One that cannot be taken becomes an
 * exception and holds up no other.
 * facts    in their order; a scope that is absent is filled in
 * outcome  one for each fact, complete before `also` is called
 * also     the last step of the same transaction, on w's connection; NULL: none
 * Adds to *report: created, changed, unchanged, refused.
 * Errors as kt_intake: nothing of this call counts as taken. */
enum kt_rc kt_facts_take(struct kt_work *w, const struct kt_intake_from *from,
                         struct kt_fact_records *facts, struct kt_fact_outcome *outcome,
                         enum kt_rc (*also)(struct kt_db *db, void *context, struct kt_err *e),
                         void *also_context, struct kt_intake_report *report,
                         struct kt_err *e) KT_MUST;

/* Where facts wait that name an order by a number which no order was booked under. */
struct kt_str kt_facts_of_number(const char *erp, struct kt_str number, struct kt_arena *a);

/* An order was booked in the ERP `erp` under `number`: what waited for it joins its stream, in its
 * order, before all that comes later. In the transaction that writes the booking, behind the
 * order's row. */
enum kt_rc kt_facts_join(struct kt_db *db, const char *erp, struct kt_str number,
                         struct kt_str our_key, const struct kt_channel_site *channel,
                         int64_t now_us, struct kt_err *e) KT_MUST;

#endif
