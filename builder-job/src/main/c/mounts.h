#ifndef MOUNTS_H
#define MOUNTS_H

/* Mounts /proc, /dev (a handful of devices, no terminal among them), /dev/shm, /run, /tmp and /var/tmp. */
void mount_all(void);

/* Shuts doors of the whole kernel: modules, kexec, ptrace, user namespaces, and programs that it starts itself. */
void harden_kernel(void);

#endif
