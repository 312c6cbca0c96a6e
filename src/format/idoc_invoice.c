/* INVOIC: invoices, credit notes and cancellations, one fact for each order that they charge. Pure,
 * any thread; called by idoc.c. */
#include "format/idoc_inner.h"

static const struct kt_idoc_row invoice_rows[] = {
    { "E1EDK02", "QUALF=009", "BELNR", "id", KT_IDOC_NUMBER },
    { "E1EDK01", NULL, "BELNR", "id", KT_IDOC_NUMBER },
    { "E1EDK03", "IDDAT=026", "DATUM", "issued", KT_IDOC_PLAIN },
    { "E1EDK03", "IDDAT=012", "DATUM", "issued", KT_IDOC_PLAIN },
    { "E1EDK02", "QUALF=009", "DATUM", "issued", KT_IDOC_PLAIN },
    { "E1EDK02", "QUALF=011", "BELNR", "corrects", KT_IDOC_NUMBER },
    { "E1EDK02", "QUALF=012", "BELNR", "delivery", KT_IDOC_NUMBER },
    { "E1EDP01/E1EDP02", "QUALF=016", "BELNR", "delivery", KT_IDOC_NUMBER },
    { "E1EDK01", NULL, "CURCY", "currency", KT_IDOC_PLAIN },
    { "E1EDS01", "SUMID=010", "SUMME", "net", KT_IDOC_PLAIN },
    { "E1EDS01", "SUMID=005", "SUMME", "tax", KT_IDOC_PLAIN },
    { "E1EDS01", "SUMID=011", "SUMME", "gross", KT_IDOC_PLAIN },
    { 0 },
};
const struct kt_idoc_table kt_idoc_invoice = { "INVOIC", "IDOC", &kt_invoice_shape, invoice_rows };

static const struct kt_idoc_row line_rows[] = {
    { "", NULL, "POSEX", "id", KT_IDOC_NUMBER },
    { "E1EDP19", "QUALF=002", "IDTNR_EXTERNAL|IDTNR_LONG|IDTNR", "sku", KT_IDOC_NUMBER },
    { "", NULL, "MENGE", "quantity", KT_IDOC_PLAIN },
    { "", NULL, "MENEE", "unit", KT_IDOC_PLAIN },
    { "E1EDP26", "QUALF=003", "BETRG", "net", KT_IDOC_PLAIN },
    { "", NULL, "NETWR", "net", KT_IDOC_PLAIN },
    { 0 },
};
const struct kt_idoc_table kt_idoc_invoice_line = { "INVOIC", "E1EDP01", &kt_invoice_line_shape,
                                                    line_rows };

struct invoice {
    struct kt_idoc_reader *r;
    const struct kt_xml_node *main; /* IDOC */
    struct kt_invoice head;         /* what the facts share */
    struct kt_idoc_order whole;     /* the order that the head names */
    struct kt_invoice_line *line;
    struct kt_idoc_order *order; /* of each line */
    size_t lines;
};

static struct kt_str key_in(const struct kt_xml_node *parent, const char *segment)
{
    for (const struct kt_xml_node *s = kt_idoc_next(parent, NULL, segment); s != NULL;
         s = kt_idoc_next(parent, s, segment)) {
        struct kt_str text = kt_idoc_text(s, "BELNR", NULL);
        if (kt_idoc_is_our_key(text))
            return text;
    }
    return KT_STR("");
}

/* Cancellations have document types of their own, which SAP delivers as S1 and S2. */
static int read_type(const struct invoice *in)
{
    const struct kt_xml_node *head = kt_xml_find(in->main, "E1EDK01");
    struct kt_str billing =
        kt_idoc_text(kt_idoc_only(in->main, "E1EDK14", "QUALF=015"), "ORGID", NULL);
    if (kt_str_is(billing, "S1") || kt_str_is(billing, "S2") || kt_idoc_is(head, "ACTION", "003"))
        return KT_INVOICE_CANCELLATION;
    return kt_idoc_is(head, "BSART", "CRME") ? KT_CREDIT_NOTE : KT_INVOICE;
}

