/* The command line: finds the command in its table, reads its options, runs it and prints what it
 * has to say; usage and help come from the same table. Main thread; called by main.c. */
#include "app/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/config_opts.h"
#include "app/out.h"

static const struct kt_command *const commands[] = {
    &kt_cmd_serve,   &kt_cmd_check,     &kt_cmd_sync,       &kt_cmd_status,   &kt_cmd_plan,
    &kt_cmd_adopt,   &kt_cmd_reconcile, &kt_cmd_exceptions, &kt_cmd_runs,     &kt_cmd_held,
    &kt_cmd_mapping, &kt_cmd_order,     &kt_cmd_document,   &kt_cmd_security, &kt_cmd_db,
};

static const struct kt_flag global_flags[] = {
    { "--config", "FILE", "Configuration; default ./kontor.yaml, then /etc/kontor/kontor.yaml" },
    { "--json", NULL, "Print JSON" },
    { "--lang", "en|de", "Language of sentences; default: that of the environment" },
    { "--verbose", NULL, "Log as configured; otherwise commands log warnings and errors only" },
    { "--help", NULL, "What `kontor help` prints" },
    { "--version", NULL, "The version" },
    { 0 }
};

static const struct {
    enum kt_exit status;
    const char *meaning;
} exits[] = {
    { KT_EXIT_OK, "all is well" },
    { KT_EXIT_ATTENTION, "it ran, but something needs a person: open exceptions, things left" },
    { KT_EXIT_USAGE, "the command line was not understood" },
    { KT_EXIT_CONFIG, "the configuration cannot be used" },
    { KT_EXIT_DATABASE, "the database cannot be used" },
    { KT_EXIT_PARTNER, "a partner did not answer or refused us" },
};

static const struct kt_command *command_of(const char *name)
{
    for (size_t i = 0; i < KT_COUNT(commands); i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

static void put_flags(struct kt_buf *out, const struct kt_flag *flags)
{
    for (const struct kt_flag *f = flags; f != NULL && f->name != NULL; f++) {
        int left = 22 - (int)strlen(f->name) - (f->value == NULL ? 0 : (int)strlen(f->value) + 1);
        kt_buf_format(out, "  %s%s%s%*s%s\n", f->name, f->value == NULL ? "" : " ",
                      f->value == NULL ? "" : f->value, left > 1 ? left : 2, "", f->help);
    }
}

static void put_overview(struct kt_buf *out)
{
    kt_buf_text(out, "kontor [OPTIONS] COMMAND …\n"
                     "Keeps web shops in step with an ERP: records outward, orders exactly once "
                     "inward.\n\nCommands\n");
    for (size_t i = 0; i < KT_COUNT(commands); i++)
        kt_buf_format(out, "  %-22s%s\n", commands[i]->name, commands[i]->summary);
    kt_buf_format(out, "  %-22s%s\n", "help COMMAND", "Explains a command");
    kt_buf_format(out, "  %-22s%s\n", "help configuration", "Lists every setting");
    kt_buf_text(out, "\nOptions\n");
    put_flags(out, global_flags);
    kt_buf_text(out, "\nExit status\n");
    for (size_t i = 0; i < KT_COUNT(exits); i++)
        kt_buf_format(out, "  %d  %s\n", (int)exits[i].status, exits[i].meaning);
}

static void put_command(struct kt_buf *out, const struct kt_command *c)
{
    for (size_t i = 0; c->form[i] != NULL; i++)
        kt_buf_format(out, "kontor %s%s%s\n", c->name, c->form[i][0] == '\0' ? "" : " ",
                      c->form[i]);
    kt_buf_format(out, "%s.\n", c->summary);
    if (c->about != NULL)
        kt_buf_format(out, "\n%s\n", c->about);
    if (c->flags != NULL) {
        kt_buf_text(out, "\nOptions\n");
        put_flags(out, c->flags);
    }
}

static enum kt_exit help(struct kt_app *app, const char *topic)
{
    const struct kt_command *c = topic == NULL ? NULL : command_of(topic);
    if (topic == NULL || strcmp(topic, "help") == 0)
        put_overview(&app->out);
    else if (c != NULL)
        put_command(&app->out, c);
    else if (strcmp(topic, "configuration") == 0)
        kt_config_help(&app->out);
    else
        return kt_app_usage(app, kt_format(app->arena, "there is no help on %s", topic));
    return KT_EXIT_OK;
}

static const char *read_globals(struct kt_app *app)
{
    const char *lang = kt_args_value(&app->args, "--lang");
    app->is_json = kt_args_has(&app->args, "--json");
    app->is_verbose = kt_args_has(&app->args, "--verbose");
    if (lang == NULL)
        return NULL;
    if (strcmp(lang, "de") != 0 && strcmp(lang, "en") != 0)
        return "--lang takes en or de";
    app->lang = lang[0] == 'd' ? KT_LANG_DE : KT_LANG_EN;
    return NULL;
}

static void let_signals_through(void)
{
    sigset_t none;
    (void)sigemptyset(&none); /* cannot fail on a set of our own */
    KT_ASSERT(pthread_sigmask(SIG_SETMASK, &none, NULL) == 0);
}

static enum kt_exit dispatch(struct kt_app *app, int argc, const char *const *argv)
{
    const char *name = kt_args_command(argc, argv, global_flags);
    const struct kt_command *c = name == NULL ? NULL : command_of(name);
    const char *complaint =
        kt_args_read(&app->args, argc, argv, global_flags, c == NULL ? NULL : c->flags, app->arena);
    if (complaint == NULL)
        complaint = read_globals(app);
    if (complaint != NULL)
        return kt_app_usage(app, complaint);
    if (kt_args_has(&app->args, "--version")) {
        kt_buf_text(&app->out, "kontor " KT_VERSION "\n");
        return KT_EXIT_OK;
    }
    if (name != NULL && strcmp(name, "help") == 0)
        return help(app, app->args.words > 1 ? app->args.word[1] : NULL);
    if (kt_args_has(&app->args, "--help"))
        return help(app, name);
    if (name == NULL)
        return kt_app_usage(app, "which command?");
    if (c == NULL)
        return kt_app_usage(app, kt_format(app->arena, "there is no command %s", name));
    return c->run(app);
}

static bool print(const struct kt_buf *out)
{
    struct kt_str text = kt_buf_view(out);
    bool is_written = text.n == 0 || fwrite(text.p, 1, text.n, stdout) == text.n;
    if (fflush(stdout) != 0 || !is_written) {
        if (errno != EPIPE) /* the reader has seen enough (`kontor status | head`) */
            (void)fprintf(stderr, "kontor: the output could not be written\n");
        return false;
    }
    if (!kt_buf_ok(out)) {
        (void)fprintf(stderr, "kontor: the output was cut off: it is too large\n");
        return false;
    }
    return true;
}

int kt_cli_run(int argc, const char *const *argv)
{
    struct kt_app app;
    kt_app_init(&app);
    const char *name = kt_args_command(argc, argv, global_flags);
    const struct kt_command *c = name == NULL ? NULL : command_of(name);
    if (c == NULL || !c->is_service)
        let_signals_through();
    enum kt_exit status = dispatch(&app, argc, argv);
    if (!print(&app.out) && status == KT_EXIT_OK)
        status = KT_EXIT_ATTENTION;
    kt_app_close(&app);
    return (int)status;
}
