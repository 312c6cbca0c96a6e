/* trade/lifecycle: what may be sold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "trade/lifecycle.h"

enum { SILENT = -1 };

static bool sellable(int product_life, int variant_life)
{
    struct kt_product p = { 0 };
    struct kt_variant v = { 0 };
    if (product_life != SILENT)
        KT_PUT(&p, kt_product_shape, lifecycle, product_life);
    if (variant_life != SILENT)
        KT_PUT(&v, kt_variant_shape, lifecycle, variant_life);
    return kt_is_sellable(&p, &v);
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
    assert_true(kt_is_sellable(&p, &v));
    assert_false(kt_is_sellable(NULL, &v));
    assert_false(kt_is_sellable(&p, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(article__active_or_in_phase_out_is_for_sale),
        cmocka_unit_test(article__planned_or_discontinued_is_not),
        cmocka_unit_test(article__without_a_lifecycle_leaves_it_to_the_other),
        cmocka_unit_test(article__that_was_deleted_is_not_for_sale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
