/* Memory of one unit of work: blocks that are filled from the front and emptied at once. One thread
 * at a time; every room calls it. Under AddressSanitizer the unused rest of a block and a gap
 * behind each piece are poisoned, so that overruns and pointers kept past a reset show up in tests.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISON 1
#endif
#endif

#ifdef ARENA_POISON
#include <sanitizer/asan_interface.h>
#define ARENA_HIDE(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define ARENA_SHOW(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define ARENA_GAP        16
#else
#define ARENA_HIDE(p, n) ((void)0)
#define ARENA_SHOW(p, n) ((void)0)
#define ARENA_GAP        0
#endif

enum { BLOCK_FIRST = 16 * 1024, BLOCK_LARGEST = 1024 * 1024 };

struct block {
    struct block *next; /* older */
    size_t room;
    size_t used;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct deferred {
    struct deferred *next; /* older */
    void (*free_it)(void *);
    void *thing;
};

struct kt_arena {
    struct block *newest;
    struct deferred *deferred;
    size_t handed_out;
    bool is_secret;
};

__attribute__((noreturn, cold)) static void out_of_memory(void)
{
    static const char line[] = "kontor: out of memory\n";
    if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
        abort();
    abort();
}

static struct block *block_new(size_t room, struct block *next)
{
    if (room > SIZE_MAX - sizeof(struct block))
        out_of_memory();
    struct block *b = malloc(sizeof(struct block) + room);
    if (b == NULL)
        out_of_memory();
    b->next = next;
    b->room = room;
    b->used = 0;
    ARENA_HIDE(b->bytes, room);
    return b;
}

static void block_clear(struct block *b, bool is_secret)
{
    ARENA_SHOW(b->bytes, b->room);
    if (is_secret)
        explicit_bzero(b->bytes, b->used);
    b->used = 0;
}

static struct kt_arena *arena_new(bool is_secret)
{
    struct kt_arena *a = calloc(1, sizeof(*a));
    if (a == NULL)
        out_of_memory();
    a->is_secret = is_secret;
    return a;
}

struct kt_arena *kt_arena_new(void)
{
    return arena_new(false);
}

struct kt_arena *kt_arena_new_secret(void)
{
    return arena_new(true);
}

static void run_deferred(struct kt_arena *a)
{
    /* A deferred free may look at arena memory, so nothing is cleared before the last one ran. */
    while (a->deferred != NULL) {
        struct deferred *d = a->deferred;
        a->deferred = d->next;
        d->free_it(d->thing);
    }
}

void kt_arena_reset(struct kt_arena *a)
{
    run_deferred(a);
    while (a->newest != NULL && a->newest->next != NULL) {
        struct block *old = a->newest;
        a->newest = old->next;
        block_clear(old, a->is_secret);
        free(old);
    }
    if (a->newest != NULL) {
        block_clear(a->newest, a->is_secret);
        ARENA_HIDE(a->newest->bytes, a->newest->room);
    }
    a->handed_out = 0;
}

void kt_arena_free(struct kt_arena *a)
{
    if (a == NULL)
        return;
    kt_arena_reset(a);
    if (a->newest != NULL)
        ARENA_SHOW(a->newest->bytes, a->newest->room);
    free(a->newest);
    free(a);
}

static size_t next_room(const struct kt_arena *a, size_t need)
{
    size_t room = BLOCK_FIRST;
    if (a->newest != NULL && a->newest->room >= BLOCK_LARGEST / 2)
        room = BLOCK_LARGEST;
    else if (a->newest != NULL)
        room = a->newest->room * 2;
    return room < need ? need : room;
}

void *kt_alloc(struct kt_arena *a, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    if (size > SIZE_MAX / 2)
        out_of_memory();
    size_t need = ((size == 0 ? 1 : size) + align - 1) / align * align + ARENA_GAP;
    if (a->newest == NULL || a->newest->room - a->newest->used < need)
        a->newest = block_new(next_room(a, need), a->newest);
    unsigned char *p = a->newest->bytes + a->newest->used;
    a->newest->used += need;
    a->handed_out += size;
    ARENA_SHOW(p, size == 0 ? 1 : size);
    memset(p, 0, size == 0 ? 1 : size);
    return p;
}

void *kt_alloc_array(struct kt_arena *a, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        out_of_memory();
    return kt_alloc(a, count * size);
}

char *kt_text_copy(struct kt_arena *a, const char *text)
{
    if (text == NULL)
        return NULL;
    size_t n = strlen(text);
    char *copy = kt_alloc(a, n + 1);
    memcpy(copy, text, n);
    return copy;
}

char *kt_format(struct kt_arena *a, const char *fmt, ...)
{
    va_list args;
    va_list again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    KT_ASSERT(n >= 0);
    char *text = kt_alloc(a, (size_t)n + 1);
    (void)vsnprintf(text, (size_t)n + 1, fmt, again); /* length measured above */
    va_end(again);
    return text;
}

void kt_arena_defer(struct kt_arena *a, void (*free_it)(void *), void *thing)
{
    struct deferred *d = KT_NEW(a, struct deferred);
    d->free_it = free_it;
    d->thing = thing;
    d->next = a->deferred;
    a->deferred = d;
}

size_t kt_arena_used(const struct kt_arena *a)
{
    return a->handed_out;
}
