/* Structure of a secured message, and what its nodes tell: each refusal beside a twin that differs
 * only by it. */
#include "test_wire_wss_tree_kit.h"

/* --- the envelope --- */

static void envelope__is_closed(void **state)
{
    static const struct pair pair[] = {
        { KT_WSS_ENVELOPE, "<s:Envelope xmlns:s='" V11 "x'><s:Body><a/></s:Body></s:Envelope>",
          "<s:Envelope xmlns:s='" V11 "'><s:Body><a/></s:Body></s:Envelope>" },
        { KT_WSS_ENVELOPE, "<s:envelope xmlns:s='" V11 "'><s:Body><a/></s:Body></s:envelope>",
          "<s:Envelope xmlns:s='" V12 "'><s:Body><a/></s:Body></s:Envelope>" },
        { KT_WSS_ENVELOPE, "<Envelope><Body><a/></Body></Envelope>",
          "<Envelope xmlns='" V11 "'><Body><a/></Body></Envelope>" },
        { KT_WSS_ENVELOPE_BODY, MESSAGE("<s:Header/><s:Header/>", "<k:Op/>"),
          MESSAGE("<s:Header/>", "<k:Op/>") },
        { KT_WSS_ENVELOPE_BODY, MESSAGE("<s:Body><k:Op/></s:Body>", "<k:Op/>"), BODY("<k:Op/>") },
        { KT_WSS_ENVELOPE_BODY, MESSAGE("<t:Header/>", "<k:Op/>"),
          MESSAGE("<s:Header/>", "<k:Op/>") },
        { KT_WSS_ENVELOPE_BODY, MESSAGE("<k:Wrapper/>", "<k:Op/>"),
          MESSAGE("<!-- -->", "<k:Op/>") },
        { KT_WSS_ENVELOPE_BODY, BODY("<k:Op/></s:Body><k:Trailer/><s:Body>"), BODY("<k:Op/>") },
        { KT_WSS_ENVELOPE_BODY, MESSAGE("text", "<k:Op/>"), MESSAGE("\n", "<k:Op/>") },
        { KT_WSS_ENVELOPE_BODY, HEADED("text"), HEADED(" ") },
        { KT_WSS_ENVELOPE_OPERATION, BODY(""), BODY("<k:Op/>") },
        { KT_WSS_ENVELOPE_OPERATION, BODY("<k:Op/><k:Op/>"), BODY("<k:Op/><!-- <k:Op/> -->") },
        { KT_WSS_ENVELOPE_OPERATION, BODY("<k:Op/>text"), BODY("<k:Op>text</k:Op>\n") },
        { KT_WSS_ENVELOPE_OPERATION, BODY("<![CDATA[t]]><k:Op/>"), BODY("<![CDATA[ ]]><k:Op/>") },
        { KT_WSS_ENVELOPE_INSTRUCTION, BODY("<k:Op><?a b?></k:Op>"),
          BODY("<k:Op><!--a b--></k:Op>") },
        { KT_WSS_ENVELOPE_INSTRUCTION, "<?a?>" BODY("<k:Op/>"), "<!-- -->" BODY("<k:Op/>") },
        { KT_WSS_ENVELOPE_INSTRUCTION, BODY("<k:Op/>") "<?a?>", BODY("<k:Op/>") "<!-- -->" },
    };
    (void)state;
    expect_all(pair, KT_COUNT(pair));
}

static void envelope__is_of_the_version_asked_for(void **state)
{
    struct kt_wss_message m = { .xml = KT_STR(BODY("<k:Op/>")), .version = KT_SOAP_1_2 };
    (void)state;
    assert_int_equal(read_message(&m), KT_WSS_ENVELOPE);
    m.version = KT_SOAP_1_1;
    assert_int_equal(read_message(&m), KT_WSS_OK);
    assert_string_equal(tree.uri, V11);
    assert_ptr_equal(tree.content, kt_wss_first(tree.body));
}

static void answers__may_be_empty(void **state)
{
    struct kt_wss_message m = { .xml = KT_STR(BODY(" ")) };
    (void)state;
    assert_int_equal(read_message(&m), KT_WSS_ENVELOPE_OPERATION);
    m.asked = &asked;
    assert_int_equal(read_message(&m), KT_WSS_OK);
    assert_null(tree.content);
}

