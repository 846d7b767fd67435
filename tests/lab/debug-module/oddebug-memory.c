// SPDX-License-Identifier: GPL-3.0-or-later
// Faults of memory: for KASAN, KFENCE, UBSAN, SLUB, kmemleak, the page allocator, debug objects.
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/kfence.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include "oddebug.h"

struct od_table {
	unsigned int used;
	unsigned int slot[29];
};

static noinline struct od_table *od_table_new(void)
{
	struct od_table *t = kzalloc(sizeof(*t), GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(t);
	return t;
}

static noinline void od_table_free(struct od_table *t)
{
	OPTIMIZER_HIDE_VAR(t);
	kfree(t);
	barrier();
}

static noinline unsigned int od_table_get(struct od_table *t, int i)
{
	unsigned int *slot = t->slot;

	OPTIMIZER_HIDE_VAR(slot);
	OPTIMIZER_HIDE_VAR(i);
	return READ_ONCE(slot[i]);
}

static noinline void od_table_set(struct od_table *t, int i, unsigned int value)
{
	unsigned int *slot = t->slot;

	OPTIMIZER_HIDE_VAR(slot);
	OPTIMIZER_HIDE_VAR(i);
	WRITE_ONCE(slot[i], value);
}

/* KASAN: the heap */

static noinline void od_oob_read(void)
{
	struct od_table *t = od_table_new();

	pr_info("oddebug: %u\n", od_table_get(t, 29));
	od_table_free(t);
}

static noinline void od_oob_write(void)
{
	struct od_table *t = od_table_new();

	od_table_set(t, 30, 7);
	od_table_free(t);
}

static noinline void od_oob_left(void)
{
	struct od_table *t = od_table_new();

	pr_info("oddebug: %u\n", od_table_get(t, -3));
	od_table_free(t);
}

static noinline void od_oob_memcpy(void)
{
	struct od_table *t = od_table_new();
	char *copy = kmalloc(64, GFP_KERNEL);
	size_t size = sizeof(*t);

	OPTIMIZER_HIDE_VAR(copy);
	OPTIMIZER_HIDE_VAR(size);
	memcpy(copy, t, size);
	kfree(copy);
	od_table_free(t);
}

static noinline void od_uaf_read(void)
{
	struct od_table *t = od_table_new();

	od_table_free(t);
	pr_info("oddebug: %u\n", od_table_get(t, 5));
}

static noinline void od_uaf_write(void)
{
	struct od_table *t = od_table_new();

	od_table_free(t);
	od_table_set(t, 5, 7);
}

static noinline void od_double_free(void)
{
	struct od_table *t = od_table_new();

	od_table_free(t);
	od_table_free(t);
}

static noinline void od_invalid_free(void)
{
	struct od_table *t = od_table_new();

	od_table_free((void *)((char *)t + 8));
	od_table_free(t);
}

struct od_route {
	struct rcu_head rcu;
	struct work_struct work;
	unsigned long hops;
};

static struct od_route *od_route;

static void od_route_rcu_free(struct rcu_head *head)
{
	kfree(container_of(head, struct od_route, rcu));
}

static noinline unsigned long od_route_hops(struct od_route *r)
{
	return READ_ONCE(r->hops);
}

static noinline void od_uaf_rcu(void)
{
	od_route = kzalloc(sizeof(*od_route), GFP_KERNEL);
	call_rcu(&od_route->rcu, od_route_rcu_free);
	rcu_barrier();
	pr_info("oddebug: %lu\n", od_route_hops(od_route));
}

static void od_route_work(struct work_struct *work)
{
	kfree(container_of(work, struct od_route, work));
}

static noinline void od_uaf_work(void)
{
	od_route = kzalloc(sizeof(*od_route), GFP_KERNEL);
	INIT_WORK(&od_route->work, od_route_work);
	schedule_work(&od_route->work);
	msleep(200);
	pr_info("oddebug: %lu\n", od_route_hops(od_route));
}

static int od_route_reader(void *data)
{
	pr_info("oddebug: %lu\n", od_route_hops(data));
	return 0;
}

static noinline void od_uaf_thread(void)
{
	struct od_route *r = kzalloc(sizeof(*r), GFP_KERNEL);

	kfree(r);
	OPTIMIZER_HIDE_VAR(r);
	kthread_run(od_route_reader, r, "od_reader");
	msleep(500);
}

static noinline void od_uaf_cache(void)
{
	struct kmem_cache *cache = kmem_cache_create("od_route_cache", 200, 0, 0, NULL);
	struct od_route *r = kmem_cache_alloc(cache, GFP_KERNEL);

	kmem_cache_free(cache, r);
	OPTIMIZER_HIDE_VAR(r);
	pr_info("oddebug: %lu\n", od_route_hops(r));
	kmem_cache_destroy(cache);
}

static noinline void od_uaf_page(void)
{
	unsigned long page = __get_free_pages(GFP_KERNEL, 1);

	free_pages(page, 1);
	OPTIMIZER_HIDE_VAR(page);
	pr_info("oddebug: %lu\n", od_route_hops((void *)(page + 512)));
}

/* KASAN: what is no heap */

static noinline char od_text_at(const char *text, int i)
{
	OPTIMIZER_HIDE_VAR(text);
	OPTIMIZER_HIDE_VAR(i);
	return READ_ONCE(text[i]);
}

static noinline void od_oob_stack(void)
{
	char text[22] = "on the stack";
	int sum = 3;

	OPTIMIZER_HIDE_VAR(sum);
	pr_info("oddebug: %c\n", od_text_at(text, 22));
	barrier_data(text);
}

static char od_motto[11] = "ten chars.";

static noinline void od_oob_global(void)
{
	pr_info("oddebug: %d\n", od_text_at(od_motto, 14));
}

static noinline void od_oob_vmalloc(void)
{
	char *area = vmalloc(3 * PAGE_SIZE - 100);

	pr_info("oddebug: %d\n", od_text_at(area, 3 * PAGE_SIZE - 96));
	vfree(area);
}

static noinline void od_user_access(void)
{
	pr_info("oddebug: %d\n", od_text_at((char *)0x10000000UL, 1));
}

static noinline void od_wild_access(void)
{
	pr_info("oddebug: %d\n", od_text_at((char *)(0xfbd59c0000000020UL & ULONG_MAX), 1));
}

static noinline void od_null_access(void)
{
	pr_info("oddebug: %u\n", od_table_get(NULL, 5));
}

/* UBSAN */

static noinline int od_ubsan_shift_by(int value, int bits)
{
	OPTIMIZER_HIDE_VAR(bits);
	return value << bits;
}

static noinline void od_ubsan_shift(void)
{
	pr_info("oddebug: %d\n", od_ubsan_shift_by(1, 47));
}

static noinline void od_ubsan_shift_negative(void)
{
	pr_info("oddebug: %d\n", od_ubsan_shift_by(1, -2));
}

struct od_ring {
	int head;
	int cell[8];
	int tail;
};

static struct od_ring od_ring;

static noinline int od_ring_cell(struct od_ring *r, int i)
{
	OPTIMIZER_HIDE_VAR(i);
	return r->cell[i];
}

static noinline void od_ubsan_index(void)
{
	pr_info("oddebug: %d\n", od_ring_cell(&od_ring, 8));
}

static noinline void od_ubsan_bool(void)
{
	char raw = 0x5a;
	bool *flag = (bool *)&raw;

	OPTIMIZER_HIDE_VAR(flag);
	pr_info("oddebug: %d\n", *(volatile bool *)flag);
}

/* SLUB, best with slub_debug=FZPU and without KASAN */

static noinline void od_slub_redzone(void)
{
	struct od_table *t = od_table_new();

	memset((char *)t + 128, 'x', 4);
	od_table_free(t);
}

static noinline void od_slub_left(void)
{
	struct od_table *t = od_table_new();

	((volatile char *)t)[-4] = 'y';
	od_table_free(t);
}

static noinline void od_slub_poison(void)
{
	struct od_table *t = od_table_new();
	int i;

	od_table_free(t);
	od_table_set(t, 9, 0x41414141);
	for (i = 0; i < 200; i++)
		if (!od_table_new())
			return;
}

static noinline void od_slub_remaining(void)
{
	struct kmem_cache *cache = kmem_cache_create("od_session_cache", 168, 0, SLAB_POISON, NULL);

	if (!kmem_cache_alloc(cache, GFP_KERNEL) || !kmem_cache_alloc(cache, GFP_KERNEL))
		return;
	kmem_cache_destroy(cache);
	barrier();
}

static void od_ctor(void *object)
{
	memset(object, 0, 8);
}

static noinline void od_slub_wrong_cache(void)
{
	struct kmem_cache *cache = kmem_cache_create("od_inode_cache", 128, 0, 0, od_ctor);

	kmem_cache_free(cache, od_table_new());
	barrier();
}

static noinline void od_slub_padding(void)
{
	struct kmem_cache *cache = kmem_cache_create("od_odd_cache", 1000, 0, SLAB_POISON | SLAB_RED_ZONE, NULL);
	char *object = kmem_cache_alloc(cache, GFP_KERNEL);
	struct page *page = virt_to_head_page(object);

	/* the last bytes of the slab belong to no object */
	memset((char *)page_address(page) + page_size(page) - 6, 'z', 4);
	kmem_cache_free(cache, object);
	kmem_cache_shrink(cache);
	kmem_cache_destroy(cache);
}

static noinline void od_free_stack(void)
{
	char text[64] = "on the stack";

	od_table_free((void *)text);
	barrier_data(text);
}

/* KFENCE: with kfence.sample_interval=1 some object comes from its pool */

static noinline void *od_kfence_object(size_t size, bool right)
{
	int i;

	for (i = 0; i < 20000; i++) {
		char *p = kmalloc(size, GFP_KERNEL);

		if (!p)
			break;
		if (is_kfence_address(p) && (!right || (((unsigned long)p + size) & ~PAGE_MASK) == 0))
			return p;
		kfree(p);
		if (i % 16 == 0)
			msleep(2);
	}
	pr_err("oddebug: no kfence object\n");
	return NULL;
}

static noinline void od_kfence_oob(void)
{
	struct od_table *t = od_kfence_object(128, true);

	if (t)
		pr_info("oddebug: %u\n", od_table_get(t, 31));
}

static noinline void od_kfence_uaf(void)
{
	struct od_table *t = od_kfence_object(128, false);

	if (!t)
		return;
	od_table_free(t);
	od_table_set(t, 4, 1);
}

static noinline void od_kfence_double_free(void)
{
	struct od_table *t = od_kfence_object(128, false);

	if (!t)
		return;
	od_table_free(t);
	od_table_free(t);
}

static noinline void od_kfence_corruption(void)
{
	char *p;
	int i;

	for (i = 0; i < 5000; i++) {
		p = od_kfence_object(121, false);
		if (!p)
			return;
		if ((((unsigned long)p + 121) & ~PAGE_MASK) != 0)
			break;
		kfree(p);
	}
	OPTIMIZER_HIDE_VAR(p);
	*(volatile char *)(p + 122) = 'x';
	od_table_free((void *)p);
}

/* kmemleak */

static noinline void od_leak_session(int n)
{
	char *p = kmalloc(100 + 60 * n, GFP_KERNEL);

	if (p)
		snprintf(p, 100, "session %d of the lab", n);
	p = NULL;
	barrier_data(&p);
}

static noinline void od_leak(void)
{
	int i;

	for (i = 0; i < 6; i++)
		od_leak_session(i % 3);
}

/* The page allocator */

static noinline void od_page_put(struct page *page, unsigned int order)
{
	__free_pages(page, order);
	barrier();
}

static noinline void od_bad_page(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 0);

	page->mapping = (void *)(PAGE_OFFSET + 0x1000);
	od_page_put(page, 0);
}

