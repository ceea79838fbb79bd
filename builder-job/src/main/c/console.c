#include "console.h"

#include "power_off.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { CAPACITY = 8192, KEPT_FOR_OUR_LINES = 4096 };

static const double PATIENCE = 5;   /* seconds for draining */
static const double STANDSTILL = 1; /* seconds without a move, after which draining is given up */

static struct {
    char bytes[CAPACITY];
    size_t length;
    bool within_line; /* the program's last line has not ended */
} waiting;

void console_open(void)
{
    struct termios settings;
    fcntl(STDERR_FILENO, F_SETFL, O_RDWR | O_NONBLOCK);
    if (tcgetattr(STDERR_FILENO, &settings) < 0)
        return; /* no terminal, so nothing that could be stopped */
    settings.c_iflag &= ~(tcflag_t)(IXON | IXANY);
    settings.c_lflag &= ~(tcflag_t)(ECHO | ISIG | ICANON);
    settings.c_cflag &= ~(tcflag_t)CRTSCTS;
    tcsetattr(STDERR_FILENO, TCSANOW, &settings);
    console_restart();
}

void console_restart(void)
{
    tcflow(STDERR_FILENO, TCOOFF);
    tcflow(STDERR_FILENO, TCOON);
}

void console_flush(void)
{
    while (waiting.length) {
        ssize_t count = write(STDERR_FILENO, waiting.bytes, waiting.length);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        size_t done = count > 0 ? (size_t)count : waiting.length; /* no console: drop the bytes */
        waiting.length -= done;
        memmove(waiting.bytes, waiting.bytes + done, waiting.length);
    }
}

bool console_is_behind(void)
{
    return waiting.length > 0;
}

size_t console_room(void)
{
    size_t limit = CAPACITY - KEPT_FOR_OUR_LINES;
    return waiting.length < limit ? limit - waiting.length : 0;
}

/* What finds no room behind a console that stands still is lost. */
static void put(const char *bytes, size_t length)
{
    if (length > CAPACITY - waiting.length)
        return;
    memcpy(waiting.bytes + waiting.length, bytes, length);
    waiting.length += length;
    console_flush();
}

void console_write(const char *bytes, size_t length)
{
    put(bytes, length);
    waiting.within_line = bytes[length - 1] != '\n';
}

static void put_line(const char *format, va_list arguments, const char *reason)
{
    char text[512];
    char line[640];
    vsnprintf(text, sizeof text, format, arguments);
    int length = snprintf(line, sizeof line, "%sunikernel: %s%s%s\n", waiting.within_line ? "\n" : "", text,
                          reason ? ": " : "", reason ? reason : "");
    if (length > 0)
        put(line, (size_t)length);
    waiting.within_line = false;
}

void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(format, arguments, NULL);
    va_end(arguments);
}

void give_up(const char *format, ...)
{
    const char *reason = errno ? strerror(errno) : NULL;
    va_list arguments;
    va_start(arguments, format);
    put_line(format, arguments, reason);
    va_end(arguments);
    power_off();
}

/* Bytes that have not left the machine: ours, the kernel's, and whether the device itself still holds one. */
static size_t backlog(void)
{
    int queued = 0;
    unsigned int line_status = TIOCSER_TEMT;
    ioctl(STDERR_FILENO, TIOCOUTQ, &queued);
    ioctl(STDERR_FILENO, TIOCSERGETLSR, &line_status);
    return waiting.length + (size_t)queued + (line_status & TIOCSER_TEMT ? 0 : 1);
}

bool console_drain(void)
{
    static const struct timespec moment = {.tv_nsec = 5000000};
    double end = uptime() + PATIENCE;
    double standstill = uptime() + STANDSTILL;
    size_t left = backlog();
    while (left && uptime() < fmin(end, standstill)) {
        nanosleep(&moment, NULL);
        console_restart();
        console_flush();
        size_t before = left;
        left = backlog();
        if (left != before)
            standstill = uptime() + STANDSTILL;
    }
    return left == 0;
}

double uptime(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
