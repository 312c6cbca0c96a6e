/* What every command needs: configuration, logger, database, and the way failures are told. Main
 * thread; called by cli.c and the commands. */
#include "app/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/registry.h"
#include "app/out.h"
#include "base/time.h"
#include "store/past.h"

enum { OUT_MAX = 64 << 20 };

static const char *const default_files[] = { "kontor.yaml", "/etc/kontor/kontor.yaml" };

/* LC_ALL, else LC_MESSAGES, else LANG, as every program reads them. */
static enum kt_lang lang_of_environment(void)
{
    static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    for (size_t i = 0; i < KT_COUNT(names); i++) {
        const char *value = getenv(names[i]); /* NOLINT(concurrency-mt-unsafe): at start */
        if (value != NULL && value[0] != '\0')
            return strncmp(value, "de", 2) == 0 ? KT_LANG_DE : KT_LANG_EN;
    }
    return KT_LANG_EN;
}

void kt_app_init(struct kt_app *app)
{
    *app = (struct kt_app){ .lang = lang_of_environment() };
    app->arena = kt_arena_new();
    kt_buf_init(&app->out, app->arena, OUT_MAX);
}

void kt_app_close(struct kt_app *app)
{
    kt_db_close(app->work.db);
    if (app->work.arena != NULL)
        kt_arena_free(app->work.arena);
    if (app->config != NULL)
        kt_wss_site_close(app->config->site.wss);
    kt_config_close(app->config);
    kt_arena_free(app->arena);
    *app = (struct kt_app){ 0 };
}

enum kt_exit kt_exit_of(const struct kt_err *e)
{
    const char *name = kt_code_name(e->v.code);
    if (strncmp(name, "STORE_", 6) == 0)
        return KT_EXIT_DATABASE;
    if (strncmp(name, "PARTNER_", 8) == 0 || strncmp(name, "CONTRACT_", 9) == 0)
        return KT_EXIT_PARTNER;
    if (e->v.code == KT_E_CONFIG_INVALID || e->v.code == KT_E_MAPPING_FAILED ||
        strncmp(name, "LISTEN_", 7) == 0 || strncmp(name, "DROP_", 5) == 0 ||
        strncmp(name, "WSS_", 4) == 0)
        return KT_EXIT_CONFIG;
    return KT_EXIT_ATTENTION;
}

enum kt_exit kt_app_failed(struct kt_app *app, const struct kt_err *e)
{
    char sentence[1024];
    char suggestion[1024];
    bool is_first = true;
    struct kt_buf text;
    if (app->is_json) {
        kt_buf_init(&app->out, app->arena, OUT_MAX); /* half an answer is none */
        kt_buf_text(&app->out, "{\"error\":{");
        kt_out_verdict(&app->out, &is_first, &e->v, app->lang);
        kt_out_member_text(&app->out, &is_first, "trail", e->trail);
        kt_buf_text(&app->out, "}}\n");
        return kt_exit_of(e);
    }
    kt_sentence(&e->v, app->lang, sentence, sizeof sentence);
    kt_suggestion(&e->v, app->lang, suggestion, sizeof suggestion);
    kt_buf_init(&text, app->arena, 8192);
    kt_buf_text(&text, "kontor: ");
    kt_out_text(&text, kt_str_of(sentence));
    kt_buf_format(&text, " [%s]\n  ", kt_code_name(e->v.code));
    kt_out_text(&text, kt_str_of(suggestion));
    if (e->trail[0] != '\0') {
        kt_buf_text(&text, "\n  trail: ");
        kt_out_text(&text, kt_str_of(e->trail));
    }
    (void)fprintf(stderr, "%s\n", kt_buf_view(&text).p); /* nobody left to tell */
    return kt_exit_of(e);
}

enum kt_exit kt_app_usage(struct kt_app *app, const char *complaint)
{
    struct kt_buf text;
    kt_buf_init(&text, app->arena, 4096);
    kt_out_text(&text, kt_str_of(complaint)); /* may quote the command line */
    (void)fprintf(stderr, "kontor: %s\n  `kontor help` lists the commands\n", kt_buf_view(&text).p);
    return KT_EXIT_USAGE;
}

const char *kt_app_file(const struct kt_app *app)
{
    const char *named = kt_args_value(&app->args, "--config");
    for (size_t i = 0; named == NULL && i < KT_COUNT(default_files); i++) {
        if (access(default_files[i], F_OK) == 0)
            named = default_files[i];
    }
    return named;
}

