#ifndef KT_TEST_REAL_H
#define KT_TEST_REAL_H

/* A session with a real Vendure, whose address KT_VENDURE_URL names:
 * "http://127.0.0.1:3951/admin-api", login superadmin/superadmin. tests/peers starts one; without
 * it the tests skip. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/channel_vendure/adapter.h"
#include "adapters/channel_vendure/call.h"
#include "base/json.h"

struct real {
    struct vendure_conf conf;
    struct kt_env env;
    struct kt_channel *channel;
    struct kt_arena *a;
    char run[32]; /* makes numbers of this run its own */
    const char *currency;
    const char *language;
    bool is_gross;
};

static inline int real_start(void **state)
{
    struct kt_err e = { 0 };
    struct real *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->a = kt_arena_new();
    r->env = (struct kt_env){ .name = "vendure", .log = { .least = KT_LOG_ERROR } };
    r->conf = (struct vendure_conf){ .http = { .url = getenv("KT_VENDURE_URL"),
                                               .user = "superadmin",
                                               .password = "superadmin",
                                               .timeout_s = 60,
                                               .connect_timeout_s = 5,
                                               .max_answer = 16 << 20 },
                                     .media_url = getenv("KT_VENDURE_MEDIA"),
                                     .max_media = 1 << 20,
                                     .max_body = 90 * 1024 };
    snprintf(r->run, sizeof r->run, "%llx", (unsigned long long)kt_now_us());
    assert_int_equal(kt_channel_vendure.open(&r->channel, &r->conf, &r->env, &e), KT_OK);
    if (vendure_know_shop(r->channel, r->a, &e) != KT_OK)
        fail_msg("%s", e.trail);
    r->currency = kt_str_copy(r->a, r->channel->shop.currency).p;
    r->language = kt_str_copy(r->a, r->channel->shop.language).p;
    r->is_gross = r->channel->shop.prices_include_tax;
    *state = r;
    return 0;
}

static inline int real_stop(void **state)
{
    struct real *r = *state;
    kt_channel_vendure.close(r->channel);
    kt_arena_free(r->a);
    free(r);
    return 0;
}

/* A text with @ replaced by the run's number, # by the shop's currency, ~ by its language, ! by
 * whether its prices are gross. */
static inline struct kt_str of_run(struct real *r, const char *text)
{
    struct kt_buf b;
    kt_buf_init(&b, r->a, 1 << 20);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '@')
            kt_buf_text(&b, r->run);
        else if (*c == '#')
            kt_buf_text(&b, r->currency);
        else if (*c == '~')
            kt_buf_text(&b, r->language);
        else if (*c == '!')
            kt_buf_text(&b, r->is_gross ? "true" : "false");
        else
            kt_buf_char(&b, *c);
    }
    return kt_buf_view(&b);
}

static inline struct kt_item real_item(struct real *r, enum kt_unit unit, const char *sku,
                                       const char *payload)
{
    return (struct kt_item){ .unit = unit,
                             .action = payload != NULL ? KT_ACTION_PUT : KT_ACTION_WITHDRAW,
                             .key = of_run(r, kt_format(r->a, "erp|%s", sku)),
                             .sku = of_run(r, sku),
                             .payload = payload != NULL ? of_run(r, payload)
                                                        : (struct kt_str){ NULL, 0 } };
}

static inline void real_push(struct real *r, struct kt_item *item, size_t count,
                             struct kt_result *result)
{
    struct kt_err e = { 0 };
    for (size_t i = 0; i < count; i++)
        result[i] = (struct kt_result){ .v = { .rc = KT_UNSURE } };
    if (kt_channel_vendure.push(r->channel, item, count, result, r->a, &e) != KT_OK) {
        char text[600];
        kt_sentence(&e.v, KT_LANG_EN, text, sizeof text);
        fail_msg("%s: %s", text, e.trail);
    }
}

static inline void is_fine(const struct kt_result *result)
{
    char text[600];
    kt_sentence(&result->v, KT_LANG_EN, text, sizeof text);
    if (result->v.rc != KT_OK)
        fail_msg("%s %s", kt_rc_name(result->v.rc), text);
}

static inline void is_code(const struct kt_result *result, enum kt_rc rc, enum kt_code code)
{
    if (result->v.rc != rc || result->v.code != code) {
        char text[600];
        kt_sentence(&result->v, KT_LANG_EN, text, sizeof text);
        fail_msg("%s %s: %s", kt_rc_name(result->v.rc), kt_code_name(result->v.code), text);
    }
}

/* One that must come off; its remote id. */
static inline struct kt_str real_put(struct real *r, struct kt_item item)
{
    struct kt_result result;
    real_push(r, &item, 1, &result);
    is_fine(&result);
    return result.remote_id;
}

/* What the shop says, by its admin API. */
static inline const struct kt_json *real_ask(struct real *r, const char *query)
{
    struct kt_err e = { 0 };
    struct vendure_answer answer = { 0 };
    struct vendure_call q = { .query = query, .what = "a question of the test", .is_write = true };
    if (vendure_call(r->channel, &q, &answer, r->a, &e) != KT_OK)
        fail_msg("%s", e.trail);
    return answer.data;
}

/* Canonical text of the answer. */
static inline const char *real_says(struct real *r, const char *query)
{
    struct kt_buf b;
    kt_buf_init(&b, r->a, 1 << 20);
    kt_json_write(&b, real_ask(r, query));
    return kt_buf_view(&b).p;
}

static inline void real_same(struct real *r, const struct kt_item *item)
{
    struct kt_err e = { 0 };
    struct kt_compared c = { .v = { .rc = KT_UNSURE } };
    assert_int_equal(kt_channel_vendure.compare(r->channel, item, 1, &c, r->a, &e), KT_OK);
    assert_int_equal(c.v.rc, KT_OK);
    assert_true(c.is_there);
    if (c.count > 0)
        fail_msg("%s: %s, not %s", c.differs[0].field.p, c.differs[0].theirs.p,
                 c.differs[0].ours.p);
}

#endif
