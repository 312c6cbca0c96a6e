#ifndef KT_ERP_NAV_SESSION_H
#define KT_ERP_NAV_SESSION_H

#include "date.h"
#include "port/erp.h"
#include "site.h"

struct kt_nav_service;

enum { KT_NAV_TOKEN_MAX = 240, KT_NAV_BOOKMARK_MAX = 1000 };

/* Where a walk of this session stands: the row behind which the page of this token begins. Row keys
 * are NAV's own and change with each update, so they live here only. */
struct kt_nav_bookmark {
    char token[KT_NAV_TOKEN_MAX]; /* "": none */
    char key[KT_NAV_BOOKMARK_MAX];
};

/* One open session; belongs to one endpoint thread. */
struct kt_erp {
    const struct kt_nav_conf *conf;
    const struct kt_env *env;
    struct kt_arena *arena; /* as long as the session */
    struct kt_http *http;   /* pages and codeunit: one connection, one login */
    struct kt_soap_guard guard;
    struct kt_nav_site site;
    struct kt_nav_service *service; /* the codeunit's part */
    struct kt_nav_bookmark bookmark[KT_NAV_ROLES];
    size_t most[KT_NAV_ROLES];   /* rows of the largest page that came: what the server gives out */
    bool has_come[KT_NAV_ROLES]; /* it answered in this session */
    bool is_absent[KT_NAV_ROLES]; /* asked for, not published; for this run */
    bool is_told[KT_NAV_ROLES];   /* the log knows that it is absent */
    bool has_dates;
    struct kt_nav_dates dates;
    struct kt_arena *lists; /* what the two below hold; renewed with each run */
    bool has_lists;
    struct kt_str *serial_code; /* item tracking codes that ask for serial numbers */
    size_t serial_codes;
    struct kt_nav_uom *uom; /* with unit_codes: iso */
    size_t uoms;
};

#endif
