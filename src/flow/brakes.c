/* Setting aside what is dangerous: the changes of one page are compared with what is stored, in few
 * reads. On the pull's thread; kt_brake_write runs on the committer's, while the pull waits. */
#include "flow/brakes.h"

#include <string.h>

#include "store/records.h"
#include "trade/brakes.h"

enum { BODY_MAX = 4 << 20 };

/* One change of the page. */
struct candidate {
    struct kt_change *change;
    struct kt_str key;
    enum kt_danger danger;
    struct kt_held held; /* what is set aside of it already; endpoint NULL: nothing */
    struct kt_stored was;
};

enum kt_rc kt_brake_begin(struct kt_brake_run *b, struct kt_work *w, const struct kt_erp_site *site,
                          const char *stream, int64_t run, struct kt_err *e)
{
    struct kt_held_counts held;
    *b = (struct kt_brake_run){ .site = site, .stream = stream, .run = run };
    enum kt_rc rc = kt_held_count(w->db, site->name, stream, &held, e);
    for (size_t i = 0; i < KT_KINDS; i++) {
        for (size_t r = 0; r < KT_HELD_REASONS; r++)
            b->has_held = b->has_held || held.undecided[i][r] + held.waiting[i][r] > 0;
    }
    return rc;
}

/* --- what may be dangerous --- */

static bool may_be_dangerous(const struct kt_brakes *limits, const struct kt_change *c)
{
    const struct kt_stock *stock = c->record;
    if (c->is_deleted)
        return limits->delete_percent > 0;
    if (c->kind == KT_KIND_STOCK)
        return limits->delete_percent > 0 && stock->available.units <= 0;
    return c->kind == KT_KIND_PRICE && limits->price_percent > 0;
}

/* Reads, for the candidates of one kind, what is stored and what is held. */
static enum kt_rc read_kind(const struct kt_brake_run *b, struct kt_work *w, enum kt_kind kind,
                            struct candidate *const *of_kind, size_t count, struct kt_err *e)
{
    struct kt_arena *a = w->arena;
    struct kt_str *key = KT_NEW_ARRAY(a, count, struct kt_str);
    struct kt_stored *stored = KT_NEW_ARRAY(a, count, struct kt_stored);
    struct kt_held *held = KT_NEW_ARRAY(a, count, struct kt_held);
    enum kt_rc rc = KT_OK;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) { /* only what may be dangerous needs the stored record */
        if (may_be_dangerous(&b->site->brakes, of_kind[i]->change))
            key[n++] = of_kind[i]->key;
    }
    if (n > 0)
        rc = kt_records_get(w->db, kind, key, n, stored, a, e);
    n = 0;
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        if (may_be_dangerous(&b->site->brakes, of_kind[i]->change))
            of_kind[i]->was = stored[n++];
    }
    for (size_t i = 0; i < count; i++)
        key[i] = of_kind[i]->key;
    if (rc == KT_OK && b->has_held)
        rc = kt_held_find(w->db, b->site->name, kind, key, count, held, a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        of_kind[i]->held = held[i];
    return rc;
}

static enum kt_rc read_all(const struct kt_brake_run *b, struct kt_work *w, struct candidate *c,
                           size_t count, struct kt_err *e)
{
    struct candidate **of_kind = KT_NEW_ARRAY(w->arena, count + 1, struct candidate *);
    enum kt_rc rc = KT_OK;
    for (int kind = 0; rc == KT_OK && kind < KT_KINDS; kind++) {
        size_t n = 0;
        for (size_t i = 0; i < count; i++) {
            if (c[i].change->kind == (enum kt_kind)kind)
                of_kind[n++] = &c[i];
        }
        if (n > 0)
            rc = read_kind(b, w, (enum kt_kind)kind, of_kind, n, e);
    }
    return rc;
}

/* What is older than the stored record changes nothing and so endangers nothing. */
static enum kt_danger danger_of(const struct kt_brakes *limits, const struct candidate *c)
{
    const struct kt_change *change = c->change;
    if (!may_be_dangerous(limits, change) || c->was.record == NULL || c->was.is_deleted ||
        (change->leads == 0 && change->as_of_us < c->was.as_of_us))
        return KT_DANGER_NONE;
    return kt_brakes_danger(change->kind, c->was.record, change->is_deleted ? NULL : change->record,
                            limits->price_percent);
}

/* --- setting aside --- */

static enum kt_rc body_of(struct kt_str *out, enum kt_kind kind, const void *record,
                          struct kt_arena *a, struct kt_err *e)
{
    struct kt_buf body;
    kt_buf_init(&body, a, BODY_MAX);
    kt_shape_write(&body, kt_kind_shape[kind], record);
    *out = kt_buf_view(&body);
    if (kt_buf_ok(&body))
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_INTERNAL,
                   KT_P_TEXT("detail", "a record is larger than 4 MB"));
}

