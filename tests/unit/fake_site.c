/* A site with the in-process partners, what they say, and runs of the flow over it. */
#include "fake_partner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "flow/fanout.h"
#include "flow/orders.h"
#include "flow/pull.h"
#include "flow/push.h"
#include "flow/receive.h"
#include "flow/ship.h"
#include "flow/tell.h"
#include "server_db.h"
#include "store/exceptions.h"
#include "store/orders.h"

#define MUST(call) assert_int_equal((call), KT_OK)

static const char mapping[] =
    "return { product = function(v) return { sku = v.variants[1].sku,"
    "   name = v.product.texts[1].name } end,\n"
    " price = function(v) return { amount = v.unit_price and v.unit_price:text(2) or '' } end,\n"
    " stock = function(v) return { n = v.quantity and v.quantity:text(0) or 'unknown' } end }\n";

/* --- the site --- */

static void fill_site(struct fake *f)
{
    struct fake_conf *conf = KT_NEW(f->world.arena, struct fake_conf);
    conf->world = &f->world;
    f->erp = (struct kt_erp_site){ .name = "erp",
                                   .scope = "s",
                                   .page_max = 100,
                                   .every_s = { 1, 1, 1 },
                                   .ops = &fake_erp_ops,
                                   .conf = conf };
    f->channel = (struct kt_channel_site){ .name = "shop",
                                           .erp_name = "erp",
                                           .language = "de",
                                           .fallback_language = "en",
                                           .market = "DE",
                                           .zone_name = "Europe/Berlin",
                                           .currency = "EUR",
                                           .price_list = "00",
                                           .takes_orders = true,
                                           .orders_every_s = 1,
                                           .line_tolerance = { 1, 2 },
                                           .sum_tolerance = { 2, 2 },
                                           .erp = &f->erp,
                                           .mapping_file = "fake.lua",
                                           .mapping = mapping,
                                           .ops = &fake_channel_ops,
                                           .conf = conf };
    f->channel.zone = kt_zone_load(f->world.arena, "Europe/Berlin");
    assert_non_null(f->channel.zone);
    f->site = (struct kt_site){ .installation = "test",
                                .retry_first_s = 1,
                                .retry_most_s = 1,
                                .erp = &f->erp,
                                .erps = 1,
                                .channel = &f->channel,
                                .channels = 1 };
    f->site.db = server_conf(f->file, 10);
}

static const char matrix_mapping[] =
    "return { product = function(v) return { sku = v.sku, form = v.form, part = v.part,"
    "   name = v.product.texts[1].name } end,\n"
    " variant = function(v) local o = {} for _, x in ipairs(v.variant.axis_values or {}) do"
    "   o[x.axis] = x.value end return { sku = v.variant.sku, options = o } end,\n"
    " category = function(v) return { id = v.category.id } end,\n"
    " price = function(v) return { amount = v.unit_price and v.unit_price:text(2) or '' } end,\n"
    " stock = function(v) return { n = v.quantity and v.quantity:text(0) or 'unknown' } end }\n";

void fake_take_matrix(struct fake *f)
{
    f->channel.ops = &fake_matrix_ops;
    f->channel.mapping = matrix_mapping;
    f->channel.limits = (struct kt_plan_limits){ .axes = 6 };
}

void fake_minus_own(struct fake *f)
{
    f->channel.ops = &fake_minus_own_ops;
}

void fake_later(struct fake *f, int64_t seconds)
{
    char next[128];
    f->later_s += seconds;
    (void)snprintf(next, sizeof next, "%s.next", f->clock);
    FILE *file = fopen(next, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "%lld\n", (long long)f->later_s) > 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(next, f->clock), 0);
}

