/* What SAP says about orders and customers: bookings, messages, matches. No network; called by
 * call.c on the session's thread. */
#include <string.h>

#include "encode.h"
#include "read.h"

static bool is_failure(const struct sap__BAPIRET2 *row)
{
    return row->TYPE != NULL && (row->TYPE[0] == 'E' || row->TYPE[0] == 'A');
}

const struct sap__BAPIRET2 *kt_sap_failure(const struct sap__ZKONTOR_T_RETURN *table)
{
    for (int i = 0; table != NULL && i < table->__sizeitem; i++) {
        if (is_failure(&table->item[i]))
            return &table->item[i];
    }
    return NULL;
}

/* Messages are told apart by ID and NUMBER; their texts are localised. */
bool kt_sap_is_message(const struct sap__BAPIRET2 *row, const char *id, const char *number)
{
    return row->ID != NULL && row->NUMBER != NULL && strcmp(row->ID, id) == 0 &&
           strcmp(row->NUMBER, number) == 0;
}

/* One line; false: an amount that does not fit. */
static bool read_line(struct kt_booked_line *out, const struct sap__ZKONTOR_S_LINE *row,
                      const struct kt_order *order, struct kt_arena *a)
{
    struct kt_str line = KT_STR(""); /* SAP added it */
    size_t at = 0;
    if (kt_sap_line_of_position(kt_sap_text(row->POSNR, a), order, &at))
        line = ((const struct kt_order_line *)order->lines.item)[at].id;
    (void)KT_PUT(out, kt_booked_line_shape, line, kt_str_copy(a, line));
    if (!kt_sap_dec(&out->net, row->NET) || !kt_sap_dec(&out->tax, row->TAX) ||
        !kt_sap_dec(&out->gross, row->GROSS))
        return false;
    (void)KT_PUT(out, kt_booked_line_shape, net, out->net);
    (void)KT_PUT(out, kt_booked_line_shape, tax, out->tax);
    (void)KT_PUT(out, kt_booked_line_shape, gross, out->gross);
    return true;
}

static bool read_total(struct kt_booking *out, const struct sap__ZKONTOR_S_TOTAL *total,
                       struct kt_arena *a)
{
    if (!kt_sap_dec(&out->net, total->NET) || !kt_sap_dec(&out->tax, total->TAX) ||
        !kt_sap_dec(&out->gross, total->GROSS))
        return false;
    (void)KT_PUT(out, kt_booking_shape, net, out->net);
    (void)KT_PUT(out, kt_booking_shape, tax, out->tax);
    (void)KT_PUT(out, kt_booking_shape, gross, out->gross);
    (void)KT_PUT(out, kt_booking_shape, currency, kt_sap_text(total->CURRENCY, a));
    return true;
}

enum kt_rc kt_sap_decode_booking(struct kt_booking *out, const struct kt_sap_booked *in,
                                 struct kt_arena *a, struct kt_err *e)
{
    struct kt_str document = kt_sap_text(in->number, a);
    size_t count =
        in->lines != NULL && in->lines->__sizeitem > 0 ? (size_t)in->lines->__sizeitem : 0;
    struct kt_booked_line *line = KT_NEW_ARRAY(a, count + 1, struct kt_booked_line);
    bool is_whole = document.n > 0;

    *out = (struct kt_booking){ 0 };
    (void)KT_PUT(out, kt_booking_shape, number, document);
    (void)KT_PUT(out, kt_booking_shape, is_blocked, kt_sap_flag(in->blocked));
    if (is_whole && in->total != NULL)
        is_whole = read_total(out, in->total, a);
    for (size_t i = 0; is_whole && in->order != NULL && i < count; i++)
        is_whole = read_line(&line[i], &in->lines->item[i], in->order, a);
    if (!is_whole)
        return kt_fail(e, in->if_broken, KT_ENDPOINT, KT_E_PARTNER_ANSWER_INCOMPLETE,
                       KT_P_TEXT("partner", in->partner),
                       KT_P_TEXT("detail", document.n == 0 ? "a booking without its number"
                                                           : "an amount that cannot be read"));
    if (in->order != NULL)
        (void)KT_PUT(out, kt_booking_shape, lines, (struct kt_list){ line, count });
    return KT_OK;
}

static const char *text_or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/* What a failure row is about. */
enum cause { CAUSE_OTHER = 0, CAUSE_SKU, CAUSE_CURRENCY, CAUSE_LOCKS, CAUSE_UPDATE };

