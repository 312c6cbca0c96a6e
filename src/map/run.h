#ifndef KT_MAP_RUN_H
#define KT_MAP_RUN_H

#include <lua.h>

#include "map/state.h"

/* Runs one thing in the state of a mapping: budgets, one protected call, a message. */
struct kt_map_failure {
    const char *message; /* NULL: it went well */
    const char *refusal; /* what error("…") or assert of the file said, without its place; NULL: it
                          * failed for another reason */
};

/* Calls `what` with `job` as its light userdata; messages live in `a`. */
struct kt_map_failure kt_map_run(struct kt_map *map, lua_CFunction what, void *job,
                                 struct kt_arena *a);

/* A rule may say anything: this much of it is text that a database takes. */
const char *kt_map_fit(const char *text, struct kt_arena *a);

/* Inside of it: runs the compiled file in a fresh environment, so that nothing a call leaves behind
 * reaches the next one; its table of functions stays on top. */
void kt_map_run_file(lua_State *L, const struct kt_map *map);
/* The same, then pushes the place of one of its functions ("woocommerce.lua:12: product") and the
 * function. False: the file has none; nothing is pushed. */
bool kt_map_push_function(lua_State *L, const struct kt_map *map, const char *name) KT_MUST;

#endif
