/* TLS of a listener: its context from files, and who a client's certificate says it is. Contexts
 * are made by whoever starts or renews; the rest is the loop's. A certificate that we do not accept
 * never ends a handshake: the request goes on as one without, and its route decides. */
#include "wire/server_inner.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"

enum { PEM_MAX = 1024 * 1024, SUBJECT_MAX = 256 };

/* Forward secrecy only. The last two are for Windows Server 2012 R2, which has no AES-GCM with an
 * RSA certificate. */
static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20:"
                              "ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA256";

static enum kt_rc fail(struct kt_err *e, const struct kt_listen_conf *conf, const char *file,
                       const char *detail)
{
    char reason[160];
    unsigned long code = ERR_peek_last_error();
    if (code != 0 && detail == NULL)
        ERR_error_string_n(code, reason, sizeof(reason));
    else
        (void)snprintf(reason, sizeof(reason), "%s", detail == NULL ? "not usable" : detail);
    ERR_clear_error();
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_LISTEN_CERTIFICATE,
                   KT_P_TEXT("listener", conf->name), KT_P_TEXT("file", file),
                   KT_P_TEXT("detail", reason));
}

/* Never asks for a passphrase on a terminal. */
static int no_passphrase(char *buf, int size, int rwflag, void *u)
{
    (void)buf, (void)size, (void)rwflag, (void)u;
    return 0;
}

static enum kt_rc open_pem(BIO **out, const struct kt_listen_conf *conf, const char *file,
                           bool is_private, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str text;
    const char *complaint = NULL;
    if (!kt_file_read(&text, file, PEM_MAX, is_private, a, &complaint))
        return fail(e, conf, file, complaint);
    *out = BIO_new_mem_buf(text.p, (int)text.n);
    KT_ASSERT(*out != NULL);
    return KT_OK;
}

static enum kt_rc use_chain(SSL_CTX *tls, const struct kt_listen_conf *conf, struct kt_arena *a,
                            struct kt_err *e)
{
    BIO *bio = NULL;
    enum kt_rc rc = open_pem(&bio, conf, conf->certificate, false, a, e);
    if (rc != KT_OK)
        return rc;
    X509 *own = PEM_read_bio_X509_AUX(bio, NULL, no_passphrase, NULL);
    bool is_good = own != NULL && SSL_CTX_use_certificate(tls, own) == 1;
    X509_free(own);
    X509 *above;
    while (is_good && (above = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) != NULL) {
        is_good = SSL_CTX_add0_chain_cert(tls, above) == 1;
        if (!is_good)
            X509_free(above);
    }
    BIO_free(bio);
    return is_good ? KT_OK : fail(e, conf, conf->certificate, NULL);
}

static enum kt_rc use_key(SSL_CTX *tls, const struct kt_listen_conf *conf, struct kt_arena *secret,
                          struct kt_err *e)
{
    BIO *bio = NULL;
    if (conf->key == NULL)
        return fail(e, conf, conf->certificate, "has no key beside it");
    enum kt_rc rc = open_pem(&bio, conf, conf->key, true, secret, e);
    if (rc != KT_OK)
        return rc;
    ERR_clear_error();
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    if (key == NULL)
        return fail(e, conf, conf->key, "holds no private key without a passphrase");
    /* asked first, since libssl would drop a certificate that does not fit */
    bool fits = X509_check_private_key(SSL_CTX_get0_certificate(tls), key) == 1;
    bool is_good = fits && SSL_CTX_use_PrivateKey(tls, key) == 1;
    EVP_PKEY_free(key);
    if (!fits)
        return fail(e, conf, conf->key, "does not belong to the certificate");
    return is_good ? KT_OK : fail(e, conf, conf->key, NULL);
}

static enum kt_rc use_client_ca(SSL_CTX *tls, const struct kt_listen_conf *conf, struct kt_arena *a,
                                struct kt_err *e)
{
    BIO *bio = NULL;
    enum kt_rc rc = open_pem(&bio, conf, conf->client_ca, false, a, e);
    if (rc != KT_OK)
        return rc;
    size_t count = 0;
    bool is_good = true;
    X509 *ca;
    while (is_good && (ca = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) != NULL) {
        is_good = X509_STORE_add_cert(SSL_CTX_get_cert_store(tls), ca) == 1 &&
                  SSL_CTX_add_client_CA(tls, ca) == 1;
        X509_free(ca);
        count++;
    }
    BIO_free(bio);
    if (is_good && count == 0)
        return fail(e, conf, conf->client_ca, "holds no certificate");
    return is_good ? KT_OK : fail(e, conf, conf->client_ca, NULL);
}

