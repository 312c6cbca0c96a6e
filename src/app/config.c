/* Builds the site from the configuration file: tables fill the sections, then what must fit
 * together is compared. Called at start, and by `kontor serve` when it is asked to look at the file
 * again. Channels: config_channel.c. */
#include "app/config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/registry.h"
#include "app/config_inner.h"
#include "app/config_opts.h"
#include "wire/clamd.h"

enum { NAME_BYTES_MAX = 40 };

const char *kt_loading_where(const struct kt_conf_node *section, const char *name)
{
    const struct kt_conf_node *value = kt_conf_get(section, name);
    return kt_conf_where(value == NULL ? section : value);
}

/* The rule of KT_OPT_NAME, for names that stand on the left. */
static bool is_name(const char *text)
{
    size_t n = strlen(text);
    return n > 0 && n <= NAME_BYTES_MAX &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

size_t kt_loading_entries(struct kt_loading *l, const char *name, const char *const **names,
                          const struct kt_conf_node *const **sections)
{
    return kt_loading_entries_of(l, kt_conf_get(l->root, name), names, sections);
}

size_t kt_loading_entries_of(struct kt_loading *l, const struct kt_conf_node *all,
                             const char *const **names, const struct kt_conf_node *const **sections)
{
    struct kt_arena *a = l->config->arena;
    size_t count = kt_conf_count(all);
    const char **kept_name = KT_NEW_ARRAY(a, count + 1, const char *);
    const struct kt_conf_node **kept = KT_NEW_ARRAY(a, count + 1, const struct kt_conf_node *);
    size_t n = 0;
    if (kt_conf_text(all) != NULL)
        kt_problem(l->problems, "%s: must hold one section per name", kt_conf_where(all));
    for (size_t i = 0; i < count; i++) {
        const struct kt_conf_node *section = NULL;
        const char *entry = kt_conf_name_at(all, i, &section);
        if (entry == NULL) {
            kt_problem(l->problems, "%s: must hold one section per name, not a list",
                       kt_conf_where(all));
            break;
        }
        if (!is_name(entry)) {
            kt_problem(l->problems,
                       "%s: must be a name of a-z, 0-9, - and _, at most %d characters",
                       kt_conf_where(section), NAME_BYTES_MAX);
            continue;
        }
        kept_name[n] = entry;
        kept[n++] = section;
    }
    *names = kept_name;
    *sections = kept;
    return n;
}

void *kt_loading_connection(struct kt_loading *l, const struct kt_conf_node *section,
                            const struct kt_opt *opts, size_t conf_size)
{
    struct kt_config *c = l->config;
    void *conf = kt_alloc(c->arena, conf_size);
    const char *where = kt_format(c->arena, "%s.connection", kt_conf_where(section));
    kt_conf_fill(kt_conf_get(section, "connection"), where, opts, NULL, conf, c->arena, c->secrets,
                 l->problems);
    return conf;
}

void kt_loading_no_adapter(struct kt_loading *l, const struct kt_conf_node *section,
                           const char *name, const char *(*known)(size_t))
{
    struct kt_buf list;
    kt_buf_init(&list, l->problems->arena, 4096);
    for (size_t i = 0; known(i) != NULL; i++)
        kt_buf_format(&list, "%s%s", i == 0 ? "" : ", ", known(i));
    kt_problem(l->problems, "%s: there is no adapter \"%s\". Known: %s",
               kt_loading_where(section, "adapter"), name, list.p);
}

static const struct kt_log silent = { .least = KT_LOG_ERROR };

static void note_refusal(struct kt_loading *l, const struct kt_conf_node *section,
                         const struct kt_err *e)
{
    char sentence[512];
    kt_sentence(&e->v, KT_LANG_EN, sentence, sizeof sentence);
    kt_problem(l->problems, "%s: %s%s%s", kt_loading_where(section, "connection"),
               e->v.code == KT_E_CONFIG_INVALID ? "" : sentence,
               e->v.code == KT_E_CONFIG_INVALID || e->trail[0] == '\0' ? "" : "; ", e->trail);
}

void kt_loading_ask_erp(struct kt_loading *l, const struct kt_conf_node *section,
                        const struct kt_erp_site *site)
{
    struct kt_env env = { site->name, site->scope, silent, NULL };
    struct kt_erp *erp = NULL;
    struct kt_err e = { 0 };
    if (site->ops->open(&erp, site->conf, &env, &e) != KT_OK)
        note_refusal(l, section, &e);
    else
        site->ops->close(erp);
}

void kt_loading_ask_channel(struct kt_loading *l, const struct kt_conf_node *section,
                            const struct kt_channel_site *site)
{
    struct kt_env env = { site->name, NULL, silent, NULL };
    struct kt_channel *channel = NULL;
    struct kt_err e = { 0 };
    if (site->ops->open(&channel, site->conf, &env, &e) != KT_OK)
        note_refusal(l, section, &e);
    else
        site->ops->close(channel);
}

static void fill(struct kt_loading *l, const char *name, const struct kt_opt *opts, void *out)
{
    struct kt_config *c = l->config;
    const char *where = kt_format(c->arena, "%s: %s", c->file, name);
    kt_conf_fill(kt_conf_get(l->root, name), where, opts, NULL, out, c->arena, c->secrets,
                 l->problems);
}

/* SQLite makes the file, but not its folder; and it keeps two more files beside it. */
static void check_database_file(struct kt_loading *l)
{
    const struct kt_db_conf *db = &l->config->site.db;
    struct stat st;
    if (db->driver != KT_DB_SQLITE || db->file == NULL)
        return;
    const char *where = kt_loading_where(kt_conf_get(l->root, "database"), "file");
    const char *slash = strrchr(db->file, '/');
    int n = slash == NULL ? 0 : (int)(slash + 1 - db->file);
    const char *folder = n == 0 ? "." : kt_format(l->config->arena, "%.*s", n, db->file);
    if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode))
        kt_problem(l->problems, "%s: there is no folder %s", where, folder);
    else if (access(folder, W_OK | X_OK) != 0)
        kt_problem(l->problems, "%s: the folder %s may not be written by this user", where, folder);
    else if (stat(db->file, &st) == 0 && !S_ISREG(st.st_mode))
        kt_problem(l->problems, "%s: %s is not a regular file", where, db->file);
}