static void ids__are_names_and_unique(void **state)
{
    static const struct pair pair[] = {
        { KT_WSS_ID_FORM, BODY("<k:Op u:Id='a&apos;b'/>"), BODY("<k:Op u:Id='a-b'/>") },
        { KT_WSS_ID_FORM, BODY("<k:Op Id='1a'/>"), BODY("<k:Op Id='_1a'/>") },
        { KT_WSS_ID_FORM, BODY("<k:Op ID=''/>"), BODY("<k:Op ID='\xC3\xA4'/>") },
        { KT_WSS_ID_FORM, BODY("<k:Op Id='a:b'/>"), BODY("<k:Op Id='a.b'/>") },
        { KT_WSS_ID_FORM, BODY("<k:Op Id='a b'/>"), BODY("<k:Op Id='a&#xB7;b'/>") },
        { KT_WSS_ID_FORM, BODY("<k:Op Id='&#xD7;'/>"), BODY("<k:Op Id='&#xD6;'/>") },
        { KT_WSS_ID_FORM, BODY("<k:Op Id='a' u:Id='b'/>"), BODY("<k:Op Id='a' k:Id='a'/>") },
        { KT_WSS_ID_FORM, BODY("<k:Op Id='a' ID='b'/>"), BODY("<k:Op Id='a' id='a'/>") },
        { KT_WSS_ID_DOUBLE, BODY("<k:Op Id='a'><b u:Id='a'/></k:Op>"),
          BODY("<k:Op Id='a'><b u:Id='A'/></k:Op>") },
        { KT_WSS_ID_DOUBLE, BODY("<k:Op ID='a'><b Id='&#97;'/></k:Op>"),
          BODY("<k:Op ID='a'><b AssertionID='a' xml:id='a'/></k:Op>") },
        /* a time with its colons, as node-soap writes it, on two elements alone */
        { KT_WSS_ID_FORM, SECURED(BST("u:Id='T-10:00Z' " V3, DER)),
          SECURED("<u:Timestamp u:Id='T-10:00Z'/>") },
        { KT_WSS_ID_FORM, SECURED("<u:Timestamp u:Id=':10'/>"),
          SECURED("<o:UsernameToken u:Id='_:10:'/>") },
        { KT_WSS_ID_FORM, SECURED("<u:Timestamp u:Id='T-10:\"'/>"),
          SECURED("<u:Timestamp Id='T-10:'/>") },
        { KT_WSS_ID_FORM, SECURED("<k:Timestamp u:Id='T-10:'/>"),
          SECURED("<u:Timestamp u:Id='T-10:'/>") },
        { KT_WSS_ID_DOUBLE, SECURED("<u:Timestamp u:Id='T-10:'/><o:UsernameToken u:Id='T-10:'/>"),
          SECURED("<u:Timestamp u:Id='T-10:'/><o:UsernameToken u:Id='T-11:'/>") },
    };
    (void)state;
    expect_all(pair, KT_COUNT(pair));
    expect(BODY("<k:Op><a Id='x'/><b u:Id='y'/><c ID='z'/><d xml:id='q'/></k:Op>"), KT_WSS_OK);
    assert_string_equal((const char *)kt_wss_tree_find(&tree, KT_STR("x"))->name, "a");
    assert_string_equal((const char *)kt_wss_tree_find(&tree, KT_STR("y"))->name, "b");
    assert_string_equal((const char *)kt_wss_tree_find(&tree, KT_STR("z"))->name, "c");
    assert_null(kt_wss_tree_find(&tree, KT_STR("q")));
    expect(BODY("<k:Op xml:id='a'><b xml:id='a'/></k:Op>"), KT_WSS_OK); /* nobody's Id */
    assert_null(kt_wss_tree_find(&tree, KT_STR("a")));
    assert_null(kt_wss_tree_find(&tree, KT_STR("")));
    assert_null(kt_wss_tree_find(&tree, (struct kt_str){ NULL, 0 }));
}

/* --- header blocks --- */

#define REPLY(p, address) \
    HEADED("<" p ":ReplyTo><" p ":Address>" address "</" p ":Address></" p ":ReplyTo>")

