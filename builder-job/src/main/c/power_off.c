#include "power_off.h"

#include "console.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Linux resets its virtio devices when it shuts down, and the network driver's poll never returns from a device
 * that was reset with sent packets still to be reclaimed (virtnet_poll_cleantx: the queue is broken, so nothing can
 * be reclaimed, so it is not done): the machine would spin instead of powering off. A device that is down is not polled.
 */
static void stop_network(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct if_nameindex *all = if_nameindex();
    for (struct if_nameindex *each = all; each && each->if_index; each++) {
        struct ifreq down = {.ifr_flags = 0};
        strncpy(down.ifr_name, each->if_name, IFNAMSIZ - 1);
        if (ioctl(fd, SIOCSIFFLAGS, &down) < 0)
            say("cannot stop %s: %s", each->if_name, strerror(errno));
    }
    if (all)
        if_freenameindex(all);
    close(fd);
}

void power_off(void)
{
    stop_network();
    console_drain();
    for (;;) {
        reboot(RB_POWER_OFF);
        pause(); /* a machine without a power switch */
    }
}
