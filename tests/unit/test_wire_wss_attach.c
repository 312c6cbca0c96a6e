/* Attachments of signed messages: bound as the policy says, each referred to once; every refusal
 * beside a twin that is taken. */
#include "test_wire_wss_maker.h"

#define XOP      "http://www.w3.org/2004/08/xop/include"
#define TYPE     "multipart/related; boundary=b; start=\"<root@test>\""
#define CONTENT  "the content of a document"
#define INCLUDE  "<x:Include xmlns:x=\"" XOP "\" href=\"cid:one@test\"/>"
#define PARTS(s) "<k:PushDocuments xmlns:k=\"urn:kontor:push:1\">" s "</k:PushDocuments>"
#define SWA      "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#"

static int set_up(void **state)
{
    return kit_open(state);
}

static struct shop shop_with(int attachments, const char *one, const char *two)
{
    struct kt_wss_policy_conf conf =
        policy("sap", one != NULL && strcmp(one, "signature") == 0 ? "rsa" : NULL, one, two);
    conf.attachments = attachments;
    return open_shop(conf);
}

/* The message and parts named one@test, two@test …; NULL ends them. */
static struct kt_wss_message package(const char *text, const char *const *parts)
{
    static const char *const ids[] = { "one@test", "two%40test", "three@test" };
    struct kt_err e = { 0 };
    struct kt_buf b;
    struct kt_mime *mime = KT_NEW(arena, struct kt_mime);
    kt_buf_init(&b, arena, 1 << 20);
    kt_buf_format(&b, "--b\r\nContent-Type: text/xml\r\nContent-ID: <root@test>\r\n\r\n%s", text);
    for (size_t i = 0; parts[i] != NULL; i++)
        kt_buf_format(&b, "\r\n--b\r\nContent-ID: <%s>\r\n\r\n%s", ids[i], parts[i]);
    kt_buf_text(&b, "\r\n--b--\r\n");
    if (kt_mime_split(mime, KT_STR(TYPE), kt_buf_view(&b), arena, &e) != KT_OK)
        fail_msg("%s", e.trail);
    struct kt_wss_message m = asking(NULL);
    m.xml = mime->root->body;
    m.mime = mime;
    return m;
}

#define PACK(text, ...) package((text), (const char *const[]){ __VA_ARGS__ NULL })

static const char *document(const char *sha256, const char *size, const char *content)
{
    return kt_format(arena,
                     "<k:document><k:id>D-1</k:id>%s%s<k:content>%s</k:content></k:document>",
                     sha256 == NULL ? "" : kt_format(arena, "<k:sha256>%s</k:sha256>", sha256),
                     size == NULL ? "" : kt_format(arena, "<k:size>%s</k:size>", size), content);
}

static const char *sum_of(const char *content)
{
    uint8_t sum[KT_HASH_BYTES];
    char *hex = kt_alloc(arena, KT_HASH_TEXT_MAX);
    kt_sha256(kt_str_of(content), sum);
    kt_hex(sum, sizeof sum, hex);
    return hex;
}

static const char *naming(const char *sha256, const char *size, const char *content)
{
    return message(
        &(struct draft){ .body = kt_format(arena, PARTS("%s"), document(sha256, size, content)) });
}

static const char *size_of(const char *content)
{
    return kt_format(arena, "%zu", strlen(content));
}

static const char *honest(void)
{
    return naming(sum_of(CONTENT), size_of(CONTENT), INCLUDE);
}

/* --- by hashes --- */

static void hashes__bind_what_the_signed_body_names(void **state)
{
    struct shop s = shop_with(KT_WSS_BY_HASHES, "signature", NULL);
    const char *text = honest();
    (void)state;
    assert_string_equal(open_it(&s, PACK(text, CONTENT, )), "ok");
    struct kt_str digest = opened.digest, replay = opened.replay;
    assert_string_equal(open_it(&s, PACK(text, "another thing of that", )), "attachment.digest");
    assert_null(opened.digest.p);
    assert_null(opened.replay.p);
    assert_string_equal(open_it(&s, PACK(text, CONTENT " ", )), "attachment.digest");
    assert_string_equal(open_it(&s, PACK(text, )), "attachment.unbound");
    assert_string_equal(open_it(&s, asking(text)), "attachment.unbound");
    /* case and blanks of the hash are nobody's business */
    const char *upper = naming("  5E884898DA28047151D0E56F8DC6292773603D0D6AABBD\n"
                               "62A11EF721D1542D8 ",
                               "8", INCLUDE);
    assert_string_equal(open_it(&s, PACK(upper, "password", )), "attachment.digest");
    upper =
        naming(" 5E884898DA28047151D0E56F8DC6292773603D0D6AABBDD62A11EF721D1542D8 ", "8", INCLUDE);
    assert_string_equal(open_it(&s, PACK(upper, "password", )), "ok");
    assert_false(kt_str_eq(digest, opened.digest));
    assert_false(kt_str_eq(replay, opened.replay));
    close_shop(&s);
}

