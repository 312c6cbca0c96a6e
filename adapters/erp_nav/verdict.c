/* Faults of NAV become verdicts, by the .NET type in their code and by our own codeunit's codes in
 * brackets. No network; called by page.c and by the codeunit's part on the session's thread. */
#include "verdict.h"

#include <string.h>

#include "session.h"

static const struct {
    const char *type; /* last part of the .NET type */
    enum kt_nav_fault kind;
} types[] = {
    { "NavNCLDialogException", KT_NAV_FAULT_DIALOG },
    { "NavNCLTestFieldException", KT_NAV_FAULT_DIALOG },
    { "NavTestFieldException", KT_NAV_FAULT_DIALOG },
    { "NavFieldErrorException", KT_NAV_FAULT_DIALOG },
    { "NavCSideDuplicateKeyException", KT_NAV_FAULT_DUPLICATE },
    { "NavCSideRecordNotFoundException", KT_NAV_FAULT_NOT_FOUND },
    { "NavCSideValidateTableRelationException", KT_NAV_FAULT_RELATION },
    { "NavNCLEvaluateException", KT_NAV_FAULT_FIELD },
    { "NavNCLStringLengthExceededException", KT_NAV_FAULT_FIELD },
    { "NavNCLOutsidePermittedRangeException", KT_NAV_FAULT_FIELD },
    { "NavCSideFilterException", KT_NAV_FAULT_FILTER },
    { "NavFilterException", KT_NAV_FAULT_FILTER },
    { "NavCSideSQLLockTimeoutException", KT_NAV_FAULT_LOCK },
    { "NavCSideLockTimeoutException", KT_NAV_FAULT_LOCK },
    { "NavCSideSQLDeadlockException", KT_NAV_FAULT_LOCK },
    { "NavCSideDeadlockException", KT_NAV_FAULT_LOCK },
    { "NavNCLCallbackNotAllowedException", KT_NAV_FAULT_CALLBACK },
    { "ServiceBrokerException", KT_NAV_FAULT_STALE },
    { "NavPermissionException", KT_NAV_FAULT_RIGHT },
    { "NavCSidePermissionException", KT_NAV_FAULT_RIGHT },
    { "NavNCLPermissionException", KT_NAV_FAULT_RIGHT },
    { "NavCompanyNotFoundException", KT_NAV_FAULT_COMPANY },
    { "ServiceNotFoundException", KT_NAV_FAULT_NO_SERVICE },
    { "Client", KT_NAV_FAULT_REQUEST },
};

static struct kt_str type_of(const struct kt_soap_fault *fault)
{
    const char *dot = fault->code.n > 0 ? memrchr(fault->code.p, '.', fault->code.n) : NULL;
    return dot == NULL ? fault->code
                       : kt_str_part(fault->code, (size_t)(dot - fault->code.p) + 1, fault->code.n);
}

enum kt_nav_fault kt_nav_fault_kind(const struct kt_soap_fault *fault)
{
    struct kt_str type = type_of(fault);
    for (size_t i = 0; i < KT_COUNT(types); i++) {
        if (kt_str_is(type, types[i].type))
            return types[i].kind;
    }
    return KT_NAV_FAULT_OTHER;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Length of "[K012" when the text begins so; 0: it does not. */
static size_t bracket_end(struct kt_str t)
{
    size_t n = 2;
    if (t.n < 4 || t.p[0] != '[' || t.p[1] != 'K')
        return 0;
    while (n < t.n && is_digit(t.p[n]))
        n++;
    return n > 2 && n < t.n && (t.p[n] == ']' || t.p[n] == ' ') ? n : 0;
}

struct kt_str kt_nav_bracket(struct kt_str text, struct kt_arena *a)
{
    struct kt_str t = kt_str_trim(text);
    size_t n = bracket_end(t);
    return n == 0 ? KT_STR("") : kt_str_copy(a, kt_str_part(t, 1, n - 1));
}

size_t kt_nav_bracket_line(struct kt_str text)
{
    struct kt_str t = kt_str_trim(text);
    size_t n = bracket_end(t);
    size_t line = 0;
    if (n == 0 || t.p[n] != ' ')
        return 0;
    for (n++; n < t.n && is_digit(t.p[n]) && line < 100000; n++)
        line = line * 10 + (size_t)(t.p[n] - '0');
    return n < t.n && t.p[n] == ']' ? line : 0;
}

static enum kt_rc told(struct kt_erp *erp, enum kt_rc rc, enum kt_reach reach,
                       const struct kt_soap_fault *fault, struct kt_err *e)
{
    return kt_fail(e, rc, reach, KT_E_PARTNER_FAULT, KT_P_TEXT("partner", erp->env->name),
                   KT_P_TEXT("message", fault->text.p), KT_P_NUM("status", fault->status));
}

static enum kt_rc no_company(struct kt_erp *erp, const struct kt_soap_fault *fault,
                             struct kt_err *e)
{
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_SETTING,
                   KT_P_TEXT("partner", erp->env->name), KT_P_TEXT("setting", "company"),
                   KT_P_TEXT("value", erp->conf->company), KT_P_TEXT("known", fault->text.p));
}

/* What holds the endpoint until somebody sets it right, whatever was asked for. */
static bool is_setup(enum kt_nav_fault kind)
{
    return kind == KT_NAV_FAULT_CALLBACK || kind == KT_NAV_FAULT_RIGHT ||
           kind == KT_NAV_FAULT_FILTER || kind == KT_NAV_FAULT_REQUEST;
}

