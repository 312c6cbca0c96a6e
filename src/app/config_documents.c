/* Documents, certificates and market rules: the sections documents and compliance, and which kinds
 * a channel shows. Called by config.c before the channels are read; adds to the same list of
 * problems.
 */
#include <stddef.h>
#include <string.h>

#include "app/config_inner.h"
#include "app/config_opts.h"
#include "base/conf_node.h"
#include "trade/documents.h"
#include "wire/clamd.h"

enum {
    HOUR_S = 3600,
    DAY_S = 24 * HOUR_S,
    SCAN_MOST_S = 600,
    LINKS_MOST_S = 3650 * DAY_S,
    SILENT_MOST_S = 90 * DAY_S,
    YEARS_MOST = 100
};

#define DOCUMENTS(member) offsetof(struct kt_documents_site, member)
#define KIND(member)      offsetof(struct kt_kind_rule, member)
#define NEEDS(member)     offsetof(struct kt_certificate_rule, member)
#define MARKET(member)    offsetof(struct kt_market_rule, member)

static const char *const silences[] = { "hide", "keep", NULL };
static const char *const bases[] = { "order", "dispatch", "batch", NULL };
static const char *const actions[] = { "hide", "notice", NULL };

const struct kt_opt kt_documents_opts[] = {
    { "active", KT_OPT_BOOL, DOCUMENTS(takes_active), .def = "false",
      .help = "Whether contents are taken that hold something that runs when they are opened, like "
              "scripts in a PDF" },
    { "archive", KT_OPT_URL, DOCUMENTS(archive),
      .help = "Address under which customers reach a listener with role documents; default: "
              "nobody is given a link" },
    { "links", KT_OPT_SECS, DOCUMENTS(link_s), .def = "90d", .min = HOUR_S, .max = LINKS_MOST_S,
      .help = "How long a customer's link to the documents of an order holds" },
    { "purge", KT_OPT_BOOL, DOCUMENTS(purges), .def = "false",
      .help = "Whether what may go by the rules of keeping goes by itself; else only by `kontor "
              "document purge`" },
    { "scan", KT_OPT_SECS, DOCUMENTS(scan_s), .def = "30s", .min = 1, .max = SCAN_MOST_S,
      .help = "Longest wait for the scanner" },
    { "scanner", KT_OPT_TEXT, DOCUMENTS(scanner),
      .help = "Where clamd looks at each content before it is kept, like "
              "unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310; default: nobody does" },
    { "silent", KT_OPT_SECS, DOCUMENTS(silent_s), .def = "26h", .max = SILENT_MOST_S,
      .help = "How long the sources of certificates may say nothing before a person is told; 0: "
              "for ever" },
    { "size", KT_OPT_SIZE, DOCUMENTS(size_max), .def = "50M", .min = 1024, .max = INT64_C(1) << 30,
      .help = "Largest content of a document" },
    { "tell_link", KT_OPT_BOOL, DOCUMENTS(tells_link), .def = "true",
      .help = "Whether a shop's order gets a link to its documents, where there is an archive" },
    { "when_silent", KT_OPT_CHOICE, DOCUMENTS(when_silent), .def = "hide", .choices = silences,
      .help = "What becomes of an article whose certificate ends while its source is silent: hide, "
              "or keep until the source speaks again" },
    { 0 }
};
static const char *const documents_also[] = { "kinds", NULL };

const struct kt_opt kt_kind_opts[] = {
    { "basis", KT_OPT_CHOICE, KIND(basis), .def = "order", .choices = bases,
      .help = "Which version an order is bound to: the one that holds when it is placed, when it "
              "is dispatched, or when its batch was produced" },
    { "keep_years", KT_OPT_NUMBER, KIND(keep_years), .def = "10", .min = 1, .max = YEARS_MOST,
      .help = "How long a version is kept behind its end, its last order and its last day in a "
              "shop" },
    { "public", KT_OPT_BOOL, KIND(is_public),
      .help = "Whether everybody may see it; default: true for kinds that Kontor knows by name, "
              "else false" },
    { 0 }
};

