#ifndef KT_ERP_NAV_DATE_H
#define KT_ERP_NAV_DATE_H

#include "base/str.h"
#include "base/time.h"

/* Days in filters: NAV reads them as the service user's language writes them. */
struct kt_nav_dates {
    char part[3];    /* 'd', 'm', 'y' in their order */
    char mark[2][4]; /* what stands between them; "" : nothing */
    char tail[4];
    bool is_short; /* two digits of the year */
};

enum { KT_NAV_DAY_MAX = 32 };

/* From 31 December 2001 as the service user sees it. False: cannot be told. */
bool kt_nav_dates_learn(struct kt_nav_dates *out, struct kt_str sample) KT_MUST;
/* A day as a filter takes it; `out` holds KT_NAV_DAY_MAX bytes. Two digits only for the years that
 * NAV reads back from them (1930 to 2029). */
void kt_nav_dates_write(const struct kt_nav_dates *dates, struct kt_day day, char *out);

#endif
