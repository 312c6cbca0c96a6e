/* The journal: dense numbers from a head row, so that a reader can tell that it missed nothing. The
 * head row is locked as the last step, so numbers become visible in their order. Written by the
 * committer's thread, read by the fan-out. */
#include "store/journal.h"

enum { PART = 0, ROW = 7, ROWS_MOST = 100 };

enum kt_rc kt_head_draw(struct kt_db *db, const char *name, int64_t count, int64_t *first,
                        struct kt_err *e)
{
    struct kt_value v;
    bool found = false;
    int64_t rows = 0;
    enum kt_rc rc =
        kt_stmt_write(db, KT_S_HEAD_ADD, KT_ARGS(kt_int(count), kt_name(name)), &rows, e);
    if (rc == KT_OK)
        rc = kt_stmt_one(db, KT_S_HEAD_GET, KT_ARGS(kt_name(name)), "i", &v, &found, db->arena, e);
    if (rc != KT_OK)
        return rc;
    if (rows != 1 || !found)
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_STORE_REFUSED,
                       KT_P_TEXT("statement", "HEAD_ADD"), KT_P_TEXT("detail", "no head row"));
    *first = v.number - count + 1;
    return KT_OK;
}

enum kt_rc kt_journal_write(struct kt_db *db, const struct kt_journal_entry *entry, size_t count,
                            int64_t now_us, struct kt_arena *a, struct kt_err *e)
{
    int64_t seq = 0;
    if (count == 0)
        return KT_OK;
    struct kt_value *v = KT_NEW_ARRAY(a, (size_t)ROWS_MOST * ROW, struct kt_value);
    enum kt_rc rc = kt_head_draw(db, "journal 0", (int64_t)count, &seq, e);
    for (size_t at = 0; at < count && rc == KT_OK;) {
        int form;
        size_t rows = kt_rows_of(count - at, &form);
        for (size_t i = 0; i < rows; i++, at++, seq++) {
            struct kt_value *to = v + i * ROW;
            to[0] = kt_int(PART);
            to[1] = kt_int(seq);
            to[2] = kt_name(kt_kind_name(entry[at].kind));
            to[3] = kt_text(entry[at].key);
            to[4] = kt_int(entry[at].rev);
            to[5] = kt_int(now_us);
            to[6] = kt_text(entry[at].was);
        }
        rc =
            kt_stmt_write(db, (enum kt_stmt_id)(KT_S_JOURNAL_PUT_1 + form), v, rows * ROW, NULL, e);
    }
    return rc;
}

static enum kt_rc damaged(const char *what, int64_t seq, struct kt_err *e)
{
    (void)kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_INTERNAL, KT_P_TEXT("detail", what));
    return kt_trail(e, "journal, behind number %lld", (long long)seq);
}

enum kt_rc kt_journal_read(struct kt_db *db, int part, int64_t after, size_t max,
                           struct kt_journal_row **row, size_t *count, struct kt_arena *a,
                           struct kt_err *e)
{
    struct kt_value v[5];
    bool has_row = false;
    struct kt_journal_row *out = KT_NEW_ARRAY(a, max + 1, struct kt_journal_row);
    size_t n = 0;
    *row = out;
    *count = 0;
    enum kt_rc rc = kt_stmt_query(db, KT_S_JOURNAL_READ,
                                  KT_ARGS(kt_int(part), kt_int(after), kt_int((int64_t)max)), e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_JOURNAL_READ, "ittit", v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        struct kt_journal_row *r = &out[n];
        *r = (struct kt_journal_row){
            .seq = v[0].number, .key = v[2].text, .rev = v[3].number, .was = v[4].text
        };
        if (r->seq != after + 1 + (int64_t)n)
            rc = damaged("the journal has a gap", after + (int64_t)n, e);
        else if (!kt_kind_find(&r->kind, v[1].text.p))
            rc = damaged("the journal names an unknown kind", r->seq, e);
        else
            n++;
    }
    if (db->stmt[KT_S_JOURNAL_READ] != NULL)
        kt_sql_close(db->stmt[KT_S_JOURNAL_READ]);
    *count = rc == KT_OK ? n : 0;
    return rc;
}

enum kt_rc kt_journal_head(struct kt_db *db, int part, int64_t *seq, struct kt_err *e)
{
    struct kt_value v;
    bool found;
    struct kt_arena *a = kt_arena_new();
    *seq = 0;
    const char *name = kt_format(a, "journal %d", part);
    enum kt_rc rc = kt_stmt_one(db, KT_S_HEAD_GET, KT_ARGS(kt_name(name)), "i", &v, &found, a, e);
    if (rc == KT_OK && found)
        *seq = v.number;
    kt_arena_free(a);
    return rc;
}
