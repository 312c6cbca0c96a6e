/* What of the archive may go by the rules of keeping. Commands ask for the report and purge by
 * hand; the house thread purges once in a day where the site says so. */
#include "flow/keeping.h"

#include "base/civil.h"

enum { PAGE = 200, YEAR_MOST = 9999 };

const char *kt_keeping_reason_name(enum kt_keeping_reason reason)
{
    static const char *const names[KT_KEEPING_REASONS] = {
        [KT_KEEPING_FREE] = "free",   [KT_KEEPING_HELD] = "held",     [KT_KEEPING_SHOWN] = "shown",
        [KT_KEEPING_VALID] = "valid", [KT_KEEPING_LISTED] = "listed", [KT_KEEPING_YEARS] = "years",
    };
    return names[reason];
}

static bool is_open(struct kt_day day)
{
    static const struct kt_day open = { YEAR_MOST, 12, 31 };
    return day.y == 0 || kt_day_cmp(day, open) >= 0;
}

/* Over in every zone of the earth: half a day behind the end of that day in UTC. */
static int64_t end_us(struct kt_day last)
{
    const struct kt_civil day = { last.y, last.m, last.d };
    return (kt_civil_days(day) + 1) * KT_DAY_US + 12 * KT_HOUR;
}

/* The same instant so many years later; 29 February becomes 1 March. */
static int64_t years_later(int64_t at_us, int64_t years)
{
    const int64_t days = kt_floor_div(at_us, KT_DAY_US);
    struct kt_civil day = kt_civil_of(days);
    day.year += years;
    if (day.year > YEAR_MOST)
        return KT_NEVER;
    if (day.day > kt_civil_month_days(day.year, day.month))
        day = (struct kt_civil){ day.year, day.month + 1, 1 };
    return kt_civil_days(day) * KT_DAY_US + (at_us - days * KT_DAY_US);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What its source has taken back ended with that word, whatever its days say. */
static int64_t free_us(const struct kt_kept *k, int64_t years)
{
    int64_t at_us = k->last_us;
    if (k->last_shown_us == KT_NEVER || (k->is_living && is_open(k->valid_until)))
        return KT_NEVER;
    if (k->is_living)
        at_us = later(at_us, end_us(k->valid_until));
    at_us = later(at_us, later(k->last_order_us, k->last_shown_us));
    return years_later(at_us, years);
}

static bool is_valid(const struct kt_kept *k, int64_t now_us)
{
    return k->is_living && (is_open(k->valid_until) || end_us(k->valid_until) > now_us);
}

void kt_keeping_of(const struct kt_site *site, const struct kt_kept *kept, int64_t now_us,
                   struct kt_keeping *out)
{
    out->years = kt_kind_rule_of(&site->documents, kept->type)->keep_years;
    out->free_us = free_us(kept, out->years);
    out->reason = kept->is_held                     ? KT_KEEPING_HELD
                  : kept->last_shown_us == KT_NEVER ? KT_KEEPING_SHOWN
                  : is_valid(kept, now_us)          ? KT_KEEPING_VALID
                  : kept->is_living                 ? KT_KEEPING_LISTED
                  : out->free_us > now_us           ? KT_KEEPING_YEARS
                                                    : KT_KEEPING_FREE;
}

/* --- letting go --- */

static enum kt_rc drop(struct kt_work *w, const struct kt_kept *kept, const char *actor,
                       int64_t now_us, bool *is_gone, struct kt_err *e)
{
    *is_gone = false;
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = kt_kept_drop(w->db, kept->key, actor, now_us, is_gone, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    if (rc == KT_OK && *is_gone)
        kt_log_info(&w->log, "document.dropped", F_STR("key", kept->key),
                    F_STR("sha256", kept->sha256), F_TEXT("actor", actor));
    return rc;
}

static enum kt_rc purge_page(struct kt_work *w, struct kt_arena *keys, const char *actor,
                             struct kt_str *after, size_t *count, size_t *gone, struct kt_err *e)
{
    struct kt_kept *kept = NULL;
    const int64_t now_us = kt_now_us();
    kt_arena_reset(w->arena);
    enum kt_rc rc = kt_kept_page(w->db, *after, PAGE, &kept, count, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < *count; i++) {
        struct kt_keeping keeping;
        bool is_gone = false;
        kt_keeping_of(w->site, &kept[i], now_us, &keeping);
        if (keeping.reason != KT_KEEPING_FREE)
            continue;
        rc = drop(w, &kept[i], actor, now_us, &is_gone, e);
        *gone += is_gone ? 1 : 0;
    }
    if (rc == KT_OK && *count > 0) {
        kt_arena_reset(keys);
        *after = kt_str_copy(keys, kept[*count - 1].key);
    }
    return rc;
}

enum kt_rc kt_keeping_purge(struct kt_work *w, const char *actor, size_t *gone, struct kt_err *e)
{
    struct kt_arena *keys = kt_arena_new();
    struct kt_str after = KT_STR("");
    size_t count = PAGE;
    enum kt_rc rc = KT_OK;
    *gone = 0;
    while (rc == KT_OK && count == PAGE)
        rc = purge_page(w, keys, actor, &after, &count, gone, e);
    kt_arena_free(keys);
    return rc;
}

/* --- the house thread --- */

static enum kt_rc forget_links(struct kt_work *w, struct kt_err *e)
{
    int64_t count = 0;
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = kt_customer_links_forget(w->db, kt_now_us(), &count, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    if (rc == KT_OK && count > 0)
        kt_log_info(&w->log, "links.forgotten", F_NUM("count", count));
    return rc;
}

/* The day on which somebody did it last: nodes share the work. */
static const char done_on[] = "keeping.day";

static enum kt_rc is_done_today(struct kt_work *w, const char *today, bool *is_done,
                                struct kt_err *e)
{
    struct kt_str day = { 0 };
    enum kt_rc rc = kt_setting_get(w->db, done_on, &day, w->arena, e);
    *is_done = rc == KT_OK && kt_str_is(day, today);
    return rc;
}

static enum kt_rc note_done(struct kt_work *w, const char *today, struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = kt_setting_put(w->db, done_on, kt_str_of(today), e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

enum kt_rc kt_keeping_daily(struct kt_work *w, struct kt_err *e)
{
    char today[KT_TIME_TEXT_MAX];
    size_t gone = 0;
    bool is_done = false;
    kt_day_text(kt_day_of(kt_now_us()), today);
    enum kt_rc rc = is_done_today(w, today, &is_done, e);
    if (rc != KT_OK || is_done)
        return rc;
    rc = forget_links(w, e);
    if (rc == KT_OK && w->site->documents.purges)
        rc = kt_keeping_purge(w, "kontor", &gone, e);
    if (rc == KT_OK && gone > 0)
        kt_log_info(&w->log, "documents.purged", F_NUM("count", gone));
    return rc == KT_OK ? note_done(w, today, e) : rc;
}