void fake_open(struct fake *f)
{
    struct kt_err e = { 0 };
    int from = 0;
    int to = 0;
    *f = (struct fake){ .log = { .least = KT_LOG_ERROR } };
    assert_int_equal(pthread_mutex_init(&f->world.lock, NULL), 0);
    f->world.arena = kt_arena_new();
    f->world.grade = KT_GRADE_KEY;
    f->world.booked_gross.scale = 255;
    f->world.erp_identity = "ERP/1";
    f->world.shop_identity = "SHOP/1";
    for (int feed = 0; feed < KT_FEEDS; feed++)
        f->world.feed[feed].arena = f->world.arena;
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/kontor-flow-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->file, sizeof f->file, "%s/kontor.db", f->folder);
    (void)snprintf(f->clock, sizeof f->clock, "%s/clock", f->folder);
    fake_later(f, 0);
    assert_int_equal(setenv("KT_CLOCK_FILE", f->clock, 1), 0);
    fill_site(f);
    f->work = (struct kt_work){ .site = &f->site, .arena = kt_arena_new(), .log = f->log };
    MUST(kt_db_open(&f->work.db, &f->site.db, &f->log, &e));
    MUST(server_empty(f->work.db, &e));
    MUST(kt_db_migrate(f->work.db, &from, &to, f->work.arena, &e));
    MUST(kt_committer_start(&f->work.committer, &f->site.db, &f->log, &e));
}

void fake_close(struct fake *f)
{
    static const char *const suffix[] = { "", "-wal", "-shm" };
    kt_committer_stop(f->work.committer);
    kt_db_close(f->work.db);
    kt_arena_free(f->work.arena);
    for (size_t i = 0; i < KT_COUNT(suffix); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", f->file, suffix[i]);
        (void)unlink(path); /* the last two are gone when the last connection closed */
    }
    assert_int_equal(unsetenv("KT_CLOCK_FILE"), 0);
    assert_int_equal(unlink(f->clock), 0);
    assert_int_equal(rmdir(f->folder), 0);
    kt_arena_free(f->world.arena);
    (void)pthread_mutex_destroy(&f->world.lock);
}

/* --- what partners say --- */

static struct kt_str text(struct fake *f, const char *t)
{
    return kt_str_of(kt_text_copy(f->world.arena, t));
}

static struct kt_dec dec(const char *t)
{
    struct kt_dec d = { 0 };
    assert_true(kt_dec_parse(&d, kt_str_of(t)));
    return d;
}

static void add(struct fake *f, enum kt_feed feed, enum kt_kind kind, void *record, bool is_gone)
{
    fake_lock(&f->world);
    kt_changes_add(&f->world.feed[feed], (struct kt_change){ .kind = kind,
                                                             .record = record,
                                                             .is_deleted = is_gone,
                                                             .as_of_us = kt_now_us() });
    fake_unlock(&f->world);
}

static struct kt_variant *variant(struct fake *f, const char *sku)
{
    struct kt_variant *v = KT_NEW(f->world.arena, struct kt_variant);
    KT_PUT(v, kt_variant_shape, scope, KT_STR("s"));
    KT_PUT(v, kt_variant_shape, sku, text(f, sku));
    KT_PUT(v, kt_variant_shape, product, text(f, sku));
    KT_PUT(v, kt_variant_shape, lifecycle, KT_ACTIVE);
    return v;
}

void fake_article(struct fake *f, const char *sku, const char *name)
{
    struct kt_product *p = KT_NEW(f->world.arena, struct kt_product);
    struct kt_text *t = KT_NEW(f->world.arena, struct kt_text);
    KT_PUT(t, kt_text_shape, language, KT_STR("de"));
    KT_PUT(t, kt_text_shape, name, text(f, name));
    KT_PUT(p, kt_product_shape, scope, KT_STR("s"));
    KT_PUT(p, kt_product_shape, id, text(f, sku));
    KT_PUT(p, kt_product_shape, lifecycle, KT_ACTIVE);
    KT_PUT(p, kt_product_shape, texts, (struct kt_list){ t, 1 });
    add(f, KT_FEED_CATALOGUE, KT_KIND_PRODUCT, p, false);
    add(f, KT_FEED_CATALOGUE, KT_KIND_VARIANT, variant(f, sku), false);
}

