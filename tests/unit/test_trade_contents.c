/* What files are, by their octets: src/trade/contents*.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "trade/contents.h"

#define BYTES(literal) ((struct kt_str){ (literal), sizeof(literal) - 1 })

static struct kt_content_look look_at(struct kt_str octets)
{
    struct kt_content_look look;
    /* from the heap and exactly as long, so that a sanitizer sees each step too far */
    char *copy = malloc(octets.n == 0 ? 1 : octets.n);
    assert_non_null(copy);
    if (octets.n > 0)
        memcpy(copy, octets.p, octets.n);
    kt_content_sniff(&look, (struct kt_str){ copy, octets.n });
    free(copy);
    return look;
}

static enum kt_code code_of(struct kt_str octets, const char *media_type, const char *file_name)
{
    static const struct kt_content_rules rules = { .size_max = 100000 };
    struct kt_content_look look;
    struct kt_err e = { 0 };
    const enum kt_rc rc = kt_content_check(&rules, octets, kt_str_of(media_type),
                                           kt_str_of(file_name), "document s|D|1", &look, &e);
    assert_int_equal(rc, e.v.code == KT_E_NONE ? KT_OK : KT_REJECT);
    if (rc != KT_OK) {
        assert_string_equal(e.v.param[0].name, "record");
        assert_string_equal(e.v.param[0].value, "document s|D|1");
    }
    return e.v.code;
}

#define IS(octets, expected) assert_int_equal(code_of((octets), NULL, NULL), KT_E_##expected)

/* --- types --- */

#define PDF_HEAD  "%PDF-1.4\n"
#define PDF_PAGE  "1 0 obj << /Type /Pages /Count 1 >> endobj 2 0 obj <</Type/Page>> endobj\n"
#define PDF_TAIL  "trailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
#define PDF(more) BYTES(PDF_HEAD PDF_PAGE more PDF_TAIL)
#define PNG_HEAD                                                                    \
    "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\0\1\0\0\0\1\x08\x02\0\0\0\x90\x77\x53\xDE" \
    "\0\0\0\x04"                                                                    \
    "IDATabcd\1\2\3\4"
#define PNG BYTES(PNG_HEAD "\0\0\0\0IEND\xAE\x42\x60\x82")
#define JPEG                                         \
    BYTES("\xFF\xD8\xFF\xE0\0\x04\1\2\xFF\xDA\0\x02" \
          "abc\xFF\0d\xFF\xD9")

static void types__are_told_by_the_octets(void **state)
{
    const struct {
        struct kt_str octets;
        enum kt_content_type type;
    } rows[] = {
        { { "", 0 }, KT_CONTENT_UNKNOWN },
        { PDF(""), KT_CONTENT_PDF },
        { BYTES("\xEF\xBB\xBF\r\n%PDF-1.7 x"), KT_CONTENT_PDF },
        { PNG, KT_CONTENT_PNG },
        { JPEG, KT_CONTENT_JPEG },
        { BYTES("PK\x03\x04zip"), KT_CONTENT_ZIP },
        { BYTES("<svg xmlns='http://www.w3.org/2000/svg'/>"), KT_CONTENT_SVG },
        { BYTES("<?xml version='1.0'?><!-- x --><!DOCTYPE svg><svg/>"), KT_CONTENT_SVG },
        { BYTES("<?xml version='1.0'?><s:svg xmlns:s='x'></s:svg>"), KT_CONTENT_SVG },
        { BYTES("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xE4</a>"), KT_CONTENT_XML },
        { BYTES("<a/>"), KT_CONTENT_XML },
        { BYTES("  <!DOCTYPE html><p>x"), KT_CONTENT_HTML },
        { BYTES("<html><p>x"), KT_CONTENT_HTML },
        { BYTES("<SCRIPT>x</SCRIPT>"), KT_CONTENT_HTML },
        { BYTES("< 5 V\n"), KT_CONTENT_TEXT },
        { BYTES("MZ-100 Datenblatt\r\n\xC3\xA4"), KT_CONTENT_TEXT },
        { BYTES("\x7F"
                "ELF\2\1\1"),
          KT_CONTENT_PROGRAM },
        { BYTES("MZ\x90\0\3"), KT_CONTENT_PROGRAM },
        { BYTES("#!/bin/sh\necho %PDF-1.4\n"), KT_CONTENT_PROGRAM },
        { BYTES("\xCA\xFE\xBA\xBE\0\0\0\x34"), KT_CONTENT_PROGRAM },
        { BYTES("\xCF\xFA\xED\xFE\x07"), KT_CONTENT_PROGRAM },
        { BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), KT_CONTENT_UNKNOWN },
        { BYTES("{\\rtf1 x}"), KT_CONTENT_UNKNOWN },
        { BYTES("%!PS-Adobe-3.0\n"), KT_CONTENT_UNKNOWN },
        { BYTES("GIF89a\1\0"), KT_CONTENT_UNKNOWN },
        { BYTES("\xFF\xFE<\0s\0v\0g\0"), KT_CONTENT_UNKNOWN }, /* UTF-16 */
        { BYTES("<?xml version='1.0' encoding='UTF-7'?><svg/>"), KT_CONTENT_UNKNOWN },
        { BYTES("<a>\xE4</a>"), KT_CONTENT_UNKNOWN }, /* not what it says it is */
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(rows); i++) {
        const struct kt_content_look look = look_at(rows[i].octets);
        if (look.type != rows[i].type)
            fail_msg("row %zu is %d, not %d", i, look.type, rows[i].type);
    }
    assert_string_equal(look_at(PDF("")).media_type, "application/pdf");
    assert_string_equal(look_at(BYTES("\1\2")).media_type, "application/octet-stream");
}

