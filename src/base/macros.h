#ifndef KT_BASE_MACROS_H
#define KT_BASE_MACROS_H

/* The few macros that every room uses. */

#define KT_MUST               __attribute__((warn_unused_result))
#define KT_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define KT_COUNT(array)       (sizeof(array) / sizeof((array)[0]))

/* A broken invariant is a bug of ours, never bad input: say where and abort; the journal resumes.
 */
#define KT_ASSERT(claim) ((claim) ? (void)0 : kt_assert_failed(#claim, __FILE__, __LINE__))

__attribute__((noreturn, cold)) void kt_assert_failed(const char *claim, const char *file,
                                                      int line);

#endif
