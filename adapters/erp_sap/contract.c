/* Compares a site's WSDL with the contract that Kontor was built with: the wrapper that stands
 * there may be older, reduced, or shortened in its fields. Session's thread; called through
 * port/erp.h by the set-up check. */
#include "contract.h"

#include <string.h>

enum { DEPTH_MAX = 8 };

int64_t kt_sap_version(struct kt_str wrapper)
{
    int64_t n = 0;
    if (wrapper.n == 0 || wrapper.n > 6)
        return 0;
    for (size_t i = 0; i < wrapper.n; i++) {
        if (wrapper.p[i] < '0' || wrapper.p[i] > '9')
            return 0;
        n = n * 10 + (wrapper.p[i] - '0');
    }
    return n;
}

/* What becomes of the flow without the function. */
static const struct function {
    const char *name;
    enum kt_need need;
    enum kt_code follows;
} functions[] = {
    { "Z_KONTOR_INFO", KT_NEED_MUST, KT_E_FOLLOWS_NO_IDENTITY },
    { "Z_KONTOR_ARTICLES", KT_NEED_MUST, KT_E_FOLLOWS_NO_ARTICLES },
    { "Z_KONTOR_PRICES", KT_NEED_MUST, KT_E_FOLLOWS_NO_PRICES },
    { "Z_KONTOR_STOCK", KT_NEED_MUST, KT_E_FOLLOWS_NO_STOCK },
    { "Z_KONTOR_CATEGORIES", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_CATEGORIES },
    { "Z_KONTOR_CUSTOMERS", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_CUSTOMERS },
    { "Z_KONTOR_DOCUMENTS", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_DOCUMENTS },
    { "Z_KONTOR_DOCUMENT_READ", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_DOCUMENTS },
    { "Z_KONTOR_CUSTOMER_FIND", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_CUSTOMERS },
    { "Z_KONTOR_ORDER_CREATE", KT_NEED_MUST, KT_E_FOLLOWS_NO_ORDERS },
    { "Z_KONTOR_ORDER_FIND", KT_NEED_MUST, KT_E_FOLLOWS_NO_LOOKUP },
};

/* What becomes of a field that is read. By its whole path, or by its
 * last step in all. What no row names stays empty in the shops. */
static const struct weight {
    const char *field;
    enum kt_need need;
    enum kt_code follows;
} weights[] = {
    { "RETURN", KT_NEED_MUST, KT_E_FOLLOWS_CALL_FAILS },
    { "EV_TOKEN", KT_NEED_MUST, KT_E_FOLLOWS_NO_DELTA },
    { "EV_MORE", KT_NEED_MUST, KT_E_FOLLOWS_CALL_FAILS },
    { "EV_SNAPSHOT", KT_NEED_MUST, KT_E_FOLLOWS_NO_DELETES },
    { "EV_TOTAL", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_DELETES },
    { "EV_BEGUN_AT", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_DELETES },
    { "EV_SYSID", KT_NEED_MUST, KT_E_FOLLOWS_NO_IDENTITY },
    { "EV_CLIENT", KT_NEED_MUST, KT_E_FOLLOWS_NO_IDENTITY },
    { "EV_WRAPPER", KT_NEED_MUST, KT_E_FOLLOWS_NO_IDENTITY },
    { "EV_KEY_GRADE", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_LOOKUP },
    { "EV_STATE", KT_NEED_MUST, KT_E_FOLLOWS_NO_ORDERS },
    { "EV_ORDER", KT_NEED_MUST, KT_E_FOLLOWS_NO_ORDERS },
    { "ET_ARTICLE", KT_NEED_MUST, KT_E_FOLLOWS_NO_ARTICLES },
    { "ET_PRICE", KT_NEED_MUST, KT_E_FOLLOWS_NO_PRICES },
    { "ET_STOCK", KT_NEED_MUST, KT_E_FOLLOWS_NO_STOCK },
    { "ET_CATEGORY", KT_NEED_MUST, KT_E_FOLLOWS_NO_CATEGORIES },
    { "ET_DOCUMENT", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_DOCUMENTS },
    { "ET_DOCUMENT_LINK", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_DOCUMENTS },
    { "ET_CERTIFICATE", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_DOCUMENTS },
    { "ET_CERTIFICATE_LINK", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_DOCUMENTS },
    { "EV_DATA", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_DOCUMENTS },
    { "EV_END", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_DOCUMENTS },
    { "REFERENCE", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_DOCUMENTS },
    { "ET_DELETED", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_DELETES },
    { "ET_TEXT", KT_NEED_MUST, KT_E_FOLLOWS_NO_NAME },
    { "ET_TEXT/item/NAME", KT_NEED_MUST, KT_E_FOLLOWS_NO_NAME },
    { "ET_GTIN", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_GTIN },
    { "GTIN", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_GTIN },
    { "ET_CHARACTERISTIC", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_ATTRIBUTES },
    { "ET_AXIS", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_VARIANTS },
    { "PARENT", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_VARIANTS },
    { "GENERIC", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_VARIANTS },
    { "ET_UNIT", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_UNITS },
    { "ET_ARTICLE_CATEGORY", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_CATEGORIES },
    { "SALES_STATUS", KT_NEED_SHOULD, KT_E_FOLLOWS_BLOCKED_SOLD },
    { "SALES_BLOCKED", KT_NEED_SHOULD, KT_E_FOLLOWS_BLOCKED_SOLD },
    { "TAX_CLASS", KT_NEED_SHOULD, KT_E_FOLLOWS_TAX_UNKNOWN },
    { "SERIAL_PROFILE", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_SERIALS },
    { "MATNR", KT_NEED_MUST, KT_E_FOLLOWS_ROW_REFUSED },
    { "PRICE_ID", KT_NEED_MUST, KT_E_FOLLOWS_ROW_REFUSED },
    { "AMOUNT", KT_NEED_MUST, KT_E_FOLLOWS_ROW_REFUSED },
    { "CURRENCY", KT_NEED_MUST, KT_E_FOLLOWS_ROW_REFUSED },
    { "PLANT", KT_NEED_MUST, KT_E_FOLLOWS_ROW_REFUSED },
    { "AVAILABLE", KT_NEED_SHOULD, KT_E_FOLLOWS_NO_STOCK },
    { "CHANGED_AT", KT_NEED_MUST, KT_E_FOLLOWS_ROW_REFUSED },
};

