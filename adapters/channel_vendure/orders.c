/* Reads orders: all that are new or changed since the last look, and single ones. A state change
 * does not move an order's updatedAt (README.md), so a round asks for what was placed OR changed
 * behind the last one, and every ten minutes for all that was placed within order_sweep. Rows come
 * by orderPlacedAt, which never moves; only those of one millisecond are counted off in pages. Flow
 * knows repeated orders by their content. The session's thread. */
#include <string.h>

#include "adapters/channel_vendure/call.h"
#include "adapters/channel_vendure/decode.h"

enum { PER_PAGE = 50, BODY_MAX = 8 << 20, INSTANT_TEXT = 24, MILLI_US = 1000, SWEEP_EVERY_S = 600 };

/* A round and where in it a question stands. As a token between rounds "2026-03-01T10:00:00.123Z",
 * where the next one begins (less the overlap); within one the members in their order,
 * "1;2;3;4;5;6". Instants; 0: from the beginning. */
struct place {
    int64_t changed_us; /* what changed after this … */
    int64_t placed_us;  /* … or was placed after this */
    int64_t begun_us;   /* by our clock */
    int64_t newest_us;  /* of all that came so far, and where the next round begins */
    int64_t after_us;   /* rows placed after this */
    int64_t page;       /* of them, from 1 */
};

enum { PLACE_PARTS = 6 };

/* An instant to the millisecond, as the shop shows them. */
static const char *instant_text(int64_t at_us, struct kt_arena *a)
{
    char text[KT_TIME_TEXT_MAX];
    kt_time_text(at_us, text);
    return kt_format(a, "%.*sZ", (int)INSTANT_TEXT - 1, text);
}

static bool read_number(struct kt_str *rest, int64_t *out)
{
    size_t n = 0;
    *out = 0;
    while (n < rest->n && rest->p[n] >= '0' && rest->p[n] <= '9' && n < 17)
        *out = *out * 10 + (rest->p[n++] - '0');
    bool is_number = n > 0 && (n == rest->n || rest->p[n] == ';');
    *rest = kt_str_part(*rest, n + 1, rest->n);
    return is_number;
}

static bool read_middle(struct place *p, struct kt_str token)
{
    int64_t *const part[PLACE_PARTS] = { &p->changed_us, &p->placed_us, &p->begun_us,
                                         &p->newest_us,  &p->after_us,  &p->page };
    for (size_t i = 0; i < PLACE_PARTS; i++) {
        if (!read_number(&token, part[i]))
            return false;
    }
    return token.n == 0 && p->page > 0;
}

static int64_t back_us(int64_t at_us, int64_t by_s)
{
    return at_us > by_s * KT_SECOND ? at_us - by_s * KT_SECOND : 0;
}

/* False: a token that this channel did not write. */
static bool read_token(struct kt_channel *channel, struct place *p, struct kt_str token)
{
    const struct vendure_conf *conf = channel->conf;
    int64_t now_us = kt_now_us();
    *p = (struct place){ .begun_us = now_us, .page = 1 };
    if (token.n > 0 && memchr(token.p, ';', token.n) != NULL)
        return read_middle(p, token);
    if (token.n > 0 && !kt_time_parse(&p->newest_us, token, false))
        return false;
    p->changed_us = back_us(p->newest_us, conf->order_overlap_s);
    p->placed_us = p->changed_us;
    int64_t sweep_us = back_us(now_us, conf->order_sweep_s);
    bool is_due =
        channel->swept_us == 0 || kt_mono_us() - channel->swept_us > SWEEP_EVERY_S * KT_SECOND;
    if (is_due && sweep_us < p->placed_us)
        p->placed_us = sweep_us;
    if (is_due)
        channel->swept_us = kt_mono_us();
    return true;
}

static const char *middle_text(const struct place *p, struct kt_arena *a)
{
    return kt_format(a, "%lld;%lld;%lld;%lld;%lld;%lld", (long long)p->changed_us,
                     (long long)p->placed_us, (long long)p->begun_us, (long long)p->newest_us,
                     (long long)p->after_us, (long long)p->page);
}

