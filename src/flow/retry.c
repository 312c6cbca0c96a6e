/* What "retry" means for each subject of an exception. Called by the command line, later by the
 * panel. */
#include "flow/retry.h"

#include <string.h>

#include "flow/intake.h"
#include "flow/order_states.h"
#include "store/deliveries.h"
#include "store/facts.h"
#include "store/orders.h"

/* "price sap-800|SKU-1" -> unit and key. */
static bool split_subject(struct kt_str subject, struct kt_arena *a, const char **unit,
                          struct kt_str *key)
{
    const char *blank = memchr(subject.p, ' ', subject.n);
    if (blank == NULL)
        return false;
    size_t n = (size_t)(blank - subject.p);
    *unit = kt_str_copy(a, kt_str_part(subject, 0, n)).p;
    *key = kt_str_copy(a, kt_str_part(subject, n + 1, subject.n));
    return true;
}

static enum kt_rc retry_delivery(struct kt_work *w, const struct kt_exception *x, bool *found,
                                 struct kt_err *e)
{
    const char *unit = NULL;
    struct kt_str key = { 0 };
    *found = split_subject(x->key, w->arena, &unit, &key);
    if (!*found)
        return KT_OK;
    return kt_delivery_retry(w->db, x->endpoint.p, unit, key, kt_now_us(), found, e);
}

/* Where the order goes on; most are only made due again. */
static enum kt_order_state goes_on_in(enum kt_order_state state)
{
    if (state == KT_ORDER_HELD)
        return KT_ORDER_NEW;
    return state == KT_ORDER_TOLD_BLOCKED ? KT_ORDER_RECHECK : state;
}

static enum kt_rc close_it(struct kt_work *w, const struct kt_exception *x, struct kt_err *e)
{
    return kt_exception_close(w->db, x->subject, x->endpoint.p, x->key, kt_now_us(), e);
}

/* The shop need not list it again: only its text could not be read. Closes when it can be. */
static enum kt_rc fetch_again(struct kt_work *w, const struct kt_exception *x, const char **what,
                              struct kt_err *e)
{
    for (size_t i = 0; i < KT_PARAMS && x->v.param[i].name != NULL; i++) {
        if (strcmp(x->v.param[i].name, "id") != 0)
            continue;
        *what = "the order is fetched again";
        return kt_hint_put(w->db, x->endpoint.p, kt_str_of(x->v.param[i].value), kt_now_us(), e);
    }
    *what = "closed; the order is read again when the shop changes it";
    return close_it(w, x, e);
}

static enum kt_rc retry_order(struct kt_work *w, const struct kt_exception *x, const char **what,
                              struct kt_err *e)
{
    struct kt_order_row row = { 0 };
    bool is_there = false;
    bool was_ours = false;
    enum kt_order_state state = KT_ORDER_NEW;
    enum kt_rc rc = kt_order_get(w->db, x->key, &row, &is_there, w->arena, e);
    if (rc != KT_OK)
        return rc;
    if (!is_there) {
        *what = "closed; there is no such order";
        return close_it(w, x, e);
    }
    if (!kt_order_state_find(&state, row.state))
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_INTERNAL,
                       KT_P_TEXT("detail", "an order is in a state that does not exist"));
    bool is_told = state != KT_ORDER_BOOKED && state != KT_ORDER_BOOKED_BLOCKED;
    if (state == KT_ORDER_TOLD || state == KT_ORDER_REJECTED ||
        (strcmp(x->subject, "tell") == 0 && is_told)) {
        *what = "closed as settled by hand";
        return close_it(w, x, e);
    }
    if (state == KT_ORDER_HELD)
        row.sent_us = 0; /* a person says that nothing of it is in the ERP */
    row.state = kt_str_of(kt_order_state_name(goes_on_in(state)));
    row.due_us = kt_now_us();
    row.attempts = 0;
    rc = kt_order_write(w->db, &row, kt_order_state_name(state), 0, "retry", row.due_us, &was_ours,
                        e);
    *what = was_ours ? "tried again now" : "being worked on right now; look again in a minute";
    return rc;
}

