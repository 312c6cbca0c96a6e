/* IDocs and S/4HANA messages from outside, as libFuzzer makes them: whatever the parser lets
 * through is read into records that can be shown, checked and written, or refused with a sentence.
 * Built and run by run.py. */
#include <string.h>

#include "base/xml_mend.h"
#include "format/idoc.h"
#include "format/s4.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static void look_at(const struct kt_shape *shape, void *record, const struct kt_verdict *fault,
                    struct kt_arena *a)
{
    enum { TEXT_MAX = 2000, RECORD_MOST = 1 << 20 };
    char text[TEXT_MAX];
    struct kt_err e = { 0 };
    struct kt_buf out;
    (void)kt_shape_label(shape, record, a);
    kt_buf_init(&out, a, RECORD_MOST);
    kt_shape_write(&out, shape, record);
    KT_ASSERT(kt_buf_ok(&out));
    if (fault != NULL) {
        kt_sentence(fault, KT_LANG_EN, text, sizeof text);
        KT_ASSERT(fault->rc == KT_REJECT && text[0] != '\0');
        return;
    }
    if (kt_shape_check(shape, record, a, &e) == KT_OK)
        kt_shape_hash(shape, record, a, text);
}

static void read_idocs(const struct kt_xml_node *message, struct kt_arena *a)
{
    const struct kt_idoc_source s = { .scope = "s", .name = "erp" };
    struct kt_changes changes = { .arena = a };
    struct kt_fact_records facts = { .arena = a };
    struct kt_idocs idocs;
    struct kt_err none = { 0 };
    char digest[KT_HASH_TEXT_MAX];
    char again[KT_HASH_TEXT_MAX];
    if (kt_idoc_split(&idocs, message, a, &none) != KT_OK)
        return;
    for (size_t i = 0; i < idocs.count; i++) {
        struct kt_err e = { 0 };
        struct kt_err unread = { 0 };
        kt_idoc_digest(&idocs.item[i], digest, a);
        kt_idoc_digest(&idocs.item[i], again, a);
        KT_ASSERT(strcmp(digest, again) == 0);
        if (kt_idoc_check(&idocs.item[i], a, &e) == KT_OK)
            KT_ASSERT(kt_idoc_id(&idocs.item[i], a).n <= 100);
        enum kt_rc rc = kt_idoc_read(&idocs.item[i], &s, &changes, &facts, &unread);
        KT_ASSERT((rc == KT_OK) == (idocs.item[i].type != KT_IDOC_UNKNOWN));
    }
    for (size_t i = 0; i < changes.count; i++) {
        const struct kt_change *c = &changes.item[i];
        KT_ASSERT(c->leads != 0 && c->source != NULL && c->as_of_us >= 0);
        look_at(kt_kind_shape[c->kind], c->record, c->fault, a);
    }
    for (size_t i = 0; i < facts.count; i++)
        look_at(kt_fact_shape[facts.item[i].kind], facts.item[i].record, facts.item[i].fault, a);
}

static void read_s4(const struct kt_xml_node *message, struct kt_arena *a)
{
    struct kt_fact_records facts = { .arena = a };
    struct kt_s4_message m;
    struct kt_err e = { 0 };
    char digest[KT_HASH_TEXT_MAX];
    if (kt_s4_open(&m, message, a, &e) != KT_OK)
        return;
    kt_s4_digest(&m, digest, a);
    kt_s4_read(&m, "s", &facts);
    KT_ASSERT(facts.count <= m.records);
    for (size_t i = 0; i < facts.count; i++)
        look_at(kt_fact_shape[facts.item[i].kind], facts.item[i].record, facts.item[i].fault, a);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    static struct kt_arena *a;
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found;
    size_t replaced = 0;
    if (a == NULL)
        a = kt_arena_new();
    kt_arena_reset(a);
    struct kt_str in = { (const char *)bytes, n };
    if (kt_xml_parse(&root, kt_xml_mend(in, &replaced, a), &found, a) != KT_XML_OK)
        return 0;
    read_idocs(root, a);
    read_s4(root, a);
    return 0;
}
