#ifndef KT_FORMAT_IDOC_INNER_H
#define KT_FORMAT_IDOC_INNER_H

#include "format/idoc.h"

/* What the files of the IDoc reader share. A table says which field of which segment becomes which
 * field of our record; what a table cannot say stands in the code beside it. */
enum kt_idoc_form {
    KT_IDOC_PLAIN = 0, /* by the type of our field: text, number, day */
    KT_IDOC_NUMBER,    /* text without leading zeros */
    KT_IDOC_FILLED     /* true when there is anything */
};

struct kt_idoc_row {
    const char *segment; /* path below the table's segment: "E1MARCM/E1MARC1"; "": itself */
    const char *only;    /* "QUALF=009": of the segments of that name those only; NULL: all */
    const char *field;   /* "MATNR_LONG|MATNR": the first that says something */
    const char *to;      /* name in our shape; the first row that says something counts */
    enum kt_idoc_form form;
};

struct kt_idoc_table {
    const char *message; /* "MATMAS" */
    const char *segment; /* that its rows begin at: "E1MARAM" */
    const struct kt_shape *shape;
    const struct kt_idoc_row *row; /* ends with {0} */
};
/* All of them, for documentation and tests; ends with NULL. */
extern const struct kt_idoc_table *const kt_idoc_tables[];
extern const struct kt_idoc_table kt_idoc_product, kt_idoc_variant, kt_idoc_customer,
    kt_idoc_delivery, kt_idoc_delivery_line, kt_idoc_invoice, kt_idoc_invoice_line, kt_idoc_status,
    kt_idoc_status_line;

/* The record that is being read and, once something in it cannot be read, why: the first thing is
 * told. */
struct kt_idoc_reader {
    const struct kt_idoc_source *s;
    const struct kt_idoc *idoc;
    int64_t as_of_us;
    struct kt_arena *arena;
    struct kt_changes *changes;
    struct kt_fact_records *facts;
    const char *what; /* "article", "delivery" … */
    struct kt_str key;
    const struct kt_verdict *fault;
};
void kt_idoc_begin(struct kt_idoc_reader *r, const char *what, struct kt_str key);
void kt_idoc_fault(struct kt_idoc_reader *r, const struct kt_xml_node *segment, const char *field,
                   struct kt_str value);

/* Fills the record by the table; returns bit i for each field i that the segments speak of. */
uint64_t kt_idoc_apply(struct kt_idoc_reader *r, const struct kt_idoc_table *t,
                       const struct kt_xml_node *segment, void *record);
uint64_t kt_idoc_bit(const struct kt_shape *shape, const char *field);

/* Without blanks around it; "" when absent, empty or "/" (then *is_said is false; may be NULL).
 * field: "A|B", the first that says something. */
struct kt_str kt_idoc_text(const struct kt_xml_node *segment, const char *field, bool *is_said);
struct kt_str kt_idoc_number(const struct kt_xml_node *segment, const char *field);
bool kt_idoc_is(const struct kt_xml_node *segment, const char *field, const char *value);
/* False: nothing there, or (noted) nothing that can be read. */
bool kt_idoc_dec(struct kt_idoc_reader *r, struct kt_dec *out, const struct kt_xml_node *segment,
                 const char *field);
bool kt_idoc_day(struct kt_idoc_reader *r, struct kt_day *out, const struct kt_xml_node *segment,
                 const char *field);
/* MSGFN 003. */
bool kt_idoc_is_delete(const struct kt_xml_node *segment);
/* The next segment of this name behind `after` (NULL: the first) among the children. */
const struct kt_xml_node *kt_idoc_next(const struct kt_xml_node *parent,
                                       const struct kt_xml_node *after, const char *name);
/* The same, with a value in one of its fields: "QUALF=009". */
const struct kt_xml_node *kt_idoc_only(const struct kt_xml_node *parent, const char *name,
                                       const char *only);
size_t kt_idoc_count(const struct kt_xml_node *parent, const char *name);
/* The same, for lists that are compared with each other; above KT_IDOC_MOST it is a fault and 0. */
enum { KT_IDOC_MOST = 5000 };
size_t kt_idoc_few(struct kt_idoc_reader *r, const struct kt_xml_node *parent, const char *name);
/* ISO 639 in lower case, of the ISO field or of SAP's one-letter key; "": neither is known. */
struct kt_str kt_idoc_language(const struct kt_xml_node *segment, const char *iso,
                               const char *letter, struct kt_arena *a);
/* "1.2500000000000000E+01" reads as "12.5"; absent: not such a number. */
struct kt_str kt_idoc_float_text(struct kt_str text, struct kt_arena *a);

void kt_idoc_add(struct kt_idoc_reader *r, struct kt_change change);

/* Which order a document, or a part of it, speaks of. */
struct kt_idoc_order {
    struct kt_str number; /* in the ERP; "": not said */
    struct kt_str key;    /* ours; "": not said */
};

/* One per message type. */
void kt_idoc_read_article(struct kt_idoc_reader *r);
void kt_idoc_read_class(struct kt_idoc_reader *r);
void kt_idoc_read_customer(struct kt_idoc_reader *r);
void kt_idoc_read_delivery(struct kt_idoc_reader *r);
void kt_idoc_read_invoice(struct kt_idoc_reader *r);
void kt_idoc_read_status(struct kt_idoc_reader *r);

#endif
