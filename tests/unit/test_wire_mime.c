/* multipart/related: what is split, and what is refused beside a twin that differs by the fault. */
#include "wire/mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"

#define TYPE        "multipart/related; boundary=b"
#define BODY        "--b\r\nContent-ID: <r>\r\n\r\n<a/>\r\n--b\r\nContent-ID: <d>\r\n\r\nx\r\n--b--\r\n"
#define ONE         "--b\r\n\r\nx\r\n--b--"
#define PART(lines) "--b\r\n" lines "\r\nx\r\n--b--"

static struct kt_arena *a;
static struct kt_mime mime;

static int set_up(void **state)
{
    (void)state;
    a = kt_arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kt_arena_free(a);
    return 0;
}

/* NULL: split; else why not. */
static const char *split(struct kt_str type, struct kt_str bytes)
{
    struct kt_err e = { 0 };
    enum kt_rc rc = kt_mime_split(&mime, type, bytes, a, &e);
    if (rc == KT_OK)
        return NULL;
    assert_int_equal(rc, KT_REJECT);
    assert_int_equal(e.v.code, KT_E_MIME_INVALID);
    assert_int_equal(mime.parts, 0);
    return kt_text_copy(a, e.v.param[0].value);
}

static void parts__are_taken_or_refused(void **state)
{
    static const char only[] = "a line that only begins with the boundary";
    static const char line[] = "a malformed header line of a part";
    static const char id[] = "a Content-ID that is not <…>";
    static const char control[] = "a control character in a header line of a part";
    static const char coding[] = "a Content-Transfer-Encoding other than 7bit, 8bit and binary";
    static const struct {
        const char *good;
        const char *bad;
        const char *why;
    } row[] = {
        { "--b\r\n\r\nx\r\n--b--", "--b\n\r\nx\r\n--b--", only },
        { "--b\r\n\r\nx\r\n--b--", "--b\r\r\nx\r\n--b--", only },
        { "--b \t\r\n\r\nx\r\n--b--", "--b x\r\n\r\nx\r\n--b--", only },
        { "--b\r\n\r\nx\r\n-- b\r\n--b--", "--b\r\n\r\nx\r\n--bb\r\n--b--", only },
        { "--b\r\n\r\nx--bb\r\n--b--", "--b\r\n\r\nx\r\n--b\nb\r\n--b--", only },
        { "--b\r\n\r\nx\r\n--b--", "--b\r\n\r\nx\r\n--b--x", only },
        { "--b\r\n\r\nx\r\n--b-- \t", "--b\r\n\r\nx\r\n--b-- -", only },
        { "--b\r\n\r\nx\r\n--b--\r\nx", "--b\r\n\r\nx\r\n--b--\nx", only },
        { "--b\r\n\r\nx\r\n--b--", "--b\r\n\r\nx\r\n--b- -", only },
        { "--b\r\n\r\nx\r\n--b--", "--b\r\n\r\nx\r\n--b-", only },
        { "--b\r\n\r\nx\r\n--b--", "--b\r\n\r\nx\r\n--b", "it ends within a boundary line" },
        { "--b\r\n\r\nx\r\n--b--", "--b\r\n\r\nx\r\n-b--", "a part without end" },
        { "--b\r\n\r\nx\r\n--b--", "--b\r\n\r\nx--b--", "a part without end" },
        { "--b\r\n\r\nx\r\n--b--", "--b\r\n\r\nx\n--b--", "a part without end" },
        { "--b\r\n\r\nx\r\n--b--", "--b\r\n\r\nx\r--b--", "a part without end" },
        { "--b\r\n\r\nx\r\n--b--", "--b\r\n\r\nx\r\n--B--", "a part without end" },
        { "--b\r\n\r\nx\r\n--b--", "--b\r\n\r\nx", "a part without end" },
        { "--b\r\n\r\n--b--", "--b\r\n--b--", "a part without end" },
        { "--b\r\n\r\nx\r\n--b--", "", "its boundary is nowhere" },
        { "p\r\n--b\r\n\r\nx\r\n--b--", "p--b\r\n\r\nx\r\n-b--", "its boundary is nowhere" },
        { "\r\n--b\r\n\r\nx\r\n--b--", "\n--b\r\n\r\nx\r\n-b--", "its boundary is nowhere" },
        { "--b\r\n\r\nx\r\n--b--", "--b--\r\n", "no part" },
        { PART("A: b\r\n"), PART("A b\r\n"), line },
        { PART("A: b\r\n"), PART("A : b\r\n"), line },
        { PART("A: b\r\n"), PART(": b\r\n"), line },
        { PART("A: b\r\n"), PART("A: b\r\nC\r\n"), line },
        { PART("A: b\r\n"), PART(" A: b\r\n"), line },
        { PART("A: b\r\n c\r\n"), PART("A: b\r\n\001c\r\n"), control },
        { PART("A: b\r\n c\r\n"), PART("A: b\r\n \r\n"), "a header line of blanks" },
        { PART("A: b\r\n"), PART("A: b\nC: d\r\n"), control },
        { PART("A: b\r\n"), PART("A: b\rC: d\r\n"), control },
        { "--b\r\nA: b\r\n\r\n--b--", "--b\r\nA: b\r\n--b--",
          "a header line of a part without CRLF" },
        { PART("A: b\r\n"), "--b\r\nA: b\r\n\nx\r\n--b--", "a header line of a part without CRLF" },
        { PART("Content-ID: <a>\r\n"), PART("Content-ID: a\r\n"), id },
        { PART("Content-ID: <a>\r\n"), PART("Content-ID: <a\r\n"), id },
        { PART("Content-ID: <a>\r\n"), PART("Content-ID: <>\r\n"), id },
        { PART("Content-ID: <a>\r\n"), PART("Content-ID: <a b>\r\n"), id },
        { PART("Content-ID: <a>\r\n"), PART("Content-ID: <a><b>\r\n"), id },
        { PART("Content-ID: <a>\r\n"), PART("Content-ID: <\xC3\xA4>\r\n"), id },
        { PART("Content-ID: <a>\r\n"), PART("Content-ID: <a\r\n b>\r\n"), id },
        { PART("Content-ID: <a>\r\n"), PART("Content-ID: <a>\r\ncontent-id: <a>\r\n"),
          "a part with two Content-ID" },
        { PART("Content-Type: a/b\r\n"), PART("Content-Type: a/b\r\nContent-type: a/b\r\n"),
          "a part with two Content-Type" },
        { PART("Content-Transfer-Encoding: binary\r\n"),
          PART("Content-Transfer-Encoding: base64\r\n"), coding },
        { PART("Content-Transfer-Encoding: 8BIT\r\n"),
          PART("Content-Transfer-Encoding: quoted-printable\r\n"), coding },
        { PART("Content-Transfer-Encoding: 7bit\r\n"), PART("Content-Transfer-Encoding:\r\n"),
          coding },
        { PART("Content-Transfer-Encoding: 7bit\r\n"),
          PART("Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: 8bit\r\n"),
          "a part with two Content-Transfer-Encoding" },
        { BODY, "--b\r\nContent-ID: <r>\r\n\r\nx\r\n--b\r\nContent-ID: <r>\r\n\r\nx\r\n--b--",
          "two parts of one Content-ID" },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        const char *why = split(KT_STR(TYPE), kt_str_of(row[i].good));
        if (why != NULL)
            fail_msg("row %zu: the good one is refused: %s", i, why);
        why = split(KT_STR(TYPE), kt_str_of(row[i].bad));
        if (why == NULL || strcmp(why, row[i].why) != 0)
            fail_msg("row %zu: %s, not %s", i, why != NULL ? why : "taken", row[i].why);
    }
}