const struct kt_opt kt_certificate_opts[] = {
    { "classes", KT_OPT_LIST, NEEDS(classes), .def = "[]",
      .help = "Product groups, or ids of categories, whose articles need it; none named: all" },
    { "markets", KT_OPT_LIST, NEEDS(markets), .def = "[]",
      .help = "Countries (ISO 3166) in which they need it; none named: all" },
    { "scheme", KT_OPT_TEXT, NEEDS(scheme), .flags = KT_OPT_REQUIRED,
      .help = "Which certificate, as the ERP calls it, like CE" },
    { 0 }
};

const struct kt_opt kt_market_opts[] = {
    { "action", KT_OPT_CHOICE, MARKET(action), .def = "hide", .choices = actions,
      .help = "What becomes of an article with another value: it is hidden, or shown with a "
              "notice" },
    { "allowed", KT_OPT_LIST, MARKET(allowed), .def = "[]",
      .help = "Values, like [\"220-240\"] or [schuko]; a range allows the numbers within it" },
    { "attribute", KT_OPT_TEXT, MARKET(attribute), .flags = KT_OPT_REQUIRED,
      .help = "Code of the attribute that is looked at, of the variant or its product" },
    { "classes", KT_OPT_LIST, MARKET(classes), .def = "[]",
      .help = "Product groups, or ids of categories, that it is about; none named: all" },
    { "markets", KT_OPT_LIST, MARKET(markets), .def = "[]",
      .help = "Countries (ISO 3166) that it is about; none named: all" },
    { "needs_value", KT_OPT_BOOL, MARKET(needs_value), .def = "false",
      .help = "Whether an article without the attribute is treated as one with another value" },
    { "notices", KT_OPT_LIST, MARKET(notices), .def = "[]",
      .help = "With action: notice, what customers read, one for each language, like [\"de: nur "
              "mit Adapter\"]" },
    { "unit", KT_OPT_TEXT, MARKET(unit),
      .help = "Unit of numbers that name none, in the attribute and in allowed, like V" },
    { "wider", KT_OPT_BOOL, MARKET(takes_wider), .def = "false",
      .help = "Whether a range that holds an allowed one is allowed, too: 100-240 V where 230 V "
              "is" },
    { 0 }
};

static void fill(struct kt_loading *l, const struct kt_conf_node *section, const char *where,
                 const struct kt_opt *opts, const char *const *also, void *out)
{
    struct kt_config *c = l->config;
    kt_conf_fill(section, where, opts, also, out, c->arena, c->secrets, l->problems);
}

/* --- documents --- */

/* "http://127.0.0.1:8443/…" */
static bool is_loopback(const char *url)
{
    static const char *const hosts[] = { "localhost", "127.0.0.1", "[::1]" };
    const char *host = url + strlen("http://");
    for (size_t i = 0; i < KT_COUNT(hosts); i++) {
        const size_t n = strlen(hosts[i]);
        if (strncmp(host, hosts[i], n) == 0 && strchr(":/", host[n]) != NULL) /* or its end */
            return true;
    }
    return false;
}

static void check_archive(struct kt_loading *l, const struct kt_conf_node *section,
                          const struct kt_documents_site *d)
{
    const char *where = kt_loading_where(section, "archive");
    if (d->archive == NULL)
        return;
    if (strncmp(d->archive, "https://", 8) != 0 && !is_loopback(d->archive))
        kt_problem(l->problems, "%s: customers' links open documents, so it must begin with https",
                   where);
    if (strchr(d->archive, '?') != NULL)
        kt_problem(l->problems, "%s: must not hold a '?'; paths are put behind it", where);
}

