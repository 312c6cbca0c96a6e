#ifndef KT_MAP_DECIMAL_H
#define KT_MAP_DECIMAL_H

#include <lua.h>

#include "base/dec.h"

/* Exact decimals as Lua values; docs/mapping.md lists their methods. */
void kt_map_open_decimal(lua_State *L); /* adds dec() to the table on top */
void kt_map_push_dec(lua_State *L, struct kt_dec d);
bool kt_map_is_dec(lua_State *L, int index, struct kt_dec *out) KT_MUST;

#endif
