#ifndef KT_BASE_XML_WRITE_H
#define KT_BASE_XML_WRITE_H

#include "base/str.h"

/* Writing XML into a buffer. Names come from us or from the configuration; values from anywhere. */

/* Escaped, fit for text and for attributes in double quotes. Characters that XML forbids become one
 * space each (decision 0012). The text is UTF-8, as all is inside. Absent writes nothing. */
void kt_xml_put_text(struct kt_buf *out, struct kt_str text);
/* <name>text</name>; absent text writes nothing at all. name: see kt_xml_is_name (asserted). */
void kt_xml_put_leaf(struct kt_buf *out, const char *name, struct kt_str text);
/* <name xmlns="uri"> or, uri NULL, <name>. */
void kt_xml_put_begin(struct kt_buf *out, const char *name, const char *uri);
void kt_xml_put_end(struct kt_buf *out, const char *name);

/* A letter or '_', then letters, digits, '.', '-', '_' or anything above ASCII; at most 120 bytes:
 * what may come from a configuration as the name of an element. */
bool kt_xml_is_name(const char *name);

#endif
