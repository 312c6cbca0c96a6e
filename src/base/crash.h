#ifndef KT_BASE_CRASH_H
#define KT_BASE_CRASH_H

/* A named step at which a test build may be told to die: KT_CRASH_AT=order.sent kills the process
 * (SIGKILL) the first time it passes there, order.sent:3 the third time. Nothing in other builds.
 */
#ifdef KT_TEST_HOOKS
void kt_crash_here(const char *step);
#define KT_CRASH_POINT(step) kt_crash_here(step)
#else
#define KT_CRASH_POINT(step) ((void)0)
#endif

#endif
