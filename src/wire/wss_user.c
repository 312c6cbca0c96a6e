/* A UsernameToken: its form, and whether its password is the policy's. Both forms of it are secrets
 * that anybody who reads along could use, so wss.c takes them over TLS only. Pure; any thread.
 * Called by wss.c. */
#include <string.h>

#include <openssl/evp.h>

#include "base/hash.h"
#include "wire/wss_inner.h"

enum { NONCE_MIN = 16, NONCE_MAX = 64, SHA1_OCTETS = 20, NAME_MAX_OCTETS = 256 };

struct parts {
    const xmlNode *name, *password, *nonce, *created;
};

static bool sort_out(struct parts *found, const xmlNode *token)
{
    for (const xmlNode *at = kt_wss_first(token); at != NULL; at = kt_wss_next(at)) {
        const xmlNode **slot = kt_wss_is(at, KT_WSS_WSSE, "Username")   ? &found->name
                               : kt_wss_is(at, KT_WSS_WSSE, "Password") ? &found->password
                               : kt_wss_is(at, KT_WSS_WSSE, "Nonce")    ? &found->nonce
                               : kt_wss_is(at, KT_WSS_WSU, "Created")   ? &found->created
                                                                        : NULL;
        if (slot == NULL || *slot != NULL)
            return false;
        *slot = at;
    }
    return found->name != NULL && found->password != NULL && !kt_wss_holds_text(token);
}

/* A password as text keeps its blanks. */
static bool read_password(struct kt_wss_user *user, const xmlNode *node, struct kt_arena *a)
{
    const struct kt_str type = kt_wss_attr(node, NULL, "Type", a);
    user->is_digest = kt_str_is(type, KT_WSS_PROFILE_USER "#PasswordDigest");
    if (user->is_digest) {
        user->password = kt_wss_octets(kt_wss_text(node, a), SHA1_OCTETS, a);
        return user->password.n == SHA1_OCTETS;
    }
    user->password = kt_wss_whole_text(node, a);
    return user->password.p != NULL &&
           (type.p == NULL || kt_str_is(type, KT_WSS_PROFILE_USER "#PasswordText"));
}

/* Compared and remembered by its octets: blanks in base64 make no new one. */
static bool read_nonce(struct kt_wss_user *user, const xmlNode *node, struct kt_arena *a)
{
    if (node == NULL)
        return !user->is_digest;
    user->nonce = kt_wss_octets(kt_wss_text(node, a), NONCE_MAX, a);
    return kt_wss_is_base64_typed(node, a) && user->nonce.n >= NONCE_MIN;
}

enum kt_rc kt_wss_user_read(struct kt_wss_user *user, const struct kt_wss_tree *tree,
                            struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    struct parts found = { 0 };
    *user = (struct kt_wss_user){ 0 };
    if (tree->user == NULL)
        return kt_wss_refuse(out, KT_WSS_USER_MISSING, e, "in Security");
    if (!sort_out(&found, tree->user))
        return kt_wss_refuse(out, KT_WSS_USER_FORM, e, "its elements");
    user->name = kt_wss_text(found.name, a);
    if (user->name.n == 0 || user->name.n > NAME_MAX_OCTETS)
        return kt_wss_refuse(out, KT_WSS_USER_FORM, e, "Username");
    if (!read_password(user, found.password, a))
        return kt_wss_refuse(out, KT_WSS_USER_FORM, e, "Password");
    if (!read_nonce(user, found.nonce, a))
        return kt_wss_refuse(out, KT_WSS_USER_NONCE, e, "Nonce");
    if (found.created != NULL)
        user->created = kt_wss_text(found.created, a);
    if ((found.created == NULL && user->is_digest) ||
        (found.created != NULL && !kt_wss_time_read(&user->created_us, user->created)))
        return kt_wss_refuse(out, KT_WSS_USER_FORM, e, "Created");
    return KT_OK;
}

/* --- the password --- */

/* Base64 (SHA-1 (nonce + created + password)), before base64. */
static bool make_digest(uint8_t made[SHA1_OCTETS], const struct kt_wss_user *user,
                        struct kt_str password)
{
    EVP_MD_CTX *run = EVP_MD_CTX_new();
    unsigned n = 0;
    const bool is_made = run != NULL && EVP_DigestInit_ex(run, EVP_sha1(), NULL) == 1 &&
                         EVP_DigestUpdate(run, user->nonce.p, user->nonce.n) == 1 &&
                         EVP_DigestUpdate(run, user->created.p, user->created.n) == 1 &&
                         EVP_DigestUpdate(run, password.p, password.n) == 1 &&
                         EVP_DigestFinal_ex(run, made, &n) == 1 && n == SHA1_OCTETS;
    EVP_MD_CTX_free(run);
    return is_made;
}

/* Of any length in the same time: their digests are compared. */
static bool is_same_text(struct kt_str a, struct kt_str b)
{
    uint8_t one[KT_HASH_BYTES], other[KT_HASH_BYTES];
    kt_sha256(a, one);
    kt_sha256(b, other);
    return kt_same_secret((struct kt_str){ (const char *)one, sizeof one },
                          (struct kt_str){ (const char *)other, sizeof other });
}

bool kt_wss_user_fits(const struct kt_wss_user *user, const struct kt_wss_policy_conf *policy)
{
    uint8_t made[SHA1_OCTETS] = { 0 };
    const bool is_there = policy != NULL && policy->user != NULL && policy->password != NULL;
    const struct kt_str name = is_there ? kt_str_of(policy->user) : KT_STR("nobody");
    const struct kt_str password = is_there ? kt_str_of(policy->password) : KT_STR("none at all");
    bool fits = is_same_text(user->name, name);
    if (user->is_digest)
        fits = make_digest(made, user, password) &&
               kt_same_secret((struct kt_str){ (const char *)made, sizeof made }, user->password) &&
               fits;
    else
        fits = is_same_text(user->password, password) && fits;
    return fits && is_there;
}
