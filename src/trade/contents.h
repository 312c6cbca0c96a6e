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
    KT_CONTENT_HTML,
    KT_CONTENT_TEXT,    /* UTF-8 without control characters */
    KT_CONTENT_ZIP,     /* also office documents */
    KT_CONTENT_PROGRAM, /* ELF, PE, Mach-O, scripts, Java classes */
    KT_CONTENT_TYPES
};

/* What can be told from the octets alone, in linear time. What a PDF keeps compressed (object
 * streams of 1.5 and later) is not looked into: then it is never called empty, and what runs may
 * hide there; that is the scanner's work. */
struct kt_content_look {
    enum kt_content_type type;
    const char *media_type; /* "application/pdf"; "application/octet-stream" where unknown */
    bool is_encrypted;      /* a PDF or ZIP that asks for a password, or forbids something */
    bool is_empty;          /* no octets, only blanks, or a PDF without a page */
    bool is_cut;    /* it ends too early: no end of a PDF or XML, no last part of the others */
    bool is_active; /* holds what runs: JavaScript, launch actions, embedded files, scripts,
                     * programs in a ZIP; HTML always */
};
void kt_content_sniff(struct kt_content_look *out, struct kt_str octets);

/* May it be kept as a document? media_type and file_name: what came with it, absent where nothing
 * was said; application/octet-stream and endings that nobody knows say nothing. Errors
 * KT_REJECT/KT_RECORD, each with {record}, the first that is true: CONTENT_EMPTY, CONTENT_TOO_LARGE
 * {size} {limit}, CONTENT_PROGRAM, CONTENT_UNKNOWN, CONTENT_TYPE {declared} {found}, CONTENT_CUT,
 * CONTENT_ENCRYPTED, CONTENT_ACTIVE */
struct kt_content_rules {
    int64_t size_max; /* 0: any */
    bool takes_active;
};
enum kt_rc kt_content_check(const struct kt_content_rules *rules, struct kt_str octets,
                            struct kt_str media_type, struct kt_str file_name, const char *record,
                            struct kt_content_look *look, struct kt_err *e) KT_MUST;

#endif
