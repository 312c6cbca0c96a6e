#ifndef KT_BENCH_NAV_PAGES_H
#define KT_BENCH_NAV_PAGES_H

#include <stddef.h>

/* A NAV that answers at once, for bench_nav_pull: prepared pages of a walk over `items` items, in
 * which the numbers alone are exchanged. One request at a time, on connections that stay. */

enum { NAV_PAGE = 1000 };

/* Serves on `listener` until it is closed or the process ends. */
void nav_pages_serve(int listener, size_t items);

#endif
