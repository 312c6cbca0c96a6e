/* The lists of a material: texts, units, GTINs. Pure, any thread; called by idoc_article.c. */
#include "format/idoc_article.h"

/* --- texts --- */

static struct kt_text *text_in(struct kt_text *text, size_t *count, struct kt_str language)
{
    for (size_t i = 0; i < *count; i++) {
        if (kt_str_eq(text[i].language, language))
            return &text[i];
    }
    (void)KT_PUT(&text[*count], kt_text_shape, language, language);
    return &text[(*count)++];
}

/* TDFORMAT "" goes on in the same line, "=" in the same word, all else begins a line. */
static struct kt_str long_text(const struct kt_xml_node *head, struct kt_arena *a)
{
    enum { LONG_TEXT_MOST = 256 * 1024 };
    struct kt_buf out;
    kt_buf_init(&out, a, LONG_TEXT_MOST);
    for (const struct kt_xml_node *line = kt_idoc_next(head, NULL, "E1MTXLM"); line != NULL;
         line = kt_idoc_next(head, line, "E1MTXLM")) {
        struct kt_str format = kt_xml_text_of(line, "TDFORMAT"); /* "/" begins a line here */
        struct kt_str text = kt_xml_text_of(line, "TDLINE");
        format = format.p == NULL ? KT_STR("") : kt_str_trim(format);
        if (kt_str_is(format, "/*")) /* a comment of the editor */
            continue;
        if (out.n > 0 && !kt_str_is(format, "="))
            kt_buf_char(&out, format.n == 0 ? ' ' : '\n');
        if (text.p != NULL)
            kt_buf_str(&out, text);
    }
    return kt_str_trim(kt_buf_view(&out));
}

/* The basic data text is the long one; other texts of a material are notes of purchase or stock.
 * A message may bring some languages or names without long texts: they join what is known, and an
 * empty one takes the known one away. */
static void read_long_texts(struct kt_idoc_article *at, struct kt_text *text, size_t *count)
{
    struct kt_idoc_reader *r = at->r;
    for (const struct kt_xml_node *s = kt_idoc_next(at->main, NULL, "E1MTXHM"); s != NULL;
         s = kt_idoc_next(at->main, s, "E1MTXHM")) {
        struct kt_str language = kt_idoc_language(s, "SPRAS_ISO", "TDSPRAS", r->arena);
        if (!kt_idoc_is(s, "TDID", "GRUN"))
            continue;
        if (language.n == 0)
            kt_idoc_fault(r, s, "SPRAS_ISO", kt_idoc_text(s, "TDSPRAS", NULL));
        struct kt_text *to = text_in(text, count, language);
        (void)KT_PUT(to, kt_text_shape, long_text,
                     kt_idoc_is_delete(s) ? KT_STR("") : long_text(s, r->arena));
    }
}

void kt_idoc_article_texts(struct kt_idoc_article *at)
{
    struct kt_idoc_reader *r = at->r;
    size_t room = kt_idoc_few(r, at->main, "E1MAKTM") + kt_idoc_few(r, at->main, "E1MTXHM");
    if (r->fault != NULL)
        return;
    struct kt_text *text = KT_NEW_ARRAY(r->arena, room + 1, struct kt_text);
    size_t count = 0;
    for (const struct kt_xml_node *s = kt_idoc_next(at->main, NULL, "E1MAKTM"); s != NULL;
         s = kt_idoc_next(at->main, s, "E1MAKTM")) {
        struct kt_str language = kt_idoc_language(s, "SPRAS_ISO", "SPRAS", r->arena);
        struct kt_str name = kt_idoc_text(s, "MAKTX", NULL);
        if (language.n == 0)
            kt_idoc_fault(r, s, "SPRAS_ISO", kt_idoc_text(s, "SPRAS", NULL));
        struct kt_text *to = text_in(text, &count, language);
        (void)KT_PUT(to, kt_text_shape, name,
                     kt_idoc_is_delete(s) ? KT_STR("") : kt_str_copy(r->arena, name));
    }
    read_long_texts(at, text, &count);
    if (count == 0)
        return;
    (void)KT_PUT(at->p, kt_product_shape, texts, (struct kt_list){ text, count });
    at->p_leads |= kt_idoc_bit(&kt_product_shape, "texts");
}

/* --- units and GTINs --- */

static bool knows_unit(const struct kt_unit_of *u, size_t count, struct kt_str unit)
{
    for (size_t i = 0; i < count; i++) {
        if (kt_str_eq(u[i].unit, unit))
            return true;
    }
    return false;
}

