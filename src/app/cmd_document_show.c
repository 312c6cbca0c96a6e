/* `kontor document show`: the proof of a version: what it is, who brought it when, what was ever
 * said of it, whether its content is whole, which orders are bound to it, and what keeps it. Main
 * thread. */
#include "app/cmd_document.h"

#include "app/out.h"
#include "flow/keeping.h"
#include "store/blobs.h"

enum { ORDERS_MOST = 200, PAGE = 50, HASH_SHOWN = 12 };

/* A version with what was read for its proof. */
struct proof {
    const struct kt_document_found *f;
    bool is_whole;
    struct kt_err damage; /* not whole: why */
    struct kt_bound *bound;
    struct kt_str *number; /* of the order of bound[i], as its shop calls it */
    size_t bounds;
    struct kt_hold *hold;
    size_t holds;
    bool has_keeping;
    struct kt_keeping keeping;
};

/* The page that begins right before it holds it. */
static enum kt_rc read_keeping(struct kt_app *app, struct proof *p, struct kt_err *e)
{
    size_t n = p->f->key.n;
    size_t count = PAGE;
    while (n > 0 && p->f->key.p[n - 1] != '|')
        n--;
    /* '{' stands right before '|': nothing of another id lies between but what begins alike */
    struct kt_str after =
        kt_str_of(kt_format(app->arena, "%.*s{", (int)(n > 0 ? n - 1 : 0), p->f->key.p));
    while (count == PAGE && !p->has_keeping && kt_str_cmp(after, p->f->key) < 0) {
        struct kt_kept *kept = NULL;
        enum kt_rc rc = kt_kept_page(app->work.db, after, PAGE, &kept, &count, app->arena, e);
        if (rc != KT_OK)
            return rc;
        for (size_t i = 0; i < count; i++) {
            after = kept[i].key;
            if (!kt_str_eq(kept[i].key, p->f->key))
                continue;
            kt_keeping_of(&app->config->site, &kept[i], kt_now_us(), &p->keeping);
            p->has_keeping = true;
        }
    }
    return KT_OK;
}

static enum kt_rc read_orders(struct kt_app *app, struct proof *p, struct kt_err *e)
{
    struct kt_order_row row = { 0 };
    bool is_there = false;
    enum kt_rc rc =
        kt_bound_to(app->work.db, p->f->key, ORDERS_MOST, &p->bound, &p->bounds, app->arena, e);
    p->number = KT_NEW_ARRAY(app->arena, p->bounds + 1, struct kt_str);
    for (size_t i = 0; rc == KT_OK && i < p->bounds; i++) {
        rc = kt_order_get(app->work.db, p->bound[i].our_key, &row, &is_there, app->arena, e);
        p->number[i] = rc == KT_OK && is_there ? row.number : p->bound[i].our_key;
    }
    return rc;
}

static enum kt_rc read_proof(struct kt_app *app, const struct kt_document_found *f, struct proof *p,
                             struct kt_err *e)
{
    const struct kt_document *d = f->document;
    struct kt_str bytes = { 0 };
    *p = (struct proof){ .f = f };
    if (app->config->site.blobs != NULL && d->sha256.n > 0)
        p->is_whole = kt_blob_get(app->config->site.blobs, d->sha256, &bytes, app->work.arena,
                                  &p->damage) == KT_OK;
    kt_arena_reset(app->work.arena); /* the content was only looked at */
    enum kt_rc rc = read_orders(app, p, e);
    if (rc == KT_OK)
        rc = kt_holds(app->work.db, d->scope, d->id, &p->hold, &p->holds, app->arena, e);
    return rc == KT_OK ? read_keeping(app, p, e) : rc;
}

/* --- JSON --- */

static void put_revisions(struct kt_app *app, const struct proof *p)
{
    struct kt_buf *out = &app->out;
    for (size_t i = 0; i < p->f->pasts; i++) {
        const struct kt_past *past = &p->f->past[i];
        const struct kt_document *d = past->record;
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member_number(out, &is_first, "revision", past->rev);
        kt_out_member_instant(out, &is_first, "recorded", past->recorded_us);
        kt_out_member_bool(out, &is_first, "is_deleted", past->is_deleted);
        kt_out_member_given(out, &is_first, "source", past->source);
        kt_json_put_name(out, &is_first, "document");
        kt_shape_write(out, &kt_document_shape, d);
        kt_buf_char(out, '}');
    }
}

