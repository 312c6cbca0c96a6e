#ifndef KT_DOOR_PUSH_INNER_H
#define KT_DOOR_PUSH_INNER_H

#include "door/push.h"
#include "generated/push/pushStub.h"
#include "wire/soap_serve.h"

/* What the parts of the push door share; for door/push*.c only. */
#define KT_PUSH_URI "urn:kontor:push:1"
enum { KT_PUSH_ID_MAX = 120 }; /* characters of a message's id */

/* Where the values of a shape stand in gSOAP's struct of the same thing: a row for each field, in
 * the shape's order. All values are texts (wsdl/kontor/typemap.dat). */
struct kt_push_row {
    size_t at;                       /* KT_PUSH_NOWHERE: the contract does not say it (scope) */
    const struct kt_push_form *form; /* part: of it; list: of its items */
};
#define KT_PUSH_NOWHERE SIZE_MAX

struct kt_push_form {
    const struct kt_shape *shape;
    size_t size; /* of gSOAP's struct */
    const struct kt_push_row *row;
    size_t rows;
};

/* One operation that brings records, and where its request says what. */
struct kt_push_operation {
    const char *name;    /* "PushStock" */
    const char *answer;  /* action of its answer */
    const char *element; /* of a record */
    int kind;            /* enum kt_kind, or of facts enum kt_fact_kind */
    bool is_fact;
    const struct kt_push_form *form;
    /* in the request; as_of may be nowhere */
    size_t message_id;
    size_t as_of;
    size_t scope;
    size_t language;
    size_t count;
    size_t record;
    /* in a record; deleted and content may be nowhere */
    size_t deleted;
    size_t content;
    size_t any_count;
    size_t any;
};
extern const struct kt_push_operation kt_push_operations[];
extern const size_t kt_push_operation_count;
extern const struct kt_push_form kt_push_attribute_form;

/* One message on its way through gSOAP. */
struct kt_push_call {
    const struct kt_soap_message *m;
    const struct kt_push_from *from;
    struct kt_push_message *out;
    /* Takes what was read; NULL: it is only read. Fills *e when it fails. */
    enum kt_rc (*take)(struct kt_push_call *call, struct kt_err *e);
    void *taker;
    const char *partner; /* for Ping */
    bool is_secured;     /* remembered even without an id */
    struct kt_arena *arena;
    struct kt_err *e;
};

/* Fills a record from gSOAP's struct. NULL, or why it cannot be read; its keys are set then, too.
 * only_keys: nothing else is looked at. */
const struct kt_verdict *kt_push_fill(void *rec, const struct kt_push_form *form, const void *from,
                                      struct kt_str scope, bool only_keys, struct kt_arena *a);
/* All records of a request. Errors as kt_push_read. */
enum kt_rc kt_push_read_request(const struct kt_push_operation *op, const void *request,
                                struct kt_push_call *call, struct kt_err *e) KT_MUST;
/* Tells this message from others of the same id. */
void kt_push_set_digest(struct kt_push_call *call);
/* One value by its field's type; empty is absent but for texts. False: it cannot be read. */
bool kt_push_read_value(const struct kt_field *f, void *member, const char *text, bool *is_absent,
                        struct kt_arena *a) KT_MUST;

/* Keeps the content of a document and completes its record; *fault: why this one is refused.
 * used[i]: part i of the message was named. */
enum kt_rc kt_push_keep_content(const struct kt_push_call *call, struct kt_document *document,
                                const struct kt_soap_content *content, bool *used,
                                const struct kt_verdict **fault, struct kt_err *e) KT_MUST;
/* Every part but the root is named by a document. */
enum kt_rc kt_push_check_parts(const struct kt_soap_message *m, const bool *used,
                               struct kt_err *e) KT_MUST;

/* What became of each record, in the contract's form. */
void kt_push_fill_answer(struct push__Answer *answer, const struct kt_push_message *m,
                         struct kt_arena *a);

/* GET: the contract with the address at which it was asked for, or a page that leads to it. */
void kt_push_show(const struct kt_request *q, struct kt_reply *r, struct kt_arena *a);

#endif
