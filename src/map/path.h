#ifndef KT_MAP_PATH_H
#define KT_MAP_PATH_H

#include <lua.h>

#include "map/state.h"

/* Where in a table one stands, for messages: "meta_data[2].value". */
struct kt_map_step {
    const char *name; /* member, or NULL: entry */
    lua_Integer index;
};

struct kt_map_path {
    lua_State *L;
    const char *place; /* who returned the table: "woocommerce.lua:12: product" */
    struct kt_map_step step[KT_MAP_DEPTH];
    unsigned depth;
};

void kt_map_path_enter(struct kt_map_path *p, const char *name, lua_Integer index);
void kt_map_path_leave(struct kt_map_path *p);
/* Raises "PLACE: PATH: WHAT". */
void kt_map_path_refuse(const struct kt_map_path *p, const char *what);

#endif
