/* ReadMultiple: one call, and the walks over side tables that take several. Session's thread;
 * called by feed.c and side.c. */
#include "page.h"

#include <string.h>

#include "base/xml_write.h"
#include "filter.h"
#include "row.h"
#include "verdict.h"

enum { BODY_MAX = 256 << 10, SIDE_ROWS = 5000, RESTARTS_MAX = 5 };

void kt_nav_where(struct kt_nav_query *q, const char *field, const char *criteria)
{
    KT_ASSERT(q->wheres < KT_NAV_WHERES);
    q->where[q->wheres++] = (struct kt_nav_where){ field, criteria };
}

/* --- one call --- */

static void put_filter(struct kt_buf *out, struct kt_str field, const char *criteria)
{
    kt_xml_put_begin(out, "filter", NULL);
    kt_xml_put_leaf(out, "Field", field);
    kt_xml_put_leaf(out, "Criteria", kt_str_of(criteria));
    kt_xml_put_end(out, "filter");
}

/* The WSDL wants a filter; one without criteria lets everything through. */
static struct kt_str body_of(const struct kt_nav_place *place, const struct kt_nav_query *q,
                             struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, BODY_MAX);
    kt_xml_put_begin(&out, "ReadMultiple", place->ns);
    for (size_t i = 0; i < q->wheres; i++)
        put_filter(&out, place->field[kt_nav_field_at(q->role, q->where[i].field)],
                   q->where[i].criteria);
    if (q->wheres == 0)
        put_filter(&out, place->field[kt_nav_field_at(q->role, kt_nav_page_of[q->role].key)], "");
    if (q->bookmark.n > 0)
        kt_xml_put_leaf(&out, "bookmarkKey", q->bookmark);
    kt_xml_put_leaf(&out, "setSize", kt_str_of(kt_format(a, "%zu", q->size)));
    kt_xml_put_end(&out, "ReadMultiple");
    KT_ASSERT(kt_buf_ok(&out));
    return kt_buf_view(&out);
}

/* NAV says itself that it does not publish this page. One that answered before and is gone now is a
 * mistake over there: reading on without it would empty what it had filled. And without its
 * variants an article would be sold under another number: that is nothing to be done by accident,
 * so the settings must say it (`without`). */
static enum kt_rc absent(struct kt_erp *erp, enum kt_nav_role role, struct kt_err *e)
{
    erp->is_absent[role] = !erp->has_come[role] && role != KT_NAV_VARIANT;
    return kt_trail(e, "page %s", kt_nav_page_of[role].role);
}

static enum kt_rc judge(struct kt_erp *erp, const struct kt_nav_query *q,
                        const struct kt_soap_fault *fault, struct kt_nav_rows *rows,
                        struct kt_err *e)
{
    const struct kt_nav_place *place = &erp->site.page[q->role];
    if (!fault->is_fault) /* a 404 without NAV's words as well: a server that is starting says so */
        return kt_trail(e, "%s", place->label);
    enum kt_nav_fault kind = kt_nav_fault_kind(fault);
    bool is_stale = kind == KT_NAV_FAULT_STALE || kind == KT_NAV_FAULT_NOT_FOUND;
    if (is_stale && q->bookmark.n > 0) { /* its row was changed, or deleted */
        kt_err_clear(e);
        rows->is_stale = true;
        return KT_OK;
    }
    enum kt_rc rc = kt_nav_read_fault(erp, fault, place->label, e);
    return kind == KT_NAV_FAULT_NO_SERVICE ? absent(erp, q->role, e) : rc;
}

static enum kt_rc foreign(struct kt_erp *erp, const char *label, struct kt_err *e)
{
    (void)kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_NOT_API,
                  KT_P_TEXT("partner", erp->env->name), KT_P_TEXT("detail", "another answer"),
                  KT_P_TEXT("expected", "ReadMultiple_Result"));
    return kt_trail(e, "%s", label);
}

/* Fewer rows than asked for are the last ones only if the server has given out more at once before:
 * it may have a limit of its own. Otherwise an empty page tells. */
