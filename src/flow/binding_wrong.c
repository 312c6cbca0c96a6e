/* What is wrong with the versions of a document, told to whoever looks after it: days that overlap,
 * days without a version, a version that supersedes one nobody knows, another content under the
 * same version. Called by binding_step.c for what the journal names, in its transaction. */
#include "flow/binding_inner.h"

#include "flow/documents.h"
#include "store/exceptions.h"

static const char subject[] = "document";

/* One exception for each of these at a time; the first of its sort speaks. */
static const struct {
    enum kt_code code;
    const char *word;
} sorts[] = { { KT_E_DOCUMENT_OVERLAP, "overlap" },
              { KT_E_DOCUMENT_GAP, "gap" },
              { KT_E_DOCUMENT_SUPERSEDES, "supersedes" } };

static enum kt_rc tell_sort(struct kt_work *w, const char *scope, struct kt_str key,
                            enum kt_code code, const struct kt_verdict *wrong, size_t wrongs,
                            int64_t now_us, struct kt_err *e)
{
    for (size_t i = 0; i < wrongs; i++) {
        if (wrong[i].code == code)
            return kt_exception_open(w->db, subject, scope, key, &wrong[i], "", now_us, e);
    }
    return kt_exception_close(w->db, subject, scope, key, now_us, e);
}

enum kt_rc kt_binding_tell_wrong(struct kt_work *w, const struct kt_document *named,
                                 struct kt_str prefix, int64_t now_us, struct kt_err *e)
{
    struct kt_arena *a = w->arena;
    struct kt_past *past = NULL;
    struct kt_document_version *version = NULL;
    struct kt_verdict *wrong = NULL;
    size_t pasts = 0;
    size_t versions = 0;
    size_t wrongs = 0;
    enum kt_rc rc = kt_past_of(w->db, KT_KIND_DOCUMENT, prefix, &past, &pasts, a, e);
    if (rc != KT_OK)
        return rc;
    kt_versions_of_past(past, pasts, &version, &versions, a);
    kt_documents_wrong(version, versions, &wrong, &wrongs, a);
    for (size_t i = 0; rc == KT_OK && i < KT_COUNT(sorts); i++) {
        const char *key = kt_format(a, "%s %s", prefix.p, sorts[i].word);
        rc = tell_sort(w, named->scope.p, kt_str_of(key), sorts[i].code, wrong, wrongs, now_us, e);
    }
    return rc;
}

static struct kt_str content_of(const struct kt_past *past)
{
    const struct kt_document *d = past->record;
    return d->sha256;
}

enum kt_rc kt_binding_tell_replaced(struct kt_work *w, const struct kt_document *named,
                                    struct kt_str key, int64_t rev, int64_t now_us,
                                    struct kt_err *e)
{
    struct kt_arena *a = w->arena;
    struct kt_past *past = NULL;
    struct kt_verdict v = { 0 };
    size_t pasts = 0;
    size_t at = 0;
    enum kt_rc rc = kt_past_of(w->db, KT_KIND_DOCUMENT, key, &past, &pasts, a, e);
    while (rc == KT_OK && at < pasts && !(past[at].rev == rev && kt_str_eq(past[at].key, key)))
        at++;
    if (rc != KT_OK || at >= pasts || at == 0 || past[at].is_deleted ||
        !kt_str_eq(past[at - 1].key, key) ||
        kt_str_eq(content_of(&past[at]), content_of(&past[at - 1])))
        return rc;
    kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_DOCUMENT_REPLACED,
             KT_P_TEXT("record", kt_shape_label(&kt_document_shape, named, a)));
    return kt_exception_open(w->db, subject, named->scope.p,
                             kt_str_of(kt_format(a, "%s replaced", key.p)), &v, "", now_us, e);
}
