#ifndef KT_TEST_SHOP_H
#define KT_TEST_SHOP_H

/* Starts and ends the wc/v3 stand-in, and speaks to its control interface. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/channel_woocommerce/adapter.h"
#include "adapters/channel_woocommerce/conf.h"
#include "base/json.h"

struct shop {
    pid_t pid;
    char url[64];
    struct woocommerce_conf conf;
    struct kt_env env;
    struct kt_http *control;
    struct kt_channel *channel;
    struct kt_arena *a;
};

/* The program's first line is "wc/v3 stand-in: http://127.0.0.1:PORT/wp-json/wc/v3, checks by …".
 */
static inline void shop_launch(struct shop *s)
{
    int out[2];
    char line[200] = "";
    assert_int_equal(pipe(out), 0);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) {
        if (dup2(out[1], 1) < 0)
            _exit(127);
        close(out[0]);
        execl("/usr/bin/python3", "python3", "-B", KT_TEST_ROOT "/tests/sandbox/wcv3.py",
              "--store-id", "store-1", "--site-url", "https://shop.example", (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    FILE *told = fdopen(out[0], "r");
    assert_non_null(told);
    assert_non_null(fgets(line, sizeof line, told));
    fclose(told);
    char *from = strstr(line, "http://");
    char *to = from != NULL ? strstr(from, "/wp-json") : NULL;
    if (to == NULL)
        fail_msg("the stand-in said \"%s\"", line);
    else
        snprintf(s->url, sizeof s->url, "%.*s", (int)(to - from), from);
}

static inline int shop_start(void **state)
{
    struct kt_err e = { 0 };
    struct shop *s = calloc(1, sizeof *s);
    assert_non_null(s);
    shop_launch(s);
    s->a = kt_arena_new();
    s->env = (struct kt_env){ .name = "shop", .log = { .least = KT_LOG_ERROR } };
    s->conf = (struct woocommerce_conf){
        .http = { .url = s->url,
                  .user = "ck_sandbox",
                  .password = "cs_sandbox",
                  .timeout_s = 2,
                  .connect_timeout_s = 2,
                  .max_answer = 64 << 20 },
        .order_overlap_s = 0,
    };
    assert_int_equal(kt_http_open(&s->control, &s->conf.http, "control", &s->env.log, &e), KT_OK);
    assert_int_equal(kt_channel_woocommerce.open(&s->channel, &s->conf, &s->env, &e), KT_OK);
    *state = s;
    return 0;
}

static inline int shop_stop(void **state)
{
    struct shop *s = *state;
    int status = 0;
    kt_channel_woocommerce.close(s->channel);
    kt_http_close(s->control);
    kt_arena_free(s->a);
    kill(s->pid, SIGTERM);
    waitpid(s->pid, &status, 0);
    free(s);
    return 0;
}

static inline const struct kt_json *shop_control(struct shop *s, const char *method,
                                                 const char *path, const char *body)
{
    struct kt_err e = { 0 };
    struct kt_http_answer answer = { 0 };
    const struct kt_json *j = NULL;
    struct kt_http_request q = { .method = method,
                                 .path = path,
                                 .content_type = body != NULL ? "application/json" : NULL,
                                 .body = kt_str_of(body) };
    if (kt_http_call(s->control, &q, &answer, s->a, &e) != KT_OK || answer.status != 200)
        fail_msg("%s %s: %u %s %s", method, path, answer.status, e.trail, answer.body.p);
    assert_int_equal(kt_json_parse(&j, answer.body, s->a, &e), KT_OK);
    return j;
}

static inline void shop_spoil(struct shop *s, const char *rule)
{
    (void)shop_control(s, "POST", "/_sandbox/misbehave", rule);
}

static inline void shop_behave(struct shop *s)
{
    (void)shop_control(s, "DELETE", "/_sandbox/misbehave", NULL);
}

static inline int64_t shop_count(struct shop *s, const char *what)
{
    int64_t n = -1;
    const struct kt_json *j = shop_control(s, "GET", "/_sandbox/counts", NULL);
    assert_true(kt_json_int(kt_json_get(j, what), &n));
    return n;
}

/* The product with this SKU as the stand-in holds it, or NULL. */
static inline const struct kt_json *shop_product(struct shop *s, const char *sku)
{
    const struct kt_json *list = shop_control(s, "GET", "/_sandbox/products", NULL);
    for (size_t i = 0; i < kt_json_count(list); i++) {
        if (kt_str_is(kt_json_text_of(kt_json_at(list, i), "sku"), sku))
            return kt_json_at(list, i);
    }
    return NULL;
}

#endif
