/* Replies as bytes, and reading a field of a request. Pure; workers and loops call it. */
#include "wire/server_inner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

enum { HEAD_ROOM = 512 };

void *kt_take(size_t n)
{
    void *p = calloc(1, n);
    KT_ASSERT(p != NULL);
    return p;
}

char *kt_take_text(const char *p, size_t n)
{
    char *text = kt_take(n + 1);
    memcpy(text, p, n);
    return text;
}

struct kt_str kt_request_header(const struct kt_request *q, const char *name)
{
    size_t n = strlen(name);
    struct kt_str rest = q->head;
    while (rest.n > 0) {
        const char *end = memchr(rest.p, '\n', rest.n);
        size_t line = end == NULL ? rest.n : (size_t)(end - rest.p) + 1;
        if (line > n && rest.p[n] == ':' && strncasecmp(rest.p, name, n) == 0)
            return kt_str_trim(kt_str_part(rest, n + 1, line - n - 1));
        rest = kt_str_part(rest, line, rest.n);
    }
    return (struct kt_str){ NULL, 0 };
}

const char *kt_reason(unsigned status)
{
    static const struct {
        unsigned status;
        const char *text;
    } known[] = {
        { 200, "OK" },
        { 201, "Created" },
        { 202, "Accepted" },
        { 204, "No Content" },
        { 206, "Partial Content" },
        { 304, "Not Modified" },
        { 400, "Bad Request" },
        { 401, "Unauthorized" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 408, "Request Timeout" },
        { 409, "Conflict" },
        { 411, "Length Required" },
        { 412, "Precondition Failed" },
        { 413, "Content Too Large" },
        { 414, "URI Too Long" },
        { 415, "Unsupported Media Type" },
        { 416, "Range Not Satisfiable" },
        { 417, "Expectation Failed" },
        { 422, "Unprocessable Content" },
        { 429, "Too Many Requests" },
        { 431, "Request Header Fields Too Large" },
        { 500, "Internal Server Error" },
        { 501, "Not Implemented" },
        { 503, "Service Unavailable" },
        { 505, "HTTP Version Not Supported" },
    };
    for (size_t i = 0; i < KT_COUNT(known); i++) {
        if (known[i].status == status)
            return known[i].text;
    }
    return "Status";
}

