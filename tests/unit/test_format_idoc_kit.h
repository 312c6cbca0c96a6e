#ifndef TEST_FORMAT_IDOC_KIT_H
#define TEST_FORMAT_IDOC_KIT_H

/* One IDoc of a text, read into records or facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "format/idoc.h"

#define CONTROL(mestyp, docnum)                                                               \
    "<EDI_DC40 SEGMENT=\"1\"><TABNAM>EDI_DC40</TABNAM><DOCNUM>" docnum "</DOCNUM>"            \
    "<MESTYP>" mestyp "</MESTYP><SNDPOR>SAPERP</SNDPOR><SNDPRT>LS</SNDPRT><SNDPRN>ERPCLNT100" \
    "</SNDPRN><CREDAT>20260301</CREDAT><CRETIM>101500</CRETIM></EDI_DC40>"
#define IDOC(mestyp, docnum, segments) \
    "<IDOC BEGIN=\"1\">" CONTROL(mestyp, docnum) segments "</IDOC>"
#define MESSAGE(name, idocs) \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><" name ">" idocs "</" name ">"
#define ONE(name, mestyp, segments) MESSAGE(name, IDOC(mestyp, "0000000000000815", segments))

struct idoc_read {
    struct kt_arena *a;
    struct kt_idocs idocs;
    struct kt_changes changes;
    struct kt_fact_records facts;
    struct kt_err e;
    enum kt_rc rc; /* of the split, else of the last IDoc */
};

static inline void read_xml(struct idoc_read *t, const char *xml)
{
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found = { 0 };
    const struct kt_idoc_source s = { .scope = "sap-800", .name = "main" };
    memset(t, 0, sizeof *t);
    t->a = kt_arena_new();
    t->changes.arena = t->facts.arena = t->a;
    assert_int_equal(kt_xml_parse(&root, kt_str_of(xml), &found, t->a), KT_XML_OK);
    t->rc = kt_idoc_split(&t->idocs, root, t->a, &t->e);
    for (size_t i = 0; t->rc == KT_OK && i < t->idocs.count; i++)
        t->rc = kt_idoc_read(&t->idocs.item[i], &s, &t->changes, &t->facts, &t->e);
}

/* The record as canonical JSON. */
static inline const char *json_of(struct idoc_read *t, const struct kt_shape *shape,
                                  const void *record)
{
    struct kt_buf out;
    kt_buf_init(&out, t->a, 1 << 20);
    kt_shape_write(&out, shape, record);
    assert_true(kt_buf_ok(&out));
    return kt_buf_view(&out).p;
}

static inline const char *change_json(struct idoc_read *t, size_t at)
{
    assert_in_range(at, 0, t->changes.count - 1);
    return json_of(t, kt_kind_shape[t->changes.item[at].kind], t->changes.item[at].record);
}

static inline const char *fact_json(struct idoc_read *t, size_t at)
{
    assert_in_range(at, 0, t->facts.count - 1);
    return json_of(t, kt_fact_shape[t->facts.item[at].kind], t->facts.item[at].record);
}

static inline bool leads(const struct idoc_read *t, size_t at, const char *field)
{
    const struct kt_shape *shape = kt_kind_shape[t->changes.item[at].kind];
    const struct kt_field *f = kt_field_find(shape, field);
    assert_non_null(f);
    return (t->changes.item[at].leads >> (size_t)(f - shape->fields) & 1) != 0;
}

static inline void assert_sentence(const struct kt_verdict *v, const char *expected)
{
    char text[600];
    assert_non_null(v);
    kt_sentence(v, KT_LANG_EN, text, sizeof text);
    assert_string_equal(text, expected);
}

static inline void close_read(struct idoc_read *t)
{
    kt_arena_free(t->a);
}

#endif
