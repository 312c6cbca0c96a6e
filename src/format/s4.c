/* S/4HANA's replication messages into facts. Pure, any thread; called by door/s4.c. Children are
 * unqualified and found by name, whatever their order; what is not known is left alone, since sites
 * extend these messages. */
#include "format/s4.h"

#include "format/idoc.h"

#define NAMESPACE "http://sap.com/xi/SD-SLS"

static const struct {
    const char *element;
    const char *record;
    const char *name;
    enum kt_s4_type type;
} types[] = {
    { "SalesOrderBulkReplication", "SalesOrder", "SalesOrder", KT_S4_SALES_ORDER },
    { "CustomerReturnBulkReplication", "CustomerReturn", "CustomerReturn", KT_S4_CUSTOMER_RETURN },
};

const char *kt_s4_type_name(enum kt_s4_type type)
{
    return type == KT_S4_UNKNOWN ? "" : types[type - KT_S4_SALES_ORDER].name;
}

/* --- reading one record --- */

struct reader {
    const char *scope;
    struct kt_arena *arena;
    struct kt_fact_records *facts;
    const char *what;
    struct kt_str key;
    const struct kt_verdict *fault;
};

static struct kt_str text_of(const struct kt_xml_node *node, const char *name)
{
    struct kt_str text = kt_xml_text_of(node, name);
    return text.p == NULL ? KT_STR("") : kt_str_trim(text);
}

static void note(struct reader *r, const char *field, struct kt_str value)
{
    const char *record = kt_format(r->arena, "%s %s", r->what, r->key.p);
    if (r->fault != NULL)
        return;
    struct kt_verdict *v = KT_NEW(r->arena, struct kt_verdict);
    if (value.n == 0)
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING, KT_P_TEXT("record", record),
                 KT_P_TEXT("field", field));
    else
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", record),
                 KT_P_TEXT("field", field), KT_P_TEXT("value", kt_str_copy(r->arena, value).p));
    r->fault = v;
}

static bool read_dec(struct reader *r, struct kt_dec *out, const struct kt_xml_node *node,
                     const char *name)
{
    struct kt_str text = text_of(node, name);
    struct kt_dec d = { 0 };
    if (text.n == 0)
        return false;
    if (!kt_dec_parse(&d, text)) {
        note(r, name, text);
        return false;
    }
    *out = kt_dec_trim(d);
    return true;
}

static bool read_day(struct reader *r, struct kt_day *out, const struct kt_xml_node *node,
                     const char *name)
{
    struct kt_str text = text_of(node, name);
    if (text.n == 0 || kt_str_is(text, "0000-00-00"))
        return false;
    if (kt_day_parse(out, text))
        return true;
    note(r, name, text);
    return false;
}

/* UN/ECE or ISO code beside a quantity. */
static struct kt_str unit_of(const struct kt_xml_node *node, const char *name)
{
    const struct kt_xml_node *quantity = kt_xml_find(node, name);
    struct kt_str unit = { 0 };
    if (quantity != NULL)
        unit = kt_xml_attr_of(quantity, "unitCode");
    return unit.p == NULL ? KT_STR("") : kt_str_trim(unit);
}

static bool is_true(struct kt_str text)
{
    return kt_str_is(text, "true") || kt_str_is(text, "1") || kt_str_is(text, "X");
}

static bool has_attr(const struct kt_xml_node *node, const char *name)
{
    struct kt_str value = kt_xml_attr_of(node, name);
    return value.p != NULL && is_true(kt_str_trim(value));
}

/* 03 is "delete" in SAP's list of action codes. */
static bool is_removed(const struct kt_xml_node *node)
{
    struct kt_str action = kt_xml_attr_of(node, "actionCode");
    return has_attr(node, "deletionIndicator") || kt_str_is(action, "03");
}

static const struct kt_xml_node *next_of(const struct kt_xml_node *parent,
                                         const struct kt_xml_node *after, const char *name)
{
    const struct kt_xml_node *at = after == NULL ? kt_xml_child(parent) : kt_xml_next(after);
    while (at != NULL && !kt_str_is(at->name, name))
        at = kt_xml_next(at);
    return at;
}

static size_t count_of(const struct kt_xml_node *parent, const char *name)
{
    size_t count = 0;
    for (const struct kt_xml_node *at = next_of(parent, NULL, name); at != NULL;
         at = next_of(parent, at, name))
        count++;
    return count;
}

