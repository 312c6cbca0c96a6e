/* Deliveries: one coalescing row per unit of a channel. Any thread with a connection of its own:
 * the fan-out wants, endpoint threads claim and complete, clerks retry. Links: links.c.
 * Correctness rests on the token: whoever completes must still hold the one of its claim. */
#include "store/deliveries.h"

#include <stdlib.h>
#include <string.h>

#include "base/rand.h"
#include "base/time.h"
#include "store/journal.h"
#include "store/odbc.h"

enum { LANES = 4, ROW = 5, ROWS_MOST = 100 };

/* --- want --- */

static int compare_want(const void *left, const void *right)
{
    const struct kt_want *a = left;
    const struct kt_want *b = right;
    int by_unit = kt_str_cmp(kt_str_of(a->unit), kt_str_of(b->unit));
    return by_unit != 0 ? by_unit : kt_str_cmp(a->key, b->key);
}

/* Sorted, because two nodes that lock rows in different orders block each other; folded, because an
 * upsert may not meet the same row twice. */
static size_t fold_want(struct kt_want *w, size_t count)
{
    size_t n = 0;
    qsort(w, count, sizeof *w, compare_want);
    for (size_t i = 0; i < count; i++) {
        KT_ASSERT(w[i].lane >= 0 && w[i].lane < LANES);
        if (n > 0 && compare_want(&w[n - 1], &w[i]) == 0) {
            if (w[i].lane < w[n - 1].lane)
                w[n - 1].lane = w[i].lane;
            continue;
        }
        w[n++] = w[i];
    }
    return n;
}

enum kt_rc kt_delivery_want(struct kt_db *db, const char *channel, const struct kt_want *want,
                            size_t count, int64_t now_us, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    struct kt_arena *a = kt_arena_new();
    struct kt_want *w = KT_NEW_ARRAY(a, count + 1, struct kt_want);
    struct kt_value *v = KT_NEW_ARRAY(a, (size_t)ROWS_MOST * ROW, struct kt_value);
    for (size_t i = 0; i < count; i++)
        w[i] = want[i];
    count = fold_want(w, count);
    for (size_t at = 0; at < count && rc == KT_OK;) {
        int form;
        size_t rows = kt_rows_of(count - at, &form);
        for (size_t i = 0; i < rows; i++, at++) {
            struct kt_value *to = v + i * ROW;
            to[0] = kt_name(channel);
            to[1] = kt_name(w[at].unit);
            to[2] = kt_text(w[at].key);
            to[3] = kt_int(w[at].lane);
            to[4] = kt_int(now_us);
        }
        rc = kt_stmt_write(db, (enum kt_stmt_id)(KT_S_DELIVERY_WANT_1 + form), v, rows * ROW, NULL,
                           e);
    }
    kt_arena_free(a);
    return rc;
}

/* --- the fan-out's place --- */

enum kt_rc kt_cursor_get(struct kt_db *db, const char *channel, int part, int64_t *seq,
                         struct kt_err *e)
{
    struct kt_value v;
    bool found;
    *seq = 0;
    enum kt_rc rc = kt_stmt_one(db, KT_S_CURSOR_GET, KT_ARGS(kt_name(channel), kt_int(part)), "i",
                                &v, &found, db->arena, e);
    if (rc == KT_OK && found)
        *seq = v.number;
    return rc;
}

enum kt_rc kt_cursor_move(struct kt_db *db, const char *channel, int part, int64_t from, int64_t to,
                          struct kt_err *e)
{
    int64_t rows = 0;
    KT_ASSERT(to > from && from >= 0); /* a cursor never moves backwards */
    enum kt_rc rc = KT_OK;
    if (from == 0)
        rc = kt_stmt_write(db, KT_S_CURSOR_NEW, KT_ARGS(kt_name(channel), kt_int(part), kt_int(0)),
                           NULL, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_CURSOR_MOVE,
                           KT_ARGS(kt_int(to), kt_name(channel), kt_int(part), kt_int(from)), &rows,
                           e);
    if (rc == KT_OK && rows != 1)
        rc = kt_odbc_race(db, "CURSOR_MOVE", e);
    return rc;
}

/* --- claim --- */

