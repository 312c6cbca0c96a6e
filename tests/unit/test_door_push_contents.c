/* What contents of pushed documents are looked at and scanned for, and that their source is heard:
 * src/flow/contents.c, src/flow/inbound.c behind the door. */
#include "test_door_push_documents_kit.h"

#include "store/past.h"

/* --- what they are --- */

static struct kt_reply post_content(const char *document, struct kt_str content)
{
    struct kt_buf out;
    kt_buf_init(&out, arena, 1 << 20);
    put_root(&out, document);
    put_part(&out, "a", content);
    kt_buf_text(&out, "\r\n--b--\r\n");
    return post(MTOM, kt_buf_view(&out));
}

static void content__is_looked_at(void **state)
{
    const struct {
        struct kt_str content;
        const char *code;
    } rows[] = {
        { KT_STR("%PDF-1.4\n1 0 obj <</Type /Pages>> endobj\n%%EOF\n"), "CONTENT_EMPTY" },
        { KT_STR("%PDF-1.4\n1 0 obj <</Type /Page>> endobj\n"), "CONTENT_CUT" },
        { KT_STR("%PDF-1.4\n<</Type /Page>> <</Encrypt 4 0 R>>\n%%EOF\n"), "CONTENT_ENCRYPTED" },
        { KT_STR("%PDF-1.4\n<</Type /Page>> <</S /Launch>>\n%%EOF\n"), "CONTENT_ACTIVE" },
        { KT_STR("#!/bin/sh\necho\n"), "CONTENT_PROGRAM" },
        { KT_STR("just words"), "CONTENT_TYPE" },
        { KT_STR("\1\2\3"), "CONTENT_UNKNOWN" },
    };
    struct kt_reply r;
    (void)state;
    for (size_t i = 0; i < KT_COUNT(rows); i++) {
        r = post_content(DOCUMENT("D1", INCLUDE("a")), rows[i].content);
        says(&r, 200, rows[i].code);
        says(&r, 200, REFUSED);
        assert_false(is_kept(rows[i].content));
    }
    assert_null(stored("s|D1|1"));
    r = post_content(DOCUMENT("D1", "<fileName>a.png</fileName>" INCLUDE("a")), KT_STR(ONE));
    says(&r, 200, "the file is called a.png, but is application/pdf");
    f.site.documents.size_max = 20;
    r = post_content(DOCUMENT("D1", INCLUDE("a")), KT_STR(ONE));
    says(&r, 200, "CONTENT_TOO_LARGE");
    f.site.documents.size_max = 0;
    /* one that is refused stops no other */
    r = post_content(DOCUMENT("D1", INCLUDE("a")) DOCUMENT("D2", "<content>IyEvYmlu</content>"),
                     KT_STR(ONE));
    says(&r, 200, ACCEPTED REFUSED_BEHIND);
    assert_non_null(stored("s|D1|1"));
    assert_null(stored("s|D2|1"));
}

static void media_type__is_what_it_is(void **state)
{
    (void)state;
    struct kt_reply r =
        post_content(DOCUMENT("D1", "<mediaType>application/octet-stream</mediaType>" INCLUDE("a")),
                     KT_STR(ONE));
    says(&r, 200, ACCEPTED);
    assert_string_equal(stored("s|D1|1")->media_type.p, "application/pdf");
    r = post("text/xml", envelope(kt_format(arena, DOCUMENT("D1", "<sha256>%s</sha256>"),
                                            sha256_of(KT_STR(ONE)))));
    says(&r, 200, "<push:unchanged>1</push:unchanged>");
}

/* --- the scanner --- */

static enum kt_rc asked;
static const char *finds;
static bool takes;
static struct kt_str scanned;

static enum kt_rc scan(const char *address, int64_t wait_s, struct kt_str bytes, bool *is_taken,
                       char *found, size_t room, struct kt_err *e)
{
    assert_string_equal(address, "unix:/scanner");
    assert_int_equal(wait_s, 7);
    scanned = bytes;
    *is_taken = takes;
    (void)snprintf(found, room, "%s", finds);
    return asked == KT_OK ? KT_OK
                          : kt_fail(e, asked, KT_ENDPOINT, KT_E_SCANNER_DOWN,
                                    KT_P_TEXT("detail", "it sleeps"));
}

