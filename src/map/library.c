/* What mappings can call besides decimals and patterns. Lua's own functions are taken where their
 * cost shows in the size of their arguments: a wrapper charges first, then calls. Replaced are
 * those whose result depends on addresses or hash order (tostring, pairs: a payload must come out
 * the same each time) or whose cost does not show (sort, rep). The thread of the state. */
#include "map/library.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "map/decimal.h"
#include "map/push.h"
#include "map/rules.h"
#include "map/shop.h"
#include "map/state.h"

static const char list_mark = 0; /* address: the registry key of the metatable of lists */
static const char null_mark = 0; /* address: what map.null is */

/* Bytes of all texts and entries of all tables among the arguments. */
static void charge_arguments(lua_State *L)
{
    size_t steps = 1;
    for (int i = 1; i <= lua_gettop(L); i++) {
        if (lua_type(L, i) == LUA_TSTRING)
            steps += (size_t)lua_rawlen(L, i) / 16;
        else if (lua_type(L, i) == LUA_TTABLE)
            steps += (size_t)lua_rawlen(L, i) / 4;
    }
    kt_map_charge(L, steps);
}

/* A function of Lua's own library behind its price. */
static int call_charged(lua_State *L)
{
    charge_arguments(L);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* Moves the named functions of the table on top, each behind its price, into the table below it;
 * drops the former. */
static void keep_charged(lua_State *L, const char *const *names)
{
    for (; *names != NULL; names++) {
        lua_getfield(L, -1, *names);
        if (lua_iscfunction(L, -1))
            lua_pushcclosure(L, call_charged, 1);
        lua_setfield(L, -3, *names);
    }
    lua_pop(L, 1);
}

/* Texts, numbers, booleans, nil and decimals; tables and functions have no text worth sending. */
void kt_map_check_text(lua_State *L, int index)
{
    struct kt_dec d;
    int type = lua_type(L, index);
    if (type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TLIGHTUSERDATA ||
        (type == LUA_TUSERDATA && !kt_map_is_dec(L, index, &d)))
        luaL_error(L, "a %s has no text", luaL_typename(L, index));
}

static int text_of(lua_State *L)
{
    luaL_checkany(L, 1);
    kt_map_check_text(L, 1);
    luaL_tolstring(L, 1, NULL);
    return 1;
}

static int type_of(lua_State *L)
{
    struct kt_dec d;
    luaL_checkany(L, 1);
    lua_pushstring(L, kt_map_is_dec(L, 1, &d) ? "decimal" : luaL_typename(L, 1));
    return 1;
}

/* string.format without what shows addresses. */
static int format(lua_State *L)
{
    size_t n = 0;
    const char *p = luaL_checklstring(L, 1, &n);
    charge_arguments(L);
    for (size_t i = 0; i + 1 < n; i++) {
        if (p[i] != '%')
            continue;
        i++;
        while (i < n && strchr("-+ #0123456789.", p[i]) != NULL && p[i] != '\0')
            i++;
        if (i < n && p[i] == 'p')
            return luaL_error(L, "string.format: %%p is not offered");
    }
    for (int i = 2; i <= lua_gettop(L); i++)
        kt_map_check_text(L, i);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int repeat(lua_State *L)
{
    size_t n = 0;
    size_t sep_n = 0;
    const char *text = luaL_checklstring(L, 1, &n);
    lua_Integer times = luaL_checkinteger(L, 2);
    const char *sep = luaL_optlstring(L, 3, "", &sep_n);
    if (times < 1) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (n + sep_n > 0 && (lua_Unsigned)times > KT_MAP_TEXT_MAX / (n + sep_n))
        return luaL_error(L, "string.rep: the text would exceed 1 MB");
    if (n + sep_n == 0)
        times = 1;
    kt_map_charge(L, 1 + (size_t)times / 8 + (size_t)times * (n + sep_n) / 64);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (lua_Integer i = 0; i < times; i++) {
        if (i > 0)
            luaL_addlstring(&b, sep, sep_n);
        luaL_addlstring(&b, text, n);
    }
    luaL_pushresult(&b);
    return 1;
}

/* The order of table.sort and pairs: numbers by value, then texts by bytes (never by locale). */
static int is_less(lua_State *L)
{
    int a = lua_type(L, 1);
    int b = lua_type(L, 2);
    if (a == LUA_TSTRING && b == LUA_TSTRING) {
        struct kt_str x = { NULL, 0 };
        struct kt_str y = { NULL, 0 };
        x.p = lua_tolstring(L, 1, &x.n);
        y.p = lua_tolstring(L, 2, &y.n);
        kt_map_charge(L, 1 + (x.n < y.n ? x.n : y.n) / 16);
        lua_pushboolean(L, kt_str_cmp(x, y) < 0);
    } else if ((a == LUA_TNUMBER && b == LUA_TSTRING) || (a == LUA_TSTRING && b == LUA_TNUMBER)) {
        lua_pushboolean(L, a == LUA_TNUMBER);
    } else {
        kt_map_charge(L, 1);
        lua_pushboolean(L, lua_compare(L, 1, 2, LUA_OPLT));
    }
    return 1;
}

static int sort(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_rawlen(L, 1) > KT_MAP_SORT_MAX)
        return luaL_error(L, "table.sort takes at most %d entries", (int)KT_MAP_SORT_MAX);
    charge_arguments(L);
    if (lua_isnoneornil(L, 2)) {
        lua_settop(L, 1);
        lua_pushcfunction(L, is_less);
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* upvalues: table, sorted keys, how many were given out */
static int pairs_next(lua_State *L)
{
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(3)) + 1;
    lua_pushinteger(L, i);
    lua_replace(L, lua_upvalueindex(3));
    kt_map_charge(L, 1);
    if (lua_rawgeti(L, lua_upvalueindex(2), i) == LUA_TNIL)
        return 1;
    lua_pushvalue(L, -1);
    lua_rawget(L, lua_upvalueindex(1));
    return 2;
}

/* Like Lua's, but in a fixed order: numbers by value, then texts by bytes. */
static int sorted_pairs(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    kt_map_complete(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1)); /* 2: table.sort */
    lua_newtable(L);                       /* 3: keys */
    lua_Integer count = 0;
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER)
            return luaL_error(L, "pairs: keys are texts or numbers");
        lua_pushvalue(L, -1);
        lua_rawseti(L, 3, ++count);
        kt_map_charge(L, 1);
    }
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_call(L, 1, 0);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 3);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, pairs_next, 3);
    return 1;
}

