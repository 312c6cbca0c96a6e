/* Reading and writing of a connection, plain or TLS, never waiting. The loop's thread alone. */
#include "wire/server_inner.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>

static enum kt_io tls_said(struct kt_conn *c, int rc)
{
    switch (SSL_get_error(c->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        return KT_IO_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        return KT_IO_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return KT_IO_END;
    default:
        return KT_IO_BROKEN;
    }
}

static enum kt_io socket_said(void)
{
    return errno == EAGAIN ? KT_IO_WANT_READ : KT_IO_BROKEN;
}

enum kt_io kt_io_read(struct kt_conn *c, char *p, size_t room, size_t *got)
{
    *got = 0;
    if (c->ssl != NULL) {
        ERR_clear_error(); /* SSL_get_error looks at what is left there */
        int rc = SSL_read_ex(c->ssl, p, room, got);
        return rc == 1 ? KT_IO_OK : tls_said(c, rc);
    }
    ssize_t n;
    do
        n = recv(c->fd, p, room, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return socket_said();
    *got = (size_t)n;
    return n == 0 ? KT_IO_END : KT_IO_OK;
}

enum kt_io kt_io_write(struct kt_conn *c, const char *p, size_t n, size_t *put)
{
    *put = 0;
    if (c->ssl != NULL) {
        ERR_clear_error();
        int rc = SSL_write_ex(c->ssl, p, n, put);
        return rc == 1 ? KT_IO_OK : tls_said(c, rc);
    }
    ssize_t rc;
    do
        rc = send(c->fd, p, n, MSG_NOSIGNAL);
    while (rc < 0 && errno == EINTR);
    if (rc < 0)
        return socket_said() == KT_IO_BROKEN ? KT_IO_BROKEN : KT_IO_WANT_WRITE;
    *put = (size_t)rc;
    return KT_IO_OK;
}

enum kt_io kt_io_handshake(struct kt_conn *c)
{
    ERR_clear_error();
    int rc = SSL_accept(c->ssl);
    return rc == 1 ? KT_IO_OK : tls_said(c, rc);
}

void kt_io_end(struct kt_conn *c)
{
    if (c->ssl != NULL && SSL_is_init_finished(c->ssl)) {
        ERR_clear_error();
        (void)SSL_shutdown(c->ssl); /* the peer sees a proper end, if there is room for it */
        ERR_clear_error();
    }
    (void)shutdown(c->fd, SHUT_WR); /* fails when the peer is gone, which is as good */
}
