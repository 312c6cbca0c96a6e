/* GTINs: form and check digit. Pure, any thread; called by the intake when a variant comes in. */
#include "trade/gtins.h"

#include <stdio.h>

#include "trade/param.h"

static bool has_form(struct kt_str code)
{
    bool is_zero = true;
    if (code.n != 8 && code.n != 12 && code.n != 13 && code.n != 14)
        return false;
    for (size_t i = 0; i < code.n; i++) {
        if (code.p[i] < '0' || code.p[i] > '9')
            return false;
        is_zero = is_zero && code.p[i] == '0';
    }
    return !is_zero;
}

bool kt_gtin_ok(struct kt_str code)
{
    unsigned sum = 0;
    if (!has_form(code))
        return false;
    for (size_t i = 0; i < code.n;
         i++) { /* weights 3 and 1, from the right; the check digit has 1 */
        unsigned digit = (unsigned)(code.p[i] - '0');
        sum += (code.n - 1 - i) % 2 == 1 ? digit * 3 : digit;
    }
    return sum % 10 == 0;
}

enum kt_rc kt_variant_gtins_check(const struct kt_variant *variant, struct kt_err *e)
{
    const struct kt_gtin *gtin = variant->gtins.item;
    for (size_t i = 0; i < variant->gtins.count; i++) {
        if (kt_gtin_ok(gtin[i].code))
            continue;
        char sku[KT_PARAM_MAX];
        char value[KT_PARAM_MAX];
        char record[KT_PARAM_MAX];
        kt_param_text(sku, variant->sku);
        kt_param_text(value, gtin[i].code);
        if (has_form(gtin[i].code))
            return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_GTIN_CHECK_DIGIT, KT_P_TEXT("sku", sku),
                           KT_P_TEXT("value", value));
        (void)snprintf(record, sizeof record, "variant %.100s", sku);
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", record),
                       KT_P_TEXT("field", "gtins"), KT_P_TEXT("value", value));
    }
    return KT_OK;
}
