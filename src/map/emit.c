/* A Lua value into canonical JSON: decimals and whole numbers as exact JSON numbers, members
 * sorted, lists only where they are lists. What JSON cannot say exactly is refused with the path of
 * the field, never written approximately. The thread of the state; called by map.c. */
#include "map/emit.h"

#include <inttypes.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "map/decimal.h"
#include "map/library.h"
#include "map/path.h"
#include "map/push.h"

struct emit {
    lua_State *L;
    struct kt_map_path path;
    struct kt_buf *out;
};

static void emit_value(struct emit *m);

static void refuse(struct emit *m, const char *what)
{
    kt_map_path_refuse(&m->path, what);
}

static void check_size(struct emit *m)
{
    if (!kt_buf_ok(m->out))
        refuse(m, "the payload exceeds 1 MB");
}

/* Most texts: nothing to escape, nothing to check. */
static bool is_plain(struct kt_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
            return false;
    }
    return true;
}

static bool is_text(struct kt_str s)
{
    return is_plain(s) || kt_utf8_ok(s);
}

static void put_text(struct emit *m, struct kt_str s)
{
    if (!is_plain(s)) {
        kt_json_put_text(m->out, s);
        return;
    }
    kt_buf_char(m->out, '"');
    kt_buf_put(m->out, s.p, s.n);
    kt_buf_char(m->out, '"');
}

static void emit_text(struct emit *m)
{
    struct kt_str s = { NULL, 0 };
    s.p = lua_tolstring(m->L, -1, &s.n);
    if (!is_text(s))
        refuse(m, "is no valid UTF-8 text");
    put_text(m, s);
}

static void emit_list(struct emit *m, size_t count)
{
    kt_buf_char(m->out, '[');
    for (size_t i = 1; i <= count; i++) {
        if (i > 1)
            kt_buf_char(m->out, ',');
        kt_map_path_enter(&m->path, NULL, (lua_Integer)i);
        if (lua_rawgeti(m->L, -1, (lua_Integer)i) == LUA_TNIL)
            refuse(m, "is missing; a list has no gaps");
        emit_value(m);
        lua_pop(m->L, 1);
        kt_map_path_leave(&m->path);
    }
    kt_buf_char(m->out, ']');
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The keys' texts belong to the table, which stays on the stack meanwhile. */
static void emit_object(struct emit *m, size_t count)
{
    const char **name = kt_alloc_array(m->out->arena, count + 1, sizeof(*name));
    size_t n = 0;
    lua_pushnil(m->L);
    while (lua_next(m->L, -2) != 0) {
        lua_pop(m->L, 1);
        struct kt_str key = { NULL, 0 };
        key.p = lua_tolstring(m->L, -1, &key.n);
        if (!is_text(key))
            refuse(m, "a member's name is no valid UTF-8 text");
        name[n++] = key.p;
    }
    qsort(name, n, sizeof(*name), by_bytes);
    kt_buf_char(m->out, '{');
    for (size_t i = 0; i < n; i++) {
        kt_map_path_enter(&m->path, name[i], 0);
        if (i > 0)
            kt_buf_char(m->out, ',');
        put_text(m, kt_str_of(name[i]));
        kt_buf_char(m->out, ':');
        lua_pushstring(m->L, name[i]);
        (void)lua_rawget(m->L, -2); /* there: the name came from this table */
        emit_value(m);
        lua_pop(m->L, 1);
        kt_map_path_leave(&m->path);
    }
    kt_buf_char(m->out, '}');
}

/* A list has whole numbers as keys, an object texts; both at once is neither. */
static void emit_table(struct emit *m)
{
    size_t numbers = 0;
    size_t texts = 0;
    luaL_checkstack(m->L, 8, "payload nested too deeply");
    kt_map_complete(m->L, lua_gettop(m->L));
    lua_pushnil(m->L);
    while (lua_next(m->L, -2) != 0) {
        lua_pop(m->L, 1);
        if (lua_type(m->L, -1) == LUA_TSTRING)
            texts++;
        else if (lua_isinteger(m->L, -1))
            numbers++;
        else
            refuse(m, "has a key that is neither a text nor a whole number");
        kt_map_charge(m->L, 1);
    }
    bool is_list = kt_map_is_list(m->L, -1) || numbers > 0;
    if (is_list && texts > 0)
        refuse(m, "is a list and an object at once");
    if (is_list)
        emit_list(m, numbers);
    else
        emit_object(m, texts);
}

static void emit_number(struct emit *m)
{
    if (!lua_isinteger(m->L, -1))
        refuse(m, "is a floating point number; make a decimal with dec(\"1.50\") or a whole "
                  "number with math.tointeger");
    kt_buf_format(m->out, "%" PRId64, (int64_t)lua_tointeger(m->L, -1));
}

static void emit_value(struct emit *m)
{
    struct kt_dec d = { 0, 0 };
    char text[KT_DEC_TEXT_MAX];
    kt_map_charge(m->L, 1);
    check_size(m);
    switch (lua_type(m->L, -1)) {
    case LUA_TSTRING:
        emit_text(m);
        break;
    case LUA_TNUMBER:
        emit_number(m);
        break;
    case LUA_TBOOLEAN:
        kt_buf_text(m->out, lua_toboolean(m->L, -1) ? "true" : "false");
        break;
    case LUA_TTABLE:
        emit_table(m);
        break;
    default:
        if (kt_map_is_dec(m->L, -1, &d)) {
            kt_dec_text(kt_dec_trim(d), text);
            kt_buf_text(m->out, text);
        } else if (kt_map_is_null(m->L, -1)) {
            kt_buf_text(m->out, "null");
        } else {
            refuse(m, lua_isnil(m->L, -1) ? "is nil" : "is a function");
        }
        break;
    }
}

void kt_map_emit(lua_State *L, const char *place, struct kt_buf *out)
{
    struct emit m = { .L = L, .path = { .L = L, .place = place }, .out = out };
    emit_value(&m);
    check_size(&m);
}
