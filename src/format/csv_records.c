/* Rows into records, by a plan made from the header (csv_plan.c). Called by the file drop for each
 * row; pure. */
#include "format/csv_records.h"

#include <string.h>

#include "format/csv_plan.h"

/* One record being filled. */
struct filling {
    const struct kt_csv_plan *plan;
    const struct kt_csv_side *side;
    const struct kt_csv_row *row;
    const struct kt_shape *shape;
    void *record;
    bool is_personal;
    char *items[KT_CSV_FIELDS]; /* of keyed lists */
    struct kt_arena *arena;
    struct kt_err *err; /* the first thing that cannot be read */
};

static struct kt_str value_of(const struct kt_csv_target *t, const struct kt_csv_row *row,
                              struct kt_arena *a)
{
    struct kt_buf out;
    if (t->piece == NULL)
        return row->field[t->column];
    kt_buf_init(&out, a, KT_CSV_FIELD_MAX);
    for (size_t i = 0; i < t->pieces; i++)
        kt_buf_str(&out, t->piece[i].is_column ? kt_str_trim(row->field[t->piece[i].column])
                                               : t->piece[i].text);
    return kt_buf_ok(&out) ? kt_buf_view(&out) : KT_STR("");
}

/* Only keys count once something was refused: they say whose refusal it is. */
static void put(struct filling *f, void *rec, const struct kt_shape *shape,
                const struct kt_field *field, const struct kt_csv_cell *cell)
{
    struct kt_err e = { 0 };
    if (kt_csv_put(rec, shape, field, cell, f->plan->rules, f->arena, &e) != KT_OK &&
        f->err->v.code == KT_E_NONE)
        *f->err = e;
}

/* A value gives way to what a column said. */
static bool is_said(const struct kt_csv_target *t, const void *rec, const struct kt_shape *shape,
                    const struct kt_field *field)
{
    return t->piece != NULL && kt_field_present(rec, shape, field);
}

static void put_item(struct filling *f, const struct kt_csv_target *t,
                     const struct kt_csv_cell *cell)
{
    const struct kt_field *list = t->place.field;
    const struct kt_shape *items = list->items;
    size_t at = (size_t)(list - f->shape->fields);
    if (f->items[at] == NULL)
        f->items[at] = kt_alloc_array(f->arena, f->side->slots[at], items->size);
    char *item = f->items[at] + t->slot * items->size;
    if (is_said(t, item, items, t->place.inner))
        return;
    put(f, item, items, t->place.inner, cell);
    *(struct kt_str *)kt_field_at_mut(item, t->place.key) = t->place.item;
    kt_field_mark(item, items, t->place.key);
}

/* a|b, each an item of its own, in this order. */
static void put_each(struct filling *f, const struct kt_csv_target *t,
                     const struct kt_csv_cell *cell)
{
    const struct kt_shape *items = t->place.field->items;
    const struct kt_field *position = kt_field_find(items, "position");
    struct kt_list *list = kt_field_at_mut(f->record, t->place.field);
    struct kt_str rest = cell->text;
    char *item = kt_alloc_array(f->arena, rest.n / 2 + 1, items->size);
    size_t count = 0;
    while (rest.n > 0) {
        const char *mark = memchr(rest.p, '|', rest.n);
        size_t n = mark == NULL ? rest.n : (size_t)(mark - rest.p);
        struct kt_csv_cell part = *cell;
        part.text = kt_str_copy(f->arena, kt_str_trim(kt_str_part(rest, 0, n)));
        rest = kt_str_part(rest, n + 1, rest.n);
        if (part.text.n == 0)
            continue;
        void *one = item + count++ * items->size;
        put(f, one, items, t->place.inner, &part);
        if (position != NULL) {
            *(int64_t *)kt_field_at_mut(one, position) = (int64_t)count;
            kt_field_mark(one, items, position);
        }
    }
    *list = (struct kt_list){ item, count };
    kt_field_mark(f->record, f->shape, t->place.field);
}

static void put_part(struct filling *f, const struct kt_csv_target *t,
                     const struct kt_csv_cell *cell)
{
    const struct kt_field *field = t->place.field;
    void *part = kt_field_at_mut(f->record, field);
    if (is_said(t, part, field->items, t->place.inner))
        return;
    put(f, part, field->items, t->place.inner, cell);
    kt_field_mark(f->record, f->shape, field);
}

static void fill_target(struct filling *f, const struct kt_csv_target *t)
{
    const struct kt_field *field = t->place.field;
    struct kt_csv_cell cell = { .line = f->row->line,
                                .column = t->name,
                                .is_personal = f->is_personal };
    cell.text = kt_str_copy(f->arena, kt_str_trim(value_of(t, f->row, f->arena)));
    if (cell.text.n == 0)
        return;
    if (t->place.key != NULL)
        put_item(f, t, &cell);
    else if (field->type == KT_TYPE_PART)
        put_part(f, t, &cell);
    else if (is_said(t, f->record, f->shape, field))
        return;
    else if (field->type == KT_TYPE_LIST)
        put_each(f, t, &cell);
    else
        put(f, f->record, f->shape, field, &cell);
}

