/* The library for merchants' rules: refusing with a sentence, cutting texts, looking things up,
 * days. Every function charges what it costs. The thread of the state; called by library.c. */
#include "map/rules.h"

#include <lauxlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/time.h"
#include "map/decimal.h"
#include "map/library.h"
#include "map/state.h"

static const char raised_mark = 0;  /* address: the registry key of what was raised last */
static const char refusal_mark = 0; /* address: of the same without its place */

/* --- refusing --- */

/* Raises the text on top of the stack, with the place of the caller before it; keeps both, so that
 * a refusal can be told from a mistake. */
static int raise(lua_State *L, bool has_place)
{
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &refusal_mark);
    if (has_place) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &raised_mark);
    return lua_error(L);
}

/* error(text [, level]) */
static int raise_error(lua_State *L)
{
    lua_Integer level = luaL_optinteger(L, 2, 1);
    lua_settop(L, 1);
    if (lua_type(L, 1) != LUA_TSTRING)
        return lua_error(L);
    return raise(L, level > 0);
}

/* assert(what, text): like Lua's; a text of one's own is a refusal. */
static int check(lua_State *L)
{
    luaL_checkany(L, 1);
    if (lua_toboolean(L, 1))
        return lua_gettop(L);
    lua_settop(L, 2);
    if (lua_isnil(L, 2))
        return luaL_error(L, "assertion failed!");
    if (lua_type(L, 2) != LUA_TSTRING)
        return lua_error(L);
    return raise(L, true);
}

const char *kt_map_refusal(lua_State *L, int index)
{
    int at = lua_absindex(L, index);
    const char *text = NULL;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &raised_mark);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &refusal_mark);
    if (lua_type(L, -1) == LUA_TSTRING && lua_rawequal(L, -2, at))
        text = lua_tostring(L, -1);
    lua_pop(L, 2);
    return text;
}

void kt_map_forget_refusal(lua_State *L)
{
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &raised_mark);
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &refusal_mark);
}

/* --- texts --- */

static struct kt_str text_arg(lua_State *L, int index)
{
    struct kt_str s = { NULL, 0 };
    s.p = luaL_checklstring(L, index, &s.n);
    return s;
}

static int trim(lua_State *L)
{
    struct kt_str s = text_arg(L, 1);
    kt_map_charge_bytes(L, s.n);
    s = kt_str_trim(s);
    lua_pushlstring(L, s.p, s.n);
    return 1;
}

/* split("a; b;c", ";"): the parts, trimmed; of an empty text: none. */
static int split(lua_State *L)
{
    struct kt_str s = text_arg(L, 1);
    struct kt_str sep = text_arg(L, 2);
    luaL_argcheck(L, sep.n > 0, 2, "a separator");
    kt_map_charge_bytes(L, s.n);
    lua_newtable(L);
    lua_Integer count = 0;
    bool is_more = kt_str_trim(s).n > 0;
    while (is_more) {
        const char *at = memmem(s.p, s.n, sep.p, sep.n);
        size_t n = at != NULL ? (size_t)(at - s.p) : s.n;
        struct kt_str part = kt_str_trim(kt_str_part(s, 0, n));
        kt_map_charge(L, 1);
        lua_pushlstring(L, part.p, part.n);
        lua_rawseti(L, -2, ++count);
        is_more = at != NULL;
        if (is_more)
            s = kt_str_part(s, n + sep.n, s.n - n - sep.n);
    }
    return 1;
}

/* The largest whole number among the keys of the table at 1. */
static lua_Integer last_entry(lua_State *L)
{
    enum { PARTS_MAX = 1000 };
    lua_Integer last = 0;
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) {
        lua_pop(L, 1);
        kt_map_charge(L, 1);
        if (lua_isinteger(L, -1) && lua_tointeger(L, -1) > last)
            last = lua_tointeger(L, -1);
    }
    luaL_argcheck(L, last <= PARTS_MAX, 1, "at most 1000 parts");
    return last;
}

