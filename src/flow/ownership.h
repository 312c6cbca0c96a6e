#ifndef KT_FLOW_OWNERSHIP_H
#define KT_FLOW_OWNERSHIP_H

#include "flow/intake.h"

/* Where several ERPs share a scope, each leads some kinds or fields. What another one leads is left
 * out at the intake and listed once per source and field, with a count; the rest goes on. */

struct kt_unled {
    enum kt_kind kind;
    const struct kt_field *field; /* NULL: the record as a whole */
    const char *leader;           /* NULL: nobody */
    struct kt_str record;         /* the first it was met in, as people call it */
    size_t count;
};

/* What a page of records said without being asked. */
struct kt_unled_list {
    struct kt_unled *item;
    size_t count;
    size_t room;
    struct kt_arena *arena;
};

/* Marks a checked change with what its source leads, so that the store takes no more of it, and
 * notes what another one leads. False: nothing of it is its source's to say, a deletion for one. */
bool kt_ownership_take(const struct kt_work *w, const struct kt_intake_from *from,
                       struct kt_change *c, struct kt_unled_list *unled) KT_MUST;
/* Opens or counts the exceptions ("ownership", source, "product.texts"). In the transaction. */
enum kt_rc kt_ownership_note(struct kt_work *w, const struct kt_intake_from *from,
                             const struct kt_unled_list *unled, int64_t now_us,
                             struct kt_err *e) KT_MUST;
/* Is there reason to read this feed of the ERP? Not one that the adapter has not, nor one that is
 * read only by hand and of whose records others lead everything. */
bool kt_ownership_reads(const struct kt_erp_site *site, enum kt_feed feed) KT_MUST;
/* Does the configuration give the source now what this exception was opened for? */
bool kt_ownership_is_settled(const struct kt_intake_from *from, struct kt_str key);

#endif