/* map.list{…}: an empty table is a list, too. */
static int mark_list(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    kt_map_complete(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &list_mark);
    lua_setmetatable(L, 1);
    return 1;
}

bool kt_map_is_list(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &list_mark);
    bool is_list = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 2);
    return is_list;
}

bool kt_map_is_null(lua_State *L, int index)
{
    return lua_touserdata(L, index) == (const void *)&null_mark;
}

static void open_string(lua_State *L)
{
    static const char *const names[] = { "byte",    "char", "len",   "lower",
                                         "reverse", "sub",  "upper", NULL };
    lua_newtable(L);
    lua_pushcfunction(L, luaopen_string);
    lua_call(L, 0, 1);
    lua_getfield(L, -1, "format");
    lua_pushcclosure(L, format, 1);
    lua_setfield(L, -3, "format");
    keep_charged(L, names);
    lua_pushcfunction(L, repeat);
    lua_setfield(L, -2, "rep");
    kt_map_open_patterns(L);
    kt_map_open_words(L);

    lua_pushliteral(L, ""); /* a text's methods: ours, and no arithmetic with texts */
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);

    kt_map_seal(L);
    lua_setfield(L, -2, "string");
}

static void open_table(lua_State *L)
{
    static const char *const names[] = { "concat", "insert", "remove", "unpack", NULL };
    lua_newtable(L);
    lua_pushcfunction(L, luaopen_table);
    lua_call(L, 0, 1);
    lua_getfield(L, -1, "sort");
    lua_pushcclosure(L, sort, 1);
    lua_setfield(L, -3, "sort");
    keep_charged(L, names);
    lua_getfield(L, -1, "sort");
    lua_pushcclosure(L, sorted_pairs, 1);
    lua_setfield(L, -3, "pairs");
    kt_map_seal(L);
    lua_setfield(L, -2, "table");
}

static void open_utf8(lua_State *L)
{
    static const char *const names[] = { "char", "charpattern", "codepoint", "codes",
                                         "len",  "offset",      NULL };
    lua_newtable(L);
    lua_pushcfunction(L, luaopen_utf8);
    lua_call(L, 0, 1);
    keep_charged(L, names);
    kt_map_seal(L);
    lua_setfield(L, -2, "utf8");
}

static void open_map(lua_State *L)
{
    lua_createtable(L, 0, 1); /* its own metatable: lists say what they are */
    lua_pushliteral(L, "list");
    lua_setfield(L, -2, "__name");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &list_mark);

    lua_newtable(L);
    lua_pushcfunction(L, mark_list);
    lua_setfield(L, -2, "list");
    /* Lua's interface takes void *; nobody writes through it. */
    union {
        const void *in;
        void *out;
    } null = { .in = &null_mark };
    lua_pushlightuserdata(L, null.out);
    lua_setfield(L, -2, "null");
    kt_map_open_look_ups(L);
    kt_map_open_shop(L);
    kt_map_seal(L);
    lua_setfield(L, -2, "map");
}

void kt_map_open_library(lua_State *L)
{
    static const char *const names[] = { "tonumber", NULL };
    lua_pushcfunction(L, luaopen_base);
    lua_call(L, 0, 1);
    keep_charged(L, names);
    lua_pushcfunction(L, text_of);
    lua_setfield(L, -2, "tostring");
    lua_pushcfunction(L, type_of);
    lua_setfield(L, -2, "type");
    kt_map_open_refusals(L);
    open_string(L);
    open_table(L);
    open_utf8(L);
    open_map(L);
}
