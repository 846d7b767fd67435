#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# dump-lab.sh [--check] [--quick | --all | NAME...]: make the memory dumps that dumps.txt describes, each in
# OD_LAB_CACHE/dumps/NAME/: vmcore (or vmcore.1 ...), console, truth/, and where makedumpfile could, dmesg.
# What is there already is kept. --check: check-dump.py compares what the program OOPSDIAG (./oopsdiag) says of
# them with what was true. --list prints the names. Exit 0 all well, 1 some failed, 77 something it needs is
# missing.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cache=${OD_LAB_CACHE:-lab-cache}
dumps=${OD_LAB_DUMPS:-$cache/dumps}
index=${OD_LAB_INDEX:-}
busy=

missing() { echo "dump-lab: $*" >&2; exit 77; }

# kernel_of KERNEL VARIANT WITH: what foreign-kernel.sh left, into kernel, root, release, machine and module.
kernel_of() {
	place=$cache/$1
	root=$place/root
	[ -e "$place/kernel" ] || OD_LAB_NO_MODULE=1 "$here/foreign-kernel.sh" "$1" >&2 || missing "no kernel $1"
	release=$(ls "$root/lib/modules")
	machine=x86_64 cross=()
	case $1 in deb510) cross=(CC=gcc) ;; *arm64) machine=aarch64 cross=(ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-) ;; esac
	module=$place/dump$2/odfaults.ko
	if [ ! -e "$module" ] || [ -n "$(find "$here/module" -newer "$module" -type f)" ]; then
		OD_LAB_MODULE=module "$here/debug-module.sh" "$root/usr/src/linux-headers-$release" "$place/dump$2" ${cross[@]+"${cross[@]}"} ${2:+OD_NO_ORC=1} || return 1
	fi
	if [ ! -e "$place/odtasks" ] || [ "$here/dump/odtasks.c" -nt "$place/odtasks" ]; then
		if [ $machine = x86_64 ]; then cc=${CC:-gcc}; else cc=aarch64-linux-gnu-gcc-12; fi
		$cc -O2 -static -pthread -o "$place/odtasks" "$here/dump/odtasks.c" || return 1
	fi
	if [ "$3" = kvm ] && { [ ! -e "$place/odkvm" ] || [ "$here/dump/odkvm.c" -nt "$place/odkvm" ]; }; then
		${CC:-gcc} -O2 -static -pthread -o "$place/odkvm" "$here/dump/odkvm.c" || return 1
	fi
	[ -e "$root/lib/modules/$release/modules.dep" ] || /sbin/depmod -b "$root" "$release" 2> /dev/null || return 1
}

# add_modules TREE NAME...: copies kernel modules with what they need, in the order of loading.
add_modules() {
	local tree=$1 name path base
	shift
	mkdir -p "$tree/modules"
	touch "$tree/modules/order"
	for name; do
		/sbin/modprobe -d "$root" -S "$release" --show-depends "$name" 2> /dev/null | awk '$1 == "insmod" { print $2 }'
	done | while read -r path; do
		base=${path##*/}
		base=${base%.xz}
		[ ! -e "$tree/modules/$base" ] || continue
		case $path in *.xz) xz -dc "$path" > "$tree/modules/$base" ;; *) cp "$path" "$tree/modules/$base" ;; esac
		echo "$base" >> "$tree/modules/order"
	done
}

archive() { (cd "$1" && find . | cpio -o -H newc --quiet) > "$2"; }

