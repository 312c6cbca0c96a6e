/* How closed the grammar of a Signature is: single things that are too many, missing, or of another
 * name, each in a message that is otherwise accepted. What stands outside of SignedInfo leaves the
 * signature as it was, so that nothing else could refuse these. */
#include "test_wire_wss_maker.h"

#include <openssl/ecdsa.h>

static struct shop shop;
static const char *base; /* by token */

static int set_up(void **state)
{
    int rc = kit_open(state);
    shop = open_shop(policy("sap", "rsa", "signature", NULL));
    base = message(&(struct draft){ 0 });
    return rc;
}

static int tear_down(void **state)
{
    close_shop(&shop);
    return kit_close(state);
}

struct edit {
    const char *old, *new_one, *code;
};

static void check_edits(const char *text, const struct edit *edit, size_t count)
{
    assert_opens(&shop, text, "ok");
    for (size_t i = 0; i < count; i++)
        assert_opens(&shop, swap(text, edit[i].old, edit[i].new_one), edit[i].code);
}

#define STR_REFERENCE \
    "<wsse:Reference URI=\"#token\" ValueType=\"" KT_WSS_PROFILE_X509 "#X509v3\"/>"

static void key_info__has_one_child_of_one_form(void **state)
{
    static const struct edit edit[] = {
        { "<ds:KeyInfo>", "<ds:KeyInfo>x", "keyinfo.form" },
        { "<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyName/>", "keyinfo.form" },
        { "</ds:KeyInfo>", "<ds:KeyName/></ds:KeyInfo>", "keyinfo.form" },
        { TOKEN_REFERENCE, "", "keyinfo.form" },
        { STR_REFERENCE, "", "keyinfo.form" },
        { STR_REFERENCE, "x" STR_REFERENCE, "keyinfo.form" },
        { STR_REFERENCE, STR_REFERENCE STR_REFERENCE, "keyinfo.form" },
        { "<wsse:Reference ", "<wsse:Embedded ", "keyinfo.form" },
        { "URI=\"#token\"", "URI=\"token\"", "keyinfo.form" },
        { "URI=\"#token\"", "URI=\"xtoken\"", "keyinfo.form" },
        { "URI=\"#token\"", "URI=\"#body\"", "keyinfo.form" },
        { "URI=\"#token\"", "", "keyinfo.form" },
        { "#X509v3\"/></wsse:SecurityTokenReference>",
          "#X509v3\">x</wsse:Reference></wsse:SecurityTokenReference>", "keyinfo.form" },
    };
    (void)state;
    check_edits(base, edit, KT_COUNT(edit));
    const char *without = swap(base, token_of("rsa"), "");
    assert_opens(&shop, without, "keyinfo.form");
}

/* The certificate in base64. */
static const char *certificate_text(const char *name)
{
    const char *token = token_of(name);
    const char *from = strchr(token, '>') + 1;
    return kt_format(arena, "%.*s", (int)strcspn(from, "<"), from);
}

static void key_identifier__stands_alone(void **state)
{
    static const struct edit edit[] = {
        { "</wsse:KeyIdentifier>", "</wsse:KeyIdentifier><ds:KeyName/>", "keyinfo.form" },
        { "</wsse:KeyIdentifier>", "</wsse:KeyIdentifier>x", "keyinfo.form" },
        { "#X509v3\">MII", "#X509v4\">MII", "keyinfo.form" },
        { "#X509v3\">MII", "#X509v3\">*II", "keyinfo.form" },
    };
    (void)state;
    const char *text = message(&(struct draft){
        .key_info = kt_format(arena,
                              "<wsse:SecurityTokenReference><wsse:KeyIdentifier ValueType=\"%s"
                              "#X509v3\">%s</wsse:KeyIdentifier></wsse:SecurityTokenReference>",
                              KT_WSS_PROFILE_X509, certificate_text("rsa")) });
    text = swap(text, token_of("rsa"), "");
    check_edits(text, edit, KT_COUNT(edit));
}

static const char *issuer_serial(const char *inner)
{
    return kt_format(
        arena, "<ds:X509Data><ds:X509IssuerSerial>%s</ds:X509IssuerSerial></ds:X509Data>", inner);
}

/* The name of the signer: "rsa" is the first key that is made. */
#define ISSUER                                              \
    "<ds:X509IssuerName>C=DE,O=Müller\\, Söhne &amp; Co " \
    "\\&lt;test\\&gt;,CN=rsa</ds:X509IssuerName>"
#define ISSUER_BACKWARDS                                                           \
    "<ds:X509IssuerName>CN=rsa,O=Müller\\, Söhne &amp; Co \\&lt;test\\&gt;,C=DE" \
    "</ds:X509IssuerName>"
