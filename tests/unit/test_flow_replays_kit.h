#ifndef KT_TEST_FLOW_REPLAYS_KIT_H
#define KT_TEST_FLOW_REPLAYS_KIT_H

/* Secured messages for the tests of their repeats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/inbound.h"
#include "store/journal.h"
#include "store/replays.h"

#define MUST(call) assert_int_equal((call), KT_OK)

#define KEY     "aa00000000000000000000000000000000000000000000000000000000000001"
#define DIGEST  "0000000000000000000000000000000000000000000000000000000000000001"
#define ANOTHER "0000000000000000000000000000000000000000000000000000000000000002"
#define LATER   INT64_C(9000000000000000)

struct desk {
    struct fake f;
    struct kt_desk *desk;
    struct kt_err e;
};

static inline void open_desk(struct desk *d)
{
    memset(d, 0, sizeof *d);
    fake_open(&d->f);
    MUST(kt_desk_open(&d->desk, &d->f.work, &d->e));
}

static inline void close_desk(struct desk *d)
{
    kt_desk_close(d->desk);
    fake_close(&d->f);
}

static inline struct kt_replay replay(const char *key, const char *digest)
{
    return (struct kt_replay){ kt_str_of(key), kt_str_of(digest), LATER };
}

static inline void add_stock(struct kt_inbound *in, const char *sku, const char *warehouse,
                             int64_t quantity)
{
    struct kt_stock *s = KT_NEW(in->changes.arena, struct kt_stock);
    if (sku[0] != '\0')
        KT_PUT(s, kt_stock_shape, sku, kt_str_of(sku));
    KT_PUT(s, kt_stock_shape, warehouse, kt_str_of(warehouse));
    KT_PUT(s, kt_stock_shape, available, kt_dec_int(quantity));
    kt_changes_add(&in->changes,
                   (struct kt_change){ .kind = KT_KIND_STOCK, .as_of_us = 0, .record = s });
}

static inline struct kt_inbound empty(struct desk *d, const char *id, const char *digest,
                                      const struct kt_replay *r)
{
    struct kt_inbound in = { .partner = "erp-a", .replay = r };
    if (id != NULL) {
        in.id = kt_str_of(id);
        in.digest = kt_str_of(digest);
    }
    in.changes.arena = d->f.work.arena;
    in.facts.arena = d->f.work.arena;
    return in;
}

/* One stock figure. id NULL: the message has none. */
static inline struct kt_inbound stock(struct desk *d, const char *id, const char *digest,
                                      const struct kt_replay *r, int64_t quantity)
{
    struct kt_inbound in = empty(d, id, digest, r);
    add_stock(&in, "A", "W", quantity);
    return in;
}

/* One invoice without an order, with an id that nothing else has. */
static inline struct kt_inbound invoice(struct desk *d, const char *id, const struct kt_replay *r)
{
    struct kt_arena *a = d->f.work.arena;
    struct kt_invoice *record = KT_NEW(a, struct kt_invoice);
    struct kt_inbound in = empty(d, id, DIGEST, r);
    KT_PUT(record, kt_invoice_shape, id, kt_str_of(id));
    KT_PUT(record, kt_invoice_shape, order_number, KT_STR("4711"));
    KT_PUT(record, kt_invoice_shape, type, KT_INVOICE);
    KT_PUT(record, kt_invoice_shape, currency, KT_STR("EUR"));
    kt_facts_add(&in.facts, (struct kt_fact_record){ .kind = KT_FACT_INVOICE, .record = record });
    return in;
}

static inline enum kt_rc take(struct desk *d, struct kt_inbound *in)
{
    kt_err_clear(&d->e);
    return kt_inbound_take(d->desk, &d->f.erp, in, &d->e);
}

static inline enum kt_rc burn(struct desk *d, const struct kt_replay *r)
{
    kt_err_clear(&d->e);
    return kt_inbound_burn(d->desk, "erp-a", r, &d->e);
}

static inline void must_be_replayed(struct desk *d, enum kt_rc rc)
{
    assert_int_equal(rc, KT_REJECT);
    assert_int_equal(d->e.v.code, KT_E_MESSAGE_REPLAYED);
}

static inline int64_t journal_rows(struct desk *d)
{
    int64_t seq = 0;
    MUST(kt_journal_head(d->f.work.db, 0, &seq, &d->e));
    return seq;
}

static inline void clear_until(struct desk *d, int64_t now_us)
{
    int64_t rows = 0;
    bool is_more = false;
    MUST(kt_tx_begin(d->f.work.db, &d->e));
    MUST(kt_replays_forget(d->f.work.db, now_us, 100, &rows, &is_more, &d->e));
    MUST(kt_tx_commit(d->f.work.db, &d->e));
}

static inline bool is_used(struct desk *d, const char *key)
{
    enum kt_replay_row row = KT_REPLAY_NEW;
    MUST(kt_replay_look(d->f.work.db, "erp-a", kt_str_of(key), KT_STR(DIGEST), &row, &d->e));
    return row != KT_REPLAY_NEW;
}

#endif
