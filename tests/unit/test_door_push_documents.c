/* Documents that are pushed with their contents: src/door/push_documents.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/rand.h"
#include "base/time.h"
#include "door/door.h"
#include "door/push.h"
#include "fake_partner.h"
#include "store/blobs.h"
#include "store/odbc.h"
#include "store/records.h"

#define MUST(call) assert_int_equal((call), KT_OK)

#define PRINT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ENV   "http://schemas.xmlsoap.org/soap/envelope/"
#define XOP   "http://www.w3.org/2004/08/xop/include"
#define MTOM                                                                                \
    "multipart/related; boundary=\"b\"; type=\"application/xop+xml\"; start=\"<root@x>\"; " \
    "start-info=\"text/xml\""

static struct fake f;
static struct kt_partner partner;
static struct kt_door_conf conf;
static struct kt_door_worker *worker;
static struct kt_arena *arena;
static char blobs[128];

static int set_up(void **state)
{
    static const char *const prints[] = { PRINT };
    struct kt_err e = { 0 };
    (void)state;
    fake_open(&f);
    arena = f.work.arena;
    (void)snprintf(blobs, sizeof blobs, "%s/blobs", f.folder);
    assert_int_equal(mkdir(blobs, 0700), 0);
    partner = (struct kt_partner){ .name = "erp-a", .erp_name = "erp", .erp = &f.erp };
    partner.certificates = (struct kt_conf_texts){ prints, 1 };
    conf = (struct kt_door_conf){ .partner = &partner,
                                  .partners = 1,
                                  .message_max = 4 << 20,
                                  .document_max = 64 << 20,
                                  .blobs = blobs };
    f.site.blobs = blobs;
    worker = kt_door_worker_new(&conf, &f.site, NULL, &f.log);
    worker->work.committer = f.work.committer;
    MUST(kt_door_worker_open(worker, arena, &e));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kt_door_worker_free(worker);
    int rc = system(kt_format(arena, "rm -r %s", blobs)); /* NOLINT: a folder of our own */
    assert_int_equal(rc, 0);
    fake_close(&f);
    return 0;
}

/* --- requests --- */

static struct kt_reply post(const char *type, struct kt_str body)
{
    struct kt_request q = { .method = KT_STR("POST"),
                            .path = KT_STR("/soap/push"),
                            .query = KT_STR(""),
                            .head = KT_STR("Host: a\r\n"),
                            .content_type = kt_str_of(type),
                            .body = body,
                            .address = "127.0.0.1",
                            .is_tls = true,
                            .fingerprint = PRINT,
                            .subject = "",
                            .listener = "push" };
    struct kt_reply r = { .status = 500 };
    worker->work.arena = arena;
    kt_push_handle(worker, NULL, &q, &r, arena);
    return r;
}

static struct kt_str envelope(const char *documents)
{
    return kt_str_of(kt_format(arena,
                               "<s:Envelope xmlns:s=\"" ENV "\"><s:Body><PushDocuments "
                               "xmlns=\"urn:kontor:push:1\">%s</PushDocuments></s:Body>"
                               "</s:Envelope>",
                               documents));
}

#define DOCUMENT(id, more) \
    "<document><id>" id "</id><version>1</version><type>rohs</type>" more "</document>"
#define INCLUDE(cid) "<content><xop:Include xmlns:xop=\"" XOP "\" href=\"cid:" cid "\"/></content>"

static void put_root(struct kt_buf *out, const char *documents)
{
    kt_buf_text(out, "--b\r\nContent-ID: <root@x>\r\nContent-Type: application/xop+xml; "
                     "charset=UTF-8; type=\"text/xml\"\r\n\r\n");
    kt_buf_str(out, envelope(documents));
}

static void put_part(struct kt_buf *out, const char *id, struct kt_str bytes)
{
    kt_buf_format(out,
                  "\r\n--b\r\nContent-ID: <%s>\r\nContent-Type: application/pdf\r\n"
                  "Content-Transfer-Encoding: binary\r\n\r\n",
                  id);
    kt_buf_str(out, bytes);
}

static struct kt_reply post_parts(const char *documents, const char *const *ids, size_t count)
{
    struct kt_buf out;
    kt_buf_init(&out, arena, 1 << 20);
    put_root(&out, documents);
    for (size_t i = 0; i < count; i++)
        put_part(&out, ids[i], KT_STR("%PDF-1.4 one"));
    kt_buf_text(&out, "\r\n--b--\r\n");
    return post(MTOM, kt_buf_view(&out));
}

