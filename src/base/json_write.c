/* Writes JSON: canonical text of parsed values, pieces for writers that walk their own structures,
 * and differences for people. Pure; any thread; map, flow, admin and the command line call it. */
#include <stdio.h>

#include "base/json_node.h"

enum { SHOWN_MAX = 160, RENDERED_MAX = 1024 * 1024, PATH_MAX_BYTES = 4096 };

static void put_escape(struct kt_buf *out, unsigned char c)
{
    static const char names[] = "btn_fr"; /* of 8 to 13; 11 has none */
    if (c == '"' || c == '\\')
        kt_buf_format(out, "\\%c", c);
    else if (c >= 8 && c <= 13 && c != 11)
        kt_buf_format(out, "\\%c", names[c - 8]);
    else
        kt_buf_format(out, "\\u%04x", c);
}

/* ASCII that stands for itself. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void kt_json_put_text(struct kt_buf *out, struct kt_str s)
{
    size_t from = 0;
    size_t at = 0;
    kt_buf_char(out, '"');
    while (at < s.n) {
        if (is_plain((unsigned char)s.p[at])) { /* nearly all of nearly every text */
            at++;
            continue;
        }
        size_t step = kt_utf8_step(kt_str_part(s, at, s.n));
        unsigned char c = (unsigned char)s.p[at];
        if (step == 0 || c < 0x20 || c == '"' || c == '\\') {
            kt_buf_str(out, kt_str_part(s, from, at - from));
            if (step == 0)
                kt_buf_text(out, "\xEF\xBF\xBD"); /* what is no UTF-8 must not reach a partner */
            else
                put_escape(out, c);
            from = at + 1;
        }
        at += step == 0 ? 1 : step;
    }
    kt_buf_str(out, kt_str_part(s, from, at - from));
    kt_buf_char(out, '"');
}

void kt_json_put_name(struct kt_buf *out, bool *is_first, const char *name)
{
    if (!*is_first)
        kt_buf_char(out, ',');
    *is_first = false;
    kt_json_put_text(out, kt_str_of(name));
    kt_buf_char(out, ':');
}

static void write_list(struct kt_buf *out, const struct kt_json *j)
{
    kt_buf_char(out, '[');
    for (size_t i = 0; i < j->count; i++) {
        if (i > 0)
            kt_buf_char(out, ',');
        kt_json_write(out, &j->in.item[i]);
    }
    kt_buf_char(out, ']');
}

static void write_object(struct kt_buf *out, const struct kt_json *j)
{
    kt_buf_char(out, '{');
    for (size_t i = 0; i < j->count; i++) {
        const struct kt_json_member *m = kt_json_sorted_at(j, i);
        if (i > 0)
            kt_buf_char(out, ',');
        kt_json_put_text(out, m->name);
        kt_buf_char(out, ':');
        kt_json_write(out, &m->value);
    }
    kt_buf_char(out, '}');
}

void kt_json_write(struct kt_buf *out, const struct kt_json *j)
{
    switch (kt_json_type(j)) {
    case KT_JSON_NULL:
        kt_buf_text(out, "null");
        break;
    case KT_JSON_BOOL:
        kt_buf_text(out, j->is_true ? "true" : "false");
        break;
    case KT_JSON_NUMBER:
        kt_buf_str(out, j->text);
        break;
    case KT_JSON_TEXT:
        kt_json_put_text(out, j->text);
        break;
    case KT_JSON_LIST:
        write_list(out, j);
        break;
    case KT_JSON_OBJECT:
        write_object(out, j);
        break;
    }
}

struct diff {
    struct kt_buf *out;
    struct kt_buf path;
    const char *indent;
};

/* A value as one line for people, cut where it gets long. Absent is told apart from null. */
static void show(struct diff *d, const struct kt_json *j)
{
    if (j == NULL) {
        kt_buf_text(d->out, "(none)");
        return;
    }
    struct kt_buf text;
    kt_buf_init(&text, d->out->arena, RENDERED_MAX);
    kt_json_write(&text, j);
    struct kt_str all = kt_buf_view(&text);
    size_t n = kt_utf8_fit(all, SHOWN_MAX);
    kt_buf_str(d->out, kt_str_part(all, 0, n));
    if (n < all.n || !kt_buf_ok(&text))
        kt_buf_text(d->out, "…");
}

