/* Decimals of the mapping language: immutable userdata around struct kt_dec. Sums, differences and
 * products are exact or an error; rounding happens only in functions that carry it in their name.
 * Whole numbers of Lua mix freely, floating point numbers are refused. The thread of the state. */
#include "map/decimal.h"

#include <lauxlib.h>
#include <string.h>

#include "map/state.h"

#define TYPE_NAME "decimal"

void kt_map_push_dec(lua_State *L, struct kt_dec d)
{
    struct kt_dec *own = lua_newuserdatauv(L, sizeof(*own), 0);
    *own = d;
    luaL_setmetatable(L, TYPE_NAME);
}

bool kt_map_is_dec(lua_State *L, int index, struct kt_dec *out)
{
    const struct kt_dec *d = luaL_testudata(L, index, TYPE_NAME);
    if (d != NULL)
        *out = *d;
    return d != NULL;
}

/* An operand: a decimal or a whole number. */
static struct kt_dec operand(lua_State *L, int index)
{
    struct kt_dec d = { 0, 0 };
    if (kt_map_is_dec(L, index, &d))
        return d;
    if (lua_isinteger(L, index))
        return kt_dec_int((int64_t)lua_tointeger(L, index));
    if (lua_type(L, index) == LUA_TNUMBER)
        luaL_error(L, "a floating point number cannot be mixed with decimals; "
                      "write it as dec(\"1.50\")");
    luaL_error(L, "a decimal or a whole number is needed here, not %s", luaL_typename(L, index));
    return d; /* not reached */
}

static int give(lua_State *L, bool is_ok, struct kt_dec d, const char *what)
{
    if (!is_ok)
        return luaL_error(L, "the %s has more digits than a decimal holds", what);
    kt_map_push_dec(L, d);
    return 1;
}

static uint8_t digits_arg(lua_State *L, int index)
{
    lua_Integer n = luaL_checkinteger(L, index);
    luaL_argcheck(L, n >= 0 && n <= KT_DEC_SCALE_MAX, index, "0 to 6 digits");
    return (uint8_t)n;
}

static int dec_add(lua_State *L)
{
    struct kt_dec d = { 0, 0 };
    return give(L, kt_dec_add(&d, operand(L, 1), operand(L, 2)), d, "sum");
}

static int dec_sub(lua_State *L)
{
    struct kt_dec d = { 0, 0 };
    return give(L, kt_dec_sub(&d, operand(L, 1), operand(L, 2)), d, "difference");
}

/* Exact: with trailing zeros gone a product has at most the digits of both factors. */
static int dec_mul(lua_State *L)
{
    struct kt_dec a = kt_dec_trim(operand(L, 1));
    struct kt_dec b = kt_dec_trim(operand(L, 2));
    int64_t units = 0;
    if (__builtin_mul_overflow(a.units, b.units, &units) || units == INT64_MIN)
        return luaL_error(L, "the product has more digits than a decimal holds");
    unsigned scale = (unsigned)a.scale + b.scale;
    while (scale > KT_DEC_SCALE_MAX && units % 10 == 0) {
        units /= 10;
        scale--;
    }
    if (scale > KT_DEC_SCALE_MAX)
        return luaL_error(L, "the product has more than 6 decimals; use a:mul(b, digits)");
    kt_map_push_dec(L, (struct kt_dec){ units, (uint8_t)scale });
    return 1;
}

static int dec_mul_rounded(lua_State *L)
{
    struct kt_dec d = { 0, 0 };
    return give(L, kt_dec_mul(&d, operand(L, 1), operand(L, 2), digits_arg(L, 3)), d, "product");
}

static int dec_div_rounded(lua_State *L)
{
    struct kt_dec d = { 0, 0 };
    struct kt_dec by = operand(L, 2);
    if (kt_dec_is_zero(by))
        return luaL_error(L, "division by zero");
    return give(L, kt_dec_div(&d, operand(L, 1), by, digits_arg(L, 3)), d, "quotient");
}

static int dec_refuse_div(lua_State *L)
{
    return luaL_error(L, "a quotient needs a rounding; use a:div(b, digits)");
}

static int dec_neg(lua_State *L)
{
    struct kt_dec d = { 0, 0 };
    return give(L, kt_dec_sub(&d, kt_dec_int(0), operand(L, 1)), d, "difference");
}

