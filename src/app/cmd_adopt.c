/* `kontor adopt`: links a shop that is not empty. Main thread. */
#include "app/commands.h"
#include "app/out.h"
#include "app/table.h"
#include "flow/adopt.h"
#include "flow/pull.h"

static const struct kt_flag adopt_flags[] = {
    { "--dry-run", NULL, "Compare and list, link nothing" }, { 0 }
};

static void put_conflicts(struct kt_app *app, const struct kt_adopt_report *r)
{
    static const char *const titles[] = { "REASON",   "ARTICLE",   "PAGE", "SHOP ID",
                                          "SHOP SKU", "SHOP GTIN", "NAME", "URL" };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < r->conflicts; i++) {
        const struct kt_conflict *c = &r->conflict[i];
        kt_table_text(&t, kt_conflict_name(c->reason));
        kt_table_str(&t, c->sku);
        kt_table_str(&t, c->product);
        kt_table_str(&t, c->remote->remote_id);
        kt_table_str(&t, c->remote->sku);
        kt_table_str(&t, c->remote->gtin);
        kt_table_str(&t, c->remote->name);
        kt_table_str(&t, c->remote->url);
    }
    if (r->conflicts > 0)
        kt_table_print(&t, &app->out);
}

static void write_conflicts(struct kt_buf *out, const struct kt_adopt_report *r)
{
    kt_buf_text(out, ",\"conflicts\":[");
    for (size_t i = 0; i < r->conflicts; i++) {
        const struct kt_conflict *c = &r->conflict[i];
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member_text(out, &is_first, "reason", kt_conflict_name(c->reason));
        kt_out_member(out, &is_first, "article", c->sku);
        kt_out_member(out, &is_first, "page", c->product);
        kt_out_member(out, &is_first, "remote_id", c->remote->remote_id);
        kt_out_member(out, &is_first, "sku", c->remote->sku);
        kt_out_member(out, &is_first, "gtin", c->remote->gtin);
        kt_out_member(out, &is_first, "name", c->remote->name);
        kt_out_member(out, &is_first, "url", c->remote->url);
        kt_out_member_number(out, &is_first, "candidates", (int64_t)c->candidates);
        kt_buf_char(out, '}');
    }
    kt_buf_char(out, ']');
}

static void put_report(struct kt_app *app, const struct kt_adopt_report *r, bool is_dry)
{
    const struct kt_out_count count[] = {
        { "in_shop", (int64_t)r->remotes },     { "matched", (int64_t)r->matched },
        { "by_gtin", (int64_t)r->by_gtin },     { "already", (int64_t)r->already },
        { "linked", (int64_t)r->linked },       { "unknown", (int64_t)r->unknown },
        { "not_there", (int64_t)r->not_there }, { 0 }
    };
    struct kt_buf *out = &app->out;
    bool is_first = true;
    if (!app->is_json)
        put_conflicts(app, r);
    kt_buf_text(out, app->is_json ? "{" : is_dry ? "adopt (dry run):" : "adopt:");
    kt_out_counts(out, app->is_json, &is_first, count);
    if (!app->is_json) {
        kt_buf_format(out, " conflicts=%zu\n", r->conflicts);
        return;
    }
    kt_out_member_bool(out, &is_first, "dry_run", is_dry);
    write_conflicts(out, r);
    kt_buf_text(out, "}\n");
}

/* What the ERP has is read first; nothing of it is sent. */
static enum kt_rc pull_catalogue(struct kt_app *app, const struct kt_erp_site *erp,
                                 struct kt_err *e)
{
    struct kt_erp_session s = { 0 };
    struct kt_intake_report report = { 0 };
    bool is_elsewhere = false;
    enum kt_rc rc = kt_committer_start(&app->work.committer, &app->config->site.db, &app->log, e);
    if (rc == KT_OK)
        rc = kt_erp_session_open(&s, &app->work, erp, e);
    if (rc == KT_OK)
        rc = kt_pull(&app->work, &s, KT_FEED_CATALOGUE, false, &report, &is_elsewhere, e);
    if (rc == KT_OK && is_elsewhere)
        rc = kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_ADOPT_BUSY, KT_P_TEXT("erp", erp->name));
    kt_erp_session_close(&s);
    kt_committer_stop(app->work.committer);
    app->work.committer = NULL;
    return rc;
}

static enum kt_exit run_adopt(struct kt_app *app)
{
    struct kt_push push = { 0 };
    struct kt_adopt_report report = { 0 };
    struct kt_err e = { 0 };
    bool is_dry = kt_args_has(&app->args, "--dry-run");
    if (app->args.words != 2)
        return kt_app_usage(app, "which channel?");
    enum kt_exit status = kt_app_open(app);
    if (status != KT_EXIT_OK)
        return status;
    const struct kt_channel_site *channel = kt_app_channel(app, app->args.word[1]);
    if (channel == NULL)
        return kt_app_usage(app,
                            kt_format(app->arena, "there is no channel %s", app->args.word[1]));
    enum kt_rc rc = kt_app_keys(app, &e);
    if (rc == KT_OK)
        rc = pull_catalogue(app, channel->erp, &e);
    if (rc == KT_OK)
        rc = kt_push_open(&push, &app->work, channel, &e);
    if (rc == KT_OK)
        rc = kt_adopt(&app->work, &push, is_dry, &report, &e);
    if (rc == KT_OK)
        put_report(app, &report, is_dry);
    status = rc != KT_OK            ? kt_app_failed(app, &e)
             : report.conflicts > 0 ? KT_EXIT_ATTENTION
                                    : KT_EXIT_OK;
    kt_adopt_free(&report);
    kt_push_close(&push);
    return status;
}

const struct kt_command kt_cmd_adopt = {
    .name = "adopt",
    .summary = "Links the products that already stand in a shop",
    .form = (const char *const[]){ "CHANNEL [--dry-run]", NULL },
    .about = "Reads the whole shop and matches it with the ERP's articles, by SKU, then by GTIN. "
             "What matches is\nlinked, so that its id and URL stay and it is brought up to date by "
             "the next run. What is in doubt\nis listed, becomes an exception, and is neither "
             "created nor changed until the cause is corrected\nand the shop adopted again, or the "
             "exception is retried. Run it before the service is started for\nthe "
             "first time: it reads the ERP's articles itself and sends none.",
    .flags = adopt_flags,
    .run = run_adopt,
};
