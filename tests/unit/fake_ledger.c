/* The ERP with snapshots, changes and totals: fake_ledger.h. */
#include "fake_ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/pull.h"
#include "store/records.h"

#define MUST(call) assert_int_equal((call), KT_OK)

struct kt_erp {
    struct ledger *ledger;
};
struct ledger_conf {
    struct ledger *ledger;
};

/* --- what it holds --- */

static struct ledger_item *item_of(struct ledger *l, enum kt_feed feed, const char *id)
{
    for (size_t i = 0; i < l->items[feed]; i++) {
        if (strcmp(l->item[feed][i].id, id) == 0)
            return &l->item[feed][i];
    }
    return NULL;
}

static void touch(struct ledger *l, struct ledger_item *item, bool is_alive)
{
    KT_ASSERT(item != NULL);
    item->is_alive = is_alive;
    item->as_of_us = kt_now_us();
    item->change = ++l->changes;
}

void ledger_put(struct ledger *l, enum kt_feed feed, const char *id, int value)
{
    struct ledger_item *item = item_of(l, feed, id);
    if (item == NULL) {
        assert_true(l->items[feed] < LEDGER_ITEMS);
        item = &l->item[feed][l->items[feed]++];
        (void)snprintf(item->id, sizeof item->id, "%s", id);
    }
    item->value = value;
    touch(l, item, true);
}

void ledger_remove(struct ledger *l, enum kt_feed feed, const char *id)
{
    struct ledger_item *item = item_of(l, feed, id);
    assert_non_null(item);
    touch(l, item, false);
}

void ledger_fill(struct ledger *l, enum kt_feed feed, int count, int value)
{
    for (int i = 0; i < count; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%04d", i);
        ledger_put(l, feed, id, value);
    }
}

/* --- its records --- */

static struct kt_str text(struct kt_arena *a, const char *t)
{
    return kt_str_of(kt_text_copy(a, t));
}

static void *product_of(const struct ledger_item *i, struct kt_arena *a)
{
    struct kt_product *p = KT_NEW(a, struct kt_product);
    struct kt_text *t = KT_NEW(a, struct kt_text);
    KT_PUT(t, kt_text_shape, language, KT_STR("de"));
    KT_PUT(t, kt_text_shape, name, kt_str_of(kt_format(a, "Artikel %d", i->value)));
    KT_PUT(p, kt_product_shape, scope, KT_STR("s"));
    KT_PUT(p, kt_product_shape, id, text(a, i->id));
    if (!i->is_alive)
        return p;
    KT_PUT(p, kt_product_shape, lifecycle, KT_ACTIVE);
    KT_PUT(p, kt_product_shape, texts, (struct kt_list){ t, 1 });
    return p;
}

static void *variant_of(const struct ledger_item *i, struct kt_arena *a)
{
    struct kt_variant *v = KT_NEW(a, struct kt_variant);
    KT_PUT(v, kt_variant_shape, scope, KT_STR("s"));
    KT_PUT(v, kt_variant_shape, sku, text(a, i->id));
    if (!i->is_alive)
        return v;
    KT_PUT(v, kt_variant_shape, product, text(a, i->id));
    KT_PUT(v, kt_variant_shape, lifecycle, KT_ACTIVE);
    return v;
}

static void *price_of(const struct ledger_item *i, struct kt_arena *a)
{
    struct kt_price *p = KT_NEW(a, struct kt_price);
    KT_PUT(p, kt_price_shape, scope, KT_STR("s"));
    KT_PUT(p, kt_price_shape, id, text(a, i->id));
    if (!i->is_alive)
        return p;
    KT_PUT(p, kt_price_shape, sku, text(a, i->id));
    KT_PUT(p, kt_price_shape, kind, KT_PRICE_LIST);
    KT_PUT(p, kt_price_shape, list, KT_STR("00"));
    KT_PUT(p, kt_price_shape, currency, KT_STR("EUR"));
    KT_PUT(p, kt_price_shape, amount, (struct kt_dec){ i->value, 2 });
    KT_PUT(p, kt_price_shape, per, kt_dec_int(1));
    return p;
}

