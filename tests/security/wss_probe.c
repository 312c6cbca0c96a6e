/* Messages through the reader of WS-Security, as a door hands them over: keys and policies from a
 * YAML file with the program's own tables, one JSON request a line on standard input, one JSON
 * answer a line on standard output. For tests that make attacks and look at the audit code.
 *
 *   wss_probe site.yaml
 *   {"file": "/…/m.xml", "content_type": "text/xml", "soap_action": "urn:x", "policy": "sap",
 *    "tls": true, "tls_certificate": false, "now_us": 1, "repeat": 1}
 *   "raw": true  whatever the content type is; of either SOAP version
 *
 * "mode": "open" (default), "canonical", "signature" (wss_probe_value.c), "renew" (reads site.yaml
 * again), "seal" (secures the message by "policy"). Octets come as "file" or "base64". */
#include "wss_probe.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/base64.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/time.h"
#include "wire/wss.h"

enum { OUT_MAX = 256 * 1024 * 1024, FILE_MAX_BYTES = 64 * 1024 * 1024, SECTIONS_MAX = 64 };

static const char *site_file;
static struct kt_wss_site *site;

/* --- members of requests and answers --- */

static void put_name(struct probe_job *job, const char *name)
{
    kt_json_put_name(job->out, &job->is_first, name);
}

void probe_text(struct probe_job *job, const char *name, struct kt_str value)
{
    put_name(job, name);
    if (value.p == NULL)
        kt_buf_text(job->out, "null");
    else
        kt_json_put_text(job->out, value);
}

void probe_number(struct probe_job *job, const char *name, int64_t value)
{
    put_name(job, name);
    kt_buf_format(job->out, "%lld", (long long)value);
}

void probe_flag(struct probe_job *job, const char *name, bool value)
{
    put_name(job, name);
    kt_buf_text(job->out, value ? "true" : "false");
}

void probe_base64(struct probe_job *job, const char *name, struct kt_str octets)
{
    if (octets.p == NULL) {
        probe_text(job, name, octets);
        return;
    }
    unsigned char *text = kt_alloc(job->a, (octets.n + 2) / 3 * 4 + 1);
    int n = EVP_EncodeBlock(text, (const unsigned char *)octets.p, (int)octets.n);
    probe_text(job, name, (struct kt_str){ (const char *)text, (size_t)n });
}

bool probe_asks(const struct probe_job *job, const char *name)
{
    return kt_json_is_true(kt_json_get(job->ask, name));
}

int64_t probe_int(const struct probe_job *job, const char *name, int64_t otherwise)
{
    int64_t value = otherwise;
    return kt_json_int(kt_json_get(job->ask, name), &value) ? value : otherwise;
}

static struct kt_str from_base64(struct kt_str text, struct kt_arena *a)
{
    size_t n = 0;
    char *octets = kt_alloc(a, text.n / 4 * 3 + 4);
    if (text.p == NULL || !kt_base64_read(octets, &n, text, true))
        return (struct kt_str){ NULL, 0 };
    return (struct kt_str){ octets, n };
}

struct kt_str probe_octets(struct probe_job *job)
{
    struct kt_str out = { NULL, 0 };
    struct kt_str file = kt_json_text_of(job->ask, "file");
    const char *complaint = NULL;
    if (file.p == NULL)
        out = from_base64(kt_json_text_of(job->ask, "base64"), job->a);
    else if (!kt_file_read(&out, file.p, FILE_MAX_BYTES, false, job->a, &complaint))
        out.p = NULL;
    if (out.p == NULL)
        probe_text(job, "error", kt_str_of(complaint != NULL ? complaint : "no octets"));
    return out;
}

/* --- keys and policies --- */

