/* trade/pages and trade/plan for any articles: the order of arrival does not matter, no variant is
 * lost without a reason, what is planned fits the channel, and no two variants of a page look
 * alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "generator.h"

#include "base/arena.h"
#include "trade/lifecycle.h"
#include "trade/plan.h"

enum { ROUNDS = 3000, MEMBERS_MAX = 40, CODES = 7, SKU_MAX = 8 };

static const char *const codes[CODES] = { "a", "b", "c", "d", "e", "f", "g" };
/* Several spellings of one value, values with the signs that texts are joined by, hard ones. */
static const char *const texts[] = { "red",   "Red ",   "RED",        "blue", "16GB",  "16 gb",
                                     "1,5 m", "1.5m",   "a / b",      "a",    "b / c", "c",
                                     "a | b", "XL",     "s",          "E5",   "E10",   "Grün",
                                     "grun",  "1.500",  "/|+*~^#&;=", "a=b;", "5%",    "27\"",
                                     "赤",    "10x20cm" };
static const char *const units[] = { "", "", "", "GB", "m" };

struct scene {
    struct kt_page_member member[MEMBERS_MAX];
    size_t count;
    size_t codes; /* used in this scene */
    size_t texts;
    const struct kt_product *head;
    struct kt_group_rule rule;
    struct kt_plan_limits limits;
    const char *order[3];
};

static struct kt_arena *arena;

static void add_value(struct gen *g, const struct scene *s, struct kt_variant *v, size_t code)
{
    struct kt_axis_value *value = KT_NEW(arena, struct kt_axis_value);
    struct kt_attribute *at = KT_NEW_ARRAY(arena, v->attributes.count + 1, struct kt_attribute);
    const struct kt_attribute *old = v->attributes.item;
    struct kt_str text = kt_str_of(texts[gen_below(g, s->texts)]);
    struct kt_str unit = kt_str_of(units[gen_below(g, KT_COUNT(units))]);
    if (code == 0 && gen_below(g, 2) == 0) { /* some bring the first one as an axis value */
        KT_PUT(value, kt_axis_value_shape, axis, kt_str_of(codes[code]));
        KT_PUT(value, kt_axis_value_shape, value, text);
        KT_PUT(value, kt_axis_value_shape, unit, unit);
        KT_PUT(v, kt_variant_shape, axis_values, (struct kt_list){ value, 1 });
        return;
    }
    for (size_t i = 0; i < v->attributes.count; i++)
        at[i] = old[i];
    KT_PUT(&at[v->attributes.count], kt_attribute_shape, code, kt_str_of(codes[code]));
    KT_PUT(&at[v->attributes.count], kt_attribute_shape, value, text);
    KT_PUT(&at[v->attributes.count], kt_attribute_shape, unit, unit);
    KT_PUT(v, kt_variant_shape, attributes, (struct kt_list){ at, v->attributes.count + 1 });
}

static struct kt_product *own_of(struct gen *g, struct kt_str sku)
{
    static const char *const names[] = { "Phone X red", "Phone X Blue", "Phone", "Cable 16 GB" };
    struct kt_product *p = KT_NEW(arena, struct kt_product);
    struct kt_text *text = KT_NEW(arena, struct kt_text);
    KT_PUT(p, kt_product_shape, id, sku);
    KT_PUT(text, kt_text_shape, language, KT_STR("en"));
    KT_PUT(text, kt_text_shape, name, kt_str_of(names[gen_below(g, KT_COUNT(names))]));
    KT_PUT(p, kt_product_shape, texts, (struct kt_list){ text, 1 });
    return p;
}

