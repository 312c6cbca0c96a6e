#ifndef KT_MAP_PUSH_H
#define KT_MAP_PUSH_H

#include <lua.h>

#include "map/map.h"

/* Pushes the view as one table. Raises a Lua error when the budgets do not allow it. */
void kt_map_push_view(lua_State *L, const struct kt_view *view);

#endif
