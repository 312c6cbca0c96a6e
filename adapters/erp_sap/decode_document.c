/* Documents and certificates as SAP's wrapper tells them, into our records. No network; called by
 * feed.c on the session's thread. */
#include "read.h"

/* Who a record is for. SAP does not say whether a material is one article or the page of several,
 * so it stands among both: one of them finds nothing. */
struct refs {
    struct kt_ref *ref;
    size_t count;
};
struct links {
    struct refs products;
    struct refs variants;
    struct refs families;
    struct refs markets;
};

static void add_ref(struct refs *list, size_t room, struct kt_str id, struct kt_arena *a)
{
    if (list->ref == NULL)
        list->ref = KT_NEW_ARRAY(a, room, struct kt_ref);
    struct kt_ref *ref = &list->ref[list->count++];
    (void)KT_PUT(ref, kt_ref_shape, id, id);
}

static struct kt_list list_of(struct refs refs)
{
    return (struct kt_list){ .item = refs.ref, .count = refs.count };
}

static void add_link(struct kt_sap_row *r, struct links *l,
                     const struct sap__ZKONTOR_S_DOCUMENT_LINK *row, size_t room)
{
    struct kt_arena *a = r->s->arena;
    struct kt_str kind = kt_sap_text(row->KIND, a);
    struct kt_str id = kt_sap_text(row->ID, a);
    if (id.n == 0) {
        kt_sap_row_fault(r, "LINK-ID", "");
    } else if (kt_str_is(kind, "M")) {
        add_ref(&l->products, room, id, a);
        add_ref(&l->variants, room, id, a);
    } else if (kt_str_is(kind, "P")) {
        add_ref(&l->products, room, id, a);
    } else if (kt_str_is(kind, "G")) {
        add_ref(&l->families, room, id, a);
    } else if (kt_str_is(kind, "C")) {
        add_ref(&l->markets, room, id, a);
    } else {
        kt_sap_row_fault(r, "LINK-KIND", kind.p);
    }
}

static struct links read_links(struct kt_sap_row *r, const struct kt_sap_rows *rows,
                               const char *entry)
{
    struct links l = { 0 };
    size_t n = 0;
    const struct sap__ZKONTOR_S_DOCUMENT_LINK *row = kt_sap_rows_of(rows, entry, &n);
    for (size_t i = 0; i < n; i++)
        add_link(r, &l, &row[i], n);
    return l;
}

/* True: there is one. */
static bool read_instant(struct kt_sap_row *r, int64_t *at_us, const char *field, const char *text)
{
    struct kt_str t = kt_str_trim(kt_str_of(text != NULL ? text : ""));
    size_t zeros = 0;
    while (zeros < t.n && (t.p[zeros] == '0' || t.p[zeros] == '.'))
        zeros++;
    if (zeros == t.n)
        return false;
    *at_us = kt_sap_row_instant(r, field, text);
    return true;
}

/* --- documents --- */

static struct kt_document *new_document(const struct kt_sap_source *s, const char *id,
                                        const char *version)
{
    struct kt_document *d = KT_NEW(s->arena, struct kt_document);
    (void)KT_PUT(d, kt_document_shape, scope, kt_str_of(s->scope));
    (void)KT_PUT(d, kt_document_shape, id, kt_sap_text(id, s->arena));
    (void)KT_PUT(d, kt_document_shape, version, kt_sap_text(version, s->arena));
    return d;
}

static struct kt_sap_row row_of(const struct kt_sap_source *s, const char *what, struct kt_str id,
                                struct kt_str more)
{
    return (struct kt_sap_row){
        .s = s,
        .what = what,
        .key = kt_str_of(kt_format(s->arena, "%s %s", id.p, more.p)),
    };
}

static struct kt_list read_titles(const struct kt_sap_source *s, const struct kt_sap_rows *rows,
                                  const char *entry)
{
    size_t n = 0;
    const struct sap__ZKONTOR_S_DOCUMENT_TEXT *row = kt_sap_rows_of(rows, entry, &n);
    struct kt_text *text = KT_NEW_ARRAY(s->arena, n + 1, struct kt_text);
    for (size_t i = 0; i < n; i++) {
        (void)KT_PUT(&text[i], kt_text_shape, language, kt_sap_lower(row[i].LANGU, s->arena));
        KT_SAP_PUT_TEXT(&text[i], kt_text_shape, name, kt_sap_text(row[i].NAME, s->arena));
    }
    return (struct kt_list){ .item = text, .count = n };
}

