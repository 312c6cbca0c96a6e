/* Views of prices and stock figures. Called through view.c. */
#include "flow/view_inner.h"

#include <stdlib.h>
#include <string.h>

#include "store/facts.h"
#include "trade/availability.h"
#include "trade/prices.h"

/* The records of all SKUs of the job, sorted by SKU. */
struct offers {
    const struct kt_variant **variant; /* per unit */
    struct kt_list rows;
};

static int price_by_sku(const void *a, const void *b)
{
    const struct kt_price *x = a;
    const struct kt_price *y = b;
    int by_sku = kt_str_cmp(x->sku, y->sku);
    return by_sku != 0 ? by_sku : kt_str_cmp(x->id, y->id);
}

static int stock_by_sku(const void *a, const void *b)
{
    const struct kt_stock *x = a;
    const struct kt_stock *y = b;
    int by_sku = kt_str_cmp(x->sku, y->sku);
    return by_sku != 0 ? by_sku : kt_str_cmp(x->warehouse, y->warehouse);
}

/* The rows of one SKU: the first one, *count of them. at: where the SKU stands in a row. */
static const void *rows_of(const struct kt_list *rows, size_t size, size_t at, struct kt_str sku,
                           size_t *count)
{
    const char *base = rows->item;
    size_t low = 0;
    size_t high = rows->count;
    struct kt_str here;
    *count = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        memcpy(&here, base + middle * size + at, sizeof here);
        if (kt_str_cmp(here, sku) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < rows->count; i++, (*count)++) {
        memcpy(&here, base + i * size + at, sizeof here);
        if (!kt_str_eq(here, sku))
            break;
    }
    return *count > 0 ? base + low * size : NULL;
}

static void sort_rows(struct kt_list *rows, size_t size, int (*compare)(const void *, const void *),
                      struct kt_arena *a)
{
    if (rows->count < 2)
        return;
    void *copy = kt_alloc_array(a, rows->count, size);
    memcpy(copy, rows->item, rows->count * size);
    qsort(copy, rows->count, size, compare);
    rows->item = copy;
}

/* The key of the unit that a SKU's price and stock hang on. */
static enum kt_rc note_parents(struct kt_views *v, enum kt_unit unit,
                               const struct kt_variant **variant, struct kt_err *e)
{
    if (v->channel->ops->facts->parent[unit] != KT_UNIT_PRODUCT) {
        enum kt_rc rc = kt_variants_of(v, variant, e);
        for (size_t i = 0; rc == KT_OK && i < v->count; i++)
            v->out[i].parent = v->key[i];
        return rc;
    }
    const struct kt_planned **page = KT_NEW_ARRAY(v->w->arena, v->count, const struct kt_planned *);
    enum kt_rc rc = kt_pages_of_skus(v, variant, page, e);
    for (size_t i = 0; rc == KT_OK && i < v->count; i++) {
        if (page[i] == NULL)
            continue;
        v->out[i].parent = kt_page_of_sku(v, page[i], v->out[i].sku);
        if (v->out[i].parent.p == NULL)
            variant[i] = NULL; /* no page shows it */
    }
    return rc;
}

static enum kt_rc read_offers(struct kt_views *v, enum kt_unit unit, enum kt_kind kind,
                              struct offers *o, struct kt_err *e)
{
    struct kt_str *sku = KT_NEW_ARRAY(v->w->arena, v->count, struct kt_str);
    size_t count = 0;
    o->variant = KT_NEW_ARRAY(v->w->arena, v->count, const struct kt_variant *);
    enum kt_rc rc = note_parents(v, unit, o->variant, e);
    for (size_t i = 0; rc == KT_OK && i < v->count; i++) {
        if (o->variant[i] != NULL)
            sku[count++] = o->variant[i]->sku;
    }
    if (rc == KT_OK && count > 0)
        rc = kt_records_where_in(v->w->db, kind, v->scope, "sku", sku, count, &o->rows, v->w->arena,
                                 e);
    return rc;
}

/* --- prices --- */

