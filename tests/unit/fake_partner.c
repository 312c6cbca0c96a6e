/* The in-process shop of the flow's tests, and what both partners share. */
#include "fake_partner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct kt_channel {
    struct fake_world *world;
};

const struct kt_opt fake_no_opts[] = { { 0 } };

void fake_lock(struct fake_world *w)
{
    assert_int_equal(pthread_mutex_lock(&w->lock), 0);
}

void fake_unlock(struct fake_world *w)
{
    assert_int_equal(pthread_mutex_unlock(&w->lock), 0);
}

unsigned fake_one_second(const void *conf)
{
    (void)conf;
    return 1;
}

enum kt_rc fake_away(struct kt_err *e, enum kt_rc rc)
{
    return kt_fail(e, rc, KT_ENDPOINT, KT_E_PARTNER_UNREACHABLE, KT_P_TEXT("partner", "fake"),
                   KT_P_TEXT("detail", "away"));
}

/* --- shop --- */

static enum kt_rc shop_open(struct kt_channel **out, const void *conf, const struct kt_env *env,
                            struct kt_err *e)
{
    (void)env;
    (void)e;
    const struct fake_conf *c = conf;
    *out = calloc(1, sizeof **out);
    assert_non_null(*out);
    (*out)->world = c->world;
    return KT_OK;
}

static void shop_close(struct kt_channel *channel)
{
    free(channel);
}

static enum kt_rc shop_identify(struct kt_channel *channel, struct kt_identity *who,
                                struct kt_arena *a, struct kt_err *e)
{
    (void)a;
    (void)e;
    fake_lock(channel->world);
    who->text = channel->world->shop_identity;
    fake_unlock(channel->world);
    return KT_OK;
}

static struct fake_product *product_by(struct fake_world *w, const char *sku, const char *id)
{
    for (size_t i = 0; i < w->products; i++) {
        if ((sku != NULL && strcmp(w->product[i].sku, sku) == 0) ||
            (id != NULL && strcmp(w->product[i].id, id) == 0))
            return &w->product[i];
    }
    return NULL;
}

static enum kt_rc shop_find(struct kt_channel *channel, struct kt_item *item, size_t count,
                            struct kt_arena *a, struct kt_err *e)
{
    (void)e;
    fake_lock(channel->world);
    channel->world->finds_of_products++;
    for (size_t i = 0; i < count; i++) {
        const struct fake_product *p = product_by(channel->world, item[i].sku.p, NULL);
        if (p != NULL)
            item[i].remote_id = kt_str_copy(a, kt_str_of(p->id));
    }
    fake_unlock(channel->world);
    return KT_OK;
}

static struct fake_product *put_page(struct fake_world *w, const struct kt_item *item)
{
    struct fake_product *p = product_by(w, NULL, item->remote_id.p);
    if (p == NULL) { /* nothing stops a shop from making the same product twice */
        assert_true(w->products < FAKE_PRODUCTS);
        p = &w->product[w->products++];
        (void)snprintf(p->sku, sizeof p->sku, "%s", item->sku.p);
        (void)snprintf(p->id, sizeof p->id, "%zu", w->products);
    }
    (void)snprintf(p->page, sizeof p->page, "%s", item->payload.p == NULL ? "" : item->payload.p);
    p->is_withdrawn = item->action == KT_ACTION_WITHDRAW;
    return p;
}

/* A variant of a page of its own is the page; else it gets an id below the page's. */
static struct fake_product *put_variant(struct fake_world *w, const struct kt_item *item)
{
    char id[24];
    struct fake_product *page = product_by(w, NULL, kt_str_of(item->parent_id.p).p);
    struct fake_product *p = product_by(w, NULL, item->remote_id.p);
    bool is_here = p != NULL && item->parent_id.n > 0 &&
                   strncmp(p->id, item->parent_id.p, item->parent_id.n) == 0;
    if (item->action == KT_ACTION_WITHDRAW) {
        assert_non_null(p);
        p->is_withdrawn = true;
        return p;
    }
    assert_non_null(page);
    if (item->is_single) {
        p = page;
    } else if (p == NULL || !is_here || strchr(p->id, '/') == NULL) {
        assert_true(w->products < FAKE_PRODUCTS);
        if (p != NULL && strchr(p->id, '/') != NULL)
            (void)snprintf(p->id, sizeof p->id, "gone"); /* it has moved */
        p = &w->product[w->products++];
        (void)snprintf(id, sizeof id, "%.7s/%u", page->id, (unsigned)w->products % 1000);
        (void)snprintf(p->id, sizeof p->id, "%.15s", id);
        (void)snprintf(p->sku, sizeof p->sku, "%s", item->sku.p);
    }
    (void)snprintf(p->variant, sizeof p->variant, "%s", item->payload.p);
    p->is_withdrawn = false;
    return p;
}

