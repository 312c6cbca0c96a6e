#ifndef KT_ERP_NAV_FILTER_H
#define KT_ERP_NAV_FILTER_H

#include "base/str.h"

/* NAV filter expressions. Values are data: quoted, so that | & < > = * @ ? ( ) and .. in a number
 * mean themselves. */

/* Longest expression that is written, in characters and in values. */
enum { KT_NAV_FILTER_MAX = 1000, KT_NAV_FILTER_VALUES = 50 };

const char *kt_nav_after(struct kt_str value, struct kt_arena *a); /* >'1000' */
const char *kt_nav_range(struct kt_str first, struct kt_str last,
                         struct kt_arena *a);                  /* '1000'..'1999' */
const char *kt_nav_since(const char *day, struct kt_arena *a); /* 31.12.01.. ; see date.h */
extern const char kt_nav_filled[];                             /* <>'' */

/* 'a'|'b'|'c': takes as many values from *at on as fit, at least one, and moves *at. */
const char *kt_nav_list(const struct kt_str *value, size_t count, size_t *at, struct kt_arena *a);

#endif
