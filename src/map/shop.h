#ifndef KT_MAP_SHOP_H
#define KT_MAP_SHOP_H

#include <lua.h>

/* What mappings of shops write texts with: adds json, html and energy to the table on top. */
void kt_map_open_shop(lua_State *L);

#endif
