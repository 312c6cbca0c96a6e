/* DESADV and its kin: deliveries become shipments, one for each order that they carry lines of.
 * Pure, any thread; called by idoc.c. SHPMNT holds deliveries inside a transport: each is read as
 * if it came alone. */
#include "format/idoc_inner.h"

static const struct kt_idoc_row delivery_rows[] = {
    { "", NULL, "VBELN", "id", KT_IDOC_NUMBER },
    { "E1EDT13", "QUALF=006", "IEDD", "shipped", KT_IDOC_PLAIN },
    { "E1EDT13", "QUALF=006", "ISDD", "shipped", KT_IDOC_PLAIN },
    { "E1EDT13", "QUALF=006", "NTEND", "shipped", KT_IDOC_PLAIN },
    { "E1EDT13", "QUALF=006", "NTANF", "shipped", KT_IDOC_PLAIN },
    { "E1ADRM1", "PARTNER_Q=SP", "NAME1", "carrier", KT_IDOC_PLAIN },
    { "E1ADRM1", "PARTNER_Q=SP", "PARTNER_ID", "carrier", KT_IDOC_NUMBER },
    { "E1EDL28/E1EDL29", NULL, "VSART_BEZ", "service", KT_IDOC_PLAIN },
    { "E1EDL28", NULL, "VSART", "service", KT_IDOC_PLAIN },
    { "E1EDL47", NULL, "TRACKN", "tracking_no", KT_IDOC_PLAIN },
    { "E1EDL47", NULL, "XSIURL_MULTI_TRACK", "tracking_url", KT_IDOC_PLAIN },
    { "E1EDL37/E1EDL49", NULL, "XSIURL_SINGLE_TRACK", "tracking_url", KT_IDOC_PLAIN },
    { 0 },
};
const struct kt_idoc_table kt_idoc_delivery = { "DESADV", "E1EDL20", &kt_shipment_shape,
                                                delivery_rows };

static const struct kt_idoc_row line_rows[] = {
    { "", NULL, "POSNR", "id", KT_IDOC_NUMBER },
    { "", NULL, "MATNR_EXTERNAL|MATNR_LONG|MATNR", "sku", KT_IDOC_NUMBER },
    { "", NULL, "LFIMG", "quantity", KT_IDOC_PLAIN },
    { "", NULL, "VRKME", "unit", KT_IDOC_PLAIN },
    { 0 },
};
const struct kt_idoc_table kt_idoc_delivery_line = { "DESADV", "E1EDL24", &kt_shipment_line_shape,
                                                     line_rows };

struct delivery {
    struct kt_idoc_reader *r;
    const struct kt_xml_node *main; /* E1EDL20 */
    struct kt_shipment head;        /* what the shipments share */
    struct kt_shipment_line *line;
    struct kt_idoc_order *order; /* of each line */
    size_t lines;
    const struct kt_xml_node **packed; /* E1EDL44 with serial numbers */
    size_t packs;
};

/* SAP pads serial numbers of digits to 18. */
static struct kt_str serial_of(const struct kt_xml_node *segment)
{
    enum { PADDED = 18 };
    struct kt_str serial = kt_idoc_text(segment, "SERNR", NULL);
    return serial.n == PADDED ? kt_idoc_bare(serial) : serial;
}

static void add_serials(struct kt_ref *ref, size_t *count, const struct kt_xml_node *parent,
                        const char *name, struct kt_arena *a)
{
    for (const struct kt_xml_node *s = kt_idoc_next(parent, NULL, name); s != NULL;
         s = kt_idoc_next(parent, s, name)) {
        struct kt_str serial = serial_of(s);
        if (serial.n == 0)
            continue;
        (void)KT_PUT(&ref[*count], kt_ref_shape, id, kt_str_copy(a, serial));
        (*count)++;
    }
}

/* Items of handling units that hold serial numbers; in the order of the units. */
static void find_packed(struct delivery *d)
{
    size_t room = 0;
    for (const struct kt_xml_node *hu = kt_idoc_next(d->main, NULL, "E1EDL37"); hu != NULL;
         hu = kt_idoc_next(d->main, hu, "E1EDL37"))
        room += kt_idoc_count(hu, "E1EDL44");
    d->packed = KT_NEW_ARRAY(d->r->arena, room + 1, const struct kt_xml_node *);
    for (const struct kt_xml_node *hu = kt_idoc_next(d->main, NULL, "E1EDL37"); hu != NULL;
         hu = kt_idoc_next(d->main, hu, "E1EDL37")) {
        for (const struct kt_xml_node *in = kt_idoc_next(hu, NULL, "E1EDL44"); in != NULL;
             in = kt_idoc_next(hu, in, "E1EDL44")) {
            if (kt_xml_find(in, "E1EDL46") != NULL)
                d->packed[d->packs++] = in;
        }
    }
    if (d->packs > KT_IDOC_MOST)
        kt_idoc_fault(d->r, d->main, "E1EDL37", KT_STR("too many"));
}

