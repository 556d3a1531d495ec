using System.Runtime.InteropServices;

namespace Weft.Net.Native;

/// <summary>Numbers and structures of io_uring, the same on x64 and arm64.</summary>
internal static class IoUring
{
    public const int SetUpCall = 425;
    public const int EnterCall = 426;

    /// <summary>A call that fails does not keep those behind it from being made (Linux 5.18).</summary>
    public const uint SubmitAll = 1u << 7;

    /// <summary>No interrupt of this thread for finished work (Linux 5.19).</summary>
    public const uint CooperativeTaskRun = 1u << 8;

    public const uint SingleMapping = 1u << 0;
    public const uint WaitForResults = 1u << 0;

    public const long RingOffset = 0;
    public const long EntriesOffset = 0x10000000;

    public const byte SendMessage = 9;
    public const byte Send = 26;
    public const byte Receive = 27;
}

/// <summary>struct io_uring_params.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoUringParameters
{
    public uint Entries;
    public uint ResultEntries;
    public uint Flags;
    public uint ThreadCpu;
    public uint ThreadIdle;
    public uint Features;
    public uint WorkQueueFd;
    public fixed uint Reserved[3];
    public IoUringOffsets Calls;
    public IoUringOffsets Results;
}

/// <summary>struct io_sqring_offsets and io_cqring_offsets, which share their first fields: where things stand in the mapped ring.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IoUringOffsets
{
    public uint Head;
    public uint Tail;
    public uint Mask;
    public uint Entries;

    /// <summary>Of calls: flags; of results: overflow.</summary>
    public uint Fifth;

    /// <summary>Of calls: dropped; of results: the entries themselves.</summary>
    public uint Sixth;

    /// <summary>Of calls: the array of entry numbers; of results: flags.</summary>
    public uint Seventh;
    public uint Reserved;
    public ulong UserAddress;
}

/// <summary>struct io_uring_sqe, as far as socket calls use it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct IoUringCall
{
    [FieldOffset(0)] public byte Operation;
    [FieldOffset(4)] public int Fd;
    [FieldOffset(16)] public ulong Address;
    [FieldOffset(24)] public uint Length;
    [FieldOffset(28)] public uint MessageFlags;
    [FieldOffset(32)] public ulong UserData;
}

/// <summary>struct io_uring_cqe.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IoUringResult
{
    public ulong UserData;
    public int Value;
    public uint Flags;
}
