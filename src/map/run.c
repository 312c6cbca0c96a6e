/* One protected call into a mapping's state, with its budgets, and what a failure says. The thread
 * of the state; called by map.c and hooks.c. */
#include "map/run.h"

#include <lauxlib.h>
#include <string.h>

#include "map/rules.h"

enum { MESSAGE_BYTES = 2000, GARBAGE_BYTES = 2 << 20 };

void kt_map_run_file(lua_State *L, const struct kt_map *map)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, map);
    kt_map_push_environment(L);
    if (lua_setupvalue(L, -2, 1) == NULL)
        lua_pop(L, 1); /* a file that uses no global at all */
    lua_call(L, 0, 1);
    if (lua_type(L, -1) != LUA_TTABLE)
        luaL_error(L, "%s: the file returns a %s, not a table of functions", map->file,
                   luaL_typename(L, -1));
}

bool kt_map_push_function(lua_State *L, const struct kt_map *map, const char *name)
{
    lua_Debug at;
    if (!kt_map_has(map, name))
        return false;
    kt_map_run_file(L, map);
    lua_pushstring(L, name);
    if (lua_rawget(L, -2) != LUA_TFUNCTION)
        luaL_error(L, "%s: there is no function %s", map->file, name); /* this time */
    lua_pushvalue(L, -1);
    if (lua_getinfo(L, ">S", &at) == 0)
        at.linedefined = 0;
    lua_pushfstring(L, "%s:%d: %s", map->file, at.linedefined, name);
    lua_insert(L, -2);
    lua_remove(L, -3);
    return true;
}

const char *kt_map_fit(const char *text, struct kt_arena *a)
{
    struct kt_str s = kt_str_of(text);
    char *out = kt_alloc(a, MESSAGE_BYTES + 1);
    size_t n = 0;
    while (s.n > 0) {
        size_t step = kt_utf8_step(s);
        size_t taken = step > 0 ? step : 1;
        if (n + taken > MESSAGE_BYTES)
            break;
        memcpy(out + n, step > 0 ? s.p : "?", taken);
        n += taken;
        s = kt_str_part(s, taken, s.n - taken);
    }
    return out;
}

/* Expects what was raised on top. */
static struct kt_map_failure tell(struct kt_map *map, int status, struct kt_arena *a)
{
    lua_State *L = map->lua;
    struct kt_map_failure failure = { 0 };
    if (status == LUA_ERRMEM) {
        failure.message = kt_format(a, "%s: %s", map->file, kt_map_spent_text(map->spent));
        return failure;
    }
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    if (text == NULL) {
        failure.message =
            kt_format(a, "%s: raised a %s instead of a text", map->file, luaL_typename(L, -1));
        return failure;
    }
    failure.message = kt_map_fit(text, a);
    const char *refusal = map->spent == KT_SPENT_NOT ? kt_map_refusal(L, -1) : NULL;
    if (refusal != NULL)
        failure.refusal = kt_map_fit(refusal, a);
    return failure;
}

struct kt_map_failure kt_map_run(struct kt_map *map, lua_CFunction what, void *job,
                                 struct kt_arena *a)
{
    lua_State *L = map->lua;
    struct kt_map_failure failure = { 0 };
    map->lazies = 0;
    kt_map_budget_start(map);
    lua_pushcfunction(L, what);
    lua_pushlightuserdata(L, job);
    int status = lua_pcall(L, 1, 0, 0);
    if (status == LUA_ERRMEM && map->spent == KT_SPENT_NOT)
        map->spent = KT_SPENT_MEMORY;
    kt_map_budget_end(map);
    if (status != LUA_OK)
        failure = tell(map, status, a);
    lua_settop(L, 0);
    kt_map_forget_refusal(L);
    if (map->used > GARBAGE_BYTES)
        lua_gc(L, LUA_GCCOLLECT);
    return failure;
}
