#ifndef DHCP_H
#define DHCP_H

#include "lease.h"

/* DHCP after RFC 2131, options after RFC 2132, 3397 and 3442. */

/* One exchange on one interface. */
struct dhcp {
    char interface[16];
    unsigned int index;
    uint8_t hardware[6];
    uint32_t transaction;
    int fd; /* a packet socket, or -1 while there is nothing to ask */
};

void dhcp_open(struct dhcp *client, const char *interface);
void dhcp_close(struct dhcp *client);

/* DISCOVER, OFFER, REQUEST, ACK, again with growing patience; false when nobody answered in time. */
bool dhcp_obtain(struct dhcp *client, struct lease *lease, double patience);

/* Asks once for more time on the lease, by broadcast as in REBINDING, so that any server may answer. */
void dhcp_ask_renewal(struct dhcp *client, const struct lease *lease);

enum dhcp_answer { DHCP_NOTHING, DHCP_GRANTED, DHCP_REFUSED };

/* Reads one packet; GRANTED fills the lease. */
enum dhcp_answer dhcp_read_renewal(struct dhcp *client, struct lease *lease);

#endif
