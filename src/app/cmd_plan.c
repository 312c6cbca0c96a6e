/* `kontor plan`: how an article's page goes into a channel, before anything is sent. Main thread.
 */
#include <string.h>

#include "app/commands.h"
#include "app/out.h"
#include "app/table.h"
#include "flow/pages.h"
#include "store/records.h"

enum { PAGE = 200 };

struct counts {
    int64_t pages;
    int64_t variants;
    int64_t form[KT_PLAN_REFUSED + 1];
    int64_t folded;
    int64_t left_out;
};

struct plan_run {
    struct kt_app *app;
    const struct kt_channel_site *channel;
    struct counts counts;
    bool is_short; /* many pages: only those with something to say */
    bool is_first;
    bool is_found;
};

static const char *form_name(enum kt_plan_form form)
{
    static const char *const names[] = { [KT_PLAN_EMPTY] = "empty",
                                         [KT_PLAN_SINGLE] = "single",
                                         [KT_PLAN_MATRIX] = "matrix",
                                         [KT_PLAN_SPLIT] = "split",
                                         [KT_PLAN_REFUSED] = "refused" };
    return names[form];
}

/* --- for people --- */

static void put_options(struct kt_buf *out, const struct kt_variant *v)
{
    const struct kt_axis_value *value = v->axis_values.item;
    for (size_t i = 0; i < v->axis_values.count; i++) {
        kt_buf_text(out, i == 0 ? "" : ", ");
        kt_out_text(out, value[i].axis);
        kt_buf_text(out, " = ");
        kt_out_text(out, value[i].value);
    }
}

static void show_part(struct plan_run *r, const struct kt_plan_page *p)
{
    static const char *const titles[] = { "SKU", "OPTIONS" };
    struct kt_app *app = r->app;
    struct kt_table t;
    if (p->part.n > 0) {
        kt_buf_text(&app->out, "part ");
        kt_out_text(&app->out, p->label);
        kt_buf_format(&app->out, " (%s)\n", form_name(p->form));
    }
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < p->count; i++) {
        struct kt_buf options;
        kt_buf_init(&options, app->arena, 8192);
        put_options(&options, &p->variant[i]);
        kt_table_str(&t, p->variant[i].sku);
        kt_table_str(&t, kt_buf_view(&options));
    }
    kt_table_print(&t, &app->out);
}

static void put_sentence(struct plan_run *r, const struct kt_verdict *v)
{
    char sentence[512];
    kt_sentence(v, r->app->lang, sentence, sizeof sentence);
    kt_out_text(&r->app->out, kt_str_of(sentence));
    kt_buf_char(&r->app->out, '\n');
}

static void show_page(struct plan_run *r, const struct kt_planned *page)
{
    struct kt_buf *out = &r->app->out;
    const struct kt_plan *plan = &page->plan;
    bool has_news = plan->outs > 0 || plan->is_folded || plan->form == KT_PLAN_SPLIT ||
                    plan->form == KT_PLAN_REFUSED;
    if (r->is_short && !has_news)
        return;
    kt_out_text(out, page->id);
    kt_buf_format(out, " on %s: %s%s, %zu axes, %zu variants, %zu left out\n", r->channel->name,
                  form_name(plan->form), plan->is_folded ? ", folded" : "", page->page.axes,
                  page->page.count, plan->outs);
    if (plan->form == KT_PLAN_REFUSED)
        put_sentence(r, &plan->why);
    for (size_t i = 0; i < plan->pages && (!r->is_short || plan->is_folded || plan->pages > 1); i++)
        show_part(r, &plan->page[i]);
    for (size_t i = 0; i < plan->outs && plan->form != KT_PLAN_REFUSED; i++) {
        kt_buf_text(out, "left out: ");
        put_sentence(r, &plan->out[i].why);
    }
}

/* --- for programs --- */

