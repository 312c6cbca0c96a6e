/* A page that becomes several: by the values of one axis after the other, each part only as far as
 * it must. Pure, any thread; called by plan.c. */
#include "base/hash.h"
#include "trade/plan_inner.h"

/* One step into a part. */
struct step {
    size_t axis;
    int value;
};

struct splitting {
    struct kt_planning *p;
    size_t order[KT_AXES_MAX]; /* axes of the page in the order of splitting */
    struct step step[KT_AXES_MAX];
};

/* Those that are named, then the others from the last one. */
static void put_order(struct splitting *s)
{
    const struct kt_product_page *page = s->p->page;
    const struct kt_conf_texts *first = &s->p->limits->split_axes;
    bool is_taken[KT_AXES_MAX] = { false };
    size_t count = 0;
    for (size_t i = 0; i < first->count; i++) {
        for (size_t k = 0; k < page->axes; k++) {
            if (!is_taken[k] && kt_str_is(page->axis[k].code, first->item[i])) {
                s->order[count++] = k;
                is_taken[k] = true;
            }
        }
    }
    for (size_t k = page->axes; k > 0; k--) {
        if (!is_taken[k - 1])
            s->order[count++] = k - 1;
    }
}

/* Escaped, so that two parts are never written alike. */
static void put_escaped(struct kt_buf *out, struct kt_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '%' || c == '=' || c == ';' || c == '|' || c < 0x20)
            kt_buf_format(out, "%%%02X", c);
        else
            kt_buf_char(out, (char)c);
    }
}

/* A long name is cut; the hash of the whole keeps it apart. */
static struct kt_str shortened(struct kt_str part, struct kt_arena *a)
{
    enum { STAMP_BYTES = 8, KEPT = KT_PLAN_PART_MAX - 2 * STAMP_BYTES - 1 };
    uint8_t hash[KT_HASH_BYTES];
    char stamp[2 * STAMP_BYTES + 1];
    if (part.n <= KT_PLAN_PART_MAX)
        return part;
    kt_sha256(part, hash);
    kt_hex(hash, STAMP_BYTES, stamp);
    return kt_str_of(kt_format(a, "%.*s~%s", (int)kt_utf8_fit(part, KEPT), part.p, stamp));
}

static void name_part(const struct splitting *s, size_t depth, struct kt_plan_page *out)
{
    struct kt_arena *a = s->p->a;
    struct kt_buf part;
    struct kt_buf label;
    size_t max = 1;
    for (size_t i = 0; i < s->p->page->axes; i++) {
        const struct kt_page_axis *axis = &s->p->page->axis[i];
        max += axis->code.n + 8;
        for (size_t k = 0; k < axis->values; k++)
            max += axis->value[k].n;
    }
    kt_buf_init(&part, a,
                max * 6); /* a normal form doubles at most, an escape makes three of one */
    kt_buf_init(&label, a, max);
    for (size_t i = 0; i < depth; i++) {
        const struct kt_page_axis *axis = &s->p->page->axis[s->step[i].axis];
        struct kt_str value = axis->value[s->step[i].value];
        kt_buf_text(&part, i == 0 ? "" : ";");
        put_escaped(&part, kt_axis_value_normal(axis->code, KT_STR(""), a));
        kt_buf_char(&part, '=');
        put_escaped(&part, kt_axis_value_normal(value, KT_STR(""), a));
        kt_buf_text(&label, i == 0 ? "" : " / ");
        kt_buf_str(&label, value);
    }
    KT_ASSERT(kt_buf_ok(&part) && kt_buf_ok(&label));
    out->part = shortened(kt_buf_view(&part), a);
    out->label = kt_buf_view(&label);
}

static bool is_among(size_t axis, const size_t *axes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (axes[i] == axis)
            return true;
    }
    return false;
}

/* Splits the group by the axes that follow; an axis on which it does not differ is passed by. Six
 * axes bound the depth. */
static void split(struct splitting *s, const struct kt_plan_group *group, size_t next, size_t depth)
{
    size_t differs[KT_AXES_MAX];
    size_t axes = kt_plan_axes_of(s->p, group, differs);
    if (kt_plan_fits(s->p, axes, group->count)) {
        name_part(s, depth, kt_plan_add(s->p, group));
        return;
    }
    while (next < s->p->page->axes && !is_among(s->order[next], differs, axes))
        next++;
    KT_ASSERT(next < s->p->page->axes); /* no two variants have the same values */
    size_t by = s->order[next];
    for (size_t v = 0; v < s->p->page->axis[by].values; v++) {
        struct kt_plan_group part = {
            KT_NEW_ARRAY(s->p->a, group->count + 1, const struct kt_page_variant *), 0
        };
        for (size_t i = 0; i < group->count; i++) {
            if (group->item[i]->value[by] == (int)v)
                part.item[part.count++] = group->item[i];
        }
        s->step[depth] = (struct step){ by, (int)v };
        if (part.count > 0)
            split(s, &part, next + 1, depth + 1);
    }
}

void kt_plan_split(struct kt_planning *p, const struct kt_plan_group *group)
{
    struct splitting s = { .p = p };
    put_order(&s);
    split(&s, group, 0, 0);
}