static void learn_files(struct fake_world *w, const struct kt_item *item, struct kt_arena *a)
{
    for (size_t i = 0; i < item->refs; i++) {
        if (item->ref[i].unit != KT_UNIT_MEDIA || item->ref[i].remote_id.p != NULL)
            continue;
        w->uploads++;
        item->ref[i].learned_id = kt_str_of(kt_format(a, "file-%zu", w->uploads));
    }
}

static void put_item(struct fake_world *w, const struct kt_item *item, struct kt_result *result,
                     struct kt_arena *a)
{
    struct fake_product *p = NULL;
    if (item->unit == KT_UNIT_PRODUCT || item->unit == KT_UNIT_CATEGORY) {
        p = put_page(w, item);
        learn_files(w, item, a);
    } else if (item->unit == KT_UNIT_VARIANT) {
        p = put_variant(w, item);
        learn_files(w, item, a);
    } else {
        p = product_by(w, NULL, item->parent_id.p);
        if (p == NULL) {
            kt_judge(&result->v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_UNIT_GONE,
                     KT_P_TEXT("unit", item->key.p));
            return;
        }
        char *to = item->unit == KT_UNIT_PRICE ? p->price : p->stock;
        (void)snprintf(to, sizeof p->price, "%s", item->payload.p);
    }
    w->writes++;
    result->v = (struct kt_verdict){ .rc = KT_OK };
    result->remote_id = kt_str_copy(a, kt_str_of(p->id));
}

static bool holds(const struct kt_item *item, size_t count, const char *sku)
{
    for (size_t i = 0; i < count && sku != NULL; i++) {
        if (kt_str_is(item[i].sku, sku))
            return true;
    }
    return false;
}

static enum kt_rc shop_push(struct kt_channel *channel, const struct kt_item *item, size_t count,
                            struct kt_result *result, struct kt_arena *a, struct kt_err *e)
{
    struct fake_world *w = channel->world;
    enum kt_rc rc = KT_OK;
    fake_lock(w);
    if (w->refuses_whole && holds(item, count, w->refused_sku)) {
        fake_unlock(w);
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CHANNEL_REFUSED, KT_P_TEXT("unit", "batch"),
                       KT_P_TEXT("message", "no"), KT_P_TEXT("id", "x"));
    }
    for (size_t i = 0; i < count && w->push != FAKE_IS_AWAY && w->push != FAKE_LOSES_REQUEST; i++) {
        if (w->refused_sku != NULL && kt_str_is(item[i].sku, w->refused_sku))
            kt_judge(&result[i].v, KT_REJECT, KT_RECORD, KT_E_CHANNEL_REFUSED,
                     KT_P_TEXT("unit", item[i].key.p), KT_P_TEXT("message", "no"),
                     KT_P_TEXT("id", "x"));
        else
            put_item(w, &item[i], &result[i], a);
    }
    if (w->push == FAKE_IS_AWAY)
        rc = fake_away(e, KT_RETRY);
    else if (w->push != FAKE_OK)
        rc = fake_away(e, KT_UNSURE);
    for (size_t i = 0; rc != KT_OK && i < count; i++)
        result[i] = (struct kt_result){ .v = { .rc = KT_UNSURE } };
    fake_unlock(w);
    return rc;
}

static void copy_incoming(const struct fake_world *w, const struct kt_order *order,
                          struct kt_incoming *to, struct kt_arena *a)
{
    to->order_id = order->id;
    if (w->unreadable_id != NULL && kt_str_is(order->id, w->unreadable_id)) {
        kt_judge(&to->v, KT_REJECT, KT_RECORD, KT_E_ORDER_MALFORMED,
                 KT_P_TEXT("order", order->number.p), KT_P_TEXT("field", "total"),
                 KT_P_TEXT("value", "?"));
        to->body = KT_STR("{\"total\":\"?\"}");
        return;
    }
    to->order = KT_NEW(a, struct kt_order);
    *to->order = *order;
    to->body = KT_STR("{}");
}

static enum kt_rc shop_orders(struct kt_channel *channel, struct kt_incoming_page *page,
                              struct kt_arena *a, struct kt_err *e)
{
    (void)e;
    struct fake_world *w = channel->world;
    fake_lock(w);
    page->item = KT_NEW_ARRAY(a, w->orders + 1, struct kt_incoming);
    for (size_t i = 0; i < w->orders && !w->lists_nothing; i++)
        copy_incoming(w, &w->order[i], &page->item[page->count++], a);
    page->next = KT_STR("seen");
    fake_unlock(w);
    return KT_OK;
}

