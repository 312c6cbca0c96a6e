#ifndef KT_TRADE_DOCUMENTS_INNER_H
#define KT_TRADE_DOCUMENTS_INNER_H

/* Shared by documents_holding.c, documents_wrong.c and documents_order.c only. */
#include "trade/documents.h"

/* By scope, id, version, key and revision: versions of one id stand together. */
int kt_version_by_name(const struct kt_document_version *a, const struct kt_document_version *b);

/* Which of two versions of one id that both count is the one, where neither supersedes the other:
 * above zero, a is. Zero only for the same revision of the same version. */
int kt_version_by_rank(const struct kt_document_version *a, const struct kt_document_version *b);

/* Who replaces whom, among versions of one id that are sorted by name. next[i] is the one that i
 * names as superseded, or KT_NO_VERSION. */
enum { KT_NO_VERSION = -1 };
struct kt_succession {
    const struct kt_document_version *const *version;
    size_t count;
    int64_t *next;
};
struct kt_succession kt_succession_of(const struct kt_document_version *const *version,
                                      size_t count, struct kt_arena *a);
/* Directly or through others. Where two supersede each other, neither does. */
bool kt_supersedes(const struct kt_succession *s, size_t newer, size_t older);
/* Sets beaten[i] for each one that `newer` supersedes. */
void kt_succession_mark(const struct kt_succession *s, size_t newer, bool *beaten);

/* Whether it holds in that market: it names it, or none. */
bool kt_refs_name(struct kt_list refs, struct kt_str id);
bool kt_document_is_for(const struct kt_document *document, struct kt_str market);

#endif
