#ifndef KT_PORT_ENV_H
#define KT_PORT_ENV_H

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"

struct kt_wss_site;

/* What every session of an adapter gets. Outlives the session. */
struct kt_env {
    const char *name;        /* of the endpoint, as configured: "main", "shop" */
    const char *scope;       /* of the records an ERP delivers; NULL for channels */
    struct kt_log log;       /* carries the endpoint's name */
    struct kt_wss_site *wss; /* keys and policies (wire/wss_site.h); NULL: none, or not loaded */
};

/* A partner's own idea of who it is, pinned on the first contact (R39). */
struct kt_identity {
    const char *text;    /* "S4P/800"; in the arena */
    const char *version; /* for people */
};

/* Where a site's own contract (WSDL, schema, index of an API) differs from the one that the adapter
 * was built for. The verdict's rc says what follows: KT_CONFIG a flow cannot run, KT_REJECT
 * something does not travel or is cut off, KT_OK worth knowing and harmless. */
struct kt_deviation {
    struct kt_verdict v;
    enum kt_code follows; /* FOLLOWS_…: what becomes of it, said behind v; KT_E_NONE: v says all */
};

struct kt_deviations {
    struct kt_deviation *item;
    size_t count;
    size_t room;
    struct kt_arena *arena; /* where it grows */
};
struct kt_verdict *kt_deviations_add(struct kt_deviations *d); /* an empty one, to be judged */
void kt_deviations_put(struct kt_deviations *d, const struct kt_verdict *v, enum kt_code follows);

#endif
