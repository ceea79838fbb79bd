/*
 * A program that tries to get out: prints `name: ERRNO` (or `name: allowed`) for each way, then serves TCP
 * connections on PORT, each with one line, until SIGTERM, and exits with 7. With the argument `int80` it
 * makes one system call of another architecture instead; with `segfault`, it ends by that signal; with
 * `stopconsole`, it tries to stop the console and exits with 3; with `flood`, it prints without end; with `lease`, it
 * waits for SIGTERM and says then how the network is set; with `stubborn`, it ignores SIGTERM and holds every file
 * that the machine has.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { PORT = 80, X32_GETPID = 0x40000000 + SYS_getpid };

static char *const nothing[] = {"/bin/probe", NULL};

static void report(const char *name, long result, int error)
{
    printf("%s: %s\n", name, result >= 0 ? "allowed" : strerrorname_np(error));
}

/* A raw call; a child that should not exist ends at once. */
static void try_call(const char *name, long number, long a, long b, long c, long d, long e)
{
    long result = syscall(number, a, b, c, d, e, 0L);
    int error = errno;
    if (result == 0 && (number == SYS_fork || number == SYS_vfork || number == SYS_clone || number == SYS_clone3))
        _exit(99);
    report(name, result, error);
}

static void try_open(const char *name, const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    report(name, fd, errno);
}

static void try_calls(void)
{
    struct clone_args arguments = {.exit_signal = SIGCHLD};
    char status[4096] = "";
    long program = (long)"/bin/probe";
    long argv = (long)nothing;
    try_call("fork", SYS_fork, 0, 0, 0, 0, 0);
    try_call("vfork", SYS_vfork, 0, 0, 0, 0, 0);
    try_call("clone", SYS_clone, SIGCHLD, 0, 0, 0, 0);
    try_call("clone3", SYS_clone3, (long)&arguments, sizeof arguments, 0, 0, 0);
    try_call("execve", SYS_execve, program, argv, 0, 0, 0);
    try_call("execveat", SYS_execveat, AT_FDCWD, program, argv, 0, 0);
    int self = open("/bin/probe", O_PATH);
    try_call("execveat of a descriptor", SYS_execveat, self, (long)"", argv, 0, AT_EMPTY_PATH);
    try_call("execve of x32", 0x40000000 + 520, program, argv, 0, 0, 0);
    try_call("getpid of x32", X32_GETPID, 0, 0, 0, 0, 0);
    pid_t child;
    errno = posix_spawn(&child, "/bin/probe", NULL, NULL, nothing, NULL);
    report("posix_spawn", errno ? -1 : 0, errno);
    int result_of_shell = system("true");
    report("system", result_of_shell == 0 ? 0 : -1, errno);
    try_call("ptrace", SYS_ptrace, PTRACE_TRACEME, 0, 0, 0, 0);
    try_call("process_vm_readv", SYS_process_vm_readv, 1, 0, 0, 0, 0);
    try_call("mount", SYS_mount, (long)"none", (long)"/tmp", (long)"tmpfs", 0, 0);
    try_call("umount2", SYS_umount2, (long)"/proc", 0, 0, 0, 0);
    try_call("pivot_root", SYS_pivot_root, (long)"/", (long)"/", 0, 0, 0);
    try_call("unshare", SYS_unshare, CLONE_NEWUSER, 0, 0, 0, 0);
    try_call("setns", SYS_setns, 0, 0, 0, 0, 0);
    try_call("init_module", SYS_init_module, (long)status, 0, (long)"", 0, 0);
    try_call("finit_module", SYS_finit_module, 0, (long)"", 0, 0, 0);
    try_call("kexec_load", SYS_kexec_load, 0, 0, 0, 0, 0);
    try_call("bpf", SYS_bpf, 0, (long)status, 64, 0, 0);
    try_call("io_uring_setup", SYS_io_uring_setup, 1, (long)status, 0, 0, 0);
    try_call("userfaultfd", SYS_userfaultfd, 1, 0, 0, 0, 0);
    try_call("perf_event_open", SYS_perf_event_open, (long)status, 0, -1, -1, 0);
    try_call("keyctl", SYS_keyctl, 0, 0, 0, 0, 0);
    try_call("reboot", SYS_reboot, 0xfee1dead, 672274793, 0x4321fedc, 0, 0);
    try_call("setuid", SYS_setuid, 0, 0, 0, 0, 0);
    try_call("kill of PID 1", SYS_kill, 1, SIGTERM, 0, 0, 0);
}

/*
 * A socket of a family that no one has loaded: the kernel would start /sbin/modprobe for it, which is this program too,
 * as root and outside of every seal.
 */
static void try_helper(void)
{
    try_call("socket of X.25", SYS_socket, AF_X25, SOCK_SEQPACKET, 0, 0, 0);
    try_open("a file of the kernel's helper", "/tmp/helper", O_RDONLY);
}

