/* Opens a message: octets, structure, form, who, when, what, in that order, so that the costly work
 * comes last and is done only for messages that a configured key signed. Any thread; called by
 * door/sender.c for requests and by the clients of ERPs for answers. The stages stand in wss_*.c.
 */
#include <stdio.h>

#include "wire/wss_open.h"

#define REFUSE(o, code, e, ...) kt_wss_refuse((o)->out, KT_WSS_##code, (e), __VA_ARGS__)

/* --- reading: nothing here costs more than a look --- */

static enum kt_rc read_user(struct kt_wss_opening *o, struct kt_err *e)
{
    o->has_user = o->tree.user != NULL;
    if (!o->has_user)
        return KT_OK;
    if (!o->m.is_tls)
        return REFUSE(o, USER_PLAIN, e, "UsernameToken over a plain connection");
    return kt_wss_user_read(&o->user, &o->tree, o->out, o->a, e);
}

static enum kt_rc read_parts(struct kt_wss_opening *o, struct kt_err *e)
{
    enum kt_rc rc = kt_wss_tree_read(&o->tree, &o->m, o->out, o->a, e);
    o->is_signed = rc == KT_OK && o->tree.signature != NULL;
    o->has_span = rc == KT_OK && o->tree.timestamp != NULL;
    if (rc == KT_OK && o->is_signed)
        rc = kt_wss_form_read(&o->form, &o->tree, o->out, o->a, e);
    if (rc == KT_OK)
        rc = read_user(o, e);
    if (rc == KT_OK && o->has_span)
        rc = kt_wss_timestamp_read(&o->span, &o->tree, o->out, o->a, e);
    return rc;
}

/* --- who, and what that partner's messages must carry --- */

static enum kt_rc take_signer(struct kt_wss_opening *o, struct kt_err *e)
{
    enum kt_rc rc = kt_wss_signer_find(&o->signer, o->ring, &o->form.key, o->out, o->a, e);
    if (rc != KT_OK)
        return rc;
    if (o->policy != NULL && o->signer.policy != o->policy)
        return o->m.asked != NULL ? REFUSE(o, ANSWER_SIGNER, e, "signed by another partner")
                                  : REFUSE(o, KEY_OTHER, e, "signed by another partner");
    o->policy = o->signer.policy;
    return KT_OK;
}

/* The password of the user: before digests of an unsigned message, behind them of a signed one, so
 * that only its signer may try passwords. */
static enum kt_rc check_user(struct kt_wss_opening *o, struct kt_err *e)
{
    if (!o->has_user || (o->is_user_known && o->conf != NULL))
        return KT_OK;
    o->out->user = kt_str_copy(o->a, o->user.name).p;
    if (o->m.may_try != NULL && !o->m.may_try(o->m.context, o->user.name))
        return REFUSE(o, USER_THROTTLED, e, "no further try for now");
    if (!kt_wss_user_fits(&o->user, o->conf) || o->conf == NULL)
        return o->conf == NULL
                   ? REFUSE(o, USER_PASSWORD, e, "an unknown user")
                   : REFUSE(o, USER_PASSWORD, e, "the user of policy %s", o->conf->name);
    o->is_user_known = true;
    o->out->policy = kt_text_copy(o->a, o->conf->name);
    o->out->had |= o->user.is_digest ? KT_WSS_USERNAME_DIGEST : KT_WSS_USERNAME;
    return KT_OK;
}

static enum kt_rc take_user(struct kt_wss_opening *o, struct kt_err *e)
{
    const struct kt_wss_policy *of_user = kt_wss_policy_of_user(o->ring, o->user.name);
    if (o->policy == NULL)
        o->policy = of_user;
    else if (of_user != NULL && of_user != o->policy)
        return REFUSE(o, USER_OTHER, e, "a user of policy %s", kt_wss_policy_conf(of_user)->name);
    return KT_OK;
}