static void content_type__is_taken_or_refused(void **state)
{
    static const char malformed[] = "a malformed Content-Type";
    static const char boundary[] = "a malformed boundary";
    static const struct {
        const char *good;
        const char *bad;
        const char *why;
    } row[] = {
        { "Multipart/Related;boundary=b", "multipart/mixed;boundary=b",
          "it is not multipart/related" },
        { TYPE, "multipart/relatedx;boundary=b", "it is not multipart/related" },
        { TYPE, "multipart/related", "no boundary" },
        { TYPE, "multipart/related; xboundary=b", "no boundary" },
        { TYPE, "multipart/related; boundary=b; boundary=b", "two boundary parameters" },
        { TYPE, "multipart/related; boundary=b; Boundary=c", "two boundary parameters" },
        { TYPE, "multipart/related; boundary =b", malformed },
        { TYPE, "multipart/related; boundary= b", malformed },
        { TYPE, "multipart/related; boundary=", malformed },
        { TYPE, "multipart/related boundary=b", malformed },
        { TYPE, "multipart/related, boundary=b", malformed },
        { TYPE "; a=\"c\"", TYPE "; a=\"c", malformed },
        { TYPE "; a=\"c\\\"\"", TYPE "; a=\"c\\\"", malformed },
        { TYPE "; a=\"c\"", TYPE "; a=\"c\"d", malformed },
        { TYPE "; a=\"c\"", TYPE "; a=\"c\001\"", malformed },
        { TYPE "; a=c", TYPE "; a", malformed },
        { TYPE "; a=c", TYPE "; =c", malformed },
        { TYPE "; a=\"c/d\"", TYPE "; a=c/d", malformed },
        { TYPE ";;", TYPE ";,", malformed },
        { "multipart/related; boundary=\"b\"", "multipart/related; boundary=\"\"", boundary },
        { "multipart/related; boundary=\"b\"", "multipart/related; boundary=\"b \"", boundary },
        { "multipart/related; boundary=\"b\"", "multipart/related; boundary=\"b;\"", boundary },
        { "multipart/related; boundary=\"\\b\"", "multipart/related; boundary=\"b\\\\\"",
          boundary },
        { "multipart/related;\r\n boundary=b", "multipart/related; boundary=b*", boundary },
        { TYPE "; start=\"<d>\"", TYPE "; start=\"d\"", "a start that is not <…>" },
        { TYPE "; start=\"<d>\"", TYPE "; start=\"<e>\"", "a start that no part has" },
        { TYPE "; start=\"<d>\"", TYPE "; start=\"<D>\"", "a start that no part has" },
        { TYPE "; start=\"<d>\"", TYPE "; start=\"<d>\"; start=\"<r>\"", "two start parameters" },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        const char *why = split(kt_str_of(row[i].good), KT_STR(BODY));
        if (why != NULL)
            fail_msg("row %zu: the good one is refused: %s", i, why);
        why = split(kt_str_of(row[i].bad), KT_STR(BODY));
        if (why == NULL || strcmp(why, row[i].why) != 0)
            fail_msg("row %zu: %s, not %s", i, why != NULL ? why : "taken", row[i].why);
    }
}

