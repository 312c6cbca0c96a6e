#ifndef KT_FORMAT_IDOC_H
#define KT_FORMAT_IDOC_H

#include "base/hash.h"
#include "base/xml_read.h"
#include "model/fact.h"
#include "model/record.h"

/* IDocs as XML, plain or as the content of a SOAP Body: <MATMAS05><IDOC BEGIN="1"><EDI_DC40 …>.
 * Elements are found by their local names, so that both forms read alike. What is mapped to what
 * stands in docs/sap-push.md. Pure: no network, no database, no clock. */

/* What a message type tells of, by the name under which a partner may be allowed to bring it. */
enum kt_idoc_type {
    KT_IDOC_UNKNOWN = 0,
    KT_IDOC_MATMAS, /* products and variants */
    KT_IDOC_CLFMAS, /* their characteristics */
    KT_IDOC_DEBMAS, /* customers */
    KT_IDOC_DESADV, /* shipments; also SHPMNT, SHPCON, SHPADV, WHSCON */
    KT_IDOC_INVOIC, /* invoices */
    KT_IDOC_ORDRSP, /* order status */
    KT_IDOC_TYPES
};
const char *kt_idoc_type_name(enum kt_idoc_type type); /* "MATMAS"; "" for UNKNOWN */

/* The control record EDI_DC40; what is not there is absent. */
struct kt_idoc_control {
    struct kt_str docnum; /* without leading zeros */
    struct kt_str docnum_sent;
    struct kt_str mestyp;
    struct kt_str idoctyp;
    struct kt_str cimtyp;
    struct kt_str mescod;
    struct kt_str mesfct;
    struct kt_str sndpor, sndprt, sndprn;
    struct kt_str rcvpor, rcvprt, rcvprn;
    struct kt_str credat, cretim;
    struct kt_str serial;
    struct kt_str arckey;
    bool is_test;
};

struct kt_idoc {
    struct kt_idoc_control control;
    enum kt_idoc_type type;
    const struct kt_xml_node *node; /* <IDOC> */
};

struct kt_idocs {
    struct kt_str name; /* of the element around: "MATMAS05" */
    struct kt_idoc *item;
    size_t count;
};

/* message: the element that holds <IDOC>. Errors KT_REJECT SOAP_MALFORMED: there is none. */
enum kt_rc kt_idoc_split(struct kt_idocs *out, const struct kt_xml_node *message,
                         struct kt_arena *a, struct kt_err *e) KT_MUST;

/* When the IDoc was made, in the ERP's zone (NULL: UTC); IDocs of one second keep the order of
 * their SERIAL, else of their DOCNUM. 0: it does not say, nothing that can be read, or a time
 * before 1970. */
int64_t kt_idoc_made_us(const struct kt_idoc_control *control, const struct kt_zone *zone);

/* SHA-256 over names and texts of the data segments, hex: the same for the same IDoc however its
 * XML is laid out. The control record is left out: its status changes when SAP sends again. */
void kt_idoc_digest(const struct kt_idoc *idoc, char out[KT_HASH_TEXT_MAX], struct kt_arena *a);

/* May this IDoc be taken at all? Asked for each of a message before the first one is taken.
 * Errors KT_REJECT IDOC_UNNUMBERED, IDOC_TYPE_UNKNOWN, FIELD_TOO_LONG. */
enum kt_rc kt_idoc_check(const struct kt_idoc *idoc, struct kt_arena *a, struct kt_err *e) KT_MUST;
/* "idoc:ERPCLNT100:815": by which a repeat is known. Of one that was checked. */
struct kt_str kt_idoc_id(const struct kt_idoc *idoc, struct kt_arena *a);

struct kt_idoc_source {
    const char *scope;
    const char *name;           /* of the ERP; leads change.source: "main/MATMAS" */
    const struct kt_zone *zone; /* of CREDAT and CRETIM */
    int64_t now_us; /* an IDoc from later than that (a wrong zone, a clock that runs ahead) says
                     * nothing about when it was made: else all that comes until then would be
                     * stale. 0: that is not asked */
};

/* Adds what the IDoc tells to *changes or to *facts, whose arenas are used. A record that cannot be
 * read gets its fault and stops no other. A change leads only the fields that the IDoc speaks of:
 * a segment that is there speaks of all its fields, one that is not there of none, "/" in a field
 * of nothing. One that is marked as a test adds nothing.
 * Errors KT_REJECT IDOC_TYPE_UNKNOWN */
enum kt_rc kt_idoc_read(const struct kt_idoc *idoc, const struct kt_idoc_source *s,
                        struct kt_changes *changes, struct kt_fact_records *facts,
                        struct kt_err *e) KT_MUST;

/* SHA-256 over names, texts and attributes below `message`, hex, but for its children of one name:
 * the same however the XML is laid out. */
void kt_idoc_tree_digest(const struct kt_xml_node *message, const char *without,
                         char out[KT_HASH_TEXT_MAX], struct kt_arena *a);

/* Our key of an order (kt_order_key) looks like this: 'K' and 31 characters of base32. */
bool kt_idoc_is_our_key(struct kt_str text);
/* A number as people write it: without the zeros that SAP pads digits with. All zeros: "". */
struct kt_str kt_idoc_bare(struct kt_str text);

#endif
