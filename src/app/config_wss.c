/* Keys and policies of WS-Security: the sections security, keys and wss, and who has which policy.
 * No file of a key is opened here. Called by config.c; adds to the same list of problems. */
#include <string.h>

#include "app/config_inner.h"
#include "app/config_opts.h"
#include "base/conf_node.h"

static const struct kt_wss_policy_conf *find_policy(const struct kt_loading *l, const char *name)
{
    const struct kt_wss_conf *wss = &l->config->wss;
    for (size_t i = 0; i < wss->policies; i++) {
        if (strcmp(wss->policy[i].name, name) == 0)
            return &wss->policy[i];
    }
    return NULL;
}

const struct kt_wss_policy_conf *kt_loading_policy(struct kt_loading *l, const char *where,
                                                   const char *name)
{
    const struct kt_wss_conf *wss = &l->config->wss;
    const struct kt_wss_policy_conf *found = name == NULL ? NULL : find_policy(l, name);
    struct kt_buf known;
    if (name == NULL || found != NULL)
        return found;
    kt_buf_init(&known, l->problems->arena, 8192);
    for (size_t i = 0; i < wss->policies; i++)
        kt_buf_format(&known, "%s%s", i == 0 ? "" : ", ", wss->policy[i].name);
    kt_problem(l->problems, "%s: there is no policy \"%s\" under wss. Known: %s", where, name,
               wss->policies == 0 ? "none" : kt_buf_view(&known).p);
    return NULL;
}

/* --- the sections --- */

static void load_keys(struct kt_loading *l)
{
    struct kt_config *c = l->config;
    const char *const *names = NULL;
    const struct kt_conf_node *const *sections = NULL;
    const size_t count = kt_loading_entries(l, "keys", &names, &sections);
    struct kt_wss_key_conf *key = KT_NEW_ARRAY(c->arena, count + 1, struct kt_wss_key_conf);
    for (size_t i = 0; i < count; i++) {
        const size_t before = l->problems->count;
        kt_conf_fill(sections[i], kt_conf_where(sections[i]), kt_wss_key_opts, NULL, &key[i],
                     c->arena, c->secrets, l->problems);
        key[i].name = names[i];
        const char *why = l->problems->count == before ? kt_wss_key_check(&key[i], c->arena) : NULL;
        if (why != NULL)
            kt_problem(l->problems, "%s: %s", kt_conf_where(sections[i]), why);
    }
    c->wss.key = key;
    c->wss.keys = count;
}

/* A list of files counts from the configuration's folder, as a single one does. */
static void resolve(struct kt_conf_texts *files, const struct kt_conf_node *section,
                    struct kt_arena *a)
{
    const char **item = KT_NEW_ARRAY(a, files->count + 1, const char *);
    for (size_t i = 0; i < files->count; i++)
        item[i] = files->item[i][0] == '/' ? files->item[i]
                                           : kt_format(a, "%s%s", section->folder, files->item[i]);
    files->item = item;
}

/* Of what several policies say together; one that is faulty by itself was named before. */
static void check_beside(struct kt_loading *l, const struct kt_conf_node *const *sections)
{
    const struct kt_wss_conf *wss = &l->config->wss;
    for (size_t i = 0; i < wss->policies; i++) {
        const char *why = wss->policy[i].is_faulty
                              ? NULL
                              : kt_wss_policy_beside(&wss->policy[i], wss, l->config->arena);
        if (why != NULL)
            kt_problem(l->problems, "%s: %s", kt_conf_where(sections[i]), why);
    }
}

static void load_policies(struct kt_loading *l)
{
    struct kt_config *c = l->config;
    const char *const *names = NULL;
    const struct kt_conf_node *const *sections = NULL;
    const size_t count = kt_loading_entries(l, "wss", &names, &sections);
    struct kt_wss_policy_conf *policy =
        KT_NEW_ARRAY(c->arena, count + 1, struct kt_wss_policy_conf);
    for (size_t i = 0; i < count; i++) {
        const size_t before = l->problems->count;
        kt_conf_fill(sections[i], kt_conf_where(sections[i]), kt_wss_policy_opts, NULL, &policy[i],
                     c->arena, c->secrets, l->problems);
        policy[i].name = names[i];
        resolve(&policy[i].signers, sections[i], c->arena);
        const char *why = l->problems->count == before
                              ? kt_wss_policy_check(&policy[i], &c->wss, c->arena)
                              : NULL;
        if (why != NULL)
            kt_problem(l->problems, "%s: %s", kt_conf_where(sections[i]), why);
        policy[i].is_faulty = l->problems->count > before;
    }
    c->wss.policy = policy;
    c->wss.policies = count;
    check_beside(l, sections);
}

void kt_loading_wss(struct kt_loading *l)
{
    struct kt_config *c = l->config;
    kt_conf_fill(kt_conf_get(l->root, "security"), kt_format(c->arena, "%s: security", c->file),
                 kt_security_opts, NULL, &c->site, c->arena, c->secrets, l->problems);
    load_keys(l);
    load_policies(l);
}

/* --- who has which --- */

void kt_loading_partner_policy(struct kt_loading *l, const struct kt_conf_node *section,
                               const struct kt_partner *p)
{
    const char *where = kt_loading_where(section, "wss");
    const struct kt_wss_policy_conf *policy = kt_loading_policy(l, where, p->wss);
    if (policy != NULL && policy->attachments == KT_WSS_BY_TLS && p->certificates.count == 0)
        kt_problem(l->problems,
                   "%s: the policy binds attachments by the TLS client certificate, but "
                   "certificates names none",
                   where);
}

/* The setting `wss` among those of an adapter, if it has one. */
const char *kt_config_connection_policy(const struct kt_erp_site *erp)
{
    const char *name = NULL;
    for (const struct kt_opt *o = erp->ops->opts; o->name != NULL; o++) {
        if (strcmp(o->name, "wss") == 0)
            memcpy(&name, (const char *)erp->conf + o->offset, sizeof name);
    }
    return name;
}

void kt_loading_connection_policy(struct kt_loading *l, const struct kt_conf_node *section,
                                  const struct kt_erp_site *erp)
{
    const struct kt_conf_node *connection = kt_conf_get(section, "connection");
    const char *where = kt_loading_where(connection == NULL ? section : connection, "wss");
    const struct kt_wss_policy_conf *policy =
        kt_loading_policy(l, where, kt_config_connection_policy(erp));
    if (policy != NULL && policy->attachments == KT_WSS_BY_TLS)
        kt_problem(l->problems,
                   "%s: a policy that binds attachments by the TLS client certificate is for "
                   "partners alone",
                   where);
}
