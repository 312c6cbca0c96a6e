#ifndef KT_APP_CONFIG_H
#define KT_APP_CONFIG_H

#include "door/door.h"
#include "flow/site.h"
#include "wire/wss_site.h"

/* One generation of the configuration: read, checked and completed as a whole, then read-only. */
struct kt_config {
    struct kt_site site;
    struct kt_door_conf door; /* listen, push, partners, drop */
    struct kt_wss_conf wss;   /* keys, wss; opened by kt_app_keys as site.wss */
    const char *file;
    const struct kt_conf_node *root; /* as it was read */
    struct kt_arena *arena;
    struct kt_arena *secrets; /* wiped at close */
};

/* Reads `file`, lists ALL problems in *problems and gives NULL if there is one. Opens no connection
 * and no database. */
struct kt_config *kt_config_load(const char *file, struct kt_problems *problems);
void kt_config_close(struct kt_config *config); /* NULL is fine */

/* The policy of WS-Security that an ERP's connection names; NULL: none. */
const char *kt_config_connection_policy(const struct kt_erp_site *erp);

/* Whose policy became somebody else's in the new file ("partner sap"), so that the new keys would
 * let one in as the other while partners stay what they were; NULL: nobody's. */
const char *kt_config_moved_policy(const struct kt_config *running, const struct kt_config *fresh,
                                   struct kt_arena *a);

/* Names of the top-level settings that differ as they are written, in the order of `b`'s file, then
 * of `a`'s; "a, b". Secrets behind file: and env: are not looked at. "": none. */
const char *kt_config_differs(const struct kt_config *a, const struct kt_config *b,
                              const char *const *besides, struct kt_arena *arena);

#endif