/* Of the order's call, what makes it one: too short for it is as bad as missing. */
static const char *const vital[] = { "IV_KEY", "IV_TOKEN", "IS_HEADER", "IT_ITEM", "MATNR", "QTY" };

struct walk {
    struct kt_contract *gaps;
    const char *function;
    const struct kt_form_type *theirs;
    bool is_sent;
};

static const char *last_step(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static void weigh_read(struct kt_wanted *w)
{
    w->need = KT_NEED_SHOULD;
    w->follows = KT_E_FOLLOWS_FIELD_EMPTY;
    for (size_t i = 0; i < KT_COUNT(weights); i++) {
        const char *is = strchr(weights[i].field, '/') == NULL ? last_step(w->path) : w->path;
        if (strcmp(weights[i].field, is) == 0) {
            w->need = weights[i].need;
            w->follows = weights[i].follows;
        }
    }
}

static void weigh_sent(struct kt_wanted *w, bool is_there)
{
    w->need = KT_NEED_SHOULD;
    w->follows = is_there ? KT_E_FOLLOWS_TEXT_REFUSED : KT_E_FOLLOWS_NOT_SENT;
    for (size_t i = 0; i < KT_COUNT(vital); i++) {
        if (strcmp(vital[i], last_step(w->path)) == 0) {
            w->need = KT_NEED_MUST;
            w->follows = KT_E_FOLLOWS_CALL_FAILS;
        }
    }
}

/* Days travel as texts, which some releases publish as xsd:date; contents as xsd:base64Binary. */
static enum kt_form_base base_of(const struct kt_form_type *ours)
{
    return kt_str_is(ours->name, "date10") || kt_str_is(ours->name, "contentText") ? KT_FORM_ANY
                                                                                   : ours->base;
}

/* What is missing as a whole is said once, not field by field. */
static void compare(const struct walk *walk, const struct kt_form_type *ours, const char *above,
                    int depth)
{
    for (size_t i = 0; i < ours->fields; i++) {
        const struct kt_form_field *f = &ours->field[i];
        struct kt_wanted w = {
            .path = kt_format(walk->gaps->arena, "%s%s%s", above, above[0] == '\0' ? "" : "/",
                              f->name.p),
            .base = base_of(f->type),
            .is_sent = walk->is_sent,
        };
        const struct kt_form_field *theirs =
            walk->theirs == NULL ? NULL : kt_form_find(walk->theirs, w.path);
        if (walk->is_sent) {
            w.length = f->type->max_length < 0 ? 0 : (unsigned)f->type->max_length;
            w.fraction = f->type->fraction_digits < 0 ? 0 : (unsigned)f->type->fraction_digits;
            weigh_sent(&w, theirs != NULL);
        } else {
            weigh_read(&w);
        }
        kt_contract_field(walk->gaps, walk->function, walk->theirs, &w);
        if (theirs != NULL && theirs->type->base == KT_FORM_RECORD && depth < DEPTH_MAX)
            compare(walk, f->type, w.path, depth + 1);
    }
}

static const struct kt_form_type *type_of(const struct kt_form_field *element)
{
    return element == NULL ? NULL : element->type;
}

static void compare_function(struct kt_contract *gaps, const struct kt_wsdl *ours,
                             const struct kt_wsdl *theirs, const struct function *f)
{
    const struct kt_wsdl_operation *mine = kt_wsdl_operation(ours, f->name);
    const struct kt_wsdl_operation *site = kt_wsdl_operation(theirs, f->name);
    KT_ASSERT(mine != NULL && mine->request != NULL && mine->answer != NULL);
    if (site == NULL) {
        kt_contract_no_operation(gaps, "KONTOR_Z", f->name, f->need, f->follows);
        return;
    }
    compare(&(struct walk){ gaps, f->name, type_of(site->request), true }, mine->request->type, "",
            0);
    compare(&(struct walk){ gaps, f->name, type_of(site->answer), false }, mine->answer->type, "",
            0);
}

enum kt_rc kt_sap_contract(struct kt_erp *erp, struct kt_deviations *out, struct kt_arena *a,
                           struct kt_err *e)
{
    struct kt_contract gaps = { .arena = a };
    struct kt_wsdl *ours = NULL;
    struct kt_wsdl *theirs = NULL;
    const char *detail = NULL;
    enum kt_rc rc = kt_wsdl_read(&ours, kt_str_of(kt_sap_wsdl), "kontor_z.wsdl", a, e);
    if (rc == KT_OK)
        rc = kt_sap_read_wsdl(erp, &theirs, &detail, a, e);
    if (rc != KT_OK)
        return rc;
    if (theirs == NULL)
        kt_contract_unreadable(&gaps, "KONTOR_Z", detail,
                               erp->conf->wsdl_url == NULL ? KT_NEED_MAY : KT_NEED_SHOULD);
    for (size_t i = 0; theirs != NULL && i < KT_COUNT(functions); i++)
        compare_function(&gaps, ours, theirs, &functions[i]);
    for (size_t i = 0; i < gaps.count; i++)
        kt_deviations_put(out, &gaps.gap[i].v, gaps.gap[i].follows);
    return KT_OK;
}
