#ifndef TEST_DOOR_SENDER_KIT_H
#define TEST_DOOR_SENDER_KIT_H

/* A door whose messages carry security. What opens and seals them is played here, in the place of
 * wire/wss (the linker wraps it), so that the rules of src/door/sender.c stand alone; those of
 * wire/wss have tests of their own. */
#include "test_door_idoc_kit.h"

#include <stdio.h>

#include "base/metric.h"
#include "door/push.h"
#include "door/sender.h"
#include "flow/security.h"

#define PUSH_PATH "/soap/push"
#define HEAD      "<s:Envelope xmlns:s=\"" SOAP_1_1 "\">"
#define SECURED   HEAD "<s:Header><Security xmlns=\"urn:wsse\"/></s:Header><s:Body>"
#define OPEN      HEAD "<s:Body>"
#define TAIL      "</s:Body></s:Envelope>"
#define PING      "<Ping xmlns=\"urn:kontor:push:1\"/>"
#define STOCK(sku, id)                                              \
    "<PushStock xmlns=\"urn:kontor:push:1\">" id "<stock><sku>" sku \
    "</sku><warehouse>1</warehouse><unit>PCE</unit><onHand>1</onHand></stock></PushStock>"
#define BELIEVED(content)                                                                   \
    "<e:Envelope xmlns:e=\"" SOAP_1_1 "\"><e:Header></e:Header><s:Body xmlns:s=\"" SOAP_1_1 \
    "\" Id=\"b\">" content "</s:Body></e:Envelope>"

/* --- what is played --- */

static struct {
    /* says */
    enum kt_wss_code code;
    const char *policy; /* whose message it is */
    const char *named;  /* whose its octets say it is; NULL: nobody's */
    const char *xml;
    const char *key; /* of its repeats; NULL: none */
    const char *user;
    const char *signer;
    bool is_sha1;
    bool clock_is_wrong;
    bool has_no_key; /* to sign with */
    unsigned required;
    unsigned given;
    bool has_another; /* a policy "another" */
    bool is_gone;     /* the policy was taken out of the configuration */
    enum kt_rc burned;
    enum kt_code burned_code;
    /* was asked */
    unsigned opens, seals, burns, audits, holds, weak;
    bool was_tls, had_certificate, may_try;
    const char *asked_policy;
    char audit[64], audit_partner[64];
} play;

static int ring;
static struct kt_wss_policy_conf policy_conf = { .name = "signed" };

struct kt_wss_ring *__wrap_kt_wss_hold(struct kt_wss_site *site);
void __wrap_kt_wss_release(struct kt_wss_ring *r);
const struct kt_wss_policy *__wrap_kt_wss_policy_of(const struct kt_wss_ring *r, const char *name);
const struct kt_wss_policy_conf *__wrap_kt_wss_policy_conf(const struct kt_wss_policy *policy);
bool __wrap_kt_wss_is_secured(struct kt_str xml);
const char *__wrap_kt_wss_named(const struct kt_wss_ring *r, struct kt_str xml, struct kt_arena *a);
enum kt_rc __wrap_kt_wss_open(const struct kt_wss_ring *r, const struct kt_wss_message *m,
                              struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e);
enum kt_rc __wrap_kt_wss_seal(const struct kt_wss_ring *r, const char *policy, struct kt_str xml,
                              const struct kt_wss_opened *request, int64_t now_us,
                              struct kt_buf *out, struct kt_wss_asked *asked, struct kt_arena *a,
                              struct kt_err *e);
enum kt_rc __wrap_kt_security_now(struct kt_work *w, int64_t *now_us, struct kt_err *e);
void __wrap_kt_security_refused(struct kt_work *w, const char *code, const char *partner,
                                const char *address);
void __wrap_kt_security_weak(struct kt_work *w, const char *partner);
enum kt_rc __wrap_kt_inbound_burn(struct kt_desk *desk, const char *partner,
                                  const struct kt_replay *replay, struct kt_err *e);

struct kt_wss_ring *__wrap_kt_wss_hold(struct kt_wss_site *site)
{
    assert_non_null(site);
    play.holds++;
    return (struct kt_wss_ring *)(void *)&ring;
}

void __wrap_kt_wss_release(struct kt_wss_ring *r)
{
    if (r != NULL)
        play.holds--;
}

const struct kt_wss_policy *__wrap_kt_wss_policy_of(const struct kt_wss_ring *r, const char *name)
{
    assert_non_null(r);
    return play.is_gone || (strcmp(name, "signed") != 0 && !play.has_another)
               ? NULL
               : (const struct kt_wss_policy *)(const void *)&policy_conf;
}

const struct kt_wss_policy_conf *__wrap_kt_wss_policy_conf(const struct kt_wss_policy *policy)
{
    assert_non_null(policy);
    policy_conf.required = play.required;
    policy_conf.given = play.given;
    return &policy_conf;
}

bool __wrap_kt_wss_is_secured(struct kt_str xml)
{
    return memmem(xml.p, xml.n, "<Security", 9) != NULL;
}

const char *__wrap_kt_wss_named(const struct kt_wss_ring *r, struct kt_str xml, struct kt_arena *a)
{
    (void)a;
    assert_non_null(r);
    assert_non_null(memmem(xml.p, xml.n, "<Security", 9));
    return play.named;
}

