/* Product pages and their matrices. Pure, any thread; called by the push flow for each page that it
 * shows. Axes and spelling: pages_axes.c, what the page says: pages_shown.c. */
#include "trade/pages.h"

#include <stdlib.h>
#include <string.h>

#include "trade/lifecycle.h"
#include "trade/pages_inner.h"
#include "trade/param.h"

/* --- sentences --- */

static void judge_missing(const struct kt_page_making *m, struct kt_seat *seat, size_t code)
{
    char sku[KT_PARAM_MAX];
    char axis[KT_PARAM_MAX];
    char product[KT_PARAM_MAX];
    kt_param_text(sku, seat->member.variant->sku);
    kt_param_text(axis, m->code[code]);
    kt_param_text(product, m->out->id);
    seat->at->is_out = true;
    kt_judge(&seat->at->why, KT_REJECT, KT_RECORD, KT_E_AXIS_VALUE_MISSING, KT_P_TEXT("sku", sku),
             KT_P_TEXT("axis", axis), KT_P_TEXT("product", product));
}

/* "red / 16 GB" */
static struct kt_str values_text(const struct kt_page_making *m, const struct kt_seat *seat,
                                 const bool *is_axis)
{
    struct kt_buf out;
    kt_buf_init(&out, m->a, KT_PARAM_MAX); /* what does not fit is not read either */
    for (size_t i = 0; i < m->codes; i++) {
        if (!is_axis[i])
            continue;
        kt_buf_text(&out, out.n > 0 ? " / " : "");
        kt_buf_str(&out, seat->text[i]);
    }
    return kt_buf_view(&out);
}

static void judge_taken(const struct kt_page_making *m, struct kt_seat *seat,
                        const struct kt_seat *other, const bool *is_axis)
{
    char sku[KT_PARAM_MAX];
    char other_sku[KT_PARAM_MAX];
    char product[KT_PARAM_MAX];
    char values[KT_PARAM_MAX];
    kt_param_text(sku, seat->member.variant->sku);
    kt_param_text(other_sku, other->member.variant->sku);
    kt_param_text(product, m->out->id);
    kt_param_text(values, values_text(m, seat, is_axis));
    seat->at->is_out = true;
    if (values[0] == '\0')
        kt_judge(&seat->at->why, KT_REJECT, KT_RECORD, KT_E_AXES_UNKNOWN, KT_P_TEXT("sku", sku),
                 KT_P_TEXT("other", other_sku), KT_P_TEXT("product", product));
    else
        kt_judge(&seat->at->why, KT_REJECT, KT_RECORD, KT_E_AXIS_VALUES_TAKEN,
                 KT_P_TEXT("sku", sku), KT_P_TEXT("other", other_sku),
                 KT_P_TEXT("product", product), KT_P_TEXT("values", values));
}

static void judge_axes(const struct kt_page_making *m, struct kt_seat *seat, size_t count)
{
    char sku[KT_PARAM_MAX];
    char product[KT_PARAM_MAX];
    kt_param_text(sku, seat->member.variant->sku);
    kt_param_text(product, m->out->id);
    seat->at->is_out = true;
    kt_judge(&seat->at->why, KT_REJECT, KT_RECORD, KT_E_PAGE_TOO_MANY_AXES, KT_P_TEXT("sku", sku),
             KT_P_TEXT("product", product), KT_P_NUM("count", count),
             KT_P_NUM("limit", KT_AXES_MAX));
}

/* --- who belongs to it --- */

static int by_sku(const void *a, const void *b)
{
    const struct kt_seat *x = a;
    const struct kt_seat *y = b;
    return kt_str_cmp(x->member.variant->sku, y->member.variant->sku);
}

static void take_seats(struct kt_page_making *m, const struct kt_page_member *member, size_t count)
{
    m->seat = KT_NEW_ARRAY(m->a, count + 1, struct kt_seat);
    m->seats = count;
    for (size_t i = 0; i < count; i++) {
        m->seat[i].member = member[i];
        m->seat[i].is_closed = kt_is_closed(member[i].variant, member[i].own);
    }
    if (count > 1)
        qsort(m->seat, count, sizeof *m->seat, by_sku);
}

/* Does another article have each value that it has, and nothing more? */
static bool is_like(const struct kt_page_making *m, const struct kt_seat *seat,
                    const struct kt_seat *other)
{
    for (size_t k = 0; k < m->codes; k++) {
        if (!kt_str_eq(seat->normal[k], other->normal[k]))
            return false;
    }
    return true;
}

/* Is the article whose number is the page's sold beside the others? */
static bool is_main_article(const struct kt_page_making *m, const struct kt_seat *seat)
{
    bool has_value = false;
    if (m->head->axes.count > 0) /* a generic article by the source's own word */
        return false;
    for (size_t i = 0; i < m->seats; i++) {
        const struct kt_seat *other = &m->seat[i];
        if (other == seat)
            continue;
        if (!other->is_closed && is_like(m, seat, other))
            return false;
        for (size_t k = 0; k < m->codes; k++) {
            if (other->normal[k].n > 0 && seat->normal[k].n == 0)
                return false;
            has_value = has_value || other->normal[k].n > 0;
        }
    }
    return has_value;
}

