/* Brings texts of records into the form that sentences take. Pure, any thread; called by the rules
 * of this room when they refuse something. */
#include "trade/param.h"

#include <string.h>

void kt_param_text(char *out, struct kt_str text)
{
    text = kt_str_trim(text);
    size_t n = kt_utf8_fit(text, KT_PARAM_MAX - 1);
    if (n > 0)
        memcpy(out, text.p, n);
    out[n] = '\0';
}

void kt_param_order(char *out, const struct kt_order *o)
{
    kt_param_text(out, kt_is_blank(o->number) ? o->id : o->number);
}

bool kt_is_blank(struct kt_str text)
{
    return kt_str_trim(text).n == 0;
}
