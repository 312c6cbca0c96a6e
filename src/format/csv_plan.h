#ifndef KT_FORMAT_CSV_PLAN_H
#define KT_FORMAT_CSV_PLAN_H

#include "format/csv_fields.h"

/* Shared by csv_plan.c and csv_records.c only: a header and the rules, made into what is to be done
 * with each row. */
enum { KT_CSV_FIELDS = 64 }; /* of a shape, at most */

/* A piece of a value: a column's text, or a text of its own. */
struct kt_csv_piece {
    bool is_column;
    size_t column;
    struct kt_str text;
};

/* What fills one member. */
struct kt_csv_target {
    const char *name; /* of the column, or of the rule's field */
    size_t column;
    const struct kt_csv_piece *piece; /* not NULL: of a value, where the column says nothing */
    size_t pieces;
    struct kt_csv_place place;
    size_t slot; /* of a list's keyed item */
};

/* One record of a row. */
struct kt_csv_side {
    enum kt_kind kind;
    struct kt_csv_target *target; /* columns, then values */
    size_t targets;
    size_t slots[KT_CSV_FIELDS]; /* keyed items of each list */
};

struct kt_csv_plan {
    const struct kt_csv_rules *rules;
    struct kt_csv_side alone;   /* not an article, or one that names its product */
    struct kt_csv_side product; /* of a flat article */
    struct kt_csv_side variant; /* of it */
    bool has_deleted;
    size_t deleted; /* column */
    const char *deleted_name;
    struct kt_conf_texts unknown;
};

#endif
