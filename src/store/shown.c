/* What channels showed of articles. Written by the channel's own thread when a push is confirmed,
 * read when an order comes in; each with a connection of its own. */
#include "store/shown.h"

#include <string.h>

#include "base/rand.h"
#include "base/time.h"
#include "store/odbc.h"

/* A row that is still shown. */
struct open_row {
    int64_t number;
    int64_t from_us;
    struct kt_shown shown;
};

struct open_rows {
    struct open_row *item;
    size_t count;
    size_t room;
};

static void add_open(struct open_rows *l, struct open_row one, struct kt_arena *a)
{
    if (l->count == l->room) {
        const size_t room = l->room == 0 ? 16 : 2 * l->room;
        struct open_row *grown = KT_NEW_ARRAY(a, room, struct open_row);
        if (l->count > 0)
            memcpy(grown, l->item, l->count * sizeof *grown);
        l->item = grown;
        l->room = room;
    }
    l->item[l->count++] = one;
}

static enum kt_rc read_open(struct kt_db *db, const char *channel, struct kt_str sku_key,
                            struct open_rows *l, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[5];
    bool has_row = true;
    enum kt_rc rc =
        kt_stmt_query(db, KT_S_SHOWN_OPEN, KT_ARGS(kt_name(channel), kt_text(sku_key)), e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_SHOWN_OPEN, "ittti", v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        add_open(
            l,
            (struct open_row){ v[0].number,
                               v[4].number,
                               { .type = v[1].text, .row_key = v[2].text, .sha256 = v[3].text } },
            a);
    }
    return rc;
}

static bool is_same(const struct kt_shown *a, const struct kt_shown *b)
{
    return kt_str_eq(a->type, b->type) && kt_str_eq(a->row_key, b->row_key) &&
           kt_str_eq(a->sha256, b->sha256);
}

static bool is_open(const struct open_rows *l, const struct kt_shown *one)
{
    for (size_t i = 0; i < l->count; i++) {
        if (is_same(&l->item[i].shown, one))
            return true;
    }
    return false;
}

static bool is_among(const struct kt_shown *list, size_t count, const struct kt_shown *one)
{
    for (size_t i = 0; i < count; i++) {
        if (is_same(&list[i], one))
            return true;
    }
    return false;
}

/* Where the clock went back, what follows begins where the last change was: no instant is said
 * twice. */
static enum kt_rc not_before(struct kt_db *db, const char *channel, struct kt_str sku_key,
                             const struct open_rows *open, int64_t *at_us, struct kt_err *e)
{
    struct kt_value v = kt_no_int();
    bool found = false;
    enum kt_rc rc = kt_stmt_one(db, KT_S_SHOWN_LAST, KT_ARGS(kt_name(channel), kt_text(sku_key)),
                                "i", &v, &found, db->arena, e);
    if (rc == KT_OK && found && !v.is_null && v.number > *at_us)
        *at_us = v.number;
    for (size_t i = 0; i < open->count; i++) {
        if (open->item[i].from_us > *at_us)
            *at_us = open->item[i].from_us;
    }
    return rc;
}

/* The number is drawn from no head row: channels settle side by side, and wait for nobody. */
static enum kt_rc put_new(struct kt_db *db, const char *channel, struct kt_str sku_key,
                          const struct kt_shown *one, int64_t at_us, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_SHOWN_NEW,
                         KT_ARGS(kt_int(kt_rand_token()), kt_name(channel), kt_text(sku_key),
                                 kt_text(one->type), kt_text(one->row_key), kt_text(one->sha256),
                                 kt_int(at_us)),
                         NULL, e);
}

