# cmake -DOUT=migrations.c -DIN="0001_a.sql 0002_b.sql" -P embed.cmake
# Writes the files as byte arrays: string literals end at 4095 characters in ISO C.
separate_arguments(files UNIX_COMMAND "${IN}")
set(arrays "")
set(rows "")
foreach(file ${files})
    cmake_path(GET file STEM stem)
    if(NOT stem MATCHES "^0*([0-9]+)_([a-z0-9_]+)$")
        message(FATAL_ERROR "${file}: not named NNNN_name.sql")
    endif()
    set(number ${CMAKE_MATCH_1})
    set(name ${CMAKE_MATCH_2})
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(REGEX REPLACE "(0x0a,)" "\\1\n" bytes "${bytes}")
    string(APPEND arrays "static const unsigned char step_${number}[] = {\n${bytes}};\n")
    string(APPEND rows
        "    { ${number}, \"${name}\", step_${number}, sizeof step_${number} },\n")
endforeach()
file(WRITE ${OUT} "/* Made from src/store/migrations by embed.cmake. Do not edit. */\n"
    "#include \"store/migrations.h\"\n\n${arrays}\n"
    "const struct kt_migration kt_migrations[] = {\n${rows}};\n"
    "const size_t kt_migration_count = sizeof kt_migrations / sizeof kt_migrations[0];\n")
