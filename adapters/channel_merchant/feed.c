/* The feed: head, an item per offer, foot; written piece by piece. A feed that has become much
 * smaller is not put in place: who lists what is gone loses its history at the portal, and half a
 * database looks like that. Called by flow through the table, on the push thread. */
#include <string.h>

#include "adapters/channel_merchant/session.h"
#include "base/xml_write.h"

enum { PIECE_BYTES = 256 << 10, ITEM_BYTES = 1 << 20 };

/* What is written and not yet in the file. */
struct writing {
    struct kt_channel *channel;
    struct merchant_file file;
    struct kt_arena *piece_arena; /* of the piece at hand */
    struct kt_arena *item_arena;  /* of the item at hand */
    struct kt_buf piece;
    int64_t items;
    int64_t left_out;
};

static void new_piece(struct writing *w)
{
    kt_arena_reset(w->piece_arena);
    kt_buf_init(&w->piece, w->piece_arena, PIECE_BYTES + ITEM_BYTES);
}

static enum kt_rc flush(struct writing *w, struct kt_err *e)
{
    KT_ASSERT(kt_buf_ok(&w->piece));
    enum kt_rc rc = merchant_file_put(&w->file, kt_buf_view(&w->piece), e);
    new_piece(w);
    return rc;
}

/* Up to the pattern's path: the shop itself. */
static struct kt_str shop_of(const char *link)
{
    const struct kt_str text = kt_str_of(link);
    const char *host = strstr(link, "://") + 3;
    return kt_str_part(text, 0, (size_t)(host - link) + strcspn(host, "/?#{"));
}

static void put_head(struct writing *w)
{
    const struct merchant_conf *conf = w->channel->conf;
    kt_buf_text(&w->piece,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<rss version=\"2.0\" xmlns:g=\"http://base.google.com/ns/1.0\">\n<channel>\n");
    kt_xml_put_leaf(&w->piece, "title", kt_str_of(conf->title));
    kt_xml_put_leaf(&w->piece, "link", shop_of(conf->link));
    kt_xml_put_leaf(&w->piece, "description", kt_str_of(conf->title));
    kt_buf_char(&w->piece, '\n');
}

static enum kt_rc put_offer(struct writing *w, const struct kt_offer *offer, struct kt_err *e)
{
    struct kt_buf item;
    kt_arena_reset(w->item_arena);
    kt_buf_init(&item, w->item_arena, ITEM_BYTES);
    if (!merchant_put_item(w->channel, offer, &item, w->item_arena)) {
        w->left_out++;
        return KT_OK;
    }
    w->items++;
    kt_buf_str(&w->piece, kt_buf_view(&item));
    return kt_buf_view(&w->piece).n >= PIECE_BYTES ? flush(w, e) : KT_OK;
}

static enum kt_rc put_offers(struct writing *w, struct kt_offers *offers, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t count = 1; rc == KT_OK && count > 0;) {
        const struct kt_offer *offer = NULL;
        rc = offers->next(offers, &offer, &count, e);
        for (size_t i = 0; rc == KT_OK && i < count; i++)
            rc = put_offer(w, &offer[i], e);
    }
    return rc;
}

static enum kt_rc write_all(struct writing *w, struct kt_offers *offers, struct kt_err *e)
{
    put_head(w);
    enum kt_rc rc = put_offers(w, offers, e);
    if (rc != KT_OK)
        return rc;
    kt_buf_format(&w->piece, "</channel>\n</rss>\n<!-- %lld items -->\n", (long long)w->items);
    return flush(w, e);
}

static enum kt_rc check_size(const struct writing *w, struct kt_arena *a, struct kt_err *e)
{
    const struct merchant_conf *conf = w->channel->conf;
    const int64_t had = merchant_file_items(conf, a);
    const int64_t gone = had > w->items ? had - w->items : 0;
    if (gone == 0 || gone * 100 <= had * conf->shrink_percent)
        return KT_OK;
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_FEED_SHRINKS, KT_P_TEXT("file", conf->file),
                   KT_P_NUM("had", had), KT_P_NUM("has", w->items));
}

/* The same as this session wrote last, and it is still there; an empty one never comes first. */
static bool is_needless(struct writing *w, const uint8_t hash[KT_HASH_BYTES], struct kt_arena *a)
{
    const struct kt_channel *channel = w->channel;
    const bool is_there = merchant_file_is_there(channel->conf, a);
    if (!is_there)
        return w->items == 0;
    return channel->has_written && memcmp(channel->written, hash, KT_HASH_BYTES) == 0;
}

enum kt_rc merchant_compose(struct kt_channel *channel, struct kt_offers *offers,
                            struct kt_composed *done, struct kt_arena *a, struct kt_err *e)
{
    struct writing w = { .channel = channel };
    uint8_t hash[KT_HASH_BYTES];
    w.piece_arena = kt_arena_new();
    w.item_arena = kt_arena_new();
    new_piece(&w);
    enum kt_rc rc = merchant_file_begin(&w.file, channel->conf, a, e);
    if (rc == KT_OK)
        rc = write_all(&w, offers, e);
    if (rc == KT_OK)
        rc = check_size(&w, a, e);
    if (rc != KT_OK)
        goto out;
    kt_hash_end(w.file.hash, hash);
    *done = (struct kt_composed){ .offers = w.items, .left_out = w.left_out };
    if (is_needless(&w, hash, a))
        goto out;
    rc = merchant_file_end(&w.file, e);
    if (rc != KT_OK)
        goto out;
    memcpy(channel->written, hash, sizeof hash);
    channel->has_written = true;
    done->is_new = true;
out:
    merchant_file_drop(&w.file);
    kt_arena_free(w.piece_arena);
    kt_arena_free(w.item_arena);
    return rc == KT_OK ? rc : kt_trail(e, "feed %s", channel->conf->file);
}
