#ifndef KT_PORT_ENV_H
#define KT_PORT_ENV_H

#include "base/log.h"

/* What every session of an adapter gets. Outlives the session. */
struct kt_env {
    const char *name;  /* of the endpoint, as configured: "main", "shop" */
    const char *scope; /* of the records an ERP delivers; NULL for channels */
    struct kt_log log; /* carries the endpoint's name */
};

/* A partner's own idea of who it is, pinned on the first contact (R39). */
struct kt_identity {
    const char *text;    /* "S4P/800"; in the arena */
    const char *version; /* for people */
};

#endif
