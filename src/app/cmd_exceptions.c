/* `kontor exceptions`: what needs a person, what to do about it, and trying again. Clerks read it:
 * personal values are shown on their terminal, and nowhere else. Main thread. */
#include <string.h>

#include "app/commands.h"
#include "app/out.h"
#include "app/table.h"
#include "flow/retry.h"
#include "store/exceptions.h"

enum { PAGE = 200 };

/* The words of `show` in both languages. */
enum word {
    W_NUMBER,
    W_ABOUT,
    W_TO_DO,
    W_OWNER,
    W_STATE,
    W_FIRST,
    W_LAST,
    W_TIMES,
    W_CAUSE,
    W_TRAIL,
    W_OPEN,
    W_CLOSED,
    W_COUNT
};
static const char *const words[W_COUNT][2] = {
    [W_NUMBER] = { "exception", "Ausnahme" }, [W_ABOUT] = { "about", "betrifft" },
    [W_TO_DO] = { "to do", "zu tun" },        [W_OWNER] = { "owner", "zuständig" },
    [W_STATE] = { "state", "Zustand" },       [W_FIRST] = { "first seen", "zuerst" },
    [W_LAST] = { "last seen", "zuletzt" },    [W_TIMES] = { "times", "Anzahl" },
    [W_CAUSE] = { "cause", "Ursache" },       [W_TRAIL] = { "trail", "Spur" },
    [W_OPEN] = { "open", "offen" },           [W_CLOSED] = { "closed", "erledigt" },
};

static const char *word(const struct kt_app *app, enum word w)
{
    return words[w][app->lang == KT_LANG_DE];
}

static const char *owner(const struct kt_app *app, const struct kt_exception *x)
{
    static const char *const german[] = { "Sachbearbeitung", "IT", "Partner" };
    enum kt_owner who = kt_code_owner(x->v.code);
    return app->lang == KT_LANG_DE ? german[who] : kt_owner_name(who);
}

static const char *subject(const struct kt_app *app, const struct kt_exception *x)
{
    static const char *const german[][2] = { { "order", "Bestellung" },
                                             { "delivery", "Übertragung" },
                                             { "endpoint", "Partner" },
                                             { "record", "Datensatz" },
                                             { "tell", "Rückmeldung an" },
                                             { "incoming", "Eingang aus" },
                                             { "change", "Änderung aus" },
                                             { "run", "Lauf aus" },
                                             { "adopt", "Übernahme in" },
                                             { "reconcile", "Abgleich mit" },
                                             { "ownership", "Zuständigkeit von" },
                                             { "document", "Dokumente von" },
                                             { "paper", "Zertifikate bei" },
                                             { "clock", "Uhr bei" },
                                             { "weak", "Signaturen von" },
                                             { "certificate", "Zertifikat bei" } };
    for (size_t i = 0; app->lang == KT_LANG_DE && i < KT_COUNT(german); i++) {
        if (strcmp(german[i][0], x->subject) == 0)
            return german[i][1];
    }
    return x->subject;
}

static const char *sentence(const struct kt_app *app, const struct kt_exception *x)
{
    enum { ROOM = 1024 };
    char *text = kt_alloc(app->arena, ROOM);
    kt_sentence(&x->v, app->lang, text, ROOM);
    return text;
}

static const char *suggestion(const struct kt_app *app, const struct kt_exception *x)
{
    enum { ROOM = 1024 };
    char *text = kt_alloc(app->arena, ROOM);
    kt_suggestion(&x->v, app->lang, text, ROOM);
    return text;
}

/* "CODE@endpoint", or the code alone for every endpoint. NULL: any. */
static bool has_cause(const struct kt_exception *x, const char *cause)
{
    return cause == NULL || kt_str_is(x->cause, cause) ||
           strcmp(kt_code_name(x->v.code), cause) == 0;
}

