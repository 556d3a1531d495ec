namespace Weft.Proxy.Listeners.ListenerFilters.TlsInspector;

/// <summary>The numbers that clients throw in so that servers learn to ignore what they do not know (RFC 8701 section 2): 0x0A0A, 0x1A1A ... 0xFAFA.</summary>
internal static class Grease
{
    public static bool Is(int number) => (number & 0x0F0F) == 0x0A0A && number >> 8 == (number & 0xFF);
}
