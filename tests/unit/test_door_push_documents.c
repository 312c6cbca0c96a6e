/* Documents that are pushed with their contents: src/door/push_documents.c. */
#include "test_door_push_documents_kit.h"

/* --- contents --- */

static void part__is_the_content(void **state)
{
    static const char *const ids[] = { "doc@x" };
    (void)state;
    struct kt_reply r = post_parts(DOCUMENT("D1", INCLUDE("doc%40x")), ids, 1);
    says(&r, 200, ACCEPTED);
    const struct kt_document *d = stored("s|D1|1");
    assert_non_null(d);
    assert_string_equal(d->sha256.p, sha256_of(KT_STR(ONE)));
    assert_int_equal(d->size, sizeof ONE - 1);
    assert_string_equal(d->media_type.p, "application/pdf");
    assert_true(is_kept(KT_STR(ONE)));
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
                 { "JVBERiA=", "%PDF " },
                 { "JVBERiAx", "%PDF 1" },
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
    assert_false(is_kept(KT_STR(ONE))); /* a cut one costs nothing */
    char *upper = kt_text_copy(arena, sha256_of(KT_STR(ONE)));
    for (char *c = upper; *c != '\0'; c++)
        *c = *c >= 'a' && *c <= 'f' ? (char)(*c - 'a' + 'A') : *c;
    r = post_parts(kt_format(arena,
                             DOCUMENT("D1", "<sha256>%s</sha256><size>%zu</size>" INCLUDE("a")),
                             upper, sizeof ONE - 1),
                   ids, 1);
    says(&r, 200, ACCEPTED);
}

static void known_content__need_not_come_again(void **state)
{
    static const char *const ids[] = { "a" };
    const char *sha256 = sha256_of(KT_STR(ONE));
    (void)state;
    struct kt_reply r =
        post("text/xml", envelope(kt_format(arena, DOCUMENT("D2", "<sha256>%s</sha256>"), sha256)));
    says(&r, 200, "DOCUMENT_CONTENT_MISSING");
    r = post_parts(DOCUMENT("D1", INCLUDE("a")), ids, 1);
    says(&r, 200, ACCEPTED);
    r = post("text/xml", envelope(kt_format(arena, DOCUMENT("D2", "<sha256>%s</sha256>"), sha256)));
    says(&r, 200, ACCEPTED);
    assert_int_equal(stored("s|D2|1")->size, sizeof ONE - 1);
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
    const struct kt_str content = KT_STR(ONE);
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
        put_part(&out, "a", i < 2 ? KT_STR(PDF("one")) : KT_STR(PDF("two")));
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
    static const char first[] = "%PDF-1.4\n1 0 obj <</Type /Page>> stream\n";
    static const char last[] = "endstream\nstartxref\n9\n%%EOF\n";
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
        memcpy(piece, n == 0 ? first : (const char *)&n, n == 0 ? sizeof first - 1 : sizeof n);
        if (n + PIECE == SIZE)
            memcpy(piece + PIECE - sizeof last + 1, last, sizeof last - 1);
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
