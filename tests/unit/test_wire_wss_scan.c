/* Octets of a secured message: each refusal beside a twin that differs only by it, limits to the
 * one, and what refusing costs. */
#include <limits.h>
#include <time.h>

#include "test_wire_wss_tree_kit.h"

static void octets__are_utf8_without_a_document_type(void **state)
{
    static const struct pair pair[] = {
        { KT_WSS_BYTES_ENCODING, "<?xml version='1.0' encoding='UTF-7'?>" BODY("<k:Op/>"),
          "<?xml version='1.0' encoding='utf-8'?>" BODY("<k:Op/>") },
        { KT_WSS_BYTES_ENCODING, BODY("<k:Op>\xC0\xBC</k:Op>"), BODY("<k:Op>\xC3\xBC</k:Op>") },
        { KT_WSS_BYTES_ENCODING, BODY("<k:Op>\xED\xA0\x80</k:Op>"),
          BODY("<k:Op>\xED\x9F\xBF</k:Op>") },
        { KT_WSS_BYTES_ENCODING, "\xFF\xFE" BODY("<k:Op/>"), "\xEF\xBB\xBF" BODY("<k:Op/>") },
        { KT_WSS_BYTES_DOCTYPE, "<!DOCTYPE a>" BODY("<k:Op/>"), "<!--DOCTYPE-->" BODY("<k:Op/>") },
        { KT_WSS_BYTES_DOCTYPE, "<!DOCTYPE a [<!ENTITY b 'c'>]>" BODY("<k:Op>&b;</k:Op>"),
          BODY("<k:Op>&amp;b;</k:Op>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op>&b;</k:Op>"), BODY("<k:Op>&lt;b;</k:Op>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op a='1' a='2'/>"), BODY("<k:Op a='1' b='2'/>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op>&#0;</k:Op>"), BODY("<k:Op>&#9;</k:Op>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op>\x01</k:Op>"), BODY("<k:Op>\x09</k:Op>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<m:Op/>"), BODY("<m:Op xmlns:m='m'/>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op m:a=''/>"), BODY("<k:Op xmlns:m='{}' m:a=''/>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op xmlns:m=''/>"), BODY("<k:Op xmlns=''/>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op xmlns:xml='m'/>"),
          BODY("<k:Op xmlns:xml='http://www.w3.org/XML/1998/namespace'/>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op xmlns:m='m&amp;n'/>"),
          BODY("<k:Op xmlns:m='m%n'/>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op xmlns='m&lt;n'/>"), BODY("<k:Op xmlns='m/n'/>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op xmlns='m&#10;'/>"), BODY("<k:Op xmlns='m#10'/>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op xmlns='m&quot;'/>"), BODY("<k:Op xmlns='m.'/>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op xmlns=\"'\"/>"), BODY("<k:Op xmlns=\"m\"/>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op k:a='' l:a='' xmlns:l='urn:k'/>"),
          BODY("<k:Op k:a='' l:a='' xmlns:l='urn:l'/>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:O:p/>"), BODY("<k:O.p/>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op></k:Oq>"), BODY("<k:Op></k:Op>") },
        { KT_WSS_BYTES_MALFORMED, "", BODY("<k:Op/>") },
    };
    (void)state;
    expect_all(pair, KT_COUNT(pair));
    struct kt_str nul = { BODY("<k:Op>\0</k:Op>"), sizeof BODY("<k:Op>\0</k:Op>") - 1 };
    assert_int_equal(read_octets(nul), KT_WSS_BYTES_ENCODING);
}

#define BEFORE "<s:Envelope xmlns:s='" V11 "'><s:Body>"
#define AFTER  "</s:Body></s:Envelope>"

static void octets__have_limits(void **state)
{
    static const struct {
        enum kt_wss_code code;
        const char *before, *each, *after;
        size_t least; /* where it is refused; one less is fine */
    } row[] = {
        { KT_WSS_BYTES_ATTRIBUTES, BEFORE "<a", " b%zu=''", "/>" AFTER, 65 },
        { KT_WSS_BYTES_ATTRIBUTES, BEFORE "<a", " b%zu = '>'", "></a>" AFTER, 65 },
        { KT_WSS_BYTES_ATTRIBUTES, BEFORE "<a xmlns='xmlns:a='", "\n\tb%zu=\"x='\"", "/>" AFTER,
          65 },
        { KT_WSS_BYTES_NAMESPACES, BEFORE "<a", " xmlns:b%zu='u'", "/>" AFTER, 32 },
        { KT_WSS_BYTES_NAMESPACES, BEFORE "<a", " xmlns:b%zu\t=\n'u'", "/>" AFTER, 32 },
        { KT_WSS_BYTES_TAG, BEFORE "<a b='", "c", "'/>" AFTER, 8192 - 8 },
        { KT_WSS_BYTES_ELEMENTS, BEFORE "<q>", "<a/>", "</q>" AFTER, 1000001 - 3 },
        { KT_WSS_BYTES_ELEMENTS, BEFORE "<q>", "<!---->", "</q>" AFTER, 1000001 - 3 },
        { KT_WSS_BYTES_ELEMENTS, BEFORE "<q>", "<![CDATA[]]>", "</q>" AFTER, 1000001 - 3 },
        { KT_WSS_BYTES_NAMESPACES, BEFORE "<a xmlns='", "u", "'/>" AFTER, 257 },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        assert_int_equal(
            read_octets(many(row[i].before, row[i].each, row[i].least - 1, row[i].after)),
            KT_WSS_OK);
        assert_int_equal(read_octets(many(row[i].before, row[i].each, row[i].least, row[i].after)),
                         row[i].code);
    }
}