static enum kt_rc find_policy(struct kt_wss_opening *o, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    o->policy = NULL;
    o->conf = NULL;
    if (o->m.policy != NULL) {
        o->policy = kt_wss_policy_of(o->ring, o->m.policy);
        if (o->policy == NULL) /* taken away since */
            return REFUSE(o, KEY_UNKNOWN, e, "policy %s is configured no longer", o->m.policy);
    }
    if (o->is_signed)
        rc = take_signer(o, e);
    if (rc == KT_OK && o->has_user)
        rc = take_user(o, e);
    if (rc != KT_OK)
        return rc;
    if (o->policy != NULL)
        o->conf = kt_wss_policy_conf(o->policy);
    else if (o->has_user)
        return check_user(o, e); /* nobody's: costs what a wrong password costs */
    else
        return REFUSE(o, SECURITY_MISSING, e, "nothing says whose it is");
    return KT_OK;
}

/* What this message must carry: an answer carries no user, a request confirms nothing. */
static unsigned needs_of(const struct kt_wss_opening *o)
{
    const unsigned of_answers = KT_WSS_SIGNATURE | KT_WSS_ENCRYPTION | KT_WSS_CONFIRMATION;
    if (o->m.asked != NULL)
        return o->conf->required & of_answers;
    return o->conf->required & ~(unsigned)KT_WSS_CONFIRMATION;
}

static enum kt_rc check_user_kind(const struct kt_wss_opening *o, unsigned needs, struct kt_err *e)
{
    const unsigned kinds = needs & (KT_WSS_USERNAME | KT_WSS_USERNAME_DIGEST);
    const unsigned kind = o->user.is_digest ? KT_WSS_USERNAME_DIGEST : KT_WSS_USERNAME;
    if (kinds == 0)
        return KT_OK;
    if (!o->has_user)
        return REFUSE(o, USER_MISSING, e, "no UsernameToken");
    return kinds & kind ? KT_OK
                        : REFUSE(o, USER_KIND, e, "a password %s",
                                 o->user.is_digest ? "as digest" : "as text");
}

static enum kt_rc check_encryption_form(const struct kt_wss_opening *o, unsigned needs,
                                        struct kt_err *e)
{
    const bool is_encrypted = o->tree.key != NULL || o->tree.data != NULL;
    const bool is_expected = (needs & KT_WSS_ENCRYPTION) != 0 || o->conf->decrypt_keys.count > 0;
    if (!is_encrypted)
        return needs & KT_WSS_ENCRYPTION ? REFUSE(o, ENCRYPTION_MISSING, e, "nothing is encrypted")
                                         : KT_OK;
    if (!is_expected)
        return REFUSE(o, ENCRYPTION_UNEXPECTED, e, "policy %s knows no encryption", o->conf->name);
    if (o->is_decrypted)
        return o->tree.data == NULL ? KT_OK : REFUSE(o, ENCRYPTION_FORM, e, "encrypted twice");
    return o->tree.key != NULL && o->tree.data != NULL
               ? KT_OK
               : REFUSE(o, ENCRYPTION_FORM, e, "%s is missing",
                        o->tree.key == NULL ? "EncryptedKey" : "EncryptedData");
}

static enum kt_rc check_needs(const struct kt_wss_opening *o, struct kt_err *e)
{
    const unsigned needs = needs_of(o);
    if (needs != 0 && o->tree.security == NULL)
        return REFUSE(o, SECURITY_MISSING, e, "policy %s needs one", o->conf->name);
    if ((needs & KT_WSS_SIGNATURE) != 0 && !o->is_signed)
        return REFUSE(o, SIGNATURE_MISSING, e, "policy %s needs one", o->conf->name);
    enum kt_rc rc = check_user_kind(o, needs, e);
    return rc == KT_OK ? check_encryption_form(o, needs, e) : rc;
}

/* --- the signature's value, and when --- */

static enum kt_rc check_value(struct kt_wss_opening *o, struct kt_err *e)
{
    enum kt_rc rc = kt_wss_form_allowed(&o->form, o->conf->allowed, o->out, e);
    if (rc != KT_OK)
        return rc;
    if (!kt_wss_key_takes(o->form.method, o->signer.key))
        return REFUSE(o, KEY_TYPE, e, "%s", o->form.method->uri);
    rc = kt_wss_signer_check(o->ring, &o->signer, o->m.now_us, o->out, e);
    if (rc != KT_OK)
        return rc;
    if (!kt_wss_canonical(&o->signed_info, o->form.signed_info, &o->form.c14n, o->a))
        return kt_wss_refuse(
            o->out, o->tree.room->is_exceeded ? KT_WSS_BYTES_CANONICAL : KT_WSS_SIGNATURE_FORM, e,
            "SignedInfo has no canonical form");
    if (!kt_wss_signature_fits(o->form.method, o->signer.key, o->signed_info, o->form.value))
        return REFUSE(o, SIGNATURE_VALUE, e, "%s", kt_wss_library_said());
    o->out->policy = kt_text_copy(o->a, o->conf->name);
    o->out->signer = kt_text_copy(o->a, o->signer.fingerprint);
    o->out->signature_value = o->form.value;
    o->out->had |= KT_WSS_SIGNATURE;
    return KT_OK;
}

