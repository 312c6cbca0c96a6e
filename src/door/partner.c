/* Who sent this request, as far as its connection tells. Each worker of the door asks. */
#include "door/partner.h"

#include <string.h>

#include "base/base64.h"
#include "base/hash.h"
#include "base/metric.h"
#include "door/throttle.h"

#define PARTNER(member) offsetof(struct kt_partner, member)

const struct kt_opt kt_partner_opts[] = {
    { "certificates", KT_OPT_LIST, PARTNER(certificates), .def = "[]",
      .help = "SHA-256 fingerprints of its client certificates, hex, ':' allowed; two while one "
              "follows the other. A known certificate is enough, or a login; where both come, both "
              "must be its own; with wss it comes besides" },
    { "erp", KT_OPT_NAME, PARTNER(erp_name), .flags = KT_OPT_REQUIRED,
      .help = "Name of the section under erps that it speaks for" },
    { "operations", KT_OPT_LIST, PARTNER(operations), .def = "[]",
      .help = "What it may bring, like [PushStock, idoc:MATMAS, s4:*]; left out: everything" },
    { "password", KT_OPT_SECRET, PARTNER(password), .help = "Password of the user" },
    { "user", KT_OPT_TEXT, PARTNER(user),
      .help = "User of its HTTP Basic login; taken over TLS or from this machine only" },
    { "wss", KT_OPT_NAME, PARTNER(wss),
      .help = "Name of the section under wss that says how its SOAP messages are secured; no other "
              "partner has it" },
    { 0 }
};

const char *const kt_partner_operations[] = { "Ping",
                                              "PushProducts",
                                              "PushVariants",
                                              "PushPrices",
                                              "PushStock",
                                              "PushCategories",
                                              "PushCustomers",
                                              "PushDocuments",
                                              "PushCertificates",
                                              "PushShipments",
                                              "PushOrderStatus",
                                              "PushInvoices",
                                              "PushReturns",
                                              "idoc:MATMAS",
                                              "idoc:CLFMAS",
                                              "idoc:DEBMAS",
                                              "idoc:DESADV",
                                              "idoc:INVOIC",
                                              "idoc:ORDRSP",
                                              "s4:SalesOrder",
                                              "s4:CustomerReturn",
                                              NULL };

/* Does what is named in the configuration cover it? */
static bool covers(const char *named, const char *operation)
{
    const size_t n = strlen(named);
    return strcmp(named, operation) == 0 ||
           (n > 0 && named[n - 1] == '*' && strncmp(named, operation, n - 1) == 0);
}

bool kt_partner_is_operation(const char *name)
{
    for (size_t i = 0; kt_partner_operations[i] != NULL; i++) {
        if (covers(name, kt_partner_operations[i]))
            return true;
    }
    return false;
}

enum { FAILURES_MOST = 10, LOGIN_MAX = 512 };

/* --- answers --- */

static void answer(struct kt_reply *r, unsigned status, const char *text)
{
    r->status = status;
    r->content_type = "text/plain; charset=utf-8";
    r->body = kt_str_of(text);
}

static void challenge(struct kt_reply *r)
{
    answer(r, 401, "A login or a client certificate that Kontor knows is needed.\n");
    r->header = "WWW-Authenticate: Basic realm=\"kontor\", charset=\"UTF-8\"\r\n";
}

static void refused(const struct kt_log *log, const char *reason, const struct kt_request *q,
                    const char *partner, bool is_said)
{
    static struct kt_hush hush; /* whoever tries many users or certificates */
    int64_t left_out = 0;
    kt_metric_add(KT_M_LOGINS_REFUSED, 1, KT_LABELS(reason));
    if (is_said && kt_hush_may_say(&hush, &left_out))
        kt_log_warn(log, "login.refused", F_TEXT("reason", reason), F_TEXT("address", q->address),
                    F_TEXT("partner", partner), F_TEXT("certificate", q->fingerprint),
                    F_NUM("left_out", left_out));
}

/* --- who --- */

static const struct kt_partner *by_certificate(const struct kt_partner *partner, size_t partners,
                                               struct kt_str fingerprint)
{
    const struct kt_partner *found = NULL;
    for (size_t i = 0; i < partners; i++) {
        for (size_t k = 0; k < partner[i].certificates.count; k++) {
            if (kt_same_secret(kt_str_of(partner[i].certificates.item[k]), fingerprint))
                found = &partner[i];
        }
    }
    return found;
}

/* "Basic …": user and password. False: it is none. */
static bool read_basic(struct kt_str header, struct kt_str *user, struct kt_str *password,
                       char room[LOGIN_MAX])
{
    static const char scheme[] = "basic ";
    size_t n = 0;
    if (header.n < sizeof scheme - 1)
        return false;
    for (size_t i = 0; i < sizeof scheme - 1; i++) {
        const char c = header.p[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c + 32) : c) != scheme[i])
            return false;
    }
    const struct kt_str text = kt_str_trim(kt_str_part(header, sizeof scheme - 1, header.n));
    if (text.n == 0 || text.n / 4 * 3 + 3 > LOGIN_MAX || !kt_base64_read(room, &n, text, false))
        return false;
    const struct kt_str login = { room, n };
    const char *colon = memchr(room, ':', n);
    if (colon == NULL || !kt_utf8_ok(login))
        return false;
    *user = kt_str_part(login, 0, (size_t)(colon - room));
    *password = kt_str_part(login, user->n + 1, n);
    return true;
}

