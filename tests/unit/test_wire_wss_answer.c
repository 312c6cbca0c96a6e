/* Answers to what we asked: RelatesTo and SignatureConfirmation, each refusal beside its twin. */
#include "test_wire_wss_maker.h"

static struct shop shop; /* demands a signature */

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

#define RELATES(id) "<a:RelatesTo xmlns:a=\"" KT_WSS_WSA "\" wsu:Id=\"to\">" id "</a:RelatesTo>"

static void open__wants_an_answer_to_what_was_asked(void **state)
{
    (void)state;
    const struct kt_wss_asked asked = { .message_id = KT_STR("urn:uuid:1") };
    struct kt_wss_message m = asking(NULL);
    m.policy = "sap";
    m.asked = &asked;
    m.xml = kt_str_of(
        message(&(struct draft){ .headers = RELATES("urn:uuid:1"), .covers = "body span to" }));
    assert_string_equal(open_it(&shop, m), "ok");
    m.xml = kt_str_of(
        message(&(struct draft){ .headers = RELATES("urn:uuid:2"), .covers = "body span to" }));
    assert_string_equal(open_it(&shop, m), "answer.relates-to");
    m.xml = kt_str_of(message(&(struct draft){ .headers = RELATES("urn:uuid:1") }));
    assert_string_equal(open_it(&shop, m), "signed.header");
    m.xml = kt_str_of(message(&(struct draft){ 0 }));
    assert_string_equal(open_it(&shop, m), "answer.relates-to");
    m.xml = kt_str_of(message(&(struct draft){
        .signer = "other", .headers = RELATES("urn:uuid:1"), .covers = "body span to" }));
    assert_string_equal(open_it(&shop, m), "answer.signer");
    const struct kt_wss_asked without = { 0 };
    m.asked = &without;
    m.xml = kt_str_of(message(&(struct draft){ 0 }));
    assert_string_equal(open_it(&shop, m), "ok");
}

static const char *confirmation(const char *value)
{
    return value == NULL ? "<c:SignatureConfirmation xmlns:c=\"" KT_WSS_WSSE11
                           "\" wsu:Id=\"seen\"/>"
                         : kt_format(arena,
                                     "<c:SignatureConfirmation xmlns:c=\"" KT_WSS_WSSE11
                                     "\" wsu:Id=\"seen\" Value=\"%s\"/>",
                                     value);
}

static const char *confirming(const char *value, const char *covers)
{
    return message(&(struct draft){ .extra = confirmation(value), .covers = covers });
}

static void open__wants_our_signature_confirmed(void **state)
{
    (void)state;
    const struct kt_wss_asked asked = { .signature_value = KT_STR("our value") };
    const struct kt_wss_asked unsigned_one = { 0 };
    const char *ours = base64_of("our value", 9);
    struct kt_wss_policy_conf conf = policy("sap", "rsa", "signature", "confirmation");
    conf.gives = words("signature", NULL);
    struct shop s = open_shop(conf);
    struct kt_wss_message m = asking(confirming(ours, "body span seen"));
    m.policy = "sap";
    m.asked = &asked;
    assert_string_equal(open_it(&s, m), "ok");
    assert_int_equal(opened.had, KT_WSS_SIGNATURE | KT_WSS_CONFIRMATION);
    m.xml = kt_str_of(confirming(ours, "body span"));
    assert_string_equal(open_it(&s, m), "signed.confirmation");
    m.xml = kt_str_of(confirming(base64_of("another", 7), "body span seen"));
    assert_string_equal(open_it(&s, m), "answer.confirmation");
    m.xml = kt_str_of(confirming(NULL, "body span seen"));
    assert_string_equal(open_it(&s, m), "answer.confirmation");
    m.asked = &unsigned_one;
    assert_string_equal(open_it(&s, m), "ok");
    m.xml = kt_str_of(confirming("", "body span seen")); /* a value, and be it of no octets */
    assert_string_equal(open_it(&s, m), "answer.confirmation");
    m.xml = kt_str_of(message(&(struct draft){ 0 }));
    assert_string_equal(open_it(&s, m), "answer.confirmation");
    /* not demanded, but there: it must be ours */
    m.asked = &asked;
    m.xml = kt_str_of(confirming(base64_of("another", 7), "body span seen"));
    assert_string_equal(open_it(&shop, m), "answer.confirmation");
    m.xml = kt_str_of(confirming(ours, "body span seen"));
    assert_string_equal(open_it(&shop, m), "ok");
    /* a request confirms nothing */
    m.asked = NULL;
    assert_string_equal(open_it(&shop, m), "security.child");
    close_shop(&s);
    s = open_shop(policy("sap", NULL, NULL, NULL));
    m.asked = &asked;
    m.xml = kt_str_of(message(&(struct draft){ .is_open = true, .extra = confirmation(ours) }));
    assert_string_equal(open_it(&s, m), "signed.confirmation");
    close_shop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__wants_an_answer_to_what_was_asked),
        cmocka_unit_test(open__wants_our_signature_confirmed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