static void says(const struct kt_reply *r, unsigned status, const char *text)
{
    if (r->status != status || strstr(r->body.p, text) == NULL)
        print_message("%u %s\n", r->status, r->body.p);
    assert_int_equal(r->status, status);
    assert_non_null(strstr(r->body.p, text));
}

#define ACCEPTED "<push:accepted>1</push:accepted>"
#define REFUSED  "<push:refused>1</push:refused>"

static const char *sha256_of(struct kt_str bytes)
{
    uint8_t digest[KT_HASH_BYTES];
    char *text = kt_alloc(arena, KT_HASH_TEXT_MAX);
    kt_sha256(bytes, digest);
    kt_hex(digest, sizeof digest, text);
    return text;
}

static const struct kt_document *stored(const char *key)
{
    const struct kt_str k = kt_str_of(key);
    struct kt_stored s;
    struct kt_err e = { 0 };
    MUST(kt_records_get(f.work.db, KT_KIND_DOCUMENT, &k, 1, &s, arena, &e));
    return s.record;
}

static bool is_kept(struct kt_str content)
{
    struct kt_str bytes = { NULL, 0 };
    struct kt_err e = { 0 };
    return kt_blob_get(blobs, kt_str_of(sha256_of(content)), &bytes, arena, &e) == KT_OK &&
           kt_str_eq(bytes, content);
}

/* --- contents --- */

static void part__is_the_content(void **state)
{
    static const char *const ids[] = { "doc@x" };
    (void)state;
    struct kt_reply r = post_parts(DOCUMENT("D1", INCLUDE("doc%40x")), ids, 1);
    says(&r, 200, ACCEPTED);
    const struct kt_document *d = stored("s|D1|1");
    assert_non_null(d);
    assert_string_equal(d->sha256.p, sha256_of(KT_STR("%PDF-1.4 one")));
    assert_int_equal(d->size, 12);
    assert_string_equal(d->media_type.p, "application/pdf");
    assert_true(is_kept(KT_STR("%PDF-1.4 one")));
    r = post_parts(DOCUMENT("D1", INCLUDE("doc%40x")), ids, 1);
    says(&r, 200, "<push:unchanged>1</push:unchanged>");
}

static void base64__is_the_content(void **state)
{
    static const struct {
        const char *text;
        const char *bytes; /* NULL: none */
    } rows[] = { { "JVBERg==", "%PDF" },
                 { "JVBE\n Rg = =", "%PDF" },
                 { "JVBERi0=", "%PDF-" },
                 { "JVBERi0x", "%PDF-1" },
                 { "JVBERg", NULL },
                 { "JVBERg=", NULL },
                 { "JVBER=g=", NULL },
                 { "JVBE====", NULL },
                 { "J", NULL },
                 { "JVBERi0x*", NULL },
                 { "", NULL },
                 { "====", NULL } };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(rows); i++) {
        struct kt_reply r = post(
            "text/xml",
            envelope(kt_format(arena, DOCUMENT("D%zu", "<content>%s</content>"), i, rows[i].text)));
        says(&r, 200, rows[i].bytes != NULL ? ACCEPTED : "DOCUMENT_CONTENT_MISSING");
        if (rows[i].bytes != NULL)
            assert_true(is_kept(kt_str_of(rows[i].bytes)));
    }
}

static void hash_and_size__are_checked(void **state)
{
    static const char *const ids[] = { "a" };
    (void)state;
    struct kt_reply r = post_parts(
        DOCUMENT("D1", "<sha256>0000000000000000000000000000000000000000000000000000000000000000"
                       "</sha256>" INCLUDE("a")),
        ids, 1);
    says(&r, 200, "DOCUMENT_CONTENT_DIFFERS");
    r = post_parts(DOCUMENT("D1", "<size>11</size>" INCLUDE("a")), ids, 1);
    says(&r, 200, "DOCUMENT_CONTENT_DIFFERS");
    assert_null(stored("s|D1|1"));
    assert_false(is_kept(KT_STR("%PDF-1.4 one"))); /* a cut one costs nothing */
    char *upper = kt_text_copy(arena, sha256_of(KT_STR("%PDF-1.4 one")));
    for (char *c = upper; *c != '\0'; c++)
        *c = *c >= 'a' && *c <= 'f' ? (char)(*c - 'a' + 'A') : *c;
    r = post_parts(
        kt_format(arena, DOCUMENT("D1", "<sha256>%s</sha256><size>12</size>" INCLUDE("a")), upper),
        ids, 1);
    says(&r, 200, ACCEPTED);
}

