/* Files that somebody calls documents, as libFuzzer makes them: nothing is read beyond them, the
 * same octets look the same wherever they lie, and what is refused is refused for a reason that is
 * told. Built and run by run.py. */
#include <string.h>

#include "trade/contents.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static void check(struct kt_str octets, const char *declared)
{
    static const struct kt_content_rules rules = { .size_max = 1 << 20 };
    struct kt_content_look look = { .type = KT_CONTENT_UNKNOWN };
    struct kt_err e = { 0 };
    const struct kt_str absent = { NULL, 0 };
    char text[400];
    const enum kt_rc rc =
        kt_content_check(&rules, octets, kt_str_of(declared), absent, "r", &look, &e);
    KT_ASSERT(rc == KT_OK || (rc == KT_REJECT && e.v.reach == KT_RECORD));
    if (rc != KT_OK) {
        kt_sentence(&e.v, KT_LANG_EN, text, sizeof text);
        KT_ASSERT(strchr(text, '{') == NULL);
        return;
    }
    KT_ASSERT(look.type != KT_CONTENT_UNKNOWN && look.type != KT_CONTENT_PROGRAM);
    KT_ASSERT(!look.is_empty && !look.is_cut && !look.is_encrypted && !look.is_active);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    const struct kt_str octets = { (const char *)bytes, n };
    struct kt_content_look look;
    struct kt_content_look again;
    kt_content_sniff(&look, octets);
    kt_content_sniff(&again, octets);
    KT_ASSERT(look.type == again.type && look.is_active == again.is_active &&
              look.is_cut == again.is_cut && look.is_empty == again.is_empty);
    KT_ASSERT(look.type < KT_CONTENT_TYPES && look.media_type != NULL);
    KT_ASSERT(n > 0 || look.is_empty);
    check(octets, NULL);
    check(octets, look.media_type);
    /* behind a head of their own the walks go deeper */
    static const char *const heads[] = { "%PDF-1.4\n", "\x89PNG\r\n\x1A\n", "\xFF\xD8\xFF",
                                         "<?xml version='1.0'?><svg ", "<!DOCTYPE svg [" };
    char room[4096];
    for (size_t i = 0; i < KT_COUNT(heads); i++) {
        const size_t head = strlen(heads[i]);
        const size_t more = n < sizeof room - head ? n : sizeof room - head;
        memcpy(room, heads[i], head);
        memcpy(room + head, bytes, more);
        kt_content_sniff(&look, (struct kt_str){ room, head + more });
    }
    return 0;
}