static void fill(struct gen *g, struct scene *s)
{
    memset(s, 0, sizeof *s);
    s->count = gen_below(g, gen_below(g, 3) == 0 ? MEMBERS_MAX + 1 : 9);
    s->codes = 1 + gen_below(g, CODES);
    s->texts = 2 + gen_below(g, KT_COUNT(texts) - 1);
    for (size_t i = 0; i < s->count; i++) {
        struct kt_variant *v = KT_NEW(arena, struct kt_variant);
        KT_PUT(v, kt_variant_shape, sku, kt_str_of(kt_format(arena, "%zu", i)));
        KT_PUT(v, kt_variant_shape, product, KT_STR("0"));
        for (size_t k = 0; k < s->codes; k++) {
            if (gen_below(g, 30) > 0)
                add_value(g, s, v, k);
        }
        if (gen_below(g, 8) == 0)
            KT_PUT(v, kt_variant_shape, lifecycle, (int)gen_below(g, 4));
        s->member[i].variant = v;
        s->member[i].own = gen_below(g, 3) == 0 ? NULL : own_of(g, v->sku);
    }
    s->head = gen_below(g, 2) == 0 ? own_of(g, KT_STR("0")) : NULL; /* the first one is generic */
    s->rule.axes = (struct kt_conf_texts){ codes, s->codes };
    for (size_t i = 0; i < KT_COUNT(s->order); i++)
        s->order[i] = codes[gen_below(g, CODES)];
    s->limits.axes = (unsigned)gen_below(g, 5);
    s->limits.variants = gen_below(g, 2) == 0 ? 0 : 1 + (unsigned)gen_below(g, 20);
    s->limits.over = (int)gen_below(g, 3);
    s->limits.split_axes = (struct kt_conf_texts){ s->order, gen_below(g, 4) };
}

static void shuffle(struct gen *g, struct scene *s)
{
    for (size_t i = s->count; i > 1; i--) {
        size_t k = gen_below(g, i);
        struct kt_page_member spare = s->member[i - 1];
        s->member[i - 1] = s->member[k];
        s->member[k] = spare;
    }
}

static void make(const struct scene *s, struct kt_product_page *page, struct kt_plan *plan)
{
    kt_page_make(page, KT_STR("0"), s->head, s->member, s->count, &s->rule, arena);
    kt_plan_make(plan, page, &s->limits, arena);
}

/* --- order of arrival --- */

static void same_verdict(const struct kt_verdict *a, const struct kt_verdict *b)
{
    assert_int_equal(a->code, b->code);
    for (size_t i = 0; i < KT_PARAMS; i++)
        assert_string_equal(a->param[i].value, b->param[i].value);
}

static void same_page(const struct kt_product_page *a, const struct kt_product_page *b)
{
    assert_int_equal(a->axes, b->axes);
    assert_int_equal(a->count, b->count);
    assert_ptr_equal(a->generic, b->generic);
    for (size_t i = 0; i < a->axes; i++) {
        assert_true(kt_str_eq(a->axis[i].code, b->axis[i].code));
        assert_int_equal(a->axis[i].values, b->axis[i].values);
        for (size_t k = 0; k < a->axis[i].values; k++)
            assert_true(kt_str_eq(a->axis[i].value[k], b->axis[i].value[k]));
    }
    for (size_t i = 0; i < a->count; i++) {
        assert_ptr_equal(a->item[i].variant, b->item[i].variant);
        assert_int_equal(a->item[i].is_out, b->item[i].is_out);
        assert_memory_equal(a->item[i].value, b->item[i].value, sizeof a->item[i].value);
        same_verdict(&a->item[i].why, &b->item[i].why);
    }
    assert_int_equal(a->shown == NULL, b->shown == NULL);
    if (a->shown != NULL) {
        char x[KT_HASH_TEXT_MAX];
        char y[KT_HASH_TEXT_MAX];
        kt_shape_hash(&kt_product_shape, a->shown, arena, x);
        kt_shape_hash(&kt_product_shape, b->shown, arena, y);
        assert_string_equal(x, y);
    }
}

static struct kt_str written(const struct kt_plan_page *p)
{
    struct kt_buf out;
    kt_buf_init(&out, arena, 1000000);
    kt_shape_write_list(&out, &kt_plan_axis_shape, p->axes);
    kt_shape_write_list(&out, &kt_variant_shape, (struct kt_list){ p->variant, p->count });
    assert_true(kt_buf_ok(&out));
    return kt_buf_view(&out);
}

