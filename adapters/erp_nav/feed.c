/* One page of a feed that comes from NAV's pages. Session's thread; called by adapter.c. Nothing is
 * repeated here: a verdict says what may be done next. */
#include "feed.h"

#include "decode.h"
#include "filter.h"
#include "lists.h"
#include "walk.h"

enum { OVERLAP_DAYS = 1 }; /* NAV's day and ours need not begin at once */

static struct kt_nav_walk walk_of(struct kt_erp *erp, const struct kt_page *page, unsigned back,
                                  struct kt_arena *a)
{
    struct kt_nav_walk w;
    if (!kt_nav_walk_read(&w, page->token, back, kt_now_us(), a))
        kt_log_warn(&erp->env->log, "token.refused", F_TEXT("feed", kt_feed_name(page->feed)));
    return w;
}

/* What the settings say the site does without: nothing comes, and nothing is taken for deleted. */
static bool is_spared(struct kt_erp *erp, enum kt_nav_role role, struct kt_page *page,
                      struct kt_arena *a)
{
    struct kt_nav_walk w = { .mode = KT_NAV_DONE, .begun_us = kt_now_us() };
    if (!erp->site.page[role].is_spared)
        return false;
    page->next = kt_nav_walk_token(&w, a);
    page->is_more = false;
    page->is_snapshot = false;
    return true;
}

static struct kt_nav_into into(const struct kt_erp *erp, struct kt_page *page, int64_t pulled_us,
                               struct kt_arena *a)
{
    return (struct kt_nav_into){ .erp = erp,
                                 .pulled_us = pulled_us,
                                 .is_snapshot = page->is_snapshot,
                                 .arena = a,
                                 .out = &page->changes };
}

enum kt_rc kt_nav_catalogue(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                            struct kt_err *e)
{
    struct kt_nav_walk w = walk_of(erp, page, OVERLAP_DAYS, a);
    struct kt_nav_query q = { .role = KT_NAV_ITEM };
    struct kt_nav_rows rows = { 0 };
    struct kt_nav_side side = { 0 };
    const int64_t pulled_us = kt_now_us();
    enum kt_rc rc = kt_nav_walk_page(erp, &w, &q, "Last_Date_Modified", page, &rows, a, e);
    if (rc == KT_OK)
        rc = kt_nav_lists_load(erp, e);
    if (rc == KT_OK)
        rc = kt_nav_side_read(erp, &side, &rows, page->is_snapshot, a, e);
    if (rc != KT_OK)
        return rc;
    struct kt_nav_into to = into(erp, page, pulled_us, a);
    kt_nav_decode_items(&to, &rows, &side);
    return KT_OK;
}

enum kt_rc kt_nav_categories(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                             struct kt_err *e)
{
    struct kt_nav_walk w = walk_of(erp, page, 0, a);
    struct kt_nav_query q = { .role = KT_NAV_CATEGORY };
    struct kt_nav_rows rows = { 0 };
    const int64_t pulled_us = kt_now_us();
    if (is_spared(erp, KT_NAV_CATEGORY, page, a))
        return KT_OK;
    enum kt_rc rc = kt_nav_walk_page(erp, &w, &q, NULL, page, &rows, a, e);
    if (rc != KT_OK)
        return rc;
    struct kt_nav_into to = into(erp, page, pulled_us, a);
    kt_nav_decode_categories(&to, &rows);
    return KT_OK;
}

enum kt_rc kt_nav_customers(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                            struct kt_err *e)
{
    struct kt_nav_walk w = walk_of(erp, page, OVERLAP_DAYS, a);
    struct kt_nav_query q = { .role = KT_NAV_CUSTOMER };
    struct kt_nav_rows rows = { 0 };
    const int64_t pulled_us = kt_now_us();
    if (is_spared(erp, KT_NAV_CUSTOMER, page, a))
        return KT_OK;
    enum kt_rc rc = kt_nav_walk_page(erp, &w, &q, "Last_Date_Modified", page, &rows, a, e);
    if (rc != KT_OK)
        return rc;
    struct kt_nav_into to = into(erp, page, pulled_us, a);
    kt_nav_decode_customers(&to, &rows);
    return KT_OK;
}

/* Serial numbers stand in the item ledger, by document and line. */
static enum kt_rc read_serials(struct kt_erp *erp, const struct kt_nav_rows *shipments,
                               struct kt_nav_index *serials, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_nav_shipment *row = shipments->item;
    struct kt_str *no = KT_NEW_ARRAY(a, shipments->count + 1, struct kt_str);
    struct kt_nav_rows rows = { 0 };
    for (size_t i = 0; i < shipments->count; i++)
        no[i] = row[i].no;
    enum kt_rc rc =
        kt_nav_read_list(erp, KT_NAV_LEDGER, "Document_No", no, shipments->count, &rows, a, e);
    if (rc == KT_OK)
        *serials = kt_nav_index_by(&rows, KT_NAV_LEDGER, "Document_No", a);
    return rc;
}

/* Facts that carry our key, by the day on which they were posted: an overlap repeats them, and who
 * posts into the past is caught by it. A run is no snapshot: nothing is deleted by absence. */
enum kt_rc kt_nav_shipments(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                            struct kt_err *e)
{
    struct kt_nav_walk w = walk_of(erp, page, (unsigned)erp->conf->shipment_days, a);
    struct kt_nav_query q = { .role = KT_NAV_SHIPMENT };
    struct kt_nav_rows rows = { 0 };
    struct kt_nav_index serials = { 0 };
    if (is_spared(erp, KT_NAV_SHIPMENT, page, a))
        return KT_OK;
    kt_nav_where(&q, "Kontor_Key", kt_nav_filled);
    enum kt_rc rc = kt_nav_walk_page(erp, &w, &q, "Posting_Date", page, &rows, a, e);
    page->is_snapshot = false;
    if (rc == KT_OK)
        rc = kt_nav_lists_load(erp, e);
    if (rc == KT_OK && rows.count > 0)
        rc = read_serials(erp, &rows, &serials, a, e);
    return rc == KT_OK ? kt_nav_decode_shipments(erp, &rows, &serials, &page->shipments, a, e) : rc;
}