void fake_two_axes(struct fake *f, const char *sku, const char *parent, const char *axis,
                   const char *value, const char *second, const char *other)
{
    const char *const code[] = { axis, second };
    const char *const chosen[] = { value, other };
    struct kt_variant *v = variant(f, sku);
    struct kt_axis_value *at = KT_NEW_ARRAY(f->world.arena, 2, struct kt_axis_value);
    size_t n = 0;
    KT_PUT(v, kt_variant_shape, product, text(f, parent));
    for (size_t i = 0; i < KT_COUNT(code); i++) {
        if (chosen[i] == NULL)
            continue;
        KT_PUT(&at[n], kt_axis_value_shape, axis, text(f, code[i]));
        KT_PUT(&at[n], kt_axis_value_shape, value, text(f, chosen[i]));
        n++;
    }
    KT_PUT(v, kt_variant_shape, axis_values, (struct kt_list){ at, n });
    add(f, KT_FEED_CATALOGUE, KT_KIND_VARIANT, v, false);
}

void fake_variant(struct fake *f, const char *sku, const char *parent, const char *axis,
                  const char *value)
{
    fake_two_axes(f, sku, parent, axis, value, NULL, NULL);
}

static struct kt_list axes_of(struct fake *f, const char *first, const char *second)
{
    const char *const code[] = { first, second };
    struct kt_axis *axis = KT_NEW_ARRAY(f->world.arena, KT_COUNT(code), struct kt_axis);
    size_t n = 0;
    for (size_t i = 0; i < KT_COUNT(code); i++) {
        if (code[i] == NULL)
            continue;
        KT_PUT(&axis[n], kt_axis_shape, position, (int64_t)n + 1);
        KT_PUT(&axis[n], kt_axis_shape, code, text(f, code[i]));
        n++;
    }
    return (struct kt_list){ axis, n };
}

void fake_page(struct fake *f, const char *id, const char *name, const char *axis,
               const char *second, const char *category, const char *file)
{
    struct kt_product *p = KT_NEW(f->world.arena, struct kt_product);
    struct kt_text *t = KT_NEW(f->world.arena, struct kt_text);
    struct kt_ref *in = KT_NEW(f->world.arena, struct kt_ref);
    struct kt_media *media = KT_NEW(f->world.arena, struct kt_media);
    KT_PUT(t, kt_text_shape, language, KT_STR("de"));
    KT_PUT(t, kt_text_shape, name, text(f, name));
    KT_PUT(p, kt_product_shape, scope, KT_STR("s"));
    KT_PUT(p, kt_product_shape, id, text(f, id));
    KT_PUT(p, kt_product_shape, lifecycle, KT_ACTIVE);
    KT_PUT(p, kt_product_shape, texts, (struct kt_list){ t, 1 });
    KT_PUT(p, kt_product_shape, axes, axes_of(f, axis, second));
    if (category != NULL) {
        KT_PUT(in, kt_ref_shape, id, text(f, category));
        KT_PUT(p, kt_product_shape, categories, (struct kt_list){ in, 1 });
    }
    if (file != NULL) {
        KT_PUT(media, kt_media_shape, position, INT64_C(1));
        KT_PUT(media, kt_media_shape, url, text(f, file));
        KT_PUT(p, kt_product_shape, media, (struct kt_list){ media, 1 });
    }
    add(f, KT_FEED_CATALOGUE, KT_KIND_PRODUCT, p, false);
}

void fake_category(struct fake *f, const char *id, const char *parent)
{
    struct kt_category *c = KT_NEW(f->world.arena, struct kt_category);
    KT_PUT(c, kt_category_shape, scope, KT_STR("s"));
    KT_PUT(c, kt_category_shape, id, text(f, id));
    if (parent != NULL)
        KT_PUT(c, kt_category_shape, parent, text(f, parent));
    add(f, KT_FEED_CATALOGUE, KT_KIND_CATEGORY, c, false);
}

