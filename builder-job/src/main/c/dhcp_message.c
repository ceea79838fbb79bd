#include "dhcp_message.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <string.h>

enum { MAGIC = 0x63825363, BROADCAST_FLAG = 0x8000 };

/* RFC 2131, figure 1. */
struct bootp {
    uint8_t operation, hardware_type, hardware_length, hops;
    uint32_t transaction;
    uint16_t seconds, flags;
    struct in_addr client, yours, server, relay;
    uint8_t hardware[16];
    uint8_t server_name[64], file[128];
    uint32_t magic;
    uint8_t options[];
};

enum { IP_LENGTH = sizeof(struct iphdr), HEADERS = sizeof(struct iphdr) + sizeof(struct udphdr) };

enum option {
    SUBNET_MASK = 1, ROUTER = 3, NAME_SERVER = 6, HOST_NAME = 12, DOMAIN_NAME = 15, INTERFACE_MTU = 26,
    REQUESTED_ADDRESS = 50, LEASE_TIME = 51, OVERLOAD = 52, MESSAGE_TYPE = 53, SERVER_ID = 54, PARAMETERS = 55,
    CLIENT_ID = 61, DOMAIN_SEARCH = 119, CLASSLESS_ROUTES = 121, END = 255,
};

static uint16_t checksum(const void *data, size_t length)
{
    const uint8_t *bytes = data;
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < length; i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

static void add_option(struct packet *packet, uint8_t option, const void *value, uint8_t length)
{
    uint8_t *at = packet->bytes + packet->length;
    at[0] = option;
    at[1] = length;
    memcpy(at + 2, value, length);
    packet->length += 2u + length;
}

static void add_headers(struct packet *packet)
{
    struct iphdr ip = {
        .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP, .daddr = INADDR_BROADCAST,
        .tot_len = htons((uint16_t)packet->length),
    };
    ip.check = checksum(&ip, sizeof ip);
    /* Without a checksum of its own, as UDP over IPv4 allows. */
    struct udphdr udp = {
        .source = htons(CLIENT_PORT), .dest = htons(SERVER_PORT),
        .len = htons((uint16_t)(packet->length - IP_LENGTH)),
    };
    memcpy(packet->bytes, &ip, sizeof ip);
    memcpy(packet->bytes + IP_LENGTH, &udp, sizeof udp);
}

struct packet dhcp_packet(const struct dhcp *client, enum message_type type, const struct lease *wanted)
{
    bool renewing = type == REQUEST && wanted->server.s_addr == 0;
    struct bootp head = {
        .operation = 1, .hardware_type = 1, .hardware_length = ETH_ALEN,
        .transaction = client->transaction, .magic = htonl(MAGIC),
        .flags = renewing ? 0 : htons(BROADCAST_FLAG),
    };
    memcpy(head.hardware, client->hardware, ETH_ALEN);
    if (renewing)
        head.client = wanted->address;

    struct packet packet = {.length = HEADERS + sizeof head};
    memcpy(packet.bytes + HEADERS, &head, sizeof head);
    uint8_t kind = (uint8_t)type;
    add_option(&packet, MESSAGE_TYPE, &kind, 1);
    uint8_t identity[1 + ETH_ALEN] = {1};
    memcpy(identity + 1, client->hardware, ETH_ALEN);
    add_option(&packet, CLIENT_ID, identity, sizeof identity);
    if (type == REQUEST && !renewing) {
        add_option(&packet, REQUESTED_ADDRESS, &wanted->address, 4);
        add_option(&packet, SERVER_ID, &wanted->server, 4);
    }
    static const uint8_t parameters[] = {SUBNET_MASK, CLASSLESS_ROUTES, ROUTER, NAME_SERVER, HOST_NAME, DOMAIN_NAME,
                                         INTERFACE_MTU, LEASE_TIME, DOMAIN_SEARCH};
    add_option(&packet, PARAMETERS, parameters, sizeof parameters);
    packet.bytes[packet.length++] = END;
    if (packet.length < HEADERS + 300)
        packet.length = HEADERS + 300; /* old servers drop shorter BOOTP messages */
    add_headers(&packet);
    return packet;
}

static struct in_addr address_at(const uint8_t *bytes)
{
    struct in_addr address;
    memcpy(&address, bytes, sizeof address);
    return address;
}

static struct in_addr mask_of(unsigned int bits)
{
    return (struct in_addr){bits ? htonl(~0u << (32 - bits)) : 0};
}

static void add_lease_route(struct lease *lease, struct in_addr network, struct in_addr mask, struct in_addr gateway)
{
    if (lease->route_count < MAX_ROUTES)
        lease->routes[lease->route_count++] = (struct route){network, mask, gateway};
}

/* RFC 3442: mask width, the network's significant bytes, gateway; again and again. */
static void parse_classless_routes(struct lease *lease, const uint8_t *value, size_t length)
{
    lease->route_count = 0; /* they replace the router option */
    for (size_t i = 0; i < length;) {
        unsigned int bits = value[i++];
        size_t significant = (bits + 7) / 8;
        if (bits > 32 || i + significant + 4 > length)
            return;
        uint8_t network[4] = {0};
        memcpy(network, value + i, significant);
        struct in_addr mask = mask_of(bits);
        struct in_addr masked = {address_at(network).s_addr & mask.s_addr};
        add_lease_route(lease, masked, mask, address_at(value + i + significant));
        i += significant + 4;
    }
}

static bool is_name_character(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
}

/* A name as the server sent it, or nothing when it holds what no name may hold: it goes into files of lines. */
static void copy_name(char *target, size_t size, const uint8_t *value, size_t length)
{
    *target = '\0';
    while (length && value[length - 1] == '\0')
        length--;
    if (length >= size)
        return;
    for (size_t i = 0; i < length; i++)
        if (!is_name_character(value[i]))
            return;
    memcpy(target, value, length);
    target[length] = '\0';
}

/*
 * RFC 3397: names of RFC 1035 with compression pointers inside the option, which only point backwards. A list that
 * cannot be read, or has more names than find room, ends before the first such name.
 */
static void parse_search(struct lease *lease, const uint8_t *value, size_t length)
{
    char list[sizeof lease->search];
    size_t used = 0;
    for (size_t next = 0; next < length;) {
        memcpy(lease->search, list, used);
        lease->search[used] = '\0';
        size_t at = next;
        bool jumped = false;
        bool first_label = true;
        while (at < length && value[at]) {
            if ((value[at] & 0xc0) == 0xc0) {
                if (at + 1 >= length)
                    return;
                size_t target = (size_t)(value[at] & 0x3f) << 8 | value[at + 1];
                if (target >= at)
                    return;
                if (!jumped)
                    next = at + 2;
                jumped = true;
                at = target;
                continue;
            }
            size_t label = value[at++];
            if (label > 63 || at + label > length || used + label + 2 > sizeof list)
                return;
            for (size_t i = 0; i < label; i++)
                if (!is_name_character(value[at + i]))
                    return;
            if (used)
                list[used++] = first_label ? ' ' : '.';
            memcpy(list + used, value + at, label);
            used += label;
            at += label;
            first_label = false;
        }
        if (at >= length)
            return;
        if (!jumped)
            next = at + 1;
    }
    memcpy(lease->search, list, used);
    lease->search[used] = '\0';
}

static uint32_t number_at(const uint8_t *bytes)
{
    return ntohl(address_at(bytes).s_addr);
}

struct answer {
    struct lease *lease;
    int type;
};

static void parse_option(struct answer *answer, uint8_t option, const uint8_t *value, size_t length)
{
    struct lease *lease = answer->lease;
    switch (option) {
    case MESSAGE_TYPE:
        if (length == 1)
            answer->type = value[0];
        break;
    case SUBNET_MASK:
        if (length == 4)
            lease->mask = address_at(value);
        break;
    case ROUTER:
        if (length >= 4)
            add_lease_route(lease, (struct in_addr){0}, (struct in_addr){0}, address_at(value));
        break;
    case CLASSLESS_ROUTES:
        parse_classless_routes(lease, value, length);
        break;
    case NAME_SERVER:
        lease->name_server_count = 0;
        for (size_t i = 0; i + 4 <= length && lease->name_server_count < MAX_SERVERS; i += 4)
            lease->name_servers[lease->name_server_count++] = address_at(value + i);
        break;
    case HOST_NAME:
        copy_name(lease->hostname, sizeof lease->hostname, value, length);
        break;
    case DOMAIN_NAME:
        copy_name(lease->search, sizeof lease->search, value, length);
        break;
    case DOMAIN_SEARCH:
        parse_search(lease, value, length);
        break;
    case INTERFACE_MTU:
        if (length == 2)
            lease->mtu = (unsigned int)value[0] << 8 | value[1];
        break;
    case LEASE_TIME:
        if (length == 4 && number_at(value) != UINT32_MAX)
            lease->seconds = number_at(value);
        break;
    case SERVER_ID:
        if (length == 4)
            lease->server = address_at(value);
        break;
    default:
        break;
    }
}

/* A part of a message that holds options. */
struct area {
    const uint8_t *bytes;
    size_t length;
};

/*
 * RFC 3396: a value that is longer than an option can be is split over several options of its code, which lie in any of
 * the areas and may have others between them. False where there is none.
 */
static bool join_option(const struct area *areas, size_t count, uint8_t option, struct packet *value)
{
    bool found = false;
    value->length = 0;
    for (const struct area *area = areas; area < areas + count; area++)
        for (size_t i = 0; i < area->length && area->bytes[i] != END;) {
            if (area->bytes[i] == 0) {
                i++;
                continue;
            }
            size_t length = i + 1 < area->length ? area->bytes[i + 1] : area->length;
            if (i + 2 + length > area->length)
                break;
            if (area->bytes[i] == option && value->length + length <= sizeof value->bytes) {
                memcpy(value->bytes + value->length, area->bytes + i + 2, length);
                value->length += length;
                found = true;
            }
            i += 2 + length;
        }
    return found;
}

/* In the order of their codes: classless routes replace the router, and the search list replaces the domain name. */
static void parse_options(struct answer *answer, const struct bootp *head, const uint8_t *options, size_t length)
{
    struct area areas[3] = {{options, length}};
    size_t count = 1;
    struct packet value;
    if (join_option(areas, count, OVERLOAD, &value) && value.length == 1) { /* RFC 2132, 9.3 */
        if (value.bytes[0] & 1)
            areas[count++] = (struct area){head->file, sizeof head->file};
        if (value.bytes[0] & 2)
            areas[count++] = (struct area){head->server_name, sizeof head->server_name};
    }
    for (uint8_t option = 1; option < END; option++)
        if (join_option(areas, count, option, &value))
            parse_option(answer, option, value.bytes, value.length);
}

/* The message inside an IP packet for the client's port, or NULL. Its length may end in a trailer. */
static const uint8_t *message_in(const struct packet *packet, size_t *length)
{
    struct iphdr ip;
    struct udphdr udp;
    if (packet->length < HEADERS)
        return NULL;
    memcpy(&ip, packet->bytes, sizeof ip);
    size_t header = (size_t)ip.ihl * 4;
    size_t total = ntohs(ip.tot_len);
    if (ip.version != 4 || ip.protocol != IPPROTO_UDP || header < sizeof ip || total > packet->length ||
        total < header + sizeof udp || (ntohs(ip.frag_off) & (IP_MF | IP_OFFMASK)))
        return NULL;
    memcpy(&udp, packet->bytes + header, sizeof udp);
    if (udp.source != htons(SERVER_PORT) || udp.dest != htons(CLIENT_PORT))
        return NULL;
    *length = total - header - sizeof udp;
    return packet->bytes + header + sizeof udp;
}

int dhcp_parse(const struct dhcp *client, const struct packet *packet, struct lease *lease)
{
    size_t length;
    struct bootp head;
    const uint8_t *message = message_in(packet, &length);
    if (!message || length < sizeof head)
        return 0;
    memcpy(&head, message, sizeof head);
    if (head.operation != 2 || head.transaction != client->transaction || head.magic != htonl(MAGIC) ||
        memcmp(head.hardware, client->hardware, ETH_ALEN) != 0)
        return 0;

    *lease = (struct lease){.address = head.yours, .seconds = LEASE_FOREVER};
    struct answer answer = {.lease = lease};
    parse_options(&answer, &head, message + sizeof head, length - sizeof head);
    return answer.type;
}
