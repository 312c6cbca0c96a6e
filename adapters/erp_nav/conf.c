/* The settings of a NAV connection. Read-only after load; any thread. Called by adapter.c and by
 * all that translates. */
#include "conf.h"

#include <string.h>

#include "base/xml_write.h"
#include "date.h"
#include "fields.h"
#include "measure.h"
#include "service.h"

#define MEMBER(m) .offset = offsetof(struct kt_nav_conf, m)

static const char *const length_choices[] = { "nav", "bc", NULL };
static const char *const unit_choices[] = { "nav", "iso", NULL };

const struct kt_opt kt_nav_opts[] = {
    { .name = "attributes",
      .type = KT_OPT_LIST,
      MEMBER(attributes),
      .help = "Further fields of the item page as FIELD=CODE; each becomes an attribute" },
    { .name = "axes",
      .type = KT_OPT_LIST,
      MEMBER(axes),
      .help = "What an item's variants differ in, as codes in the order in which the variant's "
              "description tells the values; default: one axis named variant" },
    { .name = "axes_separator",
      .type = KT_OPT_TEXT,
      MEMBER(axes_separator),
      .def = "/",
      .help = "Stands between two values in a variant's description" },
    { .name = "company",
      .type = KT_OPT_TEXT,
      MEMBER(company),
      .flags = KT_OPT_REQUIRED,
      .help = "Company name as NAV shows it; without it NAV would answer for its default company" },
    { .name = "countries",
      .type = KT_OPT_LIST,
      MEMBER(countries),
      .help = "Country codes of NAV that are no ISO codes, as CODE=ISO" },
    { .name = "date_format",
      .type = KT_OPT_TEXT,
      MEMBER(date_format),
      .help = "31 December 2001 as NAV shows it to the service user (31.12.01, 12/31/2001 …); "
              "default: NAV is asked" },
    { .name = "fields",
      .type = KT_OPT_LIST,
      MEMBER(fields),
      .help = "The site's own field names, as PAGE.FIELD=NAME (item.GTIN=EAN_Code); PAGE as in "
              "services, or line (of a shipment), FIELD as in wsdl/nav" },
    { .name = "language",
      .type = KT_OPT_TEXT,
      MEMBER(language),
      .flags = KT_OPT_REQUIRED,
      .help = "Language of the descriptions that stand at items and categories themselves (de)" },
    { .name = "languages",
      .type = KT_OPT_LIST,
      MEMBER(languages),
      .help = "Language codes of NAV that Kontor does not know, as CODE=LANGUAGE (ENU=en)" },
    { .name = "length_unit",
      .type = KT_OPT_CHOICE,
      MEMBER(length_unit),
      .def = "cm",
      .choices = kt_nav_length_names,
      .help = "Unit in which NAV keeps length, width and height" },
    { .name = "order_multiple",
      .type = KT_OPT_BOOL,
      MEMBER(order_multiple),
      .def = "false",
      .help = "Whether an item's order multiple, a figure of purchase planning, binds sales, too" },
    { .name = "services",
      .type = KT_OPT_LIST,
      MEMBER(services),
      .help =
          "The site's own service names, as PAGE=NAME (item=ItemCard, codeunit=WebShop); PAGE is "
          "codeunit, item, variant, reference, translation, attribute, unit, uom, category, "
          "ledger, tracking, customer, order or shipment" },
    { .name = "shipment_days",
      .type = KT_OPT_NUMBER,
      MEMBER(shipment_days),
      .def = "14",
      .min = 0,
      .max = 366,
      .help = "How many days back a delivery may be posted and still be noticed" },
    { .name = "tenant",
      .type = KT_OPT_TEXT,
      MEMBER(tenant),
      .help = "Tenant of a server that has several" },
    { .name = "text_lengths",
      .type = KT_OPT_CHOICE,
      MEMBER(text_lengths),
      .def = "nav",
      .choices = length_choices,
      .help = "How long names and addresses may be: nav (50 characters) or bc (100, from 14 on)" },
    { .name = "unit_codes",
      .type = KT_OPT_CHOICE,
      MEMBER(unit_codes),
      .def = "nav",
      .choices = unit_choices,
      .help = "Units as NAV calls them, or by their international standard code where they have "
              "one" },
    { .name = "variant_separator",
      .type = KT_OPT_TEXT,
      MEMBER(variant_separator),
      .def = ".",
      .help = "Stands between item number and variant code in an article number" },
    { .name = "weight_unit",
      .type = KT_OPT_CHOICE,
      MEMBER(weight_unit),
      .def = "kg",
      .choices = kt_nav_weight_names,
      .help = "Unit in which NAV keeps weights" },
    { .name = "without",
      .type = KT_OPT_LIST,
      MEMBER(without),
      .help =
          "Pages that the site does not publish and that are not missed (translation, …), named "
          "as in services" },
    /* codeunit: prices, stock, orders */
    { .name = "blank_location",
      .type = KT_OPT_TEXT,
      MEMBER(blank_location),
      .def = "BLANK",
      .help = "Warehouse that stands for NAV's empty location code" },
    { .name = "discount_account",
      .type = KT_OPT_TEXT,
      MEMBER(discount_account),
      .help = "What discount lines are booked on: gl:NO, charge:NO, item:NO or resource:NO" },
    { .name = "fee_account",
      .type = KT_OPT_TEXT,
      MEMBER(fee_account),
      .help = "What fee lines are booked on, as discount_account" },
    { .name = "list_price",
      .type = KT_OPT_TEXT,
      MEMBER(list_price),
      .def = "LIST",
      .help = "Price list under which the prices for all customers travel" },
    { .name = "one_time_customer",
      .type = KT_OPT_TEXT,
      MEMBER(one_time_customer),
      .flags = KT_OPT_REQUIRED,
      .help = "Number of the customer for buyers that NAV does not know" },
    { .name = "payments",
      .type = KT_OPT_LIST,
      MEMBER(payments),
      .help = "Payment methods as METHOD=CODE, the shop's name and NAV's code" },
    { .name = "shipping_account",
      .type = KT_OPT_TEXT,
      MEMBER(shipping_account),
      .help = "What shipping lines are booked on, as discount_account" },
    { .name = "xmlports",
      .type = KT_OPT_LIST,
      MEMBER(xmlports),
      .help =
          "XMLports with numbers of the site's own, as NAME=NUMBER (info, prices, stock, order, "
          "booking, customers)" },
    KT_HTTP_OPTS(struct kt_nav_conf, http, "user", "password"),
    KT_HTTP_LOGIN_OPTS(struct kt_nav_conf, http),
    KT_SOAP_GUARD_OPTS(struct kt_nav_conf, guard),
    { 0 },
};