#define SERIAL "<ds:X509SerialNumber>4711</ds:X509SerialNumber>"

static void issuer_and_serial__are_these_two_alone(void **state)
{
    char many[1200];
    static const struct edit edit[] = {
        { ISSUER_BACKWARDS, "", "keyinfo.form" },
        { SERIAL, "", "keyinfo.form" },
        { SERIAL, SERIAL SERIAL, "keyinfo.form" },
        { SERIAL, SERIAL "x", "keyinfo.form" },
        { SERIAL, SERIAL "<ds:X509SKI/>", "keyinfo.form" },
        { ISSUER_BACKWARDS SERIAL, SERIAL ISSUER_BACKWARDS, "keyinfo.form" },
        { "X509IssuerName>CN", "X509SubjectName>CN", "bytes.malformed" },
        { "4711", "", "keyinfo.form" },
        { "4711", "-4711", "keyinfo.form" },
        { "4711", "4711:", "keyinfo.form" },
        { "4711", "4712", "key.unknown" },
        { "4711", "47 11", "keyinfo.form" },
        { "CN=rsa,", "", "key.unknown" },
        { "CN=rsa", "CN=rsb", "key.unknown" },
    };
    (void)state;
    const char *text =
        message(&(struct draft){ .key_info = issuer_serial(ISSUER_BACKWARDS SERIAL) });
    check_edits(text, edit, KT_COUNT(edit));
    assert_opens(&shop, swap(text, ISSUER_BACKWARDS, "<ds:X509IssuerName/>"), "keyinfo.form");
    assert_opens(&shop, swap(text, ISSUER_BACKWARDS, ISSUER), "ok");
    memset(many, '7', sizeof many);
    many[65] = '\0';
    assert_opens(&shop, swap(text, "4711", many), "keyinfo.form");
    memset(many, 'x', sizeof many);
    many[1100] = '\0';
    assert_opens(&shop, swap(text, "CN=rsa", kt_format(arena, "CN=%s", many)), "keyinfo.form");
    const char *other = swap(text, "<ds:X509IssuerName>", "<ds:X509SubjectName>");
    assert_opens(&shop, swap(other, "</ds:X509IssuerName>", "</ds:X509SubjectName>"),
                 "keyinfo.form");
    other = swap(text, "<ds:X509SerialNumber>", "<ds:X509Number>");
    assert_opens(&shop, swap(other, "</ds:X509SerialNumber>", "</ds:X509Number>"), "keyinfo.form");
}

/* An element's name in both its tags. */
static const char *renamed(const char *text, const char *from, const char *to)
{
    const char *opened_tag = swap(text, kt_format(arena, "<%s", from), kt_format(arena, "<%s", to));
    return swap(opened_tag, kt_format(arena, "</%s>", from), kt_format(arena, "</%s>", to));
}

static void signature__has_its_three_children_by_name(void **state)
{
    (void)state;
    assert_opens(&shop, renamed(base, "ds:SignatureValue", "ds:Value"), "signature.form");
    assert_opens(&shop, renamed(base, "ds:KeyInfo", "ds:Key"), "signature.form");
    assert_opens(&shop, renamed(base, "ds:SignedInfo", "ds:Info"), "signature.form");
    assert_opens(&shop, renamed(base, "ds:DigestValue", "ds:Value"), "signature.form");
    assert_opens(&shop, renamed(base, "ds:Reference", "ds:Manifest"), "signature.form");
}

#define EXCLUSIVE_WAY "<ds:Transform Algorithm=\"" KT_WSS_EXC_C14N "\"/>"
#define LISTED(more) \
    "<c:InclusiveNamespaces xmlns:c=\"" KT_WSS_EXC_C14N "\" PrefixList=\"wsu\"/>" more

/* These stand in SignedInfo: their codes come before its value is looked at. */
static void references__hold_nothing_else(void **state)
{
    static const struct edit edit[] = {
        { "<ds:Transforms>", "<ds:Transforms>x", "signature.form" },
        { EXCLUSIVE_WAY, "<ds:Transform Algorithm=\"" KT_WSS_EXC_C14N "\">x</ds:Transform>",
          "signature.transform" },
        { EXCLUSIVE_WAY,
          "<ds:Transform Algorithm=\"" KT_WSS_EXC_C14N "\">" LISTED(LISTED("")) "</ds:Transform>",
          "signature.transform" },
        { "<ds:CanonicalizationMethod Algorithm=\"" KT_WSS_EXC_C14N "\"/>",
          "<ds:CanonicalizationMethod Algorithm=\"" KT_WSS_EXC_C14N
          "\">x</ds:CanonicalizationMethod>",
          "signature.canonicalization" },
        { "<ds:Transforms>",
          "<ds:Transforms><ds:Transform Algorithm=\"" KT_WSS_DS
          "enveloped-signature\"><x/></ds:Transform>",
          "signature.transform" },
    };
    (void)state;
    check_edits(base, edit, KT_COUNT(edit));
}

