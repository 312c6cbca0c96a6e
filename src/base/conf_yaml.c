/* Reads the configuration file with libfyaml and copies it into our own small tree. Called at start
 * and reload. Only plain YAML is taken: mappings, lists and single values. What could make a file
 * mean something else than it shows (anchors, aliases, tags, merge keys, a second document, a key
 * twice) is refused, each place by name. */
#include <libfyaml.h>
#include <string.h>

#include "base/conf_node.h"
#include "base/file.h"

enum { FILE_MAX = 1024 * 1024 };

struct reader {
    const char *file;
    const char *folder;
    struct kt_arena *arena;
    struct kt_problems *problems;
    int line; /* of the last thing seen; 1 is the first */
};

static struct kt_conf_node *read_node(struct reader *r, struct fy_node *from, const char *path);

static const char *place(const struct reader *r, int line, const char *path)
{
    if (path[0] == '\0')
        return kt_format(r->arena, "%s:%d", r->file, line);
    return kt_format(r->arena, "%s:%d: %s", r->file, line, path);
}

/* Collections carry no mark of their own in libfyaml's interface: they stand where their key does.
 */
static void see_line(struct reader *r, struct fy_node *from)
{
    struct fy_token *token = fy_node_get_scalar_token(from);
    const struct fy_mark *mark = token == NULL ? NULL : fy_token_start_mark(token);
    if (mark != NULL)
        r->line = mark->line + 1;
}

static struct kt_str scalar(struct fy_node *from)
{
    size_t n = 0;
    const char *p = fy_node_get_scalar(from, &n);
    return (struct kt_str){ p == NULL ? "" : p, p == NULL ? 0 : n };
}

static void read_scalar(struct reader *r, struct fy_node *from, struct kt_conf_node *node)
{
    struct kt_str text = scalar(from);
    bool is_plain = fy_node_get_style(from) == FYNS_PLAIN;
    if (is_plain && (text.n == 0 || kt_str_is(text, "~") || kt_str_is(text, "null")))
        return; /* stays empty */
    if (!kt_utf8_ok(text)) {
        kt_problem(r->problems, "%s: holds a NUL character", node->where);
        return;
    }
    node->kind = KT_CONF_TEXT;
    node->text = kt_str_copy(r->arena, text).p;
}

static void read_list(struct reader *r, struct fy_node *from, struct kt_conf_node *node,
                      const char *path)
{
    void *at = NULL;
    struct fy_node *item;
    size_t room = (size_t)fy_node_sequence_item_count(from);
    const struct kt_conf_node **value = KT_NEW_ARRAY(r->arena, room, const struct kt_conf_node *);
    node->kind = KT_CONF_LIST;
    while ((item = fy_node_sequence_iterate(from, &at)) != NULL && node->count < room) {
        see_line(r, item);
        value[node->count] = read_node(r, item, kt_format(r->arena, "%s[%zu]", path, node->count));
        node->count++;
    }
    node->value = value;
}

/* The name of an entry, or NULL after a problem was noted. */
static const char *read_name(struct reader *r, struct fy_node *key, const char *path)
{
    if (key == NULL || fy_node_get_type(key) != FYNT_SCALAR || fy_node_is_alias(key)) {
        kt_problem(r->problems, "%s: a name must be a single word", place(r, r->line, path));
        return NULL;
    }
    see_line(r, key);
    struct kt_str name = scalar(key);
    if (name.n == 0 || !kt_utf8_ok(name)) {
        kt_problem(r->problems, "%s: a name is empty or no text", place(r, r->line, path));
        return NULL;
    }
    if (kt_str_is(name, "<<") && fy_node_get_style(key) == FYNS_PLAIN) {
        kt_problem(r->problems, "%s: merge keys (<<) are not allowed; write the settings out",
                   place(r, r->line, path));
        return NULL;
    }
    if (fy_node_get_tag_token(key) != NULL || fy_node_get_anchor(key) != NULL) {
        kt_problem(r->problems, "%s: tags (!) and anchors (&) are not allowed",
                   place(r, r->line, path));
        return NULL;
    }
    return kt_str_copy(r->arena, name).p;
}

static void read_map(struct reader *r, struct fy_node *from, struct kt_conf_node *node,
                     const char *path)
{
    void *at = NULL;
    struct fy_node_pair *pair;
    size_t room = (size_t)fy_node_mapping_item_count(from);
    const char **name = KT_NEW_ARRAY(r->arena, room, const char *);
    const struct kt_conf_node **value = KT_NEW_ARRAY(r->arena, room, const struct kt_conf_node *);
    node->kind = KT_CONF_MAP;
    node->name = name;
    node->value = value;
    while ((pair = fy_node_mapping_iterate(from, &at)) != NULL && node->count < room) {
        const char *key = read_name(r, fy_node_pair_key(pair), path);
        if (key == NULL)
            continue;
        const char *key_path = kt_format(r->arena, "%s%s%s", path, path[0] == '\0' ? "" : ".", key);
        const struct kt_conf_node *first = kt_conf_get(node, key);
        if (first != NULL)
            kt_problem(r->problems, "%s: stands twice; the first one is at %s",
                       place(r, r->line, key_path), first->where);
        struct kt_conf_node *read = read_node(r, fy_node_pair_value(pair), key_path);
        name[node->count] = key;
        value[node->count] = read;
        node->count++;
    }
}

