#ifndef KT_MAP_EMIT_H
#define KT_MAP_EMIT_H

#include <lua.h>

#include "base/str.h"

/* Writes the value on top of the stack as canonical JSON: members sorted by bytes, no blanks.
 * place: who returned it, for messages. Raises a Lua error that names place and field path. */
void kt_map_emit(lua_State *L, const char *place, struct kt_buf *out);

#endif
