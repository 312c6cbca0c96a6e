/* Where a SAP site's WSDL is, and how it is read. The session's thread; called by contract.c. */
#include <string.h>

#include "contract.h"

const char *kt_sap_wsdl_address(const char *url, struct kt_arena *a)
{
    static const char runtime[] = "/sap/bc/srt/";
    const char *host = strstr(url, "://");
    const char *path = host == NULL ? NULL : strchr(host + 3, '/');
    if (path == NULL || strncmp(path, runtime, sizeof runtime - 1) != 0)
        return NULL;
    return kt_format(a, "%.*s/sap/bc/srt/wsdl/flv_10002A111AD1/bndg_url%s", (int)(path - url), url,
                     path);
}

/* *out NULL: it is not there, or is none. */
static enum kt_rc try_one(struct kt_erp *erp, const char *url, struct kt_wsdl **out,
                          const char **detail, struct kt_arena *a, struct kt_err *e)
{
    static const struct kt_http_request get = { .method = "GET", .path = "", .accept = "text/xml" };
    struct kt_http_conf conf = erp->conf->http;
    struct kt_http *http = NULL;
    struct kt_http_answer answer = { 0 };
    struct kt_err unread = { 0 };
    conf.url = url;
    enum kt_rc rc = kt_http_open(&http, &conf, erp->env->name, &erp->env->log, e);
    if (rc == KT_OK)
        rc = kt_http_call(http, &get, &answer, a, e);
    if (rc != KT_OK)
        goto out;
    if (answer.status == 401 || answer.status == 403)
        *detail = kt_format(a, "HTTP %u, the user may not read it", answer.status);
    else if (answer.status != 200)
        *detail = kt_format(a, "HTTP %u", answer.status);
    else if (kt_wsdl_read(out, answer.body, "KONTOR_Z", a, &unread) != KT_OK)
        *detail = kt_text_copy(a, unread.v.param[1].value);
out:
    kt_http_close(http);
    return rc;
}

enum kt_rc kt_sap_read_wsdl(struct kt_erp *erp, struct kt_wsdl **out, const char **detail,
                            struct kt_arena *a, struct kt_err *e)
{
    const char *url = erp->conf->http.url;
    const char *place[] = {
        erp->conf->wsdl_url != NULL ? erp->conf->wsdl_url : kt_sap_wsdl_address(url, a),
        erp->conf->wsdl_url != NULL
            ? NULL
            : kt_format(a, "%s%cwsdl", url, strchr(url, '?') == NULL ? '?' : '&'),
    };
    enum kt_rc rc = KT_OK;
    *out = NULL;
    *detail = "no address is known";
    for (size_t i = 0; i < KT_COUNT(place) && rc == KT_OK && *out == NULL; i++) {
        if (place[i] != NULL)
            rc = try_one(erp, place[i], out, detail, a, e);
    }
    return rc != KT_OK ? kt_trail(e, "reading the WSDL") : KT_OK;
}
