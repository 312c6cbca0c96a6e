/* Reconciliation: links are walked unit by unit, page by page; the channel compares what stands
 * there with what was sent. On the channel's push thread at its hour, or in `kontor reconcile`. */
#include "flow/reconcile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/fanout.h"
#include "flow/push_inner.h"
#include "store/exceptions.h"

struct reconcile {
    struct kt_work *w;
    struct kt_push *p;
    const struct kt_channel_site *channel;
    enum kt_repair repair;
    struct kt_reconcile_report *report;
};

/* One link that is compared. */
struct seen {
    struct kt_item item;
    const struct kt_link *link;
};

/* --- what a payload names --- */

/* The i-th entry of a list, or the value of the i-th member of an object. */
static const struct kt_json *inside(const struct kt_json *j, size_t i)
{
    const struct kt_json *value = NULL;
    if (kt_json_type(j) == KT_JSON_LIST)
        return kt_json_at(j, i);
    (void)kt_json_name_at(j, i, &value); /* of a scalar: NULL */
    return value;
}

static size_t count_refs(const struct kt_json *j)
{
    size_t n = 0;
    if (kt_json_type(j) == KT_JSON_OBJECT && kt_json_text_of(j, "ref").n > 0)
        return 1;
    for (size_t i = 0; i < kt_json_count(j); i++)
        n += count_refs(inside(j, i));
    return n;
}

static void collect_refs(const struct kt_json *j, struct kt_item *item, struct kt_arena *a)
{
    struct kt_str named =
        kt_json_type(j) == KT_JSON_OBJECT ? kt_json_text_of(j, "ref") : (struct kt_str){ NULL, 0 };
    const char *blank = named.n > 0 ? memchr(named.p, ' ', named.n) : NULL;
    for (size_t i = 0; named.n == 0 && i < kt_json_count(j); i++)
        collect_refs(inside(j, i), item, a);
    if (blank == NULL)
        return;
    enum kt_unit unit = KT_UNITS;
    size_t n = (size_t)(blank - named.p);
    if (kt_unit_find(&unit, kt_str_copy(a, kt_str_part(named, 0, n)).p))
        item->ref[item->refs++] =
            (struct kt_item_ref){ .unit = unit,
                                  .key = kt_str_copy(a, kt_str_part(named, n + 1, named.n)) };
}

static enum kt_rc read_refs(struct reconcile *r, struct kt_item *item, struct kt_err *e)
{
    struct kt_arena *a = r->w->arena;
    const struct kt_json *payload = NULL;
    enum kt_rc rc = kt_json_parse(&payload, item->payload, a, e);
    if (rc != KT_OK)
        return rc;
    item->ref = KT_NEW_ARRAY(a, count_refs(payload) + 1, struct kt_item_ref);
    collect_refs(payload, item, a);
    for (size_t i = 0; rc == KT_OK && i < item->refs; i++) {
        struct kt_link link = { 0 };
        rc = kt_link_get(r->w->db, r->channel->name, kt_unit_name(item->ref[i].unit),
                         &item->ref[i].key, 1, &link, a, e);
        item->ref[i].remote_id = link.remote_id;
    }
    return rc;
}

/* --- what differs --- */

static struct kt_difference *copy_differences(const struct kt_compared *c, struct kt_arena *a)
{
    struct kt_difference *d = KT_NEW_ARRAY(a, c->count + 1, struct kt_difference);
    for (size_t i = 0; i < c->count; i++)
        d[i] = (struct kt_difference){ kt_str_copy(a, c->differs[i].field),
                                       kt_str_copy(a, c->differs[i].ours),
                                       kt_str_copy(a, c->differs[i].theirs) };
    return d;
}

static void keep(struct reconcile *r, const struct kt_item *item, const struct kt_compared *c)
{
    struct kt_reconcile_report *report = r->report;
    if (report->items == KT_RECONCILE_SHOWN)
        return;
    report->item[report->items++] =
        (struct kt_reconciled){ .unit = item->unit,
                                .key = kt_str_copy(report->arena, item->key),
                                .is_there = c->is_there,
                                .differs = copy_differences(c, report->arena),
                                .count = c->count };
}

/* The link loses what it was sent, so that the push sends it whatever it is; what is gone is
 * forgotten, so that it is looked up and made anew. */
