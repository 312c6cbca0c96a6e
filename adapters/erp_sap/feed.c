/* One page of a feed: one SOAP call each, through the wrapper's functions. Session's thread; called
 * by adapter.c. Nothing is repeated here: a verdict says what may be done next. */
#include "feed.h"

#include "contract.h"
#include "encode.h"
#include "generated/erp_sap/sapNs.h"
#include "read.h"
#include "verdict.h"

static const char endpoint[] = "http://memory/"; /* gSOAP wants one; the HTTP client has its own */

/* What the feeds have in common behind their tables. */
struct page_end {
    const char *function;
    const char *token;
    const char *more;
    const char *snapshot;
    const char *total;
    const char *begun_at;
    const struct sap__ZKONTOR_T_RETURN *messages;
};
#define PAGE_END(name, r, how_many)                                                    \
    {                                                                                  \
        .function = (name), .token = (r).EV_TOKEN, .more = (r).EV_MORE,                \
        .snapshot = (r).EV_SNAPSHOT, .total = (how_many), .begun_at = (r).EV_BEGUN_AT, \
        .messages = (r).RETURN                                                         \
    }

/* How much a snapshot holds and when it began; -1 and zeros: not said. What is neither is not
 * guessed at, since what a snapshot lacks is taken for deleted. */
static enum kt_rc end_snapshot(struct kt_erp *erp, struct kt_page *page, const struct page_end *end,
                               struct kt_arena *a, struct kt_err *e)
{
    struct kt_str begun = kt_sap_text(end->begun_at, a);
    struct kt_str total = kt_sap_text(end->total, a);
    int64_t count = -1;
    if (total.n > 0 && !kt_sap_whole(&count, total.p))
        return kt_sap_incomplete(erp, KT_RETRY, end->function, "a total that is no number", e);
    page->has_total = count >= 0;
    page->total = count >= 0 ? count : 0;
    page->begun_us = 0;
    if (begun.n > 0 && begun.p[0] != '0' && !kt_time_parse_stamp(&page->begun_us, begun))
        return kt_sap_incomplete(erp, KT_RETRY, end->function, "a begin that is no instant", e);
    return KT_OK;
}

/* *is_restart: SAP no longer knows the token; the page is empty and the next one starts over. */
static enum kt_rc end_page(struct kt_erp *erp, struct kt_page *page, const struct page_end *end,
                           bool *is_restart, struct kt_arena *a, struct kt_err *e)
{
    const struct sap__BAPIRET2 *row = kt_sap_failure(end->messages);
    page->has_total = false;
    page->begun_us = 0;
    *is_restart = row != NULL && page->token.n > 0 && kt_sap_is_message(row, "ZKONTOR", "002");
    if (*is_restart) {
        kt_log_warn(&erp->env->log, "token.refused", F_TEXT("function", end->function));
        page->next = KT_STR("");
        page->is_more = true;
        page->is_snapshot = false;
        return KT_OK;
    }
    enum kt_rc rc = kt_sap_check_return(erp, end->messages, end->function, a, e);
    if (rc != KT_OK)
        return rc;
    page->next = kt_sap_text(end->token, a);
    page->is_more = kt_sap_flag(end->more);
    page->is_snapshot = kt_sap_flag(end->snapshot);
    if (page->next.n == 0 && (page->is_more || page->feed != KT_FEED_CATEGORIES))
        return kt_sap_incomplete(erp, KT_RETRY, end->function, "a page without the token behind it",
                                 e);
    return page->is_snapshot ? end_snapshot(erp, page, end, a, e) : KT_OK;
}

static struct kt_sap_source source_for(const struct kt_erp *erp, struct kt_page *page,
                                       struct kt_arena *a)
{
    page->changes = (struct kt_changes){ .arena = a };
    return (struct kt_sap_source){
        .scope = erp->env->scope, .pulled_us = kt_now_us(), .arena = a, .out = &page->changes
    };
}

