#ifndef KT_ERP_SAP_CONF_H
#define KT_ERP_SAP_CONF_H

#include "base/conf.h"
#include "base/err.h"
#include "wire/http.h"
#include "wire/soap_guard.h"

struct kt_sap_conf {
    struct kt_http_conf http;
    struct kt_soap_guard_conf guard;
    const char *sales_org;
    const char *distribution_channel;
    const char *division;
    const char *doc_type;
    const char *one_time_customer;
    struct kt_conf_texts payments; /* "paypal=PP01" */
    const char *wsdl_url;          /* NULL: found by the address of the binding */
};

extern const struct kt_opt kt_sap_opts[];

/* What the table cannot say: lengths of the contract, form of the lists.
 * Errors KT_CONFIG/KT_ENDPOINT with the setting's name in the trail. */
enum kt_rc kt_sap_conf_check(const struct kt_sap_conf *conf, struct kt_err *e) KT_MUST;

/* SAP's code for a payment method of the shop; "" when there is none. */
const char *kt_sap_payment(const struct kt_sap_conf *conf, struct kt_str method);

#endif