static void hashes__need_hash_and_size_beside_the_content(void **state)
{
    struct shop s = shop_with(KT_WSS_BY_HASHES, "signature", NULL);
    const char *sum = sum_of(CONTENT), *size = size_of(CONTENT);
    (void)state;
    assert_string_equal(open_it(&s, PACK(naming(sum, size, INCLUDE), CONTENT, )), "ok");
    assert_string_equal(open_it(&s, PACK(naming(NULL, size, INCLUDE), CONTENT, )),
                        "attachment.unbound");
    assert_string_equal(open_it(&s, PACK(naming(sum, NULL, INCLUDE), CONTENT, )),
                        "attachment.unbound");
    assert_string_equal(open_it(&s, PACK(naming(sum, "26", INCLUDE), CONTENT, )),
                        "attachment.digest");
    const char *twice = kt_format(arena, "%s</k:sha256><k:sha256>%s", sum, sum);
    assert_string_equal(open_it(&s, PACK(naming(twice, size, INCLUDE), CONTENT, )),
                        "attachment.unbound");
    const char *foreign =
        swap(document(sum, size, INCLUDE), "<k:sha256>", "<f:sha256 xmlns:f=\"urn:u\">");
    foreign = swap(foreign, "</k:sha256>", "</f:sha256>");
    assert_string_equal(
        open_it(&s, PACK(message(&(struct draft){ .body = kt_format(arena, PARTS("%s"), foreign) }),
                         CONTENT, )),
        "attachment.unbound");
    /* as an attribute of the element itself, the way of SOAP with attachments */
    const char *swa =
        swap(document(sum, size, ""), "<k:content>", "<k:content href=\"cid:one@test\">");
    const struct draft d = { .body = kt_format(arena, PARTS("%s"), swa) };
    assert_string_equal(open_it(&s, PACK(message(&d), CONTENT, )), "ok");
    assert_string_equal(open_it(&s, PACK(message(&d), "another", )), "attachment.digest");
    close_shop(&s);
}

/* A reference is an xop:Include, whatever it refers to, or an href that begins with "cid:"; the
 * part that holds the Envelope is nobody's attachment. */
static void references__are_told_from_other_elements(void **state)
{
    struct shop s = shop_with(KT_WSS_BY_HASHES, "signature", NULL);
    const char *one = document(sum_of(CONTENT), size_of(CONTENT), INCLUDE);
    const char *root =
        document(sum_of(CONTENT), size_of(CONTENT), swap(INCLUDE, "cid:one@test", "cid:root@test"));
#define BESIDE(other) \
    message(&(struct draft){ .body = kt_format(arena, PARTS("%s%s"), one, (other)) })
    (void)state;
    assert_string_equal(
        open_it(&s, PACK(BESIDE("<k:link href=\"https://shop.example/a\"/>"), CONTENT, )), "ok");
    assert_string_equal(open_it(&s, PACK(BESIDE("<k:link href=\"one@test\"/>"), CONTENT, )), "ok");
    assert_string_equal(open_it(&s, PACK(BESIDE("<k:link href=\"CID:two@test\"/>"), CONTENT, )),
                        "attachment.unbound");
    assert_string_equal(open_it(&s, PACK(BESIDE("<x:Include xmlns:x=\"" XOP "\"/>"), CONTENT, )),
                        "attachment.unbound");
    assert_string_equal(
        open_it(&s,
                PACK(BESIDE("<x:Include xmlns:x=\"" XOP "\" href=\"https://a/\"/>"), CONTENT, )),
        "attachment.unbound");
    assert_string_equal(open_it(&s, PACK(BESIDE(root), CONTENT, )), "attachment.unbound");
    close_shop(&s);
}

