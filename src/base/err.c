/* Verdicts, their parameters and trail, and the sentences people read. Pure; any thread; every room
 * calls it. The table behind it is errors.def. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct row {
    const char *name;
    enum kt_owner owner;
    enum kt_class topic;
    const char *sentence[2]; /* by enum kt_lang */
    const char *suggestion[2];
};

static const struct row rows[KT_E_COUNT] = {
    [KT_E_NONE] = { "NONE", KT_OWNER_IT, KT_CLASS_DATA, { "", "" }, { "", "" } },
#define ERROR(code, whose, class, en, en_do, de, de_do)                                 \
    [KT_E_##code] = {                                                                   \
        #code, KT_OWNER_##whose, KT_CLASS_##class, { (en), (de) }, { (en_do), (de_do) } \
    },
#include "base/errors.def"
#undef ERROR
};

/* The length of a character that may stand in a one-line text for people: 0 where the byte is
 * ill-formed or the character is a control (C0, DEL, C1), which could move a terminal's cursor. */
static size_t harmless_step(struct kt_str s)
{
    size_t n = kt_utf8_step(s);
    unsigned char c = n == 0 ? 0 : (unsigned char)s.p[0];
    if (n == 1 && (c < 0x20 || c == 0x7F))
        return 0;
    if (n == 2 && c == 0xC2 && (unsigned char)s.p[1] < 0xA0)
        return 0;
    return n;
}

static void param_set_text(struct kt_param *p, const char *text)
{
    struct kt_str s = kt_str_of(text);
    size_t n = 0;
    size_t at = 0;
    while (at < s.n) {
        struct kt_str rest = kt_str_part(s, at, s.n);
        size_t step = harmless_step(rest);
        size_t take = step == 0 ? 1 : step;
        if (n + take >= sizeof(p->value))
            break;
        if (step == 0)
            p->value[n] = ' ';
        else
            memcpy(p->value + n, rest.p, step);
        n += take;
        /* An ill-formed or control character of several bytes becomes one blank. */
        at += step != 0 || kt_utf8_step(rest) == 0 ? take : kt_utf8_step(rest);
    }
    p->value[n] = '\0';
}

static void verdict_fill(struct kt_verdict *v, enum kt_rc rc, enum kt_reach reach,
                         enum kt_code code, va_list args)
{
    KT_ASSERT((unsigned)code < KT_E_COUNT);
    memset(v, 0, sizeof(*v));
    v->rc = rc;
    v->reach = reach;
    v->code = code;
    for (size_t i = 0;; i++) {
        struct kt_param_in in = va_arg(args, struct kt_param_in);
        if (in.name == NULL)
            return;
        KT_ASSERT(i < KT_PARAMS);
        struct kt_param *p = &v->param[i];
        p->name = in.name;
        p->is_personal = in.is_personal;
        if (in.is_number)
            (void)snprintf(p->value, sizeof(p->value), "%lld", (long long)in.number);
        else
            param_set_text(p, in.text);
    }
}

enum kt_rc kt_fail_with(struct kt_err *e, enum kt_rc rc, enum kt_reach reach, enum kt_code code,
                        ...)
{
    KT_ASSERT(rc != KT_OK);
    KT_ASSERT(e->v.rc == KT_OK); /* the first failure is the true one */
    va_list args;
    va_start(args, code);
    verdict_fill(&e->v, rc, reach, code, args);
    va_end(args);
    e->trail[0] = '\0';
    return rc;
}

void kt_judge_with(struct kt_verdict *v, enum kt_rc rc, enum kt_reach reach, enum kt_code code, ...)
{
    va_list args;
    va_start(args, code);
    verdict_fill(v, rc, reach, code, args);
    va_end(args);
}

