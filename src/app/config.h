#ifndef KT_APP_CONFIG_H
#define KT_APP_CONFIG_H

#include "door/door.h"
#include "flow/site.h"

/* One generation of the configuration: read, checked and completed as a whole, then read-only. */
struct kt_config {
    struct kt_site site;
    struct kt_door_conf door; /* listen, push, partners, drop */
    const char *file;
    struct kt_arena *arena;
    struct kt_arena *secrets; /* wiped at close */
};

/* Reads `file`, lists ALL problems in *problems and gives NULL if there is one. Opens no connection
 * and no database. */
struct kt_config *kt_config_load(const char *file, struct kt_problems *problems);
void kt_config_close(struct kt_config *config); /* NULL is fine */

#endif