static void blocks__are_ours_others_or_refused(void **state)
{
    static const struct pair pair[] = {
        { KT_WSS_HEADER_UNKNOWN, HEADED("<k:H s:mustUnderstand='1'/>"),
          HEADED("<k:H s:mustUnderstand='0'/>") },
        { KT_WSS_HEADER_UNKNOWN, HEADED("<k:H s:mustUnderstand='true'/>"),
          HEADED("<k:H t:mustUnderstand='1'/>") },
        { KT_WSS_HEADER_UNKNOWN, HEADED("<k:H s:mustUnderstand='1' s:actor=''/>"),
          HEADED("<k:H s:mustUnderstand='1' s:actor='urn:other'/>") },
        { KT_WSS_HEADER_UNKNOWN,
          HEADED(
              "<k:H s:mustUnderstand='1' s:actor='http://schemas.xmlsoap.org/soap/actor/next'/>"),
          HEADED("<w:To s:mustUnderstand='1' "
                 "s:actor='http://schemas.xmlsoap.org/soap/actor/next'>a</w:To>") },
        { KT_WSS_HEADER_DOUBLE, HEADED("<w:MessageID>1</w:MessageID><w:MessageID>1</w:MessageID>"),
          HEADED("<w:MessageID>1</w:MessageID><w:RelatesTo>1</w:RelatesTo>") },
        { KT_WSS_HEADER_DOUBLE,
          HEADED("<w:MessageID>1</w:MessageID><w4:MessageID>1</w4:MessageID>"),
          HEADED("<w:MessageID>1</w:MessageID><w4:MessageID s:actor='urn:o'>1</w4:MessageID>") },
        { KT_WSS_HEADER_REPLY_TO, REPLY("w", "http://evil/"),
          REPLY("w", "\n" KT_WSS_WSA "/anonymous ") },
        { KT_WSS_HEADER_REPLY_TO, REPLY("w", "http://evil/anonymous"),
          REPLY("w", KT_WSS_WSA "/none") },
        { KT_WSS_HEADER_REPLY_TO, REPLY("w4", ""), REPLY("w4", W04 "/role/anonymous") },
        { KT_WSS_HEADER_REPLY_TO,
          REPLY("w", "http://evil/</w:Address><w:Address>" KT_WSS_WSA "/none"),
          HEADED("<w:ReplyTo><w:Address>" KT_WSS_WSA
                 "/none</w:Address><w:ReferenceParameters/></w:ReplyTo>") },
        { KT_WSS_HEADER_REPLY_TO, HEADED("<w:FaultTo/>"), HEADED("<w:From/>") },
        { KT_WSS_HEADER_REPLY_TO,
          HEADED("<k:AcksTo><w:Address>http://evil/</w:Address></k:AcksTo>"),
          HEADED("<k:AcksTo><w:Address>" KT_WSS_WSA "/anonymous</w:Address></k:AcksTo>") },
        { KT_WSS_HEADER_REPLY_TO,
          REPLY("w", KT_WSS_WSA "/anonymous</w:Address><w:Address>http://evil/"),
          REPLY("w", KT_WSS_WSA "/anonymous") },
        { KT_WSS_SECURITY_ENCRYPTED_HEADER, HEADED("<p:EncryptedHeader/>"),
          HEADED("<k:EncryptedHeader/>") },
        { KT_WSS_SECURITY_ENCRYPTED_HEADER, HEADED("<x:EncryptedData/>"),
          HEADED("<k:EncryptedData/>") },
    };
    (void)state;
    expect_all(pair, KT_COUNT(pair));
    assert_int_equal(read_octets(many("<s:Envelope xmlns:s='" V11 "'><s:Header>", "<a/>", 16,
                                      "</s:Header><s:Body><a/></s:Body></s:Envelope>")),
                     KT_WSS_OK);
    assert_int_equal(tree.headers, 16);
    assert_int_equal(read_octets(many("<s:Envelope xmlns:s='" V11 "'><s:Header>", "<a/>", 17,
                                      "</s:Header><s:Body><a/></s:Body></s:Envelope>")),
                     KT_WSS_HEADER_UNKNOWN);
}

