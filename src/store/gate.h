#ifndef KT_STORE_GATE_H
#define KT_STORE_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"

/* Whose turn it is to write into one SQLite file: first come, first served, across all threads of
 * the process. SQLite itself lets whoever polls at the right moment in, so that a bulk load starves
 * small writers for seconds. Inside the store only. */
struct kt_gate;

struct kt_gate *kt_gate_of(uint64_t device, uint64_t file); /* counted: one drop each */
void kt_gate_drop(struct kt_gate *g);                       /* NULL is fine */

/* Waits for the turn, at most until the deadline (kt_mono_us). */
bool kt_gate_enter(struct kt_gate *g, int64_t deadline_us) KT_MUST;
void kt_gate_leave(struct kt_gate *g);
unsigned kt_gate_waiting(struct kt_gate *g); /* how many stand in line */

#ifdef KT_TEST_HOOKS
#include <stdatomic.h>
extern atomic_bool kt_test_gate_off; /* for the comparison in tests/bench */
#endif

#endif
