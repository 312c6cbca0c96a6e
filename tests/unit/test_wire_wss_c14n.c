/* Canonical octets against the library's own transform, on documents that are made up: prefixes
 * bound anew, default namespaces, xml: attributes, entities, comments. */
#include "test_wire_wss_kit.h"

#include <xmlsec/nodeset.h>
#include <xmlsec/transforms.h>

static int set_up(void **state)
{
    (void)state;
    arena = kt_arena_new();
    kt_wss_library();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kt_arena_free(arena);
    return 0;
}

static struct kt_str octets_of(const char *xml, const char *name, const struct kt_wss_c14n *c14n)
{
    struct kt_str octets = { NULL, 0 };
    xmlDocPtr doc = kit_parse(kt_str_of(xml));
    xmlNodePtr node = xmlDocGetRootElement(doc);
    while (node != NULL && strcmp((const char *)node->name, name) != 0)
        node = node->children != NULL ? node->children : node->next;
    assert_non_null(node);
    assert_true(kt_wss_canonical(&octets, node, c14n, arena));
    return octets;
}

static void assert_octets(const char *xml, const char *name, enum kt_wss_c14n_kind kind,
                          const char *expected)
{
    const struct kt_wss_c14n c14n = { .kind = kind };
    assert_string_equal(octets_of(xml, name, &c14n).p, expected);
}

static void canonical__exclusive_takes_only_what_is_seen(void **state)
{
    (void)state;
    assert_octets(
        "<r xmlns='urn:d' xmlns:a='urn:a' xmlns:b='urn:b'><a:x b:k='1'><y/></a:x></r>", "x",
        KT_WSS_EXCLUSIVE,
        "<a:x xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" b:k=\"1\"><y xmlns=\"urn:d\"></y></a:x>");
    assert_octets(
        "<r xmlns:a='urn:a' xml:lang='de'><x z='2' a='1'>&#13;&lt;<!-- no --></x><w/></r>", "x",
        KT_WSS_EXCLUSIVE, "<x a=\"1\" z=\"2\">&#xD;&lt;</x>");
}

static void canonical__inclusive_takes_all_that_is_in_scope(void **state)
{
    (void)state;
    const char *xml = "<r xmlns='urn:d' xmlns:a='urn:a' xml:lang='de' xml:id='i'><x/></r>";
    assert_octets(xml, "x", KT_WSS_INCLUSIVE,
                  "<x xmlns=\"urn:d\" xmlns:a=\"urn:a\" xml:id=\"i\" xml:lang=\"de\"></x>");
    assert_octets(xml, "x", KT_WSS_INCLUSIVE_11,
                  "<x xmlns=\"urn:d\" xmlns:a=\"urn:a\" xml:lang=\"de\"></x>");
}

static void canonical__prefix_list_adds_what_is_named(void **state)
{
    (void)state;
    xmlChar a_name[] = "a", none[] = "";
    xmlChar *prefixes[] = { a_name, none, NULL };
    const struct kt_wss_c14n c14n = { KT_WSS_EXCLUSIVE, prefixes };
    const char *xml = "<r xmlns='urn:d' xmlns:a='urn:a' xmlns:b='urn:b'><b:x><y/></b:x></r>";
    assert_string_equal(octets_of(xml, "x", &c14n).p,
                        "<b:x xmlns=\"urn:d\" xmlns:a=\"urn:a\" xmlns:b=\"urn:b\"><y></y></b:x>");
}

static void canonical__leaves_the_document_as_it_was(void **state)
{
    (void)state;
    const char *xml = "<r xmlns:a=\"urn:a\"><x xml:space=\"preserve\"/><w/></r>";
    const struct kt_wss_c14n c14n = { .kind = KT_WSS_EXCLUSIVE };
    struct kt_str octets;
    xmlDocPtr doc = kit_parse(kt_str_of(xml));
    xmlNodePtr x = xmlDocGetRootElement(doc)->children;
    assert_true(kt_wss_canonical(&octets, x, &c14n, arena));
    assert_true(kt_wss_canonical(&octets, xmlDocGetRootElement(doc), &c14n, arena));
    assert_string_equal(octets.p, "<r><x xml:space=\"preserve\"></x><w></w></r>");
}