/* join({"a", nil, "", dec(3)}, ", "): what is there and not empty, in the order of its numbers. */
static int join(lua_State *L)
{
    luaL_Buffer b;
    lua_Integer parts = 0;
    size_t bytes = 0;
    luaL_checktype(L, 1, LUA_TTABLE);
    struct kt_str sep = text_arg(L, 2);
    lua_settop(L, 2);
    const lua_Integer last = last_entry(L);
    lua_newtable(L); /* 3: the texts */
    for (lua_Integer i = 1; i <= last; i++) {
        size_t n = 0;
        if (lua_rawgeti(L, 1, i) != LUA_TNIL) {
            kt_map_check_text(L, -1);
            (void)luaL_tolstring(L, -1, &n);
            if (n > 0)
                lua_rawseti(L, 3, ++parts);
        }
        lua_settop(L, 3);
        bytes += n + sep.n;
        kt_map_charge_bytes(L, n + sep.n);
    }
    if (bytes > KT_MAP_TEXT_MAX)
        return luaL_error(L, "map.join: the text would exceed 1 MB");
    luaL_buffinit(L, &b);
    for (lua_Integer i = 1; i <= parts; i++) {
        if (i > 1)
            luaL_addlstring(&b, sep.p, sep.n);
        lua_rawgeti(L, 3, i);
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    return 1;
}

/* --- looking up --- */

/* find(list, "code", "COLOUR"): the first entry whose field has this value, and its place. */
static int find(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_pushnil(L);
        return 1;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TSTRING);
    luaL_checkany(L, 3);
    for (lua_Integer i = 1;; i++) {
        lua_settop(L, 3);
        kt_map_charge(L, 2);
        if (lua_rawgeti(L, 1, i) != LUA_TTABLE)
            break;
        lua_pushvalue(L, 2);
        lua_gettable(L, 4);
        if (lua_compare(L, 3, 5, LUA_OPEQ)) {
            lua_settop(L, 4);
            lua_pushinteger(L, i);
            return 2;
        }
    }
    lua_pushnil(L);
    return 1;
}

/* lookup(table, key): an entry that must be there. */
static int look_up(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    kt_map_charge(L, 1);
    if (lua_isnil(L, 2))
        return luaL_error(L, "map.lookup: the key is nil");
    lua_pushvalue(L, 2);
    if (lua_gettable(L, 1) != LUA_TNIL)
        return 1;
    kt_map_check_text(L, 2);
    return luaL_error(L, "map.lookup: there is no entry for \"%s\"", luaL_tolstring(L, 2, NULL));
}

/* --- days --- */

static int64_t day_arg(lua_State *L, int index)
{
    struct kt_day day = { 0, 0, 0 };
    struct kt_str text = text_arg(L, index);
    if (!kt_day_parse(&day, text) || !kt_day_ok(day))
        luaL_argerror(L, index, "a day like \"2026-03-01\"");
    return kt_civil_days((struct kt_civil){ day.y, day.m, day.d });
}

static int add_days(lua_State *L)
{
    enum { DAYS_MAX = 100000 };
    char text[KT_TIME_TEXT_MAX];
    const int64_t from = day_arg(L, 1);
    const lua_Integer more = luaL_checkinteger(L, 2);
    luaL_argcheck(L, more >= -DAYS_MAX && more <= DAYS_MAX, 2, "at most 100000 days");
    struct kt_civil date = kt_civil_of(from + more);
    luaL_argcheck(L, date.year >= 1 && date.year <= 9999, 2, "the years 1 to 9999");
    kt_day_text((struct kt_day){ (int16_t)date.year, (uint8_t)date.month, (uint8_t)date.day },
                text);
    lua_pushstring(L, text);
    return 1;
}

static int days_between(lua_State *L)
{
    const int64_t from = day_arg(L, 1);
    lua_pushinteger(L, (lua_Integer)(day_arg(L, 2) - from));
    return 1;
}

/* --- */

void kt_map_open_refusals(lua_State *L)
{
    static const luaL_Reg functions[] = { { "assert", check },
                                          { "error", raise_error },
                                          { NULL, NULL } };
    luaL_setfuncs(L, functions, 0);
}

void kt_map_open_words(lua_State *L)
{
    static const luaL_Reg functions[] = { { "split", split }, { "trim", trim }, { NULL, NULL } };
    luaL_setfuncs(L, functions, 0);
}

void kt_map_open_look_ups(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "add_days", add_days }, { "days_between", days_between },
        { "find", find },         { "join", join },
        { "lookup", look_up },    { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
}
