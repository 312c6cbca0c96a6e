#ifndef KT_TRADE_DOCUMENTS_H
#define KT_TRADE_DOCUMENTS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/time.h"
#include "model/document.h"

/* What a shape cannot say of a checked document or certificate: its hash is one (written small),
 * languages and markets are codes, it does not end before it begins.
 * Errors KT_REJECT/KT_RECORD: FIELD_INVALID, VALIDITY_REVERSED */
enum kt_rc kt_document_check(struct kt_document *document, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;
enum kt_rc kt_certificate_check(const struct kt_certificate *certificate, struct kt_arena *a,
                                struct kt_err *e) KT_MUST;

/* --- which version is the one --- */

/* One version as it is known now. */
struct kt_document_version {
    const struct kt_document *document;
    struct kt_str key;
    int64_t rev;
    int64_t first_us; /* when Kontor learned of this version first */
    int64_t known_us; /* when it learned this revision of it */
    int64_t gone_us;  /* when it learned that its source knows it no more; KT_NEVER: it does. Until
                       * then it counts: that a source tidies up does not unmake what was */
};

/* Of what, where, for whom and when. */
struct kt_document_ask {
    struct kt_str sku;
    struct kt_str product; /* empty: none is known */
    struct kt_str family;  /* product group; empty: none */
    struct kt_str market;  /* ISO 3166 alpha-2 */
    struct kt_str language;
    struct kt_str fallback_language;
    const struct kt_zone *zone; /* of the market: days begin there */
    int64_t at_us;
};

/* The versions that hold at that instant:
 * 1. A version counts where it names the market or none, covers the article (one that lists nothing
 *    covers nothing), and the instant lies within its days (both inclusive; 9999-12-31 and an
 *    absent day are open) and before gone_us.
 * 2. Of the versions of one id that count, one holds, whatever their types: one that supersedes
 *    another, directly or through others that cover the article (counting or not), before that one;
 *    then the later first day (an absent one is earliest); then the one first learned later; then
 *    the greater version, numbers in it by their value. Two that supersede each other are as if
 *    neither did.
 * 3. Of several ids, for each type by itself, those of the narrowest cover alone hold: variant
 *    before product before family.
 * 4. Of those the ones in the language asked for; where none is, those in the fallback language;
 *    else all. One that names no language is in every language.
 * Sorted by type and key. *changes_us: the next instant at which the clock alone may change the
 * answer, which stays the same until then; KT_NEVER. The result depends on the set of versions,
 * never on their order; versions that do not cover the article do no harm. Hand in all types: a
 * kind is picked out of the answer, not of the question. */
void kt_documents_holding(const struct kt_document_version *version, size_t count,
                          const struct kt_document_ask *ask,
                          const struct kt_document_version ***out, size_t *holding,
                          int64_t *changes_us, struct kt_arena *a);

/* What is wrong with the days of all versions of one id, as sentences; *wrongs may be 0.
 *   DOCUMENT_OVERLAP {record} {other} {from} {until}  both count on these days in one market and
 *                    neither supersedes the other; record is the one that is used
 *   DOCUMENT_GAP {record} {from} {until}  no version counts on these days between two that do, in
 *                    one market; the record names the markets unless it is so in all
 *   DOCUMENT_SUPERSEDES {record} {version}  names a version that is not there
 * A version that its source knows no more counts until the day (UTC) on which it went, but overlaps
 * and wrong names of it are not told, since nobody can correct it any more. A bound that is open
 * reads "…". */
enum { KT_DOCUMENT_WRONGS_MAX = 100 }; /* what is more is not told */
void kt_documents_wrong(const struct kt_document_version *version, size_t count,
                        struct kt_verdict **out, size_t *wrongs, struct kt_arena *a);

/* Kinds that Kontor knows by name, and their titles; NULL: a kind of the site's own. */
struct kt_document_kind {
    const char *type;     /* "declaration_of_conformity" … */
    const char *title[2]; /* by enum kt_lang */
};
extern const struct kt_document_kind kt_document_kinds[]; /* ends with {0} */
const struct kt_document_kind *kt_document_kind_of(struct kt_str type);

#endif
