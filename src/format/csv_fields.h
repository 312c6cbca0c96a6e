#ifndef KT_FORMAT_CSV_FIELDS_H
#define KT_FORMAT_CSV_FIELDS_H

#include "format/csv_records.h"

/* Shared by csv_records.c and csv_plan.c only: which member of a record a cell fills, and the text
 * of a cell as its value. */
struct kt_csv_place {
    const struct kt_field *field; /* of the record's shape */
    const struct kt_field *inner; /* of a part, or of a list's items; NULL: the field itself */
    const struct kt_field *key;   /* of a list's items: the member that tells them apart */
    struct kt_str item;           /* its value; absent: a|b, each an item of its own */
};

/* False: there is no such field, or a cell cannot hold it. */
bool kt_csv_place_find(struct kt_csv_place *out, const struct kt_shape *shape, struct kt_str path,
                       struct kt_arena *a) KT_MUST;

/* What a cell that cannot be read is told with. */
struct kt_csv_cell {
    uint64_t line;
    const char *column; /* its name in the file */
    struct kt_str text; /* trimmed, not empty, NUL behind */
    bool is_personal;   /* of a record that has anything personal */
};

/* One of the words for yes and no. Errors KT_REJECT CSV_WORD. */
enum kt_rc kt_csv_yes_no(bool *out, const struct kt_csv_cell *cell,
                         const struct kt_csv_rules *rules, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;
/* Sets a plain member. Errors KT_REJECT CSV_NUMBER, CSV_DATE, CSV_WORD. */
enum kt_rc kt_csv_put(void *rec, const struct kt_shape *shape, const struct kt_field *f,
                      const struct kt_csv_cell *cell, const struct kt_csv_rules *rules,
                      struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
