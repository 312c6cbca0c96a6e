#ifndef KT_WIRE_WSS_CIPHER_H
#define KT_WIRE_WSS_CIPHER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

#include <openssl/evp.h>

/* XML encryption as far as it is octets: AES for contents, RSA-OAEP for the key of one message. For
 * wss_crypt.c and wss_encrypt.c. Pure but for random numbers; any thread. */

enum { KT_WSS_SESSION_KEY_MAX = 32 };

struct kt_wss_cipher {
    const char *uri;
    const EVP_CIPHER *(*evp)(void);
    size_t key; /* octets */
    bool is_cbc;
};
const struct kt_wss_cipher *kt_wss_cipher_of(struct kt_str uri); /* NULL: not allowed */

/* IV, ciphertext and tag of a plaintext, with a new IV; never CBC (asserted). False: the library
 * would not. */
bool kt_wss_cipher_seal(struct kt_str *octets, const struct kt_wss_cipher *cipher,
                        const uint8_t *key, struct kt_str plain, struct kt_arena *a) KT_MUST;
/* False: the tag does not fit, the padding of CBC is none, or there are too few octets. */
bool kt_wss_cipher_open(struct kt_str *plain, const struct kt_wss_cipher *cipher,
                        const uint8_t *key, struct kt_str octets, struct kt_arena *a) KT_MUST;

/* RSA-OAEP without a label. */
struct kt_wss_oaep {
    const EVP_MD *digest;
    const EVP_MD *mask; /* digest of MGF1 */
};
/* From the algorithm's URI and those of its DigestMethod and MGF (absent: not given). False: not
 * allowed. */
bool kt_wss_oaep_of(struct kt_wss_oaep *oaep, struct kt_str uri, struct kt_str digest,
                    struct kt_str mask) KT_MUST;
bool kt_wss_oaep_seal(struct kt_str *octets, const struct kt_wss_oaep *oaep, EVP_PKEY *to,
                      const uint8_t *key, size_t n, struct kt_arena *a) KT_MUST;
/* The n octets of a key. It never fails: where the padding is none or the key of another size they
 * are random ones, which decrypt nothing, so that nobody learns from our answer or its time which
 * of it was wrong. */
void kt_wss_oaep_open(uint8_t *key, size_t n, const struct kt_wss_oaep *oaep, EVP_PKEY *ours,
                      struct kt_str octets);

#endif
