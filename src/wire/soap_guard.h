#ifndef KT_WIRE_SOAP_GUARD_H
#define KT_WIRE_SOAP_GUARD_H

#include <stdbool.h>

#include "base/conf.h"

struct kt_wss_site;

/* WS-Security of a connection on which we ask (docs/ws-security.md): each request is sealed as the
 * policy gives it, anew for each attempt, and an answer is believed only when it is what the policy
 * requires, of its signer, and an answer to this very request. */

/* The settings; put KT_SOAP_GUARD_OPTS(struct x, guard) into the adapter's table. */
struct kt_soap_guard_conf {
    const char *policy; /* name of a section of `wss`; NULL: neither sealed nor opened */
    bool is_addressed;
};

#define KT_SOAP_GUARD_OPTS(s, m)                                                                 \
    { .name = "addressing",                                                                      \
      .type = KT_OPT_BOOL,                                                                       \
      .offset = offsetof(s, m.is_addressed),                                                     \
      .def = "false",                                                                            \
      .help = "Send WS-Addressing headers also where answers are told apart without them (they " \
              "confirm our signature, or need no signature)" },                                  \
    {                                                                                            \
        .name = "wss", .type = KT_OPT_NAME, .offset = offsetof(s, m.policy),                     \
        .help = "Policy of wss by which requests are secured and answers believed; default: "    \
                "none"                                                                           \
    }

/* Of one session; outlives its stubs and raw calls. */
struct kt_soap_guard {
    struct kt_soap_guard_conf conf;
    struct kt_wss_site *site; /* NULL: nothing is configured; with a policy each call fails */
    bool has_said_sha1;
};

#endif
