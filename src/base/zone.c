/* Market zones, declared in time.h: the system's TZif files (RFC 8536) read into an arena. Loaded
 * at start by whoever owns the configuration, then shared read-only. The file's transitions serve
 * the past; its last line, a POSIX TZ rule, serves every later date. A file is refused as a whole
 * where anything in it is odd, since a wrong midnight moves prices. */
#include <string.h>

#include "base/arena.h"
#include "base/civil.h"
#include "base/file.h"
#include "base/time.h"
#include "base/zone_rule.h"

#define ZONE_FOLDER "/usr/share/zoneinfo/"

enum { ZONE_NAME_MAX = 64, ZONE_FILE_MAX = 256 * 1024, HEAD_BYTES = 44, NEAR_MAX = 16 };

struct kt_zone {
    size_t count;
    const int64_t *at;       /* seconds since 1970, rising */
    const int32_t *offset_s; /* from at[i] on; east is positive */
    int32_t first_offset_s;  /* before at[0] */
    bool has_rule;
    struct kt_zone_rule rule; /* from the last transition on */
};

/* The counts of one header, in the order of the file. */
struct head {
    uint32_t isut, isstd, leap, time, type, chars;
};

static uint64_t big_endian(const unsigned char *p, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | p[i];
    return value;
}

static int64_t signed_of(uint64_t bits)
{
    return bits <= INT64_MAX ? (int64_t)bits : -(int64_t)(UINT64_MAX - bits) - 1;
}

static bool head_read(struct head *h, const unsigned char *p, size_t n)
{
    if (n < HEAD_BYTES || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
        return false;
    uint32_t *member[] = { &h->isut, &h->isstd, &h->leap, &h->time, &h->type, &h->chars };
    for (size_t i = 0; i < KT_COUNT(member); i++) {
        *member[i] = (uint32_t)big_endian(p + 20 + 4 * i, 4);
        if (*member[i] > ZONE_FILE_MAX)
            return false;
    }
    return true;
}

/* Bytes of the data block behind a header whose instants have `width` bytes. */
static size_t block_bytes(const struct head *h, size_t width)
{
    return (size_t)h->time * (width + 1) + (size_t)h->type * 6 + h->chars +
           (size_t)h->leap * (width + 4) + h->isstd + h->isut;
}

static bool transitions_read(struct kt_zone *z, const struct head *h, const unsigned char *p,
                             struct kt_arena *a)
{
    const unsigned char *index = p + (size_t)h->time * 8;
    const unsigned char *type = index + h->time;
    int64_t *at = KT_NEW_ARRAY(a, h->time, int64_t);
    int32_t *offset_s = KT_NEW_ARRAY(a, h->time, int32_t);
    if (h->type == 0 || h->type > 256 || h->leap != 0) /* "right/" zones count leap seconds */
        return false;
    int32_t by_type[256] = { 0 };
    for (size_t i = 0; i < h->type; i++) {
        by_type[i] = (int32_t)(uint32_t)big_endian(type + 6 * i, 4);
        if (by_type[i] < -26 * 3600 || by_type[i] > 26 * 3600)
            return false;
    }
    for (size_t i = 0; i < h->time; i++) {
        at[i] = signed_of(big_endian(p + 8 * i, 8));
        if (index[i] >= h->type || (i > 0 && at[i] <= at[i - 1]))
            return false;
        offset_s[i] = by_type[index[i]];
    }
    z->count = h->time;
    z->at = at;
    z->offset_s = offset_s;
    z->first_offset_s = by_type[0];
    return true;
}

static bool zone_read(struct kt_zone *z, const unsigned char *p, size_t n, struct kt_arena *a)
{
    struct head h;
    if (!head_read(&h, p, n) || block_bytes(&h, 4) > n - HEAD_BYTES)
        return false;
    size_t skip = HEAD_BYTES + block_bytes(&h, 4);
    p += skip;
    n -= skip;
    if (!head_read(&h, p, n) || block_bytes(&h, 8) > n - HEAD_BYTES)
        return false;
    if (!transitions_read(z, &h, p + HEAD_BYTES, a))
        return false;
    size_t used = HEAD_BYTES + block_bytes(&h, 8);
    const char *foot = (const char *)p + used;
    size_t foot_n = n - used;
    if (foot_n < 2 || foot[0] != '\n' || foot[foot_n - 1] != '\n')
        return false;
    struct kt_str rule = { foot + 1, foot_n - 2 };
    z->has_rule = rule.n > 0;
    return rule.n == 0 || kt_zone_rule_parse(&z->rule, rule);
}

static bool name_ok(const char *name)
{
    size_t n = name == NULL ? 0 : strlen(name);
    if (n == 0 || n > ZONE_NAME_MAX || name[0] == '/' || name[n - 1] == '/' ||
        strstr(name, "..") != NULL || strstr(name, "//") != NULL)
        return false;
    return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == n;
}

const struct kt_zone *kt_zone_load(struct kt_arena *a, const char *name)
{
    if (!name_ok(name))
        return NULL;
    struct kt_str bytes;
    const char *complaint = NULL;
    const char *path = kt_format(a, ZONE_FOLDER "%s", name);
    if (!kt_file_read(&bytes, path, ZONE_FILE_MAX, false, a, &complaint))
        return NULL; /* whatever the complaint: there is no such zone */
    struct kt_zone *z = KT_NEW(a, struct kt_zone);
    return zone_read(z, (const unsigned char *)bytes.p, bytes.n, a) ? z : NULL;
}

static int64_t offset_at(const struct kt_zone *z, int64_t t)
{
    bool is_late = z->count == 0 || t >= z->at[z->count - 1];
    if (is_late && z->has_rule)
        return kt_zone_rule_offset_s(&z->rule, t);
    if (z->count == 0 || t < z->at[0])
        return z->first_offset_s;
    size_t low = 0;
    size_t high = z->count; /* at[low] <= t < at[high] */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (z->at[middle] <= t)
            low = middle;
        else
            high = middle;
    }
    return z->offset_s[low];
}

