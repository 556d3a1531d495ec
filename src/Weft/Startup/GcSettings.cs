using System.Runtime.InteropServices;
using System.Text;

namespace Weft.Startup;

/// <summary>
/// Gives the garbage collector its budget. The runtime reads it from the environment only, so the process replaces itself
/// once, at its very start, by itself with the variable set. See docs/decisions/0001-gc-gen0-size.md.
/// </summary>
internal static unsafe partial class GcSettings
{
    private const string Variable = "DOTNET_GCgen0size";

    /// <summary>4 MiB, in hexadecimal as the runtime wants it.</summary>
    private const string Budget = "400000";

    /// <summary>Does not return when it succeeds; returns when the variable is set already or the process cannot be replaced.</summary>
    public static void Apply()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null || !OperatingSystem.IsLinux())
            return;
        try
        {
            var program = File.ResolveLinkTarget("/proc/self/exe", returnFinalTarget: false)?.FullName;
            var arguments = Split(File.ReadAllBytes("/proc/self/cmdline"));
            var environment = Split(File.ReadAllBytes("/proc/self/environ"));
            if (program is null || arguments.Count == 0)
                return;
            environment.Add(Encoding.UTF8.GetBytes($"{Variable}={Budget}\0"));
            Replace(Encoding.UTF8.GetBytes(program + "\0"), arguments, environment);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            // It is an optimisation: the proxy runs without it.
        }
    }

    // Strings that each end in a NUL, the NUL included: ready for C.
    private static List<byte[]> Split(byte[] block)
    {
        var result = new List<byte[]>();
        for (var start = 0; start < block.Length;)
        {
            var end = Array.IndexOf(block, (byte)0, start);
            if (end < 0)
                break;
            result.Add(block[start..(end + 1)]);
            start = end + 1;
        }
        return result;
    }

    private static void Replace(byte[] program, List<byte[]> arguments, List<byte[]> environment)
    {
        fixed (byte* path = program)
            _ = execve(path, Vector(arguments), Vector(environment));
    }

    // Never freed: either the process image is gone, or this ran once.
    private static byte** Vector(List<byte[]> strings)
    {
        var vector = (byte**)NativeMemory.Alloc((nuint)strings.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < strings.Count; i++)
        {
            vector[i] = (byte*)NativeMemory.Alloc((nuint)strings[i].Length);
            strings[i].CopyTo(new Span<byte>(vector[i], strings[i].Length));
        }
        vector[strings.Count] = null;
        return vector;
    }

    [LibraryImport("libc")]
    private static partial int execve(byte* path, byte** argv, byte** envp);
}