static void sound_files__are_taken(void **state)
{
    (void)state;
    IS(PDF(""), NONE);
    IS(PNG, NONE);
    IS(JPEG, NONE);
    IS(BYTES("<svg><path d='M0 0'/></svg>\n"), NONE);
    IS(BYTES("<?xml version='1.0'?><a/>"), NONE);
    IS(BYTES("Hinweis: \xC3\xA4\n"), NONE);
}

/* --- PDF --- */

static void empty_pdf__is_told(void **state)
{
    (void)state;
    IS(BYTES(""), CONTENT_EMPTY);
    IS(BYTES(" \r\n\t"), CONTENT_EMPTY);
    IS(BYTES(PDF_HEAD "1 0 obj <</Type/Pages/Count 0>> endobj\n" PDF_TAIL), CONTENT_EMPTY);
    /* a page elsewhere than as a type is none */
    IS(BYTES(PDF_HEAD "<</Type/Pages>> <</S /Page>>\n" PDF_TAIL), CONTENT_EMPTY);
    IS(BYTES(PDF_HEAD "<</Type\r\n /P#61ge>>\n" PDF_TAIL), NONE);
    /* where pages are packed nobody can say that there are none */
    IS(BYTES(PDF_HEAD "4 0 obj <</Type /ObjStm/N 3>> stream\n" PDF_TAIL), NONE);
}

static void cut_pdf__is_told(void **state)
{
    static char long_tail[2100];
    (void)state;
    IS(BYTES(PDF_HEAD PDF_PAGE), CONTENT_CUT);
    memset(long_tail, ' ', sizeof long_tail);
    memcpy(long_tail, PDF_HEAD PDF_PAGE "%%EOF", sizeof(PDF_HEAD PDF_PAGE "%%EOF") - 1);
    IS(((struct kt_str){ long_tail, 1100 }), NONE);
    IS(((struct kt_str){ long_tail, sizeof long_tail }), CONTENT_CUT);
}

static void encrypted_pdf__is_told(void **state)
{
    (void)state;
    IS(PDF("<</Encrypt 5 0 R>>"), CONTENT_ENCRYPTED);
    IS(PDF("<</#45ncrypt 5 0 R>>"), CONTENT_ENCRYPTED);
    IS(PDF("<</EncryptMetadata false>>"), NONE);
    IS(PDF("<</Encrypte 1>>"), NONE);
}

