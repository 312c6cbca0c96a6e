/* The ways in, for `kontor check`: who listens where and how long its certificate lasts, who may
 * bring what, which folders are watched. Main thread; opens what `serve` would, for a moment. */
#include "app/check_door.h"

#include <string.h>
#include <unistd.h>

#include "app/terms.h"
#include "door/drop.h"

enum { WARN_DAYS = 30 };

static const char *list_of(struct kt_arena *a, const struct kt_conf_texts *texts)
{
    struct kt_buf out;
    kt_buf_init(&out, a, 8192);
    for (size_t i = 0; i < texts->count; i++)
        kt_buf_format(&out, "%s%s",
                      i == 0                  ? ""
                      : i + 1 == texts->count ? " and "
                                              : ", ",
                      texts->item[i]);
    return kt_buf_view(&out).p;
}

static void check_certificate(struct kt_findings *f, const char *area, const char *path)
{
    int64_t until_us = 0;
    const char *complaint = kt_certificate_end(path, &until_us, f->app->arena);
    const int64_t left_us = until_us - kt_now_us();
    const int days = (int)(left_us / KT_DAY_US);
    if (complaint != NULL)
        kt_find(f, area, KT_LEVEL_PROBLEM, "The certificate %s %s.", path, complaint);
    else if (left_us < 0)
        kt_find(f, area, KT_LEVEL_PROBLEM, "The certificate %s has run out.", path);
    else
        kt_find(f, area, days < WARN_DAYS ? KT_LEVEL_NOTE : KT_LEVEL_OK,
                "Its certificate %s ends in %d day%s%s.", path, days, days == 1 ? "" : "s",
                days < WARN_DAYS ? "; renew it and send SIGHUP" : "");
}

/* False: `serve` would not start. */
static bool check_opening(struct kt_findings *f, const char *area, const struct kt_listen_conf *c)
{
    struct kt_err e = { 0 };
    if (kt_server_try(c, 1, &e) == KT_OK)
        return true;
    if (e.v.code != KT_E_LISTEN_TAKEN) {
        kt_find_failure(f, area, &e);
        return false;
    }
    kt_find(f, area, KT_LEVEL_NOTE,
            "Port %lld is in use: by Kontor itself if it runs; by another program, and serve will "
            "not start.",
            (long long)c->port);
    return true;
}

/* Each may open, but not beside the others: 0.0.0.0 and 127.0.0.1 with one port. Where one is in
 * use, by Kontor itself as it seems, this cannot be tried. */
static void check_together(struct kt_findings *f)
{
    const struct kt_door_conf *door = &f->app->config->door;
    struct kt_err e = { 0 };
    for (size_t i = 0; i < door->listens; i++) {
        if (kt_server_try(&door->listen[i], 1, &e) != KT_OK)
            return; /* said before */
    }
    if (kt_server_try(door->listen, door->listens, &e) != KT_OK)
        kt_find_failure(f, "listen", &e);
}

static void check_listener(struct kt_findings *f, const struct kt_listen_conf *c)
{
    struct kt_arena *a = f->app->arena;
    const char *area = kt_format(a, "listen %s", c->name);
    const bool is_v6 = strchr(c->address, ':') != NULL;
    kt_find(f, area, KT_LEVEL_OK, "%s%s%s:%lld %s, for %s.", is_v6 ? "[" : "", c->address,
            is_v6 ? "]" : "", (long long)c->port,
            c->certificate == NULL ? "without TLS"
            : c->client_ca == NULL ? "with TLS"
                                   : "with TLS and client certificates of client_ca",
            list_of(a, &c->roles));
    if (!check_opening(f, area, c))
        return;
    if (c->certificate != NULL)
        check_certificate(f, area, c->certificate);
    else if (!kt_listen_is_local(c->address))
        kt_find(f, area, KT_LEVEL_NOTE,
                "Other machines reach it without TLS: what passes can be read on the way.");
}

static const struct kt_wss_policy_conf *policy_of(const struct kt_findings *f,
                                                  const struct kt_partner *p)
{
    const struct kt_wss_conf *wss = &f->app->config->wss;
    for (size_t i = 0; p->wss != NULL && i < wss->policies; i++) {
        if (strcmp(wss->policy[i].name, p->wss) == 0)
            return &wss->policy[i];
    }
    return NULL;
}

/* By what Kontor knows it: "2 certificates or user and password, and its messages (policy sap)". */
static const char *known_by(const struct kt_partner *p, const struct kt_wss_policy_conf *policy,
                            struct kt_arena *a)
{
    static const unsigned telling = KT_WSS_SIGNATURE | KT_WSS_USERNAME | KT_WSS_USERNAME_DIGEST;
    const size_t certificates = p->certificates.count;
    struct kt_buf out;
    kt_buf_init(&out, a, 1024);
    if (certificates > 0)
        kt_buf_format(&out, "%zu certificate%s", certificates, certificates == 1 ? "" : "s");
    if (p->user != NULL)
        kt_buf_format(&out, "%suser and password", out.n > 0 ? " or " : "");
    if (policy != NULL && (policy->required & telling) != 0)
        kt_buf_format(&out, "%sits messages (policy %s)",
                      out.n == 0                            ? ""
                      : certificates > 0 && p->user != NULL ? ", and "
                                                            : " and ",
                      policy->name);
    return kt_buf_view(&out).p;
}

