/* trade/axes and trade/grouping for any texts: normal forms stay as they are, spellings do not
 * matter, the order of values is one, and articles meet on the same page whatever their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "generator.h"

#include "base/arena.h"
#include "trade/axes.h"
#include "trade/fold.h"
#include "trade/grouping.h"

enum { ROUNDS = 20000, PIECES = 8 };

static const char *const pieces[] = { "16",
                                      "1,5",
                                      "0.5",
                                      "-",
                                      "GB",
                                      "gb",
                                      "'",
                                      "m",
                                      " ",
                                      "  ",
                                      "/",
                                      ",",
                                      ".",
                                      "Red",
                                      "ü",
                                      "Ü",
                                      "ß",
                                      "é",
                                      "\"",
                                      "x",
                                      "XL",
                                      "100g",
                                      "%",
                                      "赤",
                                      "Σ",
                                      "ς",
                                      "Й",
                                      "+3",
                                      "E5",
                                      "(",
                                      ")",
                                      "\t",
                                      "\xC2\xA0",
                                      "\xE2\x80\x93",
                                      "\xCC\x81",
                                      "\xFF",
                                      "1",
                                      "0",
                                      "\xE2\x80\x8B",
                                      "Æ",
                                      "×" };

static struct kt_arena *arena;

static struct kt_str any_text(struct gen *g)
{
    struct kt_buf out;
    size_t count = gen_below(g, PIECES);
    kt_buf_init(&out, arena, 200);
    for (size_t i = 0; i < count; i++)
        kt_buf_text(&out, pieces[gen_below(g, KT_COUNT(pieces))]);
    return kt_buf_view(&out);
}

static void same(struct kt_str a, struct kt_str b)
{
    if (!kt_str_eq(a, b))
        print_error("\"%s\" and \"%s\"\n", a.p, b.p);
    assert_true(kt_str_eq(a, b));
}

static void normal__form_of_a_normal_form_is_itself(void **state)
{
    (void)state;
    struct gen g = gen_start("values, normal form");
    for (unsigned round = 0; round < ROUNDS; round++) {
        kt_arena_reset(arena);
        struct kt_str value = any_text(&g);
        struct kt_str unit = gen_below(&g, 2) == 0 ? KT_STR("") : any_text(&g);
        struct kt_str normal = kt_axis_value_normal(value, unit, arena);
        same(kt_axis_value_normal(normal, KT_STR(""), arena), normal);
        same(kt_axis_value_normal(normal, unit, arena), normal);
        same(kt_fold(kt_fold(value, arena), arena), kt_fold(value, arena));
        for (size_t i = 0; i < normal.n; i++)
            assert_true((unsigned char)normal.p[i] >= 0x20);
        /* what is shown is the same value, and a part's name is made from it */
        struct kt_str shown = kt_axis_value_shown(value, unit, arena);
        same(kt_axis_value_normal(shown, KT_STR(""), arena), normal);
    }
}

static void values__have_one_order(void **state)
{
    (void)state;
    struct gen g = gen_start("values, order");
    for (unsigned round = 0; round < ROUNDS; round++) {
        kt_arena_reset(arena);
        struct kt_str t[3];
        for (size_t i = 0; i < KT_COUNT(t); i++)
            t[i] = kt_axis_value_normal(any_text(&g), KT_STR(""), arena);
        int ab = kt_axis_value_cmp(t[0], t[1]);
        int bc = kt_axis_value_cmp(t[1], t[2]);
        int ac = kt_axis_value_cmp(t[0], t[2]);
        int ba = kt_axis_value_cmp(t[1], t[0]);
        assert_int_equal((ab > 0) - (ab < 0), (ba < 0) - (ba > 0));
        assert_int_equal(ab == 0, kt_str_eq(t[0], t[1]));
        if (ab <= 0 && bc <= 0)
            assert_true(ac <= 0);
        if (ab >= 0 && bc >= 0)
            assert_true(ac >= 0);
    }
}

/* --- grouping --- */

