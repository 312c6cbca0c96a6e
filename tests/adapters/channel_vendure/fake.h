#ifndef KT_TEST_FAKE_H
#define KT_TEST_FAKE_H

/* A Vendure that says what it was told: each rule has a word of the request and an answer, the
 * first rule that fits and is not used up speaks. All requests are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/channel_vendure/adapter.h"
#include "adapters/channel_vendure/call.h"
#include "base/json.h"

enum { FAKE_RULES = 40, FAKE_REQUESTS = 60, FAKE_REQUEST = 512 * 1024 };

struct rule {
    const char *word;   /* the request holds it */
    const char *status; /* "200 OK" */
    const char *answer; /* NULL: hang up */
    const char *header; /* further lines, each with its end; may be "" */
    int times;          /* how often yet */
};

struct fake {
    int listener;
    char url[64];
    pthread_t thread;
    pthread_mutex_t lock; /* guards rules and requests */
    struct rule rule[FAKE_RULES];
    size_t rules;
    char *request[FAKE_REQUESTS]; /* bodies */
    size_t requests;
    struct vendure_conf conf;
    struct kt_env env;
    struct kt_channel *channel;
    struct kt_arena *a;
};

#define FAKE_SETUP                                                                                \
    "{\"data\":{\"activeChannel\":{\"availableCurrencyCodes\":[\"EUR\"],\"code\":\"main\","       \
    "\"createdAt\":\"2026-01-01T00:00:00.000Z\",\"defaultCurrencyCode\":\"EUR\","                 \
    "\"defaultLanguageCode\":\"de\",\"id\":\"1\",\"pricesIncludeTax\":true,\"seller\":{\"name\":" \
    "\"S\"},\"token\":\"tok\"},\"globalSettings\":{\"serverConfig\":{\"entityCustomFields\":[],"  \
    "\"moneyStrategyPrecision\":2}},\"stockLocations\":{\"items\":[{\"id\":\"1\",\"name\":"       \
    "\"Main\"}]},\"taxCategories\":{\"items\":[{\"id\":\"3\",\"name\":\"Standard\"}]}}}"
#define FAKE_ALL                                                                           \
    "\"ReadCatalog\",\"CreateCatalog\",\"UpdateCatalog\",\"DeleteCatalog\",\"ReadOrder\"," \
    "\"UpdateOrder\""
#define FAKE_EXPIRED                                                                   \
    "{\"errors\":[{\"message\":\"You are not currently authorized\",\"path\":[\"x\"]," \
    "\"extensions\":{\"code\":\"FORBIDDEN\"}}],\"data\":null}"

static inline char *fake_read(int c)
{
    char *raw = calloc(1, FAKE_REQUEST);
    size_t n = 0;
    while (raw != NULL && n < FAKE_REQUEST - 1) {
        ssize_t got = recv(c, raw + n, FAKE_REQUEST - 1 - n, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
        const char *end = strstr(raw, "\r\n\r\n");
        const char *length = strstr(raw, "Content-Length: ");
        size_t need = length != NULL ? (size_t)strtol(length + 16, NULL, 10) : 0;
        if (end != NULL && n >= (size_t)(end + 4 - raw) + need)
            return raw;
    }
    free(raw);
    return NULL;
}

static inline void fake_say(int c, const struct rule *rule)
{
    char head[400];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s"
                     "Connection: close\r\n\r\n",
                     rule->status, strlen(rule->answer), rule->header);
    if (send(c, head, (size_t)n, MSG_NOSIGNAL) == n)
        (void)send(c, rule->answer, strlen(rule->answer), MSG_NOSIGNAL); /* a loss fails the test */
}

static inline struct rule *fake_rule(struct fake *f, const char *request)
{
    for (size_t i = 0; i < f->rules; i++) {
        if (f->rule[i].times > 0 && strstr(request, f->rule[i].word) != NULL) {
            f->rule[i].times--;
            return &f->rule[i];
        }
    }
    return NULL;
}

static inline void *fake_run(void *of)
{
    static const struct rule none = { "", "500 Not in the script",
                                      "{\"statusCode\":500,\"message\":\"not in the script\"}", "",
                                      1 };
    struct fake *f = of;
    for (;;) {
        int c = accept(f->listener, NULL, NULL);
        if (c < 0)
            break;
        char *request = fake_read(c);
        pthread_mutex_lock(&f->lock);
        if (request != NULL && f->requests < FAKE_REQUESTS) {
            const struct rule *rule = fake_rule(f, request);
            f->request[f->requests++] = request;
            if (rule == NULL)
                fake_say(c, &none);
            else if (rule->answer != NULL)
                fake_say(c, rule);
        } else {
            free(request);
        }
        pthread_mutex_unlock(&f->lock);
        close(c);
    }
    return NULL;
}

