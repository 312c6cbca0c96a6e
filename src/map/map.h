#ifndef KT_MAP_MAP_H
#define KT_MAP_MAP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "model/shape.h"

/* The mapping: a view goes into one Lua function of the unit's name, a canonical payload comes out.
 * One sandboxed state per thread (docs/mapping.md): own allocator and instruction budget, no io,
 * os, load, debug, coroutines; globals are read-only; decimals are exact userdata. */
struct kt_map;

/* text: the mapping's source; file: its name in messages. Compiles and runs the chunk, which
 * returns a table of functions: { product = function(view) … end, price = …, stock = … }.
 * Errors KT_CONFIG/KT_ENDPOINT MAPPING_FAILED with file and line. */
enum kt_rc kt_map_open(struct kt_map **out, const char *file, const char *text,
                       struct kt_err *e) KT_MUST;
void kt_map_close(struct kt_map *map); /* NULL is fine */
bool kt_map_has(struct kt_map *map, const char *function);

/* What a mapping sees. One named part: a record, a list of records, or a plain value. */
struct kt_view_part {
    const char *name;
    const struct kt_shape *shape; /* NULL: `text` or `dec` is the value */
    const void *record;           /* one record; or array when is_list */
    size_t count;
    bool is_list;
    struct kt_str text;
    struct kt_dec dec;
    bool is_dec;
};

enum { KT_VIEW_PARTS = 12 };

struct kt_view {
    struct kt_view_part part[KT_VIEW_PARTS];
    size_t count;
};

void kt_view_record(struct kt_view *v, const char *name, const struct kt_shape *shape,
                    const void *record);
void kt_view_list(struct kt_view *v, const char *name, const struct kt_shape *shape,
                  const void *records, size_t count);
void kt_view_text(struct kt_view *v, const char *name, struct kt_str text);
void kt_view_dec(struct kt_view *v, const char *name, struct kt_dec dec);

/* Calls `function` with the view as one table; *payload is canonical JSON (sorted members) of the
 * table it returns, in `a`. record: what messages call it ("product sap-800|SKU-1").
 * Errors KT_REJECT/KT_RECORD MAPPING_FAILED {unit} {message with file:line}; a budget that is used
 * up counts as such, and no pcall of the mapping can catch it. */
enum kt_rc kt_map_call(struct kt_map *map, const char *function, const struct kt_view *view,
                       const char *record, struct kt_str *payload, struct kt_arena *a,
                       struct kt_err *e) KT_MUST;

#endif
