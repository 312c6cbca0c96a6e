/* A revocation list, read again when its file changes. One that can no longer be read leaves the
 * last one in use until that is too old; one that was never there refuses all. Any thread asks. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/time.h"
#include "wire/wss_ring.h"

enum { FILE_MAX = 16 << 20, LISTS_MAX = 16 };
#define LOOK_US (10 * KT_SECOND)

struct kt_wss_crl {
    const char *policy;
    const char *file;
    int64_t age_s;
    const struct kt_log *log;
    pthread_mutex_t lock; /* guards what follows */
    int64_t looked_us;    /* by the monotonic clock */
    bool has_looked;
    struct stat seen; /* the file as it was read last, well or badly; zero: it was not there */
    X509_CRL *list[LISTS_MAX];
    size_t lists;
    unsigned generation; /* 0: none was ever read */
};

static void drop(X509_CRL **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        X509_CRL_free(list[i]);
}

static void close_crl(void *context)
{
    struct kt_wss_crl *crl = context;
    drop(crl->list, crl->lists);
    (void)pthread_mutex_destroy(&crl->lock);
}

/* Never asks for a passphrase on a terminal: the block is damaged then. */
static int no_passphrase(char *buf, int size, int rwflag, void *u)
{
    (void)buf, (void)size, (void)rwflag, (void)u;
    return 0;
}

/* NULL: *list holds what the bytes hold. */
static const char *parse(struct kt_str bytes, X509_CRL **list, size_t *count)
{
    const unsigned char *at = (const unsigned char *)bytes.p;
    *count = 0;
    list[0] = d2i_X509_CRL(NULL, &at, (long)bytes.n);
    if (list[0] != NULL) {
        *count = 1;
        return at == (const unsigned char *)bytes.p + bytes.n ? NULL
                                                              : "has something behind its end";
    }
    BIO *bio = BIO_new_mem_buf(bytes.p, (int)bytes.n);
    KT_ASSERT(bio != NULL);
    ERR_clear_error();
    while (*count < LISTS_MAX &&
           (list[*count] = PEM_read_bio_X509_CRL(bio, NULL, no_passphrase, NULL)) != NULL)
        (*count)++;
    const bool is_end =
        *count == LISTS_MAX || ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    BIO_free(bio);
    ERR_clear_error();
    if (*count == 0)
        return "holds no revocation list";
    return is_end ? NULL : "is cut off or damaged";
}

/* Lists come over plain http: yesterday's would bring back what was revoked since. */
static bool is_older(const struct kt_wss_crl *crl, X509_CRL *const *list, size_t lists)
{
    for (size_t i = 0; i < lists; i++) {
        for (size_t k = 0; k < crl->lists; k++) {
            if (X509_NAME_cmp(X509_CRL_get_issuer(list[i]), X509_CRL_get_issuer(crl->list[k])) ==
                    0 &&
                kt_wss_instant(X509_CRL_get0_lastUpdate(list[i])) <
                    kt_wss_instant(X509_CRL_get0_lastUpdate(crl->list[k])))
                return true;
        }
    }
    return false;
}

/* Under the lock. */
static void load(struct kt_wss_crl *crl)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_str bytes = { NULL, 0 };
    X509_CRL *list[LISTS_MAX];
    size_t lists = 0;
    const char *complaint = NULL;
    if (kt_file_read(&bytes, crl->file, FILE_MAX, false, a, &complaint))
        complaint = parse(bytes, list, &lists);
    if (complaint == NULL && is_older(crl, list, lists))
        complaint = "is older than what is in use";
    if (complaint != NULL) {
        drop(list, lists);
        kt_log_error(crl->log, "crl.unreadable", F_TEXT("policy", crl->policy),
                     F_TEXT("file", crl->file), F_TEXT("detail", complaint),
                     F_TEXT("uses", crl->lists > 0 ? "the last one" : "none: all is refused"));
    } else {
        drop(crl->list, crl->lists);
        for (crl->lists = 0; crl->lists < lists; crl->lists++)
            crl->list[crl->lists] = list[crl->lists];
        crl->generation++;
        kt_log_info(crl->log, "crl.read", F_TEXT("policy", crl->policy), F_TEXT("file", crl->file),
                    F_NUM("generation", crl->generation));
    }
    kt_arena_free(a);
}

