/* Finds what a field reaches: the samples stand in a database of their own, inside a transaction
 * that is never committed; one field is changed, the units are made by the flow's own rules and the
 * mapping in force, and their payloads are compared. Main thread; called by mapping_doc.c. */
#include "app/mapping_reach.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow/push.h"
#include "store/records.h"

enum { VARIANTS = 2, TURNS = 8 };

#define NOT_OFFERED "(offered)"
#define REFUSED     "(refused)"

/* What one unit of the samples is. */
struct shown {
    bool is_there;
    bool is_refused;
    const struct kt_json *payload;
};

struct search {
    struct kt_work work; /* of the database of its own */
    struct kt_arena *keep;
    const struct kt_channel_site *channel; /* with the samples' scope */
    struct kt_push push;
    struct kt_sample_for sample;
    struct kt_reached *found;
    size_t count;
    int64_t as_of_us; /* grows with every change */
};

/* --- what was found --- */

static void note(struct search *s, struct kt_reached *r, const char *unit, const char *path)
{
    const char *channel = s->channel->name;
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->reach[i].path, path) == 0 && strcmp(r->reach[i].unit, unit) == 0 &&
            strcmp(r->reach[i].channel, channel) == 0)
            return;
    }
    if (r->count == r->room) {
        size_t room = r->room == 0 ? 4 : 2 * r->room;
        struct kt_target *more = KT_NEW_ARRAY(s->keep, room, struct kt_target);
        if (r->count > 0)
            memcpy(more, r->reach, r->count * sizeof *more);
        r->reach = more;
        r->room = room;
    }
    r->reach[r->count++] =
        (struct kt_target){ channel, kt_text_copy(s->keep, unit), kt_text_copy(s->keep, path) };
}

static const char *member_path(struct search *s, const char *path, const char *name)
{
    return path[0] == '\0' ? name : kt_format(s->work.arena, "%s.%s", path, name);
}

/* Neither is an object or a list of the same kind as the other. */
static bool differs(const struct kt_json *was, const struct kt_json *is)
{
    enum kt_json_type type = kt_json_type(was);
    if (type != kt_json_type(is))
        return true;
    if (type == KT_JSON_BOOL)
        return kt_json_is_true(was) != kt_json_is_true(is);
    return (type == KT_JSON_TEXT || type == KT_JSON_NUMBER) &&
           !kt_str_eq(kt_json_text(was), kt_json_text(is));
}

/* Every place where two payloads differ. */
static void compare(struct search *s, struct kt_reached *r, const char *unit, const char *path,
                    const struct kt_json *was, const struct kt_json *is)
{
    const struct kt_json *value = NULL;
    const size_t count = kt_json_count(was);
    if (differs(was, is)) {
        note(s, r, unit, path);
    } else if (kt_json_type(was) == KT_JSON_OBJECT) {
        for (size_t i = 0; i < count; i++) {
            const char *name = kt_json_name_at(was, i, &value);
            compare(s, r, unit, member_path(s, path, name), value, kt_json_get(is, name));
        }
        for (size_t i = 0; i < kt_json_count(is); i++) {
            const char *name = kt_json_name_at(is, i, &value);
            if (kt_json_get(was, name) == NULL)
                note(s, r, unit, member_path(s, path, name));
        }
    } else if (kt_json_type(was) == KT_JSON_LIST) {
        const char *entry = kt_format(s->work.arena, "%s[]", path);
        if (count != kt_json_count(is))
            note(s, r, unit, entry);
        for (size_t i = 0; count == kt_json_count(is) && i < count; i++)
            compare(s, r, unit, entry, kt_json_at(was, i), kt_json_at(is, i));
    }
}

