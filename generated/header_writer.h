#ifndef KT_GENERATED_HEADER_WRITER_H
#define KT_GENERATED_HEADER_WRITER_H

/* Put in front of every *Lib.c: built with WITH_NOGLOBAL, they call the shared envelope's header
 * writer (envC.c) without declaring it. */
struct soap;
void soap_serializeheader(struct soap *soap);
int soap_putheader(struct soap *soap);

#endif
