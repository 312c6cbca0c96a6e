/* Who SAP is, orders and customers: one SOAP call each, through the wrapper's functions. Session's
 * thread; called by adapter.c. Nothing is repeated here: a verdict says what may be done next. */
#include "call.h"

#include <string.h>

#include "contract.h"
#include "decode.h"
#include "encode.h"
#include "generated/erp_sap/sapNs.h"
#include "read.h"
#include "verdict.h"

static const char endpoint[] = "http://memory/"; /* gSOAP wants one; the HTTP client has its own */

static enum kt_rc check_version(struct kt_erp *erp, struct kt_str wrapper, struct kt_arena *a,
                                struct kt_err *e)
{
    int64_t theirs = kt_sap_version(wrapper);
    erp->version = theirs;
    if (theirs >= KT_SAP_CONTRACT_FIRST && theirs <= KT_SAP_CONTRACT)
        return KT_OK;
    if (theirs == 0)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_NOT_API,
                       KT_P_TEXT("partner", erp->env->name),
                       KT_P_TEXT("detail", kt_format(a, "wrapper version \"%s\"", wrapper.p)),
                       KT_P_TEXT("expected", kt_format(a, "version %d", KT_SAP_CONTRACT)));
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT,
                   theirs < KT_SAP_CONTRACT ? KT_E_CONTRACT_OLDER : KT_E_CONTRACT_NEWER,
                   KT_P_TEXT("service", erp->env->name), KT_P_NUM("ours", KT_SAP_CONTRACT),
                   KT_P_NUM("theirs", theirs));
}

enum kt_rc kt_sap_info(struct kt_erp *erp, struct kt_identity *who, enum kt_grade *grade,
                       unsigned *server_limit_s, struct kt_arena *a, struct kt_err *e)
{
    struct _sap__Z_KONTOR_INFO q; /* has no members */
    struct _sap__Z_KONTOR_INFOResponse r = { 0 };
    struct soap *ctx = kt_soap_begin(erp->soap, false, a);
    int status = soap_call___sap__Z_KONTOR_INFO(ctx, endpoint, NULL, &q, &r);
    enum kt_rc rc = kt_sap_settle(erp, status, NULL, "Z_KONTOR_INFO", a, e);
    if (rc == KT_OK)
        rc = kt_sap_check_return(erp, r.RETURN, "Z_KONTOR_INFO", a, e);
    if (rc != KT_OK)
        goto out;
    struct kt_str wrapper = kt_sap_text(r.EV_WRAPPER, a);
    struct kt_str key_grade = kt_sap_text(r.EV_KEY_GRADE, a);
    rc = check_version(erp, wrapper, a, e);
    if (rc != KT_OK)
        goto out;
    who->text = kt_format(a, "%s/%s", kt_sap_text(r.EV_SYSID, a).p, kt_sap_text(r.EV_CLIENT, a).p);
    who->version = kt_format(a, "%s, wrapper %s", kt_sap_text(r.EV_RELEASE, a).p, wrapper.p);
    *grade = kt_str_is(key_grade, "K")   ? KT_GRADE_KEY
             : kt_str_is(key_grade, "L") ? KT_GRADE_LOOKUP
                                         : KT_GRADE_NONE;
    *server_limit_s = r.EV_MAX_WORK_S > 0 ? (unsigned)r.EV_MAX_WORK_S : 0;
out:
    kt_soap_done(erp->soap);
    return rc;
}

/* The state decides; a failure row beside a booking is a contradiction that only a look-up solves.
 */
static enum kt_rc read_created(struct kt_erp *erp,
                               const struct _sap__Z_KONTOR_ORDER_CREATEResponse *r,
                               const struct kt_order *order, struct kt_booking *booked,
                               struct kt_arena *a, struct kt_err *e)
{
    static const char function[] = "Z_KONTOR_ORDER_CREATE";
    const struct sap__BAPIRET2 *failure = kt_sap_failure(r->RETURN);
    struct kt_str state = kt_sap_text(r->EV_STATE, a);
    bool is_booked = kt_str_is(state, "BOOKED") || kt_str_is(state, "EXISTS");
    struct kt_sap_booked in = { r->EV_ORDER, r->EV_BLOCKED,  r->ES_TOTAL, r->ET_LINE,
                                order,       erp->env->name, KT_UNSURE };
    if (kt_str_is(state, "RUNNING"))
        return kt_fail(e, KT_UNSURE, KT_RECORD, KT_E_ORDER_STILL_RUNNING,
                       KT_P_TEXT("order", order->number.p));
    if (failure != NULL && state.n == 0 && kt_sap_text(r->EV_ORDER, a).n == 0)
        return kt_sap_refused(r->RETURN, order, erp->env->name, e);
    if (failure != NULL || !is_booked)
        return kt_sap_incomplete(erp, KT_UNSURE, function,
                                 failure != NULL ? "a booking and a failure at once"
                                                 : "neither a booking nor a message",
                                 e);
    return kt_sap_decode_booking(booked, &in, a, e);
}