/* Of the line itself; where it has none, of the handling units that hold it. */
static struct kt_list read_serials(const struct delivery *d, const struct kt_xml_node *item)
{
    struct kt_arena *a = d->r->arena;
    struct kt_str posnr = kt_idoc_number(item, "POSNR");
    size_t room = kt_idoc_count(item, "E1EDL11");
    bool is_own = room > 0;
    size_t count = 0;
    for (size_t i = 0; !is_own && i < d->packs; i++) {
        if (kt_str_eq(kt_idoc_number(d->packed[i], "POSNR"), posnr))
            room += kt_idoc_count(d->packed[i], "E1EDL46");
    }
    struct kt_ref *ref = KT_NEW_ARRAY(a, room + 1, struct kt_ref);
    add_serials(ref, &count, item, "E1EDL11", a);
    for (size_t i = 0; !is_own && i < d->packs; i++) {
        if (kt_str_eq(kt_idoc_number(d->packed[i], "POSNR"), posnr))
            add_serials(ref, &count, d->packed[i], "E1EDL46", a);
    }
    return (struct kt_list){ ref, count };
}

static struct kt_str key_of_line(const struct kt_xml_node *item)
{
    for (const struct kt_xml_node *s = kt_idoc_next(item, NULL, "E1EDL41"); s != NULL;
         s = kt_idoc_next(item, s, "E1EDL41")) {
        struct kt_str text = kt_idoc_text(s, "BSTNR", NULL);
        if (kt_idoc_is_our_key(text))
            return text;
    }
    return KT_STR("");
}

/* The main line of a batch split holds nothing itself: its parts do. */
static void read_lines(struct delivery *d)
{
    struct kt_idoc_reader *r = d->r;
    size_t room = kt_idoc_few(r, d->main, "E1EDL24") + 1;
    if (r->fault != NULL)
        return;
    d->line = KT_NEW_ARRAY(r->arena, room, struct kt_shipment_line);
    d->order = KT_NEW_ARRAY(r->arena, room, struct kt_idoc_order);
    for (const struct kt_xml_node *s = kt_idoc_next(d->main, NULL, "E1EDL24"); s != NULL;
         s = kt_idoc_next(d->main, s, "E1EDL24")) {
        struct kt_shipment_line *line = &d->line[d->lines];
        (void)kt_idoc_apply(r, &kt_idoc_delivery_line, s, line);
        if (KT_HAS(line, kt_shipment_line_shape, quantity) && line->quantity.units == 0) {
            *line = (struct kt_shipment_line){ 0 };
            continue;
        }
        if (line->quantity.units <= 0)
            kt_idoc_fault(r, s, "LFIMG", kt_idoc_text(s, "LFIMG", NULL));
        if (line->sku.n == 0)
            kt_idoc_fault(r, s, "MATNR", KT_STR(""));
        struct kt_list serials = read_serials(d, s);
        if (serials.count > 0)
            (void)KT_PUT(line, kt_shipment_line_shape, serials, serials);
        d->order[d->lines].number = kt_idoc_number(s, "VGBEL");
        d->order[d->lines++].key = key_of_line(s);
    }
}

/* One parcel each: all their numbers, as far as they fit. */
static void read_tracking(struct delivery *d)
{
    enum { TRACKING_MOST = 120 };
    struct kt_buf out;
    if (KT_HAS(&d->head, kt_shipment_shape, tracking_no))
        return;
    kt_buf_init(&out, d->r->arena, TRACKING_MOST);
    for (const struct kt_xml_node *hu = kt_idoc_next(d->main, NULL, "E1EDL37"); hu != NULL;
         hu = kt_idoc_next(d->main, hu, "E1EDL37")) {
        struct kt_str number = kt_idoc_text(kt_xml_find(hu, "E1EDL49"), "TRACKN", NULL);
        if (number.n == 0)
            number = kt_idoc_text(hu, "EXIDV2", NULL);
        if (number.n == 0 || out.n + 2 + number.n > TRACKING_MOST)
            continue;
        if (out.n > 0)
            kt_buf_text(&out, ", ");
        kt_buf_str(&out, number);
    }
    struct kt_str waybill = kt_idoc_text(d->main, "BOLNR", NULL);
    if (out.n == 0 && waybill.n <= TRACKING_MOST)
        kt_buf_str(&out, waybill);
    if (out.n > 0)
        (void)KT_PUT(&d->head, kt_shipment_shape, tracking_no, kt_buf_view(&out));
}

