#ifndef KT_ERP_NAV_PAGE_H
#define KT_ERP_NAV_PAGE_H

#include "session.h"
#include "wire/soap_raw.h"

/* ReadMultiple of a page: one call, its rows decoded by the page's table. */
struct kt_nav_where {
    const char *field; /* ours */
    const char *criteria;
};

enum { KT_NAV_WHERES = 3 };

struct kt_nav_query {
    enum kt_nav_role role;
    struct kt_nav_where where[KT_NAV_WHERES];
    size_t wheres;
    struct kt_str bookmark; /* key of the row behind which to go on; empty: from the beginning */
    size_t size;            /* rows at most */
};

struct kt_nav_rows {
    void *item; /* structs of the page, each beginning with struct kt_nav_row */
    size_t count;
    bool is_stale; /* the bookmark is no longer good; nothing was read */
    bool is_last;  /* nothing comes behind these rows */
};

void kt_nav_where(struct kt_nav_query *q, const char *field, const char *criteria);

/* A page that the site does not publish fails with PARTNER_NOT_FOUND and is noted in the session.
 */
enum kt_rc kt_nav_read(struct kt_erp *erp, const struct kt_nav_query *q, struct kt_nav_rows *rows,
                       struct kt_arena *a, struct kt_err *e) KT_MUST;

/* All rows between two values of the page's key (field of kt_nav_page_of), or of a list of them, by
 * as many calls as it takes. A bookmark that goes stale on the way begins again at the last value
 * that was seen. Rows of a page that is absent or spared: none. */
enum kt_rc kt_nav_read_range(struct kt_erp *erp, enum kt_nav_role role, struct kt_str first,
                             struct kt_str last, struct kt_nav_rows *rows, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;
enum kt_rc kt_nav_read_list(struct kt_erp *erp, enum kt_nav_role role, const char *field,
                            const struct kt_str *value, size_t count, struct kt_nav_rows *rows,
                            struct kt_arena *a, struct kt_err *e) KT_MUST;
/* The whole page, for small tables. */
enum kt_rc kt_nav_read_whole(struct kt_erp *erp, enum kt_nav_role role, struct kt_nav_rows *rows,
                             struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
