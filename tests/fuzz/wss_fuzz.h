#ifndef KT_TEST_WSS_FUZZ_H
#define KT_TEST_WSS_FUZZ_H

/* What the fuzz targets of WS-Security have in common: one place with keys, edits that an attacker
 * makes to a finished message, and what must be true of everything that was taken. */
#include <string.h>

#include <libxml/parser.h>

#include "../bench/wss_place.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

#define FUZZ_NOW (INT64_C(1772359260) * KT_SECOND) /* 2026-03-01T10:01:00Z, as the seeds say */

enum { FUZZ_EDIT = 6, FUZZ_EDITS_MAX = 8, FUZZ_WORDS = 8 };

static struct wss_place fuzz_place;
static struct kt_arena *fuzz_arena;

static inline void fuzz_begin(void)
{
    if (fuzz_arena == NULL) {
        fuzz_arena = kt_arena_new();
        wss_place_open(&fuzz_place, NULL, FUZZ_NOW);
    }
    kt_arena_reset(fuzz_arena);
}

/* The octets up to the next NUL; *in: what stands behind it. */
static inline struct kt_str fuzz_section(struct kt_str *in)
{
    const char *end = in->n == 0 ? NULL : memchr(in->p, '\0', in->n);
    const size_t n = end == NULL ? in->n : (size_t)(end - in->p);
    const struct kt_str section = kt_str_part(*in, 0, n);
    *in = end == NULL ? (struct kt_str){ in->p + n, 0 } : kt_str_part(*in, n + 1, in->n);
    return section;
}

static inline struct kt_str fuzz_insert(struct kt_str text, size_t at, struct kt_str what)
{
    return wss_exchange(text, (struct kt_str){ text.p + at, 0 }, what, fuzz_arena);
}

/* One edit: what to do, from where, how much, to where. */
static inline struct kt_str fuzz_edit(struct kt_str text, const unsigned char *edit)
{
    static const char *const words[FUZZ_WORDS] = { "<!--x-->",  " Id=\"b\"", "<s:Body>",
                                                   "</s:Body>", "&#65;",     " xmlns:s=\"u\"",
                                                   "<a/>",      " " };
    const size_t from = (edit[1] | (size_t)edit[2] << 8) % (text.n + 1);
    const size_t to = (edit[4] | (size_t)edit[5] << 8) % (text.n + 1);
    const size_t most = (size_t)edit[3] * (edit[0] & 128 ? 8 : 1);
    const struct kt_str part = kt_str_part(text, from, most);
    const struct kt_str kept = kt_str_copy(fuzz_arena, part);
    switch (edit[0] % 5) {
    case 0:
        return wss_exchange(text, part, KT_STR(""), fuzz_arena);
    case 1:
        return fuzz_insert(text, to, kept);
    case 2: {
        struct kt_str without = wss_exchange(text, part, KT_STR(""), fuzz_arena);
        return fuzz_insert(without, to % (without.n + 1), kept);
    }
    case 3:
        return fuzz_insert(text, to, kt_str_of(words[edit[3] % FUZZ_WORDS]));
    default: {
        const char flipped = from < text.n ? (char)(text.p[from] ^ (1 << (edit[3] & 7))) : 'x';
        return wss_exchange(text, kt_str_part(text, from, 1), (struct kt_str){ &flipped, 1 },
                            fuzz_arena);
    }
    }
}

static inline struct kt_str fuzz_edits(struct kt_str text, struct kt_str edits)
{
    for (size_t i = 0; i < FUZZ_EDITS_MAX && edits.n >= FUZZ_EDIT; i++) {
        text = fuzz_edit(text, (const unsigned char *)edits.p);
        edits = kt_str_part(edits, FUZZ_EDIT, edits.n);
    }
    return text;
}

static inline void fuzz_free_doc(void *doc)
{
    xmlFreeDoc(doc);
}

/* The Body's only element, found by place and by another way than what is tested. */
static inline xmlNodePtr fuzz_content(struct kt_str xml)
{
    xmlDocPtr doc = xmlReadMemory(xml.p, (int)xml.n, NULL, "UTF-8", XML_PARSE_NONET);
    KT_ASSERT(doc != NULL);
    kt_arena_defer(fuzz_arena, fuzz_free_doc, doc);
    const xmlNode *envelope = xmlDocGetRootElement(doc);
    xmlNodePtr body = NULL;
    for (xmlNodePtr at = kt_wss_first(envelope); at != NULL; at = kt_wss_next(at)) {
        if (strcmp((const char *)at->name, "Body") == 0) {
            KT_ASSERT(body == NULL && xmlStrEqual(at->ns->href, envelope->ns->href));
            body = at;
        }
    }
    KT_ASSERT(body != NULL);
    xmlNodePtr content = kt_wss_first(body);
    KT_ASSERT(kt_wss_next(content) == NULL);
    return content;
}

/* Refused with a code and nothing to believe, or taken as a whole. */
static inline bool fuzz_open(struct kt_wss_opened *out, const struct kt_wss_message *m)
{
    struct kt_err e = { 0 };
    const enum kt_rc rc = kt_wss_open(fuzz_place.ring, m, out, fuzz_arena, &e);
    KT_ASSERT((rc == KT_OK) == (out->code == KT_WSS_OK));
    if (rc != KT_OK) {
        KT_ASSERT(rc == KT_REJECT && e.v.code == KT_E_SECURITY_REFUSED);
        KT_ASSERT(out->xml.p == NULL && out->digest.p == NULL && out->replay.p == NULL);
        return false;
    }
    KT_ASSERT(out->xml.p != NULL && out->digest.n == 64 && out->policy != NULL);
    KT_ASSERT(((out->had & KT_WSS_SIGNATURE) != 0) == (out->signer != NULL));
    KT_ASSERT(out->signer == NULL || (out->replay.n == 64 && out->replay_until_us > m->now_us));
    (void)fuzz_content(out->xml);
    return true;
}

/* What is believed of a message is what stands in its Body, by names, attributes and texts. */
static inline void fuzz_same_content(struct kt_str left, struct kt_str right)
{
    static const struct kt_wss_c14n exclusive = { .kind = KT_WSS_EXCLUSIVE };
    struct kt_str octets[2];
    const struct kt_str xml[2] = { left, right };
    for (int i = 0; i < 2; i++) {
        const xmlNode *content = fuzz_content(xml[i]);
        octets[i] = KT_STR("");
        KT_ASSERT(content == NULL || kt_wss_canonical(&octets[i], content, &exclusive, fuzz_arena));
    }
    KT_ASSERT(kt_str_eq(octets[0], octets[1]));
}

#endif