static void load_kinds(struct kt_loading *l, const struct kt_conf_node *section,
                       struct kt_documents_site *d)
{
    struct kt_config *c = l->config;
    const char *const *names = NULL;
    const struct kt_conf_node *const *sections = NULL;
    const size_t count = kt_loading_entries_of(l, kt_conf_get(section, "kinds"), &names, &sections);
    struct kt_kind_rule *kind = KT_NEW_ARRAY(c->arena, count + 1, struct kt_kind_rule);
    for (size_t i = 0; i < count; i++) {
        fill(l, sections[i], kt_conf_where(sections[i]), kt_kind_opts, NULL, &kind[i]);
        kind[i].type = names[i];
        if (kt_conf_get(sections[i], "public") == NULL)
            kind[i].is_public = kt_document_kind_of(kt_str_of(names[i])) != NULL;
    }
    d->kind = kind;
    d->kinds = count;
}

static void load_documents(struct kt_loading *l)
{
    struct kt_config *c = l->config;
    struct kt_documents_site *d = &c->site.documents;
    const struct kt_conf_node *section = kt_conf_get(l->root, "documents");
    fill(l, section, kt_format(c->arena, "%s: documents", c->file), kt_documents_opts,
         documents_also, d);
    d->is_on = section != NULL;
    load_kinds(l, section, d);
    check_archive(l, section, d);
    if (d->scanner != NULL && !kt_clamd_is_address(d->scanner))
        kt_problem(l->problems,
                   "%s: \"%.100s\" is no socket of this machine like unix:/run/clamav/clamd.ctl or "
                   "tcp:127.0.0.1:3310",
                   kt_loading_where(section, "scanner"), d->scanner);
}

/* --- compliance --- */

