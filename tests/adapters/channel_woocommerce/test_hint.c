/* A webhook's bytes: the signature over exactly these octets, two secrets while one is replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "adapters/channel_woocommerce/session.h"
#include "base/hash.h"

static const char body_text[] = "{\"id\":1201,\"status\":\"processing\",\"total\":\"44.70\"}";

struct answer {
    enum kt_rc rc;
    enum kt_code code;
    char order_id[40];
};

static struct answer ask(const struct woocommerce_conf *conf, const char *header,
                         struct kt_str body)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_err e = { 0 };
    struct kt_str id = { NULL, 0 };
    struct answer answer = { 0 };
    answer.rc = woocommerce_hint(conf, kt_str_of(header), body, &id, a, &e);
    answer.code = e.v.code;
    snprintf(answer.order_id, sizeof answer.order_id, "%s", id.p != NULL ? id.p : "");
    kt_arena_free(a);
    return answer;
}

static const char *head(const char *topic, const char *secret, struct kt_str body)
{
    static char text[400];
    char signature[45];
    kt_hmac_base64(kt_str_of(secret), body, signature);
    snprintf(text, sizeof text,
             "Host: kontor.example\r\nContent-Type: application/json\r\n"
             "x-wc-webhook-topic: %s\r\nX-WC-Webhook-Signature: %s\r\n",
             topic, signature);
    return text;
}

static void hint__names_the_order(void **state)
{
    (void)state;
    struct woocommerce_conf conf = { .webhook_secret = "whsec_one" };
    struct kt_str body = kt_str_of(body_text);
    struct answer r = ask(&conf, head("order.updated", "whsec_one", body), body);
    assert_int_equal(r.rc, KT_OK);
    assert_string_equal(r.order_id, "1201");
    r = ask(&conf, head("order.deleted", "whsec_one", body), body);
    assert_string_equal(r.order_id, "1201");
    r = ask(&conf, head("product.updated", "whsec_one", body), body);
    assert_int_equal(r.rc, KT_OK);
    assert_string_equal(r.order_id, "");
}

/* The signature of this body under this secret, computed with another program. */
static void hint__signature_is_the_shop_s(void **state)
{
    (void)state;
    struct woocommerce_conf conf = { .webhook_secret = "whsec_sandbox" };
    struct answer r = ask(&conf,
                          "X-WC-Webhook-Topic: order.created\n"
                          "X-WC-Webhook-Signature: rT35QHJORTNIvALw7XYQmXxmKd6nlUvxO1GqRZsPpAM=\n",
                          KT_STR("{\"id\":7}"));
    assert_int_equal(r.rc, KT_OK);
    assert_string_equal(r.order_id, "7");
}

static void hint__every_flipped_byte_is_refused(void **state)
{
    (void)state;
    struct woocommerce_conf conf = { .webhook_secret = "whsec_one" };
    char body[sizeof body_text];
    memcpy(body, body_text, sizeof body_text);
    struct kt_str whole = { body, sizeof body_text - 1 };
    const char *header = head("order.updated", "whsec_one", whole);
    for (size_t i = 0; i < whole.n; i++) {
        body[i] ^= 1;
        struct answer r = ask(&conf, header, whole);
        assert_int_equal(r.rc, KT_REJECT);
        assert_int_equal(r.code, KT_E_HINT_REFUSED);
        body[i] ^= 1;
    }
    assert_int_equal(ask(&conf, header, whole).rc, KT_OK);
    whole.n--; /* a byte short */
    assert_int_equal(ask(&conf, header, whole).code, KT_E_HINT_REFUSED);
}

static void hint__two_secrets_while_one_is_replaced(void **state)
{
    (void)state;
    struct woocommerce_conf conf = { .webhook_secret = "whsec_one",
                                     .webhook_secret_next = "whsec_two" };
    struct kt_str body = kt_str_of(body_text);
    assert_int_equal(ask(&conf, head("order.updated", "whsec_one", body), body).rc, KT_OK);
    assert_int_equal(ask(&conf, head("order.updated", "whsec_two", body), body).rc, KT_OK);
    assert_int_equal(ask(&conf, head("order.updated", "whsec_three", body), body).rc, KT_REJECT);
    conf.webhook_secret_next = NULL;
    assert_int_equal(ask(&conf, head("order.updated", "whsec_two", body), body).rc, KT_REJECT);
    conf.webhook_secret = NULL; /* an empty key is no key */
    assert_int_equal(ask(&conf, head("order.updated", "", body), body).rc, KT_REJECT);
    conf.webhook_secret = "";
    assert_int_equal(ask(&conf, head("order.updated", "", body), body).rc, KT_REJECT);
}

static void hint__unsigned_or_signed_twice_is_refused(void **state)
{
    (void)state;
    struct woocommerce_conf conf = { .webhook_secret = "whsec_one" };
    struct kt_str body = kt_str_of(body_text);
    char twice[900];
    const char *good = head("order.updated", "whsec_one", body);
    snprintf(twice, sizeof twice, "X-WC-Webhook-Signature: AAAA\r\n%s", good);
    assert_int_equal(ask(&conf, twice, body).code, KT_E_HINT_REFUSED);
    assert_int_equal(ask(&conf, "X-WC-Webhook-Topic: order.updated\r\n", body).code,
                     KT_E_HINT_REFUSED);
    assert_int_equal(ask(&conf, "", body).code, KT_E_HINT_REFUSED);
    assert_int_equal(ask(&conf, good, body).rc, KT_OK);
}

static void hint__ping_is_nothing_to_fetch(void **state)
{
    (void)state;
    struct woocommerce_conf conf = { .webhook_secret = "whsec_one" };
    struct answer r =
        ask(&conf, "Content-Type: application/x-www-form-urlencoded\r\n", KT_STR("webhook_id=12"));
    assert_int_equal(r.rc, KT_OK);
    assert_string_equal(r.order_id, "");
    /* with a topic it claims to be more than a ping */
    r = ask(&conf, "X-WC-Webhook-Topic: order.updated\r\n", KT_STR("webhook_id=12"));
    assert_int_equal(r.rc, KT_REJECT);
}

static void hint__signed_nonsense_is_refused(void **state)
{
    (void)state;
    struct woocommerce_conf conf = { .webhook_secret = "whsec_one" };
    static const char *const bodies[] = {
        "", "{", "[]", "{\"id\":\"../x\"}", "{\"id\":-3}", "{\"id\":0}", "{\"id\":1.5}", "{}"
    };
    for (size_t i = 0; i < KT_COUNT(bodies); i++) {
        struct kt_str body = kt_str_of(bodies[i]);
        struct answer r = ask(&conf, head("order.updated", "whsec_one", body), body);
        assert_int_equal(r.rc, KT_REJECT);
        assert_string_equal(r.order_id, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hint__names_the_order),
        cmocka_unit_test(hint__signature_is_the_shop_s),
        cmocka_unit_test(hint__every_flipped_byte_is_refused),
        cmocka_unit_test(hint__two_secrets_while_one_is_replaced),
        cmocka_unit_test(hint__unsigned_or_signed_twice_is_refused),
        cmocka_unit_test(hint__ping_is_nothing_to_fetch),
        cmocka_unit_test(hint__signed_nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