struct claim {
    struct kt_db *db;
    const char *channel;
    const char *unit;
    int64_t now_us;
    int64_t lease_us;
    int64_t token;
    size_t max;
    struct kt_delivery *out;
    size_t count;
    struct kt_arena *arena;
};

static int lane_at(int turn, bool lowest_first)
{
    return lowest_first ? LANES - 1 - turn : turn;
}

/* Outside a transaction, so that idle pollers do not take turns with writers. */
static enum kt_rc peek(const struct claim *c, bool *is_due, struct kt_err *e)
{
    struct kt_value v;
    enum kt_rc rc = KT_OK;
    *is_due = false;
    for (int lane = 0; lane < LANES && rc == KT_OK && !*is_due; lane++)
        rc = kt_stmt_one(
            c->db, KT_S_DELIVERY_PEEK,
            KT_ARGS(kt_name(c->channel), kt_name(c->unit), kt_int(lane), kt_int(c->now_us)), "i",
            &v, is_due, c->arena, e);
    return rc;
}

static enum kt_rc claim_row(struct claim *c, struct kt_delivery *d, struct kt_err *e)
{
    int64_t rows = 0;
    enum kt_rc rc =
        kt_stmt_write(c->db, KT_S_DELIVERY_CLAIM,
                      KT_ARGS(kt_int(c->now_us + c->lease_us), kt_int(c->token), kt_int(c->now_us),
                              kt_int(c->now_us), kt_name(c->channel), kt_name(c->unit),
                              kt_text(d->key), kt_int(c->now_us), kt_int(d->want)),
                      &rows, e);
    if (rc == KT_OK && rows == 1)
        c->out[c->count++] = *d; /* 0 rows: another worker has it */
    return rc;
}

static enum kt_rc claim_lane(struct claim *c, int lane, struct kt_err *e)
{
    struct kt_value v[6];
    bool has_row = true;
    size_t n = 0;
    const size_t room = c->max - c->count;
    struct kt_delivery *d = KT_NEW_ARRAY(c->arena, room + 1, struct kt_delivery);
    enum kt_rc rc = kt_stmt_query(c->db, KT_S_DELIVERY_FIND_DUE,
                                  KT_ARGS(kt_name(c->channel), kt_name(c->unit), kt_int(lane),
                                          kt_int(c->now_us), kt_int((int64_t)room)),
                                  e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(c->db, KT_S_DELIVERY_FIND_DUE, "tiiiit", v, &has_row, c->arena, e);
        if (rc != KT_OK || !has_row)
            break;
        KT_ASSERT(n < room);
        d[n++] =
            (struct kt_delivery){ .channel = c->channel,
                                  .unit = c->unit,
                                  .key = v[0].text,
                                  .token = c->token,
                                  .want = v[1].number,
                                  .attempts =
                                      v[4].number != 0 && v[2].number == 0 ? 1 : (int)v[2].number,
                                  .failing_since_us = v[3].number,
                                  .is_taken_over = v[4].number != 0,
                                  .sought = v[5].text };
    }
    for (size_t i = 0; i < n && rc == KT_OK; i++)
        rc = claim_row(c, &d[i], e);
    return rc;
}