/* Each tax of the line. */
static void read_tax(struct kt_idoc_reader *r, struct kt_invoice_line *line,
                     const struct kt_xml_node *item)
{
    struct kt_dec sum = { 0 };
    struct kt_dec gross = { 0 };
    for (const struct kt_xml_node *s = kt_idoc_next(item, NULL, "E1EDP04"); s != NULL;
         s = kt_idoc_next(item, s, "E1EDP04")) {
        struct kt_dec tax = { 0 };
        if (!kt_idoc_dec(r, &tax, s, "MWSBT"))
            continue;
        if (!kt_dec_add(&sum, sum, tax))
            kt_idoc_fault(r, s, "MWSBT", kt_idoc_text(s, "MWSBT", NULL));
        (void)KT_PUT(line, kt_invoice_line_shape, tax, sum);
    }
    if (KT_HAS(line, kt_invoice_line_shape, net) && KT_HAS(line, kt_invoice_line_shape, tax) &&
        kt_dec_add(&gross, line->net, sum))
        (void)KT_PUT(line, kt_invoice_line_shape, gross, gross);
}

static void read_lines(struct invoice *in)
{
    struct kt_idoc_reader *r = in->r;
    size_t room = kt_idoc_few(r, in->main, "E1EDP01") + 1;
    in->line = KT_NEW_ARRAY(r->arena, room, struct kt_invoice_line);
    in->order = KT_NEW_ARRAY(r->arena, room, struct kt_idoc_order);
    for (const struct kt_xml_node *s = kt_idoc_next(in->main, NULL, "E1EDP01");
         s != NULL && r->fault == NULL; s = kt_idoc_next(in->main, s, "E1EDP01")) {
        struct kt_invoice_line *line = &in->line[in->lines];
        struct kt_idoc_order *order = &in->order[in->lines++];
        (void)kt_idoc_apply(r, &kt_idoc_invoice_line, s, line);
        if (line->id.n == 0)
            kt_idoc_fault(r, s, "POSEX", KT_STR(""));
        read_tax(r, line, s);
        order->number = kt_idoc_number(kt_idoc_only(s, "E1EDP02", "QUALF=002"), "BELNR");
        order->key = key_in(s, "E1EDP02");
        if (order->number.n == 0 && order->key.n == 0)
            *order = in->whole;
    }
}

static bool sum_up(struct kt_dec *sum, bool has, struct kt_dec value)
{
    return has && kt_dec_add(sum, *sum, value);
}

/* The document's sums are those of all its orders; one order's are those of its lines. */
static void put_sums(struct kt_invoice *to, const struct kt_invoice_line *line, size_t count)
{
    struct kt_dec net = { 0 };
    struct kt_dec tax = { 0 };
    struct kt_dec gross = { 0 };
    bool all[3] = { true, true, true };
    to->present &= ~(kt_idoc_bit(&kt_invoice_shape, "net") | kt_idoc_bit(&kt_invoice_shape, "tax") |
                     kt_idoc_bit(&kt_invoice_shape, "gross"));
    for (size_t i = 0; i < count; i++) {
        all[0] = all[0] && sum_up(&net, KT_HAS(&line[i], kt_invoice_line_shape, net), line[i].net);
        all[1] = all[1] && sum_up(&tax, KT_HAS(&line[i], kt_invoice_line_shape, tax), line[i].tax);
        all[2] =
            all[2] && sum_up(&gross, KT_HAS(&line[i], kt_invoice_line_shape, gross), line[i].gross);
    }
    if (all[0])
        (void)KT_PUT(to, kt_invoice_shape, net, net);
    if (all[1])
        (void)KT_PUT(to, kt_invoice_shape, tax, tax);
    if (all[2])
        (void)KT_PUT(to, kt_invoice_shape, gross, gross);
}

