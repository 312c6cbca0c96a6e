/* Two sources of one scope: the brakes of one do not look at what the other said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/brakes.h"
#include "flow/intake.h"
#include "flow/ownership.h"
#include "store/exceptions.h"
#include <stdio.h>

#define MUST(call) assert_int_equal((call), KT_OK)

/* "main" leads products and variants, "pim" the texts and files of products. */
struct two {
    struct fake f;
    struct kt_erp_site erp[2];
    struct kt_intake_report report;
};

enum { MAIN = 0, PIM };

static uint64_t bit(const char *field)
{
    return UINT64_C(1) << (size_t)(kt_field_find(&kt_product_shape, field) -
                                   kt_product_shape.fields);
}

static void open_two(struct two *t)
{
    const uint64_t pims = bit("texts") | bit("media");
    memset(t, 0, sizeof *t);
    fake_open(&t->f);
    t->erp[MAIN] = t->erp[PIM] = t->f.erp;
    t->erp[MAIN].name = "main";
    t->erp[PIM].name = "pim";
    for (int kind = 0; kind < KT_KINDS; kind++) {
        t->erp[MAIN].lead[kind] = kind == KT_KIND_PRODUCT ? ~pims : ~UINT64_C(0);
        t->erp[PIM].lead[kind] = kind == KT_KIND_PRODUCT ? pims : 0;
        t->erp[MAIN].rivals[kind] = t->erp[PIM].lead[kind];
        t->erp[PIM].rivals[kind] = t->erp[MAIN].lead[kind];
    }
    t->f.site.erp = t->erp;
    t->f.site.erps = 2;
}

static void close_two(struct two *t)
{
    t->f.site.erp = &t->f.erp;
    t->f.site.erps = 1;
    fake_close(&t->f);
}

static struct kt_product *product(struct two *t, const char *id, const char *brand,
                                  const char *name)
{
    struct kt_arena *a = t->f.world.arena;
    struct kt_product *p = KT_NEW(a, struct kt_product);
    KT_PUT(p, kt_product_shape, scope, KT_STR("s"));
    KT_PUT(p, kt_product_shape, id, kt_str_of(id));
    if (brand != NULL)
        KT_PUT(p, kt_product_shape, brand, kt_str_of(brand));
    if (name != NULL) {
        struct kt_text *text = KT_NEW(a, struct kt_text);
        KT_PUT(text, kt_text_shape, language, KT_STR("de"));
        KT_PUT(text, kt_text_shape, name, kt_str_of(name));
        KT_PUT(p, kt_product_shape, texts, (struct kt_list){ text, 1 });
    }
    return p;
}

static void bring(struct two *t, int who, struct kt_change *change, size_t count)
{
    struct kt_err e = { 0 };
    struct kt_changes changes = {
        .item = change, .count = count, .room = count, .arena = t->f.world.arena
    };
    const struct kt_intake_from from = { .endpoint = t->erp[who].name, .site = &t->erp[who] };
    MUST(kt_intake(&t->f.work, &from, &changes, NULL, KT_STR(""), &t->report, &e));
}

static void bring_product(struct two *t, int who, int64_t as_of_us, struct kt_product *p,
                          bool is_deleted)
{
    struct kt_change c = {
        .kind = KT_KIND_PRODUCT, .as_of_us = as_of_us, .record = p, .is_deleted = is_deleted
    };
    bring(t, who, &c, 1);
}

/* T10: main leads existence and pulls with the ERP's own revision time; pim has spoken later. */
static void brakes__deletions_of_one_of_two_sources_are_held(void **state)
{
    static struct two t;
    struct kt_err e = { 0 };
    (void)state;
    open_two(&t);
    t.erp[MAIN].brakes =
        (struct kt_brakes){ .delete_percent = 5, .price_percent = 30, .at_least = 1 };
    for (int i = 0; i < 10; i++) {
        const char *id = kt_format(t.f.world.arena, "P-%d", i);
        bring_product(&t, MAIN, 10, product(&t, id, "Acme", NULL), false);
        bring_product(&t, PIM, 100, product(&t, id, NULL, "Lampe"), false);
    }
    struct kt_change gone[10];
    for (int i = 0; i < 10; i++) {
        const char *id = kt_format(t.f.world.arena, "P-%d", i);
        gone[i] = (struct kt_change){ .kind = KT_KIND_PRODUCT,
                                      .as_of_us = 50,
                                      .record = product(&t, id, NULL, NULL),
                                      .is_deleted = true };
    }
    struct kt_brake_run b;
    MUST(kt_brake_begin(&b, &t.f.work, &t.erp[MAIN], "catalogue", 1, &e));
    struct kt_changes changes = { .item = gone, .count = 10, .room = 10, .arena = t.f.world.arena };
    const struct kt_intake_from from = { .endpoint = "main", .site = &t.erp[MAIN], .brakes = &b };
    struct kt_intake_report r = { 0 };
    MUST(kt_intake(&t.f.work, &from, &changes, NULL, KT_STR(""), &r, &e));
    printf("   deleted %d held %d stale %d\n", (int)r.deleted, (int)r.held, (int)r.stale);
    assert_int_equal(r.deleted, 0);
    assert_int_equal(r.held, 10);
    close_two(&t);
}
int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(
        brakes__deletions_of_one_of_two_sources_are_held) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
