/* A Lua table back into a record, by its shape: exactly, or an error with the path of the field.
 * Values do not appear in messages, as they may be personal. The thread of the state; called by
 * hooks.c. */
#include "map/read.h"

#include <lauxlib.h>
#include <string.h>

#include "map/decimal.h"
#include "map/library.h"
#include "map/path.h"
#include "map/push.h"

struct reading {
    lua_State *L;
    struct kt_map_path path;
    struct kt_arena *arena;
};

static void read_fields(struct reading *r, const struct kt_shape *shape, void *record);

static void refuse(struct reading *r, const char *what)
{
    kt_map_path_refuse(&r->path, what);
}

/* What stands on top, where something else is needed. */
static void refuse_type(struct reading *r, const char *needed)
{
    struct kt_dec d;
    const char *is = kt_map_is_dec(r->L, -1, &d) ? "decimal" : luaL_typename(r->L, -1);
    refuse(r, lua_pushfstring(r->L, "is a %s, %s is needed", is, needed));
}

static struct kt_str text_on_top(struct reading *r, const char *needed)
{
    struct kt_str s = { NULL, 0 };
    if (lua_type(r->L, -1) != LUA_TSTRING)
        refuse_type(r, needed);
    s.p = lua_tolstring(r->L, -1, &s.n);
    return s;
}

static void read_text(struct reading *r, const struct kt_field *f, struct kt_str *out)
{
    struct kt_str s = text_on_top(r, "a text");
    if (!kt_utf8_ok(s))
        refuse(r, "is no valid UTF-8 text");
    if (f->max > 0 && kt_utf8_count(s) > f->max)
        refuse(r, lua_pushfstring(r->L, "has more than %d characters", (int)f->max));
    if ((f->marks & KT_REQUIRED) != 0 && s.n == 0)
        refuse(r, "is empty, but needed");
    *out = kt_str_copy(r->arena, s);
}

static void read_decimal(struct reading *r, const struct kt_field *f, struct kt_dec *out)
{
    struct kt_dec d = { 0, 0 };
    if (lua_isinteger(r->L, -1))
        d = kt_dec_int((int64_t)lua_tointeger(r->L, -1));
    else if (!kt_map_is_dec(r->L, -1, &d))
        refuse_type(r, "a decimal (dec(\"1.50\")) or a whole number");
    if (!kt_dec_rescale(out, d, (uint8_t)f->max))
        refuse(r, lua_pushfstring(r->L, "does not fit %d decimals; round it first", (int)f->max));
}

static void read_choice(struct reading *r, const struct kt_field *f, int *out)
{
    struct kt_buf known;
    struct kt_str name = text_on_top(r, "a choice's name");
    kt_buf_init(&known, r->arena, 400);
    for (int i = 0; f->choices[i] != NULL; i++) {
        if (kt_str_is(name, f->choices[i])) {
            *out = i;
            return;
        }
        kt_buf_format(&known, "%s%s", i > 0 ? ", " : "", f->choices[i]);
    }
    refuse(r, lua_pushfstring(r->L, "is none of its choices: %s", kt_buf_view(&known).p));
}

/* The entries 1 to n and nothing else. */
static size_t count_entries(struct reading *r)
{
    size_t count = 0;
    lua_pushnil(r->L);
    while (lua_next(r->L, -2) != 0) {
        lua_pop(r->L, 1);
        if (!lua_isinteger(r->L, -1))
            refuse(r, "is a list, it has entries and no members");
        count++;
        kt_map_charge(r->L, 1);
    }
    return count;
}

static void read_list(struct reading *r, const struct kt_field *f, struct kt_list *out)
{
    if (lua_type(r->L, -1) != LUA_TTABLE)
        refuse_type(r, "a list");
    kt_map_complete(r->L, lua_gettop(r->L));
    size_t count = count_entries(r);
    char *item = kt_alloc_array(r->arena, count + 1, f->items->size);
    for (size_t i = 0; i < count; i++) {
        kt_map_path_enter(&r->path, NULL, (lua_Integer)i + 1);
        if (lua_rawgeti(r->L, -1, (lua_Integer)i + 1) == LUA_TNIL)
            refuse(r, "is missing; a list has no gaps");
        read_fields(r, f->items, item + i * f->items->size);
        lua_pop(r->L, 1);
        kt_map_path_leave(&r->path);
    }
    if ((f->marks & KT_REQUIRED) != 0 && count == 0)
        refuse(r, "is empty, but needed");
    *out = (struct kt_list){ item, count };
}

