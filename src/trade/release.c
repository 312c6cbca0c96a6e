/* Whether an order may go to the ERP as far as payment and currency go. Pure, any thread; called by
 * the order flow. */
#include "trade/release.h"

#include <string.h>

#include "base/dec.h"
#include "trade/param.h"

static bool is_one_of(struct kt_str text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (kt_str_is(text, list[i]))
            return true;
    }
    return false;
}

enum kt_rc kt_order_release(const struct kt_order *o, const char *const *method, size_t methods,
                            struct kt_err *e)
{
    char order[KT_PARAM_MAX];
    char value[KT_PARAM_MAX];
    if (o->is_paid || (o->payment_method.n > 0 && is_one_of(o->payment_method, method, methods)))
        return KT_OK;
    kt_param_order(order, o);
    kt_param_text(value, o->payment_method);
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_UNPAID, KT_P_TEXT("order", order),
                   KT_P_TEXT("method", value[0] != '\0' ? value : "-"));
}

enum kt_rc kt_order_currency_ok(const struct kt_order *o, const char *const *currency,
                                size_t currencies, struct kt_err *e)
{
    char order[KT_PARAM_MAX];
    char value[KT_PARAM_MAX];
    uint8_t digits;
    kt_param_text(value, o->currency);
    bool is_iso = o->currency.n == 3 && strlen(value) == 3 && kt_currency_digits(value, &digits);
    if (is_iso && (currencies == 0 || is_one_of(o->currency, currency, currencies)))
        return KT_OK;
    kt_param_order(order, o);
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_CURRENCY_UNKNOWN, KT_P_TEXT("order", order),
                   KT_P_TEXT("currency", value));
}
