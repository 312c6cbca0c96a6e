/* The table of the SAP adapter, its session, and nothing else. One session belongs to one endpoint
 * thread; called by flow through port/erp.h. */
#include "adapter.h"

#include <stdlib.h>

#include "call.h"
#include "contract.h"
#include "encode.h"
#include "feed.h"
#include "generated/erp_sap/sapNs.h"

static const struct kt_erp_facts sap_facts = {
    .feed = { [KT_FEED_CATALOGUE] = KT_FEED_DELTA_DELETES,
              [KT_FEED_PRICES] = KT_FEED_DELTA_DELETES,
              [KT_FEED_STOCK] = KT_FEED_DELTA_DELETES,
              [KT_FEED_CATEGORIES] = KT_FEED_SNAPSHOT,
              [KT_FEED_CUSTOMERS] = KT_FEED_DELTA_DELETES,
              [KT_FEED_DOCUMENTS] = KT_FEED_DELTA_DELETES },
};

/* The timeout covers the whole call, from the look-up of the name to the last byte. */
static unsigned sap_max_call_s(const void *conf)
{
    const struct kt_sap_conf *c = conf;
    return (unsigned)c->http.timeout_s;
}

static enum kt_rc sap_open(struct kt_erp **out, const void *conf, const struct kt_env *env,
                           struct kt_err *e)
{
    const struct kt_sap_conf *c = conf;
    *out = NULL;
    enum kt_rc rc = kt_sap_conf_check(c, e);
    if (rc != KT_OK)
        return rc;
    struct kt_erp *erp = calloc(1, sizeof *erp);
    KT_ASSERT(erp != NULL); /* only without memory */
    erp->conf = c;
    erp->env = env;
    erp->guard = (struct kt_soap_guard){ .conf = c->guard, .site = env->wss };
    rc = kt_soap_open(&erp->soap, &c->http, env->name, sap_namespaces, &erp->guard, &env->log, e);
    if (rc != KT_OK) {
        free(erp);
        return rc;
    }
    *out = erp;
    return KT_OK;
}

static void sap_close(struct kt_erp *erp)
{
    if (erp == NULL)
        return;
    kt_soap_close(erp->soap);
    free(erp);
}

static enum kt_rc sap_pull(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                           struct kt_err *e)
{
    switch (page->feed) {
    case KT_FEED_CATALOGUE:
        return kt_sap_articles(erp, page, a, e);
    case KT_FEED_PRICES:
        return kt_sap_prices(erp, page, a, e);
    case KT_FEED_STOCK:
        return kt_sap_stock(erp, page, a, e);
    case KT_FEED_CATEGORIES:
        return kt_sap_category_tree(erp, page, a, e);
    case KT_FEED_CUSTOMERS:
        return kt_sap_accounts(erp, page, a, e);
    case KT_FEED_DOCUMENTS:
        return kt_sap_documents(erp, page, a, e);
    case KT_FEED_SHIPMENTS: /* not offered */
    case KT_FEEDS:
        break;
    }
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_INTERNAL, KT_P_TEXT("detail", "unknown feed"));
}

static enum kt_rc sap_order_check(struct kt_erp *erp, const struct kt_order *order,
                                  struct kt_err *e)
{
    (void)erp; /* the contract is the same for every session */
    return kt_sap_check_order(order, e);
}

const struct kt_erp_ops kt_erp_sap = {
    .name = "sap",
    .opts = kt_sap_opts,
    .conf_size = sizeof(struct kt_sap_conf),
    .facts = &sap_facts,
    .open = sap_open,
    .close = sap_close,
    .max_call_s = sap_max_call_s,
    .identify = kt_sap_info,
    .pull = sap_pull,
    .content = kt_sap_content,
    .order_find = kt_sap_order_find,
    .order_create = kt_sap_order_create,
    .order_check = sap_order_check,
    .customer_find = kt_sap_customer_find,
    .contract = kt_sap_contract,
};
