/* Dividing an order among ERPs, and putting together what belongs to one. Runs on the ERPs' order
 * threads, and on the channel's for what comes anew and is told. */
#include "flow/order_parts.h"

#include <string.h>

#include "base/crash.h"
#include "flow/order_states.h"
#include "store/exceptions.h"
#include "store/records.h"

enum { LINES_MAX = 1 << 20, NUMBERS_MAX = 4000 };

struct dividing {
    struct kt_work *w;
    struct kt_erp_session *s;
    const struct kt_channel_site *channel;
    struct kt_order_row *row;
    const struct kt_order *order;
    const struct kt_erp_site **to; /* of order line i */
};

/* --- asking the rule --- */

static const struct kt_erp_site *erp_named(const struct dividing *d, const char *name)
{
    const struct kt_site *site = d->w->site;
    for (size_t i = 0; i < site->erps; i++) {
        if (strcmp(site->erp[i].name, name) == 0 &&
            strcmp(site->erp[i].scope, d->channel->erp->scope) == 0)
            return &site->erp[i];
    }
    return NULL;
}

static enum kt_rc view_of_line(const struct dividing *d, size_t at, struct kt_view *view,
                               struct kt_err *e)
{
    struct kt_arena *a = d->w->arena;
    const struct kt_order_line *line = d->order->lines.item;
    struct kt_list stock = { 0 };
    struct kt_stored stored = { 0 };
    struct kt_variant v = { .scope = kt_str_of(d->channel->erp->scope), .sku = line[at].sku };
    struct kt_str key = kt_shape_key(&kt_variant_shape, &v, a);
    enum kt_rc rc = kt_records_get(d->w->db, KT_KIND_VARIANT, &key, 1, &stored, a, e);
    if (rc == KT_OK)
        rc = kt_records_where_in(d->w->db, KT_KIND_STOCK, v.scope, "sku", &line[at].sku, 1, &stock,
                                 a, e);
    *view = (struct kt_view){ 0 };
    kt_view_record(view, "order", &kt_order_shape, d->order);
    kt_view_record(view, "line", &kt_order_line_shape, &line[at]);
    if (stored.record != NULL)
        kt_view_record(view, "variant", &kt_variant_shape, stored.record);
    kt_view_list(view, "stock", &kt_stock_shape, stock.item, stock.count);
    kt_view_text(view, "channel", kt_str_of(d->channel->name));
    kt_view_absent(view, "variant"); /* an article that nobody knows */
    return rc;
}

static enum kt_rc ask_line(struct dividing *d, size_t at, struct kt_err *e)
{
    struct kt_arena *a = d->w->arena;
    const struct kt_order_line *line = d->order->lines.item;
    const char *name = NULL;
    struct kt_view view;
    enum kt_rc rc = view_of_line(d, at, &view, e);
    if (rc == KT_OK)
        rc = kt_hooks_route(d->s->from.hooks, &view,
                            kt_format(a, "order %s, line %zu", d->order->number.p, at + 1), &name,
                            a, e);
    if (rc != KT_OK)
        return rc;
    d->to[at] = name == NULL ? d->channel->erp : erp_named(d, name);
    if (d->to[at] != NULL)
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_ROUTE_UNKNOWN,
                   KT_P_TEXT("order", d->order->number.p), KT_P_TEXT("sku", line[at].sku.p),
                   KT_P_TEXT("erp", name));
}

/* Shipping, fees and discounts have no article: they go where the order mainly goes. */
static void place_others(struct dividing *d)
{
    const struct kt_order_line *line = d->order->lines.item;
    const struct kt_erp_site *main = NULL;
    for (size_t i = 0; i < d->order->lines.count; i++) {
        bool is_item = line[i].type == KT_LINE_ITEM;
        if (is_item && (main == NULL || d->to[i] == d->channel->erp))
            main = d->to[i];
    }
    for (size_t i = 0; i < d->order->lines.count; i++) {
        if (line[i].type != KT_LINE_ITEM)
            d->to[i] = main != NULL ? main : d->channel->erp;
    }
}

static enum kt_rc ask(struct dividing *d, struct kt_err *e)
{
    const struct kt_order_line *line = d->order->lines.item;
    enum kt_rc rc = KT_OK;
    d->to = KT_NEW_ARRAY(d->w->arena, d->order->lines.count + 1, const struct kt_erp_site *);
    for (size_t i = 0; rc == KT_OK && i < d->order->lines.count; i++) {
        if (line[i].type == KT_LINE_ITEM)
            rc = ask_line(d, i, e);
    }
    if (rc == KT_OK)
        place_others(d);
    return rc;
}

