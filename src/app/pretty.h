#ifndef KT_APP_PRETTY_H
#define KT_APP_PRETTY_H

#include <stdbool.h>

#include "base/json.h"

/* JSON for people: one value a line, and what differs between two texts, line by line. */
void kt_pretty_json(struct kt_buf *out, const struct kt_json *j);

/* One line of a difference: ' ' both have it, '-' only the old text, '+' only the new one. */
struct kt_diff_line {
    char mark;
    struct kt_str text; /* part of one of the texts */
};

/* The lines of both texts in one list, as few of them changed as can be told in bounded time;
 * *differs: is any? */
struct kt_diff_line *kt_pretty_diff(struct kt_str old_text, struct kt_str new_text, size_t *count,
                                    bool *differs, struct kt_arena *a);

/* Prints what differs with a few lines around it; each line behind `indent`. */
void kt_pretty_put_diff(struct kt_buf *out, const struct kt_diff_line *line, size_t count,
                        const char *indent);
/* The text, each line behind `indent`, made harmless for a terminal. */
void kt_pretty_put_text(struct kt_buf *out, struct kt_str text, const char *indent);

#endif
