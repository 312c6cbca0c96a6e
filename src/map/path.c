/* The path of a field inside a table that a mapping returned, so that a refusal names it. The
 * thread of the state; called by emit.c and read.c. */
#include "map/path.h"

#include <inttypes.h>
#include <lauxlib.h>
#include <stdio.h>

enum { PATH_BYTES = 200 };

static void write_path(const struct kt_map_path *p, char *text, size_t size)
{
    size_t n = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < p->depth && n < size; i++) {
        const struct kt_map_step *s = &p->step[i];
        int w = s->name != NULL ? snprintf(text + n, size - n, "%s%s", i > 0 ? "." : "", s->name)
                                : snprintf(text + n, size - n, "[%" PRId64 "]", (int64_t)s->index);
        n += w > 0 ? (size_t)w : 0;
    }
}

void kt_map_path_refuse(const struct kt_map_path *p, const char *what)
{
    char path[PATH_BYTES];
    write_path(p, path, sizeof path);
    luaL_error(p->L, "%s: %s: %s", p->place, path[0] != '\0' ? path : "the result", what);
}

void kt_map_path_enter(struct kt_map_path *p, const char *name, lua_Integer index)
{
    if (p->depth >= KT_MAP_DEPTH)
        kt_map_path_refuse(p, "is nested more than 32 deep");
    p->step[p->depth++] = (struct kt_map_step){ name, index };
}

void kt_map_path_leave(struct kt_map_path *p)
{
    p->depth--;
}
