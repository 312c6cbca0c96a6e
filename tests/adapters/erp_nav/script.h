#ifndef KT_TEST_NAV_SCRIPT_H
#define KT_TEST_NAV_SCRIPT_H

/* A server in a thread that plays NAV by a script: each answer belongs to requests that contain a
 * text, and is given once or for ever. Keeps all requests. Include after cmocka.h. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SCRIPT_ANSWERS = 64, SCRIPT_REQUESTS = 128 };

struct script_answer {
    const char *on[2]; /* the request contains both; NULL: any */
    const char *status;
    char *body;
    int is_once;
    int is_used;
};

struct script {
    int listener;
    int port;
    pthread_t thread;
    pthread_mutex_t lock; /* guards everything below */
    struct script_answer answer[SCRIPT_ANSWERS];
    int answers;
    char *request[SCRIPT_REQUESTS];
    int requests;
};

/* Earlier ones go first. */
static inline void script_add(struct script *s, const char *on, const char *on_too,
                              const char *status, const char *body, int is_once)
{
    pthread_mutex_lock(&s->lock);
    if (s->answers < SCRIPT_ANSWERS)
        s->answer[s->answers++] =
            (struct script_answer){ { on, on_too }, status, strdup(body), is_once, 0 };
    pthread_mutex_unlock(&s->lock);
}

static inline void script_clear(struct script *s)
{
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < s->answers; i++)
        free(s->answer[i].body);
    for (int i = 0; i < s->requests; i++)
        free(s->request[i]);
    s->answers = 0;
    s->requests = 0;
    pthread_mutex_unlock(&s->lock);
}

static inline char *script_read(int c)
{
    size_t room = 1 << 20;
    size_t n = 0;
    char *into = malloc(room);
    while (into != NULL && n < room - 1) {
        ssize_t got = recv(c, into + n, room - 1 - n, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
        into[n] = '\0';
        const char *end = strstr(into, "\r\n\r\n");
        const char *length = strstr(into, "Content-Length: ");
        size_t need = end == NULL ? room : (size_t)(end + 4 - into);
        if (end != NULL && length != NULL && length < end)
            need += (size_t)strtol(length + 16, NULL, 10);
        if (n >= need)
            return into;
    }
    free(into);
    return NULL;
}

static inline struct script_answer *script_find(struct script *s, const char *request)
{
    for (int i = 0; i < s->answers; i++) {
        struct script_answer *a = &s->answer[i];
        if ((a->is_once && a->is_used) || (a->on[0] != NULL && strstr(request, a->on[0]) == NULL) ||
            (a->on[1] != NULL && strstr(request, a->on[1]) == NULL))
            continue;
        a->is_used = 1;
        return a;
    }
    return NULL;
}

static inline void script_send(int c, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(c, text, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        text += sent;
        n -= (size_t)sent;
    }
}

static inline void script_answer(struct script *s, int c, char *request)
{
    char head[256];
    pthread_mutex_lock(&s->lock);
    const struct script_answer *a = script_find(s, request);
    const char *body = a != NULL ? a->body : "not in the script";
    snprintf(head, sizeof head,
             "HTTP/1.1 %s\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: %zu\r\n"
             "Connection: close\r\n\r\n",
             a != NULL ? a->status : "404 Not Found", strlen(body));
    script_send(c, head, strlen(head));
    script_send(c, body, strlen(body));
    if (s->requests < SCRIPT_REQUESTS)
        s->request[s->requests++] = request;
    else
        free(request);
    pthread_mutex_unlock(&s->lock);
}

static inline void *script_run(void *of)
{
    struct script *s = of;
    for (;;) {
        int c = accept(s->listener, NULL, NULL);
        if (c < 0)
            return NULL;
        char *request = script_read(c);
        if (request != NULL)
            script_answer(s, c, request);
        close(c);
    }
}

static inline int script_start(struct script *s)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    memset(s, 0, sizeof *s);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&at, n) != 0 ||
        listen(s->listener, 16) != 0 || getsockname(s->listener, (struct sockaddr *)&at, &n) != 0 ||
        pthread_mutex_init(&s->lock, NULL) != 0)
        return -1;
    s->port = ntohs(at.sin_port);
    return pthread_create(&s->thread, NULL, script_run, s);
}

static inline int script_stop(struct script *s)
{
    shutdown(s->listener, SHUT_RDWR); /* wakes accept() */
    pthread_join(s->thread, NULL);
    script_clear(s);
    return close(s->listener);
}

/* How many requests contained the text. */
static inline int script_count(struct script *s, const char *text)
{
    int count = 0;
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < s->requests; i++)
        count += strstr(s->request[i], text) != NULL;
    pthread_mutex_unlock(&s->lock);
    return count;
}

/* The nth request with the text, from 0; NULL: none. It stays until script_clear. */
static inline const char *script_request(struct script *s, const char *text, int n)
{
    const char *found = NULL;
    pthread_mutex_lock(&s->lock);
    for (int i = 0; found == NULL && i < s->requests; i++) {
        if (strstr(s->request[i], text) != NULL && n-- == 0)
            found = s->request[i];
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

#endif