#define STR_WAY                                                                              \
    "<ds:Transform Algorithm=\"" KT_WSS_MESSAGE_SECURITY "#STR-Transform\">"                 \
    "<wsse:TransformationParameters><ds:CanonicalizationMethod Algorithm=\"" KT_WSS_EXC_C14N \
    "\"/></wsse:TransformationParameters></ds:Transform>"
#define METHOD "<ds:CanonicalizationMethod Algorithm=\"" KT_WSS_EXC_C14N "\"/></wsse:"

static void str_transform__has_one_parameter(void **state)
{
    static const struct edit edit[] = {
        { METHOD, "x" METHOD, "signature.transform" },
        { "<wsse:TransformationParameters>", "x<wsse:TransformationParameters>",
          "signature.transform" },
        { METHOD, "<x/>" METHOD, "signature.transform" },
        { METHOD, "<ds:CanonicalizationMethod Algorithm=\"" KT_WSS_EXC_C14N "\"/>" METHOD,
          "signature.transform" },
        { METHOD,
          "<ds:Transform Algorithm=\"" KT_WSS_EXC_C14N "\"/></wsse:", "signature.transform" },
        { METHOD, "</wsse:", "signature.transform" },
        { "</wsse:TransformationParameters></ds:Transform>",
          "</wsse:TransformationParameters><wsse:TransformationParameters/></ds:Transform>",
          "signature.transform" },
        { "URI=\"#str\"", "URI=\"#body\"", "reference.place" },
        { "URI=\"#str\"", "URI=\"#token\"", "reference.place" },
    };
    (void)state;
    const char *way = reference_to("#str", STR_WAY, NULL);
    const char *two = references_of(&(struct draft){ 0 });
    const char *text =
        draft_text(&(struct draft){ .references = kt_format(arena, "%s%s", two, way) });
    /* never signed: what is in order ends at the value */
    const char *value =
        swap(text, "<ds:SignatureValue/>", "<ds:SignatureValue>AAAA</ds:SignatureValue>");
    const char *digest = kt_format(arena, "<ds:DigestValue>%s</ds:DigestValue>",
                                   base64_of("01234567890123456789012345678901", 32));
    while (strstr(value, "<ds:DigestValue></ds:DigestValue>") != NULL)
        value = swap(value, "<ds:DigestValue></ds:DigestValue>", digest);
    assert_opens(&shop, value, "signature.value");
    for (size_t i = 0; i < KT_COUNT(edit); i++)
        assert_opens(&shop, swap(value, edit[i].old, edit[i].new_one), edit[i].code);
}

#define SWA_WAY(inside)                                                                  \
    "<ds:Transform Algorithm=\"http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#" \
    "Attachment-Content-Signature-Transform\">" inside "</ds:Transform>"

static void attachment_transform__has_no_parameter(void **state)
{
    (void)state;
    const char *ways[] = { SWA_WAY(""), SWA_WAY("<x/>"), SWA_WAY("x") };
    for (size_t i = 0; i < KT_COUNT(ways); i++) {
        const char *way = reference_to("cid:a", ways[i], NULL);
        const char *value = draft_text(&(struct draft){ .references = way });
        value = swap(value, "<ds:SignatureValue/>", "<ds:SignatureValue>AAAA</ds:SignatureValue>");
        value = swap(value, "<ds:DigestValue></ds:DigestValue>",
                     kt_format(arena, "<ds:DigestValue>%s</ds:DigestValue>",
                               base64_of("01234567890123456789012345678901", 32)));
        assert_opens(&shop, value, i == 0 ? "signature.value" : "signature.transform");
    }
}

