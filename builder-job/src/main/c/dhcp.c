#include "dhcp.h"

#include "console.h"
#include "dhcp_message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

void dhcp_open(struct dhcp *client, const char *interface)
{
    *client = (struct dhcp){.index = if_nametoindex(interface)};
    snprintf(client->interface, sizeof client->interface, "%s", interface);
    client->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_IP));
    struct sockaddr_ll here = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = (int)client->index};
    struct ifreq request = {0};
    strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
    if (client->fd < 0 || bind(client->fd, (struct sockaddr *)&here, sizeof here) < 0 ||
        ioctl(client->fd, SIOCGIFHWADDR, &request) < 0)
        give_up("cannot open a packet socket on %s", interface);
    memcpy(client->hardware, request.ifr_hwaddr.sa_data, sizeof client->hardware);
    if (getrandom(&client->transaction, sizeof client->transaction, 0) < 0)
        give_up("no random numbers");
}

void dhcp_close(struct dhcp *client)
{
    close(client->fd);
    client->fd = -1;
}

static void broadcast(const struct dhcp *client, const struct packet *packet)
{
    struct sockaddr_ll everyone = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = (int)client->index,
        .sll_halen = ETH_ALEN, .sll_addr = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
    };
    if (sendto(client->fd, packet->bytes, packet->length, 0, (struct sockaddr *)&everyone, sizeof everyone) < 0)
        say("cannot send on %s: %s", client->interface, strerror(errno));
}

/* The next packet, or one of length 0 when the socket is empty. */
static struct packet receive(const struct dhcp *client)
{
    struct packet packet;
    ssize_t length = recv(client->fd, packet.bytes, sizeof packet.bytes, 0);
    packet.length = length > 0 ? (size_t)length : 0;
    return packet;
}

/* Waits until `deadline` (uptime) for an answer of one of two types. 0 when none came. */
static int await(const struct dhcp *client, int type, int other, double deadline, struct lease *lease)
{
    double left;
    while ((left = deadline - uptime()) > 0) {
        struct pollfd socket = {.fd = client->fd, .events = POLLIN};
        poll(&socket, 1, (int)(left * 1000) + 1);
        struct packet packet = receive(client);
        int answer = dhcp_parse(client, &packet, lease);
        if (answer == type || answer == other)
            return answer;
    }
    return 0;
}

bool dhcp_obtain(struct dhcp *client, struct lease *lease, double patience)
{
    double end = uptime() + patience;
    for (double wait = 0.25; uptime() < end; wait = wait < 8 ? wait * 2 : wait) {
        struct packet discover = dhcp_packet(client, DISCOVER, NULL);
        broadcast(client, &discover);
        struct lease offer;
        if (await(client, OFFER, OFFER, uptime() + wait, &offer) != OFFER)
            continue;
        struct packet request = dhcp_packet(client, REQUEST, &offer);
        broadcast(client, &request);
        if (await(client, ACKNOWLEDGE, REFUSE, uptime() + wait + 1, lease) == ACKNOWLEDGE)
            return true;
    }
    return false;
}

void dhcp_ask_renewal(struct dhcp *client, const struct lease *lease)
{
    struct lease kept = *lease;
    kept.server.s_addr = 0;
    struct packet request = dhcp_packet(client, REQUEST, &kept);
    broadcast(client, &request);
}

enum dhcp_answer dhcp_read_renewal(struct dhcp *client, struct lease *lease)
{
    struct packet packet = receive(client);
    struct lease answer;
    switch (dhcp_parse(client, &packet, &answer)) {
    case ACKNOWLEDGE:
        *lease = answer;
        return DHCP_GRANTED;
    case REFUSE:
        return DHCP_REFUSED;
    default:
        return DHCP_NOTHING;
    }
}
