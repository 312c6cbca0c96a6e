/* trade/prices: which price holds, and until when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena.h"
#include "trade/prices.h"

static struct kt_arena *arena;
static const struct kt_zone *berlin;

static struct kt_dec dec(const char *text)
{
    struct kt_dec d;
    assert_true(kt_dec_parse(&d, kt_str_of(text)));
    return d;
}

static int64_t at(const char *text)
{
    int64_t at_us;
    assert_true(kt_time_parse(&at_us, kt_str_of(text), false));
    return at_us;
}

/* NULL: the bound is open. */
static struct kt_price price_of(const char *id, const char *from, const char *until)
{
    struct kt_price p = { 0 };
    struct kt_day day;
    KT_PUT(&p, kt_price_shape, id, kt_str_of(id));
    KT_PUT(&p, kt_price_shape, list, KT_STR("B2B"));
    KT_PUT(&p, kt_price_shape, currency, KT_STR("EUR"));
    KT_PUT(&p, kt_price_shape, amount, dec("10"));
    KT_PUT(&p, kt_price_shape, per, dec("1"));
    if (from != NULL) {
        assert_true(kt_day_parse(&day, kt_str_of(from)));
        KT_PUT(&p, kt_price_shape, valid_from, day);
    }
    if (until != NULL) {
        assert_true(kt_day_parse(&day, kt_str_of(until)));
        KT_PUT(&p, kt_price_shape, valid_until, day);
    }
    return p;
}

static struct kt_price_want usual(void)
{
    return (struct kt_price_want){ .list = KT_STR("B2B"),
                                   .currency = KT_STR("EUR"),
                                   .kind = KT_PRICE_LIST,
                                   .zone = berlin,
                                   .quantity = dec("1") };
}

/* id NULL: no price; changes NULL: never. */
static void holds_for(const struct kt_price *price, size_t count, struct kt_price_want want,
                      const char *now, const char *id, const char *changes)
{
    const struct kt_price *chosen = NULL;
    int64_t changes_us = 0;
    kt_price_choose(price, count, &want, at(now), &chosen, &changes_us);
    if (id == NULL) {
        assert_null(chosen);
    } else {
        assert_non_null(chosen);
        assert_true(kt_str_is(chosen->id, id));
    }
    assert_int_equal(changes_us, changes == NULL ? KT_NEVER : at(changes));
}

static void holds(const struct kt_price *price, size_t count, const char *now, const char *id,
                  const char *changes)
{
    holds_for(price, count, usual(), now, id, changes);
}

static void price__without_bounds_holds_for_ever(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("1", NULL, NULL) };
    holds(p, 1, "2026-06-01T00:00:00Z", "1", NULL);
    holds(p, 0, "2026-06-01T00:00:00Z", NULL, NULL);
}

static void price__begins_at_midnight_of_the_market(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("1", "2026-06-01", NULL) };
    holds(p, 1, "2026-05-31T21:59:59.999999Z", NULL, "2026-06-01T00:00:00+02:00");
    holds(p, 1, "2026-05-31T22:00:00Z", "1", NULL);
}

static void price__holds_through_its_last_day(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("1", "2024-02-28", "2024-02-29") };
    holds(p, 1, "2024-02-29T22:59:59.999999Z", "1", "2024-03-01T00:00:00+01:00");
    holds(p, 1, "2024-02-29T23:00:00Z", NULL, NULL);
}

static void price__keeps_to_the_day_when_the_clocks_change(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("1", "2026-03-29", "2026-03-29") }; /* 23 hours */
    holds(p, 1, "2026-03-28T22:59:59Z", NULL, "2026-03-29T00:00:00+01:00");
    holds(p, 1, "2026-03-29T21:59:59Z", "1", "2026-03-30T00:00:00+02:00");
    holds(p, 1, "2026-03-29T22:00:00Z", NULL, NULL);
}

static void price__until_the_last_day_of_9999_is_open(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("1", NULL, "9999-12-31") };
    holds(p, 1, "2026-06-01T00:00:00Z", "1", NULL);
}

