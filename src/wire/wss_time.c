/* Times in a message: strict, in UTC, and the span of a Timestamp against the security clock. Pure;
 * any thread. Called by wss.c and wss_user.c. */
#include "base/time.h"
#include "wire/wss_inner.h"

enum { FRACTION_MAX = 9 };

/* yyyy-mm-ddThh:mm:ss[.f]Z and nothing else: no offset, no lower case, no 24:00, no leap second. */
static bool is_strict(struct kt_str s)
{
    static const char form[] = "0000-00-00T00:00:00";
    const size_t whole = sizeof form - 1;
    if (s.n < whole + 1 || s.p[s.n - 1] != 'Z')
        return false;
    for (size_t i = 0; i < whole; i++) {
        const bool is_digit = s.p[i] >= '0' && s.p[i] <= '9';
        if (form[i] == '0' ? !is_digit : s.p[i] != form[i])
            return false;
    }
    const struct kt_str rest = kt_str_part(s, whole, s.n - whole - 1);
    /* that digits stand there is the parser's affair */
    return rest.n == 0 || (rest.p[0] == '.' && rest.n <= FRACTION_MAX + 1);
}

bool kt_wss_time_read(int64_t *at_us, struct kt_str text)
{
    return text.p != NULL && is_strict(text) && kt_time_parse(at_us, text, false);
}

enum kt_rc kt_wss_timestamp_read(struct kt_wss_span *span, const struct kt_wss_tree *tree,
                                 struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    *span = (struct kt_wss_span){ 0 };
    if (tree->timestamp == NULL)
        return kt_wss_refuse(out, KT_WSS_TIMESTAMP_MISSING, e, "in Security");
    const xmlNode *created = kt_wss_first(tree->timestamp);
    const xmlNode *expires = kt_wss_next(created);
    if (kt_wss_holds_text(tree->timestamp) || !kt_wss_is(created, KT_WSS_WSU, "Created") ||
        !kt_wss_is(expires, KT_WSS_WSU, "Expires") || kt_wss_next(expires) != NULL)
        return kt_wss_refuse(out, KT_WSS_TIMESTAMP_FORM, e, "not Created and Expires");
    if (!kt_wss_time_read(&span->created_us, kt_wss_text(created, a)) ||
        !kt_wss_time_read(&span->expires_us, kt_wss_text(expires, a)))
        return kt_wss_refuse(out, KT_WSS_TIMESTAMP_FORM, e, "no strict UTC time");
    if (span->expires_us <= span->created_us)
        return kt_wss_refuse(out, KT_WSS_TIMESTAMP_FORM, e, "it expires before it was made");
    return KT_OK;
}

/* At the very instant where the last skew ends it is stale already: by then what was remembered of
 * it may be purged. */
enum kt_rc kt_wss_timestamp_check(const struct kt_wss_span *span,
                                  const struct kt_wss_policy_conf *policy, int64_t now_us,
                                  struct kt_wss_opened *out, struct kt_err *e)
{
    const int64_t skew_us = policy->skew_s * KT_SECOND;
    const long long ahead_s = (span->created_us - now_us) / KT_SECOND;
    const long long behind_s = (now_us - span->expires_us) / KT_SECOND;
    const long long length_s = (span->expires_us - span->created_us) / KT_SECOND;
    if (span->created_us > now_us + skew_us)
        return kt_wss_refuse(out, KT_WSS_TIMESTAMP_FUTURE, e, "by %lld s", ahead_s);
    if (now_us >= span->expires_us + skew_us)
        return kt_wss_refuse(out, KT_WSS_TIMESTAMP_STALE, e, "since %lld s", behind_s);
    if (span->expires_us - span->created_us > policy->lifetime_s * KT_SECOND)
        return kt_wss_refuse(out, KT_WSS_TIMESTAMP_LONG, e, "for %lld s", length_s);
    return KT_OK;
}