static enum kt_rc shop_order_get(struct kt_channel *channel, struct kt_str order_id,
                                 struct kt_incoming *out, bool *found, struct kt_arena *a,
                                 struct kt_err *e)
{
    (void)e;
    struct fake_world *w = channel->world;
    fake_lock(w);
    *found = false;
    for (size_t i = 0; i < w->orders && !*found; i++) {
        *found = kt_str_eq(w->order[i].id, order_id);
        if (*found)
            copy_incoming(w, &w->order[i], out, a);
    }
    fake_unlock(w);
    return KT_OK;
}

static enum kt_rc shop_tell(struct kt_channel *channel, const struct kt_tell *tell,
                            struct kt_arena *a, struct kt_err *e)
{
    (void)a;
    assert_true(tell->erp_number.n > 0);
    fake_lock(channel->world);
    enum fake_answer answer = channel->world->tell;
    channel->world->told += answer == FAKE_OK;
    if (answer == FAKE_OK)
        (void)snprintf(channel->world->told_number, sizeof channel->world->told_number, "%s",
                       tell->erp_number.p);
    fake_unlock(channel->world);
    if (answer == FAKE_REFUSES)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CHANNEL_REFUSED,
                       KT_P_TEXT("unit", tell->order_id.p), KT_P_TEXT("message", "no"),
                       KT_P_TEXT("id", "x"));
    return answer == FAKE_OK ? KT_OK : fake_away(e, KT_RETRY);
}

static enum kt_rc shop_ship(struct kt_channel *channel, const struct kt_parcel *parcel,
                            struct kt_str *remote_id, struct kt_arena *a, struct kt_err *e)
{
    struct fake_world *w = channel->world;
    const struct kt_shipment *s = parcel->shipment;
    fake_lock(w);
    enum fake_answer answer = w->ship;
    if (answer == FAKE_OK || answer == FAKE_LOSES_ANSWER) {
        size_t n = strlen(w->shipped_as);
        (void)snprintf(w->shipped_as + n, sizeof w->shipped_as - n, "%s/%s%s ", s->id.p,
                       s->tracking_no.n > 0 ? s->tracking_no.p : "-", parcel->completes ? "!" : "");
        w->shipped++;
    }
    fake_unlock(w);
    *remote_id = kt_str_of(kt_format(a, "F%s", s->id.p));
    if (answer == FAKE_REFUSES)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CHANNEL_REFUSED,
                       KT_P_TEXT("unit", parcel->order_id.p), KT_P_TEXT("message", "no"),
                       KT_P_TEXT("id", "x"));
    if (answer == FAKE_LOSES_ANSWER)
        return fake_away(e, KT_UNSURE);
    return answer == FAKE_OK ? KT_OK : fake_away(e, KT_RETRY);
}

static const struct kt_channel_facts shop_facts = {
    .has_unit = { true, true, true },
    .parent = { [KT_UNIT_PRODUCT] = KT_UNITS,
                [KT_UNIT_PRICE] = KT_UNIT_PRODUCT,
                [KT_UNIT_STOCK] = KT_UNIT_PRODUCT,
                [KT_UNIT_CATEGORY] = KT_UNITS,
                [KT_UNIT_VARIANT] = KT_UNIT_PRODUCT,
                [KT_UNIT_MEDIA] = KT_UNITS },
    .batch = { 10, 10, 10 },
    .languages = 1,
};

const struct kt_channel_ops fake_channel_ops = {
    .name = "fake",
    .opts = fake_no_opts,
    .conf_size = sizeof(struct fake_conf),
    .facts = &shop_facts,
    .open = shop_open,
    .close = shop_close,
    .max_call_s = fake_one_second,
    .identify = shop_identify,
    .find = shop_find,
    .push = shop_push,
    .orders = shop_orders,
    .order_get = shop_order_get,
    .order_tell = shop_tell,
    .order_ship = shop_ship,
};

static const struct kt_channel_facts minus_own_facts = {
    .has_unit = { true, true, true },
    .parent = { [KT_UNIT_PRODUCT] = KT_UNITS,
                [KT_UNIT_PRICE] = KT_UNIT_PRODUCT,
                [KT_UNIT_STOCK] = KT_UNIT_PRODUCT,
                [KT_UNIT_CATEGORY] = KT_UNITS,
                [KT_UNIT_VARIANT] = KT_UNIT_PRODUCT,
                [KT_UNIT_MEDIA] = KT_UNITS },
    .batch = { 10, 10, 10 },
    .languages = 1,
    .stock = KT_STOCK_MINUS_OWN,
};

