/* format/csv on generated tables: what a writer by the book writes is what the reader reads, in
 * every separator, quote, line end and encoding; and damaged files are read or refused with a line,
 * never beyond their bytes. */
#include "format/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "generator.h"

enum { TABLES = 3000, ROWS = 12, COLUMNS = 8, FIELD = 24, DAMAGED = 6000 };

static const char marks[] = {
    [KT_CSV_SEMICOLON] = ';', [KT_CSV_COMMA] = ',', [KT_CSV_TAB] = '\t', [KT_CSV_PIPE] = '|'
};

struct bytes {
    struct kt_str all;
    size_t at;
    struct gen *g;
};

static enum kt_rc give(void *from, char *room, size_t size, size_t *got, struct kt_err *e)
{
    struct bytes *b = from;
    size_t n = b->all.n - b->at;
    size_t step = 1 + gen_below(b->g, 40);
    (void)e;
    n = n > size ? size : n;
    n = n > step ? step : n;
    if (n > 0)
        memcpy(room, b->all.p + b->at, n);
    b->at += n;
    *got = n;
    return KT_OK;
}

/* A text of which each character is also one byte of windows-1252 and of ISO-8859-1. */
static struct kt_str any_text(struct gen *g, struct kt_arena *a)
{
    static const char *const piece[] = { "a",  "Z", "0", " ", ";",  ",",    "\t", "|",
                                         "\"", "'", "ä", "ß", "\n", "\r\n", "x",  "€" };
    struct kt_buf out;
    size_t n = gen_below(g, FIELD);
    kt_buf_init(&out, a, 1024);
    for (size_t i = 0; i < n; i++)
        kt_buf_text(&out, piece[gen_below(g, KT_COUNT(piece) - 1)]);
    return kt_buf_view(&out);
}

static bool needs_quotes(struct kt_str s, char separator, char quote)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == separator || s.p[i] == quote || s.p[i] == '\n' || s.p[i] == '\r')
            return true;
    }
    return false;
}

/* In the encoding of the file: two bytes of UTF-8 are one of the others. */
static void put_char(struct kt_buf *out, struct kt_str s, size_t *i, int encoding)
{
    unsigned char c = (unsigned char)s.p[*i];
    if (c >= 0xC0 && encoding != KT_CSV_UTF_8) {
        kt_buf_char(out, (char)((c & 0x03) << 6 | ((unsigned char)s.p[*i + 1] & 0x3F)));
        (*i)++;
    } else {
        kt_buf_char(out, (char)c);
    }
}

static void put_field(struct kt_buf *out, struct kt_str s, const struct kt_csv_form *form,
                      struct gen *g)
{
    char quote = form->quote == KT_CSV_SINGLE ? '\'' : '"';
    bool is_quoted = needs_quotes(s, marks[form->separator], quote) || gen_below(g, 4) == 0;
    if (is_quoted)
        kt_buf_char(out, quote);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == quote)
            kt_buf_char(out, quote);
        put_char(out, s, &i, form->encoding);
    }
    if (is_quoted)
        kt_buf_char(out, quote);
}

struct table {
    struct kt_str field[ROWS][COLUMNS];
    size_t rows;
    size_t columns;
};

static void any_table(struct table *t, struct gen *g, struct kt_arena *a)
{
    t->rows = 1 + gen_below(g, ROWS);
    t->columns = 1 + gen_below(g, COLUMNS);
    for (size_t r = 0; r < t->rows; r++) {
        for (size_t c = 0; c < t->columns; c++)
            t->field[r][c] = any_text(g, a);
        if (t->columns == 1 && t->field[r][0].n == 0)
            t->field[r][0] = KT_STR("-"); /* else it were an empty line */
    }
}

static struct kt_str write_table(const struct table *t, const struct kt_csv_form *form,
                                 struct gen *g, struct kt_arena *a)
{
    struct kt_buf out;
    bool is_crlf = gen_below(g, 2) == 0;
    kt_buf_init(&out, a, 1 << 20);
    if (form->encoding == KT_CSV_UTF_8 && gen_below(g, 2) == 0)
        kt_buf_text(&out, "\xEF\xBB\xBF");
    for (size_t r = 0; r < t->rows; r++) {
        for (size_t c = 0; c < t->columns; c++) {
            if (c > 0)
                kt_buf_char(&out, marks[form->separator]);
            put_field(&out, t->field[r][c], form, g);
        }
        if (r + 1 < t->rows || gen_below(g, 2) == 0)
            kt_buf_text(&out, is_crlf ? "\r\n" : "\n");
    }
    assert_true(kt_buf_ok(&out));
    return kt_buf_view(&out);
}