#define PUT_TEXT(r, rec, shape, member, value)                                \
    do {                                                                      \
        struct kt_str text_ = (value);                                        \
        if (text_.n > 0)                                                      \
            (void)KT_PUT(rec, shape, member, kt_str_copy((r)->arena, text_)); \
    } while (0)

/* --- sales orders --- */

struct seen {
    size_t lines;
    size_t rejected;
    size_t confirmed;
};

static void read_schedule(struct reader *r, struct kt_status_line *line,
                          const struct kt_xml_node *item)
{
    struct kt_dec sum = { 0 };
    bool has_sum = false;
    for (const struct kt_xml_node *s = next_of(item, NULL, "ScheduleLine"); s != NULL;
         s = next_of(item, s, "ScheduleLine")) {
        struct kt_dec quantity = { 0 };
        struct kt_day day = { 0 };
        if (!read_dec(r, &quantity, s, "ConfdOrderQtyByMatlAvailCheck"))
            continue;
        if (!kt_dec_add(&sum, sum, quantity))
            note(r, "ConfdOrderQtyByMatlAvailCheck", text_of(s, "ConfdOrderQtyByMatlAvailCheck"));
        has_sum = true;
        if (quantity.units > 0 && read_day(r, &day, s, "ConfirmedDeliveryDate") &&
            kt_day_cmp(day, line->confirmed_on) > 0)
            (void)KT_PUT(line, kt_status_line_shape, confirmed_on, day);
    }
    if (!read_dec(r, &sum, item, "ConfdDelivQtyInOrderQtyUnit") && !has_sum)
        return;
    (void)KT_PUT(line, kt_status_line_shape, confirmed, sum);
}

static void read_order_line(struct reader *r, struct kt_status_line *line,
                            const struct kt_xml_node *item, bool is_ours, struct seen *seen)
{
    struct kt_dec quantity = { 0 };
    struct kt_str reason = text_of(item, "SalesDocumentRjcnReason");
    bool is_rejected = reason.n > 0 || is_removed(item) ||
                       kt_str_is(text_of(item, "SDDocumentRejectionStatus"), "C");
    PUT_TEXT(r, line, kt_status_line_shape, id, kt_idoc_bare(text_of(item, "SalesOrderItemID")));
    if (line->id.n == 0)
        note(r, "Item/SalesOrderItemID", KT_STR(""));
    if (is_ours) /* what another system calls its items is nothing to us */
        PUT_TEXT(r, line, kt_status_line_shape, order_line, text_of(item, "ExternalItemID"));
    PUT_TEXT(r, line, kt_status_line_shape, sku, kt_idoc_bare(text_of(item, "Material")));
    if (read_dec(r, &quantity, item, "RequestedQuantity"))
        (void)KT_PUT(line, kt_status_line_shape, quantity, quantity);
    PUT_TEXT(r, line, kt_status_line_shape, unit, unit_of(item, "RequestedQuantity"));
    (void)KT_PUT(line, kt_status_line_shape, is_rejected, is_rejected);
    PUT_TEXT(r, line, kt_status_line_shape, reason, reason);
    read_schedule(r, line, item);
    seen->lines++;
    seen->rejected += is_rejected ? 1 : 0;
    seen->confirmed += !is_rejected && line->confirmed.units > 0 ? 1 : 0;
}

/* SAP's status letters: A not yet, B partly, C completely. */
static int status_of(const struct kt_xml_node *order, const struct seen *seen)
{
    struct kt_str delivery = text_of(order, "OverallTotalDeliveryStatus");
    if (delivery.n == 0)
        delivery = text_of(order, "OverallDeliveryStatus");
    if (is_removed(order) || kt_str_is(text_of(order, "OverallSDDocumentRejectionSts"), "C") ||
        (seen->lines > 0 && seen->rejected == seen->lines))
        return KT_ERP_CANCELLED;
    if (text_of(order, "DeliveryBlockReason").n > 0 ||
        kt_str_is(text_of(order, "TotalBlockStatus"), "C"))
        return KT_ERP_BLOCKED;
    if (kt_str_is(text_of(order, "OverallOrdReltdBillgStatus"), "C"))
        return KT_ERP_INVOICED;
    if (kt_str_is(delivery, "C"))
        return KT_ERP_DELIVERED;
    if (kt_str_is(delivery, "B"))
        return KT_ERP_PARTLY_DELIVERED;
    return seen->confirmed > 0 ? KT_ERP_CONFIRMED : KT_ERP_OPEN;
}