/* A page too large for the lists of a processor is checked on every kernel. */
static noinline void od_bad_page_mapped(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 5);

	atomic_set(&page->_mapcount, 2);
	od_page_put(page, 5);
}

static noinline void od_page_twice(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 3);

	od_page_put(page, 3);
	od_page_put(page, 3);
}

static noinline void od_bad_rss(void)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	atomic_long_add(3, &current->mm->rss_stat.count[MM_ANONPAGES]);
#endif
}

static noinline unsigned long od_hoard_pages(gfp_t gfp, unsigned int order)
{
	unsigned long n = 0;

	while (alloc_pages(gfp, order))
		n++;
	return n;
}

static noinline void od_alloc_failure(void)
{
	pr_info("oddebug: %lu blocks\n", od_hoard_pages(GFP_KERNEL | __GFP_NORETRY, 8));
}

static noinline void od_alloc_atomic_work(struct timer_list *unused)
{
	pr_info("oddebug: %lu blocks\n", od_hoard_pages(GFP_ATOMIC, 5));
}

static struct timer_list od_hoard_timer;

static noinline void od_alloc_atomic(void)
{
	timer_setup(&od_hoard_timer, od_alloc_atomic_work, 0);
	mod_timer(&od_hoard_timer, jiffies + 2);
	msleep(1500);
}

