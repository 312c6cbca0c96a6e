#ifndef KT_FLOW_WORK_H
#define KT_FLOW_WORK_H

#include "flow/site.h"
#include "store/committer.h"

/* What a thread of the flow works with; all of it is its own, but for the site and committer. */
struct kt_work {
    const struct kt_site *site;
    struct kt_db *db;
    struct kt_committer *committer; /* shared; only the pull needs it */
    struct kt_arena *arena;         /* of the job at hand; reset between jobs */
    struct kt_log log;
};

#endif
