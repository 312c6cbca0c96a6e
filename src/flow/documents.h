#ifndef KT_FLOW_DOCUMENTS_H
#define KT_FLOW_DOCUMENTS_H

#include "flow/work.h"
#include "store/past.h"
#include "trade/compliance.h"
#include "trade/documents.h"

/* Documents and certificates of articles, read in few queries for many of them: for views, order
 * checks and bindings. */

/* Revisions as the versions that are known now. */
void kt_versions_of_past(const struct kt_past *past, size_t pasts,
                         struct kt_document_version **out, size_t *count, struct kt_arena *a);

/* Everything that covers these goods. Lives in w->arena. */
struct kt_papers {
    struct kt_document_version *version;
    size_t versions;
    struct kt_certificate *certificate; /* known now */
    size_t certificates;
    int64_t silent_since_us; /* as in struct kt_compliance_ask; KT_NEVER: not silent */
};
enum kt_rc kt_papers_read(struct kt_work *w, struct kt_str scope, const struct kt_goods *goods,
                          size_t count, struct kt_papers *out, struct kt_err *e) KT_MUST;

/* What a customer is shown of a version: the list `documents` of a view. */
struct kt_paper {
    uint64_t present;
    struct kt_str type;
    struct kt_str title; /* in the channel's language */
    struct kt_str id;
    struct kt_str version;
    struct kt_str language; /* "" for all */
    struct kt_str url;      /* in the archive; absent: it has no public address */
    struct kt_str sha256;
    struct kt_str media_type;
    struct kt_str file_name;
    int64_t size;
    struct kt_day valid_from;
    struct kt_day valid_until;
};
extern const struct kt_shape kt_paper_shape;

/* The papers of one article that the channel shows now, by its configured kinds, and what the
 * archive calls them. shown[i] belongs to paper i. */
struct kt_shown;
enum kt_rc kt_papers_shown(struct kt_work *w, const struct kt_channel_site *channel,
                           const struct kt_papers *all, const struct kt_goods *goods,
                           int64_t at_us, struct kt_paper **out, struct kt_shown **shown,
                           size_t *count, int64_t *changes_us, struct kt_err *e) KT_MUST;
/* https://archive/d/SCOPE/ID/VERSION, each part percent-encoded; absent where the site has no
 * public address of the archive, or the kind is none that everybody may see. */
struct kt_str kt_paper_url(const struct kt_site *site, const struct kt_document *document,
                           struct kt_arena *a);

/* Warns 90, 30 and 7 days before certificates of articles end, and when their sources have been
 * silent for too long (CERTIFICATE_ENDS_SOON, CERTIFICATES_SILENT; subject "paper"). Called by the
 * house thread now and then. */
enum kt_rc kt_papers_watch(struct kt_work *w, struct kt_err *e) KT_MUST;

#endif
