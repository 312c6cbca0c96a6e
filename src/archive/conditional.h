#ifndef KT_ARCHIVE_CONDITIONAL_H
#define KT_ARCHIVE_CONDITIONAL_H

#include "wire/server.h"

/* Conditional and range requests of RFC 9110, for contents whose strong tag is their hash. Pure. */

/* tag: with its quotes. 0: go on; 304: the peer has it already; 412: it wanted another one. */
unsigned kt_condition_status(const struct kt_request *q, struct kt_str tag);

/* 200: all of it; 206: n bytes from `at` on; 416: nothing of it is there. Several ranges are
 * answered with the whole, which RFC 9110, 14.2, allows: many small ones would only cost. */
unsigned kt_range_status(const struct kt_request *q, struct kt_str tag, uint64_t size, uint64_t *at,
                         uint64_t *n);

#endif
