/* The shapes of documents and certificates: const tables, any thread. */
#include "model/document.h"

#include "model/record.h"

const struct kt_shape kt_document_shape = { "document", sizeof(struct kt_document),
                                            (const struct kt_field[]){
                                                KT_TEXT(kt_document, scope, 40,
                                                        KT_KEY | KT_REQUIRED),
                                                KT_TEXT(kt_document, id, 64, KT_KEY | KT_REQUIRED),
                                                KT_TEXT(kt_document, version, 40, KT_KEY),
                                                KT_TEXT(kt_document, type, 40, KT_REQUIRED),
                                                KT_LIST(kt_document, titles, kt_text_shape, 0),
                                                KT_LIST(kt_document, languages, kt_ref_shape, 0),
                                                KT_LIST(kt_document, markets, kt_ref_shape, 0),
                                                KT_LIST(kt_document, products, kt_ref_shape, 0),
                                                KT_LIST(kt_document, variants, kt_ref_shape, 0),
                                                KT_LIST(kt_document, families, kt_ref_shape, 0),
                                                KT_DAY(kt_document, valid_from, 0),
                                                KT_DAY(kt_document, valid_until, 0),
                                                KT_TEXT(kt_document, supersedes, 40, 0),
                                                KT_TEXT(kt_document, sha256, 64, KT_REQUIRED),
                                                KT_INTEGER(kt_document, size, 0),
                                                KT_TEXT(kt_document, media_type, 120, 0),
                                                KT_TEXT(kt_document, file_name, 255, 0),
                                                KT_TEXT(kt_document, reference, 200, 0),
                                                { 0 },
                                            } };

const struct kt_shape kt_certificate_shape = {
    "certificate", sizeof(struct kt_certificate),
    (const struct kt_field[]){
        KT_TEXT(kt_certificate, scope, 40, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_certificate, scheme, 40, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_certificate, number, 80, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_certificate, issuer, 200, 0),
        KT_LIST(kt_certificate, markets, kt_ref_shape, 0),
        KT_LIST(kt_certificate, products, kt_ref_shape, 0),
        KT_LIST(kt_certificate, variants, kt_ref_shape, 0),
        KT_LIST(kt_certificate, families, kt_ref_shape, 0),
        KT_DAY(kt_certificate, valid_from, 0),
        KT_DAY(kt_certificate, valid_until, 0),
        KT_INSTANT(kt_certificate, revoked_at, 0),
        KT_TEXT(kt_certificate, document, 64, 0),
        { 0 },
    }
};
