/* A whole request of push.wsdl into a message for the intake: its head, each record, the customer's
 * own fields, and the digest by which a repeat is known. A worker of the door calls it inside
 * gSOAP's dispatch. */
#include <string.h>

#include "base/time.h"
#include "door/push_inner.h"
#include "model/record.h"

/* gSOAP's requests and records, read by the places that the operation's row names. */
static const void *pointer_at(const void *from, size_t at)
{
    const void *pointer = NULL;
    memcpy(&pointer, (const char *)from + at, sizeof pointer);
    return pointer;
}

static const char *text_at(const void *from, size_t at)
{
    return at == KT_PUSH_NOWHERE ? NULL : pointer_at(from, at);
}

static size_t count_at(const void *from, size_t at)
{
    int count = 0;
    memcpy(&count, (const char *)from + at, sizeof count);
    return count > 0 ? (size_t)count : 0;
}

/* --- the head --- */

static enum kt_lang lang_of(const char *text)
{
    struct kt_str language = kt_str_trim(kt_str_of(text));
    return language.p != NULL && (kt_str_starts(language, "de") || kt_str_starts(language, "DE"))
               ? KT_LANG_DE
               : KT_LANG_EN;
}

/* *as_of_us: when the message arrived. A clock that runs ahead says nothing, or all that others say
 * of these records until then would be stale. */
static enum kt_rc read_as_of(int64_t *as_of_us, const struct kt_push_operation *op,
                             const void *request, struct kt_err *e)
{
    const char *text = text_at(request, op->as_of);
    int64_t said_us = 0;
    if (text == NULL)
        return KT_OK;
    if (kt_time_parse(&said_us, kt_str_trim(kt_str_of(text)), false)) {
        *as_of_us = said_us <= kt_now_us() ? said_us : *as_of_us;
        return KT_OK;
    }
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", op->name),
                   KT_P_TEXT("field", "asOf"), kt_shape_param(op->form->shape, "value", text));
}

/* --- a customer's own fields --- */

static enum kt_rc unknown(const char *name, struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_SOAP_ELEMENT_UNKNOWN, KT_P_TEXT("element", name));
}

static const struct kt_field *attributes_of(const struct kt_shape *shape)
{
    const struct kt_field *f = kt_field_find(shape, "attributes");
    return f != NULL && f->type == KT_TYPE_LIST && f->items == &kt_attribute_shape ? f : NULL;
}

static void add_attributes(void *rec, const struct kt_push_form *form,
                           const struct kt_soap_any *any, size_t count, struct kt_push_call *call)
{
    const struct kt_field *f = attributes_of(form->shape);
    size_t own = 0;
    for (size_t i = 0; f != NULL && i < count; i++)
        own += any[i].text != NULL;
    call->out->ignored += count - own;
    if (own == 0)
        return;
    struct kt_list *list = kt_field_at_mut(rec, f);
    struct kt_attribute *item = KT_NEW_ARRAY(call->arena, list->count + own, struct kt_attribute);
    if (list->count > 0)
        memcpy(item, list->item, list->count * sizeof *item);
    for (size_t i = 0; i < count; i++) {
        if (any[i].text == NULL)
            continue;
        struct kt_attribute *to = &item[list->count++];
        KT_PUT(to, kt_attribute_shape, code, kt_str_copy(call->arena, kt_str_of(any[i].name)));
        KT_PUT(to, kt_attribute_shape, value, kt_str_copy(call->arena, kt_str_of(any[i].text)));
    }
    list->item = item;
    kt_field_mark(rec, form->shape, f);
}

/* What the contract leaves open is for elements of other namespaces: one of ours, or of none, is
 * misspelt or stands there twice. */
static enum kt_rc read_any(void *rec, const struct kt_push_operation *op, const void *from,
                           struct kt_push_call *call, struct kt_err *e)
{
    size_t count = count_at(from, op->any_count);
    const struct kt_soap_any *any = NULL;
    if (count == 0)
        return KT_OK;
    any = pointer_at(from, op->any);
    for (size_t i = 0; i < count; i++) {
        const char *uri = any[i].uri;
        if (uri == NULL || *uri == '\0' || strcmp(uri, KT_PUSH_URI) == 0)
            return unknown(any[i].name, e);
    }
    add_attributes(rec, op->form, any, count, call);
    return KT_OK;
}

/* --- records --- */

/* What all records of one request share. */
struct common {
    struct kt_str scope;
    int64_t as_of_us;
    bool *used; /* parts that a document named */
};

static const struct kt_verdict *bad_flag(const struct kt_push_operation *op, const void *rec,
                                         const char *text, struct kt_arena *a)
{
    struct kt_verdict *v = KT_NEW(a, struct kt_verdict);
    kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID,
             KT_P_TEXT("record", kt_shape_label(op->form->shape, rec, a)),
             KT_P_TEXT("field", "deleted"), kt_shape_param(op->form->shape, "value", text));
    return v;
}

