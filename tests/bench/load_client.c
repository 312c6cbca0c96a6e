/* Sends requests to an HTTP server of this machine as fast as it answers, one thread for each
 * connection, and prints what came of them. A program of its own, for benches and security tests.
 *
 *   load_client --port N [--tls] [--cert FILE --key FILE] [--connections 16] [--seconds 2]
 *               [--requests N] [--path /] [--header "Name: value"] [--body FILE]
 *               [--first N] [--expect 200] [--answers FILE] [--bodies FILE]
 *
 * Each run of 6 to 18 '#' in the body becomes a number of that width that no other request has,
 * each of 4 to 18 '@' the next number of a row of its own; --first: the smallest. Without a body:
 * GET. --seconds: that long; --requests: so many in all. --answers: keeps the last answer there.
 * --bodies: each request sends another one of these, a NUL behind each, as they are; it ends when
 * there are no more.
 * Last line: requests=… errors=… seconds=… per_s=… p50_ms=… p99_ms=… max_ms=… bytes_out=…
 * Ends with 1 when a request had no answer of the expected status, with 2 for a wrong word. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/time.h"

enum { PLACES_MOST = 4096, CONNECTIONS_MOST = 4096, ANSWER_MOST = 16 << 20, WAIT_S = 30 };

/* What every request looks like: a head, and a body with places for numbers. */
struct form {
    char *bytes;
    size_t len;
    size_t place[PLACES_MOST];
    size_t width[PLACES_MOST];
    bool is_row[PLACES_MOST]; /* '@' */
    size_t places;
};

static struct {
    unsigned port;
    bool is_tls;
    const char *cert;
    const char *key;
    unsigned connections;
    int64_t run_us;
    int64_t requests;
    const char *path;
    char header[2048];
    const char *body;
    const char *bodies;
    const char *answers;
    unsigned expect;
} opt = { .connections = 16, .run_us = 2 * KT_SECOND, .path = "/", .expect = 200 };

static struct form form;
static struct form *each; /* of --bodies */
static size_t forms;
static SSL_CTX *tls;
static int64_t until_us;
static atomic_llong next_number;
static atomic_llong next_of_row;
static atomic_llong sent;

struct worker {
    pthread_t thread;
    int fd; /* -1: none */
    SSL *ssl;
    char *in; /* the answer at hand */
    size_t have;
    size_t room;
    int64_t *took_us;
    size_t done;
    size_t done_room;
    int64_t errors;
    int64_t bytes_out;
    char why[256]; /* of the last error */
};

static _Noreturn void end(const char *what, const char *why)
{
    (void)fprintf(stderr, "load_client: %s: %s\n", what, why);
    exit(2); /* NOLINT(concurrency-mt-unsafe): nothing is to be put right */
}

/* Never NULL. */
static void *grow(void *p, size_t bytes)
{
    void *more = realloc(p, bytes);
    if (more == NULL)
        end("memory", "there is no more");
    return more;
}

/* --- what is sent --- */

static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t room = 0;
    if (file == NULL)
        end(path, strerror(errno)); /* NOLINT(concurrency-mt-unsafe): the only thread */
    *len = 0;
    do {
        room += 1 << 16;
        text = grow(text, room);
        *len += fread(text + *len, 1, room - *len, file);
    } while (*len == room);
    (void)fclose(file);
    return text;
}

static void find_places(struct form *f, size_t from)
{
    for (size_t i = from; i < f->len;) {
        const char sign = f->bytes[i];
        const bool is_row = sign == '@';
        size_t n = 0;
        while (i + n < f->len && (sign == '#' || is_row) && f->bytes[i + n] == sign)
            n++;
        if (n >= (is_row ? 4U : 6U) && n <= 18) {
            if (f->places == PLACES_MOST)
                end("--body", "too many places for numbers");
            f->place[f->places] = i;
            f->is_row[f->places] = is_row;
            f->width[f->places++] = n;
        }
        i += n > 0 ? n : 1;
    }
}

/* body NULL: a GET */
static void make_form(struct form *f, const char *body, size_t len)
{
    char head[4096];
    int n = snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s",
                     body != NULL ? "POST" : "GET", opt.path, opt.port, opt.header);
    if (body != NULL && n > 0 && (size_t)n < sizeof head)
        n += snprintf(head + n, sizeof head - (size_t)n, "Content-Length: %zu\r\n", len);
    if (n < 0 || (size_t)n + 3 > sizeof head)
        end("--header", "too long");
    f->len = (size_t)n + 2 + len;
    f->bytes = grow(NULL, f->len);
    memcpy(f->bytes, head, (size_t)n);
    memcpy(f->bytes + n, "\r\n", 2);
    if (body != NULL)
        memcpy(f->bytes + n + 2, body, len);
}

