#ifndef KT_WSS_PROBE_H
#define KT_WSS_PROBE_H

#include "base/json.h"

/* A job of wss_probe's: the request as JSON, and members of the answer. */
struct probe_job {
    const struct kt_json *ask;
    struct kt_buf *out;
    struct kt_arena *a;
    bool is_first; /* no member was written yet */
};

void probe_text(struct probe_job *job, const char *name, struct kt_str value); /* absent: null */
void probe_number(struct probe_job *job, const char *name, int64_t value);
void probe_flag(struct probe_job *job, const char *name, bool value);
void probe_base64(struct probe_job *job, const char *name, struct kt_str octets);
/* The octets of `file` or `base64`; absent: neither can be read. */
struct kt_str probe_octets(struct probe_job *job);
bool probe_asks(const struct probe_job *job, const char *name); /* "name": true */
int64_t probe_int(const struct probe_job *job, const char *name, int64_t otherwise);

/* wss_probe_value.c: canonical octets of an element, and whether a SignatureValue fits a key. */
void probe_canonical(struct probe_job *job);
void probe_signature(struct probe_job *job);

#endif