enum kt_rc kt_nav_read_fault(struct kt_erp *erp, const struct kt_soap_fault *fault,
                             const char *label, struct kt_err *e)
{
    enum kt_nav_fault kind = kt_nav_fault_kind(fault);
    kt_err_clear(e);
    if (kind == KT_NAV_FAULT_NO_SERVICE)
        (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_NOT_FOUND,
                      KT_P_TEXT("partner", erp->env->name), KT_P_TEXT("path", label),
                      KT_P_NUM("status", fault->status));
    else if (kind == KT_NAV_FAULT_CALLBACK)
        (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_ASKS_BACK,
                      KT_P_TEXT("partner", erp->env->name), KT_P_TEXT("service", label),
                      KT_P_TEXT("message", fault->text.p));
    else if (kind == KT_NAV_FAULT_COMPANY)
        (void)no_company(erp, fault, e);
    else
        (void)told(erp, is_setup(kind) ? KT_CONFIG : KT_RETRY, KT_ENDPOINT, fault, e);
    return kt_trail(e, "%s: fault %s", label, fault->code.p);
}

/* --- orders --- */

/* Codes of our codeunit (wsdl/nav/README.md) that say more than "refused". */
static bool is_code_of(struct kt_str code, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (kt_str_is(code, *list))
            return true;
    }
    return false;
}

static const struct kt_order_line *line_at(const struct kt_order *order, size_t line)
{
    return line > 0 && line <= order->lines.count
               ? &((const struct kt_order_line *)order->lines.item)[line - 1]
               : NULL;
}

/* In NAV's words without the code in brackets, which is said behind them. */
static enum kt_rc refused(const struct kt_order *order, const struct kt_soap_fault *fault,
                          struct kt_str id, struct kt_err *e)
{
    struct kt_str words = kt_str_trim(fault->text);
    const char *close = bracket_end(words) > 0 ? memchr(words.p, ']', words.n) : NULL;
    if (close != NULL)
        words = kt_str_trim(kt_str_part(words, (size_t)(close + 1 - words.p), words.n));
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_REFUSED, KT_P_TEXT("order", order->number.p),
                   KT_P_PERSON("message", words.n > 0 ? words.p : fault->text.p),
                   KT_P_TEXT("id", id.p), KT_P_TEXT("number", "NAV"));
}

static enum kt_rc refused_by_code(struct kt_erp *erp, const struct kt_soap_fault *fault,
                                  const struct kt_order *order, struct kt_str code,
                                  struct kt_err *e)
{
    static const char *const setup[] = { "K016", "K023", NULL };
    const struct kt_order_line *line = line_at(order, kt_nav_bracket_line(fault->text));
    if (is_code_of(code, setup))
        return told(erp, KT_CONFIG, KT_ENDPOINT, fault, e);
    if (kt_str_is(code, "K004"))
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_CURRENCY_UNKNOWN,
                       KT_P_TEXT("order", order->number.p),
                       KT_P_TEXT("currency", order->currency.p));
    if (kt_str_is(code, "K014") && line != NULL)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_SKU_UNKNOWN,
                       KT_P_TEXT("order", order->number.p), KT_P_TEXT("line", line->id.p),
                       KT_P_TEXT("sku", line->sku.p));
    return refused(order, fault, code, e);
}

/* A type of NAV's that speaks of its database or of its session, not of what was sent: the commit
 * itself may have been on its way. */
static bool is_of_machinery(struct kt_str type)
{
    static const char *const words[] = { "SQL",     "Sql",    "Database", "Connection",
                                         "Timeout", "Cancel", "Session" };
    for (size_t i = 0; i < KT_COUNT(words); i++) {
        if (type.n > 0 && memmem(type.p, type.n, words[i], strlen(words[i])) != NULL)
            return true;
    }
    return false;
}

enum kt_rc kt_nav_order_fault(struct kt_erp *erp, const struct kt_soap_fault *fault,
                              const struct kt_order *order, struct kt_arena *a, struct kt_err *e)
{
    static const char ours[] = "Microsoft.Dynamics.Nav.";
    enum kt_nav_fault kind = kt_nav_fault_kind(fault);
    struct kt_str code = kt_nav_bracket(fault->text, a);
    kt_err_clear(e);
    if (kind == KT_NAV_FAULT_LOCK)
        (void)kt_fail(e, KT_UNSURE, KT_RECORD, KT_E_ORDER_STILL_RUNNING,
                      KT_P_TEXT("order", order->number.p));
    else if (kind == KT_NAV_FAULT_DIALOG && code.n > 0)
        (void)refused_by_code(erp, fault, order, code, e);
    else if (kind == KT_NAV_FAULT_COMPANY)
        (void)no_company(erp, fault, e);
    else if (kind == KT_NAV_FAULT_RIGHT || kind == KT_NAV_FAULT_NO_SERVICE)
        (void)told(erp, KT_CONFIG, KT_ENDPOINT, fault, e);
    else if (kind == KT_NAV_FAULT_REQUEST)
        (void)told(erp, KT_REJECT, KT_RECORD, fault, e);
    else if (kt_str_starts(fault->code, ours) &&
             !is_of_machinery(type_of(fault))) /* rolled back as a whole: the words are NAV's */
        (void)refused(order, fault, kt_str_copy(a, type_of(fault)), e);
    else
        (void)told(erp, KT_UNSURE, KT_RECORD, fault, e);
    return kt_trail(e, "CreateOrder: fault %s", fault->code.p);
}
