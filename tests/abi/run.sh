#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Old and new plugins in old and new hosts, broken plugins, and the example of doc/plugin-abi.md.
# Needs CC, and the built program tests/abi/plugin-run (or PLUGIN_RUN).
set -u
srcdir=${srcdir:-.}
top=$(cd "$srcdir" && pwd)
[ -d "$top/tests/abi" ] || top=$(cd "$(dirname "$0")/../.." && pwd)
run=${PLUGIN_RUN:-tests/abi/plugin-run}
cc="${CC:-cc} -std=gnu11 -O1 -Wall -Wextra -Werror ${OD_TEST_CFLAGS:-}"
umask 022
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

ok() {
	passed=$((passed + 1))
}
bad() {
	failed=$((failed + 1))
	echo "FAIL: $1"
}
# expect WHAT FILE PATTERN: the file has a line that holds PATTERN
expect() {
	if grep -qF -- "$3" "$2"; then ok; else bad "$1: no \"$3\" in:"; sed 's/^/    /' "$2"; fi
}
refuse() {
	if grep -qF -- "$3" "$2"; then bad "$1: \"$3\" in:"; sed 's/^/    /' "$2"; else ok; fi
}
so="-shared -fPIC"
abi=$top/tests/abi

# --- the matrix -------------------------------------------------------------------
mkdir "$tmp/good"
$cc $so -I"$abi/v1" -DNAME='"good-v1"' -o "$tmp/good/good-v1.so" "$abi/good.c" || bad "cc v1"
$cc $so -I"$abi/future/plugins" -DNAME='"good-future"' -o "$tmp/good/good-future.so" \
	"$abi/good.c" || bad "cc future"
mkdir -p "$tmp/now" "$tmp/v1/plugins"
$cc $so -I"$top/plugins" -DNAME='"good-now"' -o "$tmp/now/good-now.so" "$abi/good.c" || bad "cc now"
cp "$abi/v1/oopsdiag-plugin.h" "$tmp/v1/plugins"
# other_host NAME HEADERS: $tmp/NAME-host, built with the header HEADERS/plugins/oopsdiag-plugin.h
other_host() {
	$cc -D_GNU_SOURCE -I"$2" -I"$top/src" -o "$tmp/$1-host" "$abi/other-host.c" \
		"$top/src/analyze/plugin-check.c" "$top/src/base/alloc.c" -ldl || bad "cc $1-host"
}
other_host old "$tmp/v1"
other_host future "$abi/future"

"$run" 5000 "$tmp/good" > "$tmp/out"
expect "old plugin, this host" "$tmp/out" \
	"0 finding good-v1/seen 10 good-v1 evidence 1 kernel-bug kfree line 332"
expect "new plugin, this host" "$tmp/out" \
	"0 finding good-future/seen 10 good-future evidence 1 kernel-bug kfree line 332"
expect "both, this host" "$tmp/out" "all plugins answered"
refuse "user report" "$tmp/out" "1 finding good"
grep '^[0-9] finding good' "$tmp/out" > "$tmp/alone"

"$run" 5000 "$tmp/now" > "$tmp/out"
expect "plugin of today, this host" "$tmp/out" "0 finding good-now/seen 10 good-now evidence 1 kernel-bug kfree line 332"

