/* The documents of an order, for whoever has its link: what its lines were shown and what is valid
 * for them, on a page and as files. Says articles and documents, no names or addresses. Workers of
 * the archive call. */
#include <string.h>

#include "archive/inner.h"
#include "flow/binding.h"
#include "flow/documents.h"
#include "store/keeping.h"
#include "store/orders.h"
#include "trade/names.h"

enum { TOKEN_BYTES = 64 };

/* An order as its link shows it. */
struct bound_order {
    struct kt_str token;
    struct kt_str our_key;
    struct kt_bound_line *line;
    size_t lines;
    struct kt_bound *bound; /* the page: answers that stand; files: also those that were ended */
    size_t bounds;
    const struct kt_document **document; /* of each bound; NULL: nothing is known of it */
};

static bool is_axis(const struct kt_bound *b, enum kt_axis_of_time axis)
{
    return b->axis == axis;
}

static bool is_of(const struct kt_bound *b, const struct kt_bound_line *line, struct kt_str type)
{
    return kt_str_eq(b->line, line->line) && kt_str_eq(b->type, type);
}

/* --- reading --- */

/* The revision that the answer speaks of; of what a channel showed the last one with that content.
 */
static const struct kt_document *revision_of(const struct kt_bound *b, const struct kt_past *past,
                                             size_t pasts)
{
    const struct kt_document *found = NULL;
    for (size_t i = 0; i < pasts; i++) {
        const struct kt_document *d = past[i].record;
        if (!kt_str_eq(past[i].key, b->row_key) || !kt_str_eq(d->sha256, b->sha256))
            continue;
        found = d;
        if (past[i].rev == b->rev)
            break;
    }
    return found;
}

static enum kt_rc read_documents(const struct kt_archive_ask *k, struct bound_order *o,
                                 struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    o->document = KT_NEW_ARRAY(k->a, o->bounds + 1, const struct kt_document *);
    for (size_t i = 0; i < o->bounds && rc == KT_OK; i++) {
        struct kt_past *past = NULL;
        size_t pasts = 0;
        if (o->document[i] != NULL)
            continue;
        rc = kt_past_of(k->w->db, KT_KIND_DOCUMENT, o->bound[i].row_key, &past, &pasts, k->a, e);
        for (size_t j = i; j < o->bounds && rc == KT_OK; j++) {
            if (kt_str_eq(o->bound[j].row_key, o->bound[i].row_key))
                o->document[j] = revision_of(&o->bound[j], past, pasts);
        }
    }
    return rc;
}

static enum kt_rc read_order(const struct kt_archive_ask *k, struct bound_order *o,
                             bool with_history, bool *found, struct kt_err *e)
{
    struct kt_db *db = k->w->db;
    enum kt_rc rc = kt_customer_link_find(db, o->token, kt_now_us(), &o->our_key, found, k->a, e);
    if (rc != KT_OK || !*found)
        return rc;
    rc = kt_bound_lines(db, o->our_key, &o->line, &o->lines, k->a, e);
    if (rc == KT_OK)
        rc = kt_bound_of(db, o->our_key, with_history, &o->bound, &o->bounds, k->a, e);
    if (rc == KT_OK)
        rc = read_documents(k, o, e);
    return rc;
}

/* A kind that is not for everybody is for this customer where the shop showed it. */
static bool may_see(const struct kt_archive_ask *k, const struct bound_order *o, size_t i)
{
    const struct kt_bound *b = &o->bound[i];
    if (kt_kind_rule_of(&k->w->site->documents, b->type)->is_public)
        return true;
    for (size_t j = 0; j < o->bounds; j++) {
        if (is_axis(&o->bound[j], KT_AXIS_SHOWN) && kt_str_eq(o->bound[j].line, b->line) &&
            kt_str_eq(o->bound[j].type, b->type))
            return true;
    }
    return false;
}

/* --- the page --- */

