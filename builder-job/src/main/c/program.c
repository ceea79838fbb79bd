#include "program.h"

#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The whole file with one NUL behind it; it stays in memory, for the records point into it. */
static char *read_whole(const char *file, size_t *length)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0)
        give_up("cannot read %s", file);
    char *text = calloc(1, (size_t)status.st_size + 1);
    if (!text)
        give_up("no memory for %s", file);
    while (*length < (size_t)status.st_size) {
        ssize_t n = read(fd, text + *length, (size_t)status.st_size - *length);
        if (n <= 0)
            give_up("cannot read %s", file);
        *length += (size_t)n;
    }
    close(fd);
    return text;
}

/* The value of a record of this kind, or NULL. */
static char *value_of(char *record, const char *kind)
{
    size_t length = strlen(kind);
    return strncmp(record, kind, length) == 0 && record[length] == '=' ? record + length + 1 : NULL;
}

struct program read_program(const char *file)
{
    size_t length = 0;
    char *text = read_whole(file, &length);

    size_t records = 0;
    for (size_t i = 0; i < length; i++)
        records += text[i] == '\0';

    struct program program = {.directory = "/"};
    program.argv = calloc(records + 1, sizeof(char *));
    program.envp = calloc(records + 1, sizeof(char *));
    if (!program.argv || !program.envp)
        give_up("no memory for %s", file);

    size_t arguments = 0;
    size_t variables = 0;
    for (char *record = text; record < text + length; record += strlen(record) + 1) {
        char *value;
        if ((value = value_of(record, "exec")))
            program.path = value;
        else if ((value = value_of(record, "arg")))
            program.argv[arguments++] = value;
        else if ((value = value_of(record, "env")))
            program.envp[variables++] = value;
        else if ((value = value_of(record, "cwd")))
            program.directory = value;
        else if ((value = value_of(record, "uid")))
            program.uid = (uid_t)strtoul(value, NULL, 10);
        else if ((value = value_of(record, "gid")))
            program.gid = (gid_t)strtoul(value, NULL, 10);
    }

    errno = 0;
    if (!program.path)
        give_up("%s names no program", file);
    if (program.uid == 0 || program.gid == 0)
        give_up("%s would run the program as root, which this machine never does", file);
    return program;
}