enum kt_rc kt_delivery_claim(struct kt_db *db, const char *channel, const char *unit,
                             int64_t now_us, int64_t lease_us, size_t max, bool lowest_first,
                             struct kt_delivery **out, size_t *count, struct kt_arena *a,
                             struct kt_err *e)
{
    bool is_due;
    struct claim c = { .db = db,
                       .channel = kt_text_copy(a, channel),
                       .unit = kt_text_copy(a, unit),
                       .now_us = now_us,
                       .lease_us = lease_us,
                       .token = kt_rand_token(),
                       .max = max,
                       .out = KT_NEW_ARRAY(a, max + 1, struct kt_delivery),
                       .arena = a };
    *out = c.out;
    *count = 0;
    enum kt_rc rc = peek(&c, &is_due, e);
    if (rc != KT_OK || !is_due)
        return rc;
    rc = kt_tx_begin(db, e);
    for (int turn = 0; turn < LANES && rc == KT_OK && c.count < max; turn++)
        rc = claim_lane(&c, lane_at(turn, lowest_first), e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    kt_tx_rollback(db);
    if (rc == KT_OK)
        *count = c.count;
    return rc;
}

/* --- how a claimed row goes on --- */

enum kt_rc kt_delivery_done(struct kt_db *db, const struct kt_delivery *d, int64_t now_us,
                            bool *was_ours, struct kt_err *e)
{
    int64_t rows = 0;
    enum kt_rc rc = kt_stmt_write(db, KT_S_DELIVERY_DONE,
                                  KT_ARGS(kt_int(d->want), kt_int(now_us), kt_int(now_us),
                                          kt_int(now_us), kt_int(d->want), kt_name(d->channel),
                                          kt_name(d->unit), kt_text(d->key), kt_int(d->token)),
                                  &rows, e);
    *was_ours = rows == 1;
    return rc;
}

struct kt_str kt_delivery_waiting(const char *unit, struct kt_str key, struct kt_arena *a)
{
    struct kt_buf text;
    kt_buf_init(&text, a, strlen(unit) + 1 + key.n);
    kt_buf_text(&text, unit);
    kt_buf_char(&text, ' ');
    kt_buf_str(&text, key);
    KT_ASSERT(kt_buf_ok(&text));
    return kt_buf_view(&text);
}

/* The unit that a child waits for; the names of units hold no blank. */
struct parent {
    struct kt_str unit;
    struct kt_str key;
};

static struct parent parent_of(struct kt_str waits_for)
{
    const char *blank = waits_for.p == NULL ? NULL : memchr(waits_for.p, ' ', waits_for.n);
    if (blank == NULL) {
        KT_ASSERT(waits_for.p == NULL); /* made by kt_delivery_waiting, or absent */
        return (struct parent){ .key = { NULL, 0 } };
    }
    const size_t n = (size_t)(blank - waits_for.p);
    return (struct parent){ kt_str_part(waits_for, 0, n),
                            kt_str_part(waits_for, n + 1, waits_for.n) };
}

static enum kt_rc wake(struct kt_db *db, const char *channel, struct kt_str waits_for,
                       int64_t now_us, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_DELIVERY_WAKE,
                         KT_ARGS(kt_int(now_us), kt_name(channel), kt_text(waits_for)), NULL, e);
}

/* The parent may have arrived between our claim and now; its wake did not see us. The parent's row
 * is locked first, so that one of the two sees the other. */
static enum kt_rc wake_if_parent_came(struct kt_db *db, const struct kt_delivery *d,
                                      struct kt_str waits_for, int64_t now_us, struct kt_err *e)
{
    struct kt_value v;
    bool is_newer = false;
    const struct parent parent = parent_of(waits_for);
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_LINK_NEWER,
                    KT_ARGS(kt_name(d->channel), kt_text(parent.unit), kt_text(parent.key),
                            kt_name(d->channel), kt_name(d->unit), kt_text(d->key)),
                    "i", &v, &is_newer, db->arena, e);
    if (rc == KT_OK && is_newer)
        rc = wake(db, d->channel, waits_for, now_us, e);
    return rc;
}

enum kt_rc kt_delivery_put_off(struct kt_db *db, const struct kt_delivery *d, int64_t due_us,
                               int attempts, struct kt_str waits_for, int64_t now_us,
                               bool *was_ours, struct kt_err *e)
{
    struct kt_value v;
    bool found;
    int64_t rows = 0;
    const bool is_failing = attempts > 0 && waits_for.p == NULL;
    const struct parent parent = parent_of(waits_for);
    enum kt_rc rc = KT_OK;
    KT_ASSERT(db->is_in_tx);
    *was_ours = false;
    if (waits_for.p != NULL)
        rc = kt_stmt_one(db, KT_S_DELIVERY_LOCK,
                         KT_ARGS(kt_name(d->channel), kt_text(parent.unit), kt_text(parent.key)),
                         "i", &v, &found, db->arena, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_DELIVERY_PUT_OFF,
                           KT_ARGS(kt_int(d->want), kt_int(now_us), kt_int(now_us), kt_int(due_us),
                                   kt_int(due_us), kt_int(now_us), kt_int(is_failing ? now_us : 0),
                                   kt_int(attempts), kt_text(waits_for), kt_name(d->channel),
                                   kt_name(d->unit), kt_text(d->key), kt_int(d->token)),
                           &rows, e);
    if (rc == KT_OK && rows == 1 && waits_for.p != NULL)
        rc = wake_if_parent_came(db, d, waits_for, now_us, e);
    *was_ours = rc == KT_OK && rows == 1;
    return rc;
}