static void known_content__need_not_come_again(void **state)
{
    static const char *const ids[] = { "a" };
    const char *sha256 = sha256_of(KT_STR("%PDF-1.4 one"));
    (void)state;
    struct kt_reply r =
        post("text/xml", envelope(kt_format(arena, DOCUMENT("D2", "<sha256>%s</sha256>"), sha256)));
    says(&r, 200, "DOCUMENT_CONTENT_MISSING");
    r = post_parts(DOCUMENT("D1", INCLUDE("a")), ids, 1);
    says(&r, 200, ACCEPTED);
    r = post("text/xml", envelope(kt_format(arena, DOCUMENT("D2", "<sha256>%s</sha256>"), sha256)));
    says(&r, 200, ACCEPTED);
    assert_int_equal(stored("s|D2|1")->size, 12);
    r = post("text/xml", envelope(DOCUMENT("D3", "")));
    says(&r, 200, "DOCUMENT_CONTENT_MISSING");
    r = post("text/xml", envelope("<document><deleted>true</deleted><id>D2</id><version>1</version>"
                                  "</document>"));
    says(&r, 200, ACCEPTED);
}

/* A file whose row was never written, and one that is about to be collected. */
static void known_content__stays_once_it_is_named(void **state)
{
    static const char *const ids[] = { "a" };
    const struct kt_str content = KT_STR("%PDF-1.4 one");
    const char *named = kt_format(arena, DOCUMENT("D2", "<sha256>%s</sha256>"), sha256_of(content));
    struct kt_err e = { 0 };
    struct kt_blob blob;
    int64_t rows = 0;
    (void)state;
    MUST(kt_blob_put(f.work.db, blobs, content, KT_STR("application/pdf"), 1000, &blob, &e));
    MUST(kt_tx_begin(f.work.db, &e));
    MUST(kt_stmt_write(f.work.db, KT_S_BLOB_DROP, KT_ARGS(kt_name(blob.sha256), kt_int(KT_NEVER)),
                       &rows, &e));
    MUST(kt_tx_commit(f.work.db, &e));
    assert_int_equal(rows, 1);
    assert_true(is_kept(content));
    struct kt_reply r = post("text/xml", envelope(named));
    says(&r, 200, "DOCUMENT_CONTENT_MISSING");
    r = post_parts(DOCUMENT("D1", INCLUDE("a")), ids, 1);
    says(&r, 200, ACCEPTED);
    r = post("text/xml", envelope(named));
    says(&r, 200, ACCEPTED);
    MUST(kt_blobs_collect(f.work.db, blobs, kt_now_us() + KT_HOUR, &rows, arena, &e));
    assert_true(is_kept(content));
}

static void parts__are_each_named_and_there(void **state)
{
    static const char *const one[] = { "a" };
    static const char *const two[] = { "a", "b" };
    static const char *const same[] = { "a", "a" };
    (void)state;
    struct kt_reply r = post_parts(DOCUMENT("D1", INCLUDE("b")), one, 1);
    says(&r, 500, "PART_MISSING");
    r = post_parts(DOCUMENT("D1", INCLUDE("a")), two, 2);
    says(&r, 500, "PART_UNUSED");
    r = post_parts(DOCUMENT("D1", INCLUDE("a")), same, 2);
    says(&r, 500, "MIME_INVALID");
    r = post_parts(DOCUMENT("D1", INCLUDE("root%40x")), one, 1);
    says(&r, 500, "PART_MISSING"); /* the message itself is no document */
    r = post("text/xml", envelope(DOCUMENT("D1", INCLUDE("a"))));
    says(&r, 500, "PART_MISSING");
    assert_null(stored("s|D1|1"));
    r = post_parts(DOCUMENT("D1", INCLUDE("a")) DOCUMENT("D2", INCLUDE("a")), one, 1);
    says(&r, 200, "<push:accepted>2</push:accepted>"); /* two documents of one content */
}