/* A flat article with a GTIN. */
void fake_gtin(struct fake *f, const char *sku, const char *name, const char *code)
{
    struct kt_gtin *gtin = KT_NEW(f->world.arena, struct kt_gtin);
    struct kt_variant *v = variant(f, sku);
    fake_article(f, sku, name);
    KT_PUT(gtin, kt_gtin_shape, code, text(f, code));
    KT_PUT(gtin, kt_gtin_shape, is_primary, true);
    KT_PUT(v, kt_variant_shape, gtins, (struct kt_list){ gtin, 1 });
    add(f, KT_FEED_CATALOGUE, KT_KIND_VARIANT, v, false);
}

struct fake_product *fake_was_there(struct fake *f, const char *sku, const char *gtin,
                                    const char *page)
{
    struct fake_world *w = &f->world;
    assert_true(w->products < FAKE_PRODUCTS);
    struct fake_product *p = &w->product[w->products++];
    (void)snprintf(p->sku, sizeof p->sku, "%s", sku);
    (void)snprintf(p->gtin, sizeof p->gtin, "%s", gtin);
    (void)snprintf(p->id, sizeof p->id, "%.7s%s%u", page, page[0] == '\0' ? "" : "/",
                   (unsigned)w->products % 1000);
    return p;
}

void fake_article_gone(struct fake *f, const char *sku)
{
    struct kt_product *p = KT_NEW(f->world.arena, struct kt_product);
    KT_PUT(p, kt_product_shape, scope, KT_STR("s"));
    KT_PUT(p, kt_product_shape, id, text(f, sku));
    add(f, KT_FEED_CATALOGUE, KT_KIND_PRODUCT, p, true);
    add(f, KT_FEED_CATALOGUE, KT_KIND_VARIANT, variant(f, sku), true);
}

void fake_price(struct fake *f, const char *sku, const char *amount)
{
    struct kt_price *p = KT_NEW(f->world.arena, struct kt_price);
    KT_PUT(p, kt_price_shape, scope, KT_STR("s"));
    KT_PUT(p, kt_price_shape, id, text(f, sku));
    KT_PUT(p, kt_price_shape, sku, text(f, sku));
    KT_PUT(p, kt_price_shape, kind, KT_PRICE_LIST);
    KT_PUT(p, kt_price_shape, list, KT_STR("00"));
    KT_PUT(p, kt_price_shape, currency, KT_STR("EUR"));
    KT_PUT(p, kt_price_shape, amount, dec(amount));
    KT_PUT(p, kt_price_shape, per, kt_dec_int(1));
    add(f, KT_FEED_PRICES, KT_KIND_PRICE, p, false);
}

void fake_stock(struct fake *f, const char *sku, const char *available)
{
    struct kt_stock *s = KT_NEW(f->world.arena, struct kt_stock);
    KT_PUT(s, kt_stock_shape, scope, KT_STR("s"));
    KT_PUT(s, kt_stock_shape, sku, text(f, sku));
    KT_PUT(s, kt_stock_shape, warehouse, KT_STR("1000"));
    KT_PUT(s, kt_stock_shape, available, dec(available));
    add(f, KT_FEED_STOCK, KT_KIND_STOCK, s, false);
}

static void fill_address(struct fake *f, struct kt_address *to)
{
    KT_PUT(to, kt_address_shape, name, text(f, "Erika Beispiel"));
    KT_PUT(to, kt_address_shape, street, text(f, "Lindenweg 7"));
    KT_PUT(to, kt_address_shape, postcode, KT_STR("10115"));
    KT_PUT(to, kt_address_shape, city, text(f, "Musterstadt"));
    KT_PUT(to, kt_address_shape, country, KT_STR("DE"));
}

