using System.Runtime.InteropServices;

namespace Zoetrope.Workers;

/// <summary>
/// Refuses by the kernel what no worker needs: sockets of any kind (io_uring included, which makes them without the call),
/// reading and signalling other processes, and, unless asked otherwise, starting programs. An unprivileged process may set it,
/// in a container too; it cannot be taken off again, and children inherit it.
/// </summary>
internal static partial class SystemCallFilter
{
    private const int NoNewPrivileges = 38;
    private const int FilterMode = 1;
    private const int AllThreads = 1;
    private const uint Allow = 0x7fff_0000;
    private const uint Refuse = 0x0005_0001; // the call fails with EPERM
    private const ushort Load = 0x20, Equal = 0x15, AtLeast = 0x35, Return = 0x06;
    private const int Number = 0, Architecture = 4;
    private const uint OtherAbi = 0x4000_0000;

    /// <summary>Sets the filter on all threads; false where this kernel or processor does not take it.</summary>
    public static bool Apply(bool startsPrograms)
    {
        if (!OperatingSystem.IsLinux() || Calls.Here is not { } calls || Control(NoNewPrivileges, 1, 0, 0, 0) != 0)
        {
            return false;
        }

        var program = Program(calls, startsPrograms ? calls.Always : [.. calls.Always, .. calls.Programs]);
        var instructions = GCHandle.Alloc(program, GCHandleType.Pinned);
        try
        {
            var filter = new FilterProgram((ushort)program.Length, instructions.AddrOfPinnedObject());
            return Call(calls.Seccomp, FilterMode, AllThreads, in filter) == 0;
        }
        finally
        {
            instructions.Free();
        }
    }

    private static Instruction[] Program(Calls calls, uint[] refused)
    {
        // Jumps count from the next instruction; the last one refuses and the one before it allows.
        byte ToRefusal(int at) => (byte)(refused.Length + 5 - at - 1);
        return
        [
            new(Load, 0, 0, Architecture),
            new(Equal, 0, ToRefusal(1), calls.Architecture),
            new(Load, 0, 0, Number),
            new(AtLeast, ToRefusal(3), 0, OtherAbi),
            .. refused.Select((call, i) => new Instruction(Equal, ToRefusal(4 + i), 0, call)),
            new(Return, 0, 0, Allow),
            new(Return, 0, 0, Refuse),
        ];
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, nint mode, nint flags, in FilterProgram program);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct FilterProgram(ushort Length, nint Instructions);

    /// <summary>The numbers of one processor's system calls.</summary>
    private sealed record Calls(uint Architecture, nint Seccomp, uint[] Always, uint[] Programs)
    {
        // Always: socket, ptrace, process_vm_readv, process_vm_writev, io_uring_setup, pidfd_getfd, pidfd_send_signal.
        // Programs: execve, execveat, kill.
        public static Calls? Here => RuntimeInformation.ProcessArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => new(0xc000_003e, 317, [41, 101, 310, 311, 425, 438, 424], [59, 322, 62]),
            System.Runtime.InteropServices.Architecture.Arm64 => new(0xc000_00b7, 277, [198, 117, 270, 271, 425, 438, 424],
                [221, 281, 129]),
            _ => null,
        };
    }
}