# make_initrd OUT HOW WITH: the first part holds what both kernels need, the second the crash kernel itself.
make_initrd() {
	local tree=$work/tree boot=$work/boot lib
	mkdir -p "$tree"/{bin,sbin,lib64,lib/x86_64-linux-gnu}
	cp "$here/dump/init" "$tree/init"
	cp "$place/busybox" "$tree/bin/busybox"
	cp "$module" "$tree/modules.ko"
	add_modules "$tree" virtio_pci virtio_blk ext4 crc32c_generic qemu_fw_cfg
	if [ "$3" = kvm ]; then
		add_modules "$tree" kvm_amd
		cp "$place/odkvm" "$tree/bin/odkvm"
	fi
	mv "$tree/modules.ko" "$tree/modules/odfaults.ko"
	strip --strip-debug "$tree/modules/odfaults.ko" 2> /dev/null || aarch64-linux-gnu-strip --strip-debug "$tree/modules/odfaults.ko" 2> /dev/null
	cp "$place/odtasks" "$tree/bin/odtasks"
	case $2 in kdump*)
		cp "$(command -v kexec || echo /sbin/kexec)" "$(command -v makedumpfile)" "$tree/bin/" || return 1
		for lib in $(ldd "$tree/bin/kexec" "$tree/bin/makedumpfile" | grep -o '/lib[^ ]*' | sort -u); do
			mkdir -p "$tree/${lib%/*}" && cp -L "$lib" "$tree/$lib"
		done
		rm -rf "$boot" && mkdir -p "$boot/boot"
		rm "$tree/modules/odfaults.ko"
		archive "$tree" "$boot/boot/initrd"
		gzip -1 "$boot/boot/initrd" && mv "$boot/boot/initrd.gz" "$boot/boot/initrd"
		cp "$place/kernel" "$boot/boot/vmlinuz"
		mkdir -p "$boot/modules" && cp "$module" "$boot/modules/odfaults.ko" && strip --strip-debug "$boot/modules/odfaults.ko"
		archive "$tree" "$1"
		archive "$boot" "$work/second"
		cat "$work/second" >> "$1"
		;;
	*) archive "$tree" "$1" ;;
	esac
}

# wait_for SECONDS PATTERN: in the console, while the machine runs.
wait_for() {
	local n=$(($1 * 5))
	while [ $n -gt 0 ]; do
		grep -aqE "$2" "$work/console" 2> /dev/null && return 0
		kill -0 "$busy" 2> /dev/null || return 1
		sleep 0.2
		n=$((n - 1))
	done
	return 1
}

# derive NAME FROM HOW: another writing of a dump, with the same truth.
derive() {
	local part
	[ -e "$dumps/$2/made" ] || "$0" "$2" || return 1
	rm -rf "$dumps/.new-$1"
	cp -r --reflink=auto "$dumps/$2" "$dumps/.new-$1" || return 1
	for part in "$dumps/$2"/vmcore*; do
		"$here/recompress.py" "$3" "$part" "$dumps/.new-$1/new" || return 1
		rm -f "$dumps/.new-$1/${part##*/}"
		mv "$dumps/.new-$1/new" "$dumps/.new-$1/${part##*/}"
	done
	echo "$*" > "$dumps/.new-$1/made"
	mv "$dumps/.new-$1" "$dumps/$1"
	echo "$1: from $2"
}

