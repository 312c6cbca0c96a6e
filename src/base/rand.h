#ifndef KT_BASE_RAND_H
#define KT_BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

/* From the kernel's generator; aborts when there is none. Never used for ERP keys: those are
 * derived (docs/decisions), so that a restore makes the same ones again. */
void kt_rand_bytes(void *out, size_t n);
int64_t kt_rand_token(void);            /* positive, never 0: a lease's token */
uint32_t kt_rand_below(uint32_t limit); /* uniform in [0, limit) */

#endif