static void load_common(struct kt_loading *l)
{
    struct kt_config *c = l->config;
    struct kt_site *site = &c->site;
    site->scan = kt_clamd_scan;
    kt_conf_fill(l->root, c->file, kt_site_opts, kt_site_also, site, c->arena, c->secrets,
                 l->problems);
    fill(l, "database", kt_db_opts, &site->db);
    check_database_file(l);
    fill(l, "log", kt_log_opts, site);
    fill(l, "retry", kt_retry_opts, site);
    if (site->retry_most_s > 0 && site->retry_first_s > site->retry_most_s)
        kt_problem(l->problems, "%s: the longest wait is shorter than the first one",
                   kt_loading_where(kt_conf_get(l->root, "retry"), "most"));
}

/* A feed that the ERP does not offer cannot be read every minute. Written ones only: the defaults
 * name all feeds. */
static void check_feeds(struct kt_loading *l, const struct kt_conf_node *every,
                        struct kt_erp_site *site)
{
    for (size_t i = 0; i < KT_FEEDS; i++) {
        const char *feed = kt_feed_name((enum kt_feed)i);
        if (site->ops->facts->feed[i] != KT_FEED_NONE)
            continue;
        if (site->every_s[i] > 0 && kt_conf_get(every, feed) != NULL)
            kt_problem(l->problems, "%s: adapter %s does not offer it",
                       kt_conf_where(kt_conf_get(every, feed)), site->ops->name);
        site->every_s[i] = 0;
    }
}