static const struct kt_price *choose(const struct kt_views *v, const struct kt_price *price,
                                     size_t count, int kind, struct kt_unit_view *out)
{
    const struct kt_price_want want = {
        .list = kt_str_of(v->channel->price_list),
        .currency = kt_str_of(v->channel->currency),
        .customer_group = kt_str_of(v->channel->customer_group),
        .market = kt_str_of(v->channel->market),
        .kind = kind,
        .zone = v->channel->zone,
        .quantity = kt_dec_int(1),
    };
    const struct kt_price *chosen = NULL;
    int64_t changes_us = KT_NEVER;
    kt_price_choose(price, count, &want, v->now_us, &chosen, &changes_us);
    if (changes_us < out->changes_us)
        out->changes_us = changes_us;
    return chosen;
}

/* For one base unit; false: `out->fault` says why it cannot be used. */
static bool per_base_unit(const struct kt_price *price, const struct kt_variant *variant,
                          struct kt_arena *a, struct kt_dec *amount, struct kt_unit_view *out)
{
    char value[KT_DEC_TEXT_MAX];
    if (price->amount.units >= 0)
        return kt_price_per_base_unit(price, variant, amount, &out->fault);
    kt_dec_text(kt_dec_trim(price->amount), value);
    struct kt_str key = kt_shape_key(&kt_price_shape, price, a);
    kt_judge(&out->fault, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID,
             KT_P_TEXT("record", kt_format(a, "price %s", key.p)), KT_P_TEXT("field", "amount"),
             KT_P_TEXT("value", value));
    return false;
}

static void view_instant(struct kt_unit_view *out, const char *name, int64_t us, struct kt_arena *a)
{
    char *text = kt_alloc(a, KT_TIME_TEXT_MAX);
    if (us == KT_NEVER || us <= 0)
        return;
    kt_time_text(us, text);
    kt_view_text(&out->view, name, kt_str_of(text));
}

static void view_sale(const struct kt_views *v, const struct kt_price *sale, struct kt_dec amount,
                      struct kt_unit_view *out)
{
    int64_t from_us = 0;
    int64_t until_us = KT_NEVER;
    kt_price_validity(sale, v->channel->zone, &from_us, &until_us);
    kt_view_dec(&out->view, "sale_price", amount);
    view_instant(out, "sale_from", from_us, v->w->arena);
    view_instant(out, "sale_until", until_us, v->w->arena);
}

static void price_view(const struct kt_views *v, const struct offers *o, size_t at)
{
    static const char *const parts[] = { "price", "unit_price", "sale_price", "sale_from",
                                         "sale_until" };
    struct kt_unit_view *out = &v->out[at];
    const struct kt_variant *variant = o->variant[at];
    struct kt_dec amount = { 0 };
    struct kt_dec reduced = { 0 };
    size_t count = 0;
    const struct kt_price *price =
        rows_of(&o->rows, sizeof *price, offsetof(struct kt_price, sku), variant->sku, &count);
    const struct kt_price *list = choose(v, price, count, KT_PRICE_LIST, out);
    const struct kt_price *sale = choose(v, price, count, KT_PRICE_SALE, out);
    if ((list != NULL && !per_base_unit(list, variant, v->w->arena, &amount, out)) ||
        (sale != NULL && !per_base_unit(sale, variant, v->w->arena, &reduced, out)))
        return;
    out->is_there = true;
    kt_view_record(&out->view, "variant", &kt_variant_shape, variant);
    kt_view_text(&out->view, "currency", kt_str_of(v->channel->currency));
    kt_view_text(&out->view, "has_price", list != NULL ? KT_STR("true") : KT_STR("false"));
    if (list != NULL) {
        kt_view_record(&out->view, "price", &kt_price_shape, list);
        kt_view_dec(&out->view, "unit_price", amount);
    }
    if (list != NULL && sale != NULL)
        view_sale(v, sale, reduced, out);
    for (size_t i = 0; i < KT_COUNT(parts); i++)
        kt_view_absent(&out->view, parts[i]); /* what is there already stays */
}

enum kt_rc kt_price_views(struct kt_views *v, struct kt_err *e)
{
    struct offers o = { 0 };
    enum kt_rc rc = read_offers(v, KT_UNIT_PRICE, KT_KIND_PRICE, &o, e);
    if (rc != KT_OK)
        return rc;
    sort_rows(&o.rows, sizeof(struct kt_price), price_by_sku, v->w->arena);
    for (size_t i = 0; i < v->count; i++) {
        if (o.variant[i] != NULL)
            price_view(v, &o, i);
    }
    return KT_OK;
}

