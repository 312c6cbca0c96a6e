# cmake -DIN=file -DOUT=file.c -DHEADER=header -DNAME=symbol -P embed.cmake
# Writes a text file as a C array: a string literal may not be as long as a mapping.
file(READ "${IN}" hex HEX)
# Line by line of 24 hex digits: one line of output each, whatever the file's length.
string(REGEX REPLACE "(........................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
get_filename_component(from "${IN}" NAME)
file(WRITE "${OUT}.new"
    "/* Made from ${from} by embed.cmake: change that file.\n * Constant data, any thread. */\n"
    "#include \"${HEADER}\"\n\nconst char ${NAME}[] = {\n${bytes}'\\0' };\n")
file(COPY_FILE "${OUT}.new" "${OUT}" ONLY_IF_DIFFERENT)
file(REMOVE "${OUT}.new")
