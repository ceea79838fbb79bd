#include "lease.h"

#include "console.h"
#include "seal.h"

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

enum { LINE_SIZE = 1100, LINES_SIZE = 4096, RESOLVER_SIZE = LINE_SIZE + LINES_SIZE };

static const uint32_t DEFAULT_MASK = 0xffffff00;

static const char RESOLVER[] = "/etc/resolv.conf";
static bool resolver_is_ours; /* and not the image's */

/* What the image's builder knew: whole lines, of one kind each. */
static char default_servers[LINES_SIZE];
static char default_search[LINES_SIZE];

/* As in a pod: a name with fewer dots is tried under the search domains first. */
static const char RESOLVER_OPTIONS[] = "options ndots:5\n";

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

static int change_route(int fd, unsigned long how, char *device, const struct route *route)
{
    struct rtentry entry = {.rt_flags = RTF_UP, .rt_dev = device};
    put(&entry.rt_dst, route->network);
    put(&entry.rt_genmask, route->mask);
    if (route->gateway.s_addr) {
        put(&entry.rt_gateway, route->gateway);
        entry.rt_flags |= RTF_GATEWAY;
    }
    return ioctl(fd, how, &entry);
}

static void add_routes(int fd, const char *interface, const struct lease *lease)
{
    char device[IFNAMSIZ];
    snprintf(device, sizeof device, "%s", interface);
    for (int i = 0; i < lease->route_count; i++)
        if (change_route(fd, SIOCADDRT, device, &lease->routes[i]) < 0 && errno != EEXIST)
            say("cannot add the route through %s: %s", inet_ntoa(lease->routes[i].gateway), strerror(errno));
}

/* In the opposite order, for the way to a gateway was added before the way through it. */
static void remove_routes(int fd, const char *interface, const struct lease *lease)
{
    char device[IFNAMSIZ];
    snprintf(device, sizeof device, "%s", interface);
    for (int i = lease->route_count; i-- > 0;)
        change_route(fd, SIOCDELRT, device, &lease->routes[i]);
}

static bool set_mask(int fd, const char *interface, const struct lease *lease)
{
    struct ifreq request = request_for(interface);
    put(&request.ifr_netmask, lease->mask.s_addr ? lease->mask : (struct in_addr){htonl(DEFAULT_MASK)});
    return ioctl(fd, SIOCSIFNETMASK, &request) == 0;
}

static void set_mtu(int fd, const char *interface, const struct lease *lease)
{
    struct ifreq request = request_for(interface);
    request.ifr_mtu = (int)lease->mtu;
    if (lease->mtu && ioctl(fd, SIOCSIFMTU, &request) < 0)
        say("cannot set the MTU %u: %s", lease->mtu, strerror(errno));
}

