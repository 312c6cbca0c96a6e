/* Documents, certificates and market rules, for `kontor check`. Main thread. */
#include "app/check_compliance.h"

#include <string.h>
#include <strings.h>

#include "base/time.h"
#include "flow/documents.h"
#include "store/records.h"

enum { PAGE = 500, WORDS_MAX = 4096 };

/* "TV, AUDIO"; `none` where nothing is named. */
static const char *words(struct kt_findings *f, const struct kt_conf_texts *texts, const char *none)
{
    struct kt_buf out;
    if (texts->count == 0)
        return none;
    kt_buf_init(&out, f->app->arena, WORDS_MAX);
    for (size_t i = 0; i < texts->count; i++)
        kt_buf_format(&out, "%s%s", i == 0 ? "" : ", ", texts->item[i]);
    return kt_buf_view(&out).p;
}

static bool names(const struct kt_conf_texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (strcasecmp(texts->item[i], text) == 0)
            return true;
    }
    return texts->count == 0;
}

/* The channels whose market the rule is about; "": none. */
static const char *channels_in(struct kt_findings *f, const struct kt_conf_texts *markets)
{
    const struct kt_site *site = &f->app->config->site;
    struct kt_buf out;
    kt_buf_init(&out, f->app->arena, WORDS_MAX);
    for (size_t i = 0; i < site->channels; i++) {
        if (names(markets, site->channel[i].market))
            kt_buf_format(&out, "%s%s", out.n == 0 ? "" : ", ", site->channel[i].name);
    }
    return kt_buf_view(&out).p;
}

static void say_reach(struct kt_findings *f, const char *area, const struct kt_conf_texts *markets)
{
    if (channels_in(f, markets)[0] == '\0')
        kt_find(f, area, KT_LEVEL_NOTE, "No channel sells there, so it keeps nothing off.");
}

/* --- certificates --- */

static const char *articles_of(struct kt_findings *f, const struct kt_conf_texts *classes)
{
    return classes->count == 0 ? "All articles"
                               : kt_format(f->app->arena, "Articles of %s", words(f, classes, ""));
}

static void say_certificate(struct kt_findings *f, const struct kt_certificate_rule *r)
{
    const char *area = kt_format(f->app->arena, "rule %s", r->name);
    kt_find(f, area, KT_LEVEL_OK,
            "%s are sold in %s only while a certificate %s holds (channels: %s).",
            articles_of(f, &r->classes), words(f, &r->markets, "all markets"), r->scheme,
            channels_in(f, &r->markets));
    say_reach(f, area, &r->markets);
}

/* Which schemes the store has certificates of: seen[i] of rule i. */
static enum kt_rc read_schemes(struct kt_work *w, bool *seen, struct kt_err *e)
{
    const struct kt_compliance *rules = &w->site->compliance;
    struct kt_arena *place = kt_arena_new(); /* of the key behind which to go on */
    struct kt_str after = KT_STR("");
    size_t keys = PAGE;
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && keys == PAGE) {
        struct kt_str *key = NULL;
        kt_arena_reset(w->arena);
        rc = kt_records_keys(w->db, KT_KIND_CERTIFICATE, after, PAGE, &key, &keys, w->arena, e);
        for (size_t i = 0; rc == KT_OK && i < keys; i++) {
            struct kt_certificate c = { 0 };
            if (!kt_shape_key_read(&kt_certificate_shape, &c, key[i], w->arena))
                continue;
            for (size_t r = 0; r < rules->certificates; r++)
                seen[r] = seen[r] || strcasecmp(c.scheme.p, rules->certificate[r].scheme) == 0;
        }
        kt_arena_reset(place);
        if (rc == KT_OK && keys > 0)
            after = kt_str_copy(place, key[keys - 1]);
    }
    kt_arena_free(place);
    return rc;
}

static void say_unknown_schemes(struct kt_findings *f)
{
    const struct kt_compliance *rules = &f->app->config->site.compliance;
    bool *seen = KT_NEW_ARRAY(f->app->arena, rules->certificates + 1, bool);
    struct kt_err e = { 0 };
    if (read_schemes(&f->app->work, seen, &e) != KT_OK) {
        kt_find_failure(f, "compliance", &e);
        return;
    }
    for (size_t i = 0; i < rules->certificates; i++) {
        const struct kt_certificate_rule *r = &rules->certificate[i];
        if (!seen[i])
            kt_find(f, kt_format(f->app->arena, "rule %s", r->name), KT_LEVEL_NOTE,
                    "No certificate %s is known: none of these articles is sold there.", r->scheme);
    }
}

/* --- market rules --- */

static bool has_number_alone(const struct kt_market_rule *r)
{
    for (size_t i = 0; i < r->allowed.count && r->unit == NULL; i++) {
        const char *text = r->allowed.item[i];
        if (text[0] != '\0' && strspn(text, "0123456789.,-/ ") == strlen(text))
            return true;
    }
    return false;
}

