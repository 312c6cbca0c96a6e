#ifndef KT_APP_FINDINGS_H
#define KT_APP_FINDINGS_H

#include "app/app.h"
#include "port/env.h"

/* What `kontor check` has to say, sentence by sentence, and what that means for the exit status. */

enum kt_level { KT_LEVEL_OK = 0, KT_LEVEL_NOTE, KT_LEVEL_PROBLEM };

struct kt_finding {
    const char *area; /* "erp main" */
    enum kt_level level;
    const char *text;
    enum kt_exit exit; /* of a problem */
    const char *code;  /* of errors.def; NULL: none */
};

struct kt_findings {
    struct kt_app *app;
    struct kt_finding *item;
    size_t count;
    size_t room;
};

void kt_find(struct kt_findings *f, const char *area, enum kt_level level, const char *fmt, ...)
    KT_PRINTF(4, 5);
void kt_find_failure(struct kt_findings *f, const char *area, const struct kt_err *e);
/* What differs, what follows from it, what to do. exit: of a problem. */
void kt_find_deviation(struct kt_findings *f, const char *area, const struct kt_deviation *d,
                       enum kt_level level, enum kt_exit exit);

/* Prints all. The exit status: database before partner before attention. */
enum kt_exit kt_findings_tell(const struct kt_findings *f);

#endif
