/* `kontor security`: the clock by which secured messages are judged, what was refused, and our
 * keys. Main thread. */
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/out.h"
#include "app/table.h"
#include "app/who.h"
#include "flow/security.h"
#include "store/audit.h"
#include "wire/wss_site.h"

enum { LIST_MOST = 5000, WARN_DAYS = 30 };

/* --- clock --- */

static void put_clock(struct kt_app *app, const struct kt_security_clock *c,
                      const struct kt_audit *reset)
{
    struct kt_buf *out = &app->out;
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_out_member_instant(out, &is_first, "wall_clock", c->wall_us);
    kt_out_member_instant(out, &is_first, "reached", c->stored_us);
    kt_out_member_bool(out, &is_first, "synchronised", c->is_synchronised);
    kt_out_member_bool(out, &is_first, "trusted", c->is_trusted);
    kt_out_member_text(out, &is_first, "wrong", c->wrong);
    kt_out_member_instant(out, &is_first, "reset_at", reset->at_us);
    kt_out_member(out, &is_first, "reset_by", reset->actor);
    kt_buf_text(out, "}\n");
}

static void show_clock(struct kt_app *app, const struct kt_security_clock *c,
                       const struct kt_audit *reset)
{
    struct kt_buf *out = &app->out;
    kt_buf_text(out, "Wall clock    ");
    kt_out_instant(out, c->wall_us);
    kt_buf_text(out, "\nReached       ");
    kt_out_instant(out, c->stored_us);
    kt_buf_format(out, "\nKernel says   %s\n",
                  c->is_synchronised ? "synchronised"
                  : c->is_trusted    ? "nobody keeps it right (trusted by security.clock)"
                                     : "nobody keeps it right");
    if (reset->at_us != 0) {
        kt_buf_text(out, "Last reset    ");
        kt_out_instant(out, reset->at_us);
        kt_buf_text(out, " by ");
        kt_out_text(out, reset->actor);
        kt_buf_char(out, '\n');
    }
    if (c->wrong == NULL)
        kt_buf_text(out, "Secured messages are taken.\n");
    else
        kt_buf_format(out, "No secured message is taken: %s.\n", c->wrong);
}

