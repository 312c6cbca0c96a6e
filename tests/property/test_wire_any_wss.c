/* Whatever stands in an Envelope of ours: sealed by one side and opened by the other it is the same
 * business content, for every kind of key and every policy; a change of any octet of it is not
 * taken, or changes nothing. */
#include "generator.h"

#include "test_wire_wss_kit.h"

#define S11 "http://schemas.xmlsoap.org/soap/envelope/"
#define S12 "http://www.w3.org/2003/05/soap-envelope"
#define XSI "http://www.w3.org/2001/XMLSchema-instance"

enum { ROUNDS = 60, CHANGES = 400 };

static const char *const words_signed[] = { "signature", NULL };
static const char *const words_confirmed[] = { "signature", "confirmation", NULL };
static const char *const words_encrypted[] = { "signature", "encryption", NULL };
static const char *const words_user[] = { "username-digest", NULL };
static const char *const words_both[] = { "username", "signature", NULL };

static const struct {
    const char *key;
    const char *const *words;
} policy[] = { { "rsa", words_signed },    { "p256", words_confirmed }, { "p384", words_encrypted },
               { "p521", words_signed },   { "rsa", words_user },       { "p256", words_both },
               { "rsa", words_encrypted }, { "p384", words_confirmed } };

/* The two sides: a key of our own is nobody's else. */
static struct kit_site giver[KT_COUNT(policy)];
static struct kit_site taker[KT_COUNT(policy)];

static int open_all(void **state)
{
    (void)kit_open(state);
    for (size_t i = 0; i < KT_COUNT(policy); i++) {
        const bool is_signed = policy[i].words != words_user;
        giver[i] = kit_site(policy[i].key, NULL, NULL, policy[i].words, NULL);
        taker[i] = kit_site(is_signed ? "other" : NULL, is_signed ? policy[i].key : NULL,
                            policy[i].words, is_signed ? words_signed : NULL, NULL);
    }
    return 0;
}

static int close_all(void **state)
{
    for (size_t i = 0; i < KT_COUNT(policy); i++) {
        kit_site_close(&giver[i]);
        kit_site_close(&taker[i]);
    }
    return kit_close(state);
}

/* --- envelopes --- */

static const char *const pieces[] = { "Größe",       "&lt;",   "&amp;&#13;", "\n\t ",
                                      "\"'",         "]]&gt;", "𝄞",          "<![CDATA[<x>&]]>",
                                      "<!-- no -->", "&#10;",  "0" };
static const char *const names[] = { "Order", "Zeile", "a", "b.c-d", "_9" };
static const char *const prefixes[] = { "", "k", "wsu", "ds", "e", "x1" };
/* none holds quotes, '&' or '<': libxml2 2.9 has no canonical form for those, they are refused */
static const char *const uris[] = { "urn:k", "urn:other", "http://example.org/a?b=c;d=e#f" };

#define ANY(g, array) (array)[gen_below(g, KT_COUNT(array))]

static void put_text(struct kt_buf *out, struct gen *g, bool is_attribute)
{
    for (size_t n = gen_below(g, 4); n > 0; n--) {
        const char *piece = ANY(g, pieces);
        if (!is_attribute || (piece[0] != '<' && piece[0] != '"'))
            kt_buf_text(out, piece);
    }
}

static void put_element(struct kt_buf *out, struct gen *g, unsigned depth)
{
    const char *name = ANY(g, names);
    const char *prefix = ANY(g, prefixes);
    const char *mark = prefix[0] == '\0' ? "" : ":";
    kt_buf_format(out, "<%s%s%s xmlns%s%s=\"%s\"", prefix, mark, name, mark, prefix, ANY(g, uris));
    kt_buf_format(out, " z=\"");
    put_text(out, g, true);
    kt_buf_text(out, "\"");
    if (gen_below(g, 4) == 0)
        kt_buf_format(out, " xmlns:t=\"urn:t\" xmlns:xsi=\"" XSI "\" xsi:type=\"t:Thing\"");
    kt_buf_text(out, ">");
    put_text(out, g, false);
    for (size_t n = depth < 4 ? gen_below(g, 4) : 0; n > 0; n--) {
        put_element(out, g, depth + 1);
        put_text(out, g, false);
    }
    kt_buf_format(out, "</%s%s%s>", prefix, mark, name);
}

static void put_header(struct kt_buf *out, const char *soap, const char *answers)
{
    kt_buf_format(out, "<%s:Header xmlns:w=\"" KT_WSS_WSA "\">", soap);
    if (answers != NULL)
        kt_buf_format(out, "<w:RelatesTo>%s</w:RelatesTo>", answers);
    else
        kt_buf_text(out, "<w:MessageID>urn:uuid:1</w:MessageID><w:Action>urn:k/Ask</w:Action>"
                         "<w:ReplyTo><w:Address>" KT_WSS_WSA "/anonymous</w:Address></w:ReplyTo>");
    kt_buf_format(out, "</%s:Header>", soap);
}

