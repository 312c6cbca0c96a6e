/* Axes of a page: which codes may be one, what the articles have on them, and the spelling that is
 * shown. Pure, any thread; called by pages.c. */
#include <stdlib.h>

#include "trade/pages_inner.h"

/* --- codes --- */

static int by_position(const void *a, const void *b)
{
    const struct kt_axis *x = a;
    const struct kt_axis *y = b;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    return kt_str_cmp(x->code, y->code);
}

static int by_text(const void *a, const void *b)
{
    return kt_str_cmp(*(const struct kt_str *)a, *(const struct kt_str *)b);
}

static void add_code(struct kt_page_making *m, struct kt_str code)
{
    for (size_t i = 0; i < m->codes; i++) {
        if (kt_str_eq(m->code[i], code))
            return;
    }
    if (code.n > 0)
        m->code[m->codes++] = code;
}

static void codes_of_head(struct kt_page_making *m)
{
    const struct kt_axis *given = m->head->axes.item;
    size_t count = m->head->axes.count;
    struct kt_axis *axis = KT_NEW_ARRAY(m->a, count, struct kt_axis);
    for (size_t i = 0; i < count; i++)
        axis[i] = given[i];
    qsort(axis, count, sizeof *axis, by_position);
    m->code = KT_NEW_ARRAY(m->a, count, struct kt_str);
    for (size_t i = 0; i < count; i++)
        add_code(m, axis[i].code);
}

static void codes_of_rule(struct kt_page_making *m)
{
    m->code = KT_NEW_ARRAY(m->a, m->rule->axes.count, struct kt_str);
    for (size_t i = 0; i < m->rule->axes.count; i++)
        add_code(m, kt_str_of(m->rule->axes.item[i]));
}

/* Nobody names axes: what the variants bring counts, by its code. */
static void codes_of_variants(struct kt_page_making *m)
{
    size_t count = 0;
    size_t n = 0;
    for (size_t i = 0; i < m->seats; i++)
        count += m->seat[i].member.variant->axis_values.count;
    struct kt_str *all = KT_NEW_ARRAY(m->a, count + 1, struct kt_str);
    m->code = KT_NEW_ARRAY(m->a, count + 1, struct kt_str);
    for (size_t i = 0; i < m->seats; i++) {
        const struct kt_axis_value *value = m->seat[i].member.variant->axis_values.item;
        for (size_t k = 0; k < m->seat[i].member.variant->axis_values.count; k++)
            all[n++] = value[k].axis;
    }
    if (n > 1)
        qsort(all, n, sizeof *all, by_text);
    for (size_t i = 0; i < n; i++) {
        if (all[i].n > 0 && (i == 0 || !kt_str_eq(all[i], all[i - 1])))
            m->code[m->codes++] = all[i];
    }
}

/* --- values --- */

void kt_page_read_values(struct kt_page_making *m)
{
    struct kt_str language = kt_str_of(m->rule == NULL ? NULL : m->rule->language);
    if (m->head != NULL && m->head->axes.count > 0)
        codes_of_head(m);
    else if (m->rule != NULL && m->rule->axes.count > 0)
        codes_of_rule(m);
    else
        codes_of_variants(m);
    for (size_t i = 0; i < m->seats; i++) {
        struct kt_seat *seat = &m->seat[i];
        seat->normal = KT_NEW_ARRAY(m->a, m->codes + 1, struct kt_str);
        seat->text = KT_NEW_ARRAY(m->a, m->codes + 1, struct kt_str);
        for (size_t k = 0; k < m->codes; k++) {
            struct kt_str value;
            struct kt_str unit;
            if (!kt_axis_value_of(seat->member.variant, seat->member.own, m->code[k], language,
                                  &value, &unit))
                continue;
            seat->normal[k] = kt_axis_value_normal(value, unit, m->a);
            seat->text[k] = kt_axis_value_shown(value, unit, m->a);
        }
    }
}