static enum kt_exit look_at_clock(struct kt_app *app)
{
    struct kt_err e = { 0 };
    struct kt_security_clock c;
    struct kt_audit reset = { 0 };
    bool found = false;
    if (kt_security_clock_look(&app->work, &c, &e) != KT_OK ||
        kt_audit_last(app->work.db, KT_SECURITY_RESET, &reset, &found, app->arena, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (app->is_json)
        put_clock(app, &c, &reset);
    else
        show_clock(app, &c, &reset);
    return c.wrong != NULL ? KT_EXIT_ATTENTION : KT_EXIT_OK;
}

static enum kt_exit clock_of(struct kt_app *app)
{
    struct kt_err e = { 0 };
    enum kt_exit status = kt_app_open(app);
    if (status != KT_EXIT_OK)
        return status;
    if (kt_args_has(&app->args, "--reset") &&
        kt_security_clock_reset(&app->work, kt_who(app->arena), &e) != KT_OK)
        return kt_app_failed(app, &e);
    return look_at_clock(app);
}

/* --- refusals --- */

/* "90m", "24h", "7d", a day, or an instant. */
static bool read_since(int64_t *since_us, const char *text)
{
    static const struct {
        char letter;
        int64_t us;
    } units[] = { { 's', KT_SECOND }, { 'm', KT_MINUTE }, { 'h', KT_HOUR }, { 'd', KT_DAY_US } };
    const size_t n = strlen(text);
    const struct kt_str digits = { text, n == 0 ? 0 : n - 1 };
    int64_t number = 0;
    struct kt_day day;
    char instant[KT_TIME_TEXT_MAX];
    for (size_t i = 0; n > 1 && n < 8 && i < KT_COUNT(units); i++) {
        if (text[n - 1] != units[i].letter)
            continue;
        for (size_t k = 0; k < digits.n; k++) {
            if (digits.p[k] < '0' || digits.p[k] > '9')
                return false;
            number = number * 10 + (digits.p[k] - '0');
        }
        *since_us = kt_now_us() - number * units[i].us;
        return true;
    }
    if (!kt_day_parse(&day, kt_str_of(text)))
        return kt_time_parse(since_us, kt_str_of(text), true);
    kt_day_text(day, instant);
    memcpy(instant + strlen(instant), "T00:00:00Z", sizeof "T00:00:00Z");
    return kt_time_parse(since_us, kt_str_of(instant), false);
}

static void put_refusal(struct kt_app *app, const struct kt_refusal *r)
{
    struct kt_buf *out = &app->out;
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_out_member_instant(out, &is_first, "hour", r->hour_us);
    kt_out_member(out, &is_first, "code", r->code);
    kt_out_member_given(out, &is_first, "partner", r->partner);
    kt_out_member_given(out, &is_first, "address", r->address);
    kt_out_member_number(out, &is_first, "count", r->times);
    kt_out_member_instant(out, &is_first, "last", r->last_us);
    kt_buf_char(out, '}');
}

static void show_refusals(struct kt_app *app, const struct kt_refusal *r, size_t count)
{
    static const char *const titles[] = { "HOUR", "CODE", "PARTNER", "ADDRESS", ">COUNT", "LAST" };
    struct kt_table t;
    kt_table_init(&t, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < count; i++) {
        kt_table_instant(&t, r[i].hour_us);
        kt_table_str(&t, r[i].code);
        kt_table_str(&t, r[i].partner.n > 0 ? r[i].partner : KT_STR("-"));
        kt_table_str(&t, r[i].address.n > 0 ? r[i].address : KT_STR("-"));
        kt_table_number(&t, r[i].times);
        kt_table_instant(&t, r[i].last_us);
    }
    kt_table_print(&t, &app->out);
    if (count == LIST_MOST)
        kt_buf_format(&app->out, "These are the newest %d.\n", LIST_MOST);
}

static enum kt_exit refusals(struct kt_app *app)
{
    const char *said = kt_args_value(&app->args, "--since");
    struct kt_err e = { 0 };
    struct kt_refusal *r = NULL;
    size_t count = 0;
    int64_t since_us = 0;
    if (!read_since(&since_us, said != NULL ? said : "24h"))
        return kt_app_usage(app, "security refusals: --since takes 90m, 24h, 7d, 2026-11-22 or "
                                 "2026-11-22T10:00:00Z");
    enum kt_exit status = kt_app_open(app);
    if (status != KT_EXIT_OK)
        return status;
    if (kt_refusals_list(app->work.db, since_us, LIST_MOST, &r, &count, app->arena, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (app->is_json) {
        kt_buf_text(&app->out, "{\"refusals\":[");
        for (size_t i = 0; i < count; i++) {
            kt_buf_text(&app->out, i == 0 ? "" : ",");
            put_refusal(app, &r[i]);
        }
        kt_buf_text(&app->out, "]}\n");
    } else if (count == 0) {
        kt_buf_text(&app->out, "No message's security was refused.\n");
    } else {
        show_refusals(app, r, count);
    }
    return KT_EXIT_OK;
}

/* --- keys --- */

static void put_term(struct kt_app *app, const struct kt_wss_term *t)
{
    struct kt_buf *out = &app->out;
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_out_member_text(out, &is_first, "what", t->what);
    kt_out_member_text(out, &is_first, "state", t->state);
    kt_out_member_instant(out, &is_first, "from", t->from_us);
    kt_out_member_instant(out, &is_first, "until", t->until_us);
    kt_out_member_text(out, &is_first, "file", t->file);
    kt_out_member_text(out, &is_first, "sha256", t->fingerprint);
    kt_buf_char(out, '}');
}

static void show_terms(struct kt_app *app, const struct kt_wss_term *t, size_t count)
{
    static const char *const titles[] = { "WHAT", "STATE", "FROM", "UNTIL", "FILE", "SHA-256" };
    struct kt_table table;
    kt_table_init(&table, app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < count; i++) {
        kt_table_text(&table, t[i].what);
        kt_table_text(&table, t[i].state != NULL ? t[i].state : "-");
        kt_table_instant(&table, t[i].from_us);
        kt_table_instant(&table, t[i].until_us);
        kt_table_text(&table, t[i].file != NULL ? t[i].file : "-");
        kt_table_text(&table, t[i].fingerprint != NULL ? t[i].fingerprint : "-");
    }
    kt_table_print(&table, &app->out);
}

/* Lists are renewed every few hours: only one that is too old is worth a word. */
static bool needs_look(const struct kt_wss_term *t)
{
    const int64_t warn_us = t->is_list ? 0 : WARN_DAYS * KT_DAY_US;
    return t->until_us - kt_now_us() < warn_us;
}

static enum kt_exit keys(struct kt_app *app)
{
    struct kt_err e = { 0 };
    const struct kt_wss_term *t = NULL;
    enum kt_exit status = kt_app_load(app);
    size_t count = 0;
    if (status != KT_EXIT_OK)
        return status;
    if (kt_app_keys(app, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (app->config->site.wss != NULL) {
        struct kt_wss_ring *ring = kt_wss_hold(app->config->site.wss);
        count = kt_wss_terms(ring, &t, app->arena);
        kt_wss_release(ring);
    }
    for (size_t i = 0; i < count; i++)
        status = needs_look(&t[i]) ? KT_EXIT_ATTENTION : status;
    if (app->is_json) {
        kt_buf_text(&app->out, "{\"keys\":[");
        for (size_t i = 0; i < count; i++) {
            kt_buf_text(&app->out, i == 0 ? "" : ",");
            put_term(app, &t[i]);
        }
        kt_buf_text(&app->out, "]}\n");
    } else if (count == 0) {
        kt_buf_text(&app->out, "Neither keys nor certificates are configured.\n");
    } else {
        show_terms(app, t, count);
    }
    return status;
}

static enum kt_exit run(struct kt_app *app)
{
    static const struct {
        const char *verb;
        const char *flag; /* that it takes besides the global ones */
        enum kt_exit (*run)(struct kt_app *app);
    } verbs[] = { { "clock", "--reset", clock_of },
                  { "refusals", "--since", refusals },
                  { "keys", NULL, keys } };
    static const char *const flags[] = { "--reset", "--since" };
    const struct kt_args *args = &app->args;
    for (size_t i = 0; args->words == 2 && i < KT_COUNT(verbs); i++) {
        if (strcmp(args->word[1], verbs[i].verb) != 0)
            continue;
        for (size_t k = 0; k < KT_COUNT(flags); k++) {
            if (kt_args_has(args, flags[k]) &&
                (verbs[i].flag == NULL || strcmp(flags[k], verbs[i].flag) != 0))
                return kt_app_usage(
                    app, kt_format(app->arena, "security %s takes no %s", verbs[i].verb, flags[k]));
        }
        return verbs[i].run(app);
    }
    return kt_app_usage(app, "security: clock, refusals or keys");
}

static const struct kt_flag flags[] = {
    { "--reset", NULL, "clock: what was reached is wrong, the wall clock is right" },
    { "--since", "WHEN", "refusals: 90m, 24h, 7d, a day or an instant; default 24h" },
    { 0 }
};

static const char *const form[] = { "clock [--reset]", "refusals [--since WHEN]", "keys", NULL };

const struct kt_command kt_cmd_security = {
    .name = "security",
    .summary = "Shows the clock, the refusals and the keys of message security (WS-Security)",
    .form = form,
    .about =
        "clock: secured messages are judged by the wall clock, or by the highest instant up to "
        "which repeats were\nforgotten, whichever is later; exit status 1 while none is taken. A "
        "clock that stood ahead for more than\nan hour leaves that instant in the future: set it "
        "right on every node, then --reset, which the audit\ntrail keeps. Messages are taken "
        "again after 25 minutes: what lives until then may have been forgotten.\n"
        "refusals: why messages were refused, counted by hour, reason, partner and address. The "
        "sender is never\ntold the reason.\n"
        "keys: our keys, the partners' certificates and revocation lists, with their ends; exit "
        "status 1 when\none ends within 30 days.",
    .flags = flags,
    .run = run,
};
