/* What an answer that is no plain success means: faults, failure rows, missing parts. No network;
 * called by call.c and feed.c on the session's thread. */
#include "verdict.h"

#include <string.h>

#include "read.h"

/* "… Transaction ID 00163EAA…)": what SAP's administrator searches the error log for. */
static struct kt_str transaction_of(struct kt_str text)
{
    static const char mark[] = "Transaction ID ";
    const char *hit = text.p != NULL ? strstr(text.p, mark) : NULL;
    size_t n = 0;
    if (hit == NULL)
        return KT_STR("");
    hit += sizeof mark - 1;
    while ((hit[n] >= '0' && hit[n] <= '9') || (hit[n] >= 'A' && hit[n] <= 'F'))
        n++;
    return (struct kt_str){ hit, n < 64 ? n : 64 };
}

/* Text of the first element of that name in the fault's raw detail; "" when there is none. */
static const char *detail_text(struct kt_str detail, const char *name, struct kt_arena *a)
{
    const char *open = kt_format(a, "<%s>", name);
    const char *hit = strstr(detail.p, open);
    if (hit == NULL)
        return "";
    hit += strlen(open);
    return kt_format(a, "%.*s", (int)strcspn(hit, "<"), hit);
}

/* A fault is one of three things: the exception of a function (our data, nothing booked), a request
 * that was not understood (nothing ran), or the general sentence, after which anything may be. */
static enum kt_rc judge_fault(struct kt_erp *erp, const struct kt_soap_fault *fault,
                              const struct kt_order *order, const char *function,
                              struct kt_arena *a, struct kt_err *e)
{
    struct kt_str transaction = transaction_of(fault->text);
    /* of the function itself: gateways have exceptions of their own, after which anything may be */
    bool is_exception = strstr(fault->detail.p, kt_format(a, "%s.Exception", function)) != NULL;
    bool is_unread = kt_str_is(fault->code, "Client") || kt_str_is(fault->code, "Sender");
    struct kt_param_in partner = KT_P_TEXT("partner", erp->env->name);
    struct kt_param_in status = KT_P_NUM("status", fault->status);

    kt_err_clear(e);
    if (order != NULL && is_exception)
        (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_REFUSED,
                      KT_P_TEXT("order", order->number.p), KT_P_PERSON("message", fault->text.p),
                      KT_P_TEXT("id", detail_text(fault->detail, "ID", a)),
                      KT_P_TEXT("number", detail_text(fault->detail, "Number", a)));
    else if (order != NULL)
        (void)kt_fail(e, is_unread ? KT_REJECT : KT_UNSURE, KT_RECORD, KT_E_PARTNER_FAULT, partner,
                      KT_P_TEXT("message", fault->text.p), status);
    else
        (void)kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_FAULT, partner,
                      KT_P_TEXT("message", fault->text.p), status);
    return kt_trail(e, "%s: fault %s, transaction %.*s", function, fault->code.p,
                    (int)transaction.n, transaction.n > 0 ? transaction.p : "-");
}

enum kt_rc kt_sap_settle(struct kt_erp *erp, int status, const struct kt_order *order,
                         const char *function, struct kt_arena *a, struct kt_err *e)
{
    struct kt_soap_fault fault;
    enum kt_rc rc = kt_soap_end(erp->soap, status, &fault, e);
    if (rc == KT_OK)
        return KT_OK;
    if (fault.is_fault)
        return judge_fault(erp, &fault, order, function, a, e);
    return kt_trail(e, "%s", function);
}

enum kt_rc kt_sap_check_return(struct kt_erp *erp, const struct sap__ZKONTOR_T_RETURN *table,
                               const char *function, struct kt_arena *a, struct kt_err *e)
{
    const struct sap__BAPIRET2 *row = kt_sap_failure(table);
    if (row == NULL)
        return KT_OK;
    struct kt_str message = kt_sap_text(row->MESSAGE, a);
    struct kt_str id = kt_sap_text(row->ID, a);
    struct kt_str number = kt_sap_text(row->NUMBER, a);
    (void)kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_FAULT,
                  KT_P_TEXT("partner", erp->env->name), KT_P_TEXT("message", message.p),
                  KT_P_NUM("status", 200));
    return kt_trail(e, "%s: %s %s", function, id.p, number.p);
}

enum kt_rc kt_sap_incomplete(struct kt_erp *erp, enum kt_rc rc, const char *function,
                             const char *detail, struct kt_err *e)
{
    (void)kt_fail(e, rc, KT_ENDPOINT, KT_E_PARTNER_ANSWER_INCOMPLETE,
                  KT_P_TEXT("partner", erp->env->name), KT_P_TEXT("detail", detail));
    return kt_trail(e, "%s", function);
}