/* --- stock --- */

static void view_expected(const struct kt_views *v, const struct kt_stock *stock, size_t count,
                          struct kt_unit_view *out)
{
    struct kt_day day = { 0 };
    struct kt_dec quantity = { 0 };
    char *text = kt_alloc(v->w->arena, 16);
    if (!kt_stock_next(stock, count, v->channel->warehouses.item, v->channel->warehouses.count,
                       v->channel->zone, v->now_us, &day, &quantity))
        return;
    kt_day_text(day, text);
    kt_view_text(&out->view, "next_day", kt_str_of(text));
    kt_view_dec(&out->view, "next_quantity", quantity);
}

/* What the shop takes off itself, though the ERP's figure lacks it already. */
struct own_demand {
    struct kt_open_line *line;
    size_t lines;
};

static enum kt_rc read_own(const struct kt_views *v, struct own_demand *own, struct kt_err *e)
{
    struct kt_str *sku = KT_NEW_ARRAY(v->w->arena, v->count, struct kt_str);
    size_t count = 0;
    *own = (struct own_demand){ 0 };
    if (v->channel->ops->facts->stock != KT_STOCK_MINUS_OWN)
        return KT_OK;
    for (size_t i = 0; i < v->count; i++) {
        if (v->out[i].sku.n > 0)
            sku[count++] = v->out[i].sku;
    }
    return count == 0 ? KT_OK
                      : kt_open_lines(v->w->db, v->channel->name, sku, count, &own->line,
                                      &own->lines, v->w->arena, e);
}

/* The buffer, less what must be given back. */
static bool buffer_of(const struct kt_views *v, const struct own_demand *own,
                      const struct kt_stock *stock, size_t count, struct kt_unit_view *out,
                      struct kt_dec *buffer)
{
    struct kt_own_demand *demand = KT_NEW_ARRAY(v->w->arena, own->lines + 1, struct kt_own_demand);
    struct kt_dec sum;
    size_t n = 0;
    for (size_t i = 0; i < own->lines; i++) {
        const struct kt_open_line *line = &own->line[i];
        if (kt_str_eq(line->sku, out->sku))
            demand[n++] = (struct kt_own_demand){ line->quantity, line->sent_us, line->booked_us };
    }
    return kt_stock_own(stock, count, v->channel->warehouses.item, v->channel->warehouses.count,
                        demand, n, v->now_us, &sum, &out->changes_us) &&
           kt_dec_sub(buffer, v->channel->buffer, sum);
}

static void stock_view(const struct kt_views *v, const struct offers *o,
                       const struct own_demand *own, size_t at)
{
    static const char *const parts[] = { "quantity", "next_day", "next_quantity" };
    struct kt_unit_view *out = &v->out[at];
    struct kt_dec quantity = { 0 };
    struct kt_dec buffer = { 0 };
    bool is_known = false;
    size_t count = 0;
    const struct kt_stock *stock =
        rows_of(&o->rows, sizeof *stock, offsetof(struct kt_stock, sku), out->sku, &count);
    if (buffer_of(v, own, stock, count, out, &buffer))
        kt_stock_sum(stock, count, v->channel->warehouses.item, v->channel->warehouses.count,
                     buffer, &quantity, &is_known);
    out->is_there = true;
    kt_view_record(&out->view, "variant", &kt_variant_shape, o->variant[at]);
    if (is_known) /* an unknown quantity is never published as a number */
        kt_view_dec(&out->view, "quantity", quantity);
    view_expected(v, stock, count, out);
    for (size_t i = 0; i < KT_COUNT(parts); i++)
        kt_view_absent(&out->view, parts[i]);
}

enum kt_rc kt_stock_views(struct kt_views *v, struct kt_err *e)
{
    struct offers o = { 0 };
    struct own_demand own;
    enum kt_rc rc = read_offers(v, KT_UNIT_STOCK, KT_KIND_STOCK, &o, e);
    if (rc == KT_OK)
        rc = read_own(v, &own, e);
    if (rc != KT_OK)
        return rc;
    sort_rows(&o.rows, sizeof(struct kt_stock), stock_by_sku, v->w->arena);
    for (size_t i = 0; i < v->count; i++) {
        if (o.variant[i] != NULL)
            stock_view(v, &o, &own, i);
    }
    return KT_OK;
}
