#ifndef KT_FLOW_DOCUMENTS_H
#define KT_FLOW_DOCUMENTS_H

#include "flow/work.h"
#include "store/past.h"
#include "store/shown.h"
#include "trade/compliance.h"
#include "trade/documents.h"

/* Documents and certificates of articles, read in few queries for many of them: for views, order
 * checks and bindings. */

/* --- articles, as far as documents, certificates and rules ask --- */

struct kt_article {
    const struct kt_variant *variant; /* NULL: not known, or deleted */
    const struct kt_product *product; /* its own record, else that of its page; NULL: neither */
    const struct kt_product *head;    /* that of its page; NULL: none is known */
    struct kt_goods goods;            /* sku is always there */
};
/* own: the product record that has the SKU as its id; head: that of the page; both may be NULL. The
 * product group is the article's own where it has one. */
struct kt_article kt_article_of(const struct kt_variant *variant, const struct kt_product *own,
                                const struct kt_product *head);
/* out[i] belongs to sku[i]; three queries however many they are. Lives in w->arena. */
enum kt_rc kt_articles_read(struct kt_work *w, struct kt_str scope, const struct kt_str *sku,
                            size_t count, struct kt_article *out, struct kt_err *e) KT_MUST;

/* --- what covers them --- */

/* Revisions as the versions that are known now. */
void kt_versions_of_past(const struct kt_past *past, size_t pasts, struct kt_document_version **out,
                         size_t *count, struct kt_arena *a);

struct kt_cover; /* which of them names an article, its product or its group */

/* Everything that covers some goods. Lives in w->arena. */
struct kt_papers {
    struct kt_document_version *version;
    size_t versions;
    struct kt_certificate *certificate; /* as known now; a deleted one is revoked from then on */
    size_t certificates;
    int64_t silent_since_us; /* as in struct kt_compliance_ask; KT_NEVER: not silent */
    /* derived */
    const struct kt_cover *of_version; /* NULL: not sorted by what they cover, all are looked at */
    size_t version_covers;
    const struct kt_cover *of_certificate;
    size_t certificate_covers;
};
/* what: one of these, both or neither. */
enum { KT_PAPERS_DOCUMENTS = 1, KT_PAPERS_CERTIFICATES = 2 };
enum kt_rc kt_papers_read(struct kt_work *w, unsigned what, struct kt_str scope,
                          const struct kt_goods *goods, size_t count, struct kt_papers *out,
                          struct kt_err *e) KT_MUST;
/* Of all that was read, what covers this article. */
void kt_papers_of(const struct kt_papers *all, const struct kt_goods *goods, struct kt_papers *out,
                  struct kt_arena *a);

/* Since when the sources of a scope count as silent: behind the last word by documents.silent;
 * KT_NEVER: they do not. *heard_us: that word; 0: there was none, which is silence from the start.
 */
enum kt_rc kt_certificates_silence(struct kt_work *w, const char *scope, int64_t now_us,
                                   int64_t *since_us, int64_t *heard_us, struct kt_err *e) KT_MUST;

/* --- may it be sold? --- */

/* Of one article in the channel's market (or `market`, where that is not empty) at that instant.
 * changes_us also names the next look at what is kept only because its source is silent. */
void kt_papers_allow(struct kt_work *w, const struct kt_channel_site *channel,
                     const struct kt_papers *all, const struct kt_article *article,
                     struct kt_str market, int64_t at_us, struct kt_compliance_answer *out);

/* --- what a channel shows --- */

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

/* The papers of one article that the channel shows at that instant, by its configured kinds, and
 * what the archive calls them. shown[i] belongs to paper i. */
void kt_papers_shown(struct kt_work *w, const struct kt_channel_site *channel,
                     const struct kt_papers *all, const struct kt_goods *goods, int64_t at_us,
                     struct kt_paper **out, struct kt_shown **shown, size_t *count,
                     int64_t *changes_us);
/* Does the channel show documents at all, and those of this kind: what it names, else all that
 * everybody may see? */
bool kt_papers_are_on(const struct kt_site *site, const struct kt_channel_site *channel);
bool kt_papers_shows(const struct kt_site *site, const struct kt_channel_site *channel,
                     struct kt_str type);
/* https://archive/d/SCOPE/ID/VERSION, each part as base/path_part.h writes it; absent where the
 * site has no public address of the archive, or the kind is none that everybody may see. */
struct kt_str kt_paper_url(const struct kt_site *site, const struct kt_document *document,
                           struct kt_arena *a);

/* Warns 90, 30 and 7 days before certificates end, when they have ended, and when their sources
 * have been silent for too long (CERTIFICATE_ENDS_SOON, CERTIFICATES_SILENT; subject "paper"). What
 * was renewed closes by itself. Outside of any transaction; called by the house thread now and
 * then. */
enum kt_rc kt_papers_watch(struct kt_work *w, struct kt_err *e) KT_MUST;

#endif