static void blocks__in_version_1_2_have_roles(void **state)
{
    (void)state;
#define HEADED_12(block) \
    "<t:Envelope" NAMES "><t:Header>" block "</t:Header><t:Body><k:Op/></t:Body></t:Envelope>"
    expect(HEADED_12("<k:H t:mustUnderstand='true' t:role='" V12 "/role/none'/>"), KT_WSS_OK);
    expect(HEADED_12("<k:H t:mustUnderstand='true' t:role='" V12 "/role/next'/>"),
           KT_WSS_HEADER_UNKNOWN);
    expect(HEADED_12("<o:Security t:role='" V12 "/role/ultimateReceiver'/>"), KT_WSS_OK);
    expect(HEADED_12("<o:Security t:role='urn:other'/>"), KT_WSS_SECURITY_ACTOR);
    assert_int_equal(out.code, KT_WSS_SECURITY_ACTOR);
}

static void blocks__are_used_when_they_address(void **state)
{
    (void)state;
    expect(HEADED("<k:A/><w:Action>urn:k/Op</w:Action><w4:To>a</w4:To>"
                  "<w:To s:actor='urn:other'>a</w:To>"),
           KT_WSS_OK);
    assert_int_equal(tree.headers, 4);
    assert_false(tree.header[0].is_used);
    assert_true(tree.header[1].is_used);
    assert_true(tree.header[2].is_used);
    assert_false(tree.header[3].is_used);
}

/* --- the operation by its names --- */

static void actions__agree_with_the_body(void **state)
{
    static const struct {
        const char *action, *operation;
        bool is_same;
    } row[] = {
        { "urn:kontor:push:1/PushStock", "PushStock", true },
        { "urn:kontor:push:1/PushStockRequest", "PushStock", true },
        { "urn:kontor:push:1/PushPrices", "PushStock", false },
        { "urn:kontor:push:1/PushStockPrices", "PushStock", false },
        { "urn:kontor:push:1/Stock", "PushStock", false },
        { "urn:kontor:push:1/", "PushStock", false },
        { "PushStock", "PushStock", true },
        { "urn:sap-com:document:sap:rfc:functions:ZWS:ZWS_STOCKRequest", "ZWS_STOCK", true },
        { "http://sap.com/xi/SD-SLS/X_Out/SalesOrderBulkReplication_OutRequest",
          "SalesOrderBulkReplication", true },
        { "http://sap.com/xi/SD-SLS/CustomerReturnBulkReplication_OutRequest",
          "SalesOrderBulkReplication", false },
        { "http://sap.com/x/JournalEntryCreate_In", "JournalEntryCreate", true },
        { "MATMAS", "MATMAS05", true },
        { "http://www.sap.com/MATMAS05", "MATMAS", true },
        { "MATMAS.MATMAS05", "MATMAS05", true },
        { "DEBMAS", "MATMAS05", false },
        { "MATMASX", "MATMAS05", false },
        { "P", "P1", false },
        { "", "PushStock", true },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        const enum kt_wss_code code = row[i].is_same ? KT_WSS_OK : KT_WSS_ENVELOPE_ACTION;
        struct kt_wss_message m = {
            .xml = kt_str_of(kt_format(texts,
                                       "<s:Envelope xmlns:s='" V11 "'><s:Body><%s/></s:Body>"
                                       "</s:Envelope>",
                                       row[i].operation)),
            .action = { kt_str_of(row[i].action), { NULL, 0 } },
        };
        if (read_message(&m) != code)
            fail_msg("%s for %s", row[i].action, row[i].operation);
        m.action[1] = m.action[0];
        m.action[0] = KT_STR("");
        assert_int_equal(read_message(&m), code);
        m.asked = &asked; /* answers are known by what they relate to */
        assert_int_equal(read_message(&m), KT_WSS_OK);
    }
    expect(MESSAGE("<s:Header><w:Action>urn:k/Op</w:Action></s:Header>", "<x:EncryptedData/>"),
           KT_WSS_OK); /* what it names is not known yet */
    expect(HEADED("<w:Action>urn:k/Op</w:Action>"), KT_WSS_OK);
    expect(HEADED("<w:Action>urn:k/No</w:Action>"), KT_WSS_ENVELOPE_ACTION);
    expect(HEADED("<w:Action>urn:k/<!-- -->Op</w:Action>"), KT_WSS_ENVELOPE_ACTION);
    expect(HEADED("<w:Action s:actor='urn:other'>urn:k/No</w:Action>"), KT_WSS_OK);
}

