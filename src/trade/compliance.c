/* May an article be sold in a market, as far as certificates and market rules go? Pure, any thread;
 * called by the push flow when it builds a view and by the check of orders. */
#include "trade/compliance.h"

#include <string.h>

#include "trade/allowed.h"
#include "trade/axes.h"
#include "trade/param.h"
#include "trade/validity.h"

/* One question on its way to its answer. */
struct asking {
    const struct kt_compliance_ask *ask;
    struct kt_compliance_answer *out;
    struct kt_text *notice;
    size_t notices;
    struct kt_arena *a;
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 0x20) : c;
}

/* What a person wrote in the configuration against what a record says. */
static bool is_same(struct kt_str said, const char *written)
{
    bool is = said.n > 0 && said.n == strlen(written);
    for (size_t i = 0; is && i < said.n; i++)
        is = lower(said.p[i]) == lower(written[i]);
    return is;
}

static bool is_among(struct kt_str said, struct kt_conf_texts written)
{
    for (size_t i = 0; i < written.count; i++) {
        if (is_same(said, written.item[i]))
            return true;
    }
    return false;
}

static bool is_of_class(const struct kt_product *product, struct kt_conf_texts classes)
{
    bool is = product != NULL && is_among(product->product_group, classes);
    for (size_t i = 0; product != NULL && i < product->categories.count && !is; i++)
        is = is_among(((const struct kt_ref *)product->categories.item)[i].id, classes);
    return is;
}

static bool applies(const struct kt_compliance_ask *ask, struct kt_conf_texts classes,
                    struct kt_conf_texts markets)
{
    bool is_of_one =
        classes.count == 0 || is_of_class(ask->product, classes) || is_of_class(ask->head, classes);
    return is_of_one && (markets.count == 0 || is_among(ask->market, markets));
}

static void earlier(struct asking *q, int64_t bound_us)
{
    if (bound_us > q->ask->at_us && bound_us < q->out->changes_us)
        q->out->changes_us = bound_us;
}

/* --- certificates --- */

static bool names(struct kt_list markets, struct kt_str market)
{
    const struct kt_ref *all = markets.item;
    for (size_t i = 0; i < markets.count; i++) {
        if (kt_str_eq(all[i].id, market))
            return true;
    }
    return markets.count == 0;
}

static bool is_of_rule(const struct kt_certificate *c, const struct kt_certificate_rule *rule,
                       const struct kt_compliance_ask *ask)
{
    return is_same(c->scheme, rule->scheme) && names(c->markets, ask->market) &&
           (kt_certificate_covers(c, ask->product, ask->variant) ||
            kt_certificate_covers(c, ask->head, ask->variant));
}

static bool is_revoked(const struct kt_certificate *c, int64_t at_us)
{
    return KT_HAS(c, kt_certificate_shape, revoked_at) && c->revoked_at <= at_us;
}

/* Its source is silent, so nobody can have said that it goes on. An instant of 0 was never set. */
static bool is_kept(const struct kt_certificate *c, const struct kt_compliance_ask *ask,
                    struct kt_span span)
{
    return span.from_us < span.until_us && span.from_us <= ask->at_us && ask->silent_since_us > 0 &&
           ask->silent_since_us < span.until_us && !is_revoked(c, ask->at_us);
}

/* Of two that ended: above zero, a ended later. The number decides between equals. */
static int compare_ends(const struct kt_certificate *a, const struct kt_certificate *b,
                        const struct kt_zone *zone)
{
    int64_t from_us;
    int64_t a_us;
    int64_t b_us;
    kt_certificate_span(a, zone, &from_us, &a_us);
    kt_certificate_span(b, zone, &from_us, &b_us);
    if (a_us != b_us)
        return a_us > b_us ? 1 : -1;
    return kt_str_cmp(b->number, a->number);
}

/* The day on which it ended, as its market's calendar has it. */
static void day_of_end(const struct kt_certificate *c, const struct kt_compliance_ask *ask,
                       char out[16])
{
    int64_t days_end_us = kt_span_of(c->valid_from, c->valid_until, ask->zone).until_us;
    bool is_by_days = !KT_HAS(c, kt_certificate_shape, revoked_at) || days_end_us <= c->revoked_at;
    kt_day_text(is_by_days ? c->valid_until : kt_zone_day(ask->zone, c->revoked_at), out);
}

static void judge_certificate(struct asking *q, const struct kt_certificate_rule *rule,
                              const struct kt_certificate *ended)
{
    char sku[KT_PARAM_MAX];
    char market[KT_PARAM_MAX];
    char number[KT_PARAM_MAX];
    char day[16];
    q->out->may_sell = false;
    kt_param_text(sku, q->ask->variant->sku);
    kt_param_text(market, q->ask->market);
    if (ended == NULL) {
        kt_judge(&q->out->why, KT_REJECT, KT_RECORD, KT_E_CERTIFICATE_NEEDED, KT_P_TEXT("sku", sku),
                 KT_P_TEXT("scheme", rule->scheme), KT_P_TEXT("market", market));
        return;
    }
    kt_param_text(number, ended->number);
    day_of_end(ended, q->ask, day);
    kt_judge(&q->out->why, KT_REJECT, KT_RECORD, KT_E_CERTIFICATE_ENDED, KT_P_TEXT("sku", sku),
             KT_P_TEXT("scheme", rule->scheme), KT_P_TEXT("market", market),
             KT_P_TEXT("number", number), KT_P_TEXT("date", day));
}