/* Every text of a payload that holds the name. */
static void find_name(struct search *s, struct kt_reached *r, const char *unit, const char *path,
                      const struct kt_json *j, const char *wanted)
{
    const struct kt_json *value = NULL;
    struct kt_str text = kt_json_text(j);
    if (kt_json_type(j) == KT_JSON_TEXT && memmem(text.p, text.n, wanted, strlen(wanted)) != NULL)
        note(s, r, unit, path);
    for (size_t i = 0; kt_json_type(j) == KT_JSON_OBJECT && i < kt_json_count(j); i++) {
        const char *name = kt_json_name_at(j, i, &value);
        find_name(s, r, unit, member_path(s, path, name), value, wanted);
    }
    for (size_t i = 0; kt_json_type(j) == KT_JSON_LIST && i < kt_json_count(j); i++)
        find_name(s, r, unit, kt_format(s->work.arena, "%s[]", path), kt_json_at(j, i), wanted);
}

/* --- the units of the samples --- */

static struct kt_str key_of(enum kt_unit unit)
{
    switch (unit) {
    case KT_UNIT_PRODUCT:
        return KT_STR(KT_SAMPLE_SCOPE "|" KT_SAMPLE_PRODUCT);
    case KT_UNIT_CATEGORY:
        return KT_STR(KT_SAMPLE_SCOPE "|" KT_SAMPLE_CATEGORY);
    case KT_UNIT_VARIANT:
    case KT_UNIT_PRICE:
    case KT_UNIT_STOCK:
        return KT_STR(KT_SAMPLE_SCOPE "|" KT_SAMPLE_SKU);
    case KT_UNIT_MEDIA:
    case KT_UNITS:
        break;
    }
    return (struct kt_str){ NULL, 0 };
}

static bool is_shown(const struct search *s, int unit)
{
    return s->channel->ops->facts->has_unit[unit] && key_of((enum kt_unit)unit).p != NULL;
}

static enum kt_rc show_unit(struct search *s, enum kt_unit unit, struct shown *out,
                            struct kt_arena *a, struct kt_err *e)
{
    struct kt_preview preview;
    struct kt_err why = { 0 };
    struct kt_work w = s->work;
    *out = (struct shown){ 0 };
    w.arena = a;
    enum kt_rc rc = kt_push_preview(&s->push, &w, unit, key_of(unit), &preview, &why);
    if (rc != KT_OK && why.v.reach == KT_ENDPOINT) {
        *e = why;
        return rc;
    }
    out->is_refused = rc != KT_OK;
    out->is_there = rc == KT_OK && preview.is_there;
    return out->is_there ? kt_json_parse(&out->payload, preview.payload, a, e) : KT_OK;
}

static enum kt_rc show_units(struct search *s, struct shown *out, struct kt_arena *a,
                             struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (int unit = 0; rc == KT_OK && unit < KT_UNITS; unit++) {
        if (is_shown(s, unit))
            rc = show_unit(s, (enum kt_unit)unit, &out[unit], a, e);
    }
    return rc;
}

static void compare_units(struct search *s, struct kt_reached *r, const struct shown *was,
                          const struct shown *is)
{
    for (int i = 0; i < KT_UNITS; i++) {
        const char *unit = kt_unit_name((enum kt_unit)i);
        if (!is_shown(s, i))
            continue;
        if (was[i].is_refused != is[i].is_refused)
            note(s, r, unit, REFUSED);
        else if (was[i].is_there != is[i].is_there)
            note(s, r, unit, NOT_OFFERED);
        else if (was[i].is_there)
            compare(s, r, unit, "", was[i].payload, is[i].payload);
    }
}

/* --- the records of the samples --- */

/* *is_taken false: no such record may exist. */
static enum kt_rc put(struct search *s, enum kt_kind kind, void *record, bool *is_taken,
                      struct kt_err *e)
{
    enum kt_outcome outcome = KT_OUTCOME_NONE;
    struct kt_err why = { 0 };
    struct kt_change change = { .kind = kind, .as_of_us = ++s->as_of_us, .record = record };
    *is_taken = kt_shape_check(kt_kind_shape[kind], record, s->work.arena, &why) == KT_OK;
    if (!*is_taken)
        return KT_OK;
    return kt_records_put(s->work.db, &change, 1, 0, kt_now_us(), &outcome, s->work.arena, e);
}

