/* `kontor check`: configuration, database and every partner, in sentences; nothing is changed but
 * the pin of a partner that answers for the first time. Main thread. */
#include "app/commands.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "app/check_compliance.h"
#include "app/check_door.h"
#include "app/check_partner.h"
#include "app/check_wss.h"
#include "app/findings.h"
#include "store/exceptions.h"

/* Names as they stand in the configuration. */
static const char *driver_name(int driver)
{
    static const char *const names[] = {
        [KT_DB_SQLITE] = "sqlite",
        [KT_DB_POSTGRESQL] = "postgresql",
        [KT_DB_MARIADB] = "mariadb",
    };
    KT_ASSERT((unsigned)driver < KT_COUNT(names));
    return names[driver];
}

static void check_config(struct kt_findings *f)
{
    const struct kt_config *c = f->app->config;
    kt_find(f, "configuration", KT_LEVEL_OK,
            "%s is sound: installation %s, %zu ERP%s, %zu channel%s.", c->file,
            c->site.installation, c->site.erps, c->site.erps == 1 ? "" : "s", c->site.channels,
            c->site.channels == 1 ? "" : "s");
    if (c->site.channels == 0)
        kt_find(f, "configuration", KT_LEVEL_NOTE,
                "No channel is named; records are read, but "
                "nobody gets them.");
}

static void check_exceptions(struct kt_findings *f)
{
    struct kt_err e = { 0 };
    int64_t open = 0;
    if (kt_exception_count(f->app->work.db, &open, &e) != KT_OK)
        kt_find_failure(f, "database", &e);
    else if (open > 0)
        kt_find(f, "exceptions", KT_LEVEL_NOTE,
                "%lld open; `kontor exceptions list` says what to do.", (long long)open);
}

/* Orders stand in it: it belongs to the service's user alone. What Kontor makes is private; a file
 * that was copied or restored may not be. */
static void check_privacy(struct kt_findings *f, const char *file)
{
    struct stat st;
    if (stat(file, &st) != 0) {
        kt_find(f, "database", KT_LEVEL_PROBLEM, "%s: its rights cannot be read: errno %d.", file,
                errno);
        return;
    }
    if ((st.st_mode & 077) != 0)
        kt_find(f, "database", KT_LEVEL_PROBLEM,
                "%s holds personal data and may be used by others than its owner (mode %o). Run "
                "chmod 600 on it.",
                file, (unsigned)st.st_mode & 07777u);
}

/* Opens it as the service would. *has_store: it can be used. */
static enum kt_exit check_database(struct kt_findings *f, bool *has_store)
{
    struct kt_app *app = f->app;
    const struct kt_db_conf *db = &app->config->site.db;
    struct kt_err e = { 0 };
    *has_store = false;
    if (kt_app_is_unmade(db)) {
        (void)kt_fail(&e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_SCHEMA,
                      KT_P_TEXT("detail", "the database file does not exist yet"));
        kt_find_failure(f, "database", &e);
        return KT_EXIT_OK;
    }
    app->work =
        (struct kt_work){ .site = &app->config->site, .arena = kt_arena_new(), .log = app->log };
    if (kt_db_open(&app->work.db, db, &app->log, &e) != KT_OK ||
        kt_db_check(app->work.db, app->arena, &e) != KT_OK) {
        kt_find_failure(f, "database", &e);
        return KT_EXIT_OK;
    }
    enum kt_exit status = kt_app_own(app);
    if (status != KT_EXIT_OK)
        return status;
    kt_find(f, "database", KT_LEVEL_OK, "%s %s can be used; its schema fits this version.",
            driver_name(db->driver), db->driver == KT_DB_SQLITE ? db->file : db->name);
    if (db->driver == KT_DB_SQLITE)
        check_privacy(f, db->file);
    check_exceptions(f);
    *has_store = true;
    return KT_EXIT_OK;
}

/* A name that nobody has would be pinned anew in silence. */
static bool is_partner(const struct kt_site *site, const char *name, struct kt_buf *known)
{
    bool is_known = false;
    for (size_t i = 0; i < site->erps + site->channels; i++) {
        const char *one = i < site->erps ? site->erp[i].name : site->channel[i - site->erps].name;
        kt_buf_format(known, "%s%s", i == 0 ? "" : ", ", one);
        is_known = is_known || strcmp(one, name) == 0;
    }
    return is_known;
}

static enum kt_exit run(struct kt_app *app)
{
    const char *anew = kt_args_value(&app->args, "--pin-anew");
    struct kt_buf known;
    struct kt_findings f = { .app = app };
    bool has_store = false;
    if (app->args.words > 1)
        return kt_app_usage(app, "check takes nothing");
    enum kt_exit status = kt_app_load(app);
    if (status != KT_EXIT_OK)
        return status;
    kt_buf_init(&known, app->arena, 8192);
    if (anew != NULL && !is_partner(&app->config->site, anew, &known))
        return kt_app_usage(app, kt_format(app->arena, "check: there is no partner %s. Known: %s",
                                           anew, kt_buf_view(&known).p));
    check_config(&f);
    status = check_database(&f, &has_store);
    if (status != KT_EXIT_OK)
        return status;
    kt_check_wss(&f);
    for (size_t i = 0; i < app->config->site.erps; i++)
        kt_check_erp(&f, &app->config->site.erp[i], has_store);
    for (size_t i = 0; i < app->config->site.channels; i++)
        kt_check_channel(&f, &app->config->site.channel[i], has_store);
    kt_check_compliance(&f, has_store);
    kt_check_doors(&f);
    return kt_findings_tell(&f);
}

static const struct kt_flag flags[] = {
    { "--pin-anew", "NAME", "This partner was replaced on purpose: pin whoever answers now" }, { 0 }
};
static const char *const form[] = { "", NULL };

const struct kt_command kt_cmd_check = {
    .name = "check",
    .summary = "Checks configuration, database and partners",
    .form = form,
    .about =
        "Lists every problem of the configuration with file and line; opens the database; asks "
        "each partner\nwho it is, and says what its adapter carries and what will not travel. A "
        "partner that answers for\nthe first time is pinned: from then on nothing is written to "
        "another one at the same address.\nExit status 3, 4 or 5 when configuration, database or "
        "a partner cannot be used.",
    .flags = flags,
    .run = run,
};