static struct kt_csv_form any_form(struct gen *g)
{
    return (struct kt_csv_form){ .separator = (int)(1 + gen_below(g, 4)),
                                 .quote = (int)gen_below(g, 2),
                                 .encoding = (int)gen_below(g, 4) };
}

static void table__comes_back(void **state)
{
    struct gen g = gen_start("table__comes_back");
    struct kt_arena *a = kt_arena_new();
    (void)state;
    for (size_t i = 0; i < TABLES; i++) {
        struct table t;
        struct kt_csv_form form = any_form(&g);
        struct kt_csv_row row;
        struct kt_err e = { 0 };
        kt_arena_reset(a);
        any_table(&t, &g, a);
        struct bytes from = { write_table(&t, &form, &g, a), 0, &g };
        struct kt_csv *csv = kt_csv_open(&form, give, &from, a);
        for (size_t r = 0; r < t.rows; r++) {
            assert_int_equal(kt_csv_next(csv, &row, a, &e), KT_OK);
            assert_int_equal(row.why.v.code, KT_E_NONE);
            assert_false(row.is_last);
            assert_int_equal(row.fields, t.columns);
            for (size_t c = 0; c < t.columns; c++)
                assert_true(kt_str_eq(row.field[c], t.field[r][c]));
        }
        assert_int_equal(kt_csv_next(csv, &row, a, &e), KT_OK);
        assert_true(row.is_last);
    }
    kt_arena_free(a);
}

/* Each row is whole or refused; lines only grow; it ends. */
static void read_damaged(struct kt_str bytes, const struct kt_csv_form *form, struct gen *g,
                         struct kt_arena *a, size_t *refused)
{
    struct bytes from = { bytes, 0, g };
    struct kt_csv *csv = kt_csv_open(form, give, &from, a);
    uint64_t line = 0;
    for (size_t rows = 0;; rows++) {
        struct kt_csv_row row;
        struct kt_err e = { 0 };
        assert_true(rows <= bytes.n + 1);
        if (kt_csv_next(csv, &row, a, &e) != KT_OK) {
            assert_int_not_equal(e.v.code, KT_E_NONE);
            (*refused)++;
            return;
        }
        if (row.is_last)
            return;
        assert_true(row.line > line);
        line = row.line;
        *refused += row.why.v.code != KT_E_NONE ? 1 : 0;
        for (size_t i = 0; i < row.fields; i++)
            assert_true(kt_utf8_ok(row.field[i]) && row.field[i].p[row.field[i].n] == '\0');
    }
}

static void damage__is_read_or_refused(void **state)
{
    static const char bad[] = "\"';,\r\n\x80\xC3\xFF|\t";
    struct gen g = gen_start("damage__is_read_or_refused");
    struct kt_arena *a = kt_arena_new();
    size_t refused = 0;
    (void)state;
    for (size_t i = 0; i < DAMAGED; i++) {
        struct table t;
        struct kt_csv_form form = any_form(&g);
        kt_arena_reset(a);
        any_table(&t, &g, a);
        struct kt_str text = write_table(&t, &form, &g, a);
        char *copy = kt_alloc(a, text.n + 1);
        if (text.n > 0)
            memcpy(copy, text.p, text.n);
        for (size_t k = 0; text.n > 0 && k < 1 + gen_below(&g, 4); k++)
            copy[gen_below(&g, text.n)] = bad[gen_below(&g, sizeof bad)];
        form.separator = (int)gen_below(&g, 5);
        read_damaged((struct kt_str){ copy, gen_below(&g, text.n + 1) }, &form, &g, a, &refused);
    }
    assert_true(refused > DAMAGED / 4); /* the damage was felt */
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table__comes_back),
        cmocka_unit_test(damage__is_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
