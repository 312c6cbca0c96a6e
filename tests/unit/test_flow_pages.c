/* Pages with variants: from the ERP's flat articles to the shop's matrix, through the real flow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/pages.h"
#include "store/exceptions.h"

static int open_fake(void **state)
{
    static struct fake f;
    fake_open(&f);
    fake_take_matrix(&f);
    *state = &f;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

static void say_lamp(struct fake *f)
{
    fake_page(f, "LAMP", "Leuchte", "COLOUR", NULL, NULL, NULL);
    fake_variant(f, "L-1", "LAMP", "COLOUR", "rot");
    fake_variant(f, "L-2", "LAMP", "COLOUR", "blau");
    fake_price(f, "L-1", "19.90");
    fake_stock(f, "L-2", "7");
}

static const struct fake_product *at_shop(const struct fake *f, const char *sku)
{
    const struct fake_product *p = fake_product_of(f, sku);
    assert_non_null(p);
    return p;
}

static bool hangs_on(const struct fake_product *variant, const struct fake_product *page)
{
    return kt_str_eq(kt_remote_page(kt_str_of(variant->id)), kt_str_of(page->id));
}

static void matrix__arrives_with_prices_and_stock(void **state)
{
    struct fake *f = *state;
    say_lamp(f);
    fake_out(f);
    assert_int_equal(f->world.products, 3);
    assert_string_equal(
        at_shop(f, "LAMP")->page,
        "{\"form\":\"matrix\",\"name\":\"Leuchte\",\"part\":\"\",\"sku\":\"LAMP\"}");
    assert_string_equal(at_shop(f, "L-1")->variant,
                        "{\"options\":{\"COLOUR\":\"rot\"},\"sku\":\"L-1\"}");
    assert_true(hangs_on(at_shop(f, "L-1"), at_shop(f, "LAMP")));
    assert_string_equal(at_shop(f, "L-1")->price, "{\"amount\":\"19.90\"}");
    assert_string_equal(at_shop(f, "L-2")->stock, "{\"n\":\"7\"}");
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void matrix__second_run_sends_nothing(void **state)
{
    struct fake *f = *state;
    say_lamp(f);
    fake_out(f);
    size_t writes = f->world.writes;
    say_lamp(f);
    fake_out(f);
    assert_int_equal(f->world.writes, writes);
}

static void matrix__new_variant_appears_by_itself(void **state)
{
    struct fake *f = *state;
    say_lamp(f);
    fake_out(f);
    fake_variant(f, "L-3", "LAMP", "COLOUR", "gelb");
    fake_price(f, "L-3", "21.00");
    fake_out(f);
    assert_true(hangs_on(at_shop(f, "L-3"), at_shop(f, "LAMP")));
    assert_string_equal(at_shop(f, "L-3")->price, "{\"amount\":\"21.00\"}");
    assert_int_equal(f->world.products, 4);
}

static void matrix__variant_that_moves_leaves_its_page(void **state)
{
    struct fake *f = *state;
    say_lamp(f);
    fake_page(f, "SPOT", "Strahler", "COLOUR", NULL, NULL, NULL);
    fake_variant(f, "S-1", "SPOT", "COLOUR", "rot");
    fake_variant(f, "S-2", "SPOT", "COLOUR", "blau");
    fake_out(f);
    fake_variant(f, "L-2", "SPOT", "COLOUR", "gelb");
    fake_out(f);
    assert_string_equal(at_shop(f, "LAMP")->page,
                        "{\"form\":\"single\",\"name\":\"Leuchte\",\"part\":\"\",\"sku\":\"L-1\"}");
    const struct fake_product *moved = NULL;
    for (size_t i = 0; i < f->world.products; i++) {
        if (strcmp(f->world.product[i].sku, "L-2") == 0 &&
            hangs_on(&f->world.product[i], at_shop(f, "SPOT")))
            moved = &f->world.product[i];
    }
    assert_non_null(moved);
    assert_string_equal(moved->stock, "{\"n\":\"7\"}"); /* its figures moved with it */
}