static void note_end(struct kt_erp *erp, const struct kt_nav_query *q, struct kt_nav_rows *rows)
{
    erp->has_come[q->role] = true;
    rows->is_last = rows->count == 0 || (rows->count < q->size && rows->count < erp->most[q->role]);
    if (rows->count > erp->most[q->role])
        erp->most[q->role] = rows->count;
}

enum kt_rc kt_nav_read(struct kt_erp *erp, const struct kt_nav_query *q, struct kt_nav_rows *rows,
                       struct kt_arena *a, struct kt_err *e)
{
    const struct kt_nav_place *place = &erp->site.page[q->role];
    struct kt_soap_raw_request ask = { .path = place->path,
                                       .action = kt_format(a, "%s:ReadMultiple", place->ns),
                                       .body = body_of(place, q, a),
                                       .guard = &erp->guard };
    struct kt_soap_raw_answer answer = { 0 };
    struct kt_soap_fault fault = { 0 };
    *rows = (struct kt_nav_rows){ 0 };
    enum kt_rc rc = kt_soap_raw(erp->http, &ask, &answer, &fault, a, e);
    if (rc != KT_OK)
        return judge(erp, q, &fault, rows, e);
    if (answer.element == NULL || !kt_str_is(answer.element->name, "ReadMultiple_Result"))
        return foreign(erp, place->label, e);
    const struct kt_xml_node *list = kt_xml_find(answer.element, "ReadMultiple_Result");
    if (list != NULL)
        kt_nav_rows_decode(&erp->site, q->role, list, &rows->item, &rows->count, a);
    note_end(erp, q, rows);
    return KT_OK;
}

/* --- several calls --- */

/* Rows that are gathered over several calls. */
struct gathering {
    struct kt_erp *erp;
    struct kt_nav_query q;
    struct kt_arena *arena;
    char *item;
    size_t count;
    size_t room;
    size_t begun_at;     /* rows that were there when this walk began */
    struct kt_str until; /* of a range: its last value */
    bool is_range;
    unsigned restarts;
};

static size_t size_of(const struct gathering *g)
{
    return kt_nav_page_of[g->q.role].size;
}

static void gather(struct gathering *g, const struct kt_nav_rows *rows)
{
    const size_t size = size_of(g);
    if (g->count + rows->count > g->room) {
        size_t room = g->room * 2 > g->count + rows->count ? g->room * 2 : g->count + rows->count;
        char *grown = kt_alloc_array(g->arena, room, size);
        if (g->count > 0)
            memcpy(grown, g->item, g->count * size);
        g->item = grown;
        g->room = room;
    }
    if (rows->count > 0)
        memcpy(g->item + g->count * size, rows->item, rows->count * size);
    g->count += rows->count;
}

static const struct kt_nav_row *last_row(const struct gathering *g)
{
    return (const struct kt_nav_row *)(const void *)(g->item + (g->count - 1) * size_of(g));
}

static struct kt_str key_of(const struct gathering *g, size_t at)
{
    const struct kt_nav_page *page = &kt_nav_page_of[g->q.role];
    KT_ASSERT(g->item != NULL && at < g->count); /* a bookmark is a row that was read */
    const char *row = g->item + at * page->size;
    const struct kt_nav_field *field = &page->field[kt_nav_field_at(g->q.role, page->key)];
    return *(const struct kt_str *)(const void *)(row + field->offset);
}

/* Another user changed or deleted the row behind which we wanted to go on. A range goes on at the
 * last value that was seen, whose rows may be incomplete; a list is short and begins again. */
static enum kt_rc restart(struct gathering *g, struct kt_err *e)
{
    const char *service = g->erp->site.page[g->q.role].label;
    if (++g->restarts > RESTARTS_MAX) {
        (void)kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_ANSWER_INCOMPLETE,
                      KT_P_TEXT("partner", g->erp->env->name),
                      KT_P_TEXT("detail", "rows that change faster than they can be read"));
        return kt_trail(e, "%s", service);
    }
    kt_log_info(&g->erp->env->log, "bookmark.renewed", F_TEXT("service", service));
    g->q.bookmark = KT_STR("");
    if (!g->is_range) {
        g->count = g->begun_at;
        return KT_OK;
    }
    struct kt_str last = key_of(g, g->count - 1);
    while (g->count > g->begun_at && kt_str_eq(key_of(g, g->count - 1), last))
        g->count--;
    g->q.where[0].criteria = kt_nav_range(last, g->until, g->arena);
    return KT_OK;
}

