/* Log lines on standard error. Any thread; every room calls it. A line is built on the stack and
 * written at once; at most 4096 bytes, since pipes take that much without mixing writers. Names
 * come from the source, values from anywhere: values are quoted and escaped, names reduced to plain
 * ones. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"

#define LINE_END " cut=yes\n"

struct line {
    char p[KT_LOG_LINE_MAX];
    size_t n;
    bool is_cut;
};

/* Whole pieces only: once one does not fit, the line takes no more. Leaves room for a closing quote
 * and the end. */
static bool put(struct line *l, const char *piece, size_t n)
{
    if (l->is_cut || l->n + n > sizeof(l->p) - sizeof(LINE_END) - 1) {
        l->is_cut = true;
        return false;
    }
    memcpy(l->p + l->n, piece, n);
    l->n += n;
    return true;
}

static void put_text(struct line *l, const char *text)
{
    (void)put(l, text, strlen(text)); /* a cut is marked in the line */
}

static void put_name(struct line *l, const char *name)
{
    for (; *name != '\0'; name++) {
        char c = *name;
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_plain && c != '.' && c != '_' && c != '-')
            c = '_';
        (void)put(l, &c, 1); /* a cut is marked in the line */
    }
}

/* Characters that a terminal or an editor obeys or hides: C1 controls, separators of lines, marks
 * that turn the direction of writing, zero-width ones. */
static bool is_treacherous(uint32_t c)
{
    return (c >= 0x80 && c < 0xA0) || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF ||
           c == 0x061C;
}

/* One character as it may stand between quotes, in `out`; returns its bytes. */
static size_t escaped(const char *p, size_t n, char *out, size_t size)
{
    unsigned char c = (unsigned char)p[0];
    int written = 0;
    if (n == 0 || (n == 1 && (c < 0x20 || c == 0x7F))) {
        if (n == 1 && c == '\n')
            written = snprintf(out, size, "\\n");
        else if (n == 1 && c == '\t')
            written = snprintf(out, size, "\\t");
        else
            written = snprintf(out, size, "\\x%02x", c);
    } else if (n == 1 && (c == '"' || c == '\\')) {
        written = snprintf(out, size, "\\%c", c);
    } else if (n > 1 && is_treacherous(kt_utf8_code(p, n))) {
        written = snprintf(out, size, "\\u%04x", (unsigned)kt_utf8_code(p, n));
    } else {
        memcpy(out, p, n);
        return n;
    }
    KT_ASSERT(written > 0 && (size_t)written < size);
    return (size_t)written;
}

static void put_quoted(struct line *l, struct kt_str s)
{
    if (s.p == NULL) {
        put_text(l, "none");
        return;
    }
    if (!put(l, "\"", 1))
        return;
    size_t at = 0;
    while (at < s.n) {
        struct kt_str rest = kt_str_part(s, at, s.n);
        size_t n = kt_utf8_step(rest);
        char piece[16];
        if (!put(l, piece, escaped(rest.p, n, piece, sizeof(piece))))
            break;
        at += n == 0 ? 1 : n;
    }
    l->p[l->n++] = '"'; /* its room was kept free */
}

static void put_number(struct line *l, int64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%lld", (long long)number); /* always fits */
    put_text(l, text);
}

static void put_hidden(struct line *l, const char *text)
{
    put_text(l, "<hidden len=");
    put_number(l, text == NULL ? 0 : (int64_t)strlen(text));
    put_text(l, ">");
}

static void put_field(struct line *l, const struct kt_log_field *f)
{
    put_text(l, " ");
    put_name(l, f->name);
    put_text(l, "=");
    switch (f->kind) {
    case KT_F_TEXT:
        put_quoted(l, kt_str_of(f->text));
        break;
    case KT_F_STR:
        put_quoted(l, (struct kt_str){ f->text, (size_t)f->number });
        break;
    case KT_F_NUM:
        put_number(l, f->number);
        break;
    case KT_F_PERSON:
        put_hidden(l, f->text);
        break;
    case KT_F_SECRET: /* not even its length */
    case KT_F_END:
        put_text(l, "<secret>");
        break;
    }
}