static enum kt_rc check_when(const struct kt_wss_opening *o, struct kt_err *e)
{
    const int64_t skew_us = o->conf->skew_s * 1000000;
    const int64_t lifetime_us = o->conf->lifetime_s * 1000000;
    if (o->is_signed && !o->has_span)
        return REFUSE(o, TIMESTAMP_MISSING, e, "a signature needs one");
    if (o->has_span) {
        enum kt_rc rc = kt_wss_timestamp_check(&o->span, o->conf, o->m.now_us, o->out, e);
        if (rc != KT_OK)
            return rc;
    }
    if (!o->has_user || !o->user.is_digest)
        return KT_OK;
    if (o->user.created_us > o->m.now_us + skew_us)
        return REFUSE(o, TIMESTAMP_FUTURE, e, "Created of the UsernameToken");
    if (o->user.created_us + lifetime_us + skew_us <= o->m.now_us)
        return REFUSE(o, TIMESTAMP_STALE, e, "Created of the UsernameToken");
    return KT_OK;
}

/* --- encryption --- */

static enum kt_rc decrypt(struct kt_str *plain, struct kt_wss_opening *o, bool is_signed,
                          struct kt_err *e)
{
    enum kt_rc rc = kt_wss_decrypt(plain, &o->tree, o->ring, o->policy, is_signed, o->out, o->a, e);
    o->out->had |= rc == KT_OK ? KT_WSS_ENCRYPTION : 0U;
    return rc;
}

/* Everything up to what the signature covers. A message that is to be decrypted first goes through
 * it twice: as it came, so that nothing is decrypted for strangers, and with the plaintext in it.
 */
static enum kt_rc introduce(struct kt_wss_opening *o, struct kt_err *e)
{
    struct kt_str plain;
    for (;;) {
        enum kt_rc rc = read_parts(o, e);
        if (rc == KT_OK)
            rc = find_policy(o, e);
        KT_ASSERT(rc != KT_OK || o->conf != NULL);
        if (rc == KT_OK)
            rc = check_needs(o, e);
        if (rc == KT_OK && o->is_signed)
            rc = check_value(o, e);
        if (rc == KT_OK)
            rc = check_when(o, e);
        if (rc == KT_OK && !o->is_signed)
            rc = check_user(o, e);
        if (rc != KT_OK || o->tree.data == NULL || (o->is_signed && !o->tree.is_decrypted_first))
            return rc;
        rc = decrypt(&plain, o, false, e);
        if (rc == KT_OK)
            rc = kt_wss_splice(&o->m.xml, o->m.xml, 2, plain, o->out, o->a, e);
        if (rc != KT_OK)
            return rc;
        o->is_decrypted = true;
    }
}

/* Encrypted first, then signed: the plaintext takes its place in what was digested, and what comes
 * of it is looked at like any input. */
static enum kt_rc decrypt_signed(struct kt_wss_opening *o, struct kt_str *body, struct kt_err *e)
{
    struct kt_str plain;
    enum kt_rc rc = decrypt(&plain, o, true, e);
    if (rc == KT_OK)
        rc = kt_wss_splice(body, *body, 1, plain, o->out, o->a, e);
    if (rc == KT_OK)
        rc = kt_wss_believe(o, *body, e);
    if (rc != KT_OK)
        return rc;
    struct kt_wss_message inner = o->m;
    inner.xml = o->out->xml;
    rc = kt_wss_tree_read(&o->tree, &inner, o->out, o->a, e);
    if (rc != KT_OK)
        return rc;
    o->is_decrypted = true;
    return o->tree.data == NULL ? KT_OK : REFUSE(o, ENCRYPTION_FORM, e, "encrypted twice");
}

/* --- what makes it unique --- */