/* The head of the order's facts is the one that is stuck. */
static enum kt_rc retry_ship(struct kt_work *w, const struct kt_exception *x, const char **what,
                             struct kt_err *e)
{
    struct kt_fact *fact = NULL;
    size_t count = 0;
    size_t at = 0;
    bool was_ours = false;
    enum kt_rc rc = kt_facts_of(w->db, x->key, &fact, &count, w->arena, e);
    while (at < count && fact[at].is_done)
        at++;
    if (rc != KT_OK)
        return rc;
    if (at == count) {
        *what = "closed; the shop knows all its deliveries";
        return close_it(w, x, e);
    }
    fact[at].token = 0;
    fact[at].due_us = kt_now_us();
    fact[at].attempts = 0;
    rc = kt_fact_write(w->db, &fact[at], fact[at].due_us, &was_ours, e);
    *what = was_ours ? "tried again now" : "being worked on right now; look again in a minute";
    return rc;
}

/* Of subjects that nothing can be done for but to close them. */
static const char *closing_words(const char *subject)
{
    static const struct {
        const char *subject;
        const char *words;
    } all[] = {
        { "change", "closed as settled by hand" },
        { "record", "closed; the corrected record comes with the next pull, or with sync --full" },
        { "ownership", "closed; it shows up again if the source still says what another leads" },
        { "reconcile", "closed; the next comparison opens it again if something still differs" },
        { "run", "closed; the next run opens it again if it still fails" },
        { "certificate", "closed; it opens again as long as the certificate is about to end" },
        { "paper",
          "closed; it opens again as long as nothing follows the certificate, or its source "
          "is silent" },
        { "clock", "closed; it opens again as long as the clock is wrong" },
        { "document", "closed; it opens again when something else of it is wrong or differs" },
        { "weak", "closed; it opens again with the next message that is signed by SHA-1" },
    };
    for (size_t i = 0; i < KT_COUNT(all); i++) {
        if (strcmp(subject, all[i].subject) == 0)
            return all[i].words;
    }
    return "closed; the endpoint is tried by itself and shows up again if it still fails";
}

/* What a partner brought is asked of nobody. */
static bool was_brought(const struct kt_exception *x)
{
    return strcmp(x->subject, "record") == 0 && x->trail.p != NULL &&
           strstr(x->trail.p, KT_BROUGHT_BY) != NULL;
}

static enum kt_rc retry(struct kt_work *w, const struct kt_exception *x, const char **what,
                        struct kt_err *e)
{
    if (strcmp(x->subject, "delivery") == 0) {
        bool found = false;
        enum kt_rc rc = retry_delivery(w, x, &found, e);
        *what = found ? "tried again now" : "closed; there is nothing left to send";
        if (rc == KT_OK && !found)
            rc = close_it(w, x, e);
        return rc;
    }
    if (strcmp(x->subject, "adopt") == 0) { /* a person says: go on as with any other */
        bool found = false;
        enum kt_rc rc = close_it(w, x, e);
        *what = "no longer held back; sent as the ERP has it";
        return rc == KT_OK ? retry_delivery(w, x, &found, e) : rc;
    }
    if (strcmp(x->subject, "order") == 0 || strcmp(x->subject, "tell") == 0)
        return retry_order(w, x, what, e);
    if (strcmp(x->subject, "ship") == 0)
        return retry_ship(w, x, what, e);
    if (strcmp(x->subject, "incoming") == 0)
        return fetch_again(w, x, what, e);
    if (x->v.code == KT_E_RUN_HELD || x->v.code == KT_E_RUN_HELD_PRICES) {
        *what = "left open; `kontor held approve` or `kontor held discard` decides";
        return KT_OK;
    }
    *what = was_brought(x) ? "closed; the corrected record comes when its sender sends it again"
                           : closing_words(x->subject);
    return close_it(w, x, e);
}

enum kt_rc kt_retry_exception(struct kt_work *w, const struct kt_exception *x, const char **what,
                              struct kt_err *e)
{
    *what = "";
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = retry(w, x, what, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}
