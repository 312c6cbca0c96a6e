#ifndef KT_BASE_ERR_H
#define KT_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "base/str.h"

/* What may be done next. Only flow/policy.c turns a verdict into a fate (docs/errors.md). */
enum kt_rc {
    KT_OK = 0,
    KT_RETRY,  /* nothing happened over there; the same thing may be tried later */
    KT_REJECT, /* the data or a business rule is wrong; a person must act */
    KT_UNSURE, /* sent, answer lost; look it up before sending again */
    KT_CONFIG, /* address, login or certificate is wrong; hold the endpoint, keep the records */
    KT_WAIT    /* a parent is missing; comes back by itself when it arrives */
};

/* Whom a verdict speaks of: the one record at hand, or everything that goes to this endpoint. */
enum kt_reach { KT_RECORD = 0, KT_ENDPOINT };

enum kt_owner { KT_OWNER_CLERK = 0, KT_OWNER_IT, KT_OWNER_PARTNER };
/* What a code speaks of; named in its row of errors.def. */
enum kt_class {
    KT_CLASS_DATA = 0,
    KT_CLASS_RULE,
    KT_CLASS_SETUP,
    KT_CLASS_NETWORK,
    KT_CLASS_PARTNER,
    KT_CLASS_STORE,  /* our own database: says nothing about partner or record */
    KT_CLASS_PROGRAM /* a condition that should not occur */
};
enum kt_lang { KT_LANG_EN = 0, KT_LANG_DE };

/* KT_E_NONE, KT_E_ORDER_SKU_UNKNOWN … : one per row of errors.def */
enum kt_code {
    KT_E_NONE = 0,
#define ERROR(code, owner, class, en, en_do, de, de_do) KT_E_##code,
#include "base/errors.def"
#undef ERROR
    KT_E_COUNT
};

enum { KT_PARAMS = 5, KT_PARAM_MAX = 120, KT_TRAIL_MAX = 480 };

/* One named value of a sentence. Values longer than KT_PARAM_MAX - 1 bytes are cut at a character.
 */
struct kt_param {
    const char *name; /* static; NULL ends the list */
    bool is_personal; /* masked in logs */
    char value[KT_PARAM_MAX];
};

struct kt_verdict {
    enum kt_rc rc;
    enum kt_reach reach;
    enum kt_code code;
    unsigned retry_after_s; /* as the partner asked; 0 = it did not */
    struct kt_param param[KT_PARAMS];
};

/* One per call, on the caller's stack. The first failure is the true one: later ones add trail. */
struct kt_err {
    struct kt_verdict v;
    char
        trail[KT_TRAIL_MAX]; /* for IT: "place: detail; outer place: detail", never personal data */
};

/* What the KT_P_ macros build; values are copied. NULL text reads as "". */
struct kt_param_in {
    const char *name;
    const char *text;
    int64_t number;
    bool is_number;
    bool is_personal;
};

#define KT_P_TEXT(name, text)   ((struct kt_param_in){ (name), (text), 0, false, false })
#define KT_P_PERSON(name, text) ((struct kt_param_in){ (name), (text), 0, false, true })
#define KT_P_NUM(name, number) \
    ((struct kt_param_in){ (name), NULL, (int64_t)(number), true, false })
#define KT_P_END ((struct kt_param_in){ NULL, NULL, 0, false, false })

/* kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_SKU_UNKNOWN, KT_P_TEXT("sku", sku), …)
 * fills *e and returns the verdict, so that `return kt_fail(…)` reads well. At most KT_PARAMS
 * values. KT_ASSERTs that *e holds no failure yet. */
#define kt_fail(e, rc, reach, ...) kt_fail_with((e), (rc), (reach), __VA_ARGS__, KT_P_END)
enum kt_rc kt_fail_with(struct kt_err *e, enum kt_rc rc, enum kt_reach reach, enum kt_code code,
                        ...);

/* The same for one item of many: kt_judge(&result[i].v, KT_REJECT, KT_RECORD, code, …). It
 * overwrites, because results are preset to KT_UNSURE. */
#define kt_judge(v, rc, reach, ...) kt_judge_with((v), (rc), (reach), __VA_ARGS__, KT_P_END)
void kt_judge_with(struct kt_verdict *v, enum kt_rc rc, enum kt_reach reach, enum kt_code code,
                   ...);

/* Adds a place to the trail and returns the verdict that *e already holds. */
enum kt_rc kt_trail(struct kt_err *e, const char *fmt, ...) KT_PRINTF(2, 3);

void kt_err_clear(struct kt_err *e);

const char *kt_rc_name(enum kt_rc rc);       /* "OK", "RETRY" … */
const char *kt_code_name(enum kt_code code); /* "ORDER_SKU_UNKNOWN" */
enum kt_code kt_code_find(const char *name); /* KT_E_NONE when there is none */
enum kt_owner kt_code_owner(enum kt_code code);
enum kt_class kt_code_class(enum kt_code code);
const char *kt_owner_name(enum kt_owner owner); /* "clerk", "it", "partner" */

/* The sentence, or what to do about it, with {name} replaced by the parameters; a name that is
 * not there stays visible as {name}. Into `out`, cut at its size. */
void kt_sentence(const struct kt_verdict *v, enum kt_lang lang, char *out, size_t size);
void kt_suggestion(const struct kt_verdict *v, enum kt_lang lang, char *out, size_t size);

#endif
