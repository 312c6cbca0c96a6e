#ifndef KT_BASE_ARENA_H
#define KT_BASE_ARENA_H

#include <stddef.h>

#include "base/macros.h"

/* Memory of one unit of work: everything is taken from it, nothing is given back one by one, all
 * goes at reset. One thread at a time. Out of memory logs a fixed line and aborts. */
struct kt_arena;

struct kt_arena *kt_arena_new(void);
struct kt_arena *kt_arena_new_secret(void); /* wiped at reset and free */
void kt_arena_reset(struct kt_arena *a); /* runs the deferred frees, newest first; keeps a block */
void kt_arena_free(struct kt_arena *a);  /* NULL is fine */

void *kt_alloc(struct kt_arena *a, size_t size); /* zeroed, aligned for any type, never NULL */
void *kt_alloc_array(struct kt_arena *a, size_t count, size_t size); /* overflow aborts */
#define KT_NEW(a, type)              ((type *)kt_alloc((a), sizeof(type)))
#define KT_NEW_ARRAY(a, count, type) ((type *)kt_alloc_array((a), (count), sizeof(type)))

char *kt_text_copy(struct kt_arena *a, const char *text); /* NULL gives NULL */
char *kt_format(struct kt_arena *a, const char *fmt, ...) KT_PRINTF(2, 3);

/* free_it(thing) runs at the next reset or free: for objects of foreign libraries. */
void kt_arena_defer(struct kt_arena *a, void (*free_it)(void *), void *thing);

size_t kt_arena_used(const struct kt_arena *a); /* bytes handed out since the last reset */

#endif
