/* Records into Lua tables, by their shapes: decimals become decimals, instants and days texts,
 * choices their names, absent fields stay nil. Reading or writing a field that no such record can
 * have is an error, so that a misspelt name does not pass for an absent one. Parts and lists are
 * made when they are first read: a mapping looks at few of them. The thread of the state. */
#include "map/push.h"

#include <lauxlib.h>
#include <string.h>

#include "map/decimal.h"
#include "map/state.h"

static const char lazy_mark = 0; /* address: the key of a record's number in map->lazy */

static void push_str(lua_State *L, struct kt_str s)
{
    lua_pushlstring(L, s.p != NULL ? s.p : "", s.n);
}

static void push_list(lua_State *L, const struct kt_shape *shape, const void *items, size_t count)
{
    luaL_checkstack(L, 4, "view nested too deeply");
    lua_createtable(L, count < 1000 ? (int)count : 1000, 0);
    for (size_t i = 0; i < count; i++) {
        kt_map_push_record(L, shape, (const char *)items + i * shape->size);
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
        kt_map_push_record(L, f->items, member);
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

/* --- what is made later --- */

static struct kt_map_lazy *lazy_of(lua_State *L, int index)
{
    struct kt_map *map = kt_map_of(L);
    struct kt_map_lazy *lazy = NULL;
    if (lua_rawgetp(L, index, &lazy_mark) == LUA_TNUMBER)
        lazy = &map->lazy[lua_tointeger(L, -1)];
    lua_pop(L, 1);
    return lazy;
}

/* Notes that these fields of the table on top are to be made when they are read. */
static void put_off(lua_State *L, const struct kt_shape *shape, const void *record, uint64_t fields)
{
    struct kt_map *map = kt_map_of(L);
    if (map->lazies == map->lazy_room) {
        size_t room = map->lazy_room == 0 ? 64 : 2 * map->lazy_room;
        struct kt_map_lazy *more = KT_NEW_ARRAY(map->arena, room, struct kt_map_lazy);
        if (map->lazies > 0)
            memcpy(more, map->lazy, map->lazies * sizeof *more);
        map->lazy = more;
        map->lazy_room = room;
    }
    map->lazy[map->lazies] = (struct kt_map_lazy){ shape, record, fields };
    lua_pushinteger(L, (lua_Integer)map->lazies++);
    lua_rawsetp(L, -2, &lazy_mark);
}

static uint64_t bit_of(const struct kt_shape *shape, const struct kt_field *f)
{
    return UINT64_C(1) << (unsigned)(f - shape->fields);
}

/* Pushes the field's value and leaves it in the table at index, too. */
static void make_field(lua_State *L, int index, struct kt_map_lazy lazy, const struct kt_field *f)
{
    push_value(L, f, kt_field_at(lazy.record, f));
    lua_pushstring(L, f->name);
    lua_pushvalue(L, -2);
    lua_rawset(L, index);
}

void kt_map_complete(lua_State *L, int index)
{
    luaL_checkstack(L, 6, "view nested too deeply");
    struct kt_map_lazy *known = lazy_of(L, index);
    if (known == NULL)
        return;
    const struct kt_map_lazy lazy = *known; /* making a field may move the array */
    known->fields = 0;
    lua_pushnil(L);
    lua_rawsetp(L, index, &lazy_mark);
    for (const struct kt_field *f = lazy.shape->fields; f->type != KT_TYPE_END; f++) {
        if ((lazy.fields & bit_of(lazy.shape, f)) == 0)
            continue;
        make_field(L, index, lazy, f);
        lua_pop(L, 1);
    }
}

const void *kt_map_untouched(lua_State *L, int index, uint64_t *fields)
{
    const struct kt_map_lazy *lazy = lazy_of(L, index);
    *fields = lazy != NULL ? lazy->fields : 0;
    return lazy != NULL ? lazy->record : NULL;
}

/* --- the metatable of a shape --- */

static const struct kt_field *field_arg(lua_State *L)
{
    union {
        void *in;
        const struct kt_shape *out;
    } shape = { .in = lua_touserdata(L, lua_upvalueindex(1)) };
    if (lua_type(L, 2) != LUA_TSTRING)
        return NULL;
    const struct kt_field *f = kt_field_find(shape.out, lua_tostring(L, 2));
    if (f == NULL)
        luaL_error(L, "a %s has no field \"%s\"", shape.out->name, lua_tostring(L, 2));
    return f;
}

/* upvalue: the shape. Called for fields that are nil or not made yet. */
static int read_field(lua_State *L)
{
    const struct kt_field *f = field_arg(L);
    struct kt_map_lazy *known = f != NULL ? lazy_of(L, 1) : NULL;
    if (known == NULL || (known->fields & bit_of(known->shape, f)) == 0) {
        lua_pushnil(L);
        return 1;
    }
    const struct kt_map_lazy lazy = *known;
    known->fields &= ~bit_of(known->shape, f);
    make_field(L, 1, lazy, f);
    return 1;
}

/* upvalue: the shape. Called when a field is set that is nil or not made yet. */
static int write_field(lua_State *L)
{
    const struct kt_field *f = field_arg(L);
    if (f == NULL)
        return luaL_error(L, "a record has fields with names, not entries");
    struct kt_map_lazy *known = lazy_of(L, 1);
    if (known != NULL)
        known->fields &= ~bit_of(known->shape, f);
    lua_settop(L, 3);
    lua_rawset(L, 1);
    return 0;
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
    lua_createtable(L, 0, 2);
    lua_pushlightuserdata(L, address.out);
    lua_pushcclosure(L, read_field, 1);
    lua_setfield(L, -2, "__index");
    lua_pushlightuserdata(L, address.out);
    lua_pushcclosure(L, write_field, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, shape);
}

bool kt_map_is_of(lua_State *L, int index, const struct kt_shape *shape)
{
    if (!lua_getmetatable(L, index))
        return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, shape);
    bool is_of = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 2);
    return is_of;
}

