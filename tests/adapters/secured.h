#ifndef KT_TEST_SECURED_H
#define KT_TEST_SECURED_H

/* A stand-in of an ERP that asks for WS-Security and gives it, and the keys and policy on our side.
 * Each test program has one at a time. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "port/env.h"
#include "wire/http.h"
#include "wire/wss_site.h"

#define SECURED_SANDBOX  KT_TEST_ROOT "/tests/sandbox"
#define SECURED_PASSWORD "geheim-token"

enum { SECURED_WORDS = 28, SECURED_PARTS = 4 };

struct secured {
    struct kt_arena *arena;
    char folder[40]; /* keys, certificates, wss.json */
    pid_t pid;
    int out;
    char url[160];
    char base[64];
    struct kt_wss_key_conf key[2];
    struct kt_wss_policy_conf policy;
    const char *signer[1];
    struct kt_wss_conf conf;
    struct kt_wss_site *site;
    struct kt_log log;
    struct kt_env env;
};

/* What goes which way; ends with NULL each. */
struct secured_parts {
    const char *asked[SECURED_PARTS + 1];    /* our requests carry */
    const char *answered[SECURED_PARTS + 1]; /* answers carry; "timestamp": that alone */
    bool is_tls;
};

static inline pid_t secured_run(const char *const *words, int *out)
{
    int fd[2];
    if (pipe(fd) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        char *copy[SECURED_WORDS + 1] = { 0 };
        for (int i = 0; words[i] != NULL && i < SECURED_WORDS; i++)
            copy[i] = strdup(words[i]);
        if (dup2(fd[1], 1) < 0)
            _exit(127);
        close(fd[0]);
        execv(copy[0], copy);
        _exit(127);
    }
    close(fd[1]);
    *out = fd[0];
    return pid;
}

static inline bool secured_runs_well(const char *const *words)
{
    int out = -1;
    int status = 1;
    pid_t pid = secured_run(words, &out);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return false;
    close(out);
    return status == 0;
}

static inline bool secured_can_run(void)
{
    static const char *const words[] = { "/usr/bin/python3", "-c",
                                         "import lxml.etree, cryptography.x509", NULL };
    return secured_runs_well(words);
}

static inline const char *secured_file(struct secured *s, const char *name)
{
    return kt_format(s->arena, "%s/%s", s->folder, name);
}

static inline const char *secured_joined(struct secured *s, const char *const *part)
{
    const char *all = "";
    for (size_t i = 0; part[i] != NULL; i++)
        all = kt_format(s->arena, "%s%s%s", all, i > 0 ? "," : "", part[i]);
    return all;
}

static inline struct kt_conf_texts secured_texts(struct secured *s, const char *const *part)
{
    size_t n = 0;
    while (part[n] != NULL)
        n++;
    const char **item = KT_NEW_ARRAY(s->arena, n + 1, const char *);
    for (size_t i = 0; i < n; i++)
        item[i] = part[i];
    return (struct kt_conf_texts){ item, n };
}

static inline bool secured_has(const char *const *part, const char *name)
{
    while (*part != NULL && strcmp(*part, name) != 0)
        part++;
    return *part != NULL;
}

static inline void secured_fill(struct secured *s, const struct secured_parts *parts)
{
    bool has_user = secured_has(parts->asked, "username-digest");
    bool is_encrypted = secured_has(parts->asked, "encryption");
    bool is_signed = secured_has(parts->answered, "signature");
    s->key[0] = (struct kt_wss_key_conf){ .name = "ours",
                                          .purpose = KT_WSS_FOR_SIGNING,
                                          .state = KT_WSS_ACTIVE,
                                          .certificate = secured_file(s, "kontor.pem"),
                                          .key = secured_file(s, "kontor.key") };
    s->key[1] = (struct kt_wss_key_conf){ .name = "box",
                                          .purpose = KT_WSS_FOR_DECRYPTION,
                                          .state = KT_WSS_ACTIVE,
                                          .certificate = secured_file(s, "kontor-box.pem"),
                                          .key = secured_file(s, "kontor-box.key") };
    s->signer[0] = secured_file(s, "erp.pem");
    s->policy =
        (struct kt_wss_policy_conf){ .name = "erp",
                                     .requires = is_signed ? secured_texts(s, parts->answered)
                                                           : (struct kt_conf_texts){ NULL, 0 },
                                     .gives = secured_texts(s, parts->asked),
                                     .signers = { s->signer, is_signed ? 1 : 0 },
                                     .crl_age_s = 86400,
                                     .recipient =
                                         is_encrypted ? secured_file(s, "erp-box.pem") : NULL,
                                     .user = has_user ? "KONTOR" : NULL,
                                     .password = has_user ? SECURED_PASSWORD : NULL,
                                     .skew_s = 60,
                                     .lifetime_s = 300 };
    s->conf = (struct kt_wss_conf){ s->key, KT_COUNT(s->key), &s->policy, 1 };
}

