/* Rules of src/base/crash.c: a child process passes steps and is told where to die. */
#include "base/crash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef KT_TEST_HOOKS

/* Passes order.sent five times, and others between; tells how often it got there alive. -1 when it
 * ended by itself. */
static int passes_before_death(const char *wanted)
{
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
        if (setenv("KT_CRASH_AT", wanted, 1) != 0)
            _exit(2);
        for (char i = 0; i < 5; i++) {
            KT_CRASH_POINT("order.send");
            KT_CRASH_POINT("order.sent");
            if (write(pipe_ends[1], "x", 1) != 1)
                _exit(2);
        }
        _exit(0);
    }
    assert_int_equal(close(pipe_ends[1]), 0);
    char marks[16];
    int passes = 0;
    ssize_t n;
    while ((n = read(pipe_ends[0], marks, sizeof(marks))) > 0)
        passes += (int)n;
    assert_int_equal(close(pipe_ends[0]), 0);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        return passes;
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(passes, 5);
    return -1;
}

static void crash__kills_at_the_named_step_and_turn(void **state)
{
    (void)state;
    assert_int_equal(passes_before_death("order.sent"), 0);
    assert_int_equal(passes_before_death("order.sent:1"), 0);
    assert_int_equal(passes_before_death("order.sent:3"), 2);
    assert_int_equal(passes_before_death("order.sent:6"), -1);
    assert_int_equal(passes_before_death("order.sen"), -1);
    assert_int_equal(passes_before_death("order.sents"), -1);
    assert_int_equal(passes_before_death(""), -1);
}

#else

static void crash__kills_at_the_named_step_and_turn(void **state)
{
    (void)state;
    KT_CRASH_POINT("order.sent");
    print_message("this build has no test hooks\n");
    skip();
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crash__kills_at_the_named_step_and_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
