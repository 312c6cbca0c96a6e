/* Single values of the configuration: text to number, time, size, address and so on, with a
 * sentence where it does not do. Called by conf.c. Messages show what was written, except for
 * secrets: there the mistake may be the secret itself standing in the file. */
#include "base/conf_node.h"

#include <string.h>

#include "base/dec.h"

enum { SHOWN_MAX = 60, NAME_MAX_BYTES = 40, URL_MAX_BYTES = 2000 };

static void refuse(const struct kt_conf_setting *s, const char *text, const char *must)
{
    int n = (int)kt_utf8_fit(kt_str_of(text), SHOWN_MAX);
    kt_problem(s->problems, "%s: \"%.*s\" %s", s->where, n, text, must);
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits with an optional minus, up to `*rest`; false on none and on overflow. */
static bool number_of(int64_t *out, const char *text, const char **rest)
{
    bool is_negative = *text == '-';
    int64_t value = 0;
    const char *p = text + is_negative;
    if (!is_digit(*p))
        return false;
    for (; is_digit(*p); p++) {
        int64_t digit = *p - '0';
        if (__builtin_mul_overflow(value, (int64_t)10, &value) ||
            __builtin_add_overflow(value, is_negative ? -digit : digit, &value))
            return false;
    }
    *out = value;
    *rest = p;
    return true;
}

static void set_number(const struct kt_conf_setting *s, const char *text, int64_t value)
{
    const struct kt_opt *o = s->opt;
    int64_t *out = s->out;
    if ((o->min != 0 || o->max != 0) && (value < o->min || value > o->max)) {
        kt_problem(s->problems, "%s: \"%.60s\" must be from %lld to %lld", s->where, text,
                   (long long)o->min, (long long)o->max);
        return;
    }
    *out = value;
}

/* A number and one letter that multiplies it; letters[i] stands for factors[i]. */
static bool with_unit(int64_t *out, const char *text, const char *letters, const int64_t *factors)
{
    const char *rest;
    int64_t value;
    if (!number_of(&value, text, &rest))
        return false;
    if (*rest != '\0') {
        const char *letter = strchr(letters, *rest);
        if (letter == NULL || rest[1] != '\0' ||
            __builtin_mul_overflow(value, factors[letter - letters], &value))
            return false;
    }
    *out = value;
    return true;
}

static void read_number(const struct kt_conf_setting *s, const char *text)
{
    const char *rest;
    int64_t value;
    if (!number_of(&value, text, &rest) || *rest != '\0')
        refuse(s, text, "is not a whole number");
    else
        set_number(s, text, value);
}

static void read_seconds(const struct kt_conf_setting *s, const char *text)
{
    static const int64_t factors[] = { 1, 60, 3600, 86400 };
    int64_t value;
    if (!with_unit(&value, text, "smhd", factors) || value < 0)
        refuse(s, text, "is not a time; write it like 30, 30s, 5m, 2h or 1d");
    else
        set_number(s, text, value);
}

static void read_size(const struct kt_conf_setting *s, const char *text)
{
    static const int64_t factors[] = { 1 << 10, 1 << 20, 1 << 30 };
    int64_t value;
    if (!with_unit(&value, text, "kMG", factors) || value < 0)
        refuse(s, text, "is not a size; write it like 4096, 512k, 8M or 1G");
    else
        set_number(s, text, value);
}

static void read_bool(const struct kt_conf_setting *s, const char *text)
{
    bool *out = s->out;
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        refuse(s, text, "must be true or false");
    else
        *out = text[0] == 't';
}

static void read_decimal(const struct kt_conf_setting *s, const char *text)
{
    struct kt_dec *out = s->out;
    if (!kt_dec_parse(out, kt_str_of(text)))
        refuse(s, text, "is not a decimal number like 12.50 with at most 6 places");
}

static void read_choice(const struct kt_conf_setting *s, const char *text)
{
    int *out = s->out;
    struct kt_buf must;
    for (int i = 0; s->opt->choices[i] != NULL; i++) {
        if (strcmp(s->opt->choices[i], text) == 0) {
            *out = i;
            return;
        }
    }
    kt_buf_init(&must, s->problems->arena, 4096);
    const char *meant = kt_conf_meant(text, s->opt->choices);
    if (meant != NULL)
        kt_buf_format(&must, "is no choice; did you mean %s? Choices: ", meant);
    else
        kt_buf_text(&must, "is no choice. Choices: ");
    for (size_t i = 0; s->opt->choices[i] != NULL; i++)
        kt_buf_format(&must, "%s%s", i == 0 ? "" : ", ", s->opt->choices[i]);
    refuse(s, text, must.p);
}

static void set_text(const struct kt_conf_setting *s, const char *text)
{
    const char **out = s->out;
    *out = kt_text_copy(s->arena, text);
}

static void read_text(const struct kt_conf_setting *s, const char *text)
{
    if (has_control(text))
        kt_problem(s->problems, "%s: holds line ends or control characters", s->where);
    else
        set_text(s, text);
}

static void read_name(const struct kt_conf_setting *s, const char *text)
{
    size_t n = strlen(text);
    if (n == 0 || n > NAME_MAX_BYTES || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") != n)
        refuse(s, text, "must be a name of a-z, 0-9, - and _, at most 40 characters");
    else
        set_text(s, text);
}

/* ":8443" or nothing. */
static bool port_ok(struct kt_str port)
{
    unsigned number = 0;
    if (port.n == 0)
        return true;
    if (port.p[0] != ':' || port.n < 2 || port.n > 6)
        return false;
    for (size_t i = 1; i < port.n; i++) {
        if (!is_digit(port.p[i]))
            return false;
        number = number * 10 + (unsigned)(port.p[i] - '0');
    }
    return number >= 1 && number <= 65535;
}

/* Bytes of the host, a name or an address in brackets; 0 where it is none. */
static size_t host_bytes(struct kt_str s)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    if (s.n > 0 && s.p[0] == '[') {
        size_t inner = strspn(s.p + 1, "0123456789abcdefABCDEF:.");
        return inner >= 2 && s.p[1 + inner] == ']' ? inner + 2 : 0;
    }
    size_t n = strspn(s.p, letters); /* ends at the latest where the address does */
    return s.p[0] == '.' || (n < s.n && s.p[n] != ':') ? 0 : n;
}

/* What is wrong with an address, or NULL. */
static const char *url_complaint(const char *text)
{
    const char *rest = NULL;
    if (strncmp(text, "https://", 8) == 0)
        rest = text + 8;
    else if (strncmp(text, "http://", 7) == 0)
        rest = text + 7;
    if (rest == NULL)
        return "must begin with https:// or http://";
    if (strlen(text) > URL_MAX_BYTES)
        return "is longer than 2000 bytes";
    if (has_control(text) || strpbrk(text, " \"<>\\^`{|}") != NULL)
        return "holds characters that an address must not hold";
    if (strchr(text, '#') != NULL)
        return "must not have a part behind #";
    struct kt_str host = { rest, strcspn(rest, "/?") };
    if (memchr(host.p, '@', host.n) != NULL)
        return "must not carry a login; there are settings for it";
    size_t n = host_bytes(host);
    if (n == 0)
        return "has no valid host";
    return port_ok(kt_str_part(host, n, host.n)) ? NULL : "has no valid port";
}

static void read_url(const struct kt_conf_setting *s, const char *text)
{
    const char *complaint = url_complaint(text);
    if (complaint == NULL)
        set_text(s, text);
    else if (strchr(text, '@') != NULL) /* a password may stand in it */
        kt_problem(s->problems, "%s: the address %s", s->where, complaint);
    else
        refuse(s, text, complaint);
}

static void read_file(const struct kt_conf_setting *s, const char *text)
{
    const char **out = s->out;
    if (text[0] == '\0' || has_control(text))
        kt_problem(s->problems, "%s: is not a file name", s->where);
    else
        *out = kt_format(s->arena, "%s%s", text[0] == '/' ? "" : s->folder, text);
}

static void read_secret(const struct kt_conf_setting *s, const char *text)
{
    const char **out = s->out;
    *out = kt_conf_secret(s, text);
}

void kt_conf_set_text(const struct kt_conf_setting *s, const char *text)
{
    static void (*const readers[])(const struct kt_conf_setting *, const char *) = {
        [KT_OPT_TEXT] = read_text,     [KT_OPT_NAME] = read_name,
        [KT_OPT_URL] = read_url,       [KT_OPT_FILE] = read_file,
        [KT_OPT_SECRET] = read_secret, [KT_OPT_NUMBER] = read_number,
        [KT_OPT_SECS] = read_seconds,  [KT_OPT_SIZE] = read_size,
        [KT_OPT_BOOL] = read_bool,     [KT_OPT_DECIMAL] = read_decimal,
        [KT_OPT_CHOICE] = read_choice,
    };
    KT_ASSERT((unsigned)s->opt->type < KT_COUNT(readers) && readers[s->opt->type] != NULL);
    readers[s->opt->type](s, text);
}

void kt_conf_set_list(const struct kt_conf_setting *s, const char *const *item, size_t count)
{
    struct kt_conf_texts *out = s->out;
    const char **copy = KT_NEW_ARRAY(s->arena, count, const char *);
    for (size_t i = 0; i < count; i++) {
        if (item[i][0] == '\0' || has_control(item[i])) {
            kt_problem(s->problems, "%s: entry %zu is empty or holds control characters", s->where,
                       i + 1);
            return;
        }
        copy[i] = kt_text_copy(s->arena, item[i]);
    }
    *out = (struct kt_conf_texts){ copy, count };
}

void kt_conf_set_zero(const struct kt_opt *opt, void *out)
{
    static const size_t sizes[] = {
        [KT_OPT_TEXT] = sizeof(const char *),   [KT_OPT_NAME] = sizeof(const char *),
        [KT_OPT_URL] = sizeof(const char *),    [KT_OPT_FILE] = sizeof(const char *),
        [KT_OPT_SECRET] = sizeof(const char *), [KT_OPT_NUMBER] = sizeof(int64_t),
        [KT_OPT_SECS] = sizeof(int64_t),        [KT_OPT_SIZE] = sizeof(int64_t),
        [KT_OPT_BOOL] = sizeof(bool),           [KT_OPT_DECIMAL] = sizeof(struct kt_dec),
        [KT_OPT_CHOICE] = sizeof(int),          [KT_OPT_LIST] = sizeof(struct kt_conf_texts),
    };
    KT_ASSERT((unsigned)opt->type < KT_COUNT(sizes) && sizes[opt->type] != 0);
    memset(out, 0, sizes[opt->type]);
}
