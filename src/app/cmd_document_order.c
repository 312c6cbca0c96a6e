/* `kontor document of-order`: what the customer was shown and what was valid, line by line. Main
 * thread. */
#include "app/cmd_document.h"

#include "app/out.h"
#include "flow/binding.h"
#include "flow/documents.h"

enum { HASH_SHOWN = 12 };

/* An order with what is bound to it. */
struct order {
    const struct kt_order_row *row;
    struct kt_bound_line *line;
    size_t lines;
    struct kt_bound *bound; /* with answers that were ended */
    size_t bounds;
};

/* A kind of document of one line. */
struct kind {
    struct kt_str type;
    int64_t basis_us; /* KT_NEVER: not known yet */
    bool is_compared;
    bool agrees;
};

static void add_kind(struct kind *kind, size_t *count, struct kt_str type)
{
    for (size_t i = 0; i < *count; i++) {
        if (kt_str_eq(kind[i].type, type))
            return;
    }
    kind[(*count)++] = (struct kind){ .type = type };
}

/* Of those that are bound now, and of those that cover the article but wait for their basis. */
static enum kt_rc read_kinds(struct kt_app *app, const struct order *o,
                             const struct kt_bound_line *line, struct kind **out, size_t *count,
                             struct kt_err *e)
{
    struct kt_work *w = &app->work;
    struct kt_papers papers = { 0 };
    struct kt_papers own = { 0 };
    enum kt_rc rc =
        kt_papers_read(w, KT_PAPERS_DOCUMENTS, line->scope, &line->goods, 1, &papers, e);
    if (rc != KT_OK)
        return rc;
    kt_papers_of(&papers, &line->goods, &own, w->arena);
    *out = KT_NEW_ARRAY(w->arena, o->bounds + own.versions + 1, struct kind);
    for (size_t i = 0; i < o->bounds; i++) {
        if (kt_str_eq(o->bound[i].line, line->line))
            add_kind(*out, count, o->bound[i].type);
    }
    for (size_t i = 0; i < own.versions; i++) {
        const struct kt_str type = own.version[i].document->type;
        if (kt_binding_basis_us(w->site, line, type) == KT_NEVER)
            add_kind(*out, count, type);
    }
    for (size_t i = 0; rc == KT_OK && i < *count; i++) {
        struct kind *k = &(*out)[i];
        k->basis_us = kt_binding_basis_us(w->site, line, k->type);
        k->agrees = kt_binding_agrees(o->bound, o->bounds, line->line, k->type);
        rc = kt_binding_is_compared(w, line, o->bound, o->bounds, k->type, &k->is_compared, e);
    }
    return rc;
}

static const char *waits_for(const struct kt_site *site, const struct kind *k)
{
    if (k->basis_us != KT_NEVER)
        return NULL;
    return kt_kind_rule_of(&site->documents, k->type)->basis == KT_BASIS_DISPATCH ? "dispatch"
                                                                                  : "batch";
}

/* --- JSON --- */

static void put_bound(struct kt_app *app, const struct kt_bound *b)
{
    struct kt_document d = { 0 };
    bool is_first = true;
    struct kt_buf *out = &app->out;
    if (!kt_shape_key_read(&kt_document_shape, &d, b->row_key, app->arena))
        d.id = b->row_key;
    kt_buf_char(out, '{');
    kt_out_member(out, &is_first, "document", b->row_key);
    kt_out_member(out, &is_first, "id", d.id);
    kt_out_member(out, &is_first, "version", d.version);
    kt_out_member(out, &is_first, "sha256", b->sha256);
    kt_out_member_instant(out, &is_first, "basis", b->basis_us);
    kt_out_member_instant(out, &is_first, "from", b->from_us);
    kt_out_member_instant(out, &is_first, "until", b->until_us);
    kt_buf_char(out, '}');
}

