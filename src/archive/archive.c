/* The house side of the archive: workers with their connections, routes, and the answers that all
 * pages share. Workers of the server's pool run the handlers; app opens, parts and closes. */
#include "archive/inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/metric.h"
#include "base/path_part.h"
#include "base/time.h"

enum { WORKERS = 2, QUEUE = 256, RETRY_S = 5 };
#define TRY_AGAIN_US KT_SECOND

/* For everything that goes out; an address holds what nobody else should learn. */
#define NO_REFERRER "Referrer-Policy: no-referrer\r\n"

struct kt_archive *kt_archive_open(const struct kt_site *site, const struct kt_log *log)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_archive *archive = KT_NEW(a, struct kt_archive);
    *archive = (struct kt_archive){ .site = site,
                                    .log = kt_log_with(log, F_TEXT("job", "archive")),
                                    .arena = a };
    archive->page_header =
        kt_format(a, "Content-Security-Policy: %s\r\n%sVary: Accept-Language\r\n",
                  kt_html_policy(a), NO_REFERRER);
    return archive;
}

void kt_archive_close(struct kt_archive *archive)
{
    if (archive != NULL)
        kt_arena_free(archive->arena);
}

/* --- answers --- */

static void show(const struct kt_archive_ask *k, unsigned status, const struct kt_html *page,
                 const char *cache)
{
    struct kt_reply *r = k->r;
    if (!kt_buf_ok(&page->out)) {
        kt_log_error(&k->w->archive->log, "archive.too_long", F_NUM("bytes", page->out.n));
        r->status = 500;
        return;
    }
    r->status = status;
    r->content_type = "text/html; charset=utf-8";
    r->body = kt_buf_view(&page->out);
    r->header = kt_format(k->a, "%sCache-Control: %s\r\n", k->w->archive->page_header, cache);
}

void kt_archive_show(const struct kt_archive_ask *k, const struct kt_html *page, bool is_shared)
{
    show(k, 200, page,
         is_shared ? "no-cache" : "private, no-store\r\nX-Robots-Tag: noindex, nofollow");
}

static void say(const struct kt_archive_ask *k, unsigned status, enum kt_word title,
                enum kt_word text)
{
    struct kt_html page;
    kt_html_begin(&page, k->lang, kt_str_of(kt_word(k->lang, title)), k->a);
    kt_html_raw(&page, "<h1>");
    kt_html_word(&page, title);
    kt_html_raw(&page, "</h1>\n<p>");
    kt_html_word(&page, text);
    kt_html_raw(&page, "</p>\n");
    kt_html_end(&page);
    show(k, status, &page, "no-store");
}

void kt_archive_not_found(const struct kt_archive_ask *k)
{
    say(k, 404, KT_W_NOT_FOUND, KT_W_NOT_FOUND_TEXT);
}

void kt_archive_damaged(const struct kt_archive_ask *k)
{
    say(k, 503, KT_W_DAMAGED, KT_W_DAMAGED_TEXT);
}

void kt_archive_failed(const struct kt_archive_ask *k, const struct kt_err *e)
{
    if (e != NULL)
        kt_log_failure(&k->w->archive->log, KT_LOG_WARN, "archive.failed", e, F_END);
    if (e != NULL && kt_code_class(e->v.code) == KT_CLASS_STORE) { /* the next one begins afresh */
        kt_db_close(k->w->db);
        k->w->db = NULL;
    }
    say(k, 503, KT_W_FAILED, KT_W_FAILED_TEXT);
    k->r->retry_after_s = RETRY_S;
}

/* --- workers --- */

static void *begin(void *context, unsigned number)
{
    struct kt_archive_worker *w = calloc(1, sizeof *w);
    KT_ASSERT(w != NULL);
    (void)number;
    w->archive = context;
    w->site = w->archive->site;
    return w;
}

static void end(void *context)
{
    struct kt_archive_worker *w = context;
    kt_db_close(w->db);
    free(w);
}

static bool has_database(struct kt_archive_worker *w)
{
    struct kt_err e = { 0 };
    if (w->db != NULL)
        return true;
    if (kt_mono_us() < w->next_try_us)
        return false;
    if (kt_db_open(&w->db, &w->site->db, &w->archive->log, &e) == KT_OK)
        return true;
    w->next_try_us = kt_mono_us() + TRY_AGAIN_US;
    kt_log_failure(&w->archive->log, KT_LOG_WARN, "archive.unopened", &e, F_END);
    return false;
}

/* --- routes --- */

static const struct route {
    const char *path;
    const char *page; /* in metrics */
    void (*handler)(struct kt_archive_ask *k, const struct kt_str *part, size_t parts);
} routes[] = {
    { "/d/", "versions", kt_archive_versions },
    { "/o/", "order", kt_archive_order },
};

/* What stands between the slashes behind the route's own. False: more than anybody asks for, or not
 * as we write it. */
static bool read_parts(struct kt_str path, struct kt_str *part, size_t *parts, struct kt_arena *a)
{
    *parts = 0;
    for (;;) {
        const char *slash = memchr(path.p, '/', path.n);
        const size_t n = slash != NULL ? (size_t)(slash - path.p) : path.n;
        if (*parts == KT_ARCHIVE_PARTS ||
            !kt_path_part_read(&part[(*parts)++], kt_str_part(path, 0, n), a))
            return false;
        if (slash == NULL)
            return true;
        path = kt_str_part(path, n + 1, path.n);
    }
}

static enum kt_lang language_of_site(const struct kt_site *site)
{
    return site->channels > 0 && site->channel[0].language != NULL &&
                   strncmp(site->channel[0].language, "de", 2) == 0
               ? KT_LANG_DE
               : KT_LANG_EN;
}

static void handle(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                   struct kt_arena *a)
{
    struct kt_archive_worker *w = worker;
    const struct route *at = route;
    struct kt_str part[KT_ARCHIVE_PARTS];
    size_t parts = 0;
    struct kt_archive_ask k = { .w = w, .q = q, .r = r, .a = a };
    k.has_lang = kt_html_language(kt_request_header(q, "Accept-Language"), &k.lang);
    if (!k.has_lang)
        k.lang = language_of_site(w->site);
    const size_t own = strlen(at->path);
    if (!w->site->documents.is_on ||
        !read_parts(kt_str_part(q->path, own, q->path.n), part, &parts, a))
        kt_archive_not_found(&k);
    else if (!has_database(w))
        kt_archive_failed(&k, NULL);
    else
        at->handler(&k, part, parts);
    kt_metric_add(KT_M_ARCHIVE_REQUESTS, 1, KT_LABELS(at->page, kt_format(a, "%u", r->status)));
}

void kt_archive_parts(struct kt_archive_parts *out, struct kt_archive *archive, size_t first_pool,
                      struct kt_arena *a)
{
    struct kt_pool *pool = KT_NEW(a, struct kt_pool);
    struct kt_route *route = KT_NEW_ARRAY(a, KT_COUNT(routes), struct kt_route);
    *pool = (struct kt_pool){ .name = "archive",
                              .workers = WORKERS,
                              .queue = QUEUE,
                              .begin = begin,
                              .end = end,
                              .context = archive };
    for (size_t i = 0; i < KT_COUNT(routes); i++)
        route[i] = (struct kt_route){ .path = routes[i].path,
                                      .role = KT_ROLE_DOCUMENTS,
                                      .methods = "GET HEAD",
                                      .pool = first_pool,
                                      .handler = handle,
                                      .context = &routes[i] };
    *out = (struct kt_archive_parts){ route, KT_COUNT(routes), pool, 1 };
}
