/* Partners of a Kontor that is measured: their keys, and messages, each signed anew.
 *
 *   wss_sender keys FOLDER                                 rsa, ec, cbc, box: NAME.pem, NAME.key
 *   wss_sender make FOLDER KIND TEMPLATE COUNT FIRST OUT   COUNT messages, a NUL between them
 *
 * KIND: "digest" (a UsernameToken of user "digest", password "secret"), "rsa" and "ec" (X.509
 * signature), "sealed" (signed by cbc, then encrypted for box). TEMPLATE: an Envelope; each run of
 * 6 to 18 '#' in it becomes a number that no other message has, counted from FIRST. What is sent is
 * what Kontor itself sends as a client. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "wss_place.h"

enum { MESSAGE_MAX = 16 << 20, WORDS = 8 };

static _Noreturn void end(const char *what, const char *why)
{
    (void)fprintf(stderr, "wss_sender: %s: %s\n", what, why);
    exit(2); /* NOLINT(concurrency-mt-unsafe): the only thread */
}

static struct kt_conf_texts one(struct kt_arena *a, const char *first, const char *second)
{
    const char **item = KT_NEW_ARRAY(a, 2, const char *);
    item[0] = first;
    item[1] = second;
    return (struct kt_conf_texts){ .item = item, .count = second != NULL ? 2 : 1 };
}

/* A site as the partner has it. */
static struct kt_wss_ring *open_ring(struct kt_wss_site **site, const char *folder,
                                     const char *kind, struct kt_arena *a)
{
    static const struct kt_log quiet = { .least = KT_LOG_ERROR };
    const bool is_sealed = strcmp(kind, "sealed") == 0;
    const char *signer = is_sealed ? "cbc" : kind;
    const bool is_digest = strcmp(kind, "digest") == 0;
    struct kt_wss_policy_conf policy = {
        .name = kind, .skew_s = 60, .lifetime_s = 300, .crl_age_s = 86400
    };
    const struct kt_wss_key_conf key = { "ours", KT_WSS_FOR_SIGNING, KT_WSS_ACTIVE,
                                         kt_format(a, "%s/%s.pem", folder, signer),
                                         kt_format(a, "%s/%s.key", folder, signer) };
    const struct kt_wss_conf conf = { &key, is_digest ? 0 : 1, &policy, 1 };
    struct kt_err e = { 0 };
    policy.gives =
        one(a, is_digest ? "username-digest" : "signature", is_sealed ? "encryption" : NULL);
    if (is_sealed)
        policy.recipient = kt_format(a, "%s/box.pem", folder);
    if (is_digest) {
        policy.user = "digest";
        policy.password = "secret";
    }
    const char *why = kt_wss_policy_check(&policy, &conf, a);
    if (why != NULL)
        end(kind, why);
    if (kt_wss_site_open(site, &conf, &quiet, &e) != KT_OK)
        end(kt_code_name(e.v.code), e.trail);
    return kt_wss_hold(*site);
}

static char *read_text(const char *path, size_t *n)
{
    FILE *in = fopen(path, "rb");
    char *text = malloc(MESSAGE_MAX);
    if (in == NULL || text == NULL)
        end(path, "cannot be read");
    *n = fread(text, 1, MESSAGE_MAX, in);
    (void)fclose(in);
    return text;
}

/* The places for numbers, filled. */
static void fill(char *text, size_t n, unsigned long long *number)
{
    for (size_t i = 0; i < n;) {
        size_t width = 0;
        while (i + width < n && text[i + width] == '#')
            width++;
        if (width >= 6 && width <= 18) {
            unsigned long long rest = (*number)++;
            for (size_t at = width; at-- > 0; rest /= 10)
                text[i + at] = (char)('0' + rest % 10);
        }
        i += width > 0 ? width : 1;
    }
}

static void make(char **word)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_arena *each = kt_arena_new();
    struct kt_wss_site *site = NULL;
    struct kt_wss_ring *ring = open_ring(&site, word[2], word[3], a);
    size_t n = 0;
    char *template = read_text(word[4], &n);
    const unsigned long count = strtoul(word[5], NULL, 10);
    unsigned long long number = strtoull(word[6], NULL, 10);
    FILE *out = fopen(word[7], "wb");
    if (out == NULL)
        end(word[7], "cannot be written");
    for (unsigned long i = 0; i < count; i++) {
        struct kt_err e = { 0 };
        struct kt_buf sealed;
        kt_arena_reset(each);
        char *text = kt_alloc(each, n + 1);
        memcpy(text, template, n);
        fill(text, n, &number);
        kt_buf_init(&sealed, each, MESSAGE_MAX);
        if (kt_wss_seal(ring, word[3], (struct kt_str){ text, n }, NULL, kt_now_us(), &sealed, NULL,
                        each, &e) != KT_OK)
            end(kt_code_name(e.v.code), e.trail);
        const struct kt_str made = kt_buf_view(&sealed);
        if (fwrite(made.p, 1, made.n, out) != made.n || fputc('\0', out) == EOF)
            end(word[7], "cannot be written");
    }
    if (fclose(out) != 0)
        end(word[7], "cannot be written");
    free(template);
    kt_wss_release(ring);
    kt_wss_site_close(site);
    kt_arena_free(each);
    kt_arena_free(a);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "keys") == 0) {
        struct wss_place place;
        wss_place_open(&place, argv[2], kt_now_us());
        wss_place_close(&place);
        return 0;
    }
    if (argc != WORDS || strcmp(argv[1], "make") != 0)
        end("words", "keys FOLDER, or make FOLDER KIND TEMPLATE COUNT FIRST OUT");
    make(argv);
    return 0;
}
