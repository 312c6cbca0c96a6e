/* The set-up check: the site's WSDLs, page by page, against the tables of fields.h. Session's
 * thread; called by adapter.c for `kontor check`. */
#include "contract.h"

#include <string.h>

#include "date.h"
#include "format/contract.h"
#include "service.h"

enum kt_rc kt_nav_read_wsdl(struct kt_erp *erp, const char *path, const char *label,
                            struct kt_wsdl **w, bool *is_missing, struct kt_arena *a,
                            struct kt_err *e)
{
    struct kt_http_request q = { .method = "GET", .path = path, .accept = "text/xml" };
    struct kt_http_answer answer = { 0 };
    *w = NULL;
    *is_missing = false;
    enum kt_rc rc = kt_http_call(erp->http, &q, &answer, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "WSDL of %s", label);
    if (answer.status == 404) {
        *is_missing = true;
        return KT_OK;
    }
    if (answer.status < 200 || answer.status > 299) {
        rc = kt_http_refusal(erp->http, &q, &answer, e);
        return rc == KT_OK ? KT_OK : kt_trail(e, "WSDL of %s", label);
    }
    return kt_wsdl_read(w, answer.body, label, a, e);
}

static enum kt_form_base base_of(enum kt_nav_type type)
{
    switch (type) {
    case KT_NAV_TEXT:
    case KT_NAV_OPTION:
        return KT_FORM_TEXT;
    case KT_NAV_DECIMAL:
        return KT_FORM_DECIMAL;
    case KT_NAV_WHOLE:
        return KT_FORM_INTEGER;
    case KT_NAV_BOOL:
        return KT_FORM_BOOL;
    case KT_NAV_DAY:
        return KT_FORM_DATETIME; /* or a day */
    case KT_NAV_LINES:
        break;
    }
    return KT_FORM_ANY;
}

/* before: path in front of the field's name; "": none. */
static size_t want_fields(struct kt_wanted *wanted, const struct kt_nav_site *site,
                          enum kt_nav_role role, const char *before, struct kt_arena *a)
{
    const struct kt_nav_page *page = &kt_nav_page_of[role];
    for (size_t i = 0; i < page->fields; i++) {
        const struct kt_nav_field *f = &page->field[i];
        wanted[i] = (struct kt_wanted){
            .path = kt_format(a, "%s%s", before, site->page[role].field[i].p),
            .base = base_of(f->type),
            .need = f->need,
            .follows = f->follows,
            .is = f->is,
        };
    }
    return page->fields;
}

/* The fields of the lines stand below the list's element, whatever the site calls it. */
static void check_lines(struct kt_contract *c, const struct kt_nav_site *site,
                        const struct kt_form_type *row, struct kt_arena *a)
{
    const struct kt_nav_place *place = &site->page[KT_NAV_SHIPMENT];
    const char *list = place->field[kt_nav_field_at(KT_NAV_SHIPMENT, "ShipmentLines")].p;
    const struct kt_form_field *field = kt_form_find(row, list);
    struct kt_wanted wanted[KT_NAV_FIELDS];
    if (field == NULL || field->type->fields == 0)
        return; /* said already: the list itself is missing */
    const struct kt_str element = field->type->field[0].name;
    const char *before = kt_format(a, "%s/%.*s/", list, (int)element.n, element.p);
    size_t count = want_fields(wanted, site, KT_NAV_LINE, before, a);
    kt_contract_fields(c, place->label, row, wanted, count);
}

static void check_extras(struct kt_contract *c, const struct kt_nav_site *site,
                         const struct kt_form_type *row)
{
    for (size_t i = 0; i < site->extras; i++) {
        const struct kt_wanted wanted = { .path = site->extra_name[i].p,
                                          .base = KT_FORM_ANY,
                                          .need = KT_NEED_SHOULD,
                                          .follows = KT_E_FOLLOWS_FIELD_EMPTY };
        kt_contract_field(c, site->page[KT_NAV_ITEM].label, row, &wanted);
    }
}

static void check_page(struct kt_erp *erp, enum kt_nav_role role, const struct kt_wsdl *w,
                       struct kt_contract *c, struct kt_arena *a)
{
    const struct kt_nav_place *place = &erp->site.page[role];
    const struct kt_nav_page *page = &kt_nav_page_of[role];
    const struct kt_form_type *row = kt_wsdl_type(w, place->service);
    struct kt_wanted wanted[KT_NAV_FIELDS];
    if (kt_wsdl_operation(w, "ReadMultiple") == NULL) {
        kt_contract_no_operation(c, place->label, "ReadMultiple", page->need, page->follows);
        return;
    }
    size_t count = want_fields(wanted, &erp->site, role, "", a);
    kt_contract_fields(c, place->label, row, wanted, count);
    if (row != NULL && role == KT_NAV_SHIPMENT)
        check_lines(c, &erp->site, row, a);
    if (row != NULL && role == KT_NAV_ITEM)
        check_extras(c, &erp->site, row);
}

