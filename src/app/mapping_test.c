/* Tries a mapping or a hooks file on a record before it is in force: what goes in, what comes out,
 * what differs from what was last sent. Reads the database, asks no partner, writes nothing. Main
 * thread; called by cmd_mapping.c. */
#include "app/mapping_test.h"

#include <string.h>

#include "app/out.h"
#include "app/pretty.h"
#include "base/file.h"
#include "flow/fanout.h"
#include "flow/push.h"
#include "store/records.h"

enum { LUA_MAX = 1 << 20, TEXT_MAX = 16 << 20, SENTENCE_BYTES = 1024 };

struct test {
    struct kt_app *app;
    const char *file;
    const char *text;
    const char *named; /* unit or kind; NULL: whatever has this key */
    struct kt_str key;
    size_t shown;
    size_t refused;
};

/* --- shared by both --- */

static struct kt_str pretty(struct kt_str json, struct kt_arena *a)
{
    const struct kt_json *j = NULL;
    struct kt_err e = { 0 };
    struct kt_buf out;
    kt_buf_init(&out, a, TEXT_MAX);
    if (kt_json_parse(&j, json, a, &e) != KT_OK)
        return json; /* what was sent by another program version: as it is */
    kt_pretty_json(&out, j);
    return kt_buf_view(&out);
}

static void put_heading(struct test *t, const char *what)
{
    kt_buf_format(&t->app->out, "\n%s\n", what);
}

static void put_member(struct test *t, bool *is_first, const char *name, struct kt_str json)
{
    kt_json_put_name(&t->app->out, is_first, name);
    if (json.n > 0)
        kt_buf_str(&t->app->out, json);
    else
        kt_buf_text(&t->app->out, "null");
}

/* The lines that differ, as people see them, or as a list of texts. */
static void put_difference(struct test *t, bool *is_first, struct kt_str was, struct kt_str is)
{
    struct kt_arena *a = t->app->work.arena;
    struct kt_buf *out = &t->app->out;
    size_t count = 0;
    bool differs = false;
    bool is_first_line = true;
    struct kt_diff_line *line = kt_pretty_diff(pretty(was, a), pretty(is, a), &count, &differs, a);
    if (!t->app->is_json) {
        kt_pretty_put_diff(out, line, count, "  ");
        return;
    }
    kt_json_put_name(out, is_first, "difference");
    kt_buf_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (line[i].mark == ' ')
            continue;
        kt_buf_text(out, is_first_line ? "" : ",");
        is_first_line = false;
        struct kt_buf one;
        kt_buf_init(&one, a, TEXT_MAX);
        kt_buf_char(&one, line[i].mark);
        kt_buf_str(&one, line[i].text);
        kt_json_put_text(out, kt_buf_view(&one));
    }
    kt_buf_char(out, ']');
}

/* What stopped: the sentence has 120 characters of the message, the trail more. */
static void put_failure(struct test *t, bool *is_first, const struct kt_err *e)
{
    struct kt_buf *out = &t->app->out;
    char sentence[SENTENCE_BYTES];
    t->refused++;
    if (t->app->is_json) {
        kt_json_put_name(out, is_first, "error");
        bool is_first_member = true;
        kt_buf_char(out, '{');
        kt_out_verdict(out, &is_first_member, &e->v, t->app->lang);
        kt_out_member_text(out, &is_first_member, "trail", e->trail);
        kt_buf_char(out, '}');
        return;
    }
    kt_sentence(&e->v, t->app->lang, sentence, sizeof sentence);
    kt_buf_char(out, '\n');
    kt_out_text(out, kt_str_of(sentence));
    kt_buf_format(out, " [%s]\n", kt_code_name(e->v.code));
    if (e->trail[0] != '\0' && strstr(sentence, e->trail) == NULL) {
        kt_buf_text(out, "  ");
        kt_out_text(out, kt_str_of(e->trail));
        kt_buf_char(out, '\n');
    }
}

