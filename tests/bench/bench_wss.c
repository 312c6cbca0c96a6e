/* Opening secured messages beside xmlsec's own verification of the same bytes, in one process and
 * in turns: what the closed grammar, the search by place and the copy of what was digested cost.
 *
 *   bench_wss [rounds [ms [least]]]    default 15 rounds, and 1000 ms of CPU for each case
 *
 * Both get octets and a key and say whether the signature holds: xmlsec parses, registers Ids and
 * verifies every reference (xmlSecDSigCtxVerify); kt_wss_open does that and all else that it does.
 * A second table has refusals: what a message costs that ends in one, for each MB. Figures are CPU
 * time of this thread, medians over the rounds. Last line: wss ratio=… p99_ms=… rss_mb=…, where
 * ratio is the lowest of the cases and p99 is of one message with 100 lines. Ends with 1 when a
 * refusal costs more than 100 ms a MB, or a case has a ratio below `least`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <libxml/parser.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

#include "base/time.h"
#include "wss_place.h"

enum { ROUNDS = 15, ROUNDS_MAX = 200, CASES = 4, TOOK_MAX = 20000, MOST_US_A_MB = 100000 };

struct bench_case {
    const char *name;
    enum wss_party_of by;
    unsigned lines;
    struct kt_str text;
    int64_t ours_ns[ROUNDS_MAX]; /* of one message */
    int64_t theirs_ns[ROUNDS_MAX];
};

static struct wss_place place;
static struct kt_arena *work;
static int64_t now_us;
static int64_t took_ns[TOOK_MAX]; /* single messages with 100 lines */
static size_t took;