/* Expects fields as the shapes say: bit i of `present` is field i. */
void kt_map_push_record(lua_State *L, const struct kt_shape *shape, const void *record)
{
    const uint64_t present = *(const uint64_t *)record;
    uint64_t later = 0;
    luaL_checkstack(L, 6, "view nested too deeply");
    lua_createtable(L, 0, __builtin_popcountll(present) + 1);
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        const uint64_t bit = bit_of(shape, f);
        if ((present & bit) == 0)
            continue;
        if (f->type == KT_TYPE_PART || f->type == KT_TYPE_LIST) {
            later |= bit;
            continue;
        }
        lua_pushstring(L, f->name);
        push_value(L, f, kt_field_at(record, f));
        lua_rawset(L, -3);
    }
    if (later != 0)
        put_off(L, shape, record, later);
    push_metatable(L, shape);
    lua_setmetatable(L, -2);
}

/* A part that the view names, but does not have this time, is nil; any other name is a mistake. */
static int view_index(lua_State *L)
{
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 0;
    return luaL_error(L, "this view has no part \"%s\"", luaL_tolstring(L, 2, NULL));
}

static void be_strict(lua_State *L, const struct kt_view *view)
{
    lua_createtable(L, 0, 1);
    lua_createtable(L, 0, (int)view->count);
    for (size_t i = 0; i < view->count; i++) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, view->part[i].name);
    }
    lua_pushcclosure(L, view_index, 1);
    lua_setfield(L, -2, "__index");
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
            kt_map_push_record(L, part->shape, part->record);
        else if (part->is_dec)
            kt_map_push_dec(L, part->dec);
        else if (part->shape == NULL && part->text.p != NULL)
            push_str(L, part->text);
        else
            continue; /* absent */
        lua_setfield(L, -2, part->name);
    }
    be_strict(L, view);
}
