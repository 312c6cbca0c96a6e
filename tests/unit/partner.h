#ifndef KT_TEST_PARTNER_H
#define KT_TEST_PARTNER_H

/* Starts and ends tests/unit/partner.py and tells its ports. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct partner {
    char folder[64];
    int http;
    int https;
    int https_client;
    pid_t pid;
    int stop; /* closing it ends the partner */
};

static inline int partner_start(struct partner *p)
{
    int in[2];
    int out[2];
    *p = (struct partner){ .folder = "/tmp/kontor-partner-XXXXXX", .stop = -1 };
    if (mkdtemp(p->folder) == NULL || pipe(in) != 0 || pipe(out) != 0)
        return -1;
    p->pid = fork();
    if (p->pid < 0)
        return -1;
    if (p->pid == 0) {
        if (dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0)
            _exit(127);
        close(in[1]);
        close(out[0]);
        execl("/usr/bin/python3", "python3", "-B", KT_TEST_ROOT "/tests/unit/partner.py", p->folder,
              (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    p->stop = in[1];
    FILE *told = fdopen(out[0], "r");
    char line[80] = "";
    if (told == NULL || fgets(line, sizeof line, told) == NULL)
        return -1;
    fclose(told);
    char *rest = line;
    p->http = (int)strtol(rest, &rest, 10);
    p->https = (int)strtol(rest, &rest, 10);
    p->https_client = (int)strtol(rest, &rest, 10);
    return p->https_client > 0 ? 0 : -1;
}

static inline int partner_stop(struct partner *p)
{
    static const char *const made[] = { "ca.key",       "ca.pem",     "ca.srl",     "client.csr",
                                        "client.ext",   "client.key", "client.pem", "other_ca.key",
                                        "other_ca.pem", "server.csr", "server.ext", "server.key",
                                        "server.pem" };
    int status = 0;
    char path[128];
    close(p->stop);
    waitpid(p->pid, &status, 0);
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", p->folder, made[i]);
        unlink(path);
    }
    return rmdir(p->folder);
}

#endif
