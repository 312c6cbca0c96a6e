#ifndef KT_MODEL_SHAPE_H
#define KT_MODEL_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/dec.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"

/* One description of each record. A shape is a const table of fields; columns, hash, JSON, Lua,
 * checks, diff and redaction are loops over it. Nothing else enumerates a record's fields.
 *
 * Every struct with a shape begins with `uint64_t present`: bit i says that field i of the table
 * has a value. Absent is not empty. Set members with KT_PUT, which sets the bit as well. */
enum kt_type {
    KT_TYPE_END = 0,
    KT_TYPE_TEXT,    /* struct kt_str */
    KT_TYPE_INTEGER, /* int64_t */
    KT_TYPE_DECIMAL, /* struct kt_dec; stored at the field's fixed scale (.max) */
    KT_TYPE_BOOL,    /* bool */
    KT_TYPE_INSTANT, /* int64_t, microseconds UTC */
    KT_TYPE_DAY,     /* struct kt_day */
    KT_TYPE_CHOICE,  /* int: index into .choices; stored as its name */
    KT_TYPE_PART,    /* a struct with a shape of its own, by value */
    KT_TYPE_LIST     /* struct kt_list of structs with the shape .items */
};

enum {
    KT_KEY = 1,       /* part of the key, in table order; scope first */
    KT_PERSONAL = 2,  /* masked in logs, reported by privacy tools */
    KT_VOLATILE = 4,  /* not part of the hash */
    KT_ORDERED = 8,   /* list whose order means something; others are sorted by key */
    KT_REQUIRED = 16, /* must be present and not empty */
    KT_HANGS_ON =
        32 /* text: names what the record hangs on; the journal keeps what it was before */
};

struct kt_list {
    const void *item; /* array of structs of the field's .items shape */
    size_t count;
};

struct kt_shape;

struct kt_field {
    const char *name; /* also the column, the JSON member and the Lua key */
    enum kt_type type;
    size_t offset;
    unsigned marks;
    unsigned max; /* text: longest length in characters; decimal: digits behind the point */
    const char *const *choices;   /* choice: names, ends with NULL */
    const struct kt_shape *items; /* part, list */
};

struct kt_shape {
    const char *name; /* also the table */
    size_t size;
    const struct kt_field *fields; /* ends with a {0} row; at most 64 */
};

/* Row makers; a row on a member of another C type does not compile. `s` is the struct's tag. */
#define KT_CHECKED(s, m, t) _Generic(&((struct s *)0)->m, t * : offsetof(struct s, m))
#define KT_TEXT(s, m, limit, mk)                                                     \
    {                                                                                \
        .name = #m, .type = KT_TYPE_TEXT, .offset = KT_CHECKED(s, m, struct kt_str), \
        .max = (limit), .marks = (mk)                                                \
    }
#define KT_INTEGER(s, m, mk)                                                                    \
    {                                                                                           \
        .name = #m, .type = KT_TYPE_INTEGER, .offset = KT_CHECKED(s, m, int64_t), .marks = (mk) \
    }
#define KT_DECIMAL(s, m, digits, mk)                                                    \
    {                                                                                   \
        .name = #m, .type = KT_TYPE_DECIMAL, .offset = KT_CHECKED(s, m, struct kt_dec), \
        .max = (digits), .marks = (mk)                                                  \
    }
#define KT_BOOL(s, m, mk)                                                                 \
    {                                                                                     \
        .name = #m, .type = KT_TYPE_BOOL, .offset = KT_CHECKED(s, m, bool), .marks = (mk) \
    }
#define KT_INSTANT(s, m, mk)                                                                    \
    {                                                                                           \
        .name = #m, .type = KT_TYPE_INSTANT, .offset = KT_CHECKED(s, m, int64_t), .marks = (mk) \
    }
#define KT_DAY(s, m, mk)                                                                          \
    {                                                                                             \
        .name = #m, .type = KT_TYPE_DAY, .offset = KT_CHECKED(s, m, struct kt_day), .marks = (mk) \
    }
#define KT_CHOICE(s, m, names, mk)                                                               \
    {                                                                                            \
        .name = #m, .type = KT_TYPE_CHOICE, .offset = KT_CHECKED(s, m, int), .choices = (names), \
        .marks = (mk)                                                                            \
    }
#define KT_PART(s, m, t, shape, mk)                                                                \
    {                                                                                              \
        .name = #m, .type = KT_TYPE_PART, .offset = KT_CHECKED(s, m, struct t), .items = &(shape), \
        .marks = (mk)                                                                              \
    }
