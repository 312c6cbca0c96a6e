#ifndef KT_MAP_LIBRARY_H
#define KT_MAP_LIBRARY_H

#include <lua.h>
#include <stdbool.h>

/* Adds the library of mappings to the table on top: tostring tonumber type pairs, string, table,
 * utf8, map. Every function charges what it costs. */
void kt_map_open_library(lua_State *L);

/* Adds find, match, gmatch and gsub to the table on top: text.c. */
void kt_map_open_patterns(lua_State *L);

/* Raises an error unless the value at index is a text, number, boolean, nil or decimal. */
void kt_map_check_text(lua_State *L, int index);

/* Was the table at index marked by map.list? Is the value at index map.null? */
bool kt_map_is_list(lua_State *L, int index);
bool kt_map_is_null(lua_State *L, int index);

#endif
