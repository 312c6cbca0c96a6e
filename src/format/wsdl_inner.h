#ifndef KT_FORMAT_WSDL_INNER_H
#define KT_FORMAT_WSDL_INNER_H

#include <libxml/tree.h>

#include "format/wsdl.h"

/* What the files of the WSDL reader share while one document is read. */
#define KT_NS_WSDL   "http://schemas.xmlsoap.org/wsdl/"
#define KT_NS_SOAP   "http://schemas.xmlsoap.org/wsdl/soap/"
#define KT_NS_SOAP12 "http://schemas.xmlsoap.org/wsdl/soap12/"
#define KT_NS_SCHEMA "http://www.w3.org/2001/XMLSchema"
#define KT_NS_ENC    "http://schemas.xmlsoap.org/soap/encoding/"

/* FIELDS bounds what groups that name groups may grow to; CHAIN how deep a type may lean on
 * others. */
enum { KT_WSDL_FIELDS_MAX = 300000, KT_WSDL_CHAIN_MAX = 48 };

enum kt_symbol_kind {
    KT_SYMBOL_TYPE = 0,
    KT_SYMBOL_ELEMENT,
    KT_SYMBOL_GROUP,
    KT_SYMBOL_ATTRIBUTE,
    KT_SYMBOL_ATTRIBUTES, /* attributeGroup */
    KT_SYMBOL_MESSAGE,
    KT_SYMBOL_OPERATION,
    KT_SYMBOL_ACTION /* of a binding's operation */
};

enum kt_symbol_state { KT_SYMBOL_NEW = 0, KT_SYMBOL_BUSY, KT_SYMBOL_DONE };

struct kt_symbol {
    enum kt_symbol_kind kind;
    struct kt_str ns;
    struct kt_str name;
    xmlNode *node;
    struct kt_form_type *type;   /* TYPE, GROUP, ATTRIBUTES: a holder of fields */
    struct kt_form_field *field; /* ELEMENT, ATTRIBUTE */
    struct kt_str action;
    enum kt_symbol_state state;
    struct kt_symbol *next;  /* in its bucket */
    struct kt_symbol *after; /* in the order of the document */
};

struct kt_reader {
    xmlDoc *doc;
    struct kt_arena *arena;
    struct kt_wsdl *wsdl;
    struct kt_symbol **bucket;
    struct kt_symbol *first;
    struct kt_symbol *last;
    size_t fields;  /* made so far */
    bool is_full;   /* KT_WSDL_FIELDS_MAX was reached */
    unsigned chain; /* types that are being filled, one for another */
};

/* wsdl_table.c: names of the document, and how its nodes are asked. */
void kt_symbols_init(struct kt_reader *r);
/* Adds it, unless its name is taken: then NULL, since the first one counts. */
struct kt_symbol *kt_symbol_add(struct kt_reader *r, enum kt_symbol_kind kind, struct kt_str ns,
                                struct kt_str name, xmlNode *node);
struct kt_symbol *kt_symbol_find(const struct kt_reader *r, enum kt_symbol_kind kind,
                                 struct kt_str ns, struct kt_str name);

struct kt_qname {
    struct kt_str ns; /* "": none */
    struct kt_str name;
};
bool kt_node_is(const xmlNode *node, const char *ns, const char *name);
xmlNode *kt_node_child(const xmlNode *parent, const char *ns, const char *name); /* or NULL */
struct kt_str kt_node_attr(const struct kt_reader *r, const xmlNode *node,
                           const char *name); /* absent: none */
/* "tns:ItemCard" with the prefix resolved where it stands; name absent: no such attribute. */
struct kt_qname kt_node_qname(const struct kt_reader *r, const xmlNode *node, const char *name);

/* wsdl_type.c */
struct kt_form_type *kt_type_new(struct kt_reader *r, struct kt_qname name);
/* By reference; what the document does not hold is KT_FORM_ANY under its name. Not filled yet. */
struct kt_form_type *kt_type_ref(struct kt_reader *r, struct kt_qname name);
/* By reference and filled, to inherit from: NULL while it leans on itself or too many others. */
const struct kt_form_type *kt_type_base(struct kt_reader *r, struct kt_qname name);
void kt_type_simple(struct kt_reader *r, struct kt_form_type *t, const xmlNode *node);
void kt_type_inherit(struct kt_form_type *t, const struct kt_form_type *base); /* not its fields */
unsigned kt_occurs(struct kt_str text, unsigned otherwise);

/* wsdl_complex.c */
void kt_type_complex(struct kt_reader *r, struct kt_form_type *t, const xmlNode *node);
void kt_type_inline(struct kt_reader *r, struct kt_form_type *t, const xmlNode *element);
void kt_symbol_fill(struct kt_reader *r, struct kt_symbol *s);

/* wsdl_schema.c: all schemas of <types>. */
void kt_schemas_read(struct kt_reader *r, const xmlNode *types);

/* wsdl_ports.c: what stands beside <types>. */
void kt_ports_read(struct kt_reader *r, const xmlNode *root);

#endif
