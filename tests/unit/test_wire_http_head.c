/* Heads of requests: every refusal stands beside a twin that differs by the fault alone and is
 * taken, so that none is refused for another reason. */
#include "wire/http_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"

/* Initialisers, and in an expression behind (struct kt_str) */
#define TEXT(text)                \
    {                             \
        "" text, sizeof(text) - 1 \
    }
#define LINE(first)    TEXT(first "\r\nHost: a\r\n\r\n")
#define GET(lines)     TEXT("GET / HTTP/1.1\r\n" lines "\r\n")
#define POST(lines)    TEXT("POST /p HTTP/1.1\r\nHost: a\r\n" lines "\r\n")
#define FIELD(lines)   TEXT("GET / HTTP/1.1\r\nHost: a\r\n" lines "\r\n")
#define OLD_POST(line) TEXT("POST /p HTTP/1.0\r\nHost: a\r\n" line "\r\n")
#define LEN            "Content-Length: 3\r\n"
#define CHUNKED        "Transfer-Encoding: chunked\r\n"

struct twin {
    struct kt_str good;
    struct kt_str bad;
    unsigned status;
    const char *why;
};

static struct kt_http_head head;
static size_t used;
static unsigned status;
static const char *why;

static enum kt_head_rc read_head(struct kt_str bytes)
{
    return kt_http_head_read(&head, bytes, 1000, &used, &status, &why);
}

static void check(const struct twin *row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (read_head(row[i].good) != KT_HEAD_OK || used != row[i].good.n)
            fail_msg("row %zu: the good one is refused: %u %s", i, status, why);
        if (read_head(row[i].bad) != KT_HEAD_BAD)
            fail_msg("row %zu: taken, not refused with %u %s", i, row[i].status, row[i].why);
        if (status != row[i].status || strcmp(why, row[i].why) != 0)
            fail_msg("row %zu: %u %s, not %u %s", i, status, why, row[i].status, row[i].why);
        assert_int_equal(used, 0);
    }
}