static void begin(struct test *t, bool *is_first, const char *what, const char *where)
{
    struct kt_buf *out = &t->app->out;
    if (t->app->is_json) {
        kt_buf_text(out, t->shown > 0 ? ",{" : "{");
        kt_out_member_text(out, is_first, "what", what);
        kt_out_member(out, is_first, "key", t->key);
        kt_out_member_text(out, is_first, where != NULL ? "channel" : "file",
                           where != NULL ? where : t->file);
    } else {
        kt_buf_format(out, "%s%s ", t->shown > 0 ? "\n\n" : "", what);
        kt_out_text(out, t->key);
        kt_buf_format(out, "%s%s by %s\n", where != NULL ? " for " : "", where != NULL ? where : "",
                      t->file);
    }
    t->shown++;
}

/* --- a mapping --- */

static struct kt_str view_json(const struct kt_view *view, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, TEXT_MAX);
    kt_view_write(&out, view);
    return kt_buf_view(&out);
}

static void put_compared(struct test *t, bool *is_first, const struct kt_preview *p)
{
    struct kt_buf *out = &t->app->out;
    if (t->app->is_json) {
        kt_out_member_instant(out, is_first, "sent", p->link.sent_us);
        kt_out_member_bool(out, is_first, "is_same", p->is_same);
    } else if (p->link.sent_body.n == 0) {
        kt_buf_text(out, "\nnothing was sent so far\n");
        return;
    } else {
        kt_buf_text(out, p->is_same ? "\nthe same as was sent " : "\nagainst what was sent ");
        kt_out_instant(out, p->link.sent_us);
        kt_buf_char(out, '\n');
    }
    if (p->link.sent_body.n > 0)
        put_difference(t, is_first, p->link.sent_body, p->payload);
}

static void show_unit(struct test *t, const struct kt_channel_site *site, enum kt_unit unit,
                      const struct kt_preview *p, const struct kt_err *why, const char *reason)
{
    struct kt_buf *out = &t->app->out;
    struct kt_arena *a = t->app->work.arena;
    bool is_first = true;
    const struct kt_str view = view_json(&p->view.view, a);
    begin(t, &is_first, kt_unit_name(unit), site->name);
    if (t->app->is_json) {
        kt_out_member_bool(out, &is_first, "is_offered", p->is_there);
        kt_out_member_text(out, &is_first, "reason", reason[0] != '\0' ? reason : NULL);
        put_member(t, &is_first, "view", view);
        put_member(t, &is_first, "payload", p->payload);
    } else {
        put_heading(t, "view");
        kt_pretty_put_text(out, pretty(view, a), "  ");
    }
    if (why->v.rc != KT_OK) {
        put_failure(t, &is_first, why);
    } else if (!p->is_there && !t->app->is_json) {
        kt_buf_text(out, "\nnot offered here");
        kt_buf_text(out, reason[0] != '\0' ? ": " : "");
        kt_out_text(out, kt_str_of(reason));
        kt_buf_char(out, '\n');
    } else if (p->is_there) {
        if (!t->app->is_json) {
            put_heading(t, "payload");
            kt_pretty_put_text(out, pretty(p->payload, a), "  ");
        }
        put_compared(t, &is_first, p);
    }
    if (t->app->is_json)
        kt_buf_char(out, '}');
}

/* Known: there is something to show or to take back, or a rule has something to say. */
static bool is_known(enum kt_unit unit, const struct kt_preview *p, const struct kt_err *why)
{
    if (unit != KT_UNIT_PRODUCT && p->view.sku.p != NULL)
        return true;
    return why->v.rc != KT_OK || p->view.is_there || p->view.children > 0 ||
           p->link.remote_id.p != NULL;
}