/* --- Security --- */

static void security__is_one_for_us(void **state)
{
    static const struct pair pair[] = {
        { KT_WSS_SECURITY_DOUBLE, HEADED("<o:Security/><o:Security/>"),
          HEADED("<o:Security/><k:Security/>") },
        { KT_WSS_SECURITY_ACTOR, HEADED("<o:Security s:actor='urn:other'/>"),
          HEADED("<o:Security s:actor=' '/>") },
        { KT_WSS_SECURITY_ACTOR, HEADED("<o:Security/><o:Security s:actor='urn:other'/>"),
          HEADED("<o:Security s:mustUnderstand='1'/>") },
    };
    (void)state;
    expect_all(pair, KT_COUNT(pair));
    expect(HEADED("<k:Wrapper><o:Security/></k:Wrapper>"), KT_WSS_OK);
    assert_null(tree.security);
    expect(BODY("<k:Op><o:Security><k:Child/></o:Security></k:Op>"), KT_WSS_OK);
    assert_null(tree.security);
}

static void security__holds_a_closed_list(void **state)
{
    static const struct pair pair[] = {
        { KT_WSS_SECURITY_CHILD, SECURED("<k:Timestamp/>"), SECURED("<u:Timestamp/>") },
        { KT_WSS_SECURITY_CHILD, SECURED("<o:Timestamp/>"), SECURED("<!-- -->") },
        { KT_WSS_SECURITY_CHILD, SECURED("text"), SECURED("\n") },
        { KT_WSS_SECURITY_CHILD, SECURED("<x:ReferenceList/>"), SECURED("<x:EncryptedKey/>") },
        { KT_WSS_SECURITY_CHILD, SECURED("<x:EncryptedData/>"), SECURED("<x:EncryptedKey/>") },
        { KT_WSS_SECURITY_CHILD, SECURED("<o:Security/>"), SECURED("") },
        { KT_WSS_SECURITY_CHILD, SECURED("<p:SignatureConfirmation/>"), SECURED("<d:Signature/>") },
        { KT_WSS_SECURITY_TWICE, SECURED("<u:Timestamp/><u:Timestamp/>"),
          SECURED("<u:Timestamp/><d:Signature/>") },
        { KT_WSS_SECURITY_TWICE, SECURED("<d:Signature/><d:Signature/>"),
          SECURED("<d:Signature/>") },
        { KT_WSS_SECURITY_TWICE, SECURED("<o:UsernameToken/><o:UsernameToken/>"),
          SECURED("<o:UsernameToken/>") },
        { KT_WSS_SECURITY_TWICE, SECURED("<x:EncryptedKey/><x:EncryptedKey/>"),
          SECURED("<x:EncryptedKey/>") },
        { KT_WSS_SECURITY_TWICE, SECURED(BST(V3, DER) BST(V3, DER)), SECURED(BST(V3, DER)) },
        { KT_WSS_SECURITY_SAML,
          SECURED("<a:Assertion xmlns:a='urn:oasis:names:tc:SAML:2.0:assertion'/>"), SECURED("") },
        { KT_WSS_SECURITY_SAML,
          SECURED("<a:Assertion xmlns:a='urn:oasis:names:tc:SAML:1.0:assertion'/>"),
          HEADED("<a:Assertion xmlns:a='urn:oasis:names:tc:SAML:1.0:assertion'/>") },
        { KT_WSS_SECURITY_DERIVED, SECURED("<k:DerivedKeyToken/>"), SECURED("") },
        { KT_WSS_SECURITY_DERIVED, SECURED("<k:SecurityContextToken/>"), SECURED("") },
        { KT_WSS_SECURITY_ENCRYPTED_HEADER, SECURED("<p:EncryptedHeader/>"), SECURED("") },
    };
    (void)state;
    expect_all(pair, KT_COUNT(pair));
}

