/* What gSOAP calls for the two types of soap_raw.h: elements the contract leaves open, and contents
 * of documents, which may stand in another part of the message and must not be copied. No state,
 * any thread. Called by the generated server of push.wsdl. */
#include "generated/soap_raw.h"

#include <stdsoap2.h>
#include <string.h>

/* gSOAP declares these in every generated header; here once for the compiler. */
void soap_default_xsd__any(struct soap *soap, struct kt_soap_any *a);
void soap_serialize_xsd__any(struct soap *soap, const struct kt_soap_any *a);
int soap_out_xsd__any(struct soap *soap, const char *tag, int id, const struct kt_soap_any *a,
                      const char *type);
struct kt_soap_any *soap_in_xsd__any(struct soap *soap, const char *tag, struct kt_soap_any *a,
                                     const char *type);
void soap_default_xsd__base64Binary(struct soap *soap, struct kt_soap_content *a);
void soap_serialize_xsd__base64Binary(struct soap *soap, const struct kt_soap_content *a);
int soap_out_xsd__base64Binary(struct soap *soap, const char *tag, int id,
                               const struct kt_soap_content *a, const char *type);
struct kt_soap_content *soap_in_xsd__base64Binary(struct soap *soap, const char *tag,
                                                  struct kt_soap_content *a, const char *type);

static const char xop_uri[] = "http://www.w3.org/2004/08/xop/include";
static const char xmime_uri[] = "http://www.w3.org/2005/05/xmlmime";

static const char *local_part(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon == NULL ? name : colon + 1;
}

static char *keep(struct soap *soap, const char *text)
{
    return text == NULL ? NULL : soap_strdup(soap, text);
}

/* The text of the element that is open, or *inside: it begins with an element, which is at hand
 * then. Looking first matters: read as text, elements would become their own source. */
static char *read_text(struct soap *soap, int *inside)
{
    *inside = soap_peek_element(soap) == SOAP_OK;
    if (*inside != 0)
        return NULL;
    if (soap->error != SOAP_NO_TAG)
        return NULL;
    soap->error = SOAP_OK;
    return soap_string_in(soap, 1, 0, -1, NULL);
}

/* Steps over the element at hand and the rest of the one around it, whose end it takes. */
static int skip_rest(struct soap *soap)
{
    soap->peeked = 0;
    if (soap->body != 0 && soap_ignore(soap) != SOAP_OK)
        return soap->error;
    return soap_ignore(soap);
}

void soap_default_xsd__any(struct soap *soap, struct kt_soap_any *a)
{
    (void)soap; /* gSOAP's signature */
    *a = (struct kt_soap_any){ 0 };
}

void soap_serialize_xsd__any(struct soap *soap, const struct kt_soap_any *a)
{
    (void)soap; /* it is only read */
    (void)a;
}

int soap_out_xsd__any(struct soap *soap, const char *tag, int id, const struct kt_soap_any *a,
                      const char *type)
{
    (void)tag; /* it is only read: an answer of ours has nothing open */
    (void)id;
    (void)a;
    (void)type;
    return soap->error = SOAP_TYPE;
}

struct kt_soap_any *soap_in_xsd__any(struct soap *soap, const char *tag, struct kt_soap_any *a,
                                     const char *type)
{
    int inside = 0;
    (void)tag; /* any */
    (void)type;
    if (soap_element_begin_in(soap, NULL, 1, NULL) != SOAP_OK)
        return NULL;
    if (a == NULL && (a = soap_malloc(soap, sizeof *a)) == NULL)
        return NULL;
    *a = (struct kt_soap_any){ .uri = keep(soap, soap_current_namespace_tag(soap, soap->tag)),
                               .name = keep(soap, local_part(soap->tag)) };
    if (soap->null != 0 || soap->body == 0) {
        a->text = soap->null != 0 ? NULL : keep(soap, "");
        return soap->body != 0 && soap_element_end_in(soap, NULL) != SOAP_OK ? NULL : a;
    }
    a->text = read_text(soap, &inside);
    if (inside != 0)
        return skip_rest(soap) == SOAP_OK ? a : NULL;
    return a->text != NULL && soap_element_end_in(soap, NULL) == SOAP_OK ? a : NULL;
}

void soap_default_xsd__base64Binary(struct soap *soap, struct kt_soap_content *a)
{
    (void)soap; /* gSOAP's signature */
    *a = (struct kt_soap_content){ 0 };
}

void soap_serialize_xsd__base64Binary(struct soap *soap, const struct kt_soap_content *a)
{
    (void)soap; /* it is only read */
    (void)a;
}

int soap_out_xsd__base64Binary(struct soap *soap, const char *tag, int id,
                               const struct kt_soap_content *a, const char *type)
{
    (void)tag; /* it is only read: no answer of ours carries a document */
    (void)id;
    (void)a;
    (void)type;
    return soap->error = SOAP_TYPE;
}

/* An attribute of the element at hand by its local name and namespace (NULL: none). */
static const char *attribute(struct soap *soap, const char *name, const char *uri)
{
    for (const struct soap_attribute *at = soap->attributes; at != NULL; at = at->next) {
        if (at->visible == 0 || at->value == NULL || strcmp(local_part(at->name), name) != 0)
            continue;
        const char *found =
            strchr(at->name, ':') == NULL ? NULL : soap_current_namespace_att(soap, at->name);
        if (uri == NULL ? found == NULL : found != NULL && strcmp(found, uri) == 0)
            return at->value;
    }
    return NULL;
}

/* <xop:Include href="cid:…"/>, which is all that may stand in a content beside blanks. */
static int read_include(struct soap *soap, struct kt_soap_content *a)
{
    const char *uri = soap_current_namespace_tag(soap, soap->tag);
    if (strcmp(local_part(soap->tag), "Include") != 0 || uri == NULL || strcmp(uri, xop_uri) != 0)
        return soap->error = SOAP_TAG_MISMATCH;
    const char *href = attribute(soap, "href", NULL);
    if (href == NULL)
        return soap->error = SOAP_HREF;
    a->href = keep(soap, href);
    if (soap_element_begin_in(soap, NULL, 0, NULL) != SOAP_OK)
        return soap->error;
    return soap->body != 0 ? soap_element_end_in(soap, NULL) : SOAP_OK;
}

struct kt_soap_content *soap_in_xsd__base64Binary(struct soap *soap, const char *tag,
                                                  struct kt_soap_content *a, const char *type)
{
    int inside = 0;
    (void)type; /* an xsi:type cannot change how bytes read */
    if (soap_element_begin_in(soap, tag, 1, NULL) != SOAP_OK)
        return NULL;
    if (a == NULL && (a = soap_malloc(soap, sizeof *a)) == NULL)
        return NULL;
    *a = (struct kt_soap_content){ .media_type =
                                       keep(soap, attribute(soap, "contentType", xmime_uri)) };
    if (soap->body == 0) {
        a->text = keep(soap, "");
        return a;
    }
    a->text = read_text(soap, &inside);
    if (inside != 0 ? read_include(soap, a) != SOAP_OK : a->text == NULL)
        return NULL;
    return soap_element_end_in(soap, tag) == SOAP_OK ? a : NULL;
}