static enum kt_rc try_unit(struct test *t, struct kt_push *p, enum kt_unit unit, struct kt_err *e)
{
    struct kt_work *w = &t->app->work;
    struct kt_preview preview = { 0 };
    struct kt_err why = { 0 };
    struct kt_err ignored = { 0 };
    const char *reason = "";
    bool is_offered = true;
    kt_arena_reset(w->arena);
    enum kt_rc rc = kt_push_preview(p, w, unit, t->key, &preview, &why);
    if (rc != KT_OK && why.v.reach == KT_ENDPOINT) {
        *e = why;
        return rc;
    }
    if (unit == KT_UNIT_PRODUCT && rc == KT_OK && preview.view.is_there && !preview.is_there &&
        kt_map_route(p->map, &preview.view.view, "", &is_offered, &reason, w->arena, &ignored) !=
            KT_OK)
        reason = ""; /* it has just answered the same question */
    if (is_known(unit, &preview, &why))
        show_unit(t, p->session.site, unit, &preview, &why, reason);
    return KT_OK;
}

static enum kt_rc try_units(struct test *t, const struct kt_channel_site *site, struct kt_err *e)
{
    struct kt_channel_site tried = *site;
    struct kt_push p;
    tried.mapping_file = t->file;
    tried.mapping = t->text;
    enum kt_rc rc = kt_push_open(&p, &t->app->work, &tried, e);
    if (rc != KT_OK)
        return rc;
    for (int unit = 0; rc == KT_OK && kt_fanout_takes(site, t->key) && unit < KT_UNITS; unit++) {
        const char *name = kt_unit_name((enum kt_unit)unit);
        if (site->ops->facts->has_unit[unit] && (t->named == NULL || strcmp(name, t->named) == 0))
            rc = try_unit(t, &p, (enum kt_unit)unit, e);
    }
    kt_push_close(&p);
    return rc;
}

/* --- hooks --- */

static struct kt_str record_json(const struct kt_shape *shape, const void *record,
                                 struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, TEXT_MAX);
    kt_shape_write(&out, shape, record);
    return kt_buf_view(&out);
}

static void show_record(struct test *t, struct kt_hooks *hooks, const struct kt_shape *shape,
                        void *record)
{
    struct kt_arena *a = t->app->work.arena;
    struct kt_buf *out = &t->app->out;
    struct kt_err why = { 0 };
    bool is_first = true;
    const char *label = kt_shape_label(shape, record, a);
    const struct kt_str before = record_json(shape, record, a);
    enum kt_rc rc = kt_hooks_enrich(hooks, shape->name, shape, record, label, a, &why);
    const struct kt_str after = rc == KT_OK ? record_json(shape, record, a) : KT_STR("");
    if (rc == KT_OK)
        rc = kt_hooks_validate(hooks, shape->name, shape, record, label, a, &why);
    begin(t, &is_first, shape->name, NULL);
    if (t->app->is_json) {
        put_member(t, &is_first, "before", before);
        put_member(t, &is_first, "after", after);
    } else {
        put_heading(t, "before");
        kt_pretty_put_text(out, pretty(before, a), "  ");
    }
    if (after.n > 0) {
        if (!t->app->is_json)
            put_heading(t, kt_str_eq(before, after) ? "enrich changes nothing" : "after enrich");
        put_difference(t, &is_first, before, after);
    }
    if (rc != KT_OK)
        put_failure(t, &is_first, &why);
    else if (!t->app->is_json)
        kt_buf_text(out, "\nvalidate lets it pass\n");
    if (t->app->is_json)
        kt_buf_char(out, '}');
}

static enum kt_rc try_kinds(struct test *t, struct kt_err *e)
{
    struct kt_work *w = &t->app->work;
    struct kt_hooks *hooks = NULL;
    enum kt_rc rc = kt_hooks_open(&hooks, t->file, t->text, e);
    for (int kind = 0; rc == KT_OK && kind < KT_KINDS; kind++) {
        struct kt_stored stored = { 0 };
        if (t->named != NULL && strcmp(t->named, kt_kind_name((enum kt_kind)kind)) != 0)
            continue;
        kt_arena_reset(w->arena);
        rc = kt_records_get(w->db, (enum kt_kind)kind, &t->key, 1, &stored, w->arena, e);
        if (rc == KT_OK && stored.record != NULL && !stored.is_deleted)
            show_record(t, hooks, kt_kind_shape[kind], stored.record);
    }
    kt_hooks_close(hooks);
    return rc;
}

/* --- what is asked for --- */

