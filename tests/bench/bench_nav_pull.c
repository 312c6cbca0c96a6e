/* A whole catalogue out of NAV: items with references, translations, attributes and units, by pages
 * of 1,000, from a server that answers at once, decoded into records.
 *
 *   bench_nav_pull [items [python]]    default 100,000 and /usr/bin/python3
 *
 * Beside it python3-zeep reads the same pages of the same server (its first ones: its rate does not
 * change) and stops at its own objects. Last line: nav-pull ratio=… p99_ms=… rss_mb=…, where ratio
 * is Kontor's rate by zeep's and p99 is of a page with all that stands beside it. Ends with 1 when
 * the ratio is below 5, or when memory after all items is over that after a tenth by more than 10
 * MB, and with 77 where zeep is missing.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adapters/erp_nav/adapter.h"
#include "adapters/erp_nav/conf.h"
#include "nav_pages.h"

enum { ITEMS = 100000, PAGES_MAX = 4096, LEAST = 5, MORE_KB = 10240, SKIPPED = 77 };

struct pulled {
    size_t pages;
    size_t records;
    int64_t took_us[PAGES_MAX];
    int64_t spent_us;
    int64_t cpu_us;
    long rss_kb[2]; /* after a tenth, after all */
};

static void must(enum kt_rc rc, const struct kt_err *e)
{
    if (rc == KT_OK)
        return;
    (void)fprintf(stderr, "bench_nav_pull: %s %s %s\n", kt_code_name(e->v.code),
                  e->v.param[1].value, e->trail);
    exit(2);
}

static int listen_on(int *port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    KT_ASSERT(listener >= 0 && bind(listener, (struct sockaddr *)&at, n) == 0 &&
              listen(listener, 16) == 0 && getsockname(listener, (struct sockaddr *)&at, &n) == 0);
    *port = ntohs(at.sin_port);
    return listener;
}

static pid_t start_server(int *port, size_t items)
{
    int listener = listen_on(port);
    pid_t pid = fork();
    KT_ASSERT(pid >= 0);
    if (pid == 0) {
        nav_pages_serve(listener, items);
        _exit(0);
    }
    close(listener);
    return pid;
}

/* What is resident now, not the most that ever was. */
static long rss_kb(void)
{
    char line[200];
    long kb = 0;
    FILE *f = fopen("/proc/self/status", "r");
    KT_ASSERT(f != NULL);
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    }
    (void)fclose(f);
    return kb;
}

/* Of this process alone: what else the machine does is not measured. */
static int64_t cpu_us(void)
{
    struct timespec t;
    KT_ASSERT(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0);
    return (int64_t)t.tv_sec * KT_SECOND + t.tv_nsec / 1000;
}

static void pull_all(struct pulled *p, const char *url, size_t items)
{
    const struct kt_nav_conf conf = {
        .http = { .url = url, .timeout_s = 60, .connect_timeout_s = 10, .max_answer = 64 << 20 },
        .company = "CRONUS AG",
        .language = "de",
        .axes_separator = "/",
        .variant_separator = ".",
        .date_format = "31.12.01",
        .one_time_customer = "90000",
        .list_price = "LIST",
        .blank_location = "BLANK",
    };
    const struct kt_env env = { .name = "nav", .scope = "nav", .log = { .least = KT_LOG_ERROR } };
    struct kt_arena *a = kt_arena_new();
    struct kt_arena *place = kt_arena_new();
    struct kt_str token = KT_STR("");
    struct kt_erp *erp = NULL;
    struct kt_err e = { 0 };
    bool is_more = true;
    must(kt_erp_nav.open(&erp, &conf, &env, &e), &e);
    const int64_t started_us = kt_mono_us();
    const int64_t cpu_started_us = cpu_us();
    while (is_more) {
        struct kt_page page = { .feed = KT_FEED_CATALOGUE, .token = token, .max = NAV_PAGE };
        const int64_t asked_us = kt_mono_us();
        kt_arena_reset(a);
        must(kt_erp_nav.pull(erp, &page, a, &e), &e);
        KT_ASSERT(p->pages < PAGES_MAX);
        p->took_us[p->pages++] = kt_mono_us() - asked_us;
        p->records += page.changes.count;
        is_more = page.is_more;
        kt_arena_reset(place);
        token = kt_str_copy(place, page.next);
        if (p->pages == items / NAV_PAGE / 10 + 1)
            p->rss_kb[0] = rss_kb();
    }
    p->spent_us = kt_mono_us() - started_us;
    p->cpu_us = cpu_us() - cpu_started_us;
    p->rss_kb[1] = rss_kb();
    KT_ASSERT(p->records == 2 * items); /* each a product and a variant */
    kt_erp_nav.close(erp);
    kt_arena_free(place);
    kt_arena_free(a);
}

