/* `kontor held`: dangerous changes that runs have set aside, and a person's word about them. Main
 * thread; with a committer of its own when something is applied. */
#include <string.h>

#include "app/commands.h"
#include "app/out.h"
#include "app/table.h"
#include "flow/runs.h"

enum { PAGE = 500 };

/* --- what waits --- */

static void put_run(struct kt_app *app, const struct kt_held_run *r)
{
    struct kt_buf *out = &app->out;
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_out_member_number(out, &is_first, "run", r->run);
    kt_out_member(out, &is_first, "endpoint", r->endpoint);
    kt_out_member(out, &is_first, "stream", r->stream);
    kt_out_member_text(out, &is_first, "reason", kt_held_reason_name(r->reason));
    kt_out_member_number(out, &is_first, "count", r->count);
    kt_out_member_instant(out, &is_first, "since", r->since_us);
    kt_buf_char(out, '}');
}

static void show_runs(struct kt_app *app, const struct kt_held_run *run, size_t count)
{
    static const char *const titles[] = { ">RUN", "PARTNER", "FLOW", "WHAT", ">COUNT", "SINCE" };
    static const char *const what[KT_HELD_REASONS] = {
        [KT_HELD_DELETED] = "deletions",
        [KT_HELD_ZEROED] = "stock to zero",
        [KT_HELD_PRICE] = "price moves",
    };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < count; i++) {
        kt_table_number(&t, run[i].run);
        kt_table_str(&t, run[i].endpoint);
        kt_table_str(&t, run[i].stream);
        kt_table_text(&t, what[run[i].reason]);
        kt_table_number(&t, run[i].count);
        kt_table_instant(&t, run[i].since_us);
    }
    kt_table_print(&t, &app->out);
}