/* SHPMNT names the carrier once, at the transport. */
static struct kt_str find_carrier(const struct kt_xml_node *idoc)
{
    for (const struct kt_xml_node *at = idoc; at < idoc->behind; at++) {
        if (kt_str_is(at->name, "E1ADRM4") && kt_idoc_is(at, "PARTNER_Q", "SP") &&
            kt_idoc_text(at, "NAME1", NULL).n > 0)
            return kt_idoc_text(at, "NAME1", NULL);
    }
    return KT_STR("");
}

/* Not every line names our key; where the ERP's number is not said either, the key decides. */
static bool is_of_order(const struct delivery *d, size_t at, size_t first)
{
    const struct kt_idoc_order *a = &d->order[at];
    const struct kt_idoc_order *b = &d->order[first];
    return kt_str_eq(a->number, b->number) && (a->number.n > 0 || kt_str_eq(a->key, b->key));
}

/* A delivery may be of as many orders as it has lines: no more room than is needed. */
static struct kt_list lines_of_order(const struct delivery *d, size_t first)
{
    size_t count = 0;
    for (size_t i = first; i < d->lines; i++)
        count += is_of_order(d, i, first) ? 1 : 0;
    struct kt_shipment_line *line = KT_NEW_ARRAY(d->r->arena, count + 1, struct kt_shipment_line);
    count = 0;
    for (size_t i = first; i < d->lines; i++) {
        if (is_of_order(d, i, first))
            line[count++] = d->line[i];
    }
    return (struct kt_list){ line, count };
}

static void add(struct delivery *d, size_t first)
{
    struct kt_idoc_reader *r = d->r;
    struct kt_shipment *s = KT_NEW(r->arena, struct kt_shipment);
    *s = d->head;
    if (r->fault != NULL) {
        *s = (struct kt_shipment){ 0 };
        (void)KT_PUT(s, kt_shipment_shape, id, r->key);
    }
    (void)KT_PUT(s, kt_shipment_shape, scope, kt_str_of(r->s->scope));
    if (first < d->lines && d->order[first].number.n > 0)
        (void)KT_PUT(s, kt_shipment_shape, order_number,
                     kt_str_copy(r->arena, d->order[first].number));
    if (first < d->lines && d->order[first].key.n > 0)
        (void)KT_PUT(s, kt_shipment_shape, order_key, kt_str_copy(r->arena, d->order[first].key));
    if (r->fault == NULL)
        (void)KT_PUT(s, kt_shipment_shape, lines, lines_of_order(d, first));
    kt_facts_add(r->facts, (struct kt_fact_record){ KT_FACT_SHIPMENT, r->fault, s });
}

static bool is_first_of_order(const struct delivery *d, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (is_of_order(d, i, at))
            return false;
    }
    return true;
}

static void read_one(struct kt_idoc_reader *r, const struct kt_xml_node *main,
                     struct kt_str carrier)
{
    struct delivery d = { .r = r, .main = main };
    const struct kt_xml_node *control = kt_idoc_only(main, "E1EDL18", "QUALF=DEL");
    kt_idoc_begin(r, "delivery", kt_idoc_number(main, "VBELN"));
    if (r->key.n == 0)
        kt_idoc_fault(r, main, "VBELN", KT_STR(""));
    if (control != NULL) /* what was told to a buyer cannot be taken back: a person must look */
        kt_idoc_fault(r, control, "QUALF", KT_STR("DEL"));
    (void)kt_idoc_apply(r, &kt_idoc_delivery, main, &d.head);
    if (carrier.n > 0 && !KT_HAS(&d.head, kt_shipment_shape, carrier))
        (void)KT_PUT(&d.head, kt_shipment_shape, carrier, kt_str_copy(r->arena, carrier));
    read_tracking(&d);
    find_packed(&d);
    read_lines(&d);
    if (d.lines == 0)
        add(&d, 0);
    for (size_t i = 0; i < d.lines; i++) {
        if (is_first_of_order(&d, i))
            add(&d, i);
    }
}

void kt_idoc_read_delivery(struct kt_idoc_reader *r)
{
    const struct kt_xml_node *end = r->idoc->node->behind;
    const struct kt_str carrier = find_carrier(r->idoc->node);
    for (const struct kt_xml_node *at = r->idoc->node; at < end;) {
        bool is_delivery = kt_str_is(at->name, "E1EDL20");
        if (is_delivery)
            read_one(r, at, carrier);
        at = is_delivery ? at->behind : at + 1;
    }
}
