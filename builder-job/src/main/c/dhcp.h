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
    bool asking; /* for a renewal; unsolicited answers are not read */
    int fd;      /* a packet socket, or -1 when there is nothing to renew */
};

/* The socket hears DHCP servers' answers alone. It may stay open, so that a renewal needs no privilege. */
void dhcp_open(struct dhcp *client, const char *interface);
void dhcp_close(struct dhcp *client);

/* DISCOVER, OFFER, REQUEST, ACK, again with growing patience; false when no answer came in time. */
bool dhcp_obtain(struct dhcp *client, struct lease *lease, double patience);

/* Asks for more time on the lease, by broadcast as in REBINDING, so that any server may answer. */
void dhcp_ask_renewal(struct dhcp *client, const struct lease *lease);

enum dhcp_answer { DHCP_NOTHING, DHCP_GRANTED, DHCP_REFUSED };

/*
 * Reads what came, without waiting. GRANTED fills the answer; another address than the lease's is REFUSED, for the
 * program's connections hang on the one it has.
 */
enum dhcp_answer dhcp_read_renewal(struct dhcp *client, const struct lease *lease, struct lease *answer);

#endif
