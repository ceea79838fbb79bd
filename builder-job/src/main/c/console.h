#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The machine's console, on standard error. It belongs to PID 1 alone, and nothing here waits for it longer
 * than a few seconds in all: a console may be stopped, its reader may sleep, its device may lose an interrupt,
 * and the machine must end all the same.
 */

/* Writes no longer block, and no input at the console can stop it. */
void console_open(void);

/* A line on the console, beginning with "unikernel: ". */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

/* Bytes of the program. They wait here when the console is busy; there must be room for them. */
void console_write(const char *bytes, size_t length);

/* Bytes of the program that find room now. */
size_t console_room(void);

/* Whether bytes wait here until the console can be written to. */
bool console_is_behind(void);

/* Writes what waits, as far as the console takes it. */
void console_flush(void);

/* Restarts a console that has been stopped or that forgot to send on. */
void console_restart(void);

/* Waits until all has left the machine. False when a second passed without a move, or five in all. */
bool console_drain(void);

/* Says what could not be done and why (errno), then powers the machine off. Only for PID 1. */
__attribute__((noreturn, format(printf, 1, 2))) void give_up(const char *format, ...);

/* Seconds since the kernel started. */
double uptime(void);

#endif