static void tokens__are_one_certificate(void **state)
{
    static const char *const bad[] = {
        BST("", DER),
        BST("ValueType='#X509v3'", DER),
        BST(V3 " EncodingType='#HexBinary'", DER),
        BST(V3, "MAMCAQ=="),         /* cut */
        BST(V3, "MAMCAQEwAwIBAQ=="), /* two */
        BST(V3, "AgEB"),
        BST(V3, ""),
        BST(V3, "MAMC!AQE="),
        BST(V3, "MAMC<!-- -->AQE="),
        BST(V3, "<k:A>MAMCAQE=</k:A>"),
        BST(V3, "MIADAgEB"), /* of indefinite length */
        BST(V3, "MIA="),
        BST(V3, "MA=="),
        BST(V3, "MII="),
        BST(V3, "MIMAAAMCAQE="), /* a length of three octets */
    };
    (void)state;
    expect(SECURED(BST(V3 " " BASE64, "\n MAMC\r\nAQE=\t")), KT_WSS_OK);
    expect(SECURED(BST(V3, "MIEDAgEB")), KT_WSS_OK); /* a length of one more octet */
    expect(SECURED(BST(V3, "MIIAAwIBAQ==")), KT_WSS_OK);
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        const enum kt_wss_code code = read_text(
            kt_format(texts, "%s%s%s", "<s:Envelope" NAMES "><s:Header><o:Security>", bad[i],
                      "</o:Security></s:Header><s:Body><k:Op/></s:Body></s:Envelope>"));
        if (code != KT_WSS_TOKEN_TYPE)
            fail_msg("%s: %s", bad[i], kt_wss_code_text(code));
    }
    expect(SECURED(BST("ValueType='" KT_WSS_PROFILE_X509 "#X509PKIPathv1'", DER)),
           KT_WSS_TOKEN_PATH);
    expect(SECURED(BST("ValueType='" KT_WSS_PROFILE_X509 "#PKCS7'", DER)), KT_WSS_TOKEN_PATH);
}

static void security__tells_its_parts(void **state)
{
    struct kt_wss_message m = { .xml = KT_STR(SECURED(
                                    "<p:SignatureConfirmation/><p:SignatureConfirmation/>"
                                    "<p:SignatureConfirmation/><p:SignatureConfirmation/>")),
                                .asked = &asked };
    (void)state;
    assert_int_equal(read_message(&m), KT_WSS_OK);
    assert_int_equal(tree.confirmations, 4);
    assert_ptr_not_equal(tree.confirmation[0], tree.confirmation[3]);
    m.xml = KT_STR(SECURED("<p:SignatureConfirmation/><p:SignatureConfirmation/>"
                           "<p:SignatureConfirmation/><p:SignatureConfirmation/>"
                           "<p:SignatureConfirmation/>"));
    assert_int_equal(read_message(&m), KT_WSS_SECURITY_TWICE);
    expect(SECURED("<x:EncryptedKey/><d:Signature/>"), KT_WSS_OK);
    assert_true(tree.is_decrypted_first);
    assert_true(kt_wss_is(tree.key, KT_WSS_XENC, "EncryptedKey"));
    expect(SECURED("<d:Signature/><x:EncryptedKey/>"), KT_WSS_OK);
    assert_false(tree.is_decrypted_first);
    assert_true(kt_wss_is(tree.signature, KT_WSS_DS, "Signature"));
    expect(SECURED("<x:EncryptedKey/>"), KT_WSS_OK);
    assert_true(tree.is_decrypted_first);
    expect(BODY("<x:EncryptedData/>"), KT_WSS_OK);
    assert_ptr_equal(tree.data, tree.content);
    expect(BODY("<k:EncryptedData/>"), KT_WSS_OK);
    assert_null(tree.data);
}

/* --- nodes --- */

