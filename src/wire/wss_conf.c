/* The settings of keys and policies, and what must fit together in them. Reads no file. Called when
 * the configuration is loaded, and once more when keys and policies are. */
#include <string.h>

#include "base/hash.h"
#include "wire/wss_ring.h"

#define KEY(member)    offsetof(struct kt_wss_key_conf, member)
#define POLICY(member) offsetof(struct kt_wss_policy_conf, member)

enum { MONTH_S = 31 * 86400 };

const char *const kt_wss_purposes[] = { "sign", "decrypt", NULL };
const char *const kt_wss_states[] = { "next", "active", "verify-only", "revoked", NULL };
const char *const kt_wss_parts[] = { "signature",  "username",     "username-digest",
                                     "encryption", "confirmation", NULL };
const char *const kt_wss_allowances[] = { "sha1", "inclusive-c14n", "cbc", NULL };
const char *const kt_wss_attachment_ways[] = { "none", "tls", "hashes", "swa", NULL };

const struct kt_opt kt_wss_key_opts[] = {
    { "certificate", KT_OPT_FILE, KEY(certificate), .flags = KT_OPT_REQUIRED,
      .help = "Its certificate (PEM), which partners get to know" },
    { "key", KT_OPT_FILE, KEY(key), .flags = KT_OPT_REQUIRED,
      .help = "The private key (PEM) without passphrase, readable by its owner only" },
    { "purpose", KT_OPT_CHOICE, KEY(purpose), .flags = KT_OPT_REQUIRED, .choices = kt_wss_purposes,
      .help = "What it is for; a key has one purpose" },
    { "state", KT_OPT_CHOICE, KEY(state), .def = "active", .choices = kt_wss_states,
      .help = "next: partners are told of it, it decrypts and does not sign yet; active; "
              "verify-only: it signs no longer and still decrypts; revoked: it is not used" },
    { 0 }
};

const struct kt_opt kt_wss_policy_opts[] = {
    { "allows", KT_OPT_LIST, POLICY(allows), .def = "[]",
      .help = "What is taken besides: sha1 (with an alarm), inclusive-c14n, cbc (only where the "
              "signature covers what is encrypted)" },
    { "attachments", KT_OPT_CHOICE, POLICY(attachments), .def = "none",
      .choices = kt_wss_attachment_ways,
      .help = "How attachments are bound to a message: not taken, by the TLS client certificate, "
              "by SHA-256 and size in the signed Body, or by the signature itself (SwA)" },
    { "authority", KT_OPT_FILE, POLICY(authority),
      .help = "Certificates (PEM) of who issued those of signers; each is an anchor. It never "
              "makes a signer of somebody who is not listed" },
    { "crl", KT_OPT_FILE, POLICY(crl),
      .help = "Revocation list of the authority (PEM or DER); read again when it changes" },
    { "crl_age", KT_OPT_SECS, POLICY(crl_age_s), .def = "1d", .min = 60, .max = MONTH_S,
      .help = "A revocation list older than this, or past its nextUpdate, refuses every message" },
    { "decrypt_keys", KT_OPT_LIST, POLICY(decrypt_keys), .def = "[]",
      .help = "Names of the keys that decrypt its messages, two while one follows the other. None "
              "named: each of that purpose, where no other policy takes encrypted messages" },
    { "fingerprints", KT_OPT_LIST, POLICY(fingerprints), .def = "[]",
      .help = "SHA-256 of its signing certificates, hex, ':' allowed, where no file is at hand; "
              "such a certificate must come with each message" },
    { "gives", KT_OPT_LIST, POLICY(gives), .def = "[]",
      .help = "What our messages to it carry: signature, username, username-digest, encryption, "
              "confirmation" },
    { "lifetime", KT_OPT_SECS, POLICY(lifetime_s), .def = "5m", .min = 10, .max = 900,
      .help = "Longest time between Created and Expires; ours carry it" },
    { "password", KT_OPT_SECRET, POLICY(password), .help = "Password of the user" },
    { "recipient", KT_OPT_FILE, POLICY(recipient),
      .help = "Its certificate (PEM) that our messages are encrypted for" },
    { "requires", KT_OPT_LIST, POLICY(requires), .def = "[]",
      .help = "What its messages must carry: signature, username, username-digest, encryption, "
              "confirmation (answers)" },
    { "sign_key", KT_OPT_NAME, POLICY(sign_key),
      .help = "Name of the key that signs ours; default: the only active one of that purpose" },
    { "signers", KT_OPT_LIST, POLICY(signers), .def = "[]",
      .help = "Files of the certificates (PEM, one each) that it signs with; two while one follows "
              "the other" },
    { "skew", KT_OPT_SECS, POLICY(skew_s), .def = "60s", .max = 300,
      .help = "How far its clock may be off" },
    { "user", KT_OPT_TEXT, POLICY(user),
      .help = "User of UsernameToken, in both directions; taken over TLS only" },
    { 0 }
};