static void read_order_sums(struct reader *r, struct kt_status_report *to,
                            const struct kt_xml_node *order)
{
    struct kt_dec net = { 0 };
    struct kt_dec tax = { 0 };
    struct kt_dec gross = { 0 };
    bool has_net = read_dec(r, &net, order, "TotalNetAmount");
    bool has_tax = read_dec(r, &tax, order, "TotalTaxAmount");
    PUT_TEXT(r, to, kt_status_report_shape, currency, text_of(order, "TransactionCurrency"));
    if (has_net)
        (void)KT_PUT(to, kt_status_report_shape, net, net);
    if (has_tax)
        (void)KT_PUT(to, kt_status_report_shape, tax, tax);
    if (has_net && has_tax && kt_dec_add(&gross, net, tax))
        (void)KT_PUT(to, kt_status_report_shape, gross, gross);
}

static void read_order(struct reader *r, const struct kt_xml_node *order)
{
    struct kt_status_report *to = KT_NEW(r->arena, struct kt_status_report);
    struct kt_str external = text_of(order, "ExternalDocumentID");
    struct kt_str changed = text_of(order, "LastChangeDateTime");
    int64_t changed_at = 0;
    struct seen seen = { 0 };
    if (!kt_idoc_is_our_key(external))
        external = text_of(order, "PurchaseOrderByCustomer");
    bool is_ours = kt_idoc_is_our_key(external);
    size_t room = count_of(order, "Item");
    struct kt_status_line *line = KT_NEW_ARRAY(r->arena, room + 1, struct kt_status_line);
    for (const struct kt_xml_node *s = next_of(order, NULL, "Item"); s != NULL;
         s = next_of(order, s, "Item"))
        read_order_line(r, &line[seen.lines], s, is_ours, &seen);
    read_order_sums(r, to, order);
    if (changed.n > 0 && !kt_time_parse(&changed_at, changed, true))
        note(r, "LastChangeDateTime", changed);
    if (changed_at != 0)
        (void)KT_PUT(to, kt_status_report_shape, changed_at, changed_at);
    if (is_ours)
        PUT_TEXT(r, to, kt_status_report_shape, order_key, external);
    (void)KT_PUT(to, kt_status_report_shape, order_number, r->key);
    (void)KT_PUT(to, kt_status_report_shape, lines, (struct kt_list){ line, seen.lines });
    if (r->fault != NULL)
        *to = (struct kt_status_report){ 0 };
    (void)KT_PUT(to, kt_status_report_shape, scope, kt_str_of(r->scope));
    (void)KT_PUT(to, kt_status_report_shape, id, r->key);
    (void)KT_PUT(to, kt_status_report_shape, status, status_of(order, &seen));
    kt_facts_add(r->facts, (struct kt_fact_record){ KT_FACT_ORDER_STATUS, r->fault, to });
}

/* --- returns --- */

static void read_return_line(struct reader *r, struct kt_return_line *line,
                             const struct kt_xml_node *item, bool *is_received)
{
    const struct kt_xml_node *info = kt_xml_find(item, "ReturnInformation");
    struct kt_dec quantity = { 0 };
    PUT_TEXT(r, line, kt_return_line_shape, id,
             kt_idoc_bare(text_of(item, "CustomerReturnItemID")));
    if (line->id.n == 0)
        note(r, "Item/CustomerReturnItemID", KT_STR(""));
    PUT_TEXT(r, line, kt_return_line_shape, sku, kt_idoc_bare(text_of(item, "Material")));
    if (read_dec(r, &quantity, item, "RequestedQuantity"))
        (void)KT_PUT(line, kt_return_line_shape, quantity, quantity);
    PUT_TEXT(r, line, kt_return_line_shape, unit, unit_of(item, "RequestedQuantity"));
    PUT_TEXT(r, line, kt_return_line_shape, reason, text_of(info, "ReturnReason"));
    *is_received = *is_received || is_true(text_of(info, "ReturnsMaterialHasBeenReceived"));
}

/* The document that the return refers to: an order (C), an invoice (M), or a delivery (J), whose
 * order is not said. Where the head refers to none, the first item that does counts. */
static void read_reference(struct reader *r, struct kt_return *to, const struct kt_xml_node *doc)
{
    const struct kt_xml_node *head = kt_xml_find(doc, "ReferenceDocument");
    struct kt_str category = text_of(head, "ReferenceSDDocumentCategory");
    struct kt_str number = kt_idoc_bare(text_of(head, "ReferenceSDDocumentID"));
    for (const struct kt_xml_node *s = next_of(doc, NULL, "Item"); s != NULL && number.n == 0;
         s = next_of(doc, s, "Item"))
        number =
            kt_idoc_bare(text_of(kt_xml_find(s, "ReferenceDocumentItem"), "ReferenceSDDocumentID"));
    if (kt_str_is(category, "M"))
        PUT_TEXT(r, to, kt_return_shape, invoice, number);
    else if (category.n == 0 || kt_str_is(category, "C"))
        PUT_TEXT(r, to, kt_return_shape, order_number, number);
}

