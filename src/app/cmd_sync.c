/* `kontor sync`: one run by hand through the same steps as the service, with a report. Main thread,
 * with a committer of its own. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cmd_runs.h"
#include "app/commands.h"
#include "app/out.h"
#include "app/table.h"
#include "flow/sync.h"
#include "store/exceptions.h"

enum { WAIT_S = 30, WAIT_MAX_S = 86400, DRY_RUN_MAX = 32 << 20 };

static const struct {
    const char *name;
    unsigned what;
} flows[] = {
    { "catalogue", KT_SYNC_CATALOGUE }, { "prices", KT_SYNC_PRICES },
    { "stock", KT_SYNC_STOCK },         { "categories", KT_SYNC_CATEGORIES },
    { "customers", KT_SYNC_CUSTOMERS }, { "documents", KT_SYNC_DOCUMENTS },
    { "orders", KT_SYNC_ORDERS },       { "all", KT_SYNC_ALL },
};

/* What happened, in counts, named once for the table and the JSON. */
struct count {
    const char *name;
    int64_t number;
};

static void show_counts(struct kt_app *app, const char *title, const struct count *c, size_t count)
{
    kt_buf_format(&app->out, "%-10s", title);
    for (size_t i = 0; i < count; i++)
        kt_buf_format(&app->out, "%s%lld %s", i == 0 ? " " : ", ", (long long)c[i].number,
                      c[i].name);
    kt_buf_char(&app->out, '\n');
}

static void put_counts(struct kt_buf *out, const struct count *c, size_t count)
{
    bool is_first = true;
    kt_buf_char(out, '{');
    for (size_t i = 0; i < count; i++)
        kt_out_member_number(out, &is_first, c[i].name, c[i].number);
    kt_buf_char(out, '}');
}

static void say(struct kt_app *app, bool *is_first, const char *title, const struct count *c,
                size_t count)
{
    if (app->is_json) {
        kt_json_put_name(&app->out, is_first, title);
        put_counts(&app->out, c, count);
    } else {
        show_counts(app, title, c, count);
    }
}

/* Only the feeds that an ERP brings are worth a line. */
static bool is_offered(const struct kt_app *app, enum kt_feed feed)
{
    const struct kt_site *site = &app->config->site;
    for (size_t i = 0; i < site->erps; i++) {
        if (site->erp[i].ops->facts->feed[feed] != KT_FEED_NONE)
            return true;
    }
    return false;
}

static void say_feeds(struct kt_app *app, unsigned what, const struct kt_sync_report *r,
                      bool *is_first)
{
    for (size_t i = 0; i < KT_FEEDS; i++) {
        const struct kt_intake_report *in = &r->pulled[i];
        const struct count counts[] = {
            { "created", in->created },     { "changed", in->changed }, { "deleted", in->deleted },
            { "unchanged", in->unchanged }, { "stale", in->stale },     { "refused", in->refused },
            { "held", in->held },
        };
        if ((what & kt_sync_feed((enum kt_feed)i)) != 0 && is_offered(app, (enum kt_feed)i))
            say(app, is_first, kt_feed_name((enum kt_feed)i), counts, KT_COUNT(counts));
    }
}

static void say_push(struct kt_app *app, const struct kt_sync_report *r, bool *is_first)
{
    const struct kt_push_report *p = &r->pushed;
    const struct count counts[] = {
        { "sent", p->sent },       { "withdrawn", p->withdrawn }, { "same", p->same },
        { "waiting", p->waiting }, { "failed", p->failed },
    };
    say(app, is_first, "shops", counts, KT_COUNT(counts));
}

