/* Faults of our SOAP services, written without gSOAP: they must be possible when it could not read
 * the message at all. Pure functions over a buffer; a door's worker calls them. */
#include <string.h>

#include "base/xml_write.h"
#include "wire/soap_serve.h"

enum { SENTENCE_MAX = 2000 };

static const char *const envelope_uri[] = { [KT_SOAP_1_1] =
                                                "http://schemas.xmlsoap.org/soap/envelope/",
                                            [KT_SOAP_1_2] =
                                                "http://www.w3.org/2003/05/soap-envelope" };

static bool may_come_again(const struct kt_verdict *v)
{
    return v->rc == KT_RETRY || v->rc == KT_UNSURE;
}

bool kt_soap_is_ours(const struct kt_verdict *v)
{
    return v->rc != KT_REJECT || kt_code_class(v->code) == KT_CLASS_PROGRAM;
}

/* SOAP 1.2, part 2, 7.5.2.2: Sender is 400, all others 500. */
unsigned kt_soap_fault_status(enum kt_soap_version version, const struct kt_verdict *v)
{
    bool is_envelope = v->code == KT_E_SOAP_VERSION || v->code == KT_E_SOAP_HEADER_UNKNOWN;
    if (may_come_again(v))
        return 503;
    return version == KT_SOAP_1_2 && !kt_soap_is_ours(v) && !is_envelope ? 400 : 500;
}

const char *kt_soap_content_type(enum kt_soap_version version)
{
    return version == KT_SOAP_1_2 ? "application/soap+xml; charset=utf-8"
                                  : "text/xml; charset=utf-8";
}

static const char *fault_code(const struct kt_soap_fault_out *f)
{
    bool is_1_2 = f->version == KT_SOAP_1_2;
    if (f->v->code == KT_E_SOAP_VERSION)
        return "VersionMismatch";
    if (f->v->code == KT_E_SOAP_HEADER_UNKNOWN)
        return "MustUnderstand";
    if (kt_soap_is_ours(f->v))
        return is_1_2 ? "Receiver" : "Server";
    return is_1_2 ? "Sender" : "Client";
}

static void put_block(struct kt_buf *out, const char *name, struct kt_str text)
{
    if (text.p == NULL)
        return;
    kt_xml_put_begin(out, name, "http://www.w3.org/2005/08/addressing");
    kt_xml_put_text(out, text);
    kt_xml_put_end(out, name);
}

static void put_header(struct kt_buf *out, const struct kt_soap_fault_out *f)
{
    if (f->addressing == NULL || !f->addressing->is_used)
        return;
    kt_buf_text(out, "<e:Header>");
    put_block(out, "Action", kt_str_of(f->action));
    put_block(out, "RelatesTo", f->addressing->message_id);
    kt_buf_text(out, "</e:Header>");
}

static void put_problem(struct kt_buf *out, const struct kt_soap_fault_out *f, const char *sentence)
{
    char text[SENTENCE_MAX];
    kt_xml_put_begin(out, "problem", f->uri);
    kt_xml_put_leaf(out, "code", kt_str_of(kt_code_name(f->v->code)));
    kt_xml_put_leaf(out, "sentence", kt_str_of(sentence));
    kt_suggestion(f->v, f->lang, text, sizeof text);
    kt_xml_put_leaf(out, "suggestion", kt_str_of(text));
    if (may_come_again(f->v))
        kt_buf_format(out, "<retryAfter>%u</retryAfter>", f->retry_after_s);
    kt_xml_put_end(out, "problem");
}

static void put_1_1(struct kt_buf *out, const struct kt_soap_fault_out *f, const char *sentence)
{
    kt_buf_format(out, "<faultcode>e:%s</faultcode>", fault_code(f));
    kt_xml_put_leaf(out, "faultstring", kt_str_of(sentence));
    /* SOAP 1.1, 4.4: detail belongs to errors of the body alone */
    if (f->v->code != KT_E_SOAP_HEADER_UNKNOWN) {
        kt_buf_text(out, "<detail>");
        put_problem(out, f, sentence);
        kt_buf_text(out, "</detail>");
    }
}

static void put_1_2(struct kt_buf *out, const struct kt_soap_fault_out *f, const char *sentence)
{
    kt_buf_format(out, "<e:Code><e:Value>e:%s</e:Value></e:Code><e:Reason><e:Text xml:lang=\"%s\">",
                  fault_code(f), f->lang == KT_LANG_DE ? "de" : "en");
    kt_xml_put_text(out, kt_str_of(sentence));
    kt_buf_text(out, "</e:Text></e:Reason><e:Detail>");
    put_problem(out, f, sentence);
    kt_buf_text(out, "</e:Detail>");
}

void kt_soap_put_fault(struct kt_buf *out, const struct kt_soap_fault_out *f)
{
    char sentence[SENTENCE_MAX];
    kt_sentence(f->v, f->lang, sentence, sizeof sentence);
    kt_buf_format(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><e:Envelope xmlns:e=\"%s\">",
                  envelope_uri[f->version]);
    put_header(out, f);
    kt_buf_text(out, "<e:Body><e:Fault>");
    if (f->version == KT_SOAP_1_2)
        put_1_2(out, f, sentence);
    else
        put_1_1(out, f, sentence);
    kt_buf_text(out, "</e:Fault></e:Body></e:Envelope>");
}