static void digest_of(struct kt_str user, struct kt_str password, char out[KT_HASH_TEXT_MAX],
                      struct kt_arena *a)
{
    uint8_t digest[KT_HASH_BYTES];
    struct kt_hash *h = kt_hash_new(a);
    kt_hash_put(h, user.p, user.n);
    kt_hash_put(h, "", 1); /* no user holds a NUL */
    kt_hash_put(h, password.p, password.n);
    kt_hash_end(h, digest);
    kt_hex(digest, sizeof digest, out);
}

/* The login of HTTP Basic alone counts: what says nothing of it says nothing. */
bool kt_partner_is_silent(const struct kt_partner *partner, size_t partners,
                          const struct kt_request *q)
{
    return kt_request_header(q, "Authorization").p == NULL &&
           by_certificate(partner, partners, kt_str_of(q->fingerprint)) == NULL;
}

bool kt_partner_shows_certificate(const struct kt_partner *partner, struct kt_str fingerprint)
{
    return fingerprint.n > 0 && by_certificate(partner, 1, fingerprint) == partner;
}

/* Everybody is compared, by digests of one length: the time tells neither user nor password. */
static const struct kt_partner *by_login(const struct kt_partner *partner, size_t partners,
                                         struct kt_str user, struct kt_str password,
                                         struct kt_arena *a)
{
    const struct kt_partner *found = NULL;
    char given[KT_HASH_TEXT_MAX];
    digest_of(user, password, given, a);
    for (size_t i = 0; i < partners; i++) {
        char expected[KT_HASH_TEXT_MAX];
        if (partner[i].user == NULL || partner[i].password == NULL)
            continue;
        digest_of(kt_str_of(partner[i].user), kt_str_of(partner[i].password), expected, a);
        if (kt_same_secret(kt_str_of(expected), kt_str_of(given)))
            found = &partner[i];
    }
    return found;
}

bool kt_partner_agrees(const struct kt_partner *partner, const struct kt_request *q,
                       struct kt_arena *a)
{
    char room[LOGIN_MAX];
    struct kt_str user;
    struct kt_str password;
    const bool agrees =
        !read_basic(kt_request_header(q, "Authorization"), &user, &password, room) ||
        by_login(partner, 1, user, password, a) == partner;
    explicit_bzero(room, sizeof room);
    return agrees;
}

/* For the log alone: whose login was tried. What is no partner's user may be a mistyped password.
 */
static const char *name_of(const struct kt_partner *partner, size_t partners, struct kt_str user)
{
    for (size_t i = 0; i < partners; i++) {
        if (partner[i].user != NULL && kt_str_is(user, partner[i].user))
            return partner[i].name;
    }
    return "unknown";
}

static const struct kt_partner *log_in(const struct kt_partner *partner, size_t partners,
                                       struct kt_str user, struct kt_str password,
                                       const struct kt_request *q, struct kt_reply *r,
                                       const struct kt_log *log, struct kt_arena *a)
{
    const uint64_t who = kt_throttle_who(KT_TRY_LOGIN, user, q->address, a);
    const unsigned wait_s = kt_throttle_held_s(who, FAILURES_MOST);
    if (wait_s > 0) {
        refused(log, "throttled", q, "", false);
        answer(r, 429, "Too many failed logins; try again later.\n");
        r->retry_after_s = wait_s;
        return NULL;
    }
    const struct kt_partner *found = by_login(partner, partners, user, password, a);
    if (found != NULL) {
        kt_throttle_forget(who);
        return found;
    }
    const unsigned count = kt_throttle_note(who);
    refused(log, "unknown", q, name_of(partner, partners, user),
            count == 1 || count == FAILURES_MOST);
    challenge(r);
    return NULL;
}

const struct kt_partner *kt_partner_of(const struct kt_partner *partner, size_t partners,
                                       const struct kt_request *q, struct kt_reply *r,
                                       const struct kt_log *log, struct kt_arena *a)
{
    char room[LOGIN_MAX];
    struct kt_str user;
    struct kt_str password;
    const struct kt_str fingerprint = kt_str_of(q->fingerprint);
    const bool has_certificate = fingerprint.n > 0;
    const struct kt_partner *found =
        has_certificate ? by_certificate(partner, partners, fingerprint) : NULL;
    if (found != NULL)
        return found;
    if (!read_basic(kt_request_header(q, "Authorization"), &user, &password, room)) {
        if (!has_certificate) {
            refused(log, "none", q, "", false);
            challenge(r);
            return NULL;
        }
        const uint64_t who = kt_throttle_who(KT_TRY_CERTIFICATE, fingerprint, q->address, a);
        refused(log, "certificate", q, "unknown", kt_throttle_note(who) == 1); /* once a minute */
        answer(r, 403, "This client certificate belongs to no partner.\n");
        return NULL;
    }
    if (!q->is_tls && !q->is_local) {
        const uint64_t who = kt_throttle_who(KT_TRY_OPEN_LINE, KT_STR(""), q->address, a);
        refused(log, "plain", q, "", kt_throttle_note(who) == 1);
        answer(r, 403, "A login is taken over TLS only.\n");
        found = NULL;
    } else {
        found = log_in(partner, partners, user, password, q, r, log, a);
    }
    explicit_bzero(room, sizeof room);
    return found;
}

bool kt_partner_may(const struct kt_partner *partner, const char *operation)
{
    if (partner->operations.count == 0)
        return true;
    for (size_t i = 0; i < partner->operations.count; i++) {
        if (covers(partner->operations.item[i], operation))
            return true;
    }
    return false;
}
