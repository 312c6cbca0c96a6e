#ifndef KT_TEST_NAV_PLAYING_H
#define KT_TEST_NAV_PLAYING_H

/* An open session against a scripted NAV, and what a page of it must hold. Include after cmocka.h.
 */
#include "adapters/erp_nav/adapter.h"
#include "adapters/erp_nav/conf.h"
#include "script.h"

struct playing {
    struct script nav;
    struct kt_arena *arena;
    struct kt_erp *erp;
    struct kt_nav_conf conf;
    struct kt_env env;
    char url[80];
};

static inline struct kt_nav_conf plain_conf(const char *url)
{
    return (struct kt_nav_conf){
        .http = { .url = url,
                  .user = "KONTOR",
                  .password = "geheim",
                  .timeout_s = 10,
                  .connect_timeout_s = 5,
                  .max_answer = 64 << 20 },
        .company = "CRONUS AG",
        .language = "de",
        .axes_separator = "/",
        .variant_separator = ".",
        .date_format = "31.12.01",
        .shipment_days = 14,
        .one_time_customer = "90000",
        .list_price = "LIST",
        .blank_location = "BLANK",
    };
}

static inline void play_open(struct playing *t)
{
    struct kt_err e = { 0 };
    t->env = (struct kt_env){ .name = "nav", .scope = "nav", .log = { .least = KT_LOG_ERROR } };
    if (kt_erp_nav.open(&t->erp, &t->conf, &t->env, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
}

static inline int play_start(struct playing *t)
{
    if (script_start(&t->nav) != 0)
        return -1;
    snprintf(t->url, sizeof t->url, "http://127.0.0.1:%d/NAV", t->nav.port);
    t->arena = kt_arena_new();
    t->conf = plain_conf(t->url);
    return 0;
}

/* A session with other settings, and an empty script. */
static inline void play_again(struct playing *t)
{
    kt_erp_nav.close(t->erp);
    t->erp = NULL;
    script_clear(&t->nav);
    play_open(t);
}

static inline int play_stop(struct playing *t)
{
    kt_erp_nav.close(t->erp);
    kt_arena_free(t->arena);
    return script_stop(&t->nav);
}

/* An answer of ReadMultiple of a service; rows: the elements. */
static inline const char *rows_of(struct playing *t, const char *service, const char *rows)
{
    const char *ns = kt_str_lower(t->arena, kt_str_of(service)).p;
    return kt_format(t->arena,
                     "<Soap:Envelope xmlns:Soap=\"http://schemas.xmlsoap.org/soap/envelope/\">"
                     "<Soap:Body><ReadMultiple_Result "
                     "xmlns=\"urn:microsoft-dynamics-schemas/page/%s\">"
                     "<ReadMultiple_Result>%s</ReadMultiple_Result></ReadMultiple_Result>"
                     "</Soap:Body></Soap:Envelope>",
                     ns, rows);
}

/* From then on, behind all others of the service. */
static inline void give(struct playing *t, const char *service, const char *when, const char *rows)
{
    script_add(&t->nav, kt_format(t->arena, "/Page/%s ", service), when, "200 OK",
               rows_of(t, service, rows), 0);
}

static inline void give_once(struct playing *t, const char *service, const char *when,
                             const char *rows)
{
    script_add(&t->nav, kt_format(t->arena, "/Page/%s ", service), when, "200 OK",
               rows_of(t, service, rows), 1);
}

static inline void fault_once(struct playing *t, const char *service, const char *when,
                              const char *type, const char *text)
{
    const char *body = kt_format(
        t->arena,
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault>"
        "<faultcode xmlns:a=\"urn:microsoft-dynamics-schemas/error\">a:%s</faultcode>"
        "<faultstring xml:lang=\"es-ES\">%s</faultstring><detail>"
        "<string xmlns=\"http://schemas.microsoft.com/2003/10/Serialization/\">%s</string>"
        "</detail></s:Fault></s:Body></s:Envelope>",
        type, text, text);
    script_add(&t->nav, kt_format(t->arena, "/Page/%s ", service), when,
               "500 Internal Server Error", body, 1);
}

static inline struct kt_page pull_from(struct playing *t, enum kt_feed feed, struct kt_str token,
                                       size_t max)
{
    struct kt_err e = { 0 };
    struct kt_page page = { .feed = feed, .token = token, .max = max };
    enum kt_rc rc = kt_erp_nav.pull(t->erp, &page, t->arena, &e);
    if (rc != KT_OK)
        fail_msg("%s %s: %s %s", kt_rc_name(rc), kt_code_name(e.v.code), e.v.param[1].value,
                 e.trail);
    return page;
}

static inline struct kt_err pull_fails(struct playing *t, enum kt_feed feed, struct kt_str token,
                                       enum kt_rc expected)
{
    struct kt_err e = { 0 };
    struct kt_page page = { .feed = feed, .token = token, .max = 100 };
    enum kt_rc rc = kt_erp_nav.pull(t->erp, &page, t->arena, &e);
    if (rc != expected)
        fail_msg("%s %s: %s", kt_rc_name(rc), kt_code_name(e.v.code), e.trail);
    return e;
}

/* The change of that kind and key; NULL: none. */
static inline const struct kt_change *change_of(struct playing *t, const struct kt_page *page,
                                                enum kt_kind kind, const char *key)
{
    for (size_t i = 0; i < page->changes.count; i++) {
        const struct kt_change *c = &page->changes.item[i];
        if (c->kind == kind &&
            kt_str_is(kt_shape_key(kt_kind_shape[kind], c->record, t->arena), key))
            return c;
    }
    return NULL;
}

/* Read whole, and fit for the intake. */
static inline const void *record(struct playing *t, const struct kt_page *page, enum kt_kind kind,
                                 const char *key)
{
    const struct kt_change *c = change_of(t, page, kind, key);
    struct kt_err e = { 0 };
    if (c == NULL || c->fault != NULL || c->is_deleted)
        fail_msg("no sound %s %s", kt_kind_name(kind), key);
    if (kt_shape_check(kt_kind_shape[kind], c->record, t->arena, &e) != KT_OK)
        fail_msg("%s %s: %s %s", kt_kind_name(kind), key, e.v.param[1].value, e.trail);
    return c->record;
}

static inline const struct kt_verdict *fault_of(struct playing *t, const struct kt_page *page,
                                                enum kt_kind kind, const char *key)
{
    const struct kt_change *c = change_of(t, page, kind, key);
    if (c == NULL || c->fault == NULL)
        fail_msg("no fault of %s %s", kt_kind_name(kind), key);
    assert_int_equal(c->fault->rc, KT_REJECT);
    return c->fault;
}

static inline void is_dec(struct kt_dec d, const char *text)
{
    char is[KT_DEC_TEXT_MAX];
    kt_dec_text(kt_dec_trim(d), is);
    assert_string_equal(is, text);
}

static inline void is_text(struct kt_str is, const char *text)
{
    if (!kt_str_is(is, text))
        fail_msg("\"%.*s\" instead of \"%s\"", (int)is.n, is.n > 0 ? is.p : "", text);
}

#endif
