/* Where two generations of the configuration differ, so that a reload can say what it does not
 * take over. Called by cmd_serve.c. */
#include <string.h>

#include "app/config.h"
#include "base/conf_node.h"

enum { LIST_MAX = 1024 };

/* Recursion is as deep as the file is nested, which its reader bounds. */
static bool is_same(const struct kt_conf_node *a, const struct kt_conf_node *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    if (a->kind != b->kind || a->count != b->count ||
        (a->kind == KT_CONF_TEXT && strcmp(a->text, b->text) != 0))
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->kind == KT_CONF_MAP && strcmp(a->name[i], b->name[i]) != 0)
            return false;
        if (!is_same(a->value[i], b->value[i]))
            return false;
    }
    return true;
}

static bool is_among(const char *name, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

const char *kt_config_differs(const struct kt_config *a, const struct kt_config *b,
                              const char *const *besides, struct kt_arena *arena)
{
    struct kt_buf out;
    kt_buf_init(&out, arena, LIST_MAX);
    for (int turn = 0; turn < 2; turn++) {
        const struct kt_conf_node *one = turn == 0 ? b->root : a->root;
        const struct kt_conf_node *other = turn == 0 ? a->root : b->root;
        for (size_t i = 0; i < kt_conf_count(one); i++) {
            const struct kt_conf_node *value = NULL;
            const char *name = kt_conf_name_at(one, i, &value);
            const struct kt_conf_node *twin = name == NULL ? NULL : kt_conf_get(other, name);
            if (name == NULL || is_among(name, besides) || (turn == 1 && twin != NULL) ||
                is_same(value, twin))
                continue;
            kt_buf_format(&out, "%s%s", out.n == 0 ? "" : ", ", name);
        }
    }
    return kt_buf_view(&out).p;
}