/* Every instant in [from, to) at which the offset may change; at most NEAR_MAX of them. */
static size_t changes_near(const struct kt_zone *z, int64_t from, int64_t to, int64_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < z->count && n < NEAR_MAX; i++) {
        if (z->at[i] >= from && z->at[i] < to)
            out[n++] = z->at[i];
    }
    if (!z->has_rule || !z->rule.has_summer)
        return n;
    int64_t year = kt_civil_of(kt_floor_div(from, 86400)).year;
    for (int64_t y = year - 1; y <= year + 1; y++) {
        int64_t both[2];
        kt_zone_rule_year(&z->rule, y, &both[0], &both[1]);
        for (size_t i = 0; i < 2 && n < NEAR_MAX; i++) {
            if (both[i] >= from && both[i] < to)
                out[n++] = both[i];
        }
    }
    return n;
}

int64_t kt_zone_midnight_us(const struct kt_zone *zone, struct kt_day day)
{
    return kt_zone_at_us(zone, day, 0);
}

int64_t kt_zone_at_us(const struct kt_zone *zone, struct kt_day day, int64_t minutes)
{
    /* The answer is the least t with t + offset(t) >= that local time. Within a stretch of one
     * offset it is the later of the stretch's start and the local time - offset, so trying each
     * stretch suffices. */
    enum { REACH_S = 27 * 3600 };
    int64_t local = kt_civil_days((struct kt_civil){ day.y, day.m, day.d }) * 86400 + minutes * 60;
    int64_t start[NEAR_MAX + 1];
    size_t n = changes_near(zone, local - REACH_S, local + REACH_S, start);
    start[n++] = local - REACH_S;
    int64_t best = INT64_MAX;
    for (size_t i = 0; i < n; i++) {
        int64_t t = local - offset_at(zone, start[i]);
        if (t < start[i])
            t = start[i];
        if (t < best && t + offset_at(zone, t) >= local)
            best = t;
    }
    KT_ASSERT(best != INT64_MAX);
    return best * KT_SECOND;
}

struct kt_day kt_zone_day(const struct kt_zone *zone, int64_t at_us)
{
    int64_t t = kt_floor_div(at_us, KT_SECOND);
    return kt_day_of(at_us > INT64_MAX - KT_DAY_US * 2 || at_us < INT64_MIN + KT_DAY_US * 2
                         ? at_us
                         : (t + offset_at(zone, t)) * KT_SECOND);
}
