/* The contracts' part of `kontor check`: a site's own WSDL or schema against what its adapter
 * needs, in sentences ordered by weight. Main thread; called by check_partner.c. */
#include "app/check_contract.h"

/* What stops a flow, what does not travel, what is worth knowing. */
static const struct {
    enum kt_rc rc;
    enum kt_level level;
    enum kt_exit exit;
} weights[] = {
    { KT_CONFIG, KT_LEVEL_PROBLEM, KT_EXIT_PARTNER },
    { KT_REJECT, KT_LEVEL_PROBLEM, KT_EXIT_ATTENTION },
    { KT_OK, KT_LEVEL_NOTE, KT_EXIT_OK },
};

static void say(struct kt_findings *f, const char *area, const struct kt_deviations *d)
{
    size_t said = 0;
    for (size_t w = 0; w < KT_COUNT(weights); w++) {
        for (size_t i = 0; i < d->count; i++) {
            if (d->item[i].v.rc != weights[w].rc)
                continue;
            kt_find_deviation(f, area, &d->item[i], weights[w].level, weights[w].exit);
            said++;
        }
    }
    KT_ASSERT(said == d->count); /* port/env.h knows no other weight */
    if (d->count == 0)
        kt_find(f, area, KT_LEVEL_OK, "Contract: everything that Kontor needs is published.");
}

static bool is_silent(const struct kt_err *said)
{
    return said->v.code == KT_E_PARTNER_UNREACHABLE || said->v.code == KT_E_PARTNER_TIMEOUT ||
           said->v.code == KT_E_PARTNER_LOGIN;
}

static void settle(struct kt_findings *f, const char *area, enum kt_rc rc,
                   const struct kt_deviations *d, const struct kt_err *said, const struct kt_err *e)
{
    if (rc == KT_OK)
        say(f, area, d);
    else if (e->v.code != said->v.code)
        kt_find_failure(f, area, e);
}

void kt_check_erp_contract(struct kt_findings *f, const char *area, const struct kt_erp_ops *ops,
                           struct kt_erp *erp, const struct kt_err *said)
{
    struct kt_deviations d = { .arena = f->app->arena };
    struct kt_err e = { 0 };
    if (ops->contract == NULL || is_silent(said))
        return;
    enum kt_rc rc = ops->contract(erp, &d, f->app->arena, &e);
    settle(f, area, rc, &d, said, &e);
}

void kt_check_channel_contract(struct kt_findings *f, const char *area,
                               const struct kt_channel_ops *ops, struct kt_channel *channel,
                               const struct kt_err *said)
{
    struct kt_deviations d = { .arena = f->app->arena };
    struct kt_err e = { 0 };
    if (ops->contract == NULL || is_silent(said))
        return;
    enum kt_rc rc = ops->contract(channel, &d, f->app->arena, &e);
    settle(f, area, rc, &d, said, &e);
}
