#ifndef POWER_OFF_H
#define POWER_OFF_H

/* Stops the network, drains the console and powers the machine off, even where one of these fails. Only for PID 1. */
__attribute__((noreturn)) void power_off(void);

#endif
