/* Makes units so: one products/batch per push, creates for what has no link (flow looked it up
 * before), updates for the rest. The shop answers 200 with a result or an error in each position:
 * every position gets its own verdict, and what has none stays KT_UNSURE. The session's thread. */
#include <string.h>

#include "adapters/channel_woocommerce/call.h"

enum { BODY_MAX = 32 << 20 };

/* Which item stands at which position of a list of the batch. */
struct places {
    size_t item[WOOCOMMERCE_BATCH];
    size_t count;
};

struct batch {
    struct kt_channel *channel;
    const struct kt_item *item;
    struct kt_result *result;
    struct kt_arena *arena;
    struct places create;
    struct places update;
    struct kt_buf creates;
    struct kt_buf updates;
};

static const char *unit_text(const struct kt_item *item, struct kt_arena *a)
{
    return kt_format(a, "%s %s", kt_unit_name(item->unit), item->key.p);
}

/* The product that an item changes: its own link, or its parent's. */
static struct kt_str target_of(const struct kt_item *item)
{
    return item->unit == KT_UNIT_PRODUCT ? item->remote_id : item->parent_id;
}

static void succeed(struct kt_result *r, struct kt_str remote_id)
{
    r->v = (struct kt_verdict){ .rc = KT_OK };
    r->remote_id = remote_id;
}

/* What a unit looks like that shall no longer be seen. A product is hidden, never deleted: orders
 * of the past point to it. */
static struct kt_str payload_of(const struct kt_item *item)
{
    if (item->action == KT_ACTION_PUT)
        return item->payload;
    switch (item->unit) {
    case KT_UNIT_PRICE:
        return KT_STR("{\"regular_price\":\"\",\"sale_price\":\"\"}");
    case KT_UNIT_STOCK:
        return KT_STR("{\"manage_stock\":false,\"stock_status\":\"outofstock\"}");
    case KT_UNIT_PRODUCT:
    case KT_UNITS:
        break;
    }
    return KT_STR("{\"catalog_visibility\":\"hidden\",\"status\":\"draft\"}");
}

static void add_update(struct batch *b, size_t i, struct kt_str id)
{
    struct kt_str payload = payload_of(&b->item[i]);
    struct kt_str rest = kt_str_part(payload, 1, payload.n - 1); /* behind the brace */
    if (b->update.count > 0)
        kt_buf_char(&b->updates, ',');
    kt_buf_text(&b->updates, "{\"id\":");
    kt_buf_str(&b->updates, id);
    if (!kt_str_is(rest, "}"))
        kt_buf_char(&b->updates, ',');
    kt_buf_str(&b->updates, rest);
    b->update.item[b->update.count++] = i;
}

static void add_create(struct batch *b, size_t i)
{
    if (b->create.count > 0)
        kt_buf_char(&b->creates, ',');
    kt_buf_str(&b->creates, b->item[i].payload);
    b->create.item[b->create.count++] = i;
}

/* Sorts one item into the batch, or judges it at once. */
static void place(struct batch *b, size_t i)
{
    const struct kt_item *item = &b->item[i];
    struct kt_result *r = &b->result[i];
    struct kt_str target = target_of(item);
    if (item->action == KT_ACTION_WITHDRAW && target.n == 0) {
        succeed(r, (struct kt_str){ NULL, 0 }); /* not there: nothing to withdraw */
    } else if (item->unit != KT_UNIT_PRODUCT && target.n == 0) {
        kt_judge(&r->v, KT_WAIT, KT_RECORD, KT_E_PARENT_MISSING,
                 KT_P_TEXT("unit", unit_text(item, b->arena)),
                 KT_P_TEXT("parent", item->sku.p != NULL ? item->sku.p : "its product"));
    } else if (target.n > 0 && !woocommerce_is_id(target)) {
        kt_judge(&r->v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_UNIT_GONE,
                 KT_P_TEXT("unit", unit_text(item, b->arena)), KT_P_TEXT("id", target.p));
    } else if (target.n > 0) {
        add_update(b, i, target);
    } else {
        add_create(b, i);
    }
}

static void judge_refusal(struct kt_result *r, const struct kt_item *item,
                          const struct kt_json *error, int64_t status, struct kt_arena *a)
{
    struct kt_param_in unit = KT_P_TEXT("unit", unit_text(item, a));
    struct kt_str code = kt_json_text_of(error, "code");
    struct kt_str message = kt_json_text_of(error, "message");
    struct kt_str other = kt_json_text_of(kt_json_get(error, "data"), "resource_id");
    if (kt_str_is(code, "product_invalid_sku"))
        kt_judge(&r->v, KT_REJECT, KT_RECORD, KT_E_CHANNEL_SKU_TAKEN, unit,
                 KT_P_TEXT("id", other.p != NULL ? other.p : "id not told"));
    else if (status == 408 || status == 425 || status == 429 || status == 503)
        kt_judge(&r->v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_REFUSED, unit,
                 KT_P_TEXT("message", message.p), KT_P_TEXT("id", code.p));
    else
        kt_judge(&r->v, status >= 400 && status < 500 ? KT_REJECT : KT_UNSURE, KT_RECORD,
                 KT_E_CHANNEL_REFUSED, unit, KT_P_TEXT("message", message.p),
                 KT_P_TEXT("id", code.p));
}