static void make_one(const char *file)
{
    size_t len = 0;
    char *body = file != NULL ? read_file(file, &len) : NULL;
    make_form(&form, body, len);
    free(body);
    find_places(&form, form.len - len);
}

static void make_each(const char *file)
{
    size_t len = 0;
    size_t room = 0;
    char *bodies = read_file(file, &len);
    for (const char *at = bodies; at < bodies + len;) {
        const char *end_of = memchr(at, '\0', len - (size_t)(at - bodies));
        if (end_of == NULL)
            end("--bodies", "no NUL behind the last");
        if (forms == room) {
            room = room * 2 + 64;
            each = grow(each, room * sizeof *each);
        }
        each[forms] = (struct form){ 0 };
        make_form(&each[forms++], at, (size_t)(end_of - at));
        at = end_of + 1;
    }
    free(bodies);
}

static void fill(char *bytes, const struct form *f)
{
    for (size_t i = 0; i < f->places; i++) {
        long long number = atomic_fetch_add(f->is_row[i] ? &next_of_row : &next_number, 1);
        for (size_t at = f->width[i]; at-- > 0; number /= 10)
            bytes[f->place[i] + at] = (char)('0' + number % 10);
    }
}

/* --- one connection --- */

static void drop(struct worker *w)
{
    SSL_free(w->ssl);
    w->ssl = NULL;
    if (w->fd >= 0)
        (void)close(w->fd);
    w->fd = -1;
}

static bool failed(struct worker *w, const char *what)
{
    (void)snprintf(w->why, sizeof w->why, "%s (errno %d)", what, errno);
    ERR_clear_error();
    drop(w);
    return false;
}

static bool connect_to(struct worker *w)
{
    const struct timeval wait = { .tv_sec = WAIT_S };
    const int on = 1;
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)opt.port) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (w->fd < 0 || connect(w->fd, (const struct sockaddr *)&to, sizeof to) != 0)
        return failed(w, "no connection");
    (void)setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* only slower without */
    (void)setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    (void)setsockopt(w->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    if (tls == NULL)
        return true;
    w->ssl = SSL_new(tls);
    if (w->ssl == NULL || SSL_set_fd(w->ssl, w->fd) != 1 || SSL_connect(w->ssl) != 1)
        return failed(w, "no TLS");
    return true;
}

static bool send_all(struct worker *w, const char *bytes, size_t len)
{
    while (len > 0) {
        const int most = len > 1 << 20 ? 1 << 20 : (int)len;
        ssize_t n = w->ssl != NULL ? SSL_write(w->ssl, bytes, most)
                                   : send(w->fd, bytes, (size_t)most, MSG_NOSIGNAL);
        if (n <= 0)
            return failed(w, "not sent");
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_more(struct worker *w)
{
    if (w->room - w->have < 1 << 14) {
        if (w->room > ANSWER_MOST)
            return failed(w, "the answer is too long");
        w->room += w->room / 2 + (1 << 16);
        w->in = grow(w->in, w->room);
    }
    ssize_t n = w->ssl != NULL ? SSL_read(w->ssl, w->in + w->have, 1 << 14)
                               : recv(w->fd, w->in + w->have, 1 << 14, 0);
    if (n <= 0)
        return failed(w, "no answer");
    w->have += (size_t)n;
    w->in[w->have] = '\0'; /* the room is larger than what is read */
    return true;
}

static const char *field(const char *head, const char *name)
{
    const size_t n = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, n) == 0 && line[2 + n] == ':')
            return line + 2 + n + 1 + strspn(line + 2 + n + 1, " ");
    }
    return NULL;
}

/* The last chunk is there: the answers of this client's servers have no trailers. */
static bool chunks_end(const struct worker *w, size_t body)
{
    return w->have - body >= 5 && memcmp(w->in + w->have - 5, "0\r\n\r\n", 5) == 0;
}