static enum kt_exit refuse_config(struct kt_app *app, const struct kt_problems *problems)
{
    if (app->is_json) {
        kt_buf_text(&app->out, "{\"error\":{\"code\":\"CONFIG_INVALID\",\"problems\":[");
        for (size_t i = 0; i < problems->count; i++) {
            if (i > 0)
                kt_buf_char(&app->out, ',');
            kt_json_put_text(&app->out, kt_str_of(problems->text[i]));
        }
        kt_buf_text(&app->out, "]}}\n");
        return KT_EXIT_CONFIG;
    }
    (void)fprintf(stderr, "kontor: the configuration cannot be used: %zu problem%s\n",
                  problems->count, problems->count == 1 ? "" : "s");
    for (size_t i = 0; i < problems->count; i++)
        (void)fprintf(stderr, "  %s\n", problems->text[i]);
    return KT_EXIT_CONFIG;
}

enum kt_exit kt_app_load(struct kt_app *app)
{
    struct kt_problems problems = { .arena = app->arena };
    struct kt_err e = { 0 };
    const char *file = kt_app_file(app);
    if (kt_registry_check(&e) != KT_OK)
        return kt_app_failed(app, &e);
    if (file != NULL && file[0] == '\0')
        return kt_app_usage(app, "--config names no file");
    if (file == NULL)
        kt_problem(&problems, "neither ./%s nor %s exists; --config FILE names another one",
                   default_files[0], default_files[1]);
    else
        app->config = kt_config_load(file, &problems);
    if (app->config == NULL)
        return refuse_config(app, &problems);
    /* A command answers by what it prints; its log says what needs a look. */
    app->log.least = (enum kt_log_level)app->config->site.log_level;
    if (!app->is_verbose && app->log.least < KT_LOG_WARN)
        app->log.least = KT_LOG_WARN;
    return KT_EXIT_OK;
}

bool kt_app_is_unmade(const struct kt_db_conf *db)
{
    return db->driver == KT_DB_SQLITE && access(db->file, F_OK) != 0;
}

enum kt_exit kt_app_connect(struct kt_app *app)
{
    struct kt_err e = { 0 };
    const struct kt_site *site = &app->config->site;
    app->work = (struct kt_work){ .site = site, .arena = kt_arena_new(), .log = app->log };
    if (kt_db_open(&app->work.db, &site->db, &app->log, &e) != KT_OK)
        return kt_app_failed(app, &e);
    return KT_EXIT_OK;
}

/* The name the database belongs to; the first one that writes gets it. */
static enum kt_rc owner_of(struct kt_db *db, const char *installation, struct kt_str *owner,
                           struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = kt_setting_get(db, "installation", owner, a, e);
    if (rc != KT_OK || owner->p != NULL)
        return rc;
    *owner = kt_str_of(installation);
    rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = kt_setting_put(db, "installation", *owner, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    if (rc != KT_OK)
        kt_tx_rollback(db);
    return rc;
}

enum kt_exit kt_app_own(struct kt_app *app)
{
    const char *installation = app->config->site.installation;
    struct kt_err e = { 0 };
    struct kt_str owner = { 0 };
    struct kt_problems problems = { .arena = app->arena };
    if (kt_db_check(app->work.db, app->arena, &e) != KT_OK ||
        owner_of(app->work.db, installation, &owner, app->arena, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (kt_str_is(owner, installation))
        return KT_EXIT_OK;
    kt_problem(&problems,
               "%s: installation is %s, but the database belongs to %s; another name would book "
               "every order again",
               app->config->file, installation, owner.p);
    return refuse_config(app, &problems);
}

enum kt_exit kt_app_open(struct kt_app *app)
{
    struct kt_err e = { 0 };
    enum kt_exit status = kt_app_load(app);
    if (status != KT_EXIT_OK)
        return status;
    if (kt_app_is_unmade(&app->config->site.db)) {
        (void)kt_fail(&e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_SCHEMA,
                      KT_P_TEXT("detail", "the database file does not exist yet"));
        return kt_app_failed(app, &e);
    }
    status = kt_app_connect(app);
    return status == KT_EXIT_OK ? kt_app_own(app) : status;
}

enum kt_rc kt_app_begin_past(struct kt_app *app, struct kt_err *e)
{
    int64_t written = 0;
    enum kt_rc rc = kt_past_begin(app->work.db, kt_now_us(), &written, e);
    if (rc == KT_OK && written > 0)
        kt_log_info(&app->log, "past.begun", F_NUM("revisions", written));
    return rc;
}

enum kt_rc kt_app_keys(struct kt_app *app, struct kt_err *e)
{
    struct kt_config *c = app->config;
    if (c->wss.keys + c->wss.policies == 0 || c->site.wss != NULL)
        return KT_OK;
    return kt_wss_site_open(&c->site.wss, &c->wss, &app->log, e);
}

const struct kt_channel_site *kt_app_channel(const struct kt_app *app, const char *name)
{
    const struct kt_site *site = &app->config->site;
    for (size_t i = 0; i < site->channels; i++) {
        if (strcmp(site->channel[i].name, name) == 0)
            return &site->channel[i];
    }
    return NULL;
}
