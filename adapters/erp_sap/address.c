/* Shop addresses into SAP's fields: the house number has a field of its own, the second address
 * line has none. Pure functions; called by the order's check and encoder. */
#include "address.h"

#include <string.h>

enum { HOUSE_NO_MAX = 10, REGION_MAX = 3, TOKENS_MAX = 16 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "12", "12a", "12-14", "3/5", "12bis" */
static bool is_number_token(struct kt_str t)
{
    size_t letters = 0;
    if (t.n == 0 || !is_digit(t.p[0]))
        return false;
    for (size_t i = 1; i < t.n; i++) {
        bool is_joint = t.p[i] == '-' || t.p[i] == '/' || t.p[i] == '+';
        if (!is_digit(t.p[i]) && !is_letter(t.p[i]) && !is_joint)
            return false;
        letters = is_letter(t.p[i]) ? letters + 1 : 0;
        if (letters > 3)
            return false;
    }
    return true;
}

/* What may follow a number: a letter or a joint, "12 a", "12 - 14". */
static bool is_tail_token(struct kt_str t)
{
    return t.n == 1 && (is_letter(t.p[0]) || t.p[0] == '-' || t.p[0] == '/' || t.p[0] == '+');
}

static size_t split_blanks(struct kt_str s, struct kt_str *token, size_t room)
{
    size_t count = 0;
    size_t i = 0;
    while (i < s.n) {
        size_t from = i;
        while (i < s.n && s.p[i] != ' ')
            i++;
        if (i > from) {
            if (count == room)
                return 0; /* no street has so many words: left alone */
            token[count++] = kt_str_part(s, from, i - from);
        }
        i++;
    }
    return count;
}

static struct kt_str without_comma(struct kt_str s)
{
    s = kt_str_trim(s);
    while (s.n > 0 && s.p[s.n - 1] == ',')
        s = kt_str_trim(kt_str_part(s, 0, s.n - 1));
    return s;
}

void kt_sap_split_street(struct kt_str whole, struct kt_str *street, struct kt_str *house_no)
{
    struct kt_str token[TOKENS_MAX];
    struct kt_str s = kt_str_trim(whole);
    size_t count = split_blanks(s, token, TOKENS_MAX);
    size_t first = count;
    *street = s;
    *house_no = KT_STR("");
    if (count < 2)
        return;
    for (size_t i = count; i-- > 1;) {
        if (is_number_token(token[i]))
            first = i;
        else if (!is_tail_token(token[i]))
            break;
    }
    if (first < count) {
        size_t from = (size_t)(token[first].p - s.p);
        if (s.n - from > HOUSE_NO_MAX)
            return;
        *house_no = kt_str_part(s, from, s.n - from);
        *street = without_comma(kt_str_part(s, 0, from));
        return;
    }
    struct kt_str lead = without_comma(token[0]);
    if (is_number_token(lead) && lead.n <= HOUSE_NO_MAX) {
        *house_no = lead;
        *street = kt_str_part(s, token[0].n, s.n - token[0].n);
        *street = kt_str_trim(*street);
    }
}

/* "DE-BY" is SAP's BY; "Bayern" is no code and is left out: SAP finds the region by postal code. */
static struct kt_str region_code(const struct kt_address *in)
{
    struct kt_str region = kt_str_trim(in->region);
    if (region.n > 3 && region.p[2] == '-' && in->country.n == 2 &&
        memcmp(region.p, in->country.p, 2) == 0)
        region = kt_str_part(region, 3, region.n - 3);
    return kt_utf8_count(region) <= REGION_MAX ? region : KT_STR("");
}

void kt_sap_address(struct kt_sap_address *out, const struct kt_address *in)
{
    struct kt_str company = kt_str_trim(in->company);
    struct kt_str name = kt_str_trim(in->name);
    struct kt_str second = kt_str_trim(in->street2);
    *out = (struct kt_sap_address){ .name1 = company.n > 0 ? company : name };
    if (company.n > 0 && name.n > 0) {
        out->name2 = name;
        out->name2_too = second;
    } else {
        out->name2 = second;
    }
    kt_sap_split_street(in->street, &out->street, &out->house_no);
    out->region = region_code(in);
}

size_t kt_sap_name2_length(const struct kt_sap_address *address)
{
    size_t n = kt_utf8_count(address->name2);
    return address->name2_too.n > 0 ? n + 2 + kt_utf8_count(address->name2_too) : n;
}
