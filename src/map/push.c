/* Records into Lua tables, by their shapes: decimals become decimals, instants and days texts,
 * choices their names, absent fields stay nil. Reading a field that no such record can have is an
 * error, so that a misspelt name does not pass for an absent one. The thread of the state. */
#include "map/push.h"

#include <lauxlib.h>

#include "map/decimal.h"
#include "map/state.h"

static void push_record(lua_State *L, const struct kt_shape *shape, const void *record);

static void push_str(lua_State *L, struct kt_str s)
{
    lua_pushlstring(L, s.p != NULL ? s.p : "", s.n);
}

static void push_list(lua_State *L, const struct kt_shape *shape, const void *items, size_t count)
{
    luaL_checkstack(L, 4, "view nested too deeply");
    lua_createtable(L, count < 1000 ? (int)count : 1000, 0);
    for (size_t i = 0; i < count; i++) {
        push_record(L, shape, (const char *)items + i * shape->size);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_value(lua_State *L, const struct kt_field *f, const void *member)
{
    char text[KT_TIME_TEXT_MAX];
    switch (f->type) {
    case KT_TYPE_TEXT:
        push_str(L, *(const struct kt_str *)member);
        break;
    case KT_TYPE_INTEGER:
        lua_pushinteger(L, (lua_Integer) * (const int64_t *)member);
        break;
    case KT_TYPE_DECIMAL:
        kt_map_push_dec(L, *(const struct kt_dec *)member);
        break;
    case KT_TYPE_BOOL:
        lua_pushboolean(L, *(const bool *)member);
        break;
    case KT_TYPE_INSTANT:
        kt_time_text(*(const int64_t *)member, text);
        lua_pushstring(L, text);
        break;
    case KT_TYPE_DAY:
        kt_day_text(*(const struct kt_day *)member, text);
        lua_pushstring(L, text);
        break;
    case KT_TYPE_CHOICE:
        lua_pushstring(L, f->choices[*(const int *)member]);
        break;
    case KT_TYPE_PART:
        push_record(L, f->items, member);
        break;
    case KT_TYPE_LIST:
        push_list(L, f->items, ((const struct kt_list *)member)->item,
                  ((const struct kt_list *)member)->count);
        break;
    case KT_TYPE_END:
        lua_pushnil(L);
        break;
    }
}

/* upvalue: the shape. Called for fields that are nil. */
static int check_field(lua_State *L)
{
    union {
        void *in;
        const struct kt_shape *out;
    } shape = { .in = lua_touserdata(L, lua_upvalueindex(1)) };
    if (lua_type(L, 2) == LUA_TSTRING && kt_field_find(shape.out, lua_tostring(L, 2)) == NULL)
        return luaL_error(L, "a %s has no field \"%s\"", shape.out->name, lua_tostring(L, 2));
    lua_pushnil(L);
    return 1;
}

/* One metatable per shape and state, kept under the shape's address. */
static void push_metatable(lua_State *L, const struct kt_shape *shape)
{
    union {
        const struct kt_shape *in;
        void *out;
    } address = { .in = shape };
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, shape) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 1);
    lua_pushlightuserdata(L, address.out);
    lua_pushcclosure(L, check_field, 1);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, shape);
}

static void push_record(lua_State *L, const struct kt_shape *shape, const void *record)
{
    luaL_checkstack(L, 6, "view nested too deeply");
    lua_newtable(L);
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if (!kt_field_present(record, shape, f))
            continue;
        push_value(L, f, kt_field_at(record, f));
        lua_setfield(L, -2, f->name);
    }
    push_metatable(L, shape);
    lua_setmetatable(L, -2);
}

void kt_map_push_view(lua_State *L, const struct kt_view *view)
{
    lua_createtable(L, 0, (int)view->count);
    for (size_t i = 0; i < view->count; i++) {
        const struct kt_view_part *part = &view->part[i];
        if (part->is_list)
            push_list(L, part->shape, part->record, part->count);
        else if (part->shape != NULL && part->record != NULL)
            push_record(L, part->shape, part->record);
        else if (part->is_dec)
            kt_map_push_dec(L, part->dec);
        else if (part->shape == NULL && part->text.p != NULL)
            push_str(L, part->text);
        else
            continue; /* absent */
        lua_setfield(L, -2, part->name);
    }
}
