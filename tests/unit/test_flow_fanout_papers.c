/* Which units documents and certificates want: those of all that they cover or ever covered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flow/fanout.h"
#include "papers_kit.h"

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

/* Behind it nothing is left to be carried. */
static void carry(struct fake *f)
{
    struct kt_err e = { 0 };
    size_t rows = 1;
    while (rows > 0)
        assert_int_equal(kt_fanout_step(&f->work, &f->channel, &rows, &e), KT_OK);
}

static struct kt_wants read_wants(struct fake *f)
{
    struct kt_wants wants;
    struct kt_err e = { 0 };
    kt_arena_reset(f->work.arena);
    if (kt_fanout_read(&f->work, &f->channel, &wants, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
    return wants;
}

static bool has(const struct kt_wants *wants, const char *unit, const char *key)
{
    for (size_t i = 0; i < wants->count; i++) {
        if (strcmp(wants->item[i].unit, unit) == 0 && kt_str_is(wants->item[i].key, key))
            return true;
    }
    return false;
}

static void put_product(struct fake *f, const char *id, const char *group)
{
    struct kt_product *p = KT_NEW(f->world.arena, struct kt_product);
    KT_PUT(p, kt_product_shape, scope, KT_STR("s"));
    KT_PUT(p, kt_product_shape, id, kit_text(f, id));
    KT_PUT(p, kt_product_shape, lifecycle, KT_ACTIVE);
    if (group != NULL)
        KT_PUT(p, kt_product_shape, product_group, kit_text(f, group));
    kit_put(f, KT_KIND_PRODUCT, p, false);
}

static void put_variant(struct fake *f, const char *sku, const char *product)
{
    struct kt_variant *v = KT_NEW(f->world.arena, struct kt_variant);
    KT_PUT(v, kt_variant_shape, scope, KT_STR("s"));
    KT_PUT(v, kt_variant_shape, sku, kit_text(f, sku));
    KT_PUT(v, kt_variant_shape, product, kit_text(f, product));
    KT_PUT(v, kt_variant_shape, lifecycle, KT_ACTIVE);
    kit_put(f, KT_KIND_VARIANT, v, false);
}

static void variant__is_wanted_with_its_page(void **state)
{
    struct fake *f = *state;
    put_product(f, "P-1", NULL);
    put_variant(f, "V-1", "P-1");
    put_variant(f, "V-2", "P-1");
    carry(f);
    kit_document(f, (struct paper_words){ .id = "D", .sku = "V-1" });
    const struct kt_wants wants = read_wants(f);
    assert_true(has(&wants, "variant", "s|V-1"));
    assert_true(has(&wants, "product", "s|P-1"));
    assert_false(has(&wants, "variant", "s|V-2"));
    assert_false(has(&wants, "price", "s|V-1"));
}

static void product__is_wanted_with_its_variants(void **state)
{
    struct fake *f = *state;
    put_product(f, "P-1", NULL);
    put_variant(f, "V-1", "P-1");
    put_variant(f, "V-2", "P-1");
    put_variant(f, "W-1", "P-2");
    carry(f);
    kit_certificate(f, (struct paper_words){ .id = "1", .product = "P-1" });
    const struct kt_wants wants = read_wants(f);
    assert_true(has(&wants, "product", "s|P-1"));
    assert_true(has(&wants, "variant", "s|V-1") && has(&wants, "variant", "s|V-2"));
    assert_false(has(&wants, "variant", "s|W-1"));
}

/* A flat article whose own record is in the group stands on a page of another number. */
static void family__is_wanted_with_articles_on_other_pages(void **state)
{
    struct fake *f = *state;
    put_product(f, "A-1", "TV");
    put_variant(f, "A-1", "G-1");
    put_product(f, "A-2", "AUDIO");
    put_variant(f, "A-2", "A-2");
    carry(f);
    kit_document(f, (struct paper_words){ .id = "D", .family = "TV" });
    const struct kt_wants wants = read_wants(f);
    assert_true(has(&wants, "variant", "s|A-1") && has(&wants, "product", "s|G-1"));
    assert_false(has(&wants, "variant", "s|A-2"));
}

/* What it covers no more must lose it. */
static void was_covered__is_wanted_too(void **state)
{
    struct fake *f = *state;
    put_variant(f, "V-1", "P-1");
    put_variant(f, "V-2", "P-1");
    kit_document(f, (struct paper_words){ .id = "D", .sku = "V-1" });
    carry(f);
    fake_later(f, 1);
    kit_document(f, (struct paper_words){ .id = "D", .sku = "V-2" });
    struct kt_wants wants = read_wants(f);
    assert_true(has(&wants, "variant", "s|V-1") && has(&wants, "variant", "s|V-2"));
    carry(f);
    fake_later(f, 1);
    kit_document(f, (struct paper_words){ .id = "D", .sku = "V-2", .is_gone = true });
    wants = read_wants(f);
    assert_true(has(&wants, "variant", "s|V-2"));
}

static void other_scope__wants_nothing(void **state)
{
    struct fake *f = *state;
    put_variant(f, "V-1", "P-1");
    carry(f);
    kit_document(f, (struct paper_words){ .id = "D", .sku = "V-1" });
    f->erp.scope = "t";
    assert_int_equal(read_wants(f).count, 0);
}

/* 5,000 products of one group and a hundred documents that cover it: no memory for records, and
 * nothing is expanded twice. */
static void family__of_thousands_takes_little_memory(void **state)
{
    enum { MANY = 5000, RECORDS = 2 * MANY, DOCUMENTS = 100 };
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_arena *a = kt_arena_new();
    struct kt_change *change = KT_NEW_ARRAY(a, RECORDS, struct kt_change);
    enum kt_outcome *outcome = KT_NEW_ARRAY(a, RECORDS, enum kt_outcome);
    char *text = kt_alloc(a, 2000);
    memset(text, 'x', 1999);
    for (size_t i = 0; i < MANY; i++) {
        struct kt_product *p = KT_NEW(a, struct kt_product);
        struct kt_variant *v = KT_NEW(a, struct kt_variant);
        struct kt_text *t = KT_NEW(a, struct kt_text);
        KT_PUT(t, kt_text_shape, language, KT_STR("de"));
        KT_PUT(t, kt_text_shape, long_text, kt_str_of(text));
        KT_PUT(p, kt_product_shape, scope, KT_STR("s"));
        KT_PUT(p, kt_product_shape, id, kt_str_of(kt_format(a, "P-%05zu", i)));
        KT_PUT(p, kt_product_shape, product_group, KT_STR("TV"));
        KT_PUT(p, kt_product_shape, texts, (struct kt_list){ t, 1 });
        KT_PUT(v, kt_variant_shape, scope, KT_STR("s"));
        KT_PUT(v, kt_variant_shape, sku, kt_str_of(kt_format(a, "V-%05zu", i)));
        KT_PUT(v, kt_variant_shape, product, p->id);
        change[2 * i] = (struct kt_change){ .kind = KT_KIND_PRODUCT, .record = p, .as_of_us = 1 };
        change[2 * i + 1] =
            (struct kt_change){ .kind = KT_KIND_VARIANT, .record = v, .as_of_us = 1 };
    }
    assert_int_equal(kt_tx_begin(f->work.db, &e), KT_OK);
    assert_int_equal(kt_records_put(f->work.db, change, RECORDS, 0, kt_now_us(), outcome, a, &e),
                     KT_OK);
    assert_int_equal(kt_tx_commit(f->work.db, &e), KT_OK);
    kt_arena_free(a);
    carry(f);
    for (int i = 0; i < DOCUMENTS; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "D-%03d", i);
        kit_document(f, (struct paper_words){ .id = id, .family = "TV" });
    }
    const struct kt_wants wants = read_wants(f);
    assert_true(has(&wants, "product", "s|P-00000") && has(&wants, "product", "s|P-04999"));
    assert_true(has(&wants, "variant", "s|V-00000") && has(&wants, "variant", "s|V-04999"));
    assert_true(wants.count <= RECORDS + MANY);
    assert_true(kt_arena_used(f->work.arena) < 6 << 20);
    carry(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(variant__is_wanted_with_its_page, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(product__is_wanted_with_its_variants, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(family__is_wanted_with_articles_on_other_pages, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(was_covered__is_wanted_too, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(other_scope__wants_nothing, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(family__of_thousands_takes_little_memory, open_fake,
                                        close_fake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
