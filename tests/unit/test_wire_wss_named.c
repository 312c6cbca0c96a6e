/* Rules of src/wire/wss_named.c: whom a message names, in every form in which it may, and that it
 * is the sender whom the full reading finds. */
#include "test_wire_wss_maker.h"

#include <openssl/x509v3.h>

static struct shop shop;

static int set_up(void **state)
{
    int rc = kit_open(state);
    shop = open_shop(policy("sap", "rsa", "signature", NULL));
    return rc;
}

static int tear_down(void **state)
{
    close_shop(&shop);
    return kit_close(state);
}

static const char *named(const char *text)
{
    const char *name = kt_wss_named(shop.ring, kt_str_of(text), arena);
    return name == NULL ? "nobody" : name;
}

static const char *key_info(const char *content)
{
    return message(&(struct draft){ .key_info = content });
}

#define STR(content)  "<wsse:SecurityTokenReference>" content "</wsse:SecurityTokenReference>"
#define IDENTIFIER    "<wsse:KeyIdentifier ValueType=\"%s\">%s</wsse:KeyIdentifier>"
#define DATA(content) "<ds:X509Data xmlns:ds=\"" KT_WSS_DS "\">" content "</ds:X509Data>"
#define WSS11         "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#"

static const char *der_of(const char *name)
{
    X509 *x = kit_certificate(name);
    unsigned char *der = NULL;
    const int n = i2d_X509(x, &der);
    const char *text = base64_of(der, (size_t)n);
    OPENSSL_free(der);
    X509_free(x);
    return text;
}

static const char *ski_of(const char *name)
{
    X509 *x = kit_certificate(name);
    const struct kt_str ski = kt_wss_ski(x, arena);
    X509_free(x);
    return base64_of(ski.p, ski.n);
}

static const char *thumbprint_of(const char *name)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    X509 *x = kit_certificate(name);
    assert_int_equal(X509_digest(x, EVP_sha1(), digest, &n), 1);
    X509_free(x);
    return base64_of(digest, n);
}

/* As others write it: the last part of the name first. Escaped by us. */
static const char *issuer_of(const char *name)
{
    X509 *x = kit_certificate(name);
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    struct kt_buf out;
    (void)X509_NAME_print_ex(bio, X509_get_issuer_name(x), 0,
                             XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
    const long n = BIO_get_mem_data(bio, &text);
    kt_buf_init(&out, arena, 4096);
    for (long i = 0; i < n; i++) {
        if (text[i] == '&' || text[i] == '<')
            kt_buf_format(&out, "&#x%X;", (unsigned)text[i]);
        else
            kt_buf_put(&out, &text[i], 1);
    }
    const char *made =
        kt_format(arena,
                  "<ds:X509IssuerSerial><ds:X509IssuerName>%s</ds:X509IssuerName>"
                  "<ds:X509SerialNumber>%ld</ds:X509SerialNumber></ds:X509IssuerSerial>",
                  kt_buf_view(&out).p, ASN1_INTEGER_get(X509_get0_serialNumber(x)));
    BIO_free(bio);
    X509_free(x);
    return made;
}

static void form__of_naming_it_is_read(void **state)
{
    static const char *const of[] = { "rsa", "other" };
    static const char *const whose[] = { "sap", "other" };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(of); i++) {
        const char *const form[] = {
            kt_format(arena, STR(IDENTIFIER), KT_WSS_PROFILE_X509 "#X509v3", der_of(of[i])),
            kt_format(arena, STR(IDENTIFIER), KT_WSS_PROFILE_X509 "#X509SubjectKeyIdentifier",
                      ski_of(of[i])),
            kt_format(arena, STR(IDENTIFIER), WSS11 "ThumbprintSHA1", thumbprint_of(of[i])),
            kt_format(arena, STR(DATA("%s")), issuer_of(of[i])),
            kt_format(arena, DATA("%s"), issuer_of(of[i])),
            kt_format(arena, DATA("<ds:X509Certificate>\n%s&#13;\n</ds:X509Certificate>"),
                      der_of(of[i])),
            kt_format(arena, DATA("<ds:X509SKI>%s</ds:X509SKI>"), ski_of(of[i])),
        };
        for (size_t k = 0; k < KT_COUNT(form); k++) {
            const char *text = draft_text(&(struct draft){ .signer = "p256", .key_info = form[k] });
            if (strcmp(named(text), whose[i]) != 0)
                fail_msg("form %zu names %s", k, named(text));
            if (i == 0)
                assert_opens(&shop, message(&(struct draft){ .key_info = form[k] }), "ok");
        }
        assert_string_equal(named(message(&(struct draft){ .signer = of[i] })), whose[i]);
    }
}

