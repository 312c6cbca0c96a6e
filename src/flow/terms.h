#ifndef KT_FLOW_TERMS_H
#define KT_FLOW_TERMS_H

#include "flow/work.h"

/* Looks at what ends when (site->terms) and keeps an exception open for each that ends within 30
 * days, counted and logged anew 7 days and 1 day before and when it is over. A revocation list is
 * told when it is over: its issuer renews it within hours. What was renewed closes by itself.
 * Outside of any transaction. Called by the house thread. */
enum kt_rc kt_terms_watch(struct kt_work *w, struct kt_err *e) KT_MUST;

#endif
