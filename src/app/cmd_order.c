/* `kontor order show`: one order's way from the shop into the ERP and back. Main thread. */
#include <string.h>

#include "app/commands.h"
#include "app/order_facts.h"
#include "app/out.h"
#include "app/table.h"
#include "flow/facts.h"
#include "flow/order_parts.h"
#include "flow/order_states.h"
#include "store/orders.h"

/* An order with what was read of it. */
struct found {
    const struct kt_order_row *row;
    bool has_customer; /* decided: one-time account or a match */
    struct kt_order order;
    struct kt_booking booking;
    bool is_booked;
    struct kt_order_step *step;
    size_t steps;
    struct kt_order_facts facts;
};

static enum kt_rc read_part(const struct kt_shape *shape, void *out, struct kt_str text,
                            struct kt_arena *a, struct kt_err *e)
{
    const struct kt_json *json = NULL;
    enum kt_rc rc = kt_json_parse(&json, text, a, e);
    if (rc == KT_OK)
        rc = kt_shape_read(shape, out, json, a, e);
    return rc;
}

static enum kt_rc read_found(struct kt_app *app, const struct kt_order_row *row, struct found *out,
                             struct kt_err *e)
{
    struct kt_arena *a = app->arena;
    *out = (struct found){ .row = row };
    enum kt_rc rc = read_part(&kt_order_shape, &out->order, row->record, a, e);
    if (rc == KT_OK)
        rc = kt_order_cut(row, &out->order, a, e);
    if (rc == KT_OK)
        rc = kt_order_facts_read(app, row->our_key, &out->facts, e);
    out->is_booked = row->booking.p != NULL && row->booking.n > 0;
    if (rc == KT_OK && out->is_booked)
        rc = read_part(&kt_booking_shape, &out->booking, row->booking, a, e);
    if (rc == KT_OK)
        rc = kt_order_history(app->work.db, row->our_key, &out->step, &out->steps, a, e);
    for (size_t i = 0; rc == KT_OK && i < out->steps; i++)
        out->has_customer = out->has_customer || kt_str_is(out->step[i].to, "ready");
    return rc;
}

static void label(struct kt_buf *out, const char *name)
{
    kt_buf_format(out, "%-12s ", name);
}

static void line(struct kt_buf *out, const char *name, struct kt_str value)
{
    label(out, name);
    kt_out_text(out, value.n == 0 ? kt_str_of("-") : value);
    kt_buf_char(out, '\n');
}

/* "4.90" for 4.9 EUR: the currency's digits, more only where there are more. */
static const char *money(struct kt_app *app, struct kt_dec d, struct kt_str currency)
{
    char *text = kt_alloc(app->arena, KT_DEC_TEXT_MAX);
    uint8_t digits = 0;
    struct kt_dec shown = kt_dec_trim(d);
    if (currency.p != NULL && kt_currency_digits(currency.p, &digits) && shown.scale < digits &&
        !kt_dec_rescale(&shown, d, digits))
        shown = d;
    kt_dec_text(shown, text);
    return text;
}

static void sums(struct kt_app *app, const char *name, struct kt_dec net, struct kt_dec tax,
                 struct kt_dec gross, struct kt_str currency)
{
    struct kt_buf *out = &app->out;
    label(out, name);
    kt_buf_format(out, "%s ", money(app, gross, currency));
    kt_out_text(out, currency);
    kt_buf_format(out, " (net %s, tax %s)\n", money(app, net, currency), money(app, tax, currency));
}

static const struct kt_booked_line *booked_line(const struct found *f, struct kt_str id)
{
    const struct kt_booked_line *all = f->booking.lines.item;
    for (size_t i = 0; f->is_booked && i < f->booking.lines.count; i++) {
        if (kt_str_eq(all[i].line, id))
            return &all[i];
    }
    return NULL;
}

