#ifndef SEAL_H
#define SEAL_H

#include "program.h"

/* Uid and gid of the sealed PID 1, which are no one else's. */
enum { SUPERVISOR = 65533 };

/*
 * Becomes the program: no root, no capability, no new privileges, and a system call filter under which
 * neither a second process nor a second program can come into being. Returns only on failure, with errno.
 */
void become(const struct program *program);

/*
 * Takes root from PID 1 and puts it under the same filter, with no exec at all. Three capabilities stay: to send
 * the program signals, to power the machine off, and to change the network's settings and stop it.
 */
void seal_supervisor(void);

#endif