static enum kt_rc want_again(struct reconcile *r, const struct seen *s, bool is_there,
                             struct kt_err *e)
{
    const char *unit = kt_unit_name(s->item.unit);
    const struct kt_link doubted = { .remote_id = s->link->remote_id, .sent_us = kt_now_us() };
    const struct kt_want want = { unit, s->item.key, kt_fanout_lane(s->item.unit) };
    bool is_kept = is_there || !kt_unit_has_own_id(s->item.unit);
    enum kt_rc rc = kt_tx_begin(r->w->db, e);
    if (rc == KT_OK && is_kept)
        rc = kt_link_put(r->w->db, r->channel->name, unit, s->item.key, &doubted, e);
    else if (rc == KT_OK)
        rc = kt_link_drop(r->w->db, r->channel->name, unit, s->item.key, e);
    if (rc == KT_OK)
        rc = kt_delivery_want(r->w->db, r->channel->name, &want, 1, kt_now_us(), e);
    if (rc == KT_OK)
        rc = kt_tx_commit(r->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(r->w->db);
    r->report->wanted += rc == KT_OK;
    return rc;
}

/* Was it sent again while we read? Then what we saw says nothing. */
static enum kt_rc is_still(struct reconcile *r, const struct seen *s, bool *is, struct kt_err *e)
{
    struct kt_link now = { 0 };
    enum kt_rc rc = kt_link_get(r->w->db, r->channel->name, kt_unit_name(s->item.unit),
                                &s->item.key, 1, &now, r->w->arena, e);
    *is = rc == KT_OK && kt_str_eq(now.sent_hash, s->link->sent_hash) &&
          now.sent_us == s->link->sent_us;
    return rc;
}

static enum kt_rc judge(struct reconcile *r, const struct seen *s, const struct kt_compared *c,
                        struct kt_err *e)
{
    struct kt_reconcile_report *report = r->report;
    bool is = false;
    if (c->v.rc != KT_OK) {
        report->failed++;
        return KT_OK;
    }
    report->compared++;
    if (c->is_there && c->count == 0) {
        report->same++;
        return KT_OK;
    }
    enum kt_rc rc = is_still(r, s, &is, e);
    if (rc != KT_OK)
        return rc;
    if (!is) {
        report->compared--;
        report->skipped++;
        return KT_OK;
    }
    bool is_stock = c->is_there && s->item.unit == KT_UNIT_STOCK;
    report->stock += is_stock;
    report->differ += c->is_there && !is_stock;
    report->gone += !c->is_there;
    keep(r, &s->item, c);
    kt_log_warn(&r->w->log, "reconcile.differs", F_TEXT("unit", kt_unit_name(s->item.unit)),
                F_STR("key", s->item.key),
                F_STR("field", c->count > 0 ? c->differs[0].field : KT_STR("")));
    bool is_repaired =
        r->repair == KT_REPAIR_STOCK || (r->repair == KT_REPAIR && s->item.unit != KT_UNIT_STOCK);
    return is_repaired ? want_again(r, s, c->is_there, e) : KT_OK;
}

/* --- reading --- */

static int by_page(const void *a, const void *b)
{
    const struct seen *x = a;
    const struct seen *y = b;
    int by = kt_str_cmp(kt_remote_page(x->item.parent_id), kt_remote_page(y->item.parent_id));
    return by != 0 ? by : kt_str_cmp(x->item.key, y->item.key);
}

static bool has_own_page(const struct kt_item *item)
{
    return kt_remote_page(item->remote_id).n == item->remote_id.n;
}

static bool goes_along(const struct reconcile *r, const struct seen *a, const struct seen *b)
{
    if (!r->channel->ops->facts->one_parent[a->item.unit])
        return true;
    if (has_own_page(&a->item) || has_own_page(&b->item))
        return has_own_page(&a->item) && has_own_page(&b->item);
    return kt_str_eq(kt_remote_page(a->item.remote_id), kt_remote_page(b->item.remote_id));
}

static enum kt_rc compare(struct reconcile *r, struct seen *s, size_t count, struct kt_err *e)
{
    struct kt_item *item = KT_NEW_ARRAY(r->w->arena, count, struct kt_item);
    struct kt_compared *c = KT_NEW_ARRAY(r->w->arena, count, struct kt_compared);
    for (size_t i = 0; i < count; i++) {
        item[i] = s[i].item;
        c[i].v.rc = KT_UNSURE;
    }
    enum kt_rc rc = kt_channel_session_know(&r->p->session, r->w, e);
    if (rc == KT_OK)
        rc = r->channel->ops->compare(r->p->session.channel, item, count, c, r->w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        rc = judge(r, &s[i], &c[i], e);
    return rc;
}

static enum kt_rc compare_all(struct reconcile *r, enum kt_unit unit, struct seen *s, size_t count,
                              struct kt_err *e)
{
    size_t batch = r->channel->ops->facts->batch[unit];
    enum kt_rc rc = KT_OK;
    qsort(s, count, sizeof *s, by_page);
    for (size_t from = 0, to = 0; rc == KT_OK && from < count; from = to) {
        for (to = from; to < count && to - from < batch && goes_along(r, &s[from], &s[to]); to++) {
        }
        rc = compare(r, s + from, to - from, e);
    }
    return rc;
}

/* Where a unit hangs, as its remote id says it. */
static struct kt_str place_of(const struct reconcile *r, enum kt_unit unit, struct kt_str remote_id)
{
    if (r->channel->ops->facts->parent[unit] == KT_UNITS)
        return (struct kt_str){ NULL, 0 };
    return kt_unit_has_own_id(unit) ? kt_remote_page(remote_id) : remote_id;
}

static enum kt_rc page_of_links(struct reconcile *r, enum kt_unit unit, const struct kt_str *key,
                                const struct kt_link *link, size_t count, struct kt_err *e)
{
    struct seen *s = KT_NEW_ARRAY(r->w->arena, count, struct seen);
    size_t n = 0;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        bool is_settled = false;
        rc = kt_delivery_is_settled(r->w->db, r->channel->name, kt_unit_name(unit), key[i],
                                    kt_now_us(), &is_settled, e);
        r->report->links++;
        if (rc != KT_OK || !is_settled || link[i].sent_body.n == 0) {
            r->report->skipped++;
            continue;
        }
        struct seen *one = &s[n++];
        one->link = &link[i];
        one->item = (struct kt_item){ .unit = unit,
                                      .key = key[i],
                                      .payload = link[i].sent_body,
                                      .remote_id = link[i].remote_id,
                                      .parent_id = place_of(r, unit, link[i].remote_id) };
        one->item.is_single = unit != KT_UNIT_PRODUCT && has_own_page(&one->item);
        rc = read_refs(r, &one->item, e);
    }
    return rc == KT_OK && n > 0 ? compare_all(r, unit, s, n, e) : rc;
}

static enum kt_rc each_link(struct reconcile *r, enum kt_unit unit, struct kt_err *e)
{
    enum { PAGE = 200 };
    struct kt_arena *place = kt_arena_new(); /* of the key behind which to go on */
    struct kt_str after = KT_STR("");
    size_t count = PAGE;
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && count == PAGE) {
        struct kt_str *key = NULL;
        struct kt_link *link = NULL;
        kt_arena_reset(r->w->arena);
        rc = kt_link_page(r->w->db, r->channel->name, kt_unit_name(unit), after, PAGE, &key, &link,
                          &count, r->w->arena, e);
        if (rc != KT_OK || count == 0)
            break;
        kt_arena_reset(place);
        after = kt_str_copy(place, key[count - 1]);
        rc = page_of_links(r, unit, key, link, count, e);
    }
    kt_arena_free(place);
    return rc;
}

