/* Tells the shop a delivery: a fulfillment with the carrier, our mark and the tracking number, made
 * by the manual handler and moved to Shipped. A fulfillment cannot be changed, so one that says
 * something else is cancelled and made anew; what the shop has already fulfilled under the same
 * tracking number is taken as it is. Everything is read first, so repeating does no harm and a lost
 * answer is looked up by the next attempt. The session's thread. */
#include <string.h>

#include "adapters/channel_vendure/call.h"
#include "adapters/channel_vendure/ship_lines.h"

enum { VARIABLES_MAX = 256 * 1024, METHOD_MAX = 200 };

#define FULFILLMENT "id state method trackingCode lines{orderLineId quantity}"

static const char order_query[] =
    "query($id:ID!){order(id:$id){id state shippingLines{shippingMethod{name}} "
    "lines{id quantity productVariant{sku}} fulfillments{" FULFILLMENT "}}}";

struct shipping {
    struct kt_channel *channel;
    const struct kt_parcel *parcel;
    const struct kt_json *order;
    const char *what;
    struct kt_str method; /* as it shall stand in the shop */
    struct kt_str tracking;
    struct vendure_ship_line *line;
    size_t lines;
    struct kt_arena *a;
    struct kt_err *e;
};

/* --- what stands there --- */

static bool is_in(const struct kt_json *fulfillment, const char *state)
{
    return kt_str_is(kt_json_text_of(fulfillment, "state"), state);
}

/* Every delivery of the ERP has a number, and it ends the method: "DHL Paket (80012345)". */
static const char *mark_of(const struct shipping *x)
{
    return kt_format(x->a, "(%s)", x->parcel->shipment->id.p);
}

static bool has_mark(const struct shipping *x, const struct kt_json *fulfillment)
{
    struct kt_str method = kt_json_text_of(fulfillment, "method");
    struct kt_str mark = kt_str_of(mark_of(x));
    return method.n >= mark.n && kt_str_eq(kt_str_part(method, method.n - mark.n, mark.n), mark);
}

/* Two ERPs that share an order may number their deliveries alike; their lines are not the same. */
static bool has_line_of_ours(const struct shipping *x, const struct kt_json *fulfillment)
{
    const struct kt_json *lines = kt_json_get(fulfillment, "lines");
    for (size_t i = 0; i < kt_json_count(lines); i++) {
        for (size_t k = 0; k < x->lines; k++) {
            if (kt_str_eq(kt_json_text_of(kt_json_at(lines, i), "orderLineId"), x->line[k].id))
                return true;
        }
    }
    return false;
}

static bool has_our_tracking(const struct shipping *x, const struct kt_json *fulfillment)
{
    return x->tracking.n > 0 &&
           kt_str_eq(kt_json_text_of(fulfillment, "trackingCode"), x->tracking);
}

static bool is_as_wanted(const struct shipping *x, const struct kt_json *fulfillment)
{
    struct kt_str tracking = kt_json_text_of(fulfillment, "trackingCode");
    bool same_tracking = x->tracking.n == 0 ? tracking.n == 0 : kt_str_eq(tracking, x->tracking);
    return same_tracking && kt_str_eq(kt_json_text_of(fulfillment, "method"), x->method) &&
           vendure_ship_lines_same(x->line, x->lines, kt_json_get(fulfillment, "lines"));
}

/* Ours by its mark or by the id it had; else one that a person made of the same goods under the
 * same number. NULL: none that counts. */
static const struct kt_json *find_fulfillment(const struct shipping *x, bool *is_ours)
{
    const struct kt_json *list = kt_json_get(x->order, "fulfillments");
    const struct kt_json *others = NULL;
    *is_ours = false;
    for (size_t i = 0; i < kt_json_count(list); i++) {
        const struct kt_json *fulfillment = kt_json_at(list, i);
        if (is_in(fulfillment, "Cancelled"))
            continue;
        *is_ours = (has_mark(x, fulfillment) && has_line_of_ours(x, fulfillment)) ||
                   kt_str_eq(kt_json_text_of(fulfillment, "id"), x->parcel->remote_id);
        if (*is_ours)
            return fulfillment;
        if (x->lines > 0 && has_our_tracking(x, fulfillment) &&
            vendure_ship_lines_same(x->line, x->lines, kt_json_get(fulfillment, "lines")))
            others = fulfillment;
    }
    return others;
}