static enum cause cause_of(const struct sap__BAPIRET2 *row, const struct kt_order *order)
{
    bool is_sku = kt_sap_is_message(row, "V1", "382") || kt_sap_is_message(row, "M3", "305");
    if (is_sku && row->ROW >= 1 && (size_t)row->ROW <= order->lines.count)
        return CAUSE_SKU;
    if (kt_sap_is_message(row, "ZKONTOR", "004"))
        return CAUSE_CURRENCY;
    if (kt_sap_is_message(row, "ZKONTOR", "018"))
        return CAUSE_LOCKS; /* the lock server did not answer: nothing was tried */
    if (kt_sap_is_message(row, "ZKONTOR", "021"))
        return CAUSE_UPDATE; /* the commit ended early: only a look-up is sure */
    return CAUSE_OTHER;
}

static enum kt_rc refuse(const struct sap__BAPIRET2 *row, enum cause cause,
                         const struct kt_order *order, const char *partner, struct kt_err *e)
{
    const struct kt_order_line *line = order->lines.item;
    struct kt_param_in number = KT_P_TEXT("order", order->number.p);
    switch (cause) {
    case CAUSE_SKU:
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_SKU_UNKNOWN, number,
                       KT_P_NUM("line", row->ROW), KT_P_TEXT("sku", line[row->ROW - 1].sku.p));
    case CAUSE_CURRENCY:
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_CURRENCY_UNKNOWN, number,
                       KT_P_TEXT("currency", order->currency.p));
    case CAUSE_LOCKS:
    case CAUSE_UPDATE:
        return kt_fail(e, cause == CAUSE_LOCKS ? KT_RETRY : KT_UNSURE,
                       cause == CAUSE_LOCKS ? KT_ENDPOINT : KT_RECORD, KT_E_PARTNER_FAULT,
                       KT_P_TEXT("partner", partner),
                       KT_P_TEXT("message", text_or_empty(row->MESSAGE)), KT_P_NUM("status", 200));
    case CAUSE_OTHER:
        break;
    }
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_REFUSED, number,
                   KT_P_PERSON("message", text_or_empty(row->MESSAGE)), /* may name the customer */
                   KT_P_TEXT("id", text_or_empty(row->ID)),
                   KT_P_TEXT("number", text_or_empty(row->NUMBER)));
}

enum kt_rc kt_sap_refused(const struct sap__ZKONTOR_T_RETURN *table, const struct kt_order *order,
                          const char *partner, struct kt_err *e)
{
    const struct sap__BAPIRET2 *row = kt_sap_failure(table);
    KT_ASSERT(row != NULL);
    for (int i = 0; i < table->__sizeitem && cause_of(row, order) == CAUSE_OTHER; i++) {
        if (is_failure(&table->item[i]) && cause_of(&table->item[i], order) != CAUSE_OTHER)
            row = &table->item[i];
    }
    enum kt_rc rc = refuse(row, cause_of(row, order), order, partner, e);
    (void)rc; /* kt_trail returns the same */
    return kt_trail(e, "RETURN %s %s row %d", text_or_empty(row->ID), text_or_empty(row->NUMBER),
                    row->ROW);
}

static struct kt_str matched_by(const char *text, struct kt_arena *a)
{
    struct kt_str s = kt_sap_text(text, a);
    if (kt_str_is(s, "EMAIL"))
        return KT_STR("email");
    if (kt_str_is(s, "VAT_ID"))
        return KT_STR("vat_id");
    return kt_str_is(s, "ADDRESS") ? KT_STR("name") : s;
}

void kt_sap_decode_customers(const struct sap__ZKONTOR_T_CUSTOMER *table,
                             struct kt_customer_match **match, size_t *count, struct kt_arena *a)
{
    size_t n = table != NULL && table->__sizeitem > 0 ? (size_t)table->__sizeitem : 0;
    *match = KT_NEW_ARRAY(a, n + 1, struct kt_customer_match);
    *count = n;
    for (size_t i = 0; i < n; i++) {
        const struct sap__ZKONTOR_S_CUSTOMER *row = &table->item[i];
        (*match)[i].number = kt_sap_text(row->KUNNR, a);
        (*match)[i].matched_by = matched_by(row->MATCHED_BY, a);
        (*match)[i].is_blocked = kt_sap_flag(row->BLOCKED);
    }
}