static enum kt_held_reason reason_of(enum kt_danger danger)
{
    return danger == KT_DANGER_PRICE     ? KT_HELD_PRICE
           : danger == KT_DANGER_ZEROING ? KT_HELD_ZEROED
                                         : KT_HELD_DELETED;
}

/* The same thing again is no new finding: it stays under the run that found it first. */
static void add(struct kt_brake_run *b, struct kt_held held, const struct kt_held *known)
{
    bool is_known = known->endpoint != NULL && known->reason == held.reason &&
                    kt_str_eq(known->new_value, held.new_value);
    if (is_known)
        held.at_us = known->at_us;
    if (is_known && known->is_waiting) {
        held.run = known->run;
        held.is_waiting = true;
        if (held.reason == KT_HELD_PRICE)
            b->met_prices++;
        else
            b->met[held.kind]++;
    }
    b->put[b->puts++] = held;
}

static enum kt_rc set_aside(struct kt_brake_run *b, const struct candidate *c, int64_t now_us,
                            struct kt_arena *a, struct kt_err *e)
{
    const struct kt_change *change = c->change;
    struct kt_held held = { .endpoint = b->site->name,
                            .kind = change->kind,
                            .key = c->key,
                            .stream = kt_str_of(b->stream),
                            .run = b->run,
                            .reason = reason_of(c->danger),
                            .as_of_us = change->as_of_us,
                            .is_deleted = change->is_deleted,
                            .source = kt_str_of(change->source),
                            .leads = change->leads,
                            .old_value = kt_record_value(change->kind, c->was.record, a),
                            .at_us = now_us };
    if (!change->is_deleted)
        held.new_value = kt_record_value(change->kind, change->record, a);
    enum kt_rc rc = body_of(&held.body, change->kind, change->record, a, e);
    if (rc == KT_OK)
        add(b, held, &c->held);
    return rc;
}

/* Where the page itself says something newer and harmless of the same record, nothing is held. */
static void drop_overtaken(struct kt_brake_run *b, const struct candidate *c, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->puts; i++) {
        const struct kt_held *p = &b->put[i];
        bool is_overtaken = false;
        for (size_t k = 0; k < count && !is_overtaken; k++)
            is_overtaken = c[k].danger == KT_DANGER_NONE && c[k].change->kind == p->kind &&
                           c[k].change->as_of_us >= p->as_of_us && kt_str_eq(c[k].key, p->key);
        if (!is_overtaken)
            b->put[kept++] = *p;
    }
    b->puts = kept;
}

/* Which of the absent wait for a person already. That they live was read with them. */
static enum kt_rc find_absent(struct kt_brake_run *b, struct kt_work *w, struct kt_err *e)
{
    enum { CHUNK = 100 };
    struct kt_arena *a = kt_arena_new();
    enum kt_rc rc = KT_OK;
    for (size_t at = 0, some = 0; rc == KT_OK && b->has_held && at < b->absences; at += some) {
        struct kt_str key[CHUNK];
        struct kt_held held[CHUNK];
        struct kt_absence *absent = b->absent + at;
        for (some = 0; some < CHUNK && at + some < b->absences; some++) {
            if (absent[some].kind != absent[0].kind)
                break;
            key[some] = absent[some].key;
        }
        kt_arena_reset(a);
        rc = kt_held_find(w->db, b->site->name, absent[0].kind, key, some, held, a, e);
        for (size_t i = 0; rc == KT_OK && i < some; i++) {
            if (held[i].endpoint == NULL || !held[i].is_waiting ||
                held[i].reason != KT_HELD_DELETED)
                continue;
            absent[i].run = held[i].run;
            absent[i].since_us = held[i].at_us;
            b->met[absent[i].kind]++;
        }
    }
    kt_arena_free(a);
    return rc;
}

static void drop_settled(struct kt_brake_run *b, const struct candidate *c, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (c[i].danger == KT_DANGER_NONE && c[i].held.endpoint != NULL &&
            c[i].change->as_of_us >= c[i].held.as_of_us)
            b->drop[b->drops++] = (struct kt_brake_drop){ c[i].change->kind, c[i].key };
    }
}

