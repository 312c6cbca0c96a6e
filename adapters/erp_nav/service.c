/* The codeunit's session: its stubs under the site's own names, who NAV is, how a call ends.
 * Session's thread; called by adapter.c and by the other service_*.c. Nothing is repeated here: a
 * verdict says what may be done next. */
#include "service.h"

#include <stdlib.h>
#include <string.h>

#include "generated/erp_nav/navNs.h"
#include "lists.h"
#include "service_conf.h"
#include "service_inner.h"
#include "verdict.h"

enum { MAX_CALL_S = 86400 }; /* what is longer is no limit */

static const char contract[] = "1"; /* version of wsdl/nav/kontor_service.wsdl */

struct kt_nav_service {
    struct kt_arena *arena; /* the table and its addresses */
    struct Namespace *table;
    struct kt_soap *soap;
    const char *ns; /* of the codeunit */
};

/* The generated table with the site's own addresses: NAV makes them of the service's name and the
 * XMLports' numbers. */
static void fill_table(struct kt_nav_service *s, const struct kt_erp *erp)
{
    size_t count = 0;
    while (nav_namespaces[count].id != NULL)
        count++;
    s->table = kt_alloc(s->arena, (count + 1) * sizeof *s->table);
    memcpy(s->table, nav_namespaces, (count + 1) * sizeof *s->table);
    s->ns = kt_format(s->arena, "urn:microsoft-dynamics-schemas/codeunit/%s", erp->site.codeunit);
    for (size_t i = 0; i < count; i++) {
        int number = kt_nav_xmlport(erp->conf, s->table[i].id);
        if (strcmp(s->table[i].id, "nav") == 0)
            s->table[i].ns = s->ns;
        else if (number > 0)
            s->table[i].ns = kt_format(s->arena, "urn:microsoft-dynamics-nav/xmlports/x%d", number);
    }
}

struct kt_nav_service *kt_nav_service_open(struct kt_erp *erp)
{
    struct kt_nav_service *s = calloc(1, sizeof *s);
    KT_ASSERT(s != NULL); /* only without memory */
    s->arena = kt_arena_new();
    fill_table(s, erp);
    s->soap = kt_soap_on(erp->http, erp->site.codeunit_path, s->table, &erp->guard);
    return s;
}

void kt_nav_service_close(struct kt_nav_service *s)
{
    if (s == NULL)
        return;
    kt_soap_close(s->soap);
    kt_arena_free(s->arena);
    free(s);
}

struct kt_nav_call kt_nav_call_begin(struct kt_erp *erp, const char *operation, bool is_write,
                                     struct kt_arena *a)
{
    struct kt_nav_service *s = erp->service;
    return (struct kt_nav_call){ .ctx = kt_soap_begin(s->soap, is_write, a),
                                 .operation = operation,
                                 .action = kt_format(a, "%s:%s", s->ns, operation) };
}

enum kt_rc kt_nav_call_settle(struct kt_erp *erp, const struct kt_nav_call *call, int status,
                              const struct kt_order *order, struct kt_soap_fault *fault,
                              struct kt_arena *a, struct kt_err *e)
{
    struct kt_soap_fault own;
    struct kt_soap_fault *f = fault != NULL ? fault : &own;
    enum kt_rc rc = kt_soap_end(erp->service->soap, status, f, e);
    if (rc == KT_OK)
        return KT_OK;
    if (f->is_fault && order != NULL)
        return kt_nav_order_fault(erp, f, order, a, e);
    if (f->is_fault)
        return kt_nav_read_fault(
            erp, f, kt_format(a, "Codeunit/%s, %s", erp->site.codeunit, call->operation), e);
    return kt_trail(e, "%s", call->operation);
}

void kt_nav_call_done(struct kt_erp *erp)
{
    kt_soap_done(erp->service->soap);
}

enum kt_rc kt_nav_incomplete(struct kt_erp *erp, enum kt_rc rc, const char *operation,
                             const char *detail, struct kt_err *e)
{
    (void)kt_fail(e, rc, KT_ENDPOINT, KT_E_PARTNER_ANSWER_INCOMPLETE,
                  KT_P_TEXT("partner", erp->env->name), KT_P_TEXT("detail", detail));
    return kt_trail(e, "%s", operation);
}

enum kt_rc kt_nav_units_load(struct kt_erp *erp, struct kt_err *e)
{
    return erp->conf->unit_codes == KT_NAV_UNITS_ISO ? kt_nav_lists_load(erp, e) : KT_OK;
}

