#ifndef KT_BASE_METRIC_H
#define KT_BASE_METRIC_H

#include <stdint.h>

#include "base/str.h"

/* Counters of this process, and how they are written for a monitoring system (Prometheus text
 * format 0.0.4). One table for the whole process: any thread may count, nothing is ever taken out;
 * series beyond its size are counted as left out. */
enum kt_metric {
#define METRIC(id, type, name, labels, help) KT_M_##id,
#include "base/metrics.def"
#undef METRIC
    KT_METRICS
};

enum kt_metric_type { KT_METRIC_COUNTER = 0, KT_METRIC_GAUGE, KT_METRIC_HISTOGRAM };

struct kt_metric_row {
    const char *name;
    enum kt_metric_type type;
    const char *labels; /* "door,partner"; "": none */
    const char *help;
};
extern const struct kt_metric_row kt_metric_row[KT_METRICS];

enum { KT_METRIC_LABELS = 3, KT_LABEL_MAX = 48 };

/* Values of the labels in their order, as many as the metric has; longer ones are cut. */
#define KT_LABELS(...) ((const char *const[KT_METRIC_LABELS + 1]){ __VA_ARGS__ })
#define KT_NO_LABELS   ((const char *const[KT_METRIC_LABELS + 1]){ NULL })

/* kt_metric_add(KT_M_HINTS, 1, KT_LABELS(channel, "taken")) */
void kt_metric_add(enum kt_metric metric, int64_t by, const char *const *label);
/* Something of a histogram took that long. */
void kt_metric_time(enum kt_metric metric, int64_t took_us, const char *const *label);
/* The value of a counter, or the count of a histogram; 0: nothing happened yet. */
int64_t kt_metric_get(enum kt_metric metric, const char *const *label);

/* "# HELP …", "# TYPE …": once, before the samples of a metric. */
void kt_metric_head(struct kt_buf *out, enum kt_metric metric);
void kt_metric_put(struct kt_buf *out, enum kt_metric metric, int64_t value,
                   const char *const *label);
/* The same in seconds. */
void kt_metric_put_us(struct kt_buf *out, enum kt_metric metric, int64_t us,
                      const char *const *label);
/* Everything that was counted, metric by metric. */
void kt_metric_put_kept(struct kt_buf *out);

#endif
