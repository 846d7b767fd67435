#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: package.sh SOURCE [WORK]
# Build the Debian packages of SOURCE, a tree as `make distdir` makes it, as lintian wants them, once more elsewhere
# to the same bytes, and run debian/tests with them installed: over an overlay of this system, which itself does not
# change. WORK (one of our own, else) keeps packages and logs. Ends with "N passed, N failed, N skipped"; 77 if
# there is nothing to build packages with.
set -u
[ -f "${1:-}/debian/control" ] || { echo "usage: package.sh SOURCE [WORK]" >&2; exit 2; }
given=$(cd "$1" && pwd)
version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$given/debian/changelog")
for tool in dpkg-buildpackage dh lintian; do
	command -v $tool > /dev/null || { echo "package: no $tool"; exit 77; }
done
if [ -n "${2:-}" ]; then
	rm -rf "$2" && mkdir -p "$2" || exit 99
	work=$(cd "$2" && pwd)
else
	work=$(mktemp -d) || exit 99
	trap 'rm -rf "$work"' EXIT
fi
passed=0 failed=0 skipped=0

# part NAME COMMAND...: one result; its output is shown if it fails.
part() {
	local name=$1 status=0 start=$SECONDS; shift
	"$@" > "$work/$name.log" 2>&1 || status=$?
	case $status in
	0) passed=$((passed + 1)); echo "ok $name ($((SECONDS - start)) s)" ;;
	77) skipped=$((skipped + 1)); echo "ok $name # SKIP $(tail -n 1 "$work/$name.log")" ;;
	*) failed=$((failed + 1)); echo "not ok $name ($((SECONDS - start)) s)"; tail -n 60 "$work/$name.log" | sed 's/^/# /' ;;
	esac
	return $status
}

# build WHAT...: dpkg-buildpackage in the current folder, without the tests, which are run elsewhere
build() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u DESTDIR -u CFLAGS -u CPPFLAGS -u LDFLAGS \
		DEB_BUILD_OPTIONS="nocheck parallel=${JOBS:-$(nproc)}" dpkg-buildpackage -us -uc "$@"
}

first() {
	mkdir "$work/one" && cp -R "$given" "$work/one/oopsdiag-$version" && cd "$work/one/oopsdiag-$version" || return 1
	build
}

# Warnings, hints and pedantry too; what is overridden has its reason in debian/.
lint() {
	cd "$work/one" || return 1
	local said
	said=$(lintian --allow-root -i -I --pedantic --fail-on error,warning,info,pedantic ./*.changes) || { echo "$said"; return 1; }
	echo "$said"
	[ -z "$said" ]
}

hardening() {
	command -v blhc > /dev/null || { echo "no blhc"; return 77; }
	blhc --all "$work/build.log"
}

# The same bytes in another folder, language, zone and umask, from the source package.
again() {
	mkdir -p "$work/two/a longer name" && cd "$work/two" &&
		dpkg-source --no-check -x "$work/one/oopsdiag_$version.dsc" elsewhere && cd elsewhere || return 1
	(umask 027; export TZ=Pacific/Apia LC_ALL=C LANG=C; build -b) || return 1
	cd "$work/one" && local deb n=0
	for deb in *.deb; do
		n=$((n + 1))
		cmp "$deb" "../two/$deb" && continue
		! command -v diffoscope > /dev/null || diffoscope --max-report-size 4000 "$deb" "../two/$deb"
		return 1
	done
	[ "$n" -ge 2 ]
}

# A namespace of our own: the root of this system with a layer in memory over it.
installed() {
	local as=(unshare --mount --propagation private)
	[ "$(id -u)" = 0 ] || as=(unshare --map-root-user --mount --propagation private)
	"${as[@]}" true 2> /dev/null || { echo "no namespaces here"; return 77; }
	"${as[@]}" bash -s "$work" "$version" << 'END'
set -u
work=$1 over=$1/over
mkdir -p "$over" && mount -t tmpfs tmpfs "$over" && mkdir "$over/up" "$over/work" "$over/root" || exit 77
mount -t overlay -o "lowerdir=/,upperdir=$over/up,workdir=$over/work" overlay "$over/root" ||
	{ echo "no overlay can be mounted here"; exit 77; }
for dir in proc dev sys; do
	mount --rbind "/$dir" "$over/root/$dir" || { echo "/$dir cannot be mounted"; exit 77; }
done
mount -t tmpfs tmpfs "$over/root/tmp" && chmod 1777 "$over/root/tmp" && mkdir "$over/root/tmp/source" &&
	cp -R "$work/one/oopsdiag-$2/." "$over/root/tmp/source" && cp "$work"/one/oopsdiag{,-dev}_*.deb "$over/root/tmp" || exit 1
# The build has no business there: what is asked is what was installed.
rm -rf "$over/root/tmp/source/debian/"{build,tmp,oopsdiag,oopsdiag-dev}
chroot "$over/root" /bin/bash -c '
	cd /tmp && export HOME=/root TMPDIR=/tmp LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
	# Containers are often told to leave out what is to be read.
	dpkg --path-include="/usr/share/doc/oopsdiag*" --path-include="/usr/share/man/*" --force-confold -i ./*.deb || exit 1
	failed=0
	cd source && for t in $(sed -n "s/^Tests: *//p" debian/tests/control); do
		export AUTOPKGTEST_TMP=/tmp/t-$t && mkdir "$AUTOPKGTEST_TMP"
		debian/tests/$t || { failed=1; echo "FAIL: debian/tests/$t"; }
	done
	dpkg --purge oopsdiag-dev oopsdiag || exit 1
	left=$(ls -d /usr/bin/oopsdiag* /usr/lib/*/oopsdiag /usr/share/*/oopsdiag* /usr/include/oopsdiag* /etc/oopsdiag 2> /dev/null)
	[ -z "$left" ] || { echo "FAIL: after dpkg --purge there is $left"; failed=1; }
	exit $failed'
END
}

if part build first; then
	part lintian lint
	part hardening hardening
	part reproducible again
	part installed installed
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
