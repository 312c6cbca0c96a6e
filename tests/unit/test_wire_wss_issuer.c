/* Rules of src/wire/wss_issuer.c: whoever wrote the name of an issuer, it is the same one; and
 * nobody else's. */
#include "test_wire_wss_certs.h"

static X509_NAME *name;

static int open_name(void **state)
{
    (void)certs_open(state);
    name = X509_NAME_new();
    set_name(name, "C=DE/ST=Nordrhein/O=Müller, Söhne + Co/OU=a  b/CN=Test \"CA\"");
    assert_int_equal(X509_NAME_add_entry_by_NID(name, NID_pkcs9_emailAddress, MBSTRING_ASC,
                                                (const unsigned char *)"ca@example.org", -1, -1, 0),
                     1);
    return 0;
}

static int close_name(void **state)
{
    X509_NAME_free(name);
    return certs_close(state);
}

static void names__of_every_writer_fit(void **state)
{
    static const char *const same[] = {
        /* OpenSSL and xmlsec: RFC 2253 */
        "emailAddress=ca@example.org,CN=Test \\\"CA\\\",OU=a  b,O=Müller\\, Söhne \\+ "
        "Co,ST=Nordrhein,C=DE",
        /* with escaped octets */
        "emailAddress=ca@example.org,CN=Test \\22CA\\22,OU=a  b,O=M\\C3\\BCller\\2C S\\C3\\B6hne "
        "\\2B Co,ST=Nordrhein,C=DE",
        /* Java: RFC 2253 with numbers for what it does not name, in canonical small letters */
        "1.2.840.113549.1.9.1=#160e6361406578616d706c652e6f7267,CN=Test \\\"CA\\\",OU=a  "
        "b,O=Müller\\, Söhne \\+ Co,ST=Nordrhein,C=DE",
        "1.2.840.113549.1.9.1=#160e6361406578616d706c652e6f7267,cn=test \\\"ca\\\",ou=a "
        "b,o=müller\\, söhne \\+ co,st=nordrhein,c=de",
        "EMAILADDRESS=ca@example.org, CN=\"Test \\\"CA\\\"\", OU=a  b, O=\"Müller, Söhne + Co\", "
        "ST=Nordrhein, C=DE",
        /* .NET: blanks, quotes, S and E */
        "E=ca@example.org, CN=\"Test \"\"CA\"\"\", OU=a  b, O=\"Müller, Söhne + Co\", S=Nordrhein, "
        "C=DE",
        /* in the order of the certificate */
        "C=DE, ST=Nordrhein, O=\"Müller, Söhne + Co\", OU=a b, CN=\"Test \"\"CA\"\"\", "
        "E=ca@example.org",
        /* RFC 1779 and line ends */
        "OID.1.2.840.113549.1.9.1=ca@example.org;\n  CN = Test \\\"CA\\\" ;\n OU=a b; O=\"Müller, "
        "Söhne + Co\"; ST=Nordrhein; C=DE\n",
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(same); i++) {
        if (!kt_wss_is_name(kt_str_of(same[i]), name))
            fail_msg("does not fit: %s", same[i]);
    }
}

static void names__of_others_do_not_fit(void **state)
{
    static const char *const other[] = {
        "",
        "C=DE",
        "emailAddress=ca@example.org,CN=Test \\\"CA\\\",OU=a  b,O=Müller\\, Söhne \\+ "
        "Co,ST=Nordrhein",
        "emailAddress=ca@example.org,CN=Test \\\"CB\\\",OU=a  b,O=Müller\\, Söhne \\+ "
        "Co,ST=Nordrhein,C=DE",
        /* two neighbours changed places */
        "CN=Test \\\"CA\\\",emailAddress=ca@example.org,OU=a  b,O=Müller\\, Söhne \\+ "
        "Co,ST=Nordrhein,C=DE",
        /* one of two parts of one relative name */
        "emailAddress=ca@example.org+CN=Test \\\"CA\\\",OU=a  b,O=Müller\\, Söhne \\+ "
        "Co,ST=Nordrhein,C=DE",
        "=DE",
        "CN",
        "CN=x,",
        "CN=\"x",
        "CN=x\\",
        "1.2.840.113549.1.9.1=#16ff",
        "1.2.840.113549.1.9.1=#",
        "nonsense=x",
        "CN=\xff\xfe",
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(other); i++) {
        if (kt_wss_is_name(kt_str_of(other[i]), name))
            fail_msg("fits: %s", other[i]);
    }
    struct kt_buf many;
    kt_buf_init(&many, arena, 8192);
    for (int i = 0; i < 40; i++)
        kt_buf_format(&many, "%sCN=x", i == 0 ? "" : ",");
    assert_false(kt_wss_is_name(kt_buf_view(&many), name));
}

static void names__with_several_values_in_one_fit(void **state)
{
    (void)state;
    X509_NAME *both = X509_NAME_new();
    set_name(both, "C=DE/CN=x");
    assert_int_equal(X509_NAME_add_entry_by_txt(both, "UID", MBSTRING_UTF8,
                                                (const unsigned char *)"7", -1, -1, -1),
                     1);
    assert_true(kt_wss_is_name(KT_STR("CN=x+UID=7,C=DE"), both));
    assert_true(kt_wss_is_name(KT_STR("UID=7 + CN=x, C=DE"), both));
    assert_true(kt_wss_is_name(KT_STR("C=DE,CN=x+UID=7"), both));
    assert_false(kt_wss_is_name(KT_STR("CN=x,UID=7,C=DE"), both));
    X509_NAME_free(both);
}

static void serials__are_compared_as_numbers(void **state)
{
    static const char big[] = "1461501637330902918203684832716283019655932542975";
    (void)state;
    BIGNUM *n = NULL;
    assert_true(BN_dec2bn(&n, big) > 0);
    ASN1_INTEGER *serial = BN_to_ASN1_INTEGER(n, NULL);
    assert_true(
        kt_wss_is_serial(KT_STR("1461501637330902918203684832716283019655932542975"), serial));
    assert_true(
        kt_wss_is_serial(KT_STR("0001461501637330902918203684832716283019655932542975"), serial));
    assert_false(
        kt_wss_is_serial(KT_STR("1461501637330902918203684832716283019655932542976"), serial));
    assert_false(
        kt_wss_is_serial(KT_STR("-1461501637330902918203684832716283019655932542975"), serial));
    assert_false(kt_wss_is_serial(KT_STR(""), serial));
    assert_false(kt_wss_is_serial(KT_STR("-"), serial));
    assert_false(kt_wss_is_serial(KT_STR("0xff"), serial));
    assert_false(kt_wss_is_serial(KT_STR(" 1"), serial));
    ASN1_INTEGER_free(serial);
    BN_free(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names__of_every_writer_fit),
        cmocka_unit_test(names__of_others_do_not_fit),
        cmocka_unit_test(names__with_several_values_in_one_fit),
        cmocka_unit_test(serials__are_compared_as_numbers),
    };
    return cmocka_run_group_tests(tests, open_name, close_name);
}
