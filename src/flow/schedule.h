#ifndef KT_FLOW_SCHEDULE_H
#define KT_FLOW_SCHEDULE_H

#include "base/time.h"

/* Daily slots in a zone: "02:30" in Europe/Berlin. Pure. Where the clock jumps over a slot, it is
 * the instant of the jump; where it shows the slot twice, the first time. */

/* "02:30" to minutes after midnight; false: not that form. */
bool kt_slot_parse(int64_t *minutes, const char *text) KT_MUST;

/* The last slot at or before now, and the first one behind it. */
int64_t kt_slot_last_us(const struct kt_zone *zone, int64_t minutes, int64_t now_us);
int64_t kt_slot_next_us(const struct kt_zone *zone, int64_t minutes, int64_t now_us);

/* When to work next: at once (the last slot) if nothing was done since, else at the next slot.
 * done_us: when the last work that came to its end began. */
int64_t kt_slot_due_us(const struct kt_zone *zone, int64_t minutes, int64_t done_us,
                       int64_t now_us);
/* So late that the service must have been down, or the partner away. */
bool kt_slot_is_late(int64_t slot_us, int64_t now_us);

#endif
