#ifndef POWER_BUTTON_H
#define POWER_BUTTON_H

#include <stdbool.h>

enum { MAX_BUTTONS = 8 };

/* Opens every input device that has a power key; returns how many. */
int open_power_buttons(int fds[MAX_BUTTONS]);

/* Reads what a button says; true when it was pressed. */
bool was_pressed(int fd);

#endif
