#ifndef KT_ERP_NAV_FEED_H
#define KT_ERP_NAV_FEED_H

#include "session.h"

/* One page of a feed each, as port/erp.h says it. */
enum kt_rc kt_nav_catalogue(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;
enum kt_rc kt_nav_categories(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;
enum kt_rc kt_nav_customers(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;
enum kt_rc kt_nav_shipments(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;

#endif