/* All problems stand in one trail, so that nobody corrects them one by one. */
static enum kt_rc wrong(struct kt_err *e, const char *name, const char *why)
{
    if (e->v.rc == KT_OK)
        (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_CONFIG_INVALID, KT_P_NUM("count", 1));
    return kt_trail(e, "%s: %s", name, why);
}

/* "LEFT=RIGHT" in two; false: not that form. */
static bool divide(const char *item, struct kt_str *left, const char **right)
{
    const char *sign = strchr(item, '=');
    if (sign == NULL || sign == item || sign[1] == '\0')
        return false;
    *left = (struct kt_str){ item, (size_t)(sign - item) };
    *right = sign + 1;
    return true;
}

static bool is_service(const char *item)
{
    enum kt_nav_role role = KT_NAV_ITEM;
    struct kt_str left;
    const char *right = NULL;
    return divide(item, &left, &right) && kt_xml_is_name(right) &&
           (kt_str_is(left, "codeunit") || (kt_nav_role_find(&role, left) && role != KT_NAV_LINE));
}

static bool is_field(const char *item)
{
    enum kt_nav_role role = KT_NAV_ITEM;
    struct kt_str left;
    const char *right = NULL;
    if (!divide(item, &left, &right) || !kt_xml_is_name(right))
        return false;
    const char *dot = memchr(left.p, '.', left.n);
    if (dot == NULL || !kt_nav_role_find(&role, (struct kt_str){ left.p, (size_t)(dot - left.p) }))
        return false;
    struct kt_str name = kt_str_part(left, (size_t)(dot + 1 - left.p), left.n);
    for (size_t i = 0; i < kt_nav_page_of[role].fields; i++) {
        if (kt_str_is(name, kt_nav_page_of[role].field[i].name))
            return true;
    }
    return false;
}

static bool is_attribute(const char *item)
{
    struct kt_str left;
    const char *right = NULL;
    char name[128] = "";
    if (!divide(item, &left, &right) || left.n >= sizeof name ||
        kt_utf8_count(kt_str_of(right)) > 80)
        return false;
    memcpy(name, left.p, left.n);
    return kt_xml_is_name(name);
}

