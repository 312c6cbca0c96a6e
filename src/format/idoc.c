/* IDocs: which there are in a message, who sent them, what they are, and on to the reader of their
 * type. Pure, any thread; called by door/idoc.c and by the file drop. */
#include "format/idoc.h"

#include "base/civil.h"
#include "format/idoc_inner.h"

/* A message type, or the basic type where a site gave the message type a name of its own. */
static const struct {
    const char *mestyp;
    const char *idoctyp; /* how it begins; NULL: shared with other message types */
    enum kt_idoc_type type;
} types[] = {
    { "MATMAS", "MATMAS", KT_IDOC_MATMAS }, { "CLFMAS", "CLFMAS", KT_IDOC_CLFMAS },
    { "DEBMAS", "DEBMAS", KT_IDOC_DEBMAS }, { "INVOIC", "INVOIC", KT_IDOC_INVOIC },
    { "DESADV", NULL, KT_IDOC_DESADV },     { "SHPMNT", NULL, KT_IDOC_DESADV },
    { "SHPCON", NULL, KT_IDOC_DESADV },     { "SHPADV", NULL, KT_IDOC_DESADV },
    { "WHSCON", NULL, KT_IDOC_DESADV },     { "ORDRSP", NULL, KT_IDOC_ORDRSP },
};
enum { NUMBER_MAX = 40 }; /* SAP has 16 digits for numbers, 10 characters for partners */
#define KNOWN "MATMAS, CLFMAS, DEBMAS, DESADV, SHPMNT, SHPCON, SHPADV, WHSCON, INVOIC, ORDRSP"

const char *kt_idoc_type_name(enum kt_idoc_type type)
{
    static const char *const names[KT_IDOC_TYPES] = { "",       "MATMAS", "CLFMAS", "DEBMAS",
                                                      "DESADV", "INVOIC", "ORDRSP" };
    return names[type];
}

static enum kt_idoc_type type_of(const struct kt_idoc_control *c, struct kt_str around)
{
    struct kt_str basic = c->idoctyp.n > 0 ? c->idoctyp : around;
    for (size_t i = 0; i < KT_COUNT(types); i++) {
        if (kt_str_is(c->mestyp, types[i].mestyp))
            return types[i].type;
    }
    for (size_t i = 0; i < KT_COUNT(types); i++) {
        if (types[i].idoctyp != NULL && kt_str_starts(basic, types[i].idoctyp))
            return types[i].type;
    }
    return KT_IDOC_UNKNOWN;
}

static struct kt_str control_text(const struct kt_xml_node *node, const char *field)
{
    struct kt_str text = kt_idoc_text(node, field, NULL);
    return text.n > 0 ? text : (struct kt_str){ NULL, 0 };
}

static void read_control(struct kt_idoc_control *c, const struct kt_xml_node *node)
{
    const struct {
        struct kt_str *to;
        const char *field;
    } fields[] = { { &c->mestyp, "MESTYP" }, { &c->idoctyp, "IDOCTYP" }, { &c->cimtyp, "CIMTYP" },
                   { &c->mescod, "MESCOD" }, { &c->mesfct, "MESFCT" },   { &c->sndpor, "SNDPOR" },
                   { &c->sndprt, "SNDPRT" }, { &c->sndprn, "SNDPRN" },   { &c->rcvpor, "RCVPOR" },
                   { &c->rcvprt, "RCVPRT" }, { &c->rcvprn, "RCVPRN" },   { &c->credat, "CREDAT" },
                   { &c->cretim, "CRETIM" }, { &c->serial, "SERIAL" },   { &c->arckey, "ARCKEY" } };
    struct kt_str docnum = kt_idoc_number(node, "DOCNUM");
    *c = (struct kt_idoc_control){ 0 };
    for (size_t i = 0; i < KT_COUNT(fields); i++)
        *fields[i].to = control_text(node, fields[i].field);
    if (docnum.n > 0)
        c->docnum = docnum;
    c->docnum_sent = control_text(node, "DOCNUM");
    c->is_test = kt_idoc_text(node, "TEST", NULL).n > 0;
}

enum kt_rc kt_idoc_split(struct kt_idocs *out, const struct kt_xml_node *message,
                         struct kt_arena *a, struct kt_err *e)
{
    const size_t count = kt_idoc_count(message, "IDOC");
    *out = (struct kt_idocs){ .name = message->name };
    if (count == 0)
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_SOAP_MALFORMED,
                       KT_P_TEXT("detail", "there is no IDOC in it"));
    out->item = KT_NEW_ARRAY(a, count, struct kt_idoc);
    for (const struct kt_xml_node *at = kt_idoc_next(message, NULL, "IDOC"); at != NULL;
         at = kt_idoc_next(message, at, "IDOC")) {
        struct kt_idoc *d = &out->item[out->count++];
        d->node = at;
        read_control(&d->control, kt_xml_find(at, "EDI_DC40"));
        d->type = type_of(&d->control, message->name);
    }
    return KT_OK;
}

/* hhmmss */
static bool read_seconds(struct kt_str text, int64_t *seconds)
{
    int64_t part[3] = { 0 };
    if (text.n != 6)
        return false;
    for (size_t i = 0; i < 6; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        part[i / 2] = part[i / 2] * 10 + (text.p[i] - '0');
    }
    *seconds = part[0] * 3600 + part[1] * 60 + part[2];
    return part[0] < 24 && part[1] < 60 && part[2] < 60;
}

