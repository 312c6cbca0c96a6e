#ifndef KT_APP_MAPPING_DOC_H
#define KT_APP_MAPPING_DOC_H

#include "app/app.h"

/* `kontor mapping doc [CHANNEL]`: every field, who leads it, how often it is read, what happens on
 * conflict, and what it becomes on which channel. channel: NULL for all. */
enum kt_exit kt_mapping_doc(struct kt_app *app, const char *channel);

#endif