static void read_value(struct reading *r, const struct kt_field *f, void *member)
{
    switch (f->type) {
    case KT_TYPE_TEXT:
        read_text(r, f, member);
        break;
    case KT_TYPE_INTEGER:
        if (!lua_isinteger(r->L, -1))
            refuse_type(r, "a whole number");
        *(int64_t *)member = (int64_t)lua_tointeger(r->L, -1);
        break;
    case KT_TYPE_DECIMAL:
        read_decimal(r, f, member);
        break;
    case KT_TYPE_BOOL:
        if (!lua_isboolean(r->L, -1))
            refuse_type(r, "true or false");
        *(bool *)member = lua_toboolean(r->L, -1) != 0;
        break;
    case KT_TYPE_INSTANT:
        if (!kt_time_parse(member, text_on_top(r, "an instant as text"), false))
            refuse(r, "is no instant like 2026-03-01T10:00:00Z");
        break;
    case KT_TYPE_DAY: {
        struct kt_day *day = member;
        if (!kt_day_parse(day, text_on_top(r, "a day as text")) || !kt_day_ok(*day))
            refuse(r, "is no day like 2026-03-01");
        break;
    }
    case KT_TYPE_CHOICE:
        read_choice(r, f, member);
        break;
    case KT_TYPE_PART:
        read_fields(r, f->items, member);
        break;
    case KT_TYPE_LIST:
        read_list(r, f, member);
        break;
    case KT_TYPE_END:
        break;
    }
}

/* A table of our own making has only known fields: write_field of push.c sees to it. One that the
 * rule made itself may have anything. */
static void check_names(struct reading *r, const struct kt_shape *shape)
{
    lua_pushnil(r->L);
    while (lua_next(r->L, -2) != 0) {
        lua_pop(r->L, 1);
        kt_map_charge(r->L, 1);
        if (lua_type(r->L, -1) == LUA_TLIGHTUSERDATA)
            continue; /* the mark of a record */
        if (lua_type(r->L, -1) != LUA_TSTRING)
            refuse(r,
                   lua_pushfstring(r->L, "a %s has fields with names, not entries", shape->name));
        if (kt_field_find(shape, lua_tostring(r->L, -1)) == NULL)
            refuse(r, lua_pushfstring(r->L, "a %s has no field \"%s\"", shape->name,
                                      lua_tostring(r->L, -1)));
    }
}

/* What nobody has looked at is taken over as it is. */
static uint64_t take_untouched(struct reading *r, const struct kt_shape *shape, void *record)
{
    uint64_t fields = 0;
    const void *from = kt_map_untouched(r->L, lua_gettop(r->L), &fields);
    for (const struct kt_field *f = shape->fields; from != NULL && f->type != KT_TYPE_END; f++) {
        if ((fields >> (unsigned)(f - shape->fields) & 1) == 0)
            continue;
        memcpy(kt_field_at_mut(record, f), kt_field_at(from, f),
               f->type == KT_TYPE_LIST ? sizeof(struct kt_list) : f->items->size);
        kt_field_mark(record, shape, f);
    }
    return fields;
}

static void read_fields(struct reading *r, const struct kt_shape *shape, void *record)
{
    if (lua_type(r->L, -1) != LUA_TTABLE)
        refuse_type(r, "a table");
    luaL_checkstack(r->L, 8, "record nested too deeply");
    uint64_t untouched = 0;
    if (kt_map_is_of(r->L, lua_gettop(r->L), shape))
        untouched = take_untouched(r, shape, record);
    else
        kt_map_complete(r->L, lua_gettop(r->L)); /* a record of another kind: names will tell */
    check_names(r, shape);
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if ((untouched >> (unsigned)(f - shape->fields) & 1) != 0)
            continue;
        kt_map_charge(r->L, 1);
        kt_map_path_enter(&r->path, f->name, 0);
        lua_pushstring(r->L, f->name);
        if (lua_rawget(r->L, -2) != LUA_TNIL) {
            read_value(r, f, kt_field_at_mut(record, f));
            kt_field_mark(record, shape, f);
        } else if ((f->marks & KT_REQUIRED) != 0) {
            refuse(r, "is nil, but needed");
        }
        lua_pop(r->L, 1);
        kt_map_path_leave(&r->path);
    }
}

void kt_map_read_record(lua_State *L, const char *place, const struct kt_shape *shape, void *record,
                        struct kt_arena *a)
{
    struct reading r = { .L = L, .path = { .L = L, .place = place }, .arena = a };
    read_fields(&r, shape, record);
}
