#!/bin/sh
# Rebuilds prebuilt/ from src/: static ELF files, small, committed so that tests run on hosts without a compiler.
# Needs gcc and musl-gcc. The files in the repository were built with Debian 12's.
set -eu
cd "$(dirname "$0")"
FREE="-O2 -march=x86-64-v2 -std=gnu11 -Wall -Wextra -ffreestanding -nostdlib -static -fno-stack-protector -fno-asynchronous-unwind-tables -fno-math-errno -fno-pic -no-pie -mno-red-zone -Wl,--build-id=none -Wl,-z,noseparate-code -s"
for source in src/freestanding/*.c; do
  gcc $FREE -o "prebuilt/$(basename "$source" .c)" "$source"
done
V3="$(echo "$FREE" | sed 's/x86-64-v2/x86-64-v3/; s/-O2/-O3/')"
for source in src/v3/*.c; do
  gcc $V3 -o "prebuilt/$(basename "$source" .c)" "$source"
done
# movable programs: one without and one with an interpreter, whose path is room for tests to write theirs into
MOVABLE="$(echo "$FREE" | sed 's/ -static / /; s/ -fno-pic -no-pie / -fpie /')"
gcc $MOVABLE -static-pie -o prebuilt/static-pie src/movable/where.c
gcc $MOVABLE -pie -Wl,--dynamic-linker=/tally86/loader/of/a/program/that/asks/for/one -o prebuilt/dynamic src/movable/where.c
for source in src/libc/*.c; do
  [ -e "$source" ] || continue
  musl-gcc -O2 -Wall -static -Wl,--build-id=none -s -o "prebuilt/$(basename "$source" .c)" "$source" -lm
done
mkdir -p prebuilt/bench
for source in src/bench/*.c; do
  musl-gcc -O2 -Wall -static -Wl,--build-id=none -s -o "prebuilt/bench/$(basename "$source" .c)" "$source" -lm
done
# the experiment's guest travels inside the CLI
{
  echo "// Made by tools/guests/build.sh from tools/guests/src/freestanding/contract.c: do not edit."
  echo "/** A static ELF file that does what Wasmer 0.x did for each contract, as base64. */"
  echo "export const CONTRACT_GUEST ="
  base64 -w 140 prebuilt/contract | sed "s/^/  '/; s/\$/' +/" | sed '$ s/ +$/;/'
} > ../../packages/cli/src/guests/contract.ts
