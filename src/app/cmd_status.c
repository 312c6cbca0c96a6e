/* `kontor status`: what Kontor holds and what is on its way, from the database alone; no partner is
 * asked. Main thread. */
#include "app/cmd_runs.h"
#include "app/commands.h"
#include "app/out.h"
#include "app/table.h"
#include "door/drop.h"
#include "store/deliveries.h"
#include "store/exceptions.h"
#include "store/facts.h"
#include "store/held.h"
#include "store/leases.h"
#include "store/messages.h"
#include "store/orders.h"
#include "store/records.h"

/* What is read before anything is printed. */
struct delivery_row {
    const char *channel;
    const char *unit;
    struct kt_delivery_counts counts;
    int64_t links;
    int64_t per_minute; /* sent lately; -1: nothing was */
    int64_t drain_us;   /* until all that is due is sent, at that pace; -1: nobody can tell */
};
struct mark_row {
    const char *endpoint;
    const char *stream;
    int64_t at_us; /* 0: never */
};
struct lag_row {
    const char *channel;
    int64_t behind;
};
struct picture {
    int64_t records[KT_KINDS];
    struct delivery_row *delivery;
    size_t deliveries;
    struct lag_row *lag; /* one per channel */
    struct mark_row *mark;
    size_t marks;
    struct kt_run *run; /* the newest of each stream */
    size_t runs;
    int64_t held; /* changes that wait for a person */
    struct kt_order_count *order;
    size_t orders;
    int64_t exceptions;
    int64_t untold; /* deliveries of orders that a shop does not know yet */
    int64_t now_us;
};

/* The pace of the last ten minutes, counted from the first thing sent in them. */
static enum kt_rc read_pace(struct kt_app *app, struct delivery_row *row, int64_t now_us,
                            struct kt_err *e)
{
    const int64_t due = row->counts.due + row->counts.leased;
    int64_t sent = 0;
    int64_t first_us = 0;
    enum kt_rc rc = kt_link_pace(app->work.db, row->channel, row->unit, now_us - 10 * KT_MINUTE,
                                 &sent, &first_us, e);
    int64_t span_us = now_us - first_us;
    span_us = span_us < KT_SECOND ? KT_SECOND : span_us;
    row->per_minute = sent > 0 ? sent * KT_MINUTE / span_us : -1;
    row->drain_us = due == 0 ? 0 : sent > 0 ? due * (span_us / sent) : -1;
    return rc;
}

static enum kt_rc read_channel(struct kt_app *app, struct picture *p, size_t index, int64_t head,
                               struct kt_err *e)
{
    const struct kt_channel_site *ch = &app->config->site.channel[index];
    struct kt_db *db = app->work.db;
    int64_t seq = 0;
    enum kt_rc rc = kt_cursor_get(db, ch->name, 0, &seq, e);
    p->lag[index] = (struct lag_row){ ch->name, head - seq };
    for (size_t i = 0; rc == KT_OK && i < KT_UNITS; i++) {
        if (!ch->ops->facts->has_unit[i])
            continue;
        struct delivery_row *row = &p->delivery[p->deliveries++];
        row->channel = ch->name;
        row->unit = kt_unit_name((enum kt_unit)i);
        rc = kt_delivery_count(db, ch->name, row->unit, p->now_us, &row->counts, e);
        if (rc == KT_OK)
            rc = kt_link_count(db, ch->name, row->unit, &row->links, e);
        if (rc == KT_OK)
            rc = read_pace(app, row, p->now_us, e);
    }
    return rc;
}

static enum kt_rc read_mark(struct kt_app *app, struct picture *p, const char *endpoint,
                            const char *stream, struct kt_err *e)
{
    struct kt_str token = { 0 };
    struct mark_row *row = &p->mark[p->marks++];
    *row = (struct mark_row){ endpoint, stream, 0 };
    /* a shop without orders has no token, but was asked */
    return kt_watermark_get(app->work.db, endpoint, stream, &token, &row->at_us, app->arena, e);
}

/* Of those who bring their records themselves: when the last message with an id came. */
static enum kt_rc read_pushed(struct kt_app *app, struct picture *p, struct kt_err *e)
{
    const struct kt_door_conf *door = &app->config->door;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < door->partners + door->drops; i++) {
        const char *name = i < door->partners ? door->partner[i].name
                                              : kt_format(app->arena, "drop:%s",
                                                          door->drop[i - door->partners].name);
        struct mark_row *row = &p->mark[p->marks++];
        *row = (struct mark_row){ name, "messages", 0 };
        rc = kt_message_last(app->work.db, name, &row->at_us, e);
    }
    return rc;
}

