/* A shop that is not empty is adopted; what it holds is compared with what it was sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/adopt.h"
#include "flow/fanout.h"
#include "flow/pull.h"
#include "flow/reconcile.h"
#include "flow/retry.h"
#include "store/exceptions.h"

#define MUST(call) assert_int_equal((call), KT_OK)

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

/* Reads the ERP, sends nothing, adopts. */
static struct kt_adopt_report adopt(struct fake *f, bool is_dry)
{
    struct kt_err e = { 0 };
    struct kt_erp_session s;
    struct kt_push p;
    struct kt_intake_report pulled = { 0 };
    struct kt_adopt_report report;
    bool is_elsewhere = false;
    MUST(kt_erp_session_open(&s, &f->work, &f->erp, &e));
    MUST(kt_pull(&f->work, &s, KT_FEED_CATALOGUE, false, &pulled, &is_elsewhere, &e));
    kt_erp_session_close(&s);
    MUST(kt_push_open(&p, &f->work, &f->channel, &e));
    MUST(kt_adopt(&f->work, &p, is_dry, &report, &e));
    kt_push_close(&p);
    return report;
}

static void adopted__by_sku_keeps_its_id(void **state)
{
    struct fake *f = *state;
    fake_was_there(f, "a-1", "", ""); /* shops do not mind the case */
    fake_article(f, "A-1", "Leuchte");
    fake_price(f, "A-1", "19.90");
    struct kt_adopt_report r = adopt(f, false);
    assert_int_equal(r.matched, 1);
    assert_int_equal(r.linked, 1);
    assert_int_equal(r.conflicts, 0);
    kt_adopt_free(&r);
    assert_int_equal(f->world.writes, 0);
    fake_out(f);
    assert_int_equal(f->world.products, 1);
    assert_string_equal(f->world.product[0].id, "1");
    assert_non_null(strstr(f->world.product[0].page, "Leuchte"));
    assert_string_equal(f->world.product[0].price, "{\"amount\":\"19.90\"}");
}

static void adopted__by_gtin_where_the_sku_says_nothing(void **state)
{
    struct fake *f = *state;
    fake_was_there(f, "old-77", "4006381333931", "");
    fake_gtin(f, "A-1", "Leuchte", "4006381333931");
    struct kt_adopt_report r = adopt(f, false);
    assert_int_equal(r.by_gtin, 1);
    kt_adopt_free(&r);
    fake_out(f);
    assert_int_equal(f->world.products, 1);
}

static void adopted__matrix_with_its_variants(void **state)
{
    struct fake *f = *state;
    struct fake_product *page = fake_was_there(f, "LAMP", "", "");
    page->has_variants = true;
    fake_was_there(f, "L-1", "", page->id);
    fake_was_there(f, "L-2", "", page->id);
    fake_page(f, "LAMP", "Leuchte", "COLOUR", NULL, NULL, NULL);
    fake_variant(f, "L-1", "LAMP", "COLOUR", "rot");
    fake_variant(f, "L-2", "LAMP", "COLOUR", "blau");
    struct kt_adopt_report r = adopt(f, false);
    assert_int_equal(r.linked, 2);
    assert_int_equal(r.conflicts, 0);
    kt_adopt_free(&r);
    fake_out(f);
    assert_int_equal(f->world.products, 3);
    assert_string_equal(f->world.product[1].variant,
                        "{\"options\":{\"COLOUR\":\"rot\"},\"sku\":\"L-1\"}");
}

static void dry_run__writes_nothing(void **state)
{
    struct fake *f = *state;
    fake_was_there(f, "A-1", "", "");
    fake_was_there(f, "foreign", "", "");
    fake_article(f, "A-1", "Leuchte");
    fake_article(f, "A-2", "Kabel");
    struct kt_adopt_report r = adopt(f, true);
    assert_int_equal(r.linked, 1);
    assert_int_equal(r.unknown, 1);
    assert_int_equal(r.not_there, 1);
    kt_adopt_free(&r);
    r = adopt(f, true);
    assert_int_equal(r.already, 0);
    kt_adopt_free(&r);
    assert_int_equal(f->world.writes, 0);
}

