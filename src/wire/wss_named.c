/* Whom a message names as its sender, read off its octets before a tree is made of it: a few copies
 * of what stands in the Security header. It proves nothing, and what it overlooks is a stranger's.
 * Pure; any thread. Called by door/sender.c. */
#include "base/xml_read.h"
#include "wire/wss_ring.h"

enum { SECURITY_MAX = 256 * 1024, TEXT_MAX = 32 * 1024, ISSUER_MAX = 1024 };

static const struct kt_str absent = { NULL, 0 };

/* The content of the first element of that name at this depth, as the content of one of our own,
 * so that what is looked for in it stands at depth 2. */
static struct kt_str content(struct kt_str xml, const char *name, unsigned depth,
                             struct kt_arena *a)
{
    const struct kt_str raw = kt_xml_inside(xml, name, depth);
    struct kt_buf b;
    if (raw.p == NULL || raw.n > SECURITY_MAX)
        return absent;
    kt_buf_init(&b, a, raw.n + 8);
    kt_buf_text(&b, "<t>");
    kt_buf_str(&b, raw);
    kt_buf_text(&b, "</t>");
    KT_ASSERT(kt_buf_ok(&b));
    return kt_buf_view(&b);
}

/* Its text, without blanks around it. */
static struct kt_str text(struct kt_str xml, const char *name, struct kt_arena *a)
{
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found;
    const struct kt_str one = content(xml, name, 2, a);
    if (one.p == NULL || one.n > TEXT_MAX || kt_xml_parse(&root, one, &found, a) != KT_XML_OK)
        return absent;
    return kt_wss_trim(root->text);
}

static struct kt_str octets(struct kt_str xml, const char *name, struct kt_arena *a)
{
    const struct kt_str base64 = text(xml, name, a);
    return base64.n == 0 ? absent : kt_wss_octets(base64, KT_WSS_CERTIFICATE_MAX, a);
}

static const char *find(const struct kt_wss_ring *ring, enum kt_wss_key_form form,
                        struct kt_wss_key_name name, struct kt_arena *a)
{
    struct kt_wss_signer signer;
    struct kt_wss_opened out = { 0 };
    struct kt_err e = { 0 };
    name.form = form;
    if ((form == KT_WSS_KEY_ISSUER ? name.serial.n : name.octets.n) == 0)
        return NULL;
    return kt_wss_signer_find(&signer, ring, &name, &out, a, &e) == KT_OK
               ? kt_wss_policy_conf(signer.policy)->name
               : NULL;
}

/* X509Data */
static const char *by_data(const struct kt_wss_ring *ring, struct kt_str data, struct kt_arena *a)
{
    const struct kt_str pair = content(data, "X509IssuerSerial", 2, a);
    const struct kt_wss_key_name whole = { .octets = octets(data, "X509Certificate", a) };
    const struct kt_wss_key_name ski = { .octets = octets(data, "X509SKI", a) };
    const struct kt_wss_key_name issuer = { .issuer = text(pair, "X509IssuerName", a),
                                            .serial = text(pair, "X509SerialNumber", a) };
    const char *policy = find(ring, KT_WSS_KEY_CERTIFICATE, whole, a);
    if (policy == NULL)
        policy = find(ring, KT_WSS_KEY_SKI, ski, a);
    if (policy == NULL && issuer.issuer.n <= ISSUER_MAX && issuer.serial.n <= ISSUER_MAX)
        policy = find(ring, KT_WSS_KEY_ISSUER, issuer, a);
    return policy;
}

/* What KeyIdentifier holds says an attribute, which is not read here: no two of them are alike. */
static const char *by_identifier(const struct kt_wss_ring *ring, struct kt_str reference,
                                 struct kt_arena *a)
{
    static const enum kt_wss_key_form form[] = { KT_WSS_KEY_CERTIFICATE, KT_WSS_KEY_SKI,
                                                 KT_WSS_KEY_THUMBPRINT };
    const struct kt_wss_key_name name = { .octets = octets(reference, "KeyIdentifier", a) };
    const char *policy = NULL;
    for (size_t i = 0; policy == NULL && i < KT_COUNT(form); i++)
        policy = find(ring, form[i], name, a);
    return policy;
}

const char *kt_wss_named(const struct kt_wss_ring *ring, struct kt_str xml, struct kt_arena *a)
{
    const struct kt_str header = kt_xml_inside(xml, "Header", 2);
    if (header.p == NULL)
        return NULL;
    const struct kt_str until = kt_str_part(xml, 0, (size_t)(header.p - xml.p) + header.n);
    const struct kt_str security = content(until, "Security", 3, a);
    const struct kt_str info = content(content(security, "Signature", 2, a), "KeyInfo", 2, a);
    const struct kt_str reference = content(info, "SecurityTokenReference", 2, a);
    const struct kt_wss_key_name token = { .octets = octets(security, "BinarySecurityToken", a) };
    const char *policy = by_identifier(ring, reference, a);
    if (policy == NULL)
        policy = by_data(ring, content(reference, "X509Data", 2, a), a);
    if (policy == NULL)
        policy = by_data(ring, content(info, "X509Data", 2, a), a);
    if (policy == NULL)
        policy = find(ring, KT_WSS_KEY_TOKEN, token, a);
    if (policy != NULL)
        return policy;
    const struct kt_str user = text(content(security, "UsernameToken", 2, a), "Username", a);
    const struct kt_wss_policy *of_user =
        user.n == 0 || user.n > ISSUER_MAX ? NULL : kt_wss_policy_of_user(ring, user);
    return of_user == NULL ? NULL : kt_wss_policy_conf(of_user)->name;
}
