/* `kontor db migrate`: brings the database's schema up to this program's version. Main thread. */
#include <string.h>

#include "app/commands.h"
#include "app/out.h"

static enum kt_exit report(struct kt_app *app, int from, int to)
{
    bool is_first = true;
    if (app->is_json) {
        kt_buf_char(&app->out, '{');
        kt_out_member_number(&app->out, &is_first, "from", from);
        kt_out_member_number(&app->out, &is_first, "to", to);
        kt_buf_text(&app->out, "}\n");
    } else if (from == to) {
        kt_buf_format(&app->out, "The schema is at version %d already; nothing was done.\n", to);
    } else {
        kt_buf_format(&app->out, "The schema went from version %d to %d.\n", from, to);
    }
    return KT_EXIT_OK;
}

static enum kt_exit migrate(struct kt_app *app)
{
    struct kt_err e = { 0 };
    int from = 0;
    int to = 0;
    enum kt_exit status = kt_app_load(app);
    if (status == KT_EXIT_OK)
        status = kt_app_connect(app);
    if (status != KT_EXIT_OK)
        return status;
    if (kt_db_migrate(app->work.db, &from, &to, app->arena, &e) != KT_OK)
        return kt_app_failed(app, &e);
    status = kt_app_own(app);
    if (status == KT_EXIT_OK && kt_app_begin_past(app, &e) != KT_OK)
        return kt_app_failed(app, &e);
    return status == KT_EXIT_OK ? report(app, from, to) : status;
}

static enum kt_exit run(struct kt_app *app)
{
    if (app->args.words != 2 || strcmp(app->args.word[1], "migrate") != 0)
        return kt_app_usage(app, "db: `kontor db migrate` is what there is");
    return migrate(app);
}

static const char *const form[] = { "migrate", NULL };

const struct kt_command kt_cmd_db = {
    .name = "db",
    .summary = "Brings the database up to this version",
    .form = form,
    .about = "Makes the tables at the first time and changes them after an update of Kontor; each "
             "step is one\ntransaction. Run it again at will. Make a backup before an update.",
    .run = run,
};