static void parts__are_referred_to_exactly_once(void **state)
{
    struct shop s = shop_with(KT_WSS_BY_HASHES, "signature", NULL);
    const char *one = document(sum_of("1"), "1", INCLUDE);
    const char *two = swap(document(sum_of("2"), "1", INCLUDE), "one@test", "two%2540test");
    const char *both =
        message(&(struct draft){ .body = kt_format(arena, PARTS("%s%s"), one, two) });
    (void)state;
    assert_string_equal(open_it(&s, PACK(both, "1", "2", )), "ok");
    assert_string_equal(open_it(&s, PACK(both, "2", "1", )), "attachment.digest");
    assert_string_equal(open_it(&s, PACK(both, "1", "2", "3", )), "attachment.loose");
    const char *same =
        message(&(struct draft){ .body = kt_format(arena, PARTS("%s%s"), one, one) });
    assert_string_equal(open_it(&s, PACK(same, "1", )), "attachment.double");
    /* two parts of one id: mime.c refuses them; whoever splits otherwise is refused here */
    struct kt_wss_message m = PACK(both, "1", "2", );
    struct kt_mime *mime = KT_NEW(arena, struct kt_mime);
    *mime = *m.mime;
    mime->by_id = KT_NEW_ARRAY(arena, mime->ids + 1, const struct kt_mime_part *);
    for (size_t i = 0; i < mime->ids; i++)
        mime->by_id[i] = m.mime->by_id[i];
    mime->by_id[mime->ids] = mime->by_id[mime->ids - 1];
    mime->ids++;
    m.mime = mime;
    assert_string_equal(open_it(&s, m), "attachment.double");
    close_shop(&s);
}

/* --- the policy --- */

static void policy__says_how_attachments_are_bound(void **state)
{
    const char *text = honest();
    (void)state;
    struct shop s = shop_with(KT_WSS_NO_ATTACHMENTS, "signature", NULL);
    assert_string_equal(open_it(&s, PACK(text, CONTENT, )), "attachment.policy");
    assert_string_equal(open_it(&s, PACK(message(&(struct draft){ 0 }), )), "ok");
    close_shop(&s);
    s = shop_with(KT_WSS_BY_TLS, "signature", NULL);
    struct kt_wss_message m = PACK(text, "whatever", );
    assert_string_equal(open_it(&s, m), "attachment.unbound");
    m.has_tls_certificate = true;
    assert_string_equal(open_it(&s, m), "ok");
    struct kt_str digest = opened.digest;
    m = PACK(text, "whatever else", );
    m.has_tls_certificate = true;
    assert_string_equal(open_it(&s, m), "ok");
    assert_false(kt_str_eq(digest, opened.digest)); /* another message */
    close_shop(&s);
}

static void policy__binds_nothing_to_a_message_without_signature(void **state)
{
    struct kt_wss_policy_conf conf = policy("sap", NULL, "username", NULL);
    const char *token = "<wsse:UsernameToken><wsse:Username>user of sap</wsse:Username>"
                        "<wsse:Password>secret &amp; &lt;long&gt;</wsse:Password>"
                        "</wsse:UsernameToken>";
    const char *document_of = kt_format(arena, PARTS("%s"), document(sum_of("1"), "1", INCLUDE));
    const char *text =
        message(&(struct draft){ .is_open = true, .extra = token, .body = document_of });
    (void)state;
    conf.attachments = KT_WSS_BY_TLS;
    struct shop s = open_shop(conf);
    struct kt_wss_message m = PACK(text, "1", );
    m.has_tls_certificate = true;
    assert_string_equal(open_it(&s, m), "ok");
    m.has_tls_certificate = false;
    assert_string_equal(open_it(&s, m), "attachment.unbound");
    close_shop(&s);
}

/* --- the signature covers them --- */

static const char *covering(const char *const *parts, const char *include)
{
    static const char *const ids[] = { "one@test", "two%2540test" };
    static const char transform[] =
        "<ds:Transform Algorithm=\"" SWA "Attachment-Content-Signature-Transform\"/>";
    static const char way[] = "<ds:Transform Algorithm=\"" KT_WSS_EXC_C14N "\"/>";
    const char *all = kt_format(arena, "%s%s", reference_to("#body", way, NULL),
                                reference_to("#span", way, NULL));
    const struct draft d = { .body = kt_format(arena, PARTS("<k:content>%s</k:content>"), include),
                             .references = all };
    const char *text = message(&d);
    /* xmlsec knows no such transform: the references are put in and all of it is signed again */
    for (size_t i = 0; parts[i] != NULL; i++) {
        uint8_t sum[KT_HASH_BYTES];
        kt_sha256(kt_str_of(parts[i]), sum);
        const char *one = reference_to(kt_format(arena, "cid:%s", ids[i]), transform, NULL);
        one = swap(one, "<ds:DigestValue>",
                   kt_format(arena, "<ds:DigestValue>%s", base64_of(sum, sizeof sum)));
        text = swap(text, "</ds:SignedInfo>", kt_format(arena, "%s</ds:SignedInfo>", one));
    }
    return sign_info(text, "rsa");
}

#define COVER(include, ...) covering((const char *const[]){ __VA_ARGS__ NULL }, (include))

