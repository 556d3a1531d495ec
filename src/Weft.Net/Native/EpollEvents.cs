using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weft.Net.Native;

/// <summary>An array of struct epoll_event, which is packed (12 bytes) on x64 only and 16 bytes elsewhere.</summary>
internal readonly unsafe struct EpollEvents(byte* memory)
{
    /// <summary>Bytes to reserve for one event.</summary>
    public const int MaxEventBytes = 16;

    /// <summary>Data word of an event that is already done.</summary>
    public const ulong Done = ulong.MaxValue;

    private static bool IsPacked => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private static int Stride => IsPacked ? 12 : 16;

    private static int DataOffset => IsPacked ? 4 : 8;

    public byte* Memory => memory;

    public uint Events(int index) => Unsafe.ReadUnaligned<uint>(memory + index * Stride);

    public ulong Data(int index) => Unsafe.ReadUnaligned<ulong>(memory + index * Stride + DataOffset);

    public void MarkDone(int index) => Unsafe.WriteUnaligned(memory + index * Stride + DataOffset, Done);

    public void Set(uint events, ulong data)
    {
        Unsafe.WriteUnaligned(memory, events);
        Unsafe.WriteUnaligned(memory + DataOffset, data);
    }
}
