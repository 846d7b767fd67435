// SPDX-License-Identifier: GPL-3.0-or-later
// Faults of the allocator and of data structures.
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "odfaults.h"
#include "odfaults-main.h"

struct od_node {
	struct list_head link;
	unsigned long key;
};

static const char od_module_label[64] = "a label in the constant data of the module";
static struct kmem_cache *od_cache;

// What C++ calls back.

noinline void od_cleanup_free(const void *pointer)
{
	kfree(pointer); /* FAULT: kfree_* */
	barrier();
}

noinline void od_node_unlink(void *node)
{
	struct od_node *n = node;

	list_del(&n->link); /* FAULT: list_del* cxx_destructor */
	n->key = 0;
}

noinline int od_pool_put(void *pool, void *object)
{
	kfree(object); /* FAULT: double_free slub_already_free slub_redzone */
	barrier();
	return pool ? 1 : 0;
}

void od_log(const char *what)
{
	if (what)
		pr_info("odfaults: %s\n", what);
}

noinline void od_bug_if(int wrong, const char *what)
{
	if (wrong)
		pr_err("odfaults: %s\n", what);
	BUG_ON(wrong); /* FAULT: cxx_lambda */
}

noinline void od_warn_here(const char *what)
{
	WARN(1, "%s\n", what); /* FAULT: cxx_operator */
}

// The faults.

static noinline void od_kfree_const(void)
{
	od_cpp_destroy_inode(hex_asc);
	barrier();
}

static noinline void od_kfree_module_const(void)
{
	od_cpp_destroy_inode(od_module_label);
	barrier();
}

static noinline void od_kfree_stack(void)
{
	char buffer[64];

	strscpy(buffer, "on the stack", sizeof(buffer));
	od_cpp_destroy_inode(buffer);
	barrier_data(buffer);
}

static noinline void od_kfree_vmalloc(void)
{
	void *area = vmalloc(8192);

	od_cpp_destroy_inode(area);
	barrier_data(area);
}

static noinline void od_double_free(void)
{
	void *object = kmalloc(192, GFP_KERNEL);

	od_cpp_put_twice(object);
	barrier();
}

static void od_inode_init_once(void *object)
{
	memset(object, 0, 8);
}

/* A cache with a constructor is never merged with another of the same size. */
static noinline void od_wrong_cache(void)
{
	void *object = kmalloc(256, GFP_KERNEL);

	od_cache = kmem_cache_create("od_inode_cache", 256, 0, 0, od_inode_init_once);
	kmem_cache_free(od_cache, object); /* FAULT: wrong_cache */
	barrier();
}

static noinline void od_uaf(void)
{
	unsigned long *object = kmalloc(192, GFP_KERNEL);

	object[1] = (unsigned long)object;
	kfree(object);
	OPTIMIZER_HIDE_VAR(object);
	od_cpp_read(object); /* VIA: uaf */
	barrier();
}

/* For slub_debug=FZPU: the allocator itself says what is wrong. */
static noinline void od_slub_redzone(void)
{
	char *object = kmalloc(192, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(object);
	memset(object + 192, 'x', 4);
	od_cpp_put_once(object);
	barrier();
}

static noinline void od_slub_poison(void)
{
	char *object = kmalloc(192, GFP_KERNEL);
	int i;

	kfree(object);
	OPTIMIZER_HIDE_VAR(object);
	object[40] = 'x';
	for (i = 0; i < 256; i++)
		od_log(kmalloc(192, GFP_KERNEL) ? NULL : "no memory"); /* FAULT: slub_poison */
}

static noinline void od_list_del(void)
{
	struct od_node *node = kzalloc(sizeof(*node), GFP_KERNEL);
	LIST_HEAD(head);

	list_add(&node->link, &head);
	node->link.next = (struct list_head *)((char *)node + 256);
	od_cpp_unlink(node, 5);
	barrier_data(&head);
}

static noinline void od_list_del_twice(void)
{
	struct od_node *node = kzalloc(sizeof(*node), GFP_KERNEL);
	LIST_HEAD(head);

	list_add(&node->link, &head);
	od_node_unlink(node);
	od_cpp_unlink(node, 5);
	barrier_data(&head);
}

static noinline void od_cxx_virtual(void)
{
	od_cpp_virtual(kmalloc(192, GFP_KERNEL), od_cleanup_free);
	barrier();
}

static noinline void od_cxx_member(void)
{
	od_cpp_member();
	barrier();
}

static noinline void od_cxx_template(void)
{
	od_cpp_template();
	barrier();
}

static noinline void od_cxx_lambda(void)
{
	od_cpp_lambda();
	barrier();
}

static noinline void od_cxx_operator(void)
{
	od_cpp_operator();
	barrier();
}

static noinline void od_cxx_destructor(void)
{
	struct od_node *node = kzalloc(sizeof(*node), GFP_KERNEL);
	LIST_HEAD(head);

	list_add(&node->link, &head);
	node->link.prev = (struct list_head *)((char *)node + 64);
	od_cpp_destructor(node);
	barrier_data(&head);
}

static noinline void od_cxx_anonymous(void)
{
	od_cpp_anonymous();
	barrier();
}

const struct od_fault od_slab_faults[] = {
	{ "cxx_virtual", od_cxx_virtual },
	{ "cxx_member", od_cxx_member },
	{ "cxx_template", od_cxx_template },
	{ "cxx_lambda", od_cxx_lambda },
	{ "cxx_operator", od_cxx_operator },
	{ "cxx_destructor", od_cxx_destructor },
	{ "cxx_anonymous", od_cxx_anonymous },
	{ "kfree_const", od_kfree_const },
	{ "kfree_module_const", od_kfree_module_const },
	{ "kfree_stack", od_kfree_stack },
	{ "kfree_vmalloc", od_kfree_vmalloc },
	{ "double_free", od_double_free },
	{ "wrong_cache", od_wrong_cache },
	{ "uaf", od_uaf },
	{ "slub_already_free", od_double_free },
	{ "slub_redzone", od_slub_redzone },
	{ "slub_poison", od_slub_poison },
	{ "list_del", od_list_del },
	{ "list_del_twice", od_list_del_twice },
	{ NULL, NULL },
};