static struct kt_conf_node *read_node(struct reader *r, struct fy_node *from, const char *path)
{
    struct kt_conf_node *node = KT_NEW(r->arena, struct kt_conf_node);
    node->where = place(r, r->line, path);
    node->folder = r->folder;
    if (from == NULL)
        return node; /* "name:" and nothing behind it */
    if (fy_node_is_alias(from))
        kt_problem(r->problems, "%s: aliases (*) are not allowed; write the value out",
                   node->where);
    else if (fy_node_get_anchor(from) != NULL)
        kt_problem(r->problems, "%s: anchors (&) are not allowed", node->where);
    else if (fy_node_get_tag_token(from) != NULL)
        kt_problem(r->problems, "%s: tags (!) are not allowed", node->where);
    else if (fy_node_get_type(from) == FYNT_SCALAR)
        read_scalar(r, from, node);
    else if (fy_node_get_type(from) == FYNT_SEQUENCE)
        read_list(r, from, node, path);
    else
        read_map(r, from, node, path);
    return node;
}

static void note_errors(struct reader *r, struct fy_diag *diag)
{
    void *at = NULL;
    struct fy_diag_error *error;
    size_t before = r->problems->count;
    while ((error = fy_diag_errors_iterate(diag, &at)) != NULL)
        kt_problem(r->problems, "%s:%d: not valid YAML: %s", r->file, error->line, error->msg);
    if (r->problems->count == before)
        kt_problem(r->problems, "%s:1: not valid YAML", r->file);
}

/* The tree, or NULL where the text is no YAML at all. */
static const struct kt_conf_node *parse(struct reader *r, struct kt_str text)
{
    const struct kt_conf_node *root = NULL;
    struct fy_document *document = NULL;
    struct fy_document *second = NULL;
    struct fy_diag_cfg diag_cfg = { .level = FYET_ERROR, .module_mask = ~0U };
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    KT_ASSERT(diag != NULL); /* out of memory */
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = { .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE |
                                         FYPCF_DEFAULT_VERSION_1_2 | FYPCF_ALLOW_DUPLICATE_KEYS,
                                .diag = diag };
    struct fy_parser *parser = fy_parser_create(&cfg);
    KT_ASSERT(parser != NULL && fy_parser_set_string(parser, text.p, text.n) == 0);
    document = fy_parse_load_document(parser);
    if (document != NULL)
        second = fy_parse_load_document(parser);
    if (fy_parser_get_stream_error(parser))
        note_errors(r, diag);
    else if (document == NULL || fy_document_root(document) == NULL)
        kt_problem(r->problems, "%s:1: the file is empty", r->file);
    else if (second != NULL)
        kt_problem(r->problems, "%s:1: holds more than one document (---)", r->file);
    else
        root = read_node(r, fy_document_root(document), "");
    fy_parse_document_destroy(parser, second);
    fy_parse_document_destroy(parser, document);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return root;
}

/* libfyaml 0.7 ends the file quietly at a byte that is no UTF-8, so that has to be seen before. */
static bool encoding_ok(struct reader *r, struct kt_str text)
{
    int line = 1;
    for (size_t at = 0; at < text.n;) {
        size_t step = kt_utf8_step(kt_str_part(text, at, text.n));
        unsigned char c = (unsigned char)text.p[at];
        if (step == 0 || (c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F) {
            kt_problem(r->problems, "%s:%d: holds %s", r->file, line,
                       step == 0 ? "bytes that are not UTF-8" : "a control character");
            return false;
        }
        line += c == '\n';
        at += step;
    }
    return true;
}

const struct kt_conf_node *kt_conf_read(const char *file, struct kt_arena *a, struct kt_problems *p)
{
    const char *complaint = NULL;
    const char *slash = strrchr(file, '/');
    struct kt_str text;
    struct reader r = { .file = file, .folder = "", .arena = a, .problems = p, .line = 1 };
    size_t before = p->count;
    if (slash != NULL)
        r.folder = kt_str_copy(a, (struct kt_str){ file, (size_t)(slash - file + 1) }).p;
    if (!kt_file_read(&text, file, FILE_MAX, false, a, &complaint)) {
        kt_problem(p, "%s: %s", file, complaint);
        return NULL;
    }
    if (!encoding_ok(&r, text))
        return NULL;
    const struct kt_conf_node *root = parse(&r, text);
    if (root != NULL && root->kind != KT_CONF_MAP && p->count == before)
        kt_problem(p, "%s:1: must hold sections and settings (name: value)", file);
    return p->count == before ? root : NULL;
}
