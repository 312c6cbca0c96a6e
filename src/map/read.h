#ifndef KT_MAP_READ_H
#define KT_MAP_READ_H

#include <lua.h>

#include "base/arena.h"
#include "model/shape.h"

/* Reads the table on top back into *record (zeroed), by its shape; texts and lists go into `a`.
 * place: who returned it, for messages. Raises a Lua error that names place and field path: an
 * unknown field, another type, a needed field that is nil. Lists keep their order. */
void kt_map_read_record(lua_State *L, const char *place, const struct kt_shape *shape, void *record,
                        struct kt_arena *a);

#endif
