/*
 * PID 1 of the sealed Linux guest: makes the machine ready, starts the one program, and stays to watch it.
 * Everything it needs lies in /.unikernel of the initial file system and is gone before the program starts.
 */
#include "console.h"
#include "dhcp.h"
#include "modules.h"
#include "mounts.h"
#include "program.h"
#include "seal.h"
#include "supervise.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static const double DHCP_PATIENCE = 60; /* seconds */
static const double DEFAULT_GRACE = 8;  /* seconds; below the 10 that the operator gives a machine to stop */

/* The first network interface that is not the loopback; false when the machine has none. */
static bool find_interface(char name[IFNAMSIZ])
{
    struct if_nameindex *all = if_nameindex();
    if (!all)
        give_up("cannot list the network interfaces");
    bool found = false;
    for (struct if_nameindex *each = all; each->if_index && !found; each++) {
        found = strcmp(each->if_name, "lo") != 0;
        snprintf(name, IFNAMSIZ, "%s", each->if_name);
    }
    if_freenameindex(all);
    return found;
}

static void connect_network(struct watch *watch)
{
    static char interface[IFNAMSIZ];
    bring_up("lo");
    if (!find_interface(interface)) {
        say("no network interface: the program runs without a network");
        return;
    }
    bring_up(interface);
    dhcp_open(&watch->client, interface);
    errno = 0;
    if (!dhcp_obtain(&watch->client, &watch->lease, DHCP_PATIENCE))
        give_up("no DHCP server answered on %s in %.0f seconds", interface, DHCP_PATIENCE);
    if (watch->lease.seconds < 0)
        dhcp_close(&watch->client);
    watch->interface = interface;
    watch->leased_at = uptime();
    apply_lease(interface, &watch->lease);
    say("%s has the address %s after %.2f s", interface, inet_ntoa(watch->lease.address), watch->leased_at);
}

/* The kernel stops unpacking where memory ends, and starts us all the same. */
static void require_all_files(void)
{
    struct sysinfo memory;
    if (access("/.unikernel/complete", F_OK) == 0)
        return;
    errno = 0;
    sysinfo(&memory);
    give_up("the machine's memory of %lu MiB does not hold the image's files: give it more",
            memory.totalram * memory.mem_unit >> 20);
}

/* unikernel.grace=SECONDS on the kernel's command line, for machines with more time to stop. */
static double read_grace(void)
{
    static const char key[] = "unikernel.grace=";
    char line[4096] = "";
    int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, line, sizeof line - 1) < 0)
        say("cannot read /proc/cmdline: %s", strerror(errno));
    close(fd);
    const char *at = strstr(line, key);
    return at ? strtod(at + strlen(key), NULL) : DEFAULT_GRACE;
}

static void start(const struct program *program, const struct output *output)
{
    setsid();
    release_signals();
    become_output(output);
    int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    close(nothing);
    become(program);
    dprintf(STDERR_FILENO, "unikernel: cannot start %s: %s\n", program->path, strerror(errno));
    _exit(127);
}

int main(void)
{
    console_open();
    say("started after %.2f s", uptime());
    require_all_files();
    struct program program = read_program("/.unikernel/program");
    struct watch watch = {.lease.seconds = LEASE_FOREVER, .client.fd = -1};
    mount_all();
    watch.grace = read_grace();
    read_resolver_defaults("/.unikernel/resolv.conf");
    load_modules("/.unikernel/modules");
    connect_network(&watch);
    harden_kernel();
    unlink("/.unikernel/program");
    unlink("/.unikernel/resolv.conf");
    unlink("/.unikernel/complete");
    rmdir("/.unikernel");
    unlink("/init");

    watch.button_count = open_power_buttons(watch.buttons);
    hold_signals();
    watch.output = open_output(&program);
    say("starting %s after %.2f s", program.path, uptime());
    watch.program = fork();
    if (watch.program < 0)
        give_up("cannot fork");
    if (watch.program == 0)
        start(&program, &watch.output);
    keep_reading(&watch.output);
    seal_supervisor();
    supervise(&watch);
}
