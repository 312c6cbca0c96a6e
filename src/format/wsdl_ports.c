/* Services and operations of a WSDL: messages and bindings first, since operations name them. The
 * caller's thread. Called by wsdl.c when the schemas are read. */
#include "format/wsdl_inner.h"

static void read_message(struct kt_reader *r, xmlNode *node)
{
    struct kt_str name = kt_node_attr(r, node, "name");
    if (name.p != NULL)
        (void)kt_symbol_add(r, KT_SYMBOL_MESSAGE, r->wsdl->ns, name,
                            node); /* the first one counts */
}

static bool is_soap(const xmlNode *node, const char *name)
{
    return kt_node_is(node, KT_NS_SOAP, name) || kt_node_is(node, KT_NS_SOAP12, name);
}

/* A child of either SOAP binding. */
static const xmlNode *soap_child(const xmlNode *node, const char *name)
{
    for (const xmlNode *n = node->children; n != NULL; n = n->next) {
        if (is_soap(n, name))
            return n;
    }
    return NULL;
}

static void read_binding(struct kt_reader *r, const xmlNode *binding)
{
    for (xmlNode *n = binding->children; n != NULL; n = n->next) {
        if (!kt_node_is(n, KT_NS_WSDL, "operation"))
            continue;
        struct kt_str name = kt_node_attr(r, n, "name");
        const xmlNode *soap = soap_child(n, "operation");
        struct kt_str action =
            soap == NULL ? (struct kt_str){ 0 } : kt_node_attr(r, soap, "soapAction");
        if (name.p == NULL || action.n == 0)
            continue;
        struct kt_symbol *s = kt_symbol_add(r, KT_SYMBOL_ACTION, r->wsdl->ns, name, n);
        if (s != NULL)
            s->action = action;
    }
}

static void read_ports(struct kt_reader *r, const xmlNode *service, struct kt_wsdl_service *to)
{
    size_t *count = &r->wsdl->services;
    for (const xmlNode *n = service->children; n != NULL; n = n->next) {
        if (!kt_node_is(n, KT_NS_WSDL, "port"))
            continue;
        const xmlNode *address = soap_child(n, "address");
        struct kt_wsdl_service *s = &to[(*count)++];
        s->name = kt_node_attr(r, service, "name");
        s->port = kt_node_attr(r, n, "name");
        s->address = address == NULL ? (struct kt_str){ 0 } : kt_node_attr(r, address, "location");
        if (s->address.p == NULL)
            s->address = KT_STR("");
    }
}

/* A wrapper of our own making around a message's parts. */
static const struct kt_form_field *wrap(struct kt_reader *r, const xmlNode *message,
                                        struct kt_str name)
{
    struct kt_form_type *t = kt_type_new(r, (struct kt_qname){ { 0 }, { 0 } });
    struct kt_form_field *f = KT_NEW(r->arena, struct kt_form_field);
    size_t parts = 0;
    for (const xmlNode *n = message->children; n != NULL; n = n->next)
        parts += kt_node_is(n, KT_NS_WSDL, "part") ? 1 : 0;
    t->base = KT_FORM_RECORD;
    t->field = KT_NEW_ARRAY(r->arena, parts + 1, struct kt_form_field);
    for (const xmlNode *n = message->children; n != NULL; n = n->next) {
        struct kt_str part = { 0 };
        if (kt_node_is(n, KT_NS_WSDL, "part"))
            part = kt_node_attr(r, n, "name");
        if (part.p == NULL)
            continue;
        struct kt_qname q = kt_node_qname(r, n, "type");
        struct kt_form_field *at = &t->field[t->fields++];
        at->name = part;
        at->type = q.name.p == NULL ? kt_type_new(r, q) : kt_type_ref(r, q);
        at->min = at->max = 1;
    }
    f->name = name;
    f->type = t;
    f->min = f->max = 1;
    return f;
}

/* What the message of <input> or <output> holds; NULL: none, or declared elsewhere. */
static const struct kt_form_field *body_of(struct kt_reader *r, const xmlNode *operation,
                                           const char *direction, struct kt_str made_up)
{
    const xmlNode *way = kt_node_child(operation, KT_NS_WSDL, direction);
    struct kt_qname q = { { 0 }, { 0 } };
    if (way != NULL)
        q = kt_node_qname(r, way, "message");
    const struct kt_symbol *message =
        q.name.p == NULL ? NULL : kt_symbol_find(r, KT_SYMBOL_MESSAGE, r->wsdl->ns, q.name);
    if (message == NULL)
        return NULL;
    const xmlNode *part = kt_node_child(message->node, KT_NS_WSDL, "part");
    struct kt_qname element = { { 0 }, { 0 } };
    if (part != NULL)
        element = kt_node_qname(r, part, "element");
    if (element.name.p == NULL)
        return wrap(r, message->node, made_up);
    const struct kt_symbol *s = kt_symbol_find(r, KT_SYMBOL_ELEMENT, element.ns, element.name);
    return s == NULL ? NULL : s->field;
}

static void read_operation(struct kt_reader *r, xmlNode *node)
{
    struct kt_str name = kt_node_attr(r, node, "name");
    if (name.p == NULL || kt_symbol_add(r, KT_SYMBOL_OPERATION, r->wsdl->ns, name, node) == NULL)
        return;
    const struct kt_symbol *action = kt_symbol_find(r, KT_SYMBOL_ACTION, r->wsdl->ns, name);
    struct kt_wsdl_operation *o = &r->wsdl->operation[r->wsdl->operations++];
    o->name = name;
    o->action = action == NULL ? KT_STR("") : action->action;
    o->request = body_of(r, node, "input", name);
    o->answer = body_of(r, node, "output", kt_str_of(kt_format(r->arena, "%sResponse", name.p)));
}

/* Children of all elements `outer` of the document. */
static size_t count_inner(const xmlNode *root, const char *outer, const char *inner)
{
    size_t count = 0;
    for (const xmlNode *n = root->children; n != NULL; n = n->next) {
        for (const xmlNode *c = kt_node_is(n, KT_NS_WSDL, outer) ? n->children : NULL; c != NULL;
             c = c->next)
            count += kt_node_is(c, KT_NS_WSDL, inner) ? 1 : 0;
    }
    return count;
}

void kt_ports_read(struct kt_reader *r, const xmlNode *root)
{
    struct kt_wsdl *w = r->wsdl;
    w->service =
        KT_NEW_ARRAY(r->arena, count_inner(root, "service", "port") + 1, struct kt_wsdl_service);
    w->operation = KT_NEW_ARRAY(r->arena, count_inner(root, "portType", "operation") + 1,
                                struct kt_wsdl_operation);
    for (xmlNode *n = root->children; n != NULL; n = n->next) {
        if (kt_node_is(n, KT_NS_WSDL, "message"))
            read_message(r, n);
        else if (kt_node_is(n, KT_NS_WSDL, "binding"))
            read_binding(r, n);
        else if (kt_node_is(n, KT_NS_WSDL, "service"))
            read_ports(r, n, w->service);
    }
    for (xmlNode *n = root->children; n != NULL; n = n->next) {
        for (xmlNode *o = kt_node_is(n, KT_NS_WSDL, "portType") ? n->children : NULL; o != NULL;
             o = o->next) {
            if (kt_node_is(o, KT_NS_WSDL, "operation"))
                read_operation(r, o);
        }
    }
}
