/* What a GET at the SOAP endpoint shows: the contract with the address at which it was asked for,
 * or a short page. Any worker; needs neither database nor partner, since the contract is no secret.
 */
#include <string.h>

#include "base/xml_write.h"
#include "door/push_inner.h"
#include "door/push_wsdl.h"

enum { ROOM = 4096, HOST_MAX = 255 };

static const char placeholder[] = "https://kontor.invalid/soap/push";

/* A host and port as they may stand in a document for others: no markup, no user, no path. */
static bool is_host(struct kt_str host)
{
    if (host.n == 0 || host.n > HOST_MAX)
        return false;
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && strchr(".-:[]", c) == NULL)
            return false;
    }
    return true;
}

static void put_address(struct kt_buf *out, const struct kt_request *q)
{
    struct kt_str host = kt_request_header(q, "Host");
    if (!is_host(host)) {
        kt_buf_text(out, placeholder);
        return;
    }
    kt_buf_text(out, q->is_tls ? "https://" : "http://");
    kt_buf_str(out, host);
    kt_xml_put_text(out, q->path);
}

static struct kt_str contract_at(const struct kt_request *q, struct kt_arena *a)
{
    struct kt_buf out;
    struct kt_str rest = { (const char *)kt_push_wsdl, kt_push_wsdl_size };
    kt_buf_init(&out, a, kt_push_wsdl_size + ROOM);
    for (;;) {
        const char *hit = memmem(rest.p, rest.n, placeholder, sizeof placeholder - 1);
        if (hit == NULL)
            break;
        size_t before = (size_t)(hit - rest.p);
        kt_buf_put(&out, rest.p, before);
        put_address(&out, q);
        rest = kt_str_part(rest, before + sizeof placeholder - 1, rest.n);
    }
    kt_buf_str(&out, rest);
    KT_ASSERT(kt_buf_ok(&out)); /* the host is short, and so is our path */
    return kt_buf_view(&out);
}

void kt_push_show(const struct kt_request *q, struct kt_reply *r, struct kt_arena *a)
{
    r->status = 200;
    if (kt_str_is(kt_str_lower(a, q->query), "wsdl")) {
        r->content_type = "text/xml; charset=utf-8";
        r->body = contract_at(q, a);
        return;
    }
    r->content_type = "text/html; charset=utf-8";
    r->body = KT_STR("<!DOCTYPE html><html lang=\"en\"><title>Kontor</title><p>This is where ERPs "
                     "push records by SOAP. The contract: <a href=\"?wsdl\">?wsdl</a>.</html>\n");
}
