/* What is wrong with the days of the versions of a document. Pure, any thread; called when one of
 * them changed. Days alone, no zone: where a market's clock begins a day does not matter here. */
#include <stdio.h>
#include <stdlib.h>

#include "base/civil.h"
#include "model/record.h"
#include "trade/documents_inner.h"

/* The days on which a version counts, since 1970; both inclusive. */
#define DAYS_OPEN_START INT64_MIN
#define DAYS_OPEN_END   INT64_MAX

struct days {
    int64_t first;
    int64_t last;
};

/* A gap of one market; "" stands for every market that no version names. */
struct gap {
    struct days days;
    struct kt_str market;
};

struct looking {
    const struct kt_document_version **version; /* sorted by name */
    struct days *days; /* of each; a version that never counts ends before it begins */
    size_t count;
    struct kt_succession succession;
    struct kt_verdict *out;
    size_t wrongs;
    size_t room;
    struct kt_arena *a;
};

static int64_t number_of(struct kt_day day)
{
    return kt_civil_days((struct kt_civil){ day.y, day.m, day.d });
}

static bool is_open_end(struct kt_day day)
{
    return day.y == 0 || (day.y == 9999 && day.m == 12 && day.d == 31);
}

static bool is_gone(const struct kt_document_version *v)
{
    return v->gone_us != KT_NEVER;
}

/* One that went counts until the day of it. */
static struct days days_of(const struct kt_document_version *v)
{
    const struct kt_document *d = v->document;
    struct days days = { DAYS_OPEN_START, DAYS_OPEN_END };
    if (d->valid_from.y != 0)
        days.first = number_of(d->valid_from);
    if (!is_open_end(d->valid_until))
        days.last = number_of(d->valid_until);
    if (is_gone(v) && number_of(kt_day_of(v->gone_us)) < days.last)
        days.last = number_of(kt_day_of(v->gone_us));
    return days;
}

/* "…" where there is no bound. */
static void day_text(int64_t day, char out[16])
{
    if (day == DAYS_OPEN_START || day == DAYS_OPEN_END) {
        (void)snprintf(out, 16, "…");
        return;
    }
    struct kt_civil civil = kt_civil_of(day);
    kt_day_text((struct kt_day){ (int16_t)civil.year, (uint8_t)civil.month, (uint8_t)civil.day },
                out);
}

/* The next sentence's place; NULL: there are enough. */
static struct kt_verdict *place(struct looking *l)
{
    if (l->wrongs == KT_DOCUMENT_WRONGS_MAX)
        return NULL;
    if (l->wrongs == l->room) {
        size_t room = l->room == 0 ? 4 : l->room * 2;
        struct kt_verdict *more = KT_NEW_ARRAY(l->a, room, struct kt_verdict);
        for (size_t i = 0; i < l->wrongs; i++)
            more[i] = l->out[i];
        l->out = more;
        l->room = room;
    }
    return &l->out[l->wrongs++];
}

/* --- overlaps --- */

static bool share_a_market(const struct kt_document *a, const struct kt_document *b)
{
    const struct kt_ref *all = a->markets.item;
    bool share = a->markets.count == 0 || b->markets.count == 0;
    for (size_t i = 0; i < a->markets.count && !share; i++)
        share = kt_refs_name(b->markets, all[i].id);
    return share;
}

static void look_at_pair(struct looking *l, size_t i, size_t k)
{
    const struct kt_document_version *one = l->version[i];
    const struct kt_document_version *other = l->version[k];
    struct days both = {
        l->days[i].first > l->days[k].first ? l->days[i].first : l->days[k].first,
        l->days[i].last < l->days[k].last ? l->days[i].last : l->days[k].last,
    };
    if (is_gone(one) || is_gone(other) || both.first > both.last ||
        !share_a_market(one->document, other->document) || kt_supersedes(&l->succession, i, k) ||
        kt_supersedes(&l->succession, k, i))
        return;
    struct kt_verdict *v = place(l);
    if (v == NULL)
        return;
    bool is_first_newer = kt_version_by_rank(one, other) > 0;
    const struct kt_document *newer = is_first_newer ? one->document : other->document;
    const struct kt_document *older = is_first_newer ? other->document : one->document;
    char from[16];
    char until[16];
    day_text(both.first, from);
    day_text(both.last, until);
    kt_judge(v, KT_REJECT, KT_RECORD, KT_E_DOCUMENT_OVERLAP,
             KT_P_TEXT("record", kt_shape_label(&kt_document_shape, newer, l->a)),
             KT_P_TEXT("other", kt_str_copy(l->a, older->version).p), KT_P_TEXT("from", from),
             KT_P_TEXT("until", until));
}

static void look_for_overlaps(struct looking *l)
{
    for (size_t i = 0; i < l->count; i++) {
        for (size_t k = i + 1; k < l->count; k++)
            look_at_pair(l, i, k);
    }
}

/* --- gaps --- */

static int by_text(const void *left, const void *right)
{
    return kt_str_cmp(*(const struct kt_str *)left, *(const struct kt_str *)right);
}

/* Each market once, and "". */
static struct kt_str *markets_of(const struct looking *l, size_t *count)
{
    size_t named = 1;
    for (size_t i = 0; i < l->count; i++)
        named += l->version[i]->document->markets.count;
    struct kt_str *market = KT_NEW_ARRAY(l->a, named, struct kt_str);
    size_t n = 0;
    market[n++] = KT_STR("");
    for (size_t i = 0; i < l->count; i++) {
        const struct kt_list *list = &l->version[i]->document->markets;
        for (size_t k = 0; k < list->count; k++)
            market[n++] = ((const struct kt_ref *)list->item)[k].id;
    }
    qsort(market, n, sizeof *market, by_text);
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || kt_str_cmp(market[i], market[*count - 1]) != 0)
            market[(*count)++] = market[i];
    }
    return market;
}

