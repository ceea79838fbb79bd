#include "console.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* One write per line, so that the program's own output never lands in the middle of ours. */
static void write_line(const char *format, va_list arguments, const char *reason)
{
    char text[512];
    char line[640];
    vsnprintf(text, sizeof text, format, arguments);
    int length = snprintf(line, sizeof line, "unikernel: %s%s%s\n", text, reason ? ": " : "", reason ? reason : "");
    if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0)
        return; /* no console: nobody to tell */
}

void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(format, arguments, NULL);
    va_end(arguments);
}

void give_up(const char *format, ...)
{
    const char *reason = errno ? strerror(errno) : NULL;
    va_list arguments;
    va_start(arguments, format);
    write_line(format, arguments, reason);
    va_end(arguments);
    power_off();
}

void power_off(void)
{
    tcdrain(STDERR_FILENO);
    for (;;) {
        reboot(RB_POWER_OFF);
        pause(); /* a machine without a power switch */
    }
}

double uptime(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
