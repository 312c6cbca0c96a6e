/* Categories as SAP's wrapper tells them, into our records. No network; called by call.c on the
 * session's thread. */
#include "read.h"

static struct kt_category *new_category(const struct kt_sap_source *s, struct kt_str id)
{
    struct kt_category *c = KT_NEW(s->arena, struct kt_category);
    (void)KT_PUT(c, kt_category_shape, scope, kt_str_of(s->scope));
    (void)KT_PUT(c, kt_category_shape, id, id);
    return c;
}

static struct kt_list texts_of(const struct kt_sap_rows *rows, const char *id, struct kt_arena *a)
{
    size_t n = 0;
    const struct sap__ZKONTOR_S_CATEGORY_TEXT *row = kt_sap_rows_of(rows, id, &n);
    struct kt_text *out = KT_NEW_ARRAY(a, n + 1, struct kt_text);
    for (size_t i = 0; i < n; i++) {
        (void)KT_PUT(&out[i], kt_text_shape, language, kt_sap_lower(row[i].LANGU, a));
        KT_SAP_PUT_TEXT(&out[i], kt_text_shape, name, kt_sap_text(row[i].NAME, a));
        KT_SAP_PUT_TEXT(&out[i], kt_text_shape, long_text, kt_sap_text(row[i].LONG_TEXT, a));
    }
    return (struct kt_list){ out, n };
}

static void decode_category(const struct kt_sap_source *s,
                            const struct sap__ZKONTOR_S_CATEGORY *row,
                            const struct kt_sap_rows *texts)
{
    struct kt_str id = kt_sap_text(row->ID, s->arena);
    struct kt_sap_row r = { .s = s, .what = "category", .key = id };
    struct kt_category *c = new_category(s, id);
    if (id.n == 0)
        kt_sap_row_fault(&r, "ID", "");
    (void)KT_PUT(c, kt_category_shape, position, kt_sap_row_whole(&r, "POSITION", row->POSITION));
    KT_SAP_PUT_TEXT(c, kt_category_shape, parent, kt_sap_text(row->PARENT, s->arena));
    (void)KT_PUT(c, kt_category_shape, texts,
                 texts_of(texts, row->ID != NULL ? row->ID : "", s->arena));
    kt_changes_add(s->out, (struct kt_change){ .kind = KT_KIND_CATEGORY,
                                               .as_of_us = s->pulled_us,
                                               .record = r.fault != NULL ? new_category(s, id) : c,
                                               .fault = r.fault });
}

void kt_sap_decode_categories(const struct kt_sap_source *s,
                              struct _sap__Z_KONTOR_CATEGORIESResponse *r)
{
    const struct kt_sap_rows texts = KT_SAP_ROWS(r->ET_CATEGORY_TEXT);
    for (int i = 0; r->ET_CATEGORY != NULL && i < r->ET_CATEGORY->__sizeitem; i++)
        decode_category(s, &r->ET_CATEGORY->item[i], &texts);
}
