/* The talks with SAP: one SOAP call each, through the wrapper's functions. Session's thread; called
 * by adapter.c. Nothing is repeated here: a verdict says what may be done next. */
#include "call.h"

#include <string.h>

#include "decode.h"
#include "encode.h"
#include "generated/erp_sap/sapNs.h"

static const char endpoint[] = "http://memory/"; /* gSOAP wants one; the HTTP client has its own */

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

/* order: not NULL for the create. */
static enum kt_rc settle(struct kt_erp *erp, int status, const struct kt_order *order,
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

/* A failure row in the answer to a read. */
static enum kt_rc check_return(struct kt_erp *erp, const struct sap__ZKONTOR_T_RETURN *table,
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

static enum kt_rc incomplete(struct kt_erp *erp, enum kt_rc rc, const char *function,
                             const char *detail, struct kt_err *e)
{
    (void)kt_fail(e, rc, KT_ENDPOINT, KT_E_PARTNER_ANSWER_INCOMPLETE,
                  KT_P_TEXT("partner", erp->env->name), KT_P_TEXT("detail", detail));
    return kt_trail(e, "%s", function);
}

enum kt_rc kt_sap_info(struct kt_erp *erp, struct kt_identity *who, enum kt_grade *grade,
                       unsigned *server_limit_s, struct kt_arena *a, struct kt_err *e)
{
    struct _sap__Z_KONTOR_INFO q; /* has no members */
    struct _sap__Z_KONTOR_INFOResponse r = { 0 };
    struct soap *ctx = kt_soap_begin(erp->soap, false, a);
    int status = soap_call___sap__Z_KONTOR_INFO(ctx, endpoint, NULL, &q, &r);
    enum kt_rc rc = settle(erp, status, NULL, "Z_KONTOR_INFO", a, e);
    if (rc == KT_OK)
        rc = check_return(erp, r.RETURN, "Z_KONTOR_INFO", a, e);
    if (rc != KT_OK)
        goto out;
    struct kt_str wrapper = kt_sap_text(r.EV_WRAPPER, a);
    struct kt_str key_grade = kt_sap_text(r.EV_KEY_GRADE, a);
    if (!kt_str_is(wrapper, "1")) {
        rc = kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_NOT_API,
                     KT_P_TEXT("partner", erp->env->name),
                     KT_P_TEXT("detail", kt_format(a, "wrapper version \"%s\"", wrapper.p)),
                     KT_P_TEXT("expected", "version 1"));
        goto out;
    }
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

/* What the three feeds have in common behind their tables. */
struct page_end {
    const char *function;
    const char *token;
    const char *more;
    const char *snapshot;
    const struct sap__ZKONTOR_T_RETURN *messages;
};

/* *is_restart: SAP no longer knows the token; the page is empty and the next one starts over. */
static enum kt_rc end_page(struct kt_erp *erp, struct kt_page *page, const struct page_end *end,
                           bool *is_restart, struct kt_arena *a, struct kt_err *e)
{
    const struct sap__BAPIRET2 *row = kt_sap_failure(end->messages);
    *is_restart = row != NULL && page->token.n > 0 && kt_sap_is_message(row, "ZKONTOR", "002");
    if (*is_restart) {
        kt_log_warn(&erp->env->log, "token.refused", F_TEXT("function", end->function));
        page->next = KT_STR("");
        page->is_more = true;
        page->is_snapshot = false;
        return KT_OK;
    }
    enum kt_rc rc = check_return(erp, end->messages, end->function, a, e);
    if (rc != KT_OK)
        return rc;
    page->next = kt_sap_text(end->token, a);
    page->is_more = kt_sap_flag(end->more);
    page->is_snapshot = kt_sap_flag(end->snapshot);
    if (page->next.n == 0)
        return incomplete(erp, KT_RETRY, end->function, "a page without the token behind it", e);
    return KT_OK;
}

static struct kt_sap_source source_for(const struct kt_erp *erp, struct kt_page *page,
                                       struct kt_arena *a)
{
    page->changes = (struct kt_changes){ .arena = a };
    return (struct kt_sap_source){
        .scope = erp->env->scope, .pulled_us = kt_now_us(), .arena = a, .out = &page->changes
    };
}

enum kt_rc kt_sap_articles(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                           struct kt_err *e)
{
    struct kt_sap_source source = source_for(erp, page, a);
    struct _sap__Z_KONTOR_ARTICLES q = { kt_sap_send(page->token, 0, a), (int)page->max };
    struct _sap__Z_KONTOR_ARTICLESResponse r = { 0 };
    bool is_restart = false;
    struct soap *ctx = kt_soap_begin(erp->soap, false, a);
    int status = soap_call___sap__Z_KONTOR_ARTICLES(ctx, endpoint, NULL, &q, &r);
    enum kt_rc rc = settle(erp, status, NULL, "Z_KONTOR_ARTICLES", a, e);
    if (rc == KT_OK) {
        struct page_end end = { "Z_KONTOR_ARTICLES", r.EV_TOKEN, r.EV_MORE, r.EV_SNAPSHOT,
                                r.RETURN };
        rc = end_page(erp, page, &end, &is_restart, a, e);
    }
    if (rc == KT_OK && !is_restart)
        kt_sap_decode_articles(&source, &r);
    kt_soap_done(erp->soap);
    return rc;
}

enum kt_rc kt_sap_prices(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                         struct kt_err *e)
{
    struct kt_sap_source source = source_for(erp, page, a);
    struct _sap__Z_KONTOR_PRICES q = { kt_sap_send(page->token, 0, a), (int)page->max };
    struct _sap__Z_KONTOR_PRICESResponse r = { 0 };
    bool is_restart = false;
    struct soap *ctx = kt_soap_begin(erp->soap, false, a);
    int status = soap_call___sap__Z_KONTOR_PRICES(ctx, endpoint, NULL, &q, &r);
    enum kt_rc rc = settle(erp, status, NULL, "Z_KONTOR_PRICES", a, e);
    if (rc == KT_OK) {
        struct page_end end = { "Z_KONTOR_PRICES", r.EV_TOKEN, r.EV_MORE, r.EV_SNAPSHOT, r.RETURN };
        rc = end_page(erp, page, &end, &is_restart, a, e);
    }
    if (rc == KT_OK && !is_restart)
        kt_sap_decode_prices(&source, &r);
    kt_soap_done(erp->soap);
    return rc;
}

enum kt_rc kt_sap_stock(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                        struct kt_err *e)
{
    struct kt_sap_source source = source_for(erp, page, a);
    struct _sap__Z_KONTOR_STOCK q = { kt_sap_send(page->token, 0, a), (int)page->max };
    struct _sap__Z_KONTOR_STOCKResponse r = { 0 };
    bool is_restart = false;
    struct soap *ctx = kt_soap_begin(erp->soap, false, a);
    int status = soap_call___sap__Z_KONTOR_STOCK(ctx, endpoint, NULL, &q, &r);
    enum kt_rc rc = settle(erp, status, NULL, "Z_KONTOR_STOCK", a, e);
    if (rc == KT_OK) {
        struct page_end end = { "Z_KONTOR_STOCK", r.EV_TOKEN, r.EV_MORE, r.EV_SNAPSHOT, r.RETURN };
        rc = end_page(erp, page, &end, &is_restart, a, e);
    }
    if (rc == KT_OK && !is_restart)
        kt_sap_decode_stock(&source, &r);
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
        return incomplete(erp, KT_UNSURE, function,
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
    enum kt_rc rc = settle(erp, status, order, "Z_KONTOR_ORDER_CREATE", a, e);
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
        return check_return(erp, table, "Z_KONTOR_ORDER_FIND", a, e);
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
    enum kt_rc rc = settle(erp, status, NULL, function, a, e);
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
        rc = incomplete(erp, KT_RETRY, function, "an unknown state", e);
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
    enum kt_rc rc = settle(erp, status, NULL, function, a, e);
    if (rc == KT_OK)
        rc = check_return(erp, r.RETURN, function, a, e);
    if (rc == KT_OK)
        kt_sap_decode_customers(r.ET_CUSTOMER, match, count, a);
    kt_soap_done(erp->soap);
    return rc;
}