static enum kt_rc read_marks(struct kt_app *app, struct picture *p, struct kt_err *e)
{
    const struct kt_site *site = &app->config->site;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < site->erps; i++) {
        for (size_t f = 0; rc == KT_OK && f < KT_FEEDS; f++) {
            if (site->erp[i].ops->facts->feed[f] != KT_FEED_NONE)
                rc = read_mark(app, p, site->erp[i].name, kt_feed_name((enum kt_feed)f), e);
        }
    }
    for (size_t i = 0; rc == KT_OK && i < site->channels; i++) {
        if (site->channel[i].takes_orders)
            rc = read_mark(app, p, site->channel[i].name, "orders", e);
    }
    if (rc == KT_OK)
        rc = read_pushed(app, p, e);
    return rc;
}

static enum kt_rc read_runs(struct kt_app *app, struct picture *p, struct kt_err *e)
{
    const struct kt_site *site = &app->config->site;
    struct kt_held_run *held = NULL;
    size_t count = 0;
    enum kt_rc rc = kt_held_runs(app->work.db, &held, &count, app->arena, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        p->held += held[i].count;
    p->run = KT_NEW_ARRAY(app->arena, site->erps * KT_FEEDS + 1, struct kt_run);
    for (size_t i = 0; i < site->erps; i++) {
        for (size_t f = 0; rc == KT_OK && f < KT_FEEDS; f++) {
            bool found = false;
            rc = kt_run_last(app->work.db, site->erp[i].name, kt_feed_name((enum kt_feed)f),
                             &p->run[p->runs], &found, app->arena, e);
            p->runs += found ? 1 : 0;
        }
    }
    return rc;
}

static enum kt_rc read_untold(struct kt_app *app, struct picture *p, struct kt_err *e)
{
    struct kt_fact_count *fact = NULL;
    size_t count = 0;
    enum kt_rc rc = kt_fact_counts(app->work.db, &fact, &count, app->arena, e);
    for (size_t i = 0; i < count; i++)
        p->untold += fact[i].waiting;
    return rc;
}

static enum kt_rc read_picture(struct kt_app *app, struct picture *p, struct kt_err *e)
{
    const struct kt_site *site = &app->config->site;
    struct kt_db *db = app->work.db;
    struct kt_arena *a = app->arena;
    int64_t head = 0;
    enum kt_rc rc = kt_journal_head(db, 0, &head, e);
    p->now_us = kt_now_us();
    p->delivery = KT_NEW_ARRAY(a, site->channels * KT_UNITS + 1, struct delivery_row);
    p->lag = KT_NEW_ARRAY(a, site->channels + 1, struct lag_row);
    const struct kt_door_conf *door = &app->config->door;
    p->mark =
        KT_NEW_ARRAY(a, site->erps * KT_FEEDS + site->channels + door->partners + door->drops + 1,
                     struct mark_row);
    for (size_t i = 0; rc == KT_OK && i < KT_KINDS; i++)
        rc = kt_records_count(db, (enum kt_kind)i, &p->records[i], e);
    for (size_t i = 0; rc == KT_OK && i < site->channels; i++)
        rc = read_channel(app, p, i, head, e);
    if (rc == KT_OK)
        rc = read_marks(app, p, e);
    if (rc == KT_OK)
        rc = read_runs(app, p, e);
    if (rc == KT_OK)
        rc = kt_order_counts(db, &p->order, &p->orders, a, e);
    if (rc == KT_OK)
        rc = read_untold(app, p, e);
    if (rc == KT_OK)
        rc = kt_exception_count(db, &p->exceptions, e);
    return rc;
}

static void show_deliveries(struct kt_app *app, const struct picture *p)
{
    static const char *const titles[] = { "CHANNEL",  "UNIT",      ">IN SHOP",        ">DUE",
                                          ">WAITING", ">RETRYING", ">BUSY",           ">SETTLED",
                                          ">PER MIN", ">DONE IN",  "OLDEST DUE SINCE" };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < p->deliveries; i++) {
        const struct delivery_row *r = &p->delivery[i];
        kt_table_text(&t, r->channel);
        kt_table_text(&t, r->unit);
        kt_table_number(&t, r->links);
        kt_table_number(&t, r->counts.due);
        kt_table_number(&t, r->counts.waiting);
        kt_table_number(&t, r->counts.retrying);
        kt_table_number(&t, r->counts.leased);
        kt_table_number(&t, r->counts.idle);
        kt_table_text(
            &t, r->per_minute < 0 ? "-" : kt_format(app->arena, "%lld", (long long)r->per_minute));
        if (r->drain_us <= 0)
            kt_table_text(&t, r->drain_us == 0 ? "-" : "?");
        else
            kt_table_age(&t, r->drain_us);
        if (r->counts.oldest_due_us == 0)
            kt_table_text(&t, "-");
        else
            kt_table_age(&t, p->now_us - r->counts.oldest_due_us);
    }
    kt_buf_char(&app->out, '\n');
    kt_table_print(&t, &app->out);
}

