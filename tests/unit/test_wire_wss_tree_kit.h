#ifndef KT_TEST_WIRE_WSS_TREE_KIT_H
#define KT_TEST_WIRE_WSS_TREE_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/wss_inner.h"

/* Messages in pieces, and what is said to them. */
#define V11 "http://schemas.xmlsoap.org/soap/envelope/"
#define V12 "http://www.w3.org/2003/05/soap-envelope"
#define W04 "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define NAMES                                                                             \
    " xmlns:s='" V11 "' xmlns:t='" V12 "' xmlns:o='" KT_WSS_WSSE "' xmlns:u='" KT_WSS_WSU \
    "' xmlns:p='" KT_WSS_WSSE11 "' xmlns:d='" KT_WSS_DS "' xmlns:x='" KT_WSS_XENC         \
    "' xmlns:w='" KT_WSS_WSA "' xmlns:w4='" W04 "' xmlns:k='urn:k'"
#define MESSAGE(head, body) "<s:Envelope" NAMES ">" head "<s:Body>" body "</s:Body></s:Envelope>"
#define HEADED(blocks)      MESSAGE("<s:Header>" blocks "</s:Header>", "<k:Op/>")
#define SECURED(children)   HEADED("<o:Security>" children "</o:Security>")
#define BODY(body)          MESSAGE("", body)
#define BST(attrs, text)    "<o:BinarySecurityToken " attrs ">" text "</o:BinarySecurityToken>"
#define V3                  "ValueType='" KT_WSS_PROFILE_X509 "#X509v3'"
#define BASE64              "EncodingType='" KT_WSS_MESSAGE_SECURITY "#Base64Binary'"
#define DER                 "MAMCAQE=" /* a sequence of one number */

static struct kt_arena *a;     /* of one message: reset by the next */
static struct kt_arena *texts; /* of the whole test */
static struct kt_wss_opened out;
static struct kt_wss_tree tree;
static const struct kt_wss_asked asked;

static inline enum kt_wss_code read_message(const struct kt_wss_message *m)
{
    struct kt_err e = { 0 };
    kt_arena_reset(a);
    out = (struct kt_wss_opened){ 0 };
    enum kt_rc rc = kt_wss_tree_read(&tree, m, &out, a, &e);
    assert_int_equal(rc, out.code == KT_WSS_OK ? KT_OK : KT_REJECT);
    assert_int_equal(e.v.code, rc == KT_OK ? KT_E_NONE : KT_E_SECURITY_REFUSED);
    return out.code;
}

static inline enum kt_wss_code read_octets(struct kt_str xml)
{
    const struct kt_wss_message m = { .xml = xml };
    return read_message(&m);
}

static inline enum kt_wss_code read_text(const char *xml)
{
    return read_octets(kt_str_of(xml));
}

static inline void expect(const char *xml, enum kt_wss_code code)
{
    const enum kt_wss_code found = read_text(xml);
    if (found != code)
        fail_msg("%s instead of %s: %.600s", kt_wss_code_text(found), kt_wss_code_text(code), xml);
}

struct pair {
    enum kt_wss_code code;
    const char *attack, *twin;
};

static inline void expect_all(const struct pair *pair, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect(pair[i].twin, KT_WSS_OK);
        expect(pair[i].attack, pair[i].code);
    }
}

/* `n` times `each` (with a running number where it says %zu) between two halves. */
static inline struct kt_str many(const char *before, const char *each, size_t n, const char *after)
{
    static char text[16 << 20];
    size_t at = (size_t)snprintf(text, sizeof text, "%s", before);
    const bool is_numbered = strstr(each, "%zu") != NULL;
    for (size_t i = 0; i < n; i++) {
        if (is_numbered) {
            const char *mark = strstr(each, "%zu");
            at += (size_t)snprintf(text + at, sizeof text - at, "%.*s%zu%s", (int)(mark - each),
                                   each, i, mark + 3);
        } else {
            memcpy(text + at, each, strlen(each));
            at += strlen(each);
        }
        assert_true(at < sizeof text - 1024);
    }
    at += (size_t)snprintf(text + at, sizeof text - at, "%s", after);
    return (struct kt_str){ text, at };
}

static inline int set_up(void **state)
{
    (void)state;
    a = kt_arena_new();
    texts = kt_arena_new();
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    kt_arena_free(a);
    kt_arena_free(texts);
    return 0;
}

#endif