/* --- writing the parts --- */

static struct kt_str lines_to(const struct dividing *d, const struct kt_erp_site *erp)
{
    const struct kt_order_line *line = d->order->lines.item;
    struct kt_buf out;
    bool is_first = true;
    kt_buf_init(&out, d->w->arena, LINES_MAX);
    kt_buf_char(&out, '[');
    for (size_t i = 0; i < d->order->lines.count; i++) {
        if (d->to[i] != erp)
            continue;
        kt_buf_text(&out, is_first ? "" : ",");
        kt_json_put_text(&out, line[i].id);
        is_first = false;
    }
    kt_buf_char(&out, ']');
    KT_ASSERT(kt_buf_ok(&out)); /* ids are short and an order's lines bounded */
    return kt_buf_view(&out);
}

static bool has_line(const struct dividing *d, const struct kt_erp_site *erp)
{
    for (size_t i = 0; i < d->order->lines.count; i++) {
        if (d->to[i] == erp)
            return true;
    }
    return false;
}

/* The separator stands in no shop's id, so that no order can be taken for another one's part. */
static struct kt_str key_of_part(const struct dividing *d, const struct kt_erp_site *erp)
{
    char key[KT_ORDER_KEY_MAX];
    struct kt_arena *a = d->w->arena;
    struct kt_str id = kt_str_of(kt_format(a, "%s\x1f%s", d->row->order_id.p, erp->name));
    kt_order_key(key, d->w->site->installation, d->row->channel.p, d->row->shop, id);
    return kt_str_of(kt_text_copy(a, key));
}

static enum kt_rc add_part(const struct dividing *d, const struct kt_erp_site *erp, int64_t now_us,
                           struct kt_err *e)
{
    struct kt_order_row part = *d->row;
    part.our_key = key_of_part(d, erp);
    part.erp = kt_str_of(erp->name);
    part.part = part.erp;
    part.lines = lines_to(d, erp);
    part.token = 0;
    part.due_us = now_us;
    kt_log_info(&d->w->log, "order.divided", F_STR("our_key", d->row->our_key),
                F_STR("part", part.our_key), F_TEXT("erp", erp->name));
    return kt_order_insert(d->w->db, &part, now_us, e);
}

