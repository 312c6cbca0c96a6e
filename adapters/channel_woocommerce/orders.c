/* Reads orders: all that changed since the last look, oldest change first, and single ones.
 *
 * The list is paged by offset and shifts while orders change, so paging goes by time: each question
 * asks for what changed after the last row seen, and only orders of one and the same second are
 * counted off in pages. A round begins some minutes before the end of the last one, for changes
 * that became visible late; flow knows repeated orders by their content. Token:
 *   2026-03-01T10:00:00      begin a round there (less the overlap)
 *   2026-03-01T10:00:00/2    in the middle of a round: changes after this second, second page
 * The session's thread. */
#include <string.h>

#include "adapters/channel_woocommerce/call.h"
#include "adapters/channel_woocommerce/decode.h"

enum { PER_PAGE = 100, BODY_MAX = 8 << 20, SECOND_TEXT = 19, PAGE_LAST = 1000 };

/* Where a question goes on. */
struct place {
    int64_t after_us; /* changes after this second; KT_NEVER: from the beginning */
    int64_t token_us; /* instant of the token itself */
    unsigned page;
};

/* An instant as the shop wants it: whole seconds of UTC without a zone. With a zone it would be
 * moved into the site's own zone, even where it is compared with UTC. */
static const char *second_text(int64_t at_us, struct kt_arena *a)
{
    char text[KT_TIME_TEXT_MAX];
    kt_time_text(at_us, text);
    return kt_format(a, "%.*s", (int)SECOND_TEXT, text);
}

static bool read_page(struct kt_str digits, unsigned *page)
{
    unsigned n = 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9' || n > PAGE_LAST)
            return false;
        n = n * 10 + (unsigned)(digits.p[i] - '0');
    }
    *page = n;
    return n > 0;
}

static bool read_token(struct place *p, struct kt_str token, int64_t overlap_us)
{
    *p = (struct place){ KT_NEVER, KT_NEVER, 1 };
    if (token.n == 0)
        return true;
    if (token.n < SECOND_TEXT ||
        !kt_time_parse(&p->token_us, kt_str_part(token, 0, SECOND_TEXT), true))
        return false;
    p->after_us = p->token_us - overlap_us;
    if (token.n == SECOND_TEXT)
        return true;
    p->after_us = p->token_us;
    return token.p[SECOND_TEXT] == '/' &&
           read_page(kt_str_part(token, SECOND_TEXT + 1, token.n), &p->page);
}

static const char *path_of(const struct place *p, int64_t start_us, struct kt_arena *a)
{
    const char *changed = p->after_us == KT_NEVER
                              ? ""
                              : kt_format(a, "&modified_after=%s", second_text(p->after_us, a));
    const char *placed =
        start_us <= 0 ? "" : kt_format(a, "&after=%s", second_text(start_us - KT_SECOND, a));
    return kt_format(a,
                     "/wp-json/wc/v3/orders?status=any&orderby=modified&order=asc"
                     "&dates_are_gmt=true&per_page=%d&page=%u%s%s",
                     PER_PAGE, p->page, changed, placed);
}

static void fill(struct kt_incoming *in, const struct kt_json *j, struct kt_channel *channel,
                 struct kt_arena *a)
{
    struct kt_buf body;
    struct kt_err e = { 0 };
    kt_buf_init(&body, a, BODY_MAX);
    kt_json_write(&body, j);
    in->order_id = kt_str_copy(a, kt_json_text_of(j, "id"));
    in->body = kt_buf_view(&body);
    enum kt_rc rc = KT_OK;
    if (kt_buf_ok(&body))
        rc = woocommerce_decode_order(&in->order, j, channel->installation, a, &e);
    else
        rc = kt_fail(&e, KT_REJECT, KT_RECORD, KT_E_ORDER_MALFORMED,
                     KT_P_TEXT("order", in->order_id.p), KT_P_TEXT("field", "order"),
                     KT_P_TEXT("value", "more than 8 MB"));
    KT_ASSERT(rc == e.v.rc); /* the verdict travels with the order */
    in->v = e.v;
}

/* A basket that nobody has sent is no order yet, nor is one that still waits at the checkout for
 * its payment: it moves to another status when it is placed for good. */
static bool is_draft(const struct kt_json *j)
{
    struct kt_str status = kt_json_text_of(j, "status");
    return kt_str_is(status, "checkout-draft") || kt_str_is(status, "auto-draft") ||
           kt_str_is(status, "pending");
}

static bool is_listed(const struct kt_incoming_page *page, struct kt_str id)
{
    for (size_t i = 0; i < page->count; i++) {
        if (kt_str_eq(page->item[i].order_id, id))
            return true;
    }
    return false;
}