static void put_orders(struct kt_app *app, const struct proof *p)
{
    struct kt_buf *out = &app->out;
    for (size_t i = 0; i < p->bounds; i++) {
        const struct kt_bound *b = &p->bound[i];
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member(out, &is_first, "number", p->number[i]);
        kt_out_member(out, &is_first, "key", b->our_key);
        kt_out_member(out, &is_first, "line", b->line);
        kt_out_member_text(out, &is_first, "axis", kt_axis_of_time_name(b->axis));
        kt_out_member(out, &is_first, "sha256", b->sha256);
        kt_out_member_instant(out, &is_first, "basis", b->basis_us);
        kt_out_member_instant(out, &is_first, "from", b->from_us);
        kt_out_member_instant(out, &is_first, "until", b->until_us);
        kt_buf_char(out, '}');
    }
}

static void put_holds(struct kt_app *app, const struct proof *p)
{
    struct kt_buf *out = &app->out;
    for (size_t i = 0; i < p->holds; i++) {
        const struct kt_hold *h = &p->hold[i];
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member_number(out, &is_first, "number", h->number);
        kt_out_member(out, &is_first, "reason", h->reason);
        kt_out_member(out, &is_first, "by", h->actor);
        kt_out_member_instant(out, &is_first, "at", h->at_us);
        kt_out_member_given(out, &is_first, "released_by", h->released_by);
        kt_out_member_instant(out, &is_first, "released", h->released_us);
        kt_buf_char(out, '}');
    }
}

static void put_proof(struct kt_app *app, const struct proof *p)
{
    struct kt_buf *out = &app->out;
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_document_put(app, p->f, &is_first);
    kt_out_member_bool(out, &is_first, "is_whole", p->is_whole);
    kt_out_member_text(out, &is_first, "damage",
                       p->damage.v.rc != KT_OK ? kt_code_name(p->damage.v.code) : NULL);
    kt_out_member_text(out, &is_first, "kept_for",
                       p->has_keeping ? kt_keeping_reason_name(p->keeping.reason) : NULL);
    kt_json_put_name(out, &is_first, "keep_years");
    kt_buf_format(out, "%lld", (long long)p->keeping.years);
    kt_out_member_instant(out, &is_first, "free_at", p->keeping.free_us);
    kt_json_put_name(out, &is_first, "history");
    kt_buf_char(out, '[');
    put_revisions(app, p);
    kt_buf_char(out, ']');
    kt_json_put_name(out, &is_first, "orders");
    kt_buf_char(out, '[');
    put_orders(app, p);
    kt_buf_char(out, ']');
    kt_json_put_name(out, &is_first, "holds");
    kt_buf_char(out, '[');
    put_holds(app, p);
    kt_buf_text(out, "]}");
}

/* --- for people --- */

static void label(struct kt_buf *out, const char *name)
{
    kt_buf_format(out, "%-12s ", name);
}

static void line(struct kt_buf *out, const char *name, struct kt_str value)
{
    label(out, name);
    kt_out_text(out, value.n == 0 ? KT_STR("-") : value);
    kt_buf_char(out, '\n');
}

static void show_titles(struct kt_app *app, const struct kt_document *d)
{
    const struct kt_text *t = d->titles.item;
    for (size_t i = 0; i < d->titles.count; i++)
        line(&app->out, i == 0 ? "title" : "",
             kt_str_of(kt_format(app->arena, "%s%s%s", t[i].language.n > 0 ? t[i].language.p : "",
                                 t[i].language.n > 0 ? ": " : "",
                                 t[i].name.n > 0 ? t[i].name.p : "")));
}

