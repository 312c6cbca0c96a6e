/* Keys and policies of WS-Security, for `kontor check`. Main thread. */
#include "app/check_wss.h"

#include <string.h>

#include "base/time.h"
#include "flow/security.h"
#include "wire/wss_site.h"

enum { WARN_DAYS = 30 };

static void say_term(struct kt_findings *f, const struct kt_wss_term *t)
{
    const int64_t left_us = t->until_us - kt_now_us();
    const long long days = (long long)(left_us / KT_DAY_US);
    char day[KT_TIME_TEXT_MAX];
    kt_day_text(kt_day_of(t->until_us), day);
    if (t->is_list && t->until_us == 0)
        kt_find(f, t->what, KT_LEVEL_PROBLEM,
                "The revocation list %s cannot be read; every message under it is refused.",
                t->file);
    else if (t->is_list)
        kt_find(f, t->what, left_us <= 0 ? KT_LEVEL_PROBLEM : KT_LEVEL_OK,
                "%s %s too old in %lld h.%s", t->file,
                left_us <= 0 ? "is too old; every message under it is refused; it became"
                             : "becomes",
                (long long)(left_us / KT_HOUR), left_us <= 0 ? " Fetch a newer one." : "");
    else if (left_us <= 0)
        kt_find(f, t->what, KT_LEVEL_PROBLEM, "%s has run out on %s.", t->file, day);
    else
        kt_find(f, t->what, days < WARN_DAYS ? KT_LEVEL_NOTE : KT_LEVEL_OK,
                "%s%s%s%s ends on %s, in %lld day%s.", t->file, t->state == NULL ? "" : " (",
                t->state == NULL ? "" : t->state, t->state == NULL ? "" : ")", day, days,
                days == 1 ? "" : "s");
}

static const char *words(struct kt_findings *f, const struct kt_conf_texts *texts)
{
    struct kt_buf out;
    kt_buf_init(&out, f->app->arena, 512);
    for (size_t i = 0; i < texts->count; i++)
        kt_buf_format(&out, "%s%s", i == 0 ? "" : " and ", texts->item[i]);
    return texts->count == 0 ? "nothing" : kt_buf_view(&out).p;
}

/* The partner and the connections that have it; "": nobody. */
static const char *users_of(struct kt_findings *f, const char *policy)
{
    const struct kt_config *c = f->app->config;
    struct kt_buf out;
    kt_buf_init(&out, f->app->arena, 4096);
    for (size_t i = 0; i < c->door.partners; i++) {
        if (c->door.partner[i].wss != NULL && strcmp(c->door.partner[i].wss, policy) == 0)
            kt_buf_format(&out, "partner %s", c->door.partner[i].name);
    }
    for (size_t i = 0; i < c->site.erps; i++) {
        const struct kt_erp_site *erp = &c->site.erp[i];
        const char *name = kt_config_connection_policy(erp);
        if (name != NULL && strcmp(name, policy) == 0)
            kt_buf_format(&out, "%sERP %s", out.n == 0 ? "" : ", ", erp->name);
    }
    return kt_buf_view(&out).p;
}

/* Each pair once. */
static void say_shared_keys(struct kt_findings *f, const char *area,
                            const struct kt_wss_policy_conf *p)
{
    const struct kt_wss_conf *wss = &f->app->config->wss;
    for (const struct kt_wss_policy_conf *other = wss->policy; other != p; other++) {
        const char *key = kt_wss_shared_key(p, other);
        if (key != NULL)
            kt_find(f, area, KT_LEVEL_NOTE,
                    "Shares keys.%s with wss.%s: either partner could bring what the other one "
                    "encrypted as a part of its own message. A key for each excludes that.",
                    key, other->name);
    }
}

static void say_policy(struct kt_findings *f, const struct kt_wss_policy_conf *p)
{
    const char *area = kt_format(f->app->arena, "wss %s", p->name);
    const char *users = users_of(f, p->name);
    if (users[0] == '\0')
        kt_find(f, area, KT_LEVEL_NOTE,
                "Nobody has this policy (partners.NAME.wss, or wss of a "
                "connection).");
    else
        kt_find(f, area, KT_LEVEL_OK, "Of %s; requires %s; gives %s.", users,
                words(f, &p->requires), words(f, &p->gives));
    if ((p->allowed & KT_WSS_SHA1) != 0)
        kt_find(f, area, KT_LEVEL_NOTE,
                "Allows SHA-1, which can be forged with much effort; the partner should change.");
    say_shared_keys(f, area, p);
    if (p->required == 0)
        kt_find(f, area, KT_LEVEL_NOTE,
                "Requires nothing: messages are believed by their connection alone.");
}

static void say_clock(struct kt_findings *f)
{
    if (f->app->config->site.security_clock == KT_CLOCK_TRUSTED)
        kt_find(f, "security", KT_LEVEL_NOTE,
                "The clock is trusted unasked (security.clock); see that somebody keeps it right.");
    else if (kt_clock_is_synchronised())
        kt_find(f, "security", KT_LEVEL_OK, "The kernel says that the clock is kept right.");
    else
        kt_find(f, "security", KT_LEVEL_PROBLEM,
                "The kernel says that nobody keeps the clock right: secured messages are answered "
                "503. Run a time service, or set security.clock: trusted where the host does.");
}

void kt_check_wss(struct kt_findings *f)
{
    const struct kt_config *c = f->app->config;
    const struct kt_wss_term *term = NULL;
    struct kt_err e = { 0 };
    if (c->wss.keys + c->wss.policies == 0)
        return;
    if (kt_app_keys(f->app, &e) != KT_OK) {
        kt_find_failure(f, "wss", &e);
        return;
    }
    for (size_t i = 0; i < c->wss.keys; i++) {
        const struct kt_wss_key_conf *key = &c->wss.key[i];
        if (key->state == KT_WSS_REVOKED)
            kt_find(f, kt_format(f->app->arena, "key %s", key->name), KT_LEVEL_NOTE,
                    "Is revoked and not loaded.");
    }
    struct kt_wss_ring *ring = kt_wss_hold(c->site.wss);
    const size_t terms = kt_wss_terms(ring, &term, f->app->arena);
    kt_wss_release(ring);
    for (size_t i = 0; i < terms; i++)
        say_term(f, &term[i]);
    for (size_t i = 0; i < c->wss.policies; i++)
        say_policy(f, &c->wss.policy[i]);
    if (c->wss.policies > 0)
        say_clock(f);
}
