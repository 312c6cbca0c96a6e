/* Deliveries, invoices, returns and status of one order, for people and as JSON. Main thread. */
#include "app/order_facts.h"

#include <stdlib.h>

#include "app/out.h"
#include "app/table.h"

enum { SERIALS_SHOWN = 6, SAYS_MAX = 1000, SERIALS_MAX = 2000 };

static int compare_arrival(const void *left, const void *right)
{
    const struct kt_order_fact *a = left;
    const struct kt_order_fact *b = right;
    if (a->fact->at_us != b->fact->at_us)
        return a->fact->at_us < b->fact->at_us ? -1 : 1;
    return (a->fact->seq > b->fact->seq) - (a->fact->seq < b->fact->seq);
}

static enum kt_rc read_record(struct kt_app *app, struct kt_order_fact *out, struct kt_err *e)
{
    const struct kt_json *json = NULL;
    out->kind = KT_FACT_KINDS;
    if (!kt_fact_kind_find(&out->kind, out->fact->kind))
        return KT_OK;
    const struct kt_shape *shape = kt_fact_shape[out->kind];
    void *record = kt_alloc(app->arena, shape->size);
    enum kt_rc rc = kt_json_parse(&json, out->fact->body, app->arena, e);
    if (rc == KT_OK)
        rc = kt_shape_read(shape, record, json, app->arena, e);
    out->record = record;
    return rc;
}

enum kt_rc kt_order_facts_read(struct kt_app *app, struct kt_str our_key,
                               struct kt_order_facts *out, struct kt_err *e)
{
    struct kt_fact *fact = NULL;
    size_t count = 0;
    enum kt_rc rc = kt_facts_of(app->work.db, our_key, &fact, &count, app->arena, e);
    *out =
        (struct kt_order_facts){ KT_NEW_ARRAY(app->arena, count + 1, struct kt_order_fact), count };
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        out->item[i].fact = &fact[i];
        rc = read_record(app, &out->item[i], e);
    }
    if (count > 1)
        qsort(out->item, count, sizeof *out->item, compare_arrival);
    return rc;
}

/* --- for people --- */

/* Nobody is told what has no channel. */
static const char *knows(const struct kt_fact *f)
{
    if (f->channel.n == 0)
        return "not told";
    return f->is_done ? "yes" : "not yet";
}

static void add_text(struct kt_buf *out, struct kt_str text)
{
    if (text.n == 0)
        return;
    if (out->n > 0)
        kt_buf_char(out, ' ');
    kt_buf_str(out, text);
}

static void add_day(struct kt_buf *out, struct kt_day day)
{
    char text[16];
    kt_day_text(day, text); /* "" where it is absent */
    add_text(out, kt_str_of(text));
}

static void add_sum(struct kt_buf *out, bool is_known, struct kt_dec sum, struct kt_str currency)
{
    char text[KT_DEC_TEXT_MAX];
    if (!is_known)
        return;
    kt_dec_text(kt_dec_trim(sum), text);
    add_text(out, kt_str_of(text));
    add_text(out, currency);
}

static const char *choice_of(const struct kt_order_fact *f, const char *field, int choice)
{
    return kt_field_find(kt_fact_shape[f->kind], field)->choices[choice];
}

/* The few words that tell one fact of its kind from another. */
static const struct kt_list *say(const struct kt_order_fact *f, struct kt_buf *out)
{
    const struct kt_shipment *shipment = f->record;
    const struct kt_status_report *report = f->record;
    const struct kt_invoice *invoice = f->record;
    const struct kt_return *back = f->record;
    switch (f->kind) {
    case KT_FACT_SHIPMENT:
        add_day(out, shipment->shipped);
        add_text(out, shipment->carrier);
        add_text(out, shipment->tracking_no);
        return &shipment->lines;
    case KT_FACT_ORDER_STATUS:
        add_text(out, kt_str_of(choice_of(f, "status", report->status)));
        add_sum(out, KT_HAS(report, kt_status_report_shape, gross), report->gross,
                report->currency);
        return &report->lines;
    case KT_FACT_INVOICE:
        add_text(out, kt_str_of(choice_of(f, "type", invoice->type)));
        add_day(out, invoice->issued);
        add_sum(out, KT_HAS(invoice, kt_invoice_shape, gross), invoice->gross, invoice->currency);
        return &invoice->lines;
    case KT_FACT_RETURN:
        add_text(out, kt_str_of(choice_of(f, "status", back->status)));
        add_day(out, back->returned);
        add_text(out, back->reason);
        return &back->lines;
    case KT_FACT_KINDS:
        break;
    }
    add_text(out, KT_STR("of a newer Kontor"));
    return NULL;
}