/* Never refuses: notes whether the certificate counts. Without client_ca the proof that the peer
 * holds its key is all that is asked of it, since partners name fingerprints. */
static int look_at_peer(X509_STORE_CTX *store, void *has_ca)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct kt_conn *c = SSL_get_app_data(ssl);
    c->is_certified = has_ca == NULL || X509_verify_cert(store) == 1;
    ERR_clear_error();
    return 1;
}

static int choose_http_1_1(SSL *ssl, const unsigned char **out, unsigned char *out_n,
                           const unsigned char *in, unsigned in_n, void *arg)
{
    static const unsigned char ours[] = "\x08http/1.1";
    (void)ssl, (void)arg;
    unsigned char *chosen = NULL;
    if (SSL_select_next_proto(&chosen, out_n, ours, sizeof(ours) - 1, in, in_n) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static bool set_rules(SSL_CTX *tls, const struct kt_listen_conf *conf)
{
    static const unsigned char session_context[] = "kontor";
    (void)SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                       SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    /* idle connections hold no buffers; a reply may be written in pieces from where it lies */
    (void)SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    (void)SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(tls, choose_http_1_1, NULL);
    if ((conf->role & (unsigned)KT_ROLE_PUSH) != 0) {
        static char with_ca[] = "";
        SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
        SSL_CTX_set_cert_verify_callback(tls, look_at_peer,
                                         conf->client_ca != NULL ? with_ca : NULL);
    }
    return SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(tls, ciphers) == 1 && SSL_CTX_set_num_tickets(tls, 0) == 1 &&
           SSL_CTX_set_max_early_data(tls, 0) == 1 &&
           SSL_CTX_set_session_id_context(tls, session_context, sizeof(session_context) - 1) == 1;
}

enum kt_rc kt_tls_make(SSL_CTX **out, const struct kt_listen_conf *conf, struct kt_err *e)
{
    struct kt_arena *secret = kt_arena_new_secret();
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    KT_ASSERT(tls != NULL);
    ERR_clear_error();
    enum kt_rc rc = KT_OK;
    if (!set_rules(tls, conf))
        rc = fail(e, conf, conf->certificate, NULL);
    if (rc == KT_OK)
        rc = use_chain(tls, conf, secret, e);
    if (rc == KT_OK)
        rc = use_key(tls, conf, secret, e);
    if (rc == KT_OK && conf->client_ca != NULL)
        rc = use_client_ca(tls, conf, secret, e);
    kt_arena_free(secret);
    ERR_clear_error(); /* reading PEM to its end leaves "no start line" */
    if (rc != KT_OK) {
        SSL_CTX_free(tls);
        return rc;
    }
    *out = tls;
    return KT_OK;
}

bool kt_tls_attach(struct kt_conn *c)
{
    (void)pthread_mutex_lock(&c->listener->lock);
    c->ssl = SSL_new(c->listener->tls); /* holds the context, whatever renew does */
    (void)pthread_mutex_unlock(&c->listener->lock);
    KT_ASSERT(c->ssl != NULL);
    SSL_set_app_data(c->ssl, c);
    SSL_set_accept_state(c->ssl);
    return SSL_set_fd(c->ssl, c->fd) == 1;
}

const char *kt_tls_complaint(void)
{
    unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0 || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return NULL;
    const char *reason = ERR_reason_error_string(code);
    return reason != NULL ? reason : "TLS handshake failed";
}

static char *name_text(const X509 *cert)
{
    char *text = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    KT_ASSERT(bio != NULL);
    if (X509_NAME_print_ex(bio, X509_get_subject_name(cert), 0,
                           XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        char *p = NULL;
        long n = BIO_get_mem_data(bio, &p);
        struct kt_str whole = { p, n > 0 ? (size_t)n : 0 };
        text = kt_take_text(p, kt_utf8_fit(whole, SUBJECT_MAX));
    }
    BIO_free(bio);
    return text;
}

void kt_tls_read_peer(struct kt_conn *c)
{
    uint8_t hash[KT_HASH_BYTES];
    unsigned n = 0;
    X509 *cert = SSL_get0_peer_certificate(c->ssl);
    if (cert == NULL) {
        c->is_certified = false;
        return;
    }
    if (!c->is_certified)
        return;
    KT_ASSERT(X509_digest(cert, EVP_sha256(), hash, &n) == 1 && n == sizeof(hash));
    c->fingerprint = kt_take(KT_HASH_TEXT_MAX);
    kt_hex(hash, sizeof(hash), c->fingerprint);
    c->subject = name_text(cert);
}