static void boundary__has_70_characters_at_most(void **state)
{
    char type[200] = "multipart/related; boundary=";
    char body[200] = "--";
    size_t n = strlen(type);
    (void)state;
    memset(type + n, 'x', 71);
    memset(body + 2, 'x', 70);
    memcpy(body + 72, "\r\n\r\ny\r\n--", 9);
    memset(body + 81, 'x', 70);
    memcpy(body + 151, "--", 2);
    assert_null(split((struct kt_str){ type, n + 70 }, kt_str_of(body)));
    assert_string_equal(split((struct kt_str){ type, n + 71 }, kt_str_of(body)),
                        "a malformed boundary");
}

static void split__gives_parts_by_offset(void **state)
{
    static const char text[] =
        "preamble\r\n--other\r\n\r\n----=_P.1 \r\n"
        "Content-Type: application/xop+xml; charset=UTF-8;\r\n\ttype=\"text/xml\"\r\n"
        "Content-Transfer-Encoding: 8bit\r\nContent-ID: <root@x>\r\nX-Name: \xE4\r\n\r\n"
        "<a/>\r\n----=_P.1\r\ncontent-id:<1%@x>\r\n\r\n"
        "\0--=_P.1\r\n---=_P.1\n----=_P.1--\r\n\r\n----=_P.1\r\n\r\n----=_P.1\r\n\r\n\r\n"
        "----=_P.1--\r\nepilogue\r\n----=_P.1\r\n";
    struct kt_str bytes = { text, sizeof text - 1 };
    struct kt_str type = KT_STR("multipart/related; type=\"application/xop+xml\"; "
                                "start=\"<root@x>\"; start-info=\"text/\\xml\"; "
                                "boundary=\"--=_P.1\"");
    (void)state;
    assert_true(kt_mime_is_related(type));
    assert_null(split(type, bytes));
    assert_int_equal(mime.parts, 4);
    assert_ptr_equal(mime.root, &mime.part[0]);
    assert_true(kt_str_is(mime.part[0].id, "root@x") && kt_str_is(mime.part[0].body, "<a/>"));
    assert_true(kt_str_is(mime.start_info, "text/xml"));
    assert_true(kt_str_is(kt_mime_type(mime.part[0].content_type, a), "application/xop+xml"));
    assert_true(kt_str_is(kt_mime_param(mime.part[0].content_type, "type", a), "text/xml"));
    struct kt_str body = mime.part[1].body; /* holds what looks like boundaries */
    assert_true(body.p > text && body.p < text + sizeof text);
    assert_int_equal(body.n, sizeof "\0--=_P.1\r\n---=_P.1\n----=_P.1--\r\n" - 1);
    assert_int_equal(body.p[0], 0);
    assert_true(mime.part[2].id.p == NULL && mime.part[2].body.n == 0);
    assert_true(mime.part[3].content_type.p == NULL && mime.part[3].body.n == 0);

    assert_ptr_equal(kt_mime_find(&mime, KT_STR("cid:root@x"), a), &mime.part[0]);
    assert_ptr_equal(kt_mime_find(&mime, KT_STR("CID:roo%74%40x"), a), &mime.part[0]);
    assert_ptr_equal(kt_mime_find(&mime, KT_STR("cid:1%25@x"), a), &mime.part[1]);
    assert_null(kt_mime_find(&mime, KT_STR("cid:1%@x"), a));
    assert_null(kt_mime_find(&mime, KT_STR("cid:root@x%"), a));
    assert_null(kt_mime_find(&mime, KT_STR("cid:Root@x"), a));
    assert_null(kt_mime_find(&mime, KT_STR("cid:"), a));
    assert_null(kt_mime_find(&mime, KT_STR("root@x"), a));
    assert_null(kt_mime_find(&mime, (struct kt_str){ 0 }, a));
    assert_null(split(KT_STR(TYPE "; start=\"<d>\""), KT_STR(BODY)));
    assert_ptr_equal(mime.root, &mime.part[1]);
}