static void read_return(struct reader *r, const struct kt_xml_node *doc)
{
    struct kt_return *to = KT_NEW(r->arena, struct kt_return);
    struct kt_return_line *line =
        KT_NEW_ARRAY(r->arena, count_of(doc, "Item") + 1, struct kt_return_line);
    size_t lines = 0;
    bool is_received = false;
    struct kt_day day = { 0 };
    for (const struct kt_xml_node *s = next_of(doc, NULL, "Item"); s != NULL;
         s = next_of(doc, s, "Item"))
        read_return_line(r, &line[lines++], s, &is_received);
    bool is_refused =
        is_removed(doc) || kt_str_is(text_of(doc, "OverallSDDocumentRejectionSts"), "C");
    read_reference(r, to, doc);
    if (read_day(r, &day, doc, "CustomerReturnDate"))
        (void)KT_PUT(to, kt_return_shape, returned, day);
    PUT_TEXT(r, to, kt_return_shape, reason, text_of(doc, "SDDocumentReason"));
    (void)KT_PUT(to, kt_return_shape, lines, (struct kt_list){ line, lines });
    if (r->fault != NULL)
        *to = (struct kt_return){ 0 };
    (void)KT_PUT(to, kt_return_shape, scope, kt_str_of(r->scope));
    (void)KT_PUT(to, kt_return_shape, id, r->key);
    (void)KT_PUT(to, kt_return_shape, status,
                 is_refused    ? KT_RETURN_REFUSED
                 : is_received ? KT_RETURN_RECEIVED
                               : KT_RETURN_ANNOUNCED);
    kt_facts_add(r->facts, (struct kt_fact_record){ KT_FACT_RETURN, r->fault, to });
}

/* --- messages --- */

enum kt_rc kt_s4_open(struct kt_s4_message *out, const struct kt_xml_node *node, struct kt_arena *a,
                      struct kt_err *e)
{
    const struct kt_xml_node *header = kt_xml_find(node, "MessageHeader");
    *out = (struct kt_s4_message){ .node = node };
    for (size_t i = 0; i < KT_COUNT(types); i++) {
        if (!kt_str_is(node->name, types[i].element) || !kt_str_is(node->uri, NAMESPACE))
            continue;
        out->type = types[i].type;
        out->records = count_of(node, types[i].record);
    }
    if (out->type == KT_S4_UNKNOWN)
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_SOAP_OPERATION_UNKNOWN,
                       KT_P_TEXT("operation", kt_str_copy(a, node->name).p));
    if (out->records == 0)
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_SOAP_MALFORMED,
                       KT_P_TEXT("detail", "there is no record in it"));
    out->id = text_of(header, "UUID");
    if (out->id.n == 0)
        out->id = text_of(header, "ID");
    out->system = text_of(header, "SenderBusinessSystemID");
    return KT_OK;
}

void kt_s4_digest(const struct kt_s4_message *m, char out[KT_HASH_TEXT_MAX], struct kt_arena *a)
{
    kt_idoc_tree_digest(m->node, "MessageHeader", out, a);
}

void kt_s4_read(const struct kt_s4_message *m, const char *scope, struct kt_fact_records *facts)
{
    struct reader r = { .scope = scope, .arena = facts->arena, .facts = facts };
    const bool is_order = m->type == KT_S4_SALES_ORDER;
    const char *name = types[m->type - KT_S4_SALES_ORDER].record;
    const char *number = is_order ? "SalesOrderID" : "CustomerReturnID";
    for (const struct kt_xml_node *at = next_of(m->node, NULL, name); at != NULL;
         at = next_of(m->node, at, name)) {
        if (has_attr(at, "archivingIndicator"))
            continue; /* the document is as it was; it only stands elsewhere in SAP */
        r.what = is_order ? "order" : "return";
        r.key = kt_str_copy(r.arena, kt_idoc_bare(text_of(at, number)));
        r.fault = NULL;
        if (r.key.n == 0)
            note(&r, number, KT_STR(""));
        if (is_order)
            read_order(&r, at);
        else
            read_return(&r, at);
    }
}
