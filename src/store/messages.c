/* Messages that partners brought, for those who bring one again. Any thread with a connection of
 * its own; the row is written by whoever commits what the message holds. */
#include "store/messages.h"

#include "store/odbc.h"

enum kt_rc kt_message_get(struct kt_db *db, const char *partner, struct kt_str id,
                          struct kt_message *out, bool *found, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[3];
    *out = (struct kt_message){ .partner = partner, .id = id };
    enum kt_rc rc = kt_stmt_one(db, KT_S_MESSAGE_GET, KT_ARGS(kt_name(partner), kt_text(id)), "tit",
                                v, found, a, e);
    if (rc != KT_OK || !*found)
        return rc;
    out->digest = v[0].text;
    out->at_us = v[1].number;
    out->answer = v[2].text;
    return KT_OK;
}

enum kt_rc kt_message_last(struct kt_db *db, const char *partner, int64_t *at_us, struct kt_err *e)
{
    struct kt_value v = kt_int(0);
    bool found = false;
    *at_us = 0;
    enum kt_rc rc = kt_stmt_one(db, KT_S_MESSAGE_LAST, KT_ARGS(kt_name(partner)), "i", &v, &found,
                                db->arena, e);
    if (rc == KT_OK && found)
        *at_us = v.number;
    return rc;
}

enum kt_rc kt_message_put(struct kt_db *db, const struct kt_message *message, bool *is_new,
                          struct kt_err *e)
{
    int64_t rows = 0;
    enum kt_rc rc = kt_stmt_write(db, KT_S_MESSAGE_PUT,
                                  KT_ARGS(kt_name(message->partner), kt_text(message->id),
                                          kt_text(message->digest), kt_int(message->at_us),
                                          kt_text(message->answer)),
                                  &rows, e);
    *is_new = rc == KT_OK && rows > 0;
    return rc;
}

enum kt_rc kt_messages_forget(struct kt_db *db, int64_t before_us, int64_t most, int64_t *rows,
                              bool *is_more, struct kt_err *e)
{
    struct kt_value v = kt_no_int();
    *rows = 0;
    enum kt_rc rc = kt_stmt_one(db, KT_S_MESSAGE_OLD, KT_ARGS(kt_int(before_us), kt_int(most - 1)),
                                "i", &v, is_more, db->arena, e);
    if (rc == KT_OK && *is_more)
        before_us = v.number + 1;
    return rc == KT_OK ? kt_stmt_write(db, KT_S_MESSAGE_FORGET, KT_ARGS(kt_int(before_us)), rows, e)
                       : rc;
}