static size_t read_section(const struct kt_conf_node *root, const char *name,
                           const struct kt_opt *opts, size_t size, void *out, struct kt_arena *a,
                           struct kt_problems *problems)
{
    const struct kt_conf_node *all = kt_conf_get(root, name);
    size_t n = kt_conf_count(all);
    if (n > SECTIONS_MAX)
        kt_problem(problems, "%s: too many", name);
    for (size_t i = 0; i < n && i < SECTIONS_MAX; i++) {
        const struct kt_conf_node *value = NULL;
        char *row = (char *)out + i * size;
        const char *title = kt_conf_name_at(all, i, &value);
        kt_conf_fill(value, kt_conf_where(all), opts, NULL, row, a, a, problems);
        memcpy(row, &title, sizeof(title)); /* `name` is the first member of both structs */
    }
    return n < SECTIONS_MAX ? n : SECTIONS_MAX;
}

_Static_assert(offsetof(struct kt_wss_key_conf, name) == 0, "name comes first");
_Static_assert(offsetof(struct kt_wss_policy_conf, name) == 0, "name comes first");

static void check_site(const struct kt_wss_conf *conf, struct kt_wss_policy_conf *policy,
                       struct kt_arena *a, struct kt_problems *problems)
{
    for (size_t i = 0; i < conf->keys; i++) {
        const char *why = kt_wss_key_check(&conf->key[i], a);
        if (why != NULL)
            kt_problem(problems, "keys.%s: %s", conf->key[i].name, why);
    }
    for (size_t i = 0; i < conf->policies; i++) {
        const char *why = kt_wss_policy_check(&policy[i], conf, a);
        if (why != NULL)
            kt_problem(problems, "wss.%s: %s", policy[i].name, why);
    }
}

/* Opens the site, or renews the one that is open. False: *why says it. */
static bool load_site(const char **why, struct kt_arena *a)
{
    static const struct kt_log log = { .least = KT_LOG_ERROR };
    struct kt_wss_key_conf *key = KT_NEW_ARRAY(a, SECTIONS_MAX, struct kt_wss_key_conf);
    struct kt_wss_policy_conf *policy = KT_NEW_ARRAY(a, SECTIONS_MAX, struct kt_wss_policy_conf);
    struct kt_problems problems = { .arena = a };
    struct kt_wss_conf conf = { .key = key, .policy = policy };
    struct kt_err e = { 0 };
    const struct kt_conf_node *root = kt_conf_read(site_file, a, &problems);
    if (root != NULL) {
        conf.keys = read_section(root, "keys", kt_wss_key_opts, sizeof(*key), key, a, &problems);
        conf.policies =
            read_section(root, "wss", kt_wss_policy_opts, sizeof(*policy), policy, a, &problems);
    }
    if (problems.count == 0)
        check_site(&conf, policy, a, &problems);
    if (problems.count > 0) {
        *why = problems.text[0];
        return false;
    }
    enum kt_rc rc = site == NULL ? kt_wss_site_open(&site, &conf, &log, &e)
                                 : kt_wss_site_renew(site, &conf, &e);
    char *sentence = kt_alloc(a, 512);
    kt_sentence(&e.v, KT_LANG_EN, sentence, 512);
    *why = kt_format(a, "%s: %s (%s)", kt_code_name(e.v.code), sentence, e.trail);
    return rc == KT_OK;
}

static void renew(struct probe_job *job)
{
    const char *why = NULL;
    bool is_done = load_site(&why, job->a);
    probe_flag(job, "ok", is_done);
    if (!is_done)
        probe_text(job, "error", kt_str_of(why));
}

/* --- a message --- */

static struct kt_request request_of(struct probe_job *job, struct kt_str body)
{
    struct kt_str action = kt_json_text_of(job->ask, "soap_action");
    struct kt_str type = kt_json_text_of(job->ask, "content_type");
    struct kt_request q = { .body = body, .address = "127.0.0.1", .listener = "probe" };
    q.content_type = type.p != NULL ? type : KT_STR("text/xml; charset=utf-8");
    q.is_tls = probe_asks(job, "tls");
    q.fingerprint = q.subject = "";
    q.head = KT_STR("");
    if (action.p != NULL)
        q.head = kt_str_of(kt_format(job->a, "SOAPAction: \"%s\"\r\n", action.p));
    return q;
}

static bool refuse_user(void *context, struct kt_str user)
{
    (void)context, (void)user;
    return false;
}

