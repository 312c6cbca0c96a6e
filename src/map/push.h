#ifndef KT_MAP_PUSH_H
#define KT_MAP_PUSH_H

#include <lua.h>

#include "map/map.h"

/* Pushes the view as one table. Raises a Lua error when the budgets do not allow it. Parts and
 * lists of a record become tables when they are first looked at: records outlive the call. */
void kt_map_push_view(lua_State *L, const struct kt_view *view);
void kt_map_push_record(lua_State *L, const struct kt_shape *shape, const void *record);

/* Makes what nobody has looked at yet in the table at index, before it is walked through: pairs,
 * emit. No record: nothing happens. */
void kt_map_complete(lua_State *L, int index);

/* The record behind the table at index and which of its fields nobody has looked at; NULL: the
 * table is no record's, or all of it has been made. */
const void *kt_map_untouched(lua_State *L, int index, uint64_t *fields);

/* Is the table at index a record of this shape, as it was pushed? */
bool kt_map_is_of(lua_State *L, int index, const struct kt_shape *shape) KT_MUST;

#endif
