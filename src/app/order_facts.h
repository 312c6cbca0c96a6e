#ifndef KT_APP_ORDER_FACTS_H
#define KT_APP_ORDER_FACTS_H

#include "app/app.h"
#include "model/fact.h"
#include "store/facts.h"

/* What happened to an order, as `kontor order show` tells it. */
struct kt_order_fact {
    const struct kt_fact *fact;
    enum kt_fact_kind kind; /* KT_FACT_KINDS: a newer program wrote it */
    const void *record;     /* NULL then */
};

struct kt_order_facts {
    struct kt_order_fact *item; /* in the order in which they came in */
    size_t count;
};

enum kt_rc kt_order_facts_read(struct kt_app *app, struct kt_str our_key,
                               struct kt_order_facts *out, struct kt_err *e) KT_MUST;
void kt_order_facts_show(struct kt_app *app, const struct kt_order_facts *facts);
void kt_order_facts_put(struct kt_buf *out, const struct kt_order_facts *facts); /* JSON items */

#endif