static void matrix__single_page_becomes_a_matrix(void **state)
{
    struct fake *f = *state;
    fake_page(f, "LAMP", "Leuchte", "COLOUR", NULL, NULL, NULL);
    fake_variant(f, "L-1", "LAMP", "COLOUR", "rot");
    fake_price(f, "L-1", "19.90");
    fake_out(f);
    assert_int_equal(f->world.products, 1); /* the page itself is what is sold */
    assert_string_equal(f->world.product[0].price, "{\"amount\":\"19.90\"}");
    fake_variant(f, "L-2", "LAMP", "COLOUR", "blau");
    fake_out(f);
    assert_int_equal(f->world.products, 3);
    assert_non_null(strstr(f->world.product[0].page, "matrix"));
    for (size_t i = 1; i < 3; i++)
        assert_true(hangs_on(&f->world.product[i], &f->world.product[0]));
    assert_int_equal(fake_open_exceptions(f), 0);
}

static struct kt_exception the_exception(struct fake *f)
{
    struct kt_exception *x = NULL;
    size_t count = 0;
    struct kt_err e = { 0 };
    assert_int_equal(kt_exception_list(f->work.db, false, 0, 10, &x, &count, f->world.arena, &e),
                     KT_OK);
    assert_int_equal(count, 1);
    return x[0];
}