static void show_lines(struct kt_app *app, const struct found *f)
{
    static const char *const titles[] = { "LINE",   "SKU",        ">QUANTITY", ">NET",
                                          ">GROSS", ">ERP GROSS", "NAME" };
    const struct kt_order_line *all = f->order.lines.item;
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < f->order.lines.count; i++) {
        const struct kt_order_line *l = &all[i];
        const struct kt_booked_line *booked = booked_line(f, l->id);
        char quantity[KT_DEC_TEXT_MAX];
        kt_dec_text(kt_dec_trim(l->quantity), quantity);
        kt_table_str(&t, l->id);
        kt_table_str(&t, l->sku.n == 0 ? kt_str_of("-") : l->sku);
        kt_table_text(&t, quantity);
        kt_table_text(&t, money(app, l->net, f->order.currency));
        kt_table_text(&t, money(app, l->gross, f->order.currency));
        kt_table_text(&t, booked == NULL ? "-" : money(app, booked->gross, f->booking.currency));
        kt_table_str(&t, l->name);
    }
    kt_buf_char(&app->out, '\n');
    kt_table_print(&t, &app->out);
}

static void show_history(struct kt_app *app, const struct found *f)
{
    static const char *const titles[] = { "AT", "FROM", "TO", "WHY" };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < f->steps; i++) {
        kt_table_instant(&t, f->step[i].at_us);
        kt_table_str(&t, f->step[i].from.n == 0 ? kt_str_of("-") : f->step[i].from);
        kt_table_str(&t, f->step[i].to);
        kt_table_str(&t, f->step[i].why);
    }
    kt_buf_char(&app->out, '\n');
    kt_table_print(&t, &app->out);
}

static void show(struct kt_app *app, const struct found *f)
{
    const struct kt_order_row *row = f->row;
    struct kt_buf *out = &app->out;
    line(out, "order", row->number);
    line(out, "channel", row->channel);
    line(out, "shop's id", row->order_id);
    line(out, "our key", row->our_key);
    line(out, "ERP", row->erp);
    if (row->lines.p != NULL)
        line(out, "part", kt_str_of("of an order that goes to several ERPs"));
    line(out, "ERP number", row->erp_number);
    line(out, "customer",
         row->customer.n > 0 ? row->customer
                             : kt_str_of(f->has_customer ? "one-time account" : "not decided yet"));
    label(out, "placed");
    kt_out_instant(out, row->placed_us);
    kt_buf_char(out, '\n');
    label(out, "state");
    kt_out_text(out, row->state);
    kt_buf_text(out, " since ");
    kt_out_instant(out, row->changed_us);
    kt_buf_char(out, '\n');
    if (row->attempts > 0) {
        label(out, "failing");
        kt_buf_format(out, "%d times, next try ", row->attempts);
        kt_out_instant(out, row->due_us);
        kt_buf_char(out, '\n');
    } else if (kt_str_is(row->state, kt_order_state_name(KT_ORDER_SENDING))) {
        label(out, "looked up");
        kt_buf_text(out, "from ");
        kt_out_instant(out, row->due_us);
        kt_buf_text(out, " on, unless the ERP answers before\n");
    }
    sums(app, "shop", f->order.net, f->order.tax, f->order.gross, f->order.currency);
    if (f->is_booked)
        sums(app, f->booking.is_blocked ? "ERP, blocked" : "ERP", f->booking.net, f->booking.tax,
             f->booking.gross, f->booking.currency);
    show_lines(app, f);
    kt_order_facts_show(app, &f->facts);
    show_history(app, f);
}

static void put_history(struct kt_buf *out, const struct found *f)
{
    for (size_t i = 0; i < f->steps; i++) {
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member_instant(out, &is_first, "at", f->step[i].at_us);
        kt_out_member_given(out, &is_first, "from", f->step[i].from);
        kt_out_member(out, &is_first, "to", f->step[i].to);
        kt_out_member_given(out, &is_first, "why", f->step[i].why);
        kt_buf_char(out, '}');
    }
}

static void put(struct kt_app *app, const struct found *f)
{
    const struct kt_order_row *row = f->row;
    struct kt_buf *out = &app->out;
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_out_member(out, &is_first, "number", row->number);
    kt_out_member(out, &is_first, "channel", row->channel);
    kt_out_member(out, &is_first, "id", row->order_id);
    kt_out_member(out, &is_first, "key", row->our_key);
    kt_out_member(out, &is_first, "erp", row->erp);
    kt_json_put_name(out, &is_first, "is_part");
    kt_buf_text(out, row->lines.p != NULL ? "true" : "false");
    kt_out_member_given(out, &is_first, "erp_number", row->erp_number);
    kt_out_member_given(out, &is_first, "customer", row->customer);
    kt_out_member_instant(out, &is_first, "placed", row->placed_us);
    kt_out_member(out, &is_first, "state", row->state);
    kt_out_member_instant(out, &is_first, "changed", row->changed_us);
    kt_out_member_number(out, &is_first, "attempts", row->attempts);
    kt_out_member_instant(out, &is_first, "due", row->due_us);
    kt_json_put_name(out, &is_first, "order");
    kt_shape_write(out, &kt_order_shape, &f->order);
    kt_json_put_name(out, &is_first, "booking");
    if (f->is_booked)
        kt_shape_write(out, &kt_booking_shape, &f->booking);
    else
        kt_buf_text(out, "null");
    kt_json_put_name(out, &is_first, "facts");
    kt_buf_char(out, '[');
    kt_order_facts_put(out, &f->facts);
    kt_buf_char(out, ']');
    kt_json_put_name(out, &is_first, "history");
    kt_buf_char(out, '[');
    put_history(out, f);
    kt_buf_text(out, "]}");
}

