/* Who may come in, and where: the sections listen, push, partners and drop. Called by config.c when
 * the ERPs are read; adds to the same list of problems. */
#include <string.h>

#include "app/config_inner.h"
#include "base/conf_node.h"
#include "base/hash.h"
#include "door/drop.h"

static const struct kt_erp_site *erp_of(struct kt_loading *l, const struct kt_conf_node *section,
                                        const char *name)
{
    const struct kt_site *site = &l->config->site;
    struct kt_buf known;
    kt_buf_init(&known, l->problems->arena, 4096);
    for (size_t i = 0; name != NULL && i < site->erps; i++) {
        if (strcmp(site->erp[i].name, name) == 0)
            return &site->erp[i];
        kt_buf_format(&known, "%s%s", i == 0 ? "" : ", ", site->erp[i].name);
    }
    if (name != NULL) /* else the table has said that it is missing */
        kt_problem(l->problems, "%s: there is no ERP \"%s\". Known: %s",
                   kt_loading_where(section, "erp"), name, kt_buf_view(&known).p);
    return NULL;
}

/* --- listen --- */

static void read_roles(struct kt_loading *l, const struct kt_conf_node *section,
                       struct kt_listen_conf *c)
{
    for (size_t i = 0; i < c->roles.count; i++) {
        size_t role = 0;
        while (kt_role_names[role] != NULL && strcmp(kt_role_names[role], c->roles.item[i]) != 0)
            role++;
        if (kt_role_names[role] != NULL) {
            c->role |= 1U << role;
            continue;
        }
        const char *meant = kt_conf_meant(c->roles.item[i], kt_role_names);
        kt_problem(l->problems,
                   "%s: there is no role \"%s\"%s%s%s Known: push, webhook, documents, admin, "
                   "metrics",
                   kt_loading_where(section, "roles"), c->roles.item[i],
                   meant == NULL ? "" : "; did you mean ", meant == NULL ? "" : meant,
                   meant == NULL ? "." : "?");
    }
    if (c->roles.count == 0)
        kt_problem(l->problems, "%s: names no role, so nothing could be reached there",
                   kt_loading_where(section, "roles"));
}

static void check_keys(struct kt_loading *l, const struct kt_conf_node *section,
                       const struct kt_listen_conf *c)
{
    if ((c->certificate == NULL) != (c->key == NULL))
        kt_problem(l->problems, "%s: certificate and key belong together; one is missing",
                   kt_conf_where(section));
    if (c->client_ca != NULL && c->certificate == NULL)
        kt_problem(l->problems, "%s: client certificates need TLS: certificate is missing",
                   kt_loading_where(section, "client_ca"));
    for (size_t i = 0; i < c->trusted_proxies.count; i++) {
        if (!kt_listen_is_proxy(c->trusted_proxies.item[i]))
            kt_problem(l->problems,
                       "%s: \"%.60s\" is neither an address nor a network like "
                       "10.0.0.0/8",
                       kt_loading_where(section, "trusted_proxies"), c->trusted_proxies.item[i]);
    }
}

/* What is open to other machines must not be open to everybody. */
static void check_reach(struct kt_loading *l, const struct kt_conf_node *section,
                        const struct kt_listen_conf *c)
{
    const char *where = kt_loading_where(section, "address");
    if (c->address == NULL)
        return;
    if (!kt_listen_is_address(c->address)) {
        kt_problem(l->problems, "%s: \"%.60s\" is no IP address", where, c->address);
        return;
    }
    if (kt_listen_is_local(c->address))
        return;
    if ((c->role & KT_ROLE_PUSH) != 0 && c->certificate == NULL)
        kt_problem(l->problems,
                   "%s: role push on an address that other machines reach needs a certificate: "
                   "records and logins pass",
                   where);
    if ((c->role & (KT_ROLE_ADMIN | KT_ROLE_METRICS)) != 0 && !c->admin_outside)
        kt_problem(l->problems,
                   "%s: roles admin and metrics ask for no login; on an address that other "
                   "machines reach they need admin_outside: true",
                   where);
}