/* Reads one answer as a whole; nothing may stand behind it. */
static bool read_answer(struct worker *w)
{
    char *head_end;
    w->have = 0;
    do {
        if (!read_more(w))
            return false;
        head_end = strstr(w->in, "\r\n\r\n");
    } while (head_end == NULL);
    const size_t body = (size_t)(head_end - w->in) + 4;
    head_end[2] = '\0'; /* fields are looked for in the head alone */
    const char *length = field(w->in, "Content-Length");
    const char *closes = field(w->in, "Connection");
    const bool is_closed = closes != NULL && strncasecmp(closes, "close", 5) == 0;
    const bool is_chunked = length == NULL && field(w->in, "Transfer-Encoding") != NULL;
    const size_t want = length != NULL ? strtoul(length, NULL, 10) : 0;
    const unsigned long status = w->have > 12 ? strtoul(w->in + 9, NULL, 10) : 0;
    head_end[2] = '\r';
    while (is_chunked ? !chunks_end(w, body) : w->have - body < want) {
        if (!read_more(w))
            return false;
    }
    if (is_closed)
        drop(w);
    if (status == opt.expect)
        return true;
    (void)snprintf(w->why, sizeof w->why, "status %lu", status);
    return false;
}

static void keep_time(struct worker *w, int64_t us)
{
    if (w->done == w->done_room) {
        w->done_room += w->done_room / 2 + 4096;
        w->took_us = grow(w->took_us, w->done_room * sizeof *w->took_us);
    }
    w->took_us[w->done++] = us;
}

static void send_one(struct worker *w, const char *bytes, size_t len)
{
    const int64_t from_us = kt_mono_us();
    if ((w->fd >= 0 || connect_to(w)) && send_all(w, bytes, len) && read_answer(w))
        keep_time(w, kt_mono_us() - from_us);
    else
        w->errors++;
    w->bytes_out += (int64_t)len;
}

static void *work(void *worker)
{
    struct worker *w = worker;
    char *bytes = grow(NULL, form.len + 1);
    if (form.len > 0)
        memcpy(bytes, form.bytes, form.len);
    while (kt_mono_us() < until_us) {
        const long long number = atomic_fetch_add(&sent, 1);
        if (opt.requests > 0 && number >= opt.requests)
            break;
        if (opt.bodies == NULL) {
            fill(bytes, &form);
            send_one(w, bytes, form.len);
        } else if ((size_t)number < forms) {
            send_one(w, each[number].bytes, each[number].len);
        } else {
            break;
        }
    }
    drop(w);
    free(bytes);
    return NULL;
}

/* --- all together --- */

static void make_tls(void)
{
    tls = SSL_CTX_new(TLS_client_method());
    /* who is there does not matter: the server stands on this machine, made for this run */
    if (tls == NULL || SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) != 1)
        end("TLS", "cannot be had");
    if (opt.cert != NULL && (SSL_CTX_use_certificate_chain_file(tls, opt.cert) != 1 ||
                             SSL_CTX_use_PrivateKey_file(tls, opt.key, SSL_FILETYPE_PEM) != 1))
        end(opt.cert, "cannot be read");
}

