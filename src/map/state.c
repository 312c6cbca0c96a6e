/* The sandbox of a mapping: own allocator with a limit, budgets for steps and time, and the list of
 * what may be called. Everything that is not listed here does not exist for a mapping.
 * One state per thread; called by map.c. A used-up budget stays used up until the next call, and
 * pcall passes it on, so no mapping can catch it. */
#include "map/state.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "map/decimal.h"
#include "map/library.h"

enum {
    HOOK_STEPS = 100,      /* instructions between two looks at the budgets */
    BYTES_PER_STEP = 64,   /* what moving memory costs */
    REFUSAL_STEPS = 20000, /* a refused allocation makes Lua collect everything: dear */
    CLOCK_STEPS = 200,     /* charged steps between two looks at the clock */
    CLOCK_BYTES = 4096     /* allocations from this size on look at the clock */
};

struct kt_map *kt_map_of(lua_State *L)
{
    return *(struct kt_map **)lua_getextraspace(L);
}

const char *kt_map_spent_text(enum kt_spent spent)
{
    switch (spent) {
    case KT_SPENT_STEPS:
        return "used up its 1000000 steps";
    case KT_SPENT_TIME:
        return "used up its time of 1 s";
    case KT_SPENT_MEMORY:
        return "used up its 16 MB of memory";
    case KT_SPENT_NOT:
        break;
    }
    return "";
}

static void note_spent(struct kt_map *map, enum kt_spent what)
{
    if (map->spent == KT_SPENT_NOT)
        map->spent = what;
}

static void look_at_clock(struct kt_map *map)
{
    map->clock_at = map->steps_left - CLOCK_STEPS;
    if (kt_mono_us() > map->deadline_us)
        note_spent(map, KT_SPENT_TIME);
}

/* Allocation may not raise an error: it counts and refuses, the next step of the program stops. */
static bool may_grow(struct kt_map *map, size_t more)
{
    if (map->is_counting) {
        map->steps_left -= (int64_t)(more / BYTES_PER_STEP);
        if (map->steps_left < 0)
            note_spent(map, KT_SPENT_STEPS);
        if (more >= CLOCK_BYTES)
            look_at_clock(map);
        if (map->spent != KT_SPENT_NOT)
            return false;
    }
    if (map->used + more <= KT_MAP_MEMORY)
        return true;
    if (map->is_counting) {
        map->steps_left -= REFUSAL_STEPS;
        look_at_clock(map);
    }
    return false;
}

static void *allocate(void *ud, void *old, size_t old_size, size_t size)
{
    struct kt_map *map = ud;
    size_t had = old != NULL ? old_size : 0;
    if (size == 0) {
        free(old);
        map->used -= had;
        return NULL;
    }
    if (size > had && !may_grow(map, size - had))
        return NULL;
    void *now = realloc(old, size);
    if (now == NULL)
        return size <= had ? old : NULL;
    map->used += size - had; /* wraps round correctly where it shrinks */
    return now;
}

/* Where the mapping stood: the innermost function that has lines. */
static void push_place(lua_State *L)
{
    lua_Debug at;
    for (int level = 0; level < 8 && lua_getstack(L, level, &at) != 0; level++) {
        if (lua_getinfo(L, "Sl", &at) != 0 && at.currentline > 0 && at.source[0] == '@') {
            lua_pushfstring(L, "%s:%d: ", at.short_src, at.currentline);
            return;
        }
    }
    lua_pushliteral(L, "");
}

static int raise_spent(lua_State *L)
{
    push_place(L);
    lua_pushstring(L, kt_map_spent_text(kt_map_of(L)->spent));
    lua_concat(L, 2);
    return lua_error(L);
}

void kt_map_charge(lua_State *L, size_t steps)
{
    struct kt_map *map = kt_map_of(L);
    if (!map->is_counting)
        return;
    map->steps_left -= (int64_t)steps;
    if (map->steps_left < 0)
        note_spent(map, KT_SPENT_STEPS);
    if (map->steps_left <= map->clock_at)
        look_at_clock(map);
    if (map->spent != KT_SPENT_NOT)
        (void)raise_spent(L); /* does not return */
}

