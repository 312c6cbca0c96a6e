/* A record that comes in parts, each its own source, with texts that join what is known: whatever
 * order the parts come in, what counts is what each source said last, member by member. The model
 * below keeps every member by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "generator.h"
#include "store/records_merge.h"

enum { ROUNDS = 3000, CHANGES = 12, LANGUAGES = 3, SOURCES = 3 };

static const char *const language[LANGUAGES] = { "de", "en", "fr" };
static const char *const source[SOURCES] = { "main/MATMAS", "main/CLFMAS", "pim" };

/* What the product should be. Values are numbers, 0: absent. */
struct model {
    bool is_there;
    int said[SOURCES];
    int brand;
    int attribute;
    int model_id;
    bool has_texts;
    int name[LANGUAGES];
    int long_text[LANGUAGES];
};

/* One part: of MATMAS existence, brand and texts; of CLFMAS the attributes; of the PIM model_id. */
struct part {
    int source;
    int at;
    bool is_deleted;
    bool replaces;       /* texts as a whole */
    int value;           /* brand, attribute, model_id */
    int name[LANGUAGES]; /* 0: not said, -1: taken away */
    int long_text[LANGUAGES];
};

static uint64_t bit(const char *field)
{
    return UINT64_C(1) << (size_t)(kt_field_find(&kt_product_shape, field) -
                                   kt_product_shape.fields);
}

static struct kt_str word(struct kt_arena *a, int value)
{
    return kt_str_of(value < 0 ? "" : kt_format(a, "v%d", value));
}

static struct part any_part(struct gen *g, int at)
{
    struct part p = { .source = (int)gen_below(g, SOURCES), .at = at };
    p.value = (int)gen_below(g, 4);
    if (p.source != 0)
        return p;
    p.is_deleted = gen_below(g, 8) == 0;
    p.replaces = gen_below(g, 4) == 0;
    for (int i = 0; i < LANGUAGES; i++) {
        p.name[i] = (int)gen_between(g, p.replaces ? 0 : -1, 3);
        p.long_text[i] = (int)gen_between(g, p.replaces ? 0 : -1, 3);
    }
    return p;
}

/* --- the model --- */

static void model_member(int *known, int said)
{
    if (said != 0)
        *known = said < 0 ? 0 : said;
}

static void model_take(struct model *m, const struct part *p)
{
    if (p->at < m->said[p->source])
        return;
    m->said[p->source] = p->at;
    if (p->source == 1)
        m->attribute = p->value;
    if (p->source == 2)
        m->model_id = p->value;
    if (p->source != 0)
        return;
    m->is_there = !p->is_deleted;
    if (p->is_deleted)
        return;
    m->brand = p->value;
    m->has_texts = true;
    for (int i = 0; i < LANGUAGES; i++) {
        if (p->replaces)
            m->name[i] = m->long_text[i] = 0;
        model_member(&m->name[i], p->name[i]);
        model_member(&m->long_text[i], p->long_text[i]);
    }
}

/* --- the same as a change --- */

static struct kt_list texts_of(const struct part *p, struct kt_arena *a)
{
    struct kt_text *t = KT_NEW_ARRAY(a, LANGUAGES, struct kt_text);
    size_t count = 0;
    for (int i = LANGUAGES - 1; i >= 0; i--) { /* not in order: the check sorts */
        struct kt_text *to = &t[count];
        if (p->name[i] == 0 && p->long_text[i] == 0)
            continue;
        (void)KT_PUT(to, kt_text_shape, language, kt_str_of(language[i]));
        if (p->name[i] != 0)
            (void)KT_PUT(to, kt_text_shape, name, word(a, p->name[i]));
        if (p->long_text[i] != 0)
            (void)KT_PUT(to, kt_text_shape, long_text, word(a, p->long_text[i]));
        count++;
    }
    return (struct kt_list){ t, count };
}

static struct kt_change change_of(const struct part *p, struct kt_arena *a)
{
    struct kt_product *to = KT_NEW(a, struct kt_product);
    struct kt_attribute *attribute = KT_NEW(a, struct kt_attribute);
    struct kt_err e = { 0 };
    struct kt_change c = { .kind = KT_KIND_PRODUCT,
                           .is_deleted = p->is_deleted,
                           .as_of_us = p->at,
                           .source = source[p->source],
                           .record = to };
    (void)KT_PUT(to, kt_product_shape, scope, KT_STR("s"));
    (void)KT_PUT(to, kt_product_shape, id, KT_STR("P"));
    (void)KT_PUT(attribute, kt_attribute_shape, code, KT_STR("C"));
    (void)KT_PUT(attribute, kt_attribute_shape, value, word(a, p->value));
    if (p->source == 0) {
        c.leads = 1 | bit("brand") | bit("texts");
        c.adds = p->replaces ? 0 : bit("texts");
        (void)KT_PUT(to, kt_product_shape, texts, texts_of(p, a));
        if (p->value > 0)
            (void)KT_PUT(to, kt_product_shape, brand, word(a, p->value));
    } else if (p->source == 1) {
        c.leads = bit("attributes");
        if (p->value > 0)
            (void)KT_PUT(to, kt_product_shape, attributes, (struct kt_list){ attribute, 1 });
    } else {
        c.leads = bit("model_id");
        if (p->value > 0)
            (void)KT_PUT(to, kt_product_shape, model_id, word(a, p->value));
    }
    assert_int_equal(kt_shape_check(&kt_product_shape, to, a, &e), KT_OK);
    return c;
}

