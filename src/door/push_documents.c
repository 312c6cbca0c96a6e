/* The contents of pushed documents: a part of the message, which is a slice of its mapped bytes and
 * is never copied, or base64 for small ones. Kept as a blob before the record that names it. A
 * worker of the door calls it while a request is read. */
#include <string.h>

#include "base/base64.h"
#include "door/push_inner.h"
#include "flow/contents.h"

static const struct kt_verdict *refused(enum kt_code code, const struct kt_document *document,
                                        const char *field, struct kt_arena *a)
{
    struct kt_verdict *v = KT_NEW(a, struct kt_verdict);
    kt_judge(v, KT_REJECT, KT_RECORD, code,
             KT_P_TEXT("record", kt_shape_label(&kt_document_shape, document, a)),
             KT_P_TEXT("field", field));
    return v;
}

/* --- where the bytes are --- */

static bool read_inline(struct kt_str *out, struct kt_str text, struct kt_arena *a)
{
    char *bytes = kt_alloc(a, text.n / 4 * 3 + 3);
    out->p = bytes;
    return kt_base64_read(bytes, &out->n, text, true);
}

static enum kt_rc find_part(struct kt_str *bytes, const struct kt_push_call *call,
                            const struct kt_soap_content *content, const char **media_type,
                            bool *used, struct kt_err *e)
{
    const struct kt_mime *mime = &call->m->mime;
    const struct kt_mime_part *part = NULL;
    if (mime->parts > 0)
        part = kt_mime_find(mime, kt_str_of(content->href), call->arena);
    if (part == NULL || part == mime->root)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_PART_MISSING,
                       KT_P_TEXT("part", content->href));
    used[part - mime->part] = true;
    *bytes = part->body;
    if (*media_type == NULL && part->content_type.n > 0)
        *media_type = kt_str_copy(call->arena, part->content_type).p;
    return KT_OK;
}

enum kt_rc kt_push_check_parts(const struct kt_soap_message *m, const bool *used, struct kt_err *e)
{
    for (size_t i = 0; i < m->mime.parts; i++) {
        const struct kt_mime_part *part = &m->mime.part[i];
        if (part == m->mime.root || used[i])
            continue;
        char shown[80];
        size_t n = kt_utf8_fit(part->id, sizeof shown - 1);
        memcpy(shown, part->id.n > 0 ? part->id.p : "", part->id.n > 0 ? n : 0);
        shown[part->id.n > 0 ? n : 0] = '\0';
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_PART_UNUSED, KT_P_TEXT("part", shown));
    }
    return KT_OK;
}

/* --- the record --- */

/* A content without a word about it: its hash names one that is there already. */
static enum kt_rc find_known(const struct kt_push_call *call, struct kt_document *document,
                             const struct kt_verdict **fault, struct kt_err *e)
{
    int64_t size = -1;
    struct kt_str media_type = { NULL, 0 };
    enum kt_rc rc = KT_OK;
    document->sha256 = kt_str_lower(call->arena, document->sha256);
    if (KT_HAS(document, kt_document_shape, sha256) && document->sha256.n > 0)
        rc = kt_content_find(call->from->work->db, call->from->work->site->blobs, document->sha256,
                             &size, &media_type, call->arena, e);
    if (rc != KT_OK)
        return rc;
    if (size < 0)
        *fault = refused(KT_E_DOCUMENT_CONTENT_MISSING, document, "sha256", call->arena);
    else if (KT_HAS(document, kt_document_shape, size) && document->size != size)
        *fault = refused(KT_E_DOCUMENT_CONTENT_DIFFERS, document, "size", call->arena);
    if (*fault != NULL)
        return KT_OK;
    KT_PUT(document, kt_document_shape, size, size);
    KT_PUT(document, kt_document_shape, media_type, media_type);
    return KT_OK;
}

/* Did it come whole? Before it is kept, so that a cut one costs nothing. */
static const char *what_differs(const struct kt_document *document, struct kt_str bytes,
                                const char *sha256)
{
    if (KT_HAS(document, kt_document_shape, size) && document->size != (int64_t)bytes.n)
        return "size";
    if (KT_HAS(document, kt_document_shape, sha256) && document->sha256.n > 0 &&
        !kt_str_is(document->sha256, sha256))
        return "sha256";
    return NULL;
}

static enum kt_rc keep(const struct kt_push_call *call, struct kt_document *document,
                       struct kt_str bytes, const char *media_type, const struct kt_verdict **fault,
                       struct kt_err *e)
{
    uint8_t digest[KT_HASH_BYTES];
    char *sha256 = kt_alloc(call->arena, KT_HASH_TEXT_MAX);
    struct kt_document given = *document;
    kt_sha256(bytes, digest);
    kt_hex(digest, sizeof digest, sha256);
    given.sha256 = kt_str_lower(call->arena, document->sha256);
    const char *differs = what_differs(&given, bytes, sha256);
    if (differs != NULL) {
        *fault = refused(KT_E_DOCUMENT_CONTENT_DIFFERS, document, differs, call->arena);
        return KT_OK;
    }
    struct kt_content content = { .bytes = bytes,
                                  .media_type = KT_HAS(document, kt_document_shape, media_type)
                                                    ? document->media_type
                                                    : kt_str_of(media_type),
                                  .file_name = document->file_name,
                                  .record =
                                      kt_shape_label(&kt_document_shape, document, call->arena) };
    struct kt_err why = { 0 };
    enum kt_rc rc = kt_content_keep(call->from->work, &content, sha256, &why);
    if (rc == KT_REJECT && why.v.reach == KT_RECORD) { /* the other records go on */
        struct kt_verdict *v = KT_NEW(call->arena, struct kt_verdict);
        *v = why.v;
        *fault = v;
        return KT_OK;
    }
    if (rc != KT_OK) {
        *e = why;
        return rc;
    }
    KT_PUT(document, kt_document_shape, media_type, content.media_type);
    KT_PUT(document, kt_document_shape, sha256, kt_str_of(sha256));
    KT_PUT(document, kt_document_shape, size, (int64_t)bytes.n);
    return KT_OK;
}

enum kt_rc kt_push_keep_content(const struct kt_push_call *call, struct kt_document *document,
                                const struct kt_soap_content *content, bool *used,
                                const struct kt_verdict **fault, struct kt_err *e)
{
    struct kt_str bytes = { NULL, 0 };
    const char *media_type = content == NULL ? NULL : content->media_type;
    enum kt_rc rc = KT_OK;
    if (content != NULL && content->href != NULL)
        rc = find_part(&bytes, call, content, &media_type, used, e);
    if (rc != KT_OK || *fault != NULL)
        return rc; /* a record that is refused keeps no content */
    if (call->from->work->site->blobs == NULL) {
        *fault = refused(KT_E_DOCUMENTS_OFF, document, "content", call->arena);
        return KT_OK;
    }
    if (content == NULL)
        return find_known(call, document, fault, e);
    if (content->href == NULL &&
        (!read_inline(&bytes, kt_str_of(content->text), call->arena) || bytes.n == 0)) {
        *fault = refused(KT_E_DOCUMENT_CONTENT_MISSING, document, "content", call->arena);
        return KT_OK;
    }
    return keep(call, document, bytes, media_type, fault, e);
}