/* The row itself keeps its key and goes to `main`; each other ERP gets a row of its own. */
static enum kt_rc write_parts(struct dividing *d, const struct kt_erp_site *main, bool *was_ours,
                              struct kt_err *e)
{
    const struct kt_site *site = d->w->site;
    struct kt_order_row row = *d->row;
    int64_t now_us = kt_now_us();
    row.erp = kt_str_of(main->name);
    row.lines = lines_to(d, main);
    row.due_us = now_us;
    row.token = 0;
    enum kt_rc rc = kt_tx_begin(d->w->db, e);
    if (rc == KT_OK)
        rc = kt_order_write(d->w->db, &row, row.state.p, d->row->token, "", now_us, was_ours, e);
    for (size_t i = 0; rc == KT_OK && *was_ours && i < site->erps; i++) {
        if (&site->erp[i] != main && has_line(d, &site->erp[i]))
            rc = add_part(d, &site->erp[i], now_us, e);
    }
    KT_CRASH_POINT("order.divided");
    if (rc == KT_OK)
        rc = kt_tx_commit(d->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(d->w->db);
    return rc;
}

enum kt_rc kt_order_divide(struct kt_work *w, struct kt_erp_session *s,
                           const struct kt_channel_site *channel, struct kt_order_row *row,
                           const struct kt_order *order, bool *was_divided, struct kt_err *e)
{
    struct dividing d = { .w = w, .s = s, .channel = channel, .row = row, .order = order };
    bool was_ours = false;
    *was_divided = false;
    if (row->lines.p != NULL || s->site != channel->erp || order->lines.count == 0 ||
        !kt_hooks_has_route(s->from.hooks))
        return KT_OK;
    enum kt_rc rc = ask(&d, e);
    if (rc != KT_OK)
        return rc;
    const struct kt_erp_site *main = has_line(&d, channel->erp) ? channel->erp : d.to[0];
    bool is_whole = main == channel->erp;
    for (size_t i = 0; i < order->lines.count; i++)
        is_whole = is_whole && d.to[i] == main;
    if (is_whole)
        return KT_OK;
    *was_divided = true; /* or the lease was lost: either way the row is no longer ours */
    return write_parts(&d, main, &was_ours, e);
}

/* --- a part's own lines --- */

static bool is_listed(const struct kt_json *ids, struct kt_str id)
{
    for (size_t i = 0; i < kt_json_count(ids); i++) {
        if (kt_str_eq(kt_json_text(kt_json_at(ids, i)), id))
            return true;
    }
    return false;
}

static bool add_sums(struct kt_order *order, const struct kt_order_line *line)
{
    return kt_dec_add(&order->net, order->net, line->net) &&
           kt_dec_add(&order->tax, order->tax, line->tax) &&
           kt_dec_add(&order->gross, order->gross, line->gross);
}

enum kt_rc kt_order_cut(const struct kt_order_row *row, struct kt_order *order, struct kt_arena *a,
                        struct kt_err *e)
{
    const struct kt_json *ids = NULL;
    const struct kt_order_line *line = order->lines.item;
    size_t n = 0;
    bool fits = true;
    if (row->lines.p == NULL)
        return KT_OK;
    enum kt_rc rc = kt_json_parse(&ids, row->lines, a, e);
    if (rc != KT_OK)
        return rc;
    struct kt_order_line *kept = KT_NEW_ARRAY(a, order->lines.count + 1, struct kt_order_line);
    order->net = order->tax = order->gross = kt_dec_int(0);
    for (size_t i = 0; fits && i < order->lines.count; i++) {
        if (!is_listed(ids, line[i].id))
            continue;
        kept[n++] = line[i];
        fits = add_sums(order, &line[i]);
    }
    order->lines = (struct kt_list){ kept, n };
    if (fits && n > 0)
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_INTERNAL,
                   KT_P_TEXT("detail", "the lines of a divided order cannot be read"));
}

/* --- all parts of one order --- */

static enum kt_rc parts_of(struct kt_work *w, const struct kt_order_row *row,
                           struct kt_order_row **part, size_t *count, struct kt_err *e)
{
    return kt_order_parts(w->db, row->channel, row->shop, row->order_id, part, count, w->arena, e);
}

enum kt_rc kt_order_parts_are_untouched(struct kt_work *w, const struct kt_order_row *row,
                                        bool *are, struct kt_err *e)
{
    struct kt_order_row *part = NULL;
    size_t count = 0;
    enum kt_rc rc = parts_of(w, row, &part, &count, e);
    *are = rc == KT_OK && kt_order_is_untouched(row);
    for (size_t i = 0; i < count; i++) {
        bool is_leased = part[i].token != 0 && part[i].due_us > kt_now_us();
        bool is_other = !kt_str_eq(part[i].our_key, row->our_key);
        *are = *are && (!is_other || (kt_order_is_untouched(&part[i]) && !is_leased));
    }
    return rc;
}

enum kt_rc kt_order_parts_forget(struct kt_work *w, const struct kt_order_row *row, int64_t now_us,
                                 struct kt_err *e)
{
    struct kt_order_row *part = NULL;
    size_t count = 0;
    enum kt_rc rc = parts_of(w, row, &part, &count, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        if (part[i].part.n == 0)
            continue;
        rc = kt_order_forget(w->db, part[i].our_key, now_us, e);
        if (rc == KT_OK)
            rc = kt_exception_close(w->db, "order", part[i].channel.p, part[i].our_key, now_us, e);
    }
    return rc;
}

enum kt_rc kt_order_numbers(struct kt_work *w, const struct kt_order_row *row,
                            struct kt_str *numbers, bool *is_divided, struct kt_err *e)
{
    struct kt_order_row *part = NULL;
    size_t count = 0;
    struct kt_buf out;
    kt_buf_init(&out, w->arena, NUMBERS_MAX);
    enum kt_rc rc = parts_of(w, row, &part, &count, e);
    for (size_t i = 0; i < count; i++) {
        if (part[i].erp_number.n > 0)
            kt_buf_format(&out, "%s%s", out.n > 0 ? ", " : "", part[i].erp_number.p);
    }
    *is_divided = count > 1;
    *numbers = count > 1 ? kt_buf_view(&out) : row->erp_number;
    return rc;
}
