/* Orders and customers: one call of the codeunit each. Session's thread; called by adapter.c.
 * Nothing is repeated here: a verdict says what may be done next. */
#include "service_encode.h"
#include "service_inner.h"
#include "verdict.h"

/* The key was used, but its document is neither open nor posted any more: somebody deleted it.
 * Neither found nor absent: booking it again would be a second order, so a person decides. */
static enum kt_rc gone(const char *order, const char *operation, struct kt_err *e)
{
    (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_REFUSED, KT_P_TEXT("order", order),
                  KT_P_TEXT("message", "the document of this order was deleted in NAV"),
                  KT_P_TEXT("id", "GONE"), KT_P_TEXT("number", ""));
    return kt_trail(e, "%s", operation);
}

/* The state decides; what contradicts it is settled by a look-up alone. */
static enum kt_rc read_created(struct kt_erp *erp, const struct navbooked__KontorBooking *in,
                               const struct kt_order *order, struct kt_booking *booked,
                               struct kt_arena *a, struct kt_err *e)
{
    static const char operation[] = "CreateOrder";
    if (in == NULL)
        return kt_nav_incomplete(erp, KT_UNSURE, operation, "an answer without its content", e);
    struct kt_str state = kt_nav_taken(in->State, a);
    struct kt_str number = kt_nav_taken(in->OrderNo, a);
    if (kt_str_is(state, "GONE"))
        return gone(order->number.p, operation, e);
    if (!kt_str_is(state, "BOOKED") && !kt_str_is(state, "EXISTS") && !kt_str_is(state, "BLOCKED"))
        return kt_nav_incomplete(
            erp, KT_UNSURE, operation,
            number.n > 0 ? "a document and no state that says so" : "an unknown state", e);
    return kt_nav_decode_booking(booked, in, order, erp->env->name, KT_UNSURE, a, e);
}

enum kt_rc kt_nav_order_create(struct kt_erp *erp, const char *our_key,
                               const struct kt_order *order, const struct kt_order_terms *terms,
                               struct kt_booking *booked, struct kt_arena *a, struct kt_err *e)
{
    struct navorder__KontorOrder sent;
    struct navbooked__KontorBooking empty = { 0 };
    struct _nav__CreateOrder q = { kt_text_copy(a, our_key), &sent, &empty };
    struct _nav__CreateOrder_Result r = { 0 };
    enum kt_rc rc = kt_nav_check_accounts(erp->conf, order, e);
    if (rc == KT_OK)
        rc = kt_nav_units_load(erp, e);
    if (rc != KT_OK)
        return rc;
    kt_nav_encode_order(&sent, erp, order, terms, a);
    struct kt_nav_call call = kt_nav_call_begin(erp, "CreateOrder", true, a);
    int status = soap_call___nav__CreateOrder(call.ctx, KT_NAV_ENDPOINT, call.action, &q, &r);
    rc = kt_nav_call_settle(erp, &call, status, order, NULL, a, e);
    if (rc == KT_OK)
        rc = read_created(erp, r.booking, order, booked, a, e);
    kt_nav_call_done(erp);
    return rc;
}

static enum kt_rc read_found(struct kt_erp *erp, const struct navbooked__KontorBooking *in,
                             const char *our_key, enum kt_found *found, struct kt_booking *booked,
                             struct kt_arena *a, struct kt_err *e)
{
    static const char operation[] = "FindOrder";
    struct kt_str state = in != NULL ? kt_nav_taken(in->State, a) : KT_STR("");
    struct kt_str number = in != NULL ? kt_nav_taken(in->OrderNo, a) : KT_STR("");
    if (kt_str_is(state, "FOUND") || kt_str_is(state, "BLOCKED")) {
        *found = KT_FOUND;
        return kt_nav_decode_booking(booked, in, NULL, erp->env->name, KT_RETRY, a, e);
    }
    if (kt_str_is(state, "GONE"))
        return gone(our_key, operation, e);
    if (kt_str_is(state, "PENDING")) {
        *found = KT_PENDING;
        return KT_OK;
    }
    if (!kt_str_is(state, "ABSENT"))
        return kt_nav_incomplete(erp, KT_RETRY, operation, "an unknown state", e);
    if (number.n > 0)
        return kt_nav_incomplete(erp, KT_RETRY, operation, "an absent order with a number", e);
    *found = KT_ABSENT;
    return KT_OK;
}