/* --- one step each --- */

static enum kt_rc read_order(struct shipping *x)
{
    struct vendure_answer answer = { 0 };
    const struct vendure_call q = {
        .query = order_query,
        .variables = kt_str_of(kt_format(x->a, "{\"id\":\"%s\"}", x->parcel->order_id.p)),
        .what = x->what,
    };
    enum kt_rc rc = vendure_call(x->channel, &q, &answer, x->a, x->e);
    if (rc != KT_OK)
        return rc;
    x->order = kt_json_get(answer.data, "order");
    if (kt_str_eq(kt_json_text_of(x->order, "id"), x->parcel->order_id))
        return KT_OK;
    if (kt_json_type(x->order) != KT_JSON_NULL)
        return vendure_odd_answer(x->channel, &q, "an answer about something else", x->e);
    return kt_fail(x->e, KT_REJECT, KT_RECORD, KT_E_ORDER_GONE,
                   KT_P_TEXT("order", x->parcel->order_id.p));
}

/* The next state, unless it is there already. */
static enum kt_rc move_to(struct shipping *x, struct kt_str id, const char *state)
{
    struct vendure_answer answer = { 0 };
    const struct vendure_call q = {
        .query = "mutation($id:ID!,$state:String!){transitionFulfillmentToState(id:$id,"
                 "state:$state){...on Fulfillment{id state}...on ErrorResult{errorCode message}}}",
        .variables = kt_str_of(
            kt_format(x->a, "{\"id\":\"%.*s\",\"state\":\"%s\"}", (int)id.n, id.p, state)),
        .what = x->what,
        .is_write = true,
        .is_once = true,
    };
    if (!vendure_is_id(id))
        return vendure_odd_answer(x->channel, &q, "a fulfillment without id", x->e);
    enum kt_rc rc = vendure_call(x->channel, &q, &answer, x->a, x->e);
    const struct kt_json *moved = kt_json_get(answer.data, "transitionFulfillmentToState");
    if (rc == KT_OK && vendure_error_of(moved).n > 0)
        rc = vendure_refused(&q, moved, x->e);
    else if (rc == KT_OK && !is_in(moved, state))
        rc = vendure_odd_answer(x->channel, &q, "a fulfillment in another state", x->e);
    return rc;
}

static void put_argument(struct kt_buf *b, const char *name, struct kt_str value)
{
    struct kt_arena *a = b->arena;
    struct kt_buf text;
    kt_buf_init(&text, a, 2048);
    kt_json_put_text(&text, value.p != NULL ? value : KT_STR(""));
    KT_ASSERT(kt_buf_ok(&text)); /* short by the shape */
    kt_buf_format(b, "{\"name\":\"%s\",\"value\":%s}", name, kt_buf_view(&text).p);
}

static struct kt_str fulfill_variables(const struct shipping *x)
{
    struct kt_buf b;
    kt_buf_init(&b, x->a, VARIABLES_MAX);
    kt_buf_text(&b, "{\"input\":{\"lines\":[");
    for (size_t i = 0; i < x->lines; i++)
        kt_buf_format(&b, "%s{\"orderLineId\":\"%s\",\"quantity\":%lld}", i > 0 ? "," : "",
                      x->line[i].id.p, (long long)x->line[i].quantity);
    kt_buf_text(&b, "],\"handler\":{\"code\":\"manual-fulfillment\",\"arguments\":[");
    put_argument(&b, "method", x->method);
    kt_buf_char(&b, ',');
    put_argument(&b, "trackingCode", x->tracking);
    kt_buf_text(&b, "]}}}");
    KT_ASSERT(kt_buf_ok(&b)); /* the shop's own order had these lines */
    return kt_buf_view(&b);
}

/* Stock that has not arrived in the shop yet is no fault of the data: it comes with the next
 * figure. */
static enum kt_rc not_fulfilled(struct shipping *x, const struct vendure_call *q,
                                const struct kt_json *node)
{
    if (!kt_str_is(vendure_error_of(node), "INSUFFICIENT_STOCK_ON_HAND_ERROR"))
        return vendure_refused(q, node, x->e);
    return kt_fail(x->e, KT_RETRY, KT_RECORD, KT_E_CHANNEL_REFUSED, KT_P_TEXT("unit", q->what),
                   KT_P_TEXT("message", kt_json_text_of(node, "message").p),
                   KT_P_TEXT("id", vendure_error_of(node).p));
}

