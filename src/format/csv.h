#ifndef KT_FORMAT_CSV_H
#define KT_FORMAT_CSV_H

#include "base/arena.h"
#include "base/err.h"

/* A strict reader of CSV (RFC 4180), row by row from a source of bytes; rows end with CR LF or LF.
 * Every complaint names its line. What concerns one row leaves the next one readable; what leaves
 * it open where the next one begins ends the file. */
enum kt_csv_separator {
    KT_CSV_AUTO = 0, /* the one of the others that the first line has most of */
    KT_CSV_SEMICOLON,
    KT_CSV_COMMA,
    KT_CSV_TAB,
    KT_CSV_PIPE
};
enum kt_csv_quote { KT_CSV_DOUBLE = 0, KT_CSV_SINGLE, KT_CSV_UNQUOTED };
/* A byte order mark of UTF-8 wins over the setting. */
enum kt_csv_encoding {
    KT_CSV_UTF_8 = 0,
    KT_CSV_WINDOWS_1252,
    KT_CSV_ISO_8859_1,
    KT_CSV_ISO_8859_15
};
extern const char *const kt_csv_separators[]; /* names of settings; each ends with NULL */
extern const char *const kt_csv_quotes[];
extern const char *const kt_csv_encodings[];

enum { KT_CSV_COLUMNS_MAX = 1000, KT_CSV_FIELD_MAX = 1 << 20, KT_CSV_ROW_MAX = 1 << 24 };

struct kt_csv_form {
    int separator; /* enum kt_csv_separator */
    int quote;     /* enum kt_csv_quote */
    int encoding;  /* enum kt_csv_encoding */
};

/* The next bytes, at most `size`; *got 0: there are no more. */
typedef enum kt_rc (*kt_csv_source)(void *from, char *room, size_t size, size_t *got,
                                    struct kt_err *e);

struct kt_csv_row {
    const struct kt_str *field; /* UTF-8 with NUL behind, in the caller's arena */
    size_t fields;
    uint64_t line;     /* where it begins; the file's first line is 1 */
    bool is_last;      /* nothing was left: the row is empty */
    struct kt_err why; /* of a row that cannot be read; v.code KT_E_NONE: it was */
};

struct kt_csv; /* its buffers live in its arena */

struct kt_csv *kt_csv_open(const struct kt_csv_form *form, kt_csv_source source, void *from,
                           struct kt_arena *a);
/* Empty lines are skipped. The first row says how many fields each one has.
 * Errors
 *   KT_REJECT CSV_QUOTE_OPEN, CSV_FIELD_LONG, CSV_UTF16, CSV_SEPARATOR {line}  nothing more can be
 *   read; and those of the source */
enum kt_rc kt_csv_next(struct kt_csv *csv, struct kt_csv_row *row, struct kt_arena *a,
                       struct kt_err *e) KT_MUST;
char kt_csv_separator(const struct kt_csv *csv); /* the one in use, once the first row was read */

#endif
