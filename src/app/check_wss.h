#ifndef KT_APP_CHECK_WSS_H
#define KT_APP_CHECK_WSS_H

#include "app/findings.h"

/* Opens keys and policies of WS-Security, as `serve` would, for what `check` does afterwards; tells
 * what ends when, who has which policy, and whether the clock can be trusted. */
void kt_check_wss(struct kt_findings *f);

#endif