/* --channel, else the only one. */
static const struct kt_channel_site *channel_of(struct kt_app *app, const char **complaint)
{
    const struct kt_site *site = &app->config->site;
    const char *name = kt_args_value(&app->args, "--channel");
    if (name == NULL && site->channels == 1)
        return &site->channel[0];
    const struct kt_channel_site *channel = name != NULL ? kt_app_channel(app, name) : NULL;
    if (channel == NULL)
        *complaint = name != NULL ? kt_format(app->arena, "there is no channel %s", name)
                                  : "mapping test: there are several channels: --channel NAME";
    return channel;
}

/* "product SCOPE|P-1": a word before the key says of what. */
static const char *read_record(struct test *t, const char *record)
{
    enum kt_unit unit = KT_UNIT_PRODUCT;
    enum kt_kind kind = KT_KIND_PRODUCT;
    const char *blank = strchr(record, ' ');
    t->named = kt_args_value(&t->app->args, "--unit");
    t->key = kt_str_of(record);
    if (blank != NULL) {
        const char *word = kt_format(t->app->arena, "%.*s", (int)(blank - record), record);
        if (kt_unit_find(&unit, word) || kt_kind_find(&kind, word)) {
            t->key = kt_str_of(blank + 1);
            t->named = t->named != NULL ? t->named : word;
        } else if (memchr(word, '|', strlen(word)) == NULL) { /* a scope has no blanks */
            t->named = word;
        }
    }
    if (t->named != NULL && !kt_unit_find(&unit, t->named) && !kt_kind_find(&kind, t->named))
        return kt_format(t->app->arena, "there is neither a unit nor a kind of record called %s",
                         t->named);
    return NULL;
}

static enum kt_exit tell_unknown(struct test *t)
{
    struct kt_buf *out = &t->app->out;
    kt_buf_format(out, "There is no %s with the key ", t->named != NULL ? t->named : "record");
    kt_out_text(out, t->key);
    kt_buf_text(out,
                ".\nA key is scope|number, as `kontor exceptions` shows it. For a hooks file a "
                "price has a number of\nits own, and stock is scope|number|warehouse.\n");
    return KT_EXIT_ATTENTION;
}

static enum kt_exit try_file(struct test *t, const struct kt_channel_site *channel)
{
    struct kt_app *app = t->app;
    struct kt_err e = { 0 };
    kt_buf_text(&app->out, app->is_json ? "{\"tests\":[" : "");
    enum kt_rc rc = channel == NULL ? try_kinds(t, &e) : try_units(t, channel, &e);
    if (rc != KT_OK)
        return kt_app_failed(app, &e);
    kt_buf_text(&app->out, app->is_json ? "]}\n" : "");
    if (t->shown == 0)
        return app->is_json ? KT_EXIT_ATTENTION : tell_unknown(t);
    return t->refused > 0 ? KT_EXIT_ATTENTION : KT_EXIT_OK;
}

enum kt_exit kt_mapping_test(struct kt_app *app, const char *file, const char *record)
{
    struct test t = { .app = app, .file = file };
    struct kt_str text = { NULL, 0 };
    struct kt_map *map = NULL;
    struct kt_err e = { 0 };
    const struct kt_channel_site *channel = NULL;
    const char *complaint = read_record(&t, record);
    enum kt_exit status = complaint != NULL ? kt_app_usage(app, complaint) : kt_app_open(app);
    if (status != KT_EXIT_OK)
        return status;
    if (!kt_file_read(&text, file, LUA_MAX, false, app->arena, &complaint))
        return kt_app_usage(app, kt_format(app->arena, "%s %s", file, complaint));
    t.text = text.p;
    if (kt_map_open(&map, file, t.text, &e) != KT_OK)
        return kt_app_failed(app, &e);
    bool is_hooks = kt_map_has(map, "enrich") || kt_map_has(map, "validate");
    kt_map_close(map);
    if (!is_hooks) {
        channel = channel_of(app, &complaint);
        if (channel == NULL)
            return kt_app_usage(app, complaint);
    }
    return try_file(&t, channel);
}