enum kt_rc kt_trail(struct kt_err *e, const char *fmt, ...)
{
    KT_ASSERT(e->v.rc != KT_OK); /* else a failing path would hand on "OK" */
    size_t n = strlen(e->trail);
    const char *gap = n == 0 ? "" : "; ";
    char piece[KT_TRAIL_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(piece, sizeof(piece), fmt, args); /* cut at its size, then at a character */
    va_end(args);
    size_t room = sizeof(e->trail) - 1 - n;
    if (room <= strlen(gap))
        return e->v.rc;
    struct kt_str s = kt_str_of(piece);
    size_t max = room - strlen(gap);
    if (s.n == sizeof(piece) - 1 && max >= s.n)
        max = s.n - 1; /* vsnprintf may have cut inside a character */
    (void)snprintf(e->trail + n, room + 1, "%s%.*s", gap, (int)kt_utf8_fit(s, max), piece);
    return e->v.rc;
}

void kt_err_clear(struct kt_err *e)
{
    memset(e, 0, sizeof(*e));
}

const char *kt_rc_name(enum kt_rc rc)
{
    switch (rc) {
    case KT_OK:
        return "OK";
    case KT_RETRY:
        return "RETRY";
    case KT_REJECT:
        return "REJECT";
    case KT_UNSURE:
        return "UNSURE";
    case KT_CONFIG:
        return "CONFIG";
    case KT_WAIT:
        return "WAIT";
    }
    kt_assert_failed("a known verdict", __FILE__, __LINE__);
}

static const struct row *row_of(enum kt_code code)
{
    KT_ASSERT((unsigned)code < KT_E_COUNT);
    return &rows[code];
}

const char *kt_code_name(enum kt_code code)
{
    return row_of(code)->name;
}

enum kt_code kt_code_find(const char *name)
{
    for (unsigned i = 1; name != NULL && i < KT_E_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return (enum kt_code)i;
    }
    return KT_E_NONE;
}

enum kt_owner kt_code_owner(enum kt_code code)
{
    return row_of(code)->owner;
}

enum kt_class kt_code_class(enum kt_code code)
{
    return row_of(code)->topic;
}

const char *kt_owner_name(enum kt_owner owner)
{
    switch (owner) {
    case KT_OWNER_CLERK:
        return "clerk";
    case KT_OWNER_IT:
        return "it";
    case KT_OWNER_PARTNER:
        return "partner";
    }
    kt_assert_failed("a known owner", __FILE__, __LINE__);
}

static const char *param_value(const struct kt_verdict *v, struct kt_str name)
{
    for (size_t i = 0; i < KT_PARAMS && v->param[i].name != NULL; i++) {
        if (kt_str_is(name, v->param[i].name))
            return v->param[i].value;
    }
    return NULL;
}

static const struct {
    const char *english;
    const char *german;
} fields[] = {
#define FIELD(en, de) { (en), (de) },
#include "base/fields.def"
#undef FIELD
};

/* The German word for a {field}; *rest: what stands behind it, as it is. */
static const char *german_field(const char *value, const char **rest)
{
    for (size_t i = 0; i < KT_COUNT(fields); i++) {
        size_t n = strlen(fields[i].english);
        bool is_beginning = fields[i].english[n - 1] == ' ';
        if (strncmp(value, fields[i].english, n) != 0 || (!is_beginning && value[n] != '\0'))
            continue;
        *rest = value + n;
        return fields[i].german;
    }
    *rest = "";
    return value;
}

/* Adds as much of s as fits, whole characters only; false once something was left out. */
static bool append(char *out, size_t size, size_t *n, struct kt_str s)
{
    size_t take = kt_utf8_fit(s, size - 1 - *n);
    memcpy(out + *n, s.p, take);
    *n += take;
    out[*n] = '\0';
    return take == s.n;
}

static void render(const struct kt_verdict *v, enum kt_lang lang, const char *pattern, char *out,
                   size_t size)
{
    KT_ASSERT(size > 0);
    size_t n = 0;
    out[0] = '\0';
    const char *p = pattern;
    bool fits = true;
    while (*p != '\0' && fits) {
        size_t plain = strcspn(p, "{");
        fits = append(out, size, &n, (struct kt_str){ p, plain });
        p += plain;
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        if (end == NULL) {
            if (fits)
                (void)append(out, size, &n, kt_str_of(p)); /* cut at its size */
            return;
        }
        struct kt_str name = { p + 1, (size_t)(end - p - 1) };
        const char *value = param_value(v, name);
        const char *rest = "";
        struct kt_str shown = { p, (size_t)(end - p + 1) };
        if (value != NULL && lang == KT_LANG_DE && kt_str_is(name, "field"))
            value = german_field(value, &rest);
        if (value != NULL)
            shown = kt_str_of(value);
        fits = fits && append(out, size, &n, shown) && append(out, size, &n, kt_str_of(rest));
        p = end + 1;
    }
}

void kt_sentence(const struct kt_verdict *v, enum kt_lang lang, char *out, size_t size)
{
    render(v, lang, row_of(v->code)->sentence[lang == KT_LANG_DE], out, size);
}

void kt_suggestion(const struct kt_verdict *v, enum kt_lang lang, char *out, size_t size)
{
    render(v, lang, row_of(v->code)->suggestion[lang == KT_LANG_DE], out, size);
}
