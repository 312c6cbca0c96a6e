/* One page of prices or of stock: one call of the codeunit each. Session's thread; called by
 * adapter.c. Nothing is repeated here: a verdict says what may be done next. */
#include "service_inner.h"
#include "verdict.h"

/* What both feeds have behind their rows. */
struct page_end {
    const char *operation;
    const char *next;
    const char *is_last;
    const char *total; /* empty or below zero: not counted yet */
    bool is_snapshot;
    bool has_changes; /* the last page's token begins a run of changes */
};

static bool is_flag(const char *text)
{
    return kt_nav_is_true(text) ||
           (text != NULL && kt_str_is(kt_str_trim(kt_str_of(text)), "false"));
}

static enum kt_rc end_page(struct kt_erp *erp, struct kt_page *page, const struct page_end *end,
                           struct kt_arena *a, struct kt_err *e)
{
    struct kt_dec total = { 0 };
    page->next = kt_nav_taken(end->next, a);
    page->is_snapshot = end->is_snapshot;
    page->has_total = false;
    page->begun_us = 0; /* NAV tells no instants: when we asked for the first page counts */
    if (kt_nav_taken(end->total, a).n > 0 &&
        (!kt_nav_number(&total, end->total) || total.scale > 0))
        return kt_nav_incomplete(erp, KT_RETRY, end->operation, "a total that is no number", e);
    page->has_total = end->is_snapshot && kt_nav_taken(end->total, a).n > 0 && total.units >= 0;
    page->total = page->has_total ? total.units : 0;
    if (!is_flag(end->is_last))
        return kt_nav_incomplete(erp, KT_RETRY, end->operation,
                                 "a page that does not say whether it is the last one", e);
    page->is_more = !kt_nav_is_true(end->is_last);
    if (end->is_snapshot && !page->is_more && !page->has_total)
        return kt_nav_incomplete(erp, KT_RETRY, end->operation,
                                 "a walk that does not say how much it held", e);
    if (page->next.n == 0 && (page->is_more || end->has_changes))
        return kt_nav_incomplete(erp, KT_RETRY, end->operation,
                                 "a page without the token behind it", e);
    if (page->is_more && kt_str_eq(page->next, page->token))
        return kt_nav_incomplete(erp, KT_RETRY, end->operation, "a page that leads to itself", e);
    return KT_OK;
}

/* NAV no longer understands where we were (another version of the codeunit, a database that was
 * restored): the page is empty and the next one starts over. */
static bool is_token_refused(const struct kt_page *page, const struct kt_soap_fault *fault,
                             struct kt_arena *a)
{
    return page->token.n > 0 && fault->is_fault &&
           kt_str_is(kt_nav_bracket(fault->text, a), "K002");
}

static void start_over(struct kt_erp *erp, struct kt_page *page, const char *operation,
                       struct kt_err *e)
{
    kt_log_warn(&erp->env->log, "token.refused", F_TEXT("function", operation));
    kt_err_clear(e);
    page->next = KT_STR("");
    page->is_more = true;
    page->is_snapshot = false;
    page->has_total = false;
    page->begun_us = 0;
}

static char *token_of(const struct kt_page *page, struct kt_arena *a)
{
    return kt_format(a, "%.*s", (int)page->token.n, page->token.n > 0 ? page->token.p : "");
}

static struct kt_nav_source source_for(const struct kt_erp *erp, struct kt_page *page,
                                       struct kt_arena *a)
{
    page->changes = (struct kt_changes){ .arena = a };
    return (struct kt_nav_source){ .erp = erp,
                                   .scope = erp->env->scope,
                                   .pulled_us = kt_now_us(),
                                   .arena = a,
                                   .out = &page->changes };
}

enum kt_rc kt_nav_prices(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                         struct kt_err *e)
{
    struct navprice__KontorPrices empty = { 0 };
    struct _nav__ReadPrices q = { token_of(page, a), (int)page->max, &empty };
    struct _nav__ReadPrices_Result r = { 0 };
    struct kt_soap_fault fault = { 0 };
    struct kt_nav_source source = source_for(erp, page, a);
    enum kt_rc rc = kt_nav_units_load(erp, e);
    if (rc != KT_OK)
        return rc;
    struct kt_nav_call call = kt_nav_call_begin(erp, "ReadPrices", false, a);
    int status = soap_call___nav__ReadPrices(call.ctx, KT_NAV_ENDPOINT, call.action, &q, &r);
    rc = kt_nav_call_settle(erp, &call, status, NULL, &fault, a, e);
    if (rc != KT_OK && is_token_refused(page, &fault, a)) {
        start_over(erp, page, call.operation, e);
        rc = KT_OK;
        goto out;
    }
    if (rc == KT_OK && r.prices == NULL)
        rc = kt_nav_incomplete(erp, KT_RETRY, call.operation, "an answer without its content", e);
    if (rc != KT_OK || r.prices == NULL)
        goto out;
    struct page_end end = { .operation = call.operation,
                            .next = r.prices->NextAfter,
                            .is_last = r.prices->IsLast,
                            .total = r.prices->Total,
                            .is_snapshot = true };
    rc = end_page(erp, page, &end, a, e);
    if (rc == KT_OK)
        kt_nav_decode_prices(&source, r.prices);
out:
    kt_nav_call_done(erp);
    return rc;
}

enum kt_rc kt_nav_stock(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                        struct kt_err *e)
{
    struct navstock__KontorStock empty = { 0 };
    struct _nav__ReadStock q = { token_of(page, a), (int)page->max, &empty };
    struct _nav__ReadStock_Result r = { 0 };
    struct kt_soap_fault fault = { 0 };
    struct kt_nav_source source = source_for(erp, page, a);
    enum kt_rc rc = kt_nav_units_load(erp, e);
    if (rc != KT_OK)
        return rc;
    struct kt_nav_call call = kt_nav_call_begin(erp, "ReadStock", false, a);
    int status = soap_call___nav__ReadStock(call.ctx, KT_NAV_ENDPOINT, call.action, &q, &r);
    rc = kt_nav_call_settle(erp, &call, status, NULL, &fault, a, e);
    if (rc != KT_OK && is_token_refused(page, &fault, a)) {
        start_over(erp, page, call.operation, e);
        rc = KT_OK;
        goto out;
    }
    if (rc == KT_OK && (r.stock == NULL || !is_flag(r.stock->IsSnapshot)))
        rc = kt_nav_incomplete(erp, KT_RETRY, call.operation,
                               "a page that does not say whether it is part of a whole", e);
    if (rc != KT_OK || r.stock == NULL)
        goto out;
    struct page_end end = { .operation = call.operation,
                            .next = r.stock->NextAfter,
                            .is_last = r.stock->IsLast,
                            .total = r.stock->Total,
                            .is_snapshot = kt_nav_is_true(r.stock->IsSnapshot),
                            .has_changes = true };
    rc = end_page(erp, page, &end, a, e);
    if (rc == KT_OK)
        kt_nav_decode_stock(&source, r.stock);
out:
    kt_nav_call_done(erp);
    return rc;
}