static void canonical__refuses_what_has_no_canonical_form(void **state)
{
    (void)state;
    const struct kt_wss_c14n c14n = { .kind = KT_WSS_EXCLUSIVE };
    struct kt_str octets;
    xmlDocPtr doc = kit_parse(KT_STR("<r xmlns:a='relative'><a:x/></r>"));
    assert_false(kt_wss_canonical(&octets, xmlDocGetRootElement(doc), &c14n, arena));
    doc = kit_parse(KT_STR("<r xmlns:a='urn:absolute'><a:x/></r>"));
    assert_true(kt_wss_canonical(&octets, xmlDocGetRootElement(doc), &c14n, arena));
}

/* What a message may cost is told by its own length. */
static void canonical__keeps_to_the_room_of_its_message(void **state)
{
    (void)state;
    static const struct {
        struct kt_wss_room room;
        bool has_form;
    } row[] = {
        { { .octets = 0 }, true },
        { { .octets = 0, .load.lookups_all = 1000000 }, true },
        { { .octets = 0, .load.lookups_all = 1000001 }, false },
        { { .octets = 1, .load.lookups_all = 1000032 }, true },
        { { .octets = 1, .load.lookups_all = 1000033 }, false },
    };
    const struct kt_wss_c14n inclusive = { .kind = KT_WSS_INCLUSIVE };
    const struct kt_wss_c14n exclusive = { .kind = KT_WSS_EXCLUSIVE };
    xmlDocPtr doc = kit_parse(KT_STR("<r xmlns:a='urn:absolute'><a:x/></r>"));
    struct kt_str octets;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_wss_room room = row[i].room;
        doc->_private = &room;
        assert_true(kt_wss_canonical(&octets, xmlDocGetRootElement(doc), &exclusive, arena));
        assert_int_equal(kt_wss_canonical(&octets, xmlDocGetRootElement(doc), &inclusive, arena),
                         row[i].has_form);
        assert_int_equal(room.is_exceeded, !row[i].has_form);
    }
}

static void canonical__looks_up_each_prefix_of_a_list(void **state)
{
    (void)state;
    xmlChar name[] = "a";
    xmlChar *prefixes[] = { name, name, NULL };
    const struct kt_wss_c14n c14n = { KT_WSS_EXCLUSIVE, prefixes };
    xmlDocPtr doc = kit_parse(KT_STR("<r xmlns:a='urn:absolute'><a:x/></r>"));
    struct kt_str octets;
    for (uint64_t lookups = 500000; lookups <= 500001; lookups++) {
        struct kt_wss_room room = { .load.lookups = lookups };
        doc->_private = &room;
        assert_int_equal(kt_wss_canonical(&octets, xmlDocGetRootElement(doc), &c14n, arena),
                         lookups == 500000);
    }
}

/* 100,000 octets of a name that stands in the message once. */
static void canonical__grows_only_so_far(void **state)
{
    (void)state;
    const struct kt_wss_c14n c14n = { .kind = KT_WSS_EXCLUSIVE };
    struct kt_buf b;
    struct kt_str octets;
    kt_buf_init(&b, arena, 1 << 20);
    kt_buf_text(&b, "<r xmlns:a='urn:");
    for (size_t i = 0; i < 1000; i++)
        kt_buf_char(&b, 'u');
    kt_buf_text(&b, "'>");
    for (size_t i = 0; i < 100; i++)
        kt_buf_text(&b, "<a:x/>");
    kt_buf_text(&b, "</r>");
    xmlDocPtr doc = kit_parse(kt_buf_view(&b));
    struct kt_wss_room room = { .octets = 5000 };
    doc->_private = &room;
    assert_false(kt_wss_canonical(&octets, xmlDocGetRootElement(doc), &c14n, arena));
    assert_true(room.is_exceeded);
    room = (struct kt_wss_room){ .octets = 15000 };
    assert_true(kt_wss_canonical(&octets, xmlDocGetRootElement(doc), &c14n, arena));
    assert_true(octets.n > 100000 && !room.is_exceeded);
}

