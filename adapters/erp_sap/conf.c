/* The settings of an SAP connection. Read-only after load; any thread. Called by adapter.c and by
 * the order's encoder. */
#include "conf.h"

#include <string.h>

#define MEMBER(m) .offset = offsetof(struct kt_sap_conf, m)

const struct kt_opt kt_sap_opts[] = {
    { .name = "distribution_channel",
      .type = KT_OPT_TEXT,
      MEMBER(distribution_channel),
      .flags = KT_OPT_REQUIRED,
      .help = "Distribution channel of the sales area" },
    { .name = "division",
      .type = KT_OPT_TEXT,
      MEMBER(division),
      .flags = KT_OPT_REQUIRED,
      .help = "Division of the sales area" },
    { .name = "doc_type",
      .type = KT_OPT_TEXT,
      MEMBER(doc_type),
      .flags = KT_OPT_REQUIRED,
      .help = "Order type that is created" },
    { .name = "one_time_customer",
      .type = KT_OPT_TEXT,
      MEMBER(one_time_customer),
      .flags = KT_OPT_REQUIRED,
      .help = "Customer number of the one-time account, without leading zeros" },
    { .name = "payments",
      .type = KT_OPT_LIST,
      MEMBER(payments),
      .help =
          "Payment methods as METHOD=CODE, the shop's name and SAP's code of up to 4 characters" },
    { .name = "sales_org",
      .type = KT_OPT_TEXT,
      MEMBER(sales_org),
      .flags = KT_OPT_REQUIRED,
      .help = "Sales organisation" },
    KT_HTTP_OPTS(struct kt_sap_conf, http, "user", "password"),
    KT_SOAP_GUARD_OPTS(struct kt_sap_conf, guard),
    { .name = "wsdl_url",
      .type = KT_OPT_URL,
      MEMBER(wsdl_url),
      .help = "Where `kontor check` reads the site's WSDL; default: found by url" },
    { 0 },
};

/* All problems stand in one trail, so that nobody corrects them one by one. */
static enum kt_rc wrong(struct kt_err *e, const char *name, const char *why)
{
    if (e->v.rc == KT_OK)
        (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_CONFIG_INVALID, KT_P_NUM("count", 1));
    return kt_trail(e, "%s: %s", name, why);
}

static bool is_code(const char *text, size_t most)
{
    return text != NULL && text[0] != '\0' && kt_utf8_count(kt_str_of(text)) <= most;
}

enum kt_rc kt_sap_conf_check(const struct kt_sap_conf *conf, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    if (!is_code(conf->sales_org, 4))
        rc = wrong(e, "sales_org", "1 to 4 characters are expected");
    if (!is_code(conf->distribution_channel, 2))
        rc = wrong(e, "distribution_channel", "1 or 2 characters are expected");
    if (!is_code(conf->division, 2))
        rc = wrong(e, "division", "1 or 2 characters are expected");
    if (!is_code(conf->doc_type, 4))
        rc = wrong(e, "doc_type", "1 to 4 characters are expected");
    if (!is_code(conf->one_time_customer, 10) || conf->one_time_customer[0] == '0')
        rc = wrong(e, "one_time_customer", "1 to 10 characters without leading zeros are expected");
    for (size_t i = 0; i < conf->payments.count; i++) {
        const char *sign = strchr(conf->payments.item[i], '=');
        if (sign == NULL || sign == conf->payments.item[i] || !is_code(sign + 1, 4))
            rc = wrong(e, "payments", "METHOD=CODE with up to 4 characters is expected");
    }
    return rc;
}

const char *kt_sap_payment(const struct kt_sap_conf *conf, struct kt_str method)
{
    for (size_t i = 0; method.n > 0 && i < conf->payments.count; i++) {
        const char *item = conf->payments.item[i];
        if (strncmp(item, method.p, method.n) == 0 && item[method.n] == '=')
            return item + method.n + 1;
    }
    return "";
}
