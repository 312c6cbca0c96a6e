/* What of a ring ends when, for people, warnings and metrics. Any thread. */
#include <string.h>

#include "base/time.h"
#include "wire/wss_ring.h"

struct list {
    struct kt_wss_term *item;
    size_t count;
    struct kt_arena *a;
};

static struct kt_wss_term *add(struct list *l, const char *what, const char *file)
{
    struct kt_wss_term *t = &l->item[l->count++];
    *t = (struct kt_wss_term){ .what = what, .file = kt_text_copy(l->a, file) };
    return t;
}

static struct kt_wss_term *add_certificate(struct list *l, const char *what, const char *file,
                                           const X509 *certificate)
{
    struct kt_wss_term *t = add(l, what, file);
    t->fingerprint = kt_wss_fingerprint(certificate, l->a);
    t->from_us = kt_wss_instant(X509_get0_notBefore(certificate));
    t->until_us = kt_wss_instant(X509_get0_notAfter(certificate));
    return t;
}

/* Several of a kind are numbered, so that each has a name of its own. */
static const char *name_of(struct list *l, const char *kind, size_t i, size_t count,
                           const char *policy)
{
    return count == 1 ? kt_format(l->a, "%s of policy %s", kind, policy)
                      : kt_format(l->a, "%s %zu of policy %s", kind, i + 1, policy);
}

static void add_policy(struct list *l, const struct kt_wss_policy *p)
{
    const char *name = p->conf.name;
    for (size_t i = 0; i < p->signers; i++) {
        if (p->signer[i].certificate != NULL)
            (void)add_certificate(l, name_of(l, "signer", i, p->signers, name), p->signer[i].file,
                                  p->signer[i].certificate);
    }
    for (size_t i = 0; i < p->authorities; i++)
        (void)add_certificate(l, name_of(l, "authority", i, p->authorities, name),
                              p->conf.authority, p->authority[i]);
    if (p->recipient != NULL)
        (void)add_certificate(l, name_of(l, "recipient", 0, 1, name), p->conf.recipient,
                              p->recipient);
    if (p->crl != NULL) {
        struct kt_wss_term *t = add(l, name_of(l, "revocation list", 0, 1, name), p->conf.crl);
        t->is_list = true;
        (void)kt_wss_crl_term(p->crl, &t->from_us, &t->until_us); /* none: both stay 0, over */
    }
}

size_t kt_wss_terms(const struct kt_wss_ring *ring, const struct kt_wss_term **out,
                    struct kt_arena *a)
{
    struct list l = { .a = a };
    size_t room = ring->keys + 1;
    for (size_t i = 0; i < ring->policies; i++)
        room += ring->policy[i].signers + ring->policy[i].authorities + 2;
    l.item = KT_NEW_ARRAY(a, room, struct kt_wss_term);
    for (size_t i = 0; i < ring->keys; i++) {
        const struct kt_wss_key *key = &ring->key[i];
        const char *what = kt_format(a, "key %s", key->conf->name);
        if (key->certificate == NULL)
            continue;
        struct kt_wss_term *t = add_certificate(&l, what, key->conf->certificate, key->certificate);
        t->state = kt_wss_states[key->conf->state];
    }
    for (size_t i = 0; i < ring->policies; i++)
        add_policy(&l, &ring->policy[i]);
    *out = l.item;
    return l.count;
}