enum kt_rc __wrap_kt_wss_open(const struct kt_wss_ring *r, const struct kt_wss_message *m,
                              struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    assert_non_null(r);
    play.opens++;
    play.was_tls = m->is_tls;
    play.had_certificate = m->has_tls_certificate;
    play.asked_policy = m->policy;
    assert_null(m->asked);
    assert_true(m->now_us == 1234567);
    *out = (struct kt_wss_opened){ .code = play.code, .user = play.user };
    play.may_try = play.user == NULL || m->may_try(m->context, kt_str_of(play.user));
    if (!play.may_try)
        out->code = KT_WSS_USER_THROTTLED;
    if (out->code != KT_WSS_OK) {
        out->policy = play.policy;
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_SECURITY_REFUSED);
    }
    out->policy = play.policy;
    out->xml = kt_str_of(kt_text_copy(a, play.xml));
    out->digest = KT_STR("d1");
    out->signer = play.signer;
    out->is_sha1 = play.is_sha1;
    out->signature_value = KT_STR("value");
    if (play.key != NULL)
        out->replay = kt_str_of(play.key);
    out->replay_until_us = 99;
    return KT_OK;
}

enum kt_rc __wrap_kt_wss_seal(const struct kt_wss_ring *r, const char *policy, struct kt_str xml,
                              const struct kt_wss_opened *request, int64_t now_us,
                              struct kt_buf *out, struct kt_wss_asked *asked, struct kt_arena *a,
                              struct kt_err *e)
{
    (void)a;
    assert_non_null(r);
    assert_null(asked);
    assert_true(now_us >= 1234567);
    assert_string_equal(policy, "signed");
    play.seals++;
    if (play.has_no_key)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_WSS_NO_KEY, KT_P_TEXT("policy", policy));
    kt_buf_text(out, "<sealed confirms=\"");
    kt_buf_str(out, request->signature_value);
    kt_buf_text(out, "\">");
    kt_buf_str(out, xml);
    kt_buf_text(out, "</sealed>");
    return KT_OK;
}

enum kt_rc __wrap_kt_security_now(struct kt_work *w, int64_t *now_us, struct kt_err *e)
{
    assert_non_null(w->db);
    *now_us = 1234567;
    return play.clock_is_wrong ? kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_SECURITY_CLOCK,
                                         KT_P_TEXT("detail", "nobody keeps it right"))
                               : KT_OK;
}

void __wrap_kt_security_refused(struct kt_work *w, const char *code, const char *partner,
                                const char *address)
{
    assert_non_null(w);
    assert_non_null(address);
    play.audits++;
    (void)snprintf(play.audit, sizeof play.audit, "%s", code);
    (void)snprintf(play.audit_partner, sizeof play.audit_partner, "%s",
                   partner == NULL ? "?" : partner);
}

void __wrap_kt_security_weak(struct kt_work *w, const char *partner)
{
    assert_non_null(w);
    assert_string_equal(partner, "sap");
    play.weak++;
}

enum kt_rc __wrap_kt_inbound_burn(struct kt_desk *desk, const char *partner,
                                  const struct kt_replay *replay, struct kt_err *e)
{
    assert_non_null(desk);
    assert_string_equal(partner, "sap");
    assert_true(kt_str_is(replay->key, "k1") && replay->until_us == 99);
    play.burns++;
    return play.burned == KT_OK ? KT_OK
                                : kt_fail(e, play.burned, KT_RECORD, play.burned_code,
                                          KT_P_TEXT("partner", partner));
}

/* --- a door --- */

/* The client certificate that comes with the connection. The partner is given its own only while it
 * shows it: who has one must. */
static inline void show(struct gate *g, const char *print)
{
    g->q.fingerprint = print;
    g->partner[0].certificates.count = strcmp(print, PRINT_SAP) == 0;
}

/* Each test speaks from an address of its own: refusals are remembered for the whole process. */
static inline void open_door(struct gate *g, const char *address)
{
    static int site;
    open_gate(g);
    memset(&play, 0, sizeof play);
    play.required = KT_WSS_SIGNATURE;
    play.policy = "signed";
    play.signer = "ff";
    g->f.site.wss = (struct kt_wss_site *)(void *)&site;
    g->partner[0].wss = "signed";
    g->q.address = address;
    show(g, "");
}

static inline void close_door(struct gate *g)
{
    assert_int_equal(play.holds, 0);
    close_gate(g);
}

static inline unsigned push(struct gate *g, const char *xml)
{
    return post(g, kt_push_handle, PUSH_PATH, xml);
}

static inline unsigned believed(struct gate *g, const char *xml)
{
    play.xml = xml;
    return push(g, SECURED "<Other/>" TAIL);
}

static inline enum kt_entry admitted(struct gate *g)
{
    struct kt_door_parts parts;
    kt_door_parts(&parts, &g->conf, &g->f.site, NULL, 0, &g->f.log, g->arena);
    g->r = (struct kt_reply){ .status = 500 };
    for (size_t i = 0; i < parts.routes; i++) {
        if (strcmp(parts.route[i].path, PUSH_PATH) == 0)
            return parts.route[i].admits(parts.route[i].context, &g->q, &g->r, g->arena);
    }
    fail_msg("there is no route");
    return KT_ENTRY_REFUSED;
}

#endif
