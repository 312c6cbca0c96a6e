/* What follows from the configuration for one name in it. Pure, any thread. */
#include "flow/site.h"

#include "trade/documents.h"

enum { KEEP_YEARS = 10 };

const struct kt_kind_rule *kt_kind_rule_of(const struct kt_documents_site *site, struct kt_str type)
{
    static const struct kt_kind_rule known = { .keep_years = KEEP_YEARS, .is_public = true };
    static const struct kt_kind_rule unknown = { .keep_years = KEEP_YEARS };
    for (size_t i = 0; i < site->kinds; i++) {
        if (kt_str_is(type, site->kind[i].type))
            return &site->kind[i];
    }
    return kt_document_kind_of(type) != NULL ? &known : &unknown;
}
