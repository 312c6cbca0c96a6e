/* Links: which remote id a channel gave a unit, and what it was last sent. Endpoint threads call
 * it, each with its own connection. */
#include "store/deliveries.h"

#include <string.h>

#include "base/time.h"
#include "store/odbc.h"

enum { CHUNK = 100 };

static enum kt_rc get_chunk(struct kt_db *db, const char *channel, const char *unit,
                            const struct kt_str *key, size_t count, struct kt_link *out,
                            struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[CHUNK + 2];
    struct kt_value row[5];
    bool has_row = true;
    const size_t room = count == 1 ? 1 : count <= 10 ? 10 : CHUNK;
    const enum kt_stmt_id id = count == 1    ? KT_S_LINK_GET_1
                               : count <= 10 ? KT_S_LINK_GET_10
                                             : KT_S_LINK_GET_100;
    v[0] = kt_name(channel);
    v[1] = kt_name(unit);
    for (size_t i = 0; i < room; i++)
        v[i + 2] = kt_text(key[i < count ? i : count - 1]);
    enum kt_rc rc = kt_stmt_query(db, id, v, room + 2, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, "tttti", row, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        const struct kt_link link = { row[1].text, row[2].text, row[3].text, row[4].number };
        for (size_t i = 0; i < count; i++) {
            if (kt_str_eq(key[i], row[0].text))
                out[i] = link;
        }
    }
    return rc;
}

enum kt_rc kt_link_get(struct kt_db *db, const char *channel, const char *unit,
                       const struct kt_str *key, size_t count, struct kt_link *out,
                       struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    memset(out, 0, count * sizeof *out);
    for (size_t at = 0; at < count && rc == KT_OK; at += CHUNK) {
        size_t some = count - at < CHUNK ? count - at : CHUNK;
        rc = get_chunk(db, channel, unit, key + at, some, out + at, a, e);
    }
    return rc;
}

enum kt_rc kt_link_is_anothers(struct kt_db *db, const char *channel, const char *unit,
                               struct kt_str key, struct kt_str remote_id, bool *is,
                               struct kt_err *e)
{
    struct kt_value v;
    return kt_stmt_one(db, KT_S_LINK_OWNER,
                       KT_ARGS(kt_name(channel), kt_name(unit), kt_text(remote_id), kt_text(key)),
                       "t", &v, is, db->arena, e);
}

enum kt_rc kt_link_page(struct kt_db *db, const char *channel, const char *unit,
                        struct kt_str after, size_t max, struct kt_str **key, struct kt_link **link,
                        size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value row[5];
    bool has_row = true;
    *key = KT_NEW_ARRAY(a, max + 1, struct kt_str);
    *link = KT_NEW_ARRAY(a, max + 1, struct kt_link);
    *count = 0;
    enum kt_rc rc = kt_stmt_query(
        db, KT_S_LINK_PAGE,
        KT_ARGS(kt_name(channel), kt_name(unit), kt_text(after), kt_int((int64_t)max)), e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_LINK_PAGE, "tttti", row, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        KT_ASSERT(*count < max);
        (*key)[*count] = row[0].text;
        (*link)[(*count)++] =
            (struct kt_link){ row[1].text, row[2].text, row[3].text, row[4].number };
    }
    return rc;
}

enum kt_rc kt_link_under(struct kt_db *db, const char *channel, const char *unit, struct kt_str key,
                         struct kt_str **under, size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v;
    bool has_row = true;
    size_t room = 8;
    *under = KT_NEW_ARRAY(a, room, struct kt_str);
    *count = 0;
    /* all keys that go on with '|': the next character after it is '}' */
    enum kt_rc rc = kt_stmt_query(db, KT_S_LINK_UNDER,
                                  KT_ARGS(kt_name(channel), kt_name(unit),
                                          kt_text(kt_str_of(kt_format(a, "%s|", key.p))),
                                          kt_text(kt_str_of(kt_format(a, "%s}", key.p)))),
                                  e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_LINK_UNDER, "t", &v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        if (*count == room) {
            struct kt_str *more = KT_NEW_ARRAY(a, 2 * room, struct kt_str);
            memcpy(more, *under, room * sizeof *more);
            *under = more;
            room *= 2;
        }
        (*under)[(*count)++] = v.text;
    }
    return rc;
}

enum kt_rc kt_link_put(struct kt_db *db, const char *channel, const char *unit, struct kt_str key,
                       const struct kt_link *link, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_LINK_PUT,
                         KT_ARGS(kt_name(channel), kt_name(unit), kt_text(key),
                                 kt_text(link->remote_id), kt_text(link->sent_hash),
                                 kt_text(link->sent_body), kt_int(link->sent_us),
                                 kt_int(kt_now_us())),
                         NULL, e);
}

enum kt_rc kt_link_forget_sent(struct kt_db *db, const char *channel, const char *unit,
                               struct kt_str key, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_LINK_FORGET_SENT,
                         KT_ARGS(kt_name(channel), kt_name(unit), kt_text(key)), NULL, e);
}

enum kt_rc kt_link_drop(struct kt_db *db, const char *channel, const char *unit, struct kt_str key,
                        struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_LINK_DROP, KT_ARGS(kt_name(channel), kt_name(unit), kt_text(key)),
                         NULL, e);
}

enum kt_rc kt_link_count(struct kt_db *db, const char *channel, const char *unit, int64_t *count,
                         struct kt_err *e)
{
    struct kt_value v = kt_int(0);
    bool found;
    *count = 0;
    enum kt_rc rc = kt_stmt_one(db, KT_S_LINK_COUNT, KT_ARGS(kt_name(channel), kt_name(unit)), "i",
                                &v, &found, db->arena, e);
    if (rc == KT_OK)
        *count = v.number;
    return rc;
}

enum kt_rc kt_link_pace(struct kt_db *db, const char *channel, const char *unit, int64_t since_us,
                        int64_t *count, int64_t *first_us, struct kt_err *e)
{
    struct kt_value v[2];
    bool found;
    *count = 0;
    *first_us = 0;
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_LINK_PACE, KT_ARGS(kt_name(channel), kt_name(unit), kt_int(since_us)),
                    "ii", v, &found, db->arena, e);
    if (rc == KT_OK && found && !v[1].is_null) {
        *count = v[0].number;
        *first_us = v[1].number;
    }
    return rc;
}
