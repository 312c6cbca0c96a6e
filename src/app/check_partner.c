/* The partners' part of `kontor check`: one call each, and the adapters' declarations as sentences.
 * Main thread; nothing is written to a partner. */
#include "app/check_partner.h"

#include <string.h>

#include "app/check_contract.h"
#include "app/check_guard.h"
#include "store/leases.h"
#include "store/records.h"

/* "erp main": the head of every sentence about it. */
static const char *area_of(struct kt_findings *f, const char *what, const char *name)
{
    return kt_format(f->app->arena, "%s %s", what, name);
}

/* --pin-anew NAME: whoever answers now is the right one. */
static bool forget_pin(struct kt_findings *f, const char *area, const char *name)
{
    struct kt_err e = { 0 };
    const char *anew = kt_args_value(&f->app->args, "--pin-anew");
    if (anew == NULL || strcmp(anew, name) != 0 ||
        kt_pin_forget(f->app->work.db, name, &e) == KT_OK)
        return true;
    kt_find_failure(f, area, &e);
    return false;
}

static void compare_pin(struct kt_findings *f, const char *area, const char *name,
                        const struct kt_identity *who, bool has_store)
{
    struct kt_err e = { 0 };
    struct kt_str pinned = { 0 };
    bool is_same = false;
    if (!has_store) {
        kt_find(f, area, KT_LEVEL_NOTE,
                "Whether it is the same as before cannot be told without the "
                "database.");
        return;
    }
    if (!forget_pin(f, area, name))
        return;
    if (kt_pin_check(f->app->work.db, name, kt_str_of(who->text), kt_now_us(), &is_same, &pinned,
                     f->app->arena, &e) != KT_OK) {
        kt_find_failure(f, area, &e);
        return;
    }
    if (is_same) {
        kt_find(f, area, KT_LEVEL_OK, "It is pinned as \"%s\".", pinned.p);
        return;
    }
    (void)kt_fail(&e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_IDENTITY, KT_P_TEXT("partner", name),
                  KT_P_TEXT("found", who->text), KT_P_TEXT("pinned", pinned.p));
    kt_find_failure(f, area, &e);
}

static void say_answers(struct kt_findings *f, const char *area, const char *adapter,
                        const struct kt_identity *who)
{
    bool has_version = who->version != NULL && who->version[0] != '\0';
    kt_find(f, area, KT_LEVEL_OK, "Adapter %s: \"%s\" answers%s%s%s.", adapter, who->text,
            has_version ? " (version " : "", has_version ? who->version : "",
            has_version ? ")" : "");
}

static void say_grade(struct kt_findings *f, const char *area, const struct kt_erp_site *site,
                      enum kt_grade grade, unsigned limit_s)
{
    unsigned call_s = site->ops->max_call_s(site->conf);
    switch (grade) {
    case KT_GRADE_KEY:
        kt_find(f, area, KT_LEVEL_OK,
                "Orders: it honours our key (grade key); the same order is "
                "never booked twice.");
        break;
    case KT_GRADE_LOOKUP:
        kt_find(
            f, area, KT_LEVEL_NOTE,
            "Orders: it can look up by our key, but does not enforce it (grade look-up). After a "
            "lost answer an order is created again only %u s later and when it is absent twice.",
            limit_s);
        break;
    case KT_GRADE_NONE:
        kt_find(f, area, KT_LEVEL_NOTE,
                "Orders: it offers no look-up (grade none). After a lost answer a person decides.");
        break;
    }
    if (limit_s == 0)
        kt_find(f, area, KT_LEVEL_NOTE,
                "It does not say how long its server lets a call run; we wait "
                "%u s.",
                call_s);
    else
        kt_find(f, area, KT_LEVEL_OK, "Its server lets a call run for %u s; we wait %u s.", limit_s,
                call_s);
}

