#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Who may include whom (doc/architecture.md, section 2), read from the include lines. Also: each
# third-party library is included in one place, and every folder says what lives in it.
set -u
cd "${srcdir:-$(dirname "$0")/..}" || exit 99

# layer: what it may include besides itself
allowed() {
	case $1 in
	base)    echo "" ;;
	model)   echo "base" ;;
	io)      echo "base model" ;;
	symbols) echo "base model io" ;;
	input|text|target|analyze|render) echo "base model io symbols" ;;
	pipeline) echo "base model io symbols input text target analyze render" ;;
	shell)   echo "base model io symbols input text target analyze render pipeline" ;;
	front) echo "base model io symbols input text target analyze render pipeline shell" ;;
	triage) echo "base model io symbols input text target analyze render pipeline shell front" ;;
	*)       return 1 ;;
	esac
}

layer_of() { # of a file or of an included header
	case $1 in
	src/pipeline*|pipeline*.h) echo pipeline ;;
	symbols/*) echo symbols ;;
	plugins/*|oopsdiag-plugin.h) echo plugins ;;
	src/*) f=${1#src/}; echo "${f%%/*}" ;;
	*/*) echo "${1%%/*}" ;;
	*) echo "" ;;
	esac
}

failed=0 checked=0
for file in $(find src symbols -name '*.[ch]' | LC_ALL=C sort); do
	layer=$(layer_of "$file")
	may=$(allowed "$layer") || { echo "$file: no such layer as $layer"; failed=1; continue; }
	for inc in $(sed -n 's/^#include "\(.*\)"$/\1/p' "$file"); do
		target=$(layer_of "$inc")
		checked=$((checked + 1))
		case $target in
		""|"$layer") continue ;;
		plugins)
			# The ABI header: its host, and nobody else.
			case $file in src/analyze/plugin*) continue ;; esac ;;
		esac
		case " $may " in
		*" $target "*) ;;
		*) echo "$file: $layer may not include \"$inc\" ($target)"; failed=1 ;;
		esac
	done
done
# Plugins see their header and nothing of the program.
for file in plugins/*.c plugins/*.h; do
	for inc in $(sed -n 's/^#include "\(.*\)"$/\1/p' "$file"); do
		checked=$((checked + 1))
		[ -e "plugins/$inc" ] || { echo "$file: a plugin may not include \"$inc\""; failed=1; }
	done
done

# library header -> the only place that may include it
one_place() {
	bad=$(grep -rl "#include <$1" src symbols plugins 2>/dev/null | grep -v "^$2")
	[ -z "$bad" ] || { echo "<$1> is for $2 only, not: $bad"; failed=1; }
}
one_place readline/ src/front/repl.c
one_place libiberty/ symbols/demangle.c
one_place Zydis symbols/disasm-x86.c
one_place capstone symbols/disasm-capstone.c
one_place elfutils/lib symbols/
one_place elfutils/debuginfod src/front/debuginfod.c
one_place archive src/io/unpack-archive.c
one_place lzma.h src/io/unpack-codec.c
one_place libkdumpfile/ src/target/dump-foreign.c
one_place zlib.h '\(src/target/dump-inflate\|src/io/unpack-codec\|symbols/debug-inflate\).c'
one_place lzo/ src/target/dump-inflate.c
one_place snappy src/target/dump-inflate.c
one_place zstd.h '\(src/target/dump-inflate\|src/io/unpack-codec\|symbols/debug-inflate\).c'
one_place gmime/ src/io/mime.c
one_place jansson src/io/journal-json.c
one_place seccomp src/front/confine
one_place yaml.h src/analyze/rule-yaml.c
one_place pcre2 src/analyze/rule-regex.c
one_place sqlite src/triage/store.c

for dir in src src/* symbols plugins tests tests/* doc bench; do
	[ -d "$dir" ] || continue
	case $dir in tests/corpus/*) continue ;; esac
	[ -n "$(find "$dir" -maxdepth 1 -type f | head -n 1)" ] || [ "$dir" = src ] || continue
	[ -f "$dir/README.md" ] || { echo "$dir: no README.md"; failed=1; }
done

[ "$checked" -gt 100 ] || { echo "only $checked includes were checked"; failed=1; }
[ $failed = 0 ] && echo "layers: $checked includes fit the table"
exit $failed
