/* What NAV says it booked, into our booking. No network; called by service_order.c on the session's
 * thread. */
#include "service_inner.h"

/* A line of NAV's own (an item that another one brings along) has an id that the shop never gave:
 * it becomes "". */
static struct kt_str line_id(const char *text, const struct kt_order *order, struct kt_arena *a)
{
    struct kt_str id = kt_nav_taken(text, a);
    if (order == NULL)
        return id;
    const struct kt_order_line *line = order->lines.item;
    for (size_t i = 0; i < order->lines.count; i++) {
        if (kt_str_eq(kt_str_trim(line[i].id), id))
            return line[i].id;
    }
    return KT_STR("");
}

static bool read_line(struct kt_booked_line *out, const struct navbooked__BookedLine *row,
                      const struct kt_order *order, struct kt_arena *a)
{
    (void)KT_PUT(out, kt_booked_line_shape, line, line_id(row->LineId, order, a));
    if (!kt_nav_number(&out->net, row->Net) || !kt_nav_number(&out->tax, row->Vat) ||
        !kt_nav_number(&out->gross, row->Gross))
        return false;
    (void)KT_PUT(out, kt_booked_line_shape, net, out->net);
    (void)KT_PUT(out, kt_booked_line_shape, tax, out->tax);
    (void)KT_PUT(out, kt_booked_line_shape, gross, out->gross);
    return true;
}

static bool read_total(struct kt_booking *out, const struct navbooked__KontorBooking *in,
                       struct kt_arena *a)
{
    struct kt_str currency = kt_nav_taken(in->CurrencyCode, a);
    if (currency.n == 0 || !kt_nav_number(&out->net, in->Net) ||
        !kt_nav_number(&out->tax, in->Vat) || !kt_nav_number(&out->gross, in->Gross))
        return false;
    (void)KT_PUT(out, kt_booking_shape, net, out->net);
    (void)KT_PUT(out, kt_booking_shape, tax, out->tax);
    (void)KT_PUT(out, kt_booking_shape, gross, out->gross);
    (void)KT_PUT(out, kt_booking_shape, currency, currency);
    return true;
}

enum kt_rc kt_nav_decode_booking(struct kt_booking *out, const struct navbooked__KontorBooking *in,
                                 const struct kt_order *order, const char *partner,
                                 enum kt_rc if_broken, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str document = kt_nav_taken(in->OrderNo, a);
    size_t count = in->__sizeBookedLine > 0 ? (size_t)in->__sizeBookedLine : 0;
    struct kt_booked_line *line = KT_NEW_ARRAY(a, count + 1, struct kt_booked_line);
    *out = (struct kt_booking){ 0 };
    (void)KT_PUT(out, kt_booking_shape, number, document);
    (void)KT_PUT(out, kt_booking_shape, is_blocked,
                 kt_str_is(kt_nav_taken(in->State, a), "BLOCKED"));
    bool is_whole = document.n > 0 && read_total(out, in, a);
    for (size_t i = 0; is_whole && i < count; i++)
        is_whole = read_line(&line[i], &in->BookedLine[i], order, a);
    if (!is_whole)
        return kt_fail(e, if_broken, KT_ENDPOINT, KT_E_PARTNER_ANSWER_INCOMPLETE,
                       KT_P_TEXT("partner", partner),
                       KT_P_TEXT("detail", document.n == 0 ? "a booking without its number"
                                                           : "a sum that is missing"));
    (void)KT_PUT(out, kt_booking_shape, lines, (struct kt_list){ line, count });
    return KT_OK;
}