void fake_order(struct fake *f, const char *id, const char *sku, const char *gross)
{
    enum { MOST = 300 };
    struct fake_world *w = &f->world;
    struct kt_order_line *line = KT_NEW(w->arena, struct kt_order_line);
    struct kt_order order = { 0 };
    struct kt_address address = { 0 };
    fill_address(f, &address);
    KT_PUT(line, kt_order_line_shape, id, KT_STR("item-1"));
    KT_PUT(line, kt_order_line_shape, type, KT_LINE_ITEM);
    KT_PUT(line, kt_order_line_shape, sku, text(f, sku));
    KT_PUT(line, kt_order_line_shape, quantity, kt_dec_int(1));
    KT_PUT(line, kt_order_line_shape, net, dec(gross));
    KT_PUT(line, kt_order_line_shape, tax, kt_dec_int(0));
    KT_PUT(line, kt_order_line_shape, gross, dec(gross));
    KT_PUT(&order, kt_order_shape, id, text(f, id));
    KT_PUT(&order, kt_order_shape, number, text(f, id));
    KT_PUT(&order, kt_order_shape, placed_at, INT64_C(1700000000) * KT_SECOND);
    KT_PUT(&order, kt_order_shape, currency, KT_STR("EUR"));
    KT_PUT(&order, kt_order_shape, status, KT_ORDER_OPEN);
    KT_PUT(&order, kt_order_shape, is_paid, true);
    KT_PUT(&order, kt_order_shape, billing, address);
    KT_PUT(&order, kt_order_shape, shipping, address);
    KT_PUT(&order, kt_order_shape, lines, (struct kt_list){ line, 1 });
    KT_PUT(&order, kt_order_shape, tax, kt_dec_int(0));
    KT_PUT(&order, kt_order_shape, gross, dec(gross));
    fake_lock(w);
    if (w->order == NULL)
        w->order = KT_NEW_ARRAY(w->arena, MOST, struct kt_order);
    assert_true(w->orders < MOST);
    w->order[w->orders++] = order;
    fake_unlock(w);
}

void fake_deliver(struct fake *f, const char *id, const char *our_key, const char *sku,
                  int64_t quantity, const char *tracking)
{
    enum { MOST = 50 };
    struct fake_world *w = &f->world;
    struct kt_shipment_line *line = KT_NEW(w->arena, struct kt_shipment_line);
    struct kt_shipment s = { 0 };
    KT_PUT(line, kt_shipment_line_shape, id, KT_STR("10000"));
    KT_PUT(line, kt_shipment_line_shape, order_line, KT_STR("item-1"));
    KT_PUT(line, kt_shipment_line_shape, sku, text(f, sku));
    KT_PUT(line, kt_shipment_line_shape, quantity, kt_dec_int(quantity));
    KT_PUT(&s, kt_shipment_shape, scope, KT_STR("s"));
    KT_PUT(&s, kt_shipment_shape, id, text(f, id));
    KT_PUT(&s, kt_shipment_shape, order_key, text(f, our_key));
    KT_PUT(&s, kt_shipment_shape, tracking_no, text(f, tracking));
    KT_PUT(&s, kt_shipment_shape, lines, (struct kt_list){ line, 1 });
    fake_lock(w);
    if (w->shipment == NULL)
        w->shipment = KT_NEW_ARRAY(w->arena, MOST, struct kt_shipment);
    assert_true(w->shipments < MOST);
    w->shipment[w->shipments++] = s;
    fake_unlock(w);
}

void fake_finish(struct fake *f)
{
    fake_lock(&f->world);
    for (size_t i = 0; i < f->world.documents; i++)
        f->world.document[i].is_pending = false;
    fake_unlock(&f->world);
}

const struct fake_product *fake_product_of(const struct fake *f, const char *sku)
{
    for (size_t i = 0; i < f->world.products; i++) {
        if (strcmp(f->world.product[i].sku, sku) == 0)
            return &f->world.product[i];
    }
    return NULL;
}