static enum kt_rc read_content(const struct kt_push_operation *op, const void *from,
                               struct kt_change *change, const struct common *common,
                               struct kt_push_call *call, struct kt_err *e)
{
    const struct kt_soap_content *content = NULL;
    if (op->content == KT_PUSH_NOWHERE)
        return KT_OK;
    content = pointer_at(from, op->content);
    if (change->is_deleted && content == NULL)
        return KT_OK;
    return kt_push_keep_content(call, change->record, content, common->used, &change->fault, e);
}

static enum kt_rc read_state(const struct kt_push_operation *op, const void *from,
                             const struct common *common, struct kt_push_call *call,
                             struct kt_err *e)
{
    static const struct kt_field flag = { .name = "deleted", .type = KT_TYPE_BOOL };
    struct kt_change change = { .kind = (enum kt_kind)op->kind, .as_of_us = common->as_of_us };
    const char *deleted = text_at(from, op->deleted);
    bool is_absent = false;
    bool is_readable = deleted == NULL || kt_push_read_value(&flag, &change.is_deleted, deleted,
                                                             &is_absent, call->arena);
    change.record = kt_alloc(call->arena, op->form->shape->size);
    change.fault =
        kt_push_fill(change.record, op->form, from, common->scope, change.is_deleted, call->arena);
    if (!is_readable)
        change.fault = bad_flag(op, change.record, deleted, call->arena);
    enum kt_rc rc = change.is_deleted ? KT_OK : read_any(change.record, op, from, call, e);
    if (rc == KT_OK)
        rc = read_content(op, from, &change, common, call, e);
    if (rc == KT_OK)
        kt_changes_add(&call->out->in.changes, change);
    return rc;
}

static enum kt_rc read_fact(const struct kt_push_operation *op, const void *from,
                            const struct common *common, struct kt_push_call *call,
                            struct kt_err *e)
{
    struct kt_fact_record fact = { .kind = (enum kt_fact_kind)op->kind };
    fact.record = kt_alloc(call->arena, op->form->shape->size);
    fact.fault = kt_push_fill(fact.record, op->form, from, common->scope, false, call->arena);
    enum kt_rc rc = read_any(fact.record, op, from, call, e);
    if (rc == KT_OK)
        kt_facts_add(&call->out->in.facts, fact);
    return rc;
}

/* The same content is the same message, whatever stands in its Header (a time, a new signature). */
void kt_push_set_digest(struct kt_push_call *call)
{
    const struct kt_mime *mime = &call->m->mime;
    uint8_t digest[KT_HASH_BYTES];
    char *text = kt_alloc(call->arena, KT_HASH_TEXT_MAX);
    struct kt_hash *h = kt_hash_new(call->arena);
    kt_hash_put(h, call->m->body.p, call->m->body.n);
    for (size_t i = 0; i < mime->parts; i++) {
        if (&mime->part[i] == mime->root)
            continue;
        kt_hash_put(h, mime->part[i].id.p, mime->part[i].id.n);
        kt_hash_put(h, "", 1); /* where the id ends */
        kt_hash_put(h, mime->part[i].body.p, mime->part[i].body.n);
    }
    kt_hash_end(h, digest);
    kt_hex(digest, sizeof digest, text);
    call->out->in.digest = kt_str_of(text);
}

static enum kt_rc read_records(const struct kt_push_operation *op, const void *request,
                               const struct common *common, struct kt_push_call *call,
                               struct kt_err *e)
{
    const size_t count = count_at(request, op->count);
    const char *record = NULL;
    enum kt_rc rc = KT_OK;
    if (count == 0)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING, KT_P_TEXT("record", op->name),
                       KT_P_TEXT("field", op->element));
    record = pointer_at(request, op->record);
    for (size_t i = 0; i < count && rc == KT_OK; i++) {
        const void *from = record + i * op->form->size;
        rc = op->is_fact ? read_fact(op, from, common, call, e)
                         : read_state(op, from, common, call, e);
    }
    return rc == KT_OK ? kt_push_check_parts(call->m, common->used, e) : rc;
}

enum kt_rc kt_push_read_request(const struct kt_push_operation *op, const void *request,
                                struct kt_push_call *call, struct kt_err *e)
{
    struct kt_inbound *in = &call->out->in;
    struct kt_str scope = kt_str_trim(kt_str_of(text_at(request, op->scope)));
    struct kt_str id = kt_str_trim(kt_str_of(text_at(request, op->message_id)));
    struct common common = { .as_of_us = call->from->as_of_us };
    common.scope = kt_str_copy(call->arena, scope.n > 0 ? scope : kt_str_of(call->from->scope));
    common.used = KT_NEW_ARRAY(call->arena, call->m->mime.parts + 1, bool);
    call->out->lang = lang_of(text_at(request, op->language));
    in->id = id.n > 0 ? kt_str_copy(call->arena, id) : (struct kt_str){ NULL, 0 };
    in->changes.arena = call->arena;
    in->facts.arena = call->arena;
    enum kt_rc rc = read_as_of(&common.as_of_us, op, request, e);
    return rc == KT_OK ? read_records(op, request, &common, call, e) : rc;
}
