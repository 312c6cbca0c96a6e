/* The access log: a line per answer at debug, refusals at warn but only so many a second. Never
 * fields or bodies of a request. Loops and workers call it. */
#include "wire/server_inner.h"

#include "base/time.h"

enum { LINES_A_SECOND = 10 };

void kt_log_answer(struct kt_server *server, const struct kt_job *job)
{
    if (server->log.least > KT_LOG_DEBUG)
        return;
    /* the address of an order's documents is a secret of its customer */
    const struct kt_str path =
        job->route->role == KT_ROLE_DOCUMENTS ? kt_str_of(job->route->path) : job->q.path;
    kt_log_debug(&server->log, "request.answered", F_TEXT("listener", job->q.listener),
                 F_TEXT("address", job->address), F_STR("method", job->q.method),
                 F_STR("path", path), F_NUM("status", job->status),
                 F_NUM("bytes_in", job->body.size),
                 F_NUM("bytes_out", job->out_n + (job->has_file ? job->file.n : 0)),
                 F_NUM("ms", (kt_mono_us() - job->begun_us) / 1000));
}

/* Several loops may count into a second that has just begun: a line more or less does no harm. */
static bool may_write(struct kt_refusals *r, long long *left_out)
{
    long long now = kt_mono_us() / KT_SECOND;
    long long second = atomic_load(&r->second);
    if (second != now && atomic_compare_exchange_strong(&r->second, &second, now))
        atomic_store(&r->lines, 0);
    if (atomic_fetch_add(&r->lines, 1) >= LINES_A_SECOND) {
        (void)atomic_fetch_add(&r->left_out, 1);
        return false;
    }
    *left_out = atomic_exchange(&r->left_out, 0);
    return true;
}

void kt_log_refusal(struct kt_server *server, const struct kt_conn *c, unsigned status,
                    const char *why)
{
    char address[KT_ADDR_TEXT_MAX];
    long long left_out = 0;
    if (!may_write(&server->refusals, &left_out))
        return;
    kt_addr_text(&c->peer, address);
    kt_log_warn(&server->log, "request.refused", F_TEXT("listener", c->listener->conf->name),
                F_TEXT("address", c->job != NULL ? c->job->address : address),
                F_NUM("status", status), F_TEXT("why", why), F_NUM("left_out", left_out));
}
