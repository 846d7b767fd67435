#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The matrix of run.sh where a pointer has 4 bytes: host and plugins built for i386 and run here. With the
# options that sanitize, if this build has them. Skipped (77) if no compiler can, or i386 does not run here.
set -u
srcdir=${srcdir:-.}
top=$(cd "$srcdir" && pwd)
[ -d "$top/tests/abi" ] || top=$(cd "$(dirname "$0")/../.." && pwd)
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
flags="-std=gnu11 -O1 -g ${OD_TEST_CFLAGS:-}"

# A compiler whose programs run, with the linker's options that this takes. Debian's multilib and its
# cross compilers exclude each other: either will do.
cross=/usr/i686-linux-gnu/lib
echo 'int main(void) { return sizeof(void *) != 4; }' > "$tmp/try.c"
for try in "${CC:-cc} -m32" "i686-linux-gnu-gcc" \
	"i686-linux-gnu-gcc -Wl,--dynamic-linker=$cross/ld-linux.so.2 -Wl,-rpath,$cross"; do
	if $try $flags -o "$tmp/try" "$tmp/try.c" 2> /dev/null && "$tmp/try" 2> /dev/null; then
		cc32=$try
		break
	fi
done
[ -n "${cc32:-}" ] || { echo "run32: no compiler for i386 whose programs run here"; exit 77; }

# The host, as far as plugins reach: what plugin-run is linked of.
mkdir "$tmp/host"
cat > "$tmp/host/config.h" <<-END
	#define _GNU_SOURCE 1
	#define _FILE_OFFSET_BITS 64
END
for f in "$top"/src/base/{alloc,arena,buf,error,escape,utf8}.c "$top"/src/model/*.c "$top"/src/analyze/plugin*.c \
	"$top"/src/analyze/{address,pageflags}.c "$top"/tests/unit/fixture-gpfs.c "$top"/tests/abi/plugin-run.c; do
	echo "$f"
done | xargs -n 4 -P 2 sh -c 'dir=$1 top=$2 cc=$3; shift 3
	cd "$dir" && exec $cc -Wall -Wextra -Werror "-DOD_PLUGINDIR=\"/nonexistent\"" -D_FILE_OFFSET_BITS=64 \
		-I"$dir" -I"$top/src" -I"$top" -c "$@"' sh "$tmp/host" "$top" "$cc32 $flags -fPIE -Wno-format-truncation" || exit 1
$cc32 $flags -pie -o "$tmp/plugin-run" "$tmp"/host/*.o -ldl || exit 1
CC=$cc32 PLUGIN_RUN=$tmp/plugin-run "$top/tests/abi/run.sh" | sed 's/^abi:/abi of 32 bits:/'
exit "${PIPESTATUS[0]}"