static enum kt_rc put_all(struct search *s, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    bool is_taken = false;
    for (int kind = 0; rc == KT_OK && kind < KT_KINDS; kind++) {
        int count = kind == KT_KIND_VARIANT && s->sample.is_matrix ? VARIANTS : 1;
        for (int i = 0; rc == KT_OK && i < count; i++) {
            rc = put(s, (enum kt_kind)kind,
                     kt_sample(&s->sample, (enum kt_kind)kind, i, s->work.arena), &is_taken, e);
            KT_ASSERT(rc != KT_OK || is_taken);
        }
    }
    return rc;
}

/* One field changed, in every way there is; then as it was. */
static enum kt_rc try_leaf(struct search *s, struct kt_reached *r, const struct shown *was,
                           struct kt_err *e)
{
    const struct kt_leaf *leaf = &r->leaf;
    struct kt_arena *a = s->work.arena;
    struct shown kept[KT_UNITS] = { { 0 } };
    struct shown is[KT_UNITS] = { { 0 } };
    bool is_taken = false;
    enum kt_rc rc = KT_OK;
    kt_arena_reset(a);
    void *record = kt_sample(&s->sample, leaf->kind, 0, a);
    if (s->sample.is_lean) { /* compared with a record that has the field, too */
        kt_leaf_keep(leaf, record);
        rc = put(s, leaf->kind, record, &is_taken, e);
        if (rc == KT_OK)
            rc = show_units(s, kept, a, e);
        was = kept;
    }
    for (int turn = 0; rc == KT_OK && turn < TURNS; turn++) {
        record = kt_sample(&s->sample, leaf->kind, 0, a);
        if (s->sample.is_lean)
            kt_leaf_keep(leaf, record);
        if (!kt_leaf_change(leaf, record, turn, a))
            break;
        rc = put(s, leaf->kind, record, &is_taken, e);
        if (rc == KT_OK && is_taken)
            rc = show_units(s, is, a, e);
        if (rc == KT_OK && is_taken)
            compare_units(s, r, was, is);
    }
    if (rc == KT_OK)
        rc = put(s, leaf->kind, kt_sample(&s->sample, leaf->kind, 0, a), &is_taken, e);
    return rc;
}

/* Whose payloads can hold what records of this kind are called. */
static bool is_made_of(enum kt_unit unit, enum kt_kind kind)
{
    switch (kind) {
    case KT_KIND_PRODUCT:
    case KT_KIND_VARIANT:
        return unit == KT_UNIT_PRODUCT || unit == KT_UNIT_VARIANT;
    case KT_KIND_PRICE:
        return unit == KT_UNIT_PRICE;
    case KT_KIND_STOCK:
        return unit == KT_UNIT_STOCK;
    case KT_KIND_CATEGORY:
        return unit == KT_UNIT_CATEGORY || unit == KT_UNIT_PRODUCT;
    case KT_KIND_CUSTOMER:
    case KT_KIND_DOCUMENT:
    case KT_KIND_CERTIFICATE:
    case KT_KINDS:
        break;
    }
    return false;
}

static void try_name(struct search *s, struct kt_reached *r, const struct shown *was)
{
    const char *name = kt_sample_name(&r->leaf);
    for (int i = 0; name != NULL && i < KT_UNITS; i++) {
        if (is_shown(s, i) && was[i].is_there && is_made_of((enum kt_unit)i, r->leaf.kind))
            find_name(s, r, kt_unit_name((enum kt_unit)i), "", was[i].payload, name);
    }
}

/* Has it reached anything on this channel? */
static bool has_reached(const struct search *s, const struct kt_reached *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->reach[i].channel, s->channel->name) == 0)
            return true;
    }
    return false;
}

/* All fields over one form of the samples. Lean samples: only those that reached nothing, as they
 * may stand in for another field that was there. */
