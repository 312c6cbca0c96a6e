#ifndef KT_ERP_NAV_WALK_H
#define KT_ERP_NAV_WALK_H

#include "page.h"

/* Where a feed stands: what its token says. Tokens hold key values and days, never NAV's row keys,
 * so that one that is weeks old is as good as a new one. */
enum kt_nav_mode {
    KT_NAV_SNAPSHOT = 's', /* on the way through everything */
    KT_NAV_DELTA = 'd',    /* on the way through what changed since `from` */
    KT_NAV_DONE = 'w'      /* at rest: the next run is a delta from begun_us on */
};

struct kt_nav_walk {
    enum kt_nav_mode mode;
    bool is_first;      /* this is the first page of a run */
    int64_t begun_us;   /* when the run began, by our clock */
    struct kt_day from; /* delta: the first day of changes */
    struct kt_str last; /* key value of the last row; "": none yet */
};

/* Of the page's token; an empty one begins a snapshot, one at rest a delta from `back` days before
 * the begin of the last run. False: not ours; *w is then a snapshot's begin. */
bool kt_nav_walk_read(struct kt_nav_walk *w, struct kt_str token, unsigned back, int64_t now_us,
                      struct kt_arena *a);
struct kt_str kt_nav_walk_token(const struct kt_nav_walk *w, struct kt_arena *a);

/* One page of a walk over the role's page, in the order of its key. date_field: ours, by which a
 * delta is filtered; NULL: no deltas are told. Moves w->last and, at the end, w->mode; fills
 * page->next, is_more, is_snapshot and begun_us. */
enum kt_rc kt_nav_walk_page(struct kt_erp *erp, struct kt_nav_walk *w, struct kt_nav_query *q,
                            const char *date_field, struct kt_page *page, struct kt_nav_rows *rows,
                            struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
