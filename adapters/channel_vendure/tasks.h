#ifndef KT_CHANNEL_VENDURE_TASKS_H
#define KT_CHANNEL_VENDURE_TASKS_H

#include "adapters/channel_vendure/call.h"

/* Mutations of one kind or of several, many in one request: each is a field of its own under an
 * alias, each its own transaction over there. They run in their order. When one is refused, the
 * shop answers no data at all: those before it have happened, those behind it have not. */
struct vendure_mutation {
    const char *field;     /* "updateProduct" */
    const char *type;      /* of its `input`: "UpdateProductInput!"; NULL: `args` instead */
    bool is_list;          /* input is a list of one, and so is the answer */
    const char *selection; /* "{id}" */
};

enum vendure_fate {
    VENDURE_OPEN = 0,
    VENDURE_DONE,
    VENDURE_REFUSED, /* v says why */
    VENDURE_LOST,    /* it may have happened; id is not known */
    VENDURE_LEFT     /* no time: nothing has happened */
};

struct vendure_task {
    const struct vendure_mutation *mutation;
    struct kt_str input; /* JSON */
    const char *args;    /* `productId:"1",optionGroupId:"2"`: ids only */
    const char *what;    /* what sentences call it */
    const char *entity;  /* whose absence means that the unit itself is gone: "Product" */
    bool is_create;      /* its answer is needed: it says the id */
    enum vendure_fate fate;
    struct kt_str id; /* out, in the arena; what `{id}` answered */
    struct kt_verdict v;
    bool is_gone; /* REFUSED, because what it names is not there */
};

/* Sends all that are OPEN, in as few requests as their size allows. KT_OK: none is OPEN any more.
 * A failure of the talk: what was on its way is LOST with that verdict (or REFUSED, when nothing
 * happened), the rest stays OPEN. what: of the requests. */
enum kt_rc vendure_tasks_run(struct kt_channel *channel, struct vendure_task *task, size_t count,
                             const char *what, struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