static void try_files(void)
{
    try_open("a new file in /", "/new", O_CREAT | O_WRONLY);
    try_open("a new file in /tmp", "/tmp/new", O_CREAT | O_WRONLY);
    try_open("a file of mode 0600", "/etc/secret", O_RDONLY);
    try_open("/init", "/init", O_RDONLY);
    try_open("/.unikernel", "/.unikernel", O_RDONLY);
    try_open("/dev/mem", "/dev/mem", O_RDONLY);
    try_open("/dev/console", "/dev/console", O_WRONLY);
    try_open("/dev/ttyS0", "/dev/ttyS0", O_WRONLY);
    try_open("/dev/tty", "/dev/tty", O_WRONLY);
    try_open("/dev/stdout", "/dev/stdout", O_WRONLY);
    try_open("/proc/1", "/proc/1", O_RDONLY);
    try_open("/proc/sysrq-trigger", "/proc/sysrq-trigger", O_WRONLY);
    try_open("/proc/sys", "/proc/sys/kernel/core_pattern", O_WRONLY);
}

static void print_file(const char *path)
{
    char text[4096] = "";
    FILE *file = fopen(path, "r");
    if (!file)
        printf("%s: %s\n", path, strerrorname_np(errno));
    else
        for (; fgets(text, sizeof text, file);)
            printf("%s: %s", path, text);
}

static void *in_thread(void *unused)
{
    puts("thread: allowed");
    return unused;
}

static void end(int signal)
{
    static const char line[] = "got SIGTERM\n";
    if (signal == SIGTERM && write(STDOUT_FILENO, line, sizeof line - 1) > 0)
        _exit(7);
}

static void serve(void)
{
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int bound = bind(listening, (struct sockaddr *)&here, sizeof here);
    report("bind to port 80", bound, errno);
    listen(listening, 8);
    puts("serving");
    while (bound == 0) {
        static const char answer[] = "still one process\n";
        int connection = accept(listening, NULL, NULL);
        if (write(connection, answer, sizeof answer - 1) < 0)
            perror("write");
        close(connection);
    }
}

/* With nothing but the console as it is: a process that holds a terminal may stop it. */
static void stop_console(void)
{
    int controlling = ioctl(STDOUT_FILENO, TIOCSCTTY, 0);
    report("controlling terminal", controlling, errno);
    printf("stopping the console\n");
    int stopped = tcflow(STDOUT_FILENO, TCOOFF);
    report("tcflow", stopped, errno);
    _exit(3);
}

static void flood(void)
{
    for (int i = 0;; i++)
        printf("flooding: %060d\n", i);
}

static void hold_on(void)
{
    const struct rlimit all = {.rlim_cur = 1048576, .rlim_max = 1048576};
    setrlimit(RLIMIT_NOFILE, &all);
    signal(SIGTERM, SIG_IGN);
    int error = 0;
    while (!error)
        error = open("/dev/null", O_RDONLY) < 0 ? errno : 0;
    report("one more file", -1, error);
    for (;;)
        pause();
}

static void wait_and_print_network(void)
{
    int signal;
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    sigprocmask(SIG_BLOCK, &end, NULL);
    puts("waiting");
    sigwait(&end, &signal);
    struct ifreq interface = {.ifr_name = "eth0"};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    printf("MTU: %d\n", ioctl(fd, SIOCGIFMTU, &interface) < 0 ? -1 : interface.ifr_mtu);
    print_file("/etc/resolv.conf");
    print_file("/proc/net/route");
    exit(7);
}

int main(int count, char **arguments)
{
    if (strcmp(arguments[0], "/sbin/modprobe") == 0)
        return open("/tmp/helper", O_CREAT | O_RDWR, 0666);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (count > 1 && strcmp(arguments[1], "int80") == 0) {
        long result = 20; /* getpid of i386 */
        __asm__ volatile("int $0x80" : "+a"(result));
        printf("int80: %ld\n", result);
    }
    if (count > 1 && strcmp(arguments[1], "segfault") == 0)
        raise(SIGSEGV);
    if (count > 1 && strcmp(arguments[1], "stopconsole") == 0)
        stop_console();
    if (count > 1 && strcmp(arguments[1], "flood") == 0)
        flood();
    if (count > 1 && strcmp(arguments[1], "lease") == 0)
        wait_and_print_network();
    if (count > 1 && strcmp(arguments[1], "stubborn") == 0)
        hold_on();
    signal(SIGTERM, end);
    char directory[256];
    printf("argv: %s %s\n", arguments[0], count > 1 ? arguments[1] : "");
    printf("env: %s\n", getenv("GREETING"));
    printf("cwd: %s\n", getcwd(directory, sizeof directory));
    pthread_t thread;
    if (pthread_create(&thread, NULL, in_thread, NULL) == 0)
        pthread_join(thread, NULL);
    try_calls();
    try_helper();
    try_files();
    print_file("/proc/self/status");
    print_file("/proc/self/comm");
    print_file("/etc/resolv.conf");
    print_file("/etc/hosts");
    serve();
}
