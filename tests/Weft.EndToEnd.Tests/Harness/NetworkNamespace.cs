using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>Doing something inside a named network namespace, within this process: what is made there, such as a socket, stays there.</summary>
internal static partial class NetworkNamespace
{
    private const int CloneNewNet = 0x40000000;

    /// <summary>Runs a function on a thread of its own that has moved into the namespace.</summary>
    public static T Run<T>(string name, Func<T> function)
    {
        T result = default!;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter(name);
                result = function();
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw new InvalidOperationException($"in network namespace {name}: {failure.Message}", failure);
    }

    private static void Enter(string name)
    {
        using var file = File.OpenHandle("/run/netns/" + name);
        if (SetNamespace(file, CloneNewNet) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle file, int kind);
}
