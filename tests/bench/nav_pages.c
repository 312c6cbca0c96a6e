/* Prepared pages of NAV, in a process of their own, so that neither their memory nor their time is
 * the reader's. Called by bench_nav_pull.c. */
#include "nav_pages.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"

/* Where a row says '@', the item's number of eight digits stands. */
struct table {
    const char *service;
    const char *row;
    unsigned rows; /* for each item */
    char *body;
    size_t body_n;
    size_t *place; /* of the numbers */
    size_t places;
};

#define FIELD(name, value) "<" name ">" value "</" name ">"
#define KEYED(text)        "<Key>36;GwAAAAJ7/0kAMAAw@10;133001168" text ";</Key>"

static const char head[] =
    "<Soap:Envelope xmlns:Soap=\"http://schemas.xmlsoap.org/soap/envelope/\">"
    "<Soap:Body><ReadMultiple_Result xmlns=\""
    "urn:microsoft-dynamics-schemas/page/%s\"><ReadMultiple_Result>";
static const char tail[] = "</ReadMultiple_Result></ReadMultiple_Result></Soap:Body>"
                           "</Soap:Envelope>";
static const char empty_tail[] = "</ReadMultiple_Result></Soap:Body></Soap:Envelope>";

static struct table tables[] = {
    { .service = "KontorItem",
      .rows = 1,
      .row = "<KontorItem>" KEYED("1") FIELD("No", "I@") FIELD("Description", "Desk lamp, no. @")
          FIELD("Description_2", "black, with a cable of two metres") FIELD(
              "Type", "Inventory") FIELD("Blocked", "false") FIELD("Base_Unit_of_Measure", "PCS")
              FIELD("Sales_Unit_of_Measure", "PCS") FIELD("Item_Category_Code", "LAMPS") FIELD(
                  "GTIN", "4006381333931") FIELD("Net_Weight", "1.25") FIELD("Gross_Weight", "1.5")
                  FIELD("Tariff_No", "9405 21 90") FIELD("Country_Region_of_Origin_Code", "AT")
                      FIELD("VAT_Prod_Posting_Group", "VAT19") FIELD("Item_Tracking_Code", "")
                          FIELD("Vendor_No", "10000") FIELD("Vendor_Item_No", "FB-@")
                              FIELD("Manufacturer_Code", "FUNKEL") FIELD("Order_Multiple", "0")
                                  FIELD("Unit_Price", "24.9") FIELD("Price_Includes_VAT", "true")
                                      FIELD("Last_Date_Modified", "2026-11-20") "</KontorItem>" },
    { .service = "KontorItemVariant", .rows = 0, .row = "" },
    { .service = "KontorItemReference",
      .rows = 1,
      .row = "<KontorItemReference>" KEYED("2") FIELD("Item_No", "I@") FIELD("Variant_Code", "")
          FIELD("Unit_of_Measure", "PCS") FIELD("Cross_Reference_Type", "Bar_Code")
              FIELD("Cross_Reference_Type_No", "") FIELD("Cross_Reference_No", "R-@")
                  FIELD("Description", "") "</KontorItemReference>" },
    { .service = "KontorItemTranslation",
      .rows = 1,
      .row = "<KontorItemTranslation>" KEYED("3") FIELD("Item_No", "I@") FIELD("Variant_Code", "")
          FIELD("Language_Code", "ENU") FIELD("Description", "Desk lamp number @")
              FIELD("Description_2", "") "</KontorItemTranslation>" },
    { .service = "KontorItemAttribute",
      .rows = 2,
      .row = "<KontorItemAttribute>" KEYED("4") FIELD("Table_ID", "27") FIELD("Item_No", "I@")
          FIELD("Attribute_ID", "4") FIELD("Attribute_Name", "Width")
              FIELD("Attribute_Type", "Decimal") FIELD("Value", "12.5")
                  FIELD("Unit_of_Measure", "CM") "</KontorItemAttribute>" },
    { .service = "KontorItemUnit",
      .rows = 1,
      .row = "<KontorItemUnit>" KEYED("5") FIELD("Item_No", "I@") FIELD("Code", "PCS")
          FIELD("Qty_per_Unit_of_Measure", "1") FIELD("Length", "30") FIELD("Width", "12.5")
              FIELD("Height", "8") FIELD("Weight", "1.5") "</KontorItemUnit>" },
    { .service = "KontorTrackingCode", .rows = 0, .row = "" },
};

static void put_row(struct table *t, struct kt_buf *out)
{
    for (const char *p = t->row; *p != '\0'; p++) {
        if (*p != '@') {
            kt_buf_char(out, *p);
            continue;
        }
        t->place[t->places++] = out->n;
        kt_buf_text(out, "00000000");
    }
}

static unsigned numbers_of(const char *row)
{
    unsigned count = 0;
    for (; *row != '\0'; row++)
        count += *row == '@';
    return count;
}