/* What carries a password is taken over TLS only. */
static void check_token(struct kt_findings *f, const char *area,
                        const struct kt_wss_policy_conf *policy)
{
    const struct kt_door_conf *door = &f->app->config->door;
    bool has_push = false;
    bool has_tls = false;
    for (size_t i = 0; i < door->listens; i++) {
        const bool is_push = (door->listen[i].role & KT_ROLE_PUSH) != 0;
        has_push = has_push || is_push;
        has_tls = has_tls || (is_push && door->listen[i].certificate != NULL);
    }
    if ((policy->required & (KT_WSS_USERNAME | KT_WSS_USERNAME_DIGEST)) != 0 && has_push &&
        !has_tls)
        kt_find(f, area, KT_LEVEL_PROBLEM,
                "A UsernameToken is taken over TLS only, and no listener with role push has a "
                "certificate.");
}

static void check_partner(struct kt_findings *f, const struct kt_partner *p)
{
    struct kt_arena *a = f->app->arena;
    const struct kt_wss_policy_conf *policy = policy_of(f, p);
    const char *area = kt_format(a, "partner %s", p->name);
    kt_find(f, area, KT_LEVEL_OK, "Speaks for %s; known by %s; may bring %s.", p->erp_name,
            known_by(p, policy, a),
            p->operations.count == 0 ? "everything" : list_of(a, &p->operations));
    if (policy != NULL)
        check_token(f, area, policy);
}

/* IDocs say when they were made in the local time of their system. */
static void check_zone(struct kt_findings *f, const struct kt_partner *p)
{
    bool has_idocs = false;
    for (size_t i = 0; i < p->operations.count; i++)
        has_idocs = has_idocs || strncmp(p->operations.item[i], "idoc", 4) == 0;
    if (has_idocs && p->erp->zone_name == NULL)
        kt_find(f, kt_format(f->app->arena, "partner %s", p->name), KT_LEVEL_NOTE,
                "erps.%s.zone is missing: the times of its IDocs are read as UTC.", p->erp_name);
}

static void check_drop(struct kt_findings *f, const struct kt_drop_conf *d)
{
    const char *area = kt_format(f->app->arena, "drop %s", d->name);
    char sentence[1024];
    struct kt_err e = { 0 };
    if (kt_drop_try(d, &e) != KT_OK) {
        kt_sentence(&e.v, f->app->lang, sentence, sizeof sentence);
        kt_find(f, area, KT_LEVEL_PROBLEM, "%s (%s). serve goes on without it, and tries again.",
                sentence, e.trail);
    } else {
        kt_find(f, area, KT_LEVEL_OK, "Files in %s are taken for %s.", d->folder, d->erp_name);
    }
}

/* Customers need both: a way to the archive, and something in it. */
static void check_archive(struct kt_findings *f)
{
    const struct kt_door_conf *door = &f->app->config->door;
    const struct kt_documents_site *site = &f->app->config->site.documents;
    bool has_way = false;
    for (size_t i = 0; i < door->listens; i++)
        has_way = has_way || (door->listen[i].role & KT_ROLE_DOCUMENTS) != 0;
    if (has_way && !site->is_on)
        kt_find(f, "documents", KT_LEVEL_NOTE,
                "A listener has role documents, but there is no section documents: nothing is "
                "given out there.");
    else if (has_way && door->blobs == NULL)
        kt_find(f, "documents", KT_LEVEL_PROBLEM,
                "A listener has role documents, but push.blobs names no folder for contents.");
    if (!has_way && site->archive != NULL)
        kt_find(f, "documents", KT_LEVEL_NOTE,
                "Customers are given links to %s, but no listener here has role documents.",
                site->archive);
}

void kt_check_doors(struct kt_findings *f)
{
    const struct kt_door_conf *door = &f->app->config->door;
    bool has_push = false;
    for (size_t i = 0; i < door->listens; i++) {
        check_listener(f, &door->listen[i]);
        has_push = has_push || (door->listen[i].role & KT_ROLE_PUSH) != 0;
    }
    for (size_t i = 0; i < door->partners; i++) {
        check_partner(f, &door->partner[i]);
        check_zone(f, &door->partner[i]);
    }
    check_together(f);
    if (door->partners > 0 && !has_push)
        kt_find(f, "partners", KT_LEVEL_NOTE,
                "No listener has role push, so they cannot reach this Kontor.");
    for (size_t i = 0; i < door->drops; i++)
        check_drop(f, &door->drop[i]);
    check_archive(f);
    if (door->blobs != NULL && access(door->blobs, R_OK | W_OK | X_OK) != 0)
        kt_find(f, "push", KT_LEVEL_PROBLEM,
                "The folder %s (push.blobs) does not exist, or Kontor's user may not write it.",
                door->blobs);
}
