#ifndef KT_APP_WHO_H
#define KT_APP_WHO_H

#include "base/arena.h"

/* Whom the system takes us for: the actor of what commands do. */
const char *kt_who(struct kt_arena *a);

#endif
