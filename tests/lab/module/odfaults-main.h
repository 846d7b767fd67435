/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The faults, by name: each file of the C part has a table. */
#ifndef ODFAULTS_MAIN_H
#define ODFAULTS_MAIN_H

struct od_fault {
	const char *name;
	void (*run)(void);
};

extern const struct od_fault od_slab_faults[];
extern const struct od_fault od_cpu_faults[];
extern const struct od_fault od_lock_faults[];
extern const struct od_fault od_kvm_faults[];

int od_fs_register(void);
void od_fs_unregister(void);

#endif