static enum kt_rc in_a_circle(struct gathering *g, struct kt_err *e)
{
    (void)kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_ANSWER_INCOMPLETE,
                  KT_P_TEXT("partner", g->erp->env->name),
                  KT_P_TEXT("detail", "a page that leads back to itself"));
    return kt_trail(e, "%s", g->erp->site.page[g->q.role].label);
}

static enum kt_rc walk(struct gathering *g, struct kt_err *e)
{
    struct kt_nav_rows rows = { 0 };
    g->begun_at = g->count;
    g->restarts = 0;
    g->q.bookmark = KT_STR("");
    do {
        enum kt_rc rc = kt_nav_read(g->erp, &g->q, &rows, g->arena, e);
        if (rc == KT_OK && rows.is_stale)
            rc = restart(g, e);
        if (rc != KT_OK)
            return rc;
        gather(g, &rows);
        if (rows.count > 0 && kt_str_eq(last_row(g)->key, g->q.bookmark))
            return in_a_circle(g, e);
        if (rows.count > 0)
            g->q.bookmark = last_row(g)->key;
    } while (!rows.is_last);
    return KT_OK;
}

static struct gathering gathering_for(struct kt_erp *erp, enum kt_nav_role role, struct kt_arena *a)
{
    return (struct gathering){ .erp = erp, .q = { .role = role, .size = SIDE_ROWS }, .arena = a };
}

/* What is not published is a feature that this site does not have; kontor check says so. */
static enum kt_rc end(struct gathering *g, enum kt_rc rc, struct kt_nav_rows *rows,
                      struct kt_err *e)
{
    struct kt_erp *erp = g->erp;
    enum kt_nav_role role = g->q.role;
    *rows = (struct kt_nav_rows){ .item = g->item, .count = g->count, .is_last = true };
    if (rc == KT_OK || !erp->is_absent[role])
        return rc;
    if (!erp->is_told[role])
        kt_log_failure(&erp->env->log, KT_LOG_WARN, "page.absent", e,
                       F_TEXT("service", erp->site.page[role].label));
    erp->is_told[role] = true;
    kt_err_clear(e);
    *rows = (struct kt_nav_rows){ .is_last = true };
    return KT_OK;
}

static bool is_offered(const struct kt_erp *erp, enum kt_nav_role role, struct kt_nav_rows *rows)
{
    *rows = (struct kt_nav_rows){ .is_last = true };
    return !erp->site.page[role].is_spared && !erp->is_absent[role];
}

enum kt_rc kt_nav_read_range(struct kt_erp *erp, enum kt_nav_role role, struct kt_str first,
                             struct kt_str last, struct kt_nav_rows *rows, struct kt_arena *a,
                             struct kt_err *e)
{
    struct gathering g = gathering_for(erp, role, a);
    if (!is_offered(erp, role, rows))
        return KT_OK;
    g.is_range = true;
    g.until = last;
    kt_nav_where(&g.q, kt_nav_page_of[role].key, kt_nav_range(first, last, a));
    return end(&g, walk(&g, e), rows, e);
}

enum kt_rc kt_nav_read_list(struct kt_erp *erp, enum kt_nav_role role, const char *field,
                            const struct kt_str *value, size_t count, struct kt_nav_rows *rows,
                            struct kt_arena *a, struct kt_err *e)
{
    struct gathering g = gathering_for(erp, role, a);
    enum kt_rc rc = KT_OK;
    if (!is_offered(erp, role, rows))
        return KT_OK;
    for (size_t at = 0; rc == KT_OK && at < count;) {
        g.q.wheres = 0;
        kt_nav_where(&g.q, field, kt_nav_list(value, count, &at, a));
        rc = walk(&g, e);
    }
    return end(&g, rc, rows, e);
}

enum kt_rc kt_nav_read_whole(struct kt_erp *erp, enum kt_nav_role role, struct kt_nav_rows *rows,
                             struct kt_arena *a, struct kt_err *e)
{
    struct gathering g = gathering_for(erp, role, a);
    if (!is_offered(erp, role, rows))
        return KT_OK;
    return end(&g, walk(&g, e), rows, e);
}