static enum kt_rc fulfill(struct shipping *x, struct kt_str *id)
{
    struct vendure_answer answer = { 0 };
    const struct vendure_call q = {
        .query = "mutation($input:FulfillOrderInput!){addFulfillmentToOrder(input:$input){"
                 "...on Fulfillment{id state}...on ErrorResult{errorCode message}}}",
        .variables = fulfill_variables(x),
        .what = x->what,
        .is_write = true,
        .is_once = true,
    };
    enum kt_rc rc = vendure_call(x->channel, &q, &answer, x->a, x->e);
    if (rc != KT_OK)
        return rc;
    const struct kt_json *made = kt_json_get(answer.data, "addFulfillmentToOrder");
    if (vendure_error_of(made).n > 0)
        return not_fulfilled(x, &q, made);
    *id = kt_json_text_of(made, "id");
    if (!vendure_is_id(*id))
        return vendure_odd_answer(x->channel, &q, "a fulfillment without id", x->e);
    return KT_OK;
}

/* Brings the delivery to where it belongs; *id: what the shop calls it. */
static enum kt_rc settle(struct shipping *x, struct kt_str *id)
{
    bool is_ours = false;
    const struct kt_json *there = find_fulfillment(x, &is_ours);
    bool is_kept = there != NULL && (!is_ours || is_as_wanted(x, there));
    bool is_out = is_kept && (is_in(there, "Shipped") || is_in(there, "Delivered"));
    enum kt_rc rc = KT_OK;
    if (x->lines == 0) /* postage alone, or corrected to nothing: the shop takes no empty one */
        return is_ours ? move_to(x, kt_json_text_of(there, "id"), "Cancelled") : KT_OK;
    if (is_kept)
        *id = kt_json_text_of(there, "id");
    else if (there != NULL)
        rc = move_to(x, kt_json_text_of(there, "id"), "Cancelled");
    if (rc == KT_OK && !is_kept)
        rc = fulfill(x, id);
    if (rc == KT_OK && !is_out)
        rc = move_to(x, *id, "Shipped");
    return rc;
}

/* "DHL Paket (80012345)"; without a carrier the name of the order's own shipping method. */
static struct kt_str method_of(const struct shipping *x)
{
    const struct kt_shipment *s = x->parcel->shipment;
    const struct kt_json *own =
        kt_json_get(kt_json_at(kt_json_get(x->order, "shippingLines"), 0), "shippingMethod");
    struct kt_str carrier = s->carrier.n > 0 ? s->carrier : kt_json_text_of(own, "name");
    struct kt_buf b;
    kt_buf_init(&b, x->a, 4096);
    kt_buf_str(&b, kt_str_part(carrier, 0, kt_utf8_fit(carrier, METHOD_MAX)));
    if (s->carrier.n > 0 && s->service.n > 0)
        kt_buf_format(&b, " %s", s->service.p);
    kt_buf_format(&b, "%s%s", b.n > 0 ? " " : "", mark_of(x));
    KT_ASSERT(kt_buf_ok(&b));
    return kt_buf_view(&b);
}

enum kt_rc vendure_order_ship(struct kt_channel *channel, const struct kt_parcel *parcel,
                              struct kt_str *remote_id, struct kt_arena *a, struct kt_err *e)
{
    struct shipping x = { .channel = channel, .parcel = parcel, .a = a, .e = e };
    vendure_begin(channel);
    if (!vendure_is_id(parcel->order_id))
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", "order"),
                       KT_P_TEXT("field", "id"), KT_P_TEXT("value", parcel->order_id.p));
    x.what = kt_format(a, "delivery %s of order %s", parcel->shipment->id.p, parcel->order_id.p);
    x.tracking = parcel->shipment->tracking_no;
    enum kt_rc rc = read_order(&x);
    if (rc == KT_OK)
        rc = vendure_ship_lines(&x.line, &x.lines, parcel, x.order, a, e);
    if (rc == KT_OK) {
        x.method = method_of(&x);
        rc = settle(&x, remote_id);
    }
    return rc == KT_OK ? KT_OK : kt_trail(e, "ship");
}
