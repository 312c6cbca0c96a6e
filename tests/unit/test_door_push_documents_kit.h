#ifndef TEST_DOOR_PUSH_DOCUMENTS_KIT_H
#define TEST_DOOR_PUSH_DOCUMENTS_KIT_H

/* A door that takes documents, for test_door_push_documents.c and test_door_push_contents.c. */
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

#define PRINT     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ENV       "http://schemas.xmlsoap.org/soap/envelope/"
#define XOP       "http://www.w3.org/2004/08/xop/include"
#define PDF(text) "%PDF-1.4\n1 0 obj <</Type /Page>> endobj\n% " text "\nstartxref\n9\n%%EOF\n"
#define ONE       PDF("one")
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

static inline struct kt_str envelope(const char *documents)
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

static inline void put_root(struct kt_buf *out, const char *documents)
{
    kt_buf_text(out, "--b\r\nContent-ID: <root@x>\r\nContent-Type: application/xop+xml; "
                     "charset=UTF-8; type=\"text/xml\"\r\n\r\n");
    kt_buf_str(out, envelope(documents));
}

static inline void put_part(struct kt_buf *out, const char *id, struct kt_str bytes)
{
    kt_buf_format(out,
                  "\r\n--b\r\nContent-ID: <%s>\r\nContent-Type: application/pdf\r\n"
                  "Content-Transfer-Encoding: binary\r\n\r\n",
                  id);
    kt_buf_str(out, bytes);
}

static inline struct kt_reply post_parts(const char *documents, const char *const *ids,
                                         size_t count)
{
    struct kt_buf out;
    kt_buf_init(&out, arena, 1 << 20);
    put_root(&out, documents);
    for (size_t i = 0; i < count; i++)
        put_part(&out, ids[i], KT_STR(ONE));
    kt_buf_text(&out, "\r\n--b--\r\n");
    return post(MTOM, kt_buf_view(&out));
}

static inline void says(const struct kt_reply *r, unsigned status, const char *text)
{
    if (r->status != status || strstr(r->body.p, text) == NULL)
        print_message("%u %s\n", r->status, r->body.p);
    assert_int_equal(r->status, status);
    assert_non_null(strstr(r->body.p, text));
}

#define ACCEPTED       "<push:accepted>1</push:accepted>"
#define REFUSED        "<push:refused>1</push:refused>"
#define REFUSED_BEHIND "<push:unchanged>0</push:unchanged><push:stale>0</push:stale>" REFUSED

static inline const char *sha256_of(struct kt_str bytes)
{
    uint8_t digest[KT_HASH_BYTES];
    char *text = kt_alloc(arena, KT_HASH_TEXT_MAX);
    kt_sha256(bytes, digest);
    kt_hex(digest, sizeof digest, text);
    return text;
}

static inline const struct kt_document *stored(const char *key)
{
    const struct kt_str k = kt_str_of(key);
    struct kt_stored s;
    struct kt_err e = { 0 };
    MUST(kt_records_get(f.work.db, KT_KIND_DOCUMENT, &k, 1, &s, arena, &e));
    return s.record;
}

static inline bool is_kept(struct kt_str content)
{
    struct kt_str bytes = { NULL, 0 };
    struct kt_err e = { 0 };
    return kt_blob_get(blobs, kt_str_of(sha256_of(content)), &bytes, arena, &e) == KT_OK &&
           kt_str_eq(bytes, content);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
