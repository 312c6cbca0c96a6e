/* Item categories into our records. Pure; called by feed.c. */
#include "decode.h"

static struct kt_category *new_category(const struct kt_nav_into *to, struct kt_str id)
{
    struct kt_category *c = KT_NEW(to->arena, struct kt_category);
    (void)KT_PUT(c, kt_category_shape, scope, kt_str_of(to->erp->env->scope));
    (void)KT_PUT(c, kt_category_shape, id, id);
    return c;
}

static void decode_one(const struct kt_nav_into *to, const struct kt_nav_category *row)
{
    struct kt_nav_reading r = { .what = "category", .key = row->code, .arena = to->arena };
    struct kt_category *c = new_category(to, row->code);
    struct kt_text *text = KT_NEW(to->arena, struct kt_text);
    kt_nav_fault_row(&r, &row->row);
    (void)KT_PUT(text, kt_text_shape, language, kt_str_of(to->erp->conf->language));
    (void)KT_PUT(text, kt_text_shape, name, row->description.n > 0 ? row->description : row->code);
    (void)KT_PUT(c, kt_category_shape, position, row->position);
    KT_NAV_PUT_TEXT(c, kt_category_shape, parent, row->parent);
    (void)KT_PUT(c, kt_category_shape, texts, (struct kt_list){ text, 1 });
    kt_changes_add(to->out,
                   (struct kt_change){ .kind = KT_KIND_CATEGORY,
                                       .as_of_us = to->pulled_us,
                                       .record = r.fault == NULL ? c : new_category(to, row->code),
                                       .fault = r.fault });
}

void kt_nav_decode_categories(const struct kt_nav_into *to, const struct kt_nav_rows *rows)
{
    const struct kt_nav_category *row = rows->item;
    for (size_t i = 0; i < rows->count; i++)
        decode_one(to, &row[i]);
}
