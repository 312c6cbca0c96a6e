#ifndef KT_FORMAT_CSV_RECORDS_H
#define KT_FORMAT_CSV_RECORDS_H

#include "base/conf.h"
#include "format/csv.h"
#include "model/record.h"

/* Rows of a table into records. A column is named after the field it fills, or a rule says which
 * one it fills:
 *     sku                     a field
 *     manufacturer.city       a field of a part
 *     texts.de.name           a field of the list's item with that key
 *     attributes.COLOUR       its value
 *     gtins, categories …     a list of ids, written a|b
 *     deleted                 whether the record is gone; then only its key counts
 * An empty cell says nothing about its field; a row of empty cells alone is no record. An article
 * is a product and its variant in one row, as flat ERPs keep them: fields that both have are the
 * product's, but for lifecycle and days of sale, which are both's. One that names its `product` is
 * a variant alone: what its row says about a product is left out. */
enum kt_csv_kind {
    KT_CSV_ARTICLE = 0,
    KT_CSV_PRODUCT,
    KT_CSV_VARIANT,
    KT_CSV_PRICE,
    KT_CSV_STOCK,
    KT_CSV_CATEGORY,
    KT_CSV_CUSTOMER,
    KT_CSV_CERTIFICATE
};
enum kt_csv_decimals { KT_CSV_POINT = 0, KT_CSV_DECIMAL_COMMA };
extern const char *const kt_csv_kinds[]; /* names of settings; each ends with NULL */
extern const char *const kt_csv_decimals[];

/* A line of the settings `columns` (a column of the file, the field it fills; "" leaves it out) or
 * `values` (a field, what it holds: "{Artikel}" in it stands for that column's text). */
struct kt_csv_pair {
    const char *name;
    const char *value;
};

struct kt_csv_rules {
    int kind;                   /* enum kt_csv_kind */
    int decimals;               /* enum kt_csv_decimals */
    struct kt_conf_texts dates; /* "yyyy-mm-dd", "dd.mm.yyyy", "mm/dd/yyyy", "yyyymmdd" … */
    struct kt_conf_texts yes;   /* words, in any case */
    struct kt_conf_texts no;
    int refuses_unknown; /* 1: columns that name no field refuse the file */
    const struct kt_csv_pair *column;
    size_t columns;
    const struct kt_csv_pair *value;
    size_t values;
};

/* Whether such a date can be read: y, m and d, each once, in any order, with or without marks. */
bool kt_csv_date_ok(const char *form) KT_MUST;
enum kt_kind kt_csv_kind_of(int kind); /* of an article: the variant's */
/* Whether records of this kind have such a field and a cell can hold it. */
bool kt_csv_field_ok(int kind, const char *field) KT_MUST;

struct kt_csv_plan; /* rules applied to a header */

/* rules outlive it.
 * Errors KT_REJECT
 *   CSV_COLUMN_TWICE {column}     two columns of one name, or for one field
 *   CSV_COLUMN_ABSENT {column}    a rule names a column that the file does not have
 *   CSV_KEY_ABSENT {field}        nothing fills a field that every record needs
 *   CSV_COLUMN_UNKNOWN {column}   with refuses_unknown */
enum kt_rc kt_csv_plan_make(struct kt_csv_plan **out, const struct kt_csv_rules *rules,
                            const struct kt_csv_row *header, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;
/* Names of columns that fill nothing. */
struct kt_conf_texts kt_csv_plan_unknown(const struct kt_csv_plan *plan);

/* Adds what a row says: one change, of an article two. What cannot be read is a change with a
 * fault, which names line and column. */
void kt_csv_plan_row(const struct kt_csv_plan *plan, const struct kt_csv_row *row, int64_t as_of_us,
                     struct kt_changes *out);

#endif