/* The feeds differ in their generated types alone. */
#define PULL(name, call, request, response, how_many, decode)                  \
    do {                                                                       \
        struct kt_sap_source source = source_for(erp, page, a);                \
        struct request q = { kt_sap_send(page->token, 0, a), (int)page->max }; \
        struct response r = { 0 };                                             \
        bool is_restart = false;                                               \
        struct soap *ctx = kt_soap_begin(erp->soap, false, a);                 \
        int status = call(ctx, endpoint, NULL, &q, &r);                        \
        enum kt_rc rc = kt_sap_settle(erp, status, NULL, name, a, e);          \
        if (rc == KT_OK) {                                                     \
            struct page_end end = PAGE_END(name, r, how_many);                 \
            rc = end_page(erp, page, &end, &is_restart, a, e);                 \
        }                                                                      \
        source.is_snapshot = page->is_snapshot;                                \
        if (rc == KT_OK && !is_restart)                                        \
            decode(&source, &r);                                               \
        kt_soap_done(erp->soap);                                               \
        return rc;                                                             \
    } while (0)

enum kt_rc kt_sap_articles(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                           struct kt_err *e)
{
    PULL("Z_KONTOR_ARTICLES", soap_call___sap__Z_KONTOR_ARTICLES, _sap__Z_KONTOR_ARTICLES,
         _sap__Z_KONTOR_ARTICLESResponse, r.EV_PRODUCTS, kt_sap_decode_articles);
}

enum kt_rc kt_sap_prices(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                         struct kt_err *e)
{
    PULL("Z_KONTOR_PRICES", soap_call___sap__Z_KONTOR_PRICES, _sap__Z_KONTOR_PRICES,
         _sap__Z_KONTOR_PRICESResponse, r.EV_TOTAL, kt_sap_decode_prices);
}

enum kt_rc kt_sap_stock(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                        struct kt_err *e)
{
    PULL("Z_KONTOR_STOCK", soap_call___sap__Z_KONTOR_STOCK, _sap__Z_KONTOR_STOCK,
         _sap__Z_KONTOR_STOCKResponse, r.EV_TOTAL, kt_sap_decode_stock);
}

enum kt_rc kt_sap_category_tree(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                                struct kt_err *e)
{
    PULL("Z_KONTOR_CATEGORIES", soap_call___sap__Z_KONTOR_CATEGORIES, _sap__Z_KONTOR_CATEGORIES,
         _sap__Z_KONTOR_CATEGORIESResponse, r.EV_TOTAL, kt_sap_decode_categories);
}

enum kt_rc kt_sap_accounts(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                           struct kt_err *e)
{
    PULL("Z_KONTOR_CUSTOMERS", soap_call___sap__Z_KONTOR_CUSTOMERS, _sap__Z_KONTOR_CUSTOMERS,
         _sap__Z_KONTOR_CUSTOMERSResponse, r.EV_TOTAL, kt_sap_decode_accounts);
}

/* Everything else goes on: the other feeds and the orders know nothing of it. */
static enum kt_rc check_documents(const struct kt_erp *erp, struct kt_err *e)
{
    if (erp->version == 0 || erp->version >= KT_SAP_HAS_DOCUMENTS)
        return KT_OK;
    (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_CONTRACT_OLDER,
                  KT_P_TEXT("service", erp->env->name), KT_P_NUM("ours", KT_SAP_HAS_DOCUMENTS),
                  KT_P_NUM("theirs", erp->version));
    return kt_trail(e, "documents are read from version %d on", KT_SAP_HAS_DOCUMENTS);
}

enum kt_rc kt_sap_documents(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                            struct kt_err *e)
{
    enum kt_rc checked = check_documents(erp, e);
    if (checked != KT_OK)
        return checked;
    PULL("Z_KONTOR_DOCUMENTS", soap_call___sap__Z_KONTOR_DOCUMENTS, _sap__Z_KONTOR_DOCUMENTS,
         _sap__Z_KONTOR_DOCUMENTSResponse, r.EV_TOTAL, kt_sap_decode_documents);
}