/* --- the result --- */

static enum kt_rc tell(struct reconcile *r, struct kt_err *e)
{
    const struct kt_reconcile_report *report = r->report;
    struct kt_str nothing = KT_STR("");
    struct kt_verdict v = { 0 };
    enum kt_rc rc = kt_tx_begin(r->w->db, e);
    if (rc == KT_OK && report->differ + report->gone == 0)
        rc = kt_exception_close(r->w->db, "reconcile", r->channel->name, nothing, kt_now_us(), e);
    if (rc == KT_OK && report->differ + report->gone > 0) {
        const struct kt_reconciled *first = &report->item[0];
        while (first->unit == KT_UNIT_STOCK && first->is_there &&
               first + 1 < report->item + report->items)
            first++;
        kt_judge(
            &v, KT_REJECT, KT_RECORD, KT_E_RECONCILE_DIFFERS,
            KT_P_TEXT("channel", r->channel->name),
            KT_P_NUM("count", report->differ + report->gone), KT_P_NUM("total", report->compared),
            KT_P_TEXT("unit",
                      kt_format(r->w->arena, "%s %s: %s", kt_unit_name(first->unit), first->key.p,
                                first->count > 0 ? first->differs[0].field.p : "gone")));
        rc = kt_exception_open(r->w->db, "reconcile", r->channel->name, nothing, &v, "",
                               kt_now_us(), e);
    }
    if (rc == KT_OK)
        rc = kt_tx_commit(r->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(r->w->db);
    return rc;
}

enum kt_rc kt_reconcile(struct kt_work *w, struct kt_push *p, enum kt_repair repair,
                        void (*progress)(const char *line), struct kt_reconcile_report *report,
                        struct kt_err *e)
{
    static const enum kt_unit units[] = { KT_UNIT_CATEGORY, KT_UNIT_PRODUCT, KT_UNIT_VARIANT,
                                          KT_UNIT_PRICE, KT_UNIT_STOCK };
    struct reconcile r = { w, p, p->session.site, repair, report };
    const struct kt_channel_ops *ops = r.channel->ops;
    *report = (struct kt_reconcile_report){ .begun_us = kt_now_us(), .arena = kt_arena_new() };
    report->item = KT_NEW_ARRAY(report->arena, KT_RECONCILE_SHOWN, struct kt_reconciled);
    if (ops->compare == NULL)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_CHANNEL_CANNOT_LIST,
                       KT_P_TEXT("channel", r.channel->name));
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < KT_COUNT(units); i++) {
        char line[160];
        if (!ops->facts->has_unit[units[i]])
            continue;
        (void)snprintf(line, sizeof line, "%s of %s", kt_unit_name(units[i]), r.channel->name);
        if (progress != NULL)
            progress(line);
        rc = each_link(&r, units[i], e);
    }
    report->ended_us = kt_now_us();
    kt_arena_reset(w->arena);
    return rc == KT_OK ? tell(&r, e) : kt_trail(e, "reconcile %s", r.channel->name);
}

void kt_reconcile_free(struct kt_reconcile_report *report)
{
    if (report->arena != NULL)
        kt_arena_free(report->arena);
    *report = (struct kt_reconcile_report){ 0 };
}