static struct kt_exception the_exception(struct fake *f)
{
    struct kt_exception *x = NULL;
    size_t count = 0;
    struct kt_err e = { 0 };
    MUST(kt_exception_list(f->work.db, false, 0, 10, &x, &count, f->world.arena, &e));
    assert_int_equal(count, 1);
    return x[0];
}

static void conflict__is_neither_made_nor_changed_until_a_person_says_so(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    const char *what = "";
    fake_was_there(f, "old-1", "4006381333931", "");
    fake_was_there(f, "old-2", "4006381333931", "");
    fake_gtin(f, "A-1", "Leuchte", "4006381333931");
    struct kt_adopt_report r = adopt(f, false);
    assert_int_equal(r.conflicts, 1);
    assert_int_equal(r.conflict[0].reason, KT_CONFLICT_SEVERAL);
    assert_int_equal(r.conflict[0].candidates, 2);
    kt_adopt_free(&r);
    fake_out(f);
    assert_int_equal(f->world.products, 2);
    assert_int_equal(f->world.writes, 0);
    struct kt_exception x = the_exception(f);
    assert_string_equal(x.subject, "adopt");
    assert_int_equal(x.v.code, KT_E_ADOPT_SEVERAL);
    MUST(kt_retry_exception(&f->work, &x, &what, &e));
    fake_out(f);
    assert_int_equal(f->world.products, 3);
}

static void conflict__goes_when_its_cause_does(void **state)
{
    struct fake *f = *state;
    struct fake_product *doubled = fake_was_there(f, "A-1", "", "");
    fake_was_there(f, "A-1", "", "");
    fake_article(f, "A-1", "Leuchte");
    struct kt_adopt_report r = adopt(f, false);
    assert_int_equal(r.conflicts, 1);
    kt_adopt_free(&r);
    (void)snprintf(doubled->sku, sizeof doubled->sku, "other");
    r = adopt(f, false);
    assert_int_equal(r.conflicts, 0);
    kt_adopt_free(&r);
    assert_int_equal(fake_open_exceptions(f), 0);
    fake_out(f);
    assert_int_equal(f->world.products, 2);
}

static void conflict__forms_and_numbers(void **state)
{
    struct fake *f = *state;
    struct fake_product *page = fake_was_there(f, "P", "", "");
    page->has_variants = true;
    fake_was_there(f, "A-1", "", page->id);        /* a variant there, a page of its own here */
    fake_was_there(f, "A-2", "4006381333931", ""); /* the number fits, the GTIN does not */
    fake_was_there(f, "A-2x", "40063812", "");
    fake_article(f, "A-1", "Leuchte");
    fake_gtin(f, "A-2", "Kabel", "96385074");
    struct kt_adopt_report r = adopt(f, false);
    assert_int_equal(r.conflicts, 2);
    assert_int_equal(r.conflict[0].reason, KT_CONFLICT_FORM);
    assert_int_equal(r.conflict[1].reason, KT_CONFLICT_GTIN);
    kt_adopt_free(&r);
    fake_out(f);
    assert_int_equal(f->world.writes, 0);
}

static void conflict__of_all_that_is_known_of_a_page_holds_the_page(void **state)
{
    struct fake *f = *state;
    fake_was_there(f, "L-1", "", ""); /* a page of its own there */
    fake_page(f, "LAMP", "Leuchte", "COLOUR", NULL, NULL, NULL);
    fake_variant(f, "L-1", "LAMP", "COLOUR", "rot");
    fake_variant(f, "L-2", "LAMP", "COLOUR", "blau");
    struct kt_adopt_report r = adopt(f, false);
    assert_int_equal(r.conflicts, 1);
    kt_adopt_free(&r);
    fake_out(f);
    assert_int_equal(f->world.products, 1); /* no second page beside it */
    assert_int_equal(f->world.writes, 0);
    (void)snprintf(f->world.product[0].sku, sizeof f->world.product[0].sku, "old");
    r = adopt(f, false);
    kt_adopt_free(&r);
    assert_int_equal(fake_open_exceptions(f), 0);
    fake_later(f, 5);
    fake_out(f);
    assert_non_null(fake_product_of(f, "LAMP"));
    assert_non_null(fake_product_of(f, "L-1"));
}

