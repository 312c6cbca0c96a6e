/* The content of a document, piece by piece: a call each, so that memory stays flat however long it
 * is. Session's thread; called by flow through adapter.c. Nothing is repeated here. */
#include <limits.h>

#include "base/base64.h"
#include "call.h"
#include "encode.h"
#include "generated/erp_sap/sapNs.h"
#include "read.h"
#include "verdict.h"

enum { PIECE_MAX = 768 * 1024 }; /* bytes of one answer; the contract allows 1 MiB */

static const char endpoint[] = "http://memory/"; /* gSOAP wants one; the HTTP client has its own */
static const char function[] = "Z_KONTOR_DOCUMENT_READ";

/* One content while it is read. */
struct reading {
    struct kt_erp *erp;
    const struct kt_document *document;
    const struct kt_content_sink *sink;
    struct kt_arena *piece; /* of the piece at hand */
    struct kt_arena *whole;
    int64_t most; /* bytes of a piece */
    int64_t at;   /* bytes that came */
    int64_t total;
    struct kt_str stamp; /* of what is read: another one, another content */
    bool is_stopped;     /* the sink takes no more */
    bool is_over;
};

static enum kt_rc broken(const struct reading *r, const char *detail, struct kt_err *e)
{
    const struct kt_str reference = r->document->reference;
    enum kt_rc rc = kt_sap_incomplete(r->erp, KT_RETRY, function, detail, e);
    (void)kt_trail(e, "reference %.*s", (int)reference.n, reference.p); /* keeps the verdict */
    return rc;
}

/* 028: there is no such content. All other failures may pass. */
static enum kt_rc check_messages(const struct reading *r, const struct sap__ZKONTOR_T_RETURN *table,
                                 struct kt_err *e)
{
    const struct sap__BAPIRET2 *row = kt_sap_failure(table);
    if (row == NULL || !kt_sap_is_message(row, "ZKONTOR", "028"))
        return kt_sap_check_return(r->erp, table, function, r->piece, e);
    (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_DOCUMENT_CONTENT_MISSING,
                  KT_P_TEXT("record", kt_shape_label(&kt_document_shape, r->document, r->whole)));
    return kt_trail(e, "%s: %s", function, kt_sap_text(row->MESSAGE, r->piece).p);
}

/* What the first piece says of the whole must hold for all. */
static enum kt_rc check_whole(struct reading *r,
                              const struct _sap__Z_KONTOR_DOCUMENT_READResponse *in,
                              struct kt_err *e)
{
    struct kt_str stamp = kt_sap_text(in->EV_STAMP, r->piece);
    int64_t total = -1;
    if (!kt_sap_whole(&total, in->EV_TOTAL) || total < 0)
        return broken(r, "a piece of a content without the content's size", e);
    if (r->total < 0) {
        r->total = total;
        r->stamp = kt_str_copy(r->whole, stamp);
        return KT_OK;
    }
    if (total != r->total || !kt_str_eq(stamp, r->stamp))
        return broken(r, "the content changed while it was read", e);
    return KT_OK;
}

static enum kt_rc take_piece(struct reading *r,
                             const struct _sap__Z_KONTOR_DOCUMENT_READResponse *in,
                             struct kt_err *e)
{
    struct kt_str text = kt_str_of(in->EV_DATA != NULL ? in->EV_DATA : "");
    char *bytes = kt_alloc(r->piece, text.n / 4 * 3 + 3);
    size_t n = 0;
    if (!kt_base64_read(bytes, &n, text, true))
        return broken(r, "a piece of a content that is no base64", e);
    if ((int64_t)n > r->most || (int64_t)n > r->total - r->at)
        return broken(r, "more of a content than was announced", e);
    r->at += (int64_t)n;
    r->is_over = kt_sap_flag(in->EV_END);
    if (r->is_over && r->at != r->total)
        return broken(r, "a content that ends before its size", e);
    if (!r->is_over && (n == 0 || r->at == r->total))
        return broken(r, "a content without an end", e);
    r->is_stopped = n > 0 && !r->sink->put(r->sink->context, bytes, n);
    return KT_OK;
}

static enum kt_rc read_piece(struct reading *r, struct kt_err *e)
{
    struct _sap__Z_KONTOR_DOCUMENT_READ q = { kt_sap_send(r->document->reference, 0, r->piece),
                                              (int)r->at, (int)r->most };
    struct _sap__Z_KONTOR_DOCUMENT_READResponse in = { 0 };
    struct soap *ctx = kt_soap_begin(r->erp->soap, false, r->piece);
    int status = soap_call___sap__Z_KONTOR_DOCUMENT_READ(ctx, endpoint, NULL, &q, &in);
    enum kt_rc rc = kt_sap_settle(r->erp, status, NULL, function, r->piece, e);
    if (rc == KT_OK)
        rc = check_messages(r, in.RETURN, e);
    if (rc == KT_OK)
        rc = check_whole(r, &in, e);
    if (rc == KT_OK)
        rc = take_piece(r, &in, e);
    kt_soap_done(r->erp->soap);
    return rc;
}

/* SAP counts positions in 31 bits. */
static enum kt_rc check_size(const struct reading *r, struct kt_err *e)
{
    if (r->total <= INT_MAX)
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CONTENT_TOO_LARGE,
                   KT_P_TEXT("record", kt_shape_label(&kt_document_shape, r->document, r->whole)),
                   KT_P_NUM("size", r->total), KT_P_NUM("limit", INT_MAX));
}

enum kt_rc kt_sap_content(struct kt_erp *erp, const struct kt_document *document,
                          const struct kt_content_sink *sink, struct kt_arena *a, struct kt_err *e)
{
    struct reading r = { .erp = erp, .document = document, .sink = sink, .whole = a, .total = -1 };
    enum kt_rc rc = KT_OK;
    r.most =
        erp->conf->http.max_answer / 2; /* base64 is a third longer, and stands in an envelope */
    if (r.most > PIECE_MAX)
        r.most = PIECE_MAX;
    r.piece = kt_arena_new();
    while (rc == KT_OK && !r.is_over && !r.is_stopped) {
        kt_arena_reset(r.piece);
        rc = read_piece(&r, e);
        if (rc == KT_OK)
            rc = check_size(&r, e);
    }
    kt_arena_free(r.piece);
    return rc;
}
