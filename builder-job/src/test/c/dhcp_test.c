/*
 * Tests of the DHCP messages: what a client writes, what it reads from servers, and that no bytes of
 * strangers harm it. Built with the address and undefined behaviour sanitizers. Prints nothing when all holds.
 */
#include "dhcp_message.h"

#include <arpa/inet.h>
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IP = 20, UDP = 8, OPTIONS = IP + UDP + 240 };

static const struct dhcp client = {
    .interface = "eth0", .hardware = {0x52, 0x54, 0, 1, 2, 3}, .transaction = 0x11223344, .fd = -1};

static void require(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", what);
        exit(1);
    }
}

/* An answer of a server: our own packet turned round, with these options. */
static struct packet answer(const uint8_t *options, size_t length)
{
    struct packet packet = dhcp_packet(&client, DISCOVER, NULL);
    uint8_t *bytes = packet.bytes;
    bytes[IP + 1] = 67;
    bytes[IP + 3] = 68;
    bytes[IP + UDP] = 2;
    memcpy(bytes + IP + UDP + 16, (uint8_t[]){10, 0, 2, 2}, 4);
    memcpy(bytes + OPTIONS, options, length);
    packet.length = OPTIONS + length;
    bytes[2] = (uint8_t)(packet.length >> 8);
    bytes[3] = (uint8_t)packet.length;
    return packet;
}

static const char *text(struct in_addr address)
{
    return inet_ntoa(address);
}

/* What KubeVirt's masquerade binding answers, in a cluster. */
static void reads_an_acknowledgement(void)
{
    static const uint8_t options[] = {
        53, 1, 5, 1, 4, 255, 255, 255, 0, 3, 4, 10, 0, 2, 1, 6, 8, 10, 96, 0, 10, 10, 96, 0, 11, 26, 2, 5, 170,
        51, 4, 255, 255, 255, 255, 54, 4, 10, 0, 2, 1, 12, 5, 'h', 'e', 'l', 'l', 'o',
        119, 22, 4, 'd', 'e', 'm', 'o', 3, 's', 'v', 'c', 7, 'c', 'l', 'u', 's', 't', 'e', 'r', 0, 0xc0, 5, 0xc0, 9,
        255};
    struct packet packet = answer(options, sizeof options);
    struct lease lease;
    require(dhcp_parse(&client, &packet, &lease) == ACKNOWLEDGE, "type");
    require(strcmp(text(lease.address), "10.0.2.2") == 0, "address");
    require(strcmp(text(lease.mask), "255.255.255.0") == 0, "mask");
    require(lease.route_count == 1 && strcmp(text(lease.routes[0].gateway), "10.0.2.1") == 0, "gateway");
    require(lease.name_server_count == 2 && strcmp(text(lease.name_servers[1]), "10.96.0.11") == 0, "name servers");
    require(lease.mtu == 1450, "MTU");
    require(lease.seconds < 0, "a lease without end");
    require(strcmp(lease.hostname, "hello") == 0, "host name");
    require(strcmp(lease.search, "demo.svc.cluster svc.cluster cluster") == 0, "search list");
}

static void reads_classless_routes_and_a_finite_lease(void)
{
    static const uint8_t options[] = {53, 1, 2, 121, 14, 32, 169, 254, 1, 1, 0, 0, 0, 0, 0, 169, 254, 1, 1,
                                      3, 4, 9, 9, 9, 9, 51, 4, 0, 0, 14, 16, 255};
    struct packet packet = answer(options, sizeof options);
    struct lease lease;
    require(dhcp_parse(&client, &packet, &lease) == OFFER, "type");
    require(lease.route_count == 2, "the router option gives way to classless routes");
    require(lease.routes[0].gateway.s_addr == 0 && lease.routes[0].mask.s_addr == 0xffffffff, "a route on the wire");
    require(strcmp(text(lease.routes[1].gateway), "169.254.1.1") == 0, "a default route");
    require(lease.seconds > 3599 && lease.seconds < 3601, "an hour");
}

/* RFC 3396: one value in two options with another between them, and in the fields that RFC 2132 lends to options. */
static void joins_a_value_that_is_split(void)
{
    static const uint8_t split[] = {53, 1, 5, 119, 7, 4, 'p', 'r', 'o', 'd', 3, 's', 51, 4, 255, 255, 255, 255,
                                    119, 3, 'v', 'c', 0, 255};
    struct packet packet = answer(split, sizeof split);
    struct lease lease;
    require(dhcp_parse(&client, &packet, &lease) == ACKNOWLEDGE, "type");
    require(strcmp(lease.search, "prod.svc") == 0, "a search list in two options");
    require(lease.seconds < 0, "the option between them");

    static const uint8_t overloaded[] = {53, 1, 5, 52, 1, 3, 119, 6, 4, 'p', 'r', 'o', 'd', 3, 255};
    packet = answer(overloaded, sizeof overloaded);
    memcpy(packet.bytes + IP + UDP + 108, (uint8_t[]){119, 3, 's', 'v', 'c', 255}, 6);
    memcpy(packet.bytes + IP + UDP + 44, (uint8_t[]){119, 1, 0, 6, 4, 10, 96, 0, 10, 255}, 10);
    require(dhcp_parse(&client, &packet, &lease) == ACKNOWLEDGE, "type");
    require(strcmp(lease.search, "prod.svc") == 0, "a search list in options and file");
    require(lease.name_server_count == 1, "a name server in the server's name");
}