static void same_plan(const struct kt_plan *a, const struct kt_plan *b)
{
    assert_int_equal(a->form, b->form);
    assert_int_equal(a->is_folded, b->is_folded);
    assert_int_equal(a->pages, b->pages);
    assert_int_equal(a->outs, b->outs);
    same_verdict(&a->why, &b->why);
    for (size_t i = 0; i < a->pages; i++) {
        assert_true(kt_str_eq(a->page[i].part, b->page[i].part));
        assert_true(kt_str_eq(a->page[i].label, b->page[i].label));
        assert_true(kt_str_eq(written(&a->page[i]), written(&b->page[i])));
    }
    for (size_t i = 0; i < a->outs; i++) {
        assert_ptr_equal(a->out[i].item->variant, b->out[i].item->variant);
        same_verdict(&a->out[i].why, &b->out[i].why);
    }
}

static void result__does_not_depend_on_the_order_of_arrival(void **state)
{
    (void)state;
    struct gen g = gen_start("pages, order");
    struct scene s;
    unsigned made[KT_PLAN_REFUSED + 1] = { 0 };
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct kt_product_page first;
        struct kt_product_page again;
        struct kt_plan first_plan;
        struct kt_plan plan;
        kt_arena_reset(arena);
        fill(&g, &s);
        make(&s, &first, &first_plan);
        made[first_plan.form]++;
        for (unsigned i = 0; i < 3; i++) {
            shuffle(&g, &s);
            make(&s, &again, &plan);
            same_page(&first, &again);
            same_plan(&first_plan, &plan);
        }
    }
    for (size_t i = 0; i < KT_COUNT(made); i++)
        assert_true(made[i] > ROUNDS / 40); /* all forms were tried */
}

/* --- nothing is lost --- */

static const struct kt_page_variant *on_page(const struct kt_product_page *page,
                                             const struct kt_variant *variant)
{
    for (size_t i = 0; i < page->count; i++) {
        if (page->item[i].variant == variant)
            return &page->item[i];
    }
    return NULL;
}

/* Normal values on all codes that may be axes, parted by control characters. */
static struct kt_str combination(const struct scene *s, const struct kt_page_member *m)
{
    const char *all = "";
    for (size_t i = 0; i < s->codes; i++) {
        struct kt_str value = { NULL, 0 };
        struct kt_str unit = { NULL, 0 };
        bool has =
            kt_axis_value_of(m->variant, m->own, kt_str_of(codes[i]), KT_STR(""), &value, &unit);
        all = kt_format(arena, "%s\x1f%s", all,
                        has ? kt_axis_value_normal(value, unit, arena).p : "");
    }
    return kt_str_of(all);
}

static bool is_complete(struct kt_str combination)
{
    return strstr(combination.p, "\x1f\x1f") == NULL && combination.p[combination.n - 1] != '\x1f';
}

/* A combination of values that some article for sale has in full is on the page, whoever has it. */
static void keeps_combinations(const struct scene *s, const struct kt_product_page *page)
{
    for (size_t i = 0; i < s->count; i++) {
        struct kt_str wanted = combination(s, &s->member[i]);
        bool is_there = s->member[i].variant == page->generic || !is_complete(wanted) ||
                        kt_is_closed(s->member[i].variant, s->member[i].own) ||
                        (page->count > 0 && page->item[0].why.code == KT_E_PAGE_TOO_MANY_AXES);
        for (size_t k = 0; k < s->count && !is_there; k++) {
            const struct kt_page_variant *at = on_page(page, s->member[k].variant);
            is_there =
                at != NULL && !at->is_out && kt_str_eq(combination(s, &s->member[k]), wanted);
        }
        assert_true(is_there);
    }
}

