/* `kontor document list`: what the sources know now, all of it or by article, kind or market; and
 * what waits for articles that nobody knows yet. Main thread. */
#include "app/cmd_document.h"

#include "app/out.h"
#include "flow/documents.h"

enum { PAGE = 200, LIST_MOST = 5000, WAITS_MAX = 2000 };

/* What is asked for, and what has been listed. */
struct listing {
    struct kt_app *app;
    struct kt_str type;
    struct kt_str market;
    bool is_waiting; /* only those that wait for something */
    struct kt_table t;
    size_t count;
};

static bool names(struct kt_list refs, struct kt_str id)
{
    const struct kt_ref *all = refs.item;
    for (size_t i = 0; i < refs.count; i++) {
        if (kt_str_eq(all[i].id, id))
            return true;
    }
    return false;
}

static bool is_asked_for(const struct listing *l, const struct kt_document *d)
{
    return (l->type.p == NULL || kt_str_eq(d->type, l->type)) &&
           (l->market.p == NULL || d->markets.count == 0 || names(d->markets, l->market));
}

/* --- what it waits for --- */

static void add_wait(struct kt_buf *out, struct kt_str id)
{
    kt_buf_text(out, out->n == 0 ? "" : ", ");
    kt_buf_str(out, id);
}

static struct kt_str key_of(enum kt_kind kind, struct kt_str scope, struct kt_str id,
                            struct kt_arena *a)
{
    const struct kt_variant v = { .scope = scope, .sku = id };
    const struct kt_product p = { .scope = scope, .id = id };
    return kind == KT_KIND_VARIANT ? kt_shape_key(&kt_variant_shape, &v, a)
                                   : kt_shape_key(&kt_product_shape, &p, a);
}

static enum kt_rc add_unknown(struct kt_app *app, enum kt_kind kind, struct kt_str scope,
                              struct kt_list refs, struct kt_buf *out, struct kt_err *e)
{
    struct kt_arena *a = app->work.arena;
    const struct kt_ref *all = refs.item;
    struct kt_str *key = KT_NEW_ARRAY(a, refs.count + 1, struct kt_str);
    struct kt_stored *stored = KT_NEW_ARRAY(a, refs.count + 1, struct kt_stored);
    if (refs.count == 0)
        return KT_OK;
    for (size_t i = 0; i < refs.count; i++)
        key[i] = key_of(kind, scope, all[i].id, a);
    enum kt_rc rc = kt_records_get(app->work.db, kind, key, refs.count, stored, a, e);
    for (size_t i = 0; rc == KT_OK && i < refs.count; i++) {
        if (stored[i].record == NULL || stored[i].is_deleted)
            add_wait(out, all[i].id);
    }
    return rc;
}

static enum kt_rc add_empty_groups(struct kt_app *app, struct kt_str scope, struct kt_list refs,
                                   struct kt_buf *out, struct kt_err *e)
{
    const struct kt_ref *all = refs.item;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < refs.count; i++) {
        struct kt_list found = { 0 };
        rc = kt_records_where(app->work.db, KT_KIND_PRODUCT, scope, "product_group", all[i].id,
                              &found, app->work.arena, e);
        if (rc == KT_OK && found.count == 0)
            add_wait(out, all[i].id);
    }
    return rc;
}

/* Articles, products and groups that it names and nobody knows. */
static enum kt_rc waits_for(struct kt_app *app, const struct kt_document *d, struct kt_str *waits,
                            struct kt_err *e)
{
    struct kt_buf out;
    kt_buf_init(&out, app->arena, WAITS_MAX);
    enum kt_rc rc = add_unknown(app, KT_KIND_VARIANT, d->scope, d->variants, &out, e);
    if (rc == KT_OK)
        rc = add_unknown(app, KT_KIND_PRODUCT, d->scope, d->products, &out, e);
    if (rc == KT_OK)
        rc = add_empty_groups(app, d->scope, d->families, &out, e);
    *waits = out.n > 0 ? kt_buf_view(&out) : (struct kt_str){ NULL, 0 };
    return rc;
}

/* --- telling --- */

static void put(struct listing *l, const struct kt_document *d, struct kt_str key,
                struct kt_str waits)
{
    const struct kt_document_found f = { .key = key, .document = d, .is_known = true };
    struct kt_buf *out = &l->app->out;
    bool is_first = true;
    kt_buf_text(out, l->count == 0 ? "{" : ",{");
    kt_out_member(out, &is_first, "key", key);
    kt_out_member_text(out, &is_first, "state", kt_document_state(&f, kt_now_us()));
    if (l->is_waiting)
        kt_out_member(out, &is_first, "waits_for", waits);
    kt_json_put_name(out, &is_first, "document");
    kt_shape_write(out, &kt_document_shape, d);
    kt_buf_char(out, '}');
}

static void add_row(struct listing *l, const struct kt_document *d, struct kt_str key,
                    struct kt_str waits)
{
    const struct kt_document_found f = { .key = key, .document = d, .is_known = true };
    struct kt_arena *a = l->app->arena;
    kt_table_str(&l->t, d->id);
    kt_table_str(&l->t, d->version.n > 0 ? d->version : KT_STR("-"));
    kt_table_str(&l->t, d->scope);
    kt_table_str(&l->t, d->type);
    kt_table_text(&l->t, kt_document_state(&f, kt_now_us()));
    kt_document_days(&l->t, d);
    kt_table_str(&l->t, kt_document_refs(d->markets, a));
    kt_table_str(&l->t, kt_document_refs(d->languages, a));
    if (l->is_waiting)
        kt_table_str(&l->t, kt_str_of(kt_format(a, "waits for %s", waits.p)));
}