/* Takes the rows into the page and says when the last one changed (KT_NEVER: no row says). */
static int64_t take_rows(struct kt_channel *channel, struct kt_incoming_page *page,
                         const struct kt_json *rows, struct kt_arena *a)
{
    size_t count = kt_json_count(rows);
    int64_t last_us = KT_NEVER;
    page->item = KT_NEW_ARRAY(a, count + 1, struct kt_incoming);
    page->count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct kt_json *row = kt_json_at(rows, i);
        int64_t changed_us = 0;
        int64_t placed_us = 0;
        if (kt_time_parse(&changed_us, kt_json_text_of(row, "date_modified_gmt"), true) &&
            (last_us == KT_NEVER || changed_us > last_us))
            last_us = changed_us;
        if (is_draft(row) || is_listed(page, kt_json_text_of(row, "id")) ||
            kt_json_text_of(row, "id").n == 0)
            continue;
        if (kt_time_parse(&placed_us, kt_json_text_of(row, "date_created_gmt"), true) &&
            placed_us < page->start_us)
            continue;
        fill(&page->item[page->count++], row, channel, a);
    }
    return last_us;
}

/* Where the next question goes on. A round ends no later than now: one order of a shop whose clock
 * was ahead for a while would otherwise hide all that changes until then. */
static void set_next(struct kt_incoming_page *page, const struct place *p, size_t rows,
                     int64_t last_us, int64_t asked_us, struct kt_arena *a)
{
    int64_t newest_us = p->token_us;
    if (last_us != KT_NEVER && (newest_us == KT_NEVER || last_us > newest_us))
        newest_us = last_us;
    if (newest_us != KT_NEVER && newest_us > asked_us)
        newest_us = asked_us;
    page->is_more = rows >= PER_PAGE && last_us != KT_NEVER;
    if (!page->is_more) {
        page->next = newest_us != KT_NEVER ? kt_str_of(second_text(newest_us, a)) : page->token;
        return;
    }
    int64_t before_last_us = last_us - KT_SECOND;
    bool is_ahead = p->after_us == KT_NEVER || before_last_us > p->after_us;
    page->next =
        kt_str_of(is_ahead ? kt_format(a, "%s/1", second_text(before_last_us, a))
                           : kt_format(a, "%s/%u", second_text(p->after_us, a), p->page + 1));
}

static enum kt_rc know_installation(struct kt_channel *channel, struct kt_arena *a,
                                    struct kt_err *e)
{
    struct kt_identity who = { 0 };
    return channel->installation != NULL ? KT_OK : woocommerce_identify(channel, &who, a, e);
}

enum kt_rc woocommerce_orders(struct kt_channel *channel, struct kt_incoming_page *page,
                              struct kt_arena *a, struct kt_err *e)
{
    struct place p;
    bool is_expected = false;
    const struct kt_json *rows = NULL;
    if (!read_token(&p, page->token, channel->conf->order_overlap_s * KT_SECOND))
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_INTERNAL,
                       KT_P_TEXT("detail", "an order token that this channel did not write"));
    enum kt_rc rc = know_installation(channel, a, e);
    if (rc != KT_OK)
        return rc;
    struct woocommerce_call q = {
        .method = "GET",
        .path = path_of(&p, page->start_us, a),
        .what = "the list of orders",
    };
    int64_t asked_us = kt_now_us();
    rc = woocommerce_call(channel, &q, &rows, &is_expected, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "orders");
    if (kt_json_type(rows) != KT_JSON_LIST)
        return woocommerce_odd_answer(channel, &q, "an answer that is no list", e);
    int64_t last_us = take_rows(channel, page, rows, a);
    set_next(page, &p, kt_json_count(rows), last_us, asked_us, a);
    return KT_OK;
}

enum kt_rc woocommerce_order_get(struct kt_channel *channel, struct kt_str order_id,
                                 struct kt_incoming *out, bool *found, struct kt_arena *a,
                                 struct kt_err *e)
{
    const struct kt_json *j = NULL;
    bool is_absent = false;
    *found = false;
    if (!woocommerce_is_id(order_id))
        return KT_OK; /* the shop cannot have such an order */
    enum kt_rc rc = know_installation(channel, a, e);
    if (rc != KT_OK)
        return rc;
    struct woocommerce_call q = {
        .method = "GET",
        .path = kt_format(a, "/wp-json/wc/v3/orders/%s", order_id.p),
        .what = kt_format(a, "order %s", order_id.p),
        .expected = "woocommerce_rest_shop_order_invalid_id",
    };
    rc = woocommerce_call(channel, &q, &j, &is_absent, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "order_get");
    if (is_absent || is_draft(j))
        return KT_OK;
    if (!kt_str_eq(kt_json_text_of(j, "id"), order_id))
        return woocommerce_odd_answer(channel, &q, "an answer about something else", e);
    *out = (struct kt_incoming){ 0 };
    fill(out, j, channel, a);
    *found = true;
    return KT_OK;
}