static void nodes__tell_their_whole_text(void **state)
{
    (void)state;
    expect(BODY("<k:Op><a> x<![CDATA[<&]]>&amp;y\n</a><b>x<!-- -->y</b><c>x<d/></c><e/></k:Op>"),
           KT_WSS_OK);
    const xmlNode *node = kt_wss_first(tree.content);
    assert_true(kt_str_is(kt_wss_text(node, texts), "x<&&y"));
    assert_true(kt_str_is(kt_wss_whole_text(node, texts), " x<&&y\n"));
    node = kt_wss_next(node);
    assert_null(kt_wss_text(node, texts).p);
    node = kt_wss_next(node);
    assert_null(kt_wss_text(node, texts).p);
    node = kt_wss_next(node);
    assert_true(kt_str_is(kt_wss_text(node, texts), ""));
    assert_null(kt_wss_next(node));
    assert_null(kt_wss_text(NULL, texts).p);
}

static void nodes__tell_attributes_of_one_namespace(void **state)
{
    (void)state;
    expect(BODY("<k:Op A='1' k:A='2&amp;&#x26;' k:B='3'/>"), KT_WSS_OK);
    assert_true(kt_str_is(kt_wss_attr(tree.content, NULL, "A", a), "1"));
    assert_true(kt_str_is(kt_wss_attr(tree.content, "urn:k", "A", a), "2&&"));
    assert_null(kt_wss_attr(tree.content, NULL, "B", a).p);
    assert_null(kt_wss_attr(tree.content, "urn:l", "B", a).p);
}

static void octets__are_strict_base64(void **state)
{
    (void)state;
    assert_true(kt_str_is(kt_wss_octets(KT_STR("YW Jj\n"), 3, a), "abc"));
    assert_true(kt_str_is(kt_wss_octets(KT_STR(""), 3, a), ""));
    assert_null(kt_wss_octets(KT_STR("YWJj"), 2, a).p);
    assert_null(kt_wss_octets(KT_STR("YWJ"), 3, a).p);
    assert_null(kt_wss_octets(KT_STR("YW=j"), 3, a).p);
    assert_null(kt_wss_octets(KT_STR("YWJj\xC2\xA0"), 3, a).p);
    assert_null(kt_wss_octets((struct kt_str){ NULL, 0 }, 3, a).p);
}

static unsigned next(unsigned below)
{
    static unsigned state = 6;
    state = state * 1664525U + 1013904223U;
    return (state >> 8) % below;
}

/* Random changes of a message that holds everything: refused or not, but nothing else. */
static void anything__is_survived(void **state)
{
    static const char seed[] = SECURED(
        BST(V3 " u:Id='b'", DER) "<u:Timestamp u:Id='t'><u:Created>2026-03-01T10:00:00Z</u:Created>"
                                 "</u:Timestamp><d:Signature/><o:UsernameToken/>");
    static const char *const piece[] = { "<",    ">", "'", "/>", "<!--", "-->",  "&",     "<?",
                                         "Id='", "]", ";", "<a", "</a>", "\xC3", "xmlns", "=" };
    char text[sizeof seed + 16];
    size_t refused = 0;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        size_t n = sizeof seed - 1;
        memcpy(text, seed, sizeof seed);
        for (unsigned k = next(3) + 1; k > 0; k--) {
            const char *with = piece[next(KT_COUNT(piece))];
            const size_t at = next((unsigned)n - 8);
            memcpy(text + at, with, strlen(with));
        }
        refused += read_octets((struct kt_str){ text, n }) != KT_WSS_OK;
    }
    assert_true(refused > 1000 && refused < 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(envelope__is_closed),
        cmocka_unit_test(envelope__is_of_the_version_asked_for),
        cmocka_unit_test(answers__may_be_empty),
        cmocka_unit_test(ids__are_names_and_unique),
        cmocka_unit_test(blocks__are_ours_others_or_refused),
        cmocka_unit_test(blocks__in_version_1_2_have_roles),
        cmocka_unit_test(blocks__are_used_when_they_address),
        cmocka_unit_test(actions__agree_with_the_body),
        cmocka_unit_test(security__is_one_for_us),
        cmocka_unit_test(security__holds_a_closed_list),
        cmocka_unit_test(tokens__are_one_certificate),
        cmocka_unit_test(security__tells_its_parts),
        cmocka_unit_test(nodes__tell_their_whole_text),
        cmocka_unit_test(nodes__tell_attributes_of_one_namespace),
        cmocka_unit_test(octets__are_strict_base64),
        cmocka_unit_test(anything__is_survived),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
