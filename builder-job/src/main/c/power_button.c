#include "power_button.h"

#include <fcntl.h>
#include <linux/input.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { INPUT_MAJOR = 13, FIRST_EVENT_MINOR = 64, WORD = 8 * sizeof(unsigned long) };

static bool has_power_key(int fd)
{
    unsigned long keys[KEY_CNT / WORD + 1] = {0};
    return ioctl(fd, EVIOCGBIT(EV_KEY, sizeof keys), keys) >= 0 && (keys[KEY_POWER / WORD] >> KEY_POWER % WORD & 1);
}

int open_power_buttons(int fds[MAX_BUTTONS])
{
    static const char path[] = "/.power-button";
    int count = 0;
    for (unsigned int i = 0; i < MAX_BUTTONS; i++) {
        if (mknod(path, S_IFCHR | 0600, makedev(INPUT_MAJOR, FIRST_EVENT_MINOR + i)) < 0)
            continue;
        int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        unlink(path);
        if (fd >= 0 && has_power_key(fd))
            fds[count++] = fd;
        else if (fd >= 0)
            close(fd);
    }
    return count;
}

bool was_pressed(int fd)
{
    struct input_event event;
    bool pressed = false;
    while (read(fd, &event, sizeof event) == sizeof event)
        pressed |= event.type == EV_KEY && event.code == KEY_POWER && event.value == 1;
    return pressed;
}