enum kt_rc kt_sap_order_create(struct kt_erp *erp, const char *our_key,
                               const struct kt_order *order, const struct kt_order_terms *terms,
                               struct kt_booking *booked, struct kt_arena *a, struct kt_err *e)
{
    struct _sap__Z_KONTOR_ORDER_CREATE q;
    struct _sap__Z_KONTOR_ORDER_CREATEResponse r = { 0 };
    kt_sap_encode_order(&q, erp->conf, our_key, order, terms, a);
    struct soap *ctx = kt_soap_begin(erp->soap, true, a);
    int status = soap_call___sap__Z_KONTOR_ORDER_CREATE(ctx, endpoint, NULL, &q, &r);
    enum kt_rc rc = kt_sap_settle(erp, status, order, "Z_KONTOR_ORDER_CREATE", a, e);
    if (rc == KT_OK)
        rc = read_created(erp, &r, order, booked, a, e);
    kt_soap_done(erp->soap);
    return rc;
}

static void warn_of_doubles(const struct kt_erp *erp, const struct sap__ZKONTOR_T_RETURN *table,
                            const char *our_key)
{
    for (int i = 0; table != NULL && i < table->__sizeitem; i++) {
        if (kt_sap_is_message(&table->item[i], "ZKONTOR", "015"))
            kt_log_error(&erp->env->log, "order.doubled", F_TEXT("our_key", our_key));
    }
}

/* 019: the key was used, but its document is archived or deleted. Neither found nor absent: booking
 * it again would be a second order, so a person decides. */
static enum kt_rc check_found(struct kt_erp *erp, const struct sap__ZKONTOR_T_RETURN *table,
                              const char *our_key, struct kt_arena *a, struct kt_err *e)
{
    const struct sap__BAPIRET2 *row = kt_sap_failure(table);
    if (row == NULL || !kt_sap_is_message(row, "ZKONTOR", "019"))
        return kt_sap_check_return(erp, table, "Z_KONTOR_ORDER_FIND", a, e);
    (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_REFUSED, KT_P_TEXT("order", our_key),
                  KT_P_TEXT("message", kt_sap_text(row->MESSAGE, a).p), KT_P_TEXT("id", row->ID),
                  KT_P_TEXT("number", row->NUMBER));
    return kt_trail(e, "Z_KONTOR_ORDER_FIND");
}

enum kt_rc kt_sap_order_find(struct kt_erp *erp, const char *our_key, enum kt_found *found,
                             struct kt_booking *booked, struct kt_arena *a, struct kt_err *e)
{
    static const char function[] = "Z_KONTOR_ORDER_FIND";
    struct _sap__Z_KONTOR_ORDER_FIND q = { kt_text_copy(a, our_key) };
    struct _sap__Z_KONTOR_ORDER_FINDResponse r = { 0 };
    struct soap *ctx = kt_soap_begin(erp->soap, false, a);
    int status = soap_call___sap__Z_KONTOR_ORDER_FIND(ctx, endpoint, NULL, &q, &r);
    enum kt_rc rc = kt_sap_settle(erp, status, NULL, function, a, e);
    if (rc == KT_OK)
        rc = check_found(erp, r.RETURN, our_key, a, e);
    if (rc != KT_OK)
        goto out;
    struct kt_str state = kt_sap_text(r.EV_STATE, a);
    if (kt_str_is(state, "FOUND")) {
        struct kt_sap_booked in = { r.EV_ORDER, r.EV_BLOCKED,   r.ES_TOTAL, r.ET_LINE,
                                    NULL,       erp->env->name, KT_RETRY };
        warn_of_doubles(erp, r.RETURN, our_key);
        *found = KT_FOUND;
        rc = kt_sap_decode_booking(booked, &in, a, e);
    } else if (kt_str_is(state, "PENDING")) {
        *found = KT_PENDING;
    } else if (kt_str_is(state, "ABSENT")) {
        *found = KT_ABSENT;
    } else {
        rc = kt_sap_incomplete(erp, KT_RETRY, function, "an unknown state", e);
    }
out:
    kt_soap_done(erp->soap);
    return rc;
}

enum kt_rc kt_sap_customer_find(struct kt_erp *erp, const struct kt_order *order,
                                struct kt_customer_match **match, size_t *count, struct kt_arena *a,
                                struct kt_err *e)
{
    static const char function[] = "Z_KONTOR_CUSTOMER_FIND";
    struct _sap__Z_KONTOR_CUSTOMER_FIND q = { 0 };
    struct _sap__Z_KONTOR_CUSTOMER_FINDResponse r = { 0 };
    kt_sap_encode_search(&q, order, a);
    struct soap *ctx = kt_soap_begin(erp->soap, false, a);
    int status = soap_call___sap__Z_KONTOR_CUSTOMER_FIND(ctx, endpoint, NULL, &q, &r);
    enum kt_rc rc = kt_sap_settle(erp, status, NULL, function, a, e);
    if (rc == KT_OK)
        rc = kt_sap_check_return(erp, r.RETURN, function, a, e);
    if (rc == KT_OK)
        kt_sap_decode_customers(r.ET_CUSTOMER, match, count, a);
    kt_soap_done(erp->soap);
    return rc;
}
