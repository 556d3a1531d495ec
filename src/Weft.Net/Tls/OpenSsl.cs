using System.Runtime.InteropServices;
using System.Text;
using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>Whether the native library is there. The process runs without it as long as nothing asks for TLS. Any thread.</summary>
public static class OpenSsl
{
    private static readonly Lazy<bool> s_isAvailable = new(Load);

    /// <summary>What to tell who configured TLS without it.</summary>
    public const string MissingText = $"TLS needs the OpenSSL 3 library ({LibSsl.Library} and {LibCrypto.Library}), which could not be loaded; install the package that holds it (Debian: libssl3)";

    /// <summary>The library can be used.</summary>
    public static bool IsAvailable => s_isAvailable.Value;

    private static bool Load() => NativeLibrary.TryLoad(LibCrypto.Library, out _) && NativeLibrary.TryLoad(LibSsl.Library, out _);

    internal static unsafe string Text(byte* text) => text == null ? "" : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
}