/* --- made up documents --- */

static uint64_t seed;

static unsigned below(unsigned n)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(seed >> 33) % n;
}

static const char *one_of(const char *const *list, unsigned count)
{
    return list[below(count)];
}

static void put_declarations(struct kt_buf *b, bool is_root)
{
    static const char *const names[] = { "a", "b", "c" };
    static const char *const uris[] = { "urn:1", "urn:2", "http://x.test/3" };
    for (size_t i = 0; i < KT_COUNT(names); i++) {
        if (is_root || below(4) == 0)
            kt_buf_format(b, " xmlns:%s='%s'", names[i], one_of(uris, KT_COUNT(uris)));
    }
    if (below(4) == 0)
        kt_buf_format(b, " xmlns='%s'", below(3) == 0 ? "" : one_of(uris, KT_COUNT(uris)));
}

static void put_attributes(struct kt_buf *b)
{
    static const char *const values[] = { "v",          "a &amp; b", "&#xD;&#xA;&#9;",
                                          "&lt;\"&gt;", "  two  ",   "\xC3\xA4" };
    static const char *const names[] = { "z", "a", "m", "a:p1", "b:p2", "c:p3" };
    for (size_t i = 0; i < KT_COUNT(names); i++) {
        if (below(4) == 0)
            kt_buf_format(b, " %s='%s'", names[i], one_of(values, KT_COUNT(values)));
    }
    if (below(6) == 0)
        kt_buf_format(b, " xml:lang='%s'", below(2) == 0 ? "de" : "en");
    if (below(8) == 0)
        kt_buf_text(b, " xml:space='preserve'");
    if (below(8) == 0)
        kt_buf_text(b, " xml:base='http://b.test/x'");
}

static void put_element(struct kt_buf *b, unsigned depth, bool is_root)
{
    static const char *const names[] = { "e", "a:f", "b:g", "c:h" };
    static const char *const texts[] = {
        "text", "&amp;&lt;&gt;", "&#13;", "<![CDATA[<c> & ]]>", "<!-- a comment -->",
        "\n  ", "\xE2\x82\xAC"
    };
    const char *name = one_of(names, KT_COUNT(names));
    kt_buf_format(b, "<%s", name);
    put_declarations(b, is_root);
    put_attributes(b);
    kt_buf_text(b, ">");
    for (unsigned i = below(4); i > 0; i--) {
        if (depth > 0 && below(3) > 0)
            put_element(b, depth - 1, false);
        else
            kt_buf_text(b, one_of(texts, KT_COUNT(texts)));
    }
    kt_buf_format(b, "</%s>", name);
}

static xmlNodePtr some_element(xmlDocPtr doc)
{
    xmlNodePtr node = xmlDocGetRootElement(doc);
    for (unsigned steps = below(8); steps > 0; steps--) {
        xmlNodePtr next = kt_wss_first(node);
        if (next == NULL || below(3) == 0)
            next = kt_wss_next(node);
        if (next != NULL)
            node = next;
    }
    return node;
}