static enum kt_exit list(struct kt_app *app)
{
    struct kt_err e = { 0 };
    struct kt_held_run *run = NULL;
    size_t count = 0;
    if (kt_held_runs(app->work.db, &run, &count, app->arena, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (app->is_json) {
        kt_buf_text(&app->out, "{\"held\":[");
        for (size_t i = 0; i < count; i++) {
            kt_buf_text(&app->out, i == 0 ? "" : ",");
            put_run(app, &run[i]);
        }
        kt_buf_text(&app->out, "]}\n");
    } else if (count == 0) {
        kt_buf_text(&app->out, "Nothing is held.\n");
    } else {
        show_runs(app, run, count);
    }
    return count > 0 ? KT_EXIT_ATTENTION : KT_EXIT_OK;
}

static void put_change(struct kt_app *app, const struct kt_held *h)
{
    struct kt_buf *out = &app->out;
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_out_member_text(out, &is_first, "kind", kt_kind_name(h->kind));
    kt_out_member(out, &is_first, "key", h->key);
    kt_out_member_text(out, &is_first, "reason", kt_held_reason_name(h->reason));
    kt_out_member(out, &is_first, "old", h->old_value);
    kt_out_member(out, &is_first, "new", h->new_value);
    kt_out_member_instant(out, &is_first, "as_of", h->as_of_us);
    kt_buf_char(out, '}');
}

static void add_change(struct kt_table *t, const struct kt_held *h)
{
    kt_table_text(t, kt_kind_name(h->kind));
    kt_table_str(t, h->key);
    kt_table_str(t, h->old_value.p != NULL ? h->old_value : KT_STR("-"));
    if (h->is_deleted)
        kt_table_text(t, "deleted");
    else
        kt_table_str(t, h->new_value.p != NULL ? h->new_value : KT_STR("-"));
}

static enum kt_exit nothing(struct kt_app *app, int64_t run)
{
    if (app->is_json)
        kt_buf_text(&app->out, "null\n");
    else
        kt_buf_format(&app->out, "Nothing waits under run %lld; `kontor held list`\n",
                      (long long)run);
    return KT_EXIT_ATTENTION;
}

static enum kt_exit show(struct kt_app *app, int64_t run)
{
    static const char *const titles[] = { "KIND", "KEY", "OLD", "NEW" };
    struct kt_err e = { 0 };
    struct kt_table t;
    struct kt_held *held = NULL;
    const struct kt_held *after = NULL;
    size_t count = PAGE;
    size_t all = 0;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    kt_buf_text(&app->out, app->is_json ? "{\"held\":[" : "");
    while (count == PAGE) {
        if (kt_held_of_run(app->work.db, run, after, PAGE, &held, &count, app->arena, &e) != KT_OK)
            return kt_app_failed(app, &e);
        for (size_t i = 0; i < count; i++, all++) {
            if (app->is_json) {
                kt_buf_text(&app->out, all == 0 ? "" : ",");
                put_change(app, &held[i]);
            } else {
                add_change(&t, &held[i]);
            }
        }
        after = count > 0 ? &held[count - 1] : NULL;
    }
    if (app->is_json)
        kt_buf_text(&app->out, "]}\n");
    else if (all > 0)
        kt_table_print(&t, &app->out);
    else
        return nothing(app, run);
    return all > 0 ? KT_EXIT_ATTENTION : KT_EXIT_OK;
}

/* --- a person's word --- */

static void say(struct kt_app *app, const struct kt_held_report *r)
{
    struct kt_buf *out = &app->out;
    bool is_first = true;
    if (app->is_json) {
        kt_buf_char(out, '{');
        kt_out_member_number(out, &is_first, "applied", r->applied);
        kt_out_member_number(out, &is_first, "stale", r->stale);
        kt_out_member_number(out, &is_first, "unchanged", r->unchanged);
        kt_out_member_number(out, &is_first, "discarded", r->discarded);
        kt_buf_text(out, "}\n");
        return;
    }
    if (r->discarded > 0) {
        kt_buf_format(out,
                      "%lld discarded. What the ERP still says comes again when it is next read, "
                      "with the next full\nrun at the latest, and is held again.\n",
                      (long long)r->discarded);
        return;
    }
    kt_buf_format(out, "%lld applied.\n", (long long)r->applied);
    if (r->unchanged > 0)
        kt_buf_format(out, "%lld were so already.\n", (long long)r->unchanged);
    if (r->stale > 0)
        kt_buf_format(out, "%lld are older than what is known by now, and were left as they are.\n",
                      (long long)r->stale);
    kt_buf_text(out,
                "`kontor serve` sends it to the shops by itself; `kontor sync all` at once.\n");
}

static enum kt_exit decide(struct kt_app *app, int64_t run, bool is_approved)
{
    struct kt_held_report report = { 0 };
    struct kt_err e = { 0 };
    enum kt_rc rc = KT_OK;
    if (is_approved)
        rc = kt_committer_start(&app->work.committer, &app->config->site.db, &app->log, &e);
    if (rc == KT_OK && is_approved)
        rc = kt_held_approve(&app->work, run, &report, &e);
    else if (rc == KT_OK)
        rc = kt_held_refuse(&app->work, run, &report, &e);
    kt_committer_stop(app->work.committer);
    app->work.committer = NULL;
    if (rc != KT_OK)
        return kt_app_failed(app, &e);
    if (report.applied + report.stale + report.unchanged + report.discarded == 0)
        return nothing(app, run);
    say(app, &report);
    return KT_EXIT_OK;
}

static enum kt_exit run(struct kt_app *app)
{
    const struct kt_args *args = &app->args;
    const char *verb = args->words > 1 ? args->word[1] : "list";
    bool is_list = strcmp(verb, "list") == 0;
    bool is_show = strcmp(verb, "show") == 0;
    bool is_approved = strcmp(verb, "approve") == 0;
    int64_t number = 0;
    if (!is_list && !is_show && !is_approved && strcmp(verb, "discard") != 0)
        return kt_app_usage(app, "held: list, show RUN, approve RUN or discard RUN");
    if (is_list && args->words > 2)
        return kt_app_usage(app, "held list takes no number");
    if (!is_list && (args->words != 3 || !kt_args_number(&number, args->word[2], INT64_C(1) << 60)))
        return kt_app_usage(app, "held: which RUN? `kontor held list` names them");
    enum kt_exit status = kt_app_open(app);
    if (status != KT_EXIT_OK)
        return status;
    if (is_list)
        return list(app);
    return is_show ? show(app, number) : decide(app, number, is_approved);
}

static const char *const form[] = { "[list]", "show RUN", "approve RUN", "discard RUN", NULL };

const struct kt_command kt_cmd_held = {
    .name = "held",
    .summary = "Shows dangerous changes that wait for approval, applies or drops them",
    .form = form,
    .about =
        "A run that would delete, or set to zero, more than brakes.delete_percent of the records "
        "of a kind is\nheld, and so is every price that moves by more than brakes.price_percent; "
        "all else of the run has\ngone on. approve applies what a run holds, but nothing that is "
        "older than what is known by then;\ndiscard drops it, and what the ERP still says comes "
        "again, with the next full run at the latest.\n`list` and `show` have exit status 1 while "
        "something waits.",
    .run = run,
};
