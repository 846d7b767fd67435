/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The types that little kernels describe in their BTF: only what an analyzer looks at. build.py reads
 * this (one declarator a line, no bodies within bodies), and lays the members out with gaps and in an order
 * of its own, so nobody gets away with offsets of real kernels. Lines that begin with @RANGE are for some
 * versions only.
 */
typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic_long_t;
struct list_head { struct list_head *next; struct list_head *prev; };
struct hlist_node { struct hlist_node *next; struct hlist_node **pprev; };
struct hlist_head { struct hlist_node *first; };
struct preempt_notifier { struct hlist_node link; void *ops; };
struct raw_spinlock { unsigned int val; };
struct new_utsname { char sysname[65]; char nodename[65]; char release[65]; char version[65]; char machine[65]; char domainname[65]; };
struct uts_namespace { struct new_utsname name; };
struct thread_info { unsigned long flags; unsigned long syscall_work; unsigned int status; unsigned int cpu; };
struct thread_struct { unsigned long cr2; unsigned long sp; };
struct inactive_task_frame { unsigned long r15; unsigned long r14; unsigned long r13; unsigned long r12; unsigned long bx; unsigned long bp; unsigned long ret_addr; };
struct pt_regs { unsigned long r15; unsigned long r14; unsigned long r13; unsigned long r12; unsigned long bp; unsigned long bx; unsigned long r11; unsigned long r10; unsigned long r9; unsigned long r8; unsigned long ax; unsigned long cx; unsigned long dx; unsigned long si; unsigned long di; unsigned long orig_ax; unsigned long ip; unsigned long cs; unsigned long flags; unsigned long sp; unsigned long ss; };
struct mm_struct { unsigned long total_vm; void *pgd; unsigned long arg_start; };
struct signal_struct { int nr_threads; struct list_head thread_head; };
struct task_struct {
	struct thread_info thread_info;
@5.14-	unsigned int __state;
@-5.13	long state;
	void *stack;
	unsigned int flags;
	int on_cpu;
	unsigned int cpu;
	int prio;
	struct list_head tasks;
	struct mm_struct *mm;
	struct mm_struct *active_mm;
	int exit_state;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *parent;
	struct list_head children;
	struct list_head sibling;
	struct task_struct *group_leader;
@-6.6	struct list_head thread_group;
	struct list_head thread_node;
	u64 start_time;
	u64 start_boottime;
	char comm[16];
	struct signal_struct *signal;
	struct mutex *blocked_on;
	struct hlist_head preempt_notifiers;
	struct thread_struct thread;
};
struct mutex { atomic_long_t owner; struct raw_spinlock wait_lock; struct list_head wait_list; };
struct mutex_waiter { struct list_head list; struct task_struct *task; };
struct rw_semaphore { atomic_long_t count; atomic_long_t owner; struct raw_spinlock wait_lock; struct list_head wait_list; };
struct rwsem_waiter { struct list_head list; struct task_struct *task; int type; };
struct latch_tree_node { unsigned long node[6]; };
struct mod_tree_node { struct module *mod; struct latch_tree_node node; };
@-6.3 struct module_layout { void *base; unsigned int size; unsigned int text_size; unsigned int ro_size; struct mod_tree_node mtn; };
@6.4- struct module_memory { void *base; unsigned int size; struct mod_tree_node mtn; };
struct elf64_sym { unsigned int st_name; unsigned char st_info; unsigned char st_other; unsigned short st_shndx; u64 st_value; u64 st_size; };
struct mod_kallsyms { struct elf64_sym *symtab; unsigned int num_symtab; char *strtab; char *typetab; };
@6.4- enum mod_mem_type { MOD_TEXT, MOD_DATA, MOD_RODATA, MOD_RO_AFTER_INIT, MOD_INIT_TEXT, MOD_INIT_DATA, MOD_INIT_RODATA, MOD_MEM_NUM_TYPES };
struct orc_entry { short sp_offset; short bp_offset; unsigned short bits; };
struct mod_arch_specific { unsigned int num_orcs; int *orc_unwind_ip; struct orc_entry *orc_unwind; };
struct module {
	int state;
	struct list_head list;
	char name[56];
	char *version;
	char *srcversion;
@-6.3	struct module_layout core_layout;
@-6.3	struct module_layout init_layout;
@6.4-	struct module_memory mem[7];
	struct mod_arch_specific arch;
	unsigned long taints;
	struct mod_kallsyms *kallsyms;
	void *percpu;
	atomic_t refcnt;
};
struct mod_unload_taint { struct list_head list; char name[56]; unsigned long taints; u64 count; };
@6.2-6.14 struct pcpu_hot { struct task_struct *current_task; int preempt_count; int cpu_number; u64 call_depth; unsigned long top_of_stack; void *hardirq_stack_ptr; };
struct page { unsigned long flags; unsigned long words[5]; unsigned int page_type; atomic_t refcount; unsigned long memcg_data; };
struct printk_info { u64 seq; u64 ts_nsec; unsigned short text_len; unsigned char facility; unsigned char flags_level; unsigned int caller_id; char subsystem[16]; char device[48]; };
struct prb_data_blk_lpos { unsigned long begin; unsigned long next; };
struct prb_desc { atomic_long_t state_var; struct prb_data_blk_lpos text_blk_lpos; };
struct prb_desc_ring { unsigned int count_bits; struct prb_desc *descs; struct printk_info *infos; atomic_long_t head_id; atomic_long_t tail_id; };
struct prb_data_ring { unsigned int size_bits; char *data; atomic_long_t head_lpos; atomic_long_t tail_lpos; };
struct printk_ringbuffer { struct prb_desc_ring desc_ring; struct prb_data_ring text_data_ring; atomic_long_t fail; };
@-5.9 struct printk_log { u64 ts_nsec; unsigned short len; unsigned short text_len; unsigned short dict_len; unsigned char facility; unsigned char flags_level; };
@-6.0 struct kvm { struct mm_struct *mm; struct list_head vm_list; unsigned int users_count; atomic_t online_vcpus; int created_vcpus; unsigned long mmu_notifier_seq; long mmu_notifier_count; unsigned long mmu_notifier_range_start; unsigned long mmu_notifier_range_end; int userspace_pid; };
@6.1- struct kvm { struct mm_struct *mm; struct list_head vm_list; unsigned int users_count; atomic_t online_vcpus; int created_vcpus; unsigned long mmu_invalidate_seq; long mmu_invalidate_in_progress; unsigned long mmu_invalidate_range_start; unsigned long mmu_invalidate_range_end; int userspace_pid; };
struct kvm_vcpu_stat { u64 pf_taken; u64 pf_fixed; };
struct kvm_vcpu { struct kvm *kvm; int vcpu_id; struct preempt_notifier preempt_notifier; struct kvm_vcpu_stat stat; };
@-6.2 struct kvm_page_fault { u64 addr; unsigned int error_code; u64 hva; };
@6.3- struct kvm_page_fault { u64 addr; unsigned int error_code; unsigned long mmu_seq; u64 hva; };
