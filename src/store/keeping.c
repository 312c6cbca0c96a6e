/* What is kept of documents, and what may go by the rules of keeping. The command line and the
 * house thread, each with a connection of its own. */
#include "store/keeping_inner.h"

#include "base/time.h"
#include "store/past_put.h"
#include "store/records_sql.h"

enum { CHUNK = 100 };

/* What each of the page's keys adds up to. */
struct page {
    struct kt_str *key;
    struct kt_kept *kept;
    size_t count;
    size_t room;
    struct kt_arena *arena;
};

static enum kt_rc read_keys(struct kt_db *db, struct kt_str after, size_t max, struct page *p,
                            struct kt_err *e)
{
    struct kt_value v;
    bool has_row = true;
    p->key = KT_NEW_ARRAY(p->arena, max + 1, struct kt_str);
    p->kept = KT_NEW_ARRAY(p->arena, max + 1, struct kt_kept);
    enum kt_rc rc =
        kt_stmt_query(db, KT_S_PAST_KEYS,
                      KT_ARGS(kt_name(kt_kind_name(KT_KIND_DOCUMENT)),
                              kt_text(after.p == NULL ? KT_STR("") : after), kt_int((int64_t)max)),
                      e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_PAST_KEYS, "t", &v, &has_row, p->arena, e);
        if (rc != KT_OK || !has_row)
            break;
        KT_ASSERT(p->count < max);
        p->kept[p->count].key = v.text;
        p->key[p->count++] = v.text;
    }
    return rc;
}