static void check_twins(struct kt_loading *l, const struct kt_conf_node *const *section,
                        const struct kt_listen_conf *c, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (c[i].port != 0 && c[i].port == c[k].port && c[i].address != NULL &&
                c[k].address != NULL && strcmp(c[i].address, c[k].address) == 0)
                kt_problem(l->problems, "%s: listen.%s has this address and port, too",
                           kt_loading_where(section[i], "port"), c[k].name);
        }
    }
}

/* What proves this server to browsers and ERPs signs no messages, and decrypts none. */
static void check_purpose(struct kt_loading *l, const struct kt_conf_node *section,
                          const struct kt_listen_conf *c)
{
    const struct kt_wss_conf *wss = &l->config->wss;
    for (size_t i = 0; c->key != NULL && i < wss->keys; i++) {
        if (wss->key[i].key != NULL && strcmp(wss->key[i].key, c->key) == 0)
            kt_problem(l->problems, "%s: keys.%s has this key, too; a key has one purpose",
                       kt_loading_where(section, "key"), wss->key[i].name);
    }
    for (size_t i = 0; c->certificate != NULL && i < wss->policies; i++) {
        for (size_t k = 0; k < wss->policy[i].signers.count; k++) {
            if (strcmp(wss->policy[i].signers.item[k], c->certificate) == 0)
                kt_problem(l->problems, "%s: it is a signer of wss.%s; a key has one purpose",
                           kt_loading_where(section, "certificate"), wss->policy[i].name);
        }
    }
}

static void load_listen(struct kt_loading *l)
{
    struct kt_config *c = l->config;
    const char *const *names = NULL;
    const struct kt_conf_node *const *sections = NULL;
    const size_t count = kt_loading_entries(l, "listen", &names, &sections);
    struct kt_listen_conf *listen = KT_NEW_ARRAY(c->arena, count + 1, struct kt_listen_conf);
    for (size_t i = 0; i < count; i++) {
        kt_conf_fill(sections[i], kt_conf_where(sections[i]), kt_listen_opts, NULL, &listen[i],
                     c->arena, c->secrets, l->problems);
        listen[i].name = names[i];
        read_roles(l, sections[i], &listen[i]);
        check_keys(l, sections[i], &listen[i]);
        check_purpose(l, sections[i], &listen[i]);
        check_reach(l, sections[i], &listen[i]);
    }
    check_twins(l, sections, listen, count);
    c->door.listen = listen;
    c->door.listens = count;
}

/* --- partners --- */

static void read_certificates(struct kt_loading *l, const struct kt_conf_node *section,
                              struct kt_partner *p)
{
    const char **item = KT_NEW_ARRAY(l->config->arena, p->certificates.count + 1, const char *);
    size_t n = 0;
    for (size_t i = 0; i < p->certificates.count; i++) {
        char *print = kt_alloc(l->config->arena, KT_HASH_TEXT_MAX);
        if (kt_fingerprint_read(print, p->certificates.item[i]))
            item[n++] = print;
        else
            kt_problem(l->problems,
                       "%s: \"%.100s\" is no SHA-256 fingerprint: 64 hex digits, with ':' or "
                       "without (openssl x509 -fingerprint -sha256)",
                       kt_loading_where(section, "certificates"), p->certificates.item[i]);
    }
    p->certificates = (struct kt_conf_texts){ item, n };
}

/* Does its policy of WS-Security say who sent a message? Of a policy that is missing or faulty,
 * that was said before: what else it might be is nobody's guess. */
static bool is_known_by_policy(const struct kt_loading *l, const struct kt_partner *p)
{
    static const unsigned telling = KT_WSS_SIGNATURE | KT_WSS_USERNAME | KT_WSS_USERNAME_DIGEST;
    const struct kt_wss_conf *wss = &l->config->wss;
    for (size_t i = 0; p->wss != NULL && i < wss->policies; i++) {
        if (strcmp(wss->policy[i].name, p->wss) == 0)
            return (wss->policy[i].required & telling) != 0 || wss->policy[i].is_faulty;
    }
    return p->wss != NULL;
}

