/* string.find, match, gmatch and gsub of the mapping language over the counted matcher: the same
 * results as Lua's own, with every step taken from the budget of the call. The thread of the
 * state; called by library.c. */
#include <lauxlib.h>
#include <string.h>

#include "map/library.h"
#include "map/pattern.h"
#include "map/state.h"

static struct kt_str text_arg(lua_State *L, int index)
{
    struct kt_str s = { NULL, 0 };
    s.p = luaL_checklstring(L, index, &s.n);
    return s;
}

/* A leading ^ is not part of what the matcher sees. */
static bool take_anchor(struct kt_str *pattern)
{
    bool is_anchored = pattern->n > 0 && pattern->p[0] == '^';
    if (is_anchored)
        *pattern = kt_str_part(*pattern, 1, pattern->n - 1);
    return is_anchored;
}

/* Runs the matcher on the budget. False: no match. */
static bool find(lua_State *L, struct kt_pattern *p, size_t from, bool is_anchored, size_t *start,
                 size_t *end)
{
    struct kt_map *map = kt_map_of(L);
    p->steps = map->is_counting && map->steps_left < KT_MAP_STEPS ? map->steps_left : KT_MAP_STEPS;
    int64_t had = p->steps;
    enum kt_pattern_result r = kt_pattern_find(p, from, is_anchored, start, end);
    kt_map_charge(L, (size_t)(had - p->steps));
    if (r == KT_PATTERN_SPENT)
        luaL_error(L, "pattern: used up its 1000000 steps");
    if (r == KT_PATTERN_WRONG)
        luaL_error(L, "pattern %s", p->wrong);
    return r == KT_PATTERN_FOUND;
}

static void push_capture(lua_State *L, const struct kt_pattern *p, unsigned i)
{
    const struct kt_capture *c = &p->capture[i];
    if (c->is_position)
        lua_pushinteger(L, (lua_Integer)c->from + 1);
    else
        lua_pushlstring(L, p->text.p + c->from, c->n);
}

/* All captures, or the whole match where there are none. */
static int push_captures(lua_State *L, const struct kt_pattern *p, size_t start, size_t end)
{
    luaL_checkstack(L, KT_PATTERN_CAPTURES, "too many captures");
    if (p->captures == 0) {
        lua_pushlstring(L, p->text.p + start, end - start);
        return 1;
    }
    for (unsigned i = 0; i < p->captures; i++)
        push_capture(L, p, i);
    return (int)p->captures;
}

/* Where to begin: Lua counts from 1, negative from the end. False: behind the text. */
static bool begin_at(lua_State *L, int index, size_t n, size_t *from)
{
    lua_Integer i = luaL_optinteger(L, index, 1);
    if (i > 0 && (lua_Unsigned)i > (lua_Unsigned)n + 1)
        return false;
    if (i > 0)
        *from = (size_t)i - 1;
    else if (i == 0 || i < -(lua_Integer)n)
        *from = 0;
    else
        *from = n - (size_t)(-i);
    return true;
}

static int find_plain(lua_State *L, struct kt_str s, struct kt_str what, size_t from)
{
    kt_map_charge(L, 1 + s.n / 4);
    const char *at = memmem(s.p + from, s.n - from, what.p, what.n);
    if (at == NULL) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, (lua_Integer)(at - s.p) + 1);
    lua_pushinteger(L, (lua_Integer)(at - s.p) + (lua_Integer)what.n);
    return 2;
}

static int find_or_match(lua_State *L, bool is_find)
{
    struct kt_pattern p = { .text = text_arg(L, 1), .pattern = text_arg(L, 2) };
    size_t from = 0;
    size_t start = 0;
    size_t end = 0;
    if (!begin_at(L, 3, p.text.n, &from)) {
        lua_pushnil(L);
        return 1;
    }
    if (is_find && lua_toboolean(L, 4))
        return find_plain(L, p.text, p.pattern, from);
    bool is_anchored = take_anchor(&p.pattern);
    if (!find(L, &p, from, is_anchored, &start, &end)) {
        lua_pushnil(L);
        return 1;
    }
    if (!is_find)
        return push_captures(L, &p, start, end);
    lua_pushinteger(L, (lua_Integer)start + 1);
    lua_pushinteger(L, (lua_Integer)end);
    return 2 + (p.captures > 0 ? push_captures(L, &p, start, end) : 0);
}

static int text_find(lua_State *L)
{
    return find_or_match(L, true);
}

static int text_match(lua_State *L)
{
    return find_or_match(L, false);
}