static void request_line__is_read_in_one_way(void **state)
{
    static const char line[] = "a malformed request line";
    static const struct twin row[] = {
        { LINE("GET / HTTP/1.1"), LINE("GET  / HTTP/1.1"), 400, line },
        { LINE("GET / HTTP/1.1"), LINE("GET /  HTTP/1.1"), 400, line },
        { LINE("GET / HTTP/1.1"), LINE("GET / HTTP/1.1 "), 400, line },
        { LINE("GET / HTTP/1.1"), LINE("GET / HTTP/1.1 HTTP/1.1"), 400, line },
        { LINE("GET / HTTP/1.1"), LINE("GET /"), 400, line },
        { LINE("GET / HTTP/1.1"), LINE("GET"), 400, line },
        { LINE("GET / HTTP/1.1"), LINE("GET / http/1.1"), 400, line },
        { LINE("GET / HTTP/1.1"), LINE("GET / HTTP/1.10"), 400, line },
        { LINE("GET / HTTP/1.1"), LINE("GET / HTTP/11"), 400, line },
        { LINE("GET / HTTP/1.1"), LINE("GET / HTTP/x.1"), 400, line },
        { LINE("GET / HTTP/1.1"), LINE("GET\t/ HTTP/1.1"), 400, "a control character" },
        { LINE("GET / HTTP/1.1"), LINE("GET /\v HTTP/1.1"), 400, "a control character" },
        { LINE("GET / HTTP/1.1"), LINE("GET /\0 HTTP/1.1"), 400, "a control character" },
        { LINE("GET / HTTP/1.1"), LINE("GET /\x7F HTTP/1.1"), 400, "a control character" },
        { LINE("GET / HTTP/1.1"), LINE("GET /\r HTTP/1.1"), 400, "a CR without LF" },
        { LINE("GET / HTTP/1.1"), TEXT("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400,
          "a line that ends without CR" },
        { LINE("GET / HTTP/1.1"), LINE("GET /\xC3\xA4 HTTP/1.1"), 400,
          "a byte above 127 in the request line" },
        { LINE("GET / HTTP/1.1"), LINE(" GET / HTTP/1.1"), 400, "no request" },
        { LINE("GET / HTTP/1.1"), LINE("\x16\x03\x01"), 400, "no request" },
        { LINE("\r\nGET / HTTP/1.1"), LINE("\r\n\r\nGET / HTTP/1.1"), 400, "no request" },
        { LINE("\r\nGET / HTTP/1.1"), LINE("\nGET / HTTP/1.1"), 400, "no request" },
        { LINE("\r\nGET / HTTP/1.1"), LINE("\rGET / HTTP/1.1"), 400, "no request" },
        { LINE("GET / HTTP/1.1"), LINE("G(T / HTTP/1.1"), 400, "a malformed method" },
        { LINE("GET / HTTP/1.1"), LINE("get / HTTP/1.1"), 501, "an unknown method" },
        { LINE("HEAD / HTTP/1.1"), LINE("HEA / HTTP/1.1"), 501, "an unknown method" },
        { LINE("GET / HTTP/1.1"), LINE("PUT / HTTP/1.1"), 405, "a method that is offered nowhere" },
        { LINE("GET / HTTP/1.1"), LINE("OPTIONS * HTTP/1.1"), 405,
          "a method that is offered nowhere" },
        { LINE("GET / HTTP/1.1"), LINE("CONNECT a:443 HTTP/1.1"), 405,
          "a method that is offered nowhere" },
        { LINE("GET / HTTP/1.1"), LINE("TRACE / HTTP/1.1"), 405,
          "a method that is offered nowhere" },
        { LINE("GET / HTTP/1.0"), LINE("GET / HTTP/0.9"), 505,
          "a version other than HTTP/1.0 and 1.1" },
        { LINE("GET / HTTP/1.0"), LINE("GET / HTTP/1.2"), 505,
          "a version other than HTTP/1.0 and 1.1" },
        { LINE("GET / HTTP/1.0"), TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505,
          "a version other than HTTP/1.0 and 1.1" },
    };
    (void)state;
    check(row, KT_COUNT(row));
}

static void target__is_read_in_one_way(void **state)
{
    static const char needs[] = "a character in the target that must be percent-encoded";
    static const char dots[] = "a dot segment in the path";
    static const char slash[] = "an encoded slash or backslash in the path";
    static const struct twin row[] = {
        { LINE("GET / HTTP/1.1"), LINE("GET  HTTP/1.1"), 400, "no target" },
        { LINE("GET / HTTP/1.1"), LINE("GET * HTTP/1.1"), 400,
          "a target that does not begin with a slash" },
        { LINE("GET / HTTP/1.1"), LINE("GET a:80 HTTP/1.1"), 400,
          "a target that does not begin with a slash" },
        { LINE("GET /b HTTP/1.1"), LINE("GET b HTTP/1.1"), 400,
          "a target that does not begin with a slash" },
        { LINE("GET /b HTTP/1.1"), LINE("GET ?b HTTP/1.1"), 400,
          "a target that does not begin with a slash" },
        { LINE("GET /b HTTP/1.1"), LINE("GET ftp://a/b HTTP/1.1"), 400,
          "a target that does not begin with a slash" },
        { LINE("GET http://a/b HTTP/1.1"), LINE("GET http://b/b HTTP/1.1"), 400,
          "a target of another host than Host" },
        { LINE("GET HTTPS://A/b HTTP/1.1"), LINE("GET https://a:443/b HTTP/1.1"), 400,
          "a target of another host than Host" },
        { LINE("GET http://a/b HTTP/1.1"), LINE("GET http://a HTTP/1.1"), 400,
          "an absolute target without a path" },
        { LINE("GET http://a/?b HTTP/1.1"), LINE("GET http://a?/b HTTP/1.1"), 400,
          "a malformed host in the target" },
        { LINE("GET http://a/b HTTP/1.1"), LINE("GET http://u@a/b HTTP/1.1"), 400,
          "a malformed host in the target" },
        { LINE("GET http://a/b HTTP/1.1"), LINE("GET http:///b HTTP/1.1"), 400,
          "a malformed host in the target" },
        { LINE("GET /b HTTP/1.1"), LINE("GET /b#c HTTP/1.1"), 400, needs },
        { LINE("GET /b HTTP/1.1"), LINE("GET /b\\c HTTP/1.1"), 400, needs },
        { LINE("GET /b HTTP/1.1"), LINE("GET /b?c=\"d\" HTTP/1.1"), 400, needs },
        { LINE("GET /%20 HTTP/1.1"), LINE("GET /%2 HTTP/1.1"), 400,
          "a percent sign without two hexadecimal digits in the target" },
        { LINE("GET /%20 HTTP/1.1"), LINE("GET /%2g HTTP/1.1"), 400,
          "a percent sign without two hexadecimal digits in the target" },
        { LINE("GET /?%20 HTTP/1.1"), LINE("GET /?% HTTP/1.1"), 400,
          "a percent sign without two hexadecimal digits in the target" },
        { LINE("GET /%30 HTTP/1.1"), LINE("GET /%00 HTTP/1.1"), 400,
          "an encoded NUL in the target" },
        { LINE("GET /?%30 HTTP/1.1"), LINE("GET /?%00 HTTP/1.1"), 400,
          "an encoded NUL in the target" },
        { LINE("GET /?%0a HTTP/1.1"), LINE("GET /%0a HTTP/1.1"), 400,
          "an encoded control character in the path" },
        { LINE("GET /?%7f HTTP/1.1"), LINE("GET /%7f HTTP/1.1"), 400,
          "an encoded control character in the path" },
        { LINE("GET /?%2f HTTP/1.1"), LINE("GET /%2f HTTP/1.1"), 400, slash },
        { LINE("GET /?%5C HTTP/1.1"), LINE("GET /%5C HTTP/1.1"), 400, slash },
        { LINE("GET /... HTTP/1.1"), LINE("GET /.. HTTP/1.1"), 400, dots },
        { LINE("GET /b/..c HTTP/1.1"), LINE("GET /b/../c HTTP/1.1"), 400, dots },
        { LINE("GET /b/.c HTTP/1.1"), LINE("GET /b/./c HTTP/1.1"), 400, dots },
        { LINE("GET /b/c. HTTP/1.1"), LINE("GET /b/. HTTP/1.1"), 400, dots },
        { LINE("GET /%2e%2ec HTTP/1.1"), LINE("GET /%2e%2e/c HTTP/1.1"), 400, dots },
        { LINE("GET /.%2E. HTTP/1.1"), LINE("GET /.%2E HTTP/1.1"), 400, dots },
        { LINE("GET /b;../c HTTP/1.1"), LINE("GET /..;/c HTTP/1.1"), 400, dots },
        { LINE("GET /?b=/../c HTTP/1.1"), LINE("GET /../c?b HTTP/1.1"), 400, dots },
    };
    (void)state;
    check(row, KT_COUNT(row));
}

static void fields__are_read_in_one_way(void **state)
{
    static const char name[] = "a malformed field name, or a blank before the colon";
    static const char host[] = "a malformed Host";
    static const struct twin row[] = {
        { FIELD("B: c\r\n"), FIELD("B : c\r\n"), 400, name },
        { FIELD("B: c\r\n"), FIELD("B\t: c\r\n"), 400, name },
        { FIELD("B: c\r\n"), FIELD("B c\r\n"), 400, name },
        { FIELD("B: c\r\n"), FIELD("B\r\n"), 400, name },
        { FIELD("B: c\r\n"), FIELD(": c\r\n"), 400, name },
        { FIELD("B: c\r\n"), FIELD("B\xC3\xA4: c\r\n"), 400, name },
        { FIELD("B: c\r\n"), FIELD("B\0: c\r\n"), 400, name },
        { FIELD("B: c\r\n"), FIELD("B\r: c\r\n"), 400, name },
        { FIELD("B: c\r\n"), FIELD("B(: c\r\n"), 400, name },
        { FIELD("B: c\r\nD: e\r\n"), FIELD("B: c\r\n d\r\n"), 400, "a folded field line" },
        { FIELD("B: c\r\nD: e\r\n"), FIELD("B: c\r\n\td: e\r\n"), 400, "a folded field line" },
        { GET("Host: a\r\nB: c\r\n"), GET(" Host: a\r\nB: c\r\n"), 400, "a folded field line" },
        { FIELD("B: c\tc\r\n"), FIELD("B: c\vc\r\n"), 400, "a control character" },
        { FIELD("B: c\r\n"), FIELD("B: c\0\r\n"), 400, "a control character" },
        { FIELD("B: c\r\n"), FIELD("B: c\x7F\r\n"), 400, "a control character" },
        { FIELD("B: c\r\n"), FIELD("B: c\rD: e\r\n"), 400, "a CR without LF" },
        { FIELD("B: c\r\n"), FIELD("B: c\r\r\n"), 400, "a CR without LF" },
        { FIELD("B: c\r\n"), FIELD("B: c\n"), 400, "a line that ends without CR" },
        { FIELD("B: c\r\n"), TEXT("GET / HTTP/1.1\r\nHost: a\r\n\n"), 400,
          "a line that ends without CR" },
        { FIELD("Soap_Action: b\r\n"), FIELD("Content_Type: b\r\n"), 400,
          "a field name with '_' for '-'" },
        { FIELD("B: \xC3\xA4\r\n"), FIELD("B: \xE4\r\n"), 400, "a byte above 127 in a field" },
        { POST(LEN "B: \xC3\xA4\r\n"), POST(LEN "Content-Type: \xC3\xA4\r\n"), 400,
          "a byte above 127 in a field" },
        { GET("Host: a\r\n"), GET("Hos: a\r\n"), 400, "no Host" },
        { TEXT("GET / HTTP/1.0\r\nHost: a\r\n\r\n"), TEXT("GET / HTTP/1.0\r\n\r\n"), 400,
          "no Host" },
        { GET("Host: a\r\n"), GET("Host: a\r\nHost: a\r\n"), 400, "two Host fields" },
        { GET("Host: a\r\n"), GET("Host: a\r\nhOST: b\r\n"), 400, "two Host fields" },
        { GET("Host: a\r\n"), GET("Host:\r\n"), 400, host },
        { GET("Host: a.b\r\n"), GET("Host: a b\r\n"), 400, host },
        { GET("Host: a.b\r\n"), GET("Host: a/b\r\n"), 400, host },
        { GET("Host: a.b\r\n"), GET("Host: a@b\r\n"), 400, host },
        { GET("Host: a.b\r\n"), GET("Host: a,b\r\n"), 400, host },
        { GET("Host: a:1\r\n"), GET("Host: a:\r\n"), 400, host },
        { GET("Host: a:1\r\n"), GET("Host: :1\r\n"), 400, host },
        { GET("Host: a:1\r\n"), GET("Host: a:0\r\n"), 400, host },
        { GET("Host: a:1\r\n"), GET("Host: a:1a\r\n"), 400, host },
        { GET("Host: a:1\r\n"), GET("Host: a:1:1\r\n"), 400, host },
        { GET("Host: a:65535\r\n"), GET("Host: a:65536\r\n"), 400, host },
        { GET("Host: a:65535\r\n"), GET("Host: a:000001\r\n"), 400, host },
        { GET("Host: [::1]:80\r\n"), GET("Host: [::1:80\r\n"), 400, host },
        { GET("Host: [::1]\r\n"), GET("Host: [::g]\r\n"), 400, host },
        { GET("Host: [::1]\r\n"), GET("Host: [::1%25lo]\r\n"), 400, host },
        { GET("Host: [::1]\r\n"), GET("Host: []\r\n"), 400, host },
        { GET("Host: [0000:0000:0000:0000:0000:0000:0000:0001]\r\n"),
          GET("Host: [0000:0000:0000:0000:0000:0000:0000:0000000001]\r\n"), 400, host },
        { GET("Host: [::1]\r\n"), GET("Host: [::1]a\r\n"), 400, host },
        { FIELD("Authorization: b\r\n"), FIELD("Authorization: b\r\nauthorization: b\r\n"), 400,
          "two Authorization fields" },
        { FIELD("SOAPAction: b\r\n"), FIELD("SOAPAction: b\r\nSoapaction: b\r\n"), 400,
          "two SOAPAction fields" },
        { POST(LEN "Content-Type: b\r\n"), POST(LEN "Content-Type: b\r\nContent-type: b\r\n"), 400,
          "two Content-Type fields" },
        { POST(LEN "Content-Encoding: gzip\r\n"),
          POST(LEN "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n"), 400,
          "two Content-Encoding fields" },
        { POST(LEN "Content-Encoding: GZip\r\n"), POST(LEN "Content-Encoding: br\r\n"), 415,
          "a Content-Encoding other than gzip" },
        { POST(LEN "Content-Encoding: identity\r\n"), POST(LEN "Content-Encoding: \r\n"), 415,
          "a Content-Encoding other than gzip" },
        { POST(LEN "Content-Encoding: gzip\r\n"), POST(LEN "Content-Encoding: gzip, gzip\r\n"), 415,
          "a Content-Encoding other than gzip" },
        { POST(LEN "Expect: 100-Continue\r\n"), POST(LEN "Expect: 200-ok\r\n"), 417,
          "an Expect other than 100-continue" },
        { POST(LEN "Expect: 100-continue\r\n"),
          POST(LEN "Expect: 100-continue\r\nExpect: 100-continue\r\n"), 400, "two Expect fields" },
    };
    (void)state;
    check(row, KT_COUNT(row));
}

/* What requests are smuggled with. */
static void length_of_body__is_read_in_one_way(void **state)
{
    static const char length[] = "a malformed Content-Length";
    static const char name[] = "a malformed field name, or a blank before the colon";
    static const char coding[] = "a Transfer-Encoding other than chunked";
    static const struct twin row[] = {
        { POST(LEN), POST(LEN LEN), 400, "two Content-Length fields" },
        { POST(LEN), POST(LEN "content-length: 4\r\n"), 400, "two Content-Length fields" },
        { POST(LEN), POST("Content-Length: +3\r\n"), 400, length },
        { POST(LEN), POST("Content-Length: -3\r\n"), 400, length },
        { POST(LEN), POST("Content-Length: 3,3\r\n"), 400, length },
        { POST(LEN), POST("Content-Length: 3, 3\r\n"), 400, length },
        { POST(LEN), POST("Content-Length: 3 3\r\n"), 400, length },
        { POST(LEN), POST("Content-Length: 3;a\r\n"), 400, length },
        { POST(LEN), POST("Content-Length: 0x3\r\n"), 400, length },
        { POST(LEN), POST("Content-Length: 3.0\r\n"), 400, length },
        { POST(LEN), POST("Content-Length: 1e2\r\n"), 400, length },
        { POST(LEN), POST("Content-Length: \"3\"\r\n"), 400, length },
        { POST(LEN), POST("Content-Length: 03\r\n"), 400, length },
        { POST("Content-Length: 0\r\n"), POST("Content-Length: 00\r\n"), 400, length },
        { POST(LEN), POST("Content-Length:\r\n"), 400, length },
        { POST(LEN), POST("Content-Length: abc\r\n"), 400, length },
        { POST(LEN), POST("Content-Length : 3\r\n"), 400, name },
        { POST(LEN), POST("Content-Length\v: 3\r\n"), 400, name },
        { POST(LEN), POST("Content-Length: 3\v\r\n"), 400, "a control character" },
        { POST(LEN), POST("Content-Length: \0003\r\n"), 400, "a control character" },
        { POST(LEN), POST("Content-Length: 3\n"), 400, "a line that ends without CR" },
        { POST(LEN), POST(" Content-Length: 3\r\n"), 400, "a folded field line" },
        { POST(LEN), POST("Content-Length:\r\n 3\r\n"), 400, length },
        { POST("Content-Length: 1000\r\n"), POST("Content-Length: 1001\r\n"), 413,
          "the body is too large" },
        { POST(LEN), POST("Content-Length: 18446744073709551615\r\n"), 413,
          "the body is too large" },
        { POST(LEN), POST("Content-Length: 18446744073709551616\r\n"), 400,
          "a Content-Length beyond all numbers" },
        { POST(LEN), POST("Content-Length: 18446744073709551619\r\n"), 400,
          "a Content-Length beyond all numbers" },
        { POST(LEN), POST("Content-Length: 99999999999999999999999\r\n"), 400,
          "a Content-Length beyond all numbers" },
        { POST(LEN), POST(""), 411, "a POST without length" },
        { POST(LEN), POST("X-Content-Length: 3\r\n"), 411, "a POST without length" },
        { POST(LEN), POST("Content_Length: 3\r\n"), 400, "a field name with '_' for '-'" },
        { OLD_POST(LEN), OLD_POST(""), 411, "a POST without length" },
        { POST(CHUNKED), POST(CHUNKED LEN), 400, "Content-Length with Transfer-Encoding" },
        { POST(CHUNKED), POST(LEN CHUNKED), 400, "Content-Length with Transfer-Encoding" },
        { POST(CHUNKED), POST("Content-Length: 0\r\n" CHUNKED), 400,
          "Content-Length with Transfer-Encoding" },
        { POST(CHUNKED), POST(CHUNKED CHUNKED), 400, "two Transfer-Encoding fields" },
        { POST(CHUNKED), POST(CHUNKED "Transfer-encoding: identity\r\n"), 400,
          "two Transfer-Encoding fields" },
        { POST(CHUNKED), POST("Transfer-Encoding: identity\r\n" CHUNKED), 501, coding },
        { POST(CHUNKED), POST("Transfer-Encoding: Chunked\r\n"), 501, coding },
        { POST(CHUNKED), POST("Transfer-Encoding: chunked, chunked\r\n"), 501, coding },
        { POST(CHUNKED), POST("Transfer-Encoding: gzip, chunked\r\n"), 501, coding },
        { POST(CHUNKED), POST("Transfer-Encoding: chunked, identity\r\n"), 501, coding },
        { POST(CHUNKED), POST("Transfer-Encoding: chunked,\r\n"), 501, coding },
        { POST(CHUNKED), POST("Transfer-Encoding: chunked;q=1\r\n"), 501, coding },
        { POST(CHUNKED), POST("Transfer-Encoding: xchunked\r\n"), 501, coding },
        { POST(CHUNKED), POST("Transfer-Encoding: \"chunked\"\r\n"), 501, coding },
        { POST(CHUNKED), POST("Transfer-Encoding:\r\n"), 501, coding },
        { POST(CHUNKED), POST("Transfer-Encoding: \vchunked\r\n"), 400, "a control character" },
        { POST(CHUNKED), POST("Transfer-Encoding: chunked\0\r\n"), 400, "a control character" },
        { POST(CHUNKED), POST("Transfer-Encoding : chunked\r\n"), 400, name },
        { POST(CHUNKED),
          POST("Transfer-Encoding: \xA0"
               "chunked\r\n"),
          400, "a byte above 127 in a field" },
        { POST(CHUNKED), POST("Transfer-Encoding:\n chunked\r\n"), 400,
          "a line that ends without CR" },
        { POST(CHUNKED), POST("X: y\rTransfer-Encoding: chunked\r\n"), 400, "a CR without LF" },
        { POST(CHUNKED), POST("transfer_encoding: chunked\r\n"), 400,
          "a field name with '_' for '-'" },
        { POST(CHUNKED), OLD_POST(CHUNKED), 400, "Transfer-Encoding with HTTP/1.0" },
        { FIELD("Content-Length: 0\r\n"), FIELD(LEN), 400, "a body with GET or HEAD" },
        { POST(CHUNKED), FIELD(CHUNKED), 400, "a body with GET or HEAD" },
    };
    (void)state;
    check(row, KT_COUNT(row));
}

static struct kt_str fill(char *out, const char *front, char c, size_t n, const char *back)
{
    size_t front_n = strlen(front);
    size_t back_n = strlen(back);
    memcpy(out, front, front_n);
    memset(out + front_n, c, n);
    memcpy(out + front_n + n, back, back_n);
    return (struct kt_str){ out, front_n + n + back_n };
}

static void sizes__have_limits(void **state)
{
    static char text[3 * KT_HEAD_MAX];
    static const char tail[] = " HTTP/1.1\r\nHost: a\r\n\r\n";
    static const char front[] = "GET / HTTP/1.1\r\nHost: a\r\nB: ";
    size_t room = KT_HEAD_MAX - (sizeof front - 1) - 4;
    (void)state;
    assert_int_equal(read_head(fill(text, "GET /", 'b', 4095, tail)), KT_HEAD_OK);
    assert_int_equal(head.path.n, KT_HEAD_TARGET_MAX);
    assert_int_equal(read_head(fill(text, "GET /", 'b', 4096, tail)), KT_HEAD_BAD);
    assert_int_equal(status, 414);
    assert_int_equal(read_head(fill(text, "GET /", 'b', 9000, tail)), KT_HEAD_BAD);
    assert_int_equal(status, 414);
    assert_int_equal(read_head(fill(text, "GET /", 'b', 4200, "")), KT_HEAD_BAD); /* no end yet */
    assert_int_equal(status, 414);

    struct kt_str whole = fill(text, front, 'c', room, "\r\n\r\n");
    assert_int_equal(whole.n, KT_HEAD_MAX);
    assert_int_equal(read_head(whole), KT_HEAD_OK);
    assert_int_equal(read_head(fill(text, front, 'c', room + 1, "\r\n\r\n")), KT_HEAD_BAD);
    assert_int_equal(status, 431);
    assert_int_equal(read_head(fill(text, front, 'c', room, "\r\n\r")), KT_HEAD_MORE);
    assert_int_equal(read_head(fill(text, front, 'c', (size_t)2 * KT_HEAD_MAX, "\r\n\r\n")),
                     KT_HEAD_BAD);
    assert_int_equal(status, 431);
}

static void fields__are_64_at_most(void **state)
{
    char text[4096] = "GET / HTTP/1.1\r\nHost: a\r\n";
    size_t n = strlen(text);
    (void)state;
    for (int i = 1; i < KT_HEAD_FIELDS_MAX; i++, n += 6)
        memcpy(text + n, "B: c\r\n", 6);
    memcpy(text + n, "\r\n", 2);
    assert_int_equal(read_head((struct kt_str){ text, n + 2 }), KT_HEAD_OK);
    assert_int_equal(head.fields, KT_HEAD_FIELDS_MAX);
    memcpy(text + n, "B: c\r\n\r\n", 8);
    assert_int_equal(read_head((struct kt_str){ text, n + 8 }), KT_HEAD_BAD);
    assert_int_equal(status, 431);
}

/* Each of the 256 bytes, at the place where it says the most. */
static void bytes__are_as_the_standard_lists_them(void **state)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    char target[] = "GET /b HTTP/1.1\r\nHost: a\r\n\r\n";
    char host[] = "GET / HTTP/1.1\r\nHost: ab\r\n\r\n";
    char name[] = "GET / HTTP/1.1\r\nHost: a\r\nBcD: e\r\n\r\n";
    char value[] = "GET / HTTP/1.1\r\nHost: a\r\nB: cdc\r\n\r\n";
    (void)state;
    for (int c = 0; c < 256; c++) {
        bool is_letter = c != 0 && strchr(letters, c) != NULL;
        target[5] = host[23] = name[26] = value[29] = (char)c;
        bool is_good = is_letter || (c != 0 && strchr("-._~!$&'()*+,;=:@/?", c) != NULL);
        if (c == '.') /* a segment of its own */
            is_good = false;
        if ((read_head((struct kt_str){ target, sizeof target - 1 }) == KT_HEAD_OK) != is_good)
            fail_msg("target: %d", c);
        is_good = is_letter || (c != 0 && strchr("-._ \t", c) != NULL);
        if ((read_head((struct kt_str){ host, sizeof host - 1 }) == KT_HEAD_OK) != is_good)
            fail_msg("host: %d", c);
        is_good = is_letter || (c != 0 && strchr("!#$%&'*+-.^_`|~:", c) != NULL);
        if ((read_head((struct kt_str){ name, sizeof name - 1 }) == KT_HEAD_OK) != is_good)
            fail_msg("name: %d", c);
        is_good = (c >= 0x20 && c < 0x7F) || c == '\t';
        if ((read_head((struct kt_str){ value, sizeof value - 1 }) == KT_HEAD_OK) != is_good)
            fail_msg("value: %d", c);
    }
}