static void *stock_of(const struct ledger_item *i, struct kt_arena *a)
{
    struct kt_stock *s = KT_NEW(a, struct kt_stock);
    KT_PUT(s, kt_stock_shape, scope, KT_STR("s"));
    KT_PUT(s, kt_stock_shape, sku, text(a, i->id));
    KT_PUT(s, kt_stock_shape, warehouse, KT_STR("1000"));
    if (!i->is_alive)
        return s;
    KT_PUT(s, kt_stock_shape, available, kt_dec_int(i->value));
    return s;
}

static void *category_of(const struct ledger_item *i, struct kt_arena *a)
{
    struct kt_category *c = KT_NEW(a, struct kt_category);
    KT_PUT(c, kt_category_shape, scope, KT_STR("s"));
    KT_PUT(c, kt_category_shape, id, text(a, i->id));
    if (i->is_alive)
        KT_PUT(c, kt_category_shape, position, (int64_t)i->value);
    return c;
}

static const struct kt_verdict *fault_of(const struct ledger *l, const struct ledger_item *i,
                                         struct kt_arena *a)
{
    if (l->unreadable == NULL || strcmp(l->unreadable, i->id) != 0)
        return NULL;
    struct kt_verdict *v = KT_NEW(a, struct kt_verdict);
    kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING, KT_P_TEXT("record", i->id),
             KT_P_TEXT("field", "available"));
    return v;
}

static void add(const struct ledger *l, struct kt_page *page, enum kt_kind kind,
                const struct ledger_item *i, void *record)
{
    kt_changes_add(&page->changes, (struct kt_change){ .kind = kind,
                                                       .is_deleted = !i->is_alive,
                                                       .fault = fault_of(l, i, page->changes.arena),
                                                       .as_of_us = i->as_of_us,
                                                       .record = record });
}

static void add_item(const struct ledger *l, struct kt_page *page, const struct ledger_item *i,
                     struct kt_arena *a)
{
    switch (page->feed) {
    case KT_FEED_CATALOGUE:
        add(l, page, KT_KIND_PRODUCT, i, product_of(i, a));
        add(l, page, KT_KIND_VARIANT, i, variant_of(i, a));
        break;
    case KT_FEED_PRICES:
        add(l, page, KT_KIND_PRICE, i, price_of(i, a));
        break;
    case KT_FEED_STOCK:
        add(l, page, KT_KIND_STOCK, i, stock_of(i, a));
        break;
    case KT_FEED_CATEGORIES:
        add(l, page, KT_KIND_CATEGORY, i, category_of(i, a));
        break;
    case KT_FEED_CUSTOMERS:
    case KT_FEED_SHIPMENTS:
    case KT_FEED_DOCUMENTS:
    case KT_FEEDS:
        break;
    }
}

/* --- its pages --- */

/* "S7:120": a snapshot begun behind change 7, items from 120 on. "D7": changes behind 7.
 * "E7:9:120": the same up to 9, items from 120 on. */
struct place {
    char kind;
    long long since;
    long long until;
    long long at;
};

static struct place place_of(const struct ledger *l, struct kt_str token)
{
    struct place p = { 'S', l->changes, l->changes, 0 };
    char *end = NULL;
    if (token.n == 0)
        return p;
    p.kind = token.p[0];
    p.since = strtoll(token.p + 1, &end, 10);
    if (p.kind == 'E')
        p.until = strtoll(end + 1, &end, 10);
    if (p.kind != 'D')
        p.at = strtoll(end + 1, &end, 10);
    return p;
}

static const char *token_of(const struct place *p, bool is_more, struct kt_arena *a)
{
    if (!is_more)
        return kt_format(a, "D%lld", p->kind == 'S' ? p->since : p->until);
    return p->kind == 'S' ? kt_format(a, "S%lld:%lld", p->since, p->at)
                          : kt_format(a, "E%lld:%lld:%lld", p->since, p->until, p->at);
}

static bool is_shown(const struct ledger *l, const struct place *p, const struct ledger_item *i)
{
    if (p->kind == 'S')
        return i->is_alive;
    return i->change > p->since && (i->is_alive || !l->hides_deletions);
}

