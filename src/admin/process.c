/* What the system says of this process: read from /proc when somebody asks. Admin workers. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "admin/inner.h"
#include "base/metric.h"

static void put(struct kt_buf *out, enum kt_metric metric, int64_t value)
{
    kt_metric_head(out, metric);
    kt_metric_put(out, metric, value, KT_NO_LABELS);
}

/* The second number of statm: pages. False: /proc does not say. */
static bool read_rss(int64_t *bytes)
{
    char line[128];
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return false;
    char *at = fgets(line, sizeof line, file);
    (void)fclose(file); /* only read from */
    if (at == NULL)
        return false;
    (void)strtoll(line, &at, 10);
    *bytes = strtoll(at, NULL, 10) * sysconf(_SC_PAGESIZE);
    return true;
}

static bool count_files(int64_t *count)
{
    DIR *folder = opendir("/proc/self/fd");
    int64_t n = 0;
    if (folder == NULL)
        return false;
    while (readdir(folder) != NULL) /* NOLINT(concurrency-mt-unsafe): a stream of its own */
        n++;
    (void)closedir(folder);
    *count = n - 3; /* ".", ".." and this one */
    return true;
}

static int64_t us_of(struct timeval t)
{
    return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

void kt_process_put(struct kt_buf *out, int64_t started_us)
{
    struct rusage used;
    struct rlimit files;
    int64_t n = 0;
    kt_metric_head(out, KT_M_START);
    kt_metric_put_us(out, KT_M_START, started_us, KT_NO_LABELS);
    if (read_rss(&n))
        put(out, KT_M_RSS, n);
    if (count_files(&n))
        put(out, KT_M_FDS, n);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
        put(out, KT_M_FDS_MOST, (int64_t)files.rlim_cur);
    if (getrusage(RUSAGE_SELF, &used) == 0) {
        kt_metric_head(out, KT_M_CPU);
        kt_metric_put_us(out, KT_M_CPU, us_of(used.ru_utime) + us_of(used.ru_stime), KT_NO_LABELS);
    }
}
