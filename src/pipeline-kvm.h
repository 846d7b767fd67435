/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the memory of a host of virtual machines adds to its dump. */
#ifndef OD_PIPELINE_KVM_H
#define OD_PIPELINE_KVM_H

struct pipeline;

/*
 * A report (kvm-stall) of the VMs that their count of invalidations hangs, and one of those that it soon will, if the
 * kernel has that defect or nothing says that it has not; and a note on reports of tasks that run a vCPU. Once the reports of the log are there.
 */
void od_pipeline_kvm(struct pipeline *p);

#endif