static const struct kt_channel_site *channel_of(const struct kt_site *site, struct kt_str name)
{
    for (size_t i = 0; i < site->channels; i++) {
        if (kt_str_is(name, site->channel[i].name))
            return &site->channel[i];
    }
    return NULL;
}

static const char *day_of(const struct kt_archive_ask *k, const struct kt_html *p,
                          const struct kt_bound_line *line)
{
    const struct kt_channel_site *c = channel_of(k->w->site, line->channel);
    const struct kt_day day = c != NULL && c->zone != NULL ? kt_zone_day(c->zone, line->placed_us)
                                                           : kt_day_of(line->placed_us);
    return kt_html_day(p->lang, day, k->a);
}

static void put_document(struct kt_html *p, const struct bound_order *o, size_t i,
                         enum kt_word label)
{
    const struct kt_document *d = o->document[i];
    kt_html_raw(p, "<div class=\"c\">\n<p><span class=\"t");
    kt_html_raw(p, label == KT_W_SHOWN ? "\">" : " y\">");
    kt_html_word(p, label);
    kt_html_raw(p, "</span></p>\n<p><strong>");
    if (d != NULL)
        kt_html_text(p, kt_archive_title(p->lang, d));
    else
        kt_html_text(p, kt_archive_kind(p->lang, o->bound[i].type));
    if (d != NULL && d->version.n > 0) {
        kt_html_raw(p, "</strong> · ");
        kt_html_word(p, KT_W_VERSION);
        kt_html_raw(p, " <strong>");
        kt_html_text(p, d->version);
    }
    kt_html_raw(p, "</strong></p>\n");
    if (d != NULL)
        kt_archive_describe(p, d);
    /* from the page on: a proxy may have put folders of its own in front */
    kt_html_raw(p, "<p><a class=\"b\" href=\"");
    kt_html_part(p, o->token);
    kt_html_raw(p, "/");
    kt_html_part(p, o->bound[i].sha256);
    kt_html_raw(p, "\">");
    kt_html_word(p, KT_W_DOWNLOAD);
    kt_html_raw(p, "</a></p>\n</div>\n");
}

/* Is the content of bound i among those of the other axis, of its line and kind? */
static bool has_twin(const struct bound_order *o, size_t i)
{
    const struct kt_bound *b = &o->bound[i];
    for (size_t j = 0; j < o->bounds; j++) {
        const struct kt_bound *other = &o->bound[j];
        if (other->axis != b->axis && kt_str_eq(other->line, b->line) &&
            kt_str_eq(other->type, b->type) && kt_str_eq(other->sha256, b->sha256))
            return true;
    }
    return false;
}

/* What there is of a kind for a line. */
struct tally {
    size_t count[2]; /* by axis */
    bool differs;
};

static struct tally tally_of(const struct bound_order *o, const struct kt_bound_line *line,
                             struct kt_str type)
{
    struct tally t = { 0 };
    for (size_t i = 0; i < o->bounds; i++) {
        if (!is_of(&o->bound[i], line, type))
            continue;
        t.count[o->bound[i].axis]++;
        t.differs = t.differs || !has_twin(o, i);
    }
    t.differs = t.differs && t.count[KT_AXIS_SHOWN] > 0 && t.count[KT_AXIS_VALID] > 0;
    return t;
}

/* What is not decided yet, where that may be. */
static void put_waiting(const struct kt_archive_ask *k, struct kt_html *p,
                        const struct kt_bound_line *line, struct kt_str type)
{
    const int basis = kt_kind_rule_of(&k->w->site->documents, type)->basis;
    const bool waits = (basis == KT_BASIS_DISPATCH && line->dispatched_us == KT_NEVER) ||
                       (basis == KT_BASIS_BATCH && line->produced_us == KT_NEVER);
    if (!waits)
        return;
    kt_html_raw(p, "<p class=\"s\">");
    kt_html_word(p, basis == KT_BASIS_DISPATCH ? KT_W_AT_DISPATCH : KT_W_AT_PRODUCTION);
    kt_html_raw(p, "</p>\n");
}

