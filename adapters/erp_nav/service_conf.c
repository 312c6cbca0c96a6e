/* The settings of the codeunit's part: names, numbers, accounts. Read-only after load; any thread.
 * Called by service.c and by the order's encoder. */
#include "service_conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "service.h"

enum {
    ACCOUNT_MAX = 20,
    PAYMENT_MAX = 10,
    LOCATION_MAX = 20,
    LIST_MAX = 40,
    PORT_MAX = 2000000000
};

/* XMLport numbers of wsdl/nav/. */
static const struct {
    const char *name;
    const char *prefix;
    int number;
} ports[] = { { "info", "navinfo", 50140 },      { "prices", "navprice", 50141 },
              { "stock", "navstock", 50142 },    { "order", "navorder", 50143 },
              { "booking", "navbooked", 50144 }, { "customers", "navcustomer", 50145 } };

static int number_of(struct kt_str text)
{
    char *end = NULL;
    long number = text.n > 0 ? strtol(text.p, &end, 10) : 0;
    return end != NULL && *end == '\0' && number > 0 && number <= PORT_MAX ? (int)number : 0;
}

int kt_nav_xmlport(const struct kt_nav_conf *conf, const char *prefix)
{
    for (size_t i = 0; i < KT_COUNT(ports); i++) {
        if (strcmp(ports[i].prefix, prefix) != 0)
            continue;
        int own = number_of(kt_nav_conf_of(&conf->xmlports, kt_str_of(ports[i].name)));
        return own > 0 ? own : ports[i].number;
    }
    return 0;
}

bool kt_nav_account_parse(struct kt_nav_account *out, const char *text)
{
    static const struct {
        const char *word;
        const char *type;
    } types[] = { { "gl:", "GLAccount" },
                  { "charge:", "ChargeItem" },
                  { "item:", "Item" },
                  { "resource:", "Resource" } };
    for (size_t i = 0; i < KT_COUNT(types); i++) {
        size_t n = strlen(types[i].word);
        if (strncmp(text, types[i].word, n) != 0)
            continue;
        *out = (struct kt_nav_account){ types[i].type, text + n };
        return text[n] != '\0' && kt_utf8_count(kt_str_of(text + n)) <= ACCOUNT_MAX;
    }
    return false;
}

const char *kt_nav_payment(const struct kt_nav_conf *conf, struct kt_str method)
{
    struct kt_str code = method.n > 0 ? kt_nav_conf_of(&conf->payments, method) : KT_STR("");
    return code.n > 0 ? code.p : "";
}

/* All problems stand in one trail, so that nobody corrects them one by one. */
static enum kt_rc wrong(struct kt_err *e, const char *name, const char *why)
{
    if (e->v.rc == KT_OK)
        (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_CONFIG_INVALID, KT_P_NUM("count", 1));
    return kt_trail(e, "%s: %s", name, why);
}

static bool is_short(const char *text, size_t most)
{
    return text != NULL && text[0] != '\0' && kt_utf8_count(kt_str_of(text)) <= most;
}

static enum kt_rc check_account(const char *name, const char *text, struct kt_err *e)
{
    struct kt_nav_account account;
    if (text == NULL || kt_nav_account_parse(&account, text))
        return KT_OK;
    return wrong(
        e, name,
        "gl:, charge:, item: or resource: and a number of up to 20 characters are expected");
}

static bool is_port(const char *item)
{
    const char *sign = strchr(item, '=');
    if (sign == NULL || number_of(kt_str_of(sign + 1)) == 0)
        return false;
    for (size_t i = 0; i < KT_COUNT(ports); i++) {
        if (strlen(ports[i].name) == (size_t)(sign - item) &&
            strncmp(item, ports[i].name, (size_t)(sign - item)) == 0)
            return true;
    }
    return false;
}

static enum kt_rc check_lists(const struct kt_nav_conf *conf, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < conf->payments.count; i++) {
        const char *sign = strchr(conf->payments.item[i], '=');
        if (sign == NULL || sign == conf->payments.item[i] || !is_short(sign + 1, PAYMENT_MAX))
            rc = wrong(e, "payments", "METHOD=CODE with up to 10 characters is expected");
    }
    for (size_t i = 0; i < conf->xmlports.count; i++) {
        if (!is_port(conf->xmlports.item[i]))
            rc = wrong(e, "xmlports",
                       "NAME=NUMBER is expected; names: info, prices, stock, order, booking, "
                       "customers");
    }
    return rc;
}

enum kt_rc kt_nav_service_conf_check(const struct kt_nav_conf *conf, struct kt_err *e)
{
    const struct {
        const char *name;
        const char *text;
    } account[] = { { "shipping_account", conf->shipping_account },
                    { "fee_account", conf->fee_account },
                    { "discount_account", conf->discount_account } };
    enum kt_rc rc = check_lists(conf, e);
    for (size_t i = 0; i < KT_COUNT(account); i++) {
        if (check_account(account[i].name, account[i].text, e) != KT_OK)
            rc = KT_CONFIG;
    }
    if (!is_short(conf->one_time_customer, ACCOUNT_MAX))
        rc = wrong(e, "one_time_customer", "1 to 20 characters are expected");
    if (!is_short(conf->list_price, LIST_MAX))
        rc = wrong(e, "list_price", "1 to 40 characters are expected");
    if (!is_short(conf->blank_location, LOCATION_MAX))
        rc = wrong(e, "blank_location", "1 to 20 characters are expected");
    return rc;
}