/* The last six digits of what counts upward, as a part of a second. */
static int64_t order_within_second(const struct kt_idoc_control *c)
{
    struct kt_str counter = c->serial.n > 0 ? c->serial : c->docnum;
    int64_t value = 0;
    size_t from = counter.n > 6 ? counter.n - 6 : 0;
    for (size_t i = from; i < counter.n; i++) {
        if (counter.p[i] < '0' || counter.p[i] > '9')
            return 0;
        value = value * 10 + (counter.p[i] - '0');
    }
    return value;
}

int64_t kt_idoc_made_us(const struct kt_idoc_control *c, const struct kt_zone *zone)
{
    struct kt_day day;
    int64_t seconds = 0;
    int64_t minute_us;
    if (c->credat.p == NULL || !kt_day_parse(&day, c->credat))
        return 0;
    if (c->cretim.p == NULL || !read_seconds(c->cretim, &seconds))
        seconds = 0;
    if (zone != NULL) {
        minute_us = kt_zone_at_us(zone, day, seconds / 60);
    } else {
        int64_t days = kt_civil_days((struct kt_civil){ day.y, day.m, day.d });
        minute_us = days * KT_DAY_US + seconds / 60 * KT_MINUTE;
    }
    minute_us += seconds % 60 * KT_SECOND + order_within_second(c);
    return minute_us > 0 ? minute_us : 0;
}

static void put_length(struct kt_hash *h, struct kt_str text)
{
    const uint64_t n = text.n; /* so that two texts never read as another two */
    kt_hash_put(h, &n, sizeof n);
    kt_hash_put(h, text.p, text.n);
}

void kt_idoc_tree_digest(const struct kt_xml_node *message, const char *without,
                         char out[KT_HASH_TEXT_MAX], struct kt_arena *a)
{
    struct kt_hash *h = kt_hash_new(a);
    uint8_t bytes[KT_HASH_BYTES];
    const struct kt_xml_node *node = message + 1;
    while (node < message->behind) {
        if (node->depth == message->depth + 1 && kt_str_is(node->name, without)) {
            node = node->behind;
            continue;
        }
        const unsigned depth = node->depth - message->depth; /* the same inside an envelope */
        kt_hash_put(h, &depth, sizeof depth);
        put_length(h, node->name);
        put_length(h, kt_str_trim(node->text));
        for (unsigned i = 0; i < node->attr_count; i++)
            put_length(h, node->attr[i].value);
        node++;
    }
    kt_hash_end(h, bytes);
    kt_hex(bytes, sizeof bytes, out);
}

void kt_idoc_digest(const struct kt_idoc *idoc, char out[KT_HASH_TEXT_MAX], struct kt_arena *a)
{
    kt_idoc_tree_digest(idoc->node, "EDI_DC40", out, a);
}

static enum kt_rc unknown_type(const struct kt_idoc *idoc, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str type = idoc->control.mestyp.n > 0 ? idoc->control.mestyp : KT_STR("(none)");
    return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_IDOC_TYPE_UNKNOWN,
                   KT_P_TEXT("type", kt_str_copy(a, type).p), KT_P_TEXT("known", KNOWN));
}

enum kt_rc kt_idoc_check(const struct kt_idoc *idoc, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_idoc_control *c = &idoc->control;
    if (c->docnum.n == 0 || c->sndprn.n == 0)
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_IDOC_UNNUMBERED,
                       KT_P_TEXT("field", c->docnum.n == 0 ? "DOCNUM" : "SNDPRN"));
    if (c->docnum_sent.n > NUMBER_MAX || c->sndprn.n > NUMBER_MAX)
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_FIELD_TOO_LONG, KT_P_TEXT("record", "IDoc"),
                       KT_P_TEXT("field", c->sndprn.n > NUMBER_MAX ? "SNDPRN" : "DOCNUM"),
                       KT_P_NUM("limit", NUMBER_MAX));
    return idoc->type == KT_IDOC_UNKNOWN ? unknown_type(idoc, a, e) : KT_OK;
}

struct kt_str kt_idoc_id(const struct kt_idoc *idoc, struct kt_arena *a)
{
    return kt_str_of(kt_format(a, "idoc:%.*s:%.*s", (int)idoc->control.sndprn.n,
                               idoc->control.sndprn.p, (int)idoc->control.docnum.n,
                               idoc->control.docnum.p));
}

enum kt_rc kt_idoc_read(const struct kt_idoc *idoc, const struct kt_idoc_source *s,
                        struct kt_changes *changes, struct kt_fact_records *facts, struct kt_err *e)
{
    struct kt_idoc_reader r = { .s = s,
                                .idoc = idoc,
                                .as_of_us = kt_idoc_made_us(&idoc->control, s->zone),
                                .changes = changes,
                                .facts = facts,
                                .arena = changes->arena };
    if (idoc->type != KT_IDOC_UNKNOWN && idoc->control.is_test)
        return KT_OK;
    if (s->now_us != 0 && r.as_of_us > s->now_us)
        r.as_of_us = 0;
    switch (idoc->type) {
    case KT_IDOC_MATMAS:
        kt_idoc_read_article(&r);
        return KT_OK;
    case KT_IDOC_CLFMAS:
        kt_idoc_read_class(&r);
        return KT_OK;
    case KT_IDOC_DEBMAS:
        kt_idoc_read_customer(&r);
        return KT_OK;
    case KT_IDOC_DESADV:
        kt_idoc_read_delivery(&r);
        return KT_OK;
    case KT_IDOC_INVOIC:
        kt_idoc_read_invoice(&r);
        return KT_OK;
    case KT_IDOC_ORDRSP:
        kt_idoc_read_status(&r);
        return KT_OK;
    case KT_IDOC_UNKNOWN:
    case KT_IDOC_TYPES:
        break;
    }
    return unknown_type(idoc, changes->arena, e);
}
