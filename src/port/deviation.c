/* The list of deviations of a site's contract. Pure; the caller's thread. */
#include <string.h>

#include "port/env.h"

struct kt_verdict *kt_deviations_add(struct kt_deviations *d)
{
    if (d->count == d->room) {
        size_t room = d->room == 0 ? 16 : d->room * 2;
        struct kt_deviation *grown = KT_NEW_ARRAY(d->arena, room, struct kt_deviation);
        if (d->count > 0)
            memcpy(grown, d->item, d->count * sizeof *grown);
        d->item = grown;
        d->room = room;
    }
    d->item[d->count] = (struct kt_deviation){ 0 };
    return &d->item[d->count++].v;
}

void kt_deviations_put(struct kt_deviations *d, const struct kt_verdict *v, enum kt_code follows)
{
    *kt_deviations_add(d) = *v;
    d->item[d->count - 1].follows = follows;
}
