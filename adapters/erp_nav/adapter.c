/* The table of the NAV adapter, its session, and nothing else. One session belongs to one endpoint
 * thread; called by flow through port/erp.h. */
#include "adapter.h"

#include <stdlib.h>

#include "contract.h"
#include "feed.h"
#include "order_check.h"
#include "service.h"
#include "session.h"

/* NAV tells no deletions: a full run finds them. Prices have no changes at all. */
static const struct kt_erp_facts nav_facts = {
    .feed = { [KT_FEED_CATALOGUE] = KT_FEED_DELTA,
              [KT_FEED_PRICES] = KT_FEED_SNAPSHOT,
              [KT_FEED_STOCK] = KT_FEED_DELTA,
              [KT_FEED_CATEGORIES] = KT_FEED_SNAPSHOT,
              [KT_FEED_CUSTOMERS] = KT_FEED_DELTA,
              [KT_FEED_SHIPMENTS] = KT_FEED_DELTA },
};

/* The timeout covers the whole call, from the look-up of the name to the last byte. */
static unsigned nav_max_call_s(const void *conf)
{
    const struct kt_nav_conf *c = conf;
    return (unsigned)c->http.timeout_s;
}

static void nav_close(struct kt_erp *erp)
{
    if (erp == NULL)
        return;
    kt_nav_service_close(erp->service);
    kt_http_close(erp->http);
    kt_arena_free(erp->lists);
    kt_arena_free(erp->arena);
    free(erp);
}

static enum kt_rc nav_open(struct kt_erp **out, const void *conf, const struct kt_env *env,
                           struct kt_err *e)
{
    const struct kt_nav_conf *c = conf;
    *out = NULL;
    enum kt_rc rc = kt_nav_conf_check(c, e);
    if (rc != KT_OK)
        return rc;
    struct kt_erp *erp = calloc(1, sizeof *erp);
    KT_ASSERT(erp != NULL); /* only without memory */
    erp->conf = c;
    erp->env = env;
    erp->guard = (struct kt_soap_guard){ .conf = c->guard, .site = env->wss };
    erp->arena = kt_arena_new();
    erp->lists = kt_arena_new();
    kt_nav_site_make(&erp->site, c, erp->arena);
    rc = kt_http_open(&erp->http, &c->http, env->name, &env->log, e);
    if (rc != KT_OK) {
        nav_close(erp);
        return rc;
    }
    erp->service = kt_nav_service_open(erp);
    *out = erp;
    return KT_OK;
}

static enum kt_rc nav_pull(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                           struct kt_err *e)
{
    page->changes = (struct kt_changes){ .arena = a };
    page->shipments = (struct kt_shipments){ 0 };
    page->has_total = false;
    page->begun_us = 0;
    switch (page->feed) {
    case KT_FEED_CATALOGUE:
        return kt_nav_catalogue(erp, page, a, e);
    case KT_FEED_PRICES:
        return kt_nav_prices(erp, page, a, e);
    case KT_FEED_STOCK:
        return kt_nav_stock(erp, page, a, e);
    case KT_FEED_CATEGORIES:
        return kt_nav_categories(erp, page, a, e);
    case KT_FEED_CUSTOMERS:
        return kt_nav_customers(erp, page, a, e);
    case KT_FEED_SHIPMENTS:
        return kt_nav_shipments(erp, page, a, e);
    case KT_FEED_DOCUMENTS: /* not offered */
    case KT_FEEDS:
        break;
    }
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_INTERNAL, KT_P_TEXT("detail", "unknown feed"));
}

static enum kt_rc nav_order_check(struct kt_erp *erp, const struct kt_order *order,
                                  struct kt_err *e)
{
    return kt_nav_check_order(erp->conf, order, e);
}

const struct kt_erp_ops kt_erp_nav = {
    .name = "nav",
    .opts = kt_nav_opts,
    .conf_size = sizeof(struct kt_nav_conf),
    .facts = &nav_facts,
    .open = nav_open,
    .close = nav_close,
    .max_call_s = nav_max_call_s,
    .identify = kt_nav_identify,
    .pull = nav_pull,
    .order_find = kt_nav_order_find,
    .order_create = kt_nav_order_create,
    .order_check = nav_order_check,
    .customer_find = kt_nav_customer_find,
    .contract = kt_nav_contract,
};
