#ifndef KT_FORMAT_SCHEMA_H
#define KT_FORMAT_SCHEMA_H

#include "base/json.h"
#include "format/form.h"

/* A JSON schema (draft 4, as WordPress and OpenAPI write it) as a shape. A list counts as what it
 * holds, so that "images/src" is found; several types at once, mixed and oneOf are anything.
 * References are not followed. NULL or no object: anything. */
const struct kt_form_type *kt_form_of_schema(const struct kt_json *schema, struct kt_arena *a);

/* A record of which only the properties are given, by name: {"sku": {"type": "string"}, …}. */
const struct kt_form_type *kt_form_of_properties(const struct kt_json *properties,
                                                 struct kt_arena *a);

#endif
