/* `kontor runs`: when feeds were read, how it ended and what it brought. Main thread. */
#include "app/cmd_runs.h"

#include <string.h>

#include "app/commands.h"
#include "app/out.h"
#include "app/table.h"

enum { SHOWN = 30, SHOWN_MAX = 10000, SENTENCE_MAX = 1024 };

void kt_run_put(struct kt_app *app, const struct kt_run *r)
{
    struct kt_buf *out = &app->out;
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_out_member_number(out, &is_first, "number", r->number);
    kt_out_member(out, &is_first, "endpoint", r->endpoint);
    kt_out_member(out, &is_first, "stream", r->stream);
    kt_out_member(out, &is_first, "how", r->how);
    kt_out_member_bool(out, &is_first, "full", r->is_full);
    kt_out_member(out, &is_first, "state", r->state);
    kt_out_member_instant(out, &is_first, "started", r->started_us);
    kt_out_member_instant(out, &is_first, "ended", r->ended_us);
    kt_out_member_number(out, &is_first, "created", r->created);
    kt_out_member_number(out, &is_first, "changed", r->changed);
    kt_out_member_number(out, &is_first, "deleted", r->deleted);
    kt_out_member_number(out, &is_first, "unchanged", r->unchanged);
    kt_out_member_number(out, &is_first, "stale", r->stale);
    kt_out_member_number(out, &is_first, "refused", r->refused);
    kt_out_member_number(out, &is_first, "held", r->held);
    if (r->v.code != KT_E_NONE)
        kt_out_verdict(out, &is_first, &r->v, app->lang);
    kt_buf_char(out, '}');
}

static const char *took(struct kt_app *app, const struct kt_run *r)
{
    struct kt_buf text;
    if (r->ended_us == 0)
        return "-";
    kt_buf_init(&text, app->arena, 64);
    kt_out_age(&text, r->ended_us - r->started_us);
    return kt_buf_view(&text).p;
}

static void show_list(struct kt_app *app, const struct kt_run *run, size_t count)
{
    static const char *const titles[] = { ">RUN",     "PARTNER",    "FLOW",     "HOW",
                                          "STATE",    "STARTED",    ">TOOK",    ">CREATED",
                                          ">CHANGED", ">UNCHANGED", ">DELETED", ">REFUSED",
                                          ">HELD" };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < count; i++) {
        const struct kt_run *r = &run[i];
        kt_table_number(&t, r->number);
        kt_table_str(&t, r->endpoint);
        kt_table_str(&t, r->stream);
        kt_table_text(&t, kt_format(app->arena, "%s%s", r->how.p, r->is_full ? ", full" : ""));
        kt_table_str(&t, r->state);
        kt_table_instant(&t, r->started_us);
        kt_table_text(&t, took(app, r));
        kt_table_number(&t, r->created);
        kt_table_number(&t, r->changed);
        kt_table_number(&t, r->unchanged);
        kt_table_number(&t, r->deleted);
        kt_table_number(&t, r->refused);
        kt_table_number(&t, r->held);
    }
    kt_table_print(&t, &app->out);
}

