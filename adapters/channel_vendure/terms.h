#ifndef KT_CHANNEL_VENDURE_TERMS_H
#define KT_CHANNEL_VENDURE_TERMS_H

#include "adapters/channel_vendure/call.h"

/* Facets and their values, by which customers filter and by which we find our own again. Both are
 * known by their codes: what a shop calls them afterwards is its business. */
struct vendure_term {
    struct kt_str facet;      /* code */
    struct kt_str facet_name; /* when it has to be made */
    bool is_private;          /* customers do not see the facet */
    struct kt_str code;       /* of the value */
    struct kt_str name;
    struct kt_str language;
    struct kt_str id; /* out; of the value */
};

struct vendure_term_list {
    struct vendure_term *item;
    size_t count;
    size_t room;
};
/* Adds it unless it is there. */
void vendure_term_add(struct vendure_term_list *l, const struct vendure_term *term,
                      struct kt_arena *a);
/* The id of a value that was ensured; absent: it was not asked for. */
struct kt_str vendure_term_id(const struct vendure_term_list *l, struct kt_str facet,
                              struct kt_str code);

/* Looks all of them up; makes what is missing, unless `only_look`. Fills their ids; with
 * only_look an id may stay absent. A failure leaves nothing half done that a second call would not
 * find: it is KT_RETRY where another writer would say KT_UNSURE. */
enum kt_rc vendure_terms_ensure(struct kt_channel *channel, struct vendure_term_list *l,
                                bool only_look, struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Values were deleted over there: nothing that was remembered is sure any more. */
void vendure_terms_forget(struct kt_channel *channel);

#endif