static noinline void od_alloc_vmalloc(void)
{
	if (!vmalloc(1UL << 30))
		pr_info("oddebug: no gigabyte\n");
}

static noinline void od_hoard(void)
{
	pr_info("oddebug: %lu pages\n", od_hoard_pages(GFP_KERNEL, 0));
}

/* Debug objects */

struct od_lease {
	struct timer_list timer;
	struct work_struct work;
	struct delayed_work dwork;
	struct rcu_head rcu;
};

static void od_lease_expired(struct timer_list *timer)
{
}

static void od_lease_renew(struct work_struct *work)
{
}

static noinline void od_lease_free(struct od_lease *l)
{
	kfree(l);
	barrier();
}

static noinline void od_odebug_timer(void)
{
	struct od_lease *l = kzalloc(sizeof(*l), GFP_KERNEL);

	timer_setup(&l->timer, od_lease_expired, 0);
	mod_timer(&l->timer, jiffies + 1000 * HZ);
	od_lease_free(l);
}

static noinline void od_odebug_work(void)
{
	struct od_lease *l = kzalloc(sizeof(*l), GFP_KERNEL);

	INIT_DELAYED_WORK(&l->dwork, od_lease_renew);
	schedule_delayed_work(&l->dwork, 1000 * HZ);
	od_lease_free(l);
}

