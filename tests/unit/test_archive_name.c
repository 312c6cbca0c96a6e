/* Names and types of files that customers get: src/archive/name.c. */
#include "archive/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    *state = kt_arena_new();
    return 0;
}

static int tear_down(void **state)
{
    kt_arena_free(*state);
    return 0;
}

static const char *clean(void **state, const char *name, const char *type)
{
    return kt_name_clean(kt_str_of(name), KT_STR("DOC-1-2"), kt_str_of(type), *state).p;
}

static void name__is_the_senders(void **state)
{
    assert_string_equal(clean(state, "Konformität TV.pdf", "application/pdf"),
                        "Konformität TV.pdf");
    assert_string_equal(clean(state, "A.PDF", "application/pdf"), "A.PDF");
    assert_string_equal(clean(state, "photo.jpeg", "image/jpeg"), "photo.jpeg");
}

static void name__has_no_folders_and_nothing_unseen(void **state)
{
    static const char pdf[] = "application/pdf";
    assert_string_equal(clean(state, "../../etc/passwd", pdf), "passwd.pdf");
    assert_string_equal(clean(state, "C:\\temp\\a.pdf", pdf), "a.pdf");
    assert_string_equal(clean(state, "...hidden.pdf", pdf), "hidden.pdf");
    assert_string_equal(clean(state, "a\r\nSet-Cookie: x=1.pdf", pdf), "aSet-Cookie_ x=1.pdf");
    assert_string_equal(clean(state, "a\"b<c>|?*.pdf", pdf), "a_b_c____.pdf");
    assert_string_equal(clean(state,
                              "evil\xe2\x80\xae"
                              "fdp.pdf",
                              pdf),
                        "evilfdp.pdf");
    assert_string_equal(clean(state,
                              "a\xe2\x80\x8b"
                              ".pdf",
                              pdf),
                        "a.pdf");
    assert_string_equal(clean(state, "a.pdf. ", pdf), "a.pdf");
}

static void name__has_the_ending_of_its_type(void **state)
{
    assert_string_equal(clean(state, "a.exe", "application/pdf"), "a.exe.pdf");
    assert_string_equal(clean(state, "a", "image/png; q=1"), "a.png");
    assert_string_equal(clean(state, "a.exe", "application/x-msdownload"), "a.exe.bin");
    assert_string_equal(clean(state, "label.svg", "image/svg+xml"), "label.svg");
}

static void name__is_there_in_any_case(void **state)
{
    static const char pdf[] = "application/pdf";
    char longest[400];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_string_equal(clean(state, NULL, pdf), "DOC-1-2.pdf");
    assert_string_equal(clean(state, "../", pdf), "DOC-1-2.pdf");
    assert_string_equal(kt_name_clean(KT_STR(""), KT_STR(".. ."), KT_STR(""), *state).p,
                        "document.bin");
    const char *cut = clean(state, longest, pdf);
    assert_int_equal(strlen(cut), 120);
    assert_string_equal(cut + 116, ".pdf");
}

static void type__is_given_out_where_it_runs_nothing(void **state)
{
    (void)state;
    assert_string_equal(kt_name_type(KT_STR("application/pdf")), "application/pdf");
    assert_string_equal(kt_name_type(KT_STR("Image/PNG; x=y")), "image/png");
    static const char *const others[] = { "text/html",       "image/svg+xml",
                                          "application/xml", "",
                                          "text/javascript", "application/pdf\r\nX: y",
                                          "application/pdfx" };
    for (size_t i = 0; i < KT_COUNT(others); i++)
        assert_string_equal(kt_name_type(kt_str_of(others[i])), "application/octet-stream");
}

static void disposition__cannot_be_broken_out_of(void **state)
{
    assert_string_equal(kt_name_disposition(KT_STR("a.pdf"), *state),
                        "attachment; filename=\"a.pdf\"");
    assert_string_equal(kt_name_disposition(KT_STR("Prüf 100%.pdf"), *state),
                        "attachment; filename=\"Pr__f 100_.pdf\"; "
                        "filename*=UTF-8''Pr%C3%BCf%20100%25.pdf");
    assert_string_equal(kt_name_disposition(KT_STR("a\"; x=\\\r\n.pdf"), *state),
                        "attachment; filename=\"a_; x=___.pdf\"; "
                        "filename*=UTF-8''a%22%3B%20x%3D%5C%0D%0A.pdf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(name__is_the_senders, set_up, tear_down),
        cmocka_unit_test_setup_teardown(name__has_no_folders_and_nothing_unseen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(name__has_the_ending_of_its_type, set_up, tear_down),
        cmocka_unit_test_setup_teardown(name__is_there_in_any_case, set_up, tear_down),
        cmocka_unit_test(type__is_given_out_where_it_runs_nothing),
        cmocka_unit_test_setup_teardown(disposition__cannot_be_broken_out_of, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
