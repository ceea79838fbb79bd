#include "mounts.h"

#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void mount_at(const char *type, const char *where, unsigned long flags, const char *options)
{
    if (mkdir(where, 0755) < 0 && errno != EEXIST)
        give_up("cannot make %s", where);
    if (mount(type, where, type, MS_NOSUID | flags, options) < 0)
        give_up("cannot mount %s", where);
}

static void make_device(const char *path, mode_t mode, unsigned int major, unsigned int minor)
{
    if (mknod(path, S_IFCHR | mode, makedev(major, minor)) < 0)
        give_up("cannot make %s", path);
}

static void make_link(const char *target, const char *path)
{
    if (symlink(target, path) < 0)
        give_up("cannot make %s", path);
}

/*
 * A place for the program to write to, in up to half of the memory. Files that the image brought there stay in sight.
 * An image that has something else there goes without.
 */
static void mount_temporary(const char *where)
{
    if (rmdir(where) < 0 && errno != ENOENT) {
        if (chmod(where, 01777) < 0)
            say("cannot open %s to the program: %s", where, strerror(errno));
    } else if (mkdir(where, 0755) < 0) {
        say("cannot make %s: %s", where, strerror(errno));
    } else {
        mount_at("tmpfs", where, MS_NODEV, "mode=1777");
    }
}

void mount_all(void)
{
    umask(0);
    mount_at("proc", "/proc", MS_NODEV | MS_NOEXEC, "hidepid=invisible");
    mount_temporary("/tmp");
    mount_temporary("/var/tmp");
    mount_temporary("/run");
    mount_at("tmpfs", "/dev", MS_NOEXEC, "mode=0755,size=64k");

    make_device("/dev/null", 0666, 1, 3);
    make_device("/dev/zero", 0666, 1, 5);
    make_device("/dev/full", 0666, 1, 7);
    make_device("/dev/random", 0666, 1, 8);
    make_device("/dev/urandom", 0666, 1, 9);
    make_link("/proc/self/fd", "/dev/fd");
    make_link("/proc/self/fd/0", "/dev/stdin");
    make_link("/proc/self/fd/1", "/dev/stdout");
    make_link("/proc/self/fd/2", "/dev/stderr");
    umask(022);

    mount_at("tmpfs", "/dev/shm", MS_NODEV | MS_NOEXEC, "mode=1777");
}

void harden_kernel(void)
{
    static const struct {
        const char *path;
        const char *value;
    } settings[] = {
        {"/proc/sys/kernel/modules_disabled", "1"},
        /* Programs that the kernel itself would start, as root and unsealed: none, and none with a capability. */
        {"/proc/sys/kernel/modprobe", "\n"},
        {"/proc/sys/kernel/usermodehelper/bset", "0 0"},
        {"/proc/sys/kernel/usermodehelper/inheritable", "0 0"},
        {"/proc/sys/kernel/kexec_load_disabled", "1"},
        {"/proc/sys/kernel/unprivileged_bpf_disabled", "1"},
        {"/proc/sys/kernel/perf_event_paranoid", "3"},
        {"/proc/sys/kernel/kptr_restrict", "2"},
        {"/proc/sys/kernel/dmesg_restrict", "1"},
        {"/proc/sys/kernel/yama/ptrace_scope", "3"},
        {"/proc/sys/kernel/sysrq", "0"},
        {"/proc/sys/user/max_user_namespaces", "0"},
        /* The program holds no capability; a port below 1024 is no privilege on a machine of its own. */
        {"/proc/sys/net/ipv4/ip_unprivileged_port_start", "0"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        int fd = open(settings[i].path, O_WRONLY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT)
            continue; /* a kernel built without that door */
        if (fd < 0 || write(fd, settings[i].value, strlen(settings[i].value)) < 0)
            give_up("cannot write %s", settings[i].path);
        close(fd);
    }
}
