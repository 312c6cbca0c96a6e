/* Certificates and market rules at the gate of a channel, and what follows: withdrawn and back, the
 * clock, orders, silence, and what it costs those who have none of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flow/fanout.h"
#include "flow/push.h"
#include "flow/view.h"
#include "papers_kit.h"
#include "store/exceptions.h"

#define DAY  INT64_C(86400)
#define HOUR INT64_C(3600)

/* What the flow asks the store, counted. */
static int asked;
enum kt_rc __real_kt_past_covering(struct kt_db *db, enum kt_kind kind, struct kt_str scope,
                                   const struct kt_goods *goods, size_t count, struct kt_past **out,
                                   size_t *pasts, struct kt_arena *a, struct kt_err *e);
enum kt_rc __wrap_kt_past_covering(struct kt_db *db, enum kt_kind kind, struct kt_str scope,
                                   const struct kt_goods *goods, size_t count, struct kt_past **out,
                                   size_t *pasts, struct kt_arena *a, struct kt_err *e);
enum kt_rc __wrap_kt_past_covering(struct kt_db *db, enum kt_kind kind, struct kt_str scope,
                                   const struct kt_goods *goods, size_t count, struct kt_past **out,
                                   size_t *pasts, struct kt_arena *a, struct kt_err *e)
{
    asked++;
    return __real_kt_past_covering(db, kind, scope, goods, count, out, pasts, a, e);
}

static int shown_asked;
enum kt_rc __real_kt_shown_still(struct kt_db *db, const char *channel,
                                 const struct kt_str *sku_key, size_t count, bool *is,
                                 struct kt_arena *a, struct kt_err *e);
enum kt_rc __wrap_kt_shown_still(struct kt_db *db, const char *channel,
                                 const struct kt_str *sku_key, size_t count, bool *is,
                                 struct kt_arena *a, struct kt_err *e);
enum kt_rc __wrap_kt_shown_still(struct kt_db *db, const char *channel,
                                 const struct kt_str *sku_key, size_t count, bool *is,
                                 struct kt_arena *a, struct kt_err *e)
{
    shown_asked++;
    return __real_kt_shown_still(db, channel, sku_key, count, is, a, e);
}

static int shown_put;
enum kt_rc __real_kt_shown_put(struct kt_db *db, const char *channel, struct kt_str sku_key,
                               const struct kt_shown *now, size_t count, int64_t at_us,
                               struct kt_arena *a, struct kt_err *e);
enum kt_rc __wrap_kt_shown_put(struct kt_db *db, const char *channel, struct kt_str sku_key,
                               const struct kt_shown *now, size_t count, int64_t at_us,
                               struct kt_arena *a, struct kt_err *e);
enum kt_rc __wrap_kt_shown_put(struct kt_db *db, const char *channel, struct kt_str sku_key,
                               const struct kt_shown *now, size_t count, int64_t at_us,
                               struct kt_arena *a, struct kt_err *e)
{
    shown_put++;
    return __real_kt_shown_put(db, channel, sku_key, now, count, at_us, a, e);
}

