#ifndef KT_APP_ARGS_H
#define KT_APP_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* The command line: flags from tables, and words. */

struct kt_flag {
    const char *name;  /* "--wait" */
    const char *value; /* what it takes, "SECONDS"; NULL: a switch */
    const char *help;
};

enum { KT_ARGS_MAX = 32 };

struct kt_args {
    const char *flag[KT_ARGS_MAX];
    const char *value[KT_ARGS_MAX]; /* of flag[i]; "" for a switch */
    size_t flags;
    const char *word[KT_ARGS_MAX];
    size_t words;
};

/* Reads argv[1] onwards against both tables (each ends with a {0} row; the second may be NULL).
 * "--flag value", "--flag=value" and "--" are understood. A sentence on what is wrong, in `a`, or
 * NULL. */
const char *kt_args_read(struct kt_args *out, int argc, const char *const *argv,
                         const struct kt_flag *flags, const struct kt_flag *more,
                         struct kt_arena *a);

/* The first word, if flags of this table alone stand before it, else NULL. */
const char *kt_args_command(int argc, const char *const *argv, const struct kt_flag *flags);

bool kt_args_has(const struct kt_args *args, const char *flag);
const char *kt_args_value(const struct kt_args *args, const char *flag); /* NULL: not given */

/* Digits only, at most `most`. */
bool kt_args_number(int64_t *out, const char *text, int64_t most) KT_MUST;

#endif