static void scanner__decides(void **state)
{
    (void)state;
    f.site.documents.scanner = "unix:/scanner";
    f.site.documents.scan_s = 7;
    struct kt_reply r = post_content(DOCUMENT("D1", INCLUDE("a")), KT_STR(ONE));
    says(&r, 503, "SCANNER_DOWN"); /* nobody to ask */
    f.site.scan = scan;
    asked = KT_RETRY;
    finds = "";
    takes = true;
    r = post_content(DOCUMENT("D1", INCLUDE("a")), KT_STR(ONE));
    says(&r, 503, "it sleeps");
    assert_true(r.retry_after_s > 0);
    asked = KT_OK;
    finds = "Eicar-Test";
    r = post_content(DOCUMENT("D1", INCLUDE("a")), KT_STR(ONE));
    says(&r, 200, "the scanner found Eicar-Test in it");
    takes = false;
    finds = "size limit exceeded";
    r = post_content(DOCUMENT("D1", INCLUDE("a")), KT_STR(ONE));
    says(&r, 200, "CONTENT_UNSCANNED");
    assert_false(is_kept(KT_STR(ONE)));
    assert_null(stored("s|D1|1"));
    takes = true;
    finds = "";
    r = post_content(DOCUMENT("D1", INCLUDE("a")), KT_STR(ONE));
    says(&r, 200, ACCEPTED);
    assert_int_equal(scanned.n, sizeof ONE - 1);
    scanned.n = 0; /* what is refused anyway is not sent there */
    r = post_content(DOCUMENT("D2", INCLUDE("a")), KT_STR("just words"));
    says(&r, 200, "CONTENT_TYPE");
    assert_int_equal(scanned.n, 0);
}

/* --- who was heard --- */

static int64_t heard_at(enum kt_kind kind)
{
    struct kt_err e = { 0 };
    int64_t at_us = -1;
    MUST(kt_heard_at(f.work.db, "s", kind, &at_us, &e));
    return at_us;
}

static void source__is_heard_news_or_not(void **state)
{
    static const char certificates[] =
        "<s:Envelope xmlns:s=\"" ENV "\"><s:Body><PushCertificates xmlns=\"urn:kontor:push:1\">"
        "<messageId>m</messageId><certificate><scheme>CE</scheme><number>%s</number><families>"
        "<item>TV</item></families><revokedAt>2026-03-01T10:00:00Z</revokedAt></certificate>"
        "</PushCertificates></s:Body></s:Envelope>";
    (void)state;
    assert_int_equal(heard_at(KT_KIND_CERTIFICATE), 0);
    struct kt_reply r = post("text/xml", kt_str_of(kt_format(arena, certificates, "")));
    says(&r, 200, REFUSED); /* nothing was understood */
    assert_int_equal(heard_at(KT_KIND_CERTIFICATE), 0);
    struct kt_str good = kt_str_of(kt_format(arena, certificates, "1"));
    for (size_t i = 0; i + 1 < good.n; i++) { /* another message */
        if (memcmp(good.p + i, ">m<", 3) == 0)
            good = kt_str_of(kt_format(arena, "%.*sn%s", (int)i + 1, good.p, good.p + i + 2));
    }
    r = post("text/xml", good);
    says(&r, 200, ACCEPTED);
    const int64_t first_us = heard_at(KT_KIND_CERTIFICATE);
    assert_true(first_us > 0);
    assert_int_equal(heard_at(KT_KIND_DOCUMENT), 0);
    fake_later(&f, 3600);
    r = post("text/xml", good); /* the very same message */
    says(&r, 200, "repeated>true<");
    assert_true(heard_at(KT_KIND_CERTIFICATE) >= first_us + 3600 * KT_SECOND);
    fake_later(&f, 3600);
    r = post("text/xml", envelope(DOCUMENT("D1", "<content>dGV4dA==</content>")));
    says(&r, 200, ACCEPTED);
    assert_true(heard_at(KT_KIND_DOCUMENT) >= first_us + 7200 * KT_SECOND);
}

static void new_fields__arrive(void **state)
{
    const struct kt_str key = KT_STR("s|UL|7");
    struct kt_stored s;
    struct kt_err e = { 0 };
    (void)state;
    struct kt_reply r = post(
        "text/xml", KT_STR("<s:Envelope xmlns:s=\"" ENV "\"><s:Body><PushCertificates "
                           "xmlns=\"urn:kontor:push:1\"><certificate><scheme>UL</scheme><number>7"
                           "</number><families><item>TV</item><item>AUDIO</item></families>"
                           "<revokedAt>2026-03-01T10:00:00+01:00</revokedAt></certificate>"
                           "</PushCertificates></s:Body></s:Envelope>"));
    says(&r, 200, ACCEPTED);
    MUST(kt_records_get(f.work.db, KT_KIND_CERTIFICATE, &key, 1, &s, arena, &e));
    const struct kt_certificate *c = s.record;
    assert_int_equal(c->families.count, 2);
    assert_int_equal(c->revoked_at, INT64_C(1772355600) * KT_SECOND);
    r = post("text/xml", envelope(DOCUMENT("D1", "<content>dGV4dA==</content><families><item>TV"
                                                 "</item></families><reference>R-1</reference>")));
    says(&r, 200, ACCEPTED);
    const struct kt_document *d = stored("s|D1|1");
    assert_string_equal(d->reference.p, "R-1");
    assert_string_equal(((const struct kt_ref *)d->families.item)[0].id.p, "TV");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(content__is_looked_at),        WITH(media_type__is_what_it_is), WITH(scanner__decides),
        WITH(source__is_heard_news_or_not), WITH(new_fields__arrive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
