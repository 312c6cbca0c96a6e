/* gSOAP's structs of push.wsdl into records: one walk over a shape and its table of places. Every
 * value is a text, so that what cannot be read refuses its own record alone. Pure functions; a
 * worker of the door calls them for each record. */
#include <stdlib.h>
#include <string.h>

#include "door/push_inner.h"

/* What is wrong with a record, first of all things. The sentence is made when its keys are read. */
struct wrong {
    const struct kt_field *field; /* NULL: nothing */
    const char *path;
    const char *value;
};

struct reader {
    struct kt_arena *arena;
    struct wrong wrong;
};

/* Where the walk stands; its text is made only when something is wrong. */
struct place {
    const struct place *outer;
    const struct kt_field *field;
    size_t item; /* of a list, from 1; 0: the field as a whole */
};

static void fill(struct reader *r, void *rec, const struct kt_push_form *form, const void *from,
                 const struct place *outer, bool only_keys);

/* gSOAP's lists: `int __size…; T *…;`, whatever T is. */
struct list {
    int count;
    char *item;
};
_Static_assert(sizeof(struct list) == sizeof(struct push__Texts) &&
                   offsetof(struct list, item) == offsetof(struct push__Texts, item),
               "lists look alike");

static const char *path_of(const struct place *p, struct kt_arena *a)
{
    const char *outer = p->outer == NULL ? "" : path_of(p->outer, a);
    const char *point = p->outer == NULL ? "" : ".";
    if (p->item > 0)
        return kt_format(a, "%s%s%s[%zu]", outer, point, p->field->name, p->item);
    return kt_format(a, "%s%s%s", outer, point, p->field->name);
}

static void note_wrong(struct reader *r, const struct place *at, const char *value)
{
    if (r->wrong.field != NULL)
        return;
    r->wrong = (struct wrong){ at->field, path_of(at, r->arena), value };
}

/* Ids, codes and names of places are at most so long; longer fields are texts for people. */
enum { NUMBER_MAX = 120 };

/* --- plain values --- */

static bool read_bool(bool *out, struct kt_str text)
{
    *out = kt_str_is(text, "true") || kt_str_is(text, "1");
    return *out || kt_str_is(text, "false") || kt_str_is(text, "0");
}

static bool read_integer(int64_t *out, struct kt_str text)
{
    struct kt_dec d;
    if (!kt_dec_parse(&d, text) || !kt_dec_rescale(&d, d, 0))
        return false;
    *out = d.units;
    return true;
}

static bool read_choice(int *out, const char *const *names, struct kt_str text)
{
    for (int i = 0; names[i] != NULL; i++) {
        if (kt_str_is(text, names[i])) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* SAP writes an empty day as zeros. */
static bool read_day(struct kt_day *out, struct kt_str text, bool *is_absent)
{
    *is_absent = kt_str_is(text, "0000-00-00");
    return *is_absent || kt_day_parse(out, text);
}

bool kt_push_read_value(const struct kt_field *f, void *member, const char *text, bool *is_absent,
                        struct kt_arena *a)
{
    struct kt_str value = kt_str_of(text);
    if (f->type == KT_TYPE_TEXT) {
        *is_absent = false;
        /* senders that write one element a line: no number has blanks around it, a text may */
        *(struct kt_str *)member =
            kt_str_copy(a, f->max <= NUMBER_MAX ? kt_str_trim(value) : value);
        return true;
    }
    value = kt_str_trim(value);
    *is_absent = value.n == 0;
    if (*is_absent)
        return true;
    switch (f->type) {
    case KT_TYPE_INTEGER:
        return read_integer(member, value);
    case KT_TYPE_DECIMAL:
        return kt_dec_parse(member, value);
    case KT_TYPE_BOOL:
        return read_bool(member, value);
    case KT_TYPE_INSTANT:
        return kt_time_parse(member, value, false);
    case KT_TYPE_DAY:
        return read_day(member, value, is_absent);
    case KT_TYPE_CHOICE:
        return read_choice(member, f->choices, value);
    case KT_TYPE_TEXT:
    case KT_TYPE_PART:
    case KT_TYPE_LIST:
    case KT_TYPE_END:
        break;
    }
    return false;
}

/* --- the walk --- */

static struct kt_list read_list(struct reader *r, const struct kt_push_form *form,
                                const struct list *from, const struct place *at)
{
    const struct kt_shape *shape = form->shape;
    size_t count = from->count > 0 ? (size_t)from->count : 0;
    char *item = kt_alloc_array(r->arena, count == 0 ? 1 : count, shape->size);
    for (size_t i = 0; i < count; i++) {
        const struct place place = { at->outer, at->field, i + 1 };
        fill(r, item + i * shape->size, form, from->item + i * form->size, &place, false);
    }
    return (struct kt_list){ item, count };
}

/* `slot`: the pointer that gSOAP set, of whatever type. True: the field has a value. */
static bool read_field(struct reader *r, const struct place *at, void *member,
                       const struct kt_push_form *form, const void *slot)
{
    bool is_absent = false;
    if (form == NULL) {
        if (!kt_push_read_value(at->field, member, slot, &is_absent, r->arena)) {
            note_wrong(r, at, slot);
            return false;
        }
        return !is_absent;
    }
    if (at->field->type == KT_TYPE_PART) {
        fill(r, member, form, slot, at, false);
    } else {
        struct list list;
        memcpy(&list, slot, sizeof list);
        *(struct kt_list *)member = read_list(r, form, &list, at);
    }
    return true;
}

static void fill(struct reader *r, void *rec, const struct kt_push_form *form, const void *from,
                 const struct place *outer, bool only_keys)
{
    const struct kt_shape *shape = form->shape;
    for (size_t i = 0; shape->fields[i].type != KT_TYPE_END; i++) {
        const struct kt_field *f = &shape->fields[i];
        const struct place at = { outer, f, 0 };
        const void *slot = NULL;
        KT_ASSERT(i < form->rows); /* the table keeps step with the shape */
        if (form->row[i].at == KT_PUSH_NOWHERE || (only_keys && (f->marks & KT_KEY) == 0))
            continue;
        memcpy(&slot, (const char *)from + form->row[i].at, sizeof slot);
        if (slot != NULL && read_field(r, &at, kt_field_at_mut(rec, f), form->row[i].form, slot))
            kt_field_mark(rec, shape, f);
    }
}

static const struct kt_verdict *verdict_of(const struct reader *r, const struct kt_shape *shape,
                                           const void *rec)
{
    const struct wrong *w = &r->wrong;
    struct kt_verdict *v = KT_NEW(r->arena, struct kt_verdict);
    kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID,
             KT_P_TEXT("record", kt_shape_label(shape, rec, r->arena)), KT_P_TEXT("field", w->path),
             kt_shape_param(shape, "value", w->value));
    return v;
}

const struct kt_verdict *kt_push_fill(void *rec, const struct kt_push_form *form, const void *from,
                                      struct kt_str scope, bool only_keys, struct kt_arena *a)
{
    struct reader r = { .arena = a };
    const struct kt_field *first = &form->shape->fields[0]; /* scope, in every record */
    *(struct kt_str *)kt_field_at_mut(rec, first) = scope;
    kt_field_mark(rec, form->shape, first);
    fill(&r, rec, form, from, NULL, only_keys);
    return r.wrong.field == NULL ? NULL : verdict_of(&r, form->shape, rec);
}
