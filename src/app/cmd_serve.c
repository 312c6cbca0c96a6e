/* `kontor serve`: starts the service and waits for signals, which only this thread takes. TERM or
 * INT ends it in good order; a second one ends it at once. HUP looks at the configuration again. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/front.h"
#include "app/notify.h"
#include "app/terms.h"
#include "flow/serve.h"

enum { GRACE_S = 30 };

static void tell_manager(struct kt_app *app, const char *state)
{
    if (kt_notify(state) != 0) /* it will see by itself whether we live */
        kt_log_warn(&app->log, "manager.unreached", F_TEXT("state", state), F_NUM("errno", errno));
}

/* Keys and policies take effect at once, or, where one of them cannot be used, not at all. */
static bool renew_keys(struct kt_app *app, const struct kt_config *fresh, struct kt_arena *a)
{
    struct kt_err e = { 0 };
    char sentence[KT_TRAIL_MAX];
    const char *moved = kt_config_moved_policy(app->config, fresh, a);
    if (moved != NULL) {
        kt_log_error(&app->log, "keys.refused", F_TEXT("who", moved),
                     F_TEXT("problem", "its policy of WS-Security became another one, which needs "
                                       "a restart; nothing of the file was taken over"));
        return false;
    }
    if (kt_wss_site_renew(app->config->site.wss, &fresh->wss, &e) != KT_OK) {
        kt_sentence(&e.v, KT_LANG_EN, sentence, sizeof sentence);
        kt_log_failure(&app->log, KT_LOG_ERROR, "keys.refused", &e, F_TEXT("problem", sentence));
        return false;
    }
    int64_t keys = 0; /* that are loaded */
    for (size_t i = 0; i < fresh->wss.keys; i++)
        keys += fresh->wss.key[i].state != KT_WSS_REVOKED;
    kt_log_info(&app->log, "keys.renewed", F_NUM("keys", keys),
                F_NUM("policies", (int64_t)fresh->wss.policies));
    return true;
}

/* Of everything else the running service keeps what it has; this says what a restart would change,
 * and whether it would succeed. */
static void say_differences(struct kt_app *app, const struct kt_config *fresh, struct kt_arena *a)
{
    static const char *const renewed[] = { "keys", "wss", NULL };
    static const char *const none[] = { NULL };
    const char *names =
        kt_config_differs(app->config, fresh, app->config->site.wss == NULL ? none : renewed, a);
    if (names[0] == '\0')
        kt_log_info(&app->log, "config.unchanged", F_TEXT("file", fresh->file));
    else
        kt_log_warn(&app->log, "config.changed", F_TEXT("file", fresh->file),
                    F_TEXT("settings", names), F_TEXT("reason", "they need a restart"));
}

static void look_at_config(struct kt_app *app)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_problems problems = { .arena = a };
    struct kt_config *fresh = kt_config_load(app->config->file, &problems);
    for (size_t i = 0; i < problems.count; i++)
        kt_log_error(&app->log, "config.refused", F_TEXT("problem", problems.text[i]));
    if (fresh != NULL && (app->config->site.wss == NULL || renew_keys(app, fresh, a)))
        say_differences(app, fresh, a);
    kt_config_close(fresh);
    kt_arena_free(a);
}

/* Until a signal that ends the service. They are blocked, so none is lost in between. */
static int wait_for_end(struct kt_app *app, struct kt_front *front)
{
    sigset_t ours;
    KT_ASSERT(sigemptyset(&ours) == 0 && sigaddset(&ours, SIGTERM) == 0 &&
              sigaddset(&ours, SIGINT) == 0 && sigaddset(&ours, SIGHUP) == 0);
    for (;;) {
        int number = sigwaitinfo(&ours, NULL);
        if (number == SIGHUP) {
            look_at_config(app);
            kt_front_renew(front);
        } else if (number > 0) {
            return number;
        } else {
            KT_ASSERT(errno == EINTR); /* stopped and continued */
        }
    }
}

/* From here the next TERM or INT has its plain effect; the journal allows it at any line. */
static void let_second_signal_kill(void)
{
    sigset_t ours;
    KT_ASSERT(sigemptyset(&ours) == 0 && sigaddset(&ours, SIGTERM) == 0 &&
              sigaddset(&ours, SIGINT) == 0);
    KT_ASSERT(pthread_sigmask(SIG_UNBLOCK, &ours, NULL) == 0);
}

/* First nothing more comes in, then what is under way ends, and monitoring last. A thread that did
 * not end in time still uses the configuration and its session: nothing may be torn down under it,
 * so the process ends here. The journal takes up what it was at. */
static void stop(struct kt_app *app, struct kt_serve *serve, struct kt_front *front,
                 enum kt_exit status)
{
    const int64_t until_us = kt_mono_us() + GRACE_S * KT_SECOND;
    bool is_over = kt_front_drain(front, GRACE_S * KT_SECOND);
    kt_front_leave(front);
    const int64_t left_us = until_us - kt_mono_us();
    is_over = is_over && kt_serve_stop(serve, left_us > KT_SECOND ? left_us : KT_SECOND);
    if (is_over && kt_front_stop(front, KT_SECOND))
        return;
    kt_log_warn(&app->log, "service.left", F_NUM("grace_s", GRACE_S));
    _exit((int)status);
}

static enum kt_exit run(struct kt_app *app)
{
    struct kt_serve *serve = NULL;
    struct kt_front *front = NULL;
    struct kt_err e = { 0 };
    if (app->args.words > 1)
        return kt_app_usage(app, "serve takes nothing");
    enum kt_exit status = kt_app_open(app);
    if (status != KT_EXIT_OK)
        return status;
    app->log.least = (enum kt_log_level)app->config->site.log_level;
    if (kt_app_keys(app, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (kt_app_begin_past(app, &e) != KT_OK)
        return kt_app_failed(app, &e);
    app->config->site.terms = kt_terms_of;
    app->config->site.terms_of = app->config;
    /* Nothing may flow before it is sure that all doors open. */
    if (kt_server_try(app->config->door.listen, app->config->door.listens, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (kt_serve_start(&serve, &app->config->site, &app->log, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (kt_front_start(&front, app->config, serve, &app->log, &e) != KT_OK) {
        status = kt_app_failed(app, &e);
        stop(app, serve, front, status);
        return status;
    }
    kt_log_info(&app->log, "service.started", F_TEXT("version", KT_VERSION),
                F_TEXT("installation", app->config->site.installation),
                F_TEXT("config", app->config->file));
    tell_manager(app, "READY=1");
    int number = wait_for_end(app, front);
    kt_log_info(&app->log, "service.stopping", F_TEXT("signal", number == SIGINT ? "INT" : "TERM"));
    tell_manager(app, "STOPPING=1");
    let_second_signal_kill();
    stop(app, serve, front, KT_EXIT_OK);
    kt_log_info(&app->log, "service.stopped");
    return KT_EXIT_OK;
}

static const char *const form[] = { "", NULL };

const struct kt_command kt_cmd_serve = {
    .name = "serve",
    .summary = "Runs until it is told to stop",
    .form = form,
    .about =
        "Logs to standard error. SIGTERM or SIGINT: finishes what it has begun, at most 30 s, and "
        "ends; a second\none ends it at once, which is safe. SIGHUP: reads the listeners' "
        "certificates again, and of the\nconfiguration keys and wss, which take effect at once; "
        "what else has changed there needs a restart,\nwhich the log says. A faulty file changes "
        "nothing.",
    .is_service = true,
    .run = run,
};