static void drop_generic(struct kt_page_making *m)
{
    for (size_t i = 0; m->head != NULL && m->seats > 1 && i < m->seats; i++) {
        if (!kt_str_eq(m->seat[i].member.variant->sku, m->out->id) ||
            is_main_article(m, &m->seat[i]))
            continue;
        m->out->generic = m->seat[i].member.variant;
        memmove(&m->seat[i], &m->seat[i + 1], (m->seats - i - 1) * sizeof *m->seat);
        m->seats--;
        return;
    }
}

static void take_places(struct kt_page_making *m)
{
    m->out->item = KT_NEW_ARRAY(m->a, m->seats + 1, struct kt_page_variant);
    m->out->count = m->seats;
    for (size_t i = 0; i < m->seats; i++) {
        struct kt_page_variant *at = &m->out->item[i];
        at->variant = m->seat[i].member.variant;
        at->own = m->seat[i].member.own;
        for (size_t k = 0; k < KT_AXES_MAX; k++)
            at->value[k] = -1;
        m->seat[i].at = at;
    }
}

/* --- the matrix --- */

static void put_combination(struct kt_page_making *m, struct kt_seat *seat, const bool *is_axis)
{
    struct kt_buf out;
    size_t max = 1;
    for (size_t i = 0; i < m->codes; i++)
        max += seat->normal[i].n + 1;
    kt_buf_init(&out, m->a, max);
    for (size_t i = 0; i < m->codes; i++) {
        seat->missing += seat->normal[i].n == 0;
        if (!is_axis[i])
            continue;
        if (seat->normal[i].n == 0 && !seat->at->is_out)
            judge_missing(m, seat, i);
        kt_buf_str(&out, seat->normal[i]);
        kt_buf_char(&out, '\x1f'); /* normal forms have no control characters */
    }
    KT_ASSERT(kt_buf_ok(&out));
    seat->combination = kt_buf_view(&out);
}

/* Of one combination, the one that stays comes first. */
static int by_combination(const void *a, const void *b)
{
    const struct kt_seat *x = *(struct kt_seat *const *)a;
    const struct kt_seat *y = *(struct kt_seat *const *)b;
    int order = kt_str_cmp(x->combination, y->combination);
    if (order == 0)
        order = (int)x->is_closed - (int)y->is_closed;
    if (order == 0)
        order = (x->missing > y->missing) - (x->missing < y->missing);
    return order != 0 ? order : by_sku(x, y);
}

/* A value that would tell the two apart, but one of them does not have it. */
static bool lacks_value(const struct kt_page_making *m, const struct kt_seat *seat,
                        const struct kt_seat *other, size_t *code)
{
    for (*code = 0; *code < m->codes; (*code)++) {
        if (seat->normal[*code].n == 0 && other->normal[*code].n > 0)
            return true;
    }
    return false;
}

static void leave_out_doubles(struct kt_page_making *m, const bool *is_axis)
{
    struct kt_seat **in = KT_NEW_ARRAY(m->a, m->seats + 1, struct kt_seat *);
    size_t count = 0;
    size_t code;
    for (size_t i = 0; i < m->seats; i++) {
        if (!m->seat[i].at->is_out)
            in[count++] = &m->seat[i];
    }
    if (count > 1)
        qsort(in, count, sizeof(struct kt_seat *), by_combination);
    for (size_t first = 0, i = 1; i < count; i++) {
        if (!kt_str_eq(in[i]->combination, in[first]->combination))
            first = i;
        else if (lacks_value(m, in[i], in[first], &code))
            judge_missing(m, in[i], code);
        else
            judge_taken(m, in[i], in[first], is_axis);
    }
}

static void make_matrix(struct kt_page_making *m)
{
    bool *is_axis = KT_NEW_ARRAY(m->a, m->codes + 1, bool);
    size_t axes = 0;
    for (size_t i = 0; i < m->codes; i++)
        is_axis[i] = kt_page_different(m, i, false) > 1;
    for (size_t i = 0; i < m->seats; i++)
        put_combination(m, &m->seat[i], is_axis);
    leave_out_doubles(m, is_axis);
    for (size_t i = 0; i < m->codes; i++) {
        is_axis[i] = is_axis[i] && kt_page_different(m, i, true) > 1;
        axes += is_axis[i];
    }
    for (size_t i = 0; i < m->codes && axes <= KT_AXES_MAX; i++) {
        if (is_axis[i])
            kt_page_add_axis(m, i);
    }
    for (size_t i = 0; i < m->seats && axes > KT_AXES_MAX; i++)
        judge_axes(m, &m->seat[i], axes);
}

void kt_page_make(struct kt_product_page *out, struct kt_str id, const struct kt_product *head,
                  const struct kt_page_member *member, size_t count,
                  const struct kt_group_rule *rule, struct kt_arena *a)
{
    *out = (struct kt_product_page){ .id = id };
    struct kt_page_making m = { .out = out, .head = head, .rule = rule, .a = a };
    take_seats(&m, member, count);
    kt_page_read_values(&m);
    drop_generic(&m);
    take_places(&m);
    make_matrix(&m);
    out->shown = kt_page_shown(&m);
}
