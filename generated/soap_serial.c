/* What gSOAP calls for the types that wsdl/typemap.dat takes out of its hands, and the one table
 * its library insists on. No state, any thread. Called by every generated stub. */
#include "generated/soap_types.h"

#include <stdsoap2.h>

/* libgsoapssl needs this symbol. Every context gets its contract's table by soap_set_namespaces(),
 * so this one only carries the envelope. */
struct Namespace namespaces[] = {
    { "SOAP-ENV", "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/*/soap-envelope",
      NULL },
    { "SOAP-ENC", "http://schemas.xmlsoap.org/soap/encoding/", "http://www.w3.org/*/soap-encoding",
      NULL },
    { "xsi", "http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/*/XMLSchema-instance",
      NULL },
    { "xsd", "http://www.w3.org/2001/XMLSchema", "http://www.w3.org/*/XMLSchema", NULL },
    { NULL, NULL, NULL, NULL },
};

/* gSOAP declares the serialisers in every generated header; here once for the compiler. Inputs
 * never carry ids or references (SOAP_XML_TREE is mandatory), so nothing is registered. */
void soap_default_xsd__decimal(struct soap *soap, struct kt_soap_dec *a);
void soap_serialize_xsd__decimal(struct soap *soap, const struct kt_soap_dec *a);
int soap_out_xsd__decimal(struct soap *soap, const char *tag, int id, const struct kt_soap_dec *a,
                          const char *type);
struct kt_soap_dec *soap_in_xsd__decimal(struct soap *soap, const char *tag, struct kt_soap_dec *a,
                                         const char *type);
void soap_default_xsd__dateTime(struct soap *soap, struct kt_soap_instant *a);
void soap_serialize_xsd__dateTime(struct soap *soap, const struct kt_soap_instant *a);
int soap_out_xsd__dateTime(struct soap *soap, const char *tag, int id,
                           const struct kt_soap_instant *a, const char *type);
struct kt_soap_instant *soap_in_xsd__dateTime(struct soap *soap, const char *tag,
                                              struct kt_soap_instant *a, const char *type);

static int put_text(struct soap *soap, const char *tag, int id, const char *type, const char *text)
{
    if (soap_element_begin_out(soap, tag, id, type) != SOAP_OK ||
        soap_string_out(soap, text, 0) != SOAP_OK)
        return soap->error;
    return soap_element_end_out(soap, tag);
}

/* The element's text, or NULL with soap->error set (SOAP_TAG_MISMATCH: another element stands here,
 * which is no failure). */
static const char *get_text(struct soap *soap, const char *tag)
{
    if (soap_element_begin_in(soap, tag, 0, NULL) != SOAP_OK)
        return NULL;
    const char *text = soap->body != 0 ? soap_value(soap) : "";
    if (text == NULL) {
        if (soap->error == SOAP_OK)
            soap->error = SOAP_TYPE;
        return NULL;
    }
    return text;
}

void soap_default_xsd__decimal(struct soap *soap, struct kt_soap_dec *a)
{
    (void)soap; /* gSOAP's signature */
    *a = (struct kt_soap_dec){ 0 };
}

void soap_serialize_xsd__decimal(struct soap *soap, const struct kt_soap_dec *a)
{
    (void)soap; /* nothing to mark: the value holds no pointers */
    (void)a;
}

int soap_out_xsd__decimal(struct soap *soap, const char *tag, int id, const struct kt_soap_dec *a,
                          const char *type)
{
    char text[KT_SOAP_DEC_MAX];
    if (!kt_soap_dec_print(a, text))
        return soap->error = SOAP_TYPE;
    return put_text(soap, tag, id, type, text);
}

struct kt_soap_dec *soap_in_xsd__decimal(struct soap *soap, const char *tag, struct kt_soap_dec *a,
                                         const char *type)
{
    const char *text = get_text(soap, tag);
    (void)type; /* an xsi:type cannot change how a number reads */
    if (text == NULL)
        return NULL;
    if (a == NULL && (a = soap_malloc(soap, sizeof *a)) == NULL) {
        soap->error = SOAP_EOM;
        return NULL;
    }
    if (!kt_soap_dec_parse(text, a)) {
        soap->error = SOAP_TYPE;
        return NULL;
    }
    if (soap->body != 0 && soap_element_end_in(soap, tag) != SOAP_OK)
        return NULL;
    return a;
}

void soap_default_xsd__dateTime(struct soap *soap, struct kt_soap_instant *a)
{
    (void)soap; /* gSOAP's signature */
    *a = (struct kt_soap_instant){ 0 };
}

void soap_serialize_xsd__dateTime(struct soap *soap, const struct kt_soap_instant *a)
{
    (void)soap; /* nothing to mark: the value holds no pointers */
    (void)a;
}

int soap_out_xsd__dateTime(struct soap *soap, const char *tag, int id,
                           const struct kt_soap_instant *a, const char *type)
{
    char text[KT_SOAP_INSTANT_MAX];
    if (!kt_soap_instant_print(a, text))
        return soap->error = SOAP_TYPE;
    return put_text(soap, tag, id, type, text);
}

struct kt_soap_instant *soap_in_xsd__dateTime(struct soap *soap, const char *tag,
                                              struct kt_soap_instant *a, const char *type)
{
    const char *text = get_text(soap, tag);
    (void)type; /* an xsi:type cannot change how an instant reads */
    if (text == NULL)
        return NULL;
    if (a == NULL && (a = soap_malloc(soap, sizeof *a)) == NULL) {
        soap->error = SOAP_EOM;
        return NULL;
    }
    if (!kt_soap_instant_parse(text, a)) {
        soap->error = SOAP_TYPE;
        return NULL;
    }
    if (soap->body != 0 && soap_element_end_in(soap, tag) != SOAP_OK)
        return NULL;
    return a;
}