static void check_login(struct kt_loading *l, const struct kt_conf_node *section,
                        const struct kt_partner *p)
{
    const bool has_user = kt_conf_get(section, "user") != NULL;
    const bool has_password = kt_conf_get(section, "password") != NULL;
    const bool has_certificate = kt_conf_count(kt_conf_get(section, "certificates")) > 0;
    if (has_user != has_password)
        kt_problem(l->problems, "%s: user and password belong together; one is missing",
                   kt_conf_where(section));
    else if (!has_user && !has_certificate && !is_known_by_policy(l, p))
        kt_problem(l->problems,
                   "%s: nobody could show to be this partner: it needs certificates, user and "
                   "password, or wss with a policy that requires signature or username",
                   kt_conf_where(section));
    if (p->user != NULL && strchr(p->user, ':') != NULL)
        kt_problem(l->problems, "%s: a user of HTTP Basic holds no ':'",
                   kt_loading_where(section, "user"));
}

static void check_operations(struct kt_loading *l, const struct kt_conf_node *section,
                             const struct kt_partner *p)
{
    struct kt_buf known;
    kt_buf_init(&known, l->problems->arena, 4096);
    for (size_t i = 0; kt_partner_operations[i] != NULL; i++)
        kt_buf_format(&known, "%s%s", i == 0 ? "" : ", ", kt_partner_operations[i]);
    if (p->operations.count == 0 && kt_conf_get(section, "operations") != NULL)
        kt_problem(l->problems,
                   "%s: names nothing that it may bring; leave operations out to allow everything",
                   kt_loading_where(section, "operations"));
    for (size_t i = 0; i < p->operations.count; i++) {
        const char *named = p->operations.item[i];
        const char *meant = kt_conf_meant(named, kt_partner_operations);
        if (!kt_partner_is_operation(named))
            kt_problem(l->problems, "%s: there is no operation \"%.60s\"%s%s%s Known: %s",
                       kt_loading_where(section, "operations"), named,
                       meant == NULL ? "" : "; did you mean ", meant == NULL ? "" : meant,
                       meant == NULL ? "." : "?", kt_buf_view(&known).p);
    }
}

static bool share_certificate(const struct kt_partner *one, const struct kt_partner *other)
{
    for (size_t i = 0; i < one->certificates.count; i++) {
        for (size_t k = 0; k < other->certificates.count; k++) {
            if (strcmp(one->certificates.item[i], other->certificates.item[k]) == 0)
                return true;
        }
    }
    return false;
}

static void check_distinct(struct kt_loading *l, const struct kt_conf_node *const *section,
                           const struct kt_partner *p, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (p[i].user != NULL && p[k].user != NULL && strcmp(p[i].user, p[k].user) == 0)
                kt_problem(l->problems, "%s: partners.%s has this user, too",
                           kt_loading_where(section[i], "user"), p[k].name);
            if (p[i].wss != NULL && p[k].wss != NULL && strcmp(p[i].wss, p[k].wss) == 0)
                kt_problem(l->problems, "%s: partners.%s has this policy, too",
                           kt_loading_where(section[i], "wss"), p[k].name);
            if (share_certificate(&p[i], &p[k]))
                kt_problem(l->problems, "%s: partners.%s has one of these certificates, too",
                           kt_loading_where(section[i], "certificates"), p[k].name);
        }
    }
}

/* A certificate can be shown over TLS only. */
static void check_certificate_use(struct kt_loading *l, const struct kt_conf_node *section,
                                  const struct kt_partner *p)
{
    const struct kt_door_conf *door = &l->config->door;
    bool has_push = false;
    bool has_tls = false;
    for (size_t i = 0; i < door->listens; i++) {
        if ((door->listen[i].role & KT_ROLE_PUSH) == 0)
            continue;
        has_push = true;
        has_tls = has_tls || door->listen[i].certificate != NULL;
    }
    if (has_push && !has_tls && p->user == NULL && p->certificates.count > 0)
        kt_problem(l->problems,
                   "%s: a client certificate can be shown over TLS only, and no listener with "
                   "role push has a certificate",
                   kt_loading_where(section, "certificates"));
}