static void put_fields(struct line *l, va_list args)
{
    for (;;) {
        struct kt_log_field f = va_arg(args, struct kt_log_field);
        if (f.kind == KT_F_END)
            return;
        put_field(l, &f);
    }
}

static const char *const level_names[] = { "debug", "info", "warn", "error" };

/* Time, level, event and what the logger carries. */
static void begin(struct line *l, const struct kt_log *log, enum kt_log_level level,
                  const char *event)
{
    char at[KT_TIME_TEXT_MAX];
    l->n = 0;
    l->is_cut = false;
    kt_time_text(kt_now_us(), at);
    char *point = strchr(at, '.');
    KT_ASSERT(point != NULL && strlen(point) == 8);
    point[4] = 'Z'; /* milliseconds are enough to read */
    point[5] = '\0';
    put_text(l, at);
    put_text(l, " ");
    put_text(l, level_names[level]);
    put_text(l, " event=");
    put_name(l, event);
    for (unsigned i = 0; log != NULL && i < log->count; i++)
        put_field(l, &log->carried[i]);
}

static void end(struct line *l)
{
    const char *tail = l->is_cut ? LINE_END : "\n";
    memcpy(l->p + l->n, tail, strlen(tail)); /* its room was kept free */
    l->n += strlen(tail);
    ssize_t written;
    do
        written = write(STDERR_FILENO, l->p, l->n);
    while (written < 0 && errno == EINTR);
    /* A log that cannot be written has nobody left to tell. */
}

static bool is_wanted(const struct kt_log *log, enum kt_log_level level)
{
    KT_ASSERT((unsigned)level < KT_COUNT(level_names));
    return level >= (log == NULL ? KT_LOG_INFO : log->least);
}

struct kt_log kt_log_with(const struct kt_log *log, struct kt_log_field field)
{
    struct kt_log more = *log;
    KT_ASSERT(more.count < KT_LOG_CARRIED);
    more.carried[more.count++] = field;
    return more;
}

void kt_log_line(const struct kt_log *log, enum kt_log_level level, const char *event, ...)
{
    if (!is_wanted(log, level))
        return;
    struct line l;
    va_list args;
    begin(&l, log, level, event);
    va_start(args, event);
    put_fields(&l, args);
    va_end(args);
    end(&l);
}

static void put_verdict(struct line *l, const struct kt_verdict *v)
{
    put_field(l, &F_TEXT("code", kt_code_name(v->code)));
    put_field(l, &F_TEXT("verdict", kt_rc_name(v->rc)));
    put_field(l, &F_TEXT("reach", v->reach == KT_ENDPOINT ? "endpoint" : "record"));
    if (v->retry_after_s > 0)
        put_field(l, &F_NUM("retry_after_s", v->retry_after_s));
    for (size_t i = 0; i < KT_PARAMS && v->param[i].name != NULL; i++) {
        const struct kt_param *p = &v->param[i];
        put_field(l, p->is_personal ? &F_PERSON(p->name, p->value) : &F_TEXT(p->name, p->value));
    }
}

void kt_log_failure_with(const struct kt_log *log, enum kt_log_level level, const char *event,
                         const struct kt_err *e, ...)
{
    if (!is_wanted(log, level))
        return;
    struct line l;
    va_list args;
    begin(&l, log, level, event);
    put_verdict(&l, &e->v);
    put_field(&l, &F_TEXT("trail", e->trail));
    va_start(args, e);
    put_fields(&l, args);
    va_end(args);
    end(&l);
}

bool kt_log_level_parse(enum kt_log_level *out, const char *name)
{
    for (unsigned i = 0; name != NULL && i < KT_COUNT(level_names); i++) {
        if (strcmp(level_names[i], name) == 0) {
            *out = (enum kt_log_level)i;
            return true;
        }
    }
    return false;
}