static void price__that_ends_before_it_begins_never_holds(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("1", "2026-06-05", "2026-06-01") };
    holds(p, 1, "2026-05-01T00:00:00Z", NULL, NULL);
    holds(p, 1, "2026-06-03T00:00:00Z", NULL, NULL);
}

static void price__of_another_list_currency_or_kind_does_not_count(void **state)
{
    (void)state;
    struct kt_price p[] = { price_of("1", NULL, "2026-07-01") };
    struct kt_price_want want = usual();
    want.list = KT_STR("B2C");
    holds_for(p, 1, want, "2026-06-01T00:00:00Z", NULL, NULL);
    want = usual();
    want.currency = KT_STR("CHF");
    holds_for(p, 1, want, "2026-06-01T00:00:00Z", NULL, NULL);
    want = usual();
    want.kind = KT_PRICE_SALE;
    holds_for(p, 1, want, "2026-06-01T00:00:00Z", NULL, NULL);
    p[0].list = (struct kt_str){ NULL, 0 };
    want = usual();
    want.list = KT_STR("");
    holds_for(p, 1, want, "2026-06-01T00:00:00Z", "1", "2026-07-02T00:00:00+02:00");
}

static void price__of_the_largest_quantity_reached_wins(void **state)
{
    (void)state;
    struct kt_price p[] = { price_of("1", "2026-05-01", NULL), price_of("10", NULL, NULL),
                            price_of("100", NULL, NULL) };
    KT_PUT(&p[1], kt_price_shape, min_quantity, dec("10"));
    KT_PUT(&p[2], kt_price_shape, min_quantity, dec("100"));
    struct kt_price_want want = usual();
    want.quantity = dec("9.999999");
    holds_for(p, 3, want, "2026-06-01T00:00:00Z", "1", NULL);
    want.quantity = dec("10");
    holds_for(p, 3, want, "2026-06-01T00:00:00Z", "10", NULL);
    want.quantity = dec("5000");
    holds_for(p, 3, want, "2026-06-01T00:00:00Z", "100", NULL);
}

static void price__that_began_last_wins(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("a", "2026-05-01", NULL), price_of("b", NULL, NULL),
                                  price_of("c", "2026-05-20", "2026-06-10") };
    holds(p, 3, "2026-06-01T00:00:00Z", "c", "2026-06-11T00:00:00+02:00");
    holds(p, 3, "2026-06-11T00:00:00Z", "a", NULL);
    holds(p, 3, "2026-04-01T00:00:00Z", "b", "2026-05-01T00:00:00+02:00");
}

static void price__of_the_least_id_wins_a_tie(void **state)
{
    (void)state;
    struct kt_price p[] = { price_of("2", NULL, NULL), price_of("1", NULL, NULL) };
    holds(p, 2, "2026-06-01T00:00:00Z", "1", NULL);
    p[0] = price_of("1", NULL, NULL);
    p[0].scope = KT_STR("sap-900");
    p[1].scope = KT_STR("sap-800");
    const struct kt_price *chosen;
    int64_t changes_us;
    struct kt_price_want want = usual();
    kt_price_choose(p, 2, &want, 0, &chosen, &changes_us);
    assert_ptr_equal(chosen, &p[1]);
}

static void price__of_a_quantity_not_reached_wakes_nobody(void **state)
{
    (void)state;
    struct kt_price p[] = { price_of("1", NULL, NULL), price_of("10", "2026-07-01", NULL) };
    KT_PUT(&p[1], kt_price_shape, min_quantity, dec("10"));
    holds(p, 2, "2026-06-01T00:00:00Z", "1", NULL);
}

static void unit_price__is_amount_by_per_half_up(void **state)
{
    (void)state;
    struct kt_dec unit;
    struct kt_price p = price_of("1", NULL, NULL);
    p.amount = dec("10");
    p.per = dec("3");
    assert_true(kt_price_per_unit(&p, &unit));
    assert_int_equal(kt_dec_cmp(unit, dec("3.333333")), 0);
    p.amount = dec("0.000001");
    p.per = dec("2");
    assert_true(kt_price_per_unit(&p, &unit));
    assert_int_equal(kt_dec_cmp(unit, dec("0.000001")), 0);
    p.amount = dec("129");
    p.per = dec("1000");
    assert_true(kt_price_per_unit(&p, &unit));
    assert_int_equal(kt_dec_cmp(unit, dec("0.129")), 0);
}

