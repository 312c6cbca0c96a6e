#ifndef KT_TESTS_PAPERS_KIT_H
#define KT_TESTS_PAPERS_KIT_H

/* Documents and certificates for the tests of flow, put as the committer puts them. The site's
 * scope is "s". */
#include "fake_partner.h"
#include "flow/documents.h"
#include "store/records_put.h"

/* Members that are NULL are absent; days as "2026-01-31"; of lists one item each. */
struct paper_words {
    const char *id; /* of a certificate its number */
    const char *version;
    const char *type; /* of a certificate its scheme */
    const char *sku;
    const char *product;
    const char *family;
    const char *market;
    const char *language;
    const char *title; /* German */
    const char *from;
    const char *until;
    char content; /* its hash is 64 of them */
    int64_t revoked_us;
    bool is_gone;
};

static inline struct kt_str kit_text(struct fake *f, const char *t)
{
    return kt_str_of(kt_text_copy(f->world.arena, t));
}

static inline struct kt_list kit_refs(struct fake *f, const char *id)
{
    struct kt_ref *ref = KT_NEW(f->world.arena, struct kt_ref);
    KT_PUT(ref, kt_ref_shape, id, kit_text(f, id));
    return (struct kt_list){ ref, 1 };
}

static inline struct kt_day kit_day(const char *t)
{
    struct kt_day day = { 0 };
    assert_true(kt_day_parse(&day, kt_str_of(t)));
    return day;
}

static inline void kit_put(struct fake *f, enum kt_kind kind, void *record, bool is_gone)
{
    struct kt_change change = { .kind = kind,
                                .record = record,
                                .is_deleted = is_gone,
                                .source = "kit",
                                .as_of_us = kt_now_us() };
    enum kt_outcome outcome = KT_OUTCOME_NONE;
    struct kt_err e = { 0 };
    struct kt_arena *a = kt_arena_new();
    assert_int_equal(kt_shape_check(kt_kind_shape[kind], record, a, &e), KT_OK);
    assert_int_equal(kt_tx_begin(f->work.db, &e), KT_OK);
    if (kt_records_put(f->work.db, &change, 1, 0, kt_now_us(), &outcome, a, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
    assert_int_equal(kt_tx_commit(f->work.db, &e), KT_OK);
    kt_arena_free(a);
}

static inline void kit_document(struct fake *f, struct paper_words p)
{
    struct kt_document *d = KT_NEW(f->world.arena, struct kt_document);
    char *hash = kt_alloc(f->world.arena, 65);
    memset(hash, p.content != 0 ? p.content : 'a', 64);
    KT_PUT(d, kt_document_shape, scope, KT_STR("s"));
    KT_PUT(d, kt_document_shape, id, kit_text(f, p.id));
    KT_PUT(d, kt_document_shape, version, kit_text(f, p.version != NULL ? p.version : "1"));
    KT_PUT(d, kt_document_shape, type, kit_text(f, p.type != NULL ? p.type : "data_sheet"));
    KT_PUT(d, kt_document_shape, sha256, kt_str_of(hash));
    if (p.title != NULL) {
        struct kt_text *t = KT_NEW(f->world.arena, struct kt_text);
        KT_PUT(t, kt_text_shape, language, KT_STR("de"));
        KT_PUT(t, kt_text_shape, name, kit_text(f, p.title));
        KT_PUT(d, kt_document_shape, titles, (struct kt_list){ t, 1 });
    }
    if (p.language != NULL)
        KT_PUT(d, kt_document_shape, languages, kit_refs(f, p.language));
    if (p.market != NULL)
        KT_PUT(d, kt_document_shape, markets, kit_refs(f, p.market));
    if (p.sku != NULL)
        KT_PUT(d, kt_document_shape, variants, kit_refs(f, p.sku));
    if (p.product != NULL)
        KT_PUT(d, kt_document_shape, products, kit_refs(f, p.product));
    if (p.family != NULL)
        KT_PUT(d, kt_document_shape, families, kit_refs(f, p.family));
    if (p.from != NULL)
        KT_PUT(d, kt_document_shape, valid_from, kit_day(p.from));
    if (p.until != NULL)
        KT_PUT(d, kt_document_shape, valid_until, kit_day(p.until));
    kit_put(f, KT_KIND_DOCUMENT, d, p.is_gone);
}

static inline void kit_certificate(struct fake *f, struct paper_words p)
{
    struct kt_certificate *c = KT_NEW(f->world.arena, struct kt_certificate);
    KT_PUT(c, kt_certificate_shape, scope, KT_STR("s"));
    KT_PUT(c, kt_certificate_shape, scheme, kit_text(f, p.type != NULL ? p.type : "CE"));
    KT_PUT(c, kt_certificate_shape, number, kit_text(f, p.id));
    if (p.market != NULL)
        KT_PUT(c, kt_certificate_shape, markets, kit_refs(f, p.market));
    if (p.sku != NULL)
        KT_PUT(c, kt_certificate_shape, variants, kit_refs(f, p.sku));
    if (p.product != NULL)
        KT_PUT(c, kt_certificate_shape, products, kit_refs(f, p.product));
    if (p.family != NULL)
        KT_PUT(c, kt_certificate_shape, families, kit_refs(f, p.family));
    if (p.from != NULL)
        KT_PUT(c, kt_certificate_shape, valid_from, kit_day(p.from));
    if (p.until != NULL)
        KT_PUT(c, kt_certificate_shape, valid_until, kit_day(p.until));
    if (p.revoked_us != 0)
        KT_PUT(c, kt_certificate_shape, revoked_at, p.revoked_us);
    kit_put(f, KT_KIND_CERTIFICATE, c, p.is_gone);
}

/* A word of the sources about certificates, news or not. */
static inline void kit_hear(struct fake *f)
{
    struct kt_err e = { 0 };
    assert_int_equal(kt_tx_begin(f->work.db, &e), KT_OK);
    assert_int_equal(kt_hear(f->work.db, "s", KT_KIND_CERTIFICATE, kt_now_us(), &e), KT_OK);
    assert_int_equal(kt_tx_commit(f->work.db, &e), KT_OK);
}

/* CE is needed for everything in DE. */
static inline void kit_needs_ce(struct fake *f)
{
    static const char *const markets[] = { "DE" };
    static const struct kt_certificate_rule rule = { .name = "ce",
                                                     .scheme = "CE",
                                                     .markets = { markets, 1 } };
    f->site.compliance.certificate = &rule;
    f->site.compliance.certificates = 1;
}

#endif
