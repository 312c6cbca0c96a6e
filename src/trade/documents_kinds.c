/* The kinds of documents that have a title of their own. A const table, any thread. */
#include "trade/documents.h"

const struct kt_document_kind kt_document_kinds[] = {
    { "data_sheet", { "Data sheet", "Datenblatt" } },
    { "declaration_of_conformity", { "EU declaration of conformity", "EU-Konformitätserklärung" } },
    { "energy_label", { "Energy label", "Energielabel" } },
    { "manual", { "Instructions for use", "Gebrauchsanleitung" } },
    { "product_sheet", { "Product information sheet", "Produktdatenblatt" } },
    { "reach", { "REACH declaration", "REACH-Erklärung" } },
    { "rohs", { "RoHS declaration", "RoHS-Erklärung" } },
    { "safety_notice", { "Safety notice", "Sicherheitshinweis" } },
    { 0 },
};

const struct kt_document_kind *kt_document_kind_of(struct kt_str type)
{
    for (const struct kt_document_kind *kind = kt_document_kinds; kind->type != NULL; kind++) {
        if (kt_str_is(type, kind->type))
            return kind;
    }
    return NULL;
}