static void unit_price__needs_a_per_above_zero(void **state)
{
    (void)state;
    struct kt_dec unit;
    struct kt_price p = price_of("1", NULL, NULL);
    p.per = dec("0");
    assert_false(kt_price_per_unit(&p, &unit));
    p.per = dec("-1");
    assert_false(kt_price_per_unit(&p, &unit));
}

/* Names of a price: "" stands for all. */
static struct kt_price price_for(const char *id, const char *customer, const char *group,
                                 const char *market)
{
    struct kt_price p = price_of(id, NULL, NULL);
    KT_PUT(&p, kt_price_shape, customer, kt_str_of(customer));
    KT_PUT(&p, kt_price_shape, customer_group, kt_str_of(group));
    KT_PUT(&p, kt_price_shape, market, kt_str_of(market));
    return p;
}

static struct kt_price_want want_for(const char *customer, const char *group, const char *market)
{
    struct kt_price_want want = usual();
    want.customer = kt_str_of(customer);
    want.customer_group = kt_str_of(group);
    want.market = kt_str_of(market);
    return want;
}

static void price__holds_only_for_whom_it_names(void **state)
{
    (void)state;
    static const char now[] = "2026-06-01T00:00:00Z";
    const struct kt_price customer[] = { price_for("1", "C1", "", "") };
    const struct kt_price group[] = { price_for("1", "", "G", "") };
    const struct kt_price market[] = { price_for("1", "", "", "AT") };
    const struct kt_price both[] = { price_for("1", "C1", "G", "AT") };
    holds_for(customer, 1, want_for("C1", NULL, NULL), now, "1", NULL);
    holds_for(customer, 1, want_for("C2", "C1", "C1"), now, NULL, NULL);
    holds_for(customer, 1, want_for(NULL, NULL, NULL), now, NULL, NULL);
    holds_for(group, 1, want_for(NULL, "G", NULL), now, "1", NULL);
    holds_for(group, 1, want_for("G", "", NULL), now, NULL, NULL);
    holds_for(market, 1, want_for(NULL, NULL, "AT"), now, "1", NULL);
    holds_for(market, 1, want_for(NULL, NULL, "DE"), now, NULL, NULL);
    holds_for(both, 1, want_for("C1", "G", "AT"), now, "1", NULL);
    holds_for(both, 1, want_for("C1", "G", NULL), now, NULL, NULL);
}

static void price__of_the_nearest_buyer_wins(void **state)
{
    (void)state;
    static const char now[] = "2026-06-01T00:00:00Z";
    struct kt_price p[] = {
        price_for("all", "", "", ""),       price_for("market", "", "", "AT"),
        price_for("group", "", "G", ""),    price_for("group at", "", "G", "AT"),
        price_for("customer", "C", "", ""), price_for("first", "", "", "")
    };
    struct kt_price_want want = want_for("C", "G", "AT");
    for (size_t i = 0; i < 4; i++) /* neither quantity nor day comes before the buyer */
        KT_PUT(&p[i], kt_price_shape, min_quantity, dec("1"));
    holds_for(p, 1, want, now, "all", NULL);
    holds_for(p, 2, want, now, "market", NULL);
    holds_for(p, 3, want, now, "group", NULL);
    holds_for(p, 4, want, now, "group at", NULL);
    holds_for(p, 5, want, now, "customer", NULL);
    KT_PUT(&p[5], kt_price_shape, priority, INT64_C(1));
    holds_for(p, 6, want, now, "first", NULL);
    KT_PUT(&p[5], kt_price_shape, priority, INT64_C(-1));
    holds_for(p, 6, want, now, "customer", NULL);
}

