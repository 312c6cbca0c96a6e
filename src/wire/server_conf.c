/* The settings of a listener and what their texts mean: roles, addresses, proxies. Pure, any
 * thread; the configuration reads them, server*.c uses them. */
#include "wire/server_inner.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

const char *const kt_role_names[] = { "push", "webhook", "admin", "metrics", "documents", NULL };

#define OPT(n, t, m, ...)                                                               \
    {                                                                                   \
        .name = n, .type = t, .offset = offsetof(struct kt_listen_conf, m), __VA_ARGS__ \
    }
const struct kt_opt kt_listen_opts[] = {
    OPT("address", KT_OPT_TEXT, address, .def = "127.0.0.1",
        .help = "Address to listen on; 0.0.0.0 or :: for all of this machine"),
    OPT("admin_outside", KT_OPT_BOOL, admin_outside, .def = "false",
        .help = "Whether roles admin and metrics may be on an address that other machines reach"),
    OPT("body_rate", KT_OPT_SIZE, body_rate, .def = "1k", .min = 1, .max = INT64_C(1) << 30,
        .help = "Least bytes a second of a request's body, counted over each head_timeout"),
    OPT("certificate", KT_OPT_FILE, certificate,
        .help = "Certificate (PEM) and its chain; without it plain HTTP"),
    OPT("client_ca", KT_OPT_FILE, client_ca,
        .help = "Certificates (PEM) that may sign client certificates; without it any is taken "
                "and told apart by its fingerprint alone"),
    OPT("connections", KT_OPT_NUMBER, connections, .def = "4096", .min = 1, .max = 100000,
        .help = "Most connections at a time"),
    OPT("connections_per_address", KT_OPT_NUMBER, connections_per_address, .def = "1024", .min = 1,
        .max = 100000,
        .help = "Most connections of one address (IPv6: of one /64); trusted_proxies have no limit "
                "of their own"),
    OPT("head_timeout", KT_OPT_SECS, head_s, .def = "10", .min = 1, .max = 600,
        .help = "Longest time for TLS handshake and head of a request together"),
    OPT("idle_timeout", KT_OPT_SECS, idle_s, .def = "60", .min = 1, .max = 3600,
        .help = "Longest time between two requests of a connection"),
    OPT("key", KT_OPT_FILE, key,
        .help = "The certificate's private key (PEM, readable by the owner only)"),
    OPT("port", KT_OPT_NUMBER, port, .flags = KT_OPT_REQUIRED, .min = 0, .max = 65535,
        .help = "Port; 0 takes any free one"),
    OPT("request_timeout", KT_OPT_SECS, request_s, .def = "300", .min = 1, .max = 86400,
        .help = "Longest time for a whole request to come in"),
    OPT("roles", KT_OPT_LIST, roles, .flags = KT_OPT_REQUIRED,
        .help = "What it is for: push, webhook, documents, admin, metrics"),
    OPT("trusted_proxies", KT_OPT_LIST, trusted_proxies,
        .help = "Addresses (10.0.0.7, 10.0.0.0/8) whose X-Forwarded-For is believed"),
    OPT("write_timeout", KT_OPT_SECS, write_s, .def = "30", .min = 1, .max = 3600,
        .help = "Longest time until a reply is taken; 1 s more for each 64 kB of it"),
    { 0 },
};

bool kt_addr_parse(struct kt_addr *out, const char *text)
{
    struct in_addr v4;
    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, text, &v4) == 1) {
        out->byte[10] = out->byte[11] = 0xff; /* as IPv6 writes IPv4 */
        memcpy(out->byte + 12, &v4, 4);
        return true;
    }
    return inet_pton(AF_INET6, text, out->byte) == 1;
}

bool kt_addr_is_v4(const struct kt_addr *a)
{
    static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    return memcmp(a->byte, mapped, sizeof(mapped)) == 0;
}

void kt_addr_text(const struct kt_addr *a, char *out)
{
    const char *made = kt_addr_is_v4(a) ? inet_ntop(AF_INET, a->byte + 12, out, KT_ADDR_TEXT_MAX)
                                        : inet_ntop(AF_INET6, a->byte, out, KT_ADDR_TEXT_MAX);
    KT_ASSERT(made != NULL); /* it fits */
}

bool kt_addr_is_local(const struct kt_addr *a)
{
    static const unsigned char one[16] = { [15] = 1 };
    return kt_addr_is_v4(a) ? a->byte[12] == 127 : memcmp(a->byte, one, sizeof(one)) == 0;
}

bool kt_net_parse(struct kt_net *out, const char *text)
{
    char address[KT_ADDR_TEXT_MAX];
    const char *slash = strchr(text, '/');
    size_t n = slash == NULL ? strlen(text) : (size_t)(slash - text);
    if (n >= sizeof(address))
        return false;
    memcpy(address, text, n);
    address[n] = '\0';
    if (!kt_addr_parse(&out->addr, address))
        return false;
    unsigned most = kt_addr_is_v4(&out->addr) ? 32 : 128;
    unsigned bits = most;
    if (slash != NULL) {
        size_t digits = strspn(slash + 1, "0123456789");
        if (digits == 0 || digits > 3 || slash[1 + digits] != '\0')
            return false;
        bits = 0;
        for (size_t i = 0; i < digits; i++)
            bits = bits * 10 + (unsigned)(slash[1 + i] - '0');
        if (bits > most)
            return false;
    }
    out->bits = bits + (128 - most);
    return true;
}

bool kt_net_has(const struct kt_net *net, const struct kt_addr *a)
{
    size_t whole = net->bits / 8;
    if (memcmp(net->addr.byte, a->byte, whole) != 0)
        return false;
    unsigned rest = net->bits % 8;
    if (rest == 0)
        return true;
    unsigned mask = (0xffU << (8 - rest)) & 0xffU;
    return ((net->addr.byte[whole] ^ a->byte[whole]) & mask) == 0;
}

bool kt_listen_is_address(const char *address)
{
    struct kt_addr a;
    return kt_addr_parse(&a, address);
}

bool kt_listen_is_local(const char *address)
{
    struct kt_addr a;
    return kt_addr_parse(&a, address) && kt_addr_is_local(&a);
}

bool kt_listen_is_proxy(const char *text)
{
    struct kt_net net;
    return kt_net_parse(&net, text);
}