static void conflict__of_one_page_there_that_is_two_of_ours(void **state)
{
    struct fake *f = *state;
    struct fake_product *page = fake_was_there(f, "MIX", "", "");
    page->has_variants = true;
    fake_was_there(f, "L-1", "", page->id);
    fake_was_there(f, "S-1", "", page->id);
    fake_page(f, "LAMP", "Leuchte", "COLOUR", NULL, NULL, NULL);
    fake_variant(f, "L-1", "LAMP", "COLOUR", "rot");
    fake_variant(f, "L-2", "LAMP", "COLOUR", "blau");
    fake_page(f, "SPOT", "Strahler", "COLOUR", NULL, NULL, NULL);
    fake_variant(f, "S-1", "SPOT", "COLOUR", "rot");
    fake_variant(f, "S-2", "SPOT", "COLOUR", "blau");
    struct kt_adopt_report r = adopt(f, false);
    assert_int_equal(r.conflicts, 2);
    assert_int_equal(r.linked, 0);
    assert_int_equal(r.conflict[0].reason, KT_CONFLICT_PAGES);
    kt_adopt_free(&r);
    fake_out(f);
    assert_int_equal(f->world.writes, 0);
}

static struct kt_reconcile_report reconcile(struct fake *f, enum kt_repair repair)
{
    struct kt_err e = { 0 };
    struct kt_push p;
    struct kt_reconcile_report report;
    MUST(kt_push_open(&p, &f->work, &f->channel, &e));
    MUST(kt_reconcile(&f->work, &p, repair, NULL, &report, &e));
    kt_push_close(&p);
    return report;
}

static void reconcile__of_an_untouched_shop_finds_nothing(void **state)
{
    struct fake *f = *state;
    fake_article(f, "A-1", "Leuchte");
    fake_price(f, "A-1", "19.90");
    fake_out(f);
    struct kt_reconcile_report r = reconcile(f, KT_REPAIR);
    assert_int_equal(r.links, r.compared + r.skipped);
    assert_int_equal(r.compared, 4); /* page, variant, price, stock */
    assert_int_equal(r.same, 4);
    assert_int_equal(r.differ + r.gone + r.failed + r.wanted, 0);
    kt_reconcile_free(&r);
}

static void reconcile__says_what_differs_and_repairs_when_told(void **state)
{
    struct fake *f = *state;
    fake_article(f, "A-1", "Leuchte");
    fake_price(f, "A-1", "19.90");
    fake_stock(f, "A-1", "7");
    fake_out(f);
    (void)snprintf(f->world.product[0].price, sizeof f->world.product[0].price, "1.00");
    (void)snprintf(f->world.product[0].stock, sizeof f->world.product[0].stock, "sold");
    struct kt_reconcile_report r = reconcile(f, KT_REPAIR_NONE);
    assert_int_equal(r.differ, 1);
    assert_int_equal(r.stock, 1);
    assert_int_equal(r.items, 2);
    assert_int_equal(r.item[0].unit, KT_UNIT_PRICE);
    assert_true(kt_str_is(r.item[0].differs[0].theirs, "1.00"));
    kt_reconcile_free(&r);
    assert_int_equal(the_exception(f).v.code, KT_E_RECONCILE_DIFFERS);
    r = reconcile(f, KT_REPAIR);
    assert_int_equal(r.wanted, 1); /* not the stock: the shop has sold */
    kt_reconcile_free(&r);
    fake_out(f);
    assert_string_equal(f->world.product[0].price, "{\"amount\":\"19.90\"}");
    assert_string_equal(f->world.product[0].stock, "sold");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(adopted__by_sku_keeps_its_id, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(adopted__by_gtin_where_the_sku_says_nothing, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(adopted__matrix_with_its_variants, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(dry_run__writes_nothing, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(
            conflict__is_neither_made_nor_changed_until_a_person_says_so, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(conflict__goes_when_its_cause_does, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(conflict__forms_and_numbers, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(conflict__of_all_that_is_known_of_a_page_holds_the_page,
                                        open_fake, close_fake),
        cmocka_unit_test_setup_teardown(conflict__of_one_page_there_that_is_two_of_ours, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(reconcile__of_an_untouched_shop_finds_nothing, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(reconcile__says_what_differs_and_repairs_when_told,
                                        open_fake, close_fake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
