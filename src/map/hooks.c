/* A customer's rules for records on their way in: enrich changes a record, validate refuses one.
 * What is returned is read back exactly or is a clear error; the rest of the batch goes on. One
 * state per thread; called by flow/intake. */
#include "map/map.h"

#include <lauxlib.h>
#include <string.h>

#include "map/push.h"
#include "map/read.h"
#include "map/run.h"

#define ENRICH   "enrich"
#define VALIDATE "validate"
#define ROUTE    "route"

struct kt_hooks {
    struct kt_map *map;
};

/* What one protected call works on. */
struct job {
    struct kt_map *map;
    const char *kind;
    const struct kt_shape *shape;
    const void *record;
    void *enriched;
    struct kt_arena *arena;
    const char *refusal;        /* what validate returned */
    const struct kt_view *view; /* of route */
    const char *erp;            /* what route returned */
};

enum kt_rc kt_hooks_open(struct kt_hooks **out, const char *file, const char *text,
                         struct kt_err *e)
{
    struct kt_map *map = NULL;
    *out = NULL;
    enum kt_rc rc = kt_map_open(&map, file, text, e);
    for (size_t i = 0; rc == KT_OK && i < map->function_count; i++) {
        const char *name = map->function[i];
        if (strcmp(name, ENRICH) == 0 || strcmp(name, VALIDATE) == 0 || strcmp(name, ROUTE) == 0)
            continue;
        const char *message = kt_format(
            map->arena, "there is no hook %s; known: " ENRICH ", " VALIDATE ", " ROUTE, name);
        rc = kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_MAPPING_FAILED, KT_P_TEXT("unit", file),
                     KT_P_TEXT("message", message));
    }
    if (rc != KT_OK) {
        kt_map_close(map);
        return rc;
    }
    *out = KT_NEW(map->arena, struct kt_hooks);
    (*out)->map = map;
    return KT_OK;
}

void kt_hooks_close(struct kt_hooks *hooks)
{
    if (hooks != NULL)
        kt_map_close(hooks->map); /* the struct itself lives in there */
}

/* --- inside the protected call --- */

/* The place and what the function returned stay on the stack. */
static void call_hook(lua_State *L, const struct job *job, const char *name, int results)
{
    if (!kt_map_push_function(L, job->map, name))
        luaL_error(L, "%s: there is no function %s", job->map->file, name);
    lua_pushstring(L, job->kind);
    kt_map_push_record(L, job->shape, job->record);
    lua_call(L, 2, results);
}

static int do_enrich(lua_State *L)
{
    struct job *job = lua_touserdata(L, 1);
    call_hook(L, job, ENRICH, 1);
    const char *place = lua_tostring(L, -2);
    if (lua_type(L, -1) != LUA_TTABLE)
        return luaL_error(L, "%s returned %s, not the record", place, luaL_typename(L, -1));
    kt_map_read_record(L, place, job->shape, job->enriched, job->arena);
    for (const struct kt_field *f = job->shape->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_KEY) == 0)
            continue;
        const struct kt_str *was = kt_field_at(job->record, f);
        const struct kt_str *is = kt_field_at(job->enriched, f);
        if (!kt_str_eq(*was, *is))
            return luaL_error(L, "%s: %s: is part of the key and cannot change", place, f->name);
    }
    return 0;
}

/* Nothing, nil or true: fine. false and a reason: refused. */
static int do_validate(lua_State *L)
{
    struct job *job = lua_touserdata(L, 1);
    call_hook(L, job, VALIDATE, 2);
    const char *place = lua_tostring(L, -3);
    if (lua_isnil(L, -2) || (lua_isboolean(L, -2) && lua_toboolean(L, -2)))
        return 0;
    if (!lua_isboolean(L, -2) || lua_type(L, -1) != LUA_TSTRING)
        return luaL_error(L, "%s returned a %s without a reason; refuse with error(\"…\")", place,
                          luaL_typename(L, -2));
    job->refusal = kt_map_fit(lua_tostring(L, -1), job->arena);
    return 0;
}

/* Nothing or nil: it does not say. */
static int do_route(lua_State *L)
{
    enum { NAME_MAX_BYTES = 100 };
    struct job *job = lua_touserdata(L, 1);
    if (!kt_map_push_function(L, job->map, ROUTE))
        return luaL_error(L, "%s: there is no function " ROUTE, job->map->file);
    kt_map_push_view(L, job->view);
    lua_call(L, 1, 1);
    const char *place = lua_tostring(L, -2);
    if (lua_isnil(L, -1))
        return 0;
    if (lua_type(L, -1) != LUA_TSTRING || lua_rawlen(L, -1) > NAME_MAX_BYTES)
        return luaL_error(L, "%s returned %s, not the name of an ERP", place, luaL_typename(L, -1));
    job->erp = kt_map_fit(lua_tostring(L, -1), job->arena);
    return 0;
}