/* The look-up waits for a create that is still running, as long as SQL Server's lock timeout says;
 * when that is over, the create still runs. */
enum kt_rc kt_nav_order_find(struct kt_erp *erp, const char *our_key, enum kt_found *found,
                             struct kt_booking *booked, struct kt_arena *a, struct kt_err *e)
{
    struct navbooked__KontorBooking empty = { 0 };
    struct _nav__FindOrder q = { kt_text_copy(a, our_key), &empty };
    struct _nav__FindOrder_Result r = { 0 };
    struct kt_soap_fault fault = { 0 };
    struct kt_nav_call call = kt_nav_call_begin(erp, "FindOrder", false, a);
    int status = soap_call___nav__FindOrder(call.ctx, KT_NAV_ENDPOINT, call.action, &q, &r);
    enum kt_rc rc = kt_nav_call_settle(erp, &call, status, NULL, &fault, a, e);
    if (rc == KT_OK) {
        rc = read_found(erp, r.booking, our_key, found, booked, a, e);
    } else if (fault.is_fault && kt_nav_fault_kind(&fault) == KT_NAV_FAULT_LOCK) {
        kt_err_clear(e);
        *found = KT_PENDING;
        rc = KT_OK;
    }
    kt_nav_call_done(erp);
    return rc;
}

static struct kt_str matched_by(const char *text, struct kt_arena *a)
{
    struct kt_str s = kt_nav_taken(text, a);
    if (kt_str_is(s, "email"))
        return KT_STR("email");
    return kt_str_is(s, "vat_id") ? KT_STR("vat_id") : KT_STR("name");
}

static void read_customers(const struct navcustomer__KontorCustomers *in,
                           struct kt_customer_match **match, size_t *count, struct kt_arena *a)
{
    size_t n = in->__sizeCustomer > 0 ? (size_t)in->__sizeCustomer : 0;
    *match = KT_NEW_ARRAY(a, n + 1, struct kt_customer_match);
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        struct kt_str number = kt_nav_taken(in->Customer[i].No, a);
        if (number.n == 0)
            continue; /* nobody to book on */
        (*match)[(*count)++] =
            (struct kt_customer_match){ .number = number,
                                        .matched_by = matched_by(in->Customer[i].MatchedBy, a),
                                        .is_blocked = kt_nav_is_true(in->Customer[i].Blocked) };
    }
}

enum kt_rc kt_nav_customer_find(struct kt_erp *erp, const struct kt_order *order,
                                struct kt_customer_match **match, size_t *count, struct kt_arena *a,
                                struct kt_err *e)
{
    struct navcustomer__KontorCustomers empty = { 0 };
    struct _nav__FindCustomers q = { .customers = &empty };
    struct _nav__FindCustomers_Result r = { 0 };
    struct kt_soap_fault fault = { 0 };
    kt_nav_encode_search(&q, erp->conf, order, a);
    struct kt_nav_call call = kt_nav_call_begin(erp, "FindCustomers", false, a);
    int status = soap_call___nav__FindCustomers(call.ctx, KT_NAV_ENDPOINT, call.action, &q, &r);
    enum kt_rc rc = kt_nav_call_settle(erp, &call, status, NULL, &fault, a, e);
    *count = 0;
    if (fault.is_fault && kt_nav_fault_kind(&fault) == KT_NAV_FAULT_FILTER) {
        /* what one buyer calls himself must not hold all the others: he is nobody whom NAV knows.
         * The fault's text may quote him. */
        kt_log_warn(&erp->env->log, "customer.unsought", F_STR("order", order->number),
                    F_STR("fault", fault.code));
        kt_err_clear(e);
        rc = KT_OK;
        goto out;
    }
    if (rc == KT_OK && r.customers == NULL)
        rc = kt_nav_incomplete(erp, KT_RETRY, call.operation, "an answer without its content", e);
    if (rc == KT_OK && r.customers != NULL)
        read_customers(r.customers, match, count, a);
out:
    kt_nav_call_done(erp);
    return rc;
}