static void fill(struct ledger *l, struct kt_page *page, struct kt_arena *a)
{
    struct place p = place_of(l, page->token);
    size_t rows = 0;
    size_t i = (size_t)p.at;
    for (; i < l->items[page->feed] && rows < l->page_rows; i++) {
        const struct ledger_item *item = &l->item[page->feed][i];
        if (!is_shown(l, &p, item))
            continue;
        add_item(l, page, item, a);
        rows++;
    }
    p.at = (long long)i;
    page->is_more = i < l->items[page->feed];
    page->is_snapshot = p.kind == 'S' && l->says_snapshot;
    page->next = kt_str_of(token_of(&p, page->is_more, a));
    page->begun_us = l->begun_us;
    page->has_total = page->is_snapshot && l->says_total;
    for (i = 0; i < l->items[page->feed]; i++)
        page->total += l->item[page->feed][i].is_alive;
    page->total += l->miscounts;
}

static enum kt_rc pull(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                       struct kt_err *e)
{
    struct ledger *l = erp->ledger;
    const size_t number = l->page++;
    if (l->before != NULL)
        l->before(l, l->context);
    if (l->fails_at == (int)number)
        return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_UNREACHABLE,
                       KT_P_TEXT("partner", "erp"), KT_P_TEXT("detail", "cut"));
    if (l->begins_anew_at == (int)number && page->token.n > 0) {
        page->next = KT_STR("");
        page->is_more = true;
        return KT_OK;
    }
    fill(l, page, a);
    return KT_OK;
}

static enum kt_rc open_it(struct kt_erp **out, const void *conf, const struct kt_env *env,
                          struct kt_err *e)
{
    const struct ledger_conf *c = conf;
    (void)env;
    (void)e;
    *out = calloc(1, sizeof **out);
    assert_non_null(*out);
    (*out)->ledger = c->ledger;
    return KT_OK;
}

static void close_it(struct kt_erp *erp)
{
    free(erp);
}

static unsigned one_second(const void *conf)
{
    (void)conf;
    return 1;
}

static enum kt_rc identify(struct kt_erp *erp, struct kt_identity *who, enum kt_grade *grade,
                           unsigned *limit_s, struct kt_arena *a, struct kt_err *e)
{
    (void)erp;
    (void)a;
    (void)e;
    who->text = "LEDGER";
    *grade = KT_GRADE_NONE;
    *limit_s = 1;
    return KT_OK;
}

static const struct kt_erp_facts facts = {
    .feed = { [KT_FEED_CATALOGUE] = KT_FEED_DELTA_DELETES,
              [KT_FEED_PRICES] = KT_FEED_DELTA_DELETES,
              [KT_FEED_STOCK] = KT_FEED_DELTA,
              [KT_FEED_CATEGORIES] = KT_FEED_SNAPSHOT },
};

static const struct kt_opt no_opts[] = { { 0 } };

void ledger_open(struct ledger *l, struct fake *f)
{
    static struct kt_erp_ops ops;
    struct ledger_conf *conf = KT_NEW(f->world.arena, struct ledger_conf);
    *l = (struct ledger){ .fake = f,
                          .page_rows = 7,
                          .fails_at = -1,
                          .begins_anew_at = -1,
                          .says_snapshot = true,
                          .says_total = true };
    ops = fake_erp_ops;
    ops.name = "ledger";
    ops.opts = no_opts;
    ops.conf_size = sizeof *conf;
    ops.facts = &facts;
    ops.open = open_it;
    ops.close = close_it;
    ops.max_call_s = one_second;
    ops.identify = identify;
    ops.pull = pull;
    conf->ledger = l;
    f->erp.ops = &ops;
    f->erp.conf = conf;
}

/* --- runs and what they left --- */

struct kt_run ledger_run(struct ledger *l, enum kt_feed feed, bool full,
                         struct kt_intake_report *report)
{
    struct kt_work *w = &l->fake->work;
    const struct kt_pull_order order = { .feed = feed, .how = KT_RUN_MANUAL, .is_full = full };
    struct kt_erp_session s;
    struct kt_run run = { 0 };
    struct kt_err e = { 0 };
    int64_t number = 0;
    bool found = false;
    l->page = 0;
    *report = (struct kt_intake_report){ 0 };
    MUST(kt_erp_session_open(&s, w, &l->fake->erp, &e));
    if (kt_pull_run(w, &s, &order, report, &number, &e) != KT_OK) {
        assert_int_equal(e.v.code, KT_E_PARTNER_UNREACHABLE);
        kt_err_clear(&e);
    }
    kt_erp_session_close(&s);
    assert_true(number > 0);
    MUST(kt_run_get(w->db, number, &run, &found, l->fake->world.arena, &e));
    assert_true(found);
    return run;
}