static void active_pdf__is_told(void **state)
{
    static const struct kt_content_rules lenient = { .takes_active = true };
    struct kt_content_look look;
    struct kt_err e = { 0 };
    (void)state;
    IS(PDF("<</S/JavaScript/JS(app.alert\\(1\\))>>"), CONTENT_ACTIVE);
    IS(PDF("<</S/J#61va#53cript>>"), CONTENT_ACTIVE);
    IS(PDF("<</JS (x)>>"), CONTENT_ACTIVE);
    IS(PDF("<</JS 12 0 R>>"), CONTENT_ACTIVE);
    IS(PDF("<</S/Launch/F(cmd.exe)>>"), CONTENT_ACTIVE);
    IS(PDF("<</Type/EmbeddedFile>>"), CONTENT_ACTIVE);
    IS(PDF("<</OpenAction <</S/URI/URI(http://x)>> >>"), CONTENT_ACTIVE);
    /* behind a string or a stream that never ends for a reader of tokens */
    IS(PDF("( stream << /S /Launch >>"), CONTENT_ACTIVE);
    IS(PDF("<<>> stream\n<< /S /Launch >> endstream"), CONTENT_ACTIVE);
    assert_int_equal(kt_content_check(&lenient, PDF("<</S/Launch>>"), (struct kt_str){ NULL, 0 },
                                      (struct kt_str){ NULL, 0 }, "r", &look, &e),
                     KT_OK);
    assert_true(look.is_active);
}

/* What office programs and typesetters write by themselves. */
static void places_to_open_at__run_nothing(void **state)
{
    (void)state;
    IS(PDF("<</OpenAction[1 0 R /XYZ null null 0]>>"), NONE);
    IS(PDF("<</OpenAction 5 0 R>>"), NONE);
    IS(PDF("<</OpenAction <</S /GoTo /D [1 0 R /Fit]>> >>"), NONE);
    IS(PDF("<</S/URI/URI(https://example.com)>>"), NONE);
    IS(PDF("<</JSX (x)>>"), NONE);
}

/* Two letters turn up in packed pictures. */
static void noise__is_not_a_script(void **state)
{
    enum { SIZE = 8 << 20 };
    char *noise = malloc(SIZE);
    uint64_t seed = 88172645463325252ULL;
    (void)state;
    assert_non_null(noise);
    for (size_t i = 0; i < SIZE; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        noise[i] = (char)(seed >> 24);
    }
    memcpy(noise, PDF_HEAD PDF_PAGE, sizeof(PDF_HEAD PDF_PAGE) - 1);
    memcpy(noise + SIZE - 6, "%%EOF\n", 6);
    for (size_t i = 4096; i < SIZE - 4096; i += 1021) /* many more than by chance */
        memcpy(noise + i, "/JS\x20", 3 + i % 2);
    const int64_t from_us = kt_mono_us();
    const struct kt_content_look look = look_at((struct kt_str){ noise, SIZE });
    print_message("8 MB took %lld ms\n", (long long)(kt_mono_us() - from_us) / 1000);
    assert_int_equal(look.type, KT_CONTENT_PDF);
    assert_false(look.is_active || look.is_encrypted || look.is_cut || look.is_empty);
    free(noise);
}

/* --- pictures and archives --- */

static void cut_pictures__are_told(void **state)
{
    (void)state;
    IS(BYTES(PNG_HEAD), CONTENT_CUT);
    IS(BYTES(PNG_HEAD "\0\0\0\0IEND"), CONTENT_CUT);
    IS(BYTES("\x89PNG\r\n\x1A\n\xFF\xFF\xFF\xF0IHDR12345678901234567890"), CONTENT_CUT);
    IS(BYTES("\xFF\xD8\xFF\xE0\0\x04\1\2\xFF\xDA\0\x02"
             "abc"),
       CONTENT_CUT);
    IS(BYTES("\xFF\xD8\xFF\xE0\xFF\xFF\1\2\xFF\xD9"), CONTENT_CUT);
    IS(BYTES("\xFF\xD8\xFF"), CONTENT_CUT);
}

/* A ZIP's list of contents alone, with one name. */
static struct kt_str zip_of(const char *name, unsigned flags, char out[200])
{
    const size_t n = strlen(name);
    const size_t list = 4; /* behind a local head's mark */
    memset(out, 0, 200);
    memcpy(out, "PK\3\4", 4);
    memcpy(out + list, "PK\1\2", 4);
    out[list + 8] = (char)flags;
    out[list + 28] = (char)n;
    memcpy(out + list + 46, name, n);
    const size_t end = list + 46 + n;
    memcpy(out + end, "PK\5\6", 4);
    out[end + 8] = 1;
    out[end + 10] = 1;
    out[end + 12] = (char)(46 + n);
    out[end + 16] = (char)list;
    return (struct kt_str){ out, end + 22 };
}