static bool is_this_machine(const char *host)
{
    static const char *const names[] = { "127.", "localhost", "[::1]" };
    for (size_t i = 0; i < KT_COUNT(names); i++) {
        if (strncmp(host, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

/* Plain HTTP is allowed: some stand behind a tunnel. It is said, because login and orders pass. */
static void say_transport(struct kt_findings *f, const char *area, const struct kt_opt *opts,
                          const void *conf)
{
    static const char plain[] = "http://";
    for (const struct kt_opt *o = opts; o->name != NULL; o++) {
        const char *url = NULL;
        if (o->type != KT_OPT_URL)
            continue;
        memcpy(&url, (const char *)conf + o->offset, sizeof url);
        if (url != NULL && strncmp(url, plain, sizeof plain - 1) == 0 &&
            !is_this_machine(url + sizeof plain - 1))
            kt_find(f, area, KT_LEVEL_NOTE,
                    "connection.%s begins with http://: login and customers' data can be read on "
                    "the way. Use https:// where the partner offers it.",
                    o->name);
    }
}

static const char *mode_text(enum kt_feed_mode mode)
{
    switch (mode) {
    case KT_FEED_NONE:
        return "not offered";
    case KT_FEED_DELTA:
        return "changes; deletions are not told";
    case KT_FEED_DELTA_DELETES:
        return "changes and deletions";
    case KT_FEED_SNAPSHOT:
        return "all of it each time";
    }
    return "unknown";
}

static void say_feeds(struct kt_findings *f, const char *area, const struct kt_erp_site *site)
{
    for (size_t i = 0; i < KT_FEEDS; i++) {
        enum kt_feed_mode mode = site->ops->facts->feed[i];
        const char *feed = kt_feed_name((enum kt_feed)i);
        if (mode == KT_FEED_NONE)
            kt_find(f, area, KT_LEVEL_NOTE, "Reads %s: not offered.", feed);
        else if (site->every_s[i] == 0)
            kt_find(f, area, KT_LEVEL_NOTE, "Reads %s: %s; only by `kontor sync`, not at night.",
                    feed, mode_text(mode));
        else
            kt_find(f, area, KT_LEVEL_OK, "Reads %s: %s; every %lld s.", feed, mode_text(mode),
                    (long long)site->every_s[i]);
    }
    if (site->nightly_min >= 0)
        kt_find(f, area, KT_LEVEL_OK, "Reads afresh at %s (%s) what is read by interval.",
                site->nightly, site->zone_name);
    else
        kt_find(
            f, area, KT_LEVEL_NOTE,
            "Nothing is read afresh at night (nightly): what is gone is found by changes, or by "
            "`kontor sync all --full`.");
    kt_find(f, area, KT_LEVEL_OK, "Customers: %s.",
            site->ops->customer_find == NULL ? "one-time account only" : "can be searched");
}

/* How flat articles become pages, whose rules they pass, and what it leads. */
static void say_rules(struct kt_findings *f, const char *area, const struct kt_erp_site *site)
{
    static const char *const by[] = { [KT_GROUP_PARENT] = "the parent that the ERP names",
                                      [KT_GROUP_ATTRIBUTE] = "the attribute ",
                                      [KT_GROUP_NAME] = "the name" };
    struct kt_buf leads;
    kt_buf_init(&leads, f->app->arena, 4096);
    for (size_t i = 0; i < site->leads.count; i++)
        kt_buf_format(&leads, "%s%s", i == 0 ? "" : ", ", site->leads.item[i]);
    kt_find(f, area, KT_LEVEL_OK, "Pages: articles share one by %s%s.", by[site->grouping.by],
            site->grouping.by == KT_GROUP_ATTRIBUTE ? site->grouping.attribute : "");
    if (site->leads.count > 0)
        kt_find(f, area, KT_LEVEL_OK, "Leads: %s.", kt_buf_view(&leads).p);
    if (site->hooks_file != NULL)
        kt_find(f, area, KT_LEVEL_OK, "Rules on its records: %s.", site->hooks_file);
}

void kt_check_erp(struct kt_findings *f, const struct kt_erp_site *site, bool has_store)
{
    const char *area = area_of(f, "erp", site->name);
    struct kt_env env = { site->name, site->scope,
                          kt_log_with(&f->app->log, F_TEXT("erp", site->name)),
                          f->app->config->site.wss };
    struct kt_identity who = { 0 };
    struct kt_erp *erp = NULL;
    struct kt_err e = { 0 };
    enum kt_grade grade = KT_GRADE_NONE;
    unsigned limit_s = 0;
    enum kt_rc rc = site->ops->open(&erp, site->conf, &env, &e);
    if (rc == KT_OK)
        rc = site->ops->identify(erp, &who, &grade, &limit_s, f->app->arena, &e);
    if (rc == KT_OK) {
        say_answers(f, area, site->ops->name, &who);
        compare_pin(f, area, site->name, &who, has_store);
        say_grade(f, area, site, grade, limit_s);
    } else {
        kt_find_failure(f, area, &e);
    }
    if (erp != NULL)
        kt_check_erp_contract(f, area, site->ops, erp, &e);
    say_transport(f, area, site->ops->opts, site->conf);
    kt_check_guard(f, area, site);
    say_feeds(f, area, site);
    say_rules(f, area, site);
    if (erp != NULL)
        site->ops->close(erp);
}

static void say_texts(struct kt_findings *f, const char *area, const struct kt_channel_site *site)
{
    static const char *const over[] = {
        [KT_OVER_FOLD] = "folded", [KT_OVER_SPLIT] = "split", [KT_OVER_REFUSE] = "refused"
    };
    const struct kt_channel_facts *facts = site->ops->facts;
    if (facts->axes == 0)
        kt_find(f, area, KT_LEVEL_NOTE,
                "Variants: it carries none of them together; every article is "
                "a page of its own, and a product with several variants is "
                "refused with an exception.");
    else
        kt_find(f, area, KT_LEVEL_OK, "Variants: up to %u %s on a page; a page with more is %s.",
                site->limits.axes, site->limits.axes == 1 ? "axis" : "axes",
                over[site->limits.over]);
    if (facts->languages <= 1)
        kt_find(f, area, KT_LEVEL_NOTE,
                "Texts: one language, %s; where it is missing, %s. Others do "
                "not travel.",
                site->language, site->fallback_language);
    else
        kt_find(f, area, KT_LEVEL_OK, "Texts: up to %u languages.", facts->languages);
    kt_find(f, area, KT_LEVEL_NOTE,
            "Prices: list %s in %s, one price per article; scales and other "
            "lists do not travel.",
            site->price_list, site->currency);
}

/* A list of which the ERP has nothing puts a catalogue up that nobody can buy. */
static void say_prices(struct kt_findings *f, const char *area, const struct kt_channel_site *site)
{
    struct kt_err e = { 0 };
    int64_t all = 0;
    int64_t of_list = 0;
    if (kt_prices_count(f->app->work.db, site->erp->scope, site->price_list, site->currency, &all,
                        &of_list, &e) != KT_OK)
        kt_find_failure(f, area, &e);
    else if (all > 0 && of_list == 0)
        kt_find(f, area, KT_LEVEL_PROBLEM,
                "Of list %s in %s no price is held, but %lld of others: what has no other price "
                "is not sold there. Set price_list and currency as the ERP %s has them.",
                site->price_list, site->currency, (long long)all, site->erp->name);
}

static void say_stock(struct kt_findings *f, const char *area, const struct kt_channel_site *site)
{
    static const char *const semantics[] = {
        [KT_STOCK_ABSOLUTE] = "is written absolutely, so it may undo a sale until the next figure",
        [KT_STOCK_COMPARE_AND_SWAP] = "is compared before it is written",
        [KT_STOCK_DELTA] = "is written as a difference",
        [KT_STOCK_MINUS_OWN] = ("is written absolutely; the shop itself takes off what its open "
                                "orders hold"),
    };
    static const char *const promises[] = {
        [KT_PROMISE_NONE] = "overselling is not excluded",
        [KT_PROMISE_BOUNDED] = "overselling is bounded",
        [KT_PROMISE_STRICT] = "overselling is excluded",
    };
    const struct kt_channel_facts *facts = site->ops->facts;
    KT_ASSERT((unsigned)facts->stock < KT_COUNT(semantics));
    KT_ASSERT((unsigned)facts->promise < KT_COUNT(promises));
    char buffer[KT_DEC_TEXT_MAX];
    struct kt_buf places;
    kt_buf_init(&places, f->app->arena, 4096);
    for (size_t i = 0; i < site->warehouses.count; i++)
        kt_buf_format(&places, "%s%s", i == 0 ? "" : ", ", site->warehouses.item[i]);
    kt_dec_text(site->buffer, buffer);
    kt_find(f, area, KT_LEVEL_NOTE,
            "Stock: one sum over %s, less a buffer of %s; locations do not travel. It %s; %s.",
            site->warehouses.count == 0 ? "all warehouses" : kt_buf_view(&places).p, buffer,
            semantics[facts->stock], promises[facts->promise]);
}

static void say_orders(struct kt_findings *f, const char *area, const struct kt_channel_site *site)
{
    if (!site->takes_orders) {
        kt_find(f, area, KT_LEVEL_NOTE, "Orders: none are taken (orders.take).");
        return;
    }
    kt_find(f, area, KT_LEVEL_OK, "Orders: placed from %s on, every %lld s, into %s; %s.",
            site->orders_from, (long long)site->orders_every_s, site->erp->name,
            site->customer == KT_CUSTOMER_MATCH ? "customers are matched, else one-time account"
                                                : "one-time account");
}

void kt_check_channel(struct kt_findings *f, const struct kt_channel_site *site, bool has_store)
{
    const char *area = area_of(f, "channel", site->name);
    struct kt_env env = { site->name, NULL,
                          kt_log_with(&f->app->log, F_TEXT("channel", site->name)), NULL };
    struct kt_identity who = { 0 };
    struct kt_channel *channel = NULL;
    struct kt_err e = { 0 };
    enum kt_rc rc = site->ops->open(&channel, site->conf, &env, &e);
    if (rc == KT_OK)
        rc = site->ops->identify(channel, &who, f->app->arena, &e);
    if (rc == KT_OK) {
        say_answers(f, area, site->ops->name, &who);
        compare_pin(f, area, site->name, &who, has_store);
    } else {
        kt_find_failure(f, area, &e);
    }
    if (channel != NULL)
        kt_check_channel_contract(f, area, site->ops, channel, &e);
    say_transport(f, area, site->ops->opts, site->conf);
    kt_find(f, area, KT_LEVEL_OK, "Mapping: %s%s.", site->mapping_file,
            site->mapping == site->ops->facts->mapping ? ", as it comes with Kontor"
                                                       : ", your own");
    say_texts(f, area, site);
    if (has_store)
        say_prices(f, area, site);
    say_stock(f, area, site);
    if (site->reconcile_min >= 0)
        kt_find(f, area, KT_LEVEL_OK, "Is compared with what it was sent at %s%s.", site->reconcile,
                site->reconcile_repairs ? "; what differs is sent again" : "");
    say_orders(f, area, site);
    if (channel != NULL)
        site->ops->close(channel);
}
