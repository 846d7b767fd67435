#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# boot.sh KERNEL MODULE FAULT LOG: boot KERNEL in QEMU, load MODULE with fault=FAULT, write what the
# serial line says to LOG. Ends when the machine is off or after OD_LAB_TIMEOUT (90) seconds.
set -eu
kernel=$1 module=$2 fault=$3 log=$4
busybox=${OD_LAB_BUSYBOX:-/bin/busybox}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

mkdir -p "$tmp/root/bin" "$tmp/root/proc" "$tmp/root/sys" "$tmp/root/dev"
cp "$busybox" "$tmp/root/bin/busybox"
cp "$module" "$tmp/root/odfaults.ko"
cat > "$tmp/root/init" <<'END'
#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
fault=
for word in $(cat /proc/cmdline); do
	case $word in odfault=*) fault=${word#odfault=} ;; esac
done
case $fault in
hung_task) echo 5 > /proc/sys/kernel/hung_task_timeout_secs; echo 1 > /proc/sys/kernel/hung_task_panic ;;
soft_lockup) echo 3 > /proc/sys/kernel/watchdog_thresh; echo 1 > /proc/sys/kernel/softlockup_panic ;;
rcu_stall) echo 1 > /proc/sys/kernel/panic_on_rcu_stall ;;
esac
insmod /odfaults.ko fault="$fault" &
wait $!
sleep 1
poweroff -f
END
chmod 755 "$tmp/root/init"
(cd "$tmp/root" && find . | cpio -o -H newc --quiet) | gzip -1 > "$tmp/initrd"

# What a fault needs on the kernel's command line. The timer check fails at times where others use the machine.
cpus=1
case $fault in
uaf | slub_* | cxx_virtual) options=slub_debug=FZPU ;;
rcu_stall) cpus=2 options="nosoftlockup rcupdate.rcu_cpu_stall_timeout=5" ;;
*) options= ;;
esac

timeout "${OD_LAB_TIMEOUT:-90}" qemu-system-x86_64 -machine pc -cpu "${OD_LAB_CPU:-qemu64,+smap,+smep,+rdrand}" -smp $cpus -m 256 \
	-kernel "$kernel" -initrd "$tmp/initrd" \
	-append "console=ttyS0 no_timer_check panic=1 panic_on_warn=0 oops=panic $options odfault=$fault" \
	-display none -monitor none -serial "file:$log" -no-reboot -nodefaults < /dev/null || true
[ -s "$log" ]