void kt_map_charge_bytes(lua_State *L, size_t bytes)
{
    kt_map_charge(L, 1 + bytes / BYTES_PER_STEP);
}

/* An ordinary call makes little garbage: it is collected between calls, many calls' at once. */
static void on_count(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    if (kt_map_of(L)->used > KT_MAP_MEMORY / 2)
        lua_gc(L, LUA_GCRESTART);
    kt_map_charge(L, HOOK_STEPS);
}

void kt_map_budget_start(struct kt_map *map)
{
    map->steps_left = KT_MAP_STEPS;
    map->clock_at = KT_MAP_STEPS - CLOCK_STEPS;
    map->deadline_us = kt_mono_us() + KT_MAP_TIME_US;
    map->spent = KT_SPENT_NOT;
    map->is_counting = true;
    lua_gc(map->lua, LUA_GCSTOP);
    lua_sethook(map->lua, on_count, LUA_MASKCOUNT, HOOK_STEPS);
}

void kt_map_budget_end(struct kt_map *map)
{
    map->is_counting = false;
    lua_sethook(map->lua, NULL, 0, 0);
}

/* pcall that hands on what may not be caught. */
static int call_protected(lua_State *L)
{
    luaL_checkany(L, 1);
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    struct kt_map *map = kt_map_of(L);
    if (status == LUA_ERRMEM)
        note_spent(map, KT_SPENT_MEMORY);
    if (map->spent != KT_SPENT_NOT)
        return raise_spent(L);
    lua_pushboolean(L, status == LUA_OK);
    lua_insert(L, 1);
    return lua_gettop(L);
}

static int refuse_write(lua_State *L)
{
    return luaL_error(L, "\"%s\" is read-only; use a local variable",
                      lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "this table");
}

void kt_map_seal(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 2);
    lua_rotate(L, -3, -1); /* proxy, meta, table */
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, -2);
}

void kt_map_push_environment(lua_State *L)
{
    lua_newtable(L);
    lua_getfield(L, LUA_REGISTRYINDEX, "kt.environment");
    lua_setmetatable(L, -2);
}

/* Moves the named functions of the table on top into the table below it; drops the former. */
static void keep(lua_State *L, const char *const *names)
{
    for (; *names != NULL; names++) {
        lua_getfield(L, -1, *names);
        lua_setfield(L, -3, *names);
    }
    lua_pop(L, 1);
}

static void open_base(lua_State *L)
{
    static const char *const names[] = { "ipairs", "select", NULL };
    lua_pushcfunction(L, luaopen_base);
    lua_call(L, 0, 1);
    keep(L, names);
    lua_pushcfunction(L, call_protected);
    lua_setfield(L, -2, "pcall");
}

static void open_math(lua_State *L)
{
    static const char *const names[] = { "abs",        "ceil",       "floor",     "max",  "min",
                                         "maxinteger", "mininteger", "tointeger", "type", NULL };
    lua_newtable(L);
    lua_pushcfunction(L, luaopen_math);
    lua_call(L, 0, 1);
    keep(L, names);
    kt_map_seal(L);
    lua_setfield(L, -2, "math");
}

static int set_up(lua_State *L)
{
    lua_newtable(L); /* what a mapping finds as its globals */
    open_base(L);
    open_math(L);
    kt_map_open_library(L);
    kt_map_open_decimal(L);

    lua_createtable(L, 0, 2); /* the metatable of every environment */
    lua_insert(L, -2);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
    lua_setfield(L, LUA_REGISTRYINDEX, "kt.environment");

    lua_newtable(L); /* luaopen_base filled the real globals: nobody gets at them, drop them */
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    return 0;
}

bool kt_map_state_open(struct kt_map *map)
{
    lua_State *L = lua_newstate(allocate, map);
    if (L == NULL)
        return false;
    map->lua = L;
    *(struct kt_map **)lua_getextraspace(L) = map;
    lua_pushcfunction(L, set_up);
    return lua_pcall(L, 0, 0, 0) == LUA_OK;
}