static bool is_same_file(const struct stat *one, const struct stat *other)
{
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino &&
           one->st_size == other->st_size && one->st_mtim.tv_sec == other->st_mtim.tv_sec &&
           one->st_mtim.tv_nsec == other->st_mtim.tv_nsec &&
           one->st_ctim.tv_sec == other->st_ctim.tv_sec &&
           one->st_ctim.tv_nsec == other->st_ctim.tv_nsec;
}

/* Under the lock. What changes between stat and reading is read again at the next look. */
static void look(struct kt_wss_crl *crl)
{
    struct stat st;
    memset(&st, 0, sizeof st);
    crl->looked_us = kt_mono_us();
    if (stat(crl->file, &st) != 0)
        memset(&st, 0, sizeof st); /* load says why */
    if (crl->has_looked && is_same_file(&st, &crl->seen))
        return;
    crl->has_looked = true;
    crl->seen = st;
    load(crl);
}

struct kt_wss_crl *kt_wss_crl_open(const struct kt_wss_policy_conf *conf, const struct kt_log *log,
                                   struct kt_arena *a)
{
    struct kt_wss_crl *crl = KT_NEW(a, struct kt_wss_crl);
    *crl = (struct kt_wss_crl){
        .policy = conf->name, .file = conf->crl, .age_s = conf->crl_age_s, .log = log
    };
    KT_ASSERT(pthread_mutex_init(&crl->lock, NULL) == 0);
    look(crl);
    kt_arena_defer(a, close_crl, crl);
    return crl;
}

X509_CRL *kt_wss_crl_get(struct kt_wss_crl *crl, const X509_NAME *issuer, unsigned *generation)
{
    X509_CRL *found = NULL;
    (void)pthread_mutex_lock(&crl->lock);
    if (kt_mono_us() - crl->looked_us >= LOOK_US)
        look(crl);
    for (size_t i = 0; i < crl->lists; i++) {
        X509_CRL *one = crl->list[i];
        if (X509_NAME_cmp(X509_CRL_get_issuer(one), issuer) == 0 &&
            (found == NULL || kt_wss_instant(X509_CRL_get0_lastUpdate(one)) >
                                  kt_wss_instant(X509_CRL_get0_lastUpdate(found))))
            found = one;
    }
    if (found != NULL)
        KT_ASSERT(X509_CRL_up_ref(found) == 1);
    *generation = crl->generation;
    (void)pthread_mutex_unlock(&crl->lock);
    return found;
}

int64_t kt_wss_crl_end(const X509_CRL *list, int64_t age_s)
{
    const ASN1_TIME *next = X509_CRL_get0_nextUpdate(list);
    const int64_t from_us = kt_wss_instant(X509_CRL_get0_lastUpdate(list));
    const int64_t next_us = next == NULL ? KT_NEVER : kt_wss_instant(next);
    const int64_t old_us = from_us == KT_NEVER ? 0 : from_us + age_s * KT_SECOND;
    return next_us < old_us ? next_us : old_us;
}

bool kt_wss_crl_term(struct kt_wss_crl *crl, int64_t *from_us, int64_t *until_us)
{
    (void)pthread_mutex_lock(&crl->lock);
    const size_t lists = crl->lists;
    for (size_t i = 0; i < lists; i++) {
        const int64_t end_us = kt_wss_crl_end(crl->list[i], crl->age_s);
        if (i == 0 || end_us < *until_us) {
            *until_us = end_us;
            *from_us = kt_wss_instant(X509_CRL_get0_lastUpdate(crl->list[i]));
        }
    }
    (void)pthread_mutex_unlock(&crl->lock);
    return lists > 0;
}
