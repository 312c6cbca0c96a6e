/* The program's first lines: what must hold before anything else runs. Secrets and personal data
 * pass through this process, so it leaves no core dump and no file that others may read. */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "app/cli.h"

/* Blocked before any thread exists, so that all inherit it; cli.c lets them through again where a
 * command runs by hand. SIGXFSZ: a full disk is an error of write(), not an end. */
static int set_signals(void)
{
    sigset_t ours;
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    if (sigemptyset(&ours) != 0 || sigaddset(&ours, SIGTERM) != 0 ||
        sigaddset(&ours, SIGINT) != 0 || sigaddset(&ours, SIGHUP) != 0)
        return -1;
    if (pthread_sigmask(SIG_BLOCK, &ours, NULL) != 0)
        return -1;
    return sigaction(SIGPIPE, &ignore, NULL) != 0 || sigaction(SIGXFSZ, &ignore, NULL) != 0 ? -1
                                                                                            : 0;
}

static int keep_private(void)
{
    struct rlimit none = { 0, 0 };
    (void)umask(077); /* cannot fail */
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        return -1;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int main(int argc, char **argv)
{
    if (set_signals() != 0 || keep_private() != 0) {
        (void)fprintf(stderr, "kontor: this system refuses what a safe start needs\n");
        return 1;
    }
    return kt_cli_run(argc, (const char *const *)argv);
}