static int dec_eq(lua_State *L)
{
    lua_pushboolean(L, kt_dec_cmp(operand(L, 1), operand(L, 2)) == 0);
    return 1;
}

static int dec_lt(lua_State *L)
{
    lua_pushboolean(L, kt_dec_cmp(operand(L, 1), operand(L, 2)) < 0);
    return 1;
}

static int dec_le(lua_State *L)
{
    lua_pushboolean(L, kt_dec_cmp(operand(L, 1), operand(L, 2)) <= 0);
    return 1;
}

/* d:text(2) with exactly two digits, never losing one; d:text() without trailing zeros. */
static int dec_text(lua_State *L)
{
    struct kt_dec d = operand(L, 1);
    struct kt_dec shown = kt_dec_trim(d);
    char text[KT_DEC_TEXT_MAX];
    if (!lua_isnoneornil(L, 2) && !kt_dec_rescale(&shown, d, digits_arg(L, 2))) {
        kt_dec_text(shown, text);
        return luaL_error(L, "%s does not fit %d decimals; round it first", text,
                          (int)digits_arg(L, 2));
    }
    kt_dec_text(shown, text);
    lua_pushstring(L, text);
    return 1;
}

static int dec_tostring(lua_State *L)
{
    char text[KT_DEC_TEXT_MAX];
    kt_dec_text(kt_dec_trim(operand(L, 1)), text);
    lua_pushstring(L, text);
    return 1;
}

static int dec_round_half_up(lua_State *L)
{
    kt_map_push_dec(L, kt_dec_round_half_up(operand(L, 1), digits_arg(L, 2)));
    return 1;
}

static int dec_round_half_even(lua_State *L)
{
    kt_map_push_dec(L, kt_dec_round_half_even(operand(L, 1), digits_arg(L, 2)));
    return 1;
}

static int dec_floor(lua_State *L)
{
    kt_map_push_dec(L, kt_dec_floor(operand(L, 1), digits_arg(L, 2)));
    return 1;
}

static int dec_abs(lua_State *L)
{
    kt_map_push_dec(L, kt_dec_abs(operand(L, 1)));
    return 1;
}

static int dec_is_zero(lua_State *L)
{
    lua_pushboolean(L, kt_dec_is_zero(operand(L, 1)));
    return 1;
}

/* The whole number, or an error where digits would be lost. */
static int dec_integer(lua_State *L)
{
    struct kt_dec whole = { 0, 0 };
    if (!kt_dec_rescale(&whole, operand(L, 1), 0))
        return luaL_error(L, "this is no whole number; round it first");
    lua_pushinteger(L, (lua_Integer)whole.units);
    return 1;
}

/* dec("12.50"), dec(3), dec(d) */
static int dec_new(lua_State *L)
{
    struct kt_dec d = { 0, 0 };
    if (lua_type(L, 1) != LUA_TSTRING) {
        d = operand(L, 1);
    } else {
        size_t n = 0;
        const char *p = lua_tolstring(L, 1, &n);
        if (!kt_dec_parse(&d, (struct kt_str){ p, n }))
            return luaL_error(L, "\"%s\" is no decimal with a dot and at most 6 decimals", p);
    }
    kt_map_push_dec(L, d);
    return 1;
}

void kt_map_open_decimal(lua_State *L)
{
    static const luaL_Reg meta[] = {
        { "__add", dec_add },
        { "__sub", dec_sub },
        { "__mul", dec_mul },
        { "__unm", dec_neg },
        { "__div", dec_refuse_div },
        { "__idiv", dec_refuse_div },
        { "__eq", dec_eq },
        { "__lt", dec_lt },
        { "__le", dec_le },
        { "__tostring", dec_tostring },
        { NULL, NULL },
    };
    static const luaL_Reg methods[] = {
        { "abs", dec_abs },
        { "div", dec_div_rounded },
        { "floor", dec_floor },
        { "integer", dec_integer },
        { "is_zero", dec_is_zero },
        { "mul", dec_mul_rounded },
        { "round_half_even", dec_round_half_even },
        { "round_half_up", dec_round_half_up },
        { "text", dec_text },
        { NULL, NULL },
    };
    luaL_newmetatable(L, TYPE_NAME);
    luaL_setfuncs(L, meta, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    lua_pushcfunction(L, dec_new);
    lua_setfield(L, -2, "dec");
}
