#ifndef KT_DOOR_DROP_INNER_H
#define KT_DOOR_DROP_INNER_H

#include "door/drop_folder.h"

/* Shared by drop_folder.c and drop_file.c only. */

/* openat2 that never leaves the folder and follows no link; -1 with errno. */
int kt_drop_open_beneath(int folder, const char *name, int flags) KT_MUST;
/* The first section whose pattern fits; NULL: none. */
const struct kt_drop_files *kt_drop_rule_for(const struct kt_drop_conf *conf, const char *name);

#endif
