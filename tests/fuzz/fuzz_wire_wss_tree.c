/* Secured messages as libFuzzer makes them: read as a tree, their Signature, Timestamp and user as
 * their forms, or refused with a code. What was taken is canonicalised and must be taken again,
 * with the same canonical octets. Built and run by run.py. */
#include <string.h>

#include "wire/wss_inner.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static void agree(const struct kt_wss_opened *out, const struct kt_err *e, enum kt_rc rc)
{
    KT_ASSERT((rc == KT_OK) == (out->code == KT_WSS_OK));
    KT_ASSERT(rc == KT_OK || (rc == KT_REJECT && e->v.code == KT_E_SECURITY_REFUSED));
}

static void check_signature(const struct kt_wss_tree *tree, struct kt_arena *a)
{
    struct kt_wss_form form;
    struct kt_wss_opened out = { 0 };
    struct kt_err e = { 0 };
    enum kt_rc rc = kt_wss_form_read(&form, tree, &out, a, &e);
    agree(&out, &e, rc);
    if (rc != KT_OK)
        return;
    KT_ASSERT(form.references > 0 && form.references <= KT_WSS_REFERENCES_MAX);
    KT_ASSERT(form.method != NULL && form.value.n > 0 && form.signed_info != NULL);
    for (size_t i = 0; i < form.references; i++) {
        const struct kt_wss_reference *ref = &form.reference[i];
        KT_ASSERT(ref->value.n == ref->digest->octets);
        KT_ASSERT((ref->target == NULL) == (ref->cid.p != NULL));
        KT_ASSERT(!ref->is_token || tree->token != NULL);
    }
    rc = kt_wss_form_allowed(&form, 0, &out, &e);
    agree(&out, &e, rc);
}

static void check_parts(const struct kt_wss_tree *tree, struct kt_arena *a)
{
    static const struct kt_wss_policy_conf policy = {
        .user = "erp", .password = "geheim", .skew_s = 60, .lifetime_s = 300
    };
    struct kt_wss_opened out = { 0 };
    struct kt_err e = { 0 };
    struct kt_wss_span span;
    struct kt_wss_user user;
    enum kt_rc rc = kt_wss_timestamp_read(&span, tree, &out, a, &e);
    agree(&out, &e, rc);
    if (rc == KT_OK) {
        KT_ASSERT(span.created_us < span.expires_us);
        rc = kt_wss_timestamp_check(&span, &policy, span.created_us, &out, &e);
        agree(&out, &e, rc);
    }
    out = (struct kt_wss_opened){ 0 };
    kt_err_clear(&e);
    rc = kt_wss_user_read(&user, tree, &out, a, &e);
    agree(&out, &e, rc);
    if (rc == KT_OK) {
        KT_ASSERT(user.nonce.p == NULL || (user.nonce.n >= 16 && user.nonce.n <= 64));
        KT_ASSERT(!kt_wss_user_fits(&user, NULL));
        (void)kt_wss_user_fits(&user, &policy); /* either is fine */
    }
}

/* The same again from its canonical octets. */
static void check_canonical(const struct kt_wss_tree *tree, const struct kt_wss_message *m,
                            struct kt_arena *a)
{
    static const struct kt_wss_c14n c14n = { .kind = KT_WSS_INCLUSIVE };
    struct kt_wss_message again = *m;
    struct kt_wss_tree twin;
    struct kt_wss_opened out = { 0 };
    struct kt_str second;
    struct kt_err e = { 0 };
    if (!kt_wss_canonical(&again.xml, tree->envelope, &c14n, a))
        return; /* a relative namespace, which canonicalisation refuses */
    enum kt_rc rc = kt_wss_tree_read(&twin, &again, &out, a, &e);
    KT_ASSERT(rc == KT_OK && kt_wss_canonical(&second, twin.envelope, &c14n, a));
    KT_ASSERT(kt_str_eq(again.xml, second));
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    static const struct kt_wss_asked asked;
    static struct kt_arena *a;
    struct kt_wss_opened out = { 0 };
    struct kt_wss_tree tree;
    struct kt_err e = { 0 };
    if (a == NULL) {
        a = kt_arena_new();
        kt_wss_library();
    }
    kt_arena_reset(a);
    if (n == 0)
        return 0;
    const struct kt_wss_message m = { .xml = { (const char *)bytes + 1, n - 1 },
                                      .version = (enum kt_soap_version)(bytes[0] % 3),
                                      .action = { KT_STR(""), KT_STR("urn:k/Op") },
                                      .asked = bytes[0] & 64 ? &asked : NULL };
    enum kt_rc rc = kt_wss_tree_read(&tree, &m, &out, a, &e);
    agree(&out, &e, rc);
    if (rc != KT_OK)
        return 0;
    KT_ASSERT(tree.body != NULL && (tree.content != NULL || m.asked != NULL));
    KT_ASSERT(kt_wss_first(tree.body) == tree.content && kt_wss_next(tree.content) == NULL);
    if (tree.signature != NULL)
        check_signature(&tree, a);
    check_parts(&tree, a);
    check_canonical(&tree, &m, a);
    return 0;
}