static void swa__covers_the_octets_of_each_part(void **state)
{
    struct shop s = shop_with(KT_WSS_BY_SWA, "signature", NULL);
    (void)state;
    const char *text = COVER(INCLUDE, "one", );
    assert_string_equal(open_it(&s, PACK(text, "one", )), "ok");
    assert_string_equal(open_it(&s, PACK(text, "two", )), "attachment.digest");
    assert_string_equal(open_it(&s, PACK(text, "", )), "attachment.digest");
    assert_string_equal(open_it(&s, PACK(text, "one", "two", )), "attachment.loose");
    assert_string_equal(open_it(&s, PACK(text, )), "reference.unknown");
    const char *of_root = sign_info(swap(text, "cid:one@test", "cid:root@test"), "rsa");
    assert_string_equal(open_it(&s, PACK(of_root, "one", )), "reference.unknown");
    assert_string_equal(open_it(&s, PACK(COVER(INCLUDE, ), "one", )), "attachment.unbound");
    assert_string_equal(open_it(&s, PACK(COVER(INCLUDE, "", ), "", )), "ok");
    const char *two = INCLUDE "<x:Include xmlns:x=\"" XOP "\" href=\"cid:two%2540test\"/>";
    assert_string_equal(open_it(&s, PACK(COVER(two, "1", "2", ), "1", "2", )), "ok");
    assert_string_equal(open_it(&s, PACK(COVER(two, "1", "2", ), "2", "1", )), "attachment.digest");
    close_shop(&s);
    /* whatever the policy says: what is there must hold */
    s = shop_with(KT_WSS_BY_TLS, "signature", NULL);
    struct kt_wss_message m = PACK(text, "two", );
    m.has_tls_certificate = true;
    assert_string_equal(open_it(&s, m), "attachment.digest");
    m = PACK(text, "one", );
    m.has_tls_certificate = true;
    assert_string_equal(open_it(&s, m), "ok");
    close_shop(&s);
}

/* Two names of one part: "%40" is '@'. */
static void swa__takes_a_part_once(void **state)
{
    struct shop s = shop_with(KT_WSS_BY_SWA, "signature", NULL);
    (void)state;
    const char *text = COVER(INCLUDE, "one", );
    const char *from = strstr(text, "<ds:Reference URI=\"cid:");
    const char *to = strstr(text, "</ds:SignedInfo>");
    const char *again = kt_format(arena, "%.*s", (int)(to - from), from);
    again = swap(again, "cid:one@test", "cid:one%40test");
    assert_string_equal(open_it(&s, PACK(text, "one", )), "ok");
    text = sign_info(swap(text, "</ds:SignedInfo>", kt_format(arena, "%s</ds:SignedInfo>", again)),
                     "rsa");
    assert_string_equal(open_it(&s, PACK(text, "one", )), "reference.twice");
    close_shop(&s);
}

/* --- signed before the attachments were taken out --- */

static void inlined__is_told_from_tampered(void **state)
{
    struct shop s = shop_with(KT_WSS_BY_HASHES, "signature", NULL);
    const char *content = base64_of(CONTENT, strlen(CONTENT));
    (void)state;
    const char *text = naming(sum_of(CONTENT), size_of(CONTENT), content);
    assert_string_equal(open_it(&s, asking(text)), "ok");
    const char *taken_out = swap(text, content, INCLUDE);
    assert_string_equal(open_it(&s, PACK(taken_out, CONTENT, )), "attachment.inlined");
    assert_string_equal(open_it(&s, PACK(taken_out, "another thing of that", )), "signed.digest");
    assert_string_equal(open_it(&s, PACK(swap(taken_out, "D-1", "D-2"), CONTENT, )),
                        "signed.digest");
    assert_string_equal(open_it(&s, asking(taken_out)), "signed.digest");
    assert_string_equal(open_it(&s, PACK(honest(), CONTENT, )), "ok");
    close_shop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes__bind_what_the_signed_body_names),
        cmocka_unit_test(hashes__need_hash_and_size_beside_the_content),
        cmocka_unit_test(references__are_told_from_other_elements),
        cmocka_unit_test(parts__are_referred_to_exactly_once),
        cmocka_unit_test(policy__says_how_attachments_are_bound),
        cmocka_unit_test(policy__binds_nothing_to_a_message_without_signature),
        cmocka_unit_test(swa__covers_the_octets_of_each_part),
        cmocka_unit_test(swa__takes_a_part_once),
        cmocka_unit_test(inlined__is_told_from_tampered),
    };
    return cmocka_run_group_tests(tests, set_up, kit_close);
}