/* A page with two variants and a flat article. */
static int open_fake(void **state)
{
    static struct fake f;
    fake_open(&f);
    fake_take_matrix(&f);
    fake_page(&f, "P-1", "Lampe", "colour", NULL, NULL, NULL);
    fake_variant(&f, "V-R", "P-1", "colour", "red");
    fake_variant(&f, "V-B", "P-1", "colour", "blue");
    fake_article(&f, "A-1", "Kabel");
    kit_needs_ce(&f);
    *state = &f;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

static bool is_offered(struct fake *f, const char *sku)
{
    const struct fake_product *p = fake_product_of(f, sku);
    return p != NULL && !p->is_withdrawn;
}

static struct kt_unit_view view_in(struct fake *f, const struct kt_channel_site *channel,
                                   enum kt_unit unit, const char *key)
{
    struct kt_unit_view v = { 0 };
    struct kt_err e = { 0 };
    if (kt_unit_view(&f->work, channel, unit, kt_str_of(key), kt_now_us(), &v, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
    return v;
}

static struct kt_unit_view view_of(struct fake *f, enum kt_unit unit, const char *key)
{
    return view_in(f, &f->channel, unit, key);
}

/* The open exception of a unit; its code, KT_E_NONE: there is none. */
static enum kt_code code_of(struct fake *f, const char *key)
{
    struct kt_exception *x = NULL;
    struct kt_err e = { 0 };
    size_t count = 0;
    assert_int_equal(
        kt_exception_list_of(f->work.db, "delivery", "shop", 0, 100, &x, &count, f->work.arena, &e),
        KT_OK);
    for (size_t i = 0; i < count; i++) {
        if (kt_str_is(x[i].key, key))
            return x[i].v.code;
    }
    return KT_E_NONE;
}

/* --- certificates --- */

static void needed__nothing_is_sold_without_it_and_a_person_sees_why(void **state)
{
    struct fake *f = *state;
    fake_out(f);
    assert_null(fake_product_of(f, "P-1"));
    assert_int_equal(code_of(f, "product s|P-1"), KT_E_CERTIFICATE_NEEDED);
    assert_int_equal(code_of(f, "variant s|V-R"), KT_E_CERTIFICATE_NEEDED);
    kit_certificate(f, (struct paper_words){ .id = "1", .product = "P-1" });
    fake_out(f);
    assert_true(is_offered(f, "P-1") && is_offered(f, "V-R") && is_offered(f, "V-B"));
    assert_null(fake_product_of(f, "A-1"));
    assert_int_equal(code_of(f, "product s|P-1"), KT_E_NONE);
    assert_int_equal(code_of(f, "variant s|V-R"), KT_E_NONE);
    assert_int_equal(code_of(f, "product s|A-1"), KT_E_CERTIFICATE_NEEDED);
}

static void revoked__variant_goes_by_the_clock_alone_and_the_next_brings_it_back(void **state)
{
    struct fake *f = *state;
    const int64_t end_us = kt_now_us() + 2 * KT_HOUR;
    kit_certificate(f, (struct paper_words){ .id = "1", .sku = "V-R", .revoked_us = end_us });
    kit_certificate(f, (struct paper_words){ .id = "2", .sku = "V-B" });
    fake_out(f);
    assert_true(is_offered(f, "V-R"));
    assert_true(view_of(f, KT_UNIT_VARIANT, "s|V-R").changes_us == end_us);
    assert_true(view_of(f, KT_UNIT_PRODUCT, "s|P-1").changes_us == end_us);
    fake_later(f, 2 * HOUR - 60);
    fake_out(f);
    assert_true(is_offered(f, "V-R"));
    fake_later(f, 61);
    fake_out(f);
    assert_false(is_offered(f, "V-R"));
    assert_true(is_offered(f, "V-B") && is_offered(f, "P-1"));
    assert_int_equal(code_of(f, "variant s|V-R"), KT_E_CERTIFICATE_ENDED);
    assert_int_equal(code_of(f, "product s|P-1"), KT_E_NONE); /* something of it is on sale */
    kit_certificate(f, (struct paper_words){ .id = "3", .sku = "V-R" });
    fake_out(f);
    assert_true(is_offered(f, "V-R"));
    assert_int_equal(code_of(f, "variant s|V-R"), KT_E_NONE);
}

/* Inclusive days of the market's zone: the next midnight there is the end. */
static void last_day__ends_at_the_markets_midnight(void **state)
{
    struct fake *f = *state;
    char day[KT_TIME_TEXT_MAX];
    const struct kt_day today = kt_zone_day(f->channel.zone, kt_now_us());
    kt_day_text(today, day);
    kit_certificate(f, (struct paper_words){ .id = "1", .product = "P-1", .until = day });
    fake_out(f);
    const int64_t midnight_us = kt_zone_midnight_us(f->channel.zone, kt_day_next(today));
    assert_true(view_of(f, KT_UNIT_VARIANT, "s|V-R").changes_us == midnight_us);
    fake_later(f, (midnight_us - kt_now_us()) / KT_SECOND + 1);
    fake_out(f);
    assert_false(is_offered(f, "P-1"));
    assert_int_equal(code_of(f, "product s|P-1"), KT_E_CERTIFICATE_ENDED);
}

static void other_market__knows_nothing_of_it(void **state)
{
    struct fake *f = *state;
    struct kt_channel_site france = f->channel;
    france.market = "FR";
    assert_int_equal(view_of(f, KT_UNIT_PRODUCT, "s|P-1").refusal.code, KT_E_NONE);
    fake_out(f);
    assert_false(view_of(f, KT_UNIT_PRODUCT, "s|P-1").is_there);
    assert_true(view_in(f, &france, KT_UNIT_PRODUCT, "s|P-1").is_there);
    assert_true(view_in(f, &france, KT_UNIT_VARIANT, "s|V-R").is_there);
    kit_certificate(f, (struct paper_words){ .id = "1", .product = "P-1", .market = "AT" });
    assert_false(view_of(f, KT_UNIT_PRODUCT, "s|P-1").is_there); /* it counts elsewhere */
}

static void deleted__certificate_counts_no_more(void **state)
{
    struct fake *f = *state;
    const struct paper_words c = { .id = "1", .product = "P-1" };
    struct paper_words gone = c;
    kit_certificate(f, c);
    fake_out(f);
    assert_true(is_offered(f, "V-R"));
    gone.is_gone = true;
    fake_later(f, 1);
    kit_certificate(f, gone);
    fake_out(f);
    assert_false(is_offered(f, "V-R"));
}

/* An article whose own record has no group stands on a page that has one. */
static void class__of_the_page_counts_for_its_articles(void **state)
{
    static const char *const classes[] = { "LAMP" };
    static const struct kt_certificate_rule rule = { .name = "ce",
                                                     .scheme = "CE",
                                                     .classes = { classes, 1 } };
    struct fake *f = *state;
    struct kt_product head = { 0 };
    struct kt_product own = { 0 };
    fake_out(f);
    f->site.compliance.certificate = &rule;
    assert_true(view_of(f, KT_UNIT_VARIANT, "s|V-R").is_there);
    KT_PUT(&own, kt_product_shape, scope, KT_STR("s"));
    KT_PUT(&own, kt_product_shape, id, KT_STR("V-R"));
    KT_PUT(&own, kt_product_shape, lifecycle, KT_ACTIVE);
    kit_put(f, KT_KIND_PRODUCT, &own, false);
    KT_PUT(&head, kt_product_shape, scope, KT_STR("s"));
    KT_PUT(&head, kt_product_shape, id, KT_STR("P-1"));
    KT_PUT(&head, kt_product_shape, lifecycle, KT_ACTIVE);
    KT_PUT(&head, kt_product_shape, product_group, KT_STR("LAMP"));
    fake_later(f, 1);
    kit_put(f, KT_KIND_PRODUCT, &head, false);
    assert_int_equal(view_of(f, KT_UNIT_VARIANT, "s|V-R").refusal.code, KT_E_CERTIFICATE_NEEDED);
}

/* --- silence --- */

/* The ERP's feeds are not asked, so that it stays silent. */
static void push_only(struct fake *f)
{
    struct kt_err e = { 0 };
    struct kt_push p;
    struct kt_push_report pushed = { 0 };
    size_t rows = 1;
    size_t units = 1;
    while (rows > 0)
        assert_int_equal(kt_fanout_step(&f->work, &f->channel, &rows, &e), KT_OK);
    assert_int_equal(kt_push_open(&p, &f->work, &f->channel, &e), KT_OK);
    while (units > 0)
        assert_int_equal(kt_push_step(&p, &f->work, &units, &pushed, &e), KT_OK);
    kt_push_close(&p);
}

static void silent__keeps_what_ends_then_until_its_source_speaks(void **state)
{
    struct fake *f = *state;
    const int64_t end_us = kt_now_us() + 48 * KT_HOUR;
    f->site.documents.silent_s = 26 * HOUR;
    f->site.documents.when_silent = KT_STALE_KEEP;
    char day[KT_TIME_TEXT_MAX];
    kt_day_text(kt_zone_day(f->channel.zone, end_us), day);
    kit_certificate(f, (struct paper_words){ .id = "1", .product = "P-1", .until = day });
    kit_hear(f);
    fake_out(f);
    fake_later(f, 4 * DAY);
    push_only(f);
    assert_true(is_offered(f, "V-R"));
    const struct kt_unit_view kept = view_of(f, KT_UNIT_VARIANT, "s|V-R");
    assert_true(kept.changes_us <= kt_now_us() + KT_MINUTE);
    kit_hear(f); /* it has nothing newer to say */
    fake_later(f, 61);
    push_only(f);
    assert_false(is_offered(f, "V-R"));
}

static void silent__hides_what_ends_where_that_is_the_policy(void **state)
{
    struct fake *f = *state;
    char day[KT_TIME_TEXT_MAX];
    f->site.documents.silent_s = 26 * HOUR;
    kt_day_text(kt_zone_day(f->channel.zone, kt_now_us() + 48 * KT_HOUR), day);
    kit_certificate(f, (struct paper_words){ .id = "1", .product = "P-1", .until = day });
    kit_hear(f);
    fake_out(f);
    fake_later(f, 4 * DAY);
    push_only(f);
    assert_false(is_offered(f, "V-R"));
}

/* What ended while its source was well stays off, however long it is silent afterwards. */
static void silent__brings_nothing_back(void **state)
{
    struct fake *f = *state;
    char day[KT_TIME_TEXT_MAX];
    f->site.documents.silent_s = 26 * HOUR;
    f->site.documents.when_silent = KT_STALE_KEEP;
    kt_day_text(kt_zone_day(f->channel.zone, kt_now_us()), day);
    kit_certificate(f, (struct paper_words){ .id = "1", .product = "P-1", .until = day });
    fake_out(f);
    const int64_t midnight_us = kt_zone_midnight_us(
        f->channel.zone, kt_day_next(kt_zone_day(f->channel.zone, kt_now_us())));
    fake_later(f, (midnight_us - kt_now_us()) / KT_SECOND + 1);
    push_only(f);
    assert_false(is_offered(f, "V-R"));
    fake_later(f, 10 * DAY);
    kit_certificate(f, (struct paper_words){ .id = "9", .sku = "V-B" }); /* looked at again */
    push_only(f);
    assert_false(is_offered(f, "V-R"));
}

/* --- market rules --- */

static void rule__hides_or_lets_pass_with_a_word(void **state)
{
    static const char *const allowed[] = { "red" };
    static const char *const notices[] = { "de: nur blau" };
    struct kt_market_rule rule = {
        .name = "colours", .attribute = "colour", .allowed = { allowed, 1 }, .needs_value = true
    };
    struct fake *f = *state;
    f->site.compliance = (struct kt_compliance){ .market = &rule, .markets = 1 };
    fake_out(f);
    assert_true(is_offered(f, "V-R") && is_offered(f, "P-1"));
    assert_false(is_offered(f, "V-B"));
    assert_int_equal(code_of(f, "variant s|V-B"), KT_E_MARKET_FORBIDS);
    rule.action = KT_MARKET_NOTICE;
    rule.notices = (struct kt_conf_texts){ notices, 1 };
    const struct kt_unit_view blue = view_of(f, KT_UNIT_VARIANT, "s|V-B");
    const struct kt_unit_view page = view_of(f, KT_UNIT_PRODUCT, "s|P-1");
    const struct kt_unit_view *const both[] = { &blue, &page };
    for (size_t i = 0; i < KT_COUNT(both); i++) {
        assert_true(both[i]->is_there);
        for (size_t k = 0; k < both[i]->view.count; k++) {
            const struct kt_view_part *part = &both[i]->view.part[k];
            if (strcmp(part->name, "notices") != 0)
                continue;
            assert_int_equal(part->count, 1);
            const struct kt_text *text = part->record;
            assert_true(kt_str_is(text->name, "nur blau"));
        }
    }
    assert_int_equal(blue.refusal.code, KT_E_NONE);
}

/* --- orders --- */

static void order__is_held_when_it_was_placed_behind_the_end(void **state)
{
    struct fake *f = *state;
    const int64_t placed_us = INT64_C(1700000000) * KT_SECOND; /* of fake_order */
    fake_out(f);
    kit_certificate(
        f, (struct paper_words){ .id = "1", .sku = "A-1", .revoked_us = placed_us - KT_SECOND });
    fake_order(f, "7", "A-1", "10.00");
    fake_in(f);
    assert_string_equal(fake_order_state(f, "7"), "held");
    assert_int_equal(f->world.creates, 0);
    fake_later(f, 1);
    kit_certificate(
        f, (struct paper_words){ .id = "1", .sku = "A-1", .revoked_us = placed_us + KT_SECOND });
    fake_order(f, "8", "A-1", "10.00");
    fake_in(f);
    assert_string_equal(fake_order_state(f, "8"), "told");
}

/* Sources tidy up what has ended: that does not unmake the order of before. */
static void order__of_before_goes_through_when_the_certificate_was_deleted(void **state)
{
    struct fake *f = *state;
    const int64_t placed_us = INT64_C(1700000000) * KT_SECOND; /* of fake_order */
    const struct paper_words c = { .id = "1", .sku = "A-1", .revoked_us = placed_us + KT_SECOND };
    struct paper_words gone = c;
    gone.is_gone = true;
    fake_out(f);
    kit_certificate(f, c);
    fake_later(f, 1);
    kit_certificate(f, gone);
    fake_order(f, "7", "A-1", "10.00");
    fake_in(f);
    assert_string_equal(fake_order_state(f, "7"), "told");
}

/* --- what a channel showed --- */

static size_t shown_now(struct fake *f, const char *key, struct kt_shown **out)
{
    struct kt_err e = { 0 };
    size_t count = 0;
    bool is_known = false;
    assert_int_equal(kt_shown_at(f->work.db, "shop", kt_str_of(key), kt_now_us(), out, &count,
                                 &is_known, f->work.arena, &e),
                     KT_OK);
    return count;
}

static void shown__is_what_the_channel_has_confirmed(void **state)
{
    struct fake *f = *state;
    struct kt_shown *shown = NULL;
    f->site.compliance = (struct kt_compliance){ 0 };
    f->site.documents.is_on = true;
    kit_document(f, (struct paper_words){ .id = "D", .product = "P-1", .content = 'a' });
    f->world.push = FAKE_IS_AWAY;
    fake_out(f);
    assert_int_equal(shown_now(f, "s|V-R", &shown), 0);
    f->world.push = FAKE_OK;
    fake_later(f, 5);
    fake_out(f);
    assert_int_equal(shown_now(f, "s|V-R", &shown), 1);
    assert_true(kt_str_is(shown[0].row_key, "s|D|1"));
    fake_later(f, 5);
    kit_document(
        f, (struct paper_words){ .id = "D", .product = "P-1", .version = "2", .content = 'b' });
    fake_out(f);
    assert_int_equal(shown_now(f, "s|V-R", &shown), 1);
    assert_true(kt_str_is(shown[0].row_key, "s|D|2"));
    fake_later(f, 5);
    fake_article_gone(f, "V-R");
    fake_out(f);
    assert_int_equal(shown_now(f, "s|V-R", &shown), 0);
    assert_int_equal(shown_now(f, "s|V-B", &shown), 1);
}

/* --- what it costs --- */

static void cost__site_without_documents_asks_nothing(void **state)
{
    struct fake *f = *state;
    f->site.compliance = (struct kt_compliance){ 0 };
    asked = shown_asked = shown_put = 0;
    fake_price(f, "V-R", "9.90");
    fake_stock(f, "V-R", "7");
    fake_out(f);
    assert_true(is_offered(f, "V-R"));
    assert_int_equal(asked, 0);
    assert_int_equal(shown_asked, 0);
    assert_int_equal(shown_put, 0);
}

static void cost__prices_and_stock_ask_nothing_and_pages_once_a_step(void **state)
{
    enum { MANY = 300 };
    struct fake *f = *state;
    f->site.documents.is_on = true;
    kit_certificate(f, (struct paper_words){ .id = "1", .product = "P-1" });
    for (int i = 0; i < MANY; i++) {
        char sku[32];
        (void)snprintf(sku, sizeof sku, "B-%03d", i);
        fake_article(f, sku, "Kabel");
        kit_certificate(f, (struct paper_words){ .id = sku, .sku = sku });
    }
    fake_out(f);
    asked = shown_asked = shown_put = 0;
    for (int i = 0; i < MANY; i++) {
        char sku[32];
        (void)snprintf(sku, sizeof sku, "B-%03d", i);
        fake_price(f, sku, "9.90");
        fake_stock(f, sku, "7");
    }
    fake_out(f);
    assert_string_equal(fake_product_of(f, "B-007")->stock, "{\"n\":\"7\"}");
    assert_int_equal(asked, 0);
    assert_int_equal(shown_asked, 0);
    const unsigned batch = f->channel.ops->facts->batch[KT_UNIT_PRODUCT];
    for (int i = 0; i < MANY; i++) {
        char sku[32];
        (void)snprintf(sku, sizeof sku, "B-%03d", i);
        fake_article(f, sku, "Leitung");
    }
    fake_later(f, 1);
    fake_out(f);
    /* product and variant units, documents and certificates, and a step that ends a batch early */
    assert_true(asked > 0);
    assert_true(asked <= (int)(2 * 2 * (MANY / batch + 2)));
    assert_int_equal(shown_put, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(needed__nothing_is_sold_without_it_and_a_person_sees_why,
                                        open_fake, close_fake),
        cmocka_unit_test_setup_teardown(
            revoked__variant_goes_by_the_clock_alone_and_the_next_brings_it_back, open_fake,
            close_fake),
        cmocka_unit_test_setup_teardown(last_day__ends_at_the_markets_midnight, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(other_market__knows_nothing_of_it, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(deleted__certificate_counts_no_more, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(class__of_the_page_counts_for_its_articles, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(silent__keeps_what_ends_then_until_its_source_speaks,
                                        open_fake, close_fake),
        cmocka_unit_test_setup_teardown(silent__hides_what_ends_where_that_is_the_policy, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(silent__brings_nothing_back, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(rule__hides_or_lets_pass_with_a_word, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(order__is_held_when_it_was_placed_behind_the_end, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(
            order__of_before_goes_through_when_the_certificate_was_deleted, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(shown__is_what_the_channel_has_confirmed, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(cost__site_without_documents_asks_nothing, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(cost__prices_and_stock_ask_nothing_and_pages_once_a_step,
                                        open_fake, close_fake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
