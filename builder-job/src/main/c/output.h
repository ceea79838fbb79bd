#ifndef OUTPUT_H
#define OUTPUT_H

#include "program.h"

#include <stdbool.h>

/*
 * The program's standard output and error: one pipe that PID 1 relays to the console. A terminal would let
 * the program stop it, change its speed or send it into a loop, for PID 1 too; a pipe has no such calls,
 * and is what a program of a container image has always found there.
 */
struct output {
    int read;  /* -1 once the program has closed its end */
    int write;
};

/* Makes the pipe; the program may open it again by /dev/stdout. */
struct output open_output(const struct program *program);

/* In the program's process: standard output and error become the pipe. */
void become_output(const struct output *output);

/* In PID 1's: leaves the writing to the program. */
void keep_reading(struct output *output);

/* Hands on what the pipe holds and the console has room for, without waiting. False when that was nothing. */
bool relay(struct output *output);

/* Hands on all that a program left which has ended, as long as the console moves. */
void relay_rest(struct output *output);

#endif
