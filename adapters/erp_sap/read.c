/* Texts, numbers, days and instants as SAP writes them, and the rows of one record in a table. No
 * network; called by the decoders on the session's thread. */
#include "read.h"

#include <stdlib.h>
#include <string.h>

struct kt_str kt_sap_text(const char *text, struct kt_arena *a)
{
    struct kt_str s = kt_str_trim(kt_str_of(text != NULL ? text : ""));
    char *copy = kt_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_control = (c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f;
        copy[i] = is_control ? ' ' : s.p[i];
    }
    return (struct kt_str){ copy, s.n };
}

struct kt_str kt_sap_lower(const char *text, struct kt_arena *a)
{
    struct kt_str s = kt_sap_text(text, a);
    char *copy = kt_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        copy[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
    return (struct kt_str){ copy, s.n };
}

bool kt_sap_flag(const char *text)
{
    return text != NULL && text[0] == 'X';
}

bool kt_sap_dec(struct kt_dec *out, struct kt_soap_dec in)
{
    while (in.scale > 0 && in.unscaled % 10 == 0) {
        in.unscaled /= 10;
        in.scale--;
    }
    if (in.scale < 0 || in.scale > KT_DEC_SCALE_MAX)
        return false;
    *out = (struct kt_dec){ in.unscaled, (uint8_t)in.scale };
    return true;
}

static bool read_dec(struct kt_dec *out, const char *text)
{
    struct kt_soap_dec in = { 0 };
    return text != NULL && kt_soap_dec_parse(text, &in) && kt_sap_dec(out, in);
}

bool kt_sap_whole(int64_t *out, const char *text)
{
    struct kt_dec d = { 0 };
    if (!read_dec(&d, text) || kt_dec_trim(d).scale != 0)
        return false;
    *out = kt_dec_trim(d).units;
    return true;
}

bool kt_sap_day(struct kt_day *day, bool *has, const char *text)
{
    struct kt_str s = kt_str_trim(kt_str_of(text != NULL ? text : ""));
    *has = false;
    if (s.n == 0 || kt_str_is(s, "0000-00-00") || kt_str_is(s, "00000000") ||
        kt_str_is(s, "9999-12-31") || kt_str_is(s, "99991231"))
        return true;
    *has = kt_day_parse(day, s);
    return *has;
}

void kt_sap_row_fault(struct kt_sap_row *row, const char *field, const char *value)
{
    struct kt_arena *a = row->s->arena;
    struct kt_verdict *v = KT_NEW(a, struct kt_verdict);
    struct kt_str told = kt_sap_text(value, a); /* a copy: what SAP sent ends with the call */
    struct kt_param_in record = KT_P_TEXT("record", kt_format(a, "%s %s", row->what, row->key.p));
    if (row->fault != NULL)
        return;
    if (told.n == 0)
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING, record, KT_P_TEXT("field", field));
    else
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, record, KT_P_TEXT("field", field),
                 KT_P_TEXT("value", told.p));
    row->fault = v;
}

struct kt_dec kt_sap_row_dec(struct kt_sap_row *row, const char *field, const char *text)
{
    struct kt_dec d = { 0 };
    if (!read_dec(&d, text))
        kt_sap_row_fault(row, field, text);
    return d;
}

int64_t kt_sap_row_whole(struct kt_sap_row *row, const char *field, const char *text)
{
    int64_t number = 0;
    if (!kt_sap_whole(&number, text))
        kt_sap_row_fault(row, field, text);
    return number;
}

bool kt_sap_row_day(struct kt_sap_row *row, struct kt_day *day, const char *field, const char *text)
{
    bool has = false;
    if (!kt_sap_day(day, &has, text))
        kt_sap_row_fault(row, field, text);
    return has;
}

int64_t kt_sap_row_instant(struct kt_sap_row *row, const char *field, const char *text)
{
    struct kt_str t = kt_str_trim(kt_str_of(text != NULL ? text : ""));
    int64_t at = row->s->pulled_us;
    size_t zeros = 0;
    while (zeros < t.n && (t.p[zeros] == '0' || t.p[zeros] == '.'))
        zeros++;
    if (zeros < t.n && !kt_time_parse_stamp(&at, t)) {
        kt_sap_row_fault(row, field, text);
        return row->s->pulled_us;
    }
    return at;
}

static const char *key_of(const void *row)
{
    char *key = NULL;
    memcpy(&key, row, sizeof key);
    return key != NULL ? key : "";
}

static int by_key(const void *a, const void *b)
{
    return strcmp(key_of(a), key_of(b));
}

static bool is_sorted(const struct kt_sap_rows *r)
{
    for (size_t i = 1; i < r->count; i++) {
        if (by_key(r->base + (i - 1) * r->size, r->base + i * r->size) > 0)
            return false;
    }
    return true;
}

struct kt_sap_rows kt_sap_rows_sorted(void *base, int count, size_t size)
{
    struct kt_sap_rows r = { base, size, base != NULL && count > 0 ? (size_t)count : 0 };
    if (!is_sorted(
            &r)) /* SAP's own order, of the rows of one key as well, is kept where it can be */
        qsort(r.base, r.count, r.size, by_key);
    return r;
}

void *kt_sap_rows_of(const struct kt_sap_rows *rows, const char *key, size_t *n)
{
    size_t low = 0;
    size_t high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(key_of(rows->base + middle * rows->size), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *n = 0;
    while (low + *n < rows->count && strcmp(key_of(rows->base + (low + *n) * rows->size), key) == 0)
        (*n)++;
    return *n > 0 ? rows->base + low * rows->size : NULL;
}
