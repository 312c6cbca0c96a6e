/* The border check: brings a record into its normal form or says what is wrong with which field.
 * Pure functions; called by the intake and by the order flow before anything is stored. */
#include "model/shape.h"

#include <stdlib.h>
#include <string.h>

/* The years 1 to 9999: what the texts of instants can say. KT_NEVER is no value of a record. */
#define INSTANT_FIRST (INT64_C(-62135596800) * KT_SECOND)
#define INSTANT_LAST  (INT64_C(253402300800) * KT_SECOND - 1)

struct check {
    const char *record; /* "variant sap-800|SKU-1" */
    struct kt_arena *arena;
    struct kt_err *e;
};

static enum kt_rc check_fields(const struct check *c, const struct kt_shape *shape, void *rec,
                               const char *path);

static enum kt_rc invalid(const struct check *c, const struct kt_field *f, const char *path,
                          const char *value)
{
    struct kt_param_in shown =
        (f->marks & KT_PERSONAL) ? KT_P_PERSON("value", value) : KT_P_TEXT("value", value);
    return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", c->record),
                   KT_P_TEXT("field", path), shown);
}

static enum kt_rc check_text(const struct check *c, const struct kt_field *f, struct kt_str *text,
                             const char *path)
{
    if (text->p == NULL)
        *text = KT_STR("");
    if (!kt_utf8_ok(*text))
        return invalid(c, f, path, "(not UTF-8)");
    if (f->max > 0 && kt_utf8_count(*text) > f->max)
        return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_FIELD_TOO_LONG,
                       KT_P_TEXT("record", c->record), KT_P_TEXT("field", path),
                       KT_P_NUM("limit", f->max));
    if ((f->marks & KT_REQUIRED) != 0 && text->n == 0)
        return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING,
                       KT_P_TEXT("record", c->record), KT_P_TEXT("field", path));
    return KT_OK;
}

static enum kt_rc check_decimal(const struct check *c, const struct kt_field *f, struct kt_dec *d,
                                const char *path)
{
    char text[KT_DEC_TEXT_MAX];
    kt_dec_text(*d, text);
    if (!kt_dec_rescale(d, *d, (uint8_t)f->max))
        return invalid(c, f, path, text);
    return KT_OK;
}

static enum kt_rc check_choice(const struct check *c, const struct kt_field *f, int choice,
                               const char *path)
{
    for (int i = 0; f->choices[i] != NULL; i++) {
        if (i == choice)
            return KT_OK;
    }
    return invalid(c, f, path, "(no such choice)");
}

static int compare_items(const struct kt_shape *items, const void *left, const void *right)
{
    for (const struct kt_field *f = items->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_KEY) == 0)
            continue;
        const struct kt_str *a = kt_field_at(left, f);
        const struct kt_str *b = kt_field_at(right, f);
        int order = kt_str_cmp(*a, *b);
        if (order != 0)
            return order;
    }
    return 0;
}

/* Insertion sort keeps equal items in their order; lists of a record are short. */
static void sort_items(const struct kt_shape *items, char *item, size_t count, void *spare)
{
    for (size_t i = 1; i < count; i++) {
        size_t to = i;
        while (to > 0 &&
               compare_items(items, item + (to - 1) * items->size, item + i * items->size) > 0)
            to--;
        if (to == i)
            continue;
        memcpy(spare, item + i * items->size, items->size);
        memmove(item + (to + 1) * items->size, item + to * items->size, (i - to) * items->size);
        memcpy(item + to * items->size, spare, items->size);
    }
}