static void price__for_a_customer_or_group_need_not_name_a_list(void **state)
{
    (void)state;
    struct kt_price p[] = { price_for("1", "C", "", "") };
    p[0].list = KT_STR("");
    holds_for(p, 1, want_for("C", NULL, NULL), "2026-06-01T00:00:00Z", "1", NULL);
    p[0] = price_for("1", "", "", "AT");
    p[0].list = KT_STR("");
    holds_for(p, 1, want_for(NULL, NULL, "AT"), "2026-06-01T00:00:00Z", NULL, NULL);
    p[0] = price_for("1", "C", "", "");
    p[0].list = KT_STR("other");
    holds_for(p, 1, want_for("C", NULL, NULL), "2026-06-01T00:00:00Z", NULL, NULL);
}

/* An article counted in pieces; a box holds 12, three pallets hold 1000. */
static struct kt_variant article(void)
{
    static struct kt_unit_of unit[3];
    struct kt_variant v = { 0 };
    KT_PUT(&unit[0], kt_unit_of_shape, unit, KT_STR("BOX"));
    KT_PUT(&unit[0], kt_unit_of_shape, numerator, dec("12"));
    KT_PUT(&unit[0], kt_unit_of_shape, denominator, dec("1"));
    KT_PUT(&unit[1], kt_unit_of_shape, unit, KT_STR("PAL"));
    KT_PUT(&unit[1], kt_unit_of_shape, numerator, dec("1000"));
    KT_PUT(&unit[1], kt_unit_of_shape, denominator, dec("3"));
    KT_PUT(&unit[2], kt_unit_of_shape, unit, KT_STR("NIL"));
    KT_PUT(&unit[2], kt_unit_of_shape, numerator, dec("0"));
    KT_PUT(&unit[2], kt_unit_of_shape, denominator, dec("1"));
    KT_PUT(&v, kt_variant_shape, sku, KT_STR("S-1"));
    KT_PUT(&v, kt_variant_shape, base_unit, KT_STR("PCE"));
    KT_PUT(&v, kt_variant_shape, units, (struct kt_list){ unit, 3 });
    return v;
}

static void base_price(const char *amount, const char *per, const char *unit, const char *wanted)
{
    struct kt_price p = price_of("1", NULL, NULL);
    struct kt_variant v = article();
    struct kt_verdict verdict = { 0 };
    struct kt_dec found;
    p.amount = dec(amount);
    p.per = dec(per);
    p.unit = kt_str_of(unit);
    assert_true(kt_price_per_base_unit(&p, &v, &found, &verdict));
    assert_int_equal(kt_dec_cmp(found, dec(wanted)), 0);
    assert_int_equal(verdict.code, KT_E_NONE);
}

static void base_price__is_converted_and_rounded_once(void **state)
{
    (void)state;
    base_price("10", "1", "PCE", "10");
    base_price("10", "1", NULL, "10");
    base_price("10", "4", " PCE ", "2.5");
    base_price("24", "1", "BOX", "2");
    base_price("10", "3", "BOX", "0.277778"); /* not 3.333333 / 12 */
    base_price("1000", "1", "PAL", "3");
    base_price("-6", "1", "BOX", "-0.5");
    base_price("0", "1", "BOX", "0");
    base_price("0.000006", "1", "BOX", "0.000001"); /* half up */
    base_price("9223372036854", "1000000", "BOX", "768614.336405");
}

static void fails(struct kt_price *p, const char *code, const char *sentence)
{
    char text[300];
    struct kt_variant v = article();
    struct kt_verdict verdict = { 0 };
    struct kt_dec found;
    assert_false(kt_price_per_base_unit(p, &v, &found, &verdict));
    assert_int_equal(verdict.rc, KT_REJECT);
    assert_string_equal(kt_code_name(verdict.code), code);
    kt_sentence(&verdict, KT_LANG_EN, text, sizeof text);
    assert_string_equal(text, sentence);
}

