#ifndef KT_FLOW_NEARING_H
#define KT_FLOW_NEARING_H

#include "flow/work.h"

/* Things that end some day and are told in time: a key, a certificate of an article, the patience
 * with a source that is silent. */
struct kt_nearing {
    const char *event; /* of the log: "certificate.ends" */
    const char *what;  /* the exception's key; each once in a list */
    const char *place; /* for IT: a file, …; "" */
    const char *date;  /* of its end, for the log */
    int64_t until_us;
    const int64_t *before_us; /* how long before its end it is told: the longest first */
    size_t stages;
    struct kt_verdict v;
};

/* Keeps an exception (subject, endpoint installation) open for each that is near: opened at its
 * first stage, counted and logged anew at each further one, as an error at the last two.
 * What is far again, or no longer in the list, closes by itself. Its own transaction; what was told
 * stands in the database, so any number of nodes may look. */
enum kt_rc kt_nearing_tell(struct kt_work *w, const char *subject, const struct kt_nearing *item,
                           size_t count, struct kt_err *e) KT_MUST;

#endif
