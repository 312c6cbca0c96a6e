/* Documents as commands find and name them; `kontor document versions`. Main thread. */
#include "app/cmd_document.h"

#include <string.h>

#include "app/out.h"

enum { REFS_MAX = 4000, HASH_SHOWN = 12 };

/* --- finding --- */

void kt_document_group(struct kt_app *app, const struct kt_past *past, size_t pasts,
                       struct kt_document_found **out, size_t *count)
{
    struct kt_document_found *found = KT_NEW_ARRAY(app->arena, pasts + 1, struct kt_document_found);
    size_t n = 0;
    for (size_t i = 0; i < pasts; i++) {
        if (n == 0 || !kt_str_eq(found[n - 1].key, past[i].key))
            found[n++] = (struct kt_document_found){ .key = past[i].key, .past = &past[i] };
        struct kt_document_found *f = &found[n - 1];
        f->pasts++;
        f->is_known = !past[i].is_deleted;
        f->document = past[i].record;
    }
    *out = found;
    *count = n;
}

static enum kt_rc past_in(struct kt_app *app, const char *scope, const char *id,
                          struct kt_past **past, size_t *pasts, struct kt_err *e)
{
    struct kt_document d = { .scope = kt_str_of(scope), .id = kt_str_of(id) };
    struct kt_str key = kt_shape_key(&kt_document_shape, &d, app->arena); /* "scope|id|" */
    return kt_past_of(app->work.db, KT_KIND_DOCUMENT, kt_str_part(key, 0, key.n - 1), past, pasts,
                      app->arena, e);
}

static bool is_named_before(const struct kt_site *site, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(site->erp[i].scope, site->erp[at].scope) == 0)
            return true;
    }
    return false;
}

static enum kt_rc past_anywhere(struct kt_app *app, const char *id, struct kt_past **past,
                                size_t *pasts, struct kt_err *e)
{
    const struct kt_site *site = &app->config->site;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < site->erps; i++) {
        struct kt_past *more = NULL;
        size_t count = 0;
        if (is_named_before(site, i))
            continue;
        rc = past_in(app, site->erp[i].scope, id, &more, &count, e);
        if (rc != KT_OK || count == 0)
            continue;
        struct kt_past *all = KT_NEW_ARRAY(app->arena, *pasts + count, struct kt_past);
        if (*pasts > 0)
            memcpy(all, *past, *pasts * sizeof *all);
        memcpy(all + *pasts, more, count * sizeof *all);
        *past = all;
        *pasts += count;
    }
    return rc;
}

enum kt_rc kt_document_look_up(struct kt_app *app, const char *name, struct kt_document_found **out,
                               size_t *count, struct kt_err *e)
{
    struct kt_past *past = NULL;
    size_t pasts = 0;
    enum kt_rc rc = KT_OK;
    if (strchr(name, '|') != NULL)
        rc = kt_past_of(app->work.db, KT_KIND_DOCUMENT, kt_str_of(name), &past, &pasts, app->arena,
                        e);
    else
        rc = past_anywhere(app, name, &past, &pasts, e);
    kt_document_group(app, past, pasts, out, count);
    return rc;
}

enum kt_exit kt_document_unknown(struct kt_app *app, const char *name)
{
    if (app->is_json) {
        kt_buf_text(&app->out, "{\"documents\":[]}\n");
    } else {
        kt_buf_text(&app->out, "There is no document ");
        kt_out_text(&app->out, kt_str_of(name));
        kt_buf_text(&app->out, ", and never was.\n");
    }
    return KT_EXIT_ATTENTION;
}

enum kt_rc kt_document_order(struct kt_app *app, const char *name, struct kt_order_row **row,
                             size_t *count, struct kt_err *e)
{
    struct kt_order_row *one = KT_NEW(app->arena, struct kt_order_row);
    bool is_found = false;
    size_t whole = 0;
    *row = one;
    *count = 0;
    enum kt_rc rc = kt_order_get(app->work.db, kt_str_of(name), one, &is_found, app->arena, e);
    if (rc == KT_OK && is_found)
        rc = kt_order_parts(app->work.db, one->channel, one->shop, one->order_id, row, count,
                            app->arena, e);
    else if (rc == KT_OK)
        rc = kt_order_search(app->work.db, kt_str_of(name), row, count, app->arena, e);
    for (size_t i = 0; rc == KT_OK && i < *count; i++) { /* documents are bound to the whole */
        if ((*row)[i].part.n == 0)
            (*row)[whole++] = (*row)[i];
    }
    *count = whole;
    return rc;
}

enum kt_exit kt_document_no_order(struct kt_app *app)
{
    kt_buf_text(&app->out, app->is_json ? "{\"orders\":[]}\n"
                                        : "There is no order with this number, id or key.\n");
    return KT_EXIT_ATTENTION;
}

/* --- naming --- */