/* Side by side, declarations are never in scope together; one inside the other, they are. */
static void octets__count_declarations_in_scope(void **state)
{
    (void)state;
    for (size_t n = 30; n <= 31; n++) { /* and one of Envelope's, one beside */
        const char *closed = kt_text_copy(texts, many("", "</a>", n, AFTER).p);
        const struct kt_str xml =
            many(BEFORE, "<a xmlns='u%zu'><!-- <a xmlns='u'> --><b xmlns='x'/>", n, closed);
        assert_int_equal(read_octets(xml), n == 30 ? KT_WSS_OK : KT_WSS_BYTES_NAMESPACES);
    }
    assert_int_equal(read_octets(many(BEFORE, "<a>", 62, "")), KT_WSS_BYTES_MALFORMED);
    assert_int_equal(read_octets(many(BEFORE, "<a>", 63, "")), KT_WSS_BYTES_DEPTH);
    assert_int_equal(
        read_octets(many(BEFORE "<q>", "<a xmlns:b='b'/><c xmlns:d='d'></c>", 1000, "</q>" AFTER)),
        KT_WSS_OK);
    assert_int_equal(
        read_octets(many(BEFORE "<q>", "<a><![CDATA[<b xmlns:c=''>]]></a>", 100, "</q>" AFTER)),
        KT_WSS_OK);
}

/* What one reader takes for the whole of a comment or an instruction and another only for its
 * beginning. */
static void octets__are_cut_in_one_way(void **state)
{
    static const struct pair pair[] = {
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op><?></x></x></x></x>?></k:Op>"),
          BODY("<k:Op><!-- ></x></x></x></x>?--></k:Op>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op><!--></x></x></x></x></k:Op>"),
          BODY("<k:Op><!--></x></x></x></x>--></k:Op>") },
        { KT_WSS_BYTES_MALFORMED, BODY("<k:Op><![CDATA[></x></x></x></x></k:Op>"),
          BODY("<k:Op><![CDATA[></x></x></x></x>]]></k:Op>") },
    };
    (void)state;
    expect_all(pair, KT_COUNT(pair));
    assert_int_equal(read_octets(many(BEFORE "<q><?>", "<a>", 80, "?></q>" AFTER)),
                     KT_WSS_BYTES_MALFORMED);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(IS_SANITIZED)
enum { SLOWNESS = 20 };
#else
enum { SLOWNESS = 4 }; /* a busy machine; quadratic cost is far beyond */
#endif

/* Whatever 1 MB holds. The parser alone would take seconds for names and for xml:id. */
static void refusing__is_cheap(void **state)
{
    static const struct {
        const char *before, *each, *after;
        size_t times;
    } row[] = {
        { BEFORE "<a", " b%zu=''", "/>" AFTER, 20000 },
        { BEFORE, "<a xmlns:b%zu='c%zu'>", "", 20000 },
        { BEFORE "<q>", "<a/>", "</q>" AFTER, 1000001 },
        { BEFORE, "<a>", "", 300000 },
        { BEFORE "<q>", "<a%zu/>", "</q>" AFTER, 900000 },
        { BEFORE "<q>", "<a xml:id='i%zu'/>", "<?a?></q>" AFTER, 500000 },
        { BEFORE "<q>", "<a Id='i%zu'/>", "<b Id='i1'/></q>" AFTER, 500000 },
        { BEFORE "<q>", "<?a?>", "</q>" AFTER, 200000 },
        { BEFORE "<q><e e='", "&amp;", "'/></q>" AFTER, 1500 },
        { BEFORE "<q>", "&b;", "</q>" AFTER, 300000 },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_str xml = many(row[i].before, row[i].each, row[i].times, row[i].after);
        enum kt_wss_code code = KT_WSS_OK;
        long ms = LONG_MAX; /* the best of three */
        for (int k = 0; k < 3; k++) {
            const clock_t from = clock();
            code = read_octets(xml);
            const long took = (long)((clock() - from) / (CLOCKS_PER_SEC / 1000));
            ms = took < ms ? took : ms;
        }
        const long allowed = 100 * (long)(xml.n / 1000000 + 1);
        if (i != 8)
            assert_int_not_equal(code, KT_WSS_OK);
        if (ms > allowed * SLOWNESS)
            fail_msg("row %zu: %ld ms for %zu octets (%s)", i, ms, xml.n, kt_wss_code_text(code));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(octets__are_utf8_without_a_document_type),
        cmocka_unit_test(octets__have_limits),
        cmocka_unit_test(octets__count_declarations_in_scope),
        cmocka_unit_test(octets__are_cut_in_one_way),
        cmocka_unit_test(refusing__is_cheap),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
