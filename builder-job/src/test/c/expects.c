/*
 * Does what every program expects to work: looks up the names that it is given, and users, and writes to the usual
 * places. A line for each.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void look_up(const char *name)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int error = getaddrinfo(name, NULL, &hints, &found);
    char text[INET6_ADDRSTRLEN] = "";
    if (!error)
        getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
    printf("%s: %s\n", name, error ? gai_strerror(error) : text);
}

static void write_to(const char *directory)
{
    char path[256];
    snprintf(path, sizeof path, "%s/XXXXXX", directory);
    int fd = mkstemp(path);
    printf("%s: %s\n", directory, fd >= 0 && write(fd, "x", 1) == 1 ? "written" : strerror(errno));
    close(fd);
}

static void share_memory(void)
{
    int fd = shm_open("/shared", O_CREAT | O_RDWR, 0600);
    if (fd < 0 || ftruncate(fd, 4096) < 0) {
        printf("shared memory: %s\n", strerror(errno));
        return;
    }
    char *one = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *other = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (one == MAP_FAILED || other == MAP_FAILED) {
        printf("shared memory: %s\n", strerror(errno));
        return;
    }
    strcpy(one, "shared");
    printf("shared memory: %s\n", other);
}

int main(int count, char **arguments)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 1; i < count; i++)
        look_up(arguments[i]);
    char name[256] = "";
    gethostname(name, sizeof name);
    look_up(name);

    struct passwd *me = getpwuid(geteuid());
    struct passwd *nobody = getpwnam("nobody");
    struct group *group = getgrgid(getegid());
    printf("me: %s\n", me ? me->pw_name : "unknown");
    printf("nobody: %d\n", nobody ? (int)nobody->pw_uid : -1);
    printf("group: %s\n", group ? group->gr_name : "unknown");

    write_to("/tmp");
    write_to("/var/tmp");
    write_to("/run");
    write_to("/var/run");
    write_to("/dev/shm");
    share_memory();
    puts("done");
    return 0;
}