/* Pages that nothing reads with these settings are not missed. */
static bool is_wanted(const struct kt_erp *erp, enum kt_nav_role role)
{
    return role != KT_NAV_LINE && !erp->site.page[role].is_spared &&
           (role != KT_NAV_UOM || erp->conf->unit_codes == KT_NAV_UNITS_ISO);
}

static enum kt_rc check_role(struct kt_erp *erp, enum kt_nav_role role, struct kt_contract *c,
                             struct kt_deviations *out, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_nav_place *place = &erp->site.page[role];
    const struct kt_nav_page *page = &kt_nav_page_of[role];
    struct kt_wsdl *w = NULL;
    bool is_missing = false;
    enum kt_rc rc = kt_nav_read_wsdl(erp, place->path, place->label, &w, &is_missing, a, e);
    if (rc != KT_OK && e->v.code == KT_E_CONTRACT_UNREADABLE) {
        kt_deviations_put(out, &e->v, page->follows);
        kt_err_clear(e);
        return KT_OK;
    }
    if (rc != KT_OK)
        return rc;
    if (is_missing)
        kt_contract_no_service(c, place->label, "404 Not Found", page->need, page->follows);
    else
        check_page(erp, role, w, c, a);
    return KT_OK;
}

/* Then url or company is wrong: one sentence instead of one for each service. */
static bool is_nothing_there(const struct kt_erp *erp, const struct kt_contract *c,
                             const struct kt_deviations *out)
{
    size_t services = 1; /* the codeunit */
    for (unsigned i = 0; i < KT_NAV_ROLES; i++)
        services += is_wanted(erp, (enum kt_nav_role)i) ? 1 : 0;
    for (size_t i = 0; i < c->count; i++) {
        if (c->gap[i].v.code != KT_E_CONTRACT_SERVICE_MISSING)
            return false;
    }
    return c->count == services && out->count == 0;
}

static struct kt_contract nothing_there(const struct kt_erp *erp, struct kt_arena *a)
{
    struct kt_contract c = { .arena = a };
    kt_contract_no_service(&c, kt_format(a, "service below /WS/%s", erp->conf->company),
                           "404 Not Found for each of them; url, tenant or company is wrong",
                           KT_NEED_MUST, KT_E_FOLLOWS_NO_ARTICLES);
    return c;
}

/* A day that NAV reads as another one filters what nobody meant, and nothing fails. NAV's own
 * sample tells; where Info does not answer, who asks for the identity says so. */
static void check_dates(struct kt_erp *erp, struct kt_deviations *out, struct kt_arena *a)
{
    struct kt_nav_info info;
    struct kt_nav_dates ours;
    struct kt_nav_dates theirs;
    struct kt_verdict v = { 0 };
    struct kt_err why = { 0 };
    const char *format = erp->conf->date_format;
    if (format == NULL || !kt_nav_dates_learn(&ours, kt_str_of(format)) ||
        kt_nav_service_info(erp, &info, a, &why) != KT_OK ||
        !kt_nav_dates_learn(&theirs, info.date_sample) ||
        memcmp(ours.part, theirs.part, sizeof ours.part) == 0)
        return;
    kt_judge(&v, KT_REJECT, KT_ENDPOINT, KT_E_PARTNER_SETTING, KT_P_TEXT("partner", erp->env->name),
             KT_P_TEXT("setting", "date_format"), KT_P_TEXT("value", format),
             KT_P_TEXT("known", info.date_sample.p));
    kt_deviations_put(out, &v, KT_E_NONE);
}

enum kt_rc kt_nav_contract(struct kt_erp *erp, struct kt_deviations *out, struct kt_arena *a,
                           struct kt_err *e)
{
    struct kt_contract c = { .arena = a };
    enum kt_rc rc = KT_OK;
    for (unsigned i = 0; rc == KT_OK && i < KT_NAV_ROLES; i++) {
        if (is_wanted(erp, (enum kt_nav_role)i))
            rc = check_role(erp, (enum kt_nav_role)i, &c, out, a, e);
    }
    if (rc == KT_OK)
        rc = kt_nav_service_contract(erp, &c, a, e);
    if (rc == KT_OK && is_nothing_there(erp, &c, out))
        c = nothing_there(erp, a);
    for (size_t i = 0; rc == KT_OK && i < c.count; i++)
        kt_deviations_put(out, &c.gap[i].v, c.gap[i].follows);
    if (rc == KT_OK)
        check_dates(erp, out, a);
    return rc;
}