/* --- verdicts --- */

/* NULL: a line of an order, with the buyer beside it. */
static bool is_personal(const struct kt_shape *shape)
{
    return shape == NULL || kt_shape_is_personal(shape);
}

static enum kt_rc refused(const struct job *job, const char *label, const char *sentence,
                          struct kt_err *e)
{
    struct kt_param_in said =
        is_personal(job->shape) ? KT_P_PERSON("message", sentence) : KT_P_TEXT("message", sentence);
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_RECORD_REFUSED_BY_RULE, KT_P_TEXT("record", label),
                   said);
}

/* "hooks.lua:12" of "hooks.lua:12: what happened", which may hold values of the record. */
static const char *place_of(const char *message, struct kt_arena *a)
{
    struct kt_str s = kt_str_of(message);
    const char *first = memchr(s.p, ':', s.n);
    const char *second =
        first != NULL ? memchr(first + 1, ':', s.n - (size_t)(first + 1 - s.p)) : NULL;
    return second != NULL ? kt_str_copy(a, kt_str_part(s, 0, (size_t)(second - s.p))).p : "";
}

static enum kt_rc failed(const struct job *job, const char *label, const char *message,
                         struct kt_err *e)
{
    if (!is_personal(job->shape)) {
        (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_MAPPING_FAILED, KT_P_TEXT("unit", label),
                      KT_P_TEXT("message", message));
        return kt_trail(e, "%s", message);
    }
    (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_MAPPING_FAILED, KT_P_TEXT("unit", label),
                  KT_P_PERSON("message", message));
    return kt_trail(e, "%s", place_of(message, job->arena));
}

static enum kt_rc run_hook(struct job *job, lua_CFunction what, const char *label, struct kt_err *e)
{
    struct kt_map_failure failure = kt_map_run(job->map, what, job, job->arena);
    if (failure.refusal != NULL) {
        (void)refused(job, label, failure.refusal, e);
        return kt_trail(e, "%s", place_of(failure.message, job->arena));
    }
    if (failure.message != NULL)
        return failed(job, label, failure.message, e);
    return job->refusal != NULL ? refused(job, label, job->refusal, e) : KT_OK;
}

enum kt_rc kt_hooks_enrich(struct kt_hooks *hooks, const char *kind, const struct kt_shape *shape,
                           void *record, const char *label, struct kt_arena *a, struct kt_err *e)
{
    if (hooks == NULL || !kt_map_has(hooks->map, ENRICH))
        return KT_OK;
    struct job job = {
        .map = hooks->map, .kind = kind, .shape = shape, .record = record, .arena = a
    };
    job.enriched = kt_alloc(a, shape->size);
    enum kt_rc rc = run_hook(&job, do_enrich, label, e);
    if (rc != KT_OK)
        return rc;
    rc = kt_shape_check(shape, job.enriched, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "%s: " ENRICH, hooks->map->file);
    memcpy(record, job.enriched, shape->size);
    return KT_OK;
}

enum kt_rc kt_hooks_validate(struct kt_hooks *hooks, const char *kind, const struct kt_shape *shape,
                             const void *record, const char *label, struct kt_arena *a,
                             struct kt_err *e)
{
    if (hooks == NULL || !kt_map_has(hooks->map, VALIDATE))
        return KT_OK;
    struct job job = {
        .map = hooks->map, .kind = kind, .shape = shape, .record = record, .arena = a
    };
    return run_hook(&job, do_validate, label, e);
}

bool kt_hooks_has_route(const struct kt_hooks *hooks)
{
    return hooks != NULL && kt_map_has(hooks->map, ROUTE);
}

enum kt_rc kt_hooks_route(struct kt_hooks *hooks, const struct kt_view *view, const char *label,
                          const char **erp, struct kt_arena *a, struct kt_err *e)
{
    *erp = NULL;
    if (!kt_hooks_has_route(hooks))
        return KT_OK;
    struct job job = { .map = hooks->map, .view = view, .arena = a };
    enum kt_rc rc = run_hook(&job, do_route, label, e);
    if (rc == KT_OK)
        *erp = job.erp;
    return rc;
}