static void put_axes(struct kt_buf *out, const struct kt_plan_page *p)
{
    const struct kt_plan_axis *axis = p->axes.item;
    kt_buf_text(out, ",\"axes\":[");
    for (size_t i = 0; i < p->axes.count; i++) {
        const struct kt_plan_option *option = axis[i].options.item;
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member(out, &is_first, "code", axis[i].code);
        kt_buf_text(out, ",\"options\":[");
        for (size_t k = 0; k < axis[i].options.count; k++) {
            kt_buf_text(out, k == 0 ? "" : ",");
            kt_json_put_text(out, option[k].value);
        }
        kt_buf_text(out, "]}");
    }
    kt_buf_text(out, "],\"variants\":[");
    for (size_t i = 0; i < p->count; i++) {
        const struct kt_axis_value *value = p->variant[i].axis_values.item;
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member(out, &is_first, "sku", p->variant[i].sku);
        kt_buf_text(out, ",\"options\":{");
        is_first = true;
        for (size_t k = 0; k < p->variant[i].axis_values.count; k++) {
            kt_buf_text(out, is_first ? "" : ",");
            is_first = false;
            kt_json_put_text(out, value[k].axis);
            kt_buf_char(out, ':');
            kt_json_put_text(out, value[k].value);
        }
        kt_buf_text(out, "}}");
    }
    kt_buf_char(out, ']');
}

static void write_page(struct plan_run *r, const struct kt_planned *page)
{
    struct kt_buf *out = &r->app->out;
    const struct kt_plan *plan = &page->plan;
    bool is_first = true;
    kt_buf_text(out, r->is_first ? "{" : ",{");
    r->is_first = false;
    kt_out_member(out, &is_first, "product", page->id);
    kt_out_member_text(out, &is_first, "form", form_name(plan->form));
    kt_out_member_bool(out, &is_first, "folded", plan->is_folded);
    if (plan->form == KT_PLAN_REFUSED)
        kt_out_verdict(out, &is_first, &plan->why, r->app->lang);
    kt_buf_text(out, ",\"pages\":[");
    for (size_t i = 0; i < plan->pages; i++) {
        const struct kt_plan_page *p = &plan->page[i];
        is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member(out, &is_first, "part", p->part);
        kt_out_member(out, &is_first, "label", p->label);
        kt_out_member_text(out, &is_first, "form", form_name(p->form));
        put_axes(out, p);
        kt_buf_char(out, '}');
    }
    kt_buf_text(out, "],\"left_out\":[");
    for (size_t i = 0; i < plan->outs; i++) {
        is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member(out, &is_first, "sku", plan->out[i].item->variant->sku);
        kt_out_verdict(out, &is_first, &plan->out[i].why, r->app->lang);
        kt_buf_char(out, '}');
    }
    kt_buf_text(out, "]}");
}

/* --- one page, or all --- */

static void count_page(struct counts *c, const struct kt_planned *page)
{
    if (page->page.count == 0)
        return;
    c->pages++;
    c->variants += (int64_t)page->page.count;
    c->form[page->plan.form]++;
    c->folded += page->plan.is_folded;
    c->left_out += (int64_t)page->plan.outs;
}

static enum kt_rc plan_pages(struct plan_run *r, const struct kt_str *id, size_t count,
                             struct kt_err *e)
{
    struct kt_pages pages;
    enum kt_rc rc = kt_pages_load(&r->app->work, r->channel, id, count, &pages, e);
    for (size_t i = 0; rc == KT_OK && i < pages.count; i++) {
        const struct kt_planned *page = &pages.item[i];
        if (page->page.count == 0)
            continue;
        r->is_found = true;
        count_page(&r->counts, page);
        if (r->app->is_json)
            write_page(r, page);
        else
            show_page(r, page);
    }
    return rc;
}

/* Pages named by living variants, in the order of the variants; each only once. */
static enum kt_rc plan_all(struct plan_run *r, struct kt_err *e)
{
    struct kt_work *w = &r->app->work;
    struct kt_page_walk walk;
    struct kt_str *id = NULL;
    size_t count = 1;
    enum kt_rc rc = KT_OK;
    kt_page_walk_begin(&walk, r->channel);
    while (rc == KT_OK && count > 0) {
        kt_arena_reset(w->arena);
        rc = kt_page_walk_next(w, &walk, PAGE, &id, &count, e);
        if (rc == KT_OK && count > 0)
            rc = plan_pages(r, id, count, e);
    }
    kt_page_walk_end(&walk);
    return rc;
}

