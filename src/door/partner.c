/* Who sent this request. Each worker of the door asks; failures are remembered for the whole
 * process, so that guessing goes no faster over many connections. */
#include "door/partner.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>

#include "base/base64.h"
#include "base/hash.h"
#include "base/metric.h"
#include "base/rand.h"
#include "base/time.h"

#define PARTNER(member) offsetof(struct kt_partner, member)

const struct kt_opt kt_partner_opts[] = {
    { "certificates", KT_OPT_LIST, PARTNER(certificates), .def = "[]",
      .help = "SHA-256 fingerprints of its client certificates, hex, ':' allowed; two while one "
              "follows the other. A known certificate is enough" },
    { "erp", KT_OPT_NAME, PARTNER(erp_name), .flags = KT_OPT_REQUIRED,
      .help = "Name of the section under erps that it speaks for" },
    { "operations", KT_OPT_LIST, PARTNER(operations), .def = "[]",
      .help = "What it may bring, like [PushStock, idoc:MATMAS, s4:*]; none named: everything" },
    { "password", KT_OPT_SECRET, PARTNER(password), .help = "Password of the user" },
    { "user", KT_OPT_TEXT, PARTNER(user),
      .help = "User of its HTTP Basic login; taken over TLS or from this machine only" },
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

/* --- failures --- */

enum { SETS = 512, WAYS = 8, FAILURES_MOST = 10, LOGIN_MAX = 512, SAY_MOST = 10 };
#define WINDOW_US     KT_MINUTE
#define SAY_WINDOW_US (10 * KT_SECOND)

/* Failures of one user at one address; a table of fixed size, so that nobody can fill memory. */
struct failure {
    uint64_t who; /* keyed hash; 0: free */
    int64_t since_us;
    unsigned count;
};

static struct failure failures[SETS][WAYS];
static uint8_t seed[16]; /* so that nobody can aim at a set */
static pthread_once_t seeded = PTHREAD_ONCE_INIT;
static pthread_mutex_t failures_lock = PTHREAD_MUTEX_INITIALIZER; /* guards failures, and lines */

static void make_seed(void)
{
    kt_rand_bytes(seed, sizeof seed);
}

/* An address; of IPv6 the /64, since one peer has all of it. */
static void put_address(struct kt_hash *h, const char *address)
{
    struct in6_addr v6;
    if (inet_pton(AF_INET6, address, &v6) == 1)
        kt_hash_put(h, &v6, 8);
    else
        kt_hash_put(h, address, strlen(address) + 1);
}

static uint64_t who_of(struct kt_str user, const char *address, struct kt_arena *a)
{
    uint8_t digest[KT_HASH_BYTES];
    uint64_t who = 0;
    struct kt_hash *h = kt_hash_new(a);
    (void)pthread_once(&seeded, make_seed);
    kt_hash_put(h, seed, sizeof seed);
    put_address(h, address);
    kt_hash_put(h, user.p, user.n);
    kt_hash_end(h, digest);
    memcpy(&who, digest, sizeof who);
    return who == 0 ? 1 : who;
}

static bool is_over(const struct failure *f, int64_t now_us)
{
    return f->who == 0 || now_us - f->since_us >= WINDOW_US;
}

/* Its row; NULL: none. Under the lock. */
static struct failure *find(uint64_t who, int64_t now_us)
{
    struct failure *set = failures[who % SETS];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].who == who && !is_over(&set[i], now_us))
            return &set[i];
    }
    return NULL;
}

/* Seconds until it may try again; 0: now. */
static unsigned held_s(uint64_t who)
{
    const int64_t now_us = kt_mono_us();
    unsigned left = 0;
    (void)pthread_mutex_lock(&failures_lock);
    const struct failure *f = find(who, now_us);
    if (f != NULL && f->count >= FAILURES_MOST)
        left = (unsigned)((f->since_us + WINDOW_US - now_us) / KT_SECOND) + 1;
    (void)pthread_mutex_unlock(&failures_lock);
    return left;
}

/* A free place of the set, else the one with the fewest failures. */
static struct failure *place(uint64_t who, int64_t now_us)
{
    struct failure *set = failures[who % SETS];
    struct failure *best = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (is_over(&set[i], now_us))
            return &set[i];
        if (set[i].count < best->count)
            best = &set[i];
    }
    return best;
}

/* How many there are now within the window. */
static unsigned note(uint64_t who)
{
    const int64_t now_us = kt_mono_us();
    (void)pthread_mutex_lock(&failures_lock);
    struct failure *f = find(who, now_us);
    if (f == NULL) {
        f = place(who, now_us);
        *f = (struct failure){ .who = who, .since_us = now_us };
    }
    const unsigned count = ++f->count;
    (void)pthread_mutex_unlock(&failures_lock);
    return count;
}

static void forget(uint64_t who)
{
    (void)pthread_mutex_lock(&failures_lock);
    struct failure *f = find(who, kt_mono_us());
    if (f != NULL)
        f->who = 0;
    (void)pthread_mutex_unlock(&failures_lock);
}

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

/* Whoever tries many users or certificates writes no more lines than this. */
static bool may_say(int64_t *left_out)
{
    static int64_t since_us;
    static int64_t lines;
    static int64_t unsaid;
    const int64_t now_us = kt_mono_us();
    (void)pthread_mutex_lock(&failures_lock);
    if (now_us - since_us >= SAY_WINDOW_US) {
        since_us = now_us;
        lines = 0;
    }
    const bool may = lines < SAY_MOST;
    *left_out = unsaid;
    lines += may;
    unsaid = may ? 0 : unsaid + 1;
    (void)pthread_mutex_unlock(&failures_lock);
    return may;
}

static void refused(const struct kt_log *log, const char *reason, const struct kt_request *q,
                    const char *partner, bool is_said)
{
    int64_t left_out = 0;
    kt_metric_add(KT_M_LOGINS_REFUSED, 1, KT_LABELS(reason));
    if (is_said && may_say(&left_out))
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
    const uint64_t who = who_of(user, q->address, a);
    const unsigned wait_s = held_s(who);
    if (wait_s > 0) {
        refused(log, "throttled", q, "", false);
        answer(r, 429, "Too many failed logins; try again later.\n");
        r->retry_after_s = wait_s;
        return NULL;
    }
    const struct kt_partner *found = by_login(partner, partners, user, password, a);
    if (found != NULL) {
        forget(who);
        return found;
    }
    const unsigned count = note(who);
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
        refused(log, "certificate", q, "unknown",
                note(who_of(fingerprint, q->address, a)) == 1); /* once a minute */
        answer(r, 403, "This client certificate belongs to no partner.\n");
        return NULL;
    }
    if (!q->is_tls && !q->is_local) {
        refused(log, "plain", q, "", note(who_of(KT_STR("plain"), q->address, a)) == 1);
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
