/* Fields of segments: texts, numbers, days, languages as SAP writes them into IDocs, and tables
 * that put them into our records. Pure, any thread; called by the readers of the message types. */
#include "format/idoc_inner.h"

#include <string.h>

/* --- texts and numbers --- */

struct kt_str kt_idoc_bare(struct kt_str text)
{
    size_t zeros = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return text;
    }
    while (zeros < text.n && text.p[zeros] == '0')
        zeros++;
    return (struct kt_str){ text.p + zeros, text.n - zeros };
}

bool kt_idoc_is_our_key(struct kt_str text)
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    enum { KEY_CHARACTERS = 32 };
    if (text.n != KEY_CHARACTERS || text.p[0] != 'K')
        return false;
    for (size_t i = 1; i < text.n; i++) {
        if (text.p[i] == '\0' || strchr(digits, text.p[i]) == NULL)
            return false;
    }
    return true;
}

struct kt_str kt_idoc_text(const struct kt_xml_node *segment, const char *field, bool *is_said)
{
    bool said = true;
    struct kt_str found = KT_STR("");
    while (*field != '\0' && found.n == 0) {
        char name[64];
        size_t n = strcspn(field, "|");
        KT_ASSERT(n < sizeof name);
        memcpy(name, field, n);
        name[n] = '\0';
        field += field[n] == '|' ? n + 1 : n;
        struct kt_str text = kt_xml_text_of(segment, name);
        text = text.p == NULL ? KT_STR("") : kt_str_trim(text);
        if (kt_str_is(text, "/")) /* SAP's sign for "nothing is said of this field" */
            said = false;
        else
            found = text;
    }
    if (is_said != NULL)
        *is_said = said || found.n > 0;
    return found;
}

struct kt_str kt_idoc_number(const struct kt_xml_node *segment, const char *field)
{
    return kt_idoc_bare(kt_idoc_text(segment, field, NULL));
}

bool kt_idoc_is(const struct kt_xml_node *segment, const char *field, const char *value)
{
    return kt_str_is(kt_idoc_text(segment, field, NULL), value);
}

bool kt_idoc_is_delete(const struct kt_xml_node *segment)
{
    return kt_idoc_is(segment, "MSGFN", "003");
}

bool kt_idoc_dec(struct kt_idoc_reader *r, struct kt_dec *out, const struct kt_xml_node *segment,
                 const char *field)
{
    struct kt_str text = kt_idoc_text(segment, field, NULL);
    struct kt_dec d = { 0 };
    if (text.n == 0)
        return false;
    if (!kt_dec_parse(&d, text)) {
        kt_idoc_fault(r, segment, field, text);
        return false;
    }
    *out = kt_dec_trim(d);
    return true;
}

bool kt_idoc_day(struct kt_idoc_reader *r, struct kt_day *out, const struct kt_xml_node *segment,
                 const char *field)
{
    struct kt_str text = kt_idoc_text(segment, field, NULL);
    if (text.n == 0 || kt_str_is(text, "00000000") || kt_str_is(text, "99991231"))
        return false;
    if (kt_day_parse(out, text))
        return true;
    kt_idoc_fault(r, segment, field, text);
    return false;
}

struct kt_str kt_idoc_language(const struct kt_xml_node *segment, const char *iso,
                               const char *letter, struct kt_arena *a)
{
    static const char letters[] =
        "D=de E=en F=fr I=it S=es N=nl P=pt K=da V=sv O=no U=fi L=pl C=cs "
        "Q=sk H=hu R=ru T=tr G=el W=bg 4=ro 6=hr 5=sl 9=et Y=lv X=lt J=ja "
        "1=zh 3=ko A=ar B=he 8=uk 2=th ";
    struct kt_str code = kt_idoc_text(segment, iso, NULL);
    struct kt_str key = kt_idoc_text(segment, letter, NULL);
    if (code.n == 0 && key.n == 2)
        code = key;
    if (code.n > 0)
        return kt_str_lower(a, code);
    for (const char *p = letters; key.n == 1 && *p != '\0'; p += 5) {
        if (*p == key.p[0])
            return kt_str_copy(a, (struct kt_str){ p + 2, 2 });
    }
    return KT_STR("");
}

/* --- floats --- */

