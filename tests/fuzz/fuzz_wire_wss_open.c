/* Whole messages, as libFuzzer makes them, opened with a site's keys. The first octet says who
 * signs the text (up to a NUL) before it is opened, so that much is found behind the signature;
 * what follows are edits that somebody without a key makes to the signed message. Whatever is taken
 * afterwards must be believed as the very message that was signed. Built and run by run.py. */
#include "wss_fuzz.h"

enum { BY = 3, HAS_ACTION = 4, HAS_CERTIFICATE = 8, IS_ANSWER = 64, TWICE = 128 };

static const struct kt_wss_asked asked;

static struct kt_wss_message message_of(unsigned flags, struct kt_str text)
{
    return (struct kt_wss_message){
        .xml = text,
        .action = { KT_STR(""), flags & HAS_ACTION ? KT_STR("urn:k/p") : KT_STR("") },
        .is_tls = true,
        .has_tls_certificate = (flags & HAS_CERTIFICATE) != 0,
        .now_us = FUZZ_NOW,
        .policy = flags & IS_ANSWER ? "rsa" : NULL,
        .asked = flags & IS_ANSWER ? &asked : NULL,
    };
}

static void check_same(const struct kt_wss_opened *left, const struct kt_wss_opened *right)
{
    KT_ASSERT(kt_str_eq(left->xml, right->xml) && kt_str_eq(left->digest, right->digest));
    KT_ASSERT(kt_str_eq(left->replay, right->replay) && left->had == right->had);
    KT_ASSERT(left->replay_until_us == right->replay_until_us);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    struct kt_wss_opened first = { 0 };
    struct kt_wss_opened second = { 0 };
    if (n == 0)
        return 0;
    fuzz_begin();
    struct kt_str in = { (const char *)bytes + 1, n - 1 };
    const unsigned flags = bytes[0];
    struct kt_str text = wss_fill(&fuzz_place, fuzz_section(&in), fuzz_arena);
    const enum wss_party_of by = (flags & BY) == 2 ? WSS_EC : WSS_RSA;
    const bool is_signed =
        (flags & BY) != 0 && wss_sign(&text, &fuzz_place, by, text, KT_SOAP_ANY, fuzz_arena);
    const struct kt_wss_message m = message_of(flags, text);
    const char *named = kt_wss_named(fuzz_place.ring, text, fuzz_arena);
    const bool is_taken = fuzz_open(&first, &m);
    KT_ASSERT(!is_taken || is_signed || (first.had & KT_WSS_SIGNATURE) == 0);
    KT_ASSERT(!is_taken || named == NULL || strcmp(named, first.policy) == 0);
    if (is_taken && (first.had & KT_WSS_ENCRYPTION) == 0)
        fuzz_same_content(first.xml, text);
    if (is_taken && (flags & TWICE)) {
        KT_ASSERT(fuzz_open(&second, &m));
        check_same(&first, &second);
    }
    if (in.n < FUZZ_EDIT)
        return 0;
    const struct kt_wss_message edited = message_of(flags, fuzz_edits(text, in));
    if (fuzz_open(&second, &edited) && (second.had & KT_WSS_SIGNATURE) != 0) {
        KT_ASSERT(is_signed);
        if (is_taken)
            check_same(&first, &second);
        if ((second.had & KT_WSS_ENCRYPTION) == 0)
            fuzz_same_content(second.xml, edited.xml);
    }
    return 0;
}
