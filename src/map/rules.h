#ifndef KT_MAP_RULES_H
#define KT_MAP_RULES_H

#include <lua.h>

/* What rules of merchants are written with, beyond Lua's own: each adds to the table on top. */
void kt_map_open_refusals(lua_State *L); /* error, assert */
void kt_map_open_words(lua_State *L);    /* split, trim */
void kt_map_open_look_ups(lua_State *L); /* find, lookup, join, add_days, days_between */

/* What error or assert said, without its place, if the text at index is what they raised last;
 * else NULL. Valid until the next call into the state. */
const char *kt_map_refusal(lua_State *L, int index);
void kt_map_forget_refusal(lua_State *L);

#endif
