#!/bin/sh
# Runs a code generator; what it says matters only when it fails. Called by CMakeLists.txt.
if ! out=$("$@" 2>&1); then
    printf '%s\n' "$out" >&2
    exit 1
fi
