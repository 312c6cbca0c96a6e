/* Text and JSON pieces of what commands print. Main thread; called by the commands and table.c. */
#include "app/out.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

struct range {
    uint32_t from, to;
};

static bool is_within(uint32_t c, const struct range *range, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= range[i].from && c <= range[i].to)
            return true;
    }
    return false;
}

/* C0, DEL and C1 controls, and what changes the direction of the line. */
static bool steers(uint32_t c)
{
    static const struct range ranges[] = {
        { 0x00, 0x1F },     { 0x7F, 0x9F },     { 0x200E, 0x200F }, { 0x2028, 0x202E },
        { 0x2066, 0x2069 }, { 0xFEFF, 0xFEFF }, { 0xFFF9, 0xFFFB },
    };
    return is_within(c, ranges, KT_COUNT(ranges));
}

static size_t width_of(uint32_t c)
{
    static const struct range none[] = {
        { 0x0300, 0x036F }, { 0x200B, 0x200D }, { 0x20D0, 0x20FF },
        { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F },
    };
    static const struct range two[] = {
        { 0x1100, 0x115F },   { 0x2E80, 0xA4CF },   { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF },
        { 0xFE30, 0xFE6F },   { 0xFF00, 0xFF60 },   { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F },
        { 0x1F900, 0x1F9FF }, { 0x20000, 0x3FFFD },
    };
    if (is_within(c, none, KT_COUNT(none)))
        return 0;
    return is_within(c, two, KT_COUNT(two)) ? 2 : 1;
}

/* One step through s: bytes of the next character, and what is shown of it. */
static size_t next(struct kt_str s, const char **shown, size_t *shown_n, size_t *width)
{
    size_t n = kt_utf8_step(s);
    bool is_bad = n == 0 || steers(kt_utf8_code(s.p, n));
    *shown = is_bad ? replacement : s.p;
    *shown_n = is_bad ? sizeof replacement - 1 : n;
    *width = is_bad ? 1 : width_of(kt_utf8_code(s.p, n));
    return n == 0 ? 1 : n;
}

void kt_out_text(struct kt_buf *out, struct kt_str s)
{
    while (s.n > 0) {
        const char *shown;
        size_t shown_n;
        size_t width;
        size_t n = next(s, &shown, &shown_n, &width);
        kt_buf_put(out, shown, shown_n);
        s = kt_str_part(s, n, s.n);
    }
}

size_t kt_out_width(struct kt_str s)
{
    size_t sum = 0;
    while (s.n > 0) {
        const char *shown;
        size_t shown_n;
        size_t width;
        size_t n = next(s, &shown, &shown_n, &width);
        sum += width;
        s = kt_str_part(s, n, s.n);
    }
    return sum;
}

void kt_out_instant(struct kt_buf *out, int64_t at_us)
{
    char text[KT_TIME_TEXT_MAX];
    if (at_us == 0 || at_us == KT_NEVER) {
        kt_buf_char(out, '-');
        return;
    }
    kt_time_text(at_us - at_us % KT_SECOND, text);
    kt_buf_format(out, "%.19sZ", text); /* the fraction is for logs */
}

void kt_out_age(struct kt_buf *out, int64_t age_us)
{
    int64_t age = age_us < 0 ? 0 : age_us;
    if (age < 2 * KT_MINUTE)
        kt_buf_format(out, "%lld s", (long long)(age / KT_SECOND));
    else if (age < 2 * KT_HOUR)
        kt_buf_format(out, "%lld min", (long long)(age / KT_MINUTE));
    else if (age < 2 * KT_DAY_US)
        kt_buf_format(out, "%lld h", (long long)(age / KT_HOUR));
    else
        kt_buf_format(out, "%lld d", (long long)(age / KT_DAY_US));
}

void kt_out_member(struct kt_buf *out, bool *is_first, const char *name, struct kt_str s)
{
    kt_json_put_name(out, is_first, name);
    if (s.p == NULL)
        kt_buf_text(out, "null");
    else
        kt_json_put_text(out, s);
}

void kt_out_member_given(struct kt_buf *out, bool *is_first, const char *name, struct kt_str s)
{
    kt_out_member(out, is_first, name, s.n == 0 ? (struct kt_str){ 0 } : s);
}

void kt_out_member_text(struct kt_buf *out, bool *is_first, const char *name, const char *text)
{
    kt_out_member(out, is_first, name, kt_str_of(text));
}

void kt_out_member_number(struct kt_buf *out, bool *is_first, const char *name, int64_t number)
{
    kt_json_put_name(out, is_first, name);
    kt_buf_format(out, "%lld", (long long)number);
}

void kt_out_member_bool(struct kt_buf *out, bool *is_first, const char *name, bool is_true)
{
    kt_json_put_name(out, is_first, name);
    kt_buf_text(out, is_true ? "true" : "false");
}

void kt_out_member_instant(struct kt_buf *out, bool *is_first, const char *name, int64_t at_us)
{
    char text[KT_TIME_TEXT_MAX];
    kt_time_text(at_us, text);
    kt_out_member_text(out, is_first, name, at_us == 0 || at_us == KT_NEVER ? NULL : text);
}

void kt_out_counts(struct kt_buf *out, bool is_json, bool *is_first,
                   const struct kt_out_count *count)
{
    for (; count->name != NULL; count++) {
        if (is_json)
            kt_out_member_number(out, is_first, count->name, count->number);
        else
            kt_buf_format(out, " %s=%lld", count->name, (long long)count->number);
    }
}

void kt_out_verdict(struct kt_buf *out, bool *is_first, const struct kt_verdict *v,
                    enum kt_lang lang)
{
    char text[1024];
    bool is_first_param = true;
    kt_out_member_text(out, is_first, "code", kt_code_name(v->code));
    kt_out_member_text(out, is_first, "verdict", kt_rc_name(v->rc));
    kt_out_member_text(out, is_first, "owner", kt_owner_name(kt_code_owner(v->code)));
    kt_sentence(v, lang, text, sizeof text);
    kt_out_member_text(out, is_first, "sentence", text);
    kt_suggestion(v, lang, text, sizeof text);
    kt_out_member_text(out, is_first, "suggestion", text);
    kt_json_put_name(out, is_first, "parameters");
    kt_buf_char(out, '{');
    for (size_t i = 0; i < KT_PARAMS && v->param[i].name != NULL; i++)
        kt_out_member_text(out, &is_first_param, v->param[i].name, v->param[i].value);
    kt_buf_char(out, '}');
}