# make_dump NAME KERNEL HOW MEMORY FAULT OPTIONS...
make_dump() {
	local name=$1 kernel=$2 how=$3 memory=$4 fault=$5 smp=2 cpu=qemu64,+smap,+smep,+rdrand append= with= settle=0 variant= disk=6G device=(-device vmcoreinfo) word
	local start=$SECONDS file
	shift 5
	for word; do
		case $word in
		smp=*) smp=${word#*=} ;;
		cpu=*) cpu=${word#*=} ;;
		with=*) with=${word#*=} ;;
		settle=*) settle=${word#*=} ;;
		disk=*) disk=${word#*=} ;;
		novmcoreinfo) device=() ;;
		noorc) variant=-noorc ;;
		*) append="$append $word" ;;
		esac
	done
	kernel_of "$kernel" "$variant" "$with" || return 1
	work=$(mktemp -d "${TMPDIR:-/tmp}/dump-lab.XXXXXX")
	make_initrd "$work/initrd" "$how" "$with" || return 1
	append="console=ttyS0 oops=panic odfault=$fault odwith=$with odsettle=$settle$append"
	case $how in
	kdump:*) append="$append crashkernel=256M odmakedumpfile=${how#*:}" ;;
	*) append="$append panic=0" ;;
	esac
	truncate -s 64M "$work/truth.raw"
	truncate -s $disk "$work/out.raw"
	/sbin/mkfs.ext4 -q -O ^has_journal -E lazy_itable_init=1 "$work/out.raw" || return 1
	mkfifo "$work/monitor"
	local qemu=(qemu-system-$machine)
	case $machine in
	x86_64) qemu+=(-machine pc -cpu "$cpu") ;;
	aarch64) qemu+=(-machine virt -cpu cortex-a57) append="${append/ttyS0/ttyAMA0}" ;;
	esac
	timeout "${OD_LAB_TIMEOUT:-400}" "${qemu[@]}" -smp "$smp" -m "$memory" -kernel "$place/kernel" -initrd "$work/initrd" \
		-append "$append" -display none -nodefaults -no-reboot -serial "file:$work/console" -serial "file:$work/console-capture" \
		-drive "file=$work/truth.raw,format=raw,if=none,id=truth" -device virtio-blk-pci,drive=truth \
		-drive "file=$work/out.raw,format=raw,if=none,id=out" -device virtio-blk-pci,drive=out \
		${device[@]+"${device[@]}"} -monitor stdio <> "$work/monitor" > "$work/monitor.log" 2>&1 &
	busy=$!
	mkdir -p "$work/out"
	case $how in
	qemu:*)
		if wait_for 200 'end Kernel panic|odlab: ready|odlab: still there'; then
			sleep 0.5
			echo "dump-guest-memory ${how#*:} $work/out/vmcore" > "$work/monitor"
			echo quit > "$work/monitor"
		else
			echo "dump-lab: $name: no panic" >&2
			echo quit > "$work/monitor"
		fi
		wait $busy
		;;
	kdump:*)
		wait $busy
		/sbin/debugfs -R "rdump / $work/out" "$work/out.raw" > "$work/debugfs.log" 2>&1
		rm -rf "$work/out/lost+found"
		;;
	esac
	busy=
	tar -C "$work/out" -xf "$work/truth.raw" 2> "$work/tar.log"
	tr -d '\r' < "$work/console" > "$work/out/console"
	[ ! -s "$work/console-capture" ] || tr -d '\r' < "$work/console-capture" > "$work/out/console-capture"
	echo "$name $kernel $how $memory $fault $*" > "$work/out/made"
	if [ -z "$(ls "$work"/out/vmcore* 2> /dev/null)" ] || [ ! -s "$work/out/truth/tasks" ]; then
		echo "dump-lab: $name failed, see $dumps/failed-$name" >&2
		rm -rf "$dumps/failed-$name"
		cp "$work/monitor.log" "$work/out/"
		mv "$work/out" "$dumps/failed-$name"
		rm -rf "$work"
		return 1
	fi
	case $how in qemu:*) fallocate -d "$work/out/vmcore" 2> /dev/null ;; esac
	chmod -R a+rX "$work/out"
	mv "$work/out" "$dumps/$name"
	rm -rf "$work"
	echo "$name: $(du -cm "$dumps/$name"/vmcore* | awk 'END { print $1 }') MB, $((SECONDS - start)) s"
}

check=
[ "${1-}" != --check ] || { check=1; shift; }
case ${1:---quick} in
--list) awk '!/^#/ && NF { print $1 }' "$here/dumps.txt"; exit ;;
--all) names=$(awk '!/^#/ && NF { print $1 }' "$here/dumps.txt") ;;
--quick) names=$(awk '/^# quick:/ { $1 = $2 = ""; print }' "$here/dumps.txt") ;;
*) names=$* ;;
esac
for tool in qemu-system-x86_64 cpio kexec makedumpfile; do
	PATH=$PATH:/sbin:/usr/sbin command -v $tool > /dev/null || missing "no $tool"
done
mkdir -p "$cache" "$dumps" && cache=$(cd "$cache" && pwd) && dumps=$(cd "$dumps" && pwd) || exit 1
trap '[ -z "$busy" ] || kill "$busy" 2> /dev/null; rm -rf "${work-}"' EXIT
passed=0 failed=0

make_one() {
	local name=$1 line make=make_dump
	[ ! -e "$dumps/$name/made" ] || return 0
	read -r -a line <<< "$(awk -v name="$name" '$1 == name { print; exit }' "$here/dumps.txt")"
	[ ${#line[@]} -ge 3 ] || missing "dumps.txt has no $name"
	[ "${line[1]}" != from ] || { make=derive; unset "line[1]"; }
	$make "${line[@]}" || return 1
	[ -z "$index" ] || echo "$name $dumps/$name ${line[*]:1}" >> "$index"
}

check_one() {
	local program=${OOPSDIAG:-./oopsdiag} pages
	pages=$(dirname "$program")/tests/lab/dump-check
	"$here/check-dump.py" "$dumps/$1" "$program" || return 1
	[ ! -x "$pages" ] || "$pages" -o "$dumps/$1"/vmcore*
}

for name in $names; do
	if ! make_one "$name"; then
		failed=$((failed + 1))
	elif [ -n "$check" ] && ! check_one "$name"; then
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
