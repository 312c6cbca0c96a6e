#ifndef KT_APP_TABLE_H
#define KT_APP_TABLE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* A table for a terminal: columns aligned by what characters take there, two blanks between. */
struct kt_table {
    struct kt_arena *arena;
    const char *const *title; /* ">COUNT" is aligned to the right */
    size_t columns;
    struct kt_str *cell; /* row by row */
    size_t count;
    size_t room;
};

void kt_table_init(struct kt_table *t, struct kt_arena *a, const char *const *title,
                   size_t columns);
/* Fill cell after cell, left to right; a row is full after `columns` of them. Text is copied. */
void kt_table_text(struct kt_table *t, const char *text);
void kt_table_str(struct kt_table *t, struct kt_str s);
void kt_table_number(struct kt_table *t, int64_t number);
void kt_table_instant(struct kt_table *t, int64_t at_us);
void kt_table_age(struct kt_table *t, int64_t age_us);

void kt_table_print(const struct kt_table *t, struct kt_buf *out);

#endif
