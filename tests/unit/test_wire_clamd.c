/* A client of clamd against one that answers as the test says: src/wire/clamd.c. */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "wire/clamd.h"

enum how {
    HONEST,      /* reads all, then says it */
    AT_ONCE,     /* says it before it has read anything, and reads on */
    THEN_CLOSES, /* likewise, and closes */
    SILENT       /* reads all and waits until the other one leaves */
};

struct scanner {
    int listener;
    enum how how;
    const char *answer;
    size_t answer_n;
    char address[128];
    char folder[64];
    pthread_t thread;
    bool is_begun; /* "zINSTREAM" came */
    bool is_ended; /* and the empty piece */
    size_t got;
    uint64_t sum; /* of what came */
};

static bool get(int fd, void *to, size_t n)
{
    char *p = to;
    while (n > 0) {
        const ssize_t got = recv(fd, p, n, 0);
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static void read_all(struct scanner *s, int fd)
{
    static char piece[1 << 20];
    char begin[10] = "";
    uint32_t size = 0;
    s->is_begun = get(fd, begin, sizeof begin) && memcmp(begin, "zINSTREAM", 10) == 0;
    while (s->is_begun && get(fd, &size, sizeof size)) {
        size = ntohl(size);
        s->is_ended = size == 0;
        if (size == 0 || size > sizeof piece || !get(fd, piece, size))
            return;
        for (size_t i = 0; i < size; i++)
            s->sum = s->sum * 31 + (unsigned char)piece[i];
        s->got += size;
    }
}

static void *serve(void *scanner)
{
    struct scanner *s = scanner;
    char c;
    const int fd = accept(s->listener, NULL, NULL);
    if (fd < 0)
        return NULL;
    if (s->how == AT_ONCE || s->how == THEN_CLOSES)
        (void)!send(fd, s->answer, s->answer_n, MSG_NOSIGNAL);
    if (s->how != THEN_CLOSES)
        read_all(s, fd);
    if (s->how == HONEST)
        (void)!send(fd, s->answer, s->answer_n, MSG_NOSIGNAL);
    if (s->how == SILENT)
        (void)!recv(fd, &c, 1, 0);
    (void)close(fd);
    return NULL;
}

static void start(struct scanner *s, enum how how, const char *answer, size_t n)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    *s = (struct scanner){ .how = how, .answer = answer, .answer_n = n };
    memcpy(s->folder, "/tmp/kontor-clamd-XXXXXX", sizeof "/tmp/kontor-clamd-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/ctl", s->folder);
    (void)snprintf(s->address, sizeof s->address, "unix:%s", at.sun_path);
    s->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(s->listener >= 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(s->listener, 1), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void stop(struct scanner *s)
{
    char path[128];
    assert_int_equal(pthread_join(s->thread, NULL), 0);
    assert_int_equal(close(s->listener), 0);
    (void)snprintf(path, sizeof path, "%s/ctl", s->folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(s->folder), 0);
}

static struct kt_err e;
static char found[40];
static bool is_taken;

static enum kt_rc scan(const char *address, struct kt_str bytes)
{
    kt_err_clear(&e);
    const enum kt_rc rc = kt_clamd_scan(address, 2, bytes, &is_taken, found, sizeof found, &e);
    if (rc != KT_OK)
        assert_int_equal(e.v.code, KT_E_SCANNER_DOWN);
    return rc;
}

static enum kt_rc ask(enum how how, const char *answer, size_t n, struct kt_str bytes)
{
    struct scanner s;
    start(&s, how, answer, n);
    const enum kt_rc rc = scan(s.address, bytes);
    stop(&s);
    return rc;
}
#define ASK(how, answer) ask((how), (answer), sizeof(answer), KT_STR("some bytes"))

static void content__is_sent_whole(void **state)
{
    enum { SIZE = 3 * 1000 * 1000 + 7 };
    static char bytes[SIZE];
    struct scanner s;
    uint64_t sum = 0;
    (void)state;
    for (size_t i = 0; i < SIZE; i++) {
        bytes[i] = (char)(i * 7 + i / 1000);
        sum = sum * 31 + (unsigned char)bytes[i];
    }
    start(&s, HONEST, "stream: OK", sizeof "stream: OK");
    assert_int_equal(scan(s.address, (struct kt_str){ bytes, SIZE }), KT_OK);
    stop(&s);
    assert_true(is_taken && s.is_begun && s.is_ended);
    assert_string_equal(found, "");
    assert_int_equal(s.got, SIZE);
    assert_true(s.sum == sum);
    start(&s, HONEST, "stream: OK", sizeof "stream: OK");
    assert_int_equal(scan(s.address, KT_STR("")), KT_OK);
    stop(&s);
    assert_true(s.is_ended && s.got == 0);
}

static void name__of_what_was_found(void **state)
{
    (void)state;
    assert_int_equal(ASK(HONEST, "stream: Eicar-Test-Signature FOUND"), KT_OK);
    assert_true(is_taken);
    assert_string_equal(found, "Eicar-Test-Signature");
    assert_int_equal(ASK(HONEST, "stream: A\x1B[31m\xC3\xA4 FOUND"), KT_OK);
    assert_string_equal(found, "A?[31m??");
    assert_int_equal(
        ASK(HONEST, "stream: A-name-that-is-longer-than-anybody-would-ever-ask-for FOUND"), KT_OK);
    assert_int_equal(strlen(found), sizeof found - 1);
    /* it may well have seen enough */
    assert_int_equal(ASK(AT_ONCE, "stream: Eicar FOUND"), KT_OK);
    assert_string_equal(found, "Eicar");
}

static void too_large__is_told(void **state)
{
    static char bytes[4 << 20];
    (void)state;
    assert_int_equal(ask(THEN_CLOSES, "INSTREAM size limit exceeded. ERROR",
                         sizeof "INSTREAM size limit exceeded. ERROR",
                         (struct kt_str){ bytes, sizeof bytes }),
                     KT_OK);
    assert_false(is_taken);
    assert_string_equal(found, "INSTREAM size limit exceeded. ERROR");
}

static void nonsense__is_no_leave(void **state)
{
    (void)state;
    assert_int_equal(ASK(HONEST, "stream: ok"), KT_RETRY);
    assert_int_equal(ASK(HONEST, "OK"), KT_RETRY);
    assert_int_equal(ASK(HONEST, "stream: OK "), KT_RETRY);
    assert_int_equal(ASK(HONEST, "stream:  FOUND"), KT_RETRY);
    assert_int_equal(ASK(HONEST, "UNKNOWN COMMAND"), KT_RETRY);
    assert_string_equal(e.v.param[0].value, "UNKNOWN COMMAND");
    assert_int_equal(ask(HONEST, "stream: OK", 10, KT_STR("x")), KT_RETRY); /* without its end */
    assert_string_equal(e.v.param[0].value, "its answer has no end");
    assert_int_equal(ask(HONEST, "", 0, KT_STR("x")), KT_RETRY);
    assert_string_equal(e.v.param[0].value, "it closed the connection without an answer");
    static char endless[5000];
    memset(endless, 'a', sizeof endless);
    assert_int_equal(ask(HONEST, endless, sizeof endless, KT_STR("x")), KT_RETRY);
}

/* Whoever says so before it has seen the content cannot know. */
static void early_leave__does_not_count(void **state)
{
    static char bytes[8 << 20];
    struct scanner s;
    (void)state;
    start(&s, THEN_CLOSES, "stream: OK", sizeof "stream: OK");
    assert_int_equal(scan(s.address, (struct kt_str){ bytes, sizeof bytes }), KT_RETRY);
    stop(&s);
}

static void absent_scanner__is_down(void **state)
{
    (void)state;
    const int64_t from_us = kt_mono_us();
    assert_int_equal(scan("unix:/nowhere/clamd.ctl", KT_STR("x")), KT_RETRY);
    assert_int_equal(scan("tcp:127.0.0.1:1", KT_STR("x")), KT_RETRY);
    assert_true(kt_mono_us() - from_us < KT_SECOND);
    assert_int_equal(ASK(SILENT, ""), KT_RETRY);
    assert_string_equal(e.v.param[0].value, "it took too long");
    assert_true(kt_mono_us() - from_us < 10 * KT_SECOND);
}

static void addresses__are_of_this_machine(void **state)
{
    static const char *const fine[] = { "unix:/run/clamav/clamd.ctl", "tcp:127.0.0.1:3310",
                                        "tcp:127.9.9.9:1", "tcp:[::1]:3310" };
    static const char *const wrong[] = { "",
                                         "unix:clamd.ctl",
                                         "/run/clamav/clamd.ctl",
                                         "tcp:192.0.2.1:3310",
                                         "tcp:0.0.0.0:3310",
                                         "tcp:localhost:3310",
                                         "tcp:127.0.0.1",
                                         "tcp:127.0.0.1:",
                                         "tcp:127.0.0.1:0",
                                         "tcp:127.0.0.1:65536",
                                         "tcp:127.0.0.1:33x",
                                         "tcp:[::2]:3310",
                                         "tcp:[::1:3310",
                                         "tcp::3310" };
    char longest[200];
    (void)state;
    for (size_t i = 0; i < KT_COUNT(fine); i++) {
        if (!kt_clamd_is_address(fine[i]))
            fail_msg("refused: %s", fine[i]);
    }
    for (size_t i = 0; i < KT_COUNT(wrong); i++) {
        if (kt_clamd_is_address(wrong[i]))
            fail_msg("taken: %s", wrong[i]);
        assert_int_equal(scan(wrong[i], KT_STR("x")), KT_RETRY);
    }
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    memcpy(longest, "unix:/", 6);
    assert_false(kt_clamd_is_address(longest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content__is_sent_whole),
        cmocka_unit_test(name__of_what_was_found),
        cmocka_unit_test(too_large__is_told),
        cmocka_unit_test(nonsense__is_no_leave),
        cmocka_unit_test(early_leave__does_not_count),
        cmocka_unit_test(absent_scanner__is_down),
        cmocka_unit_test(addresses__are_of_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