static void head__tells_its_parts(void **state)
{
    struct kt_str in =
        TEXT("\r\nPOST /push/a?wsdl=1 HTTP/1.1\r\nhOST:\t[::1]:8443 \r\n"
             "Content-Type:text/xml; charset=utf-8\t \r\nContent-Length: 7\r\n"
             "Content-Encoding: gzip\r\nExpect: 100-continue\r\nX-Empty:\r\n"
             "Connection: Upgrade,, CLOSE\r\nx-twice: b\r\nX-Twice: c\r\n\r\n1234567");
    (void)state;
    assert_int_equal(read_head(in), KT_HEAD_OK);
    assert_int_equal(used, in.n - 7);
    assert_true(kt_str_is(head.method, "POST") && kt_str_is(head.target, "/push/a?wsdl=1"));
    assert_true(kt_str_is(head.path, "/push/a") && kt_str_is(head.query, "wsdl=1"));
    assert_true(kt_str_is(head.host, "[::1]:8443") && head.is_1_1);
    assert_true(kt_str_is(head.content_type, "text/xml; charset=utf-8"));
    assert_true(head.has_length && head.length == 7 && !head.is_chunked);
    assert_true(head.is_gzip && head.expects_continue && head.closes);
    assert_int_equal(head.fields, 9);
    assert_true(kt_str_is(kt_http_head_get(&head, "X-TWICE"), "b"));
    assert_true(kt_str_is(kt_http_head_get(&head, "x-empty"), ""));
    assert_null(kt_http_head_get(&head, "x-none").p);

    assert_int_equal(read_head((struct kt_str)FIELD("Expect: 100-continue\r\n")), KT_HEAD_OK);
    assert_true(!head.expects_continue && !head.closes && head.query.p == NULL);
    assert_int_equal(read_head((struct kt_str)OLD_POST(LEN "Expect: 100-continue\r\n")),
                     KT_HEAD_OK);
    assert_true(!head.expects_continue && head.closes && !head.is_1_1);
    assert_int_equal(
        read_head((struct kt_str)OLD_POST(LEN "Connection: foo\r\nConnection: Keep-Alive\r\n")),
        KT_HEAD_OK);
    assert_false(head.closes);
    assert_int_equal(read_head((struct kt_str)POST(CHUNKED "Connection: closed\r\n")), KT_HEAD_OK);
    assert_true(head.is_chunked && !head.has_length && !head.closes);
    assert_int_equal(read_head((struct kt_str)LINE("GET http://A/b?c HTTP/1.1")), KT_HEAD_OK);
    assert_true(kt_str_is(head.target, "/b?c") && kt_str_is(head.path, "/b"));
    assert_int_equal(read_head((struct kt_str)LINE("GET /b? HTTP/1.1")), KT_HEAD_OK);
    assert_true(head.query.p != NULL && head.query.n == 0);
}

