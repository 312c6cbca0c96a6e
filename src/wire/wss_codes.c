/* Why a message's security was refused: the codes, and the one failure that all of them share.
 * Pure; any thread. Called by every stage of opening a message. */
#include <stdarg.h>
#include <stdio.h>

#include "wire/wss_inner.h"

static const struct {
    const char *text;
    const char *says;
} known[] = {
    { "ok", "nothing" },
#define CODE(name, text, sentence) { text, sentence },
#include "wire/wss_codes.def"
#undef CODE
};

const char *kt_wss_code_text(enum kt_wss_code code)
{
    KT_ASSERT((size_t)code < KT_COUNT(known));
    return known[code].text;
}

const char *kt_wss_code_says(enum kt_wss_code code)
{
    KT_ASSERT((size_t)code < KT_COUNT(known));
    return known[code].says;
}

enum kt_rc kt_wss_refuse(struct kt_wss_opened *out, enum kt_wss_code code, struct kt_err *e,
                         const char *fmt, ...)
{
    char detail[200];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(detail, sizeof detail, fmt, args);
    va_end(args);
    out->code = code;
    enum kt_rc rc = kt_fail(e, KT_REJECT, KT_RECORD, KT_E_SECURITY_REFUSED);
    (void)rc; /* kt_trail returns the same verdict */
    return n > 0 ? kt_trail(e, "%s: %s", kt_wss_code_text(code), detail)
                 : kt_trail(e, "%s", kt_wss_code_text(code));
}
