/* Fetches secrets from files and the environment into the arena that is wiped. Called by conf.c at
 * start and reload. No message shows a value: what stands in the wrong place may be the secret. */
#include <stdlib.h>
#include <string.h>

#include "base/conf_node.h"
#include "base/file.h"

enum { SECRET_MAX = 64 * 1024 };

/* Text without NUL and not empty, or NULL after a problem was noted. */
static const char *checked(const struct kt_conf_setting *s, const char *source, struct kt_str value)
{
    if (value.n == 0 || !kt_utf8_ok(value)) {
        kt_problem(s->problems, "%s: what %s holds is %s", s->where, source,
                   value.n == 0 ? "empty" : "not text");
        return NULL;
    }
    return value.p;
}

static const char *from_file(const struct kt_conf_setting *s, const char *name)
{
    const char *complaint = NULL;
    struct kt_str value;
    const char *path = kt_format(s->arena, "%s%s", name[0] == '/' ? "" : s->folder, name);
    if (!kt_file_read(&value, path, SECRET_MAX, true, s->secrets, &complaint)) {
        kt_problem(s->problems, "%s: the file %s %s", s->where, path, complaint);
        return NULL;
    }
    /* Editors and echo end a file with a line end; it is not part of the secret. */
    char *text = kt_alloc(s->secrets, value.n + 1);
    if (value.n > 0 && value.p[value.n - 1] == '\n') {
        value.n--;
        if (value.n > 0 && value.p[value.n - 1] == '\r')
            value.n--;
    }
    memcpy(text, value.p, value.n);
    return checked(s, "the file", (struct kt_str){ text, value.n });
}

static const char *from_environment(const struct kt_conf_setting *s, const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): nobody sets variables */
    if (value == NULL) {
        kt_problem(s->problems, "%s: the environment has no variable %s", s->where, name);
        return NULL;
    }
    if (strlen(value) > SECRET_MAX) {
        kt_problem(s->problems, "%s: the variable %s is larger than 64 kB", s->where, name);
        return NULL;
    }
    return checked(s, "the variable", kt_str_copy(s->secrets, kt_str_of(value)));
}

const char *kt_conf_secret(const struct kt_conf_setting *s, const char *text)
{
    struct kt_str value = kt_str_of(text);
    if (kt_str_starts(value, "file:") && value.n > 5)
        return from_file(s, text + 5);
    if (kt_str_starts(value, "env:") && value.n > 4)
        return from_environment(s, text + 4);
    kt_problem(s->problems, "%s: a secret does not stand in this file; write file:PATH or env:NAME",
               s->where);
    return NULL;
}
