/* Prints JSON with one value a line and compares two texts line by line. Pure; called by commands.
 */
#include "app/pretty.h"

#include <string.h>

#include "app/out.h"

enum { STEP = 2, CONTEXT = 2, CELLS_MAX = 4 << 20 };

static void write_value(struct kt_buf *out, const struct kt_json *j, int depth);

static void new_line(struct kt_buf *out, int depth)
{
    kt_buf_format(out, "\n%*s", depth * STEP, "");
}

static void write_items(struct kt_buf *out, const struct kt_json *j, int depth)
{
    bool is_object = kt_json_type(j) == KT_JSON_OBJECT;
    kt_buf_char(out, is_object ? '{' : '[');
    for (size_t i = 0; i < kt_json_count(j); i++) {
        const struct kt_json *value = is_object ? NULL : kt_json_at(j, i);
        const char *name = is_object ? kt_json_name_at(j, i, &value) : NULL;
        if (i > 0)
            kt_buf_char(out, ',');
        new_line(out, depth + 1);
        if (name != NULL) {
            kt_json_put_text(out, kt_str_of(name));
            kt_buf_text(out, ": ");
        }
        write_value(out, value, depth + 1);
    }
    if (kt_json_count(j) > 0)
        new_line(out, depth);
    kt_buf_char(out, is_object ? '}' : ']');
}

static void write_value(struct kt_buf *out, const struct kt_json *j, int depth)
{
    if (kt_json_type(j) == KT_JSON_OBJECT || kt_json_type(j) == KT_JSON_LIST)
        write_items(out, j, depth);
    else
        kt_json_write(out, j);
}

void kt_pretty_json(struct kt_buf *out, const struct kt_json *j)
{
    write_value(out, j, 0);
}

/* --- differences --- */

struct lines {
    struct kt_str *item;
    size_t count;
};

static struct lines lines_of(struct kt_str text, struct kt_arena *a)
{
    struct lines l = { NULL, 0 };
    size_t count = text.n > 0 ? 1 : 0;
    for (size_t i = 0; i < text.n; i++)
        count += text.p[i] == '\n';
    l.item = KT_NEW_ARRAY(a, count + 1, struct kt_str);
    for (size_t from = 0; l.count < count; l.count++) {
        const char *end = memchr(text.p + from, '\n', text.n - from);
        size_t n = end != NULL ? (size_t)(end - text.p) - from : text.n - from;
        l.item[l.count] = kt_str_part(text, from, n);
        from += n + 1;
    }
    return l;
}

struct diff {
    struct kt_diff_line *line;
    size_t count;
};

static void add(struct diff *d, char mark, struct kt_str text)
{
    d->line[d->count++] = (struct kt_diff_line){ mark, text };
}

/* Lines from..old_end and from..new_end: the longest common subsequence stays. Too many of them:
 * all old ones went, all new ones came. */
static void compare_middle(struct diff *d, const struct lines *old_lines, size_t old_end,
                           const struct lines *new_lines, size_t new_end, size_t from,
                           struct kt_arena *a)
{
    const struct kt_str *x = old_lines->item + from;
    const struct kt_str *y = new_lines->item + from;
    const size_t xs = old_end - from;
    const size_t ys = new_end - from;
    const size_t wide = ys + 1;
    uint32_t *best = NULL;
    size_t i = 0;
    size_t k = 0;
    if (xs > 0 && ys > 0 && (xs + 1) <= CELLS_MAX / wide) {
        best = KT_NEW_ARRAY(a, (xs + 1) * wide, uint32_t);
        for (i = xs; i-- > 0;) {
            for (k = ys; k-- > 0;) {
                uint32_t down = best[(i + 1) * wide + k];
                uint32_t right = best[i * wide + k + 1];
                best[i * wide + k] = kt_str_eq(x[i], y[k]) ? best[(i + 1) * wide + k + 1] + 1
                                     : down > right        ? down
                                                           : right;
            }
        }
    }
    i = 0;
    k = 0;
    while (i < xs || k < ys) {
        if (best != NULL && i < xs && k < ys && kt_str_eq(x[i], y[k])) {
            add(d, ' ', x[i++]);
            k++;
        } else if (i < xs && (k == ys || best == NULL ||
                              best[(i + 1) * wide + k] >= best[i * wide + k + 1])) {
            add(d, '-', x[i++]);
        } else {
            add(d, '+', y[k++]);
        }
    }
}

struct kt_diff_line *kt_pretty_diff(struct kt_str old_text, struct kt_str new_text, size_t *count,
                                    bool *differs, struct kt_arena *a)
{
    const struct lines was = lines_of(old_text, a);
    const struct lines is = lines_of(new_text, a);
    size_t same = 0;
    size_t old_end = was.count;
    size_t new_end = is.count;
    struct diff d = { KT_NEW_ARRAY(a, was.count + is.count + 1, struct kt_diff_line), 0 };
    while (same < old_end && same < new_end && kt_str_eq(was.item[same], is.item[same]))
        add(&d, ' ', was.item[same++]);
    while (old_end > same && new_end > same &&
           kt_str_eq(was.item[old_end - 1], is.item[new_end - 1])) {
        old_end--;
        new_end--;
    }
    *differs = old_end > same || new_end > same;
    compare_middle(&d, &was, old_end, &is, new_end, same, a);
    for (size_t i = old_end; i < was.count; i++)
        add(&d, ' ', was.item[i]);
    *count = d.count;
    return d.line;
}

static bool is_near(const struct kt_diff_line *line, size_t count, size_t at)
{
    size_t from = at > CONTEXT ? at - CONTEXT : 0;
    for (size_t i = from; i < count && i <= at + CONTEXT; i++) {
        if (line[i].mark != ' ')
            return true;
    }
    return false;
}

void kt_pretty_put_diff(struct kt_buf *out, const struct kt_diff_line *line, size_t count,
                        const char *indent)
{
    bool is_cut = false;
    for (size_t i = 0; i < count; i++) {
        if (!is_near(line, count, i)) {
            is_cut = true;
            continue;
        }
        if (is_cut)
            kt_buf_format(out, "%s…\n", indent);
        is_cut = false;
        kt_buf_format(out, "%s%c ", indent, line[i].mark);
        kt_out_text(out, line[i].text);
        kt_buf_char(out, '\n');
    }
}

void kt_pretty_put_text(struct kt_buf *out, struct kt_str text, const char *indent)
{
    while (text.n > 0) {
        const char *end = memchr(text.p, '\n', text.n);
        size_t n = end != NULL ? (size_t)(end - text.p) : text.n;
        kt_buf_text(out, indent);
        kt_out_text(out, kt_str_part(text, 0, n));
        kt_buf_char(out, '\n');
        text = kt_str_part(text, end != NULL ? n + 1 : n, text.n);
    }
}
