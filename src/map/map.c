/* The mapping: compiles a mapping file once, then runs it afresh for each record, so that nothing a
 * call leaves behind reaches the next one. Everything that can fail inside Lua runs in one
 * protected call. One state per thread; called by flow/push. */
#include "map/map.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "map/emit.h"
#include "map/push.h"
#include "map/state.h"

enum { FUNCTIONS_MAX = 64, NAME_MAX_BYTES = 60, SOURCE_MAX = 1 << 20 };

/* What one protected call works on. */
struct job {
    struct kt_map *map;
    const char *text;
    const char *function;
    const struct kt_view *view;
    struct kt_buf out;
};

static struct job *job_of(lua_State *L)
{
    return lua_touserdata(L, 1);
}

/* Runs the compiled file in a fresh environment; its table of functions stays on top. */
static void run_file(lua_State *L, const struct kt_map *map)
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

static void note_functions(lua_State *L, struct kt_map *map)
{
    map->function = KT_NEW_ARRAY(map->arena, FUNCTIONS_MAX, const char *);
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TFUNCTION)
            luaL_error(L, "%s: the table it returns holds functions by name, nothing else",
                       map->file);
        if (map->function_count == FUNCTIONS_MAX || lua_rawlen(L, -2) > NAME_MAX_BYTES)
            luaL_error(L, "%s: too many functions or too long a name", map->file);
        map->function[map->function_count++] = kt_text_copy(map->arena, lua_tostring(L, -2));
        lua_pop(L, 1);
    }
}

static int do_compile(lua_State *L)
{
    struct job *job = job_of(L);
    struct kt_map *map = job->map;
    const char *name = kt_format(map->arena, "@%s", map->file);
    if (luaL_loadbufferx(L, job->text, strlen(job->text), name, "t") != LUA_OK)
        return lua_error(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, map);
    run_file(L, map);
    note_functions(L, map);
    return 0;
}

static int do_call(lua_State *L)
{
    struct job *job = job_of(L);
    lua_Debug at;
    run_file(L, job->map);
    lua_pushstring(L, job->function);
    if (lua_rawget(L, -2) != LUA_TFUNCTION)
        return luaL_error(L, "%s: there is no function %s", job->map->file, job->function);
    lua_pushvalue(L, -1);
    if (lua_getinfo(L, ">S", &at) == 0)
        at.linedefined = 0;
    kt_map_push_view(L, job->view);
    lua_call(L, 1, 1);
    const char *place =
        lua_pushfstring(L, "%s:%d: %s", job->map->file, at.linedefined, job->function);
    lua_insert(L, -2);
    if (lua_type(L, -1) != LUA_TTABLE)
        return luaL_error(L, "%s returned %s, not a table", place, luaL_typename(L, -1));
    kt_map_emit(L, place, &job->out);
    return 0;
}

/* KT_MUST of lua_pcall: turns its outcome into a message in the arena, NULL when it went well. */
static const char *run(struct kt_map *map, lua_CFunction what, struct job *job, struct kt_arena *a)
{
    lua_State *L = map->lua;
    const char *message = NULL;
    kt_map_budget_start(map);
    lua_pushcfunction(L, what);
    lua_pushlightuserdata(L, job);
    int status = lua_pcall(L, 1, 0, 0);
    if (status == LUA_ERRMEM && map->spent == KT_SPENT_NOT)
        map->spent = KT_SPENT_MEMORY;
    kt_map_budget_end(map);
    if (status != LUA_OK) {
        const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        if (status == LUA_ERRMEM)
            message = kt_format(a, "%s: %s", map->file, kt_map_spent_text(map->spent));
        else if (text != NULL)
            message = kt_text_copy(a, text);
        else
            message =
                kt_format(a, "%s: raised a %s instead of a text", map->file, luaL_typename(L, -1));
    }
    lua_settop(L, 0);
    if (map->used > KT_MAP_MEMORY / 2)
        lua_gc(L, LUA_GCCOLLECT);
    return message;
}

enum kt_rc kt_map_open(struct kt_map **out, const char *file, const char *text, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    const char *message = NULL;
    struct kt_arena *arena = kt_arena_new();
    struct kt_map *map = KT_NEW(arena, struct kt_map);
    struct job job = { .map = map, .text = text };
    map->arena = arena;
    map->file = kt_text_copy(arena, file);
    *out = NULL;
    if (strlen(text) > SOURCE_MAX) {
        message = "the file is larger than 1 MB";
    } else if (!kt_map_state_open(map)) {
        message = "no memory for the state";
    } else {
        message = run(map, do_compile, &job, arena);
    }
    if (message == NULL) {
        *out = map;
        return KT_OK;
    }
    rc = kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_MAPPING_FAILED, KT_P_TEXT("unit", file),
                 KT_P_TEXT("message", message));
    rc = rc != KT_OK ? kt_trail(e, "%s", message) : rc;
    kt_map_close(map);
    return rc;
}

void kt_map_close(struct kt_map *map)
{
    if (map == NULL)
        return;
    if (map->lua != NULL)
        lua_close(map->lua);
    kt_arena_free(map->arena); /* the struct itself lives in there */
}

bool kt_map_has(struct kt_map *map, const char *function)
{
    for (size_t i = 0; i < map->function_count; i++) {
        if (strcmp(map->function[i], function) == 0)
            return true;
    }
    return false;
}

enum kt_rc kt_map_call(struct kt_map *map, const char *function, const struct kt_view *view,
                       const char *record, struct kt_str *payload, struct kt_arena *a,
                       struct kt_err *e)
{
    struct job job = { .map = map, .function = function, .view = view };
    kt_buf_init(&job.out, a, KT_MAP_TEXT_MAX);
    const char *message = run(map, do_call, &job, a);
    if (message == NULL) {
        *payload = kt_buf_view(&job.out);
        return KT_OK;
    }
    (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_MAPPING_FAILED, KT_P_TEXT("unit", record),
                  KT_P_TEXT("message", message));
    return kt_trail(e, "%s", message);
}
