#ifndef KT_TEST_SAP_RECORDED_H
#define KT_TEST_SAP_RECORDED_H

/* An open session against a server that gives the files of answers/, and what a page of it must
 * hold. Include after cmocka.h. */
#include <stdio.h>

#include "adapters/erp_sap/adapter.h"
#include "answering.h"
#include "sample.h"

struct recorded {
    struct answering server;
    struct kt_arena *arena;
    struct kt_erp *erp;
    struct kt_sap_conf conf;
    struct kt_env env;
    char url[80];
};

static inline int recorded_open(struct recorded *t)
{
    struct kt_err e = { 0 };
    if (answering_start(&t->server) != 0)
        return -1;
    snprintf(t->url, sizeof t->url, "http://127.0.0.1:%d/sap/bc/srt", t->server.port);
    t->arena = kt_arena_new();
    t->conf = sample_conf(t->url);
    t->env = (struct kt_env){ .name = "main", .scope = "main", .log = { .least = KT_LOG_ERROR } };
    return kt_erp_sap.open(&t->erp, &t->conf, &t->env, &e) == KT_OK ? 0 : -1;
}

static inline int recorded_close(struct recorded *t)
{
    kt_erp_sap.close(t->erp);
    kt_arena_free(t->arena);
    return answering_stop(&t->server);
}

static inline void give(struct recorded *t, const char *status, const char *type, const char *file)
{
    char path[512];
    static char body[200000];
    snprintf(path, sizeof path, KT_TEST_ROOT "/tests/adapters/erp_sap/answers/%s", file);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(body, 1, sizeof body, f);
    fclose(f);
    answering_set(&t->server, status, type, body, n);
}

static inline struct kt_page pull(struct recorded *t, enum kt_feed feed, const char *file,
                                  enum kt_rc expected)
{
    struct kt_err e = { 0 };
    struct kt_page page = { .feed = feed, .token = KT_STR("D0"), .max = 100 };
    give(t, "200 OK", "text/xml; charset=utf-8", file);
    enum kt_rc rc = kt_erp_sap.pull(t->erp, &page, t->arena, &e);
    if (rc != expected)
        fail_msg("%s: %s %s: %s", file, kt_rc_name(rc), kt_code_name(e.v.code), e.trail);
    return page;
}

/* The change of that kind and key; NULL: none. */
static inline const struct kt_change *change_of(struct recorded *t, const struct kt_page *page,
                                                enum kt_kind kind, const char *key)
{
    for (size_t i = 0; i < page->changes.count; i++) {
        const struct kt_change *c = &page->changes.item[i];
        if (c->kind == kind &&
            kt_str_is(kt_shape_key(kt_kind_shape[kind], c->record, t->arena), key))
            return c;
    }
    return NULL;
}

/* Read whole, and fit for the intake. */
static inline const void *record(struct recorded *t, const struct kt_page *page, enum kt_kind kind,
                                 const char *key, bool is_deleted)
{
    const struct kt_change *c = change_of(t, page, kind, key);
    struct kt_err e = { 0 };
    if (c == NULL || c->fault != NULL || c->is_deleted != is_deleted)
        fail_msg("no sound %s %s", kt_kind_name(kind), key);
    if (!is_deleted && kt_shape_check(kt_kind_shape[kind], c->record, t->arena, &e) != KT_OK)
        fail_msg("%s %s: %s %s", kt_kind_name(kind), key, e.v.param[1].value, e.trail);
    return c->record;
}

static inline const struct kt_verdict *fault(struct recorded *t, const struct kt_page *page,
                                             enum kt_kind kind, const char *key)
{
    const struct kt_change *c = change_of(t, page, kind, key);
    if (c == NULL || c->fault == NULL)
        fail_msg("no fault of %s %s", kt_kind_name(kind), key);
    assert_int_equal(c->fault->rc, KT_REJECT);
    return c->fault;
}

static inline void is_dec(struct kt_dec d, const char *text)
{
    char is[KT_DEC_TEXT_MAX];
    kt_dec_text(kt_dec_trim(d), is);
    assert_string_equal(is, text);
}

#endif
