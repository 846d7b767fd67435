// SPDX-License-Identifier: GPL-3.0-or-later
// labfs: a file system whose operations are in C++, as those of some commercial ones are. A mkdir in it
// ends in one of the faults: the name of the folder says which.
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/version.h>
#include "odfaults.h"
#include "odfaults-main.h"

#define LABFS_MAGIC 0x6c616266

/* The name of the attribute: constant, so never to be freed. */
static const char labfs_xattr_name[] = "labfs.selinux";
/* Or one in the kernel, as LINUX_SECURITY_MODULES hand them out. */
static bool labfs_kernel_name;

static const struct super_operations labfs_super_ops = {
	.statfs = simple_statfs,
	.drop_inode = generic_delete_inode,
};

noinline int labfs_init_security(void *inode, const char **name, void **value, unsigned long *length)
{
	*name = labfs_kernel_name ? hex_asc : labfs_xattr_name;
	*length = 16;
	*value = kzalloc(*length, GFP_KERNEL);
	return *value ? 0 : -ENOMEM;
}

noinline void labfs_cleanup_security(const char *name, void *value)
{
	kfree(value);
	kfree(name); /* FAULT: mkdir-*const */
	barrier();
}

noinline int labfs_crash(void *inode, const char *name)
{
	int *nothing = NULL;
	void *object;

	labfs_kernel_name = !strcmp(name, "kernel-const");
	if (!strcmp(name, "null")) {
		OPTIMIZER_HIDE_VAR(nothing);
		return *nothing; /* FAULT: mkdir-null */
	}
	BUG_ON(!strcmp(name, "bug")); /* FAULT: mkdir-bug */
	if (!strcmp(name, "double")) {
		object = kmalloc(192, GFP_KERNEL);
		kfree(object);
		OPTIMIZER_HIDE_VAR(object);
		kfree(object); /* FAULT: mkdir-double */
	}
	return inode ? 0 : -EINVAL;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
static struct dentry *labfs_mkdir(struct mnt_idmap *map, struct inode *dir, struct dentry *dentry, umode_t mode)
{
	od_cpp_mkdir(dir, dentry->d_name.name, mode);
	return ERR_PTR(-EIO);
}
#else
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
static int labfs_mkdir(struct mnt_idmap *map, struct inode *dir, struct dentry *dentry, umode_t mode)
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(5, 12, 0)
static int labfs_mkdir(struct user_namespace *ns, struct inode *dir, struct dentry *dentry, umode_t mode)
#else
static int labfs_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode)
#endif
{
	int error = od_cpp_mkdir(dir, dentry->d_name.name, mode);

	return error < 0 ? error : -EIO;
}
#endif

static const struct inode_operations labfs_dir_ops = {
	.lookup = simple_lookup,
	.mkdir = labfs_mkdir,
};

static int labfs_fill(struct super_block *sb, struct fs_context *fc)
{
	struct inode *inode;

	sb->s_magic = LABFS_MAGIC;
	sb->s_op = &labfs_super_ops;
	inode = new_inode(sb);
	if (!inode)
		return -ENOMEM;
	inode->i_ino = 1;
	inode->i_mode = S_IFDIR | 0755;
	inode->i_op = &labfs_dir_ops;
	inode->i_fop = &simple_dir_operations;
	set_nlink(inode, 2);
	sb->s_root = d_make_root(inode);
	return sb->s_root ? 0 : -ENOMEM;
}

static int labfs_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, labfs_fill);
}

static const struct fs_context_operations labfs_context_ops = {
	.get_tree = labfs_get_tree,
};

static int labfs_init_context(struct fs_context *fc)
{
	fc->ops = &labfs_context_ops;
	return 0;
}

static struct file_system_type labfs_type = {
	.owner = THIS_MODULE,
	.name = "labfs",
	.init_fs_context = labfs_init_context,
	.kill_sb = kill_anon_super,
};

int od_fs_register(void)
{
	return register_filesystem(&labfs_type);
}

void od_fs_unregister(void)
{
	unregister_filesystem(&labfs_type);
}