static void date_text(char *out, size_t size)
{
    static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t now = (time_t)(kt_now_us() / KT_SECOND);
    struct tm t;
    KT_ASSERT(gmtime_r(&now, &t) != NULL);
    (void)snprintf(out, size, "%s, %02d %s %d %02d:%02d:%02d GMT", days[t.tm_wday], t.tm_mday,
                   months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

/* Whole lines "Name: value\r\n" and nothing else, so that no value can begin a second reply. */
static bool are_lines(const char *header)
{
    while (*header != '\0') {
        size_t n = strcspn(header, "\r\n");
        const char *colon = memchr(header, ':', n);
        if (colon == NULL || colon == header || header[n] != '\r' || header[n + 1] != '\n')
            return false;
        header += n + 2;
    }
    return true;
}

struct shape {
    unsigned status;
    const char *content_type;
    struct kt_str body;
    const struct kt_reply_file *file; /* in place of body; NULL: none */
    const char *header;
    unsigned retry_after_s;
    bool closes, is_head_only, is_1_1;
};

static void render(char **out, size_t *n, const struct shape *s)
{
    char date[64];
    char length[64] = "";
    char retry[48] = "";
    const char *header = s->header == NULL ? "" : s->header;
    const char *type = s->content_type == NULL ? "" : s->content_type;
    bool has_body = s->status >= 200 && s->status != 204 && s->status != 304;
    size_t body_n = has_body && !s->is_head_only && s->file == NULL ? s->body.n : 0;
    uint64_t length_n = s->file != NULL ? s->file->n : s->body.n;
    size_t room = HEAD_ROOM + strlen(header) + strlen(type) + body_n;
    char *p = kt_take(room);
    date_text(date, sizeof(date));
    if (has_body)
        (void)snprintf(length, sizeof(length), "Content-Length: %" PRIu64 "\r\n", length_n);
    if (s->retry_after_s > 0)
        (void)snprintf(retry, sizeof(retry), "Retry-After: %u\r\n", s->retry_after_s);
    int made = snprintf(p, room,
                        "HTTP/1.1 %u %s\r\nDate: %s\r\n%s%s%s%s"
                        "X-Content-Type-Options: nosniff\r\n%s%s%s\r\n",
                        s->status, kt_reason(s->status), date, length,
                        type[0] == '\0' ? "" : "Content-Type: ", type,
                        type[0] == '\0' ? "" : "\r\n", retry, header,
                        s->closes   ? "Connection: close\r\n"
                        : s->is_1_1 ? ""
                                    : "Connection: keep-alive\r\n");
    KT_ASSERT(made > 0 && (size_t)made + body_n <= room);
    if (body_n > 0)
        memcpy(p + made, s->body.p, body_n);
    *out = p;
    *n = (size_t)made + body_n;
}

/* Peers that take nothing could fill our memory with what they asked for. */
static bool charge(struct kt_job *job, size_t n)
{
    atomic_llong *replies = &job->loop->server->budget.replies;
    if (n <= KT_REPLY_FREE)
        return true;
    if (atomic_fetch_add(replies, (long long)n) + (long long)n > KT_REPLIES_MAX) {
        (void)atomic_fetch_sub(replies, (long long)n);
        return false;
    }
    job->out_charged = n;
    return true;
}

void kt_job_drop_file(struct kt_job *job)
{
    if (job->has_file)
        (void)close(job->file.fd); /* only read from */
    job->has_file = false;
}

void kt_reply_render(struct kt_job *job, const struct kt_reply *r)
{
    struct shape s = { .status = r->status,
                       .content_type = r->content_type,
                       .body = r->content_type == NULL ? KT_STR("") : r->body,
                       .file = r->content_type == NULL ? NULL : r->file,
                       .header = r->header,
                       .retry_after_s = r->retry_after_s,
                       .is_head_only = job->is_head_only,
                       .is_1_1 = job->is_1_1 };
    if (r->file != NULL) {
        job->has_file = true;
        job->file = *r->file;
    }
    if (r->closes || atomic_load(&job->loop->server->phase) != KT_PHASE_RUN)
        job->closes = true;
    s.closes = job->closes;
    bool is_sound = r->status >= 200 && r->status <= 599 &&
                    (r->header == NULL || are_lines(r->header)) &&
                    (r->content_type == NULL || strpbrk(r->content_type, "\r\n") == NULL);
    bool has_room = job->is_head_only || s.file != NULL || charge(job, s.body.n);
    if (!is_sound || !has_room) {
        s.status = is_sound ? 503 : 500;
        s.content_type = NULL;
        s.body = KT_STR("");
        s.file = NULL;
        s.header = NULL;
        s.retry_after_s = is_sound ? 5 : 0;
        job->refused = is_sound ? "too many large replies that nobody takes" : "a malformed reply";
    }
    if (s.file == NULL || job->is_head_only || s.status == 204 || s.status == 304)
        kt_job_drop_file(job);
    job->status = s.status;
    render(&job->out, &job->out_n, &s);
}

void kt_reply_busy(struct kt_job *job, const char *why)
{
    const struct kt_reply busy = { .status = 503, .retry_after_s = 1 };
    job->refused = why;
    kt_reply_render(job, &busy);
}

void kt_reply_short(char **out, size_t *n, unsigned status, const char *header, bool closes,
                    bool is_head_only)
{
    char body[64];
    (void)snprintf(body, sizeof(body), "%u %s\n", status, kt_reason(status));
    struct shape s = { .status = status,
                       .content_type = "text/plain; charset=utf-8",
                       .body = kt_str_of(body),
                       .header = header,
                       .closes = closes,
                       .is_head_only = is_head_only,
                       .is_1_1 = true };
    free(*out);
    render(out, n, &s);
}
