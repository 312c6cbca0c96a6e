/* `kontor document`: regulated documents, what orders are bound to, and how long they are kept. The
 * table of what there is, and the deeds of people: holds and customers' links. Main thread. */
#include "app/cmd_document.h"

#include <string.h>

#include "app/commands.h"
#include "app/out.h"
#include "app/who.h"

enum { REASON_MOST = 500, DAYS_MOST = 3650 };

/* --- legal holds --- */

/* A hold is put on all versions of one document of one scope. */
static enum kt_exit hold(struct kt_app *app)
{
    const char *reason = kt_args_value(&app->args, "--reason");
    struct kt_document_found *f = NULL;
    struct kt_err e = { 0 };
    size_t count = 0;
    if (reason == NULL || reason[0] == '\0' || strlen(reason) > REASON_MOST)
        return kt_app_usage(app, "document hold: --reason says why, in up to 500 bytes");
    if (kt_document_look_up(app, app->args.word[2], &f, &count, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (count == 0)
        return kt_document_unknown(app, app->args.word[2]);
    if (!kt_str_eq(f[0].document->scope, f[count - 1].document->scope))
        return kt_app_usage(app, "document hold: several ERPs have this document; name one as "
                                 "\"SCOPE|ID\"");
    struct kt_hold h = { .scope = f[0].document->scope,
                         .id = f[0].document->id,
                         .reason = kt_str_of(reason),
                         .actor = kt_str_of(kt_who(app->arena)),
                         .at_us = kt_now_us() };
    if (kt_hold_put(app->work.db, &h, &e) != KT_OK)
        return kt_app_failed(app, &e);
    kt_buf_format(&app->out,
                  app->is_json ? "{\"hold\":%lld}\n"
                               : "Hold %lld stands: nothing of it goes until `kontor document "
                                 "release` ends it.\n",
                  (long long)h.number);
    return KT_EXIT_OK;
}

static enum kt_exit release(struct kt_app *app)
{
    struct kt_err e = { 0 };
    int64_t number = 0;
    bool found = false;
    if (!kt_args_number(&number, app->args.word[2], INT64_C(1) << 60))
        return kt_app_usage(app, "document release: which NUMBER? `kontor document show` names "
                                 "the holds of a document");
    if (kt_hold_release(app->work.db, number, kt_str_of(kt_who(app->arena)), kt_now_us(), &found,
                        &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (app->is_json)
        kt_buf_format(&app->out, "{\"released\":%s}\n", found ? "true" : "false");
    else
        kt_buf_format(&app->out, found ? "Hold %lld has ended.\n" : "No hold %lld stands.\n",
                      (long long)number);
    return found ? KT_EXIT_OK : KT_EXIT_ATTENTION;
}

/* --- links of customers --- */

/* One order, or none: *row NULL, and what to end with. */
static enum kt_exit one_order(struct kt_app *app, struct kt_order_row **row)
{
    struct kt_err e = { 0 };
    size_t count = 0;
    *row = NULL;
    struct kt_order_row *found = NULL;
    if (kt_document_order(app, app->args.word[2], &found, &count, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (count == 0)
        return kt_document_no_order(app);
    if (count > 1)
        return kt_app_usage(app, "several shops have an order of this number; name it by its key "
                                 "(`kontor order show`)");
    *row = found;
    return KT_EXIT_OK;
}

static void say_link(struct kt_app *app, const char *token, int64_t expires_us)
{
    const char *archive = app->config->site.documents.archive;
    struct kt_buf *out = &app->out;
    size_t n = archive == NULL ? 0 : strlen(archive);
    bool is_first = true;
    while (n > 0 && archive[n - 1] == '/')
        n--;
    const char *url = n == 0 ? NULL : kt_format(app->arena, "%.*s/o/%s", (int)n, archive, token);
    if (app->is_json) {
        kt_buf_char(out, '{');
        kt_out_member_text(out, &is_first, "url", url);
        kt_out_member_text(out, &is_first, "token", token);
        kt_out_member_instant(out, &is_first, "expires", expires_us);
        kt_buf_text(out, "}\n");
        return;
    }
    if (url == NULL)
        kt_buf_format(out, "documents.archive names no address; at the archive's it is /o/%s\n",
                      token);
    else
        kt_buf_format(out, "%s\n", url);
    kt_buf_text(out, "It holds until ");
    kt_out_instant(out, expires_us);
    kt_buf_text(out, "; whoever has it sees the documents of this order.\n");
}

static enum kt_exit make_link(struct kt_app *app)
{
    const char *said = kt_args_value(&app->args, "--days");
    char token[KT_CUSTOMER_TOKEN_MAX];
    struct kt_order_row *row = NULL;
    struct kt_err e = { 0 };
    int64_t days = 0;
    if (said != NULL && (!kt_args_number(&days, said, DAYS_MOST) || days == 0))
        return kt_app_usage(app, "document link: --days takes 1 to 3650");
    enum kt_exit status = one_order(app, &row);
    if (row == NULL)
        return status;
    const int64_t now_us = kt_now_us();
    const int64_t expires_us =
        now_us + (said != NULL ? days * KT_DAY_US : app->config->site.documents.link_s * KT_SECOND);
    if (kt_customer_link_make(app->work.db, row->our_key, now_us, expires_us, token, &e) != KT_OK)
        return kt_app_failed(app, &e);
    say_link(app, token, expires_us);
    return KT_EXIT_OK;
}

static enum kt_exit unlink_order(struct kt_app *app)
{
    struct kt_order_row *row = NULL;
    struct kt_err e = { 0 };
    int64_t count = 0;
    enum kt_exit status = one_order(app, &row);
    if (row == NULL)
        return status;
    if (kt_customer_links_revoke(app->work.db, row->our_key, kt_who(app->arena), kt_now_us(),
                                 &count, &e) != KT_OK)
        return kt_app_failed(app, &e);
    kt_buf_format(&app->out,
                  app->is_json ? "{\"revoked\":%lld}\n"
                               : "%lld links of this order lead nowhere any more.\n",
                  (long long)count);
    return KT_EXIT_OK;
}

/* --- the table --- */

static const struct verb {
    const char *name;
    size_t least; /* words behind the verb */
    size_t most;
    const char *flags; /* that it takes besides the global ones */
    enum kt_exit (*run)(struct kt_app *app);
} verbs[] = {
    { "list", 0, 0, " --sku --type --market --waiting ", kt_document_list },
    { "show", 1, 2, "", kt_document_show },
    { "versions", 1, 1, "", kt_document_versions },
    { "of-order", 1, 1, "", kt_document_of_order },
    { "verify", 0, 1, "", kt_document_verify },
    { "hold", 1, 1, " --reason ", hold },
    { "release", 1, 1, "", release },
    { "retention", 0, 0, "", kt_document_retention },
    { "purge", 0, 0, " --dry-run ", kt_document_purge },
    { "link", 1, 1, " --days ", make_link },
    { "unlink", 1, 1, "", unlink_order },
};

static const struct kt_flag flags[] = {
    { "--sku", "SKU", "list: what covers this article" },
    { "--type", "KIND", "list: of this kind" },
    { "--market", "CC", "list: that counts in this market" },
    { "--waiting", NULL, "list: names articles that nobody knows yet" },
    { "--reason", "TEXT", "hold: why nothing of it may go" },
    { "--dry-run", NULL, "purge: shows what would go" },
    { "--days", "N", "link: how long it holds; default documents.links" },
    { 0 }
};

static const char *wrong_flag(struct kt_app *app, const struct verb *verb)
{
    for (size_t i = 0; flags[i].name != NULL; i++) {
        const char *wanted = kt_format(app->arena, " %s ", flags[i].name);
        if (kt_args_has(&app->args, flags[i].name) && strstr(verb->flags, wanted) == NULL)
            return flags[i].name;
    }
    return NULL;
}

static enum kt_exit run(struct kt_app *app)
{
    const struct kt_args *args = &app->args;
    const char *name = args->words > 1 ? args->word[1] : "";
    for (size_t i = 0; i < KT_COUNT(verbs); i++) {
        const struct verb *v = &verbs[i];
        if (strcmp(name, v->name) != 0)
            continue;
        const char *wrong = wrong_flag(app, v);
        if (wrong != NULL)
            return kt_app_usage(app, kt_format(app->arena, "document %s takes no %s", name, wrong));
        if (args->words < 2 + v->least || args->words > 2 + v->most)
            return kt_app_usage(app, kt_format(app->arena,
                                               "document %s: `kontor help document` "
                                               "says what it takes",
                                               name));
        enum kt_exit status = kt_app_open(app);
        return status == KT_EXIT_OK ? v->run(app) : status;
    }
    return kt_app_usage(app, "document: list, show, versions, of-order, verify, hold, release, "
                             "retention, purge, link or unlink");
}

static const char *const form[] = { "list [--sku SKU] [--type KIND] [--market CC] [--waiting]",
                                    "show ID [VERSION]",
                                    "versions ID",
                                    "of-order ORDER",
                                    "verify [ID]",
                                    "hold ID --reason TEXT",
                                    "release NUMBER",
                                    "retention",
                                    "purge [--dry-run]",
                                    "link ORDER [--days N]",
                                    "unlink ORDER",
                                    NULL };

const struct kt_command kt_cmd_document = {
    .name = "document",
    .summary = "Regulated documents: versions, what orders are bound to, proof, keeping",
    .form = form,
    .about =
        "ID is the document's number in its ERP, or \"SCOPE|ID\" where several have it; ORDER is "
        "the "
        "shop's number\nor id, or the order's key.\n"
        "show: the proof of a version: hash, when it was received from whom, every revision, the "
        "orders bound to\nit, holds, and whether its content is whole (exit status 1: it is not).\n"
        "of-order: per line what the customer was shown and what was valid, both with history; "
        "exit status 1\nwhere they differ.\n"
        "verify: reads every content and compares its hash; names those that are damaged, with "
        "exit status 1.\n"
        "hold: nothing of a document goes while a hold stands, whatever the rules of keeping say.\n"
        "retention: what keeps how many versions, and what may go; purge: lets that go, by hand. "
        "Every deed stands\nin the audit trail.\n"
        "link: an address under which the customer sees the documents of the order; unlink ends "
        "all of its links.",
    .flags = flags,
    .run = run,
};
