#ifndef KT_TESTS_UNIT_TEST_FLOW_PAPERS_KIT_H
#define KT_TESTS_UNIT_TEST_FLOW_PAPERS_KIT_H

/* What tests of documents and orders share, over the in-process partners: documents as a source
 * says them, what the channel showed, and steps of the bindings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/binding.h"
#include "flow/documents.h"
#include "store/exceptions.h"
#include "store/shown.h"

#define PAPERS_PLACED_US                                                     \
    (INT64_C(1700000000) * KT_SECOND) /* fake_order: 2023-11-14 22:13:20 UTC \
                                       */

#define PAPERS_MUST(call)                                     \
    do {                                                      \
        if ((call) != KT_OK) {                                \
            char why_[300];                                   \
            kt_sentence(&e.v, KT_LANG_EN, why_, sizeof why_); \
            fail_msg("%s: %s (%s)", #call, why_, e.trail);    \
        }                                                     \
    } while (0)

/* A document of scope "s", declaration_of_conformity unless changed; days "" are open. */
static inline struct kt_document *papers_doc(struct fake *f, const char *id, const char *version,
                                             char content, const char *from, const char *until,
                                             const char *variant)
{
    struct kt_arena *a = f->world.arena;
    struct kt_document *d = KT_NEW(a, struct kt_document);
    struct kt_ref *ref = KT_NEW(a, struct kt_ref);
    struct kt_day day;
    char sha256[65];
    memset(sha256, content, 64);
    sha256[64] = '\0';
    KT_PUT(d, kt_document_shape, scope, KT_STR("s"));
    KT_PUT(d, kt_document_shape, id, kt_str_of(kt_text_copy(a, id)));
    KT_PUT(d, kt_document_shape, version, kt_str_of(kt_text_copy(a, version)));
    KT_PUT(d, kt_document_shape, type, KT_STR("declaration_of_conformity"));
    KT_PUT(d, kt_document_shape, sha256, kt_str_of(kt_text_copy(a, sha256)));
    if (kt_day_parse(&day, kt_str_of(from)))
        KT_PUT(d, kt_document_shape, valid_from, day);
    if (kt_day_parse(&day, kt_str_of(until)))
        KT_PUT(d, kt_document_shape, valid_until, day);
    if (variant[0] != '\0') {
        KT_PUT(ref, kt_ref_shape, id, kt_str_of(kt_text_copy(a, variant)));
        KT_PUT(d, kt_document_shape, variants, (struct kt_list){ ref, 1 });
    }
    return d;
}

static inline void papers_put(struct fake *f, struct kt_document *d, bool is_deleted,
                              int64_t now_us)
{
    struct kt_err e = { 0 };
    struct kt_arena *a = f->world.arena;
    enum kt_outcome outcome = KT_OUTCOME_NONE;
    struct kt_change c = { .kind = KT_KIND_DOCUMENT,
                           .as_of_us = now_us,
                           .source = "erp",
                           .record = d,
                           .is_deleted = is_deleted };
    PAPERS_MUST(kt_shape_check(&kt_document_shape, d, a, &e));
    PAPERS_MUST(kt_tx_begin(f->work.db, &e));
    PAPERS_MUST(kt_records_put(f->work.db, &c, 1, now_us, now_us, &outcome, a, &e));
    PAPERS_MUST(kt_tx_commit(f->work.db, &e));
}

static inline void papers_say(struct fake *f, struct kt_document *d)
{
    papers_put(f, d, false, kt_now_us());
}

static inline struct kt_str papers_key(struct fake *f, const struct kt_document *d)
{
    return kt_shape_key(&kt_document_shape, d, f->world.arena);
}

/* From at_us on the channel shows these of the SKU and no others. */
static inline void papers_show(struct fake *f, const char *sku, const struct kt_document *const *d,
                               size_t count, int64_t at_us)
{
    struct kt_err e = { 0 };
    struct kt_arena *a = f->world.arena;
    const struct kt_variant v = { .scope = KT_STR("s"), .sku = kt_str_of(sku) };
    struct kt_shown *shown = KT_NEW_ARRAY(a, count + 1, struct kt_shown);
    for (size_t i = 0; i < count; i++)
        shown[i] = (struct kt_shown){ .type = d[i]->type,
                                      .row_key = papers_key(f, d[i]),
                                      .sha256 = d[i]->sha256 };
    PAPERS_MUST(kt_tx_begin(f->work.db, &e));
    PAPERS_MUST(kt_shown_put(f->work.db, f->channel.name, kt_shape_key(&kt_variant_shape, &v, a),
                             shown, count, at_us, a, &e));
    PAPERS_MUST(kt_tx_commit(f->work.db, &e));
}

static inline void papers_show_one(struct fake *f, const char *sku, const struct kt_document *d,
                                   int64_t at_us)
{
    papers_show(f, sku, &d, 1, at_us);
}

static inline void papers_settle(struct fake *f)
{
    struct kt_err e = { 0 };
    size_t did = 1;
    for (int i = 0; did > 0; i++) {
        PAPERS_MUST(kt_binding_step(&f->work, &did, &e));
        assert_true(i < 10000);
    }
}

/* "shown a; valid b;" of one line and kind, or of all kinds (NULL): the letters of the contents. */
static inline const char *papers_of(struct fake *f, const char *order, const char *line,
                                    const char *type, bool with_history)
{
    struct kt_err e = { 0 };
    struct kt_arena *a = f->world.arena;
    struct kt_bound *b = NULL;
    struct kt_buf out;
    size_t count = 0;
    const struct kt_order_row row = fake_row_of(f, order);
    kt_buf_init(&out, a, 4000);
    PAPERS_MUST(kt_bound_of(f->work.db, row.our_key, with_history, &b, &count, a, &e));
    for (int axis = KT_AXIS_SHOWN; axis <= KT_AXIS_VALID; axis++) {
        for (size_t i = 0; i < count; i++) {
            if ((int)b[i].axis == axis && kt_str_is(b[i].line, line) &&
                (type == NULL || kt_str_is(b[i].type, type)))
                kt_buf_format(&out, "%s %c%s;", axis == KT_AXIS_SHOWN ? "shown" : "valid",
                              b[i].sha256.p[0], b[i].until_us == KT_NEVER ? "" : "!");
        }
    }
    return out.n > 0 ? kt_buf_view(&out).p : "";
}

/* How many open exceptions of this code there are; *last the newest. */
static inline size_t papers_open(struct fake *f, enum kt_code code, struct kt_exception *last)
{
    struct kt_err e = { 0 };
    struct kt_exception *x = NULL;
    size_t count = 0;
    size_t found = 0;
    PAPERS_MUST(kt_exception_list(f->work.db, false, 0, 500, &x, &count, f->world.arena, &e));
    for (size_t i = 0; i < count; i++) {
        if (x[i].v.code != code)
            continue;
        found++;
        if (last != NULL)
            *last = x[i];
    }
    return found;
}

static inline void papers_fetch(struct fake *f) /* orders come in and are bound */
{
    fake_in(f);
    papers_settle(f);
}

#endif
