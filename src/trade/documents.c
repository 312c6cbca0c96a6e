/* Documents and certificates at the border: codes and days that make sense. Pure functions; called
 * by the intake. */
#include "trade/documents.h"

#include "model/record.h"

/* The record at hand, for its name in a sentence. */
struct checking {
    const struct kt_shape *shape;
    const void *record;
    struct kt_arena *arena;
    struct kt_err *e;
};

static const char *label_of(const struct checking *c)
{
    return kt_shape_label(c->shape, c->record, c->arena);
}

static enum kt_rc invalid(const struct checking *c, const char *field, struct kt_str value)
{
    return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", label_of(c)),
                   KT_P_TEXT("field", field), KT_P_TEXT("value", kt_str_copy(c->arena, value).p));
}

static bool is_letters(struct kt_str text, size_t least, size_t most, char first, char last)
{
    bool is = text.n >= least && text.n <= most;
    for (size_t i = 0; is && i < text.n; i++)
        is = text.p[i] >= first && text.p[i] <= last;
    return is;
}

static enum kt_rc check_markets(const struct checking *c, struct kt_list markets)
{
    const struct kt_ref *all = markets.item;
    for (size_t i = 0; i < markets.count; i++) {
        if (!is_letters(all[i].id, 2, 2, 'A', 'Z'))
            return invalid(c, kt_format(c->arena, "markets[%zu]", i + 1), all[i].id);
    }
    return KT_OK;
}

static enum kt_rc check_languages(const struct checking *c, struct kt_list languages)
{
    const struct kt_ref *all = languages.item;
    for (size_t i = 0; i < languages.count; i++) {
        if (!is_letters(all[i].id, 2, 3, 'a', 'z'))
            return invalid(c, kt_format(c->arena, "languages[%zu]", i + 1), all[i].id);
    }
    return KT_OK;
}

/* An absent day has the year 0. */
static enum kt_rc check_validity(const struct checking *c, struct kt_day from, struct kt_day until)
{
    char first[16];
    char last[16];
    if (from.y == 0 || until.y == 0 || kt_day_cmp(from, until) <= 0)
        return KT_OK;
    kt_day_text(from, first);
    kt_day_text(until, last);
    return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_VALIDITY_REVERSED,
                   KT_P_TEXT("record", label_of(c)), KT_P_TEXT("from", first),
                   KT_P_TEXT("until", last));
}

static bool is_hash(struct kt_str text)
{
    enum { DIGITS = 64 };
    bool is = text.n == DIGITS;
    for (size_t i = 0; is && i < DIGITS; i++)
        is = (text.p[i] >= '0' && text.p[i] <= '9') || (text.p[i] >= 'a' && text.p[i] <= 'f');
    return is;
}

enum kt_rc kt_document_check(struct kt_document *d, struct kt_arena *a, struct kt_err *e)
{
    const struct checking c = { &kt_document_shape, d, a, e };
    d->sha256 = kt_str_lower(a, d->sha256);
    if (!is_hash(d->sha256))
        return invalid(&c, "sha256", d->sha256);
    if (d->size < 0)
        return invalid(&c, "size", kt_str_of(kt_format(a, "%lld", (long long)d->size)));
    enum kt_rc rc = check_languages(&c, d->languages);
    if (rc == KT_OK)
        rc = check_markets(&c, d->markets);
    if (rc == KT_OK)
        rc = check_validity(&c, d->valid_from, d->valid_until);
    return rc;
}

enum kt_rc kt_certificate_check(const struct kt_certificate *certificate, struct kt_arena *a,
                                struct kt_err *e)
{
    const struct checking c = { &kt_certificate_shape, certificate, a, e };
    enum kt_rc rc = check_markets(&c, certificate->markets);
    if (rc == KT_OK)
        rc = check_validity(&c, certificate->valid_from, certificate->valid_until);
    return rc;
}
