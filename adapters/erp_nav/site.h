#ifndef KT_ERP_NAV_SITE_H
#define KT_ERP_NAV_SITE_H

#include "conf.h"
#include "fields.h"

/* What this site calls its services and fields: our defaults with its own names laid over them. */
struct kt_nav_place {
    const char *service; /* also the element of a row */
    const char *label;   /* "Page/KontorItem", for sentences */
    const char *path;    /* behind the instance's address */
    const char *ns;
    struct kt_str field[KT_NAV_FIELDS]; /* in the order of the page's table */
    bool is_spared;                     /* `without` names it */
};

struct kt_nav_site {
    struct kt_nav_place page[KT_NAV_ROLES];
    const char *codeunit;      /* service name */
    const char *codeunit_path; /* "/WS/CRONUS%20AG/Codeunit/KontorService?tenant=x" */
    struct kt_str *extra_name; /* further fields of the item page, as the site names them */
    struct kt_str *extra_code; /* and the attributes that they become */
    size_t extras;
};

/* conf is checked; all of it lives in `a`. */
void kt_nav_site_make(struct kt_nav_site *site, const struct kt_nav_conf *conf, struct kt_arena *a);

#endif