static void show_both(struct diff *d, const struct kt_json *a, const struct kt_json *b)
{
    struct kt_str path = kt_buf_view(&d->path);
    kt_buf_text(d->out, d->indent);
    if (path.n == 0)
        kt_buf_text(d->out, "(all)");
    else
        kt_buf_str(d->out, path);
    kt_buf_text(d->out, ": ");
    show(d, a);
    kt_buf_text(d->out, " -> ");
    show(d, b);
    kt_buf_char(d->out, '\n');
}

static void diff_values(struct diff *d, const struct kt_json *a, const struct kt_json *b);

static void path_back(struct diff *d, size_t n)
{
    d->path.n = n;
    d->path.p[n] = '\0';
    d->path.is_full = false;
}

static void diff_member(struct diff *d, struct kt_str name, const struct kt_json *a,
                        const struct kt_json *b)
{
    size_t before = d->path.n;
    if (before > 0)
        kt_buf_char(&d->path, '.');
    /* A partner's name may hold anything: what could break the line is escaped like a value. */
    bool is_plain = kt_utf8_ok(name);
    for (size_t i = 0; i < name.n && is_plain; i++)
        is_plain = (unsigned char)name.p[i] >= 0x20;
    if (is_plain)
        kt_buf_str(&d->path, name);
    else
        kt_json_put_text(&d->path, name);
    diff_values(d, a, b);
    path_back(d, before);
}

/* Both in the order of names; an absent object has no members. */
static void diff_objects(struct diff *d, const struct kt_json *a, const struct kt_json *b)
{
    size_t i = 0;
    size_t k = 0;
    size_t count_a = a == NULL ? 0 : a->count;
    size_t count_b = b == NULL ? 0 : b->count;
    while (i < count_a || k < count_b) {
        const struct kt_json_member *x = i < count_a ? kt_json_sorted_at(a, i) : NULL;
        const struct kt_json_member *y = k < count_b ? kt_json_sorted_at(b, k) : NULL;
        int order = x == NULL ? 1 : y == NULL ? -1 : kt_str_cmp(x->name, y->name);
        bool has_old = order <= 0;
        bool has_new = order >= 0;
        if (has_old && x != NULL)
            diff_member(d, x->name, &x->value, has_new && y != NULL ? &y->value : NULL);
        else if (y != NULL)
            diff_member(d, y->name, NULL, &y->value);
        i += has_old;
        k += has_new;
    }
}

static void diff_lists(struct diff *d, const struct kt_json *a, const struct kt_json *b)
{
    size_t count = a->count > b->count ? a->count : b->count;
    size_t before = d->path.n;
    for (size_t i = 0; i < count; i++) {
        kt_buf_format(&d->path, "[%zu]", i);
        diff_values(d, kt_json_at(a, i), kt_json_at(b, i));
        path_back(d, before);
    }
}

static void diff_values(struct diff *d, const struct kt_json *a, const struct kt_json *b)
{
    bool has_object = kt_json_type(a) == KT_JSON_OBJECT || kt_json_type(b) == KT_JSON_OBJECT;
    bool may_descend = (a == NULL || kt_json_type(a) == KT_JSON_OBJECT) &&
                       (b == NULL || kt_json_type(b) == KT_JSON_OBJECT);
    if (has_object && may_descend && kt_json_count(a) + kt_json_count(b) > 0) {
        diff_objects(d, a, b);
        return;
    }
    bool is_same = a != NULL && b != NULL && a->type == b->type;
    if (is_same && a->type == KT_JSON_LIST) {
        diff_lists(d, a, b);
        return;
    }
    if (is_same)
        is_same = a->is_true == b->is_true && kt_str_eq(a->text, b->text);
    if (!is_same)
        show_both(d, a, b);
}

void kt_json_diff(struct kt_buf *out, const struct kt_json *old_value,
                  const struct kt_json *new_value, const char *indent)
{
    struct diff d = { .out = out, .indent = indent };
    if (old_value == NULL && kt_json_count(new_value) == 0 &&
        (new_value == NULL || new_value->type == KT_JSON_OBJECT))
        return; /* absent reads as {} */
    if (new_value == NULL && old_value != NULL && old_value->type == KT_JSON_OBJECT &&
        old_value->count == 0)
        return;
    kt_buf_init(&d.path, out->arena, PATH_MAX_BYTES);
    diff_values(&d, old_value, new_value);
}
