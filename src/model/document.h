#ifndef KT_MODEL_DOCUMENT_H
#define KT_MODEL_DOCUMENT_H

#include "model/shape.h"

/* A compliance document in one version: declaration of conformity, data sheet, safety notice … The
 * content is a blob (store/blobs.h), found by its hash; versions stand beside each other. */
struct kt_document {
    uint64_t present;
    struct kt_str scope;
    struct kt_str id;          /* the ERP's number of the document */
    struct kt_str version;     /* as the ERP counts it; "" where it does not */
    struct kt_str type;        /* "declaration_of_conformity", "rohs", "data_sheet" … */
    struct kt_list titles;     /* struct kt_text */
    struct kt_list languages;  /* struct kt_ref: ISO 639, lower case; none: for all */
    struct kt_list markets;    /* struct kt_ref: ISO 3166 alpha-2; none: for all */
    struct kt_list products;   /* struct kt_ref: ids of products it covers */
    struct kt_list variants;   /* struct kt_ref: SKUs it covers */
    struct kt_list families;   /* struct kt_ref: product groups it covers */
    struct kt_day valid_from;  /* first day, in the market's zone; absent = always */
    struct kt_day valid_until; /* last day, inclusive; absent = open */
    struct kt_str supersedes;  /* version of the same id that it replaces */
    struct kt_str sha256;      /* of the content, hex */
    int64_t size;              /* of the content, bytes */
    struct kt_str media_type;
    struct kt_str file_name; /* as the sender called it; only for people */
    struct kt_str reference; /* by which its source gives the content out; absent: it came along */
};
extern const struct kt_shape kt_document_shape;

/* Leave to sell variants in markets: CE, UKCA, FCC, UL … */
struct kt_certificate {
    uint64_t present;
    struct kt_str scope;
    struct kt_str scheme; /* "CE", "UKCA", "FCC", "UL" … */
    struct kt_str number;
    struct kt_str issuer;
    struct kt_list markets;  /* struct kt_ref: ISO 3166 alpha-2; none: where the scheme counts */
    struct kt_list products; /* struct kt_ref */
    struct kt_list variants; /* struct kt_ref: SKUs */
    struct kt_list families; /* struct kt_ref: product groups */
    struct kt_day valid_from;
    struct kt_day valid_until; /* last day, inclusive; absent = open */
    int64_t revoked_at;        /* from this instant on it counts no more, whatever the days say */
    struct kt_str document;    /* id of the document that shows it */
};
extern const struct kt_shape kt_certificate_shape;

#endif
