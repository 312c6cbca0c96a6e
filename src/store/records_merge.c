/* Puts a record together that several sources lead: each replaces its own fields, and what counts
 * as old is decided per source. Called by records_put.c inside the transaction. */
#include "store/records_merge.h"

#include <string.h>

#include "store/records_sql.h"

/* The name of what was said before several sources led the record: counts for each of them. */
#define BEFORE ""

struct kt_said {
    struct kt_str source;
    int64_t as_of_us;
};

static struct kt_said *find(const struct kt_merge *m, struct kt_str source)
{
    for (size_t i = 0; i < m->sources; i++) {
        if (kt_str_eq(m->said[i].source, source))
            return &m->said[i];
    }
    return NULL;
}

static void say(struct kt_merge *m, struct kt_str source, int64_t as_of_us)
{
    struct kt_said *s = find(m, source);
    if (s == NULL) {
        struct kt_said *grown = KT_NEW_ARRAY(m->arena, m->sources + 1, struct kt_said);
        size_t at = 0; /* in the order of the names, so that the text is canonical */
        while (at < m->sources && kt_str_cmp(m->said[at].source, source) < 0)
            at++;
        for (size_t i = 0; i < m->sources; i++)
            grown[i < at ? i : i + 1] = m->said[i];
        s = &grown[at];
        s->source = source;
        m->said = grown;
        m->sources++;
    }
    s->as_of_us = as_of_us;
}

static enum kt_rc read_sources(struct kt_merge *m, struct kt_str text, struct kt_err *e)
{
    const struct kt_json *j;
    struct kt_err unreadable = { 0 };
    if (text.p == NULL)
        return KT_OK;
    bool ok = kt_json_parse(&j, text, m->arena, &unreadable) == KT_OK &&
              kt_json_type(j) == KT_JSON_OBJECT;
    for (size_t i = 0; ok && i < kt_json_count(j); i++) {
        const struct kt_json *value = NULL;
        const char *name = kt_json_name_at(j, i, &value);
        int64_t as_of_us = 0;
        ok = kt_json_int(value, &as_of_us);
        say(m, kt_str_of(name), as_of_us);
    }
    if (ok)
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_STORE_REFUSED,
                   KT_P_TEXT("statement", m->shape->name),
                   KT_P_TEXT("detail", "column rec_sources cannot be read"));
}

enum kt_rc kt_merge_begin(struct kt_merge *m, enum kt_kind kind, const struct kt_stored *stored,
                          struct kt_arena *a, struct kt_err *e)
{
    *m = (struct kt_merge){ .shape = kt_kind_shape[kind],
                            .record = stored->record,
                            .is_known = stored->record != NULL,
                            .is_there = stored->record != NULL &&
                                        (!stored->is_deleted || stored->is_awaited),
                            .as_of_us = stored->as_of_us,
                            .arena = a };
    return read_sources(m, stored->sources, e);
}

static size_t member_size(const struct kt_field *f)
{
    switch (f->type) {
    case KT_TYPE_TEXT:
        return sizeof(struct kt_str);
    case KT_TYPE_INTEGER:
    case KT_TYPE_INSTANT:
        return sizeof(int64_t);
    case KT_TYPE_DECIMAL:
        return sizeof(struct kt_dec);
    case KT_TYPE_BOOL:
        return sizeof(bool);
    case KT_TYPE_DAY:
        return sizeof(struct kt_day);
    case KT_TYPE_CHOICE:
        return sizeof(int);
    case KT_TYPE_PART:
        return f->items->size;
    case KT_TYPE_LIST:
        return sizeof(struct kt_list);
    case KT_TYPE_END:
        break;
    }
    kt_assert_failed("a field of a known type", __FILE__, __LINE__);
}

/* Absence travels as well: what its leader says no more is gone. */
static void copy_field(const struct kt_shape *shape, const struct kt_field *f, void *to,
                       const void *from)
{
    uint64_t *present = to; /* every struct with a shape begins with it */
    memcpy(kt_field_at_mut(to, f), kt_field_at(from, f), member_size(f));
    if (kt_field_present(from, shape, f))
        kt_field_mark(to, shape, f);
    else
        *present &= ~(UINT64_C(1) << (size_t)(f - shape->fields));
}

/* What the newer item says over the known one. */
static void overlay(const struct kt_shape *items, void *known, const void *newer)
{
    for (const struct kt_field *f = items->fields; f->type != KT_TYPE_END; f++) {
        if (kt_field_present(newer, items, f))
            copy_field(items, f, known, newer);
    }
}

/* Empty texts go; false: nothing but the key is left. */
static bool is_filled(const struct kt_shape *items, void *item)
{
    uint64_t *present = item; /* every struct with a shape begins with it */
    bool has_more = false;
    for (const struct kt_field *f = items->fields; f->type != KT_TYPE_END; f++) {
        const struct kt_str *text = kt_field_at(item, f);
        if ((f->marks & KT_KEY) != 0 || !kt_field_present(item, items, f))
            continue;
        if (f->type == KT_TYPE_TEXT && text->n == 0)
            *present &= ~(UINT64_C(1) << (size_t)(f - items->fields));
        else
            has_more = true;
    }
    return has_more;
}