/* --- the lists of words --- */

static const char *words_of(struct kt_arena *a, const char *const *known)
{
    struct kt_buf out;
    kt_buf_init(&out, a, 512);
    for (size_t i = 0; known[i] != NULL; i++)
        kt_buf_format(&out, "%s%s", i == 0 ? "" : ", ", known[i]);
    return kt_buf_view(&out).p;
}

static const char *read_bits(unsigned *bits, const struct kt_conf_texts *texts, const char *setting,
                             const char *const *known, struct kt_arena *a)
{
    *bits = 0;
    for (size_t i = 0; i < texts->count; i++) {
        size_t k = 0;
        while (known[k] != NULL && strcmp(known[k], texts->item[i]) != 0)
            k++;
        if (known[k] == NULL)
            return kt_format(a, "%s: there is no \"%.40s\". Known: %s", setting, texts->item[i],
                             words_of(a, known));
        *bits |= 1U << k;
    }
    return NULL;
}

static const char *read_fingerprints(struct kt_wss_policy_conf *p, struct kt_arena *a)
{
    const char **item = KT_NEW_ARRAY(a, p->fingerprints.count + 1, const char *);
    for (size_t i = 0; i < p->fingerprints.count; i++) {
        char *print = kt_alloc(a, KT_HASH_TEXT_MAX);
        item[i] = print;
        if (!kt_fingerprint_read(print, p->fingerprints.item[i]))
            return kt_format(a,
                             "fingerprints: \"%.100s\" is no SHA-256 fingerprint: 64 hex digits, "
                             "with ':' or without (openssl x509 -fingerprint -sha256)",
                             p->fingerprints.item[i]);
    }
    p->fingerprints.item = item;
    return NULL;
}

static const char *read_words(struct kt_wss_policy_conf *p, struct kt_arena *a)
{
    const char *why = read_bits(&p->required, &p->requires, "requires", kt_wss_parts, a);
    if (why == NULL)
        why = read_bits(&p->given, &p->gives, "gives", kt_wss_parts, a);
    if (why == NULL)
        why = read_bits(&p->allowed, &p->allows, "allows", kt_wss_allowances, a);
    return why == NULL ? read_fingerprints(p, a) : why;
}

/* --- what must fit together --- */

static const unsigned any_user = KT_WSS_USERNAME | KT_WSS_USERNAME_DIGEST;

/* What would be believed by mistake. */
static const char *check_required(const struct kt_wss_policy_conf *p)
{
    const bool has_signers = p->signers.count + p->fingerprints.count > 0;
    const bool is_signed = (p->required & KT_WSS_SIGNATURE) != 0;
    if (is_signed && !has_signers)
        return "requires: signature needs signers or fingerprints: whose signature?";
    if (!is_signed && has_signers)
        return "signers are named, but requires does not name signature: a message without one "
               "would be taken, too";
    if ((p->required & KT_WSS_CONFIRMATION) != 0 && !is_signed)
        return "requires: confirmation needs signature: without it anybody could confirm";
    if ((p->required & KT_WSS_CONFIRMATION) != 0 && (p->given & KT_WSS_SIGNATURE) == 0)
        return "requires: confirmation of what? gives does not name signature";
    if ((p->required & any_user) == any_user)
        return "requires: username or username-digest, not both";
    if (p->allowed != 0 && !is_signed)
        return "allows: speaks of signed messages, but requires does not name signature";
    if ((p->allowed & KT_WSS_CBC) != 0 && (p->required & KT_WSS_ENCRYPTION) == 0)
        return "allows: cbc, but requires does not name encryption";
    if (p->attachments > KT_WSS_BY_TLS && !is_signed)
        return "attachments: are bound by a signature, but requires does not name signature";
    return NULL;
}