static void put_kind(const struct kt_archive_ask *k, struct kt_html *p, const struct bound_order *o,
                     const struct kt_bound_line *line, struct kt_str type)
{
    const struct tally t = tally_of(o, line, type);
    kt_html_raw(p, "<h3>");
    kt_html_text(p, kt_archive_kind(p->lang, type));
    kt_html_raw(p, "</h3>\n");
    if (t.differs) {
        kt_html_raw(p, "<p class=\"w\">");
        kt_html_word(p, KT_W_DIFFERS);
        kt_html_raw(p, "</p>\n");
    }
    for (int axis = KT_AXIS_SHOWN; axis <= KT_AXIS_VALID; axis++) {
        for (size_t i = 0; i < o->bounds; i++) {
            if (!is_of(&o->bound[i], line, type) || (int)o->bound[i].axis != axis)
                continue;
            const bool twin = has_twin(o, i);
            if (axis == KT_AXIS_SHOWN)
                put_document(p, o, i, twin ? KT_W_BOTH : KT_W_SHOWN);
            else if (!twin)
                put_document(p, o, i, KT_W_VALID);
        }
    }
    if (t.count[KT_AXIS_VALID] == 0)
        put_waiting(k, p, line, type);
}

/* Was this kind of the line met before bound i? */
static bool is_repeat(const struct bound_order *o, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (kt_str_eq(o->bound[j].line, o->bound[i].line) &&
            kt_str_eq(o->bound[j].type, o->bound[i].type))
            return true;
    }
    return false;
}

static void put_line(const struct kt_archive_ask *k, struct kt_html *p, const struct bound_order *o,
                     const struct kt_bound_line *line, struct kt_str name)
{
    bool has_any = false;
    kt_html_raw(p, "<h2>");
    kt_html_text(p, name.n > 0 ? name : line->goods.sku);
    kt_html_raw(p, "</h2>\n<p class=\"s\">");
    kt_html_word(p, KT_W_ARTICLE);
    kt_html_raw(p, " ");
    kt_html_text(p, line->goods.sku);
    kt_html_raw(p, "</p>\n");
    for (size_t i = 0; i < o->bounds; i++) {
        if (!kt_str_eq(o->bound[i].line, line->line) || is_repeat(o, i) || !may_see(k, o, i))
            continue;
        put_kind(k, p, o, line, o->bound[i].type);
        has_any = true;
    }
    if (!has_any) {
        kt_html_raw(p, "<p>");
        kt_html_word(p, KT_W_NO_DOCUMENTS);
        kt_html_raw(p, "</p>\n");
    }
}

/* Names of the lines' articles, as they are known now. */
static enum kt_rc read_names(const struct kt_archive_ask *k, const struct bound_order *o,
                             struct kt_str *name, struct kt_err *e)
{
    struct kt_work w = {
        .site = k->w->site, .db = k->w->db, .arena = k->a, .log = k->w->archive->log
    };
    struct kt_article *article = KT_NEW_ARRAY(k->a, o->lines + 1, struct kt_article);
    struct kt_str *sku = KT_NEW_ARRAY(k->a, o->lines + 1, struct kt_str);
    const struct kt_str language = kt_str_of(k->lang == KT_LANG_DE ? "de" : "en");
    enum kt_rc rc = KT_OK;
    size_t n = 0;
    for (size_t i = 0; i < o->lines; i++)
        sku[i] = o->line[i].goods.sku;
    for (size_t i = 0; i < o->lines && rc == KT_OK; i += n) { /* of each ERP's articles at once */
        for (n = 1; i + n < o->lines && kt_str_eq(o->line[i + n].scope, o->line[i].scope);)
            n++;
        rc = kt_articles_read(&w, o->line[i].scope, &sku[i], n, &article[i], e);
    }
    for (size_t i = 0; i < o->lines && rc == KT_OK; i++) {
        if (article[i].product != NULL)
            name[i] = kt_name_in(article[i].product, language);
    }
    return rc;
}

