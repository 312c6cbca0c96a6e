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

/* --- who has which policy --- */

static bool has_policy(const struct kt_config *c, const char *name)
{
    for (size_t i = 0; i < c->wss.policies; i++) {
        if (strcmp(c->wss.policy[i].name, name) == 0)
            return true;
    }
    return false;
}

/* Another policy than before, while that of before still lets somebody in: whose would that be? */
static bool is_moved(const struct kt_config *fresh, const char *before, const char *now)
{
    return before != NULL && has_policy(fresh, before) && (now == NULL || strcmp(before, now) != 0);
}

static const struct kt_partner *find_partner(const struct kt_config *c, const char *name)
{
    for (size_t i = 0; i < c->door.partners; i++) {
        if (strcmp(c->door.partner[i].name, name) == 0)
            return &c->door.partner[i];
    }
    return NULL;
}

static const char *erp_policy(const struct kt_config *c, const char *name, bool *is_there)
{
    *is_there = false;
    for (size_t i = 0; i < c->site.erps; i++) {
        if (strcmp(c->site.erp[i].name, name) != 0)
            continue;
        *is_there = true;
        return kt_config_connection_policy(&c->site.erp[i]);
    }
    return NULL;
}

/* The partner of the new file that has it, under whatever name. */
static bool is_owned(const struct kt_config *fresh, const char *policy)
{
    for (size_t i = 0; policy != NULL && i < fresh->door.partners; i++) {
        const char *name = fresh->door.partner[i].wss;
        if (name != NULL && strcmp(name, policy) == 0)
            return true;
    }
    return false;
}

const char *kt_config_moved_policy(const struct kt_config *running, const struct kt_config *fresh,
                                   struct kt_arena *a)
{
    for (size_t i = 0; i < running->door.partners; i++) {
        const struct kt_partner *p = &running->door.partner[i];
        const struct kt_partner *now = find_partner(fresh, p->name);
        if (now == NULL ? is_owned(fresh, p->wss) : is_moved(fresh, p->wss, now->wss))
            return kt_format(a, "partner %s", p->name);
    }
    for (size_t i = 0; i < running->site.erps; i++) {
        const struct kt_erp_site *erp = &running->site.erp[i];
        bool is_there = false;
        const char *now = erp_policy(fresh, erp->name, &is_there);
        if (is_there && is_moved(fresh, kt_config_connection_policy(erp), now))
            return kt_format(a, "ERP %s", erp->name);
    }
    return NULL;
}