/* {"options":{"filter":…,"sort":{"orderPlacedAt":"ASC"},"skip":0,"take":50}} */
static struct kt_str variables_of(const struct kt_channel *channel, const struct place *p,
                                  int64_t start_us, struct kt_arena *a)
{
    const struct kt_conf_texts *states = &channel->conf->order_states;
    long long skip = (p->page - 1) * (long long)PER_PAGE;
    int64_t first_us = start_us - MILLI_US > p->after_us ? start_us - MILLI_US : p->after_us;
    struct kt_buf b;
    kt_buf_init(&b, a, 16384);
    kt_buf_text(&b, "{\"options\":{\"filter\":{\"state\":{\"in\":[");
    for (size_t i = 0; i < states->count; i++) {
        if (i > 0)
            kt_buf_char(&b, ',');
        kt_json_put_text(&b, kt_str_of(states->item[i]));
    }
    /* a basket that was cancelled was never placed; "after" excludes the instant itself */
    kt_buf_format(&b, "]},\"orderPlacedAt\":{\"after\":\"%s\"}",
                  instant_text(first_us > 0 ? first_us : 0, a));
    if (p->changed_us > 0)
        kt_buf_format(&b,
                      ",\"_or\":[{\"updatedAt\":{\"after\":\"%s\"}},"
                      "{\"orderPlacedAt\":{\"after\":\"%s\"}}]",
                      instant_text(p->changed_us, a), instant_text(p->placed_us, a));
    kt_buf_format(&b, "},\"sort\":{\"orderPlacedAt\":\"ASC\"},\"skip\":%lld,\"take\":%d}}", skip,
                  PER_PAGE);
    KT_ASSERT(kt_buf_ok(&b)); /* states are short and few */
    return kt_buf_view(&b);
}

static void fill(struct kt_incoming *in, const struct kt_json *j, const struct kt_channel *channel,
                 struct kt_arena *a)
{
    const struct vendure_money money = { (uint8_t)channel->shop.precision,
                                         channel->shop.prices_include_tax };
    struct kt_buf body;
    struct kt_err e = { 0 };
    kt_buf_init(&body, a, BODY_MAX);
    kt_json_write(&body, j);
    in->order_id = kt_str_copy(a, kt_json_text_of(j, "id"));
    in->body = kt_buf_view(&body);
    enum kt_rc rc = KT_OK;
    if (kt_buf_ok(&body))
        rc = vendure_decode_order(&in->order, j, &money, a, &e);
    else
        rc = kt_fail(&e, KT_REJECT, KT_RECORD, KT_E_ORDER_MALFORMED,
                     KT_P_TEXT("order", in->order_id.p), KT_P_TEXT("field", "order"),
                     KT_P_TEXT("value", "more than 8 MB"));
    KT_ASSERT(rc == e.v.rc); /* the verdict travels with the order */
    in->v = e.v;
}

static bool is_listed(const struct kt_incoming_page *page, struct kt_str id)
{
    for (size_t i = 0; i < page->count; i++) {
        if (kt_str_eq(page->item[i].order_id, id))
            return true;
    }
    return false;
}

/* Takes the rows into the page; *last_us: when the last one was placed, 0 if no row says. */
static void take_rows(const struct kt_channel *channel, struct kt_incoming_page *page,
                      struct place *p, const struct kt_json *rows, int64_t *last_us,
                      struct kt_arena *a)
{
    size_t count = kt_json_count(rows);
    *last_us = 0;
    page->item = KT_NEW_ARRAY(a, count + 1, struct kt_incoming);
    page->count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct kt_json *row = kt_json_at(rows, i);
        struct kt_str id = kt_json_text_of(row, "id");
        int64_t changed_us = 0;
        int64_t placed_us = 0;
        if (kt_time_parse(&placed_us, kt_json_text_of(row, "orderPlacedAt"), true) &&
            placed_us > *last_us)
            *last_us = placed_us;
        if (!kt_time_parse(&changed_us, kt_json_text_of(row, "updatedAt"), true) ||
            changed_us < placed_us)
            changed_us = placed_us;
        /* no later than the round's begin: what changes while it runs may have been passed, and
         * one order of a shop whose clock was ahead must not hide all that comes until then */
        if (changed_us > p->begun_us)
            changed_us = p->begun_us;
        if (changed_us > p->newest_us)
            p->newest_us = changed_us;
        if (id.n == 0 || is_listed(page, id) || placed_us < page->start_us)
            continue;
        fill(&page->item[page->count++], row, channel, a);
    }
}

