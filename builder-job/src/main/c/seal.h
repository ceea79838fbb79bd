#ifndef SEAL_H
#define SEAL_H

#include "program.h"

/*
 * Becomes the program: no root, no capability, no new privileges, and a system call filter under which
 * neither a second process nor a second program can come into being. Returns only on failure, with errno.
 */
void become(const struct program *program);

/* Puts PID 1 under the same filter, with no exec at all; it may still power the machine off. */
void seal_supervisor(void);

#endif
