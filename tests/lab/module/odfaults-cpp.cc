// SPDX-License-Identifier: GPL-3.0-or-later
// Freestanding C++ in a kernel module: its only purpose is long mangled names in the traces. Each
// level adds to a result so that no call becomes a tail call.
#include "odfaults.h"

#define OD_LEVEL __attribute__((noinline, noclone))

namespace labfs {

enum class Phase : int { Idle, Teardown, Done };

struct Label {
	const void *text;
	unsigned long length;
};

template <typename T, unsigned N> struct Batch {
	T item[N];
	unsigned used;
};

namespace security {

class Blob {
public:
	OD_LEVEL int release(const Label &label, Phase phase, unsigned long flags) const;
};

OD_LEVEL int Blob::release(const Label &label, Phase phase, unsigned long flags) const
{
	if (phase == Phase::Teardown)
		od_cleanup_free(label.text); /* VIA: kfree_* */
	asm volatile("" ::: "memory");
	return flags ? 1 : 2;
}

OD_LEVEL int cleanupInode(Batch<Label, 4> *batch, const Blob &blob, Phase phase, unsigned long long inode,
			  int (*visit)(const char *, unsigned))
{
	int n = 0;

	for (unsigned i = 0; i < batch->used; i++)
		n += blob.release(batch->item[i], phase, static_cast<unsigned long>(inode)); /* VIA: kfree_* */
	return visit ? n + visit("inode", batch->used) : n;
}

} // namespace security

namespace index {

struct Node;

class Tree {
public:
	OD_LEVEL int eraseSubtree(Node *const *nodes, unsigned count, unsigned long generation, bool shared);
	OD_LEVEL int read(const unsigned long *where, Phase phase, const Label *label);
	OD_LEVEL int putOnce(void *object, signed char level, const Label &label);
	OD_LEVEL int putTwice(void *object, Phase phase, signed char level, unsigned short tag);
private:
	unsigned long erased = 0;
};

OD_LEVEL int Tree::eraseSubtree(Node *const *nodes, unsigned count, unsigned long generation, bool shared)
{
	for (unsigned i = 0; i < count; i++) {
		od_node_unlink(nodes[i]); /* VIA: list_del* */
		erased += generation;
	}
	return shared ? 0 : static_cast<int>(erased);
}

OD_LEVEL int Tree::read(const unsigned long *where, Phase phase, const Label *label)
{
	const unsigned long *next = reinterpret_cast<const unsigned long *>(where[1]);

	erased += static_cast<unsigned long>(phase);
	return static_cast<int>(*next + erased + (label ? label->length : 0)); /* FAULT: uaf */
}

OD_LEVEL int Tree::putOnce(void *object, signed char level, const Label &label)
{
	erased += label.length;
	return od_pool_put(nullptr, object) + level; /* VIA: slub_redzone */
}

OD_LEVEL int Tree::putTwice(void *object, Phase phase, signed char level, unsigned short tag)
{
	int n = od_pool_put(nullptr, object);

	erased += tag;
	n += od_pool_put(nullptr, object); /* VIA: double_free slub_already_free */
	return n + level + static_cast<int>(phase);
}

} // namespace index
} // namespace labfs

static int said(const char *what, unsigned count)
{
	od_log(what);
	return static_cast<int>(count);
}

extern "C" int od_cpp_destroy_inode(const void *label)
{
	labfs::Batch<labfs::Label, 4> batch = {};
	labfs::security::Blob blob;

	batch.item[0] = { label, 16 };
	batch.used = 1;
	return labfs::security::cleanupInode(&batch, blob, labfs::Phase::Teardown, 0x1234, said) + 1;
}

extern "C" int od_cpp_unlink(void *node, unsigned long generation)
{
	labfs::index::Tree tree;
	labfs::index::Node *nodes[1] = { static_cast<labfs::index::Node *>(node) };

	return tree.eraseSubtree(nodes, 1, generation, false) + 1;
}

extern "C" int od_cpp_put_twice(void *object)
{
	labfs::index::Tree tree;

	return tree.putTwice(object, labfs::Phase::Done, 3, 7) + 1;
}

extern "C" int od_cpp_put_once(void *object)
{
	labfs::index::Tree tree;
	labfs::Label label = { object, 8 };

	return tree.putOnce(object, 2, label) + 1;
}

extern "C" int od_cpp_read(const void *object)
{
	labfs::index::Tree tree;
	labfs::Label label = { object, 8 };

	return tree.read(static_cast<const unsigned long *>(object), labfs::Phase::Idle, &label) + 1; /* VIA: uaf */
}
