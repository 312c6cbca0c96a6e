/* Sessions with partners: opening, identity, and the pace after failures. Each session belongs to
 * one thread; the exceptions of endpoints are shared through the database. */
#include "flow/endpoint.h"

#include <string.h>

#include "flow/policy.h"
#include "store/exceptions.h"
#include "store/leases.h"

static struct kt_pace pace_of(const char *endpoint)
{
    return (struct kt_pace){ .endpoint = endpoint, .is_shown = true };
}

/* Into the ring of `first`. */
static void join(struct kt_pace *first, struct kt_pace *pace)
{
    *pace = pace_of(first->endpoint);
    pace->next = first->next != NULL ? first->next : first;
    first->next = pace;
}

static bool is_any_failing(const struct kt_pace *pace)
{
    const struct kt_pace *p = pace;
    do {
        if (p->failures > 0)
            return true;
        p = p->next;
    } while (p != pace);
    return false;
}

enum kt_rc kt_erp_session_open(struct kt_erp_session *s, struct kt_work *w,
                               const struct kt_erp_site *site, struct kt_err *e)
{
    *s = (struct kt_erp_session){ .site = site };
    s->env =
        (struct kt_env){ site->name, site->scope, kt_log_with(&w->log, F_TEXT("erp", site->name)),
                         w->site == NULL ? NULL : w->site->wss };
    s->pace = pace_of(site->name);
    join(&s->pace, &s->look_up);
    for (int feed = 0; feed < KT_FEEDS; feed++)
        join(&s->pace, &s->feed[feed]);
    s->from = (struct kt_intake_from){ .endpoint = site->name, .site = site };
    enum kt_rc rc = KT_OK;
    if (site->hooks != NULL)
        rc = kt_hooks_open(&s->from.hooks, site->hooks_file, site->hooks, e);
    if (rc == KT_OK)
        rc = site->ops->open(&s->erp, site->conf, &s->env, e);
    if (rc != KT_OK)
        kt_erp_session_close(s);
    return rc;
}

void kt_erp_session_close(struct kt_erp_session *s)
{
    if (s->erp != NULL)
        s->site->ops->close(s->erp);
    s->erp = NULL;
    kt_hooks_close(s->from.hooks);
    s->from.hooks = NULL;
}

enum kt_rc kt_channel_session_open(struct kt_channel_session *s, struct kt_work *w,
                                   const struct kt_channel_site *site, struct kt_err *e)
{
    *s = (struct kt_channel_session){ .site = site };
    s->env = (struct kt_env){ site->name, NULL, kt_log_with(&w->log, F_TEXT("channel", site->name)),
                              NULL };
    s->pace = pace_of(site->name);
    join(&s->pace, &s->tell);
    join(&s->pace, &s->ship);
    join(&s->pace, &s->compose);
    return site->ops->open(&s->channel, site->conf, &s->env, e);
}

void kt_channel_session_close(struct kt_channel_session *s)
{
    if (s->channel != NULL)
        s->site->ops->close(s->channel);
    s->channel = NULL;
}

static enum kt_rc compare_pin(struct kt_work *w, const char *endpoint,
                              const struct kt_identity *who, struct kt_err *e)
{
    bool is_same = false;
    struct kt_str pinned = { 0 };
    enum kt_rc rc = kt_pin_check(w->db, endpoint, kt_str_of(who->text), kt_now_us(), &is_same,
                                 &pinned, w->arena, e);
    if (rc != KT_OK || is_same)
        return rc;
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_IDENTITY, KT_P_TEXT("partner", endpoint),
                   KT_P_TEXT("found", who->text), KT_P_TEXT("pinned", pinned.p));
}

static bool is_known(int64_t known_us, const struct kt_pace *pace)
{
    enum { KNOWN_S = 60 };
    return known_us != 0 && !is_any_failing(pace) && kt_mono_us() - known_us < KNOWN_S * KT_SECOND;
}

