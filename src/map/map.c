/* The mapping: compiles a mapping file once, then runs it afresh for each record, so that nothing a
 * call leaves behind reaches the next one. Everything that can fail inside Lua runs in one
 * protected call (run.c). One state per thread; called by flow/push. */
#include "map/map.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "map/emit.h"
#include "map/push.h"
#include "map/run.h"
#include "map/state.h"

enum { FUNCTIONS_MAX = 64, NAME_MAX_BYTES = 60, SOURCE_MAX = 1 << 20 };

/* What one protected call works on. */
struct job {
    struct kt_map *map;
    const char *text;
    const char *function;
    const struct kt_view *view;
    struct kt_buf out; /* payload, or why it is not offered */
    bool is_offered;
};

static struct job *job_of(lua_State *L)
{
    return lua_touserdata(L, 1);
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
    kt_map_run_file(L, map);
    note_functions(L, map);
    return 0;
}

/* Calls the job's function with its view; its place lies below what it returned. */
static void call_function(lua_State *L, const struct job *job, int results)
{
    if (!kt_map_push_function(L, job->map, job->function))
        luaL_error(L, "%s: there is no function %s", job->map->file, job->function);
    kt_map_push_view(L, job->view);
    lua_call(L, 1, results);
}

static int do_call(lua_State *L)
{
    struct job *job = job_of(L);
    call_function(L, job, 1);
    const char *place = lua_tostring(L, -2);
    if (lua_type(L, -1) != LUA_TTABLE)
        return luaL_error(L, "%s returned %s, not a table", place, luaL_typename(L, -1));
    kt_map_emit(L, place, &job->out);
    return 0;
}

/* true or nothing; false and a reason */
static int do_route(lua_State *L)
{
    struct job *job = job_of(L);
    call_function(L, job, 2);
    const char *place = lua_tostring(L, -3);
    if (!lua_isnil(L, -2) && !lua_isboolean(L, -2))
        return luaL_error(L, "%s returned %s, not true, or false and a reason", place,
                          luaL_typename(L, -2));
    if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING)
        return luaL_error(L, "%s: the reason is a %s, not a text", place, luaL_typename(L, -1));
    job->is_offered = lua_isnil(L, -2) || lua_toboolean(L, -2);
    if (!job->is_offered)
        kt_buf_text(&job->out, lua_isnil(L, -1) ? "" : lua_tostring(L, -1));
    return 0;
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
        message = kt_map_run(map, do_compile, &job, arena).message;
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

bool kt_map_has(const struct kt_map *map, const char *function)
{
    for (size_t i = 0; i < map->function_count; i++) {
        if (strcmp(map->function[i], function) == 0)
            return true;
    }
    return false;
}

static enum kt_rc failed(const char *record, const char *message, struct kt_err *e)
{
    (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_MAPPING_FAILED, KT_P_TEXT("unit", record),
                  KT_P_TEXT("message", message));
    return kt_trail(e, "%s", message);
}

enum kt_rc kt_map_call(struct kt_map *map, const char *function, const struct kt_view *view,
                       const char *record, struct kt_str *payload, struct kt_arena *a,
                       struct kt_err *e)
{
    struct job job = { .map = map, .function = function, .view = view };
    kt_buf_init(&job.out, a, KT_MAP_TEXT_MAX);
    struct kt_map_failure failure = kt_map_run(map, do_call, &job, a);
    if (failure.refusal != NULL) {
        (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_RECORD_REFUSED_BY_RULE,
                      KT_P_TEXT("record", record), KT_P_TEXT("message", failure.refusal));
        return kt_trail(e, "%s", failure.message);
    }
    if (failure.message != NULL)
        return failed(record, failure.message, e);
    *payload = kt_buf_view(&job.out);
    return KT_OK;
}

enum kt_rc kt_map_route(struct kt_map *map, const struct kt_view *view, const char *record,
                        bool *is_offered, const char **reason, struct kt_arena *a, struct kt_err *e)
{
    enum { REASON_BYTES = 2000 };
    struct job job = { .map = map, .function = "route", .view = view };
    *is_offered = true;
    *reason = "";
    if (!kt_map_has(map, job.function))
        return KT_OK;
    kt_buf_init(&job.out, a, REASON_BYTES);
    const char *message = kt_map_run(map, do_route, &job, a).message;
    if (message == NULL && !kt_buf_ok(&job.out))
        message = kt_format(a, "%s: route: the reason is longer than 2000 bytes", map->file);
    if (message == NULL && !kt_utf8_ok(kt_buf_view(&job.out)))
        message = kt_format(a, "%s: route: the reason is no valid UTF-8 text", map->file);
    if (message != NULL)
        return failed(record, message, e);
    *is_offered = job.is_offered;
    if (!job.is_offered)
        *reason = kt_buf_view(&job.out).p;
    return KT_OK;
}
