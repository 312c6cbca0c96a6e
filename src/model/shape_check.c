/* The border check: brings a record into its normal form or says what is wrong with which field.
 * Pure functions; called by the intake and by the order flow before anything is stored. */
#include "model/shape.h"

#include <stdlib.h>
#include <string.h>

/* A text grows at most so much in JSON; what stands around a value, roughly. */
enum { TEXT_GROWS = 6, AROUND = 64 };

/* The years 1 to 9999: what the texts of instants can say. KT_NEVER is no value of a record. */
#define INSTANT_FIRST (INT64_C(-62135596800) * KT_SECOND)
#define INSTANT_LAST  (INT64_C(253402300800) * KT_SECOND - 1)

struct check {
    const struct kt_shape *shape; /* of the whole record, */
    const void *record;           /* for its name in a sentence */
    struct kt_arena *arena;
    struct kt_err *e;
    size_t *size; /* that its JSON has at most, so far */
};

/* Where a check stands. Its text is made only when something is wrong. */
struct place {
    const struct place *outer; /* NULL: in the record itself */
    const struct kt_field *field;
    size_t item; /* of a list, from 1; 0: the field as a whole */
};

static enum kt_rc check_fields(const struct check *c, const struct kt_shape *shape, void *rec,
                               const struct place *outer);

/* "texts[2].name" */
static const char *path_of(const struct place *p, struct kt_arena *a)
{
    const char *outer = p->outer == NULL ? "" : path_of(p->outer, a);
    const char *point = p->outer == NULL ? "" : ".";
    if (p->item > 0)
        return kt_format(a, "%s%s%s[%zu]", outer, point, p->field->name, p->item);
    return kt_format(a, "%s%s%s", outer, point, p->field->name);
}

static const char *label_of(const struct check *c)
{
    return kt_shape_label(c->shape, c->record, c->arena);
}

static enum kt_rc invalid(const struct check *c, const struct place *at, const char *value)
{
    return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", label_of(c)),
                   KT_P_TEXT("field", path_of(at, c->arena)),
                   kt_shape_param(c->shape, "value", value));
}

static enum kt_rc missing(const struct check *c, const struct place *at)
{
    return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING, KT_P_TEXT("record", label_of(c)),
                   KT_P_TEXT("field", path_of(at, c->arena)));
}

static enum kt_rc check_text(const struct check *c, const struct place *at, struct kt_str *text)
{
    const struct kt_field *f = at->field;
    if (text->p == NULL)
        *text = KT_STR("");
    *c->size += text->n * TEXT_GROWS;
    if (!kt_utf8_ok(*text))
        return invalid(c, at, "(not UTF-8)");
    /* so many characters are at least as many bytes */
    if (f->max > 0 && text->n > f->max && kt_utf8_count(*text) > f->max)
        return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_FIELD_TOO_LONG,
                       KT_P_TEXT("record", label_of(c)), KT_P_TEXT("field", path_of(at, c->arena)),
                       KT_P_NUM("limit", f->max));
    if ((f->marks & KT_REQUIRED) != 0 && text->n == 0)
        return missing(c, at);
    return KT_OK;
}

static enum kt_rc check_decimal(const struct check *c, const struct place *at, struct kt_dec *d)
{
    char text[KT_DEC_TEXT_MAX];
    const struct kt_dec as_it_came = *d;
    if (kt_dec_rescale(d, *d, (uint8_t)at->field->max))
        return KT_OK;
    kt_dec_text(as_it_came, text);
    return invalid(c, at, text);
}

static enum kt_rc check_choice(const struct check *c, const struct place *at, int choice)
{
    for (int i = 0; at->field->choices[i] != NULL; i++) {
        if (i == choice)
            return KT_OK;
    }
    return invalid(c, at, "(no such choice)");
}

/* Keys of list items are texts, numbers or days. */
static int compare_member(const struct kt_field *f, const void *left, const void *right)
{
    if (f->type == KT_TYPE_INTEGER) {
        const int64_t *a = left;
        const int64_t *b = right;
        return (*a > *b) - (*a < *b);
    }
    if (f->type == KT_TYPE_DAY) {
        const struct kt_day *a = left;
        const struct kt_day *b = right;
        return kt_day_cmp(*a, *b);
    }
    KT_ASSERT(f->type == KT_TYPE_TEXT);
    const struct kt_str *a = left;
    const struct kt_str *b = right;
    return kt_str_cmp(*a, *b);
}

int kt_shape_compare(const struct kt_shape *items, const void *left, const void *right)
{
    for (const struct kt_field *f = items->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_KEY) == 0)
            continue;
        int order = compare_member(f, kt_field_at(left, f), kt_field_at(right, f));
        if (order != 0)
            return order;
    }
    return 0;
}

static bool is_sorted(const struct kt_shape *items, const char *item, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (kt_shape_compare(items, item + (i - 1) * items->size, item + i * items->size) > 0)
            return false;
    }
    return true;
}

/* left … middle … right, both sorted, into `to`; of equal items the left one first. */
static void merge(const struct kt_shape *items, const char *left, const char *middle,
                  const char *right, char *to)
{
    const size_t size = items->size;
    const char *a = left;
    const char *b = middle;
    for (; a < middle || b < right; to += size) {
        const bool is_left = b == right || (a < middle && kt_shape_compare(items, a, b) <= 0);
        memcpy(to, is_left ? a : b, size);
        a += is_left ? size : 0;
        b += is_left ? 0 : size;
    }
}

