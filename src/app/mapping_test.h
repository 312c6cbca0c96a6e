#ifndef KT_APP_MAPPING_TEST_H
#define KT_APP_MAPPING_TEST_H

#include "app/app.h"

/* `kontor mapping test FILE RECORD`: runs a mapping or a hooks file on a record as it is held, and
 * shows what goes in, what comes out and what would change. Writes nothing. */
enum kt_exit kt_mapping_test(struct kt_app *app, const char *file, const char *record);

#endif
