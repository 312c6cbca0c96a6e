#ifndef KT_APP_COMMANDS_H
#define KT_APP_COMMANDS_H

#include "app/app.h"

/* The commands, one file each (cmd_*.c), and the table by which cli.c finds and explains them. */
struct kt_command {
    const char *name;
    const char *summary;     /* for `kontor help` */
    const char *const *form; /* "show NUMBER": what follows the name; ends with NULL */
    const char *about;       /* sentences for `kontor help NAME` */
    const struct kt_flag *flags;
    bool is_service;                         /* decides about signals itself */
    enum kt_exit (*run)(struct kt_app *app); /* word[0] is the command's name */
};

extern const struct kt_command kt_cmd_adopt;
extern const struct kt_command kt_cmd_check;
extern const struct kt_command kt_cmd_db;
extern const struct kt_command kt_cmd_document;
extern const struct kt_command kt_cmd_exceptions;
extern const struct kt_command kt_cmd_held;
extern const struct kt_command kt_cmd_mapping;
extern const struct kt_command kt_cmd_order;
extern const struct kt_command kt_cmd_runs;
extern const struct kt_command kt_cmd_plan;
extern const struct kt_command kt_cmd_reconcile;
extern const struct kt_command kt_cmd_security;
extern const struct kt_command kt_cmd_serve;
extern const struct kt_command kt_cmd_status;
extern const struct kt_command kt_cmd_sync;

#endif