static void say_market_rule(struct kt_findings *f, const struct kt_market_rule *r)
{
    const char *area = kt_format(f->app->arena, "rule %s", r->name);
    kt_find(f, area, KT_LEVEL_OK, "%s whose %s is not %s%s%s are %s in %s (channels: %s).",
            articles_of(f, &r->classes), r->attribute, words(f, &r->allowed, ""),
            r->unit == NULL ? "" : " ", r->unit == NULL ? "" : r->unit,
            r->action == KT_MARKET_HIDE ? "not sold" : "shown with a notice",
            words(f, &r->markets, "all markets"), channels_in(f, &r->markets));
    say_reach(f, area, &r->markets);
    if (has_number_alone(r))
        kt_find(f, area, KT_LEVEL_NOTE,
                "allowed has numbers without a unit: \"230 V\" is none of them. Set unit.");
}

/* --- silence --- */

static void say_heard(struct kt_findings *f, const char *scope)
{
    struct kt_work *w = &f->app->work;
    const char *area = kt_format(f->app->arena, "scope %s", scope);
    char text[KT_TIME_TEXT_MAX];
    struct kt_err e = { 0 };
    int64_t since_us = KT_NEVER;
    int64_t heard_us = 0;
    if (kt_certificates_silence(w, scope, kt_now_us(), &since_us, &heard_us, &e) != KT_OK) {
        kt_find_failure(f, area, &e);
        return;
    }
    kt_time_text(heard_us, text);
    if (heard_us == 0)
        kt_find(f, area, KT_LEVEL_NOTE,
                "Nobody has ever said which certificates it has; `erps.NAME.every.documents`, a "
                "partner or a drop folder brings them.");
    else
        kt_find(f, area, since_us == KT_NEVER ? KT_LEVEL_OK : KT_LEVEL_NOTE,
                "Its certificates were last spoken of at %s%s.", text,
                since_us == KT_NEVER ? "" : ", which is too long ago");
}

static void say_silence(struct kt_findings *f, bool has_store)
{
    const struct kt_site *site = &f->app->config->site;
    const struct kt_documents_site *d = &site->documents;
    if (d->silent_s == 0) {
        kt_find(f, "compliance", KT_LEVEL_NOTE,
                "Nobody is told when the sources of certificates fall silent (documents.silent: "
                "0).");
        return;
    }
    kt_find(f, "compliance", KT_LEVEL_OK,
            "When nobody speaks of certificates for %lld h, a person is told; articles whose "
            "certificate ends then are %s.",
            (long long)(d->silent_s * KT_SECOND / KT_HOUR),
            d->when_silent == KT_STALE_KEEP ? "kept until its source speaks again" : "hidden");
    for (size_t i = 0; has_store && i < site->erps; i++) {
        bool is_first = true;
        for (size_t k = 0; k < i; k++)
            is_first = is_first && strcmp(site->erp[k].scope, site->erp[i].scope) != 0;
        if (is_first)
            say_heard(f, site->erp[i].scope);
    }
}

/* --- documents --- */

static void say_kinds(struct kt_findings *f)
{
    const struct kt_site *site = &f->app->config->site;
    for (size_t i = 0; i < site->documents.kinds; i++) {
        const char *type = site->documents.kind[i].type;
        bool is_shown = false;
        for (size_t k = 0; k < site->channels; k++)
            is_shown = is_shown || kt_papers_shows(site, &site->channel[k], kt_str_of(type));
        if (!is_shown)
            kt_find(f, "documents", KT_LEVEL_NOTE, "No channel shows %s.", type);
    }
}

static void say_channel(struct kt_findings *f, const struct kt_channel_site *ch)
{
    const struct kt_site *site = &f->app->config->site;
    const char *area = kt_format(f->app->arena, "channel %s", ch->name);
    if (!kt_papers_are_on(site, ch))
        return;
    kt_find(f, area, KT_LEVEL_OK, "Shows documents: %s.",
            words(f, &ch->documents, "all kinds that everybody may see"));
    for (size_t i = 0; i < ch->documents.count; i++) {
        const char *type = ch->documents.item[i];
        if (!kt_kind_rule_of(&site->documents, kt_str_of(type))->is_public)
            kt_find(f, area, KT_LEVEL_NOTE,
                    "Shows %s, which not everybody may see: it has no link "
                    "(documents.kinds.%s.public).",
                    type, type);
    }
}

static void say_documents(struct kt_findings *f)
{
    const struct kt_site *site = &f->app->config->site;
    for (size_t i = 0; i < site->channels; i++)
        say_channel(f, &site->channel[i]);
    if (!site->documents.is_on)
        return;
    say_kinds(f);
    if (site->documents.archive == NULL)
        kt_find(f, "documents", KT_LEVEL_NOTE,
                "Shops name documents without a link: documents.archive is not set.");
    if (site->blobs == NULL)
        kt_find(f, "documents", KT_LEVEL_NOTE,
                "No content can be taken: push.blobs names no folder for them.");
}

void kt_check_compliance(struct kt_findings *f, bool has_store)
{
    const struct kt_compliance *rules = &f->app->config->site.compliance;
    say_documents(f);
    for (size_t i = 0; i < rules->certificates; i++)
        say_certificate(f, &rules->certificate[i]);
    for (size_t i = 0; i < rules->markets; i++)
        say_market_rule(f, &rules->market[i]);
    if (rules->certificates == 0)
        return;
    if (has_store)
        say_unknown_schemes(f);
    say_silence(f, has_store);
}