static struct kt_kept *kept_of(const struct page *p, struct kt_str key)
{
    size_t from = 0;
    size_t to = p->count;
    while (from < to) { /* sorted as the database sorts them: by bytes */
        const size_t middle = from + (to - from) / 2;
        const int order = kt_str_cmp(p->key[middle], key);
        if (order == 0)
            return &p->kept[middle];
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

static enum kt_rc read_revisions(struct kt_db *db, const struct page *p, struct kt_err *e)
{
    struct kt_past *past = NULL;
    size_t pasts = 0;
    enum kt_rc rc =
        kt_past_of_keys(db, KT_KIND_DOCUMENT, p->key, p->count, &past, &pasts, p->arena, e);
    for (size_t i = 0; i < pasts; i++) { /* the newest of each comes last */
        struct kt_kept *k = kept_of(p, past[i].key);
        const struct kt_document *d = past[i].record;
        KT_ASSERT(k != NULL);
        k->type = d->type;
        k->sha256 = d->sha256;
        k->size = d->size;
        k->valid_until = d->valid_until;
        k->first_us = k->first_us == 0 ? past[i].recorded_us : k->first_us;
        k->last_us = past[i].recorded_us;
        k->is_living = !past[i].is_deleted;
    }
    return rc;
}

/* The greatest instant of each key: when its newest order was placed, how long it was shown. */
static enum kt_rc read_greatest(struct kt_db *db, enum kt_stmt_id one, enum kt_stmt_id many,
                                const struct page *p, bool is_order, struct kt_err *e)
{
    struct kt_value v[CHUNK];
    struct kt_value row[2];
    enum kt_rc rc = KT_OK;
    for (size_t at = 0; at < p->count && rc == KT_OK; at += CHUNK) {
        const size_t some = p->count - at < CHUNK ? p->count - at : CHUNK;
        const size_t room = some == 1 ? 1 : CHUNK;
        const enum kt_stmt_id id = some == 1 ? one : many;
        bool has_row = true;
        for (size_t i = 0; i < room; i++)
            v[i] = kt_text(p->key[at + (i < some ? i : some - 1)]);
        rc = kt_stmt_query(db, id, v, room, e);
        while (rc == KT_OK) {
            rc = kt_stmt_fetch(db, id, "ti", row, &has_row, p->arena, e);
            if (rc != KT_OK || !has_row)
                break;
            struct kt_kept *k = kept_of(p, row[0].text);
            if (k != NULL && is_order)
                k->last_order_us = row[1].number;
            else if (k != NULL)
                k->last_shown_us = row[1].number;
        }
    }
    return rc;
}

static enum kt_rc read_held(struct kt_db *db, const struct page *p, struct kt_err *e)
{
    struct kt_hold *hold = NULL;
    size_t holds = 0;
    enum kt_rc rc = kt_holds(db, KT_STR(""), KT_STR(""), &hold, &holds, p->arena, e);
    for (size_t i = 0; i < p->count && holds > 0 && rc == KT_OK; i++) {
        struct kt_document d = { 0 };
        const bool is_key = kt_shape_key_read(&kt_document_shape, &d, p->key[i], p->arena);
        for (size_t h = 0; h < holds && is_key && !p->kept[i].is_held; h++)
            p->kept[i].is_held = hold[h].released_us == 0 && kt_str_eq(d.scope, hold[h].scope) &&
                                 kt_str_eq(d.id, hold[h].id);
    }
    return rc;
}

enum kt_rc kt_kept_page(struct kt_db *db, struct kt_str after, size_t max, struct kt_kept **out,
                        size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct page p = { .arena = a };
    enum kt_rc rc = read_keys(db, after, max, &p, e);
    if (rc == KT_OK)
        rc = read_revisions(db, &p, e);
    if (rc == KT_OK)
        rc = read_greatest(db, KT_S_KEPT_ORDER_1, KT_S_KEPT_ORDER_100, &p, true, e);
    if (rc == KT_OK)
        rc = read_greatest(db, KT_S_KEPT_SHOWN_1, KT_S_KEPT_SHOWN_100, &p, false, e);
    if (rc == KT_OK)
        rc = read_held(db, &p, e);
    *out = p.kept;
    *count = rc == KT_OK ? p.count : 0;
    return rc;
}

/* --- what goes --- */

/* May it go? Its source must have given it up, and no hold stand; both stay so until COMMIT. */
static enum kt_rc may_go(struct kt_db *db, struct kt_str key, const struct kt_document *d,
                         bool *may_go, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value seq;
    struct kt_value row = kt_int(KT_ROW_DELETED);
    struct kt_value last = kt_int(0);
    struct kt_value hold;
    bool found = false;
    bool is_kept = false;
    bool is_held = false;
    *may_go = false;
    enum kt_rc rc = kt_stmt_one(db, KT_S_HOLD_LOCK, NULL, 0, "i", &seq, &found, a, e);
    if (rc == KT_OK)
        rc = kt_stmt_one(db, KT_S_KEPT_LOCK, KT_ARGS(kt_text(key)), "i", &row, &found, a, e);
    if (rc == KT_OK)
        rc = kt_stmt_one(db, KT_S_PAST_LAST,
                         KT_ARGS(kt_name(kt_kind_name(KT_KIND_DOCUMENT)), kt_text(key)), "i", &last,
                         &is_kept, a, e);
    if (rc == KT_OK)
        rc = kt_stmt_one(db, KT_S_HOLD_STANDS, KT_ARGS(kt_text(d->scope), kt_text(d->id)), "i",
                         &hold, &is_held, a, e);
    *may_go = rc == KT_OK && is_kept && last.number != 0 && !is_held &&
              (!found || row.number == KT_ROW_DELETED);
    return rc;
}

static enum kt_rc drop(struct kt_db *db, struct kt_str key, const char *actor, int64_t now_us,
                       bool *is_gone, struct kt_arena *a, struct kt_err *e)
{
    static const enum kt_stmt_id of_kind[] = { KT_S_PAST_DROP, KT_S_COVERED_DROP };
    static const enum kt_stmt_id of_key[] = { KT_S_SHOWN_DROP, KT_S_BOUND_DROP, KT_S_KEPT_DROP };
    struct kt_document d = { 0 };
    if (!kt_shape_key_read(&kt_document_shape, &d, key, a))
        return KT_OK;
    enum kt_rc rc = may_go(db, key, &d, is_gone, a, e);
    if (rc != KT_OK || !*is_gone)
        return rc;
    for (size_t i = 0; i < KT_COUNT(of_kind) && rc == KT_OK; i++)
        rc = kt_stmt_write(db, of_kind[i],
                           KT_ARGS(kt_name(kt_kind_name(KT_KIND_DOCUMENT)), kt_text(key)), NULL, e);
    for (size_t i = 0; i < KT_COUNT(of_key) && rc == KT_OK; i++)
        rc = kt_stmt_write(db, of_key[i], KT_ARGS(kt_text(key)), NULL, e);
    if (rc == KT_OK)
        rc = kt_keeping_audit(db, kt_str_of(actor), "document.drop", d.id,
                              kt_format(a, "document %.*s", (int)key.n, key.p), now_us, e);
    return rc;
}

enum kt_rc kt_kept_drop(struct kt_db *db, struct kt_str key, const char *actor, int64_t now_us,
                        bool *is_gone, struct kt_err *e)
{
    struct kt_arena *a = kt_arena_new();
    bool is_own = false;
    *is_gone = false;
    enum kt_rc rc = kt_own_begin(db, &is_own, e);
    if (rc == KT_OK)
        rc = drop(db, key, actor, now_us, is_gone, a, e);
    rc = kt_own_end(db, is_own, rc, e);
    *is_gone = rc == KT_OK && *is_gone;
    kt_arena_free(a);
    return rc;
}