static bool is_over(struct kt_day last, struct kt_day today)
{
    return last.y != 0 && kt_day_cmp(last, today) < 0;
}

const char *kt_document_state(const struct kt_document_found *f, int64_t now_us)
{
    const struct kt_day today = kt_day_of(now_us);
    if (!f->is_known)
        return "gone";
    if (is_over(f->document->valid_until, today))
        return "ended";
    return f->document->valid_from.y != 0 && kt_day_cmp(f->document->valid_from, today) > 0
               ? "later"
               : "valid";
}

struct kt_str kt_document_refs(struct kt_list refs, struct kt_arena *a)
{
    const struct kt_ref *all = refs.item;
    struct kt_buf out;
    kt_buf_init(&out, a, REFS_MAX);
    for (size_t i = 0; i < refs.count; i++) {
        kt_buf_text(&out, i == 0 ? "" : ", ");
        kt_buf_str(&out, all[i].id);
    }
    return out.n > 0 ? kt_buf_view(&out) : KT_STR("-");
}

void kt_document_days(struct kt_table *t, const struct kt_document *d)
{
    const struct kt_day days[] = { d->valid_from, d->valid_until };
    for (size_t i = 0; i < KT_COUNT(days); i++) {
        char text[KT_TIME_TEXT_MAX] = "-";
        if (days[i].y != 0)
            kt_day_text(days[i], text);
        kt_table_text(t, text);
    }
}

void kt_document_put(struct kt_app *app, const struct kt_document_found *f, bool *is_first)
{
    struct kt_buf *out = &app->out;
    const struct kt_past *last = &f->past[f->pasts - 1];
    kt_out_member(out, is_first, "key", f->key);
    kt_out_member_text(out, is_first, "state", kt_document_state(f, kt_now_us()));
    kt_out_member_instant(out, is_first, "received", f->past[0].recorded_us);
    kt_out_member_instant(out, is_first, "recorded", last->recorded_us);
    kt_out_member_number(out, is_first, "revisions", (int64_t)f->pasts);
    kt_out_member_given(out, is_first, "source", last->source);
    kt_json_put_name(out, is_first, "document");
    kt_shape_write(out, &kt_document_shape, f->document);
}

/* --- kontor document versions ID --- */

static void show_versions(struct kt_app *app, const struct kt_document_found *f, size_t count)
{
    static const char *const titles[] = { "VERSION",    "STATE",     "FROM",     "UNTIL",
                                          "MARKETS",    "LANGUAGES", "REPLACES", "RECEIVED",
                                          ">REVISIONS", "SHA-256" };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < count; i++) {
        const struct kt_document *d = f[i].document;
        kt_table_str(&t, d->version.n > 0 ? d->version : KT_STR("-"));
        kt_table_text(&t, kt_document_state(&f[i], kt_now_us()));
        kt_document_days(&t, d);
        kt_table_str(&t, kt_document_refs(d->markets, app->arena));
        kt_table_str(&t, kt_document_refs(d->languages, app->arena));
        kt_table_str(&t, d->supersedes.n > 0 ? d->supersedes : KT_STR("-"));
        kt_table_instant(&t, f[i].past[0].recorded_us);
        kt_table_number(&t, (int64_t)f[i].pasts);
        kt_table_str(&t, kt_str_part(d->sha256, 0, HASH_SHOWN));
    }
    kt_table_print(&t, &app->out);
}

/* Versions of one id stand together; several scopes may have the same. */
static size_t end_of_id(const struct kt_document_found *f, size_t count, size_t from)
{
    size_t to = from + 1;
    while (to < count && kt_str_eq(f[to].document->scope, f[from].document->scope) &&
           kt_str_eq(f[to].document->id, f[from].document->id))
        to++;
    return to;
}

enum kt_exit kt_document_versions(struct kt_app *app)
{
    struct kt_document_found *f = NULL;
    struct kt_err e = { 0 };
    struct kt_buf *out = &app->out;
    size_t count = 0;
    if (kt_document_look_up(app, app->args.word[2], &f, &count, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (count == 0)
        return kt_document_unknown(app, app->args.word[2]);
    kt_buf_text(out, app->is_json ? "{\"documents\":[" : "");
    for (size_t i = 0; app->is_json && i < count; i++) {
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_document_put(app, &f[i], &is_first);
        kt_buf_char(out, '}');
    }
    for (size_t from = 0, to = 0; !app->is_json && from < count; from = to) {
        to = end_of_id(f, count, from);
        kt_buf_text(out, from == 0 ? "" : "\n");
        kt_out_text(out, f[from].document->id);
        kt_buf_text(out, " of ");
        kt_out_text(out, f[from].document->scope);
        kt_buf_text(out, ", ");
        kt_out_text(out, f[to - 1].document->type);
        kt_buf_text(out, "\n\n");
        show_versions(app, &f[from], to - from);
    }
    kt_buf_text(out, app->is_json ? "]}\n" : "");
    return KT_EXIT_OK;
}
