/* Counters of this process. Any thread counts, without a lock once its series is there; the admin
 * worker reads. A series is born under the lock and never dies, so that whoever found it may go on
 * using it. */
#include "base/metric.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define COUNTER   KT_METRIC_COUNTER
#define GAUGE     KT_METRIC_GAUGE
#define HISTOGRAM KT_METRIC_HISTOGRAM

const struct kt_metric_row kt_metric_row[KT_METRICS] = {
#define METRIC(id, type, name, labels, help) { name, type, labels, help },
#include "base/metrics.def"
#undef METRIC
};

enum { SERIES = 512, SERIES_MOST = 400, BUCKETS = 12 };

static const int64_t bucket_us[BUCKETS] = { 1000,   2500,   5000,   10000,   25000,   50000,
                                            100000, 250000, 500000, 1000000, 2500000, 10000000 };

struct series {
    atomic_bool is_used; /* set last; what follows it does not change any more */
    enum kt_metric metric;
    char label[KT_METRIC_LABELS][KT_LABEL_MAX];
    _Atomic int64_t value; /* of a counter; of a histogram its count */
    _Atomic int64_t sum_us;
    _Atomic int64_t bucket[BUCKETS]; /* each alone, not yet summed up */
};

static struct series all[SERIES];
static pthread_mutex_t births = PTHREAD_MUTEX_INITIALIZER; /* guards is_used going true */
static size_t born;                                        /* under the lock */
static _Atomic int64_t left_out;

/* --- finding --- */

static size_t labels_of(enum kt_metric metric)
{
    const char *names = kt_metric_row[metric].labels;
    size_t n = names[0] == '\0' ? 0 : 1;
    for (const char *p = names; *p != '\0'; p++)
        n += *p == ',';
    return n;
}

static void cut(char out[KT_LABEL_MAX], const char *text)
{
    const struct kt_str s = { text, strlen(text) };
    const size_t n = kt_utf8_fit(s, KT_LABEL_MAX - 1);
    memcpy(out, text, n);
    out[n] = '\0';
}

static size_t place_of(enum kt_metric metric, char label[][KT_LABEL_MAX], size_t labels)
{
    uint64_t h = UINT64_C(1469598103934665603) ^ (uint64_t)metric;
    for (size_t i = 0; i < labels; i++) {
        for (const char *p = label[i]; *p != '\0'; p++)
            h = (h ^ (unsigned char)*p) * UINT64_C(1099511628211);
        h = (h ^ '|') * UINT64_C(1099511628211);
    }
    return (size_t)(h % SERIES);
}

static bool is_it(const struct series *s, enum kt_metric metric, char label[][KT_LABEL_MAX],
                  size_t labels)
{
    if (s->metric != metric)
        return false;
    for (size_t i = 0; i < labels; i++) {
        if (strcmp(s->label[i], label[i]) != 0)
            return false;
    }
    return true;
}

/* The series, else the free place where it would stand. */
static struct series *look(enum kt_metric metric, char label[][KT_LABEL_MAX], size_t labels)
{
    size_t at = place_of(metric, label, labels);
    for (;; at = (at + 1) % SERIES) { /* ends: never more than SERIES_MOST are used */
        struct series *s = &all[at];
        if (!atomic_load_explicit(&s->is_used, memory_order_acquire) ||
            is_it(s, metric, label, labels))
            return s;
    }
}

static struct series *find(enum kt_metric metric, const char *const *value, bool make)
{
    char label[KT_METRIC_LABELS][KT_LABEL_MAX];
    const size_t labels = labels_of(metric);
    KT_ASSERT(labels <= KT_METRIC_LABELS);
    for (size_t i = 0; i < labels; i++) {
        KT_ASSERT(value[i] != NULL);
        cut(label[i], value[i]);
    }
    struct series *s = look(metric, label, labels);
    if (atomic_load_explicit(&s->is_used, memory_order_acquire))
        return s;
    if (!make)
        return NULL;
    (void)pthread_mutex_lock(&births);
    s = look(metric, label, labels); /* somebody may have been faster */
    if (!atomic_load_explicit(&s->is_used, memory_order_relaxed)) {
        if (born >= SERIES_MOST) {
            s = NULL;
        } else {
            born++;
            s->metric = metric;
            memcpy(s->label, label, labels * sizeof label[0]);
            atomic_store_explicit(&s->is_used, true, memory_order_release);
        }
    }
    (void)pthread_mutex_unlock(&births);
    if (s == NULL)
        atomic_fetch_add_explicit(&left_out, 1, memory_order_relaxed);
    return s;
}

/* --- counting --- */

void kt_metric_add(enum kt_metric metric, int64_t by, const char *const *label)
{
    struct series *s = find(metric, label, true);
    if (s != NULL)
        atomic_fetch_add_explicit(&s->value, by, memory_order_relaxed);
}

void kt_metric_time(enum kt_metric metric, int64_t took_us, const char *const *label)
{
    size_t at = 0;
    KT_ASSERT(kt_metric_row[metric].type == KT_METRIC_HISTOGRAM);
    struct series *s = find(metric, label, true);
    if (s == NULL)
        return;
    while (at < BUCKETS && took_us > bucket_us[at])
        at++;
    if (at < BUCKETS)
        atomic_fetch_add_explicit(&s->bucket[at], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->sum_us, took_us, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->value, 1, memory_order_relaxed);
}