static const char *check_given(const struct kt_wss_policy_conf *p)
{
    if (p->required == 0 && p->given == 0)
        return "demands nothing and gives nothing: name something in requires or gives";
    if ((p->given & any_user) == any_user)
        return "gives: username or username-digest, not both";
    if ((p->given & KT_WSS_CONFIRMATION) != 0 && (p->given & KT_WSS_SIGNATURE) == 0)
        return "gives: confirmation needs signature: without it anybody could confirm";
    if (((p->given | p->required) & any_user) != 0 && (p->user == NULL || p->user[0] == '\0'))
        return "user is missing: the one of UsernameToken";
    if ((p->user == NULL) != (p->password == NULL))
        return "user and password belong together; one is missing";
    if (p->user != NULL && ((p->given | p->required) & any_user) == 0)
        return "user is named, but neither requires nor gives names username or username-digest";
    if ((p->given & KT_WSS_ENCRYPTION) != 0 && p->recipient == NULL)
        return "gives: encryption needs recipient: for whom?";
    if ((p->given & KT_WSS_ENCRYPTION) == 0 && p->recipient != NULL)
        return "recipient is named, but gives does not name encryption: nothing would be encrypted";
    return NULL;
}

static const char *check_trust(const struct kt_wss_policy_conf *p)
{
    if (p->crl != NULL && p->authority == NULL)
        return "crl needs authority: who else could have signed it?";
    if (p->authority != NULL && p->signers.count + p->fingerprints.count == 0)
        return "authority alone makes nobody a signer: name signers or fingerprints";
    return NULL;
}

static const struct kt_wss_key_conf *find_key(const struct kt_wss_conf *all, const char *name)
{
    for (size_t i = 0; i < all->keys; i++) {
        if (strcmp(all->key[i].name, name) == 0)
            return &all->key[i];
    }
    return NULL;
}

static size_t count_active(const struct kt_wss_conf *all)
{
    size_t count = 0;
    for (size_t i = 0; i < all->keys; i++)
        count += all->key[i].purpose == KT_WSS_FOR_SIGNING && all->key[i].state == KT_WSS_ACTIVE;
    return count;
}

static const char *check_named(const struct kt_wss_conf *all, const char *setting, const char *name,
                               int purpose, struct kt_arena *a)
{
    if (name == NULL)
        return NULL;
    const struct kt_wss_key_conf *key = find_key(all, name);
    if (key == NULL)
        return kt_format(a, "%s: there is no key \"%s\"", setting, name);
    if (key->purpose != purpose)
        return kt_format(a, "%s: the purpose of keys.%s is %s", setting, name,
                         kt_wss_purposes[key->purpose]);
    if (purpose == KT_WSS_FOR_SIGNING ? key->state != KT_WSS_ACTIVE : key->state == KT_WSS_REVOKED)
        return kt_format(a, "%s: the state of keys.%s is %s", setting, name,
                         kt_wss_states[key->state]);
    return NULL;
}

static const char *check_keys(const struct kt_wss_policy_conf *p, const struct kt_wss_conf *all,
                              struct kt_arena *a)
{
    const char *why = check_named(all, "sign_key", p->sign_key, KT_WSS_FOR_SIGNING, a);
    bool can_decrypt = p->decrypt_keys.count > 0;
    for (size_t i = 0; why == NULL && i < p->decrypt_keys.count; i++)
        why = check_named(all, "decrypt_keys", p->decrypt_keys.item[i], KT_WSS_FOR_DECRYPTION, a);
    if (why != NULL)
        return why;
    for (size_t i = 0; i < all->keys; i++)
        can_decrypt = can_decrypt || (all->key[i].purpose == KT_WSS_FOR_DECRYPTION &&
                                      all->key[i].state != KT_WSS_REVOKED);
    if ((p->required & KT_WSS_ENCRYPTION) != 0 && !can_decrypt)
        return "requires: encryption needs one of keys with purpose decrypt";
    if ((p->given & KT_WSS_SIGNATURE) == 0 || p->sign_key != NULL || count_active(all) == 1)
        return NULL;
    return count_active(all) == 0
               ? "gives: signature needs one of keys with purpose sign and state active"
               : "sign_key is missing: several keys with purpose sign are active";
}