static void show_marks(struct kt_app *app, const struct picture *p)
{
    static const char *const titles[] = { "PARTNER", "WHAT", "AGO" };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < p->marks; i++) {
        kt_table_text(&t, p->mark[i].endpoint);
        kt_table_text(&t, p->mark[i].stream);
        if (p->mark[i].at_us == 0)
            kt_table_text(&t, "never");
        else
            kt_table_age(&t, p->now_us - p->mark[i].at_us);
    }
    kt_buf_char(&app->out, '\n');
    kt_table_print(&t, &app->out);
}

static void show_runs(struct kt_app *app, const struct picture *p)
{
    static const char *const titles[] = { "LAST RUN", "FLOW",     "HOW",      "STATE", ">CREATED",
                                          ">CHANGED", ">DELETED", ">REFUSED", ">HELD", "STARTED" };
    struct kt_table t;
    if (p->runs == 0)
        return;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < p->runs; i++) {
        const struct kt_run *r = &p->run[i];
        kt_table_text(&t, kt_format(app->arena, "%lld %s", (long long)r->number, r->endpoint.p));
        kt_table_str(&t, r->stream);
        kt_table_text(&t, kt_format(app->arena, "%s%s", r->how.p, r->is_full ? ", full" : ""));
        kt_table_str(&t, r->state);
        kt_table_number(&t, r->created);
        kt_table_number(&t, r->changed);
        kt_table_number(&t, r->deleted);
        kt_table_number(&t, r->refused);
        kt_table_number(&t, r->held);
        kt_table_age(&t, p->now_us - r->started_us);
    }
    kt_buf_char(&app->out, '\n');
    kt_table_print(&t, &app->out);
}

static void show_orders(struct kt_app *app, const struct picture *p)
{
    static const char *const titles[] = { "CHANNEL", "ORDERS", ">COUNT" };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < p->orders; i++) {
        kt_table_str(&t, p->order[i].channel);
        kt_table_str(&t, p->order[i].state);
        kt_table_number(&t, p->order[i].count);
    }
    kt_buf_char(&app->out, '\n');
    if (p->orders > 0)
        kt_table_print(&t, &app->out);
    else
        kt_buf_text(&app->out, "No orders yet.\n");
}

static void show(struct kt_app *app, const struct picture *p)
{
    static const char *const titles[] = { "RECORDS", ">COUNT" };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < KT_KINDS; i++) {
        kt_table_text(&t, kt_kind_name((enum kt_kind)i));
        kt_table_number(&t, p->records[i]);
    }
    kt_table_print(&t, &app->out);
    if (p->deliveries > 0)
        show_deliveries(app, p);
    for (size_t i = 0; i < app->config->site.channels; i++) {
        if (p->lag[i].behind > 0)
            kt_buf_format(&app->out, "%s: %lld changes are not yet shared out to it.\n",
                          p->lag[i].channel, (long long)p->lag[i].behind);
    }
    show_marks(app, p);
    show_runs(app, p);
    show_orders(app, p);
    if (p->untold > 0)
        kt_buf_format(&app->out, "\n%lld deliver%s shops do not know yet.\n", (long long)p->untold,
                      p->untold == 1 ? "y that its" : "ies that their");
    if (p->held > 0)
        kt_buf_format(&app->out, "\n%lld dangerous change%s for approval: `kontor held list`\n",
                      (long long)p->held, p->held == 1 ? " waits" : "s wait");
    if (p->exceptions == 0)
        kt_buf_text(&app->out, "\nNo open exceptions.\n");
    else
        kt_buf_format(&app->out, "\n%lld open exception%s: `kontor exceptions list`\n",
                      (long long)p->exceptions, p->exceptions == 1 ? "" : "s");
}

static void open_row(struct kt_buf *out, size_t i, bool *is_first)
{
    kt_buf_text(out, i == 0 ? "{" : ",{");
    *is_first = true;
}

