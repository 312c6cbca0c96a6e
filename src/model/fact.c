/* The shapes of what happens to orders after they were booked: const tables, any thread. Read
 * wherever a fact is checked, kept or told. */
#include "model/fact.h"

#include <string.h>

#include "model/record.h"

static const char *const erp_status_names[] = {
    "open", "confirmed", "blocked", "partly_delivered", "delivered", "invoiced", "cancelled", NULL
};
static const char *const invoice_type_names[] = { "invoice", "credit_note", "cancellation", NULL };
static const char *const return_status_names[] = { "announced", "received", "refused", NULL };

const struct kt_shape kt_status_line_shape = { "status_line", sizeof(struct kt_status_line),
                                               (const struct kt_field[]){
                                                   KT_TEXT(kt_status_line, id, 60,
                                                           KT_KEY | KT_REQUIRED),
                                                   KT_TEXT(kt_status_line, order_line, 60, 0),
                                                   KT_TEXT(kt_status_line, sku, 64, 0),
                                                   KT_DECIMAL(kt_status_line, quantity, 6, 0),
                                                   KT_TEXT(kt_status_line, unit, 20, 0),
                                                   KT_DECIMAL(kt_status_line, confirmed, 6, 0),
                                                   KT_DAY(kt_status_line, confirmed_on, 0),
                                                   KT_BOOL(kt_status_line, is_rejected, 0),
                                                   KT_TEXT(kt_status_line, reason, 40, 0),
                                                   { 0 },
                                               } };

const struct kt_shape kt_status_report_shape = {
    "order_status", sizeof(struct kt_status_report),
    (const struct kt_field[]){
        KT_TEXT(kt_status_report, scope, 40, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_status_report, id, 60, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_status_report, order_key, 60, 0),
        KT_TEXT(kt_status_report, order_number, 40, 0),
        KT_CHOICE(kt_status_report, status, erp_status_names, KT_REQUIRED),
        KT_INSTANT(kt_status_report, changed_at, KT_VOLATILE),
        KT_TEXT(kt_status_report, currency, 3, 0),
        KT_DECIMAL(kt_status_report, net, 6, 0),
        KT_DECIMAL(kt_status_report, tax, 6, 0),
        KT_DECIMAL(kt_status_report, gross, 6, 0),
        KT_LIST(kt_status_report, lines, kt_status_line_shape, KT_ORDERED),
        { 0 },
    }
};

const struct kt_shape kt_invoice_line_shape = { "invoice_line", sizeof(struct kt_invoice_line),
                                                (const struct kt_field[]){
                                                    KT_TEXT(kt_invoice_line, id, 60,
                                                            KT_KEY | KT_REQUIRED),
                                                    KT_TEXT(kt_invoice_line, order_line, 60, 0),
                                                    KT_TEXT(kt_invoice_line, sku, 64, 0),
                                                    KT_DECIMAL(kt_invoice_line, quantity, 6, 0),
                                                    KT_TEXT(kt_invoice_line, unit, 20, 0),
                                                    KT_DECIMAL(kt_invoice_line, net, 6, 0),
                                                    KT_DECIMAL(kt_invoice_line, tax, 6, 0),
                                                    KT_DECIMAL(kt_invoice_line, gross, 6, 0),
                                                    { 0 },
                                                } };

const struct kt_shape kt_invoice_shape = {
    "invoice", sizeof(struct kt_invoice),
    (const struct kt_field[]){
        KT_TEXT(kt_invoice, scope, 40, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_invoice, id, 60, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_invoice, order_key, 60, 0),
        KT_TEXT(kt_invoice, order_number, 40, 0),
        KT_CHOICE(kt_invoice, type, invoice_type_names, KT_REQUIRED),
        KT_DAY(kt_invoice, issued, 0),
        KT_DAY(kt_invoice, due, 0),
        KT_TEXT(kt_invoice, corrects, 60, 0),
        KT_TEXT(kt_invoice, delivery, 60, 0),
        KT_TEXT(kt_invoice, currency, 3, KT_REQUIRED),
        KT_DECIMAL(kt_invoice, net, 6, 0),
        KT_DECIMAL(kt_invoice, tax, 6, 0),
        KT_DECIMAL(kt_invoice, gross, 6, 0),
        KT_LIST(kt_invoice, lines, kt_invoice_line_shape, KT_ORDERED),
        { 0 },
    }
};

const struct kt_shape kt_return_line_shape = {
    "return_line", sizeof(struct kt_return_line),
    (const struct kt_field[]){
        KT_TEXT(kt_return_line, id, 60, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_return_line, order_line, 60, 0),
        KT_TEXT(kt_return_line, sku, 64, 0),
        KT_DECIMAL(kt_return_line, quantity, 6, 0),
        KT_TEXT(kt_return_line, unit, 20, 0),
        KT_TEXT(kt_return_line, reason, 40, 0),
        KT_LIST(kt_return_line, serials, kt_ref_shape, 0),
        { 0 },
    }
};

const struct kt_shape kt_return_shape = {
    "return", sizeof(struct kt_return),
    (const struct kt_field[]){
        KT_TEXT(kt_return, scope, 40, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_return, id, 60, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_return, order_key, 60, 0),
        KT_TEXT(kt_return, order_number, 40, 0),
        KT_CHOICE(kt_return, status, return_status_names, KT_REQUIRED),
        KT_DAY(kt_return, returned, 0),
        KT_TEXT(kt_return, reason, 40, 0),
        KT_TEXT(kt_return, invoice, 60, 0),
        KT_LIST(kt_return, lines, kt_return_line_shape, KT_ORDERED),
        { 0 },
    }
};

const struct kt_shape *const kt_fact_shape[KT_FACT_KINDS] = {
    [KT_FACT_SHIPMENT] = &kt_shipment_shape,
    [KT_FACT_ORDER_STATUS] = &kt_status_report_shape,
    [KT_FACT_INVOICE] = &kt_invoice_shape,
    [KT_FACT_RETURN] = &kt_return_shape,
};

/* Whoever places a fact reads its head through this struct. */
#define HEAD_FITS(s)                                                                         \
    _Static_assert(                                                                          \
        offsetof(struct s, scope) == offsetof(struct kt_fact_head, scope) &&                 \
            offsetof(struct s, id) == offsetof(struct kt_fact_head, id) &&                   \
            offsetof(struct s, order_key) == offsetof(struct kt_fact_head, order_key) &&     \
            offsetof(struct s, order_number) == offsetof(struct kt_fact_head, order_number), \
        "a fact begins with its head")
HEAD_FITS(kt_shipment);
HEAD_FITS(kt_status_report);
HEAD_FITS(kt_invoice);
HEAD_FITS(kt_return);

const char *kt_fact_kind_name(enum kt_fact_kind kind)
{
    return kt_fact_shape[kind]->name;
}

bool kt_fact_kind_find(enum kt_fact_kind *out, struct kt_str name)
{
    for (int i = 0; i < KT_FACT_KINDS; i++) {
        if (kt_str_is(name, kt_fact_shape[i]->name)) {
            *out = (enum kt_fact_kind)i;
            return true;
        }
    }
    return false;
}

void kt_facts_add(struct kt_fact_records *facts, struct kt_fact_record fact)
{
    if (facts->count == facts->room) {
        size_t room = facts->room == 0 ? 16 : facts->room * 2;
        struct kt_fact_record *item = KT_NEW_ARRAY(facts->arena, room, struct kt_fact_record);
        if (facts->count > 0)
            memcpy(item, facts->item, facts->count * sizeof *item);
        facts->item = item;
        facts->room = room;
    }
    facts->item[facts->count++] = fact;
}
