#ifndef KT_APP_OUT_H
#define KT_APP_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

/* What commands print: text that cannot steer a terminal, times for people, members of JSON. */

/* Appends text that may come from partners and customers: control characters, direction marks and
 * ill-formed bytes become U+FFFD, so that a customer's name cannot rewrite the screen. */
void kt_out_text(struct kt_buf *out, struct kt_str s);
/* Columns that kt_out_text of s takes on a terminal. */
size_t kt_out_width(struct kt_str s);

void kt_out_instant(struct kt_buf *out, int64_t at_us); /* 2026-03-01T10:00:00Z; "-": 0, never */
void kt_out_age(struct kt_buf *out, int64_t age_us);    /* "12 s", "5 min", "3 h", "4 d" */

/* ,"name":value */
void kt_out_member(struct kt_buf *out, bool *is_first, const char *name, struct kt_str s);
/* Of a column that is never NULL: an empty one is an absent value, null. */
void kt_out_member_given(struct kt_buf *out, bool *is_first, const char *name, struct kt_str s);
void kt_out_member_text(struct kt_buf *out, bool *is_first, const char *name, const char *text);
void kt_out_member_number(struct kt_buf *out, bool *is_first, const char *name, int64_t number);
void kt_out_member_bool(struct kt_buf *out, bool *is_first, const char *name, bool is_true);
void kt_out_member_instant(struct kt_buf *out, bool *is_first, const char *name, int64_t at_us);

/* Counts of a report, {0} at the end: members in JSON, else ` name=number` each. */
struct kt_out_count {
    const char *name;
    int64_t number;
};
void kt_out_counts(struct kt_buf *out, bool is_json, bool *is_first,
                   const struct kt_out_count *count);

/* Verdict, code, owner, both sentences and the parameters, as members. */
void kt_out_verdict(struct kt_buf *out, bool *is_first, const struct kt_verdict *v,
                    enum kt_lang lang);

#endif