static void archives__are_looked_into(void **state)
{
    char room[200];
    (void)state;
    IS(zip_of("word/document.xml", 0, room), NONE);
    IS(zip_of("word/document.xml", 1, room), CONTENT_ENCRYPTED);
    IS(zip_of("setup.EXE", 0, room), CONTENT_ACTIVE);
    IS(zip_of("word/vbaProject.bin", 0, room), CONTENT_ACTIVE);
    struct kt_str zip = zip_of("a.txt", 0, room);
    zip.n--;
    IS(zip, CONTENT_CUT);
    zip = zip_of("a.txt", 0, room);
    room[4 + 28] = 100; /* a name that is longer than the list */
    IS(zip, CONTENT_CUT);
    zip = zip_of("a.txt", 0, room);
    room[zip.n - 22 + 16] = (char)200; /* a list that is not there */
    IS(zip, CONTENT_CUT);
    IS(BYTES("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), CONTENT_EMPTY);
}

/* --- markup --- */

static void active_drawings__are_told(void **state)
{
    static const char *const active[] = {
        "<svg><script>x</script></svg>",
        "<svg><s:SCRIPT xmlns:s='x'/></svg>",
        "<svg onload='x'/>",
        "<svg\nonload = 'x'/>",
        "<svg><a href='javascript:x'/></svg>",
        "<svg><a href=\"java\tscript:x\"/></svg>",
        "<svg><a href='&#106;avascript:x'/></svg>",
        "<svg><a href='&#x6A;ava&#10;script&#58;x'/></svg>",
        "<svg><a xlink:href=' JavaScript:x'/></svg>",
        "<svg><set to='x;javascript:y'/></svg>",
        "<svg><use href='data:image/svg+xml;base64,AA'/></svg>",
        "<svg><foreignObject/></svg>",
        "<svg a='>'><iframe src='x'/></svg>",
        "<?xml-stylesheet href='x'?><svg/>",
        "<!DOCTYPE svg [<!ENTITY x '&#60;script>y&#60;/script>'>]><svg>&x;</svg>",
        "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>",
        "<!DOCTYPE svg [<!ENTITY x 'http://y&#60;script>z&#60;/script>'>]><svg>&x;</svg>",
        "<!DOCTYPE svg [<!ENTITY % x 'y'>]><svg/>",
        "<?xml version='1.0'?><a><script/></a>",
        "<?xml version='1.0'?><a xmlns='http://www.w3.org/1999/xhtml'/>",
        "<?xml version='1.0'?><a xmlns:x='http://www.w3.org/1999/xhtm&#108;'/>",
        "<?xml version='1.0'?><a xmlns:s='http://www.w3.org/2000/svg'><s:g onclick='x'/></a>",
        "<!DOCTYPE html><p>x",
    };
    static const char *const fine[] = {
        "<svg><!-- <script> --><text>javascript: is a word here</text></svg>",
        "<svg><text><![CDATA[<script>]]></text></svg>",
        "<svg><a href='https://example.com/?a=1&amp;b=2'/></svg>",
        "<svg><image href='data:image/png;base64,AA'/></svg>",
        "<!DOCTYPE svg [<!ENTITY ns 'http://ns.adobe.com/x/'>]><svg xmlns:x='y'/>",
        "<?xml version='1.0'?><stock onhand='5'><object/></stock>",
        "<?xml version='1.0'?><a b='<'/>",
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(active); i++) {
        if (!look_at(kt_str_of(active[i])).is_active)
            fail_msg("taken for harmless: %s", active[i]);
    }
    for (size_t i = 0; i < KT_COUNT(fine); i++) {
        if (look_at(kt_str_of(fine[i])).is_active)
            fail_msg("taken for active: %s", fine[i]);
    }
    IS(BYTES("<svg onload='x'/>"), CONTENT_ACTIVE);
    IS(BYTES("<?xml version='1.0'?><a><b>"), NONE);
    IS(BYTES("<?xml version='1.0'?><a><b"), CONTENT_CUT);
}

/* --- what was said of them --- */

static void declared_types__must_agree(void **state)
{
    const struct {
        struct kt_str octets;
        const char *media;
        const char *file;
        bool fits;
    } rows[] = {
        { PDF(""), "application/pdf", "a.pdf", true },
        { PDF(""), "Application/PDF; name=\"x.pdf\"", "A.PDF", true },
        { PDF(""), "application/octet-stream", "declaration v1.2", true },
        { PDF(""), NULL, "a.pdf. ", true },
        { PDF(""), "", "", true },
        { PDF(""), "image/png", NULL, false },
        { PDF(""), "application/x-secret", NULL, false },
        { PDF(""), "application/pdf", "a.png", false },
        { PDF(""), NULL, "a.pdf.exe", false },
        { PDF(""), NULL, "a.js", false },
        { PDF(""), NULL, "a.exe. .", false },
        { PNG, "image/png", "a.pdf", false },
        { BYTES("just words"), "application/pdf", NULL, false },
        { BYTES("a;b\n1;2\n"), "text/csv", "a.csv", true },
        { BYTES("a;b\n1;2\n"), NULL, "a.bat", false },
        { BYTES("<a/>"), "text/xml", "a.xml", true },
        { BYTES("<a/>"), "application/vnd.x+xml", NULL, true },
        { BYTES("<svg/>"), "image/svg+xml", "a.svg", true },
        { BYTES("<svg/>"), "image/png", NULL, false },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(rows); i++) {
        const enum kt_code code = code_of(rows[i].octets, rows[i].media, rows[i].file);
        if ((code == KT_E_NONE) != rows[i].fits || (code != KT_E_NONE && code != KT_E_CONTENT_TYPE))
            fail_msg("row %zu: %s", i, kt_code_name(code));
    }
}

static void programs__are_refused_whatever_they_are_called(void **state)
{
    char text[300];
    struct kt_content_look look;
    struct kt_err e = { 0 };
    static const struct kt_content_rules rules = { .size_max = 10 };
    (void)state;
    assert_int_equal(code_of(BYTES("MZ\x90\0\3"), "application/pdf", "a.pdf"),
                     KT_E_CONTENT_PROGRAM);
    assert_int_equal(code_of(BYTES("\x7F"
                                   "ELF\2"),
                             NULL, "a.pdf"),
                     KT_E_CONTENT_PROGRAM);
    assert_int_equal(code_of(BYTES("\1\2\3"), NULL, "a.pdf"), KT_E_CONTENT_UNKNOWN);
    assert_int_equal(kt_content_check(&rules, PDF(""), (struct kt_str){ NULL, 0 },
                                      (struct kt_str){ NULL, 0 }, "r", &look, &e),
                     KT_REJECT);
    assert_int_equal(e.v.code, KT_E_CONTENT_TOO_LARGE);
    kt_err_clear(&e);
    assert_int_equal(kt_content_check(&(struct kt_content_rules){ 0 }, BYTES("words"),
                                      (struct kt_str){ NULL, 0 }, KT_STR("Erkl\xC3\xA4rung.pdf"),
                                      "document s|D|1", &look, &e),
                     KT_REJECT);
    kt_sentence(&e.v, KT_LANG_EN, text, sizeof text);
    assert_string_equal(text, "document s|D|1: the file is called Erkl\xC3\xA4rung.pdf, but is "
                              "text/plain");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types__are_told_by_the_octets),
        cmocka_unit_test(sound_files__are_taken),
        cmocka_unit_test(empty_pdf__is_told),
        cmocka_unit_test(cut_pdf__is_told),
        cmocka_unit_test(encrypted_pdf__is_told),
        cmocka_unit_test(active_pdf__is_told),
        cmocka_unit_test(places_to_open_at__run_nothing),
        cmocka_unit_test(noise__is_not_a_script),
        cmocka_unit_test(cut_pictures__are_told),
        cmocka_unit_test(archives__are_looked_into),
        cmocka_unit_test(active_drawings__are_told),
        cmocka_unit_test(declared_types__must_agree),
        cmocka_unit_test(programs__are_refused_whatever_they_are_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
