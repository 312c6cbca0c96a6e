/* A client of clamd: a connection for each content, which goes there in pieces, and one line that
 * comes back. Blocking with one deadline for all of it; any thread. flow/contents.c calls it by way
 * of the site. Protocol: clamd(8), INSTREAM. */
#include "wire/clamd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/time.h"

enum { PIECE = 64 * 1024, ANSWER_MAX = 512, WORD_MAX = 80 };

/* --- where --- */

struct place {
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at;
    socklen_t size;
};

static bool read_port(const char *text, in_port_t *out)
{
    unsigned long port = 0;
    const size_t n = strlen(text);
    for (size_t i = 0; i < n && i < 6; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        port = port * 10 + (unsigned long)(text[i] - '0');
    }
    *out = htons((in_port_t)port);
    return n > 0 && n < 6 && port > 0 && port <= UINT16_MAX;
}

static bool read_tcp(const char *text, struct place *out)
{
    char host[INET6_ADDRSTRLEN + 2];
    const char *colon = strrchr(text, ':');
    size_t n = colon == NULL ? 0 : (size_t)(colon - text);
    in_port_t port = 0;
    if (n == 0 || n >= sizeof host || !read_port(colon + 1, &port))
        return false;
    memcpy(host, text, n);
    host[n] = '\0';
    if (host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = '\0';
        out->at.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = port };
        out->size = sizeof out->at.v6;
        return inet_pton(AF_INET6, host + 1, &out->at.v6.sin6_addr) == 1 &&
               IN6_IS_ADDR_LOOPBACK(&out->at.v6.sin6_addr);
    }
    out->at.v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = port };
    out->size = sizeof out->at.v4;
    return inet_pton(AF_INET, host, &out->at.v4.sin_addr) == 1 &&
           ntohl(out->at.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static bool read_place(const char *address, struct place *out)
{
    const char *path = address + strlen("unix:");
    memset(out, 0, sizeof *out);
    if (strncmp(address, "tcp:", 4) == 0)
        return read_tcp(address + 4, out);
    if (strncmp(address, "unix:/", 6) != 0 || strlen(path) >= sizeof out->at.local.sun_path)
        return false;
    out->at.local.sun_family = AF_UNIX;
    memcpy(out->at.local.sun_path, path, strlen(path) + 1);
    out->size = sizeof out->at.local;
    return true;
}

bool kt_clamd_is_address(const char *address)
{
    struct place place;
    return read_place(address, &place);
}

/* --- the talk --- */

struct talk {
    int fd;
    int64_t until_us; /* kt_mono_us */
    struct kt_err *e;
};

static enum kt_rc is_down(const struct talk *t, const char *detail)
{
    return kt_fail(t->e, KT_RETRY, KT_ENDPOINT, KT_E_SCANNER_DOWN, KT_P_TEXT("detail", detail));
}

static enum kt_rc failed(const struct talk *t, int error)
{
    const char *words = strerrordesc_np(error);
    return is_down(t, words != NULL ? words : "unknown failure");
}

static enum kt_rc wait_for(const struct talk *t, short events)
{
    for (;;) {
        struct pollfd fd = { .fd = t->fd, .events = events };
        const int64_t left_us = t->until_us - kt_mono_us();
        if (left_us <= 0)
            return is_down(t, "it took too long");
        const int n = poll(&fd, 1, (int)(left_us / 1000) + 1);
        if (n > 0)
            return KT_OK;
        if (n < 0 && errno != EINTR)
            return failed(t, errno);
    }
}

/* A local socket whose queue is full says so at once. */
static enum kt_rc reach(struct talk *t, const struct place *place)
{
    int error = 0;
    socklen_t size = sizeof error;
    t->fd = socket(place->at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (t->fd < 0)
        return failed(t, errno);
    if (connect(t->fd, &place->at.any, place->size) == 0)
        return KT_OK;
    if (errno != EINPROGRESS)
        return failed(t, errno);
    enum kt_rc rc = wait_for(t, POLLOUT);
    if (rc != KT_OK)
        return rc;
    if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    return error == 0 ? KT_OK : failed(t, error);
}

/* *is_closed: it reads no further; then it may have said why. */
static enum kt_rc put(const struct talk *t, const char *p, size_t n, bool *is_closed)
{
    while (n > 0) {
        const ssize_t sent = send(t->fd, p, n, MSG_NOSIGNAL);
        if (sent >= 0) {
            p += sent;
            n -= (size_t)sent;
            continue;
        }
        if (errno == EPIPE || errno == ECONNRESET) {
            *is_closed = true;
            return KT_OK;
        }
        if (errno == EAGAIN) {
            const enum kt_rc rc = wait_for(t, POLLOUT);
            if (rc != KT_OK)
                return rc;
        } else if (errno != EINTR) {
            return failed(t, errno);
        }
    }
    return KT_OK;
}

/* It speaks before it has everything only when it wants no more. */
static bool has_spoken(const struct talk *t)
{
    char c;
    return recv(t->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

static enum kt_rc put_pieces(const struct talk *t, struct kt_str bytes, bool *is_closed)
{
    static const char begin[] = "zINSTREAM"; /* with its NUL */
    static const char end[4] = { 0 };
    enum kt_rc rc = put(t, begin, sizeof begin, is_closed);
    for (size_t at = 0; at < bytes.n && rc == KT_OK && !*is_closed; at += PIECE) {
        const size_t n = bytes.n - at < PIECE ? bytes.n - at : PIECE;
        const uint32_t size = htonl((uint32_t)n);
        char head[sizeof size];
        memcpy(head, &size, sizeof size);
        *is_closed = has_spoken(t);
        if (!*is_closed)
            rc = put(t, head, sizeof head, is_closed);
        if (rc == KT_OK && !*is_closed)
            rc = put(t, bytes.p + at, n, is_closed);
    }
    return rc == KT_OK && !*is_closed ? put(t, end, sizeof end, is_closed) : rc;
}

/* One line, with its NUL; "" when it closed without one. */
static enum kt_rc get_answer(const struct talk *t, char out[ANSWER_MAX])
{
    size_t n = 0;
    out[0] = '\0';
    while (n < ANSWER_MAX) {
        const ssize_t got = recv(t->fd, out + n, ANSWER_MAX - n, 0);
        if (got > 0) {
            const bool is_whole = memchr(out + n, '\0', (size_t)got) != NULL;
            n += (size_t)got;
            if (is_whole)
                return KT_OK;
        } else if (got == 0 || errno == ECONNRESET) {
            break;
        } else if (errno == EAGAIN) {
            const enum kt_rc rc = wait_for(t, POLLIN);
            if (rc != KT_OK)
                return rc;
        } else if (errno != EINTR) {
            return failed(t, errno);
        }
    }
    return is_down(t,
                   n == 0 ? "it closed the connection without an answer" : "its answer has no end");
}

/* --- the answer --- */

/* Only what can be shown anywhere. */
static void copy_word(char *out, size_t room, const char *p, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n && k + 1 < room && k < WORD_MAX; i++)
        out[k++] = p[i] > 0x20 && p[i] < 0x7F ? p[i] : p[i] == ' ' ? ' ' : '?';
    out[k] = '\0';
}

static enum kt_rc read_answer(const struct talk *t, const char *answer, bool is_closed,
                              bool *is_taken, char *found, size_t room)
{
    static const char stream[] = "stream: ";
    static const char positive[] = " FOUND";
    const size_t n = strlen(answer);
    const size_t around = strlen(stream) + strlen(positive);
    char shown[WORD_MAX + 1];
    copy_word(shown, sizeof shown, answer, n);
    if (strstr(answer, "size limit exceeded") != NULL) {
        *is_taken = false;
        copy_word(found, room, answer, n);
        return KT_OK;
    }
    /* what was not seen to its end was not looked at */
    if (!is_closed && strcmp(answer, "stream: OK") == 0)
        return KT_OK;
    if (n > around && strncmp(answer, stream, strlen(stream)) == 0 &&
        strcmp(answer + n - strlen(positive), positive) == 0) {
        copy_word(found, room, answer + strlen(stream), n - around);
        return KT_OK;
    }
    return is_down(t, shown);
}

enum kt_rc kt_clamd_scan(const char *address, int64_t wait_s, struct kt_str bytes, bool *is_taken,
                         char *found, size_t room, struct kt_err *e)
{
    struct talk t = { .fd = -1, .until_us = kt_mono_us() + wait_s * KT_SECOND, .e = e };
    struct place place;
    char answer[ANSWER_MAX];
    bool is_closed = false;
    *is_taken = true;
    found[0] = '\0';
    if (!read_place(address, &place))
        return is_down(&t, "its address is none of this machine");
    enum kt_rc rc = reach(&t, &place);
    if (rc == KT_OK)
        rc = put_pieces(&t, bytes, &is_closed);
    if (rc == KT_OK)
        rc = get_answer(&t, answer);
    if (rc == KT_OK)
        rc = read_answer(&t, answer, is_closed, is_taken, found, room);
    if (t.fd >= 0)
        (void)close(t.fd); /* nothing more is expected */
    return rc;
}