/* By our key; else by the shop's number or id, which several channels may share. */
static enum kt_rc look_up(struct kt_app *app, struct kt_str name, struct kt_order_row **row,
                          size_t *count, struct kt_err *e)
{
    struct kt_order_row *one = KT_NEW(app->arena, struct kt_order_row);
    bool is_found = false;
    enum kt_rc rc = kt_order_get(app->work.db, name, one, &is_found, app->arena, e);
    *row = one;
    *count = is_found ? 1 : 0;
    if (rc == KT_OK && !is_found)
        rc = kt_order_search(app->work.db, name, row, count, app->arena, e);
    return rc;
}

/* A sale that no shop made, or one that is not booked yet: what the ERPs said of their number. */
static enum kt_rc show_unplaced(struct kt_app *app, struct kt_str number, struct kt_err *e)
{
    const struct kt_site *site = &app->config->site;
    struct kt_buf *out = &app->out;
    enum kt_rc rc = KT_OK;
    bool is_first_item = true;
    kt_buf_text(out, app->is_json ? "{\"orders\":[],\"facts\":["
                                  : "There is no order with this number, id or key.\n");
    for (size_t i = 0; rc == KT_OK && i < site->erps; i++) {
        const char *erp = site->erp[i].name;
        struct kt_order_facts facts;
        rc = kt_order_facts_read(app, kt_facts_of_number(erp, number, app->arena), &facts, e);
        if (rc != KT_OK || facts.count == 0)
            continue;
        if (app->is_json) {
            kt_buf_text(out, is_first_item ? "" : ",");
            kt_order_facts_put(out, &facts);
            is_first_item = false;
        } else {
            kt_buf_format(out, "\n%s said of its own order with this number:\n", erp);
            kt_order_facts_show(app, &facts);
        }
    }
    kt_buf_text(out, app->is_json ? "]}\n" : "");
    return rc;
}

static enum kt_exit run(struct kt_app *app)
{
    struct kt_err e = { 0 };
    struct kt_order_row *row = NULL;
    size_t count = 0;
    if (app->args.words != 3 || strcmp(app->args.word[1], "show") != 0)
        return kt_app_usage(app, "order: `kontor order show NUMBER` is what there is");
    enum kt_exit status = kt_app_open(app);
    if (status != KT_EXIT_OK)
        return status;
    if (look_up(app, kt_str_of(app->args.word[2]), &row, &count, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (count == 0)
        return show_unplaced(app, kt_str_of(app->args.word[2]), &e) == KT_OK
                   ? KT_EXIT_ATTENTION
                   : kt_app_failed(app, &e);
    kt_buf_text(&app->out, app->is_json ? "{\"orders\":[" : "");
    for (size_t i = 0; i < count; i++) {
        struct found found;
        if (read_found(app, &row[i], &found, &e) != KT_OK)
            return kt_app_failed(app, &e);
        if (i > 0)
            kt_buf_text(&app->out, app->is_json ? "," : "\n\n");
        if (app->is_json)
            put(app, &found);
        else
            show(app, &found);
    }
    kt_buf_text(&app->out, app->is_json ? "]}\n" : "");
    return KT_EXIT_OK;
}

static const char *const form[] = { "show NUMBER", "show KEY", NULL };

const struct kt_command kt_cmd_order = {
    .name = "order",
    .summary = "Shows one order: its state, sums, lines and history",
    .form = form,
    .about = "NUMBER is what the shop calls it (its number or id), KEY is what it is called in the "
             "ERP. An order\nof this number in several shops is shown for each.",
    .run = run,
};