static void check_markets(struct kt_loading *l, const struct kt_conf_node *section,
                          const struct kt_conf_texts *markets)
{
    for (size_t i = 0; i < markets->count; i++) {
        const char *m = markets->item[i];
        if (strlen(m) != 2 || strspn(m, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
            kt_problem(l->problems, "%s: \"%.20s\" is not a country like DE (ISO 3166)",
                       kt_loading_where(section, "markets"), m);
    }
}

static void load_certificates(struct kt_loading *l, const struct kt_conf_node *compliance)
{
    struct kt_config *c = l->config;
    const char *const *names = NULL;
    const struct kt_conf_node *const *sections = NULL;
    const size_t count =
        kt_loading_entries_of(l, kt_conf_get(compliance, "certificates"), &names, &sections);
    struct kt_certificate_rule *rule =
        KT_NEW_ARRAY(c->arena, count + 1, struct kt_certificate_rule);
    for (size_t i = 0; i < count; i++) {
        fill(l, sections[i], kt_conf_where(sections[i]), kt_certificate_opts, NULL, &rule[i]);
        rule[i].name = names[i];
        check_markets(l, sections[i], &rule[i].markets);
    }
    c->site.compliance.certificate = rule;
    c->site.compliance.certificates = count;
}

/* "de: nur mit Adapter" */
static bool is_notice(const char *text)
{
    const size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    return n >= 2 && n <= 3 && text[n] == ':' && text[n + 1 + strspn(text + n + 1, " ")] != '\0';
}

static void check_notices(struct kt_loading *l, const struct kt_conf_node *section,
                          const struct kt_market_rule *rule)
{
    const char *where = kt_loading_where(section, "notices");
    if (rule->action == KT_MARKET_NOTICE && rule->notices.count == 0)
        kt_problem(l->problems, "%s: action: notice needs what customers are to read: notices",
                   where);
    if (rule->action == KT_MARKET_HIDE && rule->notices.count > 0)
        kt_problem(l->problems,
                   "%s: are read by nobody: without action: notice the article is "
                   "hidden",
                   where);
    for (size_t i = 0; i < rule->notices.count; i++) {
        if (!is_notice(rule->notices.item[i]))
            kt_problem(l->problems,
                       "%s: \"%.60s\" does not begin with its language, like \"de: nur mit "
                       "Adapter\"",
                       where, rule->notices.item[i]);
    }
}

static void load_market_rules(struct kt_loading *l, const struct kt_conf_node *compliance)
{
    struct kt_config *c = l->config;
    const char *const *names = NULL;
    const struct kt_conf_node *const *sections = NULL;
    const size_t count =
        kt_loading_entries_of(l, kt_conf_get(compliance, "market_rules"), &names, &sections);
    struct kt_market_rule *rule = KT_NEW_ARRAY(c->arena, count + 1, struct kt_market_rule);
    for (size_t i = 0; i < count; i++) {
        fill(l, sections[i], kt_conf_where(sections[i]), kt_market_opts, NULL, &rule[i]);
        rule[i].name = names[i];
        check_markets(l, sections[i], &rule[i].markets);
        check_notices(l, sections[i], &rule[i]);
        if (rule[i].allowed.count == 0)
            kt_problem(l->problems, "%s: allowed is missing: the values that may be sold there",
                       kt_conf_where(sections[i]));
    }
    c->site.compliance.market = rule;
    c->site.compliance.markets = count;
}

void kt_loading_documents(struct kt_loading *l)
{
    static const struct kt_opt none[] = { { 0 } };
    static const char *const also[] = { "certificates", "market_rules", NULL };
    struct kt_config *c = l->config;
    const struct kt_conf_node *compliance = kt_conf_get(l->root, "compliance");
    load_documents(l);
    fill(l, compliance, kt_format(c->arena, "%s: compliance", c->file), none, also, &c->site);
    load_certificates(l, compliance);
    load_market_rules(l, compliance);
}

/* --- what a channel shows --- */

/* Kinds that Kontor knows by name, and those of the site's own; ends with NULL. */
static const char *const *known_kinds(struct kt_loading *l)
{
    const struct kt_documents_site *d = &l->config->site.documents;
    size_t known = 0;
    while (kt_document_kinds[known].type != NULL)
        known++;
    const char **name = KT_NEW_ARRAY(l->config->arena, known + d->kinds + 1, const char *);
    size_t n = 0;
    for (size_t i = 0; i < known; i++)
        name[n++] = kt_document_kinds[i].type;
    for (size_t i = 0; i < d->kinds; i++) {
        if (kt_document_kind_of(kt_str_of(d->kind[i].type)) == NULL)
            name[n++] = d->kind[i].type;
    }
    return name;
}

static bool is_among(const char *name, const char *const *known)
{
    while (*known != NULL && strcmp(*known, name) != 0)
        known++;
    return *known != NULL;
}

void kt_loading_channel_documents(struct kt_loading *l, const struct kt_conf_node *section,
                                  const struct kt_channel_site *ch)
{
    const char *const *known = known_kinds(l);
    struct kt_buf list;
    kt_buf_init(&list, l->problems->arena, 8192);
    for (size_t i = 0; known[i] != NULL; i++)
        kt_buf_format(&list, "%s%s", i == 0 ? "" : ", ", known[i]);
    if (ch->documents.count == 0 && kt_conf_get(section, "documents") != NULL)
        kt_problem(l->problems,
                   "%s: names no kind; leave documents out to show all that everybody may see",
                   kt_loading_where(section, "documents"));
    for (size_t i = 0; i < ch->documents.count; i++) {
        const char *named = ch->documents.item[i];
        const char *meant = kt_conf_meant(named, known);
        if (!is_among(named, known))
            kt_problem(l->problems,
                       "%s: there is no kind \"%.60s\"%s%s%s Known: %s; others stand under "
                       "documents.kinds",
                       kt_loading_where(section, "documents"), named,
                       meant == NULL ? "" : "; did you mean ", meant == NULL ? "" : meant,
                       meant == NULL ? "." : "?", kt_buf_view(&list).p);
    }
}
