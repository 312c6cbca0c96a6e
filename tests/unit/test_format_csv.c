/* format/csv: rows, quotes, encodings and what is said about those that cannot be read. */
#include "format/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct kt_arena *a;

static int begin(void **state)
{
    (void)state;
    a = kt_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    kt_arena_free(a);
    return 0;
}

/* Bytes given out in small pieces, so that every place of a file is the end of one. */
struct bytes {
    struct kt_str all;
    size_t at;
    size_t step;
};

static enum kt_rc give(void *from, char *room, size_t size, size_t *got, struct kt_err *e)
{
    struct bytes *b = from;
    size_t n = b->all.n - b->at;
    (void)e;
    n = n > size ? size : n;
    n = n > b->step ? b->step : n;
    if (n > 0)
        memcpy(room, b->all.p + b->at, n);
    b->at += n;
    *got = n;
    return KT_OK;
}

static struct bytes from;

static struct kt_csv *open_bytes(struct kt_csv_form form, struct kt_str text, size_t step)
{
    from = (struct bytes){ text, 0, step };
    return kt_csv_open(&form, give, &from, a);
}

static struct kt_csv *open_text(struct kt_csv_form form, const char *text)
{
    return open_bytes(form, kt_str_of(text), 7);
}

static struct kt_csv_row next(struct kt_csv *csv)
{
    struct kt_csv_row row;
    struct kt_err e = { 0 };
    assert_int_equal(kt_csv_next(csv, &row, a, &e), KT_OK);
    return row;
}

static void is_row(struct kt_csv *csv, uint64_t line, size_t fields, const char *const *expected)
{
    struct kt_csv_row row = next(csv);
    assert_int_equal(row.why.v.code, KT_E_NONE);
    assert_int_equal(row.line, line);
    assert_int_equal(row.fields, fields);
    for (size_t i = 0; i < fields; i++) {
        assert_string_equal(row.field[i].p, expected[i]);
        assert_int_equal(row.field[i].n, strlen(expected[i]));
    }
}
#define IS_ROW(csv, line, ...)                                         \
    is_row((csv), (line), KT_COUNT(((const char *[]){ __VA_ARGS__ })), \
           (const char *[]){ __VA_ARGS__ })

static void is_refused(struct kt_csv *csv, uint64_t line, enum kt_code code)
{
    struct kt_csv_row row = next(csv);
    assert_string_equal(kt_code_name(row.why.v.code), kt_code_name(code));
    assert_int_equal(row.line, line);
    assert_int_equal(row.fields, 0);
    assert_false(row.is_last);
}

static void is_over(struct kt_csv *csv)
{
    assert_true(next(csv).is_last);
    assert_true(next(csv).is_last);
}

static void breaks(struct kt_csv *csv, enum kt_code code)
{
    struct kt_csv_row row;
    struct kt_err e = { 0 };
    assert_int_equal(kt_csv_next(csv, &row, a, &e), KT_REJECT);
    assert_string_equal(kt_code_name(e.v.code), kt_code_name(code));
}

static const struct kt_csv_form automatic = { KT_CSV_AUTO, KT_CSV_DOUBLE, KT_CSV_UTF_8 };

static void rows__are_read(void **state)
{
    (void)state;
    struct kt_csv *csv =
        open_text(automatic, "sku;text;n\r\nA-1;\"a;b\";1\nA-2;\"say \"\"yes\"\"\";\n"
                             "A-3;\"two\r\nlines\";3\r\n\nA-4;\"\";x");
    IS_ROW(csv, 1, "sku", "text", "n");
    assert_int_equal(kt_csv_separator(csv), ';');
    IS_ROW(csv, 2, "A-1", "a;b", "1");
    IS_ROW(csv, 3, "A-2", "say \"yes\"", "");
    IS_ROW(csv, 4, "A-3", "two\r\nlines", "3");
    IS_ROW(csv, 7, "A-4", "", "x"); /* behind an empty line, and without a line end */
    is_over(csv);
}

static void pieces__may_end_anywhere(void **state)
{
    (void)state;
    for (size_t step = 1; step < 40; step++) {
        struct kt_csv *csv =
            open_bytes(automatic, KT_STR("\xEF\xBB\xBFk,v\r\n\"\xC3\xA4\"\"\n,\",2\r\n3,4"), step);
        IS_ROW(csv, 1, "k", "v");
        IS_ROW(csv, 2, "\xC3\xA4\"\n,", "2");
        IS_ROW(csv, 4, "3", "4");
        is_over(csv);
    }
}

static void separator__is_found(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char separator;
    } row[] = {
        { "a;b;c\n", ';' },   { "a,b\n", ',' },        { "a\tb\n", '\t' },
        { "a|b|c\n", '|' },   { "a\n1,2,3,4\n", ';' }, { "\"x,y,z\";b\n", ';' },
        { "a,b;c;d\n", ';' }, { "a;b,c,d\n", ',' },
    };
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_csv *csv = open_text(automatic, row[i].text);
        (void)next(csv);
        assert_int_equal(kt_csv_separator(csv), row[i].separator);
    }
    breaks(open_text(automatic, "a,b;c\n"), KT_E_CSV_SEPARATOR);
    struct kt_csv_form comma = { KT_CSV_COMMA, KT_CSV_DOUBLE, KT_CSV_UTF_8 };
    IS_ROW(open_text(comma, "a,b;c\n"), 1, "a", "b;c");
}

