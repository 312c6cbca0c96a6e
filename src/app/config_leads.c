/* Who leads what, where several ERPs share a scope: reads erps.NAME.leads, and notes what two of
 * them lead, or nobody. Called by config.c when all ERPs are read. */
#include "app/config_inner.h"

#include <string.h>

#include "base/conf_node.h"

/* "product" or "product.texts" in the leads of an ERP. */
struct entry {
    size_t erp;
    enum kt_kind kind;
    const struct kt_field *field; /* NULL: all of the kind that no other entry names */
    const char *text;
    const char *where;
};

struct ownership {
    struct kt_loading *l;
    struct kt_erp_site *erp;
    size_t count;
    const struct kt_conf_node *const *section;
    struct entry *entry;
    size_t entries;
};

/* --- reading --- */

static void unknown(struct kt_loading *l, const char *where, const char *what, const char *written,
                    const char *const *known)
{
    struct kt_buf list;
    const char *meant = kt_conf_meant(written, known);
    kt_buf_init(&list, l->problems->arena, 4096);
    for (size_t i = 0; known[i] != NULL; i++)
        kt_buf_format(&list, "%s%s", i == 0 ? "" : ", ", known[i]);
    kt_problem(l->problems, "%s: there is no %s \"%s\"%s%s%s Known: %s", where, what, written,
               meant == NULL ? "" : "; did you mean ", meant == NULL ? "" : meant,
               meant == NULL ? "." : "?", list.p);
}

static bool find_kind(struct kt_loading *l, const char *where, const char *name, enum kt_kind *kind)
{
    const char *known[KT_KINDS + 1] = { NULL };
    if (kt_kind_find(kind, name))
        return true;
    for (int i = 0; i < KT_KINDS; i++)
        known[i] = kt_kind_name((enum kt_kind)i);
    unknown(l, where, "kind", name, known);
    return false;
}

static bool find_field(struct kt_loading *l, const char *where, const struct kt_shape *shape,
                       const char *name, const struct kt_field **field)
{
    enum { FIELDS_MAX = 64 };
    const char *known[FIELDS_MAX + 1] = { NULL };
    size_t n = 0;
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_KEY) == 0)
            known[n++] = f->name;
    }
    *field = kt_field_find(shape, name);
    if (*field != NULL && ((*field)->marks & KT_KEY) == 0)
        return true;
    if (*field != NULL)
        kt_problem(l->problems, "%s: %s is part of the key of a %s: who leads the kind leads it",
                   where, name, shape->name);
    else
        unknown(l, where, kt_format(l->problems->arena, "field of %s", shape->name), name, known);
    return false;
}

static void read_entry(struct ownership *o, size_t erp, const char *where, const char *text)
{
    struct kt_arena *a = o->l->config->arena;
    struct entry entry = { .erp = erp, .text = text, .where = where };
    const char *point = strchr(text, '.');
    const size_t n = point == NULL ? strlen(text) : (size_t)(point - text);
    const char *kind = kt_format(a, "%.*s", (int)n, text);
    if (find_kind(o->l, where, kind, &entry.kind) &&
        (point == NULL ||
         find_field(o->l, where, kt_kind_shape[entry.kind], point + 1, &entry.field)))
        o->entry[o->entries++] = entry;
}

static void read_entries(struct ownership *o)
{
    size_t room = 0;
    for (size_t i = 0; i < o->count; i++)
        room += o->erp[i].leads.count;
    o->entry = KT_NEW_ARRAY(o->l->config->arena, room + 1, struct entry);
    for (size_t i = 0; i < o->count; i++) {
        const struct kt_conf_node *list = kt_conf_get(o->section[i], "leads");
        for (size_t k = 0; k < o->erp[i].leads.count; k++) {
            const struct kt_conf_node *item = NULL;
            if (k < kt_conf_count(list))
                (void)kt_conf_name_at(list, k, &item); /* of a list: no name */
            read_entry(
                o, i, item != NULL ? kt_conf_where(item) : kt_loading_where(o->section[i], "leads"),
                o->erp[i].leads.item[k]);
        }
    }
}

/* --- what fits together --- */

static bool is_shared(const struct ownership *o, size_t one, size_t other)
{
    return one != other && o->erp[one].scope != NULL && o->erp[other].scope != NULL &&
           strcmp(o->erp[one].scope, o->erp[other].scope) == 0;
}

static void check_overlaps(const struct ownership *o)
{
    for (size_t i = 0; i < o->entries; i++) {
        const struct entry *e = &o->entry[i];
        for (size_t k = 0; k < i; k++) {
            const struct entry *other = &o->entry[k];
            if (is_shared(o, e->erp, other->erp) && e->kind == other->kind &&
                e->field == other->field)
                kt_problem(o->l->problems, "%s: %s is led by erps.%s, too", e->where, e->text,
                           o->erp[other->erp].name);
        }
    }
}

