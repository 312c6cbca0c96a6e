/* Legal holds: while one stands nothing of its document goes. Put and released by people on the
 * command line, asked by whoever takes documents away. */
#include "store/keeping_inner.h"

#include <string.h>

#include "store/journal.h"

enum { HOLD = 8 };

static enum kt_rc put_hold(struct kt_db *db, struct kt_hold *h, struct kt_arena *a,
                           struct kt_err *e)
{
    enum kt_rc rc = kt_head_draw(db, "hold", 1, &h->number, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_HOLD_NEW,
                           KT_ARGS(kt_int(h->number), kt_text(h->scope), kt_text(h->id),
                                   kt_text(h->reason), kt_text(h->actor), kt_int(h->at_us)),
                           NULL, e);
    if (rc == KT_OK)
        rc = kt_keeping_audit(db, h->actor, "document.hold", h->id,
                              kt_format(a, "hold %lld in %.*s: %.*s", (long long)h->number,
                                        (int)h->scope.n, h->scope.p, (int)h->reason.n, h->reason.p),
                              h->at_us, e);
    return rc;
}

enum kt_rc kt_hold_put(struct kt_db *db, struct kt_hold *hold, struct kt_err *e)
{
    struct kt_arena *a = kt_arena_new();
    bool is_own = false;
    enum kt_rc rc = kt_own_begin(db, &is_own, e);
    if (rc == KT_OK)
        rc = put_hold(db, hold, a, e);
    rc = kt_own_end(db, is_own, rc, e);
    kt_arena_free(a);
    return rc;
}

static enum kt_rc release(struct kt_db *db, int64_t number, struct kt_str actor, int64_t now_us,
                          bool *found, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[2];
    int64_t rows = 0;
    enum kt_rc rc = kt_stmt_one(db, KT_S_HOLD_GET, KT_ARGS(kt_int(number)), "tt", v, found, a, e);
    if (rc != KT_OK || !*found)
        return rc;
    rc = kt_stmt_write(db, KT_S_HOLD_RELEASE,
                       KT_ARGS(kt_text(actor), kt_int(now_us), kt_int(number)), &rows, e);
    *found = rc == KT_OK && rows == 1; /* else somebody was faster */
    if (rc == KT_OK && *found)
        rc = kt_keeping_audit(
            db, actor, "document.release", v[1].text,
            kt_format(a, "hold %lld in %.*s", (long long)number, (int)v[0].text.n, v[0].text.p),
            now_us, e);
    return rc;
}

enum kt_rc kt_hold_release(struct kt_db *db, int64_t number, struct kt_str actor, int64_t now_us,
                           bool *found, struct kt_err *e)
{
    struct kt_arena *a = kt_arena_new();
    bool is_own = false;
    *found = false;
    enum kt_rc rc = kt_own_begin(db, &is_own, e);
    if (rc == KT_OK)
        rc = release(db, number, actor, now_us, found, a, e);
    rc = kt_own_end(db, is_own, rc, e);
    *found = rc == KT_OK && *found;
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_holds(struct kt_db *db, struct kt_str scope, struct kt_str id, struct kt_hold **out,
                    size_t *count, struct kt_arena *a, struct kt_err *e)
{
    const enum kt_stmt_id which = id.n == 0 ? KT_S_HOLD_LIST_ALL : KT_S_HOLD_LIST_OF;
    struct kt_value v[HOLD];
    bool has_row = true;
    size_t room = 16;
    size_t n = 0;
    *out = KT_NEW_ARRAY(a, room, struct kt_hold);
    *count = 0;
    enum kt_rc rc = id.n == 0 ? kt_stmt_query(db, which, NULL, 0, e)
                              : kt_stmt_query(db, which, KT_ARGS(kt_text(scope), kt_text(id)), e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, which, "ittttiti", v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        if (scope.n > 0 && !kt_str_eq(scope, v[1].text))
            continue;
        if (n == room) {
            struct kt_hold *grown = KT_NEW_ARRAY(a, 2 * room, struct kt_hold);
            memcpy(grown, *out, n * sizeof *grown);
            *out = grown;
            room *= 2;
        }
        (*out)[n++] = (struct kt_hold){ .number = v[0].number,
                                        .scope = v[1].text,
                                        .id = v[2].text,
                                        .reason = v[3].text,
                                        .actor = v[4].text,
                                        .at_us = v[5].number,
                                        .released_by = v[6].text,
                                        .released_us = v[7].number };
    }
    *count = rc == KT_OK ? n : 0;
    return rc;
}
