#ifndef KT_TEST_ANSWERING_H
#define KT_TEST_ANSWERING_H

/* A server in a thread that gives one prepared answer per request and keeps the last request. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct answering {
    int listener;
    int port;
    pthread_t thread;
    pthread_mutex_t lock; /* guards everything below */
    char *answer;         /* head and body; NULL: hang up */
    size_t answer_n;
    char request[65536]; /* the last one */
    int count;
};

static inline void answering_set(struct answering *s, const char *status, const char *type,
                                 const char *body, size_t n)
{
    pthread_mutex_lock(&s->lock);
    free(s->answer);
    s->answer = malloc(n + 256);
    if (s->answer != NULL) {
        int head = snprintf(s->answer, 256,
                            "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                            "Connection: close\r\n\r\n",
                            status, type, n);
        memcpy(s->answer + head, body, n);
        s->answer_n = (size_t)head + n;
    }
    pthread_mutex_unlock(&s->lock);
}

static inline void answering_hang_up(struct answering *s)
{
    pthread_mutex_lock(&s->lock);
    free(s->answer);
    s->answer = NULL;
    pthread_mutex_unlock(&s->lock);
}

/* Reads head and body; the body's length stands in the head. */
static inline int answering_read(int c, char *into, size_t room)
{
    size_t n = 0;
    size_t need = 0;
    while (n < room - 1) {
        ssize_t got = recv(c, into + n, room - 1 - n, 0);
        if (got <= 0)
            return -1;
        n += (size_t)got;
        into[n] = '\0';
        const char *end = strstr(into, "\r\n\r\n");
        const char *length = strstr(into, "Content-Length: ");
        if (end != NULL)
            need = (size_t)(end + 4 - into) +
                   (length != NULL ? (size_t)strtol(length + 16, NULL, 10) : 0);
        if (end != NULL && n >= need)
            return 0;
    }
    return -1;
}

static inline void *answering_run(void *of)
{
    struct answering *s = of;
    char *request = malloc(sizeof s->request);
    for (;;) {
        int c = accept(s->listener, NULL, NULL);
        if (c < 0)
            break;
        if (request != NULL && answering_read(c, request, sizeof s->request) == 0) {
            pthread_mutex_lock(&s->lock);
            s->count++;
            memcpy(s->request, request, sizeof s->request);
            size_t sent = 0;
            while (s->answer != NULL && sent < s->answer_n) {
                ssize_t n = send(c, s->answer + sent, s->answer_n - sent, MSG_NOSIGNAL);
                if (n <= 0)
                    break;
                sent += (size_t)n;
            }
            pthread_mutex_unlock(&s->lock);
        }
        close(c);
    }
    free(request);
    return NULL;
}

static inline int answering_start(struct answering *s)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    memset(s, 0, sizeof *s);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&at, n) != 0 ||
        listen(s->listener, 8) != 0 || getsockname(s->listener, (struct sockaddr *)&at, &n) != 0 ||
        pthread_mutex_init(&s->lock, NULL) != 0)
        return -1;
    s->port = ntohs(at.sin_port);
    return pthread_create(&s->thread, NULL, answering_run, s);
}

/* How many requests have been answered. */
static inline int answering_count(struct answering *s)
{
    pthread_mutex_lock(&s->lock);
    int count = s->count;
    pthread_mutex_unlock(&s->lock);
    return count;
}

/* The last request; it stays until the next one comes. */
static inline const char *answering_request(struct answering *s)
{
    (void)answering_count(s); /* the lock orders the thread's writing before our reading */
    return s->request;
}

static inline int answering_stop(struct answering *s)
{
    shutdown(s->listener, SHUT_RDWR); /* wakes accept() */
    pthread_join(s->thread, NULL);
    free(s->answer);
    return close(s->listener);
}

#endif