/* What the library's transform makes of it. */
static struct kt_str expected(xmlNodePtr node, const char *algorithm, const char *prefixes)
{
    struct kt_buf b;
    xmlSecTransformCtx run;
    assert_int_equal(xmlSecTransformCtxInitialize(&run), 0);
    kt_buf_init(&b, arena, 1000);
    kt_buf_format(&b, "<Transform xmlns='" KT_WSS_DS "' Algorithm='%s'>", algorithm);
    if (prefixes[0] != '\0')
        kt_buf_format(&b, "<InclusiveNamespaces xmlns='" KT_WSS_EXC_C14N "' PrefixList='%s'/>",
                      prefixes);
    kt_buf_text(&b, "</Transform>");
    xmlDocPtr transform = kit_parse(kt_buf_view(&b));
    assert_non_null(xmlSecTransformCtxNodeRead(&run, xmlDocGetRootElement(transform),
                                               xmlSecTransformUsageDSigTransform));
    xmlSecNodeSetPtr set = xmlSecNodeSetGetChildren(node->doc, node, 0, 0);
    assert_non_null(set);
    assert_int_equal(xmlSecTransformCtxXmlExecute(&run, set), 0);
    assert_non_null(run.result);
    struct kt_str octets =
        kt_str_copy(arena, (struct kt_str){ (const char *)xmlSecBufferGetData(run.result),
                                            xmlSecBufferGetSize(run.result) });
    xmlSecNodeSetDestroy(set);
    xmlSecTransformCtxFinalize(&run);
    return octets;
}

static void canonical__is_what_the_library_makes_of_anything(void **state)
{
    static const struct {
        enum kt_wss_c14n_kind kind;
        const char *uri, *list;
        const char *prefix[3];
    } ways[] = {
        { KT_WSS_EXCLUSIVE, KT_WSS_EXC_C14N, "", { NULL } },
        { KT_WSS_EXCLUSIVE, KT_WSS_EXC_C14N, "a #default", { "a", "", NULL } },
        { KT_WSS_EXCLUSIVE, KT_WSS_EXC_C14N, "c xml", { "c", "xml", NULL } },
        { KT_WSS_INCLUSIVE, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "", { NULL } },
        { KT_WSS_INCLUSIVE_11, "http://www.w3.org/2006/12/xml-c14n11", "", { NULL } },
    };
    (void)state;
    for (uint64_t round = 0; round < 3000; round++) {
        struct kt_buf b;
        seed = round * 7919 + 1;
        kt_buf_init(&b, arena, 1 << 20);
        put_element(&b, 5, true);
        xmlDocPtr doc = kit_parse(kt_buf_view(&b));
        xmlNodePtr node = some_element(doc);
        for (size_t i = 0; i < KT_COUNT(ways); i++) {
            xmlChar *prefix[3] = { NULL };
            struct kt_wss_c14n c14n = { ways[i].kind, NULL };
            struct kt_str octets;
            for (size_t k = 0; ways[i].prefix[k] != NULL; k++)
                prefix[k] = (xmlChar *)kt_text_copy(arena, ways[i].prefix[k]);
            if (prefix[0] != NULL)
                c14n.prefix = prefix;
            assert_true(kt_wss_canonical(&octets, node, &c14n, arena));
            struct kt_str wanted = expected(node, ways[i].uri, ways[i].list);
            if (!kt_str_eq(octets, wanted))
                fail_msg("round %u, way %zu, of %s:\n%s\nand not\n%s", (unsigned)round, i, b.p,
                         octets.p, wanted.p);
        }
        if (round % 100 == 99) {
            kt_arena_reset(arena);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical__exclusive_takes_only_what_is_seen),
        cmocka_unit_test(canonical__inclusive_takes_all_that_is_in_scope),
        cmocka_unit_test(canonical__prefix_list_adds_what_is_named),
        cmocka_unit_test(canonical__leaves_the_document_as_it_was),
        cmocka_unit_test(canonical__refuses_what_has_no_canonical_form),
        cmocka_unit_test(canonical__keeps_to_the_room_of_its_message),
        cmocka_unit_test(canonical__looks_up_each_prefix_of_a_list),
        cmocka_unit_test(canonical__grows_only_so_far),
        cmocka_unit_test(canonical__is_what_the_library_makes_of_anything),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
