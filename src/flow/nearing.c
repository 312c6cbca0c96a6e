/* Warns before things end, once at each stage. The house thread runs it for certificates and keys
 * (terms.c) and for what articles need (documents_watch.c). */
#include "flow/nearing.h"

#include <string.h>

#include "store/exceptions.h"

enum { PAGE = 100 };

struct watch {
    struct kt_work *w;
    const char *subject;
    const struct kt_nearing *item;
    size_t items;
    struct kt_exception *open; /* those that stand open now */
    size_t opens;
    int64_t now_us;
};

/* How many stages have come; 0: it is far. */
static size_t stage_of(const struct kt_nearing *n, int64_t at_us)
{
    size_t stage = 0;
    while (stage < n->stages && n->until_us - at_us <= n->before_us[stage])
        stage++;
    return stage;
}

static enum kt_rc read_open(struct watch *x, struct kt_err *e)
{
    const char *endpoint = x->w->site->installation;
    int64_t after = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        struct kt_exception *page = NULL;
        enum kt_rc rc = kt_exception_list_of(x->w->db, x->subject, endpoint, after, PAGE, &page,
                                             &count, x->w->arena, e);
        if (rc != KT_OK)
            return rc;
        struct kt_exception *all =
            KT_NEW_ARRAY(x->w->arena, x->opens + count + 1, struct kt_exception);
        if (x->opens > 0)
            memcpy(all, x->open, x->opens * sizeof all[0]);
        if (count > 0)
            memcpy(all + x->opens, page, count * sizeof all[0]);
        x->open = all;
        x->opens += count;
        after = count > 0 ? page[count - 1].number : after;
    }
    return KT_OK;
}

static const struct kt_exception *find_open(const struct watch *x, const char *what)
{
    for (size_t i = 0; i < x->opens; i++) {
        if (kt_str_is(x->open[i].key, what))
            return &x->open[i];
    }
    return NULL;
}

static const struct kt_nearing *find_item(const struct watch *x, struct kt_str what)
{
    for (size_t i = 0; i < x->items; i++) {
        if (kt_str_is(what, x->item[i].what))
            return &x->item[i];
    }
    return NULL;
}

/* Not told yet, or it has come nearer since. */
static bool is_news(const struct watch *x, const struct kt_nearing *n)
{
    const struct kt_exception *open = find_open(x, n->what);
    const size_t now = stage_of(n, x->now_us);
    return now > 0 && (open == NULL || stage_of(n, open->last_us) < now);
}

static bool is_settled(const struct watch *x, const struct kt_exception *open)
{
    const struct kt_nearing *n = find_item(x, open->key);
    return n == NULL || stage_of(n, x->now_us) == 0;
}

static enum kt_rc tell(const struct watch *x, const struct kt_nearing *n, struct kt_err *e)
{
    const bool is_urgent = stage_of(n, x->now_us) + 1 >= n->stages;
    kt_log_line(&x->w->log, is_urgent ? KT_LOG_ERROR : KT_LOG_WARN, n->event,
                F_TEXT("what", n->what), F_TEXT("date", n->date), F_TEXT("file", n->place), F_END);
    return kt_exception_open(x->w->db, x->subject, x->w->site->installation, kt_str_of(n->what),
                             &n->v, n->place, x->now_us, e);
}

static bool has_news(const struct watch *x)
{
    for (size_t i = 0; i < x->items; i++) {
        if (is_news(x, &x->item[i]))
            return true;
    }
    for (size_t i = 0; i < x->opens; i++) {
        if (is_settled(x, &x->open[i]))
            return true;
    }
    return false;
}

static enum kt_rc write_news(const struct watch *x, struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(x->w->db, e);
    for (size_t i = 0; rc == KT_OK && i < x->items; i++) {
        if (is_news(x, &x->item[i]))
            rc = tell(x, &x->item[i], e);
    }
    for (size_t i = 0; rc == KT_OK && i < x->opens; i++) {
        if (is_settled(x, &x->open[i]))
            rc = kt_exception_close(x->w->db, x->subject, x->w->site->installation, x->open[i].key,
                                    x->now_us, e);
    }
    if (rc == KT_OK)
        rc = kt_tx_commit(x->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(x->w->db);
    return rc;
}

enum kt_rc kt_nearing_tell(struct kt_work *w, const char *subject, const struct kt_nearing *item,
                           size_t count, struct kt_err *e)
{
    struct watch x = {
        .w = w, .subject = subject, .item = item, .items = count, .now_us = kt_now_us()
    };
    enum kt_rc rc = read_open(&x, e);
    if (rc == KT_OK && has_news(&x))
        rc = write_news(&x, e);
    return rc;
}
