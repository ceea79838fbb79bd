#ifndef DHCP_MESSAGE_H
#define DHCP_MESSAGE_H

#include "dhcp.h"

enum { SERVER_PORT = 67, CLIENT_PORT = 68 };

enum message_type { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACKNOWLEDGE = 5, REFUSE = 6 };

/* IP and UDP headers and the message behind them. */
struct packet {
    uint8_t bytes[1500];
    size_t length;
};

/*
 * A DISCOVER, or a REQUEST. A REQUEST for `wanted` with its server named takes an offer up; with no server
 * named it renews the address that the machine already has.
 */
struct packet dhcp_packet(const struct dhcp *client, enum message_type type, const struct lease *wanted);

/* The type of an answer to this client, with its content in the lease; 0 for any other packet. */
int dhcp_parse(const struct dhcp *client, const struct packet *packet, struct lease *lease);

#endif
