#ifndef KT_BASE_JSON_H
#define KT_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Strict JSON: RFC 8259, UTF-8 only, no duplicate keys, no lone surrogates, nothing behind the
 * value, depth at most 64, at most a million values; numbers keep the text they arrived with, so
 * decimals stay exact. Parsed values live in the arena and are read-only. A text may hold NUL,
 * written as \u0000: kt_utf8_ok tells. */
struct kt_json;

enum kt_json_type {
    KT_JSON_NULL = 0,
    KT_JSON_BOOL,
    KT_JSON_NUMBER,
    KT_JSON_TEXT,
    KT_JSON_LIST,
    KT_JSON_OBJECT
};

/* Errors: KT_REJECT / JSON_MALFORMED {position} {detail}. */
enum kt_rc kt_json_parse(const struct kt_json **out, struct kt_str text, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;

enum kt_json_type kt_json_type(const struct kt_json *j); /* NULL reads as KT_JSON_NULL */
/* Member of an object; NULL when j is no object or has no such member. */
const struct kt_json *kt_json_get(const struct kt_json *j, const char *name);
const struct kt_json *kt_json_at(const struct kt_json *j, size_t index); /* of a list, or NULL */
size_t kt_json_count(const struct kt_json *j); /* items of a list, members of an object; else 0 */
const char *kt_json_name_at(const struct kt_json *j, size_t index,
                            const struct kt_json **value); /* members in document order */
/* Text of a text, digits of a number as they arrived; absent for all else. In the arena. */
struct kt_str kt_json_text(const struct kt_json *j);
struct kt_str kt_json_text_of(const struct kt_json *j, const char *name);
/* Whole numbers in range only, also written as 1.0 or 1e2. False leaves *out alone. */
bool kt_json_int(const struct kt_json *j, int64_t *out) KT_MUST;
bool kt_json_is_true(const struct kt_json *j);

/* Canonical text: members sorted by name, no blanks, numbers as they arrived. */
void kt_json_write(struct kt_buf *out, const struct kt_json *j);

/* Pieces for writers that walk their own structures: they put commas themselves. */
void kt_json_put_text(struct kt_buf *out, struct kt_str s); /* quoted and escaped */
void kt_json_put_name(struct kt_buf *out, bool *is_first, const char *name); /* ,"name": */

/* Names and values in which two texts differ, as lines `path: old -> new`, for diffs shown to
 * people. Absent old or new reads as {}. */
void kt_json_diff(struct kt_buf *out, const struct kt_json *old_value,
                  const struct kt_json *new_value, const char *indent);

#endif