/* Runs of 1, 2, 4 … items. A list may hold thousands of serial numbers in any order. */
static char *sort_items(const struct kt_shape *items, char *item, size_t count, char *spare)
{
    for (size_t run = 1; run < count && !is_sorted(items, item, count); run *= 2) {
        for (size_t i = 0; i < count; i += 2 * run) {
            const size_t middle = i + run < count ? i + run : count;
            const size_t end = i + 2 * run < count ? i + 2 * run : count;
            merge(items, item + i * items->size, item + middle * items->size,
                  item + end * items->size, spare + i * items->size);
        }
        char *sorted = spare;
        spare = item;
        item = sorted;
    }
    return item;
}

static enum kt_rc check_list(const struct check *c, const struct place *at, struct kt_list *list)
{
    const struct kt_shape *items = at->field->items;
    if (list->count == 0)
        return (at->field->marks & KT_REQUIRED) != 0 ? missing(c, at) : KT_OK;
    const bool is_ordered = (at->field->marks & KT_ORDERED) != 0;
    char *copy = kt_alloc_array(c->arena, is_ordered ? list->count : list->count * 2, items->size);
    memcpy(copy, list->item, list->count * items->size);
    list->item = copy;
    for (size_t i = 0; i < list->count; i++) {
        const struct place place = { at->outer, at->field, i + 1 };
        enum kt_rc rc = check_fields(c, items, copy + i * items->size, &place);
        if (rc != KT_OK)
            return rc;
    }
    if (is_ordered)
        return KT_OK;
    copy = sort_items(items, copy, list->count, copy + list->count * items->size);
    list->item = copy;
    for (size_t i = 1; i < list->count; i++) {
        if (kt_shape_compare(items, copy + (i - 1) * items->size, copy + i * items->size) == 0)
            return invalid(c, at, "(the same key twice)");
    }
    return KT_OK;
}

static enum kt_rc check_field(const struct check *c, const struct place *at, void *member)
{
    switch (at->field->type) {
    case KT_TYPE_TEXT:
        return check_text(c, at, member);
    case KT_TYPE_DECIMAL:
        return check_decimal(c, at, member);
    case KT_TYPE_CHOICE: {
        const int *choice = member;
        return check_choice(c, at, *choice);
    }
    case KT_TYPE_DAY: {
        const struct kt_day *day = member;
        return kt_day_ok(*day) ? KT_OK : invalid(c, at, "(not a day)");
    }
    case KT_TYPE_PART:
        return check_fields(c, at->field->items, member, at);
    case KT_TYPE_LIST:
        return check_list(c, at, member);
    case KT_TYPE_INSTANT: {
        const int64_t *at_us = member;
        return *at_us >= INSTANT_FIRST && *at_us <= INSTANT_LAST ? KT_OK
                                                                 : invalid(c, at, "(not a date)");
    }
    case KT_TYPE_INTEGER:
    case KT_TYPE_BOOL:
    case KT_TYPE_END:
        return KT_OK;
    }
    return KT_OK;
}

static enum kt_rc check_fields(const struct check *c, const struct kt_shape *shape, void *rec,
                               const struct place *outer)
{
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        const struct place at = { outer, f, 0 };
        enum kt_rc rc = KT_OK;
        *c->size += AROUND;
        if (kt_field_present(rec, shape, f))
            rc = check_field(c, &at, kt_field_at_mut(rec, f));
        else if ((f->marks & KT_REQUIRED) != 0)
            rc = missing(c, &at);
        if (rc != KT_OK)
            return rc;
    }
    return KT_OK;
}

/* What is certain to fit is not written to be measured. */
static enum kt_rc check_size(const struct check *c, const void *rec)
{
    struct kt_buf text;
    if (*c->size <= KT_RECORD_MAX)
        return KT_OK;
    struct kt_arena *a = kt_arena_new();
    kt_buf_init(&text, a, KT_RECORD_MAX);
    kt_shape_write(&text, c->shape, rec);
    const bool fits = kt_buf_ok(&text);
    kt_arena_free(a);
    return fits ? KT_OK
                : kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_RECORD_TOO_LARGE,
                          KT_P_TEXT("record", label_of(c)), KT_P_NUM("limit", KT_RECORD_MAX));
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
    size_t size = 0;
    const struct check c = { shape, rec, a, e, &size };
    enum kt_rc rc = check_fields(&c, shape, rec, NULL);
    return rc == KT_OK ? check_size(&c, rec) : rc;
}

enum kt_rc kt_shape_check_key(const struct kt_shape *shape, void *rec, struct kt_arena *a,
                              struct kt_err *e)
{
    size_t size = 0;
    const struct check c = { shape, rec, a, e, &size };
    enum kt_rc rc = KT_OK;
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END && rc == KT_OK; f++) {
        const struct place at = { NULL, f, 0 };
        if ((f->marks & KT_KEY) != 0)
            rc = check_field(&c, &at, kt_field_at_mut(rec, f));
    }
    return rc;
}
