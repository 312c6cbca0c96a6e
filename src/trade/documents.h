#ifndef KT_TRADE_DOCUMENTS_H
#define KT_TRADE_DOCUMENTS_H

#include "base/arena.h"
#include "base/err.h"
#include "model/document.h"

/* What a shape cannot say of a checked document or certificate: its hash is one (written small),
 * languages and markets are codes, it does not end before it begins.
 * Errors KT_REJECT/KT_RECORD: FIELD_INVALID, VALIDITY_REVERSED */
enum kt_rc kt_document_check(struct kt_document *document, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;
enum kt_rc kt_certificate_check(const struct kt_certificate *certificate, struct kt_arena *a,
                                struct kt_err *e) KT_MUST;

#endif
