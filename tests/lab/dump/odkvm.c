// SPDX-License-Identifier: GPL-3.0-or-later
// odkvm: makes virtual machines: two that run, the memory of which is taken away again and again so that KVM
// invalidates, and one without a vCPU. Then asks the module odfaults to set the counts and to print what is true.
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { MEMORY = 1 << 20, CODE = 0x1000, TOUCHED = 0x8000, ROUNDS = 500 };

/* 16-bit: inc byte [0x8000]; jmp back */
static const unsigned char code[] = { 0xfe, 0x06, 0x00, 0x80, 0xeb, 0xfa };

struct vcpu {
	int fd, number;
	struct kvm_run *run;
};

static void *thread(void *arg)
{
	struct vcpu *v = arg;
	char name[16];

	snprintf(name, sizeof(name), "CPU %d/KVM", v->number);
	prctl(PR_SET_NAME, name);
	while (ioctl(v->fd, KVM_RUN, 0) >= 0 || v->run->exit_reason == KVM_EXIT_INTR)
		;
	perror("odkvm: KVM_RUN");
	return NULL;
}

static int add_vcpu(int kvm, int vm, int number)
{
	static struct vcpu vcpus[8];
	struct vcpu *v = &vcpus[number & 7];
	struct kvm_sregs s;
	struct kvm_regs r;
	pthread_t t;

	v->number = number;
	v->fd = ioctl(vm, KVM_CREATE_VCPU, number & 3);
	if (v->fd < 0)
		return -1;
	v->run = mmap(NULL, (size_t)ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (v->run == MAP_FAILED || ioctl(v->fd, KVM_GET_SREGS, &s))
		return -1;
	s.cs.base = s.cs.selector = 0;
	memset(&r, 0, sizeof(r));
	r.rip = CODE;
	r.rflags = 2;
	if (ioctl(v->fd, KVM_SET_SREGS, &s) || ioctl(v->fd, KVM_SET_REGS, &r))
		return -1;
	return pthread_create(&t, NULL, thread, v);
}

/* n vCPUs, the first of that number. Its memory. */
static unsigned char *make_vm(int kvm, int first, int n)
{
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);
	unsigned char *memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvm_userspace_memory_region region = { .memory_size = MEMORY, .userspace_addr = (uintptr_t)memory };

	if (vm < 0 || memory == MAP_FAILED || ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		return NULL;
	memcpy(memory + CODE, code, sizeof(code));
	for (int i = 0; i < n; i++)
		if (add_vcpu(kvm, vm, first + i))
			return NULL;
	return memory;
}

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR), run = open("/sys/module/odfaults/parameters/run", O_WRONLY);
	unsigned char *first = make_vm(kvm, 0, 2), *second = make_vm(kvm, 4, 1);
	unsigned changed = 0;

	prctl(PR_SET_NAME, "od-vmm");
	if (!first || !second || !make_vm(kvm, 0, 0)) {
		perror("odkvm");
		return 1;
	}
	for (int i = 0; i < ROUNDS; i++) {
		usleep(2000);
		changed += first[TOUCHED] != 0;
		madvise(first + TOUCHED, 4096, MADV_DONTNEED);
		madvise(second + TOUCHED, 4096, MADV_DONTNEED);
	}
	printf("odkvm: the guest ran in %u of %d rounds\n", changed, ROUNDS);
	fflush(stdout);
	if (write(run, "kvm_seq", 7) != 7)
		perror("odkvm: the module");
	for (;;)
		pause();
}