static struct kt_str hash_text(struct kt_hash *h, struct kt_arena *a)
{
    uint8_t sum[KT_HASH_BYTES];
    char *text = kt_alloc(a, KT_HASH_TEXT_MAX);
    kt_hash_end(h, sum);
    kt_hex(sum, sizeof sum, text);
    return kt_str_of(text);
}

static void put(struct kt_hash *h, struct kt_str s)
{
    char length[32]; /* so that no two lists of texts make the same octets */
    int n = snprintf(length, sizeof length, "%zu:", s.n);
    kt_hash_put(h, length, (size_t)n);
    kt_hash_put(h, s.p, s.n);
}

/* A signature: the octets that were signed, since its value can be written in several ways. With a
 * digest token besides, these octets suffice: they hold the token's digest, so a nonce comes again
 * only when the signer itself signs it again, and a signer is believed anyway. */
static void set_replay(struct kt_wss_opening *o)
{
    struct kt_wss_opened *out = o->out;
    struct kt_hash *h = kt_hash_new(o->a);
    const int64_t skew_us = o->conf->skew_s * 1000000;
    if (o->is_signed) {
        put(h, KT_STR("signature"));
        put(h, kt_str_of(o->conf->name));
        put(h, o->signed_info);
        out->replay_until_us = o->span.expires_us + skew_us;
    } else if (o->has_user && o->user.is_digest) {
        put(h, KT_STR("nonce"));
        put(h, o->user.name);
        put(h, o->user.nonce);
        put(h, o->user.created);
        out->replay_until_us = o->user.created_us + o->conf->lifetime_s * 1000000 + skew_us;
    } else {
        return;
    }
    out->replay = hash_text(h, o->a);
}

/* The Body as it is believed, then each attachment by its id: by_id is sorted. */
static void set_digest(struct kt_wss_opening *o, struct kt_str body)
{
    const struct kt_mime *mime = o->m.mime;
    struct kt_hash *h = kt_hash_new(o->a);
    kt_hash_put(h, body.p, body.n);
    for (size_t i = 0; o->sums != NULL && i < mime->ids; i++) {
        if (mime->by_id[i] == mime->root)
            continue;
        put(h, mime->by_id[i]->id);
        if (o->conf->attachments == KT_WSS_BY_TLS) /* else nothing vouches for it: sender.c */
            put(h, mime->by_id[i]->content_type);
        kt_hash_put(h, o->sums[mime->by_id[i] - mime->part], KT_HASH_BYTES);
    }
    o->out->digest = hash_text(h, o->a);
}

/* --- all of it --- */

static enum kt_rc open_message(struct kt_wss_opening *o, struct kt_err *e)
{
    struct kt_str body;
    enum kt_rc rc = introduce(o, e);
    if (rc == KT_OK && o->is_signed)
        rc = kt_wss_cover_check(o, e);
    if (rc == KT_OK && o->is_signed)
        rc = kt_wss_cover_digest(o, e);
    if (rc == KT_OK && o->is_signed)
        rc = check_user(o, e);
    if (rc == KT_OK)
        rc = kt_wss_answer_check(o, e);
    if (rc == KT_OK)
        rc = kt_wss_cover_octets(&body, o, o->tree.body, e);
    if (rc != KT_OK)
        return rc;
    set_replay(o);
    rc = o->tree.data != NULL ? decrypt_signed(o, &body, e) : kt_wss_believe(o, body, e);
    if (rc == KT_OK)
        rc = kt_wss_attachments_check(o, e);
    if (rc != KT_OK)
        return rc;
    set_digest(o, body);
    o->out->policy = kt_text_copy(o->a, o->conf->name);
    return KT_OK;
}

enum kt_rc kt_wss_open(const struct kt_wss_ring *ring, const struct kt_wss_message *m,
                       struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    struct kt_wss_opening *o = KT_NEW(a, struct kt_wss_opening);
    kt_wss_library();
    *out = (struct kt_wss_opened){ .policy = kt_text_copy(a, m->policy) };
    o->ring = ring;
    o->m = *m;
    o->out = out;
    o->a = a;
    enum kt_rc rc = open_message(o, e);
    if (rc != KT_OK) /* nothing of it may be believed, or used up */
        *out = (struct kt_wss_opened){ .code = out->code,
                                       .policy = out->policy,
                                       .signature_value = out->signature_value,
                                       .signer = out->signer,
                                       .user = out->user };
    return rc;
}