static void ask_certificates(struct asking *q, const struct kt_certificate_rule *rule)
{
    const struct kt_compliance_ask *ask = q->ask;
    const struct kt_certificate *ended = NULL;
    bool is_there = false;
    for (size_t i = 0; i < ask->certificates; i++) {
        const struct kt_certificate *c = &ask->certificate[i];
        struct kt_span span;
        if (!is_of_rule(c, rule, ask))
            continue;
        kt_certificate_span(c, ask->zone, &span.from_us, &span.until_us);
        earlier(q, span.from_us);
        earlier(q, span.until_us);
        if (KT_HAS(c, kt_certificate_shape, revoked_at))
            earlier(q, c->revoked_at); /* also of one whose days are over: it may be kept */
        if (kt_span_holds(span, ask->at_us) || is_kept(c, ask, span))
            is_there = true;
        else if (span.until_us <= ask->at_us &&
                 (ended == NULL || compare_ends(c, ended, ask->zone) > 0))
            ended = c;
    }
    if (!is_there && q->out->may_sell)
        judge_certificate(q, rule, ended);
}

/* --- market rules --- */

/* "de: nur mit Adapter". False: no language stands before it. */
static bool take_language(struct kt_str *text, struct kt_str *language)
{
    size_t n = 0;
    while (n < text->n && text->p[n] >= 'a' && text->p[n] <= 'z')
        n++;
    if (n < 2 || n > 3 || n == text->n || text->p[n] != ':')
        return false;
    *language = kt_str_part(*text, 0, n);
    *text = kt_str_trim(kt_str_part(*text, n + 1, text->n));
    return true;
}

static bool is_noticed(const struct asking *q, const struct kt_text *notice)
{
    for (size_t i = 0; i < q->notices; i++) {
        bool is_one_language = notice->language.n == 0
                                   ? q->notice[i].language.n == 0
                                   : kt_str_eq(q->notice[i].language, notice->language);
        if (is_one_language && kt_str_eq(q->notice[i].name, notice->name))
            return true;
    }
    return false;
}

static void add_notices(struct asking *q, const struct kt_market_rule *rule)
{
    for (size_t i = 0; i < rule->notices.count; i++) {
        struct kt_text notice = { 0 };
        struct kt_str language;
        struct kt_str text = kt_str_trim(kt_str_of(rule->notices.item[i]));
        if (take_language(&text, &language))
            KT_PUT(&notice, kt_text_shape, language, kt_str_copy(q->a, language));
        KT_PUT(&notice, kt_text_shape, name, kt_str_copy(q->a, text));
        if (text.n > 0 && !is_noticed(q, &notice))
            q->notice[q->notices++] = notice;
    }
}

static void judge_market(struct asking *q, const struct kt_market_rule *rule, struct kt_str value)
{
    char sku[KT_PARAM_MAX];
    char market[KT_PARAM_MAX];
    char text[KT_PARAM_MAX];
    q->out->may_sell = false;
    kt_param_text(sku, q->ask->variant->sku);
    kt_param_text(market, q->ask->market);
    kt_param_text(text, value);
    kt_judge(&q->out->why, KT_REJECT, KT_RECORD, KT_E_MARKET_FORBIDS, KT_P_TEXT("sku", sku),
             KT_P_TEXT("market", market), KT_P_TEXT("attribute", rule->attribute),
             KT_P_TEXT("value", text), KT_P_TEXT("rule", rule->name));
}

static void ask_market(struct asking *q, const struct kt_market_rule *rule)
{
    const struct kt_allowing by = { rule->allowed, rule->unit, rule->takes_wider };
    struct kt_str value = KT_STR("");
    struct kt_str unit = KT_STR("");
    const struct kt_str code = kt_str_of(rule->attribute);
    bool has_value =
        kt_axis_value_of(q->ask->variant, q->ask->product, code, KT_STR(""), &value, &unit) ||
        kt_axis_value_of(q->ask->variant, q->ask->head, code, KT_STR(""), &value, &unit);
    bool is_allowed = has_value ? kt_value_is_allowed(&by, value, unit, q->a) : !rule->needs_value;
    if (is_allowed)
        return;
    if (rule->action == KT_MARKET_NOTICE)
        add_notices(q, rule);
    else if (q->out->may_sell)
        judge_market(q, rule, kt_axis_value_shown(value, unit, q->a));
}

/* --- the question --- */

void kt_compliance_ask(struct kt_compliance_answer *out, const struct kt_compliance *rules,
                       const struct kt_compliance_ask *ask, struct kt_arena *a)
{
    struct asking q = { .ask = ask, .out = out, .a = a };
    size_t most = 0;
    *out = (struct kt_compliance_answer){ .may_sell = true, .changes_us = KT_NEVER };
    for (size_t i = 0; i < rules->markets; i++)
        most += rules->market[i].notices.count;
    q.notice = KT_NEW_ARRAY(a, most, struct kt_text);
    for (size_t i = 0; i < rules->certificates; i++) {
        const struct kt_certificate_rule *rule = &rules->certificate[i];
        if (applies(ask, rule->classes, rule->markets))
            ask_certificates(&q, rule);
    }
    for (size_t i = 0; i < rules->markets; i++) {
        const struct kt_market_rule *rule = &rules->market[i];
        if (applies(ask, rule->classes, rule->markets))
            ask_market(&q, rule);
    }
    out->notices = (struct kt_list){ q.notice, q.notices };
}