static void documents__need_a_folder(void **state)
{
    (void)state;
    f.site.blobs = NULL;
    struct kt_reply r = post("text/xml", envelope(DOCUMENT("D1", "<content>JVBERg==</content>")));
    says(&r, 200, "DOCUMENTS_OFF");
    f.site.blobs = kt_format(arena, "%s/away", blobs);
    r = post("text/xml", envelope(DOCUMENT("D1", "<content>JVBERg==</content>")));
    says(&r, 503, "BLOB_UNWRITTEN");
    assert_true(r.retry_after_s > 0);
}

static void repeat__of_other_contents_is_another_message(void **state)
{
    struct kt_reply r;
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct kt_buf out;
        kt_buf_init(&out, arena, 1 << 20);
        put_root(&out, "<messageId>m</messageId>" DOCUMENT("D1", INCLUDE("a")));
        put_part(&out, "a", i < 2 ? KT_STR("one") : KT_STR("two"));
        kt_buf_text(&out, "\r\n--b--\r\n");
        r = post(MTOM, kt_buf_view(&out));
        says(&r, i < 2 ? 200 : 500,
             i == 0   ? "repeated>false<"
             : i == 1 ? "repeated>true<"
                      : "MESSAGE_CHANGED");
    }
}

/* --- size --- */

static long resident_kb(const char *what)
{
    char line[256];
    long kb = -1;
    FILE *status = fopen("/proc/self/status", "r");
    assert_non_null(status);
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, what, strlen(what)) == 0)
            kb = strtol(line + strlen(what), NULL, 10);
    }
    assert_int_equal(fclose(status), 0);
    return kb;
}

/* A sanitizer keeps notes of its own beside what the program holds. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define NOTES_MORE 4
#endif
#endif
#ifndef NOTES_MORE
#define NOTES_MORE 1
#endif

/* As the server hands it over: a mapped file without a name. */
static void document_of_20_mb__costs_less_than_40_mb(void **state)
{
    enum { SIZE = 20 << 20, PIECE = 1 << 16 };
    static char piece[PIECE];
    static const char end[] = "\r\n--b--\r\n";
    char name[160];
    struct kt_buf head;
    (void)state;
    kt_buf_init(&head, arena, 1 << 20);
    put_root(&head, DOCUMENT("D1", INCLUDE("a")));
    put_part(&head, "a", KT_STR(""));
    (void)snprintf(name, sizeof name, "%s/body", f.folder);
    FILE *file = fopen(name, "w+");
    assert_non_null(file);
    struct kt_str begin = kt_buf_view(&head);
    assert_int_equal(fwrite(begin.p, 1, begin.n, file), begin.n);
    kt_rand_bytes((uint8_t *)piece, sizeof piece);
    for (size_t n = 0; n < SIZE; n += PIECE) {
        memcpy(piece, &n, sizeof n);
        assert_int_equal(fwrite(piece, 1, PIECE, file), PIECE);
    }
    assert_int_equal(fwrite(end, 1, sizeof end - 1, file), sizeof end - 1);
    assert_int_equal(fflush(file), 0);
    size_t size = begin.n + SIZE + sizeof end - 1;
    long before = resident_kb("VmRSS:");
    void *body = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fileno(file), 0);
    assert_ptr_not_equal(body, MAP_FAILED);
    struct kt_reply r = post(MTOM, (struct kt_str){ body, size });
    says(&r, 200, ACCEPTED);
    long most = resident_kb("VmHWM:");
    print_message("20 MB document: %ld kB more at most\n", most - before);
    assert_true(most - before < 40L * 1024 * NOTES_MORE);
    assert_int_equal(stored("s|D1|1")->size, SIZE);
    assert_int_equal(munmap(body, size), 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(unlink(name), 0);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(document_of_20_mb__costs_less_than_40_mb), /* first: it looks at the highest mark */
        WITH(part__is_the_content),
        WITH(base64__is_the_content),
        WITH(hash_and_size__are_checked),
        WITH(known_content__need_not_come_again),
        WITH(known_content__stays_once_it_is_named),
        WITH(parts__are_each_named_and_there),
        WITH(documents__need_a_folder),
        WITH(repeat__of_other_contents_is_another_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
