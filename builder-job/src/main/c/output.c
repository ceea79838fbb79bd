#include "output.h"

#include "console.h"

#include <fcntl.h>
#include <unistd.h>

enum { CHUNK = 4096 };

static const double PATIENCE = 5; /* seconds for what an ended program left */

struct output open_output(const struct program *program)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ||
        fchown(ends[1], program->uid, program->gid) < 0)
        give_up("cannot make a pipe for the program's output");
    return (struct output){.read = ends[0], .write = ends[1]};
}

void become_output(const struct output *output)
{
    dup2(output->write, STDOUT_FILENO);
    dup2(output->write, STDERR_FILENO);
}

void keep_reading(struct output *output)
{
    close(output->write);
    output->write = -1;
}

bool relay(struct output *output)
{
    char bytes[CHUNK];
    size_t room = console_room();
    if (output->read < 0 || room == 0)
        return false;
    ssize_t count = read(output->read, bytes, room < CHUNK ? room : CHUNK);
    if (count > 0) {
        console_write(bytes, (size_t)count);
    } else if (count == 0) {
        close(output->read);
        output->read = -1;
    }
    return count > 0;
}

void relay_rest(struct output *output)
{
    double end = uptime() + PATIENCE;
    while (relay(output) && uptime() < end)
        if (!console_drain())
            return;
}