static void check_grouping(struct kt_loading *l, const struct kt_conf_node *section,
                           const struct kt_erp_site *site)
{
    const struct kt_group_rule *rule = &site->grouping;
    if (section == NULL)
        return;
    if (rule->by == KT_GROUP_ATTRIBUTE && rule->attribute == NULL)
        kt_problem(l->problems, "%s: attribute is missing: the one whose value a page shares",
                   kt_conf_where(section));
    if (rule->by == KT_GROUP_NAME && (rule->language == NULL || rule->axes.count == 0))
        kt_problem(l->problems, "%s: by: name needs language and axes", kt_conf_where(section));
    if (rule->axes.count > KT_AXES_MAX)
        kt_problem(l->problems, "%s: at most %d axes", kt_loading_where(section, "axes"),
                   KT_AXES_MAX);
}

static void load_erp(struct kt_loading *l, const char *name, const struct kt_conf_node *section,
                     struct kt_erp_site *out)
{
    struct kt_config *c = l->config;
    struct kt_erp_section erp = { 0 };
    const char *where = kt_conf_where(section);
    const struct kt_conf_node *every = kt_conf_get(section, "every");
    kt_conf_fill(section, where, kt_erp_opts, kt_erp_also, &erp, c->arena, c->secrets, l->problems);
    kt_conf_fill(every, kt_format(c->arena, "%s.every", where), kt_every_opts, NULL, &erp.site,
                 c->arena, c->secrets, l->problems);
    kt_conf_fill(kt_conf_get(section, "grouping"), kt_format(c->arena, "%s.grouping", where),
                 kt_grouping_opts, NULL, &erp.site, c->arena, c->secrets, l->problems);
    *out = erp.site;
    out->name = name;
    check_grouping(l, kt_conf_get(section, "grouping"), out);
    kt_loading_hooks(l, section, out);
    kt_loading_schedule(l, section, out);
    if (erp.adapter == NULL)
        return;
    out->ops = kt_registry_erp(erp.adapter);
    if (out->ops == NULL) {
        kt_loading_no_adapter(l, section, erp.adapter, kt_registry_erp_name);
        return;
    }
    check_feeds(l, every, out);
    size_t before = l->problems->count;
    out->conf = kt_loading_connection(l, section, out->ops->opts, out->ops->conf_size);
    kt_loading_connection_policy(l, section, out);
    if (l->problems->count == before)
        kt_loading_ask_erp(l, section, out);
}

static void load_erps(struct kt_loading *l)
{
    struct kt_config *c = l->config;
    const char *const *names = NULL;
    const struct kt_conf_node *const *sections = NULL;
    size_t count = kt_loading_entries(l, "erps", &names, &sections);
    struct kt_erp_site *erp = KT_NEW_ARRAY(c->arena, count + 1, struct kt_erp_site);
    if (kt_conf_count(kt_conf_get(l->root, "erps")) == 0)
        kt_problem(l->problems, "%s: erps is missing: it names at least one ERP", c->file);
    for (size_t i = 0; i < count; i++)
        load_erp(l, names[i], sections[i], &erp[i]);
    kt_loading_leads(l, sections, erp, count);
    c->site.erp = erp;
    c->site.erps = count;
}

struct kt_config *kt_config_load(const char *file, struct kt_problems *problems)
{
    struct kt_arena *arena = kt_arena_new();
    struct kt_config *c = KT_NEW(arena, struct kt_config);
    struct kt_loading l = { .config = c, .problems = problems };
    c->arena = arena;
    c->secrets = kt_arena_new_secret();
    c->file = kt_text_copy(arena, file);
    size_t before = problems->count;
    l.root = kt_conf_read(c->file, arena, problems);
    c->root = l.root;
    if (l.root != NULL) {
        load_common(&l);
        kt_loading_wss(&l);
        kt_loading_documents(&l);
        load_erps(&l);
        kt_loading_channels(&l);
        kt_loading_doors(&l);
    }
    if (problems->count > before) {
        kt_config_close(c);
        c = NULL;
    }
    return c;
}

void kt_config_close(struct kt_config *config)
{
    if (config == NULL)
        return;
    struct kt_arena *arena = config->arena; /* config itself lives in it */
    kt_arena_free(config->secrets);
    kt_arena_free(arena);
}