static enum kt_rc try_form(struct search *s, bool is_matrix, bool is_lean, struct kt_err *e)
{
    struct shown was[KT_UNITS] = { { 0 } };
    struct kt_arena *a = kt_arena_new();
    s->sample = (struct kt_sample_for){ s->channel, is_matrix, is_lean };
    kt_arena_reset(s->work.arena);
    enum kt_rc rc = kt_tx_begin(s->work.db, e);
    if (rc == KT_OK)
        rc = put_all(s, e);
    if (rc == KT_OK)
        rc = show_units(s, was, a, e);
    for (size_t i = 0; rc == KT_OK && i < s->count; i++) {
        struct kt_reached *r = &s->found[i];
        if (kt_leaf_is_name(&r->leaf))
            try_name(s, r, was);
        else if (!is_lean || !has_reached(s, r))
            rc = try_leaf(s, r, was, e);
    }
    kt_tx_rollback(s->work.db);
    kt_arena_free(a);
    return rc;
}

static enum kt_rc try_channel(struct search *s, const struct kt_channel_site *channel,
                              struct kt_err *e)
{
    struct kt_erp_site erp = *channel->erp;
    struct kt_channel_site own = *channel;
    erp.scope = KT_SAMPLE_SCOPE;
    own.erp = &erp;
    s->channel = &own;
    enum kt_rc rc = kt_push_open(&s->push, &s->work, &own, e);
    if (rc != KT_OK)
        return rc;
    rc = try_form(s, false, false, e);
    if (rc == KT_OK)
        rc = try_form(s, true, false, e);
    if (rc == KT_OK)
        rc = try_form(s, false, true, e);
    if (rc == KT_OK)
        rc = try_form(s, true, true, e);
    kt_push_close(&s->push);
    s->channel = NULL;
    return rc;
}

/* --- the database of its own --- */

static void list_fields(struct search *s)
{
    struct kt_leaf *leaf[KT_KINDS];
    size_t count[KT_KINDS];
    for (int kind = 0; kind < KT_KINDS; kind++) {
        leaf[kind] = kt_leaves((enum kt_kind)kind, &count[kind], s->keep);
        s->count += count[kind];
    }
    s->found = KT_NEW_ARRAY(s->keep, s->count, struct kt_reached);
    size_t n = 0;
    for (int kind = 0; kind < KT_KINDS; kind++) {
        for (size_t i = 0; i < count[kind]; i++)
            s->found[n++].leaf = leaf[kind][i];
    }
}

static void remove_database(struct kt_arena *a, const char *folder)
{
    static const char *const parts[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < KT_COUNT(parts); i++)
        (void)unlink(kt_format(a, "%s/samples.db%s", folder, parts[i])); /* may be gone already */
    (void)rmdir(folder); /* in the temporary folder: cleaned up by the system otherwise */
}

enum kt_rc kt_mapping_reach(const struct kt_site *site, const struct kt_channel_site *channel,
                            size_t channels, const struct kt_log *log, struct kt_reached **out,
                            size_t *count, struct kt_arena *a, struct kt_err *e)
{
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe): one thread */
    char *folder = kt_format(a, "%s/kontor-XXXXXX", tmp != NULL ? tmp : "/tmp");
    struct search s = { .work = { .site = site, .log = *log }, .keep = a };
    struct kt_db_conf conf = { .driver = KT_DB_SQLITE, .busy_s = 5 };
    int from = 0;
    int to = 0;
    if (mkdtemp(folder) == NULL)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_LOST,
                       KT_P_TEXT("detail", "no folder can be made in the temporary folder"));
    conf.file = kt_format(a, "%s/samples.db", folder);
    s.work.arena = kt_arena_new();
    s.as_of_us = kt_now_us();
    list_fields(&s);
    enum kt_rc rc = kt_db_open(&s.work.db, &conf, log, e);
    if (rc == KT_OK)
        rc = kt_db_migrate(s.work.db, &from, &to, a, e);
    for (size_t i = 0; rc == KT_OK && i < channels; i++)
        rc = try_channel(&s, &channel[i], e);
    kt_db_close(s.work.db);
    kt_arena_free(s.work.arena);
    remove_database(a, folder);
    *out = s.found;
    *count = s.count;
    return rc;
}
