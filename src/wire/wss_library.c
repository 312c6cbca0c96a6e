/* xmlsec and libxml2 for the whole process: nothing is fetched, nothing is read from files, nothing
 * is printed. Any thread; every entry of wss calls it. Nothing is given back at the end of the
 * process: other threads may still be at work. */
#include <pthread.h>
#include <stdio.h>

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>

#include "wire/wss_inner.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local bool is_quiet;
static _Thread_local char said[120];

static xmlParserInputPtr refuse_entity(const char *url, const char *id, xmlParserCtxtPtr parser)
{
    (void)url;
    (void)id;
    (void)parser;
    return NULL;
}

static void say_nothing(void *context, xmlErrorPtr error)
{
    (void)context;
    (void)error;
}

/* Which function of the library failed and why, in its numbers; what it says besides may hold
 * pieces of the message. The first one is the true one. */
static void note(const char *file, int line, const char *function, const char *object,
                 const char *subject, int reason, const char *message)
{
    (void)file;
    (void)object;
    (void)subject;
    (void)message;
    if (said[0] == '\0')
        (void)snprintf(said, sizeof said, "%s, line %d, reason %d", function, line, reason);
}

static void start(void)
{
    xmlInitParser();
    /* a library that cannot start checks no signature: not to go on is the only safe answer */
    KT_ASSERT(xmlSecInit() == 0);
    KT_ASSERT(xmlSecCheckVersion() == 1);
    KT_ASSERT(xmlSecCryptoAppInit(NULL) == 0);
    KT_ASSERT(xmlSecCryptoInit() == 0);
    xmlSecIOCleanupCallbacks();
    xmlSecErrorsSetCallback(note);
    xmlSetExternalEntityLoader(refuse_entity);
}

void kt_wss_library(void)
{
    KT_ASSERT(pthread_once(&once, start) == 0);
    said[0] = '\0';
    if (is_quiet)
        return;
    xmlSetStructuredErrorFunc(NULL, say_nothing); /* libxml2 keeps it by thread */
    is_quiet = true;
}

const char *kt_wss_library_said(void)
{
    return said[0] == '\0' ? "no word of the library" : said;
}
