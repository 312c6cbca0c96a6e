#ifndef KT_APP_APP_H
#define KT_APP_APP_H

#include "app/args.h"
#include "app/config.h"
#include "flow/work.h"

/* What a command of the command line works with, and how it ends. */

enum kt_exit {
    KT_EXIT_OK = 0,
    KT_EXIT_ATTENTION = 1, /* it ran; something needs a person */
    KT_EXIT_USAGE = 2,
    KT_EXIT_CONFIG = 3,
    KT_EXIT_DATABASE = 4,
    KT_EXIT_PARTNER = 5 /* a partner did not answer */
};

struct kt_app {
    struct kt_args args;
    enum kt_lang lang;
    bool is_json;
    bool is_verbose;
    struct kt_arena *arena; /* of the whole command */
    struct kt_buf out;      /* printed when the command is through */
    struct kt_config *config;
    struct kt_log log;
    struct kt_work work; /* db, own arena; after kt_app_open */
};

void kt_app_init(struct kt_app *app);
void kt_app_close(struct kt_app *app); /* everything that was opened */

/* Each says on standard error (with --json: as an object on standard output) what went wrong, and
 * gives the exit status. A database belongs to the installation that wrote to it first: under
 * another name every order would get another key in the ERP and be booked again. */
enum kt_exit kt_app_load(struct kt_app *app);    /* configuration and logger */
enum kt_exit kt_app_connect(struct kt_app *app); /* after load: the database, schema unseen */
enum kt_exit kt_app_own(struct kt_app *app);     /* after connect: schema and installation fit */
enum kt_exit kt_app_open(struct kt_app *app);    /* all of these */
/* after own: what of documents and certificates was recorded before there was a past. */
enum kt_rc kt_app_begin_past(struct kt_app *app, struct kt_err *e) KT_MUST;
/* after load: keys and policies of WS-Security as config->site.wss, before a partner is spoken to.
 * Without any nothing happens. The caller tells the failure. */
enum kt_rc kt_app_keys(struct kt_app *app, struct kt_err *e) KT_MUST;
enum kt_exit kt_app_failed(struct kt_app *app, const struct kt_err *e);
enum kt_exit kt_app_usage(struct kt_app *app, const char *complaint);

/* The configured channel of that name; NULL: there is none. After load. */
const struct kt_channel_site *kt_app_channel(const struct kt_app *app, const char *name);

/* The file that is read: --config, else ./kontor.yaml, else /etc/kontor/kontor.yaml. */
const char *kt_app_file(const struct kt_app *app);
/* A database file that is not there yet: opening it would make an empty one. */
bool kt_app_is_unmade(const struct kt_db_conf *db);

enum kt_exit kt_exit_of(const struct kt_err *e);

#endif
