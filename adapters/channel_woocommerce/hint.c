/* A webhook's bytes: checks the signature over exactly the octets received and says which order to
 * fetch. The body is never used for more: the order is read from the shop. Pure; any thread. */
#include "adapters/channel_woocommerce/call.h"
#include "base/hash.h"

#include <string.h>

enum { SIGNATURE_TEXT = 45 };

static enum kt_rc refuse(struct kt_err *e, const char *detail)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_HINT_REFUSED, KT_P_TEXT("detail", detail));
}

static bool same_letter(char a, char b)
{
    return a == b || ((a | 0x20) == (b | 0x20) && (a | 0x20) >= 'a' && (a | 0x20) <= 'z');
}

/* "Name: value" with the name in any case. */
static bool is_named(struct kt_str line, const char *name)
{
    size_t n = strlen(name);
    if (line.n <= n || line.p[n] != ':')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!same_letter(line.p[i], name[i]))
            return false;
    }
    return true;
}

/* Value of the only line of that name; absent when there is none or more than one. */
static struct kt_str header_value(struct kt_str header, const char *name)
{
    struct kt_str found = { NULL, 0 };
    size_t from = 0;
    while (from < header.n) {
        const char *end = memchr(header.p + from, '\n', header.n - from);
        size_t n = end != NULL ? (size_t)(end - header.p) - from : header.n - from;
        struct kt_str line = kt_str_part(header, from, n);
        from += n + 1;
        if (!is_named(line, name))
            continue;
        if (found.p != NULL)
            return (struct kt_str){ NULL, 0 };
        found = kt_str_trim(kt_str_part(line, strlen(name) + 1, line.n));
    }
    return found;
}

static bool is_signed_with(const char *secret, struct kt_str body, struct kt_str signature)
{
    char expected[SIGNATURE_TEXT];
    if (secret == NULL || secret[0] == '\0')
        return false;
    kt_hmac_base64(kt_str_of(secret), body, expected);
    return kt_same_secret(kt_str_of(expected), signature);
}

/* The shop announces itself once, unsigned and as a form: "webhook_id=12". */
static bool is_ping(struct kt_str header, struct kt_str body)
{
    return kt_str_starts(body, "webhook_id=") && body.n < 40 &&
           header_value(header, "X-WC-Webhook-Topic").p == NULL;
}

enum kt_rc woocommerce_hint(const void *conf, struct kt_str header, struct kt_str body,
                            struct kt_str *order_id, struct kt_arena *a, struct kt_err *e)
{
    const struct woocommerce_conf *c = conf;
    const struct kt_json *j = NULL;
    int64_t id = 0;
    *order_id = (struct kt_str){ NULL, 0 };
    if (is_ping(header, body))
        return KT_OK;
    struct kt_str signature = header_value(header, "X-WC-Webhook-Signature");
    if (c->webhook_secret == NULL && c->webhook_secret_next == NULL)
        return refuse(e, "no webhook_secret is configured");
    if (signature.p == NULL)
        return refuse(e, "it is not signed");
    bool is_first = is_signed_with(c->webhook_secret, body, signature);
    bool is_next = is_signed_with(c->webhook_secret_next, body, signature);
    if (!is_first && !is_next)
        return refuse(e, "its signature is wrong");
    if (!kt_str_starts(header_value(header, "X-WC-Webhook-Topic"), "order."))
        return KT_OK;
    enum kt_rc rc = kt_json_parse(&j, body, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "webhook body");
    if (!kt_json_int(kt_json_get(j, "id"), &id) || id <= 0)
        return refuse(e, "it names no order");
    *order_id = kt_str_copy(a, kt_json_text_of(j, "id"));
    return KT_OK;
}
