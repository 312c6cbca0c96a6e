/* The fan-out: journal rows become wanted units. Runs on the poller thread, or in `kontor sync`.
 * Several nodes may run it: the cursor moves only from the place it was read at. What documents and
 * certificates cover: fanout_papers.c. */
#include "flow/fanout.h"

#include <string.h>

#include "base/crash.h"
#include "flow/fanout_inner.h"

enum { ROWS = 500, PART = 0, UNITS_OF_ROW = 5 };

/* What starving a unit costs decides its lane. */
static const int unit_lane[KT_UNITS] = {
    [KT_UNIT_STOCK] = 0,    [KT_UNIT_PRICE] = 1,   [KT_UNIT_PRODUCT] = 2,
    [KT_UNIT_CATEGORY] = 2, [KT_UNIT_VARIANT] = 2,
};

int kt_fanout_lane(enum kt_unit unit)
{
    return unit_lane[unit];
}

void kt_wants_add(struct kt_wants *wants, enum kt_unit unit, struct kt_str key)
{
    if (!wants->channel->ops->facts->has_unit[unit])
        return;
    if (wants->count == wants->room) {
        wants->room = 2 * wants->room + 64;
        struct kt_want *larger = KT_NEW_ARRAY(wants->arena, wants->room, struct kt_want);
        if (wants->count > 0)
            memcpy(larger, wants->item, wants->count * sizeof *larger);
        wants->item = larger;
    }
    wants->item[wants->count++] = (struct kt_want){ kt_unit_name(unit), key, unit_lane[unit] };
}

struct kt_str kt_wants_sku_key(const struct kt_wants *wants, struct kt_str scope, struct kt_str sku)
{
    struct kt_variant v = { 0 };
    v.scope = scope;
    v.sku = sku;
    return kt_shape_key(&kt_variant_shape, &v, wants->arena);
}

struct kt_str kt_wants_product_key(const struct kt_wants *wants, struct kt_str scope,
                                   struct kt_str id)
{
    struct kt_product p = { 0 };
    p.scope = scope;
    p.id = id;
    return kt_shape_key(&kt_product_shape, &p, wants->arena);
}

static void want_variant(struct kt_wants *wants, const struct kt_variant *v, struct kt_str was)
{
    struct kt_str key = kt_wants_sku_key(wants, v->scope, v->sku);
    kt_wants_add(wants, KT_UNIT_PRODUCT, kt_wants_product_key(wants, v->scope, v->product));
    if (was.n > 0) /* the page that it has left */
        kt_wants_add(wants, KT_UNIT_PRODUCT, kt_wants_product_key(wants, v->scope, was));
    /* its price and stock, too: while it was deleted they were not sent, and the page that returns
     * with it shows what was sent before */
    kt_wants_add(wants, KT_UNIT_VARIANT, key);
    kt_wants_add(wants, KT_UNIT_PRICE, key);
    kt_wants_add(wants, KT_UNIT_STOCK, key);
}

static void want_units_of(struct kt_wants *wants, enum kt_kind kind, const void *record,
                          struct kt_str was)
{
    switch (kind) {
    case KT_KIND_PRODUCT: {
        const struct kt_product *p = record;
        kt_wants_add(wants, KT_UNIT_PRODUCT, kt_wants_product_key(wants, p->scope, p->id));
        break;
    }
    case KT_KIND_VARIANT:
        want_variant(wants, record, was);
        break;
    case KT_KIND_PRICE: {
        const struct kt_price *p = record;
        kt_wants_add(wants, KT_UNIT_PRICE, kt_wants_sku_key(wants, p->scope, p->sku));
        if (was.n > 0)
            kt_wants_add(wants, KT_UNIT_PRICE, kt_wants_sku_key(wants, p->scope, was));
        break;
    }
    case KT_KIND_STOCK: {
        const struct kt_stock *s = record;
        kt_wants_add(wants, KT_UNIT_STOCK, kt_wants_sku_key(wants, s->scope, s->sku));
        break;
    }
    case KT_KIND_CATEGORY: {
        const struct kt_category *c = record;
        kt_wants_add(wants, KT_UNIT_CATEGORY, kt_wants_product_key(wants, c->scope, c->id));
        break;
    }
    case KT_KIND_CUSTOMER: /* no channel shows them */
    case KT_KIND_DOCUMENT: /* by what they cover */
    case KT_KIND_CERTIFICATE:
    case KT_KINDS:
        break;
    }
}

bool kt_fanout_takes(const struct kt_channel_site *channel, struct kt_str key)
{
    size_t n = strlen(channel->erp->scope);
    return key.n > n && memcmp(key.p, channel->erp->scope, n) == 0 && key.p[n] == '|';
}

/* An article that a grouping rule put on another page still brings that page its texts. */
static enum kt_rc want_pages_of(struct kt_work *w, struct kt_wants *wants, const struct kt_str *key,
                                size_t keys, struct kt_err *e)
{
    struct kt_stored *stored = KT_NEW_ARRAY(w->arena, keys, struct kt_stored);
    enum kt_rc rc = kt_records_get(w->db, KT_KIND_VARIANT, key, keys, stored, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < keys; i++) {
        const struct kt_variant *v = stored[i].record;
        if (v != NULL && !stored[i].is_deleted && !kt_str_eq(v->product, v->sku))
            kt_wants_add(wants, KT_UNIT_PRODUCT, kt_wants_product_key(wants, v->scope, v->product));
    }
    return rc;
}

