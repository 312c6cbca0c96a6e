#ifndef KT_ERP_NAV_SERVICE_H
#define KT_ERP_NAV_SERVICE_H

#include "conf.h"
#include "format/contract.h"
#include "port/erp.h"

/* The talks with the codeunit (wsdl/nav/kontor_service.wsdl), one function per call; each leaves
 * nothing of gSOAP behind. It shares the session's HTTP client with the pages. */
struct kt_nav_service;

/* Cannot fail: the settings were checked, and nothing is asked yet. erp->http is open. */
struct kt_nav_service *kt_nav_service_open(struct kt_erp *erp);
void kt_nav_service_close(struct kt_nav_service *s); /* NULL is fine; before the client */

/* Forms of its settings. Errors KT_CONFIG/KT_ENDPOINT, all of them in the trail. */
enum kt_rc kt_nav_service_conf_check(const struct kt_nav_conf *conf, struct kt_err *e) KT_MUST;

/* What the codeunit says about itself. */
struct kt_nav_info {
    struct kt_str contract;
    struct kt_str database;
    struct kt_str company;
    struct kt_str server_instance;
    struct kt_str nav_version;
    struct kt_str date_sample; /* 31 December 2001 as the service user writes it */
    struct kt_str lcy;
    bool has_key_table;
    int64_t max_call_s; /* 0: not said */
};
enum kt_rc kt_nav_service_info(struct kt_erp *erp, struct kt_nav_info *info, struct kt_arena *a,
                               struct kt_err *e) KT_MUST;

/* As port/erp.h says them. */
enum kt_rc kt_nav_identify(struct kt_erp *erp, struct kt_identity *who, enum kt_grade *grade,
                           unsigned *server_limit_s, struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc kt_nav_prices(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;
enum kt_rc kt_nav_stock(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                        struct kt_err *e) KT_MUST;
enum kt_rc kt_nav_order_create(struct kt_erp *erp, const char *our_key,
                               const struct kt_order *order, const struct kt_order_terms *terms,
                               struct kt_booking *booked, struct kt_arena *a,
                               struct kt_err *e) KT_MUST;
enum kt_rc kt_nav_order_find(struct kt_erp *erp, const char *our_key, enum kt_found *found,
                             struct kt_booking *booked, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;
enum kt_rc kt_nav_customer_find(struct kt_erp *erp, const struct kt_order *order,
                                struct kt_customer_match **match, size_t *count, struct kt_arena *a,
                                struct kt_err *e) KT_MUST;

/* The codeunit's part of the set-up check. */
enum kt_rc kt_nav_service_contract(struct kt_erp *erp, struct kt_contract *c, struct kt_arena *a,
                                   struct kt_err *e) KT_MUST;

#endif
