#ifndef KT_TESTS_UNIT_TEST_STORE_PAST_KIT_H
#define KT_TESTS_UNIT_TEST_STORE_PAST_KIT_H

/* What the tests of documents share: checked records, put in a transaction of their own. */
#include "test_store_kit.h"

#include "store/past.h"

static inline struct kt_list kit_refs(struct kit *k, const char *words)
{
    struct kt_ref *ref = KT_NEW_ARRAY(k->a, strlen(words) + 1, struct kt_ref);
    size_t count = 0;
    while (*words != '\0') {
        const size_t n = strcspn(words, " ");
        const struct kt_str id = kt_str_copy(k->a, (struct kt_str){ words, n });
        (void)KT_PUT(&ref[count], kt_ref_shape, id, id);
        count++;
        words += n + strspn(words + n, " ");
    }
    return (struct kt_list){ ref, count };
}

/* A document of scope "s" whose content is named by one letter 64 times. */
static inline struct kt_document *kit_document(struct kit *k, const char *id, const char *version,
                                               char content, const char *variants)
{
    struct kt_document *d = KT_NEW(k->a, struct kt_document);
    char sha256[65];
    memset(sha256, content, 64);
    sha256[64] = '\0';
    KT_PUT(d, kt_document_shape, scope, KT_STR("s"));
    KT_PUT(d, kt_document_shape, id, kt_str_of(kt_text_copy(k->a, id)));
    KT_PUT(d, kt_document_shape, version, kt_str_of(kt_text_copy(k->a, version)));
    KT_PUT(d, kt_document_shape, type, KT_STR("data_sheet"));
    KT_PUT(d, kt_document_shape, sha256, kt_str_of(kt_text_copy(k->a, sha256)));
    KT_PUT(d, kt_document_shape, variants, kit_refs(k, variants));
    must(k, kt_shape_check(&kt_document_shape, d, k->a, &k->e));
    return d;
}

static inline struct kt_certificate *kit_certificate(struct kit *k, const char *number,
                                                     const char *families)
{
    struct kt_certificate *c = KT_NEW(k->a, struct kt_certificate);
    KT_PUT(c, kt_certificate_shape, scope, KT_STR("s"));
    KT_PUT(c, kt_certificate_shape, scheme, KT_STR("CE"));
    KT_PUT(c, kt_certificate_shape, number, kt_str_of(kt_text_copy(k->a, number)));
    KT_PUT(c, kt_certificate_shape, families, kit_refs(k, families));
    must(k, kt_shape_check(&kt_certificate_shape, c, k->a, &k->e));
    return c;
}

static inline struct kt_change kit_says(void *record, int64_t as_of_us)
{
    return (struct kt_change){
        .kind = KT_KIND_DOCUMENT, .as_of_us = as_of_us, .source = "main", .record = record
    };
}

static inline void kit_put_all(struct kit *k, const struct kt_change *c, size_t count,
                               int64_t now_us, enum kt_outcome *outcome)
{
    kit_begin(k);
    must(k, kt_records_put(k->db, c, count, now_us, now_us, outcome, k->a, &k->e));
    kit_commit(k);
}

static inline enum kt_outcome kit_put_one(struct kit *k, struct kt_change c, int64_t now_us)
{
    enum kt_outcome outcome = KT_OUTCOME_NONE;
    kit_put_all(k, &c, 1, now_us, &outcome);
    return outcome;
}

static inline enum kt_outcome kit_say(struct kit *k, void *record, int64_t as_of_us, int64_t now_us)
{
    return kit_put_one(k, kit_says(record, as_of_us), now_us);
}

static inline enum kt_outcome kit_delete(struct kit *k, void *record, int64_t as_of_us,
                                         int64_t now_us)
{
    struct kt_change c = kit_says(record, as_of_us);
    c.is_deleted = true;
    return kit_put_one(k, c, now_us);
}

static inline size_t kit_past(struct kit *k, const char *key, struct kt_past **past)
{
    size_t count = 0;
    must(k, kt_past_of(k->db, KT_KIND_DOCUMENT, kt_str_of(key), past, &count, k->a, &k->e));
    return count;
}

/* The letter that names the content of a revision. */
static inline char kit_content(const struct kt_past *past)
{
    const struct kt_document *d = past->record;
    return d->sha256.p[0];
}

#endif
