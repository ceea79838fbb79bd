#include "seal.h"

#include "console.h"

#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Calls that are not there for the program. A list of what is forbidden rather than of what is allowed,
 * since the machine must run unknown programs; what it guards against is a second process,
 * a second program, and the parts of the kernel that only administrators need.
 */
static const int absent[] = {
    /* another process; clone has a rule of its own, and without clone3 the C libraries fall back to it */
    SYS_fork, SYS_vfork, SYS_clone3,
    /* another program; execve has a rule of its own */
    SYS_execveat, SYS_uselib,
    /* another process's memory */
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_kcmp, SYS_pidfd_getfd,
    /* file systems */
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_open_tree, SYS_move_mount, SYS_fsopen, SYS_fsconfig,
    SYS_fsmount, SYS_fspick, SYS_mount_setattr, SYS_swapon, SYS_swapoff, SYS_quotactl, SYS_quotactl_fd,
    SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_fanotify_init, SYS_fanotify_mark, SYS_sysfs, SYS_ustat,
    /* namespaces */
    SYS_setns, SYS_unshare,
    /* another kernel */
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_create_module, SYS_kexec_load, SYS_kexec_file_load,
    /* parts of the kernel with a long history of holes */
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
    SYS_add_key, SYS_request_key, SYS_keyctl, SYS_modify_ldt, SYS_lookup_dcookie, SYS_nfsservctl,
    /* the machine */
    SYS_iopl, SYS_ioperm, SYS_acct, SYS_syslog, SYS_vhangup, SYS_personality, SYS_settimeofday, SYS_clock_settime,
    SYS_sethostname, SYS_setdomainname,
};

enum { ABSENT = sizeof absent / sizeof *absent };

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOAD_LOW(argument) LOAD(args[argument])
#define LOAD_HIGH(argument) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[argument]) + 4)
#define ANSWER(verdict) BPF_STMT(BPF_RET | BPF_K, (verdict))
#define NO_SUCH_CALL ANSWER(SECCOMP_RET_ERRNO | ENOSYS)
#define X32_BIT 0x40000000u

struct filter {
    struct sock_filter code[ABSENT * 2 + 48];
    unsigned short length;
};

static void add(struct filter *filter, struct sock_filter instruction)
{
    filter->code[filter->length++] = instruction;
}

/* Skips the next `count` instructions unless the loaded word is `value`. */
static void unless_equal_skip(struct filter *filter, uint32_t value, uint8_t count)
{
    add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count));
}

static void allow_only_this_machine(struct filter *filter)
{
    add(filter, (struct sock_filter)LOAD(arch));
    add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0));
    add(filter, (struct sock_filter)ANSWER(SECCOMP_RET_KILL_PROCESS));
    add(filter, (struct sock_filter)LOAD(nr));
    add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1));
    add(filter, (struct sock_filter)NO_SUCH_CALL);
}

static void forbid(struct filter *filter, int call)
{
    unless_equal_skip(filter, (uint32_t)call, 1);
    add(filter, (struct sock_filter)NO_SUCH_CALL);
}

static void allow_threads_only(struct filter *filter)
{
    unless_equal_skip(filter, SYS_clone, 4);
    add(filter, (struct sock_filter)LOAD_LOW(0));
    add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1));
    add(filter, (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW));
    add(filter, (struct sock_filter)NO_SUCH_CALL);
}

/*
 * Exactly one exec. execve takes three arguments, but the filter sees all six registers: it lets through
 * only a call that carries 128 random bits in the two last ones. They are drawn in the process that
 * execs, whose memory and registers the exec itself wipes, so afterwards no one knows them.
 */
static void allow_one_exec(struct filter *filter, const uint64_t password[2])
{
    unless_equal_skip(filter, SYS_execve, 10);
    add(filter, (struct sock_filter)LOAD_LOW(4));
    unless_equal_skip(filter, (uint32_t)password[0], 7);
    add(filter, (struct sock_filter)LOAD_HIGH(4));
    unless_equal_skip(filter, (uint32_t)(password[0] >> 32), 5);
    add(filter, (struct sock_filter)LOAD_LOW(5));
    unless_equal_skip(filter, (uint32_t)password[1], 3);
    add(filter, (struct sock_filter)LOAD_HIGH(5));
    unless_equal_skip(filter, (uint32_t)(password[1] >> 32), 1);
    add(filter, (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW));
    add(filter, (struct sock_filter)NO_SUCH_CALL);
}

/* The filter of the program (with the password of its one exec) or of PID 1 (without). */
static bool install_filter(const uint64_t *password)
{
    struct filter filter = {.length = 0};
    allow_only_this_machine(&filter);
    for (int i = 0; i < ABSENT; i++)
        forbid(&filter, absent[i]);
    if (password) {
        forbid(&filter, SYS_reboot);
        allow_one_exec(&filter, password);
    } else {
        forbid(&filter, SYS_execve);
    }
    allow_threads_only(&filter);
    add(&filter, (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW));

    struct sock_fprog code = {.len = filter.length, .filter = filter.code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &code) == 0;
}

static bool drop_capabilities(unsigned long more_securebits)
{
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
            return false;
    unsigned long securebits = SECBIT_NOROOT | SECBIT_NO_CAP_AMBIENT_RAISE | SECURE_ALL_LOCKS | more_securebits;
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECUREBITS, securebits, 0, 0, 0) == 0;
}

/* What root left behind beyond these is taken from the other sets too, whichever way the identity changed. */
static bool keep_capabilities(uint64_t kept)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2] = {{0}};
    sets[0].effective = sets[0].permitted = (uint32_t)kept;
    sets[1].effective = sets[1].permitted = (uint32_t)(kept >> 32);
    return syscall(SYS_capset, &header, sets) == 0;
}

static bool drop_root(uid_t uid, gid_t gid)
{
    return setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0;
}

void become(const struct program *program)
{
    const struct rlimit files = {.rlim_cur = 65536, .rlim_max = 1048576};
    const struct rlimit no_core = {0, 0};
    uint64_t password[2];
    if (setrlimit(RLIMIT_NOFILE, &files) < 0 || setrlimit(RLIMIT_CORE, &no_core) < 0)
        return;
    if (getrandom(password, sizeof password, 0) != sizeof password)
        return;
    if (!drop_capabilities(0) || !drop_root(program->uid, program->gid) || !keep_capabilities(0))
        return;
    if (chdir(program->directory) < 0 || !install_filter(password))
        return;
    syscall(SYS_execve, program->path, program->argv, program->envp, 0L, password[0], password[1]);
}

void seal_supervisor(void)
{
    static const uint64_t kept = 1ull << CAP_KILL | 1ull << CAP_SYS_BOOT | 1ull << CAP_NET_ADMIN;
    if (!drop_capabilities(SECBIT_NO_SETUID_FIXUP) || !drop_root(SUPERVISOR, SUPERVISOR) ||
        !keep_capabilities(kept) || !install_filter(NULL))
        give_up("cannot seal PID 1");
}
