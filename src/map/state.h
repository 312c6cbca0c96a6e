#ifndef KT_MAP_STATE_H
#define KT_MAP_STATE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "map/map.h"

/* The sandbox behind a mapping: memory, steps and time are counted here, and only what is listed
 * in state.c can be called. Files of this room only. */
enum {
    KT_MAP_MEMORY = 16 << 20,  /* bytes a state may hold */
    KT_MAP_STEPS = 1000000,    /* per call: VM instructions and what library functions charge */
    KT_MAP_TEXT_MAX = 1 << 20, /* payload, and longest text that string.rep and gsub make */
    KT_MAP_DEPTH = 32,         /* nesting of a payload */
    KT_MAP_SORT_MAX = 10000    /* entries that table.sort and pairs take */
};
#define KT_MAP_TIME_US (1 * KT_SECOND) /* per call, on the monotonic clock */

/* A record of which parts and lists have not been looked at: push.c. */
struct kt_map_lazy {
    const struct kt_shape *shape;
    const void *record;
    uint64_t fields; /* bit i: field i is still to be made */
};

enum kt_spent { KT_SPENT_NOT = 0, KT_SPENT_STEPS, KT_SPENT_TIME, KT_SPENT_MEMORY };

struct kt_map {
    lua_State *lua;
    struct kt_arena *arena; /* names, for the life of the state */
    const char *file;
    const char **function; /* what the mapping offers */
    size_t function_count;
    size_t used; /* bytes */
    bool is_counting;
    enum kt_spent spent; /* once set, every further step fails until the next call */
    int64_t steps_left;
    int64_t clock_at; /* steps_left at which the clock is looked at next */
    int64_t deadline_us;
    struct kt_map_lazy *lazy; /* of one call */
    size_t lazies;
    size_t lazy_room;
};

/* Makes map->lua with the sandbox in it. False: no memory. */
bool kt_map_state_open(struct kt_map *map) KT_MUST;

/* Starts and ends the budgets of one call. */
void kt_map_budget_start(struct kt_map *map);
void kt_map_budget_end(struct kt_map *map);
const char *kt_map_spent_text(enum kt_spent spent);

struct kt_map *kt_map_of(lua_State *L);
/* Takes steps from the budget; raises a Lua error when it is used up. */
void kt_map_charge(lua_State *L, size_t steps);
void kt_map_charge_bytes(lua_State *L, size_t bytes);

/* Pushes a fresh environment whose globals can be read and not written. */
void kt_map_push_environment(lua_State *L);

/* The table on top becomes one that can be read and not written. */
void kt_map_seal(lua_State *L);

#endif
