/* Chunked bodies (RFC 9112 7.1), read strictly and as they arrive: a state machine over bytes that
 * holds no memory. Any thread; called by the loops of wire/server. Extensions and trailers say
 * nothing that is used here and are skipped, but they must look like ones. */
#include "wire/http_head.h"

#include <string.h>

#include "wire/http_char.h"

enum { SIZE_DIGITS = 16 };

enum {
    AT_SIZE = 0,  /* of a chunk */
    AT_EXTENSION, /* behind ';' */
    AT_SIZE_END,  /* LF wanted */
    AT_DATA,      /* `left` bytes */
    AT_DATA_CR,   /* CR wanted */
    AT_DATA_LF,   /* LF wanted */
    AT_TRAILER,   /* beginning of a line */
    AT_TRAILER_NAME,
    AT_TRAILER_VALUE,
    AT_TRAILER_END, /* LF wanted */
    AT_LAST,        /* LF of the empty line wanted */
    AT_DONE,
    AT_ERROR
};

static const char *const NO_LF = "a CR without LF in a chunked body";

static const char *to(struct kt_chunks *c, int state)
{
    c->state = state;
    return NULL;
}

static bool is_printable(char c)
{
    return (c >= ' ' && c < 0x7F) || c == '\t';
}

static const char *take_size(struct kt_chunks *c, char byte)
{
    int digit = kt_http_hex(byte);
    if (digit >= 0) {
        if (++c->line > SIZE_DIGITS)
            return "a chunk size of more than 16 digits";
        c->left = c->left << 4 | (unsigned)digit;
        return NULL;
    }
    if (c->line > 0 && byte == '\r')
        return to(c, AT_SIZE_END);
    if (c->line > 0 && byte == ';')
        return to(c, AT_EXTENSION);
    return "a malformed chunk size";
}

static const char *take_extension(struct kt_chunks *c, char byte)
{
    if (byte == '\r')
        return to(c, AT_SIZE_END);
    if (!is_printable(byte))
        return "a malformed chunk extension";
    if (++c->line > KT_CHUNK_LINE_MAX || ++c->skipped > KT_CHUNK_SKIPPED_MAX)
        return "chunk extensions that are too long";
    return NULL;
}

static const char *take_trailer(struct kt_chunks *c, char byte)
{
    bool is_name = kt_http_in(&KT_HTTP_TOKEN, byte);
    if (c->state == AT_TRAILER && byte == '\r')
        return to(c, AT_LAST);
    if (++c->trailer > KT_TRAILER_MAX)
        return "trailers that are too long";
    if (c->state == AT_TRAILER)
        return is_name ? to(c, AT_TRAILER_NAME) : "a malformed trailer";
    if (c->state == AT_TRAILER_NAME) {
        if (byte == ':')
            return to(c, AT_TRAILER_VALUE);
        return is_name ? NULL : "a malformed trailer";
    }
    if (byte == '\r')
        return to(c, AT_TRAILER_END);
    return is_printable(byte) || (unsigned char)byte >= 0x80 ? NULL : "a malformed trailer";
}

/* One byte that is not data. NULL: fine; otherwise what is wrong. */
static const char *take(struct kt_chunks *c, char byte)
{
    switch (c->state) {
    case AT_SIZE:
        return take_size(c, byte);
    case AT_EXTENSION:
        return take_extension(c, byte);
    case AT_SIZE_END:
        c->line = 0;
        return byte == '\n' ? to(c, c->left > 0 ? AT_DATA : AT_TRAILER) : NO_LF;
    case AT_DATA_CR:
        return byte == '\r' ? to(c, AT_DATA_LF) : "a chunk longer than its size";
    case AT_DATA_LF:
        return byte == '\n' ? to(c, AT_SIZE) : NO_LF;
    case AT_TRAILER_END:
        return byte == '\n' ? to(c, AT_TRAILER) : NO_LF;
    case AT_LAST:
        return byte == '\n' ? to(c, AT_DONE) : NO_LF;
    default:
        return take_trailer(c, byte);
    }
}

static enum kt_head_rc refuse(struct kt_chunks *c, unsigned code, const char *text,
                              unsigned *status, const char **why)
{
    c->state = AT_ERROR;
    *status = code;
    *why = text;
    return KT_HEAD_BAD;
}

enum kt_head_rc kt_chunks_feed(struct kt_chunks *c, struct kt_str in, uint64_t max, size_t *used,
                               struct kt_str *data, unsigned *status, const char **why)
{
    size_t at = 0;
    *used = 0;
    *data = (struct kt_str){ in.p, 0 };
    *status = 0;
    *why = "";
    if (c->state == AT_ERROR)
        return refuse(c, 400, "a chunked body that was refused before", status, why);
    while (c->state != AT_DONE && at < in.n) {
        if (c->state == AT_DATA) {
            size_t n = c->left < in.n - at ? (size_t)c->left : in.n - at;
            *data = kt_str_part(in, at, n);
            at += n;
            c->left -= n;
            c->total += n;
            if (c->left == 0)
                c->state = AT_DATA_CR;
            break;
        }
        const char *wrong = take(c, in.p[at]);
        if (wrong != NULL)
            return refuse(c, 400, wrong, status, why);
        if (c->state == AT_DATA && c->left > max - c->total)
            return refuse(c, 413, "the body is too large", status, why);
        at++;
    }
    *used = at;
    return c->state == AT_DONE ? KT_HEAD_OK : KT_HEAD_MORE;
}