static enum kt_rc check_list(const struct check *c, const struct kt_field *f, struct kt_list *list,
                             const char *path)
{
    const struct kt_shape *items = f->items;
    if (list->count == 0) {
        if ((f->marks & KT_REQUIRED) != 0)
            return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING,
                           KT_P_TEXT("record", c->record), KT_P_TEXT("field", path));
        return KT_OK;
    }
    char *copy = kt_alloc_array(c->arena, list->count + 1, items->size);
    memcpy(copy, list->item, list->count * items->size);
    list->item = copy;
    for (size_t i = 0; i < list->count; i++) {
        const char *place = kt_format(c->arena, "%s[%zu]", path, i + 1);
        enum kt_rc rc = check_fields(c, items, copy + i * items->size, place);
        if (rc != KT_OK)
            return rc;
    }
    if ((f->marks & KT_ORDERED) != 0)
        return KT_OK;
    sort_items(items, copy, list->count, copy + list->count * items->size);
    for (size_t i = 1; i < list->count; i++) {
        if (compare_items(items, copy + (i - 1) * items->size, copy + i * items->size) == 0)
            return invalid(c, f, path, "(the same key twice)");
    }
    return KT_OK;
}

static enum kt_rc check_field(const struct check *c, const struct kt_field *f, void *member,
                              const char *path)
{
    switch (f->type) {
    case KT_TYPE_TEXT:
        return check_text(c, f, member, path);
    case KT_TYPE_DECIMAL:
        return check_decimal(c, f, member, path);
    case KT_TYPE_CHOICE: {
        const int *choice = member;
        return check_choice(c, f, *choice, path);
    }
    case KT_TYPE_DAY: {
        const struct kt_day *day = member;
        return kt_day_ok(*day) ? KT_OK : invalid(c, f, path, "(not a day)");
    }
    case KT_TYPE_PART:
        return check_fields(c, f->items, member, path);
    case KT_TYPE_LIST:
        return check_list(c, f, member, path);
    case KT_TYPE_INSTANT: {
        const int64_t *at_us = member;
        return *at_us >= INSTANT_FIRST && *at_us <= INSTANT_LAST
                   ? KT_OK
                   : invalid(c, f, path, "(not a date)");
    }
    case KT_TYPE_INTEGER:
    case KT_TYPE_BOOL:
    case KT_TYPE_END:
        return KT_OK;
    }
    return KT_OK;
}

static enum kt_rc check_fields(const struct check *c, const struct kt_shape *shape, void *rec,
                               const char *path)
{
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        const char *place = path[0] == 0 ? f->name : kt_format(c->arena, "%s.%s", path, f->name);
        if (kt_field_present(rec, shape, f)) {
            enum kt_rc rc = check_field(c, f, kt_field_at_mut(rec, f), place);
            if (rc != KT_OK)
                return rc;
        } else if ((f->marks & KT_REQUIRED) != 0) {
            return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING,
                           KT_P_TEXT("record", c->record), KT_P_TEXT("field", place));
        }
    }
    return KT_OK;
}

/* The key is part of the name only where it is fit to be shown: it has not been checked yet. */
const char *kt_shape_label(const struct kt_shape *shape, const void *rec, struct kt_arena *a)
{
    enum { BYTES_PER_CHARACTER = 4 };
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_KEY) == 0)
            continue;
        const struct kt_str *part = kt_field_at(rec, f);
        if (part->n > (size_t)f->max * BYTES_PER_CHARACTER || !kt_utf8_ok(*part))
            return shape->name;
    }
    return kt_format(a, "%s %s", shape->name, kt_shape_key(shape, rec, a).p);
}

enum kt_rc kt_shape_check(const struct kt_shape *shape, void *rec, struct kt_arena *a,
                          struct kt_err *e)
{
    const struct check c = { kt_shape_label(shape, rec, a), a, e };
    return check_fields(&c, shape, rec, "");
}

enum kt_rc kt_shape_check_key(const struct kt_shape *shape, void *rec, struct kt_arena *a,
                              struct kt_err *e)
{
    const struct check c = { kt_shape_label(shape, rec, a), a, e };
    enum kt_rc rc = KT_OK;
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END && rc == KT_OK; f++) {
        if ((f->marks & KT_KEY) != 0)
            rc = check_field(&c, f, kt_field_at_mut(rec, f), f->name);
    }
    return rc;
}
