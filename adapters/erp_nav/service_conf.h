#ifndef KT_ERP_NAV_SERVICE_CONF_H
#define KT_ERP_NAV_SERVICE_CONF_H

#include "conf.h"

/* The codeunit's settings beyond the table of options. */

/* Number of the XMLport behind a prefix of the generated table ("navorder"); 0: it is none. */
int kt_nav_xmlport(const struct kt_nav_conf *conf, const char *prefix);

/* What a line that is no article is booked on. */
struct kt_nav_account {
    const char *type; /* "GLAccount", "ChargeItem", "Item", "Resource" */
    const char *no;
};
/* "gl:8400". False: not of that form. */
bool kt_nav_account_parse(struct kt_nav_account *out, const char *text) KT_MUST;

/* NAV's code for a payment method of the shop; "" when there is none. */
const char *kt_nav_payment(const struct kt_nav_conf *conf, struct kt_str method);

#endif