static void user__is_a_name(void **state)
{
    static const char token[] = "<wsse:UsernameToken><wsse:Username> user of <![CDATA[other]]> "
                                "</wsse:Username></wsse:UsernameToken>";
    struct draft d = { .is_open = true, .extra = token };
    (void)state;
    assert_string_equal(named(draft_text(&d)), "other");
    d.extra = swap(token, "other", "nobody");
    assert_string_equal(named(draft_text(&d)), "nobody");
    d.extra = swap(token, "Username>", "Login>"); /* malformed as a text: it is a stranger's */
    assert_string_equal(named(draft_text(&d)), "nobody");
    d = (struct draft){ .extra = token }; /* the key counts */
    assert_string_equal(named(draft_text(&d)), "sap");
    d.signer = "p256";
    assert_string_equal(named(draft_text(&d)), "other");
}

static void stranger__is_nobody(void **state)
{
    (void)state;
    assert_string_equal(named(draft_text(&(struct draft){ .signer = "p256" })), "nobody");
    assert_string_equal(named(draft_text(&(struct draft){ .signer = "p384" })),
                        "nobody"); /* ours */
    assert_string_equal(named(draft_text(&(struct draft){ .is_open = true })), "nobody");
    const char *text = message(&(struct draft){ 0 });
    assert_string_equal(named(text), "sap");
    assert_string_equal(named(swap(text, "<s:Header>", "<s:Head>")), "nobody");
    assert_string_equal(named("<a/>"), "nobody");
    assert_string_equal(named(key_info("<ds:KeyName>sap</ds:KeyName>")), "sap"); /* its token */
    const char *info = kt_format(arena, DATA("%s"), issuer_of("rsa"));
    const char *bare = draft_text(&(struct draft){ .signer = "p256", .key_info = info });
    assert_string_equal(named(bare), "sap");
    assert_string_equal(named(swap(bare, "<ds:X509SerialNumber>", "<ds:X509SerialNumber>9")),
                        "nobody");
}

/* Names in the Body, or in other headers, are nobody's. */
static void name__stands_in_the_header_security(void **state)
{
    (void)state;
    const char *token = token_of("rsa");
    const struct draft in_body = { .signer = "p256", .body = token };
    const struct draft in_header = { .signer = "p256",
                                     .headers = kt_format(
                                         arena, "<x:Box xmlns:x=\"urn:x\">%s</x:Box>",
                                         swap(swap(token, "wsse:", "x:"), "</wsse:", "</x:")) };
    assert_string_equal(named(draft_text(&in_body)), "nobody");
    assert_string_equal(named(draft_text(&in_header)), "nobody");
}

/* However much stands there, little is copied. */
static void name__is_looked_for_in_so_much(void **state)
{
    struct kt_buf b;
    (void)state;
    kt_buf_init(&b, arena, 1 << 20);
    kt_buf_text(&b, "<wsse:Filler>");
    for (int i = 0; i < 300 * 1024; i++)
        kt_buf_text(&b, "x");
    kt_buf_text(&b, "</wsse:Filler>");
    const struct draft d = { .behind = kt_buf_view(&b).p };
    assert_string_equal(named(draft_text(&d)), "nobody");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(form__of_naming_it_is_read),
        cmocka_unit_test(user__is_a_name),
        cmocka_unit_test(stranger__is_nobody),
        cmocka_unit_test(name__stands_in_the_header_security),
        cmocka_unit_test(name__is_looked_for_in_so_much),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
