/* Numbers and days of the codeunit's rows, and what becomes of a row that cannot be read. No
 * network; called by service_prices.c and service_stock.c on the session's thread. */
#include "service_inner.h"

void kt_nav_record_fault(struct kt_nav_record *r, const char *field, const char *value)
{
    struct kt_arena *a = r->s->arena;
    struct kt_str told = kt_nav_taken(value, a); /* a copy: what NAV sent ends with the call */
    struct kt_param_in record = KT_P_TEXT("record", kt_format(a, "%s %s", r->what, r->key.p));
    if (r->fault != NULL)
        return;
    struct kt_verdict *v = KT_NEW(a, struct kt_verdict);
    if (told.n == 0)
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING, record, KT_P_TEXT("field", field));
    else
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, record, KT_P_TEXT("field", field),
                 KT_P_TEXT("value", told.p));
    r->fault = v;
}

struct kt_dec kt_nav_record_dec(struct kt_nav_record *r, const char *field, const char *text)
{
    struct kt_dec d = { 0 };
    if (!kt_nav_number(&d, text))
        kt_nav_record_fault(r, field, text);
    return d;
}

bool kt_nav_record_day(struct kt_nav_record *r, struct kt_day *day, const char *field,
                       const char *text)
{
    struct kt_str s = kt_str_trim(kt_str_of(text != NULL ? text : ""));
    if (s.n == 0 || kt_str_is(s, "0001-01-01"))
        return false;
    if (kt_day_parse(day, s))
        return true;
    kt_nav_record_fault(r, field, text);
    return false;
}
