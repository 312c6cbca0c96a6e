# cmake -DOUT=push_wsdl.c -DIN=push.wsdl -DNAME=kt_push_wsdl -DHEADER=door/push_wsdl.h -P embed.cmake
# Writes a file as a byte array: string literals end at 4095 characters in ISO C.
file(READ ${IN} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(0x0a,)" "\\1\n" bytes "${bytes}")
cmake_path(GET IN FILENAME name)
file(WRITE ${OUT} "/* Made from ${name} by embed.cmake. Do not edit. */\n#include \"${HEADER}\"\n\n"
    "const unsigned char ${NAME}[] = {\n${bytes}};\nconst size_t ${NAME}_size = sizeof ${NAME};\n")
