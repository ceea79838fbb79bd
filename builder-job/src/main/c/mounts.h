#ifndef MOUNTS_H
#define MOUNTS_H

#include <sys/types.h>

/* Mounts /proc, /dev (a handful of devices, nothing else), /dev/shm and /tmp; /dev/console becomes the owner's. */
void mount_all(uid_t owner);

/* Shuts, for the whole kernel, doors that only root could open: modules, kexec, ptrace, user namespaces. */
void harden_kernel(void);

#endif