/* Where the next question goes on. */
static void set_next(struct kt_incoming_page *page, const struct place *p, size_t rows,
                     int64_t last_us, struct kt_arena *a)
{
    struct place next = *p;
    page->is_more = rows >= PER_PAGE && last_us > 0;
    if (!page->is_more) {
        page->next = p->newest_us > 0 ? kt_str_of(instant_text(p->newest_us, a)) : KT_STR("");
        return;
    }
    next.after_us = last_us - MILLI_US;
    next.page = 1;
    if (next.after_us <= p->after_us) { /* more of them in one millisecond than a page holds */
        next.after_us = p->after_us;
        next.page = p->page + 1;
    }
    page->next = kt_str_of(middle_text(&next, a));
}

enum kt_rc vendure_orders(struct kt_channel *channel, struct kt_incoming_page *page,
                          struct kt_arena *a, struct kt_err *e)
{
    struct place p;
    struct vendure_answer answer = { 0 };
    int64_t last_us = 0;
    vendure_begin(channel);
    if (!read_token(channel, &p, page->token))
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_INTERNAL,
                       KT_P_TEXT("detail", "an order token that this channel did not write"));
    enum kt_rc rc = vendure_know_shop(channel, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "orders");
    const struct vendure_call q = {
        .query =
            kt_format(a, "query($options:OrderListOptions){orders(options:$options){items{%s}}}",
                      vendure_order_fields(channel, a)),
        .variables = variables_of(channel, &p, page->start_us, a),
        .what = "the list of orders",
    };
    rc = vendure_call(channel, &q, &answer, a, e);
    if (rc != KT_OK) {
        channel->swept_us = 0;
        return kt_trail(e, "orders");
    }
    const struct kt_json *rows = kt_json_get(kt_json_get(answer.data, "orders"), "items");
    if (kt_json_type(rows) != KT_JSON_LIST)
        return vendure_odd_answer(channel, &q, "an answer without a list", e);
    take_rows(channel, page, &p, rows, &last_us, a);
    set_next(page, &p, kt_json_count(rows), last_us, a);
    return KT_OK;
}

static bool counts_as_placed(const struct kt_channel *channel, const struct kt_json *j)
{
    const struct kt_conf_texts *states = &channel->conf->order_states;
    struct kt_str state = kt_json_text_of(j, "state");
    for (size_t i = 0; i < states->count; i++) {
        if (kt_str_is(state, states->item[i]))
            return kt_json_text_of(j, "orderPlacedAt").n > 0;
    }
    return false;
}

enum kt_rc vendure_order_get(struct kt_channel *channel, struct kt_str order_id,
                             struct kt_incoming *out, bool *found, struct kt_arena *a,
                             struct kt_err *e)
{
    struct vendure_answer answer = { 0 };
    *found = false;
    vendure_begin(channel);
    if (!vendure_is_id(order_id))
        return KT_OK; /* the shop cannot have such an order */
    enum kt_rc rc = vendure_know_shop(channel, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "order_get");
    const struct vendure_call q = {
        .query =
            kt_format(a, "query($id:ID!){order(id:$id){%s}}", vendure_order_fields(channel, a)),
        .variables = kt_str_of(kt_format(a, "{\"id\":\"%s\"}", order_id.p)),
        .what = kt_format(a, "order %s", order_id.p),
    };
    rc = vendure_call(channel, &q, &answer, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "order_get");
    const struct kt_json *j = kt_json_get(answer.data, "order");
    if (kt_json_type(j) == KT_JSON_NULL || !counts_as_placed(channel, j))
        return KT_OK;
    if (!kt_str_eq(kt_json_text_of(j, "id"), order_id))
        return vendure_odd_answer(channel, &q, "an answer about something else", e);
    *out = (struct kt_incoming){ 0 };
    fill(out, j, channel, a);
    *found = true;
    return KT_OK;
}