static void configure(const char *interface, const struct lease *lease)
{
    int fd = inet_socket();
    struct ifreq request = request_for(interface);
    put(&request.ifr_addr, lease->address);
    if (ioctl(fd, SIOCSIFADDR, &request) < 0)
        give_up("cannot set the address %s", inet_ntoa(lease->address));
    if (!set_mask(fd, interface, lease))
        give_up("cannot set the network mask %s", inet_ntoa(lease->mask));
    set_mtu(fd, interface, lease);
    add_routes(fd, interface, lease);
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

static void add_text(char *text, size_t size, const char *more)
{
    size_t length = strlen(text);
    snprintf(text + length, size - length, "%s", more);
}

void read_resolver_defaults(const char *file)
{
    FILE *lines = fopen(file, "re");
    char line[LINES_SIZE];
    if (!lines)
        return;
    while (fgets(line, sizeof line, lines)) {
        if (strncmp(line, "nameserver ", 11) == 0)
            add_text(default_servers, sizeof default_servers, line);
        else if (strncmp(line, "search ", 7) == 0)
            add_text(default_search, sizeof default_search, line);
    }
    fclose(lines);
}

/* What /etc/resolv.conf says with this lease. */
static void resolver_text(const struct lease *lease, char text[RESOLVER_SIZE])
{
    char line[LINE_SIZE];
    *text = '\0';
    snprintf(line, sizeof line, "search %s\n", lease->search);
    add_text(text, RESOLVER_SIZE, *lease->search ? line : default_search);
    for (int i = 0; i < lease->name_server_count; i++) {
        snprintf(line, sizeof line, "nameserver %s\n", inet_ntoa(lease->name_servers[i]));
        add_text(text, RESOLVER_SIZE, line);
    }
    if (!lease->name_server_count)
        add_text(text, RESOLVER_SIZE, default_servers);
    add_text(text, RESOLVER_SIZE, RESOLVER_OPTIONS);
}

/* The file becomes the sealed PID 1's, which will be root no more when a renewal changes it. */
static void write_resolver(const struct lease *lease)
{
    char text[RESOLVER_SIZE];
    resolver_text(lease, text);
    resolver_is_ours = !has_content(RESOLVER);
    if (!resolver_is_ours)
        return;
    append(RESOLVER, text);
    if (chown(RESOLVER, SUPERVISOR, SUPERVISOR) < 0)
        say("cannot keep %s: %s", RESOLVER, strerror(errno));
}

static void rewrite_resolver(const struct lease *lease)
{
    char text[RESOLVER_SIZE];
    resolver_text(lease, text);
    int fd = open(RESOLVER, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || write(fd, text, strlen(text)) < 0 || ftruncate(fd, (off_t)strlen(text)) < 0)
        say("cannot write %s: %s", RESOLVER, strerror(errno));
    close(fd);
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

static struct lease with_what_was_left_out(const struct lease *answer, const struct lease *lease)
{
    struct lease whole = *answer;
    if (!whole.mask.s_addr)
        whole.mask = lease->mask;
    if (!whole.route_count) {
        memcpy(whole.routes, lease->routes, sizeof whole.routes);
        whole.route_count = lease->route_count;
    }
    if (!whole.name_server_count) {
        memcpy(whole.name_servers, lease->name_servers, sizeof whole.name_servers);
        whole.name_server_count = lease->name_server_count;
    }
    if (!*whole.search)
        memcpy(whole.search, lease->search, sizeof whole.search);
    if (!whole.mtu)
        whole.mtu = lease->mtu;
    return whole;
}

static bool same_ways(const struct lease *a, const struct lease *b)
{
    return a->mask.s_addr == b->mask.s_addr && a->route_count == b->route_count &&
           memcmp(a->routes, b->routes, (size_t)a->route_count * sizeof *a->routes) == 0;
}

static bool same_names(const struct lease *a, const struct lease *b)
{
    return strcmp(a->search, b->search) == 0 && a->name_server_count == b->name_server_count &&
           memcmp(a->name_servers, b->name_servers, (size_t)a->name_server_count * sizeof *a->name_servers) == 0;
}

static void change_ways(int fd, const char *interface, const struct lease *lease, const struct lease *whole)
{
    remove_routes(fd, interface, lease);
    if (whole->mask.s_addr != lease->mask.s_addr && !set_mask(fd, interface, whole))
        say("cannot set the network mask %s: %s", inet_ntoa(whole->mask), strerror(errno));
    add_routes(fd, interface, whole);
}

void apply_renewal(const char *interface, struct lease *lease, const struct lease *answer)
{
    struct lease whole = with_what_was_left_out(answer, lease);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        say("cannot apply the renewed lease: %s", strerror(errno));
    if (fd >= 0 && !same_ways(lease, &whole))
        change_ways(fd, interface, lease, &whole);
    if (fd >= 0 && whole.mtu != lease->mtu)
        set_mtu(fd, interface, &whole);
    close(fd);
    if (resolver_is_ours && !same_names(lease, &whole))
        rewrite_resolver(&whole);
    *lease = whole;
}
