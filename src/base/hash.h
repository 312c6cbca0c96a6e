#ifndef KT_BASE_HASH_H
#define KT_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* SHA-256, streaming. Records, payloads and bodies are told apart by it. */
enum { KT_HASH_BYTES = 32, KT_HASH_TEXT_MAX = 65 };

struct kt_hash; /* in an arena */

struct kt_hash *kt_hash_new(struct kt_arena *a);
void kt_hash_put(struct kt_hash *h, const void *bytes, size_t n);
void kt_hash_end(struct kt_hash *h, uint8_t out[KT_HASH_BYTES]);

void kt_sha256(struct kt_str bytes, uint8_t out[KT_HASH_BYTES]);
void kt_hex(const uint8_t *bytes, size_t n, char *out); /* 2n + 1 bytes, lower case */
/* A SHA-256 as people write it: 64 hex digits, ':' between them allowed; into lower case. */
bool kt_fingerprint_read(char out[KT_HASH_TEXT_MAX], const char *text) KT_MUST;
/* Crockford's base32, upper case, no padding: (8n + 4) / 5 characters and NUL. */
void kt_base32(const uint8_t *bytes, size_t n, char *out);
bool kt_same_secret(struct kt_str a, struct kt_str b); /* constant time for equal lengths */
/* HMAC-SHA256 as base64, the form that web shops sign webhooks with; `out` holds 45 bytes. */
void kt_hmac_base64(struct kt_str key, struct kt_str bytes, char *out);

#endif
