#ifndef KT_FLOW_VIEW_INNER_H
#define KT_FLOW_VIEW_INNER_H

/* Shared by view.c and view_offer.c only. */
#include "flow/view.h"
#include "store/records.h"

struct kt_views {
    struct kt_work *w;
    const struct kt_channel_site *channel;
    const struct kt_str *key;
    size_t count;
    int64_t now_us;
    struct kt_unit_view *out;
    struct kt_str scope;
};

/* Prices and stock figures of SKUs. */
enum kt_rc kt_price_views(struct kt_views *v, struct kt_err *e) KT_MUST;
enum kt_rc kt_stock_views(struct kt_views *v, struct kt_err *e) KT_MUST;

/* The page of each SKU: variant[i] NULL where there is none to sell; then page[i] is NULL, too. */
enum kt_rc kt_pages_of_skus(struct kt_views *v, const struct kt_variant **variant,
                            const struct kt_planned **page, struct kt_err *e) KT_MUST;
/* The variants by key; out[i].sku is filled. */
enum kt_rc kt_variants_of(struct kt_views *v, const struct kt_variant **variant,
                          struct kt_err *e) KT_MUST;
/* The unit key of the planned page that holds the SKU; absent: none does. */
struct kt_str kt_page_of_sku(const struct kt_views *v, const struct kt_planned *page,
                             struct kt_str sku);

#endif
