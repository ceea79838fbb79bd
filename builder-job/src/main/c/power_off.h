#ifndef POWER_OFF_H
#define POWER_OFF_H

/* Stops the network, drains the console and powers the machine off, whatever of that succeeds. Only for PID 1. */
__attribute__((noreturn)) void power_off(void);

#endif
