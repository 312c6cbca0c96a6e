#ifndef KT_APP_CMD_RUNS_H
#define KT_APP_CMD_RUNS_H

#include "app/app.h"
#include "store/runs.h"

/* A run as a JSON object, the same in every command. */
void kt_run_put(struct kt_app *app, const struct kt_run *run);

#endif