static struct kt_str envelope(struct gen *g, const char *answers)
{
    struct kt_buf out;
    const char *soap = gen_below(g, 2) == 0 ? "SOAP-ENV" : "s";
    kt_buf_init(&out, arena, 1024 * 1024);
    if (gen_below(g, 2) == 0)
        kt_buf_text(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    kt_buf_format(&out, "<%s:Envelope xmlns:%s=\"%s\">", soap, soap,
                  gen_below(g, 2) == 0 ? S11 : S12);
    if (answers != NULL || gen_below(g, 2) == 0)
        put_header(&out, soap, answers);
    kt_buf_format(&out, "<%s:Body><Ask xmlns=\"urn:k\">", soap);
    for (size_t n = gen_below(g, 5); n > 0; n--)
        put_element(&out, g, 0);
    kt_buf_format(&out, "</Ask></%s:Body></%s:Envelope>", soap, soap);
    assert_true(kt_buf_ok(&out));
    return kt_buf_view(&out);
}

/* The octets of what stands in the Body. */
static struct kt_str content_of(struct kt_str xml)
{
    static const struct kt_wss_c14n exclusive = { KT_WSS_EXCLUSIVE, NULL };
    struct kt_str octets;
    xmlNodePtr body = kt_wss_first(xmlDocGetRootElement(kit_parse(xml)));
    while (strcmp((const char *)body->name, "Body") != 0)
        body = kt_wss_next(body);
    assert_true(kt_wss_canonical(&octets, kt_wss_first(body), &exclusive, arena));
    return octets;
}

/* --- both ways --- */

static struct kt_str seal_it(const struct kit_site *s, struct kt_str xml,
                             const struct kt_wss_opened *request, struct kt_wss_asked *asked)
{
    struct kt_buf out;
    struct kt_err e = { 0 };
    kt_buf_init(&out, arena, 4 * 1024 * 1024);
    if (kt_wss_seal(s->ring, "sap", xml, request, KIT_NOW, &out, asked, arena, &e) != KT_OK)
        fail_msg("%s: %s\n%s", kt_code_name(e.v.code), e.trail, xml.p);
    return kt_buf_view(&out);
}

static enum kt_rc open_it(const struct kit_site *s, struct kt_str xml,
                          const struct kt_wss_asked *asked, struct kt_wss_opened *out,
                          struct kt_err *e)
{
    const struct kt_wss_message m = {
        .xml = xml, .policy = "sap", .is_tls = true, .now_us = KIT_NOW + KT_SECOND, .asked = asked
    };
    return kt_wss_open(s->ring, &m, out, arena, e);
}

static void must_open(const struct kit_site *s, struct kt_str xml, const struct kt_wss_asked *asked,
                      struct kt_wss_opened *out)
{
    struct kt_err e = { 0 };
    if (open_it(s, xml, asked, out, &e) != KT_OK)
        fail_msg("%s: %s\n%s", kt_wss_code_text(out->code), e.trail, xml.p);
}

static void what_is_sealed__is_opened_as_it_was(void **state)
{
    struct gen g = gen_start("sealed and opened");
    (void)state;
    for (size_t i = 0; i < ROUNDS; i++) {
        const size_t at = i % KT_COUNT(policy);
        struct kt_str asks = envelope(&g, NULL);
        struct kt_wss_asked asked;
        struct kt_wss_opened request;
        struct kt_wss_opened answer;
        must_open(&taker[at], seal_it(&giver[at], asks, NULL, &asked), NULL, &request);
        assert_true(kt_str_eq(content_of(asks), content_of(request.xml)));
        if (policy[at].words == words_user)
            continue; /* an answer carries no user: nothing says whose it is */
        assert_true(kt_str_eq(request.signature_value, asked.signature_value));
        struct kt_str answers = envelope(&g, asked.message_id.n > 0 ? asked.message_id.p : "x");
        must_open(&taker[at], seal_it(&giver[at], answers, &request, NULL), &asked, &answer);
        assert_true(kt_str_eq(content_of(answers), content_of(answer.xml)));
    }
}

/* One octet at a time, anywhere: refused, or taken with the very same content (an octet between
 * attributes, a prefix of the Envelope). */
static void a_changed_octet__never_changes_what_is_believed(void **state)
{
    struct gen g = gen_start("changed octets");
    size_t refused = 0;
    (void)state;
    for (size_t i = 0; i < CHANGES; i++) {
        struct kt_str asks = envelope(&g, NULL);
        struct kt_str before = content_of(asks);
        struct kt_str sealed = seal_it(&giver[i % 4], asks, NULL, NULL);
        char *octets = (char *)(uintptr_t)sealed.p;
        octets[gen_below(&g, sealed.n)] ^= (char)(1U << gen_below(&g, 7));
        struct kt_wss_opened out;
        struct kt_err e = { 0 };
        if (open_it(&taker[i % 4], sealed, NULL, &out, &e) == KT_OK)
            assert_true(kt_str_eq(before, content_of(out.xml)));
        else
            refused++;
    }
    assert_true(refused > CHANGES / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed__is_opened_as_it_was),
        cmocka_unit_test(a_changed_octet__never_changes_what_is_believed),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