int64_t kt_metric_get(enum kt_metric metric, const char *const *label)
{
    struct series *s = find(metric, label, false);
    return s == NULL ? 0 : atomic_load_explicit(&s->value, memory_order_relaxed);
}

/* --- writing --- */

void kt_metric_head(struct kt_buf *out, enum kt_metric metric)
{
    static const char *const types[] = { "counter", "gauge", "histogram" };
    const struct kt_metric_row *row = &kt_metric_row[metric];
    kt_buf_format(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
                  types[row->type]);
}

static void put_escaped(struct kt_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            kt_buf_text(out, "\\n");
            continue;
        }
        if (*text == '\\' || *text == '"')
            kt_buf_char(out, '\\');
        kt_buf_char(out, *text);
    }
}

/* {door="idoc",le="0.5"}; le: of a histogram's bucket, else NULL. */
static void put_labels(struct kt_buf *out, enum kt_metric metric, const char *const *label,
                       const char *le)
{
    const char *name = kt_metric_row[metric].labels;
    const char *open = "{";
    for (size_t i = 0; name[0] != '\0'; i++) {
        const size_t n = strcspn(name, ",");
        KT_ASSERT(label[i] != NULL);
        kt_buf_format(out, "%s%.*s=\"", open, (int)n, name);
        put_escaped(out, label[i]);
        kt_buf_char(out, '"');
        open = ",";
        name += n + (name[n] == ',');
    }
    if (le != NULL) {
        kt_buf_format(out, "%sle=\"%s\"", open, le);
        open = ",";
    }
    if (open[0] == ',')
        kt_buf_char(out, '}');
}

static void seconds(char out[32], int64_t us)
{
    (void)snprintf(out, 32, "%s%lld.%06lld", us < 0 ? "-" : "",
                   (long long)((us < 0 ? -us : us) / 1000000),
                   (long long)((us < 0 ? -us : us) % 1000000));
}

void kt_metric_put(struct kt_buf *out, enum kt_metric metric, int64_t value,
                   const char *const *label)
{
    kt_buf_text(out, kt_metric_row[metric].name);
    put_labels(out, metric, label, NULL);
    kt_buf_format(out, " %lld\n", (long long)value);
}

void kt_metric_put_us(struct kt_buf *out, enum kt_metric metric, int64_t us,
                      const char *const *label)
{
    char text[32];
    seconds(text, us);
    kt_buf_text(out, kt_metric_row[metric].name);
    put_labels(out, metric, label, NULL);
    kt_buf_format(out, " %s\n", text);
}

/* The buckets first: what is counted in between must not make the last one larger than +Inf. */
static void put_histogram(struct kt_buf *out, struct series *s, const char *const *label)
{
    const char *name = kt_metric_row[s->metric].name;
    int64_t bucket[BUCKETS];
    int64_t sum = 0;
    char text[32];
    for (size_t i = 0; i < BUCKETS; i++)
        bucket[i] = atomic_load_explicit(&s->bucket[i], memory_order_relaxed);
    for (size_t i = 0; i < BUCKETS; i++) {
        sum += bucket[i];
        seconds(text, bucket_us[i]);
        kt_buf_format(out, "%s_bucket", name);
        put_labels(out, s->metric, label, text);
        kt_buf_format(out, " %lld\n", (long long)sum);
    }
    const int64_t count = atomic_load_explicit(&s->value, memory_order_relaxed);
    kt_buf_format(out, "%s_bucket", name);
    put_labels(out, s->metric, label, "+Inf");
    kt_buf_format(out, " %lld\n", (long long)(count < sum ? sum : count));
    seconds(text, atomic_load_explicit(&s->sum_us, memory_order_relaxed));
    kt_buf_format(out, "%s_sum", name);
    put_labels(out, s->metric, label, NULL);
    kt_buf_format(out, " %s\n%s_count", text, name);
    put_labels(out, s->metric, label, NULL);
    kt_buf_format(out, " %lld\n", (long long)(count < sum ? sum : count));
}

static void put_series(struct kt_buf *out, struct series *s)
{
    const char *label[KT_METRIC_LABELS + 1] = { s->label[0], s->label[1], s->label[2], NULL };
    if (kt_metric_row[s->metric].type == KT_METRIC_HISTOGRAM)
        put_histogram(out, s, label);
    else
        kt_metric_put(out, s->metric, atomic_load_explicit(&s->value, memory_order_relaxed), label);
}

void kt_metric_put_kept(struct kt_buf *out)
{
    const char *name = kt_metric_row[KT_M_OVERFLOW].name;
    for (int m = 0; m < KT_METRICS; m++) {
        bool has_head = false;
        for (size_t i = 0; i < SERIES; i++) {
            if (!atomic_load_explicit(&all[i].is_used, memory_order_acquire) ||
                (int)all[i].metric != m)
                continue;
            if (!has_head)
                kt_metric_head(out, (enum kt_metric)m);
            has_head = true;
            put_series(out, &all[i]);
        }
    }
    kt_metric_head(out, KT_M_OVERFLOW);
    kt_buf_format(out, "%s %lld\n", name, (long long)atomic_load(&left_out));
}
