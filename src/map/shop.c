/* The library for what shops show: a value as JSON text, a text fit for HTML, the classes of an
 * energy label. Every function charges what it costs. The thread of the state; called by library.c.
 */
#include "map/shop.h"

#include <lauxlib.h>
#include <string.h>

#include "map/emit.h"
#include "map/state.h"

static struct kt_str text_arg(lua_State *L, int index)
{
    struct kt_str s = { NULL, 0 };
    s.p = luaL_checklstring(L, index, &s.n);
    return s;
}

/* --- JSON --- */

/* A text's buffer lives in an arena, which the collector frees also when something is raised. */
static int free_arena(lua_State *L)
{
    struct kt_arena **place = lua_touserdata(L, 1);
    kt_arena_free(*place);
    *place = NULL;
    return 0;
}

static struct kt_arena *push_arena(lua_State *L)
{
    struct kt_arena **place = lua_newuserdatauv(L, sizeof(struct kt_arena *), 0);
    *place = NULL;
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, free_arena);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    *place = kt_arena_new();
    return *place;
}

/* json(value): the text that a payload would hold for it. */
static int json(lua_State *L)
{
    struct kt_buf out;
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    struct kt_arena *arena = push_arena(L); /* 2 */
    kt_buf_init(&out, arena, KT_MAP_TEXT_MAX);
    lua_pushvalue(L, 1);
    kt_map_emit(L, "map.json", &out);
    const struct kt_str text = kt_buf_view(&out);
    kt_map_charge_bytes(L, text.n);
    lua_pushlstring(L, text.p, text.n);
    kt_arena_free(*(struct kt_arena **)lua_touserdata(L, 2));
    *(struct kt_arena **)lua_touserdata(L, 2) = NULL;
    return 1;
}

/* --- HTML --- */

/* html(text): its signs as entities, so that it is text between tags and in quotes alike. */
static int html(lua_State *L)
{
    static const struct {
        char sign;
        const char *entity;
    } signs[] = {
        { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" },
    };
    luaL_Buffer b;
    const struct kt_str s = text_arg(L, 1);
    kt_map_charge_bytes(L, s.n);
    luaL_buffinit(L, &b);
    for (size_t i = 0; i < s.n; i++) {
        size_t k = 0;
        while (k < KT_COUNT(signs) && signs[k].sign != s.p[i])
            k++;
        if (k < KT_COUNT(signs))
            luaL_addstring(&b, signs[k].entity);
        else
            luaL_addchar(&b, s.p[i]);
    }
    luaL_pushresult(&b);
    return 1;
}

/* --- energy labels --- */

/* From the worst to the best. Labels of old go up to A+++, those of today to A. */
static const char *const classes[] = { "G", "F", "E", "D", "C", "B", "A", "A+", "A++", "A+++" };

static int rank_of(struct kt_str name)
{
    for (size_t i = 0; i < KT_COUNT(classes); i++) {
        if (kt_str_is(name, classes[i]))
            return (int)i;
    }
    return -1;
}

static bool is_sign(char c)
{
    return (c >= 'A' && c <= 'G') || c == '+';
}

/* The next class in the text: letters as they are written on labels, whatever stands between. */
static struct kt_str next_class(struct kt_str *rest)
{
    size_t from = 0;
    while (from < rest->n && !is_sign(rest->p[from]))
        from++;
    size_t to = from;
    while (to < rest->n && is_sign(rest->p[to]) && (to == from || rest->p[to] == '+'))
        to++;
    const struct kt_str found = kt_str_part(*rest, from, to - from);
    *rest = kt_str_part(*rest, to, rest->n - to);
    return found;
}

/* The two ends of a scale, the better one first; false: the text names no scale. */
static bool read_scale(struct kt_str text, int *best, int *worst)
{
    const int first = rank_of(next_class(&text));
    const int last = rank_of(next_class(&text));
    *best = first > last ? first : last; /* "G-A" says the same */
    *worst = first > last ? last : first;
    return *worst >= 0 && *best > *worst && next_class(&text).n == 0;
}

/* energy("D", "A-G"): the class, the best and the worst of its scale. The class alone where the
 * scale is no such text; nil where there is no such class, or the scale does not have it. */
static int energy(lua_State *L)
{
    int best = 0;
    int worst = 0;
    const struct kt_str scale = text_arg(L, 2);
    const int rank = rank_of(kt_str_trim(text_arg(L, 1)));
    kt_map_charge_bytes(L, scale.n);
    const bool has_scale = read_scale(scale, &best, &worst);
    if (rank < 0 || (has_scale && (rank > best || rank < worst))) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushstring(L, classes[rank]);
    if (!has_scale)
        return 1;
    lua_pushstring(L, classes[best]);
    lua_pushstring(L, classes[worst]);
    return 3;
}

/* --- */

void kt_map_open_shop(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "energy", energy },
        { "html", html },
        { "json", json },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
}