static int64_t cpu_ns(void)
{
    struct timespec t;
    KT_ASSERT(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_size(const void *left, const void *right)
{
    const int64_t *a = left;
    const int64_t *b = right;
    return (*a > *b) - (*a < *b);
}

static int64_t at_share(const int64_t *values, size_t n, size_t percent)
{
    static int64_t sorted[TOOK_MAX];
    KT_ASSERT(n > 0 && n <= TOOK_MAX);
    memcpy(sorted, values, n * sizeof *values);
    qsort(sorted, n, sizeof *sorted, by_size);
    return sorted[(n - 1) * percent / 100];
}

/* --- the two --- */

static enum kt_wss_code open_ours(struct kt_str text)
{
    const struct kt_wss_message m = { .xml = text, .is_tls = true, .now_us = now_us };
    struct kt_wss_opened out;
    struct kt_err e = { 0 };
    kt_arena_reset(work);
    const enum kt_rc rc = kt_wss_open(place.ring, &m, &out, work, &e);
    KT_ASSERT((rc == KT_OK) == (out.code == KT_WSS_OK));
    return out.code;
}

/* Places by name, as xmlsec's examples do. */
static void open_theirs(struct kt_str text, xmlSecKeyPtr key)
{
    static const xmlChar *ids[] = { (const xmlChar *)"Id", (const xmlChar *)"ID", NULL };
    xmlDocPtr doc = xmlReadMemory(text.p, (int)text.n, NULL, NULL, XML_PARSE_NONET);
    KT_ASSERT(doc != NULL);
    xmlSecAddIDs(doc, xmlDocGetRootElement(doc), ids);
    xmlNodePtr signature = xmlSecFindNode(xmlDocGetRootElement(doc), (const xmlChar *)"Signature",
                                          (const xmlChar *)KT_WSS_DS);
    xmlSecDSigCtxPtr run = xmlSecDSigCtxCreate(NULL);
    KT_ASSERT(signature != NULL && run != NULL);
    run->signKey = xmlSecKeyDuplicate(key);
    KT_ASSERT(xmlSecDSigCtxVerify(run, signature) == 0 && run->status == xmlSecDSigStatusSucceeded);
    xmlSecDSigCtxDestroy(run);
    xmlFreeDoc(doc);
}

static xmlSecKeyPtr public_key(enum wss_party_of who)
{
    xmlSecKeyPtr key = xmlSecKeyCreate();
    EVP_PKEY *pkey = X509_get_pubkey(place.party[who].certificate);
    KT_ASSERT(key != NULL && pkey != NULL);
    KT_ASSERT(xmlSecKeySetValue(key, xmlSecOpenSSLEvpKeyAdopt(pkey)) == 0);
    return key;
}

static struct kt_str message(enum wss_party_of by, unsigned lines)
{
    struct kt_str text =
        wss_fill(&place, wss_stock(by, lines, "bench-1", now_us, place.a), place.a);
    KT_ASSERT(wss_sign(&text, &place, by, text, KT_SOAP_ANY, place.a));
    KT_ASSERT(open_ours(text) == KT_WSS_OK);
    return text;
}

static void run_ours(struct bench_case *c, size_t round, size_t times)
{
    const int64_t from = cpu_ns();
    for (size_t i = 0; i < times; i++) {
        const int64_t one = cpu_ns();
        KT_ASSERT(open_ours(c->text) == KT_WSS_OK);
        if (c->lines == 100 && took < TOOK_MAX)
            took_ns[took++] = cpu_ns() - one;
    }
    c->ours_ns[round] = (cpu_ns() - from) / (int64_t)times;
}

static void run_theirs(struct bench_case *c, size_t round, size_t times, xmlSecKeyPtr key)
{
    const int64_t from = cpu_ns();
    for (size_t i = 0; i < times; i++)
        open_theirs(c->text, key);
    c->theirs_ns[round] = (cpu_ns() - from) / (int64_t)times;
}

static void measure(struct bench_case *c, size_t rounds, int64_t ms)
{
    xmlSecKeyPtr key = public_key(c->by);
    c->text = message(c->by, c->lines);
    run_ours(c, 0, 5);
    run_theirs(c, 0, 5, key);
    const int64_t each_ns = c->ours_ns[0] + c->theirs_ns[0];
    const int64_t fit = ms * 1000000 / (int64_t)rounds / each_ns;
    const size_t times = fit < 3 ? 3 : (size_t)fit;
    for (size_t i = 0; i < rounds; i++) {
        if (i % 2 == 0)
            run_ours(c, i, times);
        run_theirs(c, i, times, key);
        if (i % 2 == 1)
            run_ours(c, i, times);
    }
    xmlSecKeyDestroy(key);
}

/* --- refusals --- */

enum { REFUSED_OCTETS = 1000000 };

/* The signed message with a text put where another begins; how often makes the size. */
static struct kt_str stuffed(const char *before, const char *piece)
{
    struct kt_str text = message(WSS_RSA, 1);
    struct kt_buf b;
    const char *at = memmem(text.p, text.n, before, strlen(before));
    KT_ASSERT(at != NULL);
    kt_buf_init(&b, place.a, 2 * REFUSED_OCTETS);
    while (kt_buf_view(&b).n < REFUSED_OCTETS)
        kt_buf_text(&b, piece);
    KT_ASSERT(kt_buf_ok(&b));
    return wss_exchange(text, (struct kt_str){ at, 0 }, kt_buf_view(&b), place.a);
}

static bool measure_refusals(void)
{
    static const struct {
        const char *name, *before, *piece;
    } refused[] = {
        { "text in the Body", "</messageId>", "0123456789" },
        { "elements in the Body", "<stock>", "<stock><sku>1</sku></stock>" },
        { "comments, elements", "<stock>", "<!-- a comment --><a/>" },
        { "attributes in the Body", "<stock>",
          "<a z='' y='' x='' w='' v='' u='' t='' s='' r='' q='' p='' o='' n='' m='' l=''/>" },
        { "declarations in the Body", "<stock>",
          "<a xmlns:z='z' xmlns:y='y' xmlns:x='x' xmlns:w='w' xmlns:v='v' z:a='' x:a='' w:a=''/>" },
        { "elements in a header", "<wsse:Security", "<x:h xmlns:x='urn:x'><x:a/></x:h>" },
        { "text in SignedInfo", "<ds:SignatureMethod", "          " },
        { "references", "<ds:Reference URI=\"#span\"",
          "<ds:Reference URI=\"#span\"><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>" },
        { "base64 of a token", "</wsse:BinarySecurityToken>", "AAAAAAAAAAAAAAAA" },
    };
    bool are_cheap = true;
    (void)printf("%-28s %-22s %9s\n", "refused", "code", "ms a MB");
    for (size_t i = 0; i < KT_COUNT(refused); i++) {
        const struct kt_str text = stuffed(refused[i].before, refused[i].piece);
        int64_t runs[5]; /* nanoseconds a MB */
        enum kt_wss_code code = KT_WSS_OK;
        for (size_t k = 0; k < KT_COUNT(runs); k++) {
            const int64_t from = cpu_ns();
            code = open_ours(text);
            runs[k] = (cpu_ns() - from) * 1000 / ((int64_t)text.n / 1000);
        }
        const int64_t cost_us = at_share(runs, KT_COUNT(runs), 0) / 1000;
        KT_ASSERT(code != KT_WSS_OK);
        are_cheap = are_cheap && cost_us <= MOST_US_A_MB;
        (void)printf("%-28s %-22s %7lld.%lld\n", refused[i].name, kt_wss_code_text(code),
                     (long long)(cost_us / 1000), (long long)(cost_us / 100 % 10));
    }
    return are_cheap;
}

/* --- all of it --- */

/* "1.35" in hundredths. */
static int64_t hundredths(const char *text)
{
    char *end;
    int64_t value = strtol(text, &end, 10) * 100;
    for (int64_t digit = 10; *end != '\0' && *++end >= '0' && *end <= '9'; digit /= 10)
        value += (*end - '0') * digit;
    return value;
}

/* The ratio in hundredths. */
static int64_t report(const struct bench_case *c, size_t rounds)
{
    int64_t ratio[ROUNDS_MAX];
    for (size_t k = 0; k < rounds; k++)
        ratio[k] = c->theirs_ns[k] * 100 / c->ours_ns[k];
    const int64_t middle = at_share(ratio, rounds, 50);
    (void)printf("%-22s %9zu %12lld %12lld %4lld.%02lld\n", c->name, c->text.n,
                 (long long)at_share(c->ours_ns, rounds, 50) / 1000,
                 (long long)at_share(c->theirs_ns, rounds, 50) / 1000, (long long)(middle / 100),
                 (long long)(middle % 100));
    return middle;
}

int main(int argc, char **argv)
{
    static struct bench_case all[CASES] = {
        { .name = "RSA-2048, 1 line", .by = WSS_RSA, .lines = 1 },
        { .name = "RSA-2048, 100 lines", .by = WSS_RSA, .lines = 100 },
        { .name = "P-256, 1 line", .by = WSS_EC, .lines = 1 },
        { .name = "P-256, 100 lines", .by = WSS_EC, .lines = 100 },
    };
    const size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS;
    const int64_t ms = argc > 2 ? strtol(argv[2], NULL, 10) : 1000;
    const int64_t least = argc > 3 ? hundredths(argv[3]) : 0;
    int64_t lowest = INT64_MAX;
    struct rusage used;
    KT_ASSERT(rounds > 0 && rounds <= ROUNDS_MAX);
    now_us = kt_now_us();
    wss_place_open(&place, NULL, now_us);
    work = kt_arena_new();
    (void)printf("%-22s %9s %12s %12s %7s\n", "case", "octets", "Kontor us", "xmlsec us", "ratio");
    for (size_t i = 0; i < CASES; i++) {
        measure(&all[i], rounds, ms);
        const int64_t ratio = report(&all[i], rounds);
        lowest = ratio < lowest ? ratio : lowest;
    }
    const bool are_cheap = measure_refusals();
    KT_ASSERT(getrusage(RUSAGE_SELF, &used) == 0);
    const int64_t p99_us = at_share(took_ns, took, 99) / 1000;
    (void)printf("wss ratio=%lld.%02lld p99_ms=%lld.%lld rss_mb=%ld\n", (long long)(lowest / 100),
                 (long long)(lowest % 100), (long long)(p99_us / 1000),
                 (long long)(p99_us / 100 % 10), used.ru_maxrss / 1024);
    kt_arena_free(work);
    wss_place_close(&place);
    return are_cheap && lowest >= least ? 0 : 1;
}
