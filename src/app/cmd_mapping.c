/* `kontor mapping`: tries a mapping or a hooks file on a record, and prints the field mapping in
 * force. Main thread. */
#include <string.h>

#include "app/commands.h"
#include "app/mapping_doc.h"
#include "app/mapping_test.h"

static enum kt_exit run(struct kt_app *app)
{
    const struct kt_args *args = &app->args;
    const char *verb = args->words > 1 ? args->word[1] : "";
    if (strcmp(verb, "test") == 0) {
        if (args->words != 4)
            return kt_app_usage(app, "mapping test: FILE and RECORD, like \"SCOPE|SKU-1\"");
        return kt_mapping_test(app, args->word[2], args->word[3]);
    }
    if (strcmp(verb, "doc") == 0 && args->words <= 3)
        return kt_mapping_doc(app, args->words == 3 ? args->word[2] : NULL);
    return kt_app_usage(app, "mapping: test FILE RECORD, or doc [CHANNEL]");
}

static const char *const form[] = { "test FILE RECORD [--channel NAME] [--unit UNIT]",
                                    "doc [CHANNEL]", NULL };
static const struct kt_flag flags[] = {
    { "--channel", "NAME", "test: the channel whose mapping FILE would be; default: the only one" },
    { "--unit", "UNIT", "test: this unit or kind alone; default: all that RECORD has" },
    { 0 }
};

const struct kt_command kt_cmd_mapping = {
    .name = "mapping",
    .summary = "Tries a mapping or rules on a record; prints the field mapping",
    .form = form,
    .about = "test runs FILE instead of the mapping in force: what goes in, what comes out, what "
             "differs from what\nwas last sent. A file with enrich or validate is a hooks file: "
             "the record before and after, and\nwhether it would be refused. RECORD is a key, "
             "like \"SCOPE|SKU-1\", with a unit or kind before it\nwhere one is meant alone: "
             "\"product SCOPE|P-1\". Nothing is written or sent.\n\ndoc lists every field: type, "
             "length, who leads it, how often it is read, what happens on conflict,\nand which "
             "members of which payload it reaches, found by running rules and mapping on samples.",
    .flags = flags,
    .run = run,
};