static void matrix__same_combination_twice_is_a_persons_business(void **state)
{
    struct fake *f = *state;
    say_lamp(f);
    fake_variant(f, "L-9", "LAMP", "COLOUR", "Rot"); /* another spelling, the same colour */
    fake_out(f);
    assert_null(fake_product_of(f, "L-9"));
    assert_non_null(fake_product_of(f, "L-1"));
    assert_int_equal(the_exception(f).v.code, KT_E_AXIS_VALUES_TAKEN);
    fake_variant(f, "L-9", "LAMP", "COLOUR", "schwarz");
    fake_out(f);
    assert_non_null(fake_product_of(f, "L-9"));
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void matrix__the_one_in_the_way_goes_and_the_other_comes(void **state)
{
    struct fake *f = *state;
    say_lamp(f);
    fake_variant(f, "L-9", "LAMP", "COLOUR", "rot");
    fake_out(f);
    assert_null(fake_product_of(f, "L-9"));
    fake_article_gone(f, "L-1");
    fake_out(f);
    assert_true(at_shop(f, "L-1")->is_withdrawn);
    assert_non_null(fake_product_of(f, "L-9"));
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void matrix__blocked_variant_is_withdrawn_alone(void **state)
{
    struct fake *f = *state;
    say_lamp(f);
    fake_out(f);
    fake_article_gone(f, "L-2");
    fake_out(f);
    assert_true(at_shop(f, "L-2")->is_withdrawn);
    assert_false(at_shop(f, "L-1")->is_withdrawn);
}

static void category__comes_before_what_is_in_it(void **state)
{
    struct fake *f = *state;
    fake_page(f, "LAMP", "Leuchte", NULL, NULL, "INDOOR", NULL);
    fake_variant(f, "L-1", "LAMP", "COLOUR", "rot");
    fake_out(f);
    assert_null(fake_product_of(f, "L-1"));
    assert_int_equal(the_exception(f).v.code, KT_E_CATEGORY_UNKNOWN);
    fake_category(f, "INDOOR", "ALL");
    fake_category(f, "ALL", NULL);
    fake_out(f);
    assert_non_null(fake_product_of(f, "ALL"));
    assert_non_null(fake_product_of(f, "INDOOR"));
    assert_non_null(fake_product_of(f, "L-1"));
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void file__is_uploaded_once(void **state)
{
    struct fake *f = *state;
    fake_page(f, "LAMP", "Leuchte", NULL, NULL, NULL, "http://127.0.0.1/lamp.png");
    fake_variant(f, "L-1", "LAMP", "COLOUR", "rot");
    fake_page(f, "SPOT", "Strahler", NULL, NULL, NULL, "http://127.0.0.1/lamp.png");
    fake_variant(f, "S-1", "SPOT", "COLOUR", "rot");
    fake_out(f);
    assert_int_equal(f->world.uploads, 1);
    fake_page(f, "LAMP", "Tischleuchte", NULL, NULL, NULL, "http://127.0.0.1/lamp.png");
    fake_out(f);
    assert_non_null(strstr(at_shop(f, "L-1")->page, "Tischleuchte"));
    assert_int_equal(f->world.uploads, 1);
}

static void split__makes_a_page_per_value_and_takes_it_back(void **state)
{
    struct fake *f = *state;
    f->channel.limits = (struct kt_plan_limits){ .axes = 1, .over = KT_OVER_SPLIT };
    fake_page(f, "PC", "Rechner", "RAM", "DISK", NULL, NULL);
    struct {
        const char *sku, *ram, *disk;
    } const of[] = { { "P-1", "8", "256" }, { "P-2", "16", "256" }, { "P-3", "8", "512" } };
    for (size_t i = 0; i < KT_COUNT(of); i++)
        fake_two_axes(f, of[i].sku, "PC", "RAM", of[i].ram, "DISK", of[i].disk);
    fake_out(f);
    assert_int_equal(fake_open_exceptions(f), 0);
    assert_null(fake_product_of(f, "PC")); /* the whole page stands nowhere */
    for (size_t i = 0; i < KT_COUNT(of); i++)
        assert_non_null(fake_product_of(f, of[i].sku));
    assert_false(kt_str_eq(kt_remote_page(kt_str_of(at_shop(f, "P-1")->id)),
                           kt_remote_page(kt_str_of(at_shop(f, "P-3")->id))));
}

static void refused__page_says_why_once(void **state)
{
    struct fake *f = *state;
    f->channel.limits = (struct kt_plan_limits){ .axes = 1, .over = KT_OVER_REFUSE };
    fake_page(f, "PC", "Rechner", "RAM", "DISK", NULL, NULL);
    fake_two_axes(f, "P-1", "PC", "RAM", "8", "DISK", "256");
    fake_two_axes(f, "P-2", "PC", "RAM", "16", "DISK", "512");
    fake_out(f);
    assert_int_equal(f->world.products, 0);
    assert_int_equal(the_exception(f).v.code, KT_E_PLAN_TOO_MANY_AXES);
}

static void refused__page_that_was_there_is_taken_off(void **state)
{
    struct fake *f = *state;
    fake_page(f, "PC", "Rechner", "RAM", "DISK", NULL, NULL);
    fake_two_axes(f, "P-1", "PC", "RAM", "8", "DISK", "256");
    fake_two_axes(f, "P-2", "PC", "RAM", "16", "DISK", "512");
    fake_out(f);
    assert_false(at_shop(f, "PC")->is_withdrawn);
    f->channel.limits = (struct kt_plan_limits){ .axes = 1, .over = KT_OVER_REFUSE };
    fake_page(f, "PC", "Rechner neu", "RAM", "DISK", NULL, NULL);
    fake_out(f);
    assert_true(at_shop(f, "PC")->is_withdrawn);
    assert_true(at_shop(f, "P-1")->is_withdrawn);
    assert_int_equal(the_exception(f).v.code, KT_E_PLAN_TOO_MANY_AXES);
    f->channel.limits = (struct kt_plan_limits){ .axes = 2 };
    fake_page(f, "PC", "Rechner", "RAM", "DISK", NULL, NULL);
    fake_out(f);
    assert_false(at_shop(f, "PC")->is_withdrawn);
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void key__of_a_part_is_read_back(void **state)
{
    struct fake *f = *state;
    struct kt_str id = { 0 };
    struct kt_str part = { 0 };
    struct kt_str key =
        kt_page_key(KT_STR("s"), KT_STR("a|b%"), KT_STR("colour=x|y"), f->world.arena);
    assert_true(kt_page_key_read(key, &id, &part, f->world.arena));
    assert_true(kt_str_is(id, "a|b%"));
    assert_true(kt_str_is(part, "colour=x|y"));
    key = kt_page_key(KT_STR("s"), KT_STR("P"), KT_STR(""), f->world.arena);
    assert_true(kt_str_is(key, "s|P"));
    assert_true(kt_page_key_read(key, &id, &part, f->world.arena));
    assert_int_equal(part.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(matrix__arrives_with_prices_and_stock, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(matrix__second_run_sends_nothing, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(matrix__new_variant_appears_by_itself, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(matrix__variant_that_moves_leaves_its_page, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(matrix__single_page_becomes_a_matrix, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(matrix__same_combination_twice_is_a_persons_business,
                                        open_fake, close_fake),
        cmocka_unit_test_setup_teardown(matrix__the_one_in_the_way_goes_and_the_other_comes,
                                        open_fake, close_fake),
        cmocka_unit_test_setup_teardown(matrix__blocked_variant_is_withdrawn_alone, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(category__comes_before_what_is_in_it, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(file__is_uploaded_once, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(split__makes_a_page_per_value_and_takes_it_back, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(refused__page_says_why_once, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(refused__page_that_was_there_is_taken_off, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(key__of_a_part_is_read_back, open_fake, close_fake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