/* All exceptions that are asked for, in one array. */
static enum kt_rc collect(struct kt_app *app, bool all, const char *cause,
                          struct kt_exception **out, size_t *count, struct kt_err *e)
{
    struct kt_exception *kept = NULL;
    size_t kept_count = 0;
    size_t room = 0;
    size_t n = PAGE;
    int64_t after = 0;
    while (n == PAGE) {
        struct kt_exception *page = NULL;
        enum kt_rc rc = kt_exception_list(app->work.db, all, after, PAGE, &page, &n, app->arena, e);
        if (rc != KT_OK)
            return rc;
        if (kept_count + n > room) {
            room = 2 * (kept_count + n);
            struct kt_exception *more = KT_NEW_ARRAY(app->arena, room, struct kt_exception);
            if (kept_count > 0)
                memcpy(more, kept, kept_count * sizeof *more);
            kept = more;
        }
        for (size_t i = 0; i < n; i++) {
            after = page[i].number;
            if (has_cause(&page[i], cause))
                kept[kept_count++] = page[i];
        }
    }
    *out = kept;
    *count = kept_count;
    return KT_OK;
}

static void put_one(struct kt_app *app, const struct kt_exception *x)
{
    struct kt_buf *out = &app->out;
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_out_member_number(out, &is_first, "number", x->number);
    kt_out_member_text(out, &is_first, "subject", x->subject);
    kt_out_member(out, &is_first, "endpoint", x->endpoint);
    kt_out_member_given(out, &is_first, "key", x->key);
    kt_out_verdict(out, &is_first, &x->v, app->lang);
    kt_out_member(out, &is_first, "cause", x->cause);
    kt_out_member_instant(out, &is_first, "first", x->first_us);
    kt_out_member_instant(out, &is_first, "last", x->last_us);
    kt_out_member_number(out, &is_first, "times", x->times);
    kt_out_member_bool(out, &is_first, "open", x->is_open);
    kt_out_member_given(out, &is_first, "trail", x->trail);
    kt_buf_char(out, '}');
}

static void show_list(struct kt_app *app, const struct kt_exception *x, size_t count)
{
    static const char *const titles[][2] = {
        { ">NO", ">NR" },       { "LAST SEEN", "ZULETZT" }, { ">TIMES", ">ANZAHL" },
        { "STATE", "ZUSTAND" }, { "OWNER", "ZUSTÄNDIG" },   { "WHAT", "WAS" },
    };
    const char *title[KT_COUNT(titles)];
    struct kt_table t;
    int64_t now_us = kt_now_us();
    for (size_t i = 0; i < KT_COUNT(titles); i++)
        title[i] = titles[i][app->lang == KT_LANG_DE];
    kt_table_init(&t, app->arena, title, KT_COUNT(title));
    for (size_t i = 0; i < count; i++) {
        kt_table_number(&t, x[i].number);
        kt_table_age(&t, now_us - x[i].last_us);
        kt_table_number(&t, x[i].times);
        kt_table_text(&t, word(app, x[i].is_open ? W_OPEN : W_CLOSED));
        kt_table_text(&t, owner(app, &x[i]));
        kt_table_text(&t, sentence(app, &x[i]));
    }
    kt_table_print(&t, &app->out);
}

static enum kt_exit list(struct kt_app *app)
{
    struct kt_err e = { 0 };
    struct kt_exception *x = NULL;
    size_t count = 0;
    size_t open = 0;
    if (collect(app, kt_args_has(&app->args, "--all"), kt_args_value(&app->args, "--cause"), &x,
                &count, &e) != KT_OK)
        return kt_app_failed(app, &e);
    for (size_t i = 0; i < count; i++)
        open += x[i].is_open;
    if (app->is_json) {
        kt_buf_text(&app->out, "{\"exceptions\":[");
        for (size_t i = 0; i < count; i++) {
            kt_buf_text(&app->out, i == 0 ? "" : ",");
            put_one(app, &x[i]);
        }
        kt_buf_text(&app->out, "]}\n");
    } else if (count == 0) {
        kt_buf_text(&app->out, app->lang == KT_LANG_DE ? "Keine.\n" : "None.\n");
    } else {
        show_list(app, x, count);
    }
    return open > 0 ? KT_EXIT_ATTENTION : KT_EXIT_OK;
}

