/* Warns before certificates of Kontor and its partners end. The house thread runs it; several nodes
 * may. */
#include "flow/terms.h"

#include "base/time.h"
#include "flow/nearing.h"

/* A revocation list is told when it is over: its issuer renews it within hours. */
static const int64_t before_us[] = { 30 * KT_DAY_US, 7 * KT_DAY_US, KT_DAY_US, 0 };
static const int64_t over_us[] = { 0 };

static void near_of(const struct kt_term *t, struct kt_nearing *out, struct kt_arena *a)
{
    char *day = kt_alloc(a, KT_TIME_TEXT_MAX);
    *out = (struct kt_nearing){ .event = "certificate.ends",
                                .what = t->what,
                                .place = t->file,
                                .date = t->until_us > 0 ? day : "-", /* there is none at all */
                                .until_us = t->until_us,
                                .before_us = t->is_list ? over_us : before_us,
                                .stages = t->is_list ? KT_COUNT(over_us) : KT_COUNT(before_us) };
    kt_day_text(kt_day_of(t->until_us), day);
    kt_judge(&out->v, KT_CONFIG, KT_ENDPOINT, KT_E_CERTIFICATE_ENDS, KT_P_TEXT("what", t->what),
             KT_P_TEXT("date", out->date));
}

enum kt_rc kt_terms_watch(struct kt_work *w, struct kt_err *e)
{
    const struct kt_term *term = NULL;
    if (w->site->terms == NULL)
        return KT_OK;
    const size_t terms = w->site->terms(w->site->terms_of, &term, w->arena);
    struct kt_nearing *item = KT_NEW_ARRAY(w->arena, terms + 1, struct kt_nearing);
    for (size_t i = 0; i < terms; i++)
        near_of(&term[i], &item[i], w->arena);
    return kt_nearing_tell(w, "certificate", item, terms, e);
}