static void load_partners(struct kt_loading *l)
{
    struct kt_config *c = l->config;
    const char *const *names = NULL;
    const struct kt_conf_node *const *sections = NULL;
    const size_t count = kt_loading_entries(l, "partners", &names, &sections);
    struct kt_partner *partner = KT_NEW_ARRAY(c->arena, count + 1, struct kt_partner);
    for (size_t i = 0; i < count; i++) {
        struct kt_partner *p = &partner[i];
        kt_conf_fill(sections[i], kt_conf_where(sections[i]), kt_partner_opts, NULL, p, c->arena,
                     c->secrets, l->problems);
        p->name = names[i];
        p->erp = erp_of(l, sections[i], p->erp_name);
        read_certificates(l, sections[i], p);
        kt_loading_partner_policy(l, sections[i], p);
        check_login(l, sections[i], p);
        check_operations(l, sections[i], p);
        check_certificate_use(l, sections[i], p);
    }
    check_distinct(l, sections, partner, count);
    c->door.partner = partner;
    c->door.partners = count;
}

/* Somebody waits there, but nobody may come in; or the other way round. */
static void check_meeting(struct kt_loading *l)
{
    const struct kt_door_conf *door = &l->config->door;
    for (size_t i = 0; i < door->listens && door->partners == 0; i++) {
        if ((door->listen[i].role & KT_ROLE_PUSH) != 0)
            kt_problem(l->problems,
                       "%s: listen.%s has role push, but partners names nobody who may bring "
                       "something",
                       kt_conf_where(kt_conf_get(l->root, "listen")), door->listen[i].name);
    }
}

/* --- drop --- */

static void load_drop(struct kt_loading *l)
{
    struct kt_config *c = l->config;
    const char *const *names = NULL;
    const struct kt_conf_node *const *sections = NULL;
    const size_t count = kt_loading_entries(l, "drop", &names, &sections);
    struct kt_drop_conf *drop = KT_NEW_ARRAY(c->arena, count + 1, struct kt_drop_conf);
    for (size_t i = 0; i < count; i++) {
        kt_drop_conf_fill(&drop[i], names[i], sections[i], c->arena, l->problems);
        drop[i].erp = erp_of(l, sections[i], drop[i].erp_name);
        for (size_t k = 0; k < i; k++) {
            if (drop[i].folder != NULL && drop[k].folder != NULL &&
                strcmp(drop[i].folder, drop[k].folder) == 0)
                kt_problem(l->problems, "%s: drop.%s has this folder, too",
                           kt_loading_where(sections[i], "folder"), names[k]);
        }
    }
    c->door.drop = drop;
    c->door.drops = count;
}

/* Contents of documents are kept there. */
static void check_drop_blobs(struct kt_loading *l)
{
    const struct kt_door_conf *door = &l->config->door;
    for (size_t i = 0; i < door->drops && door->blobs == NULL; i++) {
        for (size_t k = 0; k < door->drop[i].file_rules; k++) {
            if (door->drop[i].files[k].format == KT_DROP_DOCUMENT)
                kt_problem(l->problems, "%s: drop.%s.files.%s: format: document needs push.blobs",
                           l->config->file, door->drop[i].name, door->drop[i].files[k].name);
        }
    }
}

void kt_loading_doors(struct kt_loading *l)
{
    struct kt_config *c = l->config;
    const struct kt_conf_node *push = kt_conf_get(l->root, "push");
    kt_conf_fill(push, kt_format(c->arena, "%s: push", c->file), kt_push_opts, NULL, &c->door,
                 c->arena, c->secrets, l->problems);
    load_listen(l);
    load_partners(l);
    check_meeting(l);
    load_drop(l);
    check_drop_blobs(l);
    c->site.messages_keep_us = c->door.keep_s * KT_SECOND;
    c->site.blobs = c->door.blobs;
}
