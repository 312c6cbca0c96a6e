/* The end of a process that met a broken invariant. Any thread; called by KT_ASSERT only.
 * Writes one line with the place and aborts, so that a core or the service manager shows it; the
 * journal resumes what was under way. */
#include "base/macros.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void kt_assert_failed(const char *claim, const char *file, int line)
{
    char text[512];
    int n =
        snprintf(text, sizeof(text), "kontor: broken invariant at %s:%d: %s\n", file, line, claim);
    size_t len = n < 0 ? 0 : (size_t)n;
    if (len >= sizeof(text))
        len = sizeof(text) - 1;
    /* Nothing can be done about a failed write here: the process ends either way. */
    if (write(STDERR_FILENO, text, len) < 0)
        abort();
    abort();
}