/* Items of which nothing was said are not there. */
static void give_items(struct filling *f)
{
    for (size_t i = 0; i < KT_CSV_FIELDS; i++) {
        if (f->items[i] == NULL)
            continue;
        const struct kt_field *field = &f->shape->fields[i];
        const size_t size = field->items->size;
        struct kt_list *list = kt_field_at_mut(f->record, field);
        size_t count = 0;
        for (size_t k = 0; k < f->side->slots[i]; k++) {
            char *item = f->items[i] + k * size;
            if (*(const uint64_t *)(const void *)item == 0) /* presence */
                continue;
            memmove(f->items[i] + count++ * size, item, size);
        }
        *list = (struct kt_list){ f->items[i], count };
        kt_field_mark(f->record, f->shape, field);
    }
}

static void *fill(const struct kt_csv_plan *plan, const struct kt_csv_side *side,
                  const struct kt_csv_row *row, bool keys_only, struct kt_arena *a,
                  struct kt_err *e)
{
    struct filling f = { .plan = plan, .side = side, .row = row, .arena = a, .err = e };
    f.shape = kt_kind_shape[side->kind];
    f.is_personal = kt_shape_is_personal(f.shape);
    f.record = kt_alloc(a, f.shape->size);
    for (size_t i = 0; i < side->targets; i++) {
        if (!keys_only || (side->target[i].place.field->marks & KT_KEY) != 0)
            fill_target(&f, &side->target[i]);
    }
    give_items(&f);
    return f.record;
}

static bool is_empty(const struct kt_csv_row *row)
{
    for (size_t i = 0; i < row->fields; i++) {
        if (kt_str_trim(row->field[i]).n > 0)
            return false;
    }
    return true;
}

/* What is wrong with a row is told with its key, as far as that can be read. */
static void add_fault(const struct kt_csv_plan *plan, void *record, const struct kt_err *e,
                      int64_t as_of_us, struct kt_changes *out)
{
    struct kt_verdict *fault = KT_NEW(out->arena, struct kt_verdict);
    *fault = e->v;
    kt_changes_add(out, (struct kt_change){ .kind = plan->alone.kind,
                                            .as_of_us = as_of_us,
                                            .fault = fault,
                                            .record = record });
}

static bool read_deleted(const struct kt_csv_plan *plan, const struct kt_csv_row *row,
                         struct kt_arena *a, struct kt_err *e)
{
    struct kt_csv_cell cell = { .line = row->line,
                                .column = plan->deleted_name,
                                .is_personal =
                                    kt_shape_is_personal(kt_kind_shape[plan->alone.kind]) };
    bool is_deleted = false;
    if (!plan->has_deleted)
        return false;
    cell.text = kt_str_copy(a, kt_str_trim(row->field[plan->deleted]));
    return cell.text.n > 0 && kt_csv_yes_no(&is_deleted, &cell, plan->rules, a, e) == KT_OK &&
           is_deleted;
}

/* A flat article: its product stands before it. */
static void add_article(const struct kt_csv_plan *plan, const struct kt_csv_row *row,
                        struct kt_change change, struct kt_changes *out, struct kt_err *e)
{
    struct kt_variant *v = fill(plan, &plan->variant, row, change.is_deleted, out->arena, e);
    struct kt_product *p = fill(plan, &plan->product, row, change.is_deleted, out->arena, e);
    if (e->v.code != KT_E_NONE) {
        add_fault(plan, v, e, change.as_of_us, out);
        return;
    }
    if (KT_HAS(v, kt_variant_shape, sku)) {
        (void)KT_PUT(p, kt_product_shape, id, v->sku);
        if (!change.is_deleted)
            (void)KT_PUT(v, kt_variant_shape, product, v->sku);
        change.kind = KT_KIND_PRODUCT;
        change.record = p;
        kt_changes_add(out, change);
    }
    change.kind = KT_KIND_VARIANT;
    change.record = v;
    kt_changes_add(out, change);
}

static bool is_flat(const struct kt_csv_plan *plan, const void *record)
{
    const struct kt_variant *v = record;
    return plan->rules->kind == KT_CSV_ARTICLE &&
           (!KT_HAS(v, kt_variant_shape, product) || kt_str_eq(v->product, v->sku));
}

void kt_csv_plan_row(const struct kt_csv_plan *plan, const struct kt_csv_row *row, int64_t as_of_us,
                     struct kt_changes *out)
{
    struct kt_change change = { .kind = plan->alone.kind, .as_of_us = as_of_us };
    struct kt_err e = row->why;
    if (e.v.code != KT_E_NONE) {
        add_fault(plan, kt_alloc(out->arena, kt_kind_shape[change.kind]->size), &e, as_of_us, out);
        return;
    }
    if (is_empty(row))
        return;
    change.is_deleted = read_deleted(plan, row, out->arena, &e);
    change.record = fill(plan, &plan->alone, row, change.is_deleted, out->arena, &e);
    if (e.v.code != KT_E_NONE)
        add_fault(plan, change.record, &e, as_of_us, out);
    else if (is_flat(plan, change.record))
        add_article(plan, row, change, out, &e);
    else
        kt_changes_add(out, change);
}
