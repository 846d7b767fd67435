// SPDX-License-Identifier: GPL-3.0-or-later
// The operations of labfs: C++ with the long mangled names of a commercial file system.
#include "odfaults.h"

#define OD_LEVEL __attribute__((noinline, noclone))

struct labfsVfsData_t;

enum class FileUID : unsigned long long {};

struct CacheObj {
	FileUID uid;
	void *data;
	unsigned flags;
};

class LabNode {
public:
	OD_LEVEL int initSecurity(const char *name, CacheObj *const *objects, unsigned count, bool exclusive);
	OD_LEVEL int dropSecurity(const char *attribute, void *value, const CacheObj &object) const;
	void *inode = nullptr;
	unsigned long generation = 0;
};

OD_LEVEL int LabNode::dropSecurity(const char *attribute, void *value, const CacheObj &object) const
{
	labfs_cleanup_security(attribute, value); /* VIA: mkdir-*const */
	asm volatile("" ::: "memory");
	return static_cast<int>(object.flags) + 1;
}

OD_LEVEL int LabNode::initSecurity(const char *name, CacheObj *const *objects, unsigned count, bool exclusive)
{
	const char *attribute = nullptr;
	void *value = nullptr;
	unsigned long length = 0;
	int error = labfs_crash(inode, name); /* VIA: mkdir-null mkdir-bug mkdir-double */

	generation += count;
	if (error || !exclusive || labfs_init_security(inode, &attribute, &value, &length))
		return error;
	return error + dropSecurity(attribute, value, *objects[0]) + 1;
}

OD_LEVEL static int createNode(LabNode &parent, FileUID uid, const char *name, unsigned mode, signed char level)
{
	CacheObj object = { uid, &parent, mode };
	CacheObj *objects[1] = { &object };

	return parent.initSecurity(name, objects, 1, level > 0) + 1;
}

OD_LEVEL int labfsMkdir(labfsVfsData_t *vfs, void *parent, const char *name, unsigned mode, unsigned long long *inode,
			FileUID *uid, CacheObj **object)
{
	LabNode node;

	node.inode = parent;
	*uid = FileUID(42);
	*inode = vfs ? 1 : 2;
	*object = nullptr;
	return createNode(node, *uid, name, mode, 3) + 1;
}

extern "C" int od_cpp_mkdir(void *parent, const unsigned char *name, unsigned mode)
{
	unsigned long long inode;
	CacheObj *object;
	FileUID uid;

	return labfsMkdir(nullptr, parent, reinterpret_cast<const char *>(name), mode, &inode, &uid, &object) + 1;
}