static void base_price__that_cannot_be_known_says_why(void **state)
{
    (void)state;
    struct kt_price p = price_of("77", NULL, NULL);
    p.scope = KT_STR("erp");
    p.unit = KT_STR("KGM");
    fails(&p, "PRICE_UNIT_UNKNOWN",
          "Article S-1: its price is for the unit KGM, which the article cannot convert to PCE; "
          "the price is not offered");
    p.unit = KT_STR("NIL"); /* a conversion that is none */
    fails(&p, "PRICE_UNIT_UNKNOWN",
          "Article S-1: its price is for the unit NIL, which the article cannot convert to PCE; "
          "the price is not offered");
    p.unit = KT_STR("BOX");
    p.per = dec("0");
    fails(&p, "FIELD_INVALID", "price erp|77: per cannot be read: \"0\"");
    p.per = dec("0.000001");
    p.amount = dec("922337203685.4775");
    p.unit = KT_STR("PCE");
    fails(&p, "FIELD_INVALID", "price erp|77: amount cannot be read: \"922337203685.4775\"");
}

static void price__of_a_quantity_counts_in_base_units(void **state)
{
    (void)state;
    static const char now[] = "2026-06-01T00:00:00Z";
    struct kt_variant v = article();
    struct kt_price p[] = { price_of("piece", NULL, NULL), price_of("box", NULL, NULL) };
    struct kt_price_want want = usual();
    KT_PUT(&p[0], kt_price_shape, min_quantity, dec("5"));
    KT_PUT(&p[1], kt_price_shape, min_quantity, dec("1"));
    p[1].unit = KT_STR("BOX");
    want.variant = &v;
    want.quantity = dec("4");
    holds_for(p, 2, want, now, NULL, NULL);
    want.quantity = dec("11");
    holds_for(p, 2, want, now, "piece", NULL);
    want.quantity = dec("12");
    holds_for(p, 2, want, now, "box", NULL);
    want.variant = NULL; /* as they stand: five is more than one */
    holds_for(p, 2, want, now, "piece", NULL);
}

static void validity__is_told_in_instants(void **state)
{
    (void)state;
    int64_t from_us;
    int64_t until_us;
    struct kt_price p = price_of("1", "2026-06-01", "2026-06-30");
    kt_price_validity(&p, berlin, &from_us, &until_us);
    assert_int_equal(from_us, at("2026-06-01T00:00:00+02:00"));
    assert_int_equal(until_us, at("2026-07-01T00:00:00+02:00"));
    p = price_of("1", NULL, "9999-12-31");
    kt_price_validity(&p, berlin, &from_us, &until_us);
    assert_int_equal(from_us, INT64_MIN);
    assert_int_equal(until_us, KT_NEVER);
}

static int open_zone(void **state)
{
    (void)state;
    arena = kt_arena_new();
    berlin = kt_zone_load(arena, "Europe/Berlin");
    return berlin == NULL;
}

static int close_zone(void **state)
{
    (void)state;
    kt_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(price__without_bounds_holds_for_ever),
        cmocka_unit_test(price__begins_at_midnight_of_the_market),
        cmocka_unit_test(price__holds_through_its_last_day),
        cmocka_unit_test(price__keeps_to_the_day_when_the_clocks_change),
        cmocka_unit_test(price__until_the_last_day_of_9999_is_open),
        cmocka_unit_test(price__that_ends_before_it_begins_never_holds),
        cmocka_unit_test(price__of_another_list_currency_or_kind_does_not_count),
        cmocka_unit_test(price__of_the_largest_quantity_reached_wins),
        cmocka_unit_test(price__that_began_last_wins),
        cmocka_unit_test(price__of_the_least_id_wins_a_tie),
        cmocka_unit_test(price__of_a_quantity_not_reached_wakes_nobody),
        cmocka_unit_test(unit_price__is_amount_by_per_half_up),
        cmocka_unit_test(unit_price__needs_a_per_above_zero),
        cmocka_unit_test(price__holds_only_for_whom_it_names),
        cmocka_unit_test(price__of_the_nearest_buyer_wins),
        cmocka_unit_test(price__for_a_customer_or_group_need_not_name_a_list),
        cmocka_unit_test(base_price__is_converted_and_rounded_once),
        cmocka_unit_test(base_price__that_cannot_be_known_says_why),
        cmocka_unit_test(price__of_a_quantity_counts_in_base_units),
        cmocka_unit_test(validity__is_told_in_instants),
    };
    return cmocka_run_group_tests(tests, open_zone, close_zone);
}
