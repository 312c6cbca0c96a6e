#ifndef KT_BASE_CONF_NODE_H
#define KT_BASE_CONF_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"

/* A piece of the configuration file, and what conf*.c share. Nobody else looks inside. */
enum kt_conf_kind { KT_CONF_EMPTY, KT_CONF_TEXT, KT_CONF_LIST, KT_CONF_MAP };

struct kt_conf_node {
    enum kt_conf_kind kind;
    const char *where;  /* "kontor.yaml:42: channels.b2b" */
    const char *folder; /* of the file, with the slash; "" for the current one */
    const char *text;
    size_t count;
    const char *const *name; /* of a mapping */
    const struct kt_conf_node *const *value;
};

/* One option being read. */
struct kt_conf_setting {
    const struct kt_opt *opt;
    const char *where;
    const char *folder;
    void *out;
    struct kt_arena *arena;
    struct kt_arena *secrets;
    struct kt_problems *problems;
};

/* Each notes a problem and leaves the member zero where the value does not do. */
void kt_conf_set_text(const struct kt_conf_setting *s, const char *text);
void kt_conf_set_list(const struct kt_conf_setting *s, const char *const *item, size_t count);
void kt_conf_set_zero(const struct kt_opt *opt, void *out);

/* The secret behind file:PATH or env:NAME; NULL after a problem was noted. */
const char *kt_conf_secret(const struct kt_conf_setting *s, const char *text);

/* The known name (names end with NULL) that was probably meant, or NULL. */
const char *kt_conf_meant(const char *written, const char *const *known);

#endif