static void parts__have_limits(void **state)
{
    struct kt_buf text;
    (void)state;
    for (int count = KT_MIME_PARTS_MAX; count <= KT_MIME_PARTS_MAX + 1; count++) {
        kt_buf_init(&text, a, 1 << 20);
        for (int i = 0; i < count; i++)
            kt_buf_format(&text, "--b\r\nContent-ID: <%d>\r\n\r\n%d\r\n", i, i);
        kt_buf_text(&text, "--b--");
        const char *why = split(KT_STR(TYPE "; start=\"<777>\""), kt_buf_view(&text));
        if (count > KT_MIME_PARTS_MAX) {
            assert_string_equal(why, "more than 1000 parts");
            continue;
        }
        assert_null(why);
        assert_int_equal(mime.parts, count);
        assert_ptr_equal(mime.root, &mime.part[777]);
        for (int i = 0; i < count; i++) {
            char *cid = kt_format(a, "cid:%d", i);
            assert_ptr_equal(kt_mime_find(&mime, kt_str_of(cid), a), &mime.part[i]);
        }
    }
    for (int extra = 0; extra < 2; extra++) {
        kt_buf_init(&text, a, 1 << 20);
        kt_buf_text(&text, "--b\r\nA:");
        for (int i = 0; i < KT_MIME_HEAD_MAX - 4 + extra; i++)
            kt_buf_char(&text, 'x');
        kt_buf_text(&text, "\r\n\r\nbody\r\n--b--");
        const char *why = split(KT_STR(TYPE), kt_buf_view(&text));
        if (extra == 0)
            assert_null(why);
        else
            assert_string_equal(why, "a part with more than 8 kB of header lines");
    }
}

static void message__is_not_whole_before_its_end(void **state)
{
    struct kt_str whole = KT_STR("--b\r\nContent-ID: <r>\r\n\r\n<a/>\r\n--b\r\n\r\nx\r\n--b--");
    (void)state;
    assert_null(split(KT_STR(TYPE), whole));
    for (size_t n = 0; n < whole.n; n++)
        assert_non_null(split(KT_STR(TYPE), kt_str_part(whole, 0, n)));
}

static void params__are_read(void **state)
{
    struct kt_str first;
    struct kt_str type = KT_STR(" Text/XML ; Charset=utf-8;a=\"\";b=\"c;d=\\\"\" ;;e=f ; e=g;");
    (void)state;
    assert_true(kt_str_is(kt_mime_type(type, a), "text/xml"));
    assert_true(kt_str_is(kt_mime_param(type, "charset", a), "utf-8"));
    assert_true(kt_str_is(kt_mime_param(type, "a", a), ""));
    assert_true(kt_str_is(kt_mime_param(type, "B", a), "c;d=\""));
    assert_null(kt_mime_param(type, "d", a).p);
    assert_null(kt_mime_param(type, "e", a).p);
    assert_int_equal(kt_mime_param_count(&first, type, "e", a), 2);
    assert_true(kt_str_is(first, "f"));
    assert_int_equal(kt_mime_param_count(&first, KT_STR("a/b; c"), "e", a), -1);
    assert_int_equal(kt_mime_param_count(&first, (struct kt_str){ 0 }, "e", a), 0);
    assert_null(kt_mime_type((struct kt_str){ 0 }, a).p);
    assert_false(kt_mime_is_related((struct kt_str){ 0 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts__are_taken_or_refused),
        cmocka_unit_test(content_type__is_taken_or_refused),
        cmocka_unit_test(boundary__has_70_characters_at_most),
        cmocka_unit_test(split__gives_parts_by_offset),
        cmocka_unit_test(parts__have_limits),
        cmocka_unit_test(message__is_not_whole_before_its_end),
        cmocka_unit_test(params__are_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
