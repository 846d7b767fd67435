#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is installed is enough to write a plugin: the example project, built by the pkg-config file
# alone. `make installcheck` sets DESTDIR, BINDIR, LIBDIR, INCLUDEDIR, PLUGINDIR and CC.
set -u
srcdir=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
umask 022
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
failed=0
bad() {
	failed=1
	echo "FAIL: $*"
}
command -v "${PKG_CONFIG:=pkg-config}" > /dev/null || { bad "pkg-config is needed"; exit 1; }
export PKG_CONFIG CC=${CC:-cc}
export PKG_CONFIG_PATH="$DESTDIR$LIBDIR/pkgconfig"
program=$DESTDIR$BINDIR/oopsdiag

# The file tells the truth.
var() {
	"$PKG_CONFIG" "--variable=$1" oopsdiag-plugin
}
"$PKG_CONFIG" --validate oopsdiag-plugin || bad "pkg-config does not take its file"
[ "$(var plugindir)" = "$PLUGINDIR" ] || bad "plugindir is $(var plugindir), not $PLUGINDIR"
[ "$(var includedir)" = "$INCLUDEDIR" ] || bad "includedir is $(var includedir), not $INCLUDEDIR"
abi=$(sed -n 's/^#define OD_PLUGIN_ABI \([0-9]*\)u$/\1/p' "$DESTDIR$INCLUDEDIR/oopsdiag-plugin.h")
[ -n "$abi" ] && [ "$(var abi)" = "$abi" ] || bad "abi is $(var abi), the header says $abi"
version=$("$program" --version | sed -n '1s/.* //p')
[ "$("$PKG_CONFIG" --modversion oopsdiag-plugin)" = "$version" ] || bad "not the version of $version"
[ -z "$DESTDIR" ] && ! "$program" --list-plugins | grep -qF "    $PLUGINDIR/" &&
	bad "the program looks elsewhere than in $PLUGINDIR"

# The project builds and works away from our tree, with what is installed and nothing else.
export PKG_CONFIG_SYSROOT_DIR=$DESTDIR
cp -R "$srcdir/doc/examples/plugin" "$tmp/project" && chmod -R u+w "$tmp/project" && cd "$tmp/project" || exit 99
run() {
	env -u MAKEFLAGS -u MFLAGS -u CFLAGS -u CPPFLAGS -u LDFLAGS make -s "$@"
}
run CFLAGS='-O2 -Wall -Wextra -Werror' || bad "the example does not build"
run check OOPSDIAG="$program" || bad "the example does not work"
run install DESTDIR="$tmp/root" plugindir="$PLUGINDIR" || bad "the example does not install"
"$program" "--plugin-path=$tmp/root$PLUGINDIR" --list-plugins | grep -q '^recursion 1.0: ' ||
	bad "what it installs is not loaded"
# A header in C++ is worth something only if it compiles there.
if command -v c++ > /dev/null; then
	printf '#include <oopsdiag-plugin.h>\nstatic od_plugin_entry_fn *f = od_plugin_entry_1;\nint main() { return !f; }\n' |
		c++ -Wall -Werror -fsyntax-only $("$PKG_CONFIG" --cflags oopsdiag-plugin) -x c++ - ||
		bad "the header is no C++"
fi
[ $failed = 0 ] && echo "installcheck: the example plugin builds and works with what is installed"
exit $failed
