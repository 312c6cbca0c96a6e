/* Walks over a page of NAV, a page of a feed at a time. Within the session the next page is asked
 * for by the bookmark of the last row; a token of another session, or a bookmark that went stale,
 * goes on behind the last key value. Session's thread; called by feed.c. */
#include "walk.h"

#include <string.h>

#include "base/civil.h"
#include "filter.h"
#include "lists.h"
#include "service.h"

/* "s;1763766000000000;2025-11-21;1000": mode, begin, first day, last key value. */
static const char form[] = "%c;%lld;%s;%.*s";

static bool part(struct kt_str *rest, struct kt_str *out)
{
    const char *end = rest->n > 0 ? memchr(rest->p, ';', rest->n) : NULL;
    if (end == NULL)
        return false;
    *out = (struct kt_str){ rest->p, (size_t)(end - rest->p) };
    *rest = kt_str_part(*rest, out->n + 1, rest->n);
    return true;
}

static bool parse(struct kt_nav_walk *w, struct kt_str token)
{
    struct kt_str mode;
    struct kt_str begun;
    struct kt_str from;
    struct kt_dec at = { 0 };
    if (!part(&token, &mode) || !part(&token, &begun) || !part(&token, &from) || mode.n != 1 ||
        !kt_dec_parse(&at, begun) || at.scale != 0 || at.units <= 0)
        return false;
    if (from.n > 0 && !kt_day_parse(&w->from, from))
        return false;
    if (mode.p[0] != KT_NAV_SNAPSHOT && mode.p[0] != KT_NAV_DELTA && mode.p[0] != KT_NAV_DONE)
        return false;
    w->mode = (enum kt_nav_mode)mode.p[0];
    w->begun_us = at.units;
    w->last = token;
    return w->mode != KT_NAV_DELTA || w->from.y != 0;
}

bool kt_nav_walk_read(struct kt_nav_walk *w, struct kt_str token, unsigned back, int64_t now_us,
                      struct kt_arena *a)
{
    *w = (struct kt_nav_walk){ .last = KT_STR("") };
    bool is_ours = token.n > 0 && parse(w, kt_str_copy(a, token));
    if (!is_ours)
        *w = (struct kt_nav_walk){ .mode = KT_NAV_SNAPSHOT, .last = KT_STR("") };
    w->is_first = !is_ours || w->mode == KT_NAV_DONE;
    if (is_ours && w->mode == KT_NAV_DONE) {
        w->mode = KT_NAV_DELTA;
        w->from = kt_day_of(w->begun_us - (int64_t)back * KT_DAY_US);
        w->last = KT_STR("");
    }
    if (w->is_first)
        w->begun_us = now_us;
    return is_ours || token.n == 0;
}

struct kt_str kt_nav_walk_token(const struct kt_nav_walk *w, struct kt_arena *a)
{
    char from[KT_TIME_TEXT_MAX] = "";
    if (w->mode == KT_NAV_DELTA)
        kt_day_text(w->from, from);
    return kt_str_of(kt_format(a, form, (char)w->mode, (long long)w->begun_us, from, (int)w->last.n,
                               w->last.n > 0 ? w->last.p : ""));
}

/* How NAV wants days in filters: by the settings, else asked once per session. */
static enum kt_rc learn_dates(struct kt_erp *erp, struct kt_arena *a, struct kt_err *e)
{
    struct kt_nav_info info = { 0 };
    if (erp->has_dates)
        return KT_OK;
    if (erp->conf->date_format != NULL) {
        erp->has_dates = kt_nav_dates_learn(&erp->dates, kt_str_of(erp->conf->date_format));
        KT_ASSERT(erp->has_dates); /* checked with the settings */
        return KT_OK;
    }
    enum kt_rc rc = kt_nav_service_info(erp, &info, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "how NAV writes days");
    erp->has_dates = kt_nav_dates_learn(&erp->dates, info.date_sample);
    if (erp->has_dates)
        return KT_OK;
    (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_NOT_API,
                  KT_P_TEXT("partner", erp->env->name),
                  KT_P_TEXT("detail", kt_format(a, "\"%.*s\"", (int)info.date_sample.n,
                                                info.date_sample.n > 0 ? info.date_sample.p : "")),
                  KT_P_TEXT("expected", "31 December 2001 (or the setting date_format)"));
    return kt_trail(e, "Info, DateSample");
}

static void put_wheres(struct kt_nav_query *q, const struct kt_erp *erp,
                       const struct kt_nav_walk *w, const char *date_field, struct kt_arena *a)
{
    char day[KT_NAV_DAY_MAX];
    if (w->mode == KT_NAV_DELTA && date_field != NULL) {
        kt_nav_dates_write(&erp->dates, w->from, day);
        kt_nav_where(q, date_field, kt_nav_since(day, a));
    }
}

