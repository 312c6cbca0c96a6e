/* What pages look like from inside: src/archive/html.c. */
#include "archive/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/hash.h"

static void texts__are_escaped(void **state)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_html p;
    (void)state;
    kt_html_begin(&p, KT_LANG_EN, KT_STR("</title><script>1</script>"), a);
    kt_html_text(&p, KT_STR("<img src=x onerror=\"y\">&amp;"));
    kt_html_words(&p, "a<b");
    kt_html_part(&p, KT_STR("\"><x/.."));
    kt_html_fill(&p, KT_W_ORDER_OF, "<1>", "<2>");
    kt_html_end(&p);
    assert_true(kt_buf_ok(&p.out));
    const char *text = kt_buf_view(&p.out).p;
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "<img"));
    assert_non_null(strstr(text, "<title>&lt;/title&gt;&lt;script&gt;1"));
    assert_non_null(strstr(text, "<bdi>&lt;img src=x onerror=&quot;y&quot;&gt;&amp;amp;</bdi>"));
    assert_non_null(strstr(text, "a&lt;b~22~3E~3Cx~2F.."));
    assert_non_null(strstr(text, "Order &lt;1&gt; of &lt;2&gt;"));
    kt_arena_free(a);
}

/* A page whose style the policy does not name is shown without it. */
static void policy__names_the_style_of_the_page(void **state)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_html p;
    struct kt_buf expected;
    uint8_t digest[KT_HASH_BYTES];
    (void)state;
    kt_html_begin(&p, KT_LANG_DE, KT_STR("x"), a);
    const char *from = strstr(kt_buf_view(&p.out).p, "<style>") + strlen("<style>");
    const char *until = strstr(from, "</style>");
    kt_sha256((struct kt_str){ from, (size_t)(until - from) }, digest);
    kt_buf_init(&expected, a, 200);
    kt_buf_text(&expected, "style-src 'sha256-");
    kt_base64_put(&expected, (struct kt_str){ (const char *)digest, sizeof digest });
    kt_buf_text(&expected, "'");
    assert_non_null(strstr(kt_html_policy(a), kt_buf_view(&expected).p));
    assert_non_null(strstr(kt_html_policy(a), "default-src 'none'"));
    kt_arena_free(a);
}

static void language__is_what_the_reader_prefers(void **state)
{
    static const struct {
        const char *accepted;
        int expected; /* -1: neither */
    } all[] = {
        { "de", KT_LANG_DE },
        { "en", KT_LANG_EN },
        { "de-AT,de;q=0.9,en;q=0.8", KT_LANG_DE },
        { "en-GB,en;q=0.9,de;q=0.8", KT_LANG_EN },
        { "fr,en;q=0.1,de;q=0.2", KT_LANG_DE },
        { "en;q=0.5, de;q=0.55", KT_LANG_DE },
        { "en;q=0, de;q=0.001", KT_LANG_DE },
        { "DE;Q=1.0,en", KT_LANG_DE },
        { "fr-FR, *;q=0.1", -1 },
        { "deutsch", -1 },
        { "den", -1 },
        { "de;q=0", -1 },
        { "de;q=x", -1 },
        { "de;q", -1 },
        { ",;,;;q=", -1 },
        { "", -1 },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(all); i++) {
        enum kt_lang lang = KT_LANG_EN;
        const bool does = kt_html_language(kt_str_of(all[i].accepted), &lang);
        if ((does ? (int)lang : -1) != all[i].expected)
            fail_msg("%s: %d", all[i].accepted, does ? (int)lang : -1);
    }
}

static void figures__as_people_write_them(void **state)
{
    struct kt_arena *a = kt_arena_new();
    const struct kt_day day = { 2026, 3, 1 };
    (void)state;
    assert_string_equal(kt_html_day(KT_LANG_EN, day, a), "1 Mar 2026");
    assert_string_equal(kt_html_day(KT_LANG_DE, day, a), "01.03.2026");
    assert_string_equal(kt_html_day(KT_LANG_EN, (struct kt_day){ 2024, 12, 31 }, a), "31 Dec 2024");
    assert_string_equal(kt_html_size(KT_LANG_EN, 999, a), "999 B");
    assert_string_equal(kt_html_size(KT_LANG_EN, 48200, a), "48 kB");
    assert_string_equal(kt_html_size(KT_LANG_EN, 1234567, a), "1.2 MB");
    assert_string_equal(kt_html_size(KT_LANG_DE, 1234567, a), "1,2 MB");
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts__are_escaped),
        cmocka_unit_test(policy__names_the_style_of_the_page),
        cmocka_unit_test(language__is_what_the_reader_prefers),
        cmocka_unit_test(figures__as_people_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
