#ifndef KT_BASE_LOG_H
#define KT_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* One line per event on standard error:
 *   2026-03-01T10:00:00.250Z warn event=order.parked channel="b2b" attempt=3 email=<hidden len=14>
 * Personal and secret values have field kinds of their own and are never written. Text is quoted,
 * control characters escaped, so a value cannot forge a line. Lines are written whole (one write)
 * and hold at most KT_LOG_LINE_MAX bytes; what was cut off shows as cut=yes. */
enum { KT_LOG_LINE_MAX = 4096 };

enum kt_log_level { KT_LOG_DEBUG = 0, KT_LOG_INFO, KT_LOG_WARN, KT_LOG_ERROR };

enum kt_field_kind { KT_F_END = 0, KT_F_TEXT, KT_F_STR, KT_F_NUM, KT_F_PERSON, KT_F_SECRET };

struct kt_log_field {
    enum kt_field_kind kind;
    const char *name;
    const char *text;
    int64_t number; /* the value; of a KT_F_STR its bytes, since a slice has no NUL behind */
};

#define F_TEXT(name, text)   ((struct kt_log_field){ KT_F_TEXT, (name), (text), 0 })
#define F_STR(name, str)     ((struct kt_log_field){ KT_F_STR, (name), (str).p, (int64_t)(str).n })
#define F_NUM(name, number)  ((struct kt_log_field){ KT_F_NUM, (name), NULL, (int64_t)(number) })
#define F_PERSON(name, text) ((struct kt_log_field){ KT_F_PERSON, (name), (text), 0 })
#define F_SECRET(name, text) ((struct kt_log_field){ KT_F_SECRET, (name), (text), 0 })

enum { KT_LOG_CARRIED = 4 };

/* A logger carries fields (channel, job, worker) that it adds to each line. A value type: copy it
 * and add; the texts of carried fields must outlive it. */
struct kt_log {
    enum kt_log_level least;
    struct kt_log_field carried[KT_LOG_CARRIED];
    unsigned count;
};

struct kt_log kt_log_with(const struct kt_log *log, struct kt_log_field field);

#define F_END ((struct kt_log_field){ KT_F_END, NULL, NULL, 0 })

/* kt_log_warn(log, "order.parked", F_TEXT("code", code), F_NUM("attempt", n)) */
#define kt_log_debug(log, ...) kt_log_line((log), KT_LOG_DEBUG, __VA_ARGS__, F_END)
#define kt_log_info(log, ...)  kt_log_line((log), KT_LOG_INFO, __VA_ARGS__, F_END)
#define kt_log_warn(log, ...)  kt_log_line((log), KT_LOG_WARN, __VA_ARGS__, F_END)
#define kt_log_error(log, ...) kt_log_line((log), KT_LOG_ERROR, __VA_ARGS__, F_END)
void kt_log_line(const struct kt_log *log, enum kt_log_level level, const char *event, ...);

/* A failure: code, verdict, its parameters (personal ones masked) and the trail, then the fields.
 * kt_log_failure(log, KT_LOG_WARN, "pull.failed", &e, F_TEXT("erp", name)) */
#define kt_log_failure(log, level, event, ...) \
    kt_log_failure_with((log), (level), (event), __VA_ARGS__, F_END)
void kt_log_failure_with(const struct kt_log *log, enum kt_log_level level, const char *event,
                         const struct kt_err *e, ...);

bool kt_log_level_parse(enum kt_log_level *out, const char *name) KT_MUST;

#endif