static void read_days(struct kt_sap_row *r, struct kt_document *d,
                      const struct sap__ZKONTOR_S_DOCUMENT *row)
{
    struct kt_day day = { 0 };
    if (kt_sap_row_day(r, &day, "VALID_FROM", row->VALID_FROM))
        (void)KT_PUT(d, kt_document_shape, valid_from, day);
    if (kt_sap_row_day(r, &day, "VALID_TO", row->VALID_TO))
        (void)KT_PUT(d, kt_document_shape, valid_until, day);
}

static void read_content(struct kt_sap_row *r, struct kt_document *d,
                         const struct sap__ZKONTOR_S_DOCUMENT *row)
{
    struct kt_arena *a = r->s->arena;
    struct kt_str reference = kt_sap_text(row->REFERENCE, a);
    int64_t size = kt_sap_row_whole(r, "FILE_SIZE", row->FILE_SIZE);
    if (reference.n == 0)
        kt_sap_row_fault(r, "REFERENCE", "");
    if (size < 0)
        kt_sap_row_fault(r, "FILE_SIZE", row->FILE_SIZE);
    (void)KT_PUT(d, kt_document_shape, reference, reference);
    if (size > 0)
        (void)KT_PUT(d, kt_document_shape, size, size);
    KT_SAP_PUT_TEXT(d, kt_document_shape, sha256, kt_sap_lower(row->SHA256, a));
    KT_SAP_PUT_TEXT(d, kt_document_shape, media_type, kt_sap_lower(row->MEDIA_TYPE, a));
    KT_SAP_PUT_TEXT(d, kt_document_shape, file_name, kt_sap_text(row->FILE_NAME, a));
}

static void read_document(struct kt_sap_row *r, struct kt_document *d,
                          const struct sap__ZKONTOR_S_DOCUMENT *row,
                          const struct kt_sap_rows *texts, const struct kt_sap_rows *links)
{
    struct kt_arena *a = r->s->arena;
    const char *entry = row->ENTRY != NULL ? row->ENTRY : "";
    struct kt_str language = kt_sap_lower(row->LANGU, a);
    struct links l = read_links(r, links, entry);
    struct refs languages = { 0 };
    if (language.n > 0)
        add_ref(&languages, 1, language, a);
    KT_SAP_PUT_TEXT(d, kt_document_shape, type, kt_sap_lower(row->TYPE, a));
    (void)KT_PUT(d, kt_document_shape, titles, read_titles(r->s, texts, entry));
    (void)KT_PUT(d, kt_document_shape, languages, list_of(languages));
    (void)KT_PUT(d, kt_document_shape, markets, list_of(l.markets));
    (void)KT_PUT(d, kt_document_shape, products, list_of(l.products));
    (void)KT_PUT(d, kt_document_shape, variants, list_of(l.variants));
    (void)KT_PUT(d, kt_document_shape, families, list_of(l.families));
    KT_SAP_PUT_TEXT(d, kt_document_shape, supersedes, kt_sap_text(row->SUPERSEDES, a));
    read_days(r, d, row);
    read_content(r, d, row);
}

static void decode_document(const struct kt_sap_source *s,
                            const struct sap__ZKONTOR_S_DOCUMENT *row,
                            const struct kt_sap_rows *texts, const struct kt_sap_rows *links)
{
    struct kt_document *d = new_document(s, row->ID, row->VERSION);
    struct kt_sap_row r = row_of(s, "document", d->id, d->version);
    if (d->id.n == 0)
        kt_sap_row_fault(&r, "ID", "");
    int64_t as_of = kt_sap_row_instant(&r, "CHANGED_AT", row->CHANGED_AT);
    read_document(&r, d, row, texts, links);
    kt_changes_add(
        s->out,
        (struct kt_change){ .kind = KT_KIND_DOCUMENT,
                            .as_of_us = as_of,
                            .record = r.fault == NULL ? d : new_document(s, row->ID, row->VERSION),
                            .fault = r.fault });
}

/* --- certificates --- */

static struct kt_certificate *new_certificate(const struct kt_sap_source *s, const char *scheme,
                                              const char *number)
{
    struct kt_certificate *c = KT_NEW(s->arena, struct kt_certificate);
    (void)KT_PUT(c, kt_certificate_shape, scope, kt_str_of(s->scope));
    (void)KT_PUT(c, kt_certificate_shape, scheme, kt_sap_text(scheme, s->arena));
    (void)KT_PUT(c, kt_certificate_shape, number, kt_sap_text(number, s->arena));
    return c;
}

