/* The codeunit's part of the set-up check: operations, parameters and XMLports of the site's own
 * WSDL. Session's thread; called by contract.c. */
#include <string.h>

#include "contract.h"
#include "service_conf.h"
#include "service_inner.h"

/* One XMLport as a parameter. Fields that are sent must be there; of what comes back, those without
 * which an answer says nothing. */
struct port {
    const char *operation;
    const char *parameter;
    const char *prefix; /* of the generated table */
    bool is_sent;
    enum kt_code follows;
    const char *must[24];
    const char *should[12];
};

static const struct port ports[] = {
    { "Info",
      "info",
      "navinfo",
      false,
      KT_E_FOLLOWS_NO_IDENTITY,
      { "Contract", "Database", "Company" },
      { "KeyTable", "DateSample" } },
    { "ReadPrices",
      "prices",
      "navprice",
      false,
      KT_E_FOLLOWS_NO_PRICES,
      { "NextAfter", "IsLast", "Price/Id", "Price/ItemNo", "Price/VariantCode",
        "Price/CurrencyCode", "Price/MinQuantity", "Price/UnitPrice", "Price/PriceIncludesVat" },
      { "Price/UnitCode", "Price/Kind", "Price/CustomerPriceGroup", "Price/CustomerNo",
        "Price/VatGroup", "Price/StartingDate", "Price/EndingDate", "Total" } },
    { "ReadStock",
      "stock",
      "navstock",
      false,
      KT_E_FOLLOWS_NO_STOCK,
      { "NextAfter", "IsLast", "IsSnapshot", "Row/ItemNo", "Row/VariantCode", "Row/LocationCode",
        "Row/Inventory", "Row/OnSalesOrders" },
      { "Row/UnitCode", "Row/OtherDemand", "Row/Expected/Day", "Row/Expected/Quantity",
        "LastEntryNo", "Total" } },
    { "CreateOrder",
      "order",
      "navorder",
      true,
      KT_E_FOLLOWS_NO_ORDERS,
      { "CustomerNo",
        "CurrencyCode",
        "Pricing",
        "PricesIncludeVat",
        "Tolerance",
        "Net",
        "Vat",
        "Gross",
        "Partner/Role",
        "Partner/Name",
        "Partner/Address",
        "Partner/PostCode",
        "Partner/City",
        "Partner/CountryCode",
        "Line/LineId",
        "Line/Type",
        "Line/No",
        "Line/Quantity",
        "Line/Net",
        "Line/Vat",
        "Line/Gross" },
      { "ExternalDocumentNo", "YourReference", "OrderDate", "PaymentMethodCode", "PaymentRef",
        "Partner/Name2", "Partner/Contact", "Partner/Address2", "Partner/Phone", "Partner/Email",
        "Line/UnitCode" } },
    { "FindOrder",
      "booking",
      "navbooked",
      false,
      KT_E_FOLLOWS_NO_LOOKUP,
      { "State", "OrderNo", "CurrencyCode", "Net", "Vat", "Gross" },
      { "BookedLine/LineId", "BookedLine/Net", "BookedLine/Vat", "BookedLine/Gross" } },
    { "FindCustomers",
      "customers",
      "navcustomer",
      false,
      KT_E_FOLLOWS_NO_CUSTOMERS,
      { "Customer/No", "Customer/MatchedBy", "Customer/Blocked" },
      { NULL } },
};

/* Simple parameters of a call. */
static const struct {
    const char *operation;
    const char *name;
    enum kt_form_base base;
} simple[] = {
    { "ReadPrices", "after", KT_FORM_TEXT },      { "ReadPrices", "maxRows", KT_FORM_INTEGER },
    { "ReadStock", "after", KT_FORM_TEXT },       { "ReadStock", "maxRows", KT_FORM_INTEGER },
    { "CreateOrder", "ourKey", KT_FORM_TEXT },    { "FindOrder", "ourKey", KT_FORM_TEXT },
    { "FindCustomers", "email", KT_FORM_TEXT },   { "FindCustomers", "vatId", KT_FORM_TEXT },
    { "FindCustomers", "name", KT_FORM_TEXT },    { "FindCustomers", "postCode", KT_FORM_TEXT },
    { "FindCustomers", "country", KT_FORM_TEXT }, { "CreateOrder", "booking", KT_FORM_ANY },
};

/* FindCustomers alone may be missing: orders then go to the one-time account. */
static enum kt_need need_of(const struct port *p)
{
    return strcmp(p->operation, "FindCustomers") == 0 ? KT_NEED_SHOULD : KT_NEED_MUST;
}