enum kt_rc kt_erp_session_know(struct kt_erp_session *s, struct kt_work *w, struct kt_err *e)
{
    if (is_known(s->known_us, &s->pace))
        return KT_OK;
    struct kt_identity who = { 0 };
    enum kt_rc rc =
        s->site->ops->identify(s->erp, &who, &s->grade, &s->server_limit_s, w->arena, e);
    if (rc == KT_OK)
        rc = compare_pin(w, s->site->name, &who, e);
    s->known_us = rc == KT_OK ? kt_mono_us() : 0;
    return rc;
}

enum kt_rc kt_channel_session_know(struct kt_channel_session *s, struct kt_work *w,
                                   struct kt_err *e)
{
    if (is_known(s->known_us, &s->pace))
        return KT_OK;
    s->known_us = 0;
    struct kt_identity who = { 0 };
    enum kt_rc rc = s->site->ops->identify(s->channel, &who, w->arena, e);
    if (rc == KT_OK)
        rc = compare_pin(w, s->site->name, &who, e);
    if (rc != KT_OK)
        return rc;
    size_t n = kt_utf8_fit(kt_str_of(who.text), sizeof s->identity_text - 1);
    memcpy(s->identity_text, who.text, n);
    s->identity_text[n] = 0;
    s->identity = (struct kt_str){ s->identity_text, n };
    s->known_us = kt_mono_us();
    return KT_OK;
}

int64_t kt_erp_call_us(const struct kt_erp_site *site)
{
    return (int64_t)site->ops->max_call_s(site->conf) * KT_SECOND;
}

int64_t kt_channel_call_us(const struct kt_channel_site *site)
{
    return (int64_t)site->ops->max_call_s(site->conf) * KT_SECOND;
}

/* --- pace --- */

bool kt_pace_is_held(const struct kt_pace *pace, int64_t now_us)
{
    /* before it was held: the clock stood ahead then, and has been put right since */
    return pace->hold_until_us > now_us && now_us >= pace->held_since_us;
}

static enum kt_rc write_exception(struct kt_work *w, const char *endpoint, const struct kt_err *why,
                                  struct kt_err *e)
{
    int64_t now_us = kt_now_us();
    struct kt_str none = KT_STR("");
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK && why != NULL)
        rc = kt_exception_open(w->db, "endpoint", endpoint, none, &why->v, why->trail, now_us, e);
    if (rc == KT_OK && why == NULL)
        rc = kt_exception_close(w->db, "endpoint", endpoint, none, now_us, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

void kt_pace_failed(struct kt_pace *pace, struct kt_work *w, const struct kt_err *why)
{
    pace->failures++;
    pace->held_since_us = kt_now_us();
    struct kt_fate fate = kt_policy_endpoint(w->site, &why->v, pace->failures, pace->held_since_us);
    pace->hold_until_us = fate.due_us;
    kt_log_failure(&w->log, KT_LOG_WARN, "endpoint.held", why, F_TEXT("endpoint", pace->endpoint),
                   F_NUM("failures", pace->failures));
    if (!fate.is_exception)
        return;
    struct kt_err e = { 0 };
    if (write_exception(w, pace->endpoint, why, &e) == KT_OK)
        pace->is_shown = true;
    else /* the hold stands; the next failure tries to show it again */
        kt_log_failure(&w->log, KT_LOG_WARN, "exception.unwritten", &e, F_END);
}

void kt_pace_fine(struct kt_pace *pace, struct kt_work *w)
{
    pace->failures = 0;
    pace->hold_until_us = 0;
    if (!pace->is_shown || is_any_failing(pace))
        return;
    struct kt_err e = { 0 };
    if (write_exception(w, pace->endpoint, NULL, &e) != KT_OK) {
        kt_log_failure(&w->log, KT_LOG_WARN, "exception.unwritten", &e, F_END);
        return;
    }
    for (struct kt_pace *p = pace->next; p != pace; p = p->next)
        p->is_shown = false;
    pace->is_shown = false;
}

bool kt_is_store_failure(const struct kt_err *why)
{
    return kt_code_class(why->v.code) == KT_CLASS_STORE;
}
