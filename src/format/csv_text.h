#ifndef KT_FORMAT_CSV_TEXT_H
#define KT_FORMAT_CSV_TEXT_H

#include "base/arena.h"
#include "base/str.h"

/* Bytes of an enum kt_csv_encoding as UTF-8 with NUL behind. False: not of that encoding, or NUL
 * is among them. */
bool kt_csv_text(struct kt_str *out, struct kt_str bytes, int encoding, struct kt_arena *a) KT_MUST;

#endif