static const char *const colours[] = { "Red", "Silver Grey", "blue", "16 GB", "Grün" };
static const char *const spelt[][3] = { { "Red", "RED", "red" },
                                        { "Silver Grey", "silver  grey", "SILVER GREY" },
                                        { "Blue", "blue", "BLUE" },
                                        { "16GB", "16 GB", "16 gb" },
                                        { "Grün", "GRÜN", "grun" } };
static const char *const models[] = { "Phone X",    "Phone XL", "Cable (flat)",
                                      "E51 Player", "Lamp 5 W", "Blue Note" };
static const char *const brands[] = { "Contoso", "Fabrikam", "" };

struct article {
    size_t model;
    size_t brand;
    size_t colour;
    struct kt_product *own;
    struct kt_variant *variant;
};

static void fill(struct gen *g, struct article *a, size_t number)
{
    static const char *const joints[] = { " ", "  ", " - ", ", ", " / " };
    a->model = gen_below(g, KT_COUNT(models));
    a->brand = gen_below(g, KT_COUNT(brands));
    a->colour = gen_below(g, KT_COUNT(colours));
    a->own = KT_NEW(arena, struct kt_product);
    a->variant = KT_NEW(arena, struct kt_variant);
    struct kt_text *text = KT_NEW(arena, struct kt_text);
    struct kt_attribute *at = KT_NEW(arena, struct kt_attribute);
    KT_PUT(text, kt_text_shape, language, KT_STR("en"));
    KT_PUT(text, kt_text_shape, name,
           kt_str_of(kt_format(arena, "%s%s%s", models[a->model],
                               joints[gen_below(g, KT_COUNT(joints))],
                               spelt[a->colour][gen_below(g, 3)])));
    KT_PUT(at, kt_attribute_shape, code, KT_STR("colour"));
    KT_PUT(at, kt_attribute_shape, value, kt_str_of(colours[a->colour]));
    KT_PUT(a->own, kt_product_shape, brand, kt_str_of(brands[a->brand]));
    KT_PUT(a->own, kt_product_shape, texts, (struct kt_list){ text, 1 });
    KT_PUT(a->variant, kt_variant_shape, attributes, (struct kt_list){ at, 1 });
    KT_PUT(a->variant, kt_variant_shape, sku, kt_str_of(kt_format(arena, "%zu", number)));
    KT_PUT(a->variant, kt_variant_shape, product, a->variant->sku);
}

static void articles__meet_by_brand_and_name_whatever_their_order(void **state)
{
    (void)state;
    static const char *const codes[] = { "colour" };
    const struct kt_group_rule rule = { .by = KT_GROUP_NAME,
                                        .language = "en",
                                        .axes = { codes, 1 } };
    struct gen g = gen_start("grouping");
    for (unsigned round = 0; round < ROUNDS / 100; round++) {
        struct article article[30];
        struct kt_str page[30];
        kt_arena_reset(arena);
        for (size_t i = 0; i < KT_COUNT(article); i++)
            fill(&g, &article[i], i);
        for (size_t i = 0; i < KT_COUNT(article); i++) {
            kt_group_article(&rule, article[i].own, article[i].variant, arena);
            page[i] = article[i].variant->product;
            assert_false(kt_str_eq(page[i], article[i].variant->sku));
        }
        for (size_t i = KT_COUNT(article); i > 0; i--) { /* the other way round, and once more */
            kt_group_article(&rule, article[i - 1].own, article[i - 1].variant, arena);
            same(article[i - 1].variant->product, page[i - 1]);
            for (size_t k = 0; k < i - 1; k++)
                assert_int_equal(kt_str_eq(page[k], page[i - 1]),
                                 article[k].model == article[i - 1].model &&
                                     article[k].brand == article[i - 1].brand);
        }
    }
}

static int open_arena(void **state)
{
    (void)state;
    arena = kt_arena_new();
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    kt_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal__form_of_a_normal_form_is_itself),
        cmocka_unit_test(values__have_one_order),
        cmocka_unit_test(articles__meet_by_brand_and_name_whatever_their_order),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