static void put_axis(struct kt_app *app, const struct order *o, const struct kt_bound_line *line,
                     const struct kind *k, enum kt_axis_of_time axis, bool is_ended)
{
    bool is_first = true;
    kt_buf_char(&app->out, '[');
    for (size_t i = 0; i < o->bounds; i++) {
        const struct kt_bound *b = &o->bound[i];
        if (b->axis != axis || (b->until_us != KT_NEVER) != is_ended ||
            !kt_str_eq(b->line, line->line) || !kt_str_eq(b->type, k->type))
            continue;
        kt_buf_text(&app->out, is_first ? "" : ",");
        put_bound(app, b);
        is_first = false;
    }
    kt_buf_char(&app->out, ']');
}

static void put_kind(struct kt_app *app, const struct order *o, const struct kt_bound_line *line,
                     const struct kind *k)
{
    struct kt_buf *out = &app->out;
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_out_member(out, &is_first, "kind", k->type);
    kt_out_member_text(out, &is_first, "waits_for", waits_for(app->work.site, k));
    kt_out_member_bool(out, &is_first, "differs", k->is_compared && !k->agrees);
    kt_json_put_name(out, &is_first, "shown");
    put_axis(app, o, line, k, KT_AXIS_SHOWN, false);
    kt_json_put_name(out, &is_first, "valid");
    put_axis(app, o, line, k, KT_AXIS_VALID, false);
    kt_json_put_name(out, &is_first, "valid_before");
    put_axis(app, o, line, k, KT_AXIS_VALID, true);
    kt_buf_char(out, '}');
}

static void put_line(struct kt_app *app, const struct order *o, const struct kt_bound_line *line,
                     const struct kind *kind, size_t kinds)
{
    struct kt_buf *out = &app->out;
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_out_member(out, &is_first, "line", line->line);
    kt_out_member(out, &is_first, "sku", line->goods.sku);
    kt_out_member_given(out, &is_first, "product", line->goods.product);
    kt_out_member_given(out, &is_first, "family", line->goods.family);
    kt_out_member(out, &is_first, "market", line->market);
    kt_out_member(out, &is_first, "language", line->language);
    kt_out_member_instant(out, &is_first, "placed", line->placed_us);
    kt_out_member_instant(out, &is_first, "dispatched", line->dispatched_us);
    kt_json_put_name(out, &is_first, "documents");
    kt_buf_char(out, '[');
    for (size_t i = 0; i < kinds; i++) {
        kt_buf_text(out, i == 0 ? "" : ",");
        put_kind(app, o, line, &kind[i]);
    }
    kt_buf_text(out, "]}");
}

/* --- for people --- */

static void add_rows(struct kt_app *app, struct kt_table *t, const struct order *o,
                     const struct kt_bound_line *line, const struct kind *k)
{
    const char *waits = waits_for(app->work.site, k);
    kt_table_str(t, line->line);
    kt_table_str(t, line->goods.sku);
    kt_table_str(t, k->type);
    kt_table_str(
        t, kt_binding_names(o->bound, o->bounds, line->line, k->type, KT_AXIS_SHOWN, app->arena));
    if (waits != NULL)
        kt_table_text(t, kt_format(app->arena, "known with the %s", waits));
    else
        kt_table_str(t, kt_binding_names(o->bound, o->bounds, line->line, k->type, KT_AXIS_VALID,
                                         app->arena));
    kt_table_instant(t, k->basis_us);
    kt_table_text(t, !k->is_compared ? "-" : k->agrees ? "no" : "DIFFERS");
}

static void show_history(struct kt_app *app, const struct order *o)
{
    static const char *const titles[] = { "LINE",  "KIND",  "WAS VALID", "AS OF",
                                          "SINCE", "UNTIL", "SHA-256" };
    struct kt_table t;
    size_t rows = 0;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < o->bounds; i++) {
        const struct kt_bound *b = &o->bound[i];
        if (b->axis != KT_AXIS_VALID || b->until_us == KT_NEVER)
            continue;
        rows++;
        kt_table_str(&t, b->line);
        kt_table_str(&t, b->type);
        kt_table_str(&t, b->row_key);
        kt_table_instant(&t, b->basis_us);
        kt_table_instant(&t, b->from_us);
        kt_table_instant(&t, b->until_us);
        kt_table_str(&t, kt_str_part(b->sha256, 0, HASH_SHOWN));
    }
    if (rows == 0)
        return;
    kt_buf_text(&app->out, "\nWhat was taken for valid before more was known:\n\n");
    kt_table_print(&t, &app->out);
}