static void show_content(struct kt_app *app, const struct proof *p)
{
    const struct kt_document *d = p->f->document;
    struct kt_buf *out = &app->out;
    char sentence[1024];
    line(out, "SHA-256", d->sha256);
    line(out, "file",
         kt_str_of(kt_format(
             app->arena, "%s, %s, %lld bytes", d->file_name.n > 0 ? d->file_name.p : "no name",
             d->media_type.n > 0 ? d->media_type.p : "no type", (long long)d->size)));
    if (p->is_whole) {
        line(out, "content", KT_STR("whole: it was read, and has this hash"));
    } else if (p->damage.v.rc == KT_OK) {
        line(out, "content", KT_STR("not looked at: push.blobs names no folder"));
    } else {
        kt_sentence(&p->damage.v, app->lang, sentence, sizeof sentence);
        line(out, "content", kt_str_of(sentence));
    }
}

static void show_days(struct kt_app *app, const struct kt_document *d)
{
    char from[KT_TIME_TEXT_MAX] = "always";
    char until[KT_TIME_TEXT_MAX] = "open";
    if (d->valid_from.y != 0)
        kt_day_text(d->valid_from, from);
    if (d->valid_until.y != 0)
        kt_day_text(d->valid_until, until);
    line(&app->out, "days", kt_str_of(kt_format(app->arena, "%s to %s", from, until)));
}

static void show_covers(struct kt_app *app, const struct kt_document *d)
{
    struct kt_arena *a = app->arena;
    line(&app->out, "markets",
         d->markets.count > 0 ? kt_document_refs(d->markets, a) : KT_STR("all"));
    line(&app->out, "languages",
         d->languages.count > 0 ? kt_document_refs(d->languages, a) : KT_STR("all"));
    if (d->variants.count > 0)
        line(&app->out, "articles", kt_document_refs(d->variants, a));
    if (d->products.count > 0)
        line(&app->out, "products", kt_document_refs(d->products, a));
    if (d->families.count > 0)
        line(&app->out, "groups", kt_document_refs(d->families, a));
}

static void show_keeping(struct kt_app *app, const struct proof *p)
{
    static const char *const words[KT_KEEPING_REASONS] = {
        [KT_KEEPING_FREE] = "it may go",
        [KT_KEEPING_HELD] = "a legal hold stands",
        [KT_KEEPING_SHOWN] = "a channel shows it",
        [KT_KEEPING_VALID] = "its days have not ended",
        [KT_KEEPING_LISTED] = "its source still lists it",
        [KT_KEEPING_YEARS] = "its years are not over",
    };
    struct kt_buf *out = &app->out;
    if (!p->has_keeping)
        return;
    label(out, "keeping");
    kt_buf_format(out, "%lld years: %s", (long long)p->keeping.years, words[p->keeping.reason]);
    if (p->keeping.free_us != KT_NEVER && p->keeping.reason != KT_KEEPING_FREE) {
        kt_buf_text(out, "; not before ");
        kt_out_instant(out, p->keeping.free_us);
    }
    kt_buf_char(out, '\n');
}

static void show_revisions(struct kt_app *app, const struct proof *p)
{
    static const char *const titles[] = { ">REVISION", "RECORDED", "SOURCE", "WHAT",
                                          "FROM",      "UNTIL",    "SHA-256" };
    struct kt_table t;
    struct kt_str before = { 0 };
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < p->f->pasts; i++) {
        const struct kt_past *past = &p->f->past[i];
        const struct kt_document *d = past->record;
        const char *what = past->is_deleted                ? "gone"
                           : i == 0                        ? "received"
                           : !kt_str_eq(before, d->sha256) ? "other content"
                                                           : "changed";
        kt_table_number(&t, past->rev);
        kt_table_instant(&t, past->recorded_us);
        kt_table_str(&t, past->source.n > 0 ? past->source : KT_STR("-"));
        kt_table_text(&t, what);
        kt_document_days(&t, d);
        kt_table_str(&t, kt_str_part(d->sha256, 0, HASH_SHOWN));
        before = d->sha256;
    }
    kt_buf_char(&app->out, '\n');
    kt_table_print(&t, &app->out);
}