static void quotes__follow_the_setting(void **state)
{
    (void)state;
    struct kt_csv_form single = { KT_CSV_COMMA, KT_CSV_SINGLE, KT_CSV_UTF_8 };
    struct kt_csv_form none = { KT_CSV_COMMA, KT_CSV_UNQUOTED, KT_CSV_UTF_8 };
    IS_ROW(open_text(single, "'a,''b',c\"\n"), 1, "a,'b", "c\"");
    IS_ROW(open_text(none, "\"a,5\"\" b'\n"), 1, "\"a", "5\"\" b'");
}

static void bad_row__leaves_the_next_one(void **state)
{
    (void)state;
    struct kt_csv *csv = open_text(automatic, "a;b\n1\n1;2;3\nx\"y;2\n\"x\"y;2\n4\rx;5\n6;7\n");
    IS_ROW(csv, 1, "a", "b");
    is_refused(csv, 2, KT_E_CSV_FIELD_COUNT);
    is_refused(csv, 3, KT_E_CSV_FIELD_COUNT);
    is_refused(csv, 4, KT_E_CSV_QUOTE_STRAY);
    is_refused(csv, 5, KT_E_CSV_QUOTE_STRAY);
    is_refused(csv, 6, KT_E_CSV_CR);
    IS_ROW(csv, 7, "6", "7");
    is_over(csv);
}

static void refusal__names_line_and_numbers(void **state)
{
    (void)state;
    char text[256];
    struct kt_csv *csv = open_text(automatic, "a;b\n\n1;2;3\n");
    (void)next(csv);
    struct kt_csv_row row = next(csv);
    kt_sentence(&row.why.v, KT_LANG_EN, text, sizeof text);
    assert_string_equal(text, "Line 3 has 3 fields, the first line 2");
    kt_sentence(&row.why.v, KT_LANG_DE, text, sizeof text);
    assert_string_equal(text, "Zeile 3 hat 3 Felder, die erste Zeile 2");
}

static void open_quote__ends_the_file(void **state)
{
    (void)state;
    struct kt_csv *csv = open_text(automatic, "a;b\n1;\"2\n3;4\n");
    IS_ROW(csv, 1, "a", "b");
    breaks(csv, KT_E_CSV_QUOTE_OPEN);
}

static void long_field__ends_the_file(void **state)
{
    (void)state;
    size_t n = KT_CSV_FIELD_MAX + 70000;
    char *text = kt_alloc(a, n + 1);
    memset(text, 'x', n);
    memcpy(text, "a;b\n1;\"", 7);
    struct kt_csv *csv = open_bytes(automatic, (struct kt_str){ text, n }, n);
    (void)next(csv);
    breaks(csv, KT_E_CSV_FIELD_LONG);
}

static void columns__are_limited(void **state)
{
    (void)state;
    char *text = kt_alloc(a, KT_CSV_COLUMNS_MAX + 3);
    memset(text, ';', KT_CSV_COLUMNS_MAX);
    text[KT_CSV_COLUMNS_MAX] = 'x';
    text[KT_CSV_COLUMNS_MAX + 1] = '\n';
    is_refused(open_text(automatic, text), 1, KT_E_CSV_COLUMNS_MANY);
    text[0] = 'x';
    assert_int_equal(next(open_text(automatic, text + 1)).fields, KT_CSV_COLUMNS_MAX);
}

static void encodings__become_utf_8(void **state)
{
    (void)state;
    struct kt_csv_form form = { KT_CSV_SEMICOLON, KT_CSV_DOUBLE, KT_CSV_WINDOWS_1252 };
    IS_ROW(open_text(form, "\x80;\xE4\xF6\xFC;\x9F\n"), 1, "€", "äöü", "Ÿ");
    is_refused(open_text(form, "\x81;b\n"), 1, KT_E_CSV_ENCODING);
    form.encoding = KT_CSV_ISO_8859_15;
    IS_ROW(open_text(form, "\xA4;\xBC\xBE\n"), 1, "€", "ŒŸ");
    form.encoding = KT_CSV_ISO_8859_1;
    IS_ROW(open_text(form, "\xA4;\xFF\n"), 1, "¤", "ÿ");
    is_refused(open_text(form, "\x80;b\n"), 1, KT_E_CSV_ENCODING);
    IS_ROW(open_text(form, "\xEF\xBB\xBF\xC3\xA4;b\n"), 1, "ä", "b"); /* the mark wins */
    form.encoding = KT_CSV_UTF_8;
    is_refused(open_text(form, "\xE4;b\n"), 1, KT_E_CSV_ENCODING);
    is_refused(open_bytes(form, KT_STR("a\0b;c\n"), 9), 1, KT_E_CSV_ENCODING);
    breaks(open_bytes(form,
                      KT_STR("\xFF\xFE"
                             "a\0;\0"),
                      9),
           KT_E_CSV_UTF16);
}

static void empty_file__has_no_row(void **state)
{
    (void)state;
    is_over(open_text(automatic, ""));
    is_over(open_text(automatic, "\r\n\n"));
    is_over(open_text(automatic, "\xEF\xBB\xBF"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows__are_read),
        cmocka_unit_test(pieces__may_end_anywhere),
        cmocka_unit_test(separator__is_found),
        cmocka_unit_test(quotes__follow_the_setting),
        cmocka_unit_test(bad_row__leaves_the_next_one),
        cmocka_unit_test(refusal__names_line_and_numbers),
        cmocka_unit_test(open_quote__ends_the_file),
        cmocka_unit_test(long_field__ends_the_file),
        cmocka_unit_test(columns__are_limited),
        cmocka_unit_test(encodings__become_utf_8),
        cmocka_unit_test(empty_file__has_no_row),
    };
    return cmocka_run_group_tests_name("format/csv", tests, begin, end);
}
