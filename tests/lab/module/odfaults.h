/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The border between the C part (kernel headers) and the C++ part (none). */
#ifndef ODFAULTS_H
#define ODFAULTS_H

#ifdef __cplusplus
extern "C" {
#endif

/* C, called by C++ */
void od_cleanup_free(const void *pointer);
void od_node_unlink(void *node);
int od_pool_put(void *pool, void *object);
void od_log(const char *what);
void od_bug_if(int wrong, const char *what);
void od_warn_here(const char *what);
int labfs_init_security(void *inode, const char **name, void **value, unsigned long *length);
void labfs_cleanup_security(const char *name, void *value);
int labfs_crash(void *object, const char *name);

/* C++, called by C */
int od_cpp_destroy_inode(const void *label);
int od_cpp_unlink(void *node, unsigned long generation);
int od_cpp_put_twice(void *object);
int od_cpp_put_once(void *object);
int od_cpp_read(const void *object);
int od_cpp_virtual(void *memory, void (*release)(const void *));
int od_cpp_member(void);
int od_cpp_template(void);
int od_cpp_lambda(void);
int od_cpp_operator(void);
int od_cpp_destructor(void *node);
int od_cpp_anonymous(void);
int od_cpp_mkdir(void *parent, const unsigned char *name, unsigned mode);

#ifdef __cplusplus
}
#endif

#endif