const char *kt_wss_policy_check(struct kt_wss_policy_conf *policy, const struct kt_wss_conf *all,
                                struct kt_arena *a)
{
    const char *why = read_words(policy, a);
    if (why == NULL)
        why = check_required(policy);
    if (why == NULL)
        why = check_given(policy);
    if (why == NULL)
        why = check_trust(policy);
    return why == NULL ? check_keys(policy, all, a) : why;
}

static bool takes_encrypted(const struct kt_wss_policy_conf *p)
{
    return (p->required & KT_WSS_ENCRYPTION) != 0 || p->decrypt_keys.count > 0;
}

const char *kt_wss_shared_key(const struct kt_wss_policy_conf *one,
                              const struct kt_wss_policy_conf *other)
{
    for (size_t i = 0; i < one->decrypt_keys.count; i++) {
        for (size_t k = 0; k < other->decrypt_keys.count; k++) {
            if (strcmp(one->decrypt_keys.item[i], other->decrypt_keys.item[k]) == 0)
                return one->decrypt_keys.item[i];
        }
    }
    return NULL;
}

/* What is encrypted tells nobody for whom it was meant: with one key for all, each partner could
 * have what others sent decrypted, as a part of a message of its own; and with CBC even what they
 * sent by GCM. */
const char *kt_wss_policy_beside(const struct kt_wss_policy_conf *policy,
                                 const struct kt_wss_conf *all, struct kt_arena *a)
{
    for (size_t i = 0; takes_encrypted(policy) && i < all->policies; i++) {
        const struct kt_wss_policy_conf *other = &all->policy[i];
        if (strcmp(other->name, policy->name) == 0 || !takes_encrypted(other))
            continue;
        if (policy->decrypt_keys.count == 0)
            return kt_format(a,
                             "decrypt_keys is missing: wss.%s takes encrypted messages, too, "
                             "and each would have those of the other decrypted",
                             other->name);
        const char *key = kt_wss_shared_key(policy, other);
        if (key != NULL && (policy->allowed & KT_WSS_CBC) != 0)
            return kt_format(a,
                             "decrypt_keys: keys.%s serves wss.%s, too; with cbc it may serve "
                             "one policy alone",
                             key, other->name);
    }
    return NULL;
}

const char *kt_wss_key_check(const struct kt_wss_key_conf *key, struct kt_arena *a)
{
    (void)a;
    if (key->certificate == NULL || key->key == NULL)
        return "certificate and key belong together; one is missing";
    return NULL;
}

bool kt_wss_takes_user(const struct kt_wss_policy_conf *policy)
{
    return policy->user != NULL && (policy->required & any_user) != 0;
}

/* --- copies --- */

static struct kt_conf_texts copy_texts(const struct kt_conf_texts *from, struct kt_arena *a)
{
    const char **item = KT_NEW_ARRAY(a, from->count + 1, const char *);
    for (size_t i = 0; i < from->count; i++)
        item[i] = kt_text_copy(a, from->item[i]);
    return (struct kt_conf_texts){ item, from->count };
}

void kt_wss_conf_copy(void *out, const void *from, size_t size, const struct kt_opt *opts,
                      struct kt_arena *a, struct kt_arena *secrets)
{
    memcpy(out, from, size);
    for (const struct kt_opt *o = opts; o->name != NULL; o++) {
        char *member = (char *)out + o->offset;
        struct kt_conf_texts texts;
        const char *text = NULL;
        if (o->type == KT_OPT_LIST) {
            memcpy(&texts, member, sizeof texts);
            texts = copy_texts(&texts, a);
            memcpy(member, &texts, sizeof texts);
        } else if (o->type == KT_OPT_TEXT || o->type == KT_OPT_NAME || o->type == KT_OPT_FILE ||
                   o->type == KT_OPT_SECRET) {
            memcpy(&text, member, sizeof text);
            text = kt_text_copy(o->type == KT_OPT_SECRET ? secrets : a, text);
            memcpy(member, &text, sizeof text);
        }
    }
}
