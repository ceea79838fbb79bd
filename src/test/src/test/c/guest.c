// A guest's one program: answers HTTP on port 8080; GET /off makes it exit. SIGTERM ends it, unless its argument is "stubborn".
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void leave(int signal) {
    (void)signal;
    _exit(0);
}

int main(int argc, char **argv) {
    signal(SIGTERM, argc > 1 && !strcmp(argv[1], "stubborn") ? SIG_IGN : leave);
    int server = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8080)};
    if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 16)) {
        perror("port 8080");
        return 1;
    }
    puts("serving");
    fflush(stdout);
    for (;;) {
        char request[2048] = {0};
        int client = accept(server, NULL, NULL);
        if (client < 0) continue;
        ssize_t got = read(client, request, sizeof request - 1);
        static const char answer[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello\n";
        if (got > 0 && write(client, answer, sizeof answer - 1) < 0) perror("answer");
        shutdown(client, SHUT_WR);
        close(client);
        if (!strncmp(request, "GET /off", 8)) exit(0);
    }
}