/* --- runs --- */

void fake_out(struct fake *f)
{
    struct kt_err e = { 0 };
    struct kt_erp_session s;
    struct kt_push p;
    struct kt_push_report pushed = { 0 };
    size_t rows = 1;
    size_t units = 1;
    MUST(kt_erp_session_open(&s, &f->work, &f->erp, &e));
    for (int feed = 0; feed < KT_FEEDS; feed++) {
        struct kt_intake_report report = { 0 };
        bool is_elsewhere = false;
        MUST(kt_pull(&f->work, &s, (enum kt_feed)feed, false, &report, &is_elsewhere, &e));
        assert_false(is_elsewhere);
    }
    kt_erp_session_close(&s);
    while (rows > 0)
        MUST(kt_fanout_step(&f->work, &f->channel, &rows, &e));
    MUST(kt_push_open(&p, &f->work, &f->channel, &e));
    while (units > 0 && !kt_pace_is_held(&p.session.pace, kt_now_us()))
        MUST(kt_push_step(&p, &f->work, &units, &pushed, &e));
    kt_push_close(&p);
}

void fake_in(struct fake *f)
{
    struct kt_err e = { 0 };
    struct kt_erp_session s;
    struct kt_channel_session c;
    struct kt_receive_report received = { 0 };
    struct kt_orders_report booked = { 0 };
    bool is_elsewhere = false;
    size_t did = 1;
    int64_t told = 0;
    MUST(kt_channel_session_open(&c, &f->work, &f->channel, &e));
    MUST(kt_receive(&f->work, &c, &received, &is_elsewhere, &e));
    MUST(kt_erp_session_open(&s, &f->work, &f->erp, &e));
    while (did > 0 && !kt_pace_is_held(&s.pace, kt_now_us()))
        MUST(kt_orders_step(&f->work, &s, &did, &booked, &e));
    kt_erp_session_close(&s);
    for (did = 1; did > 0;)
        MUST(kt_tell_step(&f->work, &c, &did, &told, &e));
    kt_channel_session_close(&c);
}

void fake_ship(struct fake *f)
{
    struct kt_err e = { 0 };
    struct kt_erp_session s;
    struct kt_channel_session c;
    struct kt_intake_report report = { 0 };
    bool is_elsewhere = false;
    size_t did = 1;
    int64_t count = 0;
    MUST(kt_erp_session_open(&s, &f->work, &f->erp, &e));
    MUST(kt_pull(&f->work, &s, KT_FEED_SHIPMENTS, false, &report, &is_elsewhere, &e));
    kt_erp_session_close(&s);
    MUST(kt_channel_session_open(&c, &f->work, &f->channel, &e));
    while (did > 0 && !kt_pace_is_held(&c.ship, kt_now_us()))
        MUST(kt_ship_step(&f->work, &c, &did, &count, &e));
    kt_channel_session_close(&c);
}

const char *fake_order_state(struct fake *f, const char *id)
{
    struct kt_err e = { 0 };
    struct kt_order_row *row = NULL;
    size_t count = 0;
    MUST(kt_order_search(f->work.db, kt_str_of(id), &row, &count, f->world.arena, &e));
    return count == 1 ? row[0].state.p : "";
}

int64_t fake_open_exceptions(struct fake *f)
{
    struct kt_err e = { 0 };
    int64_t open = -1;
    MUST(kt_exception_count(f->work.db, &open, &e));
    return open;
}

struct kt_order_row fake_row_of(struct fake *f, const char *id)
{
    struct kt_err e = { 0 };
    struct kt_order_row *row = NULL;
    size_t count = 0;
    MUST(kt_order_search(f->work.db, kt_str_of(id), &row, &count, f->world.arena, &e));
    assert_int_equal(count, 1);
    return row[0];
}