static int earlier(const void *left, const void *right)
{
    const int64_t *a = left;
    const int64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* " NAME=1.234" of value / per thousandths. */
static void put(const char *name, int64_t value, int64_t per)
{
    value /= per;
    (void)printf(" %s=%lld.%03lld", name, (long long)(value / 1000), (long long)(value % 1000));
}

static int report(struct worker *w, int64_t took_us)
{
    int64_t *all = grow(NULL, sizeof *all);
    size_t done = 0;
    int64_t errors = 0;
    int64_t bytes = 0;
    for (unsigned i = 0; i < opt.connections; i++) {
        all = grow(all, (done + w[i].done + 1) * sizeof *all);
        if (w[i].done > 0)
            memcpy(all + done, w[i].took_us, w[i].done * sizeof *all);
        done += w[i].done;
        errors += w[i].errors;
        bytes += w[i].bytes_out;
        if (w[i].errors > 0 && errors <= 5 + w[i].errors)
            (void)fprintf(stderr, "load_client: %lld errors, the last: %s\n",
                          (long long)w[i].errors, w[i].why);
    }
    qsort(all, done, sizeof *all, earlier);
    if (done == 0)
        all[0] = 0; /* nothing was answered */
    const size_t last = done > 0 ? done - 1 : 0;
    (void)printf("requests=%zu errors=%lld", done, (long long)errors);
    put("seconds", took_us, 1000);
    put("per_s", (int64_t)done * KT_SECOND * 1000 / (took_us > 0 ? took_us : 1), 1);
    put("p50_ms", all[last / 2], 1);
    put("p99_ms", all[last * 99 / 100], 1);
    put("max_ms", all[last], 1);
    (void)printf(" bytes_out=%lld\n", (long long)bytes);
    free(all);
    return errors == 0 && done > 0 ? 0 : 1;
}

static void keep_answer(const struct worker *w)
{
    FILE *file = fopen(opt.answers, "wb");
    if (file == NULL || fwrite(w->in, 1, w->have, file) != w->have || fclose(file) != 0)
        end(opt.answers, "cannot be written");
}

static int run(void)
{
    struct worker *w = calloc(opt.connections, sizeof *w);
    if (w == NULL)
        end("memory", "there is no more");
    const int64_t from_us = kt_mono_us();
    until_us = opt.requests > 0 ? INT64_MAX : from_us + opt.run_us;
    for (unsigned i = 0; i < opt.connections; i++) {
        w[i].fd = -1;
        if (pthread_create(&w[i].thread, NULL, work, &w[i]) != 0)
            end("threads", "there are no more");
    }
    for (unsigned i = 0; i < opt.connections; i++)
        (void)pthread_join(w[i].thread, NULL); /* cannot fail for threads of ours */
    int status = report(w, kt_mono_us() - from_us);
    if (opt.answers != NULL)
        keep_answer(&w[0]);
    for (unsigned i = 0; i < opt.connections; i++) {
        free(w[i].in);
        free(w[i].took_us);
    }
    free(w);
    return status;
}

/* "2", "1.5" */
static int64_t seconds_us(const char *text)
{
    char *end;
    int64_t us = (int64_t)strtoul(text, &end, 10) * KT_SECOND;
    int64_t digit_us = KT_SECOND / 10;
    for (end += *end == '.'; *end >= '0' && *end <= '9'; end++, digit_us /= 10)
        us += (*end - '0') * digit_us;
    return us;
}

static void add_header(const char *line)
{
    const size_t n = strlen(opt.header);
    if (n + strlen(line) + 3 > sizeof opt.header)
        end("--header", "too long");
    (void)snprintf(opt.header + n, sizeof opt.header - n, "%s\r\n", line);
}

static void read_words(int argc, char **argv)
{
    static const struct option known[] = {
        { "port", 1, NULL, 'p' },     { "tls", 0, NULL, 't' },         { "cert", 1, NULL, 'c' },
        { "key", 1, NULL, 'k' },      { "connections", 1, NULL, 'n' }, { "seconds", 1, NULL, 's' },
        { "requests", 1, NULL, 'r' }, { "path", 1, NULL, 'u' },        { "header", 1, NULL, 'h' },
        { "body", 1, NULL, 'b' },     { "first", 1, NULL, 'f' },       { "expect", 1, NULL, 'e' },
        { "answers", 1, NULL, 'a' },  { "bodies", 1, NULL, 'm' },      { NULL, 0, NULL, 0 }
    };
    int word;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the only thread */
    while ((word = getopt_long(argc, argv, "", known, NULL)) != -1) {
        const char *text = optarg != NULL ? optarg : "";
        const unsigned long number = strtoul(text, NULL, 10);
        switch (word) {
        case 'p':
            opt.port = (unsigned)number;
            break;
        case 't':
            opt.is_tls = true;
            break;
        case 'c':
            opt.cert = optarg;
            break;
        case 'k':
            opt.key = optarg;
            break;
        case 'n':
            opt.connections = (unsigned)number;
            break;
        case 's':
            opt.run_us = seconds_us(text);
            break;
        case 'r':
            opt.requests = (int64_t)number;
            break;
        case 'u':
            opt.path = optarg;
            break;
        case 'h':
            add_header(text);
            break;
        case 'b':
            opt.body = optarg;
            break;
        case 'f':
            atomic_store(&next_number, (long long)number);
            break;
        case 'e':
            opt.expect = (unsigned)number;
            break;
        case 'a':
            opt.answers = optarg;
            break;
        case 'm':
            opt.bodies = optarg;
            break;
        default:
            exit(2); /* NOLINT(concurrency-mt-unsafe): the only thread; getopt has said why */
        }
    }
    if (opt.port == 0 || opt.connections == 0 || opt.connections > CONNECTIONS_MOST ||
        (opt.cert == NULL) != (opt.key == NULL) || optind != argc)
        end("words", "--port, 1 to 4096 --connections, --cert with --key");
}

int main(int argc, char **argv)
{
    read_words(argc, argv);
    (void)signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
    if (opt.is_tls)
        make_tls();
    if (opt.bodies != NULL)
        make_each(opt.bodies);
    else
        make_one(opt.body);
    int status = run();
    for (size_t i = 0; i < forms; i++)
        free(each[i].bytes);
    free(each);
    free(form.bytes);
    SSL_CTX_free(tls);
    return status;
}