struct kt_str kt_nav_taken(const char *text, struct kt_arena *a)
{
    struct kt_str s = kt_str_trim(kt_str_of(text != NULL ? text : ""));
    char *copy = kt_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        copy[i] = c < 0x20 || c == 0x7f ? ' ' : s.p[i];
    }
    copy[s.n] = '\0';
    return (struct kt_str){ copy, s.n };
}

bool kt_nav_is_true(const char *flag)
{
    return flag != NULL && kt_str_is(kt_str_trim(kt_str_of(flag)), "true");
}

bool kt_nav_number(struct kt_dec *out, const char *text)
{
    struct kt_soap_dec in = { 0 };
    if (text == NULL || !kt_soap_dec_parse(text, &in))
        return false;
    while (in.scale > 0 && in.unscaled % 10 == 0) {
        in.unscaled /= 10;
        in.scale--;
    }
    if (in.scale > KT_DEC_SCALE_MAX)
        return false;
    *out = (struct kt_dec){ in.unscaled, (uint8_t)in.scale };
    return true;
}

static enum kt_rc check_info(struct kt_erp *erp, const struct kt_nav_info *info, struct kt_arena *a,
                             struct kt_err *e)
{
    if (!kt_str_is(info->contract, contract))
        return kt_fail(
            e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_NOT_API, KT_P_TEXT("partner", erp->env->name),
            KT_P_TEXT("detail", kt_format(a, "contract version \"%s\"", info->contract.p)),
            KT_P_TEXT("expected", kt_format(a, "version %s", contract)));
    if (info->database.n == 0 || info->company.n == 0)
        return kt_nav_incomplete(erp, KT_RETRY, "Info", "neither database nor company is told", e);
    return KT_OK;
}

enum kt_rc kt_nav_service_info(struct kt_erp *erp, struct kt_nav_info *info, struct kt_arena *a,
                               struct kt_err *e)
{
    struct navinfo__KontorInfo empty = { 0 };
    struct _nav__Info q = { .info = &empty };
    struct _nav__Info_Result r = { 0 };
    struct kt_nav_call call = kt_nav_call_begin(erp, "Info", false, a);
    int status = soap_call___nav__Info(call.ctx, KT_NAV_ENDPOINT, call.action, &q, &r);
    enum kt_rc rc = kt_nav_call_settle(erp, &call, status, NULL, NULL, a, e);
    struct kt_dec most = { 0 };
    *info = (struct kt_nav_info){ 0 };
    if (rc == KT_OK && r.info == NULL)
        rc = kt_nav_incomplete(erp, KT_RETRY, "Info", "an answer without its content", e);
    if (rc != KT_OK || r.info == NULL)
        goto out;
    info->contract = kt_nav_taken(r.info->Contract, a);
    info->database = kt_nav_taken(r.info->Database, a);
    info->company = kt_nav_taken(r.info->Company, a);
    info->server_instance = kt_nav_taken(r.info->ServerInstance, a);
    info->nav_version = kt_nav_taken(r.info->NavVersion, a);
    info->date_sample = kt_nav_taken(r.info->DateSample, a);
    info->lcy = kt_nav_taken(r.info->LcyCode, a);
    info->has_key_table = kt_nav_is_true(r.info->KeyTable);
    if (kt_nav_number(&most, r.info->MaxCallS) && most.scale == 0 && most.units > 0 &&
        most.units <= MAX_CALL_S)
        info->max_call_s = most.units;
    rc = check_info(erp, info, a, e);
out:
    kt_nav_call_done(erp);
    return rc;
}

/* The company is half of the identity: an address without it silently means the default one, and
 * orders would go into another company's books. The server instance is not: sites move it. */
enum kt_rc kt_nav_identify(struct kt_erp *erp, struct kt_identity *who, enum kt_grade *grade,
                           unsigned *server_limit_s, struct kt_arena *a, struct kt_err *e)
{
    struct kt_nav_info info;
    enum kt_rc rc = kt_nav_service_info(erp, &info, a, e);
    if (rc != KT_OK)
        return rc;
    who->text = kt_format(a, "%s @ %s", info.company.p, info.database.p);
    who->version =
        kt_format(a, "%s, instance %s, contract %s%s", info.nav_version.p, info.server_instance.p,
                  info.contract.p, info.has_key_table ? "" : ", key table cannot be written");
    *grade = info.has_key_table ? KT_GRADE_KEY : KT_GRADE_NONE;
    *server_limit_s = (unsigned)info.max_call_s;
    return KT_OK;
}
