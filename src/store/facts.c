/* Facts and what their orders hold. Pull threads append, the channel's order thread claims and
 * settles, each with a connection of its own. */
#include "store/facts.h"

#include <string.h>

#include "base/rand.h"
#include "store/odbc.h"

enum { FACT_COLUMNS = 15, FACTS_MOST = 1000, COUNTS_MOST = 1024, SKU_CHUNK = 100 };
static const char fact_types[] = "tittttttiiiiiit";

static void read_row(struct kt_fact *f, const struct kt_value *v)
{
    *f = (struct kt_fact){ .stream = v[0].text,
                           .seq = v[1].number,
                           .kind = v[2].text,
                           .scope = v[3].text,
                           .id = v[4].text,
                           .revision = v[5].text,
                           .channel = v[6].text,
                           .body = v[7].text,
                           .at_us = v[8].number,
                           .is_done = v[9].number != 0,
                           .due_us = v[10].number,
                           .token = v[11].number,
                           .attempts = (int)v[12].number,
                           .failing_since_us = v[13].number,
                           .remote_id = v[14].text };
}

/* --- appending --- */

enum kt_rc kt_fact_put(struct kt_db *db, const struct kt_fact *f, int64_t now_us,
                       enum kt_outcome *outcome, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[2] = { kt_no_int(), kt_no_int() }; /* newest revision, last number */
    const bool is_kept = f->channel.n == 0;
    bool found = false;
    *outcome = KT_OUTCOME_NONE;
    enum kt_rc rc = kt_stmt_one(db, KT_S_FACT_NEWEST,
                                KT_ARGS(kt_text(f->stream), kt_text(f->kind), kt_text(f->scope),
                                        kt_text(f->id), kt_text(f->stream)),
                                "ti", v, &found, a, e);
    if (rc != KT_OK)
        return rc;
    if (!v[0].is_null && kt_str_eq(v[0].text, f->revision)) {
        *outcome = KT_OUTCOME_UNCHANGED;
        return KT_OK;
    }
    rc = kt_stmt_write(db, KT_S_FACT_NEW,
                       KT_ARGS(kt_text(f->stream), kt_int(v[1].is_null ? 1 : v[1].number + 1),
                               kt_text(f->kind), kt_text(f->scope), kt_text(f->id),
                               kt_text(f->revision), is_kept ? kt_name("") : kt_text(f->channel),
                               kt_text(f->body), kt_int(now_us), kt_int(is_kept),
                               kt_int(is_kept ? KT_NEVER : now_us)),
                       NULL, e);
    if (rc != KT_OK && db->fault == KT_FAULT_UNIQUE) {
        kt_err_clear(e);
        return kt_odbc_race(db, "FACT_NEW", e);
    }
    if (rc == KT_OK)
        *outcome = v[0].is_null ? KT_OUTCOME_CREATED : KT_OUTCOME_CHANGED;
    return rc;
}

/* --- placing --- */

static enum kt_rc read_home(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                            size_t values, struct kt_fact_home *home, bool *found,
                            struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[3];
    enum kt_rc rc = kt_stmt_one(db, id, value, values, "ttt", v, found, a, e);
    if (rc == KT_OK && *found)
        *home = (struct kt_fact_home){ v[0].text, v[1].text, v[2].text };
    return rc;
}

enum kt_rc kt_fact_home_by_key(struct kt_db *db, struct kt_str our_key, struct kt_fact_home *home,
                               bool *found, struct kt_arena *a, struct kt_err *e)
{
    return read_home(db, KT_S_FACT_HOME_BY_KEY, KT_ARGS(kt_text(our_key)), home, found, a, e);
}

enum kt_rc kt_fact_home_by_number(struct kt_db *db, const char *erp, struct kt_str number,
                                  struct kt_fact_home *home, bool *found, struct kt_arena *a,
                                  struct kt_err *e)
{
    return read_home(db, KT_S_FACT_HOME_BY_NUMBER, KT_ARGS(kt_text(number), kt_name(erp)), home,
                     found, a, e);
}

/* The row is written and taken away at once: whoever else writes it waits for our COMMIT. */
enum kt_rc kt_fact_lock(struct kt_db *db, struct kt_str stream, struct kt_err *e)
{
    enum kt_rc rc = kt_stmt_write(db, KT_S_FACT_LOCK, KT_ARGS(kt_text(stream)), NULL, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_FACT_LOCKED, KT_ARGS(kt_text(stream)), NULL, e);
    return rc;
}