static bool is_code(const char *text, size_t least, size_t most)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        bool is_letter = (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z');
        if (!is_letter && text[i] != '-')
            return false;
    }
    return n >= least && n <= most;
}

static bool is_language(const char *item)
{
    struct kt_str left;
    const char *right = NULL;
    return divide(item, &left, &right) && is_code(right, 2, 8);
}

static bool is_country(const char *item)
{
    struct kt_str left;
    const char *right = NULL;
    return divide(item, &left, &right) && is_code(right, 2, 2);
}

static bool is_spare_page(const char *item)
{
    enum kt_nav_role role = KT_NAV_ITEM;
    return kt_nav_role_find(&role, kt_str_of(item)) && role != KT_NAV_ITEM && role != KT_NAV_LINE;
}

static bool is_axis(const char *item)
{
    return item[0] != '\0' && kt_utf8_count(kt_str_of(item)) <= 80;
}

/* The first entry that is not of the form is named. */
static enum kt_rc check_list(const char *name, const struct kt_conf_texts *list,
                             bool (*is)(const char *), const char *form, struct kt_err *e)
{
    size_t i = 0;
    while (i < list->count && is(list->item[i]))
        i++;
    if (i == list->count)
        return KT_OK;
    if (e->v.rc == KT_OK)
        (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_CONFIG_INVALID, KT_P_NUM("count", 1));
    return kt_trail(e, "%s: \"%s\": %s is expected", name, list->item[i], form);
}

static enum kt_rc check_lists(const struct kt_nav_conf *c, struct kt_err *e)
{
    const struct {
        const char *name;
        const struct kt_conf_texts *list;
        bool (*is)(const char *);
        const char *form;
    } lists[] = {
        { "services", &c->services, is_service, "PAGE=NAME" },
        { "fields", &c->fields, is_field, "PAGE.FIELD=NAME" },
        { "attributes", &c->attributes, is_attribute, "FIELD=CODE" },
        { "languages", &c->languages, is_language, "CODE=LANGUAGE, such as ENU=en," },
        { "countries", &c->countries, is_country, "CODE=ISO, such as D=DE," },
        { "without", &c->without, is_spare_page, "a page other than item" },
        { "axes", &c->axes, is_axis, "a code of up to 80 characters" },
    };
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < KT_COUNT(lists); i++) {
        if (check_list(lists[i].name, lists[i].list, lists[i].is, lists[i].form, e) != KT_OK)
            rc = KT_CONFIG;
    }
    return rc;
}

/* Up to the instance: what follows is made of company, tenant and service. */
static bool is_instance(const char *url)
{
    size_t n = strlen(url);
    bool is_services = strstr(url, "/WS/") != NULL || (n >= 3 && strcmp(url + n - 3, "/WS") == 0);
    return !is_services && strchr(url, '?') == NULL;
}

enum kt_rc kt_nav_conf_check(const struct kt_nav_conf *c, struct kt_err *e)
{
    struct kt_nav_dates dates;
    enum kt_rc rc = check_lists(c, e);
    if (c->company[0] == '\0')
        rc = wrong(e, "company", "a name is expected");
    if (!is_instance(c->http.url))
        rc = wrong(e, "url",
                   "the address up to the instance is expected; company and tenant have "
                   "settings of their own");
    if (!is_code(c->language, 2, 3))
        rc = wrong(e, "language", "a code of two or three letters is expected, such as de");
    if (c->variant_separator[0] == '\0' || strlen(c->variant_separator) > 4)
        rc = wrong(e, "variant_separator", "1 to 4 characters are expected");
    if (c->axes_separator[0] == '\0')
        rc = wrong(e, "axes_separator", "at least one character is expected");
    if (c->date_format != NULL && !kt_nav_dates_learn(&dates, kt_str_of(c->date_format)))
        rc = wrong(e, "date_format", "31 December 2001 is expected, such as 31.12.01");
    if (kt_nav_service_conf_check(c, e) != KT_OK)
        rc = KT_CONFIG;
    return rc;
}

struct kt_str kt_nav_conf_of(const struct kt_conf_texts *list, struct kt_str name)
{
    struct kt_str left;
    const char *right = NULL;
    for (size_t i = 0; i < list->count; i++) {
        if (divide(list->item[i], &left, &right) && kt_str_eq(left, name))
            return kt_str_of(right);
    }
    return (struct kt_str){ NULL, 0 };
}
