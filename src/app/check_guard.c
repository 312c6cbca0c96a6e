/* The connection to an ERP under a policy of WS-Security, for `kontor check`: what makes an answer
 * believable. Keys, certificates and the clock are check_wss.c's. Main thread. */
#include "app/check_guard.h"

#include <string.h>

static const struct kt_wss_policy_conf *policy_of(const struct kt_findings *f,
                                                  const struct kt_erp_site *site)
{
    const struct kt_wss_conf *wss = &f->app->config->wss;
    const char *name = kt_config_connection_policy(site);
    for (size_t i = 0; name != NULL && i < wss->policies; i++) {
        if (strcmp(wss->policy[i].name, name) == 0)
            return &wss->policy[i];
    }
    return NULL;
}

static const char *url_of(const struct kt_erp_site *site)
{
    const char *url = NULL;
    for (const struct kt_opt *o = site->ops->opts; o->name != NULL; o++) {
        if (strcmp(o->name, "url") == 0)
            memcpy(&url, (const char *)site->conf + o->offset, sizeof url);
    }
    return url != NULL ? url : "";
}

void kt_check_guard(struct kt_findings *f, const char *area, const struct kt_erp_site *site)
{
    static const unsigned passwords = KT_WSS_USERNAME | KT_WSS_USERNAME_DIGEST;
    const struct kt_wss_policy_conf *p = policy_of(f, site);
    if (p == NULL)
        return;
    bool is_signed = (p->required & KT_WSS_SIGNATURE) != 0;
    bool is_confirmed =
        (p->required & KT_WSS_CONFIRMATION) != 0 && (p->given & KT_WSS_SIGNATURE) != 0;
    if (!is_signed)
        kt_find(f, area, KT_LEVEL_NOTE,
                "WS-Security: answers need not be signed (policy %s); whoever answers on the "
                "connection is believed.",
                p->name);
    else
        kt_find(f, area, KT_LEVEL_OK,
                "WS-Security: only signed answers are believed (policy %s), faults too; each must "
                "%s.",
                p->name,
                is_confirmed ? "confirm our signature" : "relate to our request (WS-Addressing)");
    if ((p->given & passwords) != 0 && strncmp(url_of(site), "https:", 6) != 0)
        kt_find(f, area, KT_LEVEL_PROBLEM,
                "Policy %s gives a password, and the address is not https: nothing is sent.",
                p->name);
    if (is_signed && strncmp(url_of(site), "https:", 6) != 0)
        kt_find(f, area, KT_LEVEL_NOTE,
                "Without TLS nobody vouches for a refusal that is not signed: after each of them "
                "an order is looked up.");
}