/* Two lists in their normal form into one. */
static struct kt_list join(const struct kt_shape *items, struct kt_list known, struct kt_list newer,
                           struct kt_arena *a)
{
    char *out = kt_alloc_array(a, known.count + newer.count + 1, items->size);
    size_t count = 0;
    size_t i = 0;
    size_t k = 0;
    while (i < known.count || k < newer.count) {
        const char *left = i < known.count ? (const char *)known.item + i * items->size : NULL;
        const char *right = k < newer.count ? (const char *)newer.item + k * items->size : NULL;
        int order = left == NULL ? 1 : right == NULL ? -1 : kt_shape_compare(items, left, right);
        char *to = out + count * items->size;
        const char *from = order <= 0 ? left : right;
        KT_ASSERT(from != NULL);
        memcpy(to, from, items->size);
        if (order == 0)
            overlay(items, to, right);
        i += order <= 0 ? 1 : 0;
        k += order >= 0 ? 1 : 0;
        count += is_filled(items, to) ? 1 : 0;
    }
    return (struct kt_list){ out, count };
}

static void add_field(struct kt_merge *m, const struct kt_field *f, const void *from)
{
    struct kt_list *to = kt_field_at_mut(m->record, f);
    const struct kt_list *newer = kt_field_at(from, f);
    struct kt_list known = { NULL, 0 };
    KT_ASSERT(f->type == KT_TYPE_LIST && (f->marks & KT_ORDERED) == 0);
    if (!kt_field_present(from, m->shape, f))
        return;
    if (kt_field_present(m->record, m->shape, f))
        known = *to;
    *to = join(f->items, known, *newer, m->arena);
    kt_field_mark(m->record, m->shape, f);
}

/* The key always, else the fields of `bits`. */
static void copy_fields(struct kt_merge *m, const struct kt_change *c, uint64_t bits)
{
    const struct kt_shape *shape = m->shape;
    if (m->record == NULL)
        m->record = kt_alloc(m->arena, shape->size);
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        size_t at = (size_t)(f - shape->fields);
        bool is_led = (bits >> at & 1) != 0;
        if (is_led && c->leads != 0 && (c->adds >> at & 1) != 0)
            add_field(m, f, c->record);
        else if (is_led || (f->marks & KT_KEY) != 0)
            copy_field(shape, f, m->record, c->record);
    }
}

static bool take_whole(struct kt_merge *m, const struct kt_change *c)
{
    if (m->is_known && c->as_of_us < m->as_of_us)
        return false;
    m->sources = 0;
    m->as_of_us = c->as_of_us;
    m->is_there = !c->is_deleted;
    copy_fields(m, c, c->is_deleted ? 0 : UINT64_MAX);
    return true;
}

static bool take_part(struct kt_merge *m, const struct kt_change *c)
{
    const struct kt_str source = kt_str_of(c->source);
    KT_ASSERT(source.n > 0);
    KT_ASSERT(!c->is_deleted || (c->leads & 1) != 0); /* the intake refuses others */
    if (m->is_known && m->sources == 0)
        say(m, KT_STR(BEFORE), m->as_of_us);
    const struct kt_said *said = find(m, source);
    if (said == NULL)
        said = find(m, KT_STR(BEFORE));
    if (said != NULL && c->as_of_us < said->as_of_us)
        return false;
    say(m, source, c->as_of_us);
    if (!m->is_known || m->as_of_us < c->as_of_us)
        m->as_of_us = c->as_of_us;
    copy_fields(m, c, c->is_deleted ? 0 : c->leads);
    if ((c->leads & 1) != 0)
        m->is_there = !c->is_deleted;
    return true;
}

bool kt_merge_take(struct kt_merge *m, const struct kt_change *c)
{
    bool is_taken = c->leads == 0 ? take_whole(m, c) : take_part(m, c);
    m->is_known = m->is_known || is_taken;
    return is_taken;
}

int kt_merge_row_state(const struct kt_merge *m)
{
    if (!m->is_there)
        return KT_ROW_DELETED;
    for (const struct kt_field *f = m->shape->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_REQUIRED) != 0 && !kt_field_present(m->record, m->shape, f))
            return KT_ROW_AWAITS;
    }
    return KT_ROW_LIVES;
}

struct kt_str kt_merge_sources(const struct kt_merge *m)
{
    enum { MOST = 64 * 1024 };
    struct kt_buf out;
    bool is_first = true;
    if (m->sources == 0)
        return (struct kt_str){ NULL, 0 };
    kt_buf_init(&out, m->arena, MOST);
    kt_buf_char(&out, '{');
    for (size_t i = 0; i < m->sources; i++) {
        kt_json_put_name(&out, &is_first, m->said[i].source.p);
        kt_buf_format(&out, "%lld", (long long)m->said[i].as_of_us);
    }
    kt_buf_char(&out, '}');
    KT_ASSERT(kt_buf_ok(&out));
    return kt_buf_view(&out);
}