/* The product was deleted over there: the link is worth nothing, and flow looks again. */
static bool is_gone(struct kt_str code)
{
    return kt_str_is(code, "woocommerce_rest_product_invalid_id") ||
           kt_str_is(code, "product_invalid_id");
}

static void judge_error(struct kt_result *r, const struct kt_item *item,
                        const struct kt_json *error, struct kt_arena *a)
{
    int64_t status = 0;
    r->remote_id = (struct kt_str){ NULL, 0 };
    if (!kt_json_int(kt_json_get(kt_json_get(error, "data"), "status"), &status))
        status = 400; /* the shop leaves it out for refusals of its own rules */
    if (!is_gone(kt_json_text_of(error, "code")))
        judge_refusal(r, item, error, status, a);
    else if (item->action == KT_ACTION_WITHDRAW)
        succeed(r, (struct kt_str){ NULL, 0 });
    else
        kt_judge(&r->v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_UNIT_GONE,
                 KT_P_TEXT("unit", unit_text(item, a)), KT_P_TEXT("id", target_of(item).p));
}

static void judge_list(struct batch *b, const struct places *p, const struct kt_json *list)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct kt_json *entry = kt_json_at(list, i);
        const struct kt_item *item = &b->item[p->item[i]];
        struct kt_result *r = &b->result[p->item[i]];
        const struct kt_json *error = kt_json_get(entry, "error");
        struct kt_str id = kt_json_text_of(entry, "id");
        bool is_mine = target_of(item).n == 0 || kt_str_eq(id, target_of(item));
        if (error != NULL)
            judge_error(r, item, error, b->arena);
        else if (woocommerce_is_id(id) && is_mine)
            succeed(r, kt_str_copy(b->arena, id));
        else
            kt_judge(&r->v, KT_UNSURE, KT_RECORD, KT_E_PARTNER_ANSWER_INCOMPLETE,
                     KT_P_TEXT("partner", b->channel->env->name),
                     KT_P_TEXT("detail", "no result for this position of the batch"));
    }
}

/* The talk failed as a whole: that is the verdict of everything that was in it. */
static void judge_all(struct batch *b, const struct places *p, const struct kt_verdict *v)
{
    for (size_t i = 0; i < p->count; i++)
        b->result[p->item[i]].v = *v;
}

static enum kt_rc send(struct batch *b, struct kt_err *e)
{
    struct kt_buf body;
    bool is_expected = false;
    const struct kt_json *j = NULL;
    kt_buf_init(&body, b->arena, (size_t)2 * BODY_MAX + 64);
    kt_buf_text(&body, "{\"create\":[");
    kt_buf_str(&body, kt_buf_view(&b->creates));
    kt_buf_text(&body, "],\"update\":[");
    kt_buf_str(&body, kt_buf_view(&b->updates));
    kt_buf_text(&body, "]}");
    struct woocommerce_call q = {
        .method = "POST",
        .path = "/wp-json/wc/v3/products/batch",
        .body = kt_buf_view(&body),
        .what = "a batch of products",
        .is_write = true,
        .is_once = b->create.count > 0,
    };
    if (!kt_buf_ok(&body) || !kt_buf_ok(&b->creates) || !kt_buf_ok(&b->updates))
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_FIELD_TOO_LONG, KT_P_TEXT("record", "batch"),
                       KT_P_TEXT("field", "payloads"), KT_P_NUM("limit", BODY_MAX));
    enum kt_rc rc = woocommerce_call(b->channel, &q, &j, &is_expected, b->arena, e);
    if (rc != KT_OK)
        return rc;
    if (kt_json_type(j) != KT_JSON_OBJECT)
        return woocommerce_odd_answer(b->channel, &q, "an answer that is no object", e);
    judge_list(b, &b->create, kt_json_get(j, "create"));
    judge_list(b, &b->update, kt_json_get(j, "update"));
    return KT_OK;
}

enum kt_rc woocommerce_push(struct kt_channel *channel, const struct kt_item *item, size_t count,
                            struct kt_result *result, struct kt_arena *a, struct kt_err *e)
{
    struct batch *b = KT_NEW(a, struct batch);
    KT_ASSERT(count <= WOOCOMMERCE_BATCH);
    b->channel = channel;
    b->item = item;
    b->result = result;
    b->arena = a;
    kt_buf_init(&b->creates, a, BODY_MAX);
    kt_buf_init(&b->updates, a, BODY_MAX);
    for (size_t i = 0; i < count; i++)
        place(b, i);
    if (b->create.count + b->update.count == 0)
        return KT_OK;
    enum kt_rc rc = send(b, e);
    if (rc == KT_OK)
        return KT_OK;
    judge_all(b, &b->create, &e->v);
    judge_all(b, &b->update, &e->v);
    return kt_trail(e, "push of %zu items", count);
}