enum kt_rc kt_shown_put(struct kt_db *db, const char *channel, struct kt_str sku_key,
                        const struct kt_shown *now, size_t count, int64_t at_us, struct kt_arena *a,
                        struct kt_err *e)
{
    struct open_rows open = { 0 };
    bool is_news = false;
    KT_ASSERT(db->is_in_tx);
    enum kt_rc rc = read_open(db, channel, sku_key, &open, a, e);
    if (rc != KT_OK)
        return rc;
    for (size_t i = 0; i < open.count; i++)
        is_news = is_news || !is_among(now, count, &open.item[i].shown);
    for (size_t i = 0; i < count; i++)
        is_news = is_news || !is_open(&open, &now[i]);
    if (!is_news)
        return KT_OK;
    rc = not_before(db, channel, sku_key, &open, &at_us, e);
    for (size_t i = 0; i < open.count && rc == KT_OK; i++) {
        if (!is_among(now, count, &open.item[i].shown))
            rc = kt_stmt_write(db, KT_S_SHOWN_END,
                               KT_ARGS(kt_int(at_us), kt_int(open.item[i].number)), NULL, e);
    }
    for (size_t i = 0; i < count && rc == KT_OK; i++) {
        if (!is_open(&open, &now[i]) && !is_among(now, i, &now[i]))
            rc = put_new(db, channel, sku_key, &now[i], at_us, e);
    }
    return rc;
}

enum kt_rc kt_shown_at(struct kt_db *db, const char *channel, struct kt_str sku_key, int64_t at_us,
                       struct kt_shown **out, size_t *count, bool *is_known, struct kt_arena *a,
                       struct kt_err *e)
{
    struct open_rows l = { 0 };
    struct kt_value v[5];
    bool has_row = true;
    bool found = false;
    *count = 0;
    *is_known = false;
    enum kt_rc rc = kt_stmt_one(db, KT_S_SHOWN_ANY, KT_ARGS(kt_name(channel), kt_text(sku_key)),
                                "i", v, &found, a, e);
    if (rc == KT_OK)
        *is_known = found && !v[0].is_null && v[0].number <= at_us;
    if (rc == KT_OK)
        rc = kt_stmt_query(
            db, KT_S_SHOWN_AT,
            KT_ARGS(kt_name(channel), kt_text(sku_key), kt_int(at_us), kt_int(at_us)), e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_SHOWN_AT, "tttii", v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        add_open(&l,
                 (struct open_row){ .shown = { .sku_key = sku_key,
                                               .type = v[0].text,
                                               .row_key = v[1].text,
                                               .sha256 = v[2].text,
                                               .from_us = v[3].number,
                                               .until_us = v[4].number } },
                 a);
    }
    *out = KT_NEW_ARRAY(a, l.count + 1, struct kt_shown);
    for (size_t i = 0; i < l.count && rc == KT_OK; i++)
        (*out)[(*count)++] = l.item[i].shown;
    return rc;
}

/* --- of many SKUs --- */

enum { STILL_CHUNK = 100 };

static enum kt_rc look_still(struct kt_db *db, const char *channel, const struct kt_str *sku_key,
                             size_t count, bool *is, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[STILL_CHUNK + 1];
    struct kt_value row;
    const size_t keys = count == 1 ? 1 : STILL_CHUNK;
    const enum kt_stmt_id id = count == 1 ? KT_S_SHOWN_STILL_1 : KT_S_SHOWN_STILL_100;
    bool has_row = true;
    v[0] = kt_name(channel);
    for (size_t i = 0; i < keys; i++) /* the last one fills what is left of the list */
        v[i + 1] = kt_text(sku_key[i < count ? i : count - 1]);
    enum kt_rc rc = kt_stmt_query(db, id, v, keys + 1, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, "t", &row, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        for (size_t i = 0; i < count; i++)
            is[i] = is[i] || kt_str_eq(sku_key[i], row.text);
    }
    return rc;
}

enum kt_rc kt_shown_still(struct kt_db *db, const char *channel, const struct kt_str *sku_key,
                          size_t count, bool *is, struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < count; i++)
        is[i] = false;
    for (size_t at = 0; at < count && rc == KT_OK; at += STILL_CHUNK) {
        const size_t n = count - at < STILL_CHUNK ? count - at : STILL_CHUNK;
        rc = look_still(db, channel, sku_key + at, n, is + at, a, e);
    }
    return rc;
}