static void counts_each_once(const struct scene *s, const struct kt_product_page *page,
                             const struct kt_plan *plan)
{
    size_t planned = 0;
    assert_int_equal(page->count + (page->generic != NULL), s->count);
    for (size_t i = 0; i < plan->pages; i++)
        planned += plan->page[i].count;
    assert_int_equal(planned + plan->outs, page->count);
    for (size_t i = 0; i < page->count; i++) {
        size_t at = 0;
        size_t outs = 0;
        const struct kt_plan_page *p = kt_plan_find(plan, page->item[i].variant->sku, &at);
        for (size_t k = 0; k < plan->outs; k++) {
            if (plan->out[k].item != &page->item[i])
                continue;
            outs++;
            assert_int_equal(plan->out[k].why.rc, KT_REJECT);
            assert_int_not_equal(plan->out[k].why.code, KT_E_NONE);
        }
        assert_int_equal(outs + (p != NULL), 1);
        assert_true(p == NULL || p->from[at] == &page->item[i]);
        assert_true(!page->item[i].is_out || p == NULL);
    }
}

static void every__variant_is_planned_once_or_out_with_a_reason(void **state)
{
    (void)state;
    struct gen g = gen_start("pages, loss");
    struct scene s;
    size_t out = 0;
    size_t in = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct kt_product_page page;
        struct kt_plan plan;
        kt_arena_reset(arena);
        fill(&g, &s);
        make(&s, &page, &plan);
        counts_each_once(&s, &page, &plan);
        keeps_combinations(&s, &page);
        out += plan.outs;
        in += page.count - plan.outs;
    }
    printf("%zu variants planned, %zu out\n", in, out);
    assert_true(in > ROUNDS && out > ROUNDS);
}

/* --- what is planned fits --- */

/* Options in normal form: shops do not tell cases apart. */
static struct kt_str look(const struct kt_variant *v)
{
    const struct kt_axis_value *value = v->axis_values.item;
    const char *all = "";
    for (size_t i = 0; i < v->axis_values.count; i++)
        all = kt_format(arena, "%s\x1f%s", all,
                        kt_axis_value_normal(value[i].value, KT_STR(""), arena).p);
    return kt_str_of(all);
}

static void fits(const struct scene *s, const struct kt_plan_page *p)
{
    const struct kt_plan_axis *axis = p->axes.item;
    assert_true(p->count > 0);
    assert_true(p->axes.count <= s->limits.axes);
    assert_true(s->limits.variants == 0 || p->count <= s->limits.variants);
    assert_int_equal(p->form, p->count == 1 ? KT_PLAN_SINGLE : KT_PLAN_MATRIX);
    assert_int_equal(p->axes.count == 0, p->count == 1);
    assert_true(p->part.n <= KT_PLAN_PART_MAX && kt_utf8_ok(p->part));
    for (size_t i = 0; i < p->axes.count; i++)
        assert_true(axis[i].options.count > 1);
    for (size_t i = 0; i < p->count; i++) {
        assert_int_equal(p->variant[i].axis_values.count, p->axes.count);
        for (size_t k = 0; k < i; k++)
            assert_false(kt_str_eq(look(&p->variant[i]), look(&p->variant[k])));
    }
}

static void page__that_is_planned_fits_the_channel(void **state)
{
    (void)state;
    struct gen g = gen_start("pages, limits");
    struct scene s;
    unsigned folded = 0;
    unsigned split = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct kt_product_page page;
        struct kt_plan plan;
        kt_arena_reset(arena);
        fill(&g, &s);
        make(&s, &page, &plan);
        for (size_t i = 0; i < plan.pages; i++) {
            fits(&s, &plan.page[i]);
            assert_int_equal(plan.page[i].part.n > 0, plan.form == KT_PLAN_SPLIT);
            for (size_t k = 0; k < i; k++)
                assert_false(kt_str_eq(plan.page[i].part, plan.page[k].part));
        }
        assert_true(plan.form != KT_PLAN_SPLIT || plan.pages > 1);
        assert_true(plan.form != KT_PLAN_REFUSED || s.limits.over != KT_OVER_SPLIT);
        folded += plan.is_folded;
        split += plan.form == KT_PLAN_SPLIT;
    }
    printf("%u folded, %u split\n", folded, split);
    assert_true(folded > ROUNDS / 20 && split > ROUNDS / 20);
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
        cmocka_unit_test(result__does_not_depend_on_the_order_of_arrival),
        cmocka_unit_test(every__variant_is_planned_once_or_out_with_a_reason),
        cmocka_unit_test(page__that_is_planned_fits_the_channel),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
