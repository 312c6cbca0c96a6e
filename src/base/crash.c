/* Dies at a named step, in test builds only. Any thread; called through KT_CRASH_POINT. SIGKILL, so
 * that no handler, buffer or destructor gets a last word: what survives is what was committed. */
#include "base/crash.h"

#ifdef KT_TEST_HOOKS

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/macros.h"

void kt_crash_here(const char *step)
{
    static atomic_uint passed;
    const char *wanted = getenv("KT_CRASH_AT"); /* NOLINT(concurrency-mt-unsafe): never set later */
    size_t n = strlen(step);
    if (wanted == NULL || strncmp(wanted, step, n) != 0)
        return;
    unsigned turn = 1;
    if (wanted[n] == ':') {
        char *end;
        unsigned long number = strtoul(wanted + n + 1, &end, 10);
        KT_ASSERT(*end == '\0' && number >= 1 && number <= 1000000);
        turn = (unsigned)number;
    } else if (wanted[n] != '\0') {
        return;
    }
    if (atomic_fetch_add(&passed, 1) + 1 == turn)
        (void)kill(getpid(), SIGKILL); /* does not come back */
}

#else

/* Without test hooks there is nothing here, and C wants at least one declaration. */
_Static_assert(sizeof(char) == 1, "a byte");

#endif