/* upvalues: text, pattern, where to go on, end of the last match + 1 (0: none yet) */
static int gmatch_next(lua_State *L)
{
    struct kt_pattern p = { .text = { NULL, 0 } };
    p.text.p = lua_tolstring(L, lua_upvalueindex(1), &p.text.n);
    p.pattern.p = lua_tolstring(L, lua_upvalueindex(2), &p.pattern.n);
    size_t from = (size_t)lua_tointeger(L, lua_upvalueindex(3));
    size_t last = (size_t)lua_tointeger(L, lua_upvalueindex(4));
    size_t start = 0;
    size_t end = 0;
    while (from <= p.text.n && find(L, &p, from, false, &start, &end)) {
        if (end + 1 == last) { /* an empty match where the last one ended */
            from = start + 1;
            continue;
        }
        lua_pushinteger(L, (lua_Integer)end);
        lua_replace(L, lua_upvalueindex(3));
        lua_pushinteger(L, (lua_Integer)end + 1);
        lua_replace(L, lua_upvalueindex(4));
        return push_captures(L, &p, start, end);
    }
    return 0;
}

static int text_gmatch(lua_State *L)
{
    (void)text_arg(L, 1);
    (void)text_arg(L, 2);
    lua_settop(L, 2);
    lua_pushinteger(L, 0);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, gmatch_next, 4);
    return 1;
}

/* A replacement text with %0 … %9 and %%. */
static void add_text(lua_State *L, luaL_Buffer *b, const struct kt_pattern *p, size_t start,
                     size_t end)
{
    size_t n = 0;
    const char *with = lua_tolstring(L, 3, &n);
    kt_map_charge(L, 1 + n / 4);
    for (size_t i = 0; i < n; i++) {
        if (with[i] != '%') {
            luaL_addchar(b, with[i]);
            continue;
        }
        char c = i + 1 < n ? with[++i] : '\0';
        if (c == '%') {
            luaL_addchar(b, '%');
        } else if (c == '0' || (c == '1' && p->captures == 0)) {
            luaL_addlstring(b, p->text.p + start, end - start);
        } else if (c >= '1' && c <= '9' && (unsigned)(c - '0') <= p->captures) {
            push_capture(L, p, (unsigned)(c - '1'));
            luaL_tolstring(L, -1, NULL);
            lua_remove(L, -2);
            luaL_addvalue(b);
        } else {
            luaL_error(L, "string.gsub: '%%%c' in the replacement means nothing", c);
        }
    }
}

/* The replacement by table or function; what it leaves alone stays. */
static void add_looked_up(lua_State *L, luaL_Buffer *b, const struct kt_pattern *p, size_t start,
                          size_t end)
{
    if (lua_type(L, 3) == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        int count = push_captures(L, p, start, end);
        lua_call(L, count, 1);
    } else {
        if (p->captures > 0)
            push_capture(L, p, 0);
        else
            lua_pushlstring(L, p->text.p + start, end - start);
        lua_gettable(L, 3);
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(b, p->text.p + start, end - start);
    } else if (lua_isstring(L, -1)) {
        luaL_addvalue(b);
    } else {
        luaL_error(L, "string.gsub: the replacement is a %s", luaL_typename(L, -1));
    }
}

static int text_gsub(lua_State *L)
{
    struct kt_pattern p = { .text = text_arg(L, 1), .pattern = text_arg(L, 2) };
    int kind = lua_type(L, 3);
    luaL_argcheck(L,
                  kind == LUA_TSTRING || kind == LUA_TTABLE || kind == LUA_TFUNCTION ||
                      kind == LUA_TNUMBER,
                  3, "a text, table or function");
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)p.text.n + 1);
    bool is_anchored = take_anchor(&p.pattern);
    size_t from = 0; /* where to look */
    size_t done = 0; /* how much of the text is copied */
    size_t last = 0; /* end of the last match + 1 */
    size_t start = 0;
    size_t end = 0;
    lua_Integer count = 0;
    luaL_Buffer b;
    lua_settop(L, 4);
    luaL_buffinit(L, &b);
    while (count < most && from <= p.text.n && find(L, &p, from, is_anchored, &start, &end)) {
        if (end + 1 == last) { /* an empty match where the last one ended */
            from = start + 1;
        } else {
            count++;
            luaL_addlstring(&b, p.text.p + done, start - done);
            if (kind == LUA_TTABLE || kind == LUA_TFUNCTION)
                add_looked_up(L, &b, &p, start, end);
            else
                add_text(L, &b, &p, start, end);
            done = end;
            from = end;
            last = end + 1;
        }
        if (is_anchored)
            break;
    }
    luaL_addlstring(&b, p.text.p + done, p.text.n - done);
    luaL_pushresult(&b);
    if (lua_rawlen(L, -1) > KT_MAP_TEXT_MAX)
        return luaL_error(L, "string.gsub: the text would exceed 1 MB");
    lua_pushinteger(L, count);
    return 2;
}

void kt_map_open_patterns(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "find", text_find }, { "gmatch", text_gmatch },
        { "gsub", text_gsub }, { "match", text_match },
        { NULL, NULL },
    };
    luaL_setfuncs(L, functions, 0);
}
