/* Reads the command line by tables of flags. Main thread; called by cli.c, the values are asked for
 * by the commands. */
#include "app/args.h"

#include <string.h>

/* The flag of this name in either table, or NULL. A word like "--wait=5" matches "--wait". */
static const struct kt_flag *flag_of(const char *word, size_t n, const struct kt_flag *flags,
                                     const struct kt_flag *more)
{
    const struct kt_flag *tables[] = { flags, more };
    for (size_t t = 0; t < KT_COUNT(tables); t++) {
        for (const struct kt_flag *f = tables[t]; f != NULL && f->name != NULL; f++) {
            if (strlen(f->name) == n && memcmp(f->name, word, n) == 0)
                return f;
        }
    }
    return NULL;
}

const char *kt_args_read(struct kt_args *out, int argc, const char *const *argv,
                         const struct kt_flag *flags, const struct kt_flag *more,
                         struct kt_arena *a)
{
    bool only_words = false;
    *out = (struct kt_args){ 0 };
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        size_t n = strcspn(word, "=");
        if (out->words == KT_ARGS_MAX || out->flags == KT_ARGS_MAX)
            return "too many arguments";
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
            continue;
        }
        if (only_words || word[0] != '-' || word[1] == '\0') {
            out->word[out->words++] = word;
            continue;
        }
        const struct kt_flag *f = flag_of(word, n, flags, more);
        if (f == NULL)
            return kt_format(a, "there is no option %.*s", (int)n, word);
        if (f->value == NULL && word[n] == '=')
            return kt_format(a, "%s takes no value", f->name);
        const char *value = word[n] == '=' ? word + n + 1 : "";
        if (f->value != NULL && word[n] != '=') {
            if (i + 1 == argc)
                return kt_format(a, "%s needs a value: %s", f->name, f->value);
            value = argv[++i];
        }
        out->flag[out->flags] = f->name;
        out->value[out->flags++] = value;
    }
    return NULL;
}

const char *kt_args_command(int argc, const char *const *argv, const struct kt_flag *flags)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        size_t n = strcspn(word, "=");
        const struct kt_flag *f = flag_of(word, n, flags, NULL);
        if (word[0] != '-')
            return word;
        if (f == NULL)
            return NULL;
        if (f->value != NULL && word[n] != '=')
            i++;
    }
    return NULL;
}

const char *kt_args_value(const struct kt_args *args, const char *flag)
{
    for (size_t i = args->flags; i > 0; i--) { /* the last one wins */
        if (strcmp(args->flag[i - 1], flag) == 0)
            return args->value[i - 1];
    }
    return NULL;
}

bool kt_args_has(const struct kt_args *args, const char *flag)
{
    return kt_args_value(args, flag) != NULL;
}

bool kt_args_number(int64_t *out, const char *text, int64_t most)
{
    int64_t value = 0;
    if (text[0] == '\0')
        return false;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p < '0' || *p > '9')
            return false;
        int digit = *p - '0';
        if (most < digit || value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}