static enum kt_exit list(struct kt_app *app, int64_t most)
{
    struct kt_err e = { 0 };
    struct kt_run *run = NULL;
    size_t count = 0;
    if (kt_run_list(app->work.db, KT_NEVER, (size_t)most, &run, &count, app->arena, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (app->is_json) {
        kt_buf_text(&app->out, "{\"runs\":[");
        for (size_t i = 0; i < count; i++) {
            kt_buf_text(&app->out, i == 0 ? "" : ",");
            kt_run_put(app, &run[i]);
        }
        kt_buf_text(&app->out, "]}\n");
    } else if (count == 0) {
        kt_buf_text(&app->out, "No runs yet.\n");
    } else {
        show_list(app, run, count);
    }
    return KT_EXIT_OK;
}

static void line(struct kt_app *app, const char *name, const char *text)
{
    kt_buf_format(&app->out, "%-12s", name);
    kt_out_text(&app->out, kt_str_of(text));
    kt_buf_char(&app->out, '\n');
}

static void count_line(struct kt_app *app, const char *name, int64_t number)
{
    line(app, name, kt_format(app->arena, "%lld", (long long)number));
}

static void show_one(struct kt_app *app, const struct kt_run *r)
{
    struct kt_buf at;
    char *sentence = kt_alloc(app->arena, SENTENCE_MAX);
    kt_buf_init(&at, app->arena, 64);
    kt_out_instant(&at, r->started_us);
    count_line(app, "run", r->number);
    line(app, "partner", r->endpoint.p);
    line(app, "flow", r->stream.p);
    line(app, "how", kt_format(app->arena, "%s%s", r->how.p, r->is_full ? ", full" : ""));
    line(app, "state", r->state.p);
    line(app, "started", kt_buf_view(&at).p);
    line(app, "took", took(app, r));
    count_line(app, "created", r->created);
    count_line(app, "changed", r->changed);
    count_line(app, "unchanged", r->unchanged);
    count_line(app, "deleted", r->deleted);
    count_line(app, "stale", r->stale);
    count_line(app, "refused", r->refused);
    count_line(app, "held", r->held);
    if (r->v.code == KT_E_NONE)
        return;
    kt_sentence(&r->v, app->lang, sentence, SENTENCE_MAX);
    line(app, "failure", sentence);
}

static enum kt_exit show(struct kt_app *app, int64_t number)
{
    struct kt_err e = { 0 };
    struct kt_run run = { 0 };
    bool is_found = false;
    if (kt_run_get(app->work.db, number, &run, &is_found, app->arena, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (!is_found) {
        if (app->is_json)
            kt_buf_text(&app->out, "null\n");
        else
            kt_buf_format(&app->out, "There is no run %lld.\n", (long long)number);
        return KT_EXIT_ATTENTION;
    }
    if (app->is_json) {
        kt_run_put(app, &run);
        kt_buf_char(&app->out, '\n');
    } else {
        show_one(app, &run);
    }
    return KT_EXIT_OK;
}

static enum kt_exit run(struct kt_app *app)
{
    const struct kt_args *args = &app->args;
    const char *verb = args->words > 1 ? args->word[1] : "list";
    const char *most = kt_args_value(args, "--most");
    bool is_list = strcmp(verb, "list") == 0;
    int64_t number = SHOWN;
    if (!is_list && strcmp(verb, "show") != 0)
        return kt_app_usage(app, "runs: list or show NUMBER");
    if (is_list && args->words > 2)
        return kt_app_usage(app, "runs list takes no number");
    if (is_list && most != NULL && (!kt_args_number(&number, most, SHOWN_MAX) || number == 0))
        return kt_app_usage(app, "runs list: --most takes a number up to 10000");
    if (!is_list && (args->words != 3 || !kt_args_number(&number, args->word[2], INT64_C(1) << 60)))
        return kt_app_usage(app, "runs show: NUMBER");
    enum kt_exit status = kt_app_open(app);
    if (status != KT_EXIT_OK)
        return status;
    return is_list ? list(app, number) : show(app, number);
}

static const char *const form[] = { "[list] [--most NUMBER]", "show NUMBER", NULL };
static const struct kt_flag flags[] = {
    { "--most", "NUMBER", "How many of the newest are listed; default 30" }, { 0 }
};

const struct kt_command kt_cmd_runs = {
    .name = "runs",
    .summary = "Shows when feeds were read, how it ended and what it brought",
    .form = form,
    .about =
        "A run reads one feed of one ERP. HOW: interval, nightly, catch_up (a night that was "
        "missed), manual;\nfull: from the beginning. STATE: running, done, failed, held (what it "
        "set aside waits for a person:\n`kontor held`), interrupted (its process ended; the next "
        "run went on). Of runs by interval that\nfound nothing only the last one is kept, of all "
        "others 90 days.",
    .flags = flags,
    .run = run,
};