#define KT_LIST(s, m, shape, mk)                                                      \
    {                                                                                 \
        .name = #m, .type = KT_TYPE_LIST, .offset = KT_CHECKED(s, m, struct kt_list), \
        .items = &(shape), .marks = (mk)                                              \
    }

/* KT_PUT(stock, kt_stock_shape, on_hand, dec): sets the member and its presence. */
#define KT_PUT(rec, shape, member, ...) \
    ((rec)->member = (__VA_ARGS__),     \
     kt_mark((rec), &(shape), (size_t)((const char *)&(rec)->member - (const char *)(rec))))
/* KT_HAS(stock, kt_stock_shape, on_hand) */
#define KT_HAS(rec, shape, member) \
    kt_is_marked((rec), &(shape), (size_t)((const char *)&(rec)->member - (const char *)(rec)))

void kt_mark(void *rec, const struct kt_shape *shape, size_t offset);
bool kt_is_marked(const void *rec, const struct kt_shape *shape, size_t offset);
bool kt_field_present(const void *rec, const struct kt_shape *shape, const struct kt_field *f);
void kt_field_mark(void *rec, const struct kt_shape *shape, const struct kt_field *f);
const struct kt_field *kt_field_find(const struct kt_shape *shape, const char *name);
const void *kt_field_at(const void *rec, const struct kt_field *f); /* address of the member */
void *kt_field_at_mut(void *rec, const struct kt_field *f);

/* Has a field of it, or of its parts and lists, the mark KT_PERSONAL? */
bool kt_shape_is_personal(const struct kt_shape *shape);
/* What a record of this shape said, for a sentence. Of a personal one it is personal whatever the
 * field: a table whose columns moved by one has addresses anywhere. */
struct kt_param_in kt_shape_param(const struct kt_shape *shape, const char *name,
                                  const char *value);

/* The key as text: key fields joined with '|', each with '%', '|' and control characters written
 * as %XX. It leads with the scope, is the primary key of the record's table and what people see. */
struct kt_str kt_shape_key(const struct kt_shape *shape, const void *rec, struct kt_arena *a);
/* The other way, for keys from the command line: fills the key fields. False: not that form. */
bool kt_shape_key_read(const struct kt_shape *shape, void *rec, struct kt_str key,
                       struct kt_arena *a) KT_MUST;

/* Border check and normal form: required fields, lengths, well-formed UTF-8, choices, decimals
 * brought to the field's scale, lists sorted by key unless marked ordered; not larger than
 * KT_RECORD_MAX as JSON. Changes *rec in place (sorted copies come from `a`).
 * Errors KT_REJECT/KT_RECORD: FIELD_MISSING, FIELD_TOO_LONG, FIELD_INVALID with {record} {field};
 * RECORD_TOO_LARGE. */
enum { KT_RECORD_MAX = 8 * 1024 * 1024 };
enum kt_rc kt_shape_check(const struct kt_shape *shape, void *rec, struct kt_arena *a,
                          struct kt_err *e) KT_MUST;

/* The same for the key fields alone: all that a deletion carries. */
enum kt_rc kt_shape_check_key(const struct kt_shape *shape, void *rec, struct kt_arena *a,
                              struct kt_err *e) KT_MUST;
/* Order of two items of a list in its normal form: by their keys. */
int kt_shape_compare(const struct kt_shape *items, const void *left, const void *right);
/* What people call a record that is not checked yet: "variant sap-800|SKU-1", or only "variant"
 * where its key is too long or no text. */
const char *kt_shape_label(const struct kt_shape *shape, const void *rec, struct kt_arena *a);

/* SHA-256 over name and normal value of the fields that are present and not volatile; `out` holds
 * KT_HASH_TEXT_MAX bytes (hex). Expects a checked record. */
void kt_shape_hash(const struct kt_shape *shape, const void *rec, struct kt_arena *scratch,
                   char *out);

/* Canonical JSON of the present fields, and back. Decimals are texts, so that they stay exact;
 * instants RFC 3339; days yyyy-mm-dd. */
void kt_shape_write(struct kt_buf *out, const struct kt_shape *shape, const void *rec);
void kt_shape_write_list(struct kt_buf *out, const struct kt_shape *items, struct kt_list list);
enum kt_rc kt_shape_read(const struct kt_shape *shape, void *rec, const struct kt_json *j,
                         struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc kt_shape_read_list(const struct kt_shape *items, struct kt_list *list,
                              const struct kt_json *j, struct kt_arena *a,
                              struct kt_err *e) KT_MUST;

#endif