/* The first page of a run has no bookmark and no key value to begin behind. */
static enum kt_rc read_behind(struct kt_erp *erp, const struct kt_nav_walk *w,
                              const struct kt_nav_query *q, struct kt_str token,
                              struct kt_nav_rows *rows, struct kt_arena *a, struct kt_err *e)
{
    struct kt_nav_bookmark *mark = &erp->bookmark[q->role];
    struct kt_nav_query ask = *q;
    if (w->last.n > 0 && mark->token[0] != '\0' && kt_str_is(token, mark->token)) {
        ask.bookmark = kt_str_of(mark->key);
        enum kt_rc rc = kt_nav_read(erp, &ask, rows, a, e);
        if (rc != KT_OK || !rows->is_stale)
            return rc;
        kt_log_info(&erp->env->log, "bookmark.renewed",
                    F_TEXT("service", erp->site.page[q->role].label));
        ask.bookmark = KT_STR("");
    }
    if (w->last.n > 0)
        kt_nav_where(&ask, kt_nav_page_of[q->role].key, kt_nav_after(w->last, a));
    return kt_nav_read(erp, &ask, rows, a, e);
}

static struct kt_str key_value(const struct kt_nav_rows *rows, enum kt_nav_role role, size_t at)
{
    const struct kt_nav_page *page = &kt_nav_page_of[role];
    const char *row = (const char *)rows->item + at * page->size;
    const struct kt_nav_field *field = &page->field[kt_nav_field_at(role, page->key)];
    return *(const struct kt_str *)(const void *)(row + field->offset);
}

static bool is_number(struct kt_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return s.n > 0;
}

/* A page that somebody published in another order would lose rows: what lies behind the last key
 * value would not be what comes next. Numbers of one length have one order under every collation.
 */
static enum kt_rc check_order(struct kt_erp *erp, const struct kt_nav_rows *rows,
                              enum kt_nav_role role, struct kt_err *e)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct kt_str now = key_value(rows, role, i);
        struct kt_str before = i > 0 ? key_value(rows, role, i - 1) : KT_STR("");
        const char *why = now.n == 0 ? "a row without its number"
                          : before.n == now.n && is_number(before) && is_number(now) &&
                                  memcmp(before.p, now.p, now.n) >= 0
                              ? "rows that are not in the order of their numbers"
                              : NULL;
        if (why == NULL)
            continue;
        (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_NOT_API,
                      KT_P_TEXT("partner", erp->env->name), KT_P_TEXT("detail", why),
                      KT_P_TEXT("expected", "a page sorted by its primary key"));
        return kt_trail(e, "%s", erp->site.page[role].label);
    }
    return KT_OK;
}

/* Remembers the row behind which the page of this token begins; too long a key is not remembered.
 */
static void set_bookmark(struct kt_erp *erp, enum kt_nav_role role, struct kt_str token,
                         struct kt_str key)
{
    struct kt_nav_bookmark *mark = &erp->bookmark[role];
    mark->token[0] = '\0';
    if (token.n >= sizeof mark->token || key.n >= sizeof mark->key || key.n == 0)
        return;
    memcpy(mark->token, token.p, token.n);
    mark->token[token.n] = '\0';
    memcpy(mark->key, key.p, key.n);
    mark->key[key.n] = '\0';
}

enum kt_rc kt_nav_walk_page(struct kt_erp *erp, struct kt_nav_walk *w, struct kt_nav_query *q,
                            const char *date_field, struct kt_page *page, struct kt_nav_rows *rows,
                            struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    if (w->is_first)
        kt_nav_lists_forget(erp);
    if (w->mode == KT_NAV_DELTA && date_field != NULL)
        rc = learn_dates(erp, a, e);
    if (rc != KT_OK)
        return rc;
    q->size = page->max;
    put_wheres(q, erp, w, date_field, a);
    rc = read_behind(erp, w, q, page->token, rows, a, e);
    if (rc == KT_OK)
        rc = check_order(erp, rows, q->role, e);
    if (rc != KT_OK)
        return rc;
    page->is_more = !rows->is_last;
    page->is_snapshot = w->mode == KT_NAV_SNAPSHOT;
    page->begun_us = page->is_snapshot ? w->begun_us : 0;
    if (rows->count > 0)
        w->last = key_value(rows, q->role, rows->count - 1);
    if (!page->is_more) {
        w->mode = KT_NAV_DONE;
        w->last = KT_STR("");
    }
    page->next = kt_nav_walk_token(w, a);
    const char *item = rows->item;
    const size_t size = kt_nav_page_of[q->role].size;
    if (page->is_more && rows->count > 0) {
        const struct kt_nav_row *row =
            (const struct kt_nav_row *)(const void *)(item + (rows->count - 1) * size);
        set_bookmark(erp, q->role, page->next, row->key);
    }
    return KT_OK;
}