static void say_orders(struct kt_app *app, const struct kt_sync_report *r, bool *is_first)
{
    const struct count received[] = {
        { "new", r->received.created },
        { "changed", r->received.changed },
        { "unchanged", r->received.unchanged },
        { "refused", r->received.refused },
    };
    const struct count booked[] = {
        { "booked", r->booked.booked },   { "blocked", r->booked.blocked },
        { "held", r->booked.held },       { "rejected", r->booked.rejected },
        { "put_off", r->booked.put_off }, { "told", r->told },
        { "shipped", r->shipped },
    };
    say(app, is_first, "received", received, KT_COUNT(received));
    say(app, is_first, "orders", booked, KT_COUNT(booked));
}

static void say_runs(struct kt_app *app, const struct kt_run *run, size_t count, bool *is_first)
{
    if (!app->is_json)
        return;
    kt_json_put_name(&app->out, is_first, "runs");
    kt_buf_char(&app->out, '[');
    for (size_t i = 0; i < count; i++) {
        kt_buf_text(&app->out, i == 0 ? "" : ",");
        kt_run_put(app, &run[i]);
    }
    kt_buf_char(&app->out, ']');
}

/* What waits for a person's word, in so many words. */
static void say_held(struct kt_app *app, const struct kt_run *run, size_t count)
{
    for (size_t i = 0; i < count && !app->is_json; i++) {
        if (run[i].held > 0)
            kt_buf_format(&app->out,
                          "Dangerous changes of %s from %s that wait for a person: %lld; `kontor "
                          "held list`\n",
                          run[i].stream.p, run[i].endpoint.p, (long long)run[i].held);
    }
}

static enum kt_exit report(struct kt_app *app, unsigned what, const struct kt_sync_report *r,
                           const struct kt_run *run, int64_t exceptions)
{
    const struct count rest[] = {
        { "left", r->left },
        { "partners_failed", r->failed },
        { "elsewhere", r->elsewhere },
        { "exceptions", exceptions },
    };
    bool is_first = true;
    kt_buf_text(&app->out, app->is_json ? "{" : "");
    say_feeds(app, what, r, &is_first);
    if ((what & ~(unsigned)KT_SYNC_ORDERS) != 0)
        say_push(app, r, &is_first);
    if ((what & KT_SYNC_ORDERS) != 0)
        say_orders(app, r, &is_first);
    say(app, &is_first, "rest", rest, KT_COUNT(rest));
    say_runs(app, run, r->runs, &is_first);
    say_held(app, run, r->runs);
    kt_buf_text(&app->out, app->is_json ? "}\n" : "");
    if (r->failed > 0 && !app->is_json)
        kt_buf_text(&app->out,
                    "\nA partner failed: `kontor check` says which, why and what to do.\n");
    if (r->elsewhere > 0 && !app->is_json)
        kt_buf_text(&app->out, "\nAnother Kontor is reading some of it right now; that was left "
                               "out. Run it again when the other has finished.\n");
    if (r->failed > 0)
        return KT_EXIT_PARTNER;
    return r->left > 0 || exceptions > 0 ? KT_EXIT_ATTENTION : KT_EXIT_OK;
}

static enum kt_rc read_runs(struct kt_app *app, const struct kt_sync_report *r, struct kt_run *run,
                            struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < r->runs; i++) {
        bool found = false;
        rc = kt_run_get(app->work.db, r->run[i], &run[i], &found, app->arena, e);
        if (rc == KT_OK && !found) /* idle, and the service has read on meanwhile */
            run[i] = (struct kt_run){ .number = r->run[i], .state = KT_STR("done") };
    }
    return rc;
}

static void tell_progress(const char *line)
{
    (void)fprintf(stderr, "  %s\n", line);
}