struct kt_run ledger_last_run(struct ledger *l, enum kt_feed feed)
{
    struct kt_run run = { 0 };
    struct kt_err e = { 0 };
    bool found = false;
    MUST(kt_run_last(l->fake->work.db, "erp", kt_feed_name(feed), &run, &found,
                     l->fake->world.arena, &e));
    return run;
}

int64_t ledger_living(struct ledger *l, enum kt_kind kind)
{
    struct kt_err e = { 0 };
    int64_t count = -1;
    MUST(kt_records_count(l->fake->work.db, kind, &count, &e));
    return count;
}

static enum kt_kind last_kind(enum kt_feed feed)
{
    enum kt_kind kind = KT_KINDS;
    while ((kt_feed_kinds(feed) & 1U << --kind) == 0)
        ;
    return kind;
}

static struct kt_stored stored_of(struct ledger *l, enum kt_feed feed, const char *id,
                                  struct kt_arena *a)
{
    struct kt_stored stored;
    struct kt_err e = { 0 };
    struct kt_str key = kt_str_of(kt_format(a, feed == KT_FEED_STOCK ? "s|%s|1000" : "s|%s", id));
    MUST(kt_records_get(l->fake->work.db, last_kind(feed), &key, 1, &stored, a, &e));
    return stored;
}

bool ledger_lives(struct ledger *l, enum kt_feed feed, const char *id)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_stored stored = stored_of(l, feed, id, a);
    bool lives = stored.record != NULL && !stored.is_deleted;
    kt_arena_free(a);
    return lives;
}

static int value_of(enum kt_feed feed, const void *record)
{
    const struct kt_price *price = record;
    const struct kt_stock *stock = record;
    const struct kt_category *category = record;
    struct kt_dec cents = { 0 };
    if (feed == KT_FEED_PRICES) {
        assert_true(kt_dec_rescale(&cents, price->amount, 2));
        return (int)cents.units;
    }
    if (feed == KT_FEED_STOCK) {
        assert_true(kt_dec_rescale(&cents, stock->available, 0));
        return (int)cents.units;
    }
    return feed == KT_FEED_CATEGORIES ? (int)category->position : -1;
}

int ledger_value(struct ledger *l, enum kt_feed feed, const char *id)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_stored stored = stored_of(l, feed, id, a);
    assert_non_null(stored.record);
    int value = value_of(feed, stored.record);
    kt_arena_free(a);
    return value;
}

/* The name of an article stands in its product, beside the variant. */
static void check_name(struct ledger *l, const struct ledger_item *i, struct kt_arena *a)
{
    struct kt_stored stored;
    struct kt_err e = { 0 };
    struct kt_str key = kt_str_of(kt_format(a, "s|%s", i->id));
    MUST(kt_records_get(l->fake->work.db, KT_KIND_PRODUCT, &key, 1, &stored, a, &e));
    assert_true(stored.record != NULL && stored.is_deleted == !i->is_alive);
    const struct kt_product *p = stored.record;
    const struct kt_text *t = p->texts.item;
    if (i->is_alive)
        assert_string_equal(t[0].name.p, kt_format(a, "Artikel %d", i->value));
}

void ledger_check(struct ledger *l, enum kt_feed feed)
{
    struct kt_arena *a = kt_arena_new();
    int64_t alive = 0;
    for (size_t k = 0; k < l->items[feed]; k++) {
        const struct ledger_item *i = &l->item[feed][k];
        struct kt_stored stored = stored_of(l, feed, i->id, a);
        bool lives = stored.record != NULL && !stored.is_deleted;
        alive += i->is_alive;
        if (lives != i->is_alive)
            fail_msg("%s %s: in the store it %s", kt_feed_name(feed), i->id,
                     lives ? "lives" : "is gone");
        if (lives && feed == KT_FEED_CATALOGUE)
            check_name(l, i, a);
        else if (lives && value_of(feed, stored.record) != i->value)
            fail_msg("%s %s: the store says %d, the ERP %d", kt_feed_name(feed), i->id,
                     value_of(feed, stored.record), i->value);
    }
    assert_int_equal(ledger_living(l, last_kind(feed)), alive);
    kt_arena_free(a);
}
