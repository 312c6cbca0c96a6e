/* What a page says: the head's record, or that of its first variant under a name that fits all.
 * Pure, any thread; called by pages.c. */
#include <stdlib.h>

#include "trade/names.h"
#include "trade/pages_inner.h"
#include "trade/param.h"

static void clear(struct kt_product *p, const void *member)
{
    size_t offset = (size_t)((const char *)member - (const char *)p);
    for (const struct kt_field *f = kt_product_shape.fields; f->type != KT_TYPE_END; f++) {
        if (f->offset == offset)
            p->present &= ~(UINT64_C(1) << (size_t)(f - kt_product_shape.fields));
    }
}

static const struct kt_text *text_in(const struct kt_product *p, struct kt_str language)
{
    const struct kt_text *text = p->texts.item;
    for (size_t i = 0; i < p->texts.count; i++) {
        if (kt_str_eq(text[i].language, language))
            return &text[i];
    }
    return NULL;
}

/* Those in the matrix speak for the page; where all are out, all do. */
static size_t speakers(const struct kt_page_making *m, const struct kt_seat **out)
{
    size_t count = 0;
    for (int pass = 0; pass < 2 && count == 0; pass++) {
        for (size_t i = 0; i < m->seats; i++) {
            if (m->seat[i].member.own != NULL && (pass == 1 || !m->seat[i].at->is_out))
                out[count++] = &m->seat[i];
        }
    }
    return count;
}

/* The article's name without what tells it from the others. */
static struct kt_str name_of(const struct kt_page_making *m, const struct kt_seat *seat,
                             const struct kt_text *text)
{
    struct kt_str *value = KT_NEW_ARRAY(m->a, m->codes + 1, struct kt_str);
    size_t values = 0;
    bool is_cut;
    for (size_t i = 0; i < m->codes; i++) {
        struct kt_str found;
        struct kt_str unit;
        if (kt_axis_value_of(seat->member.variant, seat->member.own, m->code[i], text->language,
                             &found, &unit))
            value[values++] = kt_axis_value_normal(found, unit, m->a);
    }
    return kt_name_without(text->name, value, values, &is_cut, m->a);
}

/* The first speaker's text in the language, under the name that all of them share. */
static struct kt_text shared_text(const struct kt_page_making *m, const struct kt_seat **speaker,
                                  size_t count, struct kt_str language)
{
    struct kt_text out = { 0 };
    struct kt_str *name = KT_NEW_ARRAY(m->a, count, struct kt_str);
    size_t names = 0;
    for (size_t i = 0; i < count; i++) {
        const struct kt_text *text = text_in(speaker[i]->member.own, language);
        if (text == NULL)
            continue;
        if (out.language.p == NULL)
            out = *text;
        if (!kt_is_blank(text->name))
            name[names++] = name_of(m, speaker[i], text);
    }
    struct kt_str shared = kt_name_shared(name, names, m->a);
    if (count > 1 && shared.n > 0)
        KT_PUT(&out, kt_text_shape, name, kt_str_copy(m->a, shared));
    return out;
}

static int by_text(const void *a, const void *b)
{
    return kt_str_cmp(*(const struct kt_str *)a, *(const struct kt_str *)b);
}

static struct kt_list shared_texts(const struct kt_page_making *m, const struct kt_seat **speaker,
                                   size_t count)
{
    size_t all = 0;
    size_t languages = 0;
    for (size_t i = 0; i < count; i++)
        all += speaker[i]->member.own->texts.count;
    struct kt_str *language = KT_NEW_ARRAY(m->a, all + 1, struct kt_str);
    struct kt_text *text = KT_NEW_ARRAY(m->a, all + 1, struct kt_text);
    all = 0;
    for (size_t i = 0; i < count; i++) {
        const struct kt_text *t = speaker[i]->member.own->texts.item;
        for (size_t k = 0; k < speaker[i]->member.own->texts.count; k++)
            language[all++] = t[k].language;
    }
    if (all > 1)
        qsort(language, all, sizeof *language, by_text);
    for (size_t i = 0; i < all; i++) {
        if (i == 0 || !kt_str_eq(language[i], language[i - 1]))
            text[languages++] = shared_text(m, speaker, count, language[i]);
    }
    return (struct kt_list){ text, languages };
}

/* An attribute that tells the variants apart is no property of the page. */
static struct kt_list attributes_of_all(const struct kt_page_making *m, struct kt_list attributes)
{
    const struct kt_attribute *at = attributes.item;
    struct kt_attribute *kept = KT_NEW_ARRAY(m->a, attributes.count + 1, struct kt_attribute);
    size_t count = 0;
    for (size_t i = 0; i < attributes.count; i++) {
        bool is_axis = false;
        for (size_t k = 0; k < m->out->axes; k++)
            is_axis = is_axis || kt_str_eq(at[i].code, m->out->axis[k].code);
        if (!is_axis)
            kept[count++] = at[i];
    }
    return (struct kt_list){ kept, count };
}

static struct kt_list axes_of(const struct kt_page_making *m)
{
    struct kt_axis *axis = KT_NEW_ARRAY(m->a, KT_AXES_MAX, struct kt_axis);
    for (size_t i = 0; i < m->out->axes; i++) {
        KT_PUT(&axis[i], kt_axis_shape, position, (int64_t)i);
        KT_PUT(&axis[i], kt_axis_shape, code, m->out->axis[i].code);
    }
    return (struct kt_list){ axis, m->out->axes };
}

struct kt_product *kt_page_shown(const struct kt_page_making *m)
{
    struct kt_product *p = KT_NEW(m->a, struct kt_product);
    if (m->head != NULL) {
        *p = *m->head;
        return p;
    }
    const struct kt_seat **speaker = KT_NEW_ARRAY(m->a, m->seats + 1, const struct kt_seat *);
    size_t count = speakers(m, speaker);
    if (count == 0)
        return NULL;
    *p = *speaker[0]->member.own;
    KT_PUT(p, kt_product_shape, id, m->out->id);
    KT_PUT(p, kt_product_shape, texts, shared_texts(m, speaker, count));
    KT_PUT(p, kt_product_shape, attributes, attributes_of_all(m, p->attributes));
    KT_PUT(p, kt_product_shape, axes, axes_of(m));
    p->lifecycle = 0;
    p->sale_from = (struct kt_day){ 0, 0, 0 };
    p->sale_until = (struct kt_day){ 0, 0, 0 };
    clear(p, &p->lifecycle);
    clear(p, &p->sale_from);
    clear(p, &p->sale_until);
    return p;
}