/* Reads the records of one kind among the rows, to learn which units they belong to. */
static enum kt_rc want_kind(struct kt_work *w, struct kt_wants *wants, enum kt_kind kind,
                            const struct kt_journal_row *row, size_t count, struct kt_err *e)
{
    struct kt_str *key = KT_NEW_ARRAY(w->arena, count, struct kt_str);
    struct kt_str *was = KT_NEW_ARRAY(w->arena, count, struct kt_str);
    size_t keys = 0;
    for (size_t i = 0; i < count; i++) {
        if (row[i].kind != kind || !kt_fanout_takes(wants->channel, row[i].key))
            continue;
        was[keys] = row[i].was;
        key[keys++] = row[i].key;
    }
    if (keys == 0 || kind == KT_KIND_CUSTOMER)
        return KT_OK;
    if (kind == KT_KIND_DOCUMENT || kind == KT_KIND_CERTIFICATE)
        return kt_wants_of_papers(w, wants, kind, key, keys, e);
    struct kt_stored *stored = KT_NEW_ARRAY(w->arena, keys, struct kt_stored);
    enum kt_rc rc = kt_records_get(w->db, kind, key, keys, stored, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < keys; i++) {
        if (stored[i].record != NULL) /* a tombstone still says where it belonged */
            want_units_of(wants, kind, stored[i].record, was[i]);
    }
    if (rc == KT_OK && kind == KT_KIND_PRODUCT &&
        wants->channel->erp->grouping.by != KT_GROUP_PARENT)
        rc = want_pages_of(w, wants, key, keys, e);
    return rc;
}

enum kt_rc kt_fanout_read(struct kt_work *w, const struct kt_channel_site *channel,
                          struct kt_wants *out, struct kt_err *e)
{
    struct kt_journal_row *row = NULL;
    *out = (struct kt_wants){ .channel = channel, .arena = w->arena };
    enum kt_rc rc = kt_cursor_get(w->db, channel->name, PART, &out->from, e);
    if (rc == KT_OK)
        rc = kt_journal_read(w->db, PART, out->from, ROWS, &row, &out->rows, w->arena, e);
    if (rc != KT_OK || out->rows == 0)
        return rc;
    out->to = row[out->rows - 1].seq;
    out->room = out->rows * UNITS_OF_ROW;
    out->item = KT_NEW_ARRAY(w->arena, out->room, struct kt_want);
    for (int kind = 0; rc == KT_OK && kind < KT_KINDS; kind++)
        rc = want_kind(w, out, (enum kt_kind)kind, row, out->rows, e);
    return rc;
}

/* Figures of a SKU that is not in the channel yet: its variant's link wants them when it is put,
 * and what it finds then is at least as new as these rows. */
static enum kt_rc leave_unplaced(struct kt_work *w, struct kt_wants *wants, struct kt_err *e)
{
    const struct kt_channel_facts *facts = wants->channel->ops->facts;
    struct kt_str *key = KT_NEW_ARRAY(w->arena, wants->count + 1, struct kt_str);
    struct kt_link *link = KT_NEW_ARRAY(w->arena, wants->count + 1, struct kt_link);
    bool *is_figure = KT_NEW_ARRAY(w->arena, wants->count + 1, bool);
    size_t figures = 0;
    size_t kept = 0;
    for (size_t i = 0; i < wants->count; i++) {
        enum kt_unit unit = KT_UNITS;
        is_figure[i] =
            kt_unit_find(&unit, wants->item[i].unit) && facts->parent[unit] == KT_UNIT_VARIANT;
        if (is_figure[i])
            key[figures++] = wants->item[i].key;
    }
    if (figures == 0)
        return KT_OK;
    enum kt_rc rc = kt_link_get(w->db, wants->channel->name, kt_unit_name(KT_UNIT_VARIANT), key,
                                figures, link, w->arena, e);
    if (rc != KT_OK)
        return rc;
    figures = 0;
    for (size_t i = 0; i < wants->count; i++) {
        if (!is_figure[i] || link[figures++].remote_id.p != NULL)
            wants->item[kept++] = wants->item[i];
    }
    wants->count = kept;
    return KT_OK;
}

/* The cursor stands elsewhere: another node has carried the same rows, which is as good. */
static bool was_elsewhere(struct kt_work *w, const struct kt_wants *wants)
{
    struct kt_err ignored = { 0 }; /* then the first failure stands */
    int64_t at = 0;
    return kt_cursor_get(w->db, wants->channel->name, PART, &at, &ignored) == KT_OK &&
           at > wants->from;
}

enum kt_rc kt_fanout_step(struct kt_work *w, const struct kt_channel_site *channel, size_t *rows,
                          struct kt_err *e)
{
    struct kt_wants wants;
    kt_arena_reset(w->arena);
    *rows = 0;
    enum kt_rc rc = kt_fanout_read(w, channel, &wants, e);
    if (rc != KT_OK || wants.rows == 0)
        return rc;
    rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = leave_unplaced(w, &wants, e);
    if (rc == KT_OK && wants.count > 0)
        rc = kt_delivery_want(w->db, channel->name, wants.item, wants.count, kt_now_us(), e);
    if (rc == KT_OK)
        rc = kt_cursor_move(w->db, channel->name, PART, wants.from, wants.to, e);
    KT_CRASH_POINT("fanout.written");
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    if (rc == KT_RETRY && was_elsewhere(w, &wants)) {
        kt_err_clear(e);
        rc = KT_OK;
    }
    *rows = rc == KT_OK ? wants.rows : 0;
    return rc;
}