static void check_fields(struct kt_contract *c, const char *label, const struct port *p,
                         const struct kt_form_type *offered)
{
    struct kt_wanted w = { .base = KT_FORM_TEXT, .is_sent = p->is_sent, .follows = p->follows };
    w.need = need_of(p);
    for (size_t i = 0; i < KT_COUNT(p->must) && p->must[i] != NULL; i++) {
        w.path = p->must[i];
        kt_contract_field(c, label, offered, &w);
    }
    w.need = KT_NEED_SHOULD;
    w.follows = p->is_sent ? KT_E_FOLLOWS_NOT_SENT : KT_E_FOLLOWS_FIELD_EMPTY;
    for (size_t i = 0; i < KT_COUNT(p->should) && p->should[i] != NULL; i++) {
        w.path = p->should[i];
        kt_contract_field(c, label, offered, &w);
    }
}

/* NAV numbers the namespace by the XMLport; under another one nothing in it is recognised. */
static void check_number(struct kt_erp *erp, struct kt_contract *c, const struct port *p,
                         const struct kt_form_field *parameter, struct kt_arena *a)
{
    int number = kt_nav_xmlport(erp->conf, p->prefix);
    const char *ours = kt_format(a, "urn:microsoft-dynamics-nav/xmlports/x%d", number);
    struct kt_str theirs = parameter->type->ns;
    if (theirs.n == 0 || kt_str_is(theirs, ours))
        return;
    kt_contract_no_service(c, kt_format(a, "XMLport %d (%s)", number, p->parameter),
                           kt_format(a, "%s.%s has the namespace %.*s", p->operation, p->parameter,
                                     (int)theirs.n, theirs.p),
                           need_of(p), p->follows);
}

static void check_port(struct kt_erp *erp, struct kt_contract *c, const char *label,
                       const struct kt_wsdl *w, const struct port *p, struct kt_arena *a)
{
    const struct kt_wsdl_operation *o = kt_wsdl_operation(w, p->operation);
    if (o == NULL) {
        kt_contract_no_operation(c, label, p->operation, need_of(p), p->follows);
        return;
    }
    const struct kt_form_field *body = p->is_sent ? o->request : o->answer;
    const struct kt_form_field *parameter =
        body != NULL ? kt_form_find(body->type, p->parameter) : NULL;
    if (parameter == NULL) {
        const struct kt_wanted w0 = {
            .path = p->parameter, .base = KT_FORM_ANY, .need = need_of(p), .follows = p->follows
        };
        kt_contract_field(c, label, body != NULL ? body->type : NULL, &w0);
        return;
    }
    check_number(erp, c, p, parameter, a);
    check_fields(c, label, p, parameter->type);
}

static void check_simple(struct kt_contract *c, const char *label, const struct kt_wsdl *w)
{
    for (size_t i = 0; i < KT_COUNT(simple); i++) {
        const struct kt_wsdl_operation *o = kt_wsdl_operation(w, simple[i].operation);
        if (o == NULL || o->request == NULL)
            continue; /* said already */
        const struct kt_wanted wanted = { .path = simple[i].name,
                                          .base = simple[i].base,
                                          .need = KT_NEED_MUST,
                                          .is_sent = true,
                                          .follows = KT_E_FOLLOWS_CALL_FAILS };
        kt_contract_field(c, label, o->request->type, &wanted);
    }
}

enum kt_rc kt_nav_service_contract(struct kt_erp *erp, struct kt_contract *c, struct kt_arena *a,
                                   struct kt_err *e)
{
    const char *label = kt_format(a, "Codeunit/%s", erp->site.codeunit);
    struct kt_wsdl *w = NULL;
    bool is_missing = false;
    enum kt_rc rc = kt_nav_read_wsdl(erp, erp->site.codeunit_path, label, &w, &is_missing, a, e);
    if (rc != KT_OK && e->v.code == KT_E_CONTRACT_UNREADABLE) {
        kt_err_clear(e); /* as good as missing: the report says it like this */
        kt_contract_unreadable(c, label, "it is no WSDL", KT_NEED_MUST);
        return KT_OK;
    }
    if (rc != KT_OK)
        return rc;
    if (is_missing) {
        kt_contract_no_service(c, label, "404 Not Found", KT_NEED_MUST, KT_E_FOLLOWS_NO_ORDERS);
        return KT_OK;
    }
    for (size_t i = 0; i < KT_COUNT(ports); i++)
        check_port(erp, c, label, w, &ports[i], a);
    check_simple(c, label, w);
    return KT_OK;
}