static void timestamp__is_created_and_expires(void **state)
{
    int64_t at_us = 0;
    (void)state;
    assert_true(kt_wss_time_read(&at_us, KT_STR("2030-03-01T10:00:00Z")));
    assert_false(kt_wss_time_read(&at_us, KT_STR("202:-03-01T10:00:00Z")));
    assert_false(kt_wss_time_read(&at_us, KT_STR("203/-03-01T10:00:00Z")));
    assert_false(kt_wss_time_read(&at_us, kt_str_part(KT_STR("2030-03-01T10:00:00Z"), 0, 19)));
    assert_false(kt_wss_time_read(&at_us, (struct kt_str){ NULL, 0 }));
    assert_opens(&shop, renamed(base, "wsu:Expires", "wsu:Ends"), "timestamp.form");
    assert_opens(&shop, renamed(base, "wsu:Created", "wsu:Begins"), "timestamp.form");
    assert_opens(&shop, swap(base, "<wsu:Expires>2", "<wsu:Expires>/"), "timestamp.form");
    assert_opens(&shop, swap(base, "<wsu:Expires>2", "<wsu:Expires>:"), "timestamp.form");
    assert_opens(&shop, swap(base, "Z</wsu:Expires>", "</wsu:Expires>"), "timestamp.form");
    assert_opens(&shop, swap(base, "<wsu:Expires>", "<wsu:Expires><x/>"), "timestamp.form");
}

#define WSA(name, value) \
    "<a:" name " xmlns:a=\"" KT_WSS_WSA "\" wsu:Id=\"to-" name "\">" value "</a:" name ">"

static void answer__relates_to_one_message(void **state)
{
    (void)state;
    const struct kt_wss_asked asked = { .message_id = KT_STR("urn:uuid:1") };
    struct kt_wss_message m = asking(NULL);
    m.policy = "sap";
    m.asked = &asked;
    m.xml = kt_str_of(
        message(&(struct draft){ .headers = "<RelatesTo xmlns=\"urn:x\">urn:uuid:3</RelatesTo>" WSA(
                                     "MessageID", "urn:uuid:2") WSA("RelatesTo", "urn:uuid:1"),
                                 .covers = "body span to-RelatesTo to-MessageID" }));
    assert_string_equal(open_it(&shop, m), "ok"); /* the one is nobody's, the other no RelatesTo */
    m.xml = kt_str_of(
        message(&(struct draft){ .headers = "<RelatesTo xmlns=\"urn:x\">urn:uuid:1</RelatesTo>" }));
    assert_string_equal(open_it(&shop, m), "answer.relates-to");
}

/* The value of another signature that says our request was not signed, or says it twice. */
static void answer__confirms_once(void **state)
{
    static const char two[] = "<c:SignatureConfirmation xmlns:c=\"" KT_WSS_WSSE11
                              "\" wsu:Id=\"one\"/><c:SignatureConfirmation xmlns:c=\"" KT_WSS_WSSE11
                              "\" wsu:Id=\"two\"/>";
    static const char value[] =
        "<c:SignatureConfirmation xmlns:c=\"" KT_WSS_WSSE11 "\" wsu:Id=\"one\" Value=\"AAAA\"/>";
    (void)state;
    const struct kt_wss_asked unsigned_one = { 0 };
    const struct kt_wss_asked asked = { .signature_value = KT_STR("our value") };
    struct kt_wss_message m = asking(NULL);
    m.policy = "sap";
    m.asked = &unsigned_one;
    m.xml = kt_str_of(message(&(struct draft){ .extra = two, .covers = "body span one two" }));
    assert_string_equal(open_it(&shop, m), "answer.confirmation");
    m.xml = kt_str_of(message(&(struct draft){ .extra = value, .covers = "body span one" }));
    assert_string_equal(open_it(&shop, m), "answer.confirmation");
    m.asked = &asked;
    const char *broken = swap(value, "AAAA", "A*");
    m.xml = kt_str_of(message(&(struct draft){ .extra = broken, .covers = "body span one" }));
    assert_string_equal(open_it(&shop, m), "answer.confirmation");
}

static void action__is_the_whole_name(void **state)
{
    static const char *const wrong[] = { "urn:k/PushStoc", "urn:k/PushStock-5", "urn:k/Push",
                                         "urn:k/PushStock:", "urn:k/PushStocks" };
    struct kt_wss_message m = asking(base);
    (void)state;
    m.action[0] = KT_STR("urn:k/PushStock");
    assert_string_equal(open_it(&shop, m), "ok");
    for (size_t i = 0; i < KT_COUNT(wrong); i++) {
        m.action[0] = kt_str_of(wrong[i]);
        assert_string_equal(open_it(&shop, m), "envelope.action");
    }
}

/* xmlsec takes r and s of any length that is the same for both. Where both begin with zeros, they
 * could be left out: another value of the same signature. */