static bool is_of_order(const struct invoice *in, size_t at, const struct kt_idoc_order *order)
{
    return kt_str_eq(in->order[at].number, order->number) &&
           kt_str_eq(in->order[at].key, order->key);
}

/* An invoice may be of as many orders as it has lines: no more room than is needed. */
static struct kt_list lines_of_order(const struct invoice *in, const struct kt_idoc_order *order)
{
    size_t count = 0;
    for (size_t i = 0; i < in->lines; i++)
        count += is_of_order(in, i, order) ? 1 : 0;
    struct kt_invoice_line *line = KT_NEW_ARRAY(in->r->arena, count + 1, struct kt_invoice_line);
    count = 0;
    for (size_t i = 0; i < in->lines; i++) {
        if (is_of_order(in, i, order))
            line[count++] = in->line[i];
    }
    return (struct kt_list){ line, count };
}

static void add(struct invoice *in, const struct kt_idoc_order *order, bool is_whole)
{
    struct kt_idoc_reader *r = in->r;
    struct kt_invoice *to = KT_NEW(r->arena, struct kt_invoice);
    struct kt_list lines = { NULL, 0 };
    if (r->fault == NULL)
        *to = in->head;
    (void)KT_PUT(to, kt_invoice_shape, scope, kt_str_of(r->s->scope));
    (void)KT_PUT(to, kt_invoice_shape, id, r->key);
    if (order->number.n > 0)
        (void)KT_PUT(to, kt_invoice_shape, order_number, kt_str_copy(r->arena, order->number));
    if (order->key.n > 0)
        (void)KT_PUT(to, kt_invoice_shape, order_key, kt_str_copy(r->arena, order->key));
    if (r->fault == NULL)
        lines = lines_of_order(in, order);
    if (r->fault == NULL)
        (void)KT_PUT(to, kt_invoice_shape, lines, lines);
    if (r->fault == NULL && !is_whole)
        put_sums(to, lines.item, lines.count);
    kt_facts_add(r->facts, (struct kt_fact_record){ KT_FACT_INVOICE, r->fault, to });
}

static bool is_first_of_order(const struct invoice *in, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (is_of_order(in, i, &in->order[at]))
            return false;
    }
    return true;
}

void kt_idoc_read_invoice(struct kt_idoc_reader *r)
{
    struct invoice in = { .r = r, .main = r->idoc->node };
    const struct kt_xml_node *number = kt_idoc_only(in.main, "E1EDK02", "QUALF=009");
    const struct kt_xml_node *head = kt_xml_find(in.main, "E1EDK01");
    struct kt_str id = kt_idoc_number(number, "BELNR");
    size_t orders = 0;
    kt_idoc_begin(r, "invoice", id.n > 0 ? id : kt_idoc_number(head, "BELNR"));
    if (r->key.n == 0)
        kt_idoc_fault(r, in.main, "E1EDK02-BELNR (QUALF 009)", KT_STR(""));
    (void)kt_idoc_apply(r, &kt_idoc_invoice, in.main, &in.head);
    (void)KT_PUT(&in.head, kt_invoice_shape, type, read_type(&in));
    if (in.head.currency.n == 0)
        kt_idoc_fault(r, in.main, "E1EDK01-CURCY", KT_STR(""));
    in.whole.number = kt_idoc_number(kt_idoc_only(in.main, "E1EDK02", "QUALF=002"), "BELNR");
    in.whole.key = key_in(in.main, "E1EDK02");
    read_lines(&in);
    for (size_t i = 0; i < in.lines; i++)
        orders += is_first_of_order(&in, i) ? 1 : 0;
    if (orders <= 1 || r->fault != NULL) {
        add(&in, in.lines > 0 ? &in.order[0] : &in.whole, true);
        return;
    }
    for (size_t i = 0; i < in.lines; i++) {
        if (is_first_of_order(&in, i))
            add(&in, &in.order[i], false);
    }
}