/* As clients send them, taken down from the wire. */
static const struct kt_str from_clients[] = {
    TEXT("POST /push?x=1 HTTP/1.1\r\nHost: 127.0.0.1:59045\r\nUser-Agent: curl/7.88.1\r\n"
         "Accept: */*\r\nTransfer-Encoding: chunked\r\nContent-Type: text/xml\r\n"
         "Expect: 100-continue\r\n\r\n"),
    TEXT("HEAD /push?x=1 HTTP/1.1\r\nHost: 127.0.0.1:59045\r\nUser-Agent: curl/7.88.1\r\n"
         "Accept: */*\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
         "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n"),
    TEXT("GET http://127.0.0.1:59045/push?x=1 HTTP/1.1\r\nHost: 127.0.0.1:59045\r\n"
         "User-Agent: curl/7.88.1\r\nAccept: */*\r\nProxy-Connection: Keep-Alive\r\n\r\n"),
    TEXT("POST /push?x=1 HTTP/1.1\r\nHost: 127.0.0.1:59045\r\nUser-Agent: python-requests/2.28.1"
         "\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\n"
         "Content-Type: text/xml; charset=utf-8\r\nSOAPAction: \"urn:a\"\r\n"
         "Content-Length: 4\r\n\r\n"),
    TEXT("POST /push?x=1 HTTP/1.1\r\nHost: 127.0.0.1:59045\r\n"
         "User-Agent: Zeep/4.2.1 (www.python-zeep.org)\r\nAccept-Encoding: gzip, deflate\r\n"
         "Accept: */*\r\nConnection: keep-alive\r\nSOAPAction: \"a\"\r\n"
         "Content-Type: text/xml; charset=utf-8\r\nContent-Length: 4\r\n\r\n"),
    TEXT("POST /push?x=1 HTTP/1.1\r\nHost: 127.0.0.1:59045\r\nConnection: Keep-Alive\r\n"
         "User-Agent: PHP-SOAP/8.2.36\r\nContent-Type: text/xml; charset=utf-8\r\n"
         "SOAPAction: \"urn:x#Ping\"\r\nContent-Length: 369\r\n\r\n"),
    TEXT("POST /push?x=1 HTTP/1.1\r\nhost: 127.0.0.1:59045\r\nconnection: keep-alive\r\n"
         "content-type: text/plain;charset=UTF-8\r\naccept: */*\r\naccept-language: *\r\n"
         "sec-fetch-mode: cors\r\nuser-agent: node\r\naccept-encoding: gzip, deflate\r\n"
         "content-length: 4\r\n\r\n"),
    TEXT("GET /push?x=1 HTTP/1.1\r\nHost: 127.0.0.1:59045\r\nUser-Agent: Wget/1.21.3\r\n"
         "Accept: */*\r\nAccept-Encoding: identity\r\nConnection: Keep-Alive\r\n\r\n"),
    TEXT("POST /push?x=1 HTTP/1.1\r\nAccept-Encoding: identity\r\n"
         "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 4\r\n"
         "Host: 127.0.0.1:59045\r\nUser-Agent: Python-urllib/3.11\r\nConnection: close\r\n\r\n"),
};