/* Eleven domains of more than 255 bytes, as DNS servers of companies have them. */
static void reads_a_long_search_list(void)
{
    enum { DOMAINS = 11, WIDTH = 30 };
    uint8_t list[DOMAINS * (WIDTH + 2)];
    char expected[sizeof list] = "";
    for (size_t i = 0; i < DOMAINS; i++) {
        uint8_t *at = list + i * (WIDTH + 2);
        at[0] = WIDTH;
        memset(at + 1, 'a' + (int)i, WIDTH);
        at[WIDTH + 1] = 0;
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s%.*s", i ? " " : "", WIDTH,
                 (const char *)at + 1);
    }
    uint8_t options[512] = {53, 1, 5, 119, 255};
    memcpy(options + 5, list, 255);
    options[260] = 119;
    options[261] = sizeof list - 255;
    memcpy(options + 262, list + 255, sizeof list - 255);
    size_t length = 262 + sizeof list - 255;
    options[length++] = 255;
    struct packet packet = answer(options, length);
    struct lease lease;
    require(dhcp_parse(&client, &packet, &lease) == ACKNOWLEDGE, "type");
    require(strcmp(lease.search, expected) == 0, "all of a search list of 351 bytes");
}

/* Names go into files of lines. */
static void refuses_names_with_line_breaks(void)
{
    static const uint8_t options[] = {53, 1, 5, 12, 3, 'a', '\n', 'b', 15, 4, 'x', ' ', 'y', 'z', 119, 4, 2, 'a', '\n', 0, 255};
    struct packet packet = answer(options, sizeof options);
    struct lease lease;
    require(dhcp_parse(&client, &packet, &lease) == ACKNOWLEDGE, "type");
    require(!*lease.hostname && !*lease.search, "no such names");
}

static void ignores_answers_to_others(void)
{
    static const uint8_t options[] = {53, 1, 5, 255};
    static const size_t places[] = {IP + UDP + 4 /* transaction */, IP + UDP + 28 /* hardware */, IP + 3 /* port */};
    struct lease lease;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct packet packet = answer(options, sizeof options);
        packet.bytes[places[i]] ^= 1;
        require(dhcp_parse(&client, &packet, &lease) == 0, "not for us");
    }
}

static void a_renewal_names_its_address_and_no_server(void)
{
    struct lease lease = {.address = {htonl(0x0a000202)}};
    struct packet packet = dhcp_packet(&client, REQUEST, &lease);
    require(memcmp(packet.bytes + IP + UDP + 12, (uint8_t[]){10, 0, 2, 2}, 4) == 0, "ciaddr");
    for (size_t i = OPTIONS; packet.bytes[i] != 255; i += 2u + packet.bytes[i + 1])
        require(packet.bytes[i] != 50 && packet.bytes[i] != 54, "options of a selection");
}

/* Random options, random damage, random lengths: the sanitizers watch. */
static void survives_anything(unsigned int seed, int rounds)
{
    static const uint8_t interesting[] = {0, 1, 3, 6, 12, 15, 26, 51, 52, 53, 54, 119, 121, 0xc0, 255, 63, 64, 32, 33};
    srand(seed);
    for (int round = 0; round < rounds; round++) {
        uint8_t options[512];
        size_t length = (size_t)rand() % sizeof options;
        for (size_t i = 0; i < length; i++)
            options[i] = rand() % 2 ? interesting[(size_t)rand() % sizeof interesting] : (uint8_t)rand();
        struct packet whole = answer(options, length);
        for (int damage = rand() % 4; damage > 0; damage--)
            whole.bytes[(size_t)rand() % whole.length] = (uint8_t)rand();
        if (rand() % 8 == 0)
            whole.length = (size_t)rand() % whole.length;
        struct lease lease;
        ASAN_POISON_MEMORY_REGION(whole.bytes + whole.length, sizeof whole.bytes - whole.length);
        int type = dhcp_parse(&client, &whole, &lease);
        ASAN_UNPOISON_MEMORY_REGION(whole.bytes, sizeof whole.bytes);
        if (type) {
            require(strlen(lease.search) < sizeof lease.search, "search ends");
            require(strlen(lease.hostname) < sizeof lease.hostname, "host name ends");
            require(!strchr(lease.search, '\n') && !strchr(lease.hostname, '\n'), "one line");
            require(lease.route_count <= MAX_ROUTES && lease.name_server_count <= MAX_SERVERS, "counts");
        }
    }
}

int main(int count, char **arguments)
{
    unsigned int seed = count > 1 ? (unsigned int)strtoul(arguments[1], NULL, 10) : 1;
    reads_an_acknowledgement();
    reads_classless_routes_and_a_finite_lease();
    joins_a_value_that_is_split();
    reads_a_long_search_list();
    refuses_names_with_line_breaks();
    ignores_answers_to_others();
    a_renewal_names_its_address_and_no_server();
    survives_anything(seed, 50000);
    return 0;
}