/* Nanoseconds for an item, by the clock and of CPU time. */
struct cost {
    int64_t clock_ns;
    int64_t cpu_ns;
};

/* False: zeep is missing. */
static bool zeep_cost(struct cost *cost, const char *python, int port, size_t pages)
{
    char command[1000];
    char told[200] = "";
    char *rest = told;
    (void)snprintf(command, sizeof command, "%s -B %s/tests/bench/nav_pull_zeep.py %d %zu", python,
                   KT_TEST_ROOT, port, pages);
    FILE *f = popen(command, "r"); /* NOLINT(cert-env33-c): the words are ours */
    KT_ASSERT(f != NULL);
    const bool has_line = fgets(told, sizeof told, f) != NULL;
    const int status = pclose(f);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
        return false;
    if (status != 0 || !has_line) {
        (void)fprintf(stderr, "bench_nav_pull: zeep did not read the pages\n");
        exit(2);
    }
    cost->clock_ns = strtoll(rest, &rest, 10);
    cost->cpu_ns = strtoll(rest, &rest, 10);
    return true;
}

static void print_cost(const char *reader, const struct cost *cost)
{
    (void)printf("%-8s %16lld %13lld.%lld\n", reader, (long long)(1000000000 / cost->clock_ns),
                 (long long)(cost->cpu_ns / 1000), (long long)(cost->cpu_ns / 100 % 10));
}

static int by_time(const void *left, const void *right)
{
    const int64_t *a = left;
    const int64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

int main(int argc, char **argv)
{
    static struct pulled p;
    const size_t items = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : ITEMS;
    const char *python = argc > 2 ? argv[2] : "/usr/bin/python3";
    char url[80];
    int port = 0;
    KT_ASSERT(items >= NAV_PAGE && items % NAV_PAGE == 0);
    pid_t server = start_server(&port, items);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/NAV", port);
    pull_all(&p, url, items);
    const struct cost ours = { p.spent_us * 1000 / (int64_t)items,
                               p.cpu_us * 1000 / (int64_t)items };
    const size_t sample = items / NAV_PAGE < 10 ? items / NAV_PAGE : 10;
    struct cost theirs = { 0 };
    const bool has_zeep = zeep_cost(&theirs, python, port, sample);
    (void)kill(server, SIGTERM);
    (void)waitpid(server, NULL, 0);
    qsort(p.took_us, p.pages, sizeof p.took_us[0], by_time);
    const int64_t p99_us = p.took_us[(p.pages - 1) * 99 / 100];
    (void)printf("%-8s %16s %15s\n", "reader", "items a second", "CPU us an item");
    print_cost("kontor", &ours);
    if (!has_zeep) {
        (void)printf("python3-zeep is missing: nothing to compare with\n");
        return SKIPPED;
    }
    print_cost("zeep", &theirs);
    const int64_t ratio = theirs.cpu_ns * 10 / ours.cpu_ns; /* tenths */
    (void)printf("memory: %ld MB after a tenth, %ld MB after %zu items\n", p.rss_kb[0] / 1024,
                 p.rss_kb[1] / 1024, items);
    (void)printf("nav-pull ratio=%lld.%lld p99_ms=%lld.%lld rss_mb=%ld\n", (long long)(ratio / 10),
                 (long long)(ratio % 10), (long long)(p99_us / 1000),
                 (long long)(p99_us / 100 % 10), p.rss_kb[1] / 1024);
    return ratio < LEAST * 10 || p.rss_kb[1] > p.rss_kb[0] + MORE_KB;
}
