#ifndef KT_STORE_BINDINGS_H
#define KT_STORE_BINDINGS_H

#include "store/past.h"

/* Which versions of documents the lines of orders are bound to. The line is kept as it was when the
 * order came; an answer is never changed: a newer one ends it. */
struct kt_bound_line {
    struct kt_str our_key; /* of the shop's order as a whole */
    struct kt_str line;    /* id of the shop's line */
    struct kt_str channel;
    struct kt_str scope;
    struct kt_goods goods;
    struct kt_str market;
    struct kt_str language;
    int64_t placed_us;
    int64_t dispatched_us; /* KT_NEVER: not yet */
    int64_t produced_us;   /* KT_NEVER: not known */
    bool is_answered;      /* kt_bound_valid_put has answered once; read only */
};

enum kt_axis_of_time { KT_AXIS_SHOWN = 0, KT_AXIS_VALID };
const char *kt_axis_of_time_name(enum kt_axis_of_time axis); /* "shown", "valid" */

struct kt_bound {
    struct kt_str our_key;
    struct kt_str line;
    enum kt_axis_of_time axis;
    struct kt_str type;
    struct kt_str row_key; /* of the document's version */
    int64_t rev;           /* 0: shown, as the channel had it */
    struct kt_str sha256;
    int64_t basis_us; /* the instant it was resolved for */
    int64_t from_us;  /* when this was the answer first */
    int64_t until_us; /* KT_NEVER: it still is */
};

/* A new line with what was shown; a line that is there already keeps what it has. In the open
 * transaction. */
enum kt_rc kt_bound_line_put(struct kt_db *db, const struct kt_bound_line *line,
                             const struct kt_bound *shown, size_t count, struct kt_err *e) KT_MUST;
/* Writes what became known later: goods that were not known, dispatch, production. What the line
 * does not say (empty, KT_NEVER) stays as it is known. In the open transaction. */
enum kt_rc kt_bound_line_update(struct kt_db *db, const struct kt_bound_line *line,
                                struct kt_err *e) KT_MUST;
/* The newest answer for this line: ends what is not in it (another revision, or resolved for
 * another instant, is another answer), begins what is new. In the open transaction, in which the
 * line is its own from then on; *changed: something did. */
enum kt_rc kt_bound_valid_put(struct kt_db *db, const struct kt_bound_line *line,
                              const struct kt_bound *valid, size_t count, int64_t now_us,
                              bool *changed, struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Lines and answers of an order; with_history: also answers that were ended. */
enum kt_rc kt_bound_lines(struct kt_db *db, struct kt_str our_key, struct kt_bound_line **out,
                          size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc kt_bound_of(struct kt_db *db, struct kt_str our_key, bool with_history,
                       struct kt_bound **out, size_t *count, struct kt_arena *a,
                       struct kt_err *e) KT_MUST;
/* Orders bound to a version, as shown or as valid, now or once: for its proof. */
enum kt_rc kt_bound_to(struct kt_db *db, struct kt_str row_key, size_t max, struct kt_bound **out,
                       size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Lines that must be resolved again; a new line is one of them. Marks those that a record covers or
 * ever covered; in the open transaction, or one of its own. A mark put while the line is worked on
 * stays. */
enum kt_rc kt_bound_mark(struct kt_db *db, struct kt_str scope, const struct kt_covered *covered,
                         size_t count, struct kt_err *e) KT_MUST;
/* Those whose product or family was not known so far, now that these goods are. */
enum kt_rc kt_bound_mark_unknown(struct kt_db *db, struct kt_str scope,
                                 const struct kt_goods *goods, size_t count,
                                 struct kt_err *e) KT_MUST;
enum kt_rc kt_bound_mark_order(struct kt_db *db, struct kt_str our_key, struct kt_err *e) KT_MUST;
/* due[i]: to be handed back to `unmark` with line i. Those that were marked most often come last.
 */
enum kt_rc kt_bound_due(struct kt_db *db, size_t max, struct kt_bound_line **out, int64_t **due,
                        size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc kt_bound_unmark(struct kt_db *db, const struct kt_bound_line *line, int64_t due,
                           struct kt_err *e) KT_MUST;

#endif
