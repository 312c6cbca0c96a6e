#ifndef KT_TRADE_CONTENTS_H
#define KT_TRADE_CONTENTS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* What a file is, by its octets, whatever it is called; pure, and safe on any input. */
enum kt_content_type {
    KT_CONTENT_UNKNOWN = 0,
    KT_CONTENT_PDF,
    KT_CONTENT_PNG,
    KT_CONTENT_JPEG,
    KT_CONTENT_SVG,
    KT_CONTENT_XML,
    KT_CONTENT_TEXT,    /* UTF-8 without control characters */
    KT_CONTENT_ZIP,     /* also office documents */
    KT_CONTENT_PROGRAM, /* ELF, PE, Mach-O, scripts, Java classes */
    KT_CONTENT_TYPES
};

struct kt_content_look {
    enum kt_content_type type;
    const char *media_type; /* "application/pdf"; "application/octet-stream" where unknown */
    bool is_encrypted;      /* of a PDF: it asks for a password or forbids something */
    bool is_empty;          /* no octets, or a PDF without a page */
    bool is_cut;            /* a PDF without its end, a PNG or JPEG without its last part */
    bool is_active;         /* holds what runs: JavaScript, launch actions, embedded files, scripts */
};
void kt_content_sniff(struct kt_content_look *out, struct kt_str octets);

/* May it be kept as a document? declared: the media type or file name's ending that came with it;
 * absent: nothing was said. Errors KT_REJECT/KT_RECORD, each with {record}:
 *   CONTENT_EMPTY, CONTENT_CUT, CONTENT_ENCRYPTED, CONTENT_PROGRAM, CONTENT_ACTIVE,
 *   CONTENT_TYPE {declared} {found}, CONTENT_UNKNOWN, CONTENT_TOO_LARGE {size} {limit} */
struct kt_content_rules {
    int64_t size_max;
    bool takes_active;
};
enum kt_rc kt_content_check(const struct kt_content_rules *rules, struct kt_str octets,
                            struct kt_str declared, const char *record,
                            struct kt_content_look *look, struct kt_err *e) KT_MUST;

#endif
