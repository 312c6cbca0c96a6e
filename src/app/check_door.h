#ifndef KT_APP_CHECK_DOOR_H
#define KT_APP_CHECK_DOOR_H

#include "app/findings.h"

/* What `kontor check` says of the ways in: listeners, partners that push, folders for files. Opens
 * nothing. */
void kt_check_doors(struct kt_findings *f);

#endif
