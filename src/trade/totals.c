/* Sums: do an order's figures fit each other, and did the ERP book what the shop sold? Pure, any
 * thread; called by the order flow before and after the order is created in the ERP. */
#include "trade/totals.h"

#include <stdio.h>

#include "trade/param.h"

enum { LINES_THAT_COUNT = 10, DIGITS_USUAL = 2 };

/* The figures of a line, an order or a booking, under one roof. */
enum figure { GROSS = 0, NET, TAX, FIGURES };
static const char *const figure_note[FIGURES] = { "", " net", " tax" };

struct figures {
    struct kt_dec value[FIGURES];
    bool is_given[FIGURES];
};

static uint8_t digits_of(struct kt_str currency)
{
    char code[4] = "";
    uint8_t digits = DIGITS_USUAL;
    for (size_t i = 0; i < currency.n && i < 3; i++)
        code[i] = currency.p[i];
    if (currency.n != 3 || !kt_currency_digits(code, &digits))
        return DIGITS_USUAL;
    return digits;
}

/* "119.00 EUR tax": as many digits as the currency has, more only where they are not zero. */
static void sum_text(char *out, struct kt_dec amount, struct kt_str currency, const char *note)
{
    char digits[KT_DEC_TEXT_MAX];
    struct kt_dec wider;
    uint8_t scale = digits_of(currency);
    amount = kt_dec_trim(amount);
    if (amount.scale < scale && kt_dec_rescale(&wider, amount, scale))
        amount = wider;
    kt_dec_text(amount, digits);
    (void)snprintf(out, KT_SUM_TEXT_MAX, "%s %.*s%s", digits, currency.n > 3 ? 3 : (int)currency.n,
                   currency.n > 0 ? currency.p : "", note);
}

struct kt_dec kt_totals_tolerance(const struct kt_order *o, struct kt_dec per_line)
{
    size_t count = o->lines.count < LINES_THAT_COUNT ? o->lines.count : LINES_THAT_COUNT;
    struct kt_dec all = per_line;
    if (!kt_dec_mul(&all, per_line, kt_dec_int((int64_t)count), per_line.scale))
        return per_line; /* beyond any order already */
    return all;
}

/* False: too large to subtract, so certainly apart. */
static bool is_near(struct kt_dec a, struct kt_dec b, struct kt_dec tolerance)
{
    struct kt_dec gap;
    return kt_dec_sub(&gap, a, b) && kt_dec_cmp(kt_dec_abs(gap), tolerance) <= 0;
}

static struct figures order_figures(const struct kt_order *o)
{
    return (struct figures){ .value = { o->gross, o->net, o->tax },
                             .is_given = { true, KT_HAS(o, kt_order_shape, net), true } };
}

static enum kt_rc malformed(const struct kt_order *o, const char *field, struct kt_err *e)
{
    char order[KT_PARAM_MAX];
    char value[KT_DEC_TEXT_MAX];
    kt_param_order(order, o);
    kt_dec_text(o->gross, value);
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_MALFORMED, KT_P_TEXT("order", order),
                   KT_P_TEXT("field", field), KT_P_TEXT("value", value));
}

static enum kt_rc differ(const struct kt_order *o, const char *sum, const char *total,
                         struct kt_err *e)
{
    char order[KT_PARAM_MAX];
    kt_param_order(order, o);
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_TOTALS_DIFFER, KT_P_TEXT("order", order),
                   KT_P_TEXT("sum", sum), KT_P_TEXT("total", total));
}

static enum kt_rc check_line(const struct kt_order *o, const struct kt_order_line *line,
                             struct kt_dec tolerance, struct kt_err *e)
{
    struct kt_dec sum;
    struct kt_dec unit = { 1, digits_of(o->currency) };
    if (!kt_dec_add(&sum, line->net, line->tax))
        return malformed(o, "total", e);
    if (is_near(sum, line->gross, kt_dec_cmp(unit, tolerance) < 0 ? unit : tolerance))
        return KT_OK;
    char id[KT_PARAM_MAX];
    char sum_words[KT_SUM_TEXT_MAX];
    char place[KT_PARAM_MAX];
    char total[KT_SUM_TEXT_MAX];
    kt_param_text(id, line->id);
    sum_text(sum_words, sum, o->currency, "");
    (void)snprintf(place, sizeof place, "%s (%.50s: net + tax)", sum_words, id);
    sum_text(total, line->gross, o->currency, "");
    return differ(o, place, total, e);
}

enum kt_rc kt_order_totals_check(const struct kt_order *o, struct kt_dec tolerance,
                                 struct kt_err *e)
{
    const struct kt_order_line *line = o->lines.item;
    const struct figures total = order_figures(o);
    struct kt_dec sum[FIGURES] = { { 0, 0 }, { 0, 0 }, { 0, 0 } };
    for (size_t i = 0; i < o->lines.count; i++) {
        enum kt_rc rc = check_line(o, &line[i], tolerance, e);
        if (rc != KT_OK)
            return rc;
        if (!kt_dec_add(&sum[GROSS], sum[GROSS], line[i].gross) ||
            !kt_dec_add(&sum[NET], sum[NET], line[i].net) ||
            !kt_dec_add(&sum[TAX], sum[TAX], line[i].tax))
            return malformed(o, "total", e);
    }
    for (int f = 0; f < FIGURES; f++) {
        if (!total.is_given[f] || is_near(sum[f], total.value[f], tolerance))
            continue;
        char ours[KT_SUM_TEXT_MAX];
        char theirs[KT_SUM_TEXT_MAX];
        sum_text(ours, sum[f], o->currency, figure_note[f]);
        sum_text(theirs, total.value[f], o->currency, figure_note[f]);
        return differ(o, ours, theirs, e);
    }
    return KT_OK;
}

static bool is_same_currency(const struct kt_order *o, const struct kt_booking *booking)
{
    return kt_is_blank(booking->currency) || kt_str_eq(booking->currency, o->currency);
}

bool kt_booking_compare(const struct kt_order *o, const struct kt_booking *booking,
                        struct kt_dec tolerance, bool *differs, char *shop_text, char *erp_text)
{
    const struct figures shop = order_figures(o);
    const struct figures erp = { .value = { booking->gross, booking->net, booking->tax },
                                 .is_given = { KT_HAS(booking, kt_booking_shape, gross),
                                               KT_HAS(booking, kt_booking_shape, net),
                                               KT_HAS(booking, kt_booking_shape, tax) } };
    struct kt_str currency = kt_is_blank(booking->currency) ? o->currency : booking->currency;
    int shown = FIGURES; /* the first that differs, else the first that can be compared */
    *differs = false;
    shop_text[0] = '\0';
    erp_text[0] = '\0';
    for (int f = 0; f < FIGURES && !*differs; f++) {
        if (!shop.is_given[f] || !erp.is_given[f])
            continue;
        *differs =
            !is_same_currency(o, booking) || !is_near(shop.value[f], erp.value[f], tolerance);
        if (*differs || shown == FIGURES)
            shown = f;
    }
    if (shown == FIGURES)
        return false;
    sum_text(shop_text, shop.value[shown], o->currency, figure_note[shown]);
    sum_text(erp_text, erp.value[shown], currency, figure_note[shown]);
    return true;
}