/* A unit that holds nothing, or nothing that holds it, is a mistake. */
static bool read_factor(struct kt_idoc_reader *r, struct kt_dec *out,
                        const struct kt_xml_node *segment, const char *field)
{
    if (kt_idoc_dec(r, out, segment, field) && out->units > 0)
        return true;
    kt_idoc_fault(r, segment, field, kt_idoc_text(segment, field, NULL));
    return false;
}

void kt_idoc_article_units(struct kt_idoc_article *at)
{
    struct kt_idoc_reader *r = at->r;
    size_t room = kt_idoc_few(r, at->main, "E1MARMM");
    struct kt_unit_of *unit = KT_NEW_ARRAY(r->arena, room + 1, struct kt_unit_of);
    size_t count = 0;
    if (room == 0)
        return;
    for (const struct kt_xml_node *s = kt_idoc_next(at->main, NULL, "E1MARMM"); s != NULL;
         s = kt_idoc_next(at->main, s, "E1MARMM")) {
        struct kt_str name = kt_idoc_text(s, "MEINH", NULL);
        struct kt_dec factor[2] = { { 0 }, { 0 } };
        /* two units of SAP may share one ISO code: the first one counts */
        if (kt_idoc_is_delete(s) || name.n == 0 || knows_unit(unit, count, name))
            continue;
        if (!read_factor(r, &factor[0], s, "UMREZ") || !read_factor(r, &factor[1], s, "UMREN"))
            return;
        (void)KT_PUT(&unit[count], kt_unit_of_shape, unit, kt_str_copy(r->arena, name));
        (void)KT_PUT(&unit[count], kt_unit_of_shape, numerator, factor[0]);
        (void)KT_PUT(&unit[count], kt_unit_of_shape, denominator, factor[1]);
        count++;
    }
    (void)KT_PUT(at->v, kt_variant_shape, units, (struct kt_list){ unit, count });
}

static void add_gtin(struct kt_idoc_article *at, struct kt_gtin *gtin, size_t *count,
                     const struct kt_xml_node *segment, struct kt_str unit, bool is_primary)
{
    struct kt_str code = kt_idoc_text(segment, "EAN11", NULL);
    if (code.n == 0 || kt_idoc_is_delete(segment))
        return;
    for (size_t i = 0; i < *count; i++) {
        if (kt_str_eq(gtin[i].code, code))
            return;
    }
    struct kt_gtin *to = &gtin[(*count)++];
    (void)KT_PUT(to, kt_gtin_shape, code, kt_str_copy(at->r->arena, code));
    if (unit.n > 0)
        (void)KT_PUT(to, kt_gtin_shape, unit, kt_str_copy(at->r->arena, unit));
    (void)KT_PUT(to, kt_gtin_shape, is_primary, is_primary);
}

/* The main GTIN of the base unit is the primary one; each further one says whether it is the main
 * one of its unit. */
void kt_idoc_article_gtins(struct kt_idoc_article *at)
{
    size_t room = 1;
    size_t count = 0;
    for (const struct kt_xml_node *s = kt_idoc_next(at->main, NULL, "E1MARMM"); s != NULL;
         s = kt_idoc_next(at->main, s, "E1MARMM"))
        room += 1 + kt_idoc_few(at->r, s, "E1MEANM");
    if (room > KT_IDOC_MOST)
        kt_idoc_fault(at->r, at->main, "E1MEANM", KT_STR("too many"));
    if (at->r->fault != NULL)
        return;
    struct kt_gtin *gtin = KT_NEW_ARRAY(at->r->arena, room, struct kt_gtin);
    add_gtin(at, gtin, &count, at->main, kt_idoc_text(at->main, "MEINS", NULL), true);
    for (const struct kt_xml_node *s = kt_idoc_next(at->main, NULL, "E1MARMM"); s != NULL;
         s = kt_idoc_next(at->main, s, "E1MARMM")) {
        struct kt_str unit = kt_idoc_text(s, "MEINH", NULL);
        if (kt_idoc_is_delete(s))
            continue;
        add_gtin(at, gtin, &count, s, unit, true);
        for (const struct kt_xml_node *g = kt_idoc_next(s, NULL, "E1MEANM"); g != NULL;
             g = kt_idoc_next(s, g, "E1MEANM"))
            add_gtin(at, gtin, &count, g, unit, kt_idoc_is(g, "HPEAN", "X"));
    }
    (void)KT_PUT(at->v, kt_variant_shape, gtins, (struct kt_list){ gtin, count });
}