/* Nobody says: as the order speaks. */
static void follow_order(struct kt_archive_ask *k, const struct bound_order *o)
{
    if (!k->has_lang && o->lines > 0)
        k->lang = kt_str_starts(o->line[0].language, "de") ? KT_LANG_DE : KT_LANG_EN;
}

static enum kt_rc put_title(const struct kt_archive_ask *k, struct kt_html *p,
                            const struct bound_order *o, struct kt_err *e)
{
    struct kt_order_row row;
    bool found = false;
    enum kt_rc rc = kt_order_get(k->w->db, o->our_key, &row, &found, k->a, e);
    const struct kt_str title = kt_str_of(kt_word(k->lang, KT_W_ORDER_TITLE));
    kt_html_begin(p, k->lang, title, k->a);
    kt_html_raw(p, "<h1>");
    kt_html_text(p, title);
    kt_html_raw(p, "</h1>\n<p class=\"s\">");
    const char *day = o->lines > 0 ? day_of(k, p, &o->line[0]) : NULL;
    if (rc == KT_OK && found && day != NULL && row.number.n > 0)
        kt_html_fill(p, KT_W_ORDER_OF, row.number.p, day);
    else if (day != NULL)
        kt_html_fill(p, KT_W_ORDER_DAY, day, "");
    kt_html_raw(p, "</p>\n");
    return rc;
}

static void show_order(struct kt_archive_ask *k, const struct bound_order *o)
{
    struct kt_html p;
    struct kt_err e = { 0 };
    struct kt_str *name = KT_NEW_ARRAY(k->a, o->lines + 1, struct kt_str);
    follow_order(k, o);
    enum kt_rc rc = read_names(k, o, name, &e);
    if (rc == KT_OK)
        rc = put_title(k, &p, o, &e);
    if (rc != KT_OK) {
        kt_archive_failed(k, &e);
        return;
    }
    for (size_t i = 0; i < o->lines; i++)
        put_line(k, &p, o, &o->line[i], name[i]);
    if (o->lines == 0) {
        kt_html_raw(&p, "<p>");
        kt_html_word(&p, KT_W_NO_DOCUMENTS);
        kt_html_raw(&p, "</p>\n");
    }
    kt_html_end(&p);
    kt_archive_show(k, &p, false);
}

/* --- files --- */

/* Only what the order is or was bound to; also when its source has deleted it long since. */
static void give_bound(const struct kt_archive_ask *k, const struct bound_order *o,
                       struct kt_str hash)
{
    for (size_t i = 0; i < o->bounds; i++) {
        if (!kt_str_eq(o->bound[i].sha256, hash) || !may_see(k, o, i))
            continue;
        const struct kt_archive_file f = { .key = o->bound[i].row_key,
                                           .sha256 = o->bound[i].sha256,
                                           .document = o->document[i],
                                           .cache = "private, no-store" };
        kt_archive_give(k, &f);
        return;
    }
    kt_archive_not_found(k);
}

void kt_archive_order(struct kt_archive_ask *k, const struct kt_str *part, size_t parts)
{
    struct bound_order o = { .token = part[0] };
    struct kt_err e = { 0 };
    bool found = false;
    if ((parts != 1 && parts != 2) || part[0].n == 0 || part[0].n > TOKEN_BYTES) {
        kt_archive_not_found(k);
        return;
    }
    if (read_order(k, &o, parts == 2, &found, &e) != KT_OK)
        kt_archive_failed(k, &e);
    else if (!found)
        kt_archive_not_found(k);
    else if (parts == 2)
        give_bound(k, &o, part[1]);
    else
        show_order(k, &o);
}
