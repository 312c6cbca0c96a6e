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
bool kt_map_has(const struct kt_map *map, const char *function);

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

enum { KT_VIEW_PARTS = 24 };

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
/* A part that such a view may have, but not this time: nil. Any other name is an error there. */
void kt_view_absent(struct kt_view *v, const char *name);

/* Calls `function` with the view as one table; *payload is canonical JSON (sorted members) of the
 * table it returns, in `a`. record: what messages call it ("product sap-800|SKU-1").
 * Errors KT_REJECT/KT_RECORD: RECORD_REFUSED_BY_RULE {record} {message} where the mapping said
 * error("…"); MAPPING_FAILED {unit} {message with file:line} for a mistake in it; a budget that is
 * used up counts as such, and no pcall of the mapping can catch it. */
enum kt_rc kt_map_call(struct kt_map *map, const char *function, const struct kt_view *view,
                       const char *record, struct kt_str *payload, struct kt_arena *a,
                       struct kt_err *e) KT_MUST;

/* May the page be offered on this channel? Asks the function `route` of the mapping with the view
 * of a product; where there is none: yes. *reason: why not, as the rule says it, or "".
 * Errors as kt_map_call. */
enum kt_rc kt_map_route(struct kt_map *map, const struct kt_view *view, const char *record,
                        bool *is_offered, const char **reason, struct kt_arena *a,
                        struct kt_err *e) KT_MUST;

/* The view as JSON: records by their shapes, decimals as texts. */
void kt_view_write(struct kt_buf *out, const struct kt_view *view);

/* A customer's rules for the records of one ERP: a file that returns
 * { enrich = function(kind, record) … return record end, validate = function(kind, record) … end },
 * both optional. Sandbox and budgets are those of a mapping; one state per thread. */
struct kt_hooks;

/* Errors KT_CONFIG/KT_ENDPOINT MAPPING_FAILED with file and line. */
enum kt_rc kt_hooks_open(struct kt_hooks **out, const char *file, const char *text,
                         struct kt_err *e) KT_MUST;
void kt_hooks_close(struct kt_hooks *hooks); /* NULL is fine */

/* Hands a checked record to `enrich` and reads it back into *record: checked again, in normal form;
 * texts and lists live in `a`. Key fields cannot change. kind: the shape's name; label: what
 * messages call it. Without the function, or with hooks NULL: nothing happens. On failure *record
 * is as it was.
 * Errors KT_REJECT/KT_RECORD: MAPPING_FAILED {unit} {message with file, line, field};
 * RECORD_REFUSED_BY_RULE {record} {message} where the rule said error("…"); what kt_shape_check
 * says. Messages on records with personal fields are marked personal and stay out of the trail. */
enum kt_rc kt_hooks_enrich(struct kt_hooks *hooks, const char *kind, const struct kt_shape *shape,
                           void *record, const char *label, struct kt_arena *a,
                           struct kt_err *e) KT_MUST;
/* Asks `route(view)` to which ERP a line of an order goes; *erp NULL: it does not say, or there is
 * no such function. The view holds order, line, channel, and what is known of the article: variant
 * (nil: nothing) and stock. Errors as kt_hooks_validate; messages stay out of the trail, since
 * orders are personal. */
enum kt_rc kt_hooks_route(struct kt_hooks *hooks, const struct kt_view *view, const char *label,
                          const char **erp, struct kt_arena *a, struct kt_err *e) KT_MUST;
bool kt_hooks_has_route(const struct kt_hooks *hooks); /* NULL: no */
/* Asks `validate`; it refuses with error("…") or by returning false and a reason.
 * Errors RECORD_REFUSED_BY_RULE; MAPPING_FAILED where the rule itself has a mistake. */
enum kt_rc kt_hooks_validate(struct kt_hooks *hooks, const char *kind, const struct kt_shape *shape,
                             const void *record, const char *label, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;

#endif