static void put_counts(struct plan_run *r)
{
    const struct counts *c = &r->counts;
    struct kt_buf *out = &r->app->out;
    bool is_first = true;
    if (!r->app->is_json) {
        kt_buf_format(out,
                      "pages=%lld variants=%lld single=%lld matrix=%lld split=%lld folded=%lld "
                      "refused=%lld left_out=%lld\n",
                      (long long)c->pages, (long long)c->variants,
                      (long long)c->form[KT_PLAN_SINGLE], (long long)c->form[KT_PLAN_MATRIX],
                      (long long)c->form[KT_PLAN_SPLIT], (long long)c->folded,
                      (long long)c->form[KT_PLAN_REFUSED], (long long)c->left_out);
        return;
    }
    kt_buf_text(out, "],\"counts\":{");
    kt_out_member_number(out, &is_first, "pages", c->pages);
    kt_out_member_number(out, &is_first, "variants", c->variants);
    for (int form = KT_PLAN_SINGLE; form <= KT_PLAN_REFUSED; form++)
        kt_out_member_number(out, &is_first, form_name((enum kt_plan_form)form), c->form[form]);
    kt_out_member_number(out, &is_first, "folded", c->folded);
    kt_out_member_number(out, &is_first, "left_out", c->left_out);
    kt_buf_text(out, "}}\n");
}

/* A page's number, a SKU of it, or a key as other commands print it. */
static enum kt_rc page_id(struct plan_run *r, const char *word, struct kt_str *id, struct kt_err *e)
{
    struct kt_arena *a = r->app->arena;
    struct kt_str scope = kt_str_of(r->channel->erp->scope);
    struct kt_str part;
    struct kt_stored stored = { 0 };
    if (strchr(word, '|') == NULL || !kt_page_key_read(kt_str_of(word), id, &part, a))
        *id = kt_str_of(word);
    struct kt_str key = kt_page_key(scope, *id, KT_STR(""), a);
    enum kt_rc rc = kt_records_get(r->app->work.db, KT_KIND_VARIANT, &key, 1, &stored, a, e);
    if (rc == KT_OK && stored.record != NULL && !stored.is_deleted)
        *id = ((const struct kt_variant *)stored.record)->product;
    return rc;
}

/* Before the first read, too. */
static enum kt_exit nothing_found(struct plan_run *r, bool is_all)
{
    struct kt_app *app = r->app;
    if (!app->is_json && is_all) {
        kt_buf_format(&app->out,
                      "No articles of %s yet: `kontor sync catalogue` or `kontor adopt` "
                      "reads them.\n",
                      r->channel->erp->name);
    } else if (!app->is_json) {
        kt_buf_text(&app->out, "There is no article ");
        kt_out_text(&app->out, kt_str_of(app->args.word[1]));
        kt_buf_text(&app->out, " that is sold.\n");
    }
    return is_all ? KT_EXIT_OK : KT_EXIT_ATTENTION;
}

static enum kt_exit run_plan(struct kt_app *app)
{
    struct plan_run r = { .app = app, .is_first = true };
    struct kt_err e = { 0 };
    struct kt_str id = { 0 };
    if (app->args.words != 3)
        return kt_app_usage(app, "which article, or all, and on which channel?");
    enum kt_exit status = kt_app_open(app);
    if (status != KT_EXIT_OK)
        return status;
    r.channel = kt_app_channel(app, app->args.word[2]);
    if (r.channel == NULL)
        return kt_app_usage(app,
                            kt_format(app->arena, "there is no channel %s", app->args.word[2]));
    bool is_all = strcmp(app->args.word[1], "all") == 0;
    r.is_short = is_all;
    if (app->is_json)
        kt_buf_text(&app->out, "{\"plans\":[");
    enum kt_rc rc = is_all ? plan_all(&r, &e) : page_id(&r, app->args.word[1], &id, &e);
    if (rc == KT_OK && !is_all)
        rc = plan_pages(&r, &id, 1, &e);
    if (rc != KT_OK)
        return kt_app_failed(app, &e);
    if (is_all || app->is_json)
        put_counts(&r);
    if (!r.is_found)
        return nothing_found(&r, is_all);
    return r.counts.left_out + r.counts.form[KT_PLAN_REFUSED] > 0 ? KT_EXIT_ATTENTION : KT_EXIT_OK;
}

const struct kt_command kt_cmd_plan = {
    .name = "plan",
    .summary = "How an article's page goes into a channel",
    .form = (const char *const[]){ "PRODUCT CHANNEL", "all CHANNEL", NULL },
    .about = "Shows the page's axes and variants as the channel gets them: what was folded into "
             "fewer axes,\nsplit into several pages or refused, and which variants are left out "
             "and why. PRODUCT is the\nnumber of a page or of an article on it. With `all` only "
             "pages that have something to say (with\n--json all), and how many there are of each "
             "form. Nothing is sent. Exit status 1: something is\nrefused or left out, or there is "
             "no such article.",
    .run = run_plan,
};