const struct kt_channel_ops fake_minus_own_ops = {
    .name = "fake",
    .opts = fake_no_opts,
    .conf_size = sizeof(struct fake_conf),
    .facts = &minus_own_facts,
    .open = shop_open,
    .close = shop_close,
    .max_call_s = fake_one_second,
    .identify = shop_identify,
    .find = shop_find,
    .push = shop_push,
    .orders = shop_orders,
    .order_get = shop_order_get,
    .order_tell = shop_tell,
    .order_ship = shop_ship,
};

static enum kt_rc shop_list(struct kt_channel *channel, struct kt_remote_page *page,
                            struct kt_arena *a, struct kt_err *e)
{
    (void)e;
    struct fake_world *w = channel->world;
    fake_lock(w);
    page->item = KT_NEW_ARRAY(a, w->products + 1, struct kt_remote);
    for (size_t i = 0; i < w->products; i++) {
        const struct fake_product *p = &w->product[i];
        struct kt_remote *r = &page->item[page->count++];
        struct kt_str id = kt_str_copy(a, kt_str_of(p->id));
        bool is_variant = strchr(p->id, '/') != NULL;
        *r =
            (struct kt_remote){ .unit = is_variant ? KT_UNIT_VARIANT : KT_UNIT_PRODUCT,
                                .remote_id = id,
                                .parent_id = is_variant ? kt_remote_page(id) : (struct kt_str){ 0 },
                                .sku = kt_str_copy(a, kt_str_of(p->sku)),
                                .gtin = kt_str_copy(a, kt_str_of(p->gtin)),
                                .name = KT_STR("there before"),
                                .url = KT_STR("http://127.0.0.1/p"),
                                .is_single = !is_variant && !p->has_variants };
    }
    fake_unlock(w);
    return KT_OK;
}

static const char *content_of(const struct fake_product *p, enum kt_unit unit)
{
    return unit == KT_UNIT_PRICE     ? p->price
           : unit == KT_UNIT_STOCK   ? p->stock
           : unit == KT_UNIT_VARIANT ? p->variant
                                     : p->page;
}

static enum kt_rc shop_compare(struct kt_channel *channel, const struct kt_item *item, size_t count,
                               struct kt_compared *out, struct kt_arena *a, struct kt_err *e)
{
    (void)e;
    struct fake_world *w = channel->world;
    fake_lock(w);
    for (size_t i = 0; i < count; i++) {
        const struct fake_product *p = product_by(w, NULL, item[i].remote_id.p);
        out[i] = (struct kt_compared){ .is_there = p != NULL };
        if (p == NULL || kt_str_is(item[i].payload, content_of(p, item[i].unit)))
            continue;
        out[i].differs = KT_NEW(a, struct kt_difference);
        out[i].count = 1;
        *out[i].differs =
            (struct kt_difference){ KT_STR("all"), item[i].payload,
                                    kt_str_copy(a, kt_str_of(content_of(p, item[i].unit))) };
    }
    fake_unlock(w);
    return KT_OK;
}

static const struct kt_channel_facts matrix_facts = {
    .has_unit = { [KT_UNIT_PRODUCT] = true,
                  [KT_UNIT_PRICE] = true,
                  [KT_UNIT_STOCK] = true,
                  [KT_UNIT_CATEGORY] = true,
                  [KT_UNIT_VARIANT] = true },
    .parent = { [KT_UNIT_PRODUCT] = KT_UNITS,
                [KT_UNIT_PRICE] = KT_UNIT_VARIANT,
                [KT_UNIT_STOCK] = KT_UNIT_VARIANT,
                [KT_UNIT_CATEGORY] = KT_UNITS,
                [KT_UNIT_VARIANT] = KT_UNIT_PRODUCT,
                [KT_UNIT_MEDIA] = KT_UNITS },
    .one_parent = { [KT_UNIT_PRICE] = true, [KT_UNIT_STOCK] = true, [KT_UNIT_VARIANT] = true },
    .batch = { 10, 10, 10, 10, 10 },
    .axes = 6,
    .languages = 1,
};

const struct kt_channel_ops fake_matrix_ops = {
    .name = "fake",
    .opts = fake_no_opts,
    .conf_size = sizeof(struct fake_conf),
    .facts = &matrix_facts,
    .open = shop_open,
    .close = shop_close,
    .max_call_s = fake_one_second,
    .identify = shop_identify,
    .find = shop_find,
    .list = shop_list,
    .compare = shop_compare,
    .push = shop_push,
    .orders = shop_orders,
    .order_get = shop_order_get,
    .order_tell = shop_tell,
};
