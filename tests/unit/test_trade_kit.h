#ifndef KT_TEST_TRADE_KIT_H
#define KT_TEST_TRADE_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "model/record.h"

/* Articles for the tests of grouping, pages and plans. All lives in `arena`. */
static struct kt_arena *arena;

static inline int open_arena(void **state)
{
    (void)state;
    arena = kt_arena_new();
    return 0;
}

static inline int close_arena(void **state)
{
    (void)state;
    kt_arena_free(arena);
    return 0;
}

static inline struct kt_str text_of(const char *text)
{
    return kt_str_copy(arena, kt_str_of(text));
}

static inline void same_text(struct kt_str found, const char *wanted)
{
    if (!kt_str_is(found, wanted))
        print_error("found \"%.*s\", wanted \"%s\"\n", (int)found.n, found.p, wanted);
    assert_true(kt_str_is(found, wanted));
}

static inline struct kt_variant *variant_of(const char *sku)
{
    struct kt_variant *v = KT_NEW(arena, struct kt_variant);
    KT_PUT(v, kt_variant_shape, scope, KT_STR("erp"));
    KT_PUT(v, kt_variant_shape, sku, text_of(sku));
    KT_PUT(v, kt_variant_shape, product, text_of(sku));
    return v;
}

static inline struct kt_product *product_of(const char *id)
{
    struct kt_product *p = KT_NEW(arena, struct kt_product);
    KT_PUT(p, kt_product_shape, scope, KT_STR("erp"));
    KT_PUT(p, kt_product_shape, id, text_of(id));
    return p;
}

static inline void add_text(struct kt_product *p, const char *language, const char *name)
{
    const struct kt_text *old = p->texts.item;
    size_t count = p->texts.count;
    struct kt_text *text = KT_NEW_ARRAY(arena, count + 1, struct kt_text);
    for (size_t i = 0; i < count; i++)
        text[i] = old[i];
    KT_PUT(&text[count], kt_text_shape, language, text_of(language));
    KT_PUT(&text[count], kt_text_shape, name, text_of(name));
    KT_PUT(p, kt_product_shape, texts, (struct kt_list){ text, count + 1 });
}

static inline struct kt_list one_more_attribute(struct kt_list list, const char *code,
                                                const char *language, const char *value,
                                                const char *unit)
{
    const struct kt_attribute *old = list.item;
    struct kt_attribute *at = KT_NEW_ARRAY(arena, list.count + 1, struct kt_attribute);
    for (size_t i = 0; i < list.count; i++)
        at[i] = old[i];
    KT_PUT(&at[list.count], kt_attribute_shape, code, text_of(code));
    if (language != NULL)
        KT_PUT(&at[list.count], kt_attribute_shape, language, text_of(language));
    KT_PUT(&at[list.count], kt_attribute_shape, value, text_of(value));
    if (unit != NULL)
        KT_PUT(&at[list.count], kt_attribute_shape, unit, text_of(unit));
    return (struct kt_list){ at, list.count + 1 };
}

static inline void add_attribute(struct kt_variant *v, const char *code, const char *value)
{
    KT_PUT(v, kt_variant_shape, attributes,
           one_more_attribute(v->attributes, code, NULL, value, NULL));
}

static inline void add_value(struct kt_variant *v, const char *axis, const char *text,
                             const char *unit)
{
    const struct kt_axis_value *old = v->axis_values.item;
    size_t count = v->axis_values.count;
    struct kt_axis_value *value = KT_NEW_ARRAY(arena, count + 1, struct kt_axis_value);
    for (size_t i = 0; i < count; i++)
        value[i] = old[i];
    KT_PUT(&value[count], kt_axis_value_shape, axis, text_of(axis));
    KT_PUT(&value[count], kt_axis_value_shape, value, text_of(text));
    if (unit != NULL)
        KT_PUT(&value[count], kt_axis_value_shape, unit, text_of(unit));
    KT_PUT(v, kt_variant_shape, axis_values, (struct kt_list){ value, count + 1 });
}

static inline void add_axis(struct kt_product *p, const char *code, int64_t position)
{
    const struct kt_axis *old = p->axes.item;
    size_t count = p->axes.count;
    struct kt_axis *axis = KT_NEW_ARRAY(arena, count + 1, struct kt_axis);
    for (size_t i = 0; i < count; i++)
        axis[i] = old[i];
    KT_PUT(&axis[count], kt_axis_shape, code, text_of(code));
    KT_PUT(&axis[count], kt_axis_shape, position, position);
    KT_PUT(p, kt_product_shape, axes, (struct kt_list){ axis, count + 1 });
}

#endif