"$tmp/old-host" "$tmp"/good/*.so "$tmp"/now/*.so > "$tmp/out" || bad "old host ends"
for plugin in v1 now future; do
	expect "$plugin plugin, old host" "$tmp/out" "finding good-$plugin/seen"
	expect "$plugin plugin, old host" "$tmp/out" "good-$plugin result 0"
done
expect "any plugin, old host" "$tmp/out" "evidence other-bug other_fn line 99"
refuse "any plugin, old host" "$tmp/out" "boot time"
# Our own ask before they use what the first hosts lack, and are not upset by a report that says nothing.
for plugin in "$(dirname "$run")"/../../plugins/*.so; do
	[ -e "$plugin" ] || continue
	for host in old future; do
		"$tmp/$host-host" "$plugin" > "$tmp/out" || bad "$host host ends of $plugin"
		expect "$plugin, $host host" "$tmp/out" "$(basename "$plugin" .so) result 0"
	done
done

"$tmp/future-host" "$tmp/now/good-now.so" > "$tmp/out" || bad "future host ends"
expect "plugin of today, new host" "$tmp/out" "finding good-now/seen category none"
expect "plugin of today, new host" "$tmp/out" "good-now result 0"
"$tmp/future-host" "$tmp/good/good-v1.so" > "$tmp/out" || bad "future host ends"
expect "old plugin, new host" "$tmp/out" "finding good-v1/seen category none"
expect "old plugin, new host" "$tmp/out" "evidence other-bug other_fn line 99"
expect "old plugin, new host" "$tmp/out" "good-v1 finish not wanted"
expect "old plugin, new host" "$tmp/out" "good-v1 result 0"
"$tmp/future-host" "$tmp/good/good-future.so" > "$tmp/out" || bad "future host ends"
expect "new plugin, new host" "$tmp/out" "finding good-future/seen category test"
expect "new plugin, new host" "$tmp/out" "text tagged"
expect "new plugin, new host" "$tmp/out" "evidence boot time 42"
expect "new plugin, new host" "$tmp/out" "good-future finish wanted"

# The header only grows: all words of the frozen copy are still there, in their order. (Where they are
# added is what the header's own assertions of offsets hold.)
for side in v1 now; do
	h=$abi/v1/oopsdiag-plugin.h
	[ $side = now ] && h=$top/plugins/oopsdiag-plugin.h
	$cc -E -P -x c "$h" | grep -v '^#' | tr -s ' \n\t' '\n' > "$tmp/words-$side"
done
if diff "$tmp/words-v1" "$tmp/words-now" | grep -q '^<'; then
	bad "something of version 1 is gone from the header"
else
	ok
fi

# Every argsz, flag, padding and NULL that the host's functions could be given.
mkdir "$tmp/strict"
$cc $so -I"$top/plugins" -DNOW -DNAME='"strict"' -o "$tmp/strict/strict.so" "$abi/strict.c" || bad "cc strict"
$cc $so -I"$abi/v1" -DNAME='"strict-v1"' -o "$tmp/strict/strict-v1.so" "$abi/strict.c" || bad "cc strict-v1"
"$run" 5000 "$tmp/strict" > "$tmp/out"
for plugin in strict strict-v1; do
	expect "strict plugin" "$tmp/out" "0 finding $plugin/ok 1 $plugin evidence 1 every call was answered"
done
expect "strict plugin" "$tmp/out" "all plugins answered"
refuse "strict plugin" "$tmp/out" "failed with code"

# --- broken plugins: each alone with the two good ones, whose findings must not change ----
# broken KIND EXPECTED_LINE...
broken() {
	local kind=$1 dir=$tmp/$1 lower
	shift
	lower=$(echo "$kind" | tr '[:upper:]' '[:lower:]')
	mkdir "$dir"
	cp "$tmp"/good/*.so "$dir"
	$cc -Wno-override-init -Wno-unused-parameter -Wno-unused-function $so -I"$abi/v1" \
		-DNAME="\"b-$lower\"" -DBROKEN_"$kind" -o "$dir/b-$lower.so" \
		"$abi/broken.c" || bad "cc $kind"
	"$run" "${timeout:-5000}" "$dir" > "$tmp/out" 2> "$tmp/err" || bad "$kind: the host ends"
	grep '^[0-9] finding good' "$tmp/out" > "$tmp/good-now"
	if cmp -s "$tmp/alone" "$tmp/good-now"; then ok; else bad "$kind: others' findings changed"; fi
	for line; do
		expect "$kind" "$tmp/out" "$line"
	done
	refuse "$kind" "$tmp/out" "MUST NOT BE SEEN"
	refuse "$kind" "$tmp/err" "MUST NOT BE SEEN"
}
broken ARGSZ0 "b-argsz0.so refused: argsz of its description"
broken ARGSZHUGE "refused: argsz of its description"
broken ARGSZSHORT "refused: argsz of its description"
broken ARGSZMAX "refused: argsz of its description"
broken ARGSZLONG "0 finding b-argszlong/ran" "all plugins answered"
broken MISSING "refused: no od_plugin_entry_1"
broken DATAENTRY "refused: loading it ends with signal"
broken WILDDESCRIPTION "refused: loading it ends with signal 11"
broken WILDLIST "refused: loading it ends with signal 11"
broken WILDCODE "0 note plugin b-wildcode died of signal 11" "some plugins failed"
broken WANTSNONE "refused: it wants neither kernel nor user reports"
broken NONAME "refused: its name is not"
broken LONGNAME "refused: its name is not"
broken LITERALS "refused: more than 16 literals"
broken ABI "refused: built for another version"
broken FLAGS "refused: unknown flags"
broken PADDING "refused: padding is not zero"
broken NULL "refused: it has no analyze function"
broken NAME "refused: its name is not"
broken LITERAL "refused: a literal of interest"
broken DECLINE "refused: it declined"
# exit() with a sanitizer of leaks starts a process, and is stopped for that.
exits="ended by itself with status 0" loading_exits="ends the process"
case $cc in *-fsanitize=*) exits="was stopped" loading_exits="asks the system" ;; esac
broken ENTRYEXIT "refused: loading it $loading_exits"
broken CONSTRUCTOR "refused: loading it ends with signal 6"
broken WILD "refused: loading it ends with signal 11"
broken SEGV "0 note plugin b-segv died of signal 11: its findings may be missing" \
	"2 note plugin b-segv died of signal 11" "some plugins failed"
refuse SEGV "$tmp/out" "1 note"
broken SECOND "0 finding b-second/kept" "2 note plugin b-second died of signal 11"
refuse SECOND "$tmp/out" "2 finding b-second"
timeout=700
broken LOOP "0 note plugin b-loop did not answer within 0.7 s: its findings may be missing"
refuse LOOP "$tmp/out" "1 note plugin b-loop"
timeout=
broken EXIT "0 note plugin b-exit $exits"
broken FLOOD "note plugin b-flood: more evidence than is kept" "all plugins answered"
broken RAWFLOOD "0 note plugin b-rawflood answered more than is kept"
broken NONSENSE "0 note plugin b-nonsense answered nonsense (not a message)"
broken STDOUT "0 finding b-stdout/talked" "all plugins answered"
broken FINDINGS "0 finding b-findings/ok" "is refused" "all plugins answered"
refuse FINDINGS "$tmp/out" "failed with code"

# --- harmful plugins: the same, of one object that is told what to do ------------------------
mkdir "$tmp/harm"
cp "$tmp"/good/*.so "$tmp/harm"
$cc $so -I"$abi/v1" -o "$tmp/harm/harmful.so" "$abi/harmful.c" -pthread || bad "cc harmful"
# harmful DEED@WHEN EXPECTED_LINE...
harmful() {
	local deed=$1 line
	shift
	OD_DEED=$deed "$run" "${timeout:-5000}" "$tmp/harm" > "$tmp/out" 2> "$tmp/err" ||
		bad "$deed: the host ends with status $?"
	grep '^[0-9] finding good' "$tmp/out" > "$tmp/good-now"
	if cmp -s "$tmp/alone" "$tmp/good-now"; then ok; else bad "$deed: others' findings changed"; fi
	for line; do
		expect "$deed" "$tmp/out" "$line"
	done
	refuse "$deed" "$tmp/out" "MUST NOT BE SEEN"
	refuse "$deed" "$tmp/err" "MUST NOT BE SEEN"
}
died="0 note plugin harmful died of signal"
stopped="asked the system for something that no plugin may have"
never="asks the system for something that no plugin may have"
survived="0 finding harmful/survived"
harmful none@never "$survived" "all plugins answered"
for deed in crash break-host recurse; do
	harmful $deed@analyze "$died 11"
done
harmful trap@analyze "$died 4"
harmful abort@analyze "$died 6"
harmful exit@analyze "0 note plugin harmful $exits"
harmful quit@analyze "0 note plugin harmful ended by itself with status 113"
harmful close-all@analyze "0 note plugin harmful ended by itself with status 1"
for deed in print close-output scribble; do
	harmful $deed@analyze "$survived" "all plugins answered"
done
for deed in crash recurse; do
	harmful $deed@load "harmful.so refused: loading it ends with signal 11"
	harmful $deed@entry "harmful.so refused: loading it ends with signal 11"
done
harmful abort@load "harmful.so refused: loading it ends with signal 6"
harmful exit@load "harmful.so refused: loading it $loading_exits"
harmful break-host@entry "harmful.so refused: loading it ends with signal 11"
harmful close-all@entry "harmful.so refused: loading it closes descriptors that are not its own"
harmful print@load "$survived" "all plugins answered"
harmful print@entry "$survived" "all plugins answered"
timeout=500
for deed in loop deaf sleep; do
	harmful $deed@analyze "0 note plugin harmful did not answer within 0.5 s"
done
harmful loop@load "harmful.so refused: loading it took more than 0.5 s"
harmful deaf@entry "harmful.so refused: loading it took more than 0.5 s"
timeout=
# What od_plugin_manners() forbids, where there are filters that we know to write.
if [ "$("$run" manners)" = yes ]; then
	for deed in exec fork fork-bomb kill-group kill-parent rlimit stop thread timer; do
		harmful $deed@analyze "0 note plugin harmful was stopped: it $stopped"
		harmful $deed@entry "harmful.so refused: loading it $never"
		harmful $deed@load "harmful.so refused: loading it $never"
	done
	broken FORK "0 note plugin b-fork was stopped: it $stopped"
else
	echo "abi: no filters of system calls here: what they stop is not tried"
fi
# Memory without end: under the limit that the engine has; sanitizers reserve more than any. And a stack without
# end, which ends too where the user's shell set no limit; sanitizers know no place for their memory then.
case $cc in
*-fsanitize=*) ;;
*)
	stack=$(ulimit -S -s)
	if ulimit -S -s unlimited 2> /dev/null; then
		harmful recurse@analyze "$died 11"
		harmful recurse@load "harmful.so refused: loading it ends with signal 11"
		ulimit -S -s "$stack"
	fi
	ulimit -S -d 300000
	harmful alloc@analyze "$died 11"
	harmful alloc@entry "harmful.so refused: loading it ends with signal 11"
	ulimit -S -d unlimited
	;;
esac

# --- files and directories ----------------------------------------------------------
mkdir "$tmp/files"
cp "$tmp/good/good-v1.so" "$tmp/files/good.so"
cp "$tmp/good/good-future.so" "$tmp/files/w.so"
chmod 666 "$tmp/files/w.so"
ln -s "$tmp/good/good-future.so" "$tmp/files/link.so"
mkdir "$tmp/files/dir.so"
mkfifo "$tmp/files/fifo.so"
echo "not an object" > "$tmp/files/text.so"
"$run" 5000 "$tmp/files" "$tmp/good" > "$tmp/out"
expect files "$tmp/out" "w.so refused: it can be written by others"
expect files "$tmp/out" "link.so refused: it is a symbolic link"
expect files "$tmp/out" "dir.so refused: it is not a regular file"
expect files "$tmp/out" "fifo.so refused: it is not a regular file"
expect files "$tmp/out" "text.so refused: "
expect "same name twice" "$tmp/out" "good-v1.so refused: a plugin of that name is already loaded"
expect "good beside bad" "$tmp/out" "0 finding good-v1/seen"
expect "second directory" "$tmp/out" "0 finding good-future/seen"
chmod 777 "$tmp/files"
"$run" 5000 "$tmp/files" > "$tmp/out"
expect "directory" "$tmp/out" "can be written by others"
refuse "directory" "$tmp/out" "finding good"
chmod 755 "$tmp/files"
mkdir -p "$tmp/open/in"
cp "$tmp/good/good-v1.so" "$tmp/open/in"
chmod 777 "$tmp/open"
"$run" 5000 "$tmp/open/in" > "$tmp/out"
expect "parent directory" "$tmp/out" "/open can be written by others"
refuse "parent directory" "$tmp/out" "finding good"
runpath=$(cd "$(dirname "$run")" && pwd)/$(basename "$run")
(cd "$tmp" && "$runpath" 5000 good) > "$tmp/out"
expect "relative path" "$tmp/out" "plugin path good is $(cd "$tmp" && pwd -P)/good"
expect "relative path" "$tmp/out" "0 finding good-v1/seen"
"$run" 5000 "" /nonexistent/dir > "$tmp/out"
expect "no directory" "$tmp/out" "/nonexistent/dir refused: No such file or directory"

# --- the example of the manual -------------------------------------------------------
mkdir "$tmp/doc"
sed -n '/^<!-- example begin -->/,/^<!-- example end -->/p' "$top/doc/plugin-abi.md" |
	sed -n '/^```c/,/^```/p' | sed '/^```/d' > "$tmp/doc/example.c"
if $cc $so -fvisibility=hidden -I"$top/plugins" -o "$tmp/doc/example.so" "$tmp/doc/example.c"; then
	ok
	"$run" 5000 "$tmp/doc" > "$tmp/out"
	expect "example of the manual" "$tmp/out" "0 finding example/kfree-caller"
	expect "example of the manual" "$tmp/out" "all plugins answered"
else
	bad "the example of doc/plugin-abi.md does not build"
fi

echo "abi: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