static void show_orders(struct kt_app *app, const struct proof *p)
{
    static const char *const titles[] = { "ORDER", "LINE",  "AXIS",   "AS OF",
                                          "SINCE", "UNTIL", "SHA-256" };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < p->bounds; i++) {
        const struct kt_bound *b = &p->bound[i];
        kt_table_str(&t, p->number[i]);
        kt_table_str(&t, b->line);
        kt_table_text(&t, kt_axis_of_time_name(b->axis));
        kt_table_instant(&t, b->basis_us);
        kt_table_instant(&t, b->from_us);
        kt_table_instant(&t, b->until_us);
        kt_table_str(&t, kt_str_part(b->sha256, 0, HASH_SHOWN));
    }
    kt_buf_char(&app->out, '\n');
    if (p->bounds == 0)
        kt_buf_text(&app->out, "No order is bound to it.\n");
    else
        kt_table_print(&t, &app->out);
    if (p->bounds == ORDERS_MOST)
        kt_buf_format(&app->out, "These are %d of them.\n", ORDERS_MOST);
}

static void show_holds(struct kt_app *app, const struct proof *p)
{
    static const char *const titles[] = { ">HOLD", "SINCE", "BY", "RELEASED", "REASON" };
    struct kt_table t;
    if (p->holds == 0)
        return;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < p->holds; i++) {
        kt_table_number(&t, p->hold[i].number);
        kt_table_instant(&t, p->hold[i].at_us);
        kt_table_str(&t, p->hold[i].actor);
        kt_table_instant(&t, p->hold[i].released_us);
        kt_table_str(&t, p->hold[i].reason);
    }
    kt_buf_char(&app->out, '\n');
    kt_table_print(&t, &app->out);
}

static void show_proof(struct kt_app *app, const struct proof *p)
{
    const struct kt_document *d = p->f->document;
    struct kt_buf *out = &app->out;
    line(out, "document", kt_str_of(kt_format(app->arena, "%s of %s", d->id.p, d->scope.p)));
    line(out, "version", d->version);
    line(out, "kind", d->type);
    show_titles(app, d);
    line(out, "state", kt_str_of(kt_document_state(p->f, kt_now_us())));
    show_days(app, d);
    show_covers(app, d);
    if (d->supersedes.n > 0)
        line(out, "replaces", d->supersedes);
    label(out, "received");
    kt_out_instant(out, p->f->past[0].recorded_us);
    kt_buf_text(out, ", last word ");
    kt_out_instant(out, p->f->past[p->f->pasts - 1].recorded_us);
    kt_buf_char(out, '\n');
    show_content(app, p);
    show_keeping(app, p);
    show_revisions(app, p);
    show_orders(app, p);
    show_holds(app, p);
}

/* --- kontor document show ID [VERSION] --- */

static bool is_asked_for(const struct kt_app *app, const struct kt_document_found *f)
{
    const char *version = app->args.words > 3 ? app->args.word[3] : NULL;
    return version == NULL || kt_str_is(f->document->version, version);
}

enum kt_exit kt_document_show(struct kt_app *app)
{
    struct kt_document_found *f = NULL;
    enum kt_exit status = KT_EXIT_OK;
    struct kt_err e = { 0 };
    size_t count = 0;
    size_t shown = 0;
    if (kt_document_look_up(app, app->args.word[2], &f, &count, &e) != KT_OK)
        return kt_app_failed(app, &e);
    for (size_t i = 0; i < count; i++) {
        struct proof p;
        if (!is_asked_for(app, &f[i]))
            continue;
        if (read_proof(app, &f[i], &p, &e) != KT_OK)
            return kt_app_failed(app, &e);
        if (p.damage.v.rc != KT_OK)
            status = KT_EXIT_ATTENTION;
        if (app->is_json) {
            kt_buf_text(&app->out, shown++ == 0 ? "{\"documents\":[" : ",");
            put_proof(app, &p);
        } else {
            kt_buf_text(&app->out, shown++ == 0 ? "" : "\n\n");
            show_proof(app, &p);
        }
    }
    if (shown == 0)
        return kt_document_unknown(app, app->args.word[2]);
    kt_buf_text(&app->out, app->is_json ? "]}\n" : "");
    return status;
}
