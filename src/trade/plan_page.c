/* One planned page: its axes and options, and what each variant has on them. Where the channel has
 * fewer axes, the last ones become one. Pure, any thread; called by plan.c and plan_split.c. */
#include <stdlib.h>
#include <string.h>

#include "trade/plan_inner.h"

/* Axes of the page that make one axis of the plan. */
struct joined {
    const struct kt_product_page *page;
    size_t axis[KT_AXES_MAX];
    size_t axes;
    char separator; /* stands in none of the values, if there is such a one */
};

/* What one variant has on it. */
struct tuple {
    int value[KT_AXES_MAX];
    size_t variant; /* its place in the group */
    size_t option;
};

static int by_values(const void *a, const void *b)
{
    const struct tuple *x = a;
    const struct tuple *y = b;
    for (size_t i = 0; i < KT_AXES_MAX; i++) {
        if (x->value[i] != y->value[i])
            return x->value[i] < y->value[i] ? -1 : 1;
    }
    return 0;
}

/* Joined texts stay apart, because what parts them stands in none of them. Values of the whole page
 * decide, so that the parts of a split page are written alike. */
static char separator_of(const struct kt_product_page *page)
{
    static const char candidates[] = "/|+*~^#&;=";
    for (const char *c = candidates; *c != '\0'; c++) {
        bool is_used = false;
        for (size_t i = 0; i < page->axes && !is_used; i++) {
            for (size_t k = 0; k < page->axis[i].values && !is_used; k++)
                is_used = memchr(page->axis[i].value[k].p, *c, page->axis[i].value[k].n) != NULL;
        }
        if (!is_used)
            return *c;
    }
    return '\0';
}

static void put_separator(struct kt_buf *out, char separator)
{
    kt_buf_char(out, ' ');
    kt_buf_char(out, separator == '\0' ? '/' : separator);
    kt_buf_char(out, ' ');
}

/* Where no sign is free, the places of the values in the page keep the texts apart. */
static struct kt_str option_text(const struct joined *j, const struct tuple *t, struct kt_arena *a)
{
    struct kt_buf out;
    size_t max = 1;
    for (size_t i = 0; i < j->axes; i++)
        max += j->page->axis[j->axis[i]].value[t->value[i]].n + 32;
    kt_buf_init(&out, a, max);
    for (size_t i = 0; i < j->axes; i++) {
        if (i > 0)
            put_separator(&out, j->separator);
        kt_buf_str(&out, j->page->axis[j->axis[i]].value[t->value[i]]);
    }
    if (j->axes > 1 && j->separator == '\0') {
        kt_buf_text(&out, " (");
        for (size_t i = 0; i < j->axes; i++)
            kt_buf_format(&out, "%s%d", i == 0 ? "" : ".", t->value[i] + 1);
        kt_buf_char(&out, ')');
    }
    KT_ASSERT(kt_buf_ok(&out));
    return kt_buf_view(&out);
}

static struct kt_str code_text(const struct joined *j, struct kt_arena *a)
{
    struct kt_buf out;
    size_t max = 1;
    for (size_t i = 0; i < j->axes; i++)
        max += j->page->axis[j->axis[i]].code.n + 3;
    kt_buf_init(&out, a, max);
    for (size_t i = 0; i < j->axes; i++) {
        if (i > 0)
            put_separator(&out, '/');
        kt_buf_str(&out, j->page->axis[j->axis[i]].code);
    }
    KT_ASSERT(kt_buf_ok(&out));
    return kt_buf_view(&out);
}

/* Fills the planned axis, and option[i] for each variant of the group. */
static void plan_axis(struct kt_plan_axis *out, const struct joined *j, size_t position,
                      const struct kt_plan_group *group, struct kt_str *option, struct kt_arena *a)
{
    struct tuple *tuple = KT_NEW_ARRAY(a, group->count + 1, struct tuple);
    struct kt_plan_option *options = KT_NEW_ARRAY(a, group->count + 1, struct kt_plan_option);
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++) {
        tuple[i].variant = i;
        for (size_t k = 0; k < j->axes; k++)
            tuple[i].value[k] = group->item[i]->value[j->axis[k]];
    }
    qsort(tuple, group->count, sizeof *tuple, by_values);
    for (size_t i = 0; i < group->count; i++) {
        if (i == 0 || by_values(&tuple[i], &tuple[i - 1]) != 0) {
            KT_PUT(&options[count], kt_plan_option_shape, position, (int64_t)count);
            KT_PUT(&options[count], kt_plan_option_shape, value, option_text(j, &tuple[i], a));
            count++;
        }
        option[tuple[i].variant] = options[count - 1].value;
    }
    KT_PUT(out, kt_plan_axis_shape, position, (int64_t)position);
    KT_PUT(out, kt_plan_axis_shape, code, code_text(j, a));
    KT_PUT(out, kt_plan_axis_shape, options, (struct kt_list){ options, count });
}

static void copy_variants(struct kt_planning *p, struct kt_plan_page *out,
                          const struct kt_plan_group *group)
{
    out->variant = KT_NEW_ARRAY(p->a, group->count, struct kt_variant);
    out->from = group->item;
    out->count = group->count;
    for (size_t i = 0; i < group->count; i++)
        out->variant[i] = *group->item[i]->variant;
}

/* value: axes values for each variant, one variant behind the other. */
static void put_values(struct kt_plan_page *out, const struct kt_plan_axis *axis, size_t axes,
                       const struct kt_str *option, struct kt_arena *a)
{
    struct kt_axis_value *value = KT_NEW_ARRAY(a, axes * out->count + 1, struct kt_axis_value);
    for (size_t i = 0; i < out->count; i++) {
        for (size_t k = 0; k < axes; k++) {
            KT_PUT(&value[i * axes + k], kt_axis_value_shape, axis, axis[k].code);
            KT_PUT(&value[i * axes + k], kt_axis_value_shape, value, option[k * out->count + i]);
        }
        KT_PUT(&out->variant[i], kt_variant_shape, axis_values,
               (struct kt_list){ &value[i * axes], axes });
    }
}

struct kt_plan_page *kt_plan_add(struct kt_planning *p, const struct kt_plan_group *group)
{
    struct kt_plan_page *out = &p->out->page[p->out->pages++];
    struct joined all = { .page = p->page, .separator = separator_of(p->page) };
    all.axes = kt_plan_axes_of(p, group, all.axis);
    size_t axes = all.axes < p->limits->axes ? all.axes : p->limits->axes;
    struct kt_plan_axis *axis = KT_NEW_ARRAY(p->a, axes + 1, struct kt_plan_axis);
    struct kt_str *option = KT_NEW_ARRAY(p->a, axes * group->count + 1, struct kt_str);
    for (size_t i = 0; i < axes; i++) {
        struct joined one = { .page = p->page, .separator = all.separator };
        size_t end = i + 1 == axes ? all.axes : i + 1;
        for (size_t k = i; k < end; k++)
            one.axis[one.axes++] = all.axis[k];
        plan_axis(&axis[i], &one, i, group, &option[i * group->count], p->a);
    }
    out->part = KT_STR("");
    out->label = KT_STR("");
    out->form = group->count == 1 ? KT_PLAN_SINGLE : KT_PLAN_MATRIX;
    out->axes = (struct kt_list){ axis, axes };
    copy_variants(p, out, group);
    put_values(out, axis, axes, option, p->a);
    return out;
}
