/* Links to the documents of an order that customers were given: what stands in a link is kept as
 * its hash alone. Made when a shop is told, found by the archive, revoked by people. */
#include "store/keeping_inner.h"

#include "base/hash.h"
#include "base/rand.h"

enum { TOKEN_BYTES = 16 };

/* Of RFC 4648, section 5, without padding: 16 bytes are 21 whole characters and 2 bits. */
static void write_token(const uint8_t bytes[TOKEN_BYTES], char token[KT_CUSTOMER_TOKEN_MAX])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    unsigned held = 0;
    size_t n = 0;
    for (size_t i = 0; i < TOKEN_BYTES; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 6; held -= 6)
            token[n++] = digits[bits >> (held - 6) & 63];
    }
    token[n++] = digits[bits << (6 - held) & 63];
    KT_ASSERT(n == KT_CUSTOMER_TOKEN_MAX - 1);
    token[n] = '\0';
}

static void hash_token(struct kt_str token, char text[KT_HASH_TEXT_MAX])
{
    uint8_t hash[KT_HASH_BYTES];
    kt_sha256(token, hash);
    kt_hex(hash, sizeof hash, text);
}

enum kt_rc kt_customer_link_make(struct kt_db *db, struct kt_str our_key, int64_t now_us,
                                 int64_t expires_us, char token[KT_CUSTOMER_TOKEN_MAX],
                                 struct kt_err *e)
{
    uint8_t bytes[TOKEN_BYTES];
    char hash[KT_HASH_TEXT_MAX];
    bool is_own = false;
    kt_rand_bytes(bytes, sizeof bytes);
    write_token(bytes, token);
    hash_token(kt_str_of(token), hash);
    enum kt_rc rc = kt_own_begin(db, &is_own, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(
            db, KT_S_CUSTOMER_LINK_NEW,
            KT_ARGS(kt_name(hash), kt_text(our_key), kt_int(now_us), kt_int(expires_us)), NULL, e);
    return kt_own_end(db, is_own, rc, e);
}

enum kt_rc kt_customer_link_find(struct kt_db *db, struct kt_str token, int64_t now_us,
                                 struct kt_str *our_key, bool *found, struct kt_arena *a,
                                 struct kt_err *e)
{
    char hash[KT_HASH_TEXT_MAX];
    struct kt_value v;
    *our_key = (struct kt_str){ NULL, 0 };
    *found = false;
    if (token.n != KT_CUSTOMER_TOKEN_MAX - 1)
        return KT_OK;
    hash_token(token, hash);
    enum kt_rc rc = kt_stmt_one(db, KT_S_CUSTOMER_LINK_GET, KT_ARGS(kt_name(hash), kt_int(now_us)),
                                "t", &v, found, a, e);
    if (rc == KT_OK && *found)
        *our_key = v.text;
    return rc;
}

static enum kt_rc revoke_all(struct kt_db *db, struct kt_str our_key, const char *actor,
                             int64_t now_us, int64_t *count, struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc =
        kt_stmt_write(db, KT_S_CUSTOMER_LINK_REVOKE,
                      KT_ARGS(kt_int(now_us), kt_text(our_key), kt_int(now_us)), count, e);
    if (rc != KT_OK || *count == 0) /* nothing was done */
        return rc;
    return kt_keeping_audit(db, kt_str_of(actor), "document.links.revoke", our_key,
                            kt_format(a, "%lld links", (long long)*count), now_us, e);
}

enum kt_rc kt_customer_links_revoke(struct kt_db *db, struct kt_str our_key, const char *actor,
                                    int64_t now_us, int64_t *count, struct kt_err *e)
{
    struct kt_arena *a = kt_arena_new();
    bool is_own = false;
    *count = 0;
    enum kt_rc rc = kt_own_begin(db, &is_own, e);
    if (rc == KT_OK)
        rc = revoke_all(db, our_key, actor, now_us, count, a, e);
    rc = kt_own_end(db, is_own, rc, e);
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_customer_links_forget(struct kt_db *db, int64_t before_us, int64_t *count,
                                    struct kt_err *e)
{
    bool is_own = false;
    *count = 0;
    enum kt_rc rc = kt_own_begin(db, &is_own, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_CUSTOMER_LINK_FORGET, KT_ARGS(kt_int(before_us)), count, e);
    return kt_own_end(db, is_own, rc, e);
}