static enum kt_rc tell(struct listing *l, const struct kt_document *d, struct kt_err *e)
{
    struct kt_str waits = { 0 };
    struct kt_str key = { 0 };
    enum kt_rc rc = KT_OK;
    if (!is_asked_for(l, d) || l->count > LIST_MOST)
        return KT_OK;
    if (l->is_waiting)
        rc = waits_for(l->app, d, &waits, e);
    if (rc != KT_OK || (l->is_waiting && waits.n == 0))
        return rc;
    if (l->count < LIST_MOST) {
        key = kt_shape_key(&kt_document_shape, d, l->app->work.arena);
        if (l->app->is_json)
            put(l, d, key, waits);
        else
            add_row(l, d, key, waits);
    }
    l->count++;
    return KT_OK;
}

/* --- going through them --- */

static enum kt_rc list_all(struct listing *l, struct kt_err *e)
{
    struct kt_app *app = l->app;
    struct kt_str after = KT_STR("");
    size_t count = PAGE;
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && count == PAGE && l->count <= LIST_MOST) {
        struct kt_str *key = NULL;
        kt_arena_reset(app->work.arena);
        rc = kt_records_keys(app->work.db, KT_KIND_DOCUMENT, after, PAGE, &key, &count,
                             app->work.arena, e);
        struct kt_stored *stored = KT_NEW_ARRAY(app->work.arena, count + 1, struct kt_stored);
        if (rc == KT_OK && count > 0)
            rc = kt_records_get(app->work.db, KT_KIND_DOCUMENT, key, count, stored, app->work.arena,
                                e);
        for (size_t i = 0; rc == KT_OK && i < count; i++) {
            if (stored[i].record != NULL && !stored[i].is_deleted)
                rc = tell(l, stored[i].record, e);
        }
        if (count > 0)
            after = kt_str_copy(app->arena, key[count - 1]);
    }
    return rc;
}

/* What covers the article in one scope, known now. */
static enum kt_rc list_of(struct listing *l, const char *scope, struct kt_str sku, struct kt_err *e)
{
    struct kt_work *w = &l->app->work;
    struct kt_article article = { 0 };
    struct kt_papers all = { 0 };
    struct kt_papers own = { 0 };
    enum kt_rc rc = kt_articles_read(w, kt_str_of(scope), &sku, 1, &article, e);
    if (rc == KT_OK)
        rc = kt_papers_read(w, KT_PAPERS_DOCUMENTS, kt_str_of(scope), &article.goods, 1, &all, e);
    if (rc != KT_OK)
        return rc;
    kt_papers_of(&all, &article.goods, &own, w->arena);
    for (size_t i = 0; rc == KT_OK && i < own.versions; i++) {
        if (own.version[i].gone_us == KT_NEVER)
            rc = tell(l, own.version[i].document, e);
    }
    return rc;
}

static enum kt_rc list_of_article(struct listing *l, struct kt_str sku, struct kt_err *e)
{
    const struct kt_site *site = &l->app->config->site;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < site->erps; i++) {
        bool is_told = false;
        for (size_t k = 0; k < i && !is_told; k++)
            is_told = kt_str_is(kt_str_of(site->erp[k].scope), site->erp[i].scope);
        if (!is_told)
            rc = list_of(l, site->erp[i].scope, sku, e);
    }
    return rc;
}

/* --- kontor document list --- */

enum kt_exit kt_document_list(struct kt_app *app)
{
    static const char *const titles[] = { "ID",   "VERSION", "SCOPE",   "KIND",      "STATE",
                                          "FROM", "UNTIL",   "MARKETS", "LANGUAGES", "WAITS" };
    const char *sku = kt_args_value(&app->args, "--sku");
    struct kt_err e = { 0 };
    struct listing l = { .app = app,
                         .type = kt_str_of(kt_args_value(&app->args, "--type")),
                         .market = kt_str_of(kt_args_value(&app->args, "--market")),
                         .is_waiting = kt_args_has(&app->args, "--waiting") };
    kt_table_init(&l.t, app->arena, titles, KT_COUNT(titles) - (l.is_waiting ? 0 : 1));
    kt_buf_text(&app->out, app->is_json ? "{\"documents\":[" : "");
    enum kt_rc rc = sku == NULL ? list_all(&l, &e) : list_of_article(&l, kt_str_of(sku), &e);
    if (rc != KT_OK)
        return kt_app_failed(app, &e);
    if (app->is_json) {
        kt_buf_format(&app->out, "],\"is_complete\":%s}\n", l.count > LIST_MOST ? "false" : "true");
        return KT_EXIT_OK;
    }
    if (l.count == 0)
        kt_buf_text(&app->out, l.is_waiting ? "No document waits for an article.\n"
                                            : "There is no such document.\n");
    else
        kt_table_print(&l.t, &app->out);
    if (l.count > LIST_MOST)
        kt_buf_format(&app->out,
                      "These are the first %d; ask for less by --sku, --type, --market.\n",
                      LIST_MOST);
    return KT_EXIT_OK;
}
