/* ORDRSP: what SAP confirms of an order. Pure, any thread; called by idoc.c. */
#include "format/idoc_inner.h"

static const struct kt_idoc_row status_rows[] = {
    { "E1EDK02", "QUALF=002", "BELNR", "order_number", KT_IDOC_NUMBER },
    { "E1EDK01", NULL, "BELNR", "order_number", KT_IDOC_NUMBER },
    { "E1EDK01", NULL, "CURCY", "currency", KT_IDOC_PLAIN },
    { "E1EDS01", "SUMID=002", "SUMME", "net", KT_IDOC_PLAIN },
    { "E1EDS01", "SUMID=010", "SUMME", "net", KT_IDOC_PLAIN },
    { "E1EDS01", "SUMID=005", "SUMME", "tax", KT_IDOC_PLAIN },
    { "E1EDS01", "SUMID=011", "SUMME", "gross", KT_IDOC_PLAIN },
    { 0 },
};
const struct kt_idoc_table kt_idoc_status = { "ORDRSP", "IDOC", &kt_status_report_shape,
                                              status_rows };

static const struct kt_idoc_row line_rows[] = {
    { "", NULL, "POSEX", "id", KT_IDOC_NUMBER },
    { "E1EDP19", "QUALF=002", "IDTNR_EXTERNAL|IDTNR_LONG|IDTNR", "sku", KT_IDOC_NUMBER },
    { "", NULL, "MENGE", "quantity", KT_IDOC_PLAIN },
    { "", NULL, "MENEE", "unit", KT_IDOC_PLAIN },
    { "", NULL, "ABGRU", "reason", KT_IDOC_PLAIN },
    { "", NULL, "ABGRU", "is_rejected", KT_IDOC_FILLED },
    { 0 },
};
const struct kt_idoc_table kt_idoc_status_line = { "ORDRSP", "E1EDP01", &kt_status_line_shape,
                                                   line_rows };

struct seen {
    size_t lines;
    size_t rejected;
    size_t confirmed;
};

/* The sum of what is promised, and the day on which the last of it comes. */
static void read_schedule(struct kt_idoc_reader *r, struct kt_status_line *line,
                          const struct kt_xml_node *item)
{
    struct kt_dec sum = { 0 };
    for (const struct kt_xml_node *s = kt_idoc_next(item, NULL, "E1EDP20"); s != NULL;
         s = kt_idoc_next(item, s, "E1EDP20")) {
        struct kt_dec quantity = { 0 };
        struct kt_day day = { 0 };
        if (!kt_idoc_dec(r, &quantity, s, "WMENG"))
            continue;
        if (!kt_dec_add(&sum, sum, quantity))
            kt_idoc_fault(r, s, "WMENG", kt_idoc_text(s, "WMENG", NULL));
        (void)KT_PUT(line, kt_status_line_shape, confirmed, sum);
        if (quantity.units > 0 && kt_idoc_day(r, &day, s, "EDATU") &&
            kt_day_cmp(day, line->confirmed_on) > 0)
            (void)KT_PUT(line, kt_status_line_shape, confirmed_on, day);
    }
}

static void read_line(struct kt_idoc_reader *r, struct kt_status_line *line,
                      const struct kt_xml_node *item, struct seen *seen)
{
    (void)kt_idoc_apply(r, &kt_idoc_status_line, item, line);
    if (line->id.n == 0)
        kt_idoc_fault(r, item, "POSEX", KT_STR(""));
    if (kt_idoc_is(item, "ACTION", "003"))
        (void)KT_PUT(line, kt_status_line_shape, is_rejected, true);
    read_schedule(r, line, item);
    seen->lines++;
    seen->rejected += line->is_rejected ? 1 : 0;
    seen->confirmed += !line->is_rejected && line->confirmed.units > 0 ? 1 : 0;
}

static int status_of(const struct kt_xml_node *head, const struct seen *seen)
{
    if (kt_idoc_is(head, "ACTION", "003") || (seen->lines > 0 && seen->rejected == seen->lines))
        return KT_ERP_CANCELLED;
    if (kt_idoc_text(head, "LIFSK", NULL).n > 0)
        return KT_ERP_BLOCKED;
    return seen->confirmed > 0 ? KT_ERP_CONFIRMED : KT_ERP_OPEN;
}

/* The buyer's number of the order may be our key. */
static void read_key(struct kt_idoc_reader *r, struct kt_status_report *to)
{
    for (const struct kt_xml_node *s = kt_idoc_next(r->idoc->node, NULL, "E1EDK02"); s != NULL;
         s = kt_idoc_next(r->idoc->node, s, "E1EDK02")) {
        struct kt_str text = kt_idoc_text(s, "BELNR", NULL);
        if (kt_idoc_is_our_key(text))
            (void)KT_PUT(to, kt_status_report_shape, order_key, kt_str_copy(r->arena, text));
    }
}

void kt_idoc_read_status(struct kt_idoc_reader *r)
{
    const struct kt_xml_node *main = r->idoc->node;
    const struct kt_xml_node *head = kt_xml_find(main, "E1EDK01");
    struct kt_status_report *to = KT_NEW(r->arena, struct kt_status_report);
    struct seen seen = { 0 };
    struct kt_str number = kt_idoc_number(kt_idoc_only(main, "E1EDK02", "QUALF=002"), "BELNR");
    kt_idoc_begin(r, "order", number.n > 0 ? number : kt_idoc_number(head, "BELNR"));
    if (r->key.n == 0)
        kt_idoc_fault(r, main, "E1EDK02-BELNR (QUALF 002)", KT_STR(""));
    (void)kt_idoc_apply(r, &kt_idoc_status, main, to);
    size_t room = kt_idoc_few(r, main, "E1EDP01");
    struct kt_status_line *line = KT_NEW_ARRAY(r->arena, room + 1, struct kt_status_line);
    for (const struct kt_xml_node *s = kt_idoc_next(main, NULL, "E1EDP01");
         s != NULL && r->fault == NULL; s = kt_idoc_next(main, s, "E1EDP01"))
        read_line(r, &line[seen.lines], s, &seen);
    if (r->fault != NULL)
        *to = (struct kt_status_report){ 0 };
    else
        (void)KT_PUT(to, kt_status_report_shape, lines, (struct kt_list){ line, seen.lines });
    (void)KT_PUT(to, kt_status_report_shape, scope, kt_str_of(r->s->scope));
    (void)KT_PUT(to, kt_status_report_shape, id, r->key);
    (void)KT_PUT(to, kt_status_report_shape, status, status_of(head, &seen));
    if (r->as_of_us > 0)
        (void)KT_PUT(to, kt_status_report_shape, changed_at, r->as_of_us);
    if (r->fault == NULL)
        read_key(r, to);
    kt_facts_add(r->facts, (struct kt_fact_record){ KT_FACT_ORDER_STATUS, r->fault, to });
}
