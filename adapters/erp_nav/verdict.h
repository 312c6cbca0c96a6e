#ifndef KT_ERP_NAV_VERDICT_H
#define KT_ERP_NAV_VERDICT_H

#include "port/erp.h"
#include "wire/soap_fault.h"

/* What a fault of NAV means. Its code is a .NET type and decides; its text is in the service user's
 * language and is for people alone, except for a code in brackets that our own codeunit puts in
 * front of it. */
enum kt_nav_fault {
    KT_NAV_FAULT_OTHER = 0,
    KT_NAV_FAULT_DIALOG,     /* AL Error(): a rule of the business */
    KT_NAV_FAULT_DUPLICATE,  /* the record exists */
    KT_NAV_FAULT_NOT_FOUND,  /* the record does not */
    KT_NAV_FAULT_RELATION,   /* a value that its table does not have */
    KT_NAV_FAULT_FIELD,      /* a value that does not fit its field */
    KT_NAV_FAULT_FILTER,     /* a filter that cannot be read */
    KT_NAV_FAULT_LOCK,       /* somebody else holds the rows; nothing was done */
    KT_NAV_FAULT_CALLBACK,   /* a page or codeunit wants to ask a person */
    KT_NAV_FAULT_STALE,      /* the row was changed or deleted since its key was given out */
    KT_NAV_FAULT_RIGHT,      /* the service user may not */
    KT_NAV_FAULT_COMPANY,    /* there is no such company */
    KT_NAV_FAULT_NO_SERVICE, /* nothing is published under this name */
    KT_NAV_FAULT_REQUEST     /* the request was not understood: another contract */
};

/* By the last part of the type's name. */
enum kt_nav_fault kt_nav_fault_kind(const struct kt_soap_fault *fault);

/* "K014" of "[K014] Der Artikel …" and of "[K014 3] …"; "": none. */
struct kt_str kt_nav_bracket(struct kt_str text, struct kt_arena *a);
/* Then 3, counted from 1; 0: none. */
size_t kt_nav_bracket_line(struct kt_str text);

struct kt_erp;

/* The verdict of a read; replaces what *e holds. label: what was read. */
enum kt_rc kt_nav_read_fault(struct kt_erp *erp, const struct kt_soap_fault *fault,
                             const char *label, struct kt_err *e) KT_MUST;

/* The verdict of an order's create, which NAV has rolled back as a whole whatever went wrong.
 * KT_UNSURE where another session holds our key: what it does with it is not known yet. */
enum kt_rc kt_nav_order_fault(struct kt_erp *erp, const struct kt_soap_fault *fault,
                              const struct kt_order *order, struct kt_arena *a,
                              struct kt_err *e) KT_MUST;

#endif