/* Our side. The policy fits what the stand-in does. */
static inline void secured_open_site(struct secured *s, const struct secured_parts *parts)
{
    struct kt_err e = { 0 };
    secured_fill(s, parts);
    for (size_t i = 0; i < KT_COUNT(s->key); i++) {
        const char *why = kt_wss_key_check(&s->key[i], s->arena);
        if (why != NULL)
            fail_msg("%s", why);
    }
    const char *why = kt_wss_policy_check(&s->policy, &s->conf, s->arena);
    if (why != NULL)
        fail_msg("%s", why);
    s->log = (struct kt_log){ .least = KT_LOG_ERROR };
    if (kt_wss_site_open(&s->site, &s->conf, &s->log, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
    s->env = (struct kt_env){ .name = "main", .scope = "main", .log = s->log, .wss = s->site };
}

/* The stand-in prints its address once it listens. */
static inline bool secured_listen(struct secured *s, const char *const *words)
{
    char told[240] = "";
    size_t n = 0;
    s->pid = secured_run(words, &s->out);
    while (s->pid > 0 && n < sizeof told - 1 && strchr(told, '\n') == NULL) {
        ssize_t got = read(s->out, told + n, sizeof told - 1 - n);
        if (got <= 0)
            return false;
        n += (size_t)got;
        told[n] = '\0';
    }
    const char *at = strstr(told, "http");
    if (at == NULL)
        return false;
    size_t host = (size_t)(strstr(at, "://") + 3 - at);
    snprintf(s->url, sizeof s->url, "%.*s", (int)strcspn(at, " \n"), at);
    snprintf(s->base, sizeof s->base, "%.*s", (int)(host + strcspn(at + host, "/")), at);
    return true;
}

/* more: further options of the stand-in; ends with NULL. */
static inline bool secured_start(struct secured *s, const struct secured_parts *parts,
                                 const char *script, const char *data, const char *const *more)
{
    s->arena = kt_arena_new();
    snprintf(s->folder, sizeof s->folder, "%s", "/tmp/kontor-secured-XXXXXX");
    if (mkdtemp(s->folder) == NULL)
        return false;
    const char *make[] = { "/usr/bin/python3",
                           "-B",
                           SECURED_SANDBOX "/soapkeys.py",
                           s->folder,
                           "--requires",
                           secured_joined(s, parts->asked),
                           "--gives",
                           secured_joined(s, parts->answered),
                           "--user",
                           "KONTOR",
                           "--password",
                           SECURED_PASSWORD,
                           NULL };
    if (!secured_runs_well(make))
        return false;
    const char *words[SECURED_WORDS + 1] = { "/usr/bin/python3",
                                             "-B",
                                             kt_format(s->arena, SECURED_SANDBOX "/%s", script),
                                             "--data",
                                             data,
                                             "--port",
                                             "0",
                                             "--wss",
                                             secured_file(s, "wss.json") };
    size_t n = 9;
    if (parts->is_tls) {
        words[n++] = "--cert";
        words[n++] = secured_file(s, "tls.pem");
        words[n++] = "--key";
        words[n++] = secured_file(s, "tls.key");
    }
    for (size_t i = 0; more[i] != NULL && n < SECURED_WORDS; i++)
        words[n++] = more[i];
    if (!secured_listen(s, words))
        return false;
    secured_open_site(s, parts);
    return true;
}

static inline void secured_stop(struct secured *s)
{
    int status = 0;
    kt_wss_site_close(s->site);
    if (s->pid > 0) {
        kill(s->pid, SIGTERM);
        waitpid(s->pid, &status, 0);
        close(s->out);
    }
    const char *const words[] = { "/bin/rm", "-r", s->folder, NULL };
    (void)secured_runs_well(words); /* what stays in /tmp hurts nobody */
    kt_arena_free(s->arena);
    *s = (struct secured){ 0 };
}

static inline struct kt_str secured_control(struct secured *s, const char *method, const char *path,
                                            const char *body)
{
    struct kt_http_conf c = { .url = s->base,
                              .ca_file = secured_file(s, "tls.pem"),
                              .timeout_s = 10,
                              .connect_timeout_s = 5,
                              .max_answer = 1 << 22 };
    struct kt_http_request q = { .method = method,
                                 .path = path,
                                 .content_type = body != NULL ? "application/json" : NULL,
                                 .body = kt_str_of(body) };
    struct kt_http_answer answer;
    struct kt_http *http = NULL;
    struct kt_err e = { 0 };
    assert_int_equal(kt_http_open(&http, &c, "sandbox", NULL, &e), KT_OK);
    assert_int_equal(kt_http_call(http, &q, &answer, s->arena, &e), KT_OK);
    if (answer.status != 200)
        fail_msg("%s: %s", path, answer.body.p);
    kt_http_close(http);
    return answer.body;
}

/* One rule, for the next call that it fits. */
static inline void secured_misbehave(struct secured *s, const char *rule)
{
    (void)secured_control(s, "DELETE", "/_sandbox/misbehave", NULL);
    if (rule != NULL)
        (void)secured_control(s, "POST", "/_sandbox/misbehave",
                              kt_format(s->arena, "{%s, \"times\": 1}", rule));
}

/* How many requests came so far, and how many of them were refused. */
static inline long secured_counted(struct secured *s, const char *what)
{
    const char *hit = strstr(secured_control(s, "GET", "/_sandbox/counts", NULL).p,
                             kt_format(s->arena, "\"%s\": ", what));
    assert_non_null(hit);
    return strtol(strchr(hit, ':') + 1, NULL, 10);
}

/* --- verdicts --- */

static inline void secured_expect(const char *what, enum kt_rc rc, const struct kt_err *e,
                                  enum kt_rc rc_wanted, enum kt_code code_wanted)
{
    assert_int_equal(rc, e->v.rc);
    if (rc != rc_wanted || e->v.code != code_wanted)
        fail_msg("%s: %s %s instead of %s %s; %s", what, kt_rc_name(rc), kt_code_name(e->v.code),
                 kt_rc_name(rc_wanted), kt_code_name(code_wanted), e->trail);
}

static inline void secured_expect_detail(const char *what, const struct kt_err *e,
                                         const char *detail)
{
    for (size_t i = 0; i < KT_PARAMS; i++) {
        if (e->v.param[i].name == NULL || strcmp(e->v.param[i].name, "detail") != 0)
            continue;
        if (strcmp(e->v.param[i].value, detail) != 0)
            fail_msg("%s: %s instead of %s; %s", what, e->v.param[i].value, detail, e->trail);
        return;
    }
    fail_msg("%s: no detail", what);
}

/* What an answer lacks, and what is found. */
struct secured_spoilt {
    const char *what;
    const char *code;
};

static const struct secured_spoilt secured_always[] = {
    { "unsigned", "security.missing" },     { "control", "bytes.malformed" },
    { "nul", "bytes.malformed" },           { "other_key", "key.unknown" },
    { "tampered", "signed.digest" },        { "wrapped", "reference.place" },
    { "stale", "timestamp.stale" },         { "future", "timestamp.future" },
    { "no_timestamp", "timestamp.missing" }
};
static const struct secured_spoilt secured_when_related[] = { { "other_request",
                                                                "answer.relates-to" },
                                                              { "unrelated", "answer.relates-to" },
                                                              { "replayed", "answer.relates-to" } };
static const struct secured_spoilt secured_when_confirmed[] = {
    { "unconfirmed", "answer.confirmation" },
    { "other_confirmation", "answer.confirmation" },
    { "replayed", "answer.confirmation" },
    { "garbage", "encryption.value" },
    { "clear", "encryption.missing" }
};

#endif
