#ifndef KT_ERP_SAP_FEED_H
#define KT_ERP_SAP_FEED_H

#include "call.h"

/* One page of a feed each, as port/erp.h says it. */
enum kt_rc kt_sap_articles(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                           struct kt_err *e) KT_MUST;
enum kt_rc kt_sap_prices(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;
enum kt_rc kt_sap_stock(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                        struct kt_err *e) KT_MUST;
enum kt_rc kt_sap_category_tree(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                                struct kt_err *e) KT_MUST;
enum kt_rc kt_sap_accounts(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                           struct kt_err *e) KT_MUST;
/* Errors KT_CONFIG CONTRACT_OLDER: the wrapper that stands there does not know them yet. */
enum kt_rc kt_sap_documents(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;

#endif
