#ifndef SUPERVISE_H
#define SUPERVISE_H

#include "dhcp.h"
#include "output.h"
#include "power_button.h"

#include <sys/types.h>

/* What PID 1 watches for while the program runs. */
struct watch {
    pid_t program;
    struct output output;
    int buttons[MAX_BUTTONS];
    int button_count;
    const char *interface; /* NULL without a network */
    struct dhcp client;    /* closed where the lease has no end */
    struct lease lease;
    double leased_at; /* uptime */
    double grace;     /* seconds between SIGTERM and the end */
};

/* Blocks the signals that PID 1 reads; before the program is started, so that none is lost. */
void hold_signals(void);

/* Gives the held signals back, in the program's own process. */
void release_signals(void);

/* Hands signals and the power button on to the program, keeps the lease, and powers off when the program ends. */
__attribute__((noreturn)) void supervise(struct watch *watch);

#endif
