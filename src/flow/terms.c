/* Warns before certificates end. The house thread runs it; several nodes may, and the database
 * says what was told already. */
#include "flow/terms.h"

#include <string.h>

#include "base/time.h"
#include "store/exceptions.h"

enum { PAGE = 100 };

static const char subject[] = "certificate";

/* How near the end is; the exception is told again whenever it comes nearer. */
enum stage { FINE = 0, MONTH, WEEK, DAY, OVER };

static enum stage stage_of(const struct kt_term *t, int64_t at_us)
{
    const int64_t left_us = t->until_us - at_us;
    if (left_us <= 0)
        return OVER;
    if (t->is_list)
        return FINE;
    return left_us <= KT_DAY_US        ? DAY
           : left_us <= 7 * KT_DAY_US  ? WEEK
           : left_us <= 30 * KT_DAY_US ? MONTH
                                       : FINE;
}

struct watch {
    struct kt_work *w;
    const struct kt_term *term;
    size_t terms;
    struct kt_exception *open; /* those that stand open now */
    size_t opens;
    int64_t now_us;
};

static enum kt_rc read_open(struct watch *x, struct kt_err *e)
{
    const char *endpoint = x->w->site->installation;
    int64_t after = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        struct kt_exception *page = NULL;
        enum kt_rc rc = kt_exception_list_of(x->w->db, subject, endpoint, after, PAGE, &page,
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

static const struct kt_term *find_term(const struct watch *x, struct kt_str what)
{
    for (size_t i = 0; i < x->terms; i++) {
        if (kt_str_is(what, x->term[i].what))
            return &x->term[i];
    }
    return NULL;
}

/* Not told yet, or it has come nearer since. */
static bool is_news(const struct watch *x, const struct kt_term *t)
{
    const struct kt_exception *open = find_open(x, t->what);
    const enum stage now = stage_of(t, x->now_us);
    return now != FINE && (open == NULL || stage_of(t, open->last_us) < now);
}

static bool is_settled(const struct watch *x, const struct kt_exception *open)
{
    const struct kt_term *t = find_term(x, open->key);
    return t == NULL || stage_of(t, x->now_us) == FINE;
}

static enum kt_rc tell(const struct watch *x, const struct kt_term *t, struct kt_err *e)
{
    const enum stage stage = stage_of(t, x->now_us);
    char day[KT_TIME_TEXT_MAX] = "-";
    struct kt_verdict v = { 0 };
    if (t->until_us > 0) /* else there is none at all */
        kt_day_text(kt_day_of(t->until_us), day);
    kt_judge(&v, KT_CONFIG, KT_ENDPOINT, KT_E_CERTIFICATE_ENDS, KT_P_TEXT("what", t->what),
             KT_P_TEXT("date", day));
    kt_log_line(&x->w->log, stage >= DAY ? KT_LOG_ERROR : KT_LOG_WARN, "certificate.ends",
                F_TEXT("what", t->what), F_TEXT("date", day), F_TEXT("file", t->file), F_END);
    return kt_exception_open(x->w->db, subject, x->w->site->installation, kt_str_of(t->what), &v,
                             t->file, x->now_us, e);
}

static bool has_news(const struct watch *x)
{
    for (size_t i = 0; i < x->terms; i++) {
        if (is_news(x, &x->term[i]))
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
    for (size_t i = 0; rc == KT_OK && i < x->terms; i++) {
        if (is_news(x, &x->term[i]))
            rc = tell(x, &x->term[i], e);
    }
    for (size_t i = 0; rc == KT_OK && i < x->opens; i++) {
        if (is_settled(x, &x->open[i]))
            rc = kt_exception_close(x->w->db, subject, x->w->site->installation, x->open[i].key,
                                    x->now_us, e);
    }
    if (rc == KT_OK)
        rc = kt_tx_commit(x->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(x->w->db);
    return rc;
}

enum kt_rc kt_terms_watch(struct kt_work *w, struct kt_err *e)
{
    struct watch x = { .w = w, .now_us = kt_now_us() };
    if (w->site->terms == NULL)
        return KT_OK;
    x.terms = w->site->terms(w->site->terms_of, &x.term, w->arena);
    enum kt_rc rc = read_open(&x, e);
    if (rc == KT_OK && has_news(&x))
        rc = write_news(&x, e);
    return rc;
}
