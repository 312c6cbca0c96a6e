#ifndef KT_TEST_SCRIPT_H
#define KT_TEST_SCRIPT_H

/* A shop that plays a script: the n-th request gets the n-th answer; all requests are kept. */
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

#include "adapters/channel_woocommerce/adapter.h"
#include "adapters/channel_woocommerce/conf.h"
#include "base/json.h"

enum { SCRIPT_STEPS = 40, SCRIPT_REQUEST = 256 * 1024 };

struct script {
    int listener;
    char url[64];
    pthread_t thread;
    pthread_mutex_t lock; /* guards everything below */
    const char *status[SCRIPT_STEPS];
    const char *answer[SCRIPT_STEPS]; /* JSON; NULL: hang up */
    size_t steps;
    char *request[SCRIPT_STEPS]; /* "POST /path\n\nbody" */
    size_t requests;
    struct woocommerce_conf conf;
    struct kt_env env;
    struct kt_channel *channel;
    struct kt_arena *a;
};

/* The request as "METHOD path\n\nbody"; NULL: nothing came. */
static inline char *script_read(int c)
{
    char *raw = malloc(SCRIPT_REQUEST);
    char *out = malloc(SCRIPT_REQUEST);
    size_t n = 0;
    const char *body = NULL;
    while (raw != NULL && out != NULL && n < SCRIPT_REQUEST - 1) {
        ssize_t got = recv(c, raw + n, SCRIPT_REQUEST - 1 - n, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
        raw[n] = '\0';
        const char *end = strstr(raw, "\r\n\r\n");
        const char *length = strstr(raw, "Content-Length: ");
        size_t need = length != NULL ? (size_t)strtol(length + 16, NULL, 10) : 0;
        if (end != NULL && n >= (size_t)(end + 4 - raw) + need) {
            body = end + 4;
            break;
        }
    }
    char *line_end = body != NULL ? strstr(raw, " HTTP/1.1") : NULL;
    if (line_end == NULL) {
        free(raw);
        free(out);
        return NULL;
    }
    *line_end = '\0';
    snprintf(out, SCRIPT_REQUEST, "%s\n\n%s", raw, body);
    free(raw);
    return out;
}

static inline void script_say(int c, const char *status, const char *body)
{
    char head[200];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                     "Connection: close\r\n\r\n",
                     status, strlen(body));
    if (send(c, head, (size_t)n, MSG_NOSIGNAL) == n)
        (void)send(c, body, strlen(body), MSG_NOSIGNAL); /* what is lost fails the test */
}

static inline void *script_run(void *of)
{
    struct script *s = of;
    for (;;) {
        int c = accept(s->listener, NULL, NULL);
        if (c < 0)
            break;
        char *request = script_read(c);
        pthread_mutex_lock(&s->lock);
        size_t at = s->requests;
        if (request != NULL && at < SCRIPT_STEPS) {
            s->request[s->requests++] = request;
            if (at >= s->steps)
                script_say(c, "500 Unexpected", "{\"code\":\"script\",\"message\":\"ended\"}");
            else if (s->answer[at] != NULL)
                script_say(c, s->status[at], s->answer[at]);
        } else {
            free(request);
        }
        pthread_mutex_unlock(&s->lock);
        close(c);
    }
    return NULL;
}

static inline void script_open_session(struct script *s)
{
    struct kt_err e = { 0 };
    s->env = (struct kt_env){ .name = "shop", .log = { .least = KT_LOG_ERROR } };
    s->conf = (struct woocommerce_conf){ .http = { .url = s->url,
                                                   .user = "ck",
                                                   .password = "cs",
                                                   .timeout_s = 5,
                                                   .connect_timeout_s = 2,
                                                   .max_answer = 16 << 20 } };
    assert_int_equal(kt_channel_woocommerce.open(&s->channel, &s->conf, &s->env, &e), KT_OK);
}

static inline int script_start(void **state)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    struct script *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(s->listener >= 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&at, n), 0);
    assert_int_equal(listen(s->listener, 8), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &n), 0);
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d", ntohs(at.sin_port));
    assert_int_equal(pthread_mutex_init(&s->lock, NULL), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, script_run, s), 0);
    s->a = kt_arena_new();
    script_open_session(s);
    *state = s;
    return 0;
}

/* Forgets what was said and asked, and what the session knows. */
static inline void script_begin(struct script *s)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->requests; i++)
        free(s->request[i]);
    s->requests = 0;
    s->steps = 0;
    pthread_mutex_unlock(&s->lock);
    kt_channel_woocommerce.close(s->channel);
    kt_arena_reset(s->a);
    script_open_session(s);
}

static inline int script_stop(void **state)
{
    struct script *s = *state;
    script_begin(s);
    kt_channel_woocommerce.close(s->channel);
    shutdown(s->listener, SHUT_RDWR); /* wakes accept() */
    pthread_join(s->thread, NULL);
    close(s->listener);
    kt_arena_free(s->a);
    free(s);
    return 0;
}

static inline void script_then_with(struct script *s, const char *status, const char *answer)
{
    pthread_mutex_lock(&s->lock);
    assert_true(s->steps < SCRIPT_STEPS);
    s->status[s->steps] = status;
    s->answer[s->steps++] = answer;
    pthread_mutex_unlock(&s->lock);
}

static inline void script_then(struct script *s, const char *answer)
{
    script_then_with(s, "200 OK", answer);
}

static inline size_t script_count(struct script *s)
{
    pthread_mutex_lock(&s->lock);
    size_t count = s->requests;
    pthread_mutex_unlock(&s->lock);
    return count;
}

/* The n-th request is this one, and its body, where given, is exactly this. */
static inline void script_was(struct script *s, size_t n, const char *line, const char *body)
{
    (void)script_count(s); /* the lock orders the thread's writing before our reading */
    if (n >= s->requests)
        fail_msg("request %zu never came: %s", n, line);
    const char *end = strstr(s->request[n], "\n\n");
    size_t length = (size_t)(end - s->request[n]);
    if (strlen(line) != length || strncmp(s->request[n], line, length) != 0)
        fail_msg("request %zu was %.*s\n   not %s", n, (int)length, s->request[n], line);
    if (body != NULL)
        assert_string_equal(end + 2, body);
}

static inline const char *script_body(struct script *s, size_t n)
{
    (void)script_count(s);
    assert_true(n < s->requests);
    return strstr(s->request[n], "\n\n") + 2;
}

#endif
