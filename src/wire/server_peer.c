/* Who is there: how many connections an address has, and whom a proxy speaks for. The table of
 * addresses is shared by the loops; the rest is pure. */
#include "wire/server_inner.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BUCKETS = 1024 };

struct entry {
    struct entry *next;
    size_t listener;
    struct kt_addr addr; /* of IPv6 the /64, since one peer has all of it */
    int64_t open;
};

struct kt_caps {
    pthread_mutex_t lock; /* guards bucket: loop 0 enters, every loop leaves */
    struct entry *bucket[BUCKETS];
};

struct kt_caps *kt_caps_new(void)
{
    struct kt_caps *caps = kt_take(sizeof(*caps));
    (void)pthread_mutex_init(&caps->lock, NULL); /* cannot fail on Linux */
    return caps;
}

void kt_caps_free(struct kt_caps *caps)
{
    if (caps == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (caps->bucket[i] != NULL) {
            struct entry *gone = caps->bucket[i];
            caps->bucket[i] = gone->next;
            free(gone);
        }
    }
    (void)pthread_mutex_destroy(&caps->lock);
    free(caps);
}

struct kt_addr kt_addr_counted(const struct kt_addr *peer)
{
    struct kt_addr a = *peer;
    if (!kt_addr_is_v4(peer))
        memset(a.byte + 8, 0, 8);
    return a;
}

/* Where its entry is linked, or would be. */
static struct entry **find(struct kt_caps *caps, size_t listener, const struct kt_addr *addr)
{
    uint32_t h = 2166136261U ^ (uint32_t)listener;
    for (size_t i = 0; i < sizeof(addr->byte); i++)
        h = (h ^ addr->byte[i]) * 16777619U;
    struct entry **at = &caps->bucket[h % BUCKETS];
    while (*at != NULL &&
           ((*at)->listener != listener || memcmp(&(*at)->addr, addr, sizeof(*addr)) != 0))
        at = &(*at)->next;
    return at;
}

bool kt_caps_enter(struct kt_caps *caps, struct kt_listener *l, const struct kt_addr *peer)
{
    struct kt_addr addr = kt_addr_counted(peer);
    if (atomic_load(&l->open) >= l->conf->connections)
        return false;
    int64_t most = kt_peer_is_proxy(l, peer) ? INT64_MAX : l->conf->connections_per_address;
    (void)pthread_mutex_lock(&caps->lock);
    struct entry **at = find(caps, l->index, &addr);
    bool may = *at == NULL || (*at)->open < most;
    if (may) {
        if (*at == NULL) {
            *at = kt_take(sizeof(**at));
            (*at)->listener = l->index;
            (*at)->addr = addr;
        }
        (*at)->open++;
        (void)atomic_fetch_add(&l->open, 1);
    }
    (void)pthread_mutex_unlock(&caps->lock);
    return may;
}

void kt_caps_leave(struct kt_caps *caps, struct kt_listener *l, const struct kt_addr *peer)
{
    struct kt_addr addr = kt_addr_counted(peer);
    (void)pthread_mutex_lock(&caps->lock);
    struct entry **at = find(caps, l->index, &addr);
    KT_ASSERT(*at != NULL && (*at)->open > 0);
    if (--(*at)->open == 0) {
        struct entry *gone = *at;
        *at = gone->next;
        free(gone);
    }
    (void)atomic_fetch_sub(&l->open, 1);
    (void)pthread_mutex_unlock(&caps->lock);
}

bool kt_peer_is_proxy(const struct kt_listener *l, const struct kt_addr *peer)
{
    for (size_t i = 0; i < l->proxies; i++) {
        if (kt_net_has(&l->proxy[i], peer))
            return true;
    }
    return false;
}

/* One hop: "203.0.113.7", "203.0.113.7:4711", "[2001:db8::1]:4711", "2001:db8::1". */
static bool read_hop(struct kt_addr *out, struct kt_str hop)
{
    char text[KT_ADDR_TEXT_MAX];
    hop = kt_str_trim(hop);
    if (hop.n > 0 && hop.p[0] == '[') {
        const char *end = memchr(hop.p, ']', hop.n);
        if (end == NULL)
            return false;
        hop = (struct kt_str){ hop.p + 1, (size_t)(end - hop.p) - 1 };
    } else if (hop.n > 0) {
        const char *colon = memchr(hop.p, ':', hop.n);
        const char *last = memrchr(hop.p, ':', hop.n);
        if (colon != NULL && colon == last)
            hop.n = (size_t)(colon - hop.p);
    }
    if (hop.n == 0 || hop.n >= sizeof(text))
        return false;
    memcpy(text, hop.p, hop.n);
    text[hop.n] = '\0';
    return kt_addr_parse(out, text);
}

static bool is_forwarded_for(struct kt_str name)
{
    return name.n == 15 && strncasecmp(name.p, "X-Forwarded-For", 15) == 0;
}

/* From the last field to the first and in it from right to left: each hop was written by the one
 * behind it, so the first that is no trusted proxy is the last one we can believe. */
void kt_peer_of(const struct kt_listener *l, const struct kt_addr *peer,
                const struct kt_http_head *head, struct kt_addr *out)
{
    *out = *peer;
    if (!kt_peer_is_proxy(l, peer))
        return;
    for (size_t i = head->fields; i > 0; i--) {
        if (!is_forwarded_for(head->field[i - 1].name))
            continue;
        struct kt_str value = head->field[i - 1].value;
        while (value.n > 0) {
            const char *comma = memrchr(value.p, ',', value.n);
            size_t from = comma == NULL ? 0 : (size_t)(comma - value.p) + 1;
            struct kt_addr hop;
            if (!read_hop(&hop, kt_str_part(value, from, value.n)))
                return;
            *out = hop;
            if (!kt_peer_is_proxy(l, &hop))
                return;
            value.n = comma == NULL ? 0 : from - 1;
        }
    }
}
