#ifndef KT_TEST_TRADE_DOCUMENTS_KIT_H
#define KT_TEST_TRADE_DOCUMENTS_KIT_H

#include "test_trade_kit.h"

#include <string.h>

#include "trade/documents.h"

/* Versions of documents for the tests of which one holds. All lives in `arena`. */

/* "A B" as a list of ids. */
static inline struct kt_list ids(const char *text)
{
    struct kt_ref *ref = KT_NEW_ARRAY(arena, strlen(text) + 1, struct kt_ref);
    size_t count = 0;
    while (*text != '\0') {
        size_t n = strcspn(text, " ");
        KT_PUT(&ref[count], kt_ref_shape, id, kt_str_copy(arena, (struct kt_str){ text, n }));
        count++;
        text += n + (text[n] == ' ');
    }
    return (struct kt_list){ ref, count };
}

static inline struct kt_day day_of(const char *text)
{
    struct kt_day day = { 0 };
    if (text[0] != '\0')
        assert_true(kt_day_parse(&day, kt_str_of(text)));
    return day;
}

static inline int64_t instant(const char *text)
{
    int64_t at_us = 0;
    assert_true(kt_time_parse(&at_us, kt_str_of(text), false));
    return at_us;
}

static inline const struct kt_zone *zone_of(const char *name)
{
    const struct kt_zone *zone = kt_zone_load(arena, name);
    assert_non_null(zone);
    return zone;
}

/* A data sheet of article A, learned of at that second; "" for an open day. */
static inline struct kt_document *add_version(struct kt_document_version *v, const char *id,
                                              const char *version, const char *from,
                                              const char *until, int64_t learned_s)
{
    struct kt_document *d = KT_NEW(arena, struct kt_document);
    KT_PUT(d, kt_document_shape, scope, KT_STR("erp"));
    KT_PUT(d, kt_document_shape, id, text_of(id));
    KT_PUT(d, kt_document_shape, version, text_of(version));
    KT_PUT(d, kt_document_shape, type, KT_STR("data_sheet"));
    KT_PUT(d, kt_document_shape, variants, ids("A"));
    if (from[0] != '\0')
        KT_PUT(d, kt_document_shape, valid_from, day_of(from));
    if (until[0] != '\0')
        KT_PUT(d, kt_document_shape, valid_until, day_of(until));
    *v = (struct kt_document_version){ d,
                                       kt_shape_key(&kt_document_shape, d, arena),
                                       1,
                                       learned_s * KT_SECOND,
                                       learned_s * KT_SECOND,
                                       KT_NEVER };
    return d;
}

#endif