static void ecdsa_value__is_as_long_as_the_curve(void **state)
{
    enum { HALF = 32, TRIES = 2000000 };
    const struct kt_str octets = KT_STR("what was signed");
    const struct kt_wss_alg *alg = kt_wss_signature_alg(KT_STR(MORE "ecdsa-sha256"));
    EVP_PKEY *key = kit_private("p256");
    xmlSecKeyPtr ours = kit_sec_key("p256");
    unsigned char value[2 * HALF] = { 1 };
    (void)state;
    for (int i = 0; value[0] != 0 || value[HALF] != 0; i++) {
        unsigned char der[128];
        const unsigned char *at = der;
        size_t n = sizeof der;
        EVP_MD_CTX *run = EVP_MD_CTX_new();
        assert_true(i < TRIES);
        assert_int_equal(EVP_DigestSignInit(run, NULL, EVP_sha256(), NULL, key), 1);
        assert_int_equal(EVP_DigestSign(run, der, &n, (const unsigned char *)octets.p, octets.n),
                         1);
        EVP_MD_CTX_free(run);
        ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)n);
        assert_non_null(pair);
        assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(pair), value, HALF), HALF);
        assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(pair), value + HALF, HALF), HALF);
        ECDSA_SIG_free(pair);
    }
    const struct kt_str whole = { (const char *)value, sizeof value };
    assert_true(kt_wss_signature_fits(alg, ours, octets, whole));
    memmove(value, value + 1, HALF - 1);
    memmove(value + HALF - 1, value + HALF + 1, HALF - 1);
    const struct kt_str shorter = { (const char *)value, sizeof value - 2 };
    assert_false(kt_wss_signature_fits(alg, ours, octets, shorter));
    xmlSecKeyDestroy(ours);
    EVP_PKEY_free(key);
}

static void encrypted__has_each_by_its_name(void **state)
{
    static const char *const gives[] = { "signature", "encryption", NULL };
    static const char *const needs[] = { "signature", NULL };
    struct kit_site sender = kit_site("rsa", "p256", needs, gives, NULL);
    struct shop both = open_shop(policy("sap", "rsa", "signature", "encryption"));
    const struct sealed made = seal_ok(
        &sender, "<s:Envelope xmlns:s=\"" SOAP11 "\"><s:Body>" OPERATION "</s:Body></s:Envelope>",
        NULL);
    const char *text = kt_text_copy(arena, made.xml.p);
    const char *data = strstr(text, "<xenc:EncryptedData");
    (void)state;
    assert_non_null(data);
    assert_opens(&both, text, "ok");
    const char *head = kt_format(arena, "%.*s", (int)(data - text), text);
    const char *other = renamed(data, "xenc:CipherValue", "xenc:Value");
    assert_opens(&both, kt_format(arena, "%s%s", head, other), "encryption.form");
    other = renamed(head, "xenc:CipherValue", "xenc:Value");
    assert_opens(&both, kt_format(arena, "%s%s", other, data), "encryption.form");
    other = renamed(data, "wsse:SecurityTokenReference", "wsse:Other");
    assert_opens(&both, kt_format(arena, "%s%s", head, other), "encryption.form");
    other = swap(data, "<wsse:Reference", "<wsse:Other");
    assert_opens(&both, kt_format(arena, "%s%s", head, other), "encryption.form");
    /* the key is named by a certificate: ours, and one that is not */
    const char *from = strstr(head, "<ds:KeyInfo>");
    while (from != NULL && from < strstr(head, "<xenc:EncryptedKey"))
        from = strstr(from + 1, "<ds:KeyInfo>");
    assert_non_null(from);
    const char *end = strstr(from, "</ds:KeyInfo>");
    static const char *const named[] = { "box", "other" };
    for (size_t i = 0; i < KT_COUNT(named); i++) {
        other = kt_format(arena,
                          "%.*s<ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s"
                          "</ds:X509Certificate></ds:X509Data>%s%s",
                          (int)(from - head), head, certificate_text(named[i]), end, data);
        assert_opens(&both, other, i == 0 ? "ok" : "encryption.key");
    }
    close_shop(&both);
    kit_site_close(&sender);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_info__has_one_child_of_one_form),
        cmocka_unit_test(key_identifier__stands_alone),
        cmocka_unit_test(issuer_and_serial__are_these_two_alone),
        cmocka_unit_test(signature__has_its_three_children_by_name),
        cmocka_unit_test(references__hold_nothing_else),
        cmocka_unit_test(str_transform__has_one_parameter),
        cmocka_unit_test(attachment_transform__has_no_parameter),
        cmocka_unit_test(timestamp__is_created_and_expires),
        cmocka_unit_test(answer__relates_to_one_message),
        cmocka_unit_test(answer__confirms_once),
        cmocka_unit_test(action__is_the_whole_name),
        cmocka_unit_test(ecdsa_value__is_as_long_as_the_curve),
        cmocka_unit_test(encrypted__has_each_by_its_name),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
