#include "modules.h"

#include "console.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_module(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

void load_modules(const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_module, alphasort);
    int at = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (count < 0 || at < 0)
        give_up("cannot read the kernel modules in %s", directory);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        int fd = openat(at, name, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))
            say("kernel module %s does not load: %s", name, strerror(errno));
        close(fd);
        unlinkat(at, name, 0);
        free(entries[i]);
    }
    free(entries);
    close(at);
    rmdir(directory);
}
