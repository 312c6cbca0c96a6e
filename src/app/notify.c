/* The service manager's notification protocol: one datagram. Main thread; called by cmd_serve.c. */
#include "app/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int kt_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET"); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (path == NULL || path[0] == '\0')
        return 0;
    size_t n = strlen(path);
    if (n >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@')) {
        errno = EINVAL;
        return -1;
    }
    memcpy(address.sun_path, path, n);
    if (path[0] == '@') /* a name without a file */
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    size_t length = offsetof(struct sockaddr_un, sun_path) + n;
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
                          (socklen_t)length);
    int reason = errno;
    (void)close(fd); /* a datagram is sent or not; close tells nothing more */
    errno = reason;
    return sent < 0 ? -1 : 0;
}
