/* `kontor reconcile`: reads a channel and says what differs from what it was sent. Main thread. */
#include <stdio.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/out.h"
#include "app/table.h"
#include "flow/reconcile_run.h"

static const struct kt_flag reconcile_flags[] = {
    { "--repair", NULL, "Send again what differs or is gone, but for stock figures" },
    { "--stock", NULL,
      "With --repair: stock figures, too; what the shop has sold since comes back" },
    { 0 }
};

static void put_differences(struct kt_app *app, const struct kt_reconcile_report *r)
{
    static const char *const titles[] = { "UNIT", "KEY", "FIELD", "SENT", "THERE" };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < r->items; i++) {
        const struct kt_reconciled *one = &r->item[i];
        size_t rows = one->is_there ? one->count : 1;
        for (size_t k = 0; k < rows; k++) {
            kt_table_text(&t, kt_unit_name(one->unit));
            kt_table_str(&t, one->key);
            kt_table_str(&t, one->is_there ? one->differs[k].field : KT_STR("-"));
            kt_table_str(&t, one->is_there ? one->differs[k].ours : KT_STR("-"));
            kt_table_str(&t, one->is_there ? one->differs[k].theirs : KT_STR("gone"));
        }
    }
    if (r->items > 0)
        kt_table_print(&t, &app->out);
}

static void write_differences(struct kt_buf *out, const struct kt_reconcile_report *r)
{
    kt_buf_text(out, ",\"differences\":[");
    for (size_t i = 0; i < r->items; i++) {
        const struct kt_reconciled *one = &r->item[i];
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member_text(out, &is_first, "unit", kt_unit_name(one->unit));
        kt_out_member(out, &is_first, "key", one->key);
        kt_out_member_bool(out, &is_first, "gone", !one->is_there);
        kt_buf_text(out, ",\"fields\":[");
        for (size_t k = 0; k < one->count; k++) {
            is_first = true;
            kt_buf_text(out, k == 0 ? "{" : ",{");
            kt_out_member(out, &is_first, "field", one->differs[k].field);
            kt_out_member(out, &is_first, "ours", one->differs[k].ours);
            kt_out_member(out, &is_first, "theirs", one->differs[k].theirs);
            kt_buf_char(out, '}');
        }
        kt_buf_text(out, "]}");
    }
    kt_buf_char(out, ']');
}

static void put_report(struct kt_app *app, const struct kt_reconcile_report *r)
{
    const struct kt_out_count count[] = { { "links", r->links },     { "compared", r->compared },
                                          { "skipped", r->skipped }, { "same", r->same },
                                          { "differ", r->differ },   { "stock", r->stock },
                                          { "gone", r->gone },       { "failed", r->failed },
                                          { "wanted", r->wanted },   { 0 } };
    struct kt_buf *out = &app->out;
    bool is_first = true;
    if (!app->is_json)
        put_differences(app, r);
    kt_buf_text(out, app->is_json ? "{" : "reconcile:");
    kt_out_counts(out, app->is_json, &is_first, count);
    if (app->is_json) {
        kt_out_member_instant(out, &is_first, "begun", r->begun_us);
        kt_out_member_instant(out, &is_first, "ended", r->ended_us);
        write_differences(out, r);
        kt_buf_text(out, "}\n");
        return;
    }
    kt_buf_text(out, " read ");
    kt_out_instant(out, r->begun_us);
    kt_buf_text(out, " to ");
    kt_out_instant(out, r->ended_us);
    kt_buf_char(out, '\n');
}

static void progress(const char *line)
{
    (void)fprintf(stderr, "%s …\n", line);
}

static enum kt_exit run_reconcile(struct kt_app *app)
{
    struct kt_push push = { 0 };
    struct kt_reconcile_report report = { 0 };
    struct kt_err e = { 0 };
    int64_t number = 0;
    enum kt_repair repair = !kt_args_has(&app->args, "--repair") ? KT_REPAIR_NONE
                            : kt_args_has(&app->args, "--stock") ? KT_REPAIR_STOCK
                                                                 : KT_REPAIR;
    if (app->args.words != 2)
        return kt_app_usage(app, "which channel?");
    enum kt_exit status = kt_app_open(app);
    if (status != KT_EXIT_OK)
        return status;
    const struct kt_channel_site *channel = kt_app_channel(app, app->args.word[1]);
    if (channel == NULL)
        return kt_app_usage(app,
                            kt_format(app->arena, "there is no channel %s", app->args.word[1]));
    enum kt_rc rc = kt_push_open(&push, &app->work, channel, &e);
    if (rc == KT_OK)
        rc = kt_reconcile_run(&app->work, &push, KT_RUN_MANUAL, repair,
                              !app->is_json && isatty(STDERR_FILENO) ? progress : NULL, &report,
                              &number, &e);
    if (rc == KT_OK && number == 0)
        rc = kt_fail(&e, KT_RETRY, KT_ENDPOINT, KT_E_RECONCILE_BUSY,
                     KT_P_TEXT("channel", channel->name));
    if (rc == KT_OK)
        put_report(app, &report);
    status = rc != KT_OK                                       ? kt_app_failed(app, &e)
             : report.differ + report.gone + report.failed > 0 ? KT_EXIT_ATTENTION
                                                               : KT_EXIT_OK;
    kt_reconcile_free(&report);
    kt_push_close(&push);
    return status;
}

const struct kt_command kt_cmd_reconcile = {
    .name = "reconcile",
    .summary = "Compares what a channel holds with what it was sent",
    .form = (const char *const[]){ "CHANNEL [--repair [--stock]]", NULL },
    .about = "Reads everything that was sent to the channel and lists what stands there otherwise, "
             "when it was\nread, and how much was covered. Stock figures that differ are listed, "
             "but are "
             "no finding:\nthe shop lowers them as it sells.",
    .flags = reconcile_flags,
    .run = run_reconcile,
};
