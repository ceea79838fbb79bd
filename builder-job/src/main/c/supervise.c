#include "supervise.h"

#include "console.h"
#include "power_off.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static const int held[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};

static sigset_t held_set(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        sigaddset(&set, held[i]);
    return set;
}

void hold_signals(void)
{
    sigset_t set = held_set();
    sigprocmask(SIG_BLOCK, &set, NULL);
}

void release_signals(void)
{
    sigset_t set = held_set();
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* Buries every dead process; when the program is among them, says how it ended and powers off. */
static void reap(struct watch *watch)
{
    int status;
    pid_t dead;
    while ((dead = waitpid(-1, &status, WNOHANG)) > 0) {
        if (dead != watch->program)
            continue;
        relay_rest(&watch->output);
        if (WIFEXITED(status))
            say("program exited with code %d", WEXITSTATUS(status));
        else
            say("program ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
        power_off();
    }
}

/* What is under way: when the next lease step is due, and when the program's time is up. INFINITY: never. */
struct timers {
    double ask_at;
    double lease_end;
    double kill_at;
    bool killed;
    double restart_console_at;
};

static void end_program(const struct watch *watch, struct timers *timers, const char *why)
{
    if (timers->kill_at < INFINITY)
        return;
    say("%s: SIGTERM to the program, which has %.0f seconds", why, watch->grace);
    kill(watch->program, SIGTERM);
    timers->kill_at = uptime() + watch->grace;
}

static void handle_signals(int fd, struct watch *watch)
{
    struct signalfd_siginfo signal;
    while (read(fd, &signal, sizeof signal) == sizeof signal) {
        if (signal.ssi_signo == SIGCHLD)
            reap(watch);
        else
            kill(watch->program, (int)signal.ssi_signo);
    }
}

/* Asks at half of the lease, as RFC 2131 section 4.4.5 has it, and again at half of what is left. */
static void schedule_renewal(const struct watch *watch, struct timers *timers)
{
    bool forever = watch->lease.seconds < 0;
    timers->lease_end = forever ? INFINITY : watch->leased_at + watch->lease.seconds;
    timers->ask_at = forever ? INFINITY : watch->leased_at + watch->lease.seconds / 2;
}

static void ask_for_renewal(struct watch *watch, struct timers *timers)
{
    dhcp_ask_renewal(&watch->client, &watch->lease);
    double left = timers->lease_end - uptime();
    timers->ask_at = uptime() + fmax(left / 2, fmin(left, 5));
}

static void handle_answer(struct watch *watch, struct timers *timers)
{
    struct lease answer;
    switch (dhcp_read_renewal(&watch->client, &watch->lease, &answer)) {
    case DHCP_GRANTED:
        apply_renewal(watch->interface, &watch->lease, &answer);
        watch->leased_at = uptime();
        schedule_renewal(watch, timers);
        break;
    case DHCP_REFUSED:
        timers->lease_end = 0;
        break;
    case DHCP_NOTHING:
        break;
    }
}

static void handle_timers(struct watch *watch, struct timers *timers)
{
    double now = uptime();
    if (now >= timers->kill_at) {
        if (timers->killed)
            power_off(); /* not even that ended it */
        say("the program did not end in time");
        kill(watch->program, SIGKILL);
        timers->killed = true;
        timers->kill_at = now + 1;
    }
    if (now >= timers->lease_end) {
        end_program(watch, timers, "the address lease is lost");
        timers->lease_end = timers->ask_at = INFINITY;
    } else if (now >= timers->ask_at) {
        ask_for_renewal(watch, timers);
    }
}

static int milliseconds_until_next(const struct timers *timers)
{
    double next = fmin(timers->kill_at, fmin(timers->ask_at, timers->lease_end));
    next = fmin(next, timers->restart_console_at);
    return next == INFINITY ? -1 : (int)fmin(fmax((next - uptime()) * 1000 + 1, 0), 3600e3);
}

/* Relays; a console that takes nothing for a second is restarted, in case it lost an interrupt. */
static void handle_output(struct watch *watch, struct timers *timers, bool console_moved)
{
    console_flush();
    relay(&watch->output);
    double now = uptime();
    if (!console_is_behind()) {
        timers->restart_console_at = INFINITY;
    } else if (console_moved || timers->restart_console_at == INFINITY) {
        timers->restart_console_at = now + 1;
    } else if (now >= timers->restart_console_at) {
        console_restart();
        timers->restart_console_at = now + 1;
    }
}

void supervise(struct watch *watch)
{
    enum { SIGNALS, NETWORK, OUTPUT, CONSOLE, BUTTONS };
    struct pollfd fds[BUTTONS + MAX_BUTTONS];
    sigset_t set = held_set();
    fds[SIGNALS] = (struct pollfd){.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .events = POLLIN};
    for (int i = 0; i < watch->button_count; i++)
        fds[BUTTONS + i] = (struct pollfd){.fd = watch->buttons[i], .events = POLLIN};

    struct timers timers = {.kill_at = INFINITY, .restart_console_at = INFINITY};
    schedule_renewal(watch, &timers);
    for (;;) {
        fds[NETWORK] = (struct pollfd){.fd = watch->client.fd, .events = POLLIN};
        fds[OUTPUT] = (struct pollfd){.fd = console_room() ? watch->output.read : -1, .events = POLLIN};
        fds[CONSOLE] = (struct pollfd){.fd = console_is_behind() ? STDERR_FILENO : -1, .events = POLLOUT};
        poll(fds, BUTTONS + (nfds_t)watch->button_count, milliseconds_until_next(&timers));
        handle_signals(fds[SIGNALS].fd, watch);
        handle_output(watch, &timers, fds[CONSOLE].revents);
        for (int i = 0; i < watch->button_count; i++)
            if (was_pressed(watch->buttons[i]))
                end_program(watch, &timers, "power button");
        if (watch->client.fd >= 0)
            handle_answer(watch, &timers);
        handle_timers(watch, &timers);
    }
}