static int by_first_day(const void *left, const void *right)
{
    const struct days *a = left;
    const struct days *b = right;
    return (a->first > b->first) - (a->first < b->first);
}

/* Days between two versions of that market on which none counts. */
static size_t gaps_of(const struct looking *l, struct kt_str market, struct gap *out)
{
    struct days *days = KT_NEW_ARRAY(l->a, l->count, struct days);
    size_t n = 0;
    size_t gaps = 0;
    for (size_t i = 0; i < l->count; i++) {
        if (l->days[i].first <= l->days[i].last &&
            kt_document_is_for(l->version[i]->document, market))
            days[n++] = l->days[i];
    }
    if (n == 0)
        return 0;
    qsort(days, n, sizeof *days, by_first_day);
    int64_t last = days[0].last;
    for (size_t i = 1; i < n; i++) {
        if (last != DAYS_OPEN_END && days[i].first > last + 1)
            out[gaps++] = (struct gap){ { last + 1, days[i].first - 1 }, market };
        if (days[i].last > last)
            last = days[i].last;
    }
    return gaps;
}

static int by_days(const void *left, const void *right)
{
    const struct gap *a = left;
    const struct gap *b = right;
    if (a->days.first != b->days.first)
        return a->days.first < b->days.first ? -1 : 1;
    if (a->days.last != b->days.last)
        return a->days.last < b->days.last ? -1 : 1;
    return kt_str_cmp(a->market, b->market);
}

/* The document without its version; behind it the markets, where it is not all of them. */
static const char *named(const struct looking *l, const struct gap *gap, size_t count)
{
    struct kt_document d = *l->version[0]->document;
    d.version = KT_STR("");
    struct kt_str label = kt_str_of(kt_shape_label(&kt_document_shape, &d, l->a));
    if (label.n > 0 && label.p[label.n - 1] == '|')
        label.n--;
    size_t most = label.n + 4;
    for (size_t i = 0; i < count; i++)
        most += gap[i].market.n + 2;
    struct kt_buf out;
    kt_buf_init(&out, l->a, most);
    kt_buf_str(&out, label);
    for (size_t i = 0; i < count && gap[0].market.n > 0; i++) {
        kt_buf_text(&out, i == 0 ? " (" : ", ");
        kt_buf_str(&out, gap[i].market);
    }
    if (gap[0].market.n > 0)
        kt_buf_char(&out, ')');
    KT_ASSERT(kt_buf_ok(&out));
    return kt_buf_view(&out).p;
}

static void look_for_gaps(struct looking *l)
{
    size_t markets;
    struct kt_str *market = markets_of(l, &markets);
    struct gap *gap = KT_NEW_ARRAY(l->a, markets * l->count, struct gap);
    size_t gaps = 0;
    size_t end;
    for (size_t i = 0; i < markets; i++)
        gaps += gaps_of(l, market[i], gap + gaps);
    if (gaps > 0)
        qsort(gap, gaps, sizeof *gap, by_days);
    for (size_t i = 0; i < gaps; i = end) {
        end = i + 1;
        while (end < gaps && gap[end].days.first == gap[i].days.first &&
               gap[end].days.last == gap[i].days.last)
            end++;
        struct kt_verdict *v = place(l);
        char from[16];
        char until[16];
        if (v == NULL)
            return;
        day_text(gap[i].days.first, from);
        day_text(gap[i].days.last, until);
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_DOCUMENT_GAP,
                 KT_P_TEXT("record", named(l, &gap[i], end - i)), KT_P_TEXT("from", from),
                 KT_P_TEXT("until", until));
    }
}

/* --- all of it --- */

static int by_name(const void *left, const void *right)
{
    const struct kt_document_version *const *a = left;
    const struct kt_document_version *const *b = right;
    return kt_version_by_name(*a, *b);
}

static void look_for_successions(struct looking *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct kt_document *d = l->version[i]->document;
        if (is_gone(l->version[i]) || d->supersedes.n == 0 ||
            l->succession.next[i] != KT_NO_VERSION)
            continue;
        struct kt_verdict *v = place(l);
        if (v == NULL)
            return;
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_DOCUMENT_SUPERSEDES,
                 KT_P_TEXT("record", kt_shape_label(&kt_document_shape, d, l->a)),
                 KT_P_TEXT("version", kt_str_copy(l->a, d->supersedes).p));
    }
}

void kt_documents_wrong(const struct kt_document_version *version, size_t count,
                        struct kt_verdict **out, size_t *wrongs, struct kt_arena *a)
{
    struct looking l = { .count = count, .a = a };
    l.version = KT_NEW_ARRAY(a, count, const struct kt_document_version *);
    l.days = KT_NEW_ARRAY(a, count, struct days);
    for (size_t i = 0; i < count; i++)
        l.version[i] = &version[i];
    if (count > 0)
        qsort(l.version, count, sizeof(const struct kt_document_version *), by_name);
    l.succession = kt_succession_of(l.version, count, a);
    for (size_t i = 0; i < count; i++)
        l.days[i] = days_of(l.version[i]);
    look_for_overlaps(&l);
    look_for_gaps(&l);
    look_for_successions(&l);
    *out = l.out;
    *wrongs = l.wrongs;
}
