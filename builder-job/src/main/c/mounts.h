#ifndef MOUNTS_H
#define MOUNTS_H

/* Mounts /proc, /dev (a handful of devices, no terminal among them), /dev/shm and /tmp. */
void mount_all(void);

/* Shuts, for the whole kernel, doors that only root could open: modules, kexec, ptrace, user namespaces. */
void harden_kernel(void);

#endif
