/* The customer's own Lua files beside the configuration: FOLDER/mappings/NAME/FILE, where NAME is
 * that of an ERP (hooks.lua) or of a channel (its mapping). Called by config.c and config_channel.c
 * while a file is read; adds to the same list of problems. */
#include <string.h>
#include <unistd.h>

#include "app/config_inner.h"
#include "base/file.h"
#include "map/map.h"

enum { LUA_MAX = 1 << 20 };

bool kt_loading_own_file(struct kt_loading *l, const struct kt_conf_node *section, const char *name,
                         const char *file, const char **path, const char **text)
{
    struct kt_arena *a = l->config->arena;
    const char *slash = strrchr(l->config->file, '/');
    const char *complaint = NULL;
    struct kt_str read = { NULL, 0 };
    int folder = slash == NULL ? 0 : (int)(slash + 1 - l->config->file);
    const char *at = kt_format(a, "%.*smappings/%s/%s", folder, l->config->file, name, file);
    if (access(at, F_OK) != 0)
        return true;
    *path = at;
    *text = NULL;
    if (!kt_file_read(&read, at, LUA_MAX, false, a, &complaint)) {
        kt_problem(l->problems, "%s: the file %s %s", kt_conf_where(section), at, complaint);
        return false;
    }
    *text = read.p;
    return true;
}

void kt_loading_hooks(struct kt_loading *l, const struct kt_conf_node *section,
                      struct kt_erp_site *erp)
{
    struct kt_hooks *hooks = NULL;
    struct kt_err e = { 0 };
    if (!kt_loading_own_file(l, section, erp->name, "hooks.lua", &erp->hooks_file, &erp->hooks) ||
        erp->hooks == NULL)
        return;
    if (kt_hooks_open(&hooks, erp->hooks_file, erp->hooks, &e) != KT_OK) {
        char sentence[512];
        kt_sentence(&e.v, KT_LANG_EN, sentence, sizeof sentence);
        kt_problem(l->problems, "%s: %s", kt_conf_where(section), sentence);
    }
    kt_hooks_close(hooks);
}