enum kt_rc kt_facts_move(struct kt_db *db, struct kt_str from, struct kt_str to,
                         const char *channel, const char *const *told, int64_t now_us,
                         int64_t *count, struct kt_err *e)
{
    struct kt_value last = kt_no_int();
    bool found = false;
    *count = 0;
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_FACT_LAST_SEQ, KT_ARGS(kt_text(to)), "i", &last, &found, db->arena, e);
    const int64_t behind = last.is_null ? 0 : last.number;
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_FACT_MOVE, KT_ARGS(kt_text(to), kt_int(behind), kt_text(from)),
                           count, e);
    if (rc != KT_OK && db->fault == KT_FAULT_UNIQUE) {
        kt_err_clear(e);
        return kt_odbc_race(db, "FACT_MOVE", e);
    }
    for (size_t i = 0; rc == KT_OK && *count > 0 && told[i] != NULL; i++)
        rc = kt_stmt_write(db, KT_S_FACT_MOVED,
                           KT_ARGS(kt_name(channel), kt_int(now_us), kt_text(to), kt_int(behind),
                                   kt_name(told[i])),
                           NULL, e);
    return rc;
}

/* --- working on them --- */

static enum kt_rc take_rows(struct kt_db *db, const char *channel, int64_t now_us, int64_t lease_us,
                            size_t max, struct kt_fact *out, size_t *count, struct kt_arena *a,
                            struct kt_err *e)
{
    struct kt_value row[FACT_COLUMNS];
    bool has_row = true;
    size_t n = 0;
    const int64_t token = kt_rand_token();
    enum kt_rc rc = kt_stmt_query(
        db, KT_S_FACT_DUE, KT_ARGS(kt_name(channel), kt_int(now_us), kt_int((int64_t)max)), e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_FACT_DUE, fact_types, row, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        KT_ASSERT(n < max);
        read_row(&out[n++], row);
    }
    *count = 0;
    for (size_t i = 0; i < n && rc == KT_OK; i++) {
        struct kt_fact f = out[i];
        int64_t rows = 0;
        rc = kt_stmt_write(db, KT_S_FACT_CLAIM,
                           KT_ARGS(kt_int(now_us + lease_us), kt_int(token), kt_text(f.stream),
                                   kt_int(f.seq), kt_int(now_us), kt_int(f.token)),
                           &rows, e);
        f.due_us = now_us + lease_us;
        f.token = token;
        if (rc == KT_OK && rows == 1)
            out[(*count)++] = f;
    }
    return rc;
}

enum kt_rc kt_fact_claim(struct kt_db *db, const char *channel, int64_t now_us, int64_t lease_us,
                         size_t max, struct kt_fact **out, size_t *count, struct kt_arena *a,
                         struct kt_err *e)
{
    struct kt_value first;
    bool is_due = false;
    size_t n = 0;
    *out = KT_NEW_ARRAY(a, max + 1, struct kt_fact);
    *count = 0;
    /* outside a transaction, so that idle pollers do not take turns with writers */
    enum kt_rc rc = kt_stmt_one(db, KT_S_FACT_PEEK, KT_ARGS(kt_name(channel), kt_int(now_us)), "i",
                                &first, &is_due, a, e);
    if (rc != KT_OK || !is_due)
        return rc;
    rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = take_rows(db, channel, now_us, lease_us, max, *out, &n, a, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    kt_tx_rollback(db);
    if (rc == KT_OK)
        *count = n;
    return rc;
}

enum kt_rc kt_fact_write(struct kt_db *db, const struct kt_fact *f, int64_t now_us, bool *was_ours,
                         struct kt_err *e)
{
    int64_t rows = 0;
    enum kt_rc rc = kt_stmt_write(db, f->token != 0 ? KT_S_FACT_WRITE : KT_S_FACT_WRITE_FREE,
                                  KT_ARGS(kt_int(f->is_done), kt_int(f->due_us),
                                          kt_int(f->attempts), kt_int(f->failing_since_us),
                                          kt_text(f->remote_id), kt_text(f->stream), kt_int(f->seq),
                                          kt_int(f->token != 0 ? f->token : now_us)),
                                  &rows, e);
    *was_ours = rc == KT_OK && rows == 1;
    return rc;
}

/* --- reading --- */

enum kt_rc kt_facts_of(struct kt_db *db, struct kt_str stream, struct kt_fact **out, size_t *count,
                       struct kt_arena *a, struct kt_err *e)
{
    struct kt_value row[FACT_COLUMNS];
    bool has_row = true;
    size_t n = 0;
    *out = KT_NEW_ARRAY(a, FACTS_MOST, struct kt_fact);
    *count = 0;
    enum kt_rc rc =
        kt_stmt_query(db, KT_S_FACT_LIST, KT_ARGS(kt_text(stream), kt_int(FACTS_MOST)), e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_FACT_LIST, fact_types, row, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        KT_ASSERT(n < FACTS_MOST);
        read_row(&(*out)[n++], row);
    }
    *count = rc == KT_OK ? n : 0;
    return rc;
}

enum kt_rc kt_fact_remote(struct kt_db *db, const struct kt_fact *f, struct kt_str *remote_id,
                          struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v;
    bool found = false;
    *remote_id = (struct kt_str){ NULL, 0 };
    enum kt_rc rc = kt_stmt_one(
        db, KT_S_FACT_REMOTE,
        KT_ARGS(kt_text(f->stream), kt_text(f->kind), kt_text(f->scope), kt_text(f->id)), "t", &v,
        &found, a, e);
    if (rc == KT_OK && found)
        *remote_id = v.text;
    return rc;
}

enum kt_rc kt_fact_counts(struct kt_db *db, struct kt_fact_count **out, size_t *count,
                          struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[4];
    bool has_row = true;
    size_t n = 0;
    *out = KT_NEW_ARRAY(a, COUNTS_MOST, struct kt_fact_count);
    *count = 0;
    enum kt_rc rc = kt_stmt_query(db, KT_S_FACT_COUNTS, NULL, 0, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_FACT_COUNTS, "ttii", v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        KT_ASSERT(n < COUNTS_MOST);
        (*out)[n++] = (struct kt_fact_count){ v[0].text, v[1].text, v[2].number, v[3].number };
    }
    *count = rc == KT_OK ? n : 0;
    return rc;
}

enum kt_rc kt_fact_mend(struct kt_db *db, int64_t latest_us, int64_t now_us, int64_t *rows,
                        struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_FACT_MEND,
                         KT_ARGS(kt_int(now_us), kt_int(latest_us), kt_int(KT_NEVER)), rows, e);
}