/* Blanks up to a column by what is shown: the words hold umlauts. */
static void line(struct kt_app *app, enum word w, const char *text)
{
    enum { COLUMN = 12 };
    const char *name = word(app, w);
    kt_buf_text(&app->out, name);
    for (size_t n = kt_out_width(kt_str_of(name)); n < COLUMN; n++)
        kt_buf_char(&app->out, ' ');
    kt_out_text(&app->out, kt_str_of(text));
    kt_buf_char(&app->out, '\n');
}

static const char *instant(struct kt_app *app, int64_t at_us)
{
    struct kt_buf text;
    kt_buf_init(&text, app->arena, 128);
    kt_out_instant(&text, at_us);
    kt_buf_text(&text, " (");
    kt_out_age(&text, kt_now_us() - at_us);
    kt_buf_char(&text, ')');
    return kt_buf_view(&text).p;
}

static void show_one(struct kt_app *app, const struct kt_exception *x)
{
    struct kt_arena *a = app->arena;
    kt_out_text(&app->out, kt_str_of(sentence(app, x)));
    kt_buf_text(&app->out, "\n\n");
    line(app, W_TO_DO, suggestion(app, x));
    line(app, W_OWNER, owner(app, x));
    line(app, W_NUMBER, kt_format(a, "%lld", (long long)x->number));
    line(app, W_ABOUT,
         kt_format(a, "%s %s%s%s", subject(app, x), x->endpoint.p, x->key.n == 0 ? "" : ": ",
                   x->key.n == 0 ? "" : x->key.p));
    line(app, W_STATE, word(app, x->is_open ? W_OPEN : W_CLOSED));
    line(app, W_FIRST, instant(app, x->first_us));
    line(app, W_LAST, instant(app, x->last_us));
    line(app, W_TIMES, kt_format(a, "%lld", (long long)x->times));
    line(app, W_CAUSE, x->cause.p);
    if (x->trail.n > 0)
        line(app, W_TRAIL, x->trail.p);
}

static enum kt_exit no_such(struct kt_app *app, int64_t number)
{
    const char *text = kt_format(app->arena, "There is no exception %lld.", (long long)number);
    if (app->is_json)
        kt_buf_text(&app->out, "null\n");
    else
        kt_buf_format(&app->out, "%s\n", text);
    return KT_EXIT_ATTENTION;
}

