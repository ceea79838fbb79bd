#ifndef PROGRAM_H
#define PROGRAM_H

#include <sys/types.h>

/* The one program that this machine runs. argv and envp end with NULL. */
struct program {
    char *path;
    char **argv;
    char **envp;
    char *directory;
    uid_t uid;
    gid_t gid;
};

/*
 * Reads the file that the builder left in the initial file system: NUL-terminated records
 * "exec=PATH", "arg=…" (the program's own name first) and "env=NAME=VALUE" (any number, in order), "cwd=PATH",
 * "uid=N", "gid=N".
 */
struct program read_program(const char *file);

#endif