/* --- kontor document of-order ORDER --- */

static enum kt_rc tell_lines(struct kt_app *app, const struct order *o, struct kt_table *t,
                             bool *differs, struct kt_err *e)
{
    for (size_t i = 0; i < o->lines; i++) {
        struct kind *kind = NULL;
        size_t kinds = 0;
        enum kt_rc rc = read_kinds(app, o, &o->line[i], &kind, &kinds, e);
        if (rc != KT_OK)
            return rc;
        if (app->is_json) {
            kt_buf_text(&app->out, i == 0 ? "" : ",");
            put_line(app, o, &o->line[i], kind, kinds);
        }
        for (size_t k = 0; k < kinds; k++) {
            *differs = *differs || (kind[k].is_compared && !kind[k].agrees);
            if (!app->is_json)
                add_rows(app, t, o, &o->line[i], &kind[k]);
        }
    }
    return KT_OK;
}

static void put_head(struct kt_app *app, const struct kt_order_row *row)
{
    struct kt_buf *out = &app->out;
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_out_member(out, &is_first, "number", row->number);
    kt_out_member(out, &is_first, "channel", row->channel);
    kt_out_member(out, &is_first, "key", row->our_key);
    kt_out_member_instant(out, &is_first, "placed", row->placed_us);
    kt_json_put_name(out, &is_first, "lines");
    kt_buf_char(out, '[');
}

static void show_head(struct kt_app *app, const struct kt_order_row *row)
{
    struct kt_buf *out = &app->out;
    kt_buf_text(out, "Order ");
    kt_out_text(out, row->number);
    kt_buf_text(out, " of ");
    kt_out_text(out, row->channel);
    kt_buf_text(out, ", placed ");
    kt_out_instant(out, row->placed_us);
    kt_buf_text(out, "\n\n");
}

static enum kt_rc tell_order(struct kt_app *app, const struct kt_order_row *row, bool *differs,
                             struct kt_err *e)
{
    static const char *const titles[] = { "LINE",  "ARTICLE",     "KIND",   "SHOWN",
                                          "VALID", "VALID AS OF", "DIFFERS" };
    struct order o = { .row = row };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    enum kt_rc rc = kt_bound_lines(app->work.db, row->our_key, &o.line, &o.lines, app->arena, e);
    if (rc == KT_OK)
        rc = kt_bound_of(app->work.db, row->our_key, true, &o.bound, &o.bounds, app->arena, e);
    if (rc != KT_OK)
        return rc;
    if (app->is_json)
        put_head(app, row);
    else
        show_head(app, row);
    rc = tell_lines(app, &o, &t, differs, e);
    if (app->is_json)
        kt_buf_text(&app->out, "]}");
    else if (o.lines == 0)
        kt_buf_text(&app->out, "Nothing is bound to it: it came before its channel showed "
                               "documents.\n");
    else if (t.count == 0)
        kt_buf_text(&app->out, "No document covers its articles.\n");
    else
        kt_table_print(&t, &app->out);
    if (!app->is_json)
        show_history(app, &o);
    return rc;
}

enum kt_exit kt_document_of_order(struct kt_app *app)
{
    struct kt_order_row *row = NULL;
    struct kt_err e = { 0 };
    bool differs = false;
    size_t count = 0;
    if (kt_document_order(app, app->args.word[2], &row, &count, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (count == 0)
        return kt_document_no_order(app);
    kt_buf_text(&app->out, app->is_json ? "{\"orders\":[" : "");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            kt_buf_text(&app->out, app->is_json ? "," : "\n\n");
        if (tell_order(app, &row[i], &differs, &e) != KT_OK)
            return kt_app_failed(app, &e);
    }
    kt_buf_text(&app->out, app->is_json ? "]}\n" : "");
    return differs ? KT_EXIT_ATTENTION : KT_EXIT_OK;
}
