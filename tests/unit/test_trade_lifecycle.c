/* trade/lifecycle: what may be sold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena.h"
#include "trade/lifecycle.h"

enum { SILENT = -1 };

static struct kt_arena *arena;
static const struct kt_zone *berlin;

static int64_t at(const char *text)
{
    int64_t at_us;
    assert_true(kt_time_parse(&at_us, kt_str_of(text), false));
    return at_us;
}

static bool is_sellable(const struct kt_product *p, const struct kt_variant *v)
{
    int64_t changes_us = 0;
    bool is = kt_is_sellable(p, v, berlin, at("2026-06-01T12:00:00Z"), &changes_us);
    assert_int_equal(changes_us, KT_NEVER);
    return is;
}

static bool sellable(int product_life, int variant_life)
{
    struct kt_product p = { 0 };
    struct kt_variant v = { 0 };
    if (product_life != SILENT)
        KT_PUT(&p, kt_product_shape, lifecycle, product_life);
    if (variant_life != SILENT)
        KT_PUT(&v, kt_variant_shape, lifecycle, variant_life);
    return is_sellable(&p, &v);
}

static void article__active_or_in_phase_out_is_for_sale(void **state)
{
    (void)state;
    assert_true(sellable(KT_ACTIVE, KT_ACTIVE));
    assert_true(sellable(KT_ACTIVE, KT_PHASE_OUT));
    assert_true(sellable(KT_PHASE_OUT, KT_ACTIVE));
}

static void article__planned_or_discontinued_is_not(void **state)
{
    (void)state;
    static const int closed[] = { KT_PLANNED, KT_DISCONTINUED };
    for (size_t i = 0; i < KT_COUNT(closed); i++) {
        assert_false(sellable(closed[i], KT_ACTIVE));
        assert_false(sellable(KT_ACTIVE, closed[i]));
        assert_false(sellable(closed[i], SILENT));
        assert_false(sellable(SILENT, closed[i]));
    }
}

static void article__without_a_lifecycle_leaves_it_to_the_other(void **state)
{
    (void)state;
    assert_true(sellable(KT_ACTIVE, SILENT));
    assert_true(sellable(SILENT, KT_PHASE_OUT));
    assert_false(sellable(SILENT, SILENT));
}

static void article__that_was_deleted_is_not_for_sale(void **state)
{
    (void)state;
    struct kt_product p = { 0 };
    struct kt_variant v = { 0 };
    KT_PUT(&p, kt_product_shape, lifecycle, KT_ACTIVE);
    KT_PUT(&v, kt_variant_shape, lifecycle, KT_ACTIVE);
    assert_true(is_sellable(&p, &v));
    assert_false(is_sellable(NULL, &v));
    assert_false(is_sellable(&p, NULL));
}

/* NULL: that bound is open; days of the product, then of the variant. */
static void on_sale(const char *const *day, const char *now, bool wanted, const char *changes)
{
    struct kt_product p = { 0 };
    struct kt_variant v = { 0 };
    struct kt_day days[4] = { { 0, 0, 0 } };
    int64_t changes_us = 0;
    for (size_t i = 0; i < KT_COUNT(days); i++)
        assert_true(day[i] == NULL || kt_day_parse(&days[i], kt_str_of(day[i])));
    KT_PUT(&p, kt_product_shape, lifecycle, KT_ACTIVE);
    KT_PUT(&p, kt_product_shape, sale_from, days[0]);
    KT_PUT(&p, kt_product_shape, sale_until, days[1]);
    KT_PUT(&v, kt_variant_shape, sale_from, days[2]);
    KT_PUT(&v, kt_variant_shape, sale_until, days[3]);
    assert_int_equal(kt_is_sellable(&p, &v, berlin, at(now), &changes_us), wanted);
    assert_int_equal(changes_us, changes == NULL ? KT_NEVER : at(changes));
    KT_PUT(&p, kt_product_shape, lifecycle, KT_DISCONTINUED);
    assert_false(kt_is_sellable(&p, &v, berlin, at(now), &changes_us));
    assert_int_equal(changes_us, KT_NEVER); /* no day brings it back */
}
#define DAYS(...)         \
    (const char *const[]) \
    {                     \
        __VA_ARGS__       \
    }

static void sale__begins_and_ends_at_midnight_of_the_market(void **state)
{
    (void)state;
    on_sale(DAYS("2026-06-01", "2026-06-30", NULL, NULL), "2026-05-31T21:59:59.999999Z", false,
            "2026-06-01T00:00:00+02:00");
    on_sale(DAYS("2026-06-01", "2026-06-30", NULL, NULL), "2026-05-31T22:00:00Z", true,
            "2026-07-01T00:00:00+02:00");
    on_sale(DAYS("2026-06-01", "2026-06-30", NULL, NULL), "2026-06-30T22:00:00Z", false, NULL);
    on_sale(DAYS(NULL, NULL, NULL, "9999-12-31"), "2026-06-30T22:00:00Z", true, NULL);
}

static void sale__needs_a_day_of_both(void **state)
{
    (void)state;
    on_sale(DAYS("2026-06-01", NULL, "2026-06-10", "2026-06-20"), "2026-06-05T00:00:00Z", false,
            "2026-06-10T00:00:00+02:00");
    on_sale(DAYS("2026-06-01", "2026-06-15", "2026-06-10", "2026-06-20"), "2026-06-12T00:00:00Z",
            true, "2026-06-16T00:00:00+02:00");
    on_sale(DAYS("2026-06-10", NULL, NULL, "2026-06-05"), "2026-06-01T00:00:00Z", false, NULL);
}

static void article__is_closed_by_its_own_word_or_its_products(void **state)
{
    (void)state;
    struct kt_product p = { 0 };
    struct kt_variant v = { 0 };
    assert_false(kt_is_closed(&v, NULL));
    assert_false(kt_is_closed(&v, &p));
    KT_PUT(&p, kt_product_shape, lifecycle, KT_PLANNED);
    assert_true(kt_is_closed(&v, &p));
    KT_PUT(&p, kt_product_shape, lifecycle, KT_ACTIVE);
    assert_false(kt_is_closed(&v, &p));
    KT_PUT(&v, kt_variant_shape, lifecycle, KT_DISCONTINUED);
    assert_true(kt_is_closed(&v, &p));
    assert_true(kt_is_closed(&v, NULL));
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
        cmocka_unit_test(article__active_or_in_phase_out_is_for_sale),
        cmocka_unit_test(article__planned_or_discontinued_is_not),
        cmocka_unit_test(article__without_a_lifecycle_leaves_it_to_the_other),
        cmocka_unit_test(article__that_was_deleted_is_not_for_sale),
        cmocka_unit_test(sale__begins_and_ends_at_midnight_of_the_market),
        cmocka_unit_test(sale__needs_a_day_of_both),
        cmocka_unit_test(article__is_closed_by_its_own_word_or_its_products),
    };
    return cmocka_run_group_tests(tests, open_zone, close_zone);
}
