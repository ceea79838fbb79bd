#include "dhcp.h"

#include "console.h"
#include "dhcp_message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#define LOAD(size, mode, at) BPF_STMT(BPF_LD | (size) | (mode), (at))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))

/*
 * UDP from a server's port to a client's, and no later fragment of it. Without the filter each packet of the
 * program's traffic would wake PID 1, and a full socket would lose the server's answer.
 */
static bool hear_servers_only(int fd)
{
    struct sock_filter code[] = {
        LOAD(BPF_B, BPF_ABS, offsetof(struct iphdr, protocol)),
        UNLESS(IPPROTO_UDP, 8),
        LOAD(BPF_H, BPF_ABS, offsetof(struct iphdr, frag_off)),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, IP_OFFMASK, 6, 0),
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
        LOAD(BPF_H, BPF_IND, offsetof(struct udphdr, source)),
        UNLESS(SERVER_PORT, 3),
        LOAD(BPF_H, BPF_IND, offsetof(struct udphdr, dest)),
        UNLESS(CLIENT_PORT, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog filter = {.len = sizeof code / sizeof *code, .filter = code};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

/* A number that earlier answers do not carry. */
static bool begin_transaction(struct dhcp *client)
{
    return getrandom(&client->transaction, sizeof client->transaction, 0) == sizeof client->transaction;
}

void dhcp_open(struct dhcp *client, const char *interface)
{
    *client = (struct dhcp){.index = if_nametoindex(interface)};
    snprintf(client->interface, sizeof client->interface, "%s", interface);
    client->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); /* deaf until it is bound */
    struct sockaddr_ll here = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = (int)client->index};
    struct ifreq request = {0};
    strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
    if (client->fd < 0 || !hear_servers_only(client->fd) ||
        bind(client->fd, (struct sockaddr *)&here, sizeof here) < 0 || ioctl(client->fd, SIOCGIFHWADDR, &request) < 0)
        give_up("cannot open a packet socket on %s", interface);
    memcpy(client->hardware, request.ifr_hwaddr.sa_data, sizeof client->hardware);
    if (!begin_transaction(client))
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
    client->asking = client->asking || begin_transaction(client);
    struct lease kept = *lease;
    kept.server.s_addr = 0;
    struct packet request = dhcp_packet(client, REQUEST, &kept);
    broadcast(client, &request);
}

static enum dhcp_answer judge(int type, const struct lease *lease, const struct lease *answer)
{
    if (type == REFUSE)
        return DHCP_REFUSED;
    if (type != ACKNOWLEDGE)
        return DHCP_NOTHING;
    if (answer->address.s_addr == lease->address.s_addr)
        return DHCP_GRANTED;
    say("the DHCP server grants the address %s in the place of the machine's", inet_ntoa(answer->address));
    return DHCP_REFUSED;
}

enum dhcp_answer dhcp_read_renewal(struct dhcp *client, const struct lease *lease, struct lease *answer)
{
    enum { AT_ONCE = 64 }; /* packets; a sender of more cannot keep PID 1 from its other duties */
    for (int i = 0; i < AT_ONCE; i++) {
        struct packet packet = receive(client);
        if (packet.length == 0)
            break;
        enum dhcp_answer verdict =
            client->asking ? judge(dhcp_parse(client, &packet, answer), lease, answer) : DHCP_NOTHING;
        if (verdict != DHCP_NOTHING) {
            client->asking = false;
            return verdict;
        }
    }
    return DHCP_NOTHING;
}