enum kt_rc kt_delivery_seek(struct kt_db *db, const struct kt_delivery *d, struct kt_str sku,
                            struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_DELIVERY_SEEK,
                         KT_ARGS(kt_text(sku), kt_name(d->channel), kt_name(d->unit),
                                 kt_text(d->key), kt_int(d->token)),
                         NULL, e);
}

enum kt_rc kt_delivery_give_back(struct kt_db *db, const struct kt_delivery *d, int64_t due_us,
                                 bool *was_ours, struct kt_err *e)
{
    int64_t rows = 0;
    enum kt_rc rc = kt_stmt_write(db, KT_S_DELIVERY_GIVE_BACK,
                                  KT_ARGS(kt_int(due_us), kt_int(due_us), kt_name(d->channel),
                                          kt_name(d->unit), kt_text(d->key), kt_int(d->token)),
                                  &rows, e);
    *was_ours = rows == 1;
    return rc;
}

enum kt_rc kt_delivery_wake(struct kt_db *db, const char *channel, const char *unit,
                            struct kt_str key, int64_t now_us, struct kt_err *e)
{
    struct kt_arena *a = kt_arena_new();
    enum kt_rc rc = wake(db, channel, kt_delivery_waiting(unit, key, a), now_us, e);
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_delivery_retry(struct kt_db *db, const char *channel, const char *unit,
                             struct kt_str key, int64_t now_us, bool *found, struct kt_err *e)
{
    int64_t rows = 0;
    enum kt_rc rc = kt_stmt_write(
        db, KT_S_DELIVERY_RETRY,
        KT_ARGS(kt_int(now_us), kt_int(now_us), kt_name(channel), kt_name(unit), kt_text(key)),
        &rows, e);
    *found = rows == 1;
    return rc;
}

enum kt_rc kt_delivery_due_at(struct kt_db *db, const char *channel, const char *unit,
                              struct kt_str key, int64_t due_us, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_DELIVERY_DUE_AT,
                         KT_ARGS(kt_int(due_us), kt_int(due_us), kt_int(due_us), kt_name(channel),
                                 kt_name(unit), kt_text(key)),
                         NULL, e);
}

enum kt_rc kt_delivery_is_settled(struct kt_db *db, const char *channel, const char *unit,
                                  struct kt_str key, int64_t now_us, bool *is_settled,
                                  struct kt_err *e)
{
    struct kt_value v[3];
    bool found;
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_DELIVERY_STATE, KT_ARGS(kt_name(channel), kt_name(unit), kt_text(key)),
                    "iii", v, &found, db->arena, e);
    /* put off until the clock changes its content, or for good */
    *is_settled =
        rc == KT_OK &&
        (!found || (v[2].number == 0 && v[0].number > now_us && v[0].number >= v[1].number));
    return rc;
}

enum kt_rc kt_delivery_mend(struct kt_db *db, int64_t latest_us, int64_t now_us, int64_t *rows,
                            struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_DELIVERY_MEND, KT_ARGS(kt_int(now_us), kt_int(latest_us)), rows,
                         e);
}

enum kt_rc kt_delivery_count(struct kt_db *db, const char *channel, const char *unit,
                             int64_t now_us, struct kt_delivery_counts *out, struct kt_err *e)
{
    struct kt_value v[6];
    bool found;
    *out = (struct kt_delivery_counts){ .due = 0 };
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_DELIVERY_COUNT,
                    KT_ARGS(kt_int(now_us), kt_int(now_us), kt_int(now_us), kt_int(now_us),
                            kt_int(now_us), kt_name(channel), kt_name(unit)),
                    "iiiiii", v, &found, db->arena, e);
    if (rc != KT_OK || !found)
        return rc;
    out->due = v[0].number;
    out->waiting = v[1].number;
    out->retrying = v[2].number;
    out->leased = v[3].number;
    out->idle = v[4].number - out->due - out->waiting - out->retrying - out->leased;
    out->oldest_due_us = v[5].is_null ? 0 : v[5].number;
    return KT_OK;
}
