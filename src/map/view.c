/* Puts a view together, part by part, and shows it. Pure; called by flow/view before a mapping
 * runs, and by commands. */
#include "map/map.h"

#include <string.h>

static struct kt_view_part *add(struct kt_view *v, const char *name)
{
    KT_ASSERT(v->count < KT_VIEW_PARTS);
    struct kt_view_part *part = &v->part[v->count++];
    *part = (struct kt_view_part){ .name = name };
    return part;
}

void kt_view_absent(struct kt_view *v, const char *name)
{
    for (size_t i = 0; i < v->count; i++) {
        if (strcmp(v->part[i].name, name) == 0)
            return; /* it is there */
    }
    (void)add(v, name);
}

void kt_view_record(struct kt_view *v, const char *name, const struct kt_shape *shape,
                    const void *record)
{
    struct kt_view_part *part = add(v, name);
    part->shape = shape;
    part->record = record;
    part->count = 1;
}

void kt_view_list(struct kt_view *v, const char *name, const struct kt_shape *shape,
                  const void *records, size_t count)
{
    struct kt_view_part *part = add(v, name);
    part->shape = shape;
    part->record = records;
    part->count = count;
    part->is_list = true;
}

void kt_view_text(struct kt_view *v, const char *name, struct kt_str text)
{
    add(v, name)->text = text;
}

void kt_view_dec(struct kt_view *v, const char *name, struct kt_dec dec)
{
    struct kt_view_part *part = add(v, name);
    part->dec = dec;
    part->is_dec = true;
}

static void write_part(struct kt_buf *out, bool *is_first, const struct kt_view_part *part)
{
    char text[KT_DEC_TEXT_MAX];
    if (!part->is_list && !part->is_dec && part->record == NULL && part->text.p == NULL)
        return; /* absent */
    kt_json_put_name(out, is_first, part->name);
    if (part->is_list) {
        kt_shape_write_list(out, part->shape, (struct kt_list){ part->record, part->count });
    } else if (part->record != NULL) {
        kt_shape_write(out, part->shape, part->record);
    } else if (part->is_dec) {
        kt_dec_text(kt_dec_trim(part->dec), text);
        kt_json_put_text(out, kt_str_of(text));
    } else {
        kt_json_put_text(out, part->text);
    }
}

void kt_view_write(struct kt_buf *out, const struct kt_view *view)
{
    bool is_first = true;
    kt_buf_char(out, '{');
    for (size_t i = 0; i < view->count; i++)
        write_part(out, &is_first, &view->part[i]);
    kt_buf_char(out, '}');
}