static void put_deliveries(struct kt_buf *out, const struct picture *p)
{
    bool is_first;
    for (size_t i = 0; i < p->deliveries; i++) {
        const struct delivery_row *r = &p->delivery[i];
        open_row(out, i, &is_first);
        kt_out_member_text(out, &is_first, "channel", r->channel);
        kt_out_member_text(out, &is_first, "unit", r->unit);
        kt_out_member_number(out, &is_first, "links", r->links);
        kt_out_member_number(out, &is_first, "due", r->counts.due);
        kt_out_member_number(out, &is_first, "waiting", r->counts.waiting);
        kt_out_member_number(out, &is_first, "retrying", r->counts.retrying);
        kt_out_member_number(out, &is_first, "leased", r->counts.leased);
        kt_out_member_number(out, &is_first, "idle", r->counts.idle);
        kt_out_member_instant(out, &is_first, "oldest_due", r->counts.oldest_due_us);
        if (r->per_minute >= 0)
            kt_out_member_number(out, &is_first, "sent_per_minute", r->per_minute);
        else
            kt_out_member(out, &is_first, "sent_per_minute", (struct kt_str){ NULL, 0 });
        if (r->drain_us >= 0)
            kt_out_member_number(out, &is_first, "drain_seconds", r->drain_us / KT_SECOND);
        else
            kt_out_member(out, &is_first, "drain_seconds", (struct kt_str){ NULL, 0 });
        kt_buf_char(out, '}');
    }
}

static void put_marks(struct kt_buf *out, const struct picture *p)
{
    bool is_first;
    for (size_t i = 0; i < p->marks; i++) {
        open_row(out, i, &is_first);
        kt_out_member_text(out, &is_first, "endpoint", p->mark[i].endpoint);
        kt_out_member_text(out, &is_first, "stream", p->mark[i].stream);
        kt_out_member_instant(out, &is_first, "at", p->mark[i].at_us);
        kt_buf_char(out, '}');
    }
}

static void put_orders(struct kt_buf *out, const struct picture *p)
{
    bool is_first;
    for (size_t i = 0; i < p->orders; i++) {
        open_row(out, i, &is_first);
        kt_out_member(out, &is_first, "channel", p->order[i].channel);
        kt_out_member(out, &is_first, "state", p->order[i].state);
        kt_out_member_number(out, &is_first, "count", p->order[i].count);
        kt_buf_char(out, '}');
    }
}

static void put(struct kt_app *app, const struct picture *p)
{
    struct kt_buf *out = &app->out;
    bool is_first = true;
    kt_buf_text(out, "{\"records\":{");
    for (size_t i = 0; i < KT_KINDS; i++)
        kt_out_member_number(out, &is_first, kt_kind_name((enum kt_kind)i), p->records[i]);
    kt_buf_text(out, "},\"deliveries\":[");
    put_deliveries(out, p);
    kt_buf_text(out, "],\"not_shared_out\":{");
    is_first = true;
    for (size_t i = 0; i < app->config->site.channels; i++)
        kt_out_member_number(out, &is_first, p->lag[i].channel, p->lag[i].behind);
    kt_buf_text(out, "},\"watermarks\":[");
    put_marks(out, p);
    kt_buf_text(out, "],\"runs\":[");
    for (size_t i = 0; i < p->runs; i++) {
        kt_buf_text(out, i == 0 ? "" : ",");
        kt_run_put(app, &p->run[i]);
    }
    kt_buf_text(out, "],\"orders\":[");
    put_orders(out, p);
    kt_buf_format(out, "],\"untold_deliveries\":%lld", (long long)p->untold);
    kt_buf_format(out, ",\"held\":%lld", (long long)p->held);
    kt_buf_format(out, ",\"exceptions\":%lld}\n", (long long)p->exceptions);
}

static enum kt_exit run(struct kt_app *app)
{
    struct picture picture = { 0 };
    struct kt_err e = { 0 };
    if (app->args.words > 1)
        return kt_app_usage(app, "status takes nothing");
    enum kt_exit status = kt_app_open(app);
    if (status != KT_EXIT_OK)
        return status;
    if (read_picture(app, &picture, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (app->is_json)
        put(app, &picture);
    else
        show(app, &picture);
    return picture.exceptions > 0 ? KT_EXIT_ATTENTION : KT_EXIT_OK;
}

static const char *const form[] = { "", NULL };

const struct kt_command kt_cmd_status = {
    .name = "status",
    .summary = "Shows what is held, what is on its way and what needs a person",
    .form = form,
    .about =
        "Reads the database only. IN SHOP: units whose place in the shop is known; DUE: to be "
        "sent now;\nWAITING: for another unit; RETRYING: failed, tried again later; BUSY: being "
        "sent; SETTLED:\nnothing to do; PER MIN: sent in the last ten minutes; DONE IN: when all "
        "that is due will be sent\nat that pace. A unit that is due twice is due once, so the "
        "backlog is never longer than the\ncatalogue. Exit status 1 while exceptions are open.",
    .run = run,
};
