/* Puts a view together, part by part. Pure; called by flow/push before a mapping runs. */
#include "map/map.h"

static struct kt_view_part *add(struct kt_view *v, const char *name)
{
    KT_ASSERT(v->count < KT_VIEW_PARTS);
    struct kt_view_part *part = &v->part[v->count++];
    *part = (struct kt_view_part){ .name = name };
    return part;
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
