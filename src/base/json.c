/* Looks into parsed JSON. Pure; any thread; adapters and flow call it. Parsing: json_parse.c;
 * writing and comparing: json_write.c. */
#include "base/json.h"

#include "base/json_node.h"

enum kt_json_type kt_json_type(const struct kt_json *j)
{
    return j == NULL ? KT_JSON_NULL : j->type;
}

const struct kt_json *kt_json_get(const struct kt_json *j, const char *name)
{
    if (kt_json_type(j) != KT_JSON_OBJECT)
        return NULL;
    struct kt_str wanted = kt_str_of(name);
    size_t low = 0;
    size_t high = j->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct kt_json_member *m = kt_json_sorted_at(j, middle);
        int order = kt_str_cmp(m->name, wanted);
        if (order == 0)
            return &m->value;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct kt_json *kt_json_at(const struct kt_json *j, size_t index)
{
    if (kt_json_type(j) != KT_JSON_LIST || index >= j->count)
        return NULL;
    return &j->in.item[index];
}

size_t kt_json_count(const struct kt_json *j)
{
    return j == NULL ? 0 : j->count;
}

const char *kt_json_name_at(const struct kt_json *j, size_t index, const struct kt_json **value)
{
    if (kt_json_type(j) != KT_JSON_OBJECT || index >= j->count) {
        *value = NULL;
        return NULL;
    }
    *value = &j->in.member[index].value;
    return j->in.member[index].name.p;
}

struct kt_str kt_json_text(const struct kt_json *j)
{
    if (j == NULL)
        return (struct kt_str){ NULL, 0 };
    return j->text;
}

struct kt_str kt_json_text_of(const struct kt_json *j, const char *name)
{
    return kt_json_text(kt_json_get(j, name));
}

/* The power of ten behind the e; huge ones are held at +-1000000, which no digits can balance in
 * range: the number is then zero, a fraction or out of range in any case. */
static int64_t exponent_of(struct kt_str s)
{
    enum { HUGE_EXPONENT = 1000000 };
    bool is_negative = s.n > 0 && s.p[0] == '-';
    int64_t exponent = 0;
    for (size_t i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0; i < s.n; i++) {
        if (exponent < HUGE_EXPONENT)
            exponent = exponent * 10 + (s.p[i] - '0');
    }
    return is_negative ? -exponent : exponent;
}

/* value * 10 + digit, away from zero on the side of the sign; false past the range. */
static bool add_digit(int64_t *value, int digit, bool is_negative)
{
    return !__builtin_mul_overflow(*value, (int64_t)10, value) &&
           !__builtin_add_overflow(*value, (int64_t)(is_negative ? -digit : digit), value);
}

/* 1.0 and 1e2 are whole numbers too: JSON knows one kind of number, and shops do write them so. */
bool kt_json_int(const struct kt_json *j, int64_t *out)
{
    if (kt_json_type(j) != KT_JSON_NUMBER)
        return false;
    struct kt_str s = j->text;
    bool is_negative = s.p[0] == '-';
    size_t e = 0;
    while (e < s.n && s.p[e] != 'e' && s.p[e] != 'E')
        e++;
    int64_t exponent = exponent_of(kt_str_part(s, e + 1, s.n));
    struct kt_str digits = kt_str_part(s, is_negative, e - is_negative);
    size_t point = 0;
    while (point < digits.n && digits.p[point] != '.')
        point++;
    int64_t places = (int64_t)point + exponent; /* digits in front of the point after shifting it */
    int64_t value = 0;
    int64_t place = 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (i == point)
            continue;
        int digit = digits.p[i] - '0';
        if (place >= places && digit != 0)
            return false;
        if (place < places && !add_digit(&value, digit, is_negative))
            return false;
        place++;
    }
    for (; place < places && value != 0; place++) {
        if (!add_digit(&value, 0, is_negative))
            return false;
    }
    *out = value;
    return true;
}

bool kt_json_is_true(const struct kt_json *j)
{
    return kt_json_type(j) == KT_JSON_BOOL && j->is_true;
}