static enum kt_rc judge(struct kt_brake_run *b, struct kt_work *w, struct kt_change *change,
                        size_t *count, struct kt_err *e)
{
    struct kt_arena *a = w->arena;
    const int64_t now_us = kt_now_us();
    struct candidate *c = KT_NEW_ARRAY(a, *count, struct candidate);
    struct kt_change *kept = KT_NEW_ARRAY(a, *count, struct kt_change);
    size_t n = 0;
    for (size_t i = 0; i < *count; i++) {
        c[i].change = &change[i];
        c[i].key = kt_shape_key(kt_kind_shape[change[i].kind], change[i].record, a);
    }
    b->put = KT_NEW_ARRAY(a, *count, struct kt_held);
    b->drop = KT_NEW_ARRAY(a, *count, struct kt_brake_drop);
    enum kt_rc rc = read_all(b, w, c, *count, e);
    for (size_t i = 0; rc == KT_OK && i < *count; i++) {
        c[i].danger = danger_of(&b->site->brakes, &c[i]);
        if (c[i].danger == KT_DANGER_NONE)
            kept[n++] = change[i];
        else
            rc = set_aside(b, &c[i], now_us, a, e);
    }
    if (rc != KT_OK)
        return rc;
    drop_overtaken(b, c, *count);
    drop_settled(b, c, *count);
    if (n > 0)
        memcpy(change, kept, n * sizeof *kept);
    *count = n;
    b->has_held = b->has_held || b->puts > 0;
    return KT_OK;
}

enum kt_rc kt_brake_page(struct kt_brake_run *b, struct kt_work *w, struct kt_change *change,
                         size_t *count, struct kt_err *e)
{
    bool is_looked_at = b->has_held;
    enum kt_rc rc = KT_OK;
    b->puts = 0;
    b->drops = 0;
    for (size_t i = 0; i < *count && !is_looked_at; i++)
        is_looked_at = may_be_dangerous(&b->site->brakes, &change[i]);
    if (is_looked_at && *count > 0)
        rc = judge(b, w, change, count, e);
    if (rc == KT_OK)
        rc = find_absent(b, w, e);
    return rc;
}

/* --- in the transaction of the watermark --- */

/* As the intake says it of a change: 0 where nobody else leads a part of such records. */
static uint64_t leads_of(const struct kt_erp_site *site, enum kt_kind kind)
{
    return site->rivals[kind] == 0 ? 0 : site->lead[kind];
}

static enum kt_rc write_absent(struct kt_db *db, const struct kt_brake_run *b,
                               const struct kt_absence *absent, struct kt_arena *a,
                               struct kt_err *e)
{
    const struct kt_shape *shape = kt_kind_shape[absent->kind];
    void *record = kt_alloc(a, shape->size);
    struct kt_held held = { .endpoint = b->site->name,
                            .kind = absent->kind,
                            .key = absent->key,
                            .stream = kt_str_of(b->stream),
                            .run = absent->run == 0 ? b->run : absent->run,
                            .is_waiting = absent->run != 0,
                            .reason = KT_HELD_DELETED,
                            .as_of_us = b->absent_us,
                            .is_deleted = true,
                            .source = kt_str_of(b->site->name),
                            .leads = leads_of(b->site, absent->kind),
                            .old_value = absent->value,
                            .at_us = absent->run == 0 ? b->absent_us : absent->since_us };
    bool is_key = kt_shape_key_read(shape, record, absent->key, a);
    KT_ASSERT(is_key); /* it was read from the table's own key */
    enum kt_rc rc = body_of(&held.body, absent->kind, record, a, e);
    return rc == KT_OK ? kt_held_put(db, &held, e) : rc;
}

enum kt_rc kt_brake_write(struct kt_db *db, void *brake_run, struct kt_err *e)
{
    const struct kt_brake_run *b = brake_run;
    struct kt_arena *a = kt_arena_new();
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < b->drops; i++)
        rc = kt_held_drop(db, b->site->name, b->drop[i].kind, b->drop[i].key, e);
    for (size_t i = 0; rc == KT_OK && i < b->puts; i++)
        rc = kt_held_put(db, &b->put[i], e);
    for (size_t i = 0; rc == KT_OK && i < b->absences; i++) {
        kt_arena_reset(a);
        rc = write_absent(db, b, &b->absent[i], a, e);
    }
    kt_arena_free(a);
    return rc;
}

/* --- back from there --- */

enum kt_rc kt_held_change(struct kt_change *out, const struct kt_held *held, struct kt_arena *a,
                          struct kt_err *e)
{
    const struct kt_shape *shape = kt_kind_shape[held->kind];
    const struct kt_json *body = NULL;
    void *record = kt_alloc(a, shape->size);
    *out = (struct kt_change){ .kind = held->kind,
                               .is_deleted = held->is_deleted,
                               .as_of_us = held->as_of_us,
                               .source = held->source.p,
                               .leads = held->leads,
                               .record = record };
    enum kt_rc rc = kt_json_parse(&body, held->body, a, e);
    if (rc == KT_OK)
        rc = kt_shape_read(shape, record, body, a, e);
    if (rc == KT_OK)
        rc = held->is_deleted ? kt_shape_check_key(shape, record, a, e)
                              : kt_shape_check(shape, record, a, e);
    return rc == KT_OK ? rc : kt_trail(e, "what is held of %s", held->key.p);
}