/* --- what open orders hold --- */

static int64_t units_of(struct kt_dec quantity)
{
    struct kt_dec scaled = quantity;
    bool fits = kt_dec_rescale(&scaled, quantity, KT_DEC_SCALE_MAX);
    KT_ASSERT(fits); /* the order's shape bounds it */
    return scaled.units;
}

enum kt_rc kt_open_put(struct kt_db *db, const struct kt_open_line *line, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_OPEN_PUT,
                         KT_ARGS(kt_text(line->our_key), kt_text(line->line),
                                 kt_text(line->channel), kt_text(line->sku),
                                 kt_int(units_of(line->quantity)), kt_int(line->sent_us),
                                 kt_int(line->booked_us)),
                         NULL, e);
}

enum kt_rc kt_open_left(struct kt_db *db, struct kt_str our_key, struct kt_str line,
                        struct kt_dec left, struct kt_err *e)
{
    if (left.units <= 0)
        return kt_stmt_write(db, KT_S_OPEN_SETTLED, KT_ARGS(kt_text(our_key), kt_text(line)), NULL,
                             e);
    return kt_stmt_write(db, KT_S_OPEN_LEFT,
                         KT_ARGS(kt_int(units_of(left)), kt_text(our_key), kt_text(line)), NULL, e);
}

enum kt_rc kt_open_drop(struct kt_db *db, struct kt_str our_key, bool *did_hold, struct kt_err *e)
{
    int64_t rows = 0;
    enum kt_rc rc = kt_stmt_write(db, KT_S_OPEN_DROP, KT_ARGS(kt_text(our_key)), &rows, e);
    *did_hold = rc == KT_OK && rows > 0;
    return rc;
}

struct open_lines {
    struct kt_open_line *item;
    size_t count;
    size_t room;
};

static void add_open(struct open_lines *l, struct kt_open_line one, struct kt_arena *a)
{
    if (l->count == l->room) {
        size_t room = l->room == 0 ? 16 : l->room * 2;
        struct kt_open_line *grown = KT_NEW_ARRAY(a, room, struct kt_open_line);
        if (l->count > 0)
            memcpy(grown, l->item, l->count * sizeof *grown);
        l->item = grown;
        l->room = room;
    }
    l->item[l->count++] = one;
}

/* The last SKU fills the list. */
static enum kt_rc read_open(struct kt_db *db, const char *channel, const struct kt_str *sku,
                            size_t count, struct open_lines *l, struct kt_arena *a,
                            struct kt_err *e)
{
    struct kt_value v[1 + SKU_CHUNK];
    struct kt_value row[4];
    const size_t marks = count == 1 ? 1 : SKU_CHUNK;
    const enum kt_stmt_id id = count == 1 ? KT_S_OPEN_LINES_1 : KT_S_OPEN_LINES_100;
    bool has_row = true;
    v[0] = kt_name(channel);
    for (size_t i = 0; i < marks; i++)
        v[1 + i] = kt_text(sku[i < count ? i : count - 1]);
    enum kt_rc rc = kt_stmt_query(db, id, v, 1 + marks, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, "tiii", row, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        add_open(l,
                 (struct kt_open_line){ .sku = row[0].text,
                                        .quantity = { row[1].number, KT_DEC_SCALE_MAX },
                                        .sent_us = row[2].number,
                                        .booked_us = row[3].number },
                 a);
    }
    return rc;
}

enum kt_rc kt_open_lines(struct kt_db *db, const char *channel, const struct kt_str *sku,
                         size_t count, struct kt_open_line **out, size_t *lines, struct kt_arena *a,
                         struct kt_err *e)
{
    struct open_lines l = { 0 };
    enum kt_rc rc = KT_OK;
    for (size_t at = 0; at < count && rc == KT_OK; at += SKU_CHUNK)
        rc = read_open(db, channel, sku + at, count - at < SKU_CHUNK ? count - at : SKU_CHUNK, &l,
                       a, e);
    *out = l.item;
    *lines = rc == KT_OK ? l.count : 0;
    return rc;
}
