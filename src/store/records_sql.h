#ifndef KT_STORE_RECORDS_SQL_H
#define KT_STORE_RECORDS_SQL_H

#include "store/odbc.h"

/* Record statements built from shapes, and the way between a struct and a row. Inside the store
 * only. Columns of a record's table: row_key, rec_hash, rec_rev, rec_as_of, rec_batch, rec_deleted,
 * rec_sources, then one per field. */
enum { KT_REC_COLUMNS = 7 };

/* rec_deleted */
enum {
    KT_ROW_LIVES = 0,
    KT_ROW_DELETED,
    KT_ROW_AWAITS /* said to be there, but a required field that another source leads is missing */
};

/* Of the KNOWN look-ups: row_key, rec_hash, rec_rev, rec_as_of, rec_deleted, whether there is
 * rec_sources, and what it hangs on (empty where the shape has no such field). */
#define KT_KNOWN_TYPES "ttiiiit"
enum { KT_KNOWN_COLUMNS = 7 };

size_t kt_shape_width(const struct kt_shape *shape);                /* number of fields */
bool kt_type_is_text(enum kt_type type);                            /* stored in a text column */
const struct kt_field *kt_shape_hang(const struct kt_shape *shape); /* KT_HANGS_ON, or NULL */

/* What this database is asked, in `a`. */
const char *kt_record_text(const struct kt_dialect *dialect, enum kt_kind kind,
                           enum kt_record_sql what, const struct kt_field *field, const char **name,
                           struct kt_arena *a);
/* Prepared on first use; field only with KT_R_WHERE_1, _10, _100 and
 * KT_R_KEYS_OF. */
enum kt_rc kt_record_stmt(struct kt_sql **out, struct kt_db *db, enum kt_kind kind,
                          enum kt_record_sql what, const struct kt_field *field,
                          struct kt_err *e) KT_MUST;

/* The fields of a checked record as kt_shape_width() values. */
void kt_record_values(const struct kt_shape *shape, const void *rec, struct kt_value *out,
                      struct kt_arena *a);
/* Types of row_key, rec_hash, rec_rev, rec_as_of, rec_deleted, rec_sources and the fields, for
 * kt_sql_fetch. */
const char *kt_record_types(const struct kt_shape *shape, struct kt_arena *a);
/* The fields of a row as a struct; a row that cannot be read is KT_REJECT STORE_REFUSED. */
enum kt_rc kt_record_read(const struct kt_shape *shape, const struct kt_value *value, void *rec,
                          struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