static noinline void od_odebug_init(void)
{
	static struct od_lease lease;

	timer_setup(&lease.timer, od_lease_expired, 0);
	mod_timer(&lease.timer, jiffies + 1000 * HZ);
	timer_setup(&lease.timer, od_lease_expired, 0);
}

static noinline void od_odebug_assert(void)
{
	struct od_lease *l = kzalloc(sizeof(*l), GFP_KERNEL);

	mod_timer(&l->timer, jiffies + 1000 * HZ);
	barrier();
}

static void od_lease_rcu(struct rcu_head *head)
{
}

static noinline void od_odebug_rcu(void)
{
	static struct od_lease lease;

	call_rcu(&lease.rcu, od_lease_rcu);
	call_rcu(&lease.rcu, od_lease_rcu);
	rcu_barrier();
}

const struct od_fault od_memory_faults[] = {
	{ "oob_read", od_oob_read },
	{ "oob_write", od_oob_write },
	{ "oob_left", od_oob_left },
	{ "oob_memcpy", od_oob_memcpy },
	{ "uaf_read", od_uaf_read },
	{ "uaf_write", od_uaf_write },
	{ "double_free", od_double_free },
	{ "invalid_free", od_invalid_free },
	{ "uaf_rcu", od_uaf_rcu },
	{ "uaf_work", od_uaf_work },
	{ "uaf_thread", od_uaf_thread },
	{ "uaf_cache", od_uaf_cache },
	{ "uaf_page", od_uaf_page },
	{ "oob_stack", od_oob_stack },
	{ "oob_global", od_oob_global },
	{ "oob_vmalloc", od_oob_vmalloc },
	{ "user_access", od_user_access },
	{ "wild_access", od_wild_access },
	{ "null_access", od_null_access },
	{ "ubsan_shift", od_ubsan_shift },
	{ "ubsan_shift_negative", od_ubsan_shift_negative },
	{ "ubsan_index", od_ubsan_index },
	{ "ubsan_bool", od_ubsan_bool },
	{ "slub_redzone", od_slub_redzone },
	{ "slub_left", od_slub_left },
	{ "slub_poison", od_slub_poison },
	{ "slub_remaining", od_slub_remaining },
	{ "slub_wrong_cache", od_slub_wrong_cache },
	{ "slub_padding", od_slub_padding },
	{ "free_stack", od_free_stack },
	{ "kfence_oob", od_kfence_oob },
	{ "kfence_uaf", od_kfence_uaf },
	{ "kfence_double_free", od_kfence_double_free },
	{ "kfence_corruption", od_kfence_corruption },
	{ "leak", od_leak },
	{ "bad_page", od_bad_page },
	{ "bad_page_mapped", od_bad_page_mapped },
	{ "page_twice", od_page_twice },
	{ "bad_rss", od_bad_rss },
	{ "alloc_failure", od_alloc_failure },
	{ "alloc_atomic", od_alloc_atomic },
	{ "alloc_vmalloc", od_alloc_vmalloc },
	{ "hoard", od_hoard },
	{ "odebug_timer", od_odebug_timer },
	{ "odebug_work", od_odebug_work },
	{ "odebug_init", od_odebug_init },
	{ "odebug_assert", od_odebug_assert },
	{ "odebug_rcu", od_odebug_rcu },
	{ NULL, NULL },
};