static void show_facts(struct kt_app *app, const struct kt_order_facts *facts)
{
    static const char *const titles[] = { "AT", "WHAT", "NUMBER", "SAYS", ">LINES", "SHOP KNOWS" };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < facts->count; i++) {
        const struct kt_order_fact *f = &facts->item[i];
        struct kt_buf says;
        kt_buf_init(&says, app->arena, SAYS_MAX);
        const struct kt_list *lines = say(f, &says);
        kt_table_instant(&t, f->fact->at_us);
        kt_table_str(&t, f->fact->kind);
        kt_table_str(&t, f->fact->id);
        kt_table_str(&t, says.n > 0 ? kt_buf_view(&says) : KT_STR("-"));
        kt_table_number(&t, lines != NULL ? (int64_t)lines->count : 0);
        kt_table_text(&t, knows(f->fact));
    }
    kt_buf_char(&app->out, '\n');
    kt_table_print(&t, &app->out);
}

static struct kt_str serials_text(struct kt_app *app, struct kt_list serials)
{
    const struct kt_ref *all = serials.item;
    struct kt_buf out;
    kt_buf_init(&out, app->arena, SERIALS_MAX);
    for (size_t i = 0; i < serials.count && i < SERIALS_SHOWN; i++) {
        kt_buf_text(&out, i > 0 ? ", " : "");
        kt_buf_str(&out, all[i].id);
    }
    if (serials.count > SERIALS_SHOWN)
        kt_buf_format(&out, " and %zu more", serials.count - SERIALS_SHOWN);
    return out.n > 0 ? kt_buf_view(&out) : KT_STR("-");
}

static void add_line(struct kt_app *app, struct kt_table *t, struct kt_str id, struct kt_str sku,
                     struct kt_dec quantity, struct kt_list serials)
{
    char text[KT_DEC_TEXT_MAX];
    kt_dec_text(kt_dec_trim(quantity), text);
    kt_table_str(t, id);
    kt_table_str(t, sku.n > 0 ? sku : KT_STR("-"));
    kt_table_text(t, text);
    kt_table_str(t, serials_text(app, serials));
}

/* What left and what came back, piece by piece. */
static void show_goods(struct kt_app *app, const struct kt_order_facts *facts)
{
    static const char *const titles[] = { "DELIVERY OR RETURN", "SKU", ">QUANTITY", "SERIALS" };
    struct kt_table t;
    size_t rows = 0;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < facts->count; i++) {
        const struct kt_order_fact *f = &facts->item[i];
        const struct kt_shipment *shipment = f->record;
        const struct kt_return *back = f->record;
        if (f->kind == KT_FACT_SHIPMENT) {
            const struct kt_shipment_line *l = shipment->lines.item;
            for (size_t k = 0; k < shipment->lines.count; k++, rows++)
                add_line(app, &t, shipment->id, l[k].sku, l[k].quantity, l[k].serials);
        } else if (f->kind == KT_FACT_RETURN) {
            const struct kt_return_line *l = back->lines.item;
            for (size_t k = 0; k < back->lines.count; k++, rows++)
                add_line(app, &t, back->id, l[k].sku, l[k].quantity, l[k].serials);
        }
    }
    if (rows == 0)
        return;
    kt_buf_char(&app->out, '\n');
    kt_table_print(&t, &app->out);
}

void kt_order_facts_show(struct kt_app *app, const struct kt_order_facts *facts)
{
    if (facts->count == 0)
        return;
    show_facts(app, facts);
    show_goods(app, facts);
}

/* --- for programs --- */

void kt_order_facts_put(struct kt_buf *out, const struct kt_order_facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct kt_order_fact *f = &facts->item[i];
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member_instant(out, &is_first, "at", f->fact->at_us);
        kt_out_member(out, &is_first, "kind", f->fact->kind);
        kt_out_member(out, &is_first, "id", f->fact->id);
        kt_out_member_given(out, &is_first, "channel", f->fact->channel);
        kt_json_put_name(out, &is_first, "is_told");
        kt_buf_text(out, f->fact->channel.n > 0 && f->fact->is_done ? "true" : "false");
        kt_json_put_name(out, &is_first, "record");
        if (f->record != NULL)
            kt_shape_write(out, kt_fact_shape[f->kind], f->record);
        else
            kt_buf_text(out, "null");
        kt_buf_char(out, '}');
    }
}
