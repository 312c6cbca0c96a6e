/* Collects the sentences of `kontor check` and prints them. Main thread; called by cmd_check.c and
 * check_partner.c. */
#include "app/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/out.h"
#include "app/table.h"

enum { TEXT_MAX = 2048 };

static void add(struct kt_findings *f, struct kt_finding finding)
{
    struct kt_arena *a = f->app->arena;
    if (f->count == f->room) {
        size_t room = f->room == 0 ? 32 : 2 * f->room;
        struct kt_finding *more = KT_NEW_ARRAY(a, room, struct kt_finding);
        if (f->count > 0)
            memcpy(more, f->item, f->count * sizeof *more);
        f->item = more;
        f->room = room;
    }
    finding.area = kt_text_copy(a, finding.area);
    finding.text = kt_text_copy(a, finding.text);
    f->item[f->count++] = finding;
}

void kt_find(struct kt_findings *f, const char *area, enum kt_level level, const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args); /* cut at its size */
    va_end(args);
    add(f, (struct kt_finding){ area, level, text, KT_EXIT_ATTENTION, NULL });
}

void kt_find_failure(struct kt_findings *f, const char *area, const struct kt_err *e)
{
    char sentence[TEXT_MAX / 3];
    char suggestion[TEXT_MAX / 3];
    char text[TEXT_MAX];
    kt_sentence(&e->v, f->app->lang, sentence, sizeof sentence);
    kt_suggestion(&e->v, f->app->lang, suggestion, sizeof suggestion);
    (void)snprintf(text, sizeof text, "%s. %s%s%s%s", sentence, suggestion,
                   e->trail[0] == '\0' ? "" : " [", e->trail, e->trail[0] == '\0' ? "" : "]");
    add(f, (struct kt_finding){ area, KT_LEVEL_PROBLEM, text, kt_exit_of(e),
                                kt_code_name(e->v.code) });
}

void kt_find_deviation(struct kt_findings *f, const char *area, const struct kt_deviation *d,
                       enum kt_level level, enum kt_exit exit)
{
    char sentence[TEXT_MAX / 3];
    char follows[TEXT_MAX / 4] = "";
    char suggestion[TEXT_MAX / 3];
    char text[TEXT_MAX];
    struct kt_verdict next = d->v;
    next.code = d->follows;
    kt_sentence(&d->v, f->app->lang, sentence, sizeof sentence);
    kt_suggestion(&d->v, f->app->lang, suggestion, sizeof suggestion);
    if (d->follows != KT_E_NONE)
        kt_sentence(&next, f->app->lang, follows, sizeof follows);
    (void)snprintf(text, sizeof text, "%s. %s%s%s.", sentence, follows,
                   follows[0] == '\0' ? "" : ". ", suggestion);
    add(f, (struct kt_finding){ area, level, text, exit, kt_code_name(d->v.code) });
}

static const char *level_name(enum kt_level level)
{
    static const char *const names[] = { "ok", "note", "problem" };
    KT_ASSERT((unsigned)level < KT_COUNT(names));
    return names[level];
}

static void put(const struct kt_findings *f)
{
    struct kt_buf *out = &f->app->out;
    kt_buf_text(out, "{\"findings\":[");
    for (size_t i = 0; i < f->count; i++) {
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member_text(out, &is_first, "area", f->item[i].area);
        if (f->item[i].code != NULL)
            kt_out_member_text(out, &is_first, "code", f->item[i].code);
        kt_out_member_text(out, &is_first, "level", level_name(f->item[i].level));
        kt_out_member_text(out, &is_first, "text", f->item[i].text);
        kt_buf_char(out, '}');
    }
    kt_buf_text(out, "]}\n");
}

static void show(const struct kt_findings *f, size_t problems)
{
    static const char *const titles[] = { "AREA", "", "FINDING" };
    struct kt_table t;
    kt_table_init(&t, f->app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < f->count; i++) {
        kt_table_text(&t, f->item[i].area);
        kt_table_text(&t, level_name(f->item[i].level));
        kt_table_text(&t, f->item[i].text);
    }
    kt_table_print(&t, &f->app->out);
    if (problems == 0)
        kt_buf_text(&f->app->out, "\nNothing stands in the way.\n");
    else
        kt_buf_format(&f->app->out, "\n%zu problem%s.\n", problems, problems == 1 ? "" : "s");
}

enum kt_exit kt_findings_tell(const struct kt_findings *f)
{
    size_t problems = 0;
    bool is_seen[KT_EXIT_PARTNER + 1] = { false };
    for (size_t i = 0; i < f->count; i++) {
        if (f->item[i].level != KT_LEVEL_PROBLEM)
            continue;
        problems++;
        is_seen[f->item[i].exit] = true;
    }
    if (f->app->is_json)
        put(f);
    else
        show(f, problems);
    if (is_seen[KT_EXIT_CONFIG])
        return KT_EXIT_CONFIG;
    if (is_seen[KT_EXIT_DATABASE])
        return KT_EXIT_DATABASE;
    if (is_seen[KT_EXIT_PARTNER])
        return KT_EXIT_PARTNER;
    return problems > 0 ? KT_EXIT_ATTENTION : KT_EXIT_OK;
}
