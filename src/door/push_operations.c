/* The operations of push.wsdl: a row each, and the functions that gSOAP's dispatcher calls. A
 * worker of the door runs them inside kt_soap_serve. */
#include <string.h>

#include "base/time.h"
#include "door/push_forms.h"

#define REQUEST(op, m, t) KT_CHECKED(_push__##op, m, t)

#define COMMON(op, what, type, member)                                                    \
    .name = #op, .answer = KT_PUSH_URI "/" #op "Response", .element = what,               \
    .message_id = REQUEST(op, messageId, char *), .scope = REQUEST(op, scope, char *),    \
    .language = REQUEST(op, language, char *), .count = REQUEST(op, __size##member, int), \
    .record = REQUEST(op, member, struct push__##type *),                                 \
    .any_count = KT_PUSH_MEMBER(type, __size, int),                                       \
    .any = KT_PUSH_MEMBER(type, __any, struct kt_soap_any *)
#define STATE(op, what, type, k, f)                                          \
    COMMON(op, #what, type, what), .kind = (k), .form = &kt_push_##f##_form, \
                                   .as_of = REQUEST(op, asOf, char *),       \
                                   .deleted = KT_PUSH_MEMBER(type, deleted, char *)
#define FACT(op, what, type, member, k, f)                                                     \
    COMMON(op, what, type, member), .kind = (k), .is_fact = true, .form = &kt_push_##f##_form, \
                                    .as_of = KT_PUSH_NOWHERE, .deleted = KT_PUSH_NOWHERE,      \
                                    .content = KT_PUSH_NOWHERE
#define NO_CONTENT .content = KT_PUSH_NOWHERE

const struct kt_push_operation kt_push_operations[] = {
    { STATE(PushProducts, product, Product, KT_KIND_PRODUCT, product), NO_CONTENT },
    { STATE(PushVariants, variant, Variant, KT_KIND_VARIANT, variant), NO_CONTENT },
    { STATE(PushPrices, price, Price, KT_KIND_PRICE, price), NO_CONTENT },
    { STATE(PushStock, stock, Stock, KT_KIND_STOCK, stock), NO_CONTENT },
    { STATE(PushCategories, category, Category, KT_KIND_CATEGORY, category), NO_CONTENT },
    { STATE(PushCustomers, customer, Customer, KT_KIND_CUSTOMER, customer), NO_CONTENT },
    { STATE(PushDocuments, document, Document, KT_KIND_DOCUMENT, document),
      .content = KT_PUSH_MEMBER(Document, content, struct kt_soap_content *) },
    { STATE(PushCertificates, certificate, Certificate, KT_KIND_CERTIFICATE, certificate),
      NO_CONTENT },
    { FACT(PushShipments, "shipment", Shipment, shipment, KT_FACT_SHIPMENT, shipment) },
    { FACT(PushOrderStatus, "orderStatus", OrderStatus, orderStatus, KT_FACT_ORDER_STATUS,
           order_status) },
    { FACT(PushInvoices, "invoice", Invoice, invoice, KT_FACT_INVOICE, invoice) },
    { FACT(PushReturns, "return", Return, return_, KT_FACT_RETURN, return ) },
};
const size_t kt_push_operation_count = KT_COUNT(kt_push_operations);

static int fail(struct kt_push_call *call)
{
    KT_ASSERT(call->e->v.rc != KT_OK);
    return KT_SOAP_FAILED;
}

/* The name that was looked at decided what the partner may do: gSOAP must have found the same. */
static bool is_expected(struct kt_push_call *call, const char *name)
{
    if (kt_str_is(call->m->operation, name))
        return true;
    (void)kt_fail(call->e, KT_REJECT, KT_RECORD, KT_E_SOAP_MALFORMED,
                  KT_P_TEXT("detail", "it can be read in two ways")); /* the caller says so */
    return false;
}

/* What the sender calls the action, wherever it says so. */
static enum kt_rc check_action(const struct kt_push_call *call, const char *name,
                               struct kt_str action)
{
    const char *expected = kt_format(call->arena, KT_PUSH_URI "/%s", name);
    if (action.n == 0 || kt_str_is(action, expected))
        return KT_OK;
    struct kt_str shown = kt_str_copy(call->arena, kt_str_part(action, 0, 100));
    return kt_fail(call->e, KT_REJECT, KT_RECORD, KT_E_SOAP_ACTION_DIFFERS,
                   KT_P_TEXT("action", shown.p), KT_P_TEXT("operation", name));
}

static enum kt_rc check_actions(const struct kt_push_call *call, const char *name,
                                struct kt_str addressed)
{
    enum kt_rc rc = check_action(call, name, call->m->action[0]);
    if (rc == KT_OK)
        rc = check_action(call, name, call->m->action[1]);
    return rc == KT_OK ? check_action(call, name, addressed) : rc;
}

/* The sender's id of the message: in its body, else by WS-Addressing, whose ids many a client makes
 * anew for each call by itself. */
static enum kt_rc choose_id(struct kt_push_call *call, struct kt_str addressed)
{
    struct kt_str *id = &call->out->in.id;
    if (id->n == 0)
        *id = addressed.n > 0 ? addressed : (struct kt_str){ NULL, 0 };
    if (id->n > 0 && kt_utf8_count(*id) > KT_PUSH_ID_MAX)
        return kt_fail(call->e, KT_REJECT, KT_RECORD, KT_E_FIELD_TOO_LONG,
                       KT_P_TEXT("record", call->out->operation), KT_P_TEXT("field", "messageId"),
                       KT_P_NUM("limit", KT_PUSH_ID_MAX));
    return KT_OK;
}

/* Every operation that brings records. */
static int bring(struct soap *ctx, const char *name, const void *request,
                 struct push__Answer *answer)
{
    struct kt_push_call *call = kt_soap_caller(ctx);
    const struct kt_soap_addressing *addressing = kt_soap_addressing_of(ctx);
    const struct kt_push_operation *op = kt_push_operations;
    while (strcmp(op->name, name) != 0)
        op++;
    if (!is_expected(call, name))
        return fail(call);
    call->out->operation = op->name;
    if (check_actions(call, name, addressing->action) != KT_OK ||
        kt_push_read_request(op, request, call, call->e) != KT_OK ||
        choose_id(call, addressing->message_id) != KT_OK)
        return fail(call);
    call->out->ignored += kt_soap_left_out(ctx);
    if (call->out->in.id.n > 0 || call->take == NULL || call->is_secured) /* else not remembered */
        kt_push_set_digest(call);
    if (call->take == NULL)
        return KT_SOAP_STOP;
    if (call->take(call, call->e) != KT_OK)
        return fail(call);
    kt_push_fill_answer(answer, call->out, call->arena);
    kt_soap_relate(ctx, op->answer);
    return SOAP_OK;
}

/* The names of the parameters are those of the generated header. */
#define BRING(op)                                                      \
    int __push__##op(struct soap *ctx, struct _push__##op *push__##op, \
                     struct push__Answer *push__##op##Response)        \
    {                                                                  \
        return bring(ctx, #op, push__##op, push__##op##Response);      \
    }
BRING(PushProducts)
BRING(PushVariants)
BRING(PushPrices)
BRING(PushStock)
BRING(PushCategories)
BRING(PushCustomers)
BRING(PushDocuments)
BRING(PushCertificates)
BRING(PushShipments)
BRING(PushOrderStatus)
BRING(PushInvoices)
BRING(PushReturns)

/* Is somebody there, and as whom does Kontor know me? */
int __push__Ping(struct soap *ctx, struct _push__Ping *push__Ping,
                 struct _push__PingResponse *push__PingResponse)
{
    struct kt_push_call *call = kt_soap_caller(ctx);
    const struct kt_soap_addressing *addressing = kt_soap_addressing_of(ctx);
    char *now = kt_alloc(call->arena, KT_TIME_TEXT_MAX);
    (void)push__Ping; /* it says nothing */
    if (!is_expected(call, "Ping"))
        return fail(call);
    call->out->operation = "Ping";
    if (check_actions(call, "Ping", addressing->action) != KT_OK)
        return fail(call);
    kt_time_text(kt_now_us(), now);
    *push__PingResponse =
        (struct _push__PingResponse){ .partner = kt_text_copy(call->arena, call->partner),
                                      .scope = kt_text_copy(call->arena, call->from->scope),
                                      .version = kt_text_copy(call->arena, KT_VERSION),
                                      .time = now };
    kt_soap_relate(ctx, KT_PUSH_URI "/PingResponse");
    return call->take == NULL ? KT_SOAP_STOP : SOAP_OK;
}