static void read_certificate(struct kt_sap_row *r, struct kt_certificate *c,
                             const struct sap__ZKONTOR_S_CERTIFICATE *row,
                             const struct kt_sap_rows *links)
{
    struct kt_arena *a = r->s->arena;
    struct links l = read_links(r, links, row->ENTRY != NULL ? row->ENTRY : "");
    struct kt_day day = { 0 };
    int64_t at_us = 0;
    KT_SAP_PUT_TEXT(c, kt_certificate_shape, issuer, kt_sap_text(row->ISSUER, a));
    (void)KT_PUT(c, kt_certificate_shape, markets, list_of(l.markets));
    (void)KT_PUT(c, kt_certificate_shape, products, list_of(l.products));
    (void)KT_PUT(c, kt_certificate_shape, variants, list_of(l.variants));
    (void)KT_PUT(c, kt_certificate_shape, families, list_of(l.families));
    if (kt_sap_row_day(r, &day, "VALID_FROM", row->VALID_FROM))
        (void)KT_PUT(c, kt_certificate_shape, valid_from, day);
    if (kt_sap_row_day(r, &day, "VALID_TO", row->VALID_TO))
        (void)KT_PUT(c, kt_certificate_shape, valid_until, day);
    if (read_instant(r, &at_us, "REVOKED_AT", row->REVOKED_AT))
        (void)KT_PUT(c, kt_certificate_shape, revoked_at, at_us);
    KT_SAP_PUT_TEXT(c, kt_certificate_shape, document, kt_sap_text(row->DOCUMENT, a));
}

static void decode_certificate(const struct kt_sap_source *s,
                               const struct sap__ZKONTOR_S_CERTIFICATE *row,
                               const struct kt_sap_rows *links)
{
    struct kt_certificate *c = new_certificate(s, row->SCHEME, row->NUMBER);
    struct kt_sap_row r = row_of(s, "certificate", c->scheme, c->number);
    if (c->scheme.n == 0)
        kt_sap_row_fault(&r, "SCHEME", "");
    if (c->number.n == 0)
        kt_sap_row_fault(&r, "NUMBER", "");
    int64_t as_of = kt_sap_row_instant(&r, "CHANGED_AT", row->CHANGED_AT);
    read_certificate(&r, c, row, links);
    kt_changes_add(s->out,
                   (struct kt_change){
                       .kind = KT_KIND_CERTIFICATE,
                       .as_of_us = as_of,
                       .record = r.fault == NULL ? c : new_certificate(s, row->SCHEME, row->NUMBER),
                       .fault = r.fault });
}

/* --- deletions --- */

static void add_deleted(const struct kt_sap_source *s, enum kt_kind kind, void *record,
                        struct kt_sap_row *r, const char *changed_at)
{
    struct kt_change change = { .kind = kind, .is_deleted = true, .record = record };
    change.as_of_us = kt_sap_row_instant(r, "CHANGED_AT", changed_at);
    change.fault = r->fault;
    kt_changes_add(s->out, change);
}

static void decode_deleted(const struct kt_sap_source *s,
                           const struct _sap__Z_KONTOR_DOCUMENTSResponse *r)
{
    for (int i = 0; r->ET_DELETED != NULL && i < r->ET_DELETED->__sizeitem; i++) {
        const struct sap__ZKONTOR_S_DOCUMENT_DEL *row = &r->ET_DELETED->item[i];
        struct kt_document *d = new_document(s, row->ID, row->VERSION);
        struct kt_sap_row at = row_of(s, "document", d->id, d->version);
        add_deleted(s, KT_KIND_DOCUMENT, d, &at, row->CHANGED_AT);
    }
    for (int i = 0; r->ET_CERTIFICATE_DEL != NULL && i < r->ET_CERTIFICATE_DEL->__sizeitem; i++) {
        const struct sap__ZKONTOR_S_CERTIFICATE_DEL *row = &r->ET_CERTIFICATE_DEL->item[i];
        struct kt_certificate *c = new_certificate(s, row->SCHEME, row->NUMBER);
        struct kt_sap_row at = row_of(s, "certificate", c->scheme, c->number);
        add_deleted(s, KT_KIND_CERTIFICATE, c, &at, row->CHANGED_AT);
    }
}

void kt_sap_decode_documents(const struct kt_sap_source *s,
                             struct _sap__Z_KONTOR_DOCUMENTSResponse *r)
{
    const struct kt_sap_rows texts = KT_SAP_ROWS(r->ET_DOCUMENT_TEXT);
    const struct kt_sap_rows links = KT_SAP_ROWS(r->ET_DOCUMENT_LINK);
    const struct kt_sap_rows certificate_links = KT_SAP_ROWS(r->ET_CERTIFICATE_LINK);
    for (int i = 0; r->ET_DOCUMENT != NULL && i < r->ET_DOCUMENT->__sizeitem; i++)
        decode_document(s, &r->ET_DOCUMENT->item[i], &texts, &links);
    for (int i = 0; r->ET_CERTIFICATE != NULL && i < r->ET_CERTIFICATE->__sizeitem; i++)
        decode_certificate(s, &r->ET_CERTIFICATE->item[i], &certificate_links);
    decode_deleted(s, r);
}
