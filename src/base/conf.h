#ifndef KT_BASE_CONF_H
#define KT_BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* Configuration: YAML read with libfyaml, one option table per struct. The table drives parsing,
 * defaults, limits, `kontor check`, help and docs. All problems are collected with file and line
 * before anything is used. Secrets stand in the file only as file:PATH or env:NAME. */

enum kt_opt_type {
    KT_OPT_END = 0,
    KT_OPT_TEXT,    /* const char * */
    KT_OPT_NAME,    /* const char *: a-z 0-9 - _ , at most 40 */
    KT_OPT_URL,     /* const char *: http:// or https:// with a host, no credentials, no fragment */
    KT_OPT_FILE,    /* const char *: relative paths count from the configuration file's folder */
    KT_OPT_SECRET,  /* const char *: the value behind file: or env:; from the secret arena */
    KT_OPT_NUMBER,  /* int64_t */
    KT_OPT_SECS,    /* int64_t seconds; "30", "30s", "5m", "2h", "1d" */
    KT_OPT_SIZE,    /* int64_t bytes; "512k", "8M", "1G" */
    KT_OPT_BOOL,    /* bool; true or false */
    KT_OPT_DECIMAL, /* struct kt_dec */
    KT_OPT_CHOICE,  /* int: index into .choices */
    KT_OPT_LIST     /* struct kt_conf_texts */
};

enum { KT_OPT_REQUIRED = 1 };

struct kt_conf_texts {
    const char *const *item;
    size_t count;
};

/* Members in the order in which tables are written and read; a few bytes of padding are fine. */
struct kt_opt { /* NOLINT(clang-analyzer-optin.performance.Padding): as said above */
    const char *name;
    enum kt_opt_type type;
    size_t offset;
    unsigned flags;
    const char *def;            /* as it would stand in the file; NULL: absent, member stays zero */
    int64_t min, max;           /* numbers, seconds, sizes; both 0: any */
    const char *const *choices; /* ends with NULL */
    const char *help;           /* one sentence, for people */
};

/* Problems, each file's in the order of its lines: "kontor.yaml:42: channels.b2b.timeuot: no such
 * setting; did you mean timeout? Known: base_url, timeout, token". */
struct kt_problems {
    struct kt_arena *arena;
    const char **text;
    size_t count;
    size_t room;
};
void kt_problem(struct kt_problems *p, const char *fmt, ...) KT_PRINTF(2, 3);

struct kt_conf_node; /* a mapping, list or value of the file, with its line and path */

/* Reads and parses; NULL after a problem was noted (file missing, not YAML, a key twice, anchors,
 * aliases, tags, merge keys, two documents, larger than 1 MB). Lives in `a`. */
const struct kt_conf_node *kt_conf_read(const char *file, struct kt_arena *a,
                                        struct kt_problems *p);
const struct kt_conf_node *kt_conf_get(const struct kt_conf_node *map, const char *name);
size_t kt_conf_count(const struct kt_conf_node *map);
/* Entry i of a mapping: its name and value, in the order of the file; of a list: NULL, its item. */
const char *kt_conf_name_at(const struct kt_conf_node *map, size_t i,
                            const struct kt_conf_node **value);
const char *kt_conf_text(const struct kt_conf_node *value); /* scalar text or NULL */
const char *kt_conf_where(const struct kt_conf_node *node); /* "kontor.yaml:42: channels.b2b" */

/* Fills *out from a mapping by the table, after zeroing each member the table names; notes every
 * problem: unknown names, wrong types, limits, missing required ones. map NULL reads as an empty
 * mapping at `where`, "FILE" or "FILE:LINE: path" (kt_conf_where of the parent; its folder is where
 * relative files are). `also` names members that somebody else reads (sub-sections); ends with
 * NULL; may be NULL. A default that does not parse is a bug in the table and asserts. */
void kt_conf_fill(const struct kt_conf_node *map, const char *where, const struct kt_opt *opts,
                  const char *const *also, void *out, struct kt_arena *a, struct kt_arena *secrets,
                  struct kt_problems *p);

/* Help for people: name, type, default, limits, sentence, one option a line. */
void kt_conf_help(struct kt_buf *out, const struct kt_opt *opts);

#endif