size_t kt_page_different(const struct kt_page_making *m, size_t code, bool only_in)
{
    struct kt_str *normal = KT_NEW_ARRAY(m->a, m->seats + 1, struct kt_str);
    size_t count = 0;
    size_t different = 0;
    for (size_t i = 0; i < m->seats; i++) {
        if (m->seat[i].normal[code].n > 0 && !(only_in && m->seat[i].at->is_out))
            normal[count++] = m->seat[i].normal[code];
    }
    if (count > 1)
        qsort(normal, count, sizeof *normal, by_text);
    for (size_t i = 0; i < count; i++)
        different += i == 0 || !kt_str_eq(normal[i], normal[i - 1]);
    return different;
}

/* --- spelling --- */

struct spelling {
    struct kt_str normal;
    struct kt_str text;
    size_t count; /* of the variants that write it so */
    size_t place; /* in the order of the axis */
};

static int by_normal(const void *a, const void *b)
{
    const struct spelling *x = a;
    const struct spelling *y = b;
    int order = kt_str_cmp(x->normal, y->normal);
    return order != 0 ? order : kt_str_cmp(x->text, y->text);
}

static int by_value(const void *a, const void *b)
{
    const struct spelling *x = *(struct spelling *const *)a;
    const struct spelling *y = *(struct spelling *const *)b;
    return kt_axis_value_cmp(x->normal, y->normal);
}

static struct spelling *spellings(const struct kt_page_making *m, size_t code, size_t *count)
{
    struct spelling *all = KT_NEW_ARRAY(m->a, m->seats + 1, struct spelling);
    size_t n = 0;
    for (size_t i = 0; i < m->seats; i++) {
        if (m->seat[i].normal[code].n > 0)
            all[n++] = (struct spelling){ m->seat[i].normal[code], m->seat[i].text[code], 1, 0 };
    }
    if (n > 1)
        qsort(all, n, sizeof *all, by_normal);
    *count = n;
    return all;
}

/* Each value once, by its normal form, in the spelling most have written; `all` is sorted, so that
 * of equals the least comes first. */
static size_t settle(struct spelling *all, size_t count)
{
    size_t values = 0;
    for (size_t from = 0; from < count;) {
        struct spelling best = { 0 };
        size_t to = from;
        while (to < count && kt_str_eq(all[to].normal, all[from].normal)) {
            size_t same = to;
            while (to < count && kt_str_eq(all[to].normal, all[from].normal) &&
                   kt_str_eq(all[to].text, all[same].text))
                to++;
            if (to - same > best.count)
                best = (struct spelling){ all[from].normal, all[same].text, to - same, 0 };
        }
        from = to;
        all[values++] = best;
    }
    return values;
}

static void put_in_order(struct kt_page_axis *axis, struct spelling *value, struct kt_arena *a)
{
    struct spelling **order = KT_NEW_ARRAY(a, axis->values + 1, struct spelling *);
    axis->value = KT_NEW_ARRAY(a, axis->values + 1, struct kt_str);
    for (size_t i = 0; i < axis->values; i++)
        order[i] = &value[i];
    if (axis->values > 1)
        qsort(order, axis->values, sizeof(struct spelling *), by_value);
    for (size_t i = 0; i < axis->values; i++) {
        order[i]->place = i;
        axis->value[i] = order[i]->text;
    }
}

static int place_of(const struct spelling *value, size_t values, struct kt_str normal)
{
    size_t low = 0;
    size_t high = values;
    if (normal.n == 0)
        return -1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (kt_str_cmp(value[middle].normal, normal) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    KT_ASSERT(low < values); /* the values are those of the seats */
    return (int)value[low].place;
}

void kt_page_add_axis(struct kt_page_making *m, size_t code)
{
    size_t at = m->out->axes++;
    struct kt_page_axis *axis = &m->out->axis[at];
    size_t count;
    struct spelling *value = spellings(m, code, &count);
    axis->code = m->code[code];
    axis->values = settle(value, count);
    put_in_order(axis, value, m->a);
    for (size_t i = 0; i < m->seats; i++)
        m->seat[i].at->value[at] = place_of(value, axis->values, m->seat[i].normal[code]);
}