static void clients__are_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < KT_COUNT(from_clients); i++) {
        if (read_head(from_clients[i]) != KT_HEAD_OK || used != from_clients[i].n)
            fail_msg("client %zu: %u %s", i, status, why);
        assert_true(kt_str_is(head.path, "/push") && kt_str_is(head.query, "x=1"));
        assert_true(kt_str_is(head.host, "127.0.0.1:59045"));
    }
}

static void head__needs_every_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < KT_COUNT(from_clients); i++) {
        for (size_t n = 0; n < from_clients[i].n; n++)
            assert_int_equal(read_head(kt_str_part(from_clients[i], 0, n)), KT_HEAD_MORE);
    }
}

/* Asked at line ends only, it is found all the same. */
static void due__is_at_line_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < KT_COUNT(from_clients); i++) {
        size_t calls = 0;
        size_t seen = 0;
        enum kt_head_rc rc = KT_HEAD_MORE;
        for (size_t n = 1; n <= from_clients[i].n; n++) {
            struct kt_str now = kt_str_part(from_clients[i], 0, n);
            if (!kt_http_head_due(now, seen))
                continue;
            rc = read_head(now);
            seen = n;
            calls++;
        }
        assert_int_equal(rc, KT_HEAD_OK);
        assert_int_equal(calls, 3 + 2 + head.fields); /* beginning, first line, fields, empty one */
    }
    assert_false(kt_http_head_due(KT_STR("GET "), 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_line__is_read_in_one_way),
        cmocka_unit_test(target__is_read_in_one_way),
        cmocka_unit_test(fields__are_read_in_one_way),
        cmocka_unit_test(length_of_body__is_read_in_one_way),
        cmocka_unit_test(sizes__have_limits),
        cmocka_unit_test(fields__are_64_at_most),
        cmocka_unit_test(bytes__are_as_the_standard_lists_them),
        cmocka_unit_test(head__tells_its_parts),
        cmocka_unit_test(clients__are_understood),
        cmocka_unit_test(head__needs_every_byte),
        cmocka_unit_test(due__is_at_line_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
