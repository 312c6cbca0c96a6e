#ifndef KT_GENERATED_SOAP_RAW_H
#define KT_GENERATED_SOAP_RAW_H

/* What the server of a contract takes as it was sent (wsdl/kontor/typemap.dat). All texts belong to
 * the gSOAP context. */

/* An element that the contract leaves open (xsd:any). */
struct kt_soap_any {
    char *uri;  /* of its namespace; NULL: none */
    char *name; /* without prefix */
    char *text; /* NULL: it has elements inside, or xsi:nil */
};

/* xsd:base64Binary: as text, or where it stands (xop:Include). Not decoded, not fetched. */
struct kt_soap_content {
    char *text;       /* base64; NULL with href */
    char *href;       /* "cid:…" as it was written; NULL: inline */
    char *media_type; /* xmime:contentType; NULL: not said */
};

#endif
