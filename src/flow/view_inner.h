#ifndef KT_FLOW_VIEW_INNER_H
#define KT_FLOW_VIEW_INNER_H

/* Shared by view.c, view_offer.c and view_papers.c only. */
#include "flow/documents.h"
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
    struct kt_papers papers; /* of all articles of the job */
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
/* What covers the articles of the job, read where the site has documents or rules at all. */
enum kt_rc kt_view_papers_read(struct kt_views *v, const struct kt_article *article, size_t count,
                               struct kt_err *e) KT_MUST;
/* May it be sold, as far as certificates and market rules go? Where not, out->refusal says why,
 * unless it says something already; *notices: of rules that let it pass with a word. */
bool kt_view_allows(const struct kt_views *v, const struct kt_article *article,
                    struct kt_list *notices, struct kt_unit_view *out);
/* The parts `documents` and `notices` of a view: all papers of these articles, each once; shown: of
 * one article, what it shows. notices[i] belongs to article[i]. */
void kt_view_papers(const struct kt_views *v, const struct kt_article *article,
                    const struct kt_list *notices, size_t count, struct kt_unit_view *out);

/* The unit key of the planned page that holds the SKU; absent: none does. */
struct kt_str kt_page_of_sku(const struct kt_views *v, const struct kt_planned *page,
                             struct kt_str sku);

#endif