static enum kt_exit run_for_real(struct kt_app *app, unsigned what, bool is_full, int64_t wait_s)
{
    struct kt_sync_report r = { 0 };
    struct kt_err e = { 0 };
    int64_t exceptions = 0;
    bool is_watched = !app->is_json && isatty(STDERR_FILENO) == 1;
    enum kt_rc rc = kt_committer_start(&app->work.committer, &app->config->site.db, &app->log, &e);
    if (rc == KT_OK)
        rc = kt_sync_run(&app->work, what, is_full, wait_s * KT_SECOND,
                         is_watched ? tell_progress : NULL, &r, &e);
    kt_committer_stop(app->work.committer);
    app->work.committer = NULL;
    struct kt_run *run = KT_NEW_ARRAY(app->arena, r.runs + 1, struct kt_run);
    if (rc == KT_OK)
        rc = read_runs(app, &r, run, &e);
    if (rc == KT_OK)
        rc = kt_exception_count(app->work.db, &exceptions, &e);
    return rc == KT_OK ? report(app, what, &r, run, exceptions) : kt_app_failed(app, &e);
}

static enum kt_exit run_dry(struct kt_app *app, unsigned what, bool is_full)
{
    struct kt_err e = { 0 };
    struct kt_buf text;
    bool is_first = true;
    kt_buf_init(&text, app->arena, DRY_RUN_MAX);
    if (kt_sync_dry_run(&app->work, what, is_full, &text, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (app->is_json) {
        kt_buf_char(&app->out, '{');
        kt_out_member(&app->out, &is_first, "dry_run", kt_buf_view(&text));
        kt_buf_text(&app->out, "}\n");
        return KT_EXIT_OK;
    }
    struct kt_str rest = kt_buf_view(&text);
    while (rest.n > 0) { /* line by line: values in it come from partners */
        const char *end = memchr(rest.p, '\n', rest.n);
        size_t n = end == NULL ? rest.n : (size_t)(end - rest.p);
        kt_out_text(&app->out, kt_str_part(rest, 0, n));
        kt_buf_char(&app->out, '\n');
        rest = kt_str_part(rest, n + 1, rest.n);
    }
    return KT_EXIT_OK;
}

static enum kt_exit run(struct kt_app *app)
{
    const struct kt_args *args = &app->args;
    const char *wait = kt_args_value(args, "--wait");
    bool is_full = kt_args_has(args, "--full");
    unsigned what = 0;
    int64_t wait_s = WAIT_S;
    for (size_t i = 0; args->words == 2 && i < KT_COUNT(flows); i++) {
        if (strcmp(flows[i].name, args->word[1]) == 0)
            what = flows[i].what;
    }
    if (what == 0)
        return kt_app_usage(app, "sync: catalogue, prices, stock, categories, customers, "
                                 "orders or all");
    if (wait != NULL && kt_args_has(args, "--dry-run"))
        return kt_app_usage(app, "sync: a --dry-run waits for nothing; leave --wait out");
    if (wait != NULL && !kt_args_number(&wait_s, wait, WAIT_MAX_S))
        return kt_app_usage(app, "sync: --wait takes whole seconds, at most a day");
    struct kt_err e = { 0 };
    enum kt_exit status = kt_app_open(app);
    if (status != KT_EXIT_OK)
        return status;
    if (kt_app_keys(app, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (kt_args_has(args, "--dry-run"))
        return run_dry(app, what, is_full);
    return run_for_real(app, what, is_full, wait_s);
}

static const char *const form[] = { "FLOW [--full] [--wait SECONDS]", "FLOW --dry-run [--full]",
                                    NULL };
static const struct kt_flag flags[] = {
    { "--dry-run", NULL, "Say what would change, and change nothing" },
    { "--full", NULL, "Read from the beginning instead of from where the last run ended" },
    { "--wait", "SECONDS", "How long to wait for what is due soon: retries, look-ups; default 30" },
    { 0 }
};

const struct kt_command kt_cmd_sync = {
    .name = "sync",
    .summary = "Reads, sends and books once, then reports",
    .form = form,
    .about =
        "FLOW is catalogue, prices, stock, categories, customers, orders or all. It may run beside "
        "`kontor\nserve`: what one of them has taken up, the other leaves alone. A --full run that "
        "comes to its end\ndeletes what it did not see. Exit status 1: exceptions are "
        "open or something is left for\nthe next run; 5: a partner did not answer.",
    .flags = flags,
    .run = run,
};
