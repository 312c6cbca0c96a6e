#ifndef TEST_DOOR_IDOC_KIT_H
#define TEST_DOOR_IDOC_KIT_H

/* A worker of the door over a fresh database, and requests of a partner "sap" to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/xml_read.h"
#include "door/door.h"
#include "fake_partner.h"
#include "store/exceptions.h"
#include "store/records.h"

#define MUST(call)  assert_int_equal((call), KT_OK)
#define PRINT_SAP   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PRINT_OTHER "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SOAP_1_1    "http://schemas.xmlsoap.org/soap/envelope/"
#define SOAP_1_2    "http://www.w3.org/2003/05/soap-envelope"

struct gate {
    struct fake f;
    struct kt_partner partner[2];
    struct kt_door_conf conf;
    struct kt_door_worker *worker;
    struct kt_request q;
    struct kt_reply r;
    struct kt_arena *arena; /* of the request */
};

static inline void open_gate(struct gate *g)
{
    static const char *const print[] = { PRINT_SAP };
    static const char *const other_print[] = { PRINT_OTHER };
    static const char *const some[] = { "idoc:MATMAS", "s4:CustomerReturn" };
    struct kt_err e = { 0 };
    memset(g, 0, sizeof *g);
    fake_open(&g->f);
    g->partner[0] =
        (struct kt_partner){ .name = "sap", .certificates = { print, 1 }, .erp = &g->f.erp };
    g->partner[1] = (struct kt_partner){ .name = "narrow",
                                         .certificates = { other_print, 1 },
                                         .operations = { some, 2 },
                                         .erp = &g->f.erp };
    g->conf = (struct kt_door_conf){ .partner = g->partner, .partners = 2, .message_max = 1 << 20 };
    g->arena = kt_arena_new();
    g->worker = kt_door_worker_new(&g->conf, &g->f.site, NULL, &g->f.log);
    g->worker->work.committer = g->f.work.committer;
    MUST(kt_door_worker_open(g->worker, g->arena, &e));
    g->q = (struct kt_request){ .method = KT_STR("POST"),
                                .head = KT_STR(""),
                                .content_type = KT_STR("text/xml; charset=utf-8"),
                                .address = "192.0.2.1",
                                .is_tls = true,
                                .fingerprint = PRINT_SAP,
                                .subject = "",
                                .listener = "in" };
}

static inline void close_gate(struct gate *g)
{
    kt_door_worker_free(g->worker);
    kt_arena_free(g->arena);
    fake_close(&g->f);
}

/* The answer's status; its body stays in g->r until the next request. */
static inline unsigned post(struct gate *g, kt_handler handler, const char *path, const char *xml)
{
    kt_arena_reset(g->arena);
    g->worker->work.arena = g->arena;
    g->q.path = kt_str_of(path);
    g->q.body = kt_str_of(xml);
    g->r = (struct kt_reply){ .status = 500 };
    handler(g->worker, NULL, &g->q, &g->r, g->arena);
    return g->r.status;
}

static inline bool says(const struct gate *g, const char *text)
{
    return g->r.body.p != NULL && strstr(g->r.body.p, text) != NULL;
}

/* Every answer with a body of XML is well-formed. */
static inline const struct kt_xml_node *answer_xml(const struct gate *g)
{
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found = { 0 };
    assert_int_equal(kt_xml_parse(&root, g->r.body, &found, g->arena), KT_XML_OK);
    return root;
}

static inline struct kt_stored stored(struct gate *g, enum kt_kind kind, const char *key)
{
    struct kt_err e = { 0 };
    const struct kt_str k = kt_str_of(key);
    struct kt_stored s = { 0 };
    MUST(kt_records_get(g->f.work.db, kind, &k, 1, &s, g->f.work.arena, &e));
    return s;
}

static inline int64_t open_exceptions(struct gate *g)
{
    return fake_open_exceptions(&g->f);
}

#endif
