#ifndef KT_STORE_JOURNAL_H
#define KT_STORE_JOURNAL_H

#include "store/odbc.h"
#include "store/records.h"

/* Writing the journal; inside the store only, as the last step of a transaction. */
struct kt_journal_entry {
    enum kt_kind kind;
    struct kt_str key;
    int64_t rev;
    struct kt_str was; /* see struct kt_journal_row */
};

/* Takes the next numbers and writes the rows. */
enum kt_rc kt_journal_write(struct kt_db *db, const struct kt_journal_entry *entry, size_t count,
                            int64_t now_us, struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Draws `count` numbers from a head row; *first is the lowest of them. */
enum kt_rc kt_head_draw(struct kt_db *db, const char *name, int64_t count, int64_t *first,
                        struct kt_err *e) KT_MUST;

/* Multi-row statements come for 100, 10 and 1 rows: how many of `left` go into the next one, and
 * by how many the statement for a single row is passed over. */
static inline size_t kt_rows_of(size_t left, int *form)
{
    *form = left >= 100 ? 2 : left >= 10 ? 1 : 0;
    return left >= 100 ? 100 : left >= 10 ? 10 : 1;
}

#endif
