/* Names of what an ERP offers, as configuration, command line and tables write them. Pure; any
 * thread. */
#include "port/erp.h"

#include <string.h>

static const char *const feed_names[KT_FEEDS] = {
    [KT_FEED_CATALOGUE] = "catalogue", [KT_FEED_PRICES] = "prices",
    [KT_FEED_STOCK] = "stock",         [KT_FEED_CATEGORIES] = "categories",
    [KT_FEED_CUSTOMERS] = "customers", [KT_FEED_SHIPMENTS] = "shipments",
    [KT_FEED_DOCUMENTS] = "documents",
};

const char *kt_feed_name(enum kt_feed feed)
{
    KT_ASSERT(feed < KT_FEEDS);
    return feed_names[feed];
}

bool kt_feed_find(enum kt_feed *out, const char *name)
{
    for (unsigned i = 0; i < KT_FEEDS; i++) {
        if (strcmp(feed_names[i], name) == 0) {
            *out = (enum kt_feed)i;
            return true;
        }
    }
    return false;
}

unsigned kt_feed_kinds(enum kt_feed feed)
{
    static const unsigned kinds[KT_FEEDS] = {
        [KT_FEED_CATALOGUE] = 1U << KT_KIND_PRODUCT | 1U << KT_KIND_VARIANT,
        [KT_FEED_PRICES] = 1U << KT_KIND_PRICE,
        [KT_FEED_STOCK] = 1U << KT_KIND_STOCK,
        [KT_FEED_CATEGORIES] = 1U << KT_KIND_CATEGORY,
        [KT_FEED_CUSTOMERS] = 1U << KT_KIND_CUSTOMER,
        [KT_FEED_SHIPMENTS] = 0,
        [KT_FEED_DOCUMENTS] = 1U << KT_KIND_DOCUMENT | 1U << KT_KIND_CERTIFICATE,
    };
    return kinds[feed];
}