static enum kt_exit show(struct kt_app *app, int64_t number)
{
    struct kt_err e = { 0 };
    struct kt_exception x = { 0 };
    bool is_found = false;
    if (kt_exception_get(app->work.db, number, &x, &is_found, app->arena, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (!is_found)
        return no_such(app, number);
    if (!app->is_json) {
        show_one(app, &x);
        return KT_EXIT_OK;
    }
    put_one(app, &x);
    kt_buf_char(&app->out, '\n');
    return KT_EXIT_OK;
}

static void told(struct kt_app *app, const struct kt_exception *x, const char *what, bool is_first)
{
    bool is_first_member = true;
    if (!app->is_json) {
        kt_buf_format(&app->out, "%lld: %s\n", (long long)x->number, what);
        return;
    }
    kt_buf_text(&app->out, is_first ? "{" : ",{");
    kt_out_member_number(&app->out, &is_first_member, "number", x->number);
    kt_out_member_text(&app->out, &is_first_member, "what", what);
    kt_buf_char(&app->out, '}');
}

static enum kt_exit retry_these(struct kt_app *app, const struct kt_exception *x, size_t count)
{
    struct kt_err e = { 0 };
    kt_buf_text(&app->out, app->is_json ? "{\"retried\":[" : "");
    for (size_t i = 0; i < count; i++) {
        const char *what = "";
        kt_arena_reset(app->work.arena);
        if (kt_retry_exception(&app->work, &x[i], &what, &e) != KT_OK)
            return kt_app_failed(app, &e);
        told(app, &x[i], what, i == 0);
    }
    if (app->is_json)
        kt_buf_text(&app->out, "]}\n");
    else if (count == 0)
        kt_buf_text(&app->out, "There is none.\n");
    else
        kt_buf_text(&app->out,
                    "`kontor serve` takes it up by itself; `kontor sync all` at once.\n");
    return KT_EXIT_OK;
}

static enum kt_exit retry_one(struct kt_app *app, int64_t number)
{
    struct kt_err e = { 0 };
    struct kt_exception x = { 0 };
    bool is_found = false;
    if (kt_exception_get(app->work.db, number, &x, &is_found, app->arena, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (!is_found)
        return no_such(app, number);
    if (x.is_open || app->is_json)
        return retry_these(app, &x, x.is_open ? 1 : 0);
    kt_buf_format(&app->out, "Exception %lld is closed already; nothing was done.\n",
                  (long long)number);
    return KT_EXIT_OK;
}

static enum kt_exit retry_many(struct kt_app *app)
{
    struct kt_err e = { 0 };
    struct kt_exception *x = NULL;
    size_t count = 0;
    if (collect(app, false, kt_args_value(&app->args, "--cause"), &x, &count, &e) != KT_OK)
        return kt_app_failed(app, &e);
    return retry_these(app, x, count);
}

static enum kt_exit run(struct kt_app *app)
{
    const struct kt_args *args = &app->args;
    const char *verb = args->words > 1 ? args->word[1] : "list";
    bool is_list = strcmp(verb, "list") == 0;
    bool is_retry = strcmp(verb, "retry") == 0;
    bool is_many = is_retry && (kt_args_has(args, "--all") || kt_args_has(args, "--cause"));
    int64_t number = 0;
    if (!is_list && !is_retry && strcmp(verb, "show") != 0)
        return kt_app_usage(app, "exceptions: list, show NUMBER or retry NUMBER");
    if ((is_list || is_many) && args->words > 2)
        return kt_app_usage(app, "exceptions: a number or a choice, not both");
    if (!is_list && !is_many &&
        (args->words != 3 || !kt_args_number(&number, args->word[2], INT64_C(1) << 60)))
        return kt_app_usage(app, is_retry ? "exceptions retry: NUMBER, --cause CAUSE or --all"
                                          : "exceptions show: NUMBER");
    enum kt_exit status = kt_app_open(app);
    if (status != KT_EXIT_OK)
        return status;
    if (is_list)
        return list(app);
    if (is_many)
        return retry_many(app);
    return is_retry ? retry_one(app, number) : show(app, number);
}

static const char *const form[] = { "[list] [--all] [--cause CAUSE]",
                                    "show NUMBER",
                                    "retry NUMBER",
                                    "retry --cause CAUSE",
                                    "retry --all",
                                    NULL };
static const struct kt_flag flags[] = {
    { "--all", NULL, "list: closed ones, too; retry: every open one" },
    { "--cause", "CAUSE", "Those of one cause: a code like ORDER_UNPAID, or ORDER_UNPAID@shop" },
    { 0 }
};

const struct kt_command kt_cmd_exceptions = {
    .name = "exceptions",
    .summary = "Lists what needs a person, says what to do, tries again",
    .form = form,
    .about =
        "Remove the cause first (the suggestion says where), then retry. An exception closes by "
        "itself when\nits order, article or partner succeeds. Names and addresses of customers "
        "are shown here, but\nnever logged. `list` has exit status 1 while one is open.",
    .flags = flags,
    .run = run,
};
