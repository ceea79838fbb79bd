#ifndef CONSOLE_H
#define CONSOLE_H

/* Lines on the machine's console, each beginning with "unikernel: ". */

__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

/* Says what could not be done and why (errno), then powers the machine off. Only for PID 1. */
__attribute__((noreturn, format(printf, 1, 2))) void give_up(const char *format, ...);

/* Lets the console drain and powers the machine off. */
__attribute__((noreturn)) void power_off(void);

/* Seconds since the kernel started. */
double uptime(void);

#endif
