#include "lease.h"

#include "console.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct ifreq request_for(const char *interface)
{
    struct ifreq request = {0};
    strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
    return request;
}

static void put(struct sockaddr *target, struct in_addr address)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = address};
    memcpy(target, &in, sizeof in);
}

static int inet_socket(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        give_up("cannot open a socket");
    return fd;
}

void bring_up(const char *interface)
{
    int fd = inet_socket();
    struct ifreq request = request_for(interface);
    if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
        give_up("cannot read the state of %s", interface);
    request.ifr_flags |= IFF_UP;
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        give_up("cannot bring %s up", interface);
    close(fd);
}

static void add_route(int fd, const char *interface, const struct route *route)
{
    char device[IFNAMSIZ];
    snprintf(device, sizeof device, "%s", interface);
    struct rtentry entry = {.rt_flags = RTF_UP, .rt_dev = device};
    put(&entry.rt_dst, route->network);
    put(&entry.rt_genmask, route->mask);
    if (route->gateway.s_addr) {
        put(&entry.rt_gateway, route->gateway);
        entry.rt_flags |= RTF_GATEWAY;
    }
    if (ioctl(fd, SIOCADDRT, &entry) < 0 && errno != EEXIST)
        say("cannot add the route through %s: %s", inet_ntoa(route->gateway), strerror(errno));
}

static void configure(const char *interface, const struct lease *lease)
{
    int fd = inet_socket();
    struct ifreq request = request_for(interface);
    put(&request.ifr_addr, lease->address);
    if (ioctl(fd, SIOCSIFADDR, &request) < 0)
        give_up("cannot set the address %s", inet_ntoa(lease->address));
    put(&request.ifr_netmask, lease->mask);
    if (ioctl(fd, SIOCSIFNETMASK, &request) < 0)
        give_up("cannot set the network mask %s", inet_ntoa(lease->mask));
    if (lease->mtu) {
        request.ifr_mtu = (int)lease->mtu;
        if (ioctl(fd, SIOCSIFMTU, &request) < 0)
            say("cannot set the MTU %u: %s", lease->mtu, strerror(errno));
    }
    for (int i = 0; i < lease->route_count; i++)
        add_route(fd, interface, &lease->routes[i]);
    close(fd);
}

/* Adds to the file, which is made when it is missing or a link to nowhere; says so when that fails. */
static void append(const char *path, const char *text)
{
    if (access(path, F_OK) < 0)
        unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        say("cannot write %s: %s", path, strerror(errno));
    close(fd);
}

static bool has_content(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && status.st_size > 0;
}

static void write_resolver(const struct lease *lease)
{
    char text[512] = "";
    size_t length = 0;
    if (*lease->search)
        length += (size_t)snprintf(text, sizeof text, "search %s\n", lease->search);
    for (int i = 0; i < lease->name_server_count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "nameserver %s\n",
                                   inet_ntoa(lease->name_servers[i]));
    if (!has_content("/etc/resolv.conf"))
        append("/etc/resolv.conf", text);
}

static void write_hosts(const struct lease *lease)
{
    char name[64] = "unikernel";
    if (*lease->hostname)
        snprintf(name, sizeof name, "%s", lease->hostname);
    if (sethostname(name, strlen(name)) < 0)
        say("cannot set the host name %s: %s", name, strerror(errno));

    char text[128];
    snprintf(text, sizeof text, "%s %s\n", inet_ntoa(lease->address), name);
    if (!has_content("/etc/hosts"))
        append("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n");
    append("/etc/hosts", text);
}

void apply_lease(const char *interface, const struct lease *lease)
{
    configure(interface, lease);
    mkdir("/etc", 0755);
    write_resolver(lease);
    write_hosts(lease);
}