static const struct kt_wss_asked *asked_of(struct probe_job *job)
{
    const struct kt_json *asked = kt_json_get(job->ask, "asked");
    if (asked == NULL)
        return NULL;
    struct kt_wss_asked *out = KT_NEW(job->a, struct kt_wss_asked);
    out->message_id = kt_json_text_of(asked, "message_id");
    out->signature_value = from_base64(kt_json_text_of(asked, "signature_value"), job->a);
    return out;
}

/* Of this thread alone: others may keep the machine busy. */
static int64_t cpu_us(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
        return 0;
    return now.tv_sec * KT_SECOND + now.tv_nsec / 1000;
}

/* One reading of the message; the time it took, of the look and the opening. */
static int64_t read_once(struct probe_job *job, const struct kt_request *q, struct kt_wss_opened *o,
                         struct kt_soap_message *m, struct kt_err *look, struct kt_err *e,
                         enum kt_rc *rc, struct kt_arena *a)
{
    struct kt_str policy = kt_json_text_of(job->ask, "policy");
    struct kt_wss_ring *ring = kt_wss_hold(site);
    unsigned status = 0;
    int64_t begin_us = cpu_us();
    enum kt_rc looked = KT_OK;
    if (probe_asks(job, "raw")) {
        looked = kt_soap_look_bare(m, q->body, look);
        *m = (struct kt_soap_message){ .xml = q->body, .version = KT_SOAP_ANY };
    } else {
        looked = kt_soap_look(m, q, &status, a, look);
    }
    struct kt_wss_message message = {
        .xml = m->xml,
        .version = m->version,
        .action = { m->action[0], m->action[1] },
        .mime = m->mime.parts > 0 ? &m->mime : NULL,
        .policy = policy.p,
        .is_tls = q->is_tls,
        .has_tls_certificate = probe_asks(job, "tls_certificate"),
        .now_us = probe_int(job, "now_us", 0),
        .asked = asked_of(job),
        .may_try = probe_asks(job, "throttled") ? refuse_user : NULL,
    };
    (void)looked; /* *look says it; a refused message is opened too: each stage stands alone */
    *rc = kt_wss_open(ring, &message, o, a, e);
    int64_t took_us = cpu_us() - begin_us;
    kt_wss_release(ring);
    return took_us;
}

static void tell_failure(struct probe_job *job, const char *name, const struct kt_err *e)
{
    if (e->v.code == KT_E_NONE) {
        probe_text(job, name, KT_STR("ok"));
        return;
    }
    char sentence[512];
    kt_sentence(&e->v, KT_LANG_EN, sentence, sizeof(sentence));
    probe_text(job, name, kt_str_of(kt_code_name(e->v.code)));
    probe_text(job, kt_format(job->a, "%s_says", name),
               kt_str_of(kt_format(job->a, "%s (%s)", sentence, e->trail)));
}

static void tell_opened(struct probe_job *job, const struct kt_wss_opened *o)
{
    probe_text(job, "code", kt_str_of(kt_wss_code_text(o->code)));
    probe_text(job, "policy", kt_str_of(o->policy));
    probe_number(job, "had", (int64_t)o->had);
    probe_text(job, "digest", o->digest);
    probe_text(job, "replay", o->replay);
    probe_number(job, "replay_until_us", o->replay_until_us);
    probe_text(job, "signer", kt_str_of(o->signer));
    probe_flag(job, "sha1", o->is_sha1);
    probe_text(job, "user", kt_str_of(o->user));
    probe_base64(job, "signature_value", o->signature_value);
    probe_base64(job, "xml", o->xml);
}

