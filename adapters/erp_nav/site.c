/* The site's own names over our defaults, once per session. Pure; called by adapter.c. */
#include "site.h"

#include <string.h>

static void put_encoded(struct kt_buf *out, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    for (const char *p = text; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
        if (is_plain) {
            kt_buf_char(out, (char)c);
            continue;
        }
        kt_buf_char(out, '%');
        kt_buf_char(out, hex[c >> 4]);
        kt_buf_char(out, hex[c & 15]);
    }
}

static const char *encoded(const char *text, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, strlen(text) * 3 + 1);
    put_encoded(&out, text);
    KT_ASSERT(kt_buf_ok(&out));
    return kt_buf_view(&out).p;
}

/* kind: "Page" or "Codeunit". The company is never left out: NAV would answer for another one. */
static const char *path_of(const struct kt_nav_conf *c, const char *kind, const char *service,
                           struct kt_arena *a)
{
    const char *path =
        kt_format(a, "/WS/%s/%s/%s", encoded(c->company, a), kind, encoded(service, a));
    if (c->tenant == NULL || c->tenant[0] == '\0')
        return path;
    return kt_format(a, "%s?tenant=%s", path, encoded(c->tenant, a));
}

static const char *service_of(const struct kt_nav_conf *c, const char *role, const char *plain)
{
    struct kt_str own = kt_nav_conf_of(&c->services, kt_str_of(role));
    return own.n > 0 ? own.p : plain;
}

static struct kt_str field_of(const struct kt_nav_conf *c, const struct kt_nav_page *page,
                              const struct kt_nav_field *field, struct kt_arena *a)
{
    const char *ours = kt_format(a, "%s.%s", page->role, field->name);
    struct kt_str own = kt_nav_conf_of(&c->fields, kt_str_of(ours));
    return own.n > 0 ? own : kt_str_of(field->name);
}

static void make_place(struct kt_nav_place *place, enum kt_nav_role role,
                       const struct kt_nav_conf *c, struct kt_arena *a)
{
    const struct kt_nav_page *page = &kt_nav_page_of[role];
    KT_ASSERT(page->fields <= KT_NAV_FIELDS);
    place->service = service_of(c, page->role, page->service);
    place->label = kt_format(a, "Page/%s", place->service);
    place->path = path_of(c, "Page", place->service, a);
    place->ns = kt_format(a, "urn:microsoft-dynamics-schemas/page/%s",
                          kt_str_lower(a, kt_str_of(place->service)).p);
    for (size_t i = 0; i < page->fields; i++)
        place->field[i] = field_of(c, page, &page->field[i], a);
    for (size_t i = 0; i < c->without.count; i++)
        place->is_spared = place->is_spared || strcmp(c->without.item[i], page->role) == 0;
}

void kt_nav_site_make(struct kt_nav_site *site, const struct kt_nav_conf *c, struct kt_arena *a)
{
    *site = (struct kt_nav_site){ .extras = c->attributes.count };
    for (unsigned i = 0; i < KT_NAV_ROLES; i++)
        make_place(&site->page[i], (enum kt_nav_role)i, c, a);
    site->codeunit = service_of(c, "codeunit", "KontorService");
    site->codeunit_path = path_of(c, "Codeunit", site->codeunit, a);
    site->extra_name = KT_NEW_ARRAY(a, site->extras + 1, struct kt_str);
    site->extra_code = KT_NEW_ARRAY(a, site->extras + 1, struct kt_str);
    for (size_t i = 0; i < site->extras; i++) {
        const char *item = c->attributes.item[i];
        size_t n = strcspn(item, "=");
        site->extra_name[i] = kt_str_copy(a, (struct kt_str){ item, n });
        site->extra_code[i] = kt_str_of(item + n + 1);
    }
}