static inline void fake_then(struct fake *f, const char *word, const char *status,
                             const char *answer, const char *header, int times)
{
    pthread_mutex_lock(&f->lock);
    assert_true(f->rules < FAKE_RULES);
    f->rule[f->rules++] = (struct rule){ word, status, answer, header, times };
    pthread_mutex_unlock(&f->lock);
}

static inline void fake_says(struct fake *f, const char *word, const char *answer)
{
    fake_then(f, word, "200 OK", answer, "", 1);
}

/* Logs in and tells its set-up whenever it is asked. */
static inline void fake_welcomes(struct fake *f)
{
    fake_then(f, "mutation($user", "200 OK", "{\"data\":{\"login\":{\"id\":\"1\"}}}",
              "vendure-auth-token: secret\r\n", 9);
    fake_then(f, "moneyStrategyPrecision", "200 OK", FAKE_SETUP, "", 9);
}

/* What its login may do; of another channel it may do everything. */
static inline void fake_allows(struct fake *f, const char *permissions)
{
    const char *answer =
        kt_format(f->a,
                  "{\"data\":{\"me\":{\"channels\":[{\"id\":\"7\",\"permissions\":[\"ReadOrder\","
                  "\"ReadCatalog\"]},{\"id\":\"1\",\"permissions\":[%s]}]}}}",
                  permissions);
    fake_then(f, "{me{channels", "200 OK", answer, "", 9);
}

static inline int fake_start(void **state)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    struct kt_err e = { 0 };
    struct fake *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(f->listener >= 0);
    assert_int_equal(bind(f->listener, (struct sockaddr *)&at, n), 0);
    assert_int_equal(listen(f->listener, 8), 0);
    assert_int_equal(getsockname(f->listener, (struct sockaddr *)&at, &n), 0);
    snprintf(f->url, sizeof f->url, "http://127.0.0.1:%d/admin-api", ntohs(at.sin_port));
    assert_int_equal(pthread_mutex_init(&f->lock, NULL), 0);
    assert_int_equal(pthread_create(&f->thread, NULL, fake_run, f), 0);
    f->a = kt_arena_new();
    f->env = (struct kt_env){ .name = "shop", .log = { .least = KT_LOG_ERROR } };
    f->conf = (struct vendure_conf){ .http = { .url = f->url,
                                               .user = "kontor",
                                               .password = "pass\"word",
                                               .timeout_s = 5,
                                               .connect_timeout_s = 2,
                                               .max_answer = 16 << 20 },
                                     .max_body = 16384 };
    assert_int_equal(kt_channel_vendure.open(&f->channel, &f->conf, &f->env, &e), KT_OK);
    *state = f;
    return 0;
}

static inline int fake_stop(void **state)
{
    struct fake *f = *state;
    kt_channel_vendure.close(f->channel);
    shutdown(f->listener, SHUT_RDWR); /* wakes accept() */
    pthread_join(f->thread, NULL);
    close(f->listener);
    for (size_t i = 0; i < f->requests; i++)
        free(f->request[i]);
    kt_arena_free(f->a);
    free(f);
    return 0;
}

/* How many requests held this word. */
static inline size_t fake_count(struct fake *f, const char *word)
{
    size_t count = 0;
    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i < f->requests; i++)
        count += strstr(f->request[i], word) != NULL;
    pthread_mutex_unlock(&f->lock);
    return count;
}

/* The n-th request (from 0) that held this word; fails when there is none. */
static inline const char *fake_asked(struct fake *f, const char *word, size_t n)
{
    const char *hit = NULL;
    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i < f->requests && hit == NULL; i++) {
        if (strstr(f->request[i], word) != NULL && n-- == 0)
            hit = f->request[i];
    }
    pthread_mutex_unlock(&f->lock);
    assert_non_null(hit);
    return hit;
}

static inline struct kt_item fake_item(enum kt_unit unit, const char *sku, const char *payload)
{
    return (struct kt_item){ .unit = unit,
                             .action = payload != NULL ? KT_ACTION_PUT : KT_ACTION_WITHDRAW,
                             .key = kt_str_of(sku),
                             .sku = kt_str_of(sku),
                             .payload = kt_str_of(payload) };
}

static inline enum kt_rc fake_push(struct fake *f, const struct kt_item *item, size_t count,
                                   struct kt_result *r, struct kt_err *e)
{
    *e = (struct kt_err){ 0 };
    for (size_t i = 0; i < count; i++)
        r[i] = (struct kt_result){ .v = { .rc = KT_UNSURE } };
    enum kt_rc rc = kt_channel_vendure.push(f->channel, item, count, r, f->a, e);
    assert_int_equal(rc, e->v.rc);
    return rc;
}

static inline void is_judged(const struct kt_verdict *v, enum kt_rc rc, enum kt_code code)
{
    if (v->rc == rc && v->code == code)
        return;
    char text[600];
    kt_sentence(v, KT_LANG_EN, text, sizeof text);
    fail_msg("%s %s: %s", kt_rc_name(v->rc), kt_code_name(v->code), text);
}

#endif