/* Each of those who share a scope says what it leads. */
static void check_silence(const struct ownership *o)
{
    for (size_t i = 0; i < o->count; i++) {
        for (size_t k = 0; k < o->count; k++) {
            if (!is_shared(o, i, k) || o->erp[i].leads.count > 0)
                continue;
            kt_problem(o->l->problems,
                       "%s: %s is the scope of erps.%s, too: where several ERPs have one scope, "
                       "each names in leads what it leads",
                       kt_loading_where(o->section[i], "scope"), o->erp[i].scope, o->erp[k].name);
            break;
        }
    }
}

/* Who leads all of a kind that nobody else names; NULL: nobody of this scope. */
static const struct entry *holder_of(const struct ownership *o, size_t erp, enum kt_kind kind)
{
    for (size_t i = 0; i < o->entries; i++) {
        const struct entry *e = &o->entry[i];
        if (e->kind == kind && e->field == NULL && (e->erp == erp || is_shared(o, e->erp, erp)))
            return e;
    }
    return NULL;
}

static bool reads(const struct kt_erp_site *erp, enum kt_kind kind)
{
    for (int feed = 0; erp->ops != NULL && feed < KT_FEEDS; feed++) {
        if (erp->every_s[feed] > 0 && erp->ops->facts->feed[feed] != KT_FEED_NONE &&
            (kt_feed_kinds((enum kt_feed)feed) & 1U << kind) != 0)
            return true;
    }
    return false;
}

/* Existence is led by whoever leads the kind, so somebody has to. */
static void check_holders(const struct ownership *o, size_t erp)
{
    for (int kind = 0; kind < KT_KINDS; kind++) {
        const char *name = kt_kind_name((enum kt_kind)kind);
        const struct entry *part = NULL;
        if (holder_of(o, erp, (enum kt_kind)kind) != NULL)
            continue;
        for (size_t i = 0; i < o->entries && part == NULL; i++)
            part = o->entry[i].erp == erp && (int)o->entry[i].kind == kind ? &o->entry[i] : NULL;
        if (part != NULL)
            kt_problem(o->l->problems, "%s: nobody leads %s itself, which says what there is",
                       part->where, name);
        else if (reads(&o->erp[erp], (enum kt_kind)kind))
            kt_problem(o->l->problems,
                       "%s: erps.%s reads %s records, but nobody of scope %s leads %s",
                       kt_loading_where(o->section[erp], "leads"), o->erp[erp].name, name,
                       o->erp[erp].scope, name);
    }
}

/* --- what follows --- */

static uint64_t bit_of(const struct kt_shape *shape, const struct kt_field *f)
{
    return UINT64_C(1) << (size_t)(f - shape->fields);
}

static uint64_t all_of(const struct kt_shape *shape)
{
    uint64_t all = 0;
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++)
        all |= bit_of(shape, f);
    return all;
}

static bool shares(const struct ownership *o, size_t erp)
{
    for (size_t i = 0; i < o->count; i++) {
        if (is_shared(o, erp, i))
            return true;
    }
    return false;
}

static uint64_t lead_of(const struct ownership *o, size_t erp, enum kt_kind kind)
{
    const struct kt_shape *shape = kt_kind_shape[kind];
    uint64_t named = 0;
    uint64_t others = 0;
    bool is_holder = false;
    if (!shares(o, erp))
        return all_of(shape);
    for (size_t i = 0; i < o->entries; i++) {
        const struct entry *e = &o->entry[i];
        if (e->kind != kind)
            continue;
        if (e->erp == erp && e->field == NULL)
            is_holder = true;
        else if (e->erp == erp)
            named |= bit_of(shape, e->field);
        else if (is_shared(o, erp, e->erp) && e->field != NULL)
            others |= bit_of(shape, e->field);
    }
    return is_holder ? all_of(shape) & ~others : named;
}

void kt_loading_leads(struct kt_loading *l, const struct kt_conf_node *const *sections,
                      struct kt_erp_site *erp, size_t count)
{
    struct ownership o = { .l = l, .erp = erp, .count = count, .section = sections };
    const size_t before = l->problems->count;
    read_entries(&o);
    check_silence(&o);
    check_overlaps(&o);
    const bool is_sound = l->problems->count == before;
    for (size_t i = 0; i < count && is_sound; i++) {
        if (shares(&o, i))
            check_holders(&o, i);
    }
    for (size_t i = 0; i < count; i++) {
        for (int kind = 0; kind < KT_KINDS; kind++)
            erp[i].lead[kind] = lead_of(&o, i, (enum kt_kind)kind);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            for (int kind = 0; kind < KT_KINDS && is_shared(&o, i, k); kind++)
                erp[i].rivals[kind] |= erp[k].lead[kind];
        }
    }
}
