/* Tables that commands print. Main thread; the cells live in the command's arena. */
#include "app/table.h"

#include <string.h>

#include "app/out.h"

enum { COLUMNS_MAX = 16, CELL_MAX = 4096, SHOWN_MAX = 4 * CELL_MAX };

void kt_table_init(struct kt_table *t, struct kt_arena *a, const char *const *title, size_t columns)
{
    KT_ASSERT(columns > 0 && columns <= COLUMNS_MAX);
    *t = (struct kt_table){ .arena = a, .title = title, .columns = columns };
}

/* A cell holds what will be shown, so that widths and bytes agree. */
void kt_table_str(struct kt_table *t, struct kt_str s)
{
    struct kt_buf shown;
    if (t->count == t->room) {
        size_t room = t->room == 0 ? 8 * t->columns : 2 * t->room;
        struct kt_str *more = KT_NEW_ARRAY(t->arena, room, struct kt_str);
        if (t->count > 0)
            memcpy(more, t->cell, t->count * sizeof *more);
        t->cell = more;
        t->room = room;
    }
    kt_buf_init(&shown, t->arena, SHOWN_MAX); /* a bad byte shows as three */
    kt_out_text(&shown, kt_str_part(s, 0, kt_utf8_fit(s, CELL_MAX)));
    t->cell[t->count++] = kt_buf_view(&shown);
}

void kt_table_text(struct kt_table *t, const char *text)
{
    kt_table_str(t, kt_str_of(text));
}

void kt_table_number(struct kt_table *t, int64_t number)
{
    kt_table_text(t, kt_format(t->arena, "%lld", (long long)number));
}

void kt_table_instant(struct kt_table *t, int64_t at_us)
{
    struct kt_buf text;
    kt_buf_init(&text, t->arena, 64);
    kt_out_instant(&text, at_us);
    kt_table_str(t, kt_buf_view(&text));
}

void kt_table_age(struct kt_table *t, int64_t age_us)
{
    struct kt_buf text;
    kt_buf_init(&text, t->arena, 64);
    kt_out_age(&text, age_us);
    kt_table_str(t, kt_buf_view(&text));
}

static void pad(struct kt_buf *out, size_t width, size_t to)
{
    for (; width < to; width++)
        kt_buf_char(out, ' ');
}

/* One line; the last column on the left is not padded, so that no blanks end a line. */
static void print_row(const struct kt_table *t, struct kt_buf *out, const struct kt_str *cell,
                      const size_t *width)
{
    for (size_t i = 0; i < t->columns; i++) {
        bool is_right = t->title[i][0] == '>';
        bool is_last = i + 1 == t->columns;
        size_t own = kt_out_width(cell[i]);
        if (i > 0)
            kt_buf_text(out, "  ");
        if (is_right)
            pad(out, own, width[i]);
        kt_buf_str(out, cell[i]);
        if (!is_right && !is_last)
            pad(out, own, width[i]);
    }
    kt_buf_char(out, '\n');
}

void kt_table_print(const struct kt_table *t, struct kt_buf *out)
{
    size_t width[COLUMNS_MAX] = { 0 };
    struct kt_str title[COLUMNS_MAX];
    KT_ASSERT(t->count % t->columns == 0);
    for (size_t i = 0; i < t->columns; i++) {
        title[i] = kt_str_of(t->title[i] + (t->title[i][0] == '>'));
        width[i] = kt_out_width(title[i]);
    }
    for (size_t i = 0; i < t->count; i++) {
        size_t own = kt_out_width(t->cell[i]);
        if (own > width[i % t->columns])
            width[i % t->columns] = own;
    }
    print_row(t, out, title, width);
    for (size_t i = 0; i < t->count; i += t->columns)
        print_row(t, out, t->cell + i, width);
}
