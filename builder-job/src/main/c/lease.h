#ifndef LEASE_H
#define LEASE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_SERVERS = 3, MAX_ROUTES = 16, LEASE_FOREVER = -1 };

/* A way to a network; a gateway of 0.0.0.0 means that the network is on the wire. Network byte order. */
struct route {
    struct in_addr network;
    struct in_addr mask;
    struct in_addr gateway;
};

/* What a DHCP server granted. */
struct lease {
    struct in_addr address;
    struct in_addr mask; /* 0.0.0.0 where the server named none */
    struct in_addr server;
    struct route routes[MAX_ROUTES];
    int route_count;
    struct in_addr name_servers[MAX_SERVERS];
    int name_server_count;
    char search[1024]; /* domains, separated by blanks */
    char hostname[64];
    unsigned int mtu;        /* 0: the device's own */
    double seconds;          /* from the acknowledgement on, or LEASE_FOREVER */
};

/* Lines of /etc/resolv.conf that stand in for what DHCP servers leave out: name servers, search domains, or both. */
void read_resolver_defaults(const char *file);

/*
 * Applies what a renewal changed: mask, routes, MTU, and the name servers where the machine wrote /etc/resolv.conf.
 * What the answer leaves out stays as it is, and so does the host name. The addresses must be the same.
 */
void apply_renewal(const char *interface, struct lease *lease, const struct lease *answer);

/* Puts address, mask, routes and MTU on the interface, and the rest into /etc where the image left it open. */
void apply_lease(const char *interface, const struct lease *lease);

/* Brings the interface up without an address. */
void bring_up(const char *interface);

#endif