static const char *shown(const struct kt_product *p, bool is_there, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, 1 << 16);
    kt_buf_text(&out, is_there ? "there " : "gone ");
    kt_shape_write(&out, &kt_product_shape, p);
    return kt_buf_view(&out).p;
}

static const char *model_shown(const struct model *m, struct kt_arena *a)
{
    struct part p = { .source = 0, .value = m->brand };
    memcpy(p.name, m->name, sizeof p.name);
    memcpy(p.long_text, m->long_text, sizeof p.long_text);
    struct kt_product *to = change_of(&p, a).record;
    if (!m->has_texts)
        to->present &= ~bit("texts");
    const struct part class = { .source = 1, .value = m->attribute };
    const struct kt_product *from = change_of(&class, a).record;
    if (KT_HAS(from, kt_product_shape, attributes))
        (void)KT_PUT(to, kt_product_shape, attributes, from->attributes);
    if (m->model_id > 0)
        (void)KT_PUT(to, kt_product_shape, model_id, word(a, m->model_id));
    return shown(to, m->is_there, a);
}

/* Through what is stored in between, as the store does it. */
static const char *merged(const struct part *part, size_t count, struct kt_arena *a)
{
    struct kt_stored stored = { 0 };
    struct kt_merge m;
    struct kt_err e = { 0 };
    for (size_t i = 0; i < count; i++) {
        struct kt_change c = change_of(&part[i], a);
        assert_int_equal(kt_merge_begin(&m, KT_KIND_PRODUCT, &stored, a, &e), KT_OK);
        if (!kt_merge_take(&m, &c))
            continue;
        stored = (struct kt_stored){ .record = m.record,
                                     .is_deleted = !m.is_there,
                                     .as_of_us = m.as_of_us,
                                     .sources = kt_merge_sources(&m) };
        if (i % 2 == 0) /* what is in its normal form stays so */
            assert_int_equal(kt_shape_check(&kt_product_shape, m.record, a, &e), KT_OK);
    }
    return shown(stored.record, !stored.is_deleted, a);
}

static void shuffle(struct gen *g, struct part *part, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        const size_t k = gen_below(g, i);
        struct part swap = part[i - 1];
        part[i - 1] = part[k];
        part[k] = swap;
    }
}

static void parts__end_where_the_members_do(void **state)
{
    struct gen g = gen_start("parts__end_where_the_members_do");
    (void)state;
    struct kt_arena *a = kt_arena_new();
    for (int round = 0; round < ROUNDS; round++) {
        struct part part[CHANGES];
        struct model m = { 0 };
        const size_t count = 1 + gen_below(&g, CHANGES);
        kt_arena_reset(a);
        for (size_t i = 0; i < count; i++)
            part[i] = any_part(&g, (int)i + 1);
        shuffle(&g, part, count);
        for (size_t i = 0; i < count; i++)
            model_take(&m, &part[i]);
        assert_string_equal(merged(part, count, a), model_shown(&m, a));
    }
    kt_arena_free(a);
}

/* As long as each source keeps its own order, how the sources come between each other is nothing.
 */
static void parts__of_several_sources_may_come_in_any_order(void **state)
{
    struct gen g = gen_start("parts__of_several_sources_may_come_in_any_order");
    (void)state;
    struct kt_arena *a = kt_arena_new();
    for (int round = 0; round < ROUNDS; round++) {
        struct part part[CHANGES];
        struct part other[CHANGES];
        size_t used = 0;
        kt_arena_reset(a);
        for (int i = 0; i < CHANGES; i++)
            part[i] = any_part(&g, i + 1);
        for (int s = 0; s < SOURCES; s++) { /* one source after the other */
            for (int i = 0; i < CHANGES; i++) {
                if (part[i].source == s)
                    other[used++] = part[i];
            }
        }
        assert_string_equal(merged(part, CHANGES, a), merged(other, CHANGES, a));
    }
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts__end_where_the_members_do),
        cmocka_unit_test(parts__of_several_sources_may_come_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
