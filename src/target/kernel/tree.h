/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trees of a dead kernel: red-black trees, maple trees (6.1 on), xarrays (4.20 on; radix trees are these). */
#ifndef OD_TARGET_KERNEL_TREE_H
#define OD_TARGET_KERNEL_TREE_H

#include "target/kernel/kernel.h"

enum od_tree_kind { OD_TREE_RBTREE, OD_TREE_MAPLE, OD_TREE_XARRAY };

struct od_tree {
	enum od_tree_kind kind;
	uint64_t start;	 /* a struct rb_root, maple_tree, xarray; or with node a node of one */
	bool node;
	bool sorted;	 /* RBTREE: from left to right; else each node ahead of those below it. The others always are */
	uint64_t offset; /* RBTREE: of the rb_node in an entry; entries are told by their beginning */
	uint32_t max;	 /* entries */
};

/* first and last: the indices that the entry is for; of an rbtree both are 0. */
typedef bool od_tree_fn(void *ctx, uint64_t entry, uint64_t first, uint64_t last);

/*
 * Each entry that is not null; false from fn stops. NULL, or the first thing that is wrong, after which
 * the walk went on with what else hangs on the tree. A node must name the one above it, so that no cycle is
 * followed; time is linear in the number of nodes.
 */
const char *od_kernel_tree(struct od_kernel *k, const struct od_tree *tree, od_tree_fn *fn, void *ctx);

#endif
