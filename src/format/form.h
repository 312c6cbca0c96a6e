#ifndef KT_FORMAT_FORM_H
#define KT_FORMAT_FORM_H

#include "base/arena.h"
#include "base/str.h"

/* The shape that a foreign contract (WSDL, JSON schema …) gives its records: types as a graph.
 * A named type is one node however often it is used, and may contain itself: walk by path, never
 * without a bound. All of it lives in one arena. */
enum kt_form_base {
    KT_FORM_ANY = 0, /* not known, or anything */
    KT_FORM_TEXT,
    KT_FORM_BOOL,
    KT_FORM_INTEGER,
    KT_FORM_DECIMAL, /* floats as well */
    KT_FORM_DATE,
    KT_FORM_TIME,
    KT_FORM_DATETIME,
    KT_FORM_BINARY,
    KT_FORM_RECORD /* has fields */
};
const char *kt_form_base_name(enum kt_form_base base); /* "text", "decimal number" … in English */

enum { KT_FORM_UNBOUNDED = 0x7fffffff };

struct kt_form_field;

struct kt_form_type {
    struct kt_str name; /* "ItemCard", "char35", "string"; absent: declared in place */
    struct kt_str ns;
    enum kt_form_base base;
    bool is_all;             /* its fields come in any order */
    bool is_choice;          /* one of its fields comes */
    bool is_list;            /* several values, parted by blanks */
    int64_t max_length;      /* characters; -1: no limit is told. xsd:length counts as one */
    int64_t total_digits;    /* -1: not told */
    int64_t fraction_digits; /* -1: not told */
    struct kt_str *value;    /* enumeration */
    size_t values;
    struct kt_form_field *field; /* elements, then attributes; inherited ones first */
    size_t fields;
};

struct kt_form_field {
    struct kt_str name;
    const struct kt_form_type *type; /* never NULL */
    unsigned min;                    /* occurrences */
    unsigned max;                    /* KT_FORM_UNBOUNDED */
    bool is_nillable;
    bool is_attribute;
    bool is_read_only; /* told by some schemas; never by a WSDL */
};

/* By path: "GTIN", "SalesLines/Sales_Order_Line/No". NULL: there is none. */
const struct kt_form_field *kt_form_find(const struct kt_form_type *in, const char *path);

/* The field that is probably meant by the last step of a path: equal when case, '_', '-' and blanks
 * are left out, one contained in the other from its begin or end, or few letters apart. The same
 * path with that name; NULL: none is near. */
const char *kt_form_closest(const struct kt_form_type *in, const char *path, struct kt_arena *a);

#endif