static void prepare(struct table *t, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, (size_t)64 << 20);
    kt_buf_format(&out, head, kt_str_lower(a, kt_str_of(t->service)).p);
    t->place = KT_NEW_ARRAY(a, (size_t)NAV_PAGE * t->rows * numbers_of(t->row) + 1, size_t);
    for (size_t i = 0; i < (size_t)NAV_PAGE * t->rows; i++)
        put_row(t, &out);
    kt_buf_text(&out, tail);
    KT_ASSERT(kt_buf_ok(&out));
    t->body = out.p;
    t->body_n = out.n;
}

/* The numbers of this page into their places. */
static void set_page(struct table *t, size_t page)
{
    const size_t by_row = numbers_of(t->row);
    for (size_t i = 0; i < t->places; i++) {
        char digits[24];
        const size_t item = page * NAV_PAGE + i / by_row / t->rows;
        (void)snprintf(digits, sizeof digits, "%08zu", item);
        memcpy(t->body + t->place[i], digits, 8);
    }
}

static struct table *table_of(const char *request)
{
    for (size_t i = 0; i < KT_COUNT(tables); i++) {
        char path[80];
        (void)snprintf(path, sizeof path, "/Page/%s ", tables[i].service);
        if (strstr(request, path) != NULL)
            return &tables[i];
    }
    return NULL;
}

/* The eight digits behind the mark, wherever they begin; 0 where there are none. */
static size_t number_behind(const char *request, const char *mark)
{
    char digits[9] = "";
    const char *at = strstr(request, mark);
    if (at != NULL)
        at = strstr(at + strlen(mark), "00"); /* numbers below a million */
    if (at != NULL)
        (void)snprintf(digits, sizeof digits, "%.8s", at);
    return (size_t)strtoul(digits, NULL, 10);
}

/* Which page is meant; false: what lies behind the last one. Items are walked by bookmark, their
 * side tables by range and from there to the end of it. */
static bool page_of(const char *request, const struct table *t, size_t items, size_t *page)
{
    const bool is_walk = t == &tables[0];
    const bool has_mark = strstr(request, "bookmarkKey>") != NULL;
    if (t->rows == 0 || (!is_walk && has_mark))
        return false;
    *page = has_mark ? number_behind(request, "bookmarkKey>") / NAV_PAGE + 1
                     : number_behind(request, "Criteria>") / NAV_PAGE;
    return *page * NAV_PAGE < items;
}

static bool send_all(int c, const char *text, size_t n, int flags)
{
    while (n > 0) {
        ssize_t sent = send(c, text, n, MSG_NOSIGNAL | flags);
        if (sent <= 0)
            return false;
        text += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool answer(int c, const char *request, size_t items)
{
    char line[400];
    char bare[400];
    struct table *t = table_of(request);
    size_t page = 0;
    const char *body = NULL;
    size_t n = 0;
    if (t == NULL)
        return false;
    if (page_of(request, t, items, &page)) {
        set_page(t, page);
        body = t->body;
        n = t->body_n;
    } else {
        const int begin = (int)(strstr(t->body, "<ReadMultiple_Result>") - t->body);
        n = (size_t)snprintf(bare, sizeof bare, "%.*s%s", begin, t->body, empty_tail);
        body = bare;
    }
    const int head_n = snprintf(line, sizeof line,
                                "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\n"
                                "Content-Length: %zu\r\n\r\n",
                                n);
    return send_all(c, line, (size_t)head_n, MSG_MORE) && send_all(c, body, n, 0);
}

/* One request as text, its body included; false: the peer has gone. */
static bool read_request(int c, char *into, size_t room)
{
    size_t n = 0;
    for (;;) {
        ssize_t got = n < room - 1 ? recv(c, into + n, room - 1 - n, 0) : 0;
        if (got <= 0)
            return false;
        n += (size_t)got;
        into[n] = '\0';
        const char *end = strstr(into, "\r\n\r\n");
        const char *length = strcasestr(into, "Content-Length: ");
        if (end != NULL && length != NULL &&
            n >= (size_t)(end + 4 - into) + (size_t)strtoul(length + 16, NULL, 10))
            return true;
    }
}

/* A connection. A reader may hold several, but asks one thing after the other. */
struct peer {
    int c;
    size_t items;
};

static void *serve_peer(void *of)
{
    struct peer *p = of;
    const size_t room = 1 << 16;
    char *request = malloc(room);
    KT_ASSERT(request != NULL);
    while (read_request(p->c, request, room) && answer(p->c, request, p->items))
        ;
    close(p->c);
    free(request);
    free(p);
    return NULL;
}

void nav_pages_serve(int listener, size_t items)
{
    struct kt_arena *a = kt_arena_new();
    for (size_t i = 0; i < KT_COUNT(tables); i++)
        prepare(&tables[i], a);
    for (;;) {
        pthread_t thread;
        struct peer *p = malloc(sizeof *p);
        KT_ASSERT(p != NULL);
        *p = (struct peer){ accept(listener, NULL, NULL), items };
        if (p->c < 0) {
            free(p);
            break;
        }
        KT_ASSERT(pthread_create(&thread, NULL, serve_peer, p) == 0 && pthread_detach(thread) == 0);
    }
    kt_arena_free(a);
}