static void open_message(struct probe_job *job)
{
    struct kt_str octets = probe_octets(job);
    int64_t repeat = probe_int(job, "repeat", 1), least_us = INT64_MAX;
    if (octets.p == NULL)
        return;
    struct kt_request q = request_of(job, octets);
    for (int64_t i = 1; i <= repeat; i++) {
        struct kt_arena *a = kt_arena_new();
        struct kt_wss_opened o = { 0 };
        struct kt_soap_message m = { 0 }, believed = { 0 };
        struct kt_err look = { 0 }, e = { 0 }, again = { 0 };
        enum kt_rc rc = KT_OK;
        int64_t us = read_once(job, &q, &o, &m, &look, &e, &rc, a);
        least_us = us < least_us ? us : least_us;
        if (i == repeat) {
            tell_failure(job, "look", &look);
            tell_opened(job, &o);
            probe_text(job, "rc", kt_str_of(kt_rc_name(rc)));
            if (rc != KT_OK)
                tell_failure(job, "failed", &e);
            else if (kt_soap_look_bare(&believed, o.xml, &again) == KT_OK && believed.is_bare)
                probe_text(job, "believed", KT_STR("bare"));
            else
                tell_failure(job, "believed", &again);
            probe_text(job, "operation", believed.operation);
            probe_flag(job, "secured", look.v.code == KT_E_NONE && kt_wss_is_secured(m.xml));
            probe_number(job, "us", least_us);
        }
        kt_arena_free(a);
    }
}

static void seal_message(struct probe_job *job)
{
    struct kt_wss_asked asked = { { NULL, 0 }, { NULL, 0 } };
    struct kt_str octets = probe_octets(job);
    struct kt_str policy = kt_json_text_of(job->ask, "policy");
    struct kt_err e = { 0 };
    struct kt_buf out;
    if (octets.p == NULL)
        return;
    kt_buf_init(&out, job->a, OUT_MAX);
    struct kt_wss_ring *ring = kt_wss_hold(site);
    enum kt_rc rc = kt_wss_seal(ring, policy.p, octets, NULL, probe_int(job, "now_us", 0), &out,
                                &asked, job->a, &e);
    kt_wss_release(ring);
    tell_failure(job, "failed", &e);
    if (rc == KT_OK)
        probe_base64(job, "xml", kt_buf_view(&out));
    probe_text(job, "message_id", asked.message_id);
    probe_base64(job, "signature_value", asked.signature_value);
}

static void answer(struct kt_str line)
{
    static const struct {
        const char *name;
        void (*run)(struct probe_job *job);
    } modes[] = { { "open", open_message },
                  { "seal", seal_message },
                  { "renew", renew },
                  { "canonical", probe_canonical },
                  { "signature", probe_signature } };
    struct kt_arena *a = kt_arena_new();
    struct kt_buf out;
    struct kt_err e = { 0 };
    struct probe_job job = { .out = &out, .a = a, .is_first = true };
    bool is_known = false;
    kt_buf_init(&out, a, OUT_MAX);
    kt_buf_char(&out, '{');
    enum kt_rc rc = kt_json_parse(&job.ask, line, a, &e);
    struct kt_str mode = kt_json_text_of(job.ask, "mode");
    for (size_t i = 0; rc == KT_OK && i < KT_COUNT(modes) && !is_known; i++) {
        is_known = kt_str_is(mode.p != NULL ? mode : KT_STR("open"), modes[i].name);
        if (is_known)
            modes[i].run(&job);
    }
    if (!is_known)
        probe_text(&job, "error", KT_STR("no such mode, or no JSON"));
    kt_buf_text(&out, "}\n");
    if (!kt_buf_ok(&out))
        exit(3);
    (void)fwrite(out.p, 1, out.n, stdout); /* a reader that left ends us by SIGPIPE */
    (void)fflush(stdout);
    kt_arena_free(a);
}

int main(int count, char **words)
{
    struct kt_arena *a = kt_arena_new();
    const char *why = NULL;
    char *line = NULL;
    size_t room = 0;
    ssize_t n = 0;
    if (count != 2) {
        (void)fprintf(stderr, "wss_probe: one argument, the file with keys and policies\n");
        return 2;
    }
    site_file = words[1];
    if (!load_site(&why, a)) {
        (void)fprintf(stderr, "wss_probe: %s\n", why);
        return 2;
    }
    while ((n = getline(&line, &room, stdin)) > 0)
        answer((struct kt_str){ line, (size_t)n });
    free(line);
    kt_wss_site_close(site);
    kt_arena_free(a);
    return 0;
}
