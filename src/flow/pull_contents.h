#ifndef KT_FLOW_PULL_CONTENTS_H
#define KT_FLOW_PULL_CONTENTS_H

#include "flow/endpoint.h"

/* The contents of documents that an ERP names by reference: fetched, checked and kept before the
 * records are taken. */
struct kt_contents_run {
    struct kt_work *w; /* its arena holds the page; contents have one of their own */
    struct kt_erp_session *s;
    /* Every some seconds, also while a content is read: is the feed still ours? *goes_on false:
     * stop. */
    enum kt_rc (*still)(void *context, bool *goes_on, struct kt_err *e);
    void *context;
};

/* Fills sha256, size and media_type of the documents among the changes. What is stored with the
 * same reference, or kept under the hash that the ERP says, is not fetched. A document whose
 * content is refused gets the fault; the others go on. *goes_on false: it was stopped, and the page
 * must not be taken. Errors KT_RETRY   of the endpoint, SCANNER_DOWN, BLOB_UNWRITTEN: the page may
 * be brought again */
enum kt_rc kt_contents_fetch(const struct kt_contents_run *run, struct kt_changes *changes,
                             bool *goes_on, struct kt_err *e) KT_MUST;

/* For a look without consequences: what is stored is filled in, what would be fetched gets a hash
 * of zeros, unlike all others. */
enum kt_rc kt_contents_guess(struct kt_work *w, struct kt_changes *changes,
                             struct kt_err *e) KT_MUST;

#endif