enum { FLOAT_DIGITS = 15, FLOAT_POWER = 30 }; /* what a double is sure of; what anybody measures */

struct digits {
    char digit[FLOAT_DIGITS + 1]; /* one more, to round by */
    int n;
    int power; /* 0.ddd * 10^power */
    bool is_negative;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* d.ddd: takes it off the front. */
static bool read_mantissa(struct digits *d, struct kt_str *s)
{
    bool has_point = false;
    bool has_digit = false;
    size_t i = 0;
    for (; i < s->n && (s->p[i] == '.' || is_digit(s->p[i])); i++) {
        if (s->p[i] == '.' && has_point)
            return false;
        if (s->p[i] == '.') {
            has_point = true;
            continue;
        }
        bool is_leading = d->n == 0 && s->p[i] == '0';
        has_digit = true;
        if (!is_leading && d->n < FLOAT_DIGITS + 1)
            d->digit[d->n++] = (char)(s->p[i] - '0');
        if (is_leading == has_point) /* a digit in front of the point, a zero behind it */
            d->power += is_leading ? -1 : 1;
        if (d->power > FLOAT_POWER || d->power < -FLOAT_POWER)
            return false;
    }
    *s = kt_str_part(*s, i, s->n);
    return has_digit;
}

/* E[+-]dd, or nothing. */
static bool read_exponent(struct digits *d, struct kt_str s)
{
    enum { MOST_DIGITS = 3 };
    int power = 0;
    if (s.n == 0)
        return true;
    if (s.p[0] != 'E' && s.p[0] != 'e')
        return false;
    s = kt_str_part(s, 1, s.n);
    bool is_negative = s.n > 0 && s.p[0] == '-';
    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'))
        s = kt_str_part(s, 1, s.n);
    if (s.n == 0 || s.n > MOST_DIGITS)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return false;
        power = power * 10 + (s.p[i] - '0');
    }
    d->power += is_negative ? -power : power;
    return d->n == 0 || (d->power <= FLOAT_POWER && d->power >= -FLOAT_POWER);
}

/* [-]d.ddd[E[+-]dd][-] */
static bool read_float(struct digits *d, struct kt_str s)
{
    *d = (struct digits){ 0 };
    if (s.n > 0 && s.p[s.n - 1] == '-') {
        d->is_negative = true;
        s.n--;
    }
    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+')) {
        d->is_negative = s.p[0] == '-' || d->is_negative;
        s = kt_str_part(s, 1, s.n);
    }
    return read_mantissa(d, &s) && read_exponent(d, s);
}

/* To FLOAT_DIGITS digits, half up; trailing zeros go. */
static void round_float(struct digits *d)
{
    if (d->n > FLOAT_DIGITS) {
        int i = FLOAT_DIGITS - 1;
        bool is_up = d->digit[FLOAT_DIGITS] >= 5;
        d->n = FLOAT_DIGITS;
        for (; is_up && i >= 0 && d->digit[i] == 9; i--)
            d->digit[i] = 0;
        if (is_up && i >= 0) {
            d->digit[i]++;
        } else if (is_up) { /* 9.99… becomes 10 */
            d->digit[0] = 1;
            d->power++;
        }
    }
    while (d->n > 0 && d->digit[d->n - 1] == 0)
        d->n--;
}

struct kt_str kt_idoc_float_text(struct kt_str text, struct kt_arena *a)
{
    struct digits d;
    struct kt_buf out;
    if (!read_float(&d, text))
        return (struct kt_str){ NULL, 0 };
    round_float(&d);
    kt_buf_init(&out, a, 128);
    if (d.n == 0) {
        kt_buf_char(&out, '0');
        return kt_buf_view(&out);
    }
    if (d.is_negative)
        kt_buf_char(&out, '-');
    if (d.power <= 0)
        kt_buf_char(&out, '0');
    for (int i = 0; i < d.power; i++)
        kt_buf_char(&out, (char)('0' + (i < d.n ? d.digit[i] : 0)));
    if (d.n > d.power)
        kt_buf_char(&out, '.');
    for (int i = d.power; i < 0; i++)
        kt_buf_char(&out, '0');
    for (int i = d.power > 0 ? d.power : 0; i < d.n; i++)
        kt_buf_char(&out, (char)('0' + d.digit[i]));
    return kt_buf_view(&out);
}
