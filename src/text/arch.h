/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows of several architectures need (arch.c). */
#ifndef OD_TEXT_ARCH_H
#define OD_TEXT_ARCH_H

#include "text/incident.h"

/* Tables of the architectures, for families.c. */
extern const struct od_trigger od_arch_triggers[], od_arm64_triggers[], od_arm_triggers[],
	od_power_triggers[], od_s390_triggers[], od_mips_triggers[];
extern const struct od_rule od_arch_rules[], od_arm64_rules[], od_arm_rules[], od_riscv_rules[],
	od_power_rules[], od_s390_rules[], od_mips_rules[], od_loongarch_rules[], od_i386_rules[];
bool od_arm_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
bool od_power_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
bool od_s390_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);

/* A kind that has an address: page-fault, null-deref. */
bool od_arch_is_fault(const struct od_report *rep);
/* The report's architecture, unless another row knew it already. */
void od_arch_is(struct od_incident *inc, const char *arch);
/* The address of a page fault; one in the first page makes it a NULL pointer dereference. */
void od_arch_fault_address(struct od_report *rep, uint64_t addr);
/* Access of a fault, unless it is known: "read", "write" or "fetch" (constants). */
void od_arch_access(struct od_report *rep, const char *access);
/* The error code, unless there is one. */
void od_arch_error_code(struct od_report *rep, uint64_t code);

/* ESR_EL1 of arm64 and FSR of arm, where they are the error code of a fault: who did what. */
void od_arch_syndrome(struct od_report *rep);

/* The exception code of ESTAT: loongarch.c, and mips.c for loongarch up to 6.4. */
void od_arch_loongarch_code(struct od_report *rep, uint64_t code);

/* A register as printed, and the name under which it is known. */
struct od_arch_name {
	const char *printed, *name;
};
/* The name of one that is printed as the len bytes at s; NULL: none of the n. */
const char *od_arch_name(const struct od_arch_name *names, size_t n, const char *s, size_t len);

/* How the registers of an architecture are printed. */
struct od_arch_registers {
	const char *arch;
	/* The name under which it is known, of one as printed; NULL: none. May write to buf. */
	const char *(*name)(const char *s, size_t len, char buf[16]);
	uint8_t digits; /* of a value; 0: 8 or 16 */
	bool colon;	/* "x0 : 12", not "x0 12" */
};

/*
 * All pairs of name and value from c on, as far as they go; "[<12>]" and "0x12" are values too.
 * Returns how many there were. Nothing is kept of registers that are not those of the crash.
 */
unsigned od_arch_register_pairs(struct od_incident *inc, const struct od_record *rec,
				struct od_cursor c, const struct od_arch_registers *how);
/* One register, unless it has a value or is not the crash's. name is copied. */
void od_arch_register(struct od_incident *inc, const struct od_record *rec, const char *name,
		      uint64_t value);
/* "8 or 16 hex digits", not part of a longer word; digits 0: both. */
bool od_arch_word(struct od_cursor *c, unsigned digits, uint64_t *ret);

/*
 * The pc that registers were printed for: of the crash, of a section, or of an exception inside of
 * the trace. Printed twice, once with its symbol and once with its address, it is put together.
 */
void od_arch_pc(struct od_incident *inc, const struct od_record *rec, const struct od_frame *frame,
		bool late);
/*
 * Where the faulting function would have returned to: detail link_register, and a frame of its own
 * (OD_FRAME_GUESSED) if the pc is in no function.
 */
bool od_arch_link_register(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);

/* In which order the bytes of an instruction word stand in memory. */
enum od_arch_order { OD_ARCH_LITTLE, OD_ARCH_AS_PRINTED };

/*
 * Words of code up to the end of the record; "(12345678)" and "<12345678>" are where the pc stands.
 * False if there is anything but words of 4 or 8 digits. Bytes are appended to rep->code.
 */
bool od_arch_code_words(struct od_incident *inc, struct od_cursor c, enum od_arch_order order);
/* One byte of code, false if there is no room. */
bool od_arch_code_byte(struct od_report *rep, uint8_t byte);

#endif
