#ifndef KT_PROPERTY_DOCUMENTS_SCENE_H
#define KT_PROPERTY_DOCUMENTS_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "generator.h"

#include "base/arena.h"
#include "base/civil.h"
#include "model/record.h"
#include "trade/documents.h"

/* Versions of documents for the property tests, and what their slow references share. */
enum { VERSIONS_MAX = 10 };

static const char *const zone_names[] = {
    "Europe/Berlin", "America/Havana", "America/Santiago", "Africa/Cairo", "America/Sao_Paulo",
    "Pacific/Apia",  "Asia/Beirut",    "America/New_York", "Asia/Tokyo",   "UTC"
};
static const struct kt_zone *zone[KT_COUNT(zone_names)];
static struct kt_arena *zones;
static struct kt_arena *arena;

struct scene {
    struct kt_document document[VERSIONS_MAX];
    struct kt_document_version version[VERSIONS_MAX];
    size_t count;
    struct kt_document_ask ask;
};

static const char *const version_names[] = { "1",    "2",  "10", "01",   "1.9",
                                             "1.10", "A2", "A1", "A10b", "" };

/* Some of these, each with that chance in a hundred. */
static struct kt_list any_of(struct gen *g, const char *const *names, size_t count, size_t chance)
{
    struct kt_ref *ref = KT_NEW_ARRAY(arena, count, struct kt_ref);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (gen_below(g, 100) >= chance)
            continue;
        KT_PUT(&ref[n], kt_ref_shape, id, kt_str_of(names[i]));
        n++;
    }
    return (struct kt_list){ ref, n };
}

/* --- references --- */

static inline bool lists(struct kt_list list, const char *id)
{
    bool is = false;
    for (size_t i = 0; i < list.count; i++)
        is = is || kt_str_is(((const struct kt_ref *)list.item)[i].id, id);
    return is;
}

static inline bool is_on(const struct kt_document *d, struct kt_day day)
{
    char today[16];
    char from[16];
    char until[16];
    kt_day_text(day, today);
    kt_day_text(d->valid_from, from);
    kt_day_text(d->valid_until, until);
    return strcmp(from, today) <= 0 &&
           (until[0] == '\0' || strcmp(until, "9999-12-31") == 0 || strcmp(today, until) <= 0);
}

/* replaces[i][k]: i supersedes k, by whatever way; only those that take part. */
static inline void closure(const struct scene *s, const bool *takes_part,
                           bool replaces[VERSIONS_MAX][VERSIONS_MAX])
{
    for (size_t i = 0; i < s->count; i++) {
        for (size_t k = 0; k < s->count; k++)
            replaces[i][k] = takes_part[i] && takes_part[k] && s->document[i].supersedes.n > 0 &&
                             kt_str_eq(s->document[i].id, s->document[k].id) &&
                             kt_str_eq(s->document[i].supersedes, s->document[k].version);
    }
    for (size_t via = 0; via < s->count; via++) {
        for (size_t i = 0; i < s->count; i++) {
            for (size_t k = 0; k < s->count; k++)
                replaces[i][k] = replaces[i][k] || (replaces[i][via] && replaces[via][k]);
        }
    }
}

/* A text whose bytes sort as versions do: first day, when it was learned, the version with its
 * numbers made equally long, the version as it is. */
static inline void rank_text(const struct kt_document_version *v, char out[400])
{
    char day[16];
    kt_day_text(v->document->valid_from, day);
    int n = snprintf(out, 400, "%-10s|%020lld|", day, (long long)v->first_us);
    const char *p = v->document->version.p;
    while (*p != '\0') {
        size_t digits = strspn(p, "0123456789");
        if (digits > 0)
            n += snprintf(out + n, 400 - (size_t)n, "%020lld", strtoll(p, NULL, 10));
        else
            n += snprintf(out + n, 400 - (size_t)n, "%c", *p);
        p += digits > 0 ? digits : 1;
    }
    (void)snprintf(out + n, 400 - (size_t)n, "\x01%s", v->document->version.p);
}

static inline int open_zones(void **state)
{
    (void)state;
    zones = kt_arena_new();
    arena = kt_arena_new();
    for (size_t i = 0; i < KT_COUNT(zone_names); i++) {
        zone[i] = kt_zone_load(zones, zone_names[i]);
        if (zone[i] == NULL)
            return 1;
    }
    return 0;
}

static inline int close_zones(void **state)
{
    (void)state;
    kt_arena_free(arena);
    kt_arena_free(zones);
    return 0;
}

#endif
